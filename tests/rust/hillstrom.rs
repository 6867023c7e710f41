//! The Hillstrom e-mail experiment as a table, where the developers' data are on the machine.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stoa_core::{
    error::Result,
    experiment::{CheckedExperiment, Experiment, StoreDocument},
    rule::Rule,
    segment::{Segment, Segments},
    value::{Column, Table},
};

use crate::{read_json, shared, table};

/// Columns of the file by name, as text, and the visitor ids we number them with.
#[derive(Debug)]
pub struct Hillstrom {
    columns: BTreeMap<String, Vec<String>>,
    ids: Vec<String>,
    /// `../shared/data/truth.json`.
    pub truth: Value,
}

impl Hillstrom {
    /// Reads the file; `None` where it is not on the machine.
    #[must_use]
    pub fn read() -> Option<Self> {
        let path = shared("data/hillstrom/hillstrom.csv.gz")?;
        let truth = read_json(&shared("data/truth.json")?).ok()?;
        let data = table::read(&path);
        let ids = (0..data.n_rows())
            .map(|row| format!("customer-{row}"))
            .collect();
        Some(Self {
            columns: data.into_columns(),
            ids,
            truth,
        })
    }

    /// The table under the names of the contract below.
    ///
    /// # Errors
    /// Never for the file as published.
    pub fn table(&self) -> Result<Table<'_>> {
        let mut columns = vec![("visitor_id".to_owned(), texts(&self.ids))];
        for (name, rows) in &self.columns {
            let role = match name.as_str() {
                "segment" => "variant",
                "visit" => "site_visit",
                "conversion" => "conversion_rate",
                "spend" => "revenue_per_visitor",
                other => other,
            };
            let column = match name.as_str() {
                "segment" => Column::Text(rows.iter().map(|arm| Some(variant(arm))).collect()),
                "history_segment" | "zip_code" | "channel" => texts(rows),
                _ => Column::Number(rows.iter().map(|x| x.parse().unwrap_or(f64::NAN)).collect()),
            };
            columns.push((role.to_owned(), column));
        }
        Table::new(columns)
    }
}

fn texts(rows: &[String]) -> Column<'_> {
    Column::Text(rows.iter().map(|text| Some(text.as_str())).collect())
}

/// Key of an arm in the contract.
#[must_use]
pub fn variant(arm: &str) -> &'static str {
    match arm {
        "Mens E-Mail" => "mens_email",
        "Womens E-Mail" => "womens_email",
        _ => "no_email",
    }
}

/// The store's own metric.
///
/// # Errors
/// Never.
pub fn store() -> Result<StoreDocument> {
    StoreDocument::from_value(&json!({"metrics": [
        {"key": "site_visit", "category": "engagement", "family": "binary"},
    ]}))
}

/// The two e-mails against none.
///
/// # Errors
/// Never.
pub fn experiment() -> Result<CheckedExperiment> {
    Experiment::from_value(&json!({
        "key": "spring_email", "surface": "lifecycle_email", "status": "stopped",
        "variants": [{"key": "no_email"}, {"key": "womens_email"}, {"key": "mens_email"}],
        "metrics": {
            "revenue": {"metric": "revenue_per_visitor"},
            "satisfaction": {"metric": "site_visit", "proxy_reason": "no survey ran"},
        },
    }))?
    .check(&store()?)
}

/// By purchase history, under the labels of the truth table.
///
/// # Errors
/// Never.
pub fn segments() -> Result<Segments> {
    let segment = |key: &str, sql: &str| Segment::new(key, Rule::parse_sql(sql)?);
    Segments::new(vec![
        segment("both", "mens = 1 AND womens = 1")?,
        segment("mens_only", "mens = 1 AND womens = 0")?,
        segment("womens_only", "mens = 0 AND womens = 1")?,
    ])
}
