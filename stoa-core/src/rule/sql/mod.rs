//! Rules as SQL: a condition that is TRUE, FALSE or NULL exactly where native evaluation is true, false or unknown.
//!
//! Every name is a quoted identifier and every value an escaped literal, so neither can leave its place. Text is
//! compared by functions without patterns, hence without wildcards to escape. `printer` walks a rule; how a warehouse
//! spells its parts is in `quote` and `forms`, and nowhere else. Column types per dialect: docs/RULES.md.

mod dialect;
mod forms;
mod printer;
mod quote;

pub use dialect::Dialect;

use super::{ast::Rule, schema::AttributeSchema};
use crate::{error::Result, value::Timestamp};

/// How a rule is rendered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SqlOptions {
    /// Whose SQL.
    pub dialect: Dialect,
    /// The table or alias before every column.
    pub alias: Option<String>,
    /// The instant `within_days` counts back from; required by rules that use it.
    pub now: Option<Timestamp>,
    /// When given, the rule is checked against it and its `column` names are used.
    pub schema: Option<AttributeSchema>,
}

impl SqlOptions {
    /// Options of a dialect, everything else absent.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            ..Self::default()
        }
    }

    /// A column after the alias, each quoted.
    ///
    /// # Errors
    /// [`crate::error::Error::OutOfRange`] for a name that is empty, too long, or that the dialect cannot hold.
    pub(crate) fn column(&self, name: &str) -> Result<String> {
        let alias = self.alias.as_deref().map(|alias| ("alias", alias));
        let parts = alias.into_iter().chain([("attr", name)]);
        let mut quoted = Vec::with_capacity(2);
        for (field, part) in parts {
            self.dialect.check_name(field, part)?;
            quoted.push(self.dialect.identifier(part));
        }
        Ok(quoted.join("."))
    }
}

impl Rule {
    /// The rule as a SQL condition.
    ///
    /// # Errors
    /// [`Error::MissingField`] for `within_days` without `now`; [`Error::Unsupported`] for a `{"segment": k}`, which must be
    /// expanded first; [`Error::OutOfRange`] for a name the dialect cannot hold; those of [`Rule::check`] when a schema
    /// is given; for a hand-made rule that is ill formed, those of [`Rule::from_value`].
    ///
    /// [`Error::MissingField`]: crate::error::Error::MissingField
    /// [`Error::Unsupported`]: crate::error::Error::Unsupported
    /// [`Error::OutOfRange`]: crate::error::Error::OutOfRange
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::{Dialect, Rule, SqlOptions};
    /// let rule = Rule::parse_sql("orders_count >= 2 AND country IN ('CA', 'US')")?;
    /// let sql = |dialect| rule.to_sql(&SqlOptions::new(dialect));
    /// assert_eq!(sql(Dialect::Duckdb)?, r#""orders_count" >= 2 AND "country" IN ('CA', 'US')"#);
    /// assert_eq!(sql(Dialect::Bigquery)?, "`orders_count` >= 2 AND `country` IN ('CA', 'US')");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn to_sql(&self, options: &SqlOptions) -> Result<String> {
        if let Some(schema) = &options.schema {
            self.check(schema)?;
        }
        printer::print(self, options)
    }
}
