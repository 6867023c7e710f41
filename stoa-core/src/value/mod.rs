//! Floor 1: what a visitor's attributes are, one at a time and in columns.
//!
//! An attribute is a boolean, a number, a string, a timestamp, a list of strings, or missing; JSON `null` and an
//! absent key are both missing. A JSON string stays text here: only a rule knows whether it compares timestamps, and
//! asks [`Timestamp::parse`] then. This module decides no comparison.

pub(crate) mod canonical;
mod chunk;
mod column;
pub(crate) mod document;
mod memory;
mod table;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use chunk::{Chunk, Chunks, Values};
pub use column::Column;
pub use memory::{Bits, Integers, Texts, TimeUnit};
pub use table::{Row, Table};

pub(crate) use chunk::DAY;
pub(crate) use memory::{INLINE, between, each_width, viewed};

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

impl ValueRef<'_> {
    /// The value as a number: booleans are 0 and 1, what is none is NaN.
    pub(crate) fn number(self) -> f64 {
        match self {
            Self::Number(x) => x,
            Self::Boolean(b) => f64::from(u8::from(b)),
            _ => f64::NAN,
        }
    }
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
        serde_json::from_str(text).map_err(|e| not_attributes(&e, text))
    }
}

/// What is wrong with a text that does not hold one visitor's attributes.
pub(crate) fn not_attributes(problem: &dyn std::fmt::Display, text: &str) -> Error {
    let rule = format!("must be one JSON object ({problem})");
    Error::InvalidDocument(Detail::new("attributes", rule, text))
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
