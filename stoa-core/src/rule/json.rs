//! Rules as JSON: strict in, canonical out.
//!
//! Canonical JSON is RFC 8785: no spaces, keys sorted, numbers as ECMAScript prints them, so `3`, `3.0` and `3e0` are
//! one rule with one hash in every language.

use std::fmt::Write;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    ast::{Literal, Operator, Rule},
    shape::{self, Meter},
};
use crate::{
    error::{Detail, Error, Result},
    value::document,
};

const CONNECTIVES: [&str; 4] = ["all", "any", "not", "segment"];
const COMPARISON: [&str; 3] = ["attr", "op", "value"];
/// A document with more problems than this is not read by a person; the rest are left out.
const MAX_PROBLEMS: usize = 100;

impl Rule {
    /// Reads a rule from JSON text, strictly; all problems are returned at once.
    ///
    /// # Errors
    /// [`Error::TooLarge`] over 1,000,000 bytes, 48 levels or 10,000 conditions; [`Error::InvalidDocument`] for text
    /// that is no JSON; [`Error::Duplicate`] for a field written twice; otherwise those of [`Rule::from_value`].
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let rule = Rule::from_json(r#"{"attr": "orders_count", "op": "gte", "value": 2}"#)?;
    /// assert_eq!(rule.describe(None), "orders_count is at least 2");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self> {
        let parse = || document::read_json(text).map_err(|e| not_json(&e, text))?;
        shape::check_size(text)
            .and_then(|()| parse())
            .and_then(|value| Self::part_from_value(&value))
            .map_err(shape::rooted)
    }

    /// Reads a rule from a JSON value, strictly; all problems are returned at once, each with its path.
    ///
    /// # Errors
    /// [`Error::UnknownOperator`], [`Error::UnknownField`], [`Error::MissingField`], [`Error::WrongType`],
    /// [`Error::OutOfRange`], [`Error::NotFinite`], [`Error::Conflict`] (`all` beside `any`), [`Error::TooLarge`].
    pub fn from_value(value: &Value) -> Result<Self> {
        Self::part_from_value(value).map_err(shape::rooted)
    }

    /// [`Rule::from_value`] of a part of another document, whose field names the whole.
    pub(crate) fn part_from_value(value: &Value) -> Result<Self> {
        // A value built by hand has the limit that text has.
        shape::check_size(&value.to_string())?;
        read(value, 1, &mut Meter::default())
    }

    /// The rule as a JSON value; whole numbers are integers.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::All(children) => object([("all", children.iter().map(Self::to_value).collect())]),
            Self::Any(children) => object([("any", children.iter().map(Self::to_value).collect())]),
            Self::Not(child) => object([("not", child.to_value())]),
            Self::Segment(key) => object([("segment", Value::from(key.as_str()))]),
            Self::Compare { attr, op, value } => {
                let mut entries = vec![
                    ("attr", Value::from(attr.as_str())),
                    ("op", Value::from(op.name())),
                ];
                if *value != Literal::None {
                    entries.push(("value", literal_value(value)));
                }
                object(entries)
            }
        }
    }

    /// Canonical JSON (RFC 8785).
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let rule = Rule::from_json(r#"{"value": 3.0, "op": "eq", "attr": "orders"}"#)?;
    /// assert_eq!(rule.to_json(), r#"{"attr":"orders","op":"eq","value":3}"#);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write_rule(self, &mut out);
        out
    }

    /// SHA-256 of the canonical JSON in lower-case hex: two rules that read alike have one hash.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let a = Rule::from_json(r#"{"attr": "n", "op": "eq", "value": 3.0}"#)?;
    /// assert_eq!(a.hash(), Rule::parse_sql("n = 3")?.hash());
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn hash(&self) -> String {
        Sha256::digest(self.to_json())
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                // Writing to a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

fn not_json(error: &serde_json::Error, text: &str) -> Error {
    let reason = error.to_string();
    if reason.starts_with("recursion limit") {
        return Error::TooLarge(Detail::new(
            "",
            format!("must nest at most {} deep", shape::MAX_DEPTH),
            "more",
        ));
    }
    if reason.starts_with("number out of range") {
        return Error::NotFinite(Detail::new("", format!("must be finite ({reason})"), text));
    }
    Error::InvalidDocument(Detail::new("", format!("must be JSON ({reason})"), text))
}

fn read(value: &Value, depth: usize, meter: &mut Meter) -> Result<Rule> {
    meter.enter(depth)?;
    let Value::Object(fields) = value else {
        return Err(wrong_type("", "must be an object", value));
    };
    let connective = CONNECTIVES.into_iter().find(|k| fields.contains_key(*k));
    match connective {
        None => read_comparison(fields),
        Some(key) => {
            refuse_beside(fields, key)?;
            read_connective(key, &fields[key], depth, meter)
        }
    }
}

/// A connective stands alone in its object.
fn refuse_beside(fields: &Map<String, Value>, key: &str) -> Result<()> {
    let problems = fields
        .iter()
        .filter(|(other, _)| *other != key)
        .map(|(other, found)| {
            let detail = Detail::new(other, format!("must not stand beside `{key}`"), found);
            if CONNECTIVES.contains(&other.as_str()) || COMPARISON.contains(&other.as_str()) {
                Error::Conflict(detail)
            } else {
                Error::UnknownField(detail)
            }
        })
        .take(MAX_PROBLEMS)
        .collect();
    Error::collect(problems).map_or(Ok(()), Err)
}

fn read_connective(key: &str, value: &Value, depth: usize, meter: &mut Meter) -> Result<Rule> {
    match (key, value) {
        ("not", child) => read(child, depth + 1, meter)
            .map(|rule| Rule::Not(Box::new(rule)))
            .map_err(|e| e.at("not")),
        ("segment", Value::String(name)) => shape::check_name(name)
            .map(|()| Rule::Segment(name.clone()))
            .map_err(|_| {
                Error::OutOfRange(Detail::new("segment", "must be the key of a segment", name))
            }),
        ("segment", other) => Err(wrong_type("segment", "must be the key of a segment", other)),
        (_, Value::Array(items)) => {
            let children = read_children(key, items, depth, meter)?;
            Ok(if key == "all" {
                Rule::All(children)
            } else {
                Rule::Any(children)
            })
        }
        (_, other) => Err(wrong_type(key, "must be a list of rules", other)),
    }
}

fn read_children(key: &str, items: &[Value], depth: usize, meter: &mut Meter) -> Result<Vec<Rule>> {
    let mut children = Vec::with_capacity(items.len().min(shape::MAX_NODES));
    let mut problems = Vec::new();
    for (i, item) in items.iter().enumerate() {
        match read(item, depth + 1, meter) {
            Ok(child) => children.push(child),
            Err(error) => {
                let stop =
                    matches!(error, Error::TooLarge(_)) || problems.len() + 1 >= MAX_PROBLEMS;
                problems.push(error.at(&format!("{key}[{i}]")));
                if stop {
                    break;
                }
            }
        }
    }
    Error::collect(problems).map_or(Ok(children), Err)
}

fn read_comparison(fields: &Map<String, Value>) -> Result<Rule> {
    let mut problems: Vec<Error> = fields
        .iter()
        .filter(|(key, _)| !COMPARISON.contains(&key.as_str()))
        .take(MAX_PROBLEMS)
        .map(|(key, found)| {
            let known = COMPARISON.into_iter().chain(CONNECTIVES);
            Error::UnknownField(
                Detail::new(key, "is not a field of a rule", found).did_you_mean(key, known),
            )
        })
        .collect();
    let mut keep = |problem: Error| problems.push(problem);
    let attr = text_field(fields, "attr")
        .and_then(|name| shape::check_name(name).map(|()| name.to_owned()))
        .map_err(&mut keep)
        .ok();
    let op = text_field(fields, "op")
        .and_then(Operator::from_name)
        .map_err(&mut keep)
        .ok();
    let value = op.and_then(|op| {
        read_literal(fields.get("value"))
            .and_then(|literal| shape::normal(op, &literal))
            .map_err(&mut keep)
            .ok()
    });
    match (attr, op, value) {
        (Some(attr), Some(op), Some(value)) if problems.is_empty() => {
            Ok(Rule::Compare { attr, op, value })
        }
        _ => Err(Error::collect(problems).unwrap_or_else(|| missing("attr"))),
    }
}

fn text_field<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<&'a str> {
    match fields.get(key) {
        Some(Value::String(text)) => Ok(text),
        Some(other) => Err(wrong_type(key, "must be text", other)),
        None => Err(missing(key)),
    }
}

fn missing(key: &str) -> Error {
    Error::MissingField(Detail::new(key, "is required", "nothing"))
}

fn wrong_type(field: &str, rule: &str, found: &Value) -> Error {
    // A document may be huge; only its beginning is ever shown.
    let shown = match found {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(fields) => format!("an object with {} fields", fields.len()),
        scalar => scalar.to_string(),
    };
    Error::WrongType(Detail::new(field, rule, shown))
}

fn read_literal(value: Option<&Value>) -> Result<Literal> {
    Ok(match value {
        None => Literal::None,
        Some(Value::Array(items)) => Literal::List(
            items
                .iter()
                .enumerate()
                .map(|(i, item)| read_scalar(item, &format!("value[{i}]")))
                .collect::<Result<_>>()?,
        ),
        Some(scalar) => read_scalar(scalar, "value")?,
    })
}

fn read_scalar(value: &Value, field: &str) -> Result<Literal> {
    match value {
        Value::Bool(b) => Ok(Literal::Boolean(*b)),
        Value::String(text) => Ok(Literal::Text(text.clone())),
        Value::Number(n) => n.as_f64().filter(|x| x.is_finite()).map_or_else(
            || Err(Error::NotFinite(Detail::new(field, "must be finite", n))),
            |x| Ok(Literal::Number(x)),
        ),
        other => Err(wrong_type(
            field,
            "must be a boolean, a number, text or a list of them",
            other,
        )),
    }
}

fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(k, v)| (k.to_owned(), v));
    Value::Object(entries.collect())
}

pub(super) fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::None => Value::Null,
        Literal::Boolean(b) => Value::from(*b),
        Literal::Number(x) => number_value(*x),
        Literal::Text(text) => Value::from(text.as_str()),
        Literal::List(items) => items.iter().map(literal_value).collect(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
pub(super) fn number_value(x: f64) -> Value {
    if x.fract() == 0.0 && x.abs() < 9_007_199_254_740_992.0 {
        Value::from(x as i64)
    } else {
        Value::from(x)
    }
}

fn write_rule(rule: &Rule, out: &mut String) {
    let (key, children) = match rule {
        Rule::All(children) => ("all", children.as_slice()),
        Rule::Any(children) => ("any", children.as_slice()),
        Rule::Not(child) => {
            out.push_str("{\"not\":");
            write_rule(child, out);
            return out.push('}');
        }
        Rule::Segment(name) => {
            out.push_str("{\"segment\":");
            write_text(name, out);
            return out.push('}');
        }
        Rule::Compare { attr, op, value } => {
            out.push_str("{\"attr\":");
            write_text(attr, out);
            out.push_str(",\"op\":");
            write_text(op.name(), out);
            if *value != Literal::None {
                out.push_str(",\"value\":");
                write_literal(value, out);
            }
            return out.push('}');
        }
    };
    out.push_str("{\"");
    out.push_str(key);
    out.push_str("\":[");
    for (i, child) in children.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_rule(child, out);
    }
    out.push_str("]}");
}

fn write_literal(literal: &Literal, out: &mut String) {
    match literal {
        Literal::None => out.push_str("null"),
        Literal::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Literal::Number(x) => out.push_str(&ecmascript(*x)),
        Literal::Text(text) => write_text(text, out),
        Literal::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_literal(item, out);
            }
            out.push(']');
        }
    }
}

/// JSON text; `serde_json` escapes exactly what RFC 8785 asks.
fn write_text(text: &str, out: &mut String) {
    out.push_str(&Value::from(text).to_string());
}

/// A number as ECMAScript's `Number::toString` prints it (RFC 8785 §3.2.2.3).
fn ecmascript(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    if !x.is_finite() {
        return "null".to_owned();
    }
    let scientific = format!("{:e}", x.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let unsigned = if (count..=21).contains(&point) {
        format!("{digits}{}", zeros(point - count))
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{whole}.{fraction}")
    } else if (-5..=0).contains(&point) {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let sign = if point > 0 { '+' } else { '-' };
        format!("{mantissa}e{sign}{}", (point - 1).abs())
    };
    if x < 0.0 {
        format!("-{unsigned}")
    } else {
        unsigned
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rule {
    /// As strict as [`Rule::from_value`], whose codes are lost in serde's error; prefer it where codes matter.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(&value).map_err(D::Error::custom)
    }
}
