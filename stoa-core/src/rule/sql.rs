//! Rules as SQL: a condition that is TRUE, FALSE or NULL exactly where native evaluation is true, false or unknown.
//!
//! Every name is a quoted identifier and every value an escaped literal, so neither can leave its place. Text is
//! compared by functions without patterns, hence without wildcards to escape. Column types per dialect: docs/RULES.md.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ast::{Literal, Operator, Rule},
    schema::AttributeSchema,
    shape,
};
use crate::{
    error::{Detail, Error, Result},
    value::Timestamp,
};

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
}

impl Dialect {
    /// Every dialect this version writes.
    pub const ALL: [Self; 2] = [Self::Duckdb, Self::Postgres];

    /// Its name in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duckdb => "duckdb",
            Self::Postgres => "postgres",
        }
    }

    /// A quoted identifier.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Dialect;
    /// assert_eq!(Dialect::Duckdb.identifier("a\"; --"), "\"a\"\"; --\"");
    /// ```
    #[must_use]
    pub fn identifier(self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// An escaped text literal. The caller has refused NUL characters, which `PostgreSQL` cannot hold.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Dialect;
    /// assert_eq!(Dialect::Postgres.text("it's"), "'it''s'");
    /// ```
    #[must_use]
    pub fn text(self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }

    /// A literal that the dialect reads back as exactly this f64.
    fn number(self, x: f64) -> String {
        if x.fract() == 0.0 && x.abs() < 1e15 {
            return format!("{x:.0}");
        }
        if !(1e-5..1e15).contains(&x.abs()) {
            return format!("{x:e}");
        }
        // DuckDB reads 0.1 as a DECIMAL, which meets a FLOAT column as a FLOAT; with an exponent it is a DOUBLE.
        match self {
            Self::Duckdb => format!("{x}e0"),
            Self::Postgres => format!("{x}"),
        }
    }
}

impl FromStr for Dialect {
    type Err = Error;

    /// # Errors
    /// [`Error::Unsupported`] for a dialect of a later version, [`Error::UnknownName`] with a near miss otherwise.
    fn from_str(name: &str) -> Result<Self> {
        if let Some(known) = Self::ALL.into_iter().find(|d| d.name() == name) {
            return Ok(known);
        }
        let names = Self::ALL.map(Self::name);
        let detail = Detail::new(
            "dialect",
            format!("must be one of {}", names.join(", ")),
            name,
        );
        Err(match name {
            "bigquery" | "snowflake" | "spark" => Error::Unsupported(detail),
            _ => Error::UnknownName(detail.did_you_mean(name, names)),
        })
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

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
}

impl Rule {
    /// The rule as a SQL condition.
    ///
    /// # Errors
    /// [`Error::MissingField`] for `within_days` without `now`; [`Error::Unsupported`] for a `{"segment": k}`, which must be
    /// expanded first; [`Error::OutOfRange`] for a name the dialect cannot hold; those of [`Rule::check`] when a schema
    /// is given; for a hand-made rule that is ill formed, those of [`Rule::from_value`].
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::{Dialect, Rule, SqlOptions};
    /// let rule = Rule::parse_sql("orders_count >= 2 AND country IN ('CA', 'US')")?;
    /// let sql = rule.to_sql(&SqlOptions::new(Dialect::Duckdb))?;
    /// assert_eq!(sql, r#""orders_count" >= 2 AND "country" IN ('CA', 'US')"#);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn to_sql(&self, options: &SqlOptions) -> Result<String> {
        if let Some(schema) = &options.schema {
            self.check(schema)?;
        }
        let mut printer = Printer {
            options,
            meter: shape::Meter::default(),
            out: String::new(),
        };
        printer.rule(self, 1)?;
        Ok(printer.out)
    }
}

struct Printer<'o> {
    options: &'o SqlOptions,
    meter: shape::Meter,
    out: String,
}

impl Printer<'_> {
    fn rule(&mut self, rule: &Rule, depth: usize) -> Result<()> {
        self.meter.enter(depth)?;
        match rule {
            Rule::All(children) => self.connective(children, "TRUE", " AND ", depth),
            Rule::Any(children) => self.connective(children, "FALSE", " OR ", depth),
            Rule::Not(child) => {
                self.out.push_str("NOT (");
                self.rule(child, depth + 1)?;
                self.out.push(')');
                Ok(())
            }
            Rule::Segment(key) => Err(Error::Unsupported(Detail::new(
                "segment",
                "must be expanded to its rule before SQL is written",
                key,
            ))),
            Rule::Compare { attr, op, value } => {
                let condition = self.comparison(attr, *op, &shape::normal(*op, value)?)?;
                self.out.push_str(&condition);
                Ok(())
            }
        }
    }

    /// Children joined; the unit alone when there are none, and the bare unit after an only child, so that
    /// [`Rule::parse_sql`] reads back exactly the syntax that was printed.
    fn connective(
        &mut self,
        children: &[Rule],
        unit: &str,
        joint: &str,
        depth: usize,
    ) -> Result<()> {
        for (i, child) in children.iter().enumerate() {
            if i > 0 {
                self.out.push_str(joint);
            }
            let grouped = matches!(child, Rule::All(_) | Rule::Any(_));
            if grouped {
                self.out.push('(');
            }
            self.rule(child, depth + 1)?;
            if grouped {
                self.out.push(')');
            }
        }
        if children.len() < 2 {
            if !children.is_empty() {
                self.out.push_str(joint);
            }
            self.out.push_str(unit);
        }
        Ok(())
    }

    fn comparison(&self, attr: &str, op: Operator, value: &Literal) -> Result<String> {
        use Operator as Op;
        let column = self.column(attr)?;
        Ok(match op {
            Op::IsMissing => format!("{column} IS NULL"),
            Op::IsPresent => format!("{column} IS NOT NULL"),
            Op::Eq => format!("{column} = {}", self.literal(value)),
            Op::Ne => format!("{column} <> {}", self.literal(value)),
            Op::In => format!("{column} IN ({})", self.items(value)),
            Op::NotIn => format!("{column} NOT IN ({})", self.items(value)),
            Op::Lt | Op::Lte | Op::Gt | Op::Gte => self.inequality(&column, op, value),
            Op::Between => self.between(&column, value),
            Op::WithinDays => return self.within_days(&column, value),
            Op::StartsWith | Op::EndsWith | Op::Contains => self.text_test(&column, op, value),
            Op::Has | Op::HasAny | Op::HasAll => self.list_test(&column, op, value),
        })
    }

    fn column(&self, attr: &str) -> Result<String> {
        const POSTGRES_NAME: usize = 63;
        let dialect = self.options.dialect;
        let schema = self.options.schema.as_ref();
        let name = schema
            .and_then(|s| s.get(attr)?.column.as_deref())
            .unwrap_or(attr);
        let parts = self.options.alias.as_deref().into_iter().chain([name]);
        let mut quoted = Vec::with_capacity(2);
        for part in parts {
            shape::check_name(part)?;
            if dialect == Dialect::Postgres && part.len() > POSTGRES_NAME {
                return Err(Error::OutOfRange(Detail::new(
                    "attr",
                    format!("must be at most {POSTGRES_NAME} bytes: postgres cuts longer names"),
                    part,
                )));
            }
            quoted.push(dialect.identifier(part));
        }
        Ok(quoted.join("."))
    }

    fn literal(&self, value: &Literal) -> String {
        match value {
            Literal::None => "NULL".to_owned(),
            Literal::Boolean(true) => "TRUE".to_owned(),
            Literal::Boolean(false) => "FALSE".to_owned(),
            Literal::Number(x) => self.options.dialect.number(*x),
            Literal::Text(text) => self.options.dialect.text(text),
            Literal::List(_) => self.items(value),
        }
    }

    fn items(&self, value: &Literal) -> String {
        match value {
            Literal::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.literal(item)).collect();
                items.join(", ")
            }
            one => self.literal(one),
        }
    }

    /// An instant. `DuckDB`'s are compared as microseconds, which is right for TIMESTAMP and TIMESTAMPTZ columns in any
    /// session time zone; a direct comparison of the two casts by the session's.
    fn instant(&self, text: &str) -> String {
        match self.options.dialect {
            Dialect::Duckdb => format!("epoch_us(TIMESTAMPTZ '{text}')"),
            Dialect::Postgres => format!("TIMESTAMPTZ '{text}'"),
        }
    }

    fn instant_column(&self, column: &str) -> String {
        match self.options.dialect {
            Dialect::Duckdb => format!("epoch_us({column})"),
            Dialect::Postgres => column.to_owned(),
        }
    }

    /// Both sides of an inequality: numbers as they are, text as instants.
    fn sides(&self, column: &str, bound: &Literal) -> (String, String) {
        match bound {
            Literal::Text(text) => (self.instant_column(column), self.instant(text)),
            number => (column.to_owned(), self.literal(number)),
        }
    }

    fn inequality(&self, column: &str, op: Operator, value: &Literal) -> String {
        let symbol = match op {
            Operator::Lt => "<",
            Operator::Lte => "<=",
            Operator::Gt => ">",
            _ => ">=",
        };
        let (left, right) = self.sides(column, value);
        format!("{left} {symbol} {right}")
    }

    fn between(&self, column: &str, value: &Literal) -> String {
        let Literal::List(bounds) = value else {
            return String::new();
        };
        let (left, _) = self.sides(column, &bounds[0]);
        let bounds: Vec<String> = bounds.iter().map(|b| self.sides(column, b).1).collect();
        format!("{left} BETWEEN {}", bounds.join(" AND "))
    }

    fn within_days(&self, column: &str, value: &Literal) -> Result<String> {
        let Literal::Number(days) = value else {
            return Ok(String::new());
        };
        let Some(now) = self.options.now else {
            return Err(Error::MissingField(Detail::new(
                "now",
                "is required: the rule uses within_days",
                "nothing",
            )));
        };
        let micros = shape::day_micros(*days);
        let now = self.instant(&shape::printable(now).map_err(|e| e.at("now"))?.to_string());
        let back = match self.options.dialect {
            Dialect::Duckdb => micros.to_string(),
            // Hours, not days: a day of a session's time zone may have 23.
            Dialect::Postgres if micros % 3_600_000_000 == 0 => {
                format!("INTERVAL '{} hours'", micros / 3_600_000_000)
            }
            Dialect::Postgres => format!("INTERVAL '{micros} microseconds'"),
        };
        let column = self.instant_column(column);
        Ok(format!("{column} BETWEEN {now} - {back} AND {now}"))
    }

    fn text_test(&self, column: &str, op: Operator, value: &Literal) -> String {
        let text = self.literal(value);
        match (self.options.dialect, op) {
            (Dialect::Postgres, Operator::EndsWith) => {
                let length = match value {
                    Literal::Text(text) => text.chars().count(),
                    _ => 0,
                };
                format!("right({column}, {length}) = {text}")
            }
            (Dialect::Postgres, Operator::Contains) => format!("strpos({column}, {text}) > 0"),
            _ => format!("{}({column}, {text})", op.name()),
        }
    }

    /// `PostgreSQL`'s containment, unlike `= ANY`, answers false rather than unknown when a list holds a NULL.
    fn list_test(&self, column: &str, op: Operator, value: &Literal) -> String {
        let items = self.items(value);
        match (self.options.dialect, op) {
            (Dialect::Duckdb, Operator::HasAny) => format!("list_has_any({column}, [{items}])"),
            (Dialect::Duckdb, Operator::HasAll) => format!("list_has_all({column}, [{items}])"),
            (Dialect::Duckdb, _) => format!("list_contains({column}, {items})"),
            (Dialect::Postgres, Operator::HasAny) => format!("{column} && ARRAY[{items}]"),
            (Dialect::Postgres, Operator::HasAll) => format!("{column} @> ARRAY[{items}]"),
            (Dialect::Postgres, _) => format!("ARRAY[{items}] <@ {column}"),
        }
    }
}
