//! The warehouses whose SQL is written, by name.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Detail, Error, Result};

/// A warehouse's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Dialect {
    /// `DuckDB`, the embedded default.
    #[default]
    Duckdb,
    /// `PostgreSQL`.
    Postgres,
    /// `GoogleSQL` of `BigQuery`.
    Bigquery,
    /// Snowflake.
    Snowflake,
    /// Spark SQL and Databricks, ANSI mode on or off.
    Spark,
}

impl Dialect {
    /// Every dialect this version writes.
    pub const ALL: [Self; 5] = [
        Self::Duckdb,
        Self::Postgres,
        Self::Bigquery,
        Self::Snowflake,
        Self::Spark,
    ];

    /// Its name in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duckdb => "duckdb",
            Self::Postgres => "postgres",
            Self::Bigquery => "bigquery",
            Self::Snowflake => "snowflake",
            Self::Spark => "spark",
        }
    }
}

impl FromStr for Dialect {
    type Err = Error;

    /// # Errors
    /// [`Error::UnknownName`] with a near miss.
    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name);
                let rule = format!("must be one of {}", names.join(", "));
                Error::UnknownName(Detail::new("dialect", rule, name).did_you_mean(name, names))
            })
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
