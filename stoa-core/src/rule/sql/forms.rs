//! Instants, tests of text and of lists, SHA-256 and MD5, as each dialect spells them. Arguments are already quoted.

use super::Dialect;
use crate::rule::ast::Operator;

const MICROS_PER_HOUR: i64 = 3_600_000_000;

impl Dialect {
    /// The type of a 64-bit float.
    pub(crate) const fn double(self) -> &'static str {
        match self {
            Self::Postgres => "DOUBLE PRECISION",
            Self::Bigquery => "FLOAT64",
            Self::Duckdb | Self::Snowflake | Self::Spark => "DOUBLE",
        }
    }

    /// An instant, to be compared with [`Self::instant_column`].
    ///
    /// `DuckDB`'s and Snowflake's are counted in microseconds, which is right for columns with and without a time zone
    /// in any session time zone; a direct comparison of the two casts by the session's.
    pub(super) fn instant(self, rfc3339: &str) -> String {
        match self {
            Self::Duckdb => format!("epoch_us(TIMESTAMPTZ '{rfc3339}')"),
            Self::Postgres => format!("TIMESTAMPTZ '{rfc3339}'"),
            Self::Bigquery | Self::Spark => format!("TIMESTAMP '{rfc3339}'"),
            Self::Snowflake => {
                let offset = rfc3339.replace('Z', "+00:00");
                format!("date_part(epoch_microsecond, CAST('{offset}' AS TIMESTAMP_TZ))")
            }
        }
    }

    pub(super) fn instant_column(self, column: &str) -> String {
        match self {
            Self::Duckdb => format!("epoch_us({column})"),
            Self::Snowflake => format!("date_part(epoch_microsecond, {column})"),
            Self::Postgres | Self::Bigquery | Self::Spark => column.to_owned(),
        }
    }

    /// An instant, `micros` microseconds back. None counts days of the session's time zone, some of which have 23 hours.
    pub(super) fn instant_before(self, instant: &str, micros: i64) -> String {
        match self {
            Self::Duckdb | Self::Snowflake => format!("{instant} - {micros}"),
            Self::Postgres if micros % MICROS_PER_HOUR == 0 => {
                format!("{instant} - INTERVAL '{} hours'", micros / MICROS_PER_HOUR)
            }
            Self::Postgres => format!("{instant} - INTERVAL '{micros} microseconds'"),
            Self::Bigquery => format!("timestamp_sub({instant}, INTERVAL {micros} MICROSECOND)"),
            Self::Spark => format!("timestamp_micros(unix_micros({instant}) - {micros})"),
        }
    }

    /// `starts_with`, `ends_with`, `contains`; `length` is the text's, in characters.
    pub(super) fn text_test(self, op: Operator, column: &str, text: &str, length: usize) -> String {
        match (self, op) {
            (Self::Postgres, Operator::EndsWith) => format!("right({column}, {length}) = {text}"),
            (Self::Postgres | Self::Bigquery, Operator::Contains) => {
                format!("strpos({column}, {text}) > 0")
            }
            (Self::Snowflake | Self::Spark, _) => {
                format!("{}({column}, {text})", op.name().replace('_', ""))
            }
            _ => format!("{}({column}, {text})", op.name()),
        }
    }

    /// `has`, `has_any`, `has_all`; the answer is NULL only where the list is.
    ///
    /// `PostgreSQL`'s containment, unlike `= ANY`, answers false rather than unknown when a list holds a NULL.
    pub(super) fn list_test(self, op: Operator, column: &str, texts: &[String]) -> String {
        use Operator::{HasAll, HasAny};
        let items = texts.join(", ");
        match (self, op) {
            (Self::Duckdb, HasAny) => format!("list_has_any({column}, [{items}])"),
            (Self::Duckdb, HasAll) => format!("list_has_all({column}, [{items}])"),
            (Self::Duckdb, _) => format!("list_contains({column}, {items})"),
            (Self::Postgres, HasAny) => format!("{column} && ARRAY[{items}]"),
            (Self::Postgres, HasAll) => format!("{column} @> ARRAY[{items}]"),
            (Self::Postgres, _) => format!("ARRAY[{items}] <@ {column}"),
            (Self::Bigquery, _) => format!(
                "IF({column} IS NOT NULL, {}, NULL)",
                unnested(op, column, texts)
            ),
            (Self::Snowflake, HasAny) => {
                format!("arrays_overlap({column}, array_construct({items}))")
            }
            // What is left of the wanted ones, each once, after those in the list are taken away.
            (Self::Snowflake, HasAll) => format!(
                "array_size(array_except(array_distinct(array_construct({items})), {column})) = 0"
            ),
            (Self::Snowflake, _) => format!("array_contains(CAST({items} AS VARIANT), {column})"),
            (Self::Spark, HasAny) => format!("arrays_overlap({column}, array({items}))"),
            (Self::Spark, HasAll) => format!(
                "array_size(array_intersect({column}, array({items}))) = {}",
                distinct(texts)
            ),
            (Self::Spark, _) => format!("array_contains({column}, {items})"),
        }
    }

    /// The length of a text in UTF-8.
    pub(crate) fn byte_length(self, text: &str) -> String {
        match self {
            Self::Duckdb => format!("strlen({text})"),
            Self::Bigquery => format!("byte_length({text})"),
            Self::Postgres | Self::Snowflake | Self::Spark => format!("octet_length({text})"),
        }
    }

    /// Thirteen hex digits of a text's SHA-256 from the `first`, counted from 1, as an integer. Every dialect reads
    /// them exactly.
    pub(crate) fn digest_slice(self, text: &str, first: usize) -> String {
        match self {
            Self::Duckdb => format!("CAST('0x' || substr(sha256({text}), {first}, 13) AS BIGINT)"),
            Self::Postgres => format!(
                "CAST(CAST('x000' || substr(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), {first}, 13) AS BIT(64)) AS BIGINT)"
            ),
            Self::Bigquery => {
                format!("CAST('0x' || substr(to_hex(sha256({text})), {first}, 13) AS INT64)")
            }
            Self::Snowflake => {
                format!("to_number(substr(sha2({text}, 256), {first}, 13), 'XXXXXXXXXXXXX')")
            }
            Self::Spark => {
                format!("CAST(conv(substr(sha2({text}, 256), {first}, 13), 16, 10) AS BIGINT)")
            }
        }
    }

    /// The first eight hex digits of a text's MD5 as an integer, modulo `size`.
    pub(crate) fn md5_remainder(self, text: &str, size: u64) -> String {
        let head = match self {
            Self::Duckdb => format!("CAST('0x' || substr(md5({text}), 1, 8) AS BIGINT)"),
            Self::Postgres => format!(
                "CAST(CAST('x00000000' || substr(md5(convert_to({text}, 'UTF8')), 1, 8) AS BIT(64)) AS BIGINT)"
            ),
            Self::Bigquery => {
                format!("CAST('0x' || substr(to_hex(md5({text})), 1, 8) AS INT64)")
            }
            Self::Snowflake => format!("to_number(substr(md5({text}), 1, 8), 'XXXXXXXX')"),
            Self::Spark => format!("CAST(conv(substr(md5({text}), 1, 8), 16, 10) AS BIGINT)"),
        };
        format!("mod({head}, {size})")
    }
}

/// `BigQuery`'s tests of elements. `IN UNNEST` of no list is false, so the caller asks for the list first. A list of one
/// ends in the unit, so that `has` reads back as `has`.
fn unnested(op: Operator, column: &str, texts: &[String]) -> String {
    let (joint, unit) = match op {
        Operator::HasAny => (" OR ", Some("FALSE")),
        Operator::HasAll => (" AND ", Some("TRUE")),
        _ => ("", None),
    };
    let tests = texts
        .iter()
        .map(|text| format!("{text} IN UNNEST({column})"));
    let unit = unit.filter(|_| texts.len() == 1).map(str::to_owned);
    tests.chain(unit).collect::<Vec<_>>().join(joint)
}

/// How many texts differ.
fn distinct(texts: &[String]) -> usize {
    texts
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}
