//! Rules of an allocation as rules of segments: both where they are true, and where they are not.
//!
//! A condition on one attribute is written as `GrowthBook` would write it and read as that is, so what a missing value
//! and a negation mean is decided in one place. Every condition of Eppo's but `IS_NULL` is false for a missing value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::gather::unsupported;
use crate::{
    error::{Detail, Error, Result},
    rule::{Attribute, AttributeSchema, Rule},
    value::AttributeType,
};

const OPERATORS: [&str; 9] = [
    "MATCHES",
    "NOT_MATCHES",
    "GTE",
    "GT",
    "LTE",
    "LT",
    "ONE_OF",
    "NOT_ONE_OF",
    "IS_NULL",
];

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["conditions"]))]
pub(super) struct EppoRule {
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["attribute", "operator", "value"]))]
struct Condition {
    attribute: String,
    operator: String,
    value: Value,
}

/// Whom an allocation is for; everyone when there is no rule.
pub(super) struct Targeted {
    pub(super) yes: Option<Rule>,
    pub(super) no: Option<Rule>,
    /// Whether a condition reads the subject's own key.
    pub(super) reads_id: bool,
}

/// # Errors
/// [`Error::Unsupported`] and [`Error::UnknownName`] with the path of the condition.
pub(super) fn read(rules: &[EppoRule], schema: Option<&AttributeSchema>) -> Result<Targeted> {
    let all = || rules.iter().flat_map(|rule| &rule.conditions);
    let schema = schema.map_or_else(|| inferred(all()), |schema| Ok(schema.clone()))?;
    let (mut yes, mut no, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (i, rule) in rules.iter().enumerate() {
        let (mut each, mut none) = (Vec::new(), Vec::new());
        for (k, condition) in rule.conditions.iter().enumerate() {
            match condition.read(&schema) {
                Ok((holds, fails)) => {
                    each.push(holds);
                    none.push(fails);
                }
                Err(error) => errors.push(error.at(&format!("rules[{i}].conditions[{k}]"))),
            }
        }
        yes.push(Rule::All(each));
        no.push(Rule::Any(none));
    }
    if let Some(error) = Error::collect(errors) {
        return Err(error);
    }
    let some = !rules.is_empty();
    Ok(Targeted {
        yes: some.then(|| Rule::Any(yes).canonical()),
        no: some.then(|| Rule::All(no).canonical()),
        reads_id: all().any(|c| c.attribute == "id"),
    })
}

/// The type of each attribute, from what it is compared with.
fn inferred<'c>(
    conditions: impl Iterator<Item = &'c Condition> + Clone,
) -> Result<AttributeSchema> {
    let mut kinds: BTreeMap<&str, AttributeType> = BTreeMap::new();
    let mut errors = Vec::new();
    for condition in conditions.clone() {
        let Some(kind) = condition.kind() else {
            continue;
        };
        let known = *kinds.entry(&condition.attribute).or_insert(kind);
        if known != kind {
            errors.push(untyped(condition));
        }
    }
    let unsure = |c: &&Condition| c.is_ambiguous() && !kinds.contains_key(c.attribute.as_str());
    errors.extend(conditions.clone().filter(unsure).map(untyped));
    if let Some(error) = Error::collect(errors) {
        return Err(error);
    }
    let all = conditions.map(|c| {
        // Whether something is there does not depend on its type.
        let kind = kinds.get(c.attribute.as_str()).copied();
        let attribute = Attribute {
            kind: kind.unwrap_or(AttributeType::String),
            label: None,
            phrase: None,
            assignable: true,
            column: None,
        };
        (c.attribute.clone(), attribute)
    });
    Ok(AttributeSchema(all.collect()))
}

fn untyped(condition: &Condition) -> Error {
    let rule = "must be of one type, which these values do not tell: give a schema";
    unsupported(
        "rules",
        rule,
        format!("{} {}", condition.attribute, condition.value),
    )
}

impl Condition {
    /// The type that its value speaks of.
    fn kind(&self) -> Option<AttributeType> {
        match &*self.operator {
            "GTE" | "GT" | "LTE" | "LT" => Some(AttributeType::Number),
            "MATCHES" | "NOT_MATCHES" => Some(AttributeType::String),
            "ONE_OF" | "NOT_ONE_OF" if !self.is_ambiguous() => Some(AttributeType::String),
            _ => None,
        }
    }

    /// Whether its texts may stand for numbers or booleans, which Eppo writes as text before it compares.
    fn is_ambiguous(&self) -> bool {
        let other = |text: &str| number(text).is_some() || boolean(text).is_some();
        let texts = self.value.as_array().into_iter().flatten();
        self.operator.ends_with("ONE_OF") && texts.filter_map(Value::as_str).any(other)
    }

    /// Where it holds, and where it does not.
    fn read(&self, schema: &AttributeSchema) -> Result<(Rule, Rule)> {
        let attribute = schema.get(&self.attribute).ok_or_else(|| {
            let detail = Detail::new(
                "attribute",
                "must be an attribute of the schema",
                &self.attribute,
            );
            let names = schema.0.keys().map(String::as_str);
            Error::UnknownName(detail.did_you_mean(&self.attribute, names))
        })?;
        let asked = json!({ self.attribute.as_str(): self.asked(attribute.kind)? });
        let rule = |condition: &Value| {
            Rule::from_growthbook_value(condition, Some(schema)).map_err(|error| {
                let detail = error.detail().cloned().unwrap_or_default();
                unsupported("value", detail.rule, detail.value)
            })
        };
        Ok((rule(&asked)?, rule(&json!({ "$not": asked }))?))
    }

    /// What it asks of an attribute of that type.
    fn asked(&self, kind: AttributeType) -> Result<Value> {
        let order = |op: &str| match &self.value {
            Value::Number(number) if kind == AttributeType::Number => {
                Ok(json!({ op: number, "$exists": true }))
            }
            other => {
                let rule = "must be a number, compared with an attribute that is one: versions and text have no order here";
                Err(unsupported("value", rule, other))
            }
        };
        let texts = || self.texts(kind);
        match &*self.operator {
            "GTE" => order("$gte"),
            "GT" => order("$gt"),
            "LTE" => order("$lte"),
            "LT" => order("$lt"),
            "ONE_OF" => Ok(json!({ "$in": texts()?, "$exists": true })),
            "NOT_ONE_OF" => Ok(json!({ "$nin": texts()?, "$exists": true })),
            "MATCHES" => Ok(json!({ "$regex": self.value, "$exists": true })),
            "NOT_MATCHES" => Ok(json!({ "$not": { "$regex": self.value }, "$exists": true })),
            "IS_NULL" => match &self.value {
                Value::Bool(null) => Ok(json!({ "$exists": !null })),
                other => Err(Error::WrongType(Detail::new(
                    "value",
                    "must be a boolean",
                    other,
                ))),
            },
            other => {
                let detail = Detail::new("operator", "must be a condition's operator", other);
                Err(Error::UnknownOperator(
                    detail.did_you_mean(other, OPERATORS),
                ))
            }
        }
    }

    /// The values of that type whose text is listed; the others equal nothing.
    fn texts(&self, kind: AttributeType) -> Result<Vec<Value>> {
        let list = self.value.as_array().ok_or_else(|| {
            Error::WrongType(Detail::new(
                "value",
                "must be a list of strings",
                &self.value,
            ))
        })?;
        let mut values = Vec::new();
        for item in list {
            let text = item.as_str().ok_or_else(|| {
                Error::WrongType(Detail::new("value", "must be a list of strings", item))
            })?;
            match kind {
                AttributeType::String => values.push(json!(text)),
                AttributeType::Number => values.extend(number(text).map(|x| json!(x))),
                AttributeType::Boolean => values.extend(boolean(text).map(|x| json!(x))),
                AttributeType::Timestamp | AttributeType::StringList => {
                    let rule = "must be compared with text, a number or a boolean";
                    return Err(unsupported("attribute", rule, &self.attribute));
                }
            }
        }
        Ok(values)
    }
}

/// The number that JavaScript writes as this text, where both write numbers alike.
fn number(text: &str) -> Option<f64> {
    let x: f64 = text.parse().ok()?;
    let plain = x.to_bits() == 0 || (1e-6..1e21).contains(&x.abs());
    (plain && x.to_string() == text).then_some(x)
}

fn boolean(text: &str) -> Option<bool> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbers_as_javascript_writes_them() {
        for (text, found) in [
            ("0", Some(0.0)),
            ("-1.5", Some(-1.5)),
            ("123456789012", Some(123_456_789_012.0)),
        ] {
            assert_eq!(number(text), found, "{text}");
        }
        for text in [
            "",
            "1.0",
            "+1",
            "01",
            "-0",
            "1e3",
            "1e21",
            "0.0000001",
            "NaN",
            "inf",
            " 1",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!((boolean("true"), boolean("True")), (Some(true), None));
    }
}
