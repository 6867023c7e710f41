//! From attributes to numeric features, and from cuts of features back to rules.
//!
//! A number stays a number, a boolean becomes 0 or 1, and each category of a text attribute becomes an indicator. A
//! missing value sorts below every other, so a cut always says which side it is on: the left one.

use std::collections::BTreeMap;

use crate::{
    error::{Detail, Error, Result},
    rule::{Literal, Operator, Rule},
    value::{Column, Table},
};

/// More categories than this say "identifier", not "kind of customer".
const MAX_CATEGORIES: usize = 50;

/// What a feature means, so that a cut of it can be said as a rule.
#[derive(Debug, Clone, PartialEq)]
enum Meaning {
    /// The attribute's own number.
    Number,
    /// 1 when true.
    Boolean,
    /// 1 when the attribute is this category.
    Category(String),
}

/// One numeric feature made of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Feature {
    attr: String,
    meaning: Meaning,
    /// Whether a row is missing the attribute.
    missing: bool,
}

/// The features of a search: one column each, NaN where the attribute is missing.
#[derive(Debug, Clone)]
pub(super) struct Design {
    pub(super) features: Vec<Feature>,
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Vec<f64>>,
}

impl Design {
    /// Builds the features of the named attributes.
    ///
    /// # Errors
    /// [`Error::MissingColumn`]; [`Error::Unsupported`] for timestamps, lists and texts with more than fifty values.
    pub(super) fn new(table: &Table<'_>, attributes: &[String]) -> Result<Self> {
        let mut design = Self {
            features: Vec::new(),
            names: Vec::new(),
            columns: Vec::new(),
        };
        for attr in attributes {
            design.add(attr, table.column(attr)?)?;
        }
        if design.features.is_empty() {
            let detail = Detail::new("features", "must name at least one attribute", "none");
            return Err(Error::OutOfRange(detail));
        }
        Ok(design)
    }

    fn add(&mut self, attr: &str, column: &Column<'_>) -> Result<()> {
        match column {
            Column::Number(rows) => self.push(attr, Meaning::Number, rows.to_vec()),
            Column::Boolean(rows) => {
                let rows = rows
                    .iter()
                    .map(|x| x.map_or(f64::NAN, |x| f64::from(u8::from(x))));
                self.push(attr, Meaning::Boolean, rows.collect());
            }
            Column::Text(rows) => self.add_categories(attr, rows)?,
            Column::Timestamp(_) | Column::List(_) => {
                let rule = "must be a number, a boolean or a text with few values to be searched";
                return Err(Error::Unsupported(Detail::new(attr, rule, "another type")));
            }
        }
        Ok(())
    }

    fn add_categories(&mut self, attr: &str, rows: &[Option<&str>]) -> Result<()> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for text in rows.iter().flatten() {
            *counts.entry(text).or_default() += 1;
        }
        if counts.len() > MAX_CATEGORIES {
            let rule =
                format!("must have at most {MAX_CATEGORIES} different values to be searched");
            return Err(Error::Unsupported(Detail::new(attr, rule, counts.len())));
        }
        // With two categories and nothing missing one indicator says it all.
        let complete = rows.iter().all(Option::is_some);
        let needed = if complete && counts.len() == 2 {
            1
        } else {
            counts.len()
        };
        for category in counts.keys().take(needed) {
            let indicator = |text: Option<&str>| {
                text.map_or(f64::NAN, |text| f64::from(u8::from(text == *category)))
            };
            let values = rows.iter().copied().map(indicator).collect();
            self.push(attr, Meaning::Category((*category).to_owned()), values);
        }
        Ok(())
    }

    fn push(&mut self, attr: &str, meaning: Meaning, values: Vec<f64>) {
        let missing = values.iter().any(|x| x.is_nan());
        self.names.push(match &meaning {
            Meaning::Category(category) => format!("{attr}={category}"),
            _ => attr.to_owned(),
        });
        self.features.push(Feature {
            attr: attr.to_owned(),
            meaning,
            missing,
        });
        self.columns.push(values);
    }

    /// Whether the feature is a number, whose cut can be moved to one a person would say.
    pub(super) fn is_number(&self, feature: usize) -> bool {
        self.features[feature].meaning == Meaning::Number
    }

    /// The condition for one side of a cut: right is `value` or more, left is below `value` or missing.
    pub(super) fn condition(&self, feature: usize, value: f64, right: bool) -> Rule {
        let feature = &self.features[feature];
        let compare = |op, value| Rule::Compare {
            attr: feature.attr.clone(),
            op,
            value,
        };
        let condition = match (&feature.meaning, right) {
            (Meaning::Number, true) => compare(Operator::Gte, Literal::Number(value)),
            (Meaning::Number, false) => compare(Operator::Lt, Literal::Number(value)),
            (Meaning::Boolean, side) => compare(Operator::Eq, Literal::Boolean(side)),
            (Meaning::Category(category), true) => {
                compare(Operator::Eq, Literal::Text(category.clone()))
            }
            (Meaning::Category(category), false) => {
                compare(Operator::Ne, Literal::Text(category.clone()))
            }
        };
        if feature.missing && !right {
            return Rule::Any(vec![compare(Operator::IsMissing, Literal::None), condition]);
        }
        condition
    }
}

impl Design {
    /// The same features of some of the rows.
    pub(super) fn take(mut self, rows: &[u32]) -> Self {
        for column in &mut self.columns {
            *column = rows.iter().map(|&row| column[row as usize]).collect();
        }
        self
    }
}
