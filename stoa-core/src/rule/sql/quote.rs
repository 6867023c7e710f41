//! Names, texts and numbers as each dialect spells them: what keeps a hostile one in its place.

use super::Dialect;
use crate::{
    error::{Detail, Error, Result},
    rule::shape,
};

/// Longest name of a `PostgreSQL` column, in bytes.
const POSTGRES_NAME: usize = 63;
/// What no `BigQuery` column's name holds.
const NOT_IN_BIGQUERY: &str = "!\"$()*,./;?@[\\]^`{}~";

impl Dialect {
    /// A quoted identifier. Names that the dialect cannot hold are refused before one is written.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Dialect;
    /// assert_eq!(Dialect::Duckdb.identifier("a\"; --"), "\"a\"\"; --\"");
    /// assert_eq!(Dialect::Spark.identifier("a`; --"), "`a``; --`");
    /// ```
    #[must_use]
    pub fn identifier(self, name: &str) -> String {
        match self {
            Self::Duckdb | Self::Postgres | Self::Snowflake => {
                format!("\"{}\"", name.replace('"', "\"\""))
            }
            Self::Bigquery => format!("`{}`", backslashed(name).replace('`', "\\`")),
            Self::Spark => format!("`{}`", name.replace('`', "``")),
        }
    }

    /// An escaped text literal. The caller has refused NUL characters, which `PostgreSQL` cannot hold.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Dialect;
    /// assert_eq!(Dialect::Postgres.text("it's"), "'it''s'");
    /// assert_eq!(Dialect::Bigquery.text("it's \\"), r"'it\'s \\'");
    /// assert_eq!(Dialect::Snowflake.text("it's \\"), r"'it''s \\'");
    /// ```
    #[must_use]
    pub fn text(self, text: &str) -> String {
        let inside = match self {
            Self::Duckdb | Self::Postgres => text.replace('\'', "''"),
            Self::Snowflake => text.replace('\\', "\\\\").replace('\'', "''"),
            Self::Bigquery => backslashed(text).replace('\'', "\\'"),
            // Spark replaces ${...} by a setting wherever it stands, and reads \{ as {.
            Self::Spark => backslashed(text).replace('\'', "\\'").replace("${", "$\\{"),
        };
        format!("'{inside}'")
    }

    /// A literal that the dialect reads back as exactly this f64.
    pub(super) fn number(self, x: f64) -> String {
        // An integer meets a FLOAT column as a FLOAT in DuckDB and Spark: exact up to 2^24, and else better a DOUBLE.
        let whole = match self {
            Self::Duckdb | Self::Spark => 16_777_216.0,
            Self::Postgres | Self::Bigquery | Self::Snowflake => 999_999_999_999_999.0,
        };
        if x.fract() == 0.0 && x.abs() <= whole {
            return format!("{x:.0}");
        }
        let plain = (1e-5..1e15).contains(&x.abs());
        let digits = if plain {
            x.to_string()
        } else {
            format!("{x:e}")
        };
        match self {
            // 0.1 is a DECIMAL, which in DuckDB meets a FLOAT column as a FLOAT; with an exponent it is a DOUBLE.
            Self::Duckdb | Self::Spark if plain => format!("{digits}e0"),
            // A number is a decimal of at most 38 digits; a text is read as the nearest double.
            Self::Snowflake => format!("CAST('{digits}' AS FLOAT)"),
            _ => digits,
        }
    }

    /// Refuses the name of a column or a table, given as `field`, that the dialect cannot hold or would change.
    pub(crate) fn check_name(self, field: &str, name: &str) -> Result<()> {
        shape::check_named(field, name)?;
        let unfit = |c: char| c.is_control() || NOT_IN_BIGQUERY.contains(c);
        let rule = match self {
            Self::Postgres if name.len() > POSTGRES_NAME => {
                format!("must be at most {POSTGRES_NAME} bytes: postgres cuts longer names")
            }
            Self::Bigquery if name.contains(unfit) => format!(
                "must hold none of {NOT_IN_BIGQUERY} and no control character: bigquery has no such columns"
            ),
            Self::Spark if name.contains("${") => {
                "must not hold ${, which spark replaces by a setting".to_owned()
            }
            _ => return Ok(()),
        };
        Err(Error::OutOfRange(Detail::new(field, rule, name)))
    }
}

/// Backslashes doubled and line ends spelled, for dialects in which a backslash begins an escape.
fn backslashed(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}
