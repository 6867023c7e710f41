//! The type of each attribute of a condition: from the schema, or from the values it is compared with.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{super::schema::AttributeSchema, unsupported};
use crate::{
    error::{Detail, Error, Result},
    value::AttributeType,
};

/// The type an attribute has when it is not missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing in the condition depends on it.
    Any,
    Boolean,
    Number,
    Text,
    Tags,
    /// Text, or a list of texts.
    TextOrTags,
    Timestamp,
}

impl Kind {
    /// The type of every attribute that the condition names.
    pub(super) fn of_all(
        condition: &Value,
        schema: Option<&AttributeSchema>,
    ) -> Result<BTreeMap<String, Self>> {
        let mut kinds = BTreeMap::new();
        let mut problems = Vec::new();
        collect(condition, schema, &mut kinds, &mut problems);
        Error::collect(problems).map_or(Ok(kinds), Err)
    }

    const fn of(kind: AttributeType) -> Self {
        match kind {
            AttributeType::Boolean => Self::Boolean,
            AttributeType::Number => Self::Number,
            AttributeType::String => Self::Text,
            AttributeType::Timestamp => Self::Timestamp,
            AttributeType::StringList => Self::Tags,
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Any => "of any type",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Tags => "a list of strings",
            Self::TextOrTags => "text or a list of strings",
            Self::Timestamp => "a timestamp",
        }
    }

    /// The type that is both.
    fn meet(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, kind)
            | (kind, Self::Any)
            | (Self::TextOrTags, kind @ (Self::Text | Self::Tags))
            | (kind @ (Self::Text | Self::Tags), Self::TextOrTags) => Some(kind),
            (a, b) => (a == b).then_some(a),
        }
    }
}

fn collect(
    condition: &Value,
    schema: Option<&AttributeSchema>,
    kinds: &mut BTreeMap<String, Kind>,
    problems: &mut Vec<Error>,
) {
    let mut pending = vec![condition];
    while let Some(condition) = pending.pop() {
        for (key, value) in condition.as_object().into_iter().flatten() {
            if key.starts_with('$') {
                pending.push(value);
                pending.extend(value.as_array().into_iter().flatten());
            } else if let Err(error) = add(key, value, schema, kinds) {
                problems.push(error.at(key));
            }
        }
    }
}

fn add(
    attr: &str,
    asked: &Value,
    schema: Option<&AttributeSchema>,
    kinds: &mut BTreeMap<String, Kind>,
) -> Result<()> {
    let known = kinds.get(attr).copied().unwrap_or(Kind::Any);
    let kind = match schema {
        None => asked_for(asked)
            .into_iter()
            .try_fold(known, Kind::meet)
            .ok_or_else(|| {
                unsupported("must compare an attribute with values of one type", asked)
            })?,
        Some(schema) => schema
            .get(attr)
            .map(|attribute| Kind::of(attribute.kind))
            .ok_or_else(|| {
                let names = schema.0.keys().map(String::as_str);
                let detail = Detail::new("", "must be an attribute of the schema", attr);
                Error::UnknownName(detail.did_you_mean(attr, names))
            })?,
    };
    kinds.insert(attr.to_owned(), kind);
    Ok(())
}

/// The types that the operands speak of.
fn asked_for(asked: &Value) -> Vec<Kind> {
    let mut found = Vec::new();
    let mut pending = vec![asked];
    while let Some(asked) = pending.pop() {
        let Value::Object(fields) = asked else {
            found.push(of_operand(asked, Kind::Text));
            continue;
        };
        for (op, expected) in fields {
            match op.as_str() {
                "$not" => pending.push(expected),
                "$in" | "$nin" | "$ini" | "$nini" => {
                    let items = expected.as_array().into_iter().flatten();
                    found.extend(items.map(|item| of_operand(item, Kind::TextOrTags)));
                }
                "$all" | "$alli" | "$elemMatch" | "$size" => found.push(Kind::Tags),
                "$regex" | "$regexi" => found.push(Kind::Text),
                "$eq" | "$ne" | "$lt" | "$lte" | "$gt" | "$gte" => {
                    found.push(of_operand(expected, Kind::Text));
                }
                _ => {}
            }
        }
    }
    found
}

const fn of_operand(value: &Value, text: Kind) -> Kind {
    match value {
        Value::Bool(_) => Kind::Boolean,
        Value::Number(_) => Kind::Number,
        Value::String(_) => text,
        Value::Null | Value::Array(_) | Value::Object(_) => Kind::Any,
    }
}
