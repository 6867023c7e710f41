//! Who a decision is about: attributes, and the segments a cache says the visitor is in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::value::{self, Attributes, ValueRef};

/// Version of the cache document this reader knows.
pub(super) const CACHE_VERSION: ValueRef<'_> = ValueRef::Number(1.0);
/// Before a rule hash in the cache: judged by that rule, the visitor is *not* a member.
const NOT_A_MEMBER: char = '!';

/// One visitor as the runtime sees them; unreadable input is remembered, never an error.
///
/// # Example
/// ```
/// use stoa_core::assign::Visitor;
/// let flat = Visitor::from_json(r#"{"orders_count": 3}"#);
/// let cached = Visitor::from_json(r#"{"v": 1, "a": {"orders_count": 3}, "s": {}}"#);
/// assert_eq!(flat, cached);
/// assert!(Visitor::from_json("[1, 2").unreadable().is_some());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Visitor {
    attributes: Attributes,
    segments: BTreeMap<String, String>,
    unreadable: Option<String>,
}

impl Visitor {
    /// A visitor of known attributes, without cached segments.
    #[must_use]
    pub fn new(attributes: Attributes) -> Self {
        Self {
            attributes,
            ..Self::default()
        }
    }

    /// Reads one flat JSON object of attributes, or the cache document `{"v": 1, "a": {…}, "s": {…}}`, which is told
    /// apart by its object `a` (no attribute is an object). Never fails: see [`Visitor::unreadable`].
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(document) => Self::from_value(document),
            Err(e) => Self::bad(format!("attributes must be one JSON object ({e})")),
        }
    }

    /// [`Visitor::from_json`] of bytes straight from a cache; invalid UTF-8 is unreadable too.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Self {
        match serde_json::from_slice(bytes) {
            Ok(document) => Self::from_value(document),
            Err(e) => Self::bad(format!("attributes must be one JSON object ({e})")),
        }
    }

    /// [`Visitor::from_json`] of a document that is parsed already; `null` is a visitor nothing is known about.
    #[must_use]
    pub fn from_value(document: Value) -> Self {
        match document {
            Value::Null => Self::default(),
            Value::Object(object) if object.get("a").is_some_and(Value::is_object) => {
                Self::from_cache(object).unwrap_or_else(Self::bad)
            }
            Value::Object(object) => Self::new(attributes(object)),
            other => Self::bad(format!("attributes must be one JSON object, got {other}")),
        }
    }

    /// The same visitor with cached memberships: segment key → hash of the rule that judged it, after `!` when the
    /// visitor is not a member. A segment that is absent was not judged, so its membership is unknown.
    #[must_use]
    pub fn with_segments(mut self, segments: BTreeMap<String, String>) -> Self {
        self.segments = segments;
        self
    }

    /// The attributes; none when they were unreadable.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// What was wrong with the input, if anything.
    #[must_use]
    pub fn unreadable(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    /// The cached answer to "is the visitor in `segment`", known only if today's rule gave it.
    pub(super) fn judged(&self, segment: &str, rule_hash: &str) -> Option<bool> {
        judged(self.segments.get(segment)?, rule_hash)
    }

    /// The value of the cache contract `assignable_attributes` (DESIGN §5); fields of a later version are ignored.
    fn from_cache(mut document: Map<String, Value>) -> Result<Self, String> {
        let version = document.get("v").and_then(Value::as_f64);
        if version.map(ValueRef::Number) != Some(CACHE_VERSION) {
            return Err("v must be 1".to_owned());
        }
        let Some(Value::Object(object)) = document.remove("a") else {
            return Err("a must be an object of attributes".to_owned());
        };
        let segments = match document.remove("s") {
            None => BTreeMap::new(),
            Some(segments) => serde_json::from_value(segments)
                .map_err(|e| format!("s must map segments to rule hashes ({e})"))?,
        };
        Ok(Self::new(attributes(object)).with_segments(segments))
    }

    fn bad(problem: String) -> Self {
        Self {
            unreadable: Some(problem),
            ..Self::default()
        }
    }
}

/// What a cached entry says of a membership, if the rule of that hash judged it.
pub(super) fn judged(entry: &str, rule_hash: &str) -> Option<bool> {
    match entry.strip_prefix(NOT_A_MEMBER) {
        Some(hash) => (hash == rule_hash).then_some(false),
        None => (entry == rule_hash).then_some(true),
    }
}

fn attributes(object: Map<String, Value>) -> Attributes {
    Attributes(object.into_iter().map(|(k, v)| (k, attribute(v))).collect())
}

/// As reading the value by serde would, without trying one type after the other.
fn attribute(json: Value) -> value::Value {
    match json {
        Value::Null => value::Value::Missing,
        Value::Bool(truth) => value::Value::Boolean(truth),
        Value::Number(number) => match number.as_f64() {
            Some(x) => value::Value::Number(x),
            None => value::Value::Other(Value::Number(number)),
        },
        Value::String(text) => value::Value::Text(text),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let texts = items.into_iter().filter_map(|item| match item {
                Value::String(text) => Some(text),
                _ => None,
            });
            value::Value::List(texts.collect())
        }
        other => value::Value::Other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_documents_are_read() {
        let cached =
            Visitor::from_json(r#"{"v":1,"a":{"n":1},"s":{"vip":"h1","b2b":"!h2"},"z":0}"#);
        assert_eq!(cached.unreadable(), None);
        assert_eq!(cached.judged("vip", "h1"), Some(true));
        assert_eq!(cached.judged("vip", "h9"), None);
        assert_eq!(cached.judged("b2b", "h2"), Some(false));
        assert_eq!(cached.judged("b2b", "h9"), None);
        assert_eq!(cached.judged("new", "h1"), None);
        // An attribute called `a` is no cache document unless it is an object.
        assert_eq!(Visitor::from_json(r#"{"a": 1, "v": 2}"#).unreadable(), None);
    }

    #[test]
    fn attributes_are_read_as_serde_reads_them() {
        let text = r#"{"a": null, "b": true, "c": -0.5, "d": "x", "e": ["y", "z"], "f": [], "g": [1], "h": {"i": 1}}"#;
        let visitor = Visitor::from_json(text);
        assert_eq!(
            Attributes::from_json(text).as_ref(),
            Ok(visitor.attributes())
        );
    }

    #[test]
    fn bad_input_is_remembered() {
        for text in [
            "",
            "[]",
            "3",
            r#"{"a": {}}"#,
            r#"{"v": 2, "a": {}}"#,
            r#"{"v": 1, "a": {}, "s": {"vip": 1}}"#,
            r#"{"n": 1e999}"#,
        ] {
            assert!(Visitor::from_json(text).unreadable().is_some(), "{text}");
        }
        assert!(
            Visitor::from_slice(b"{\"n\": \"\xff\"}")
                .unreadable()
                .is_some()
        );
        assert_eq!(Visitor::from_json("null"), Visitor::default());
    }
}
