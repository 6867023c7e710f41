//! Exposures held against the engine: does a table of what visitors were shown say what the engine says?

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Engine, Reason,
    batch::{Batch, Clock},
};
use crate::{
    error::{Detail, Error, Result},
    rule::SqlOptions,
    value::{AttributeType, Column, Table, Timestamp, ValueRef},
};

/// Which columns of a table of exposures play which role (the roles' own names unless given).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureColumns {
    /// The unit.
    pub visitor_id: String,
    /// The variant recorded.
    pub variant: String,
    /// The experiment; where there is such a column, rows of other experiments are left out.
    pub experiment: String,
    /// When; where there is such a column, `within_days` counts back from it, row by row.
    pub exposed_at: String,
}

impl Default for ExposureColumns {
    fn default() -> Self {
        Self {
            visitor_id: "visitor_id".to_owned(),
            variant: "variant".to_owned(),
            experiment: "experiment".to_owned(),
            exposed_at: "exposed_at".to_owned(),
        }
    }
}

impl ExposureColumns {
    /// The roles with the names given: `{"visitor_id": "user"}`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for what is no role, with a near miss.
    ///
    /// # Example
    /// ```
    /// use stoa_core::assign::ExposureColumns;
    /// let columns = ExposureColumns::new([("visitor_id".to_owned(), "user".to_owned())])?;
    /// assert_eq!((columns.visitor_id.as_str(), columns.variant.as_str()), ("user", "variant"));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn new(given: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut columns = Self::default();
        for (role, name) in given {
            let place = match role.as_str() {
                "visitor_id" => &mut columns.visitor_id,
                "variant" => &mut columns.variant,
                "experiment" => &mut columns.experiment,
                "exposed_at" => &mut columns.exposed_at,
                _ => {
                    let roles = ["visitor_id", "variant", "experiment", "exposed_at"];
                    let detail = Detail::new("columns", "must name roles of exposures", &role);
                    return Err(Error::UnknownName(detail.did_you_mean(&role, roles)));
                }
            };
            *place = name;
        }
        Ok(columns)
    }
}

/// Exposures held against the engine. Made by [`Engine::replay`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// The experiment's key.
    pub experiment: String,
    /// Exposures of it in the table.
    pub rows: usize,
    /// Those whose recorded variant is another than the engine's.
    pub differences: Vec<Difference>,
    /// Rows and differences by the engine's reason, in the order of the checks; reasons without rows are left out.
    pub reasons: Vec<ReasonCount>,
    /// The same in a sentence.
    pub sentence: String,
}

/// An exposure that the engine would not have made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Index of the row in the table.
    pub row: usize,
    /// The unit.
    pub visitor_id: Option<String>,
    /// The variant recorded.
    pub recorded: Option<String>,
    /// The engine's.
    pub variant: Option<String>,
    /// The engine's reason.
    pub reason: Reason,
}

/// How many rows the engine decides for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// The engine's reason.
    pub reason: Reason,
    /// Rows.
    pub rows: usize,
    /// Of them, those that differ.
    pub differences: usize,
}

/// Where the exposures are that [`Engine::differences_sql`] reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureTable {
    /// The table's name, after its schema and a dot where there is one.
    pub table: String,
    /// Its columns; `exposed_at` is not used.
    pub columns: ExposureColumns,
    /// Whether rows of other experiments are left out, by the column `experiment`.
    pub many_experiments: bool,
}

impl Engine {
    /// Holds exposures against the engine: decides every row's unit with the row's attributes and lists the rows whose
    /// recorded variant is another.
    ///
    /// When to use: before a readout, or after a move, to see that what was shown is what the config says. A sticky
    /// visitor whose attributes changed since differs: a table does not tell what a cookie remembered.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for an experiment the bundle lacks; [`Error::MissingColumn`] and [`Error::WrongType`] for a
    /// column without which nothing can be compared; those of [`Engine::decide_batch`].
    ///
    /// # Example
    /// ```
    /// use stoa_core::{assign::{Engine, ExposureColumns}, value::{Column, Table}};
    /// let engine = Engine::from_json(r#"{"experiments": [{
    ///     "key": "free_shipping", "salt": "exp-1", "surface": "shipping_offer", "status": "running",
    ///     "variants": [{"key": "A"}, {"key": "B"}],
    ///     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
    /// }]}"#)?;
    /// // h(0) of u1 lies in B's half.
    /// let column = |texts| Column::Text(texts);
    /// let table = Table::new([
    ///     ("visitor_id".to_owned(), column(vec![Some("u1"), Some("u1")])),
    ///     ("variant".to_owned(), column(vec![Some("B"), Some("A")])),
    /// ])?;
    /// let replay = engine.replay("free_shipping", &table, &ExposureColumns::default(), None)?;
    /// assert_eq!(replay.sentence, "1 of 2 exposures of free_shipping is not what the engine says: 1 assigned.");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn replay(
        &self,
        key: &str,
        table: &Table<'_>,
        columns: &ExposureColumns,
        now: Option<Timestamp>,
    ) -> Result<Replay> {
        let index = self.known_index(key)?;
        let ExposureColumns {
            visitor_id,
            variant,
            ..
        } = columns;
        let units = table.column(visitor_id)?.texts(visitor_id)?;
        let recorded = table.column(variant)?.texts(variant)?;
        let experiment = optional(table, "experiment", &columns.experiment)?;
        let exposed_at = optional(table, "exposed_at", &columns.exposed_at)?;
        let clock = match exposed_at {
            Some(column) => Clock::Rows(instants(column, &columns.exposed_at)?),
            None => Clock::At(now),
        };
        let batch = self.batch(index, &units, Some(table), &clock)?;
        let ours =
            |row: &usize| experiment.is_none_or(|column| column.get(*row) == ValueRef::Text(key));
        let rows = (0..units.len()).filter(ours);
        Ok(compare(&batch, rows, &units, &recorded))
    }

    /// A SELECT of the rows that [`Engine::replay`] would list: `visitor_id`, `recorded`, `variant` and `reason`.
    ///
    /// # Errors
    /// As [`Engine::replay_sql`], for the names too.
    ///
    /// # Example
    /// ```
    /// # use stoa_core::{assign::{Engine, ExposureColumns, ExposureTable}, rule::SqlOptions};
    /// # let engine = Engine::from_json(r#"{"experiments": [{
    /// #     "key": "free_shipping", "surface": "shipping_offer", "status": "draft",
    /// #     "variants": [{"key": "A"}, {"key": "B"}],
    /// #     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
    /// # }]}"#)?;
    /// let exposures = ExposureTable {
    ///     table: "shop.exposures".to_owned(), columns: ExposureColumns::default(), many_experiments: true,
    /// };
    /// let sql = engine.differences_sql("free_shipping", &exposures, &SqlOptions::default())?;
    /// assert!(sql.ends_with(r#"WHERE "recorded" IS DISTINCT FROM "variant""#));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn differences_sql(
        &self,
        key: &str,
        exposures: &ExposureTable,
        options: &SqlOptions,
    ) -> Result<String> {
        let ExposureTable { table, columns, .. } = exposures;
        let unaliased = SqlOptions {
            alias: None,
            ..options.clone()
        };
        let sql = self.replay_sql(key, &columns.visitor_id, &unaliased)?;
        let name = |name: &str| unaliased.column(name);
        let parts = table.split('.').map(name).collect::<Result<Vec<_>>>();
        let table = parts.map_err(|e| e.at("table"))?.join(".");
        let (unit, recorded) = (name(&columns.visitor_id)?, name(&columns.variant)?);
        let mut ours = String::new();
        if exposures.many_experiments {
            let key = options.dialect.text(key);
            ours = format!(" WHERE {} = {key}", name(&columns.experiment)?);
        }
        let [v, r, w, y] = ["visitor_id", "recorded", "variant", "reason"]
            .map(|output| options.dialect.identifier(output));
        Ok(format!(
            "SELECT {v}, {r}, {w}, {y} FROM (SELECT {unit} AS {v}, {recorded} AS {r}, {} AS {w}, {} AS {y} \
             FROM {table}{ours}) AS replayed WHERE {r} IS DISTINCT FROM {w}",
            sql.variant, sql.reason
        ))
    }
}

/// The column of a role that a table may lack, unless it was named.
fn optional<'t, 'a>(
    table: &'t Table<'a>,
    role: &str,
    name: &str,
) -> Result<Option<&'t Column<'a>>> {
    match table.get(name) {
        None if name != role => table.column(name).map(Some),
        found => Ok(found),
    }
}

/// The instants of a column, typed or spelt; what is none is missing.
fn instants(column: &Column<'_>, name: &str) -> Result<Vec<Option<Timestamp>>> {
    if !matches!(
        column.kind(),
        AttributeType::Timestamp | AttributeType::String
    ) {
        return Err(column.refused(name, "must hold timestamps"));
    }
    let instant = |row| match column.get(row) {
        ValueRef::Timestamp(instant) => Some(instant),
        ValueRef::Text(text) => Timestamp::parse(text).ok(),
        _ => None,
    };
    Ok((0..column.len()).map(instant).collect())
}

fn compare(
    batch: &Batch,
    rows: impl Iterator<Item = usize>,
    units: &[Option<&str>],
    recorded: &[Option<&str>],
) -> Replay {
    let mut counts = BTreeMap::new();
    let mut differences = Vec::new();
    let mut n_rows = 0;
    for row in rows {
        let variant = usize::try_from(batch.variant[row]).ok();
        let variant = variant.and_then(|v| batch.variants.get(v));
        let (reason, recorded) = (batch.reason[row], recorded[row]);
        let count: &mut (usize, usize) = counts.entry(reason).or_default();
        n_rows += 1;
        count.0 += 1;
        if recorded == variant.map(String::as_str) {
            continue;
        }
        count.1 += 1;
        differences.push(Difference {
            row,
            visitor_id: units[row].map(str::to_owned),
            recorded: recorded.map(str::to_owned),
            variant: variant.cloned(),
            reason,
        });
    }
    let counts = counts
        .into_iter()
        .map(|(reason, (rows, differences))| ReasonCount {
            reason,
            rows,
            differences,
        });
    let reasons: Vec<_> = counts.collect();
    Replay {
        sentence: sentence(&batch.experiment, n_rows, differences.len(), &reasons),
        experiment: batch.experiment.clone(),
        rows: n_rows,
        differences,
        reasons,
    }
}

fn sentence(key: &str, rows: usize, differ: usize, reasons: &[ReasonCount]) -> String {
    if rows == 0 {
        return format!("The table has no exposures of {key}.");
    }
    if differ == 0 {
        return format!("Every one of {rows} exposures of {key} is what the engine says.");
    }
    let verb = if differ == 1 { "is" } else { "are" };
    let reasons = reasons.iter().filter(|count| count.differences > 0);
    let counted: Vec<_> = reasons
        .map(|count| format!("{} {}", count.differences, count.reason))
        .collect();
    let counted = counted.join(", ");
    format!("{differ} of {rows} exposures of {key} {verb} not what the engine says: {counted}.")
}
