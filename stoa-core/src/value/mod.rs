//! Floor 1: what a visitor's attributes are, one at a time and in columns.
//!
//! An attribute is a boolean, a number, a string, a timestamp, a list of strings, or missing; JSON `null` and an
//! absent key are both missing. A JSON string stays text here: only a rule knows whether it compares timestamps, and
//! asks [`Timestamp::parse`] then. This module decides no comparison.

pub(crate) mod canonical;
pub(crate) mod document;

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Detail, Error, Result};

/// An instant in UTC at microsecond precision, the finest that every warehouse keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub micros: i64,
}

impl Timestamp {
    /// Reads RFC 3339 text; an offset is converted to UTC and finer digits are cut off.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when the text is no RFC 3339 timestamp.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::Timestamp;
    /// let t = Timestamp::parse("1970-01-01T01:00:00.0000019+01:00")?;
    /// assert_eq!(t.micros, 1);
    /// assert_eq!(t.to_string(), "1970-01-01T00:00:00.000001Z");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = || {
            Error::OutOfRange(Detail::new(
                "timestamp",
                "must be RFC 3339, like 2026-01-31T00:00:00Z",
                text,
            ))
        };
        // jiff also reads forms outside RFC 3339 (a date alone, a zone in brackets); the contract is the RFC.
        let rfc_3339 = text.len() >= 20
            && text.is_ascii()
            && matches!(text.as_bytes()[10], b'T' | b't' | b' ')
            && !text.contains('[');
        if !rfc_3339 {
            return Err(refuse());
        }
        let instant: jiff::Timestamp = text.parse().map_err(|_| refuse())?;
        let micros = instant.as_nanosecond().div_euclid(1_000);
        i64::try_from(micros)
            .map(|micros| Self { micros })
            .map_err(|_| refuse())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.micros) {
            // A precision is passed on: `{:.6}` always writes microseconds.
            Ok(instant) => std::fmt::Display::fmt(&instant, f),
            Err(_) => write!(f, "{}us", self.micros),
        }
    }
}

/// The type an attribute is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// True or false.
    Boolean,
    /// A finite f64.
    Number,
    /// Unicode text.
    String,
    /// RFC 3339, UTC.
    Timestamp,
    /// A list of strings, such as tags.
    StringList,
}

/// One attribute of one visitor, borrowed from wherever it lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Absent or `null`.
    Missing,
    /// True or false.
    Boolean(bool),
    /// A finite number.
    Number(f64),
    /// Text, which may spell a timestamp.
    Text(&'a str),
    /// A timestamp that arrived typed (a column of a table).
    Timestamp(Timestamp),
    /// A list of strings from a JSON document.
    List(&'a [String]),
    /// A list of strings from a table.
    ListRef(&'a [&'a str]),
    /// A value of no type the language has (an object, a list of numbers): every comparison with it is unknown.
    Other,
}

/// One attribute of one visitor, owned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Absent or `null`.
    Missing,
    /// True or false.
    Boolean(bool),
    /// A finite number.
    Number(f64),
    /// Text, which may spell a timestamp.
    Text(String),
    /// A list of strings.
    List(Vec<String>),
    /// Any other JSON; kept so that nothing is lost, unknown to every rule.
    Other(serde_json::Value),
}

impl Value {
    /// The borrowed form that rules compare.
    #[must_use]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Missing => ValueRef::Missing,
            Self::Boolean(value) => ValueRef::Boolean(*value),
            Self::Number(value) => ValueRef::Number(*value),
            Self::Text(value) => ValueRef::Text(value),
            Self::List(value) => ValueRef::List(value),
            Self::Other(_) => ValueRef::Other,
        }
    }
}

/// The flat attributes of one visitor.
///
/// # Example
/// ```
/// use stoa_core::value::{Attributes, ValueRef};
/// let visitor = Attributes::from_json(r#"{"orders_count": 3, "country": null}"#)?;
/// assert_eq!(visitor.get("orders_count"), ValueRef::Number(3.0));
/// assert_eq!(visitor.get("country"), ValueRef::Missing);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub BTreeMap<String, Value>);

impl Attributes {
    /// Reads one flat JSON object.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] when the text is not a JSON object.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|e| {
            Error::InvalidDocument(Detail::new(
                "attributes",
                format!("must be one JSON object ({e})"),
                text,
            ))
        })
    }
}

/// Where a rule finds the attributes of one visitor.
pub trait Source {
    /// The attribute of that name, [`ValueRef::Missing`] when there is none.
    fn get(&self, name: &str) -> ValueRef<'_>;
}

impl Source for Attributes {
    fn get(&self, name: &str) -> ValueRef<'_> {
        self.0.get(name).map_or(ValueRef::Missing, Value::as_ref)
    }
}

impl Attributes {
    /// The attribute of that name, [`ValueRef::Missing`] when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> ValueRef<'_> {
        Source::get(self, name)
    }
}

/// One column of a table, strings borrowed from it; `None` and NaN are missing.
#[derive(Debug, Clone)]
pub enum Column<'a> {
    /// Booleans.
    Boolean(Vec<Option<bool>>),
    /// Numbers; NaN is missing.
    Number(Cow<'a, [f64]>),
    /// Text.
    Text(Vec<Option<&'a str>>),
    /// Instants.
    Timestamp(Vec<Option<Timestamp>>),
    /// Lists of strings.
    List(Vec<Option<Vec<&'a str>>>),
}

impl Column<'_> {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Boolean(rows) => rows.len(),
            Self::Number(rows) => rows.len(),
            Self::Text(rows) => rows.len(),
            Self::Timestamp(rows) => rows.len(),
            Self::List(rows) => rows.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value in `row`, missing past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> ValueRef<'_> {
        match self {
            Self::Boolean(rows) => rows
                .get(row)
                .copied()
                .flatten()
                .map_or(ValueRef::Missing, ValueRef::Boolean),
            Self::Number(rows) => rows
                .get(row)
                .copied()
                .filter(|x| !x.is_nan())
                .map_or(ValueRef::Missing, ValueRef::Number),
            Self::Text(rows) => rows
                .get(row)
                .copied()
                .flatten()
                .map_or(ValueRef::Missing, ValueRef::Text),
            Self::Timestamp(rows) => rows
                .get(row)
                .copied()
                .flatten()
                .map_or(ValueRef::Missing, ValueRef::Timestamp),
            Self::List(rows) => rows
                .get(row)
                .and_then(Option::as_deref)
                .map_or(ValueRef::Missing, ValueRef::ListRef),
        }
    }
}

impl Column<'_> {
    /// The column as numbers: booleans are 0 and 1, missing is NaN.
    ///
    /// # Errors
    /// [`Error::WrongType`], naming the column, for text, timestamps and lists.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::Column;
    /// let visit = Column::Boolean(vec![Some(true), Some(false)]);
    /// assert_eq!(visit.numbers("visit")?[..], [1.0, 0.0]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn numbers(&self, name: &str) -> Result<Cow<'_, [f64]>> {
        let found = match self {
            Self::Number(rows) => return Ok(Cow::Borrowed(rows)),
            Self::Boolean(rows) => {
                let number = |b: &Option<bool>| b.map_or(f64::NAN, |b| f64::from(u8::from(b)));
                return Ok(Cow::Owned(rows.iter().map(number).collect()));
            }
            Self::Text(_) => "text",
            Self::Timestamp(_) => "timestamps",
            Self::List(_) => "lists",
        };
        let detail = Detail::new(name, "must hold numbers or booleans", found);
        Err(Error::WrongType(detail))
    }

    /// The column as text, which ids and names are.
    ///
    /// # Errors
    /// [`Error::WrongType`], naming the column, for anything else: a number is not converted, since 1 and 1.0 would be
    /// two visitors in one language and one in another.
    pub fn texts(&self, name: &str) -> Result<&[Option<&str>]> {
        let found = match self {
            Self::Text(rows) => return Ok(rows),
            Self::Boolean(_) => "booleans",
            Self::Number(_) => "numbers",
            Self::Timestamp(_) => "timestamps",
            Self::List(_) => "lists",
        };
        let detail = Detail::new(name, "must hold text", found);
        Err(Error::WrongType(detail))
    }
}

/// Named columns of equal length: a data frame as the core sees it.
#[derive(Debug, Clone, Default)]
pub struct Table<'a> {
    columns: BTreeMap<String, Column<'a>>,
    n_rows: usize,
}

impl<'a> Table<'a> {
    /// A table of columns.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a column's length differs from the first's.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::{Column, Table};
    /// let table = Table::new([("spend".to_owned(), Column::Number(vec![0.0, 12.5].into()))])?;
    /// assert_eq!(table.n_rows(), 2);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn new(columns: impl IntoIterator<Item = (String, Column<'a>)>) -> Result<Self> {
        let columns: BTreeMap<_, _> = columns.into_iter().collect();
        let n_rows = columns.values().next().map_or(0, Column::len);
        Self::with_rows(columns, n_rows)
    }

    /// A table of `n_rows` rows, also when it has no column: "everyone" still matches every row of it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a column has another length.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::Table;
    /// assert_eq!(Table::with_rows([], 3)?.n_rows(), 3);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn with_rows(
        columns: impl IntoIterator<Item = (String, Column<'a>)>,
        n_rows: usize,
    ) -> Result<Self> {
        let columns: BTreeMap<_, _> = columns.into_iter().collect();
        for (name, column) in &columns {
            if column.len() != n_rows {
                return Err(Error::Conflict(Detail::new(
                    name,
                    format!("must have {n_rows} rows like the rest of the table"),
                    column.len(),
                )));
            }
        }
        Ok(Self { columns, n_rows })
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Names of the columns, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// The column of that name, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.get(name)
    }

    /// The column of that name.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], with a near miss.
    pub fn column(&self, name: &str) -> Result<&Column<'a>> {
        self.get(name).ok_or_else(|| {
            Error::MissingColumn(
                Detail::new(name, "must be a column of the table", "no such column")
                    .did_you_mean(name, self.names()),
            )
        })
    }
}

/// One row of a [`Table`] as a [`Source`] of attributes.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t, 'a> {
    /// The table.
    pub table: &'t Table<'a>,
    /// Index of the row.
    pub row: usize,
}

impl Source for Row<'_, '_> {
    fn get(&self, name: &str) -> ValueRef<'_> {
        self.table
            .get(name)
            .map_or(ValueRef::Missing, |column| column.get(self.row))
    }
}
