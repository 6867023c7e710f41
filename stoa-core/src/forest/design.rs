//! From attributes to numeric features, and from cuts of features back to rules.
//!
//! A number stays a number, a boolean becomes 0 or 1, and each category of a text attribute becomes an indicator. A
//! missing value sorts below every other, so a cut always says which side it is on: the left one.

use std::borrow::Cow;

use super::codes::Features;
use crate::{
    error::{Detail, Error, Result},
    rule::{Literal, Operator, Rule},
    value::{AttributeType, Column, Table},
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

/// What one numeric feature was made of.
#[derive(Debug, Clone, PartialEq)]
struct Source {
    attr: String,
    meaning: Meaning,
    /// Whether a row is missing the attribute.
    missing: bool,
}

/// Attributes of a table as numeric features: one column each, NaN where the attribute is missing.
///
/// # Example
/// ```
/// use stoa_core::{forest::Design, value::{Column, Table}};
/// let table = Table::new([("country".to_owned(), Column::Text(vec![Some("CA"), Some("US"), Some("CA")]))])?;
/// let design = Design::new(&table, &["country".to_owned()])?;
/// assert_eq!(design.names(), ["country=CA"]);
/// assert_eq!(design.columns()[0], [1.0, 0.0, 1.0]);
/// assert_eq!(design.condition(0, 1.0, true).to_json(), r#"{"attr":"country","op":"eq","value":"CA"}"#);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    sources: Vec<Source>,
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl Design {
    /// Builds the features of the named attributes.
    ///
    /// # Errors
    /// [`Error::MissingColumn`]; [`Error::Unsupported`] for timestamps, lists and texts with more than fifty values.
    pub fn new(table: &Table<'_>, attributes: &[String]) -> Result<Self> {
        let mut design = Self {
            sources: Vec::new(),
            names: Vec::new(),
            columns: Vec::new(),
        };
        for attr in attributes {
            design.add(attr, table.column(attr)?)?;
        }
        if design.sources.is_empty() {
            let detail = Detail::new("features", "must name at least one attribute", "none");
            return Err(Error::OutOfRange(detail));
        }
        Ok(design)
    }

    fn add(&mut self, attr: &str, column: &Column<'_>) -> Result<()> {
        match column.kind() {
            AttributeType::Number => self.push(attr, Meaning::Number, column),
            AttributeType::Boolean => self.push(attr, Meaning::Boolean, column),
            AttributeType::String => categories(attr, &column.texts(attr)?)?
                .into_iter()
                .try_for_each(|category| self.push(attr, Meaning::Category(category), column)),
            AttributeType::Timestamp | AttributeType::StringList => {
                let rule = "must be a number, a boolean or a text with few values to be searched";
                Err(Error::Unsupported(Detail::new(attr, rule, "another type")))
            }
        }
    }

    fn push(&mut self, attr: &str, meaning: Meaning, column: &Column<'_>) -> Result<()> {
        let values = meaning.values(attr, column)?;
        let missing = values.iter().any(|x| x.is_nan());
        self.names.push(match &meaning {
            Meaning::Category(category) => format!("{attr}={category}"),
            _ => attr.to_owned(),
        });
        self.sources.push(Source {
            attr: attr.to_owned(),
            meaning,
            missing,
        });
        self.columns.push(values);
        Ok(())
    }

    /// One name per feature.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One column per feature.
    #[must_use]
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// Names and columns, as forests and trees take them.
    #[must_use]
    pub fn features(&self) -> Features<'_> {
        Features {
            names: &self.names,
            columns: &self.columns,
        }
    }

    /// Whether the feature is a number, whose cut can be moved to one a person would say.
    #[must_use]
    pub fn is_number(&self, feature: usize) -> bool {
        self.sources[feature].meaning == Meaning::Number
    }

    /// The condition for one side of a cut: right is `value` or more, left is below `value` or missing.
    #[must_use]
    pub fn condition(&self, feature: usize, value: f64, right: bool) -> Rule {
        let source = &self.sources[feature];
        let compare = |op, value| Rule::Compare {
            attr: source.attr.clone(),
            op,
            value,
        };
        // An indicator is 0 or 1, so a cut at 0 divides the missing from the rest.
        if source.meaning != Meaning::Number && value <= 0.0 {
            let operator = if right {
                Operator::IsPresent
            } else {
                Operator::IsMissing
            };
            return compare(operator, Literal::None);
        }
        let condition = match (&source.meaning, right) {
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
        if source.missing && !right {
            return Rule::Any(vec![compare(Operator::IsMissing, Literal::None), condition]);
        }
        condition
    }
}

impl Design {
    /// The same features of another table; a category that was not known is none of them.
    ///
    /// # Errors
    /// [`Error::MissingColumn`]; [`Error::WrongType`] for a column of another type than the one first read.
    pub fn again(&self, table: &Table<'_>) -> Result<Self> {
        let columns = self.sources.iter().map(|source| {
            let column = table.column(&source.attr)?;
            source.meaning.values(&source.attr, column)
        });
        Ok(Self {
            sources: self.sources.clone(),
            names: self.names.clone(),
            columns: columns.collect::<Result<_>>()?,
        })
    }

    /// The same features of some of the rows.
    #[must_use]
    pub fn take(mut self, rows: &[u32]) -> Self {
        for column in &mut self.columns {
            *column = rows.iter().map(|&row| column[row as usize]).collect();
        }
        self
    }
}

impl Meaning {
    /// The feature's numbers out of the attribute's column.
    fn values(&self, attr: &str, column: &Column<'_>) -> Result<Vec<f64>> {
        let flag = |x: Option<bool>| x.map_or(f64::NAN, |x| f64::from(u8::from(x)));
        let numbers = || column.numbers(attr).map(Cow::into_owned);
        match (self, column.kind()) {
            (Self::Number, AttributeType::Number) | (Self::Boolean, AttributeType::Boolean) => {
                numbers()
            }
            (Self::Category(category), AttributeType::String) => {
                let is_it = |text: Option<&str>| flag(text.map(|text| text == category));
                Ok(column.texts(attr)?.iter().copied().map(is_it).collect())
            }
            // A column without a single value has no type of its own.
            (_, AttributeType::Number) if numbers()?.iter().all(|x| x.is_nan()) => numbers(),
            _ => {
                let rule = "must hold the type of the column first read";
                Err(Error::WrongType(Detail::new(attr, rule, "another type")))
            }
        }
    }
}

/// The categories that need an indicator, sorted.
fn categories(attr: &str, rows: &[Option<&str>]) -> Result<Vec<String>> {
    let mut known: Vec<&str> = rows.iter().flatten().copied().collect();
    known.sort_unstable();
    known.dedup();
    if known.len() > MAX_CATEGORIES {
        let rule = format!("must have at most {MAX_CATEGORIES} different values to be searched");
        return Err(Error::Unsupported(Detail::new(attr, rule, known.len())));
    }
    // With two categories and nothing missing one indicator says it all.
    if known.len() == 2 && rows.iter().all(Option::is_some) {
        known.truncate(1);
    }
    Ok(known.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn table(country: [Option<&'static str>; 4]) -> Table<'static> {
        let spend = Column::Number(vec![1.0, f64::NAN, 3.0, 4.0].into());
        let member = Column::Boolean(vec![Some(true), None, Some(false), Some(true)]);
        let country = Column::Text(country.to_vec());
        let named = [("spend", spend), ("member", member), ("country", country)];
        Table::new(named.map(|(name, column)| (name.to_owned(), column))).unwrap()
    }

    #[test]
    fn both_sides_of_every_cut_are_rules_that_say_where_the_missing_are() {
        let table = table([Some("CA"), Some("US"), None, Some("DE")]);
        let attributes = ["spend", "member", "country"].map(str::to_owned);
        let design = Design::new(&table, &attributes).unwrap();
        assert_eq!(
            design.names(),
            ["spend", "member", "country=CA", "country=DE", "country=US"]
        );
        for (feature, value, right, sql) in [
            (0, 3.0, true, "spend >= 3"),
            (0, 3.0, false, "spend IS NULL OR spend < 3"),
            (1, 1.0, true, "member = TRUE"),
            (1, 0.0, true, "member IS NOT NULL"),
            (1, 0.0, false, "member IS NULL"),
            (2, 1.0, false, "country IS NULL OR country <> 'CA'"),
        ] {
            let rule = design.condition(feature, value, right);
            assert_eq!(rule, Rule::parse_sql(sql).unwrap(), "{sql}");
        }
    }

    #[test]
    fn another_table_has_the_same_features_and_a_new_category_is_none_of_them() {
        let attributes = ["country".to_owned()];
        let known = table([Some("CA"), Some("US"), Some("DE"), Some("CA")]);
        let design = Design::new(&known, &attributes).unwrap();
        let other = table([Some("FR"), None, Some("CA"), Some("CA")]);
        let again = design.again(&other).unwrap();
        assert_eq!(again.names(), design.names());
        let first = &again.columns()[0];
        assert!(first[0].abs() < 0.5 && first[1].is_nan() && first[2] > 0.5);
        let numbers = Column::Number(vec![1.0].into());
        let wrong = Table::new([("country".to_owned(), numbers)]).unwrap();
        assert_eq!(design.again(&wrong).unwrap_err().code(), "wrong_type");
    }
}
