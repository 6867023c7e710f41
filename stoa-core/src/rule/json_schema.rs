//! The JSON Schemas that are published: what editors, forms and other programs check rules and attributes against.
//!
//! They say what [`shape`] says of names and operands. Lengths in bytes, nesting, the number of conditions and the days
//! of a month are beyond a schema; the reader refuses those.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::{
    ast::{Operator, Rule},
    schema::AttributeSchema,
    shape,
};
use crate::value::document::schema_of;

/// Text that `PostgreSQL` can store.
const TEXT: &str = r"^[^\u0000]*$";
/// Such text that is not blank.
pub(super) const WORDS: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";
/// Such text with at most one placeholder, and no other brace.
pub(super) const PHRASE: &str =
    r"^(?=[^\u0000]*[^\s\u0000])[^{}\u0000]*(\{(n|value)\}[^{}\u0000]*)?$";
/// RFC 3339 in the years 1 to 9999.
const INSTANT: &str = concat!(
    r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]",
    r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
);

/// The JSON Schema of a rule, made from the operators; `docs/rule.schema.json` is its copy.
///
/// # Example
/// ```
/// let schema = stoa_core::rule::json_schema();
/// assert_eq!(schema["oneOf"][0]["required"][0], "all");
/// ```
#[must_use]
pub fn json_schema() -> Value {
    schema_of::<Rule>()
}

/// The JSON Schema of what a store knows about attributes, made from the Rust types; `docs/attributes.schema.json` is its
/// copy.
///
/// # Example
/// ```
/// let schema = stoa_core::rule::attributes_json_schema();
/// assert_eq!(schema["$defs"]["Attribute"]["required"][0], "type");
/// ```
#[must_use]
pub fn attributes_json_schema() -> Value {
    schema_of::<AttributeSchema>()
}

/// An attribute's phrase has a placeholder, or the attribute is boolean.
pub(super) fn spoken() -> Value {
    let placeholder = json!({"pattern": r"\{(n|value)\}"});
    json!([
        {"properties": {"type": {"const": "boolean"}}},
        {"properties": {"phrase": placeholder}},
    ])
}

impl JsonSchema for Rule {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rule = generator.subschema_for::<Self>();
        let many = json!({"type": "array", "items": rule});
        let connectives = [
            closed(&json!({"all": many}), &["all"]),
            closed(&json!({"any": many}), &["any"]),
            closed(&json!({"not": rule}), &["not"]),
            closed(&json!({"segment": name()}), &["segment"]),
        ];
        let shapes: Vec<Value> = connectives.into_iter().chain(comparisons()).collect();
        schemars::json_schema!({
            "description": "A segment rule: all, any, not, segment, or one comparison.",
            "oneOf": shapes,
        })
    }
}

/// One shape for each kind of operand, with the operators that take it.
fn comparisons() -> impl Iterator<Item = Value> {
    let mut shapes: Vec<(Option<Value>, Vec<&str>)> = Vec::new();
    for op in Operator::ALL {
        let operand = operand(op);
        match shapes.iter_mut().find(|(known, _)| *known == operand) {
            Some((_, names)) => names.push(op.name()),
            None => shapes.push((operand, vec![op.name()])),
        }
    }
    shapes.into_iter().map(|(operand, names)| {
        let (attr, op) = (name(), json!({"enum": names}));
        match operand {
            None => closed(&json!({"attr": attr, "op": op}), &["attr", "op"]),
            Some(value) => closed(
                &json!({"attr": attr, "op": op, "value": value}),
                &["attr", "op", "value"],
            ),
        }
    })
}

/// What [`shape::normal`] takes beside an operator; nothing where there is no operand.
fn operand(op: Operator) -> Option<Value> {
    use Operator as Op;
    let boolean = json!({"type": "boolean"});
    let number = json!({"type": "number"});
    let text = json!({"type": "string", "pattern": TEXT});
    let instant = json!({"type": "string", "format": "date-time", "pattern": INSTANT});
    let list = |of: &Value| json!({"type": "array", "items": of, "minItems": 1});
    let pair = |of: &Value| json!({"type": "array", "items": of, "minItems": 2, "maxItems": 2});
    Some(match op {
        Op::IsMissing | Op::IsPresent => return None,
        Op::Eq | Op::Ne => json!({"anyOf": [boolean, number, text]}),
        Op::In | Op::NotIn => json!({"anyOf": [list(&boolean), list(&number), list(&text)]}),
        Op::Lt | Op::Lte | Op::Gt | Op::Gte => json!({"anyOf": [number, instant]}),
        Op::Between => json!({"anyOf": [pair(&number), pair(&instant)]}),
        Op::StartsWith | Op::EndsWith | Op::Contains | Op::Has => text,
        Op::HasAny | Op::HasAll => list(&text),
        Op::WithinDays => {
            json!({"type": "number", "minimum": shape::MIN_DAYS, "maximum": shape::MAX_DAYS})
        }
    })
}

/// An object of these fields and no other.
fn closed(properties: &Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The name of an attribute or a segment.
pub(super) fn name() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": shape::MAX_NAME, "pattern": TEXT})
}
