//! What a store says about its visitors' attributes: types, words, and whether the storefront has them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ast::{Literal, Operator, Rule},
    json_schema, shape, words,
};
use crate::{
    error::{Detail, Error, Result},
    value::{AttributeType, document},
};

/// One attribute of the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = json_schema::spoken()))]
pub struct Attribute {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// What a person calls it: `orders`; the name when absent.
    #[schemars(extend("pattern" = json_schema::WORDS))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A clause about a visitor with `{n}` or `{value}` where the operand goes: `bought at least {n} times`,
    /// `lives in {value}`; of a boolean also without a placeholder, what `true` means: `is a member`.
    #[schemars(extend("pattern" = json_schema::PHRASE))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
    /// Is it in the storefront's cache when a visitor is assigned?
    #[serde(default)]
    pub assignable: bool,
    /// The column that holds it in SQL; the name when absent.
    #[schemars(extend("pattern" = json_schema::WORDS))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// The attributes a store knows, by name.
///
/// # Example
/// ```
/// use stoa_core::rule::{AttributeSchema, Rule};
/// let schema = AttributeSchema::from_json(r#"{"orders_count": {"type": "number"}}"#)?;
/// let error = Rule::parse_sql("order_count >= 2")?.check(&schema).unwrap_err();
/// assert_eq!(error.code(), "unknown_name");
/// assert!(error.to_string().ends_with("did you mean `orders_count`?"));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(
    description = "The attributes a store knows, by name.",
    extend("propertyNames" = json_schema::name())
)]
pub struct AttributeSchema(pub BTreeMap<String, Attribute>);

impl AttributeSchema {
    /// Reads a schema from JSON text, strictly.
    ///
    /// # Errors
    /// [`Error::InvalidDocument`] for text that is no JSON; [`Error::Duplicate`] for a field written twice; otherwise
    /// those of [`AttributeSchema::from_value`].
    pub fn from_json(text: &str) -> Result<Self> {
        let value = document::read_json(text).map_err(|e| {
            Error::InvalidDocument(Detail::new("schema", format!("must be JSON ({e})"), text))
        })??;
        Self::from_value(&value)
    }

    /// Reads a schema from a JSON value, strictly; all problems are returned at once.
    ///
    /// # Errors
    /// [`Error::UnknownField`], [`Error::MissingField`], [`Error::WrongType`], [`Error::OutOfRange`].
    pub fn from_value(value: &Value) -> Result<Self> {
        let Value::Object(entries) = value else {
            return Err(Error::WrongType(Detail::new(
                "schema",
                "must be an object of attributes by name",
                value,
            )));
        };
        let mut schema = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, found) in entries {
            match shape::check_name(name).and_then(|()| read_attribute(found)) {
                Ok(attribute) => {
                    schema.insert(name.clone(), attribute);
                }
                Err(error) => problems.push(error.at(name)),
            }
        }
        Error::collect(problems).map_or(Ok(Self(schema)), Err)
    }

    /// The attribute of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.0.get(name)
    }

    /// The rule's attributes that the storefront does not have when it assigns, sorted: none means *targetable*.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::{AttributeSchema, Rule};
    /// let schema = AttributeSchema::from_json(r#"{"country": {"type": "string", "assignable": true}}"#)?;
    /// let rule = Rule::parse_sql("country = 'CA' AND lifetime_value > 100")?;
    /// assert_eq!(schema.missing_for(&rule), ["lifetime_value"]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn missing_for(&self, rule: &Rule) -> Vec<String> {
        let mut names = rule.attributes();
        names.retain(|name| !self.get(name).is_some_and(|a| a.assignable));
        names
    }
}

const TYPES: [&str; 5] = ["boolean", "number", "string", "timestamp", "string_list"];
const FIELDS: [&str; 5] = ["type", "label", "phrase", "assignable", "column"];

fn read_attribute(value: &Value) -> Result<Attribute> {
    let Value::Object(fields) = value else {
        return Err(Error::WrongType(Detail::new(
            "",
            "must be an object like {\"type\": \"number\"}",
            value,
        )));
    };
    let mut problems: Vec<Error> = fields
        .iter()
        .filter(|(key, _)| !FIELDS.contains(&key.as_str()))
        .map(|(key, found)| {
            Error::UnknownField(
                Detail::new(key, "is not a field of an attribute", found).did_you_mean(key, FIELDS),
            )
        })
        .collect();
    match fields.get("type") {
        None => problems.push(Error::MissingField(Detail::new(
            "type",
            "is required",
            "nothing",
        ))),
        Some(Value::String(name)) if TYPES.contains(&name.as_str()) => {}
        Some(found) => problems.push(Error::OutOfRange(
            Detail::new(
                "type",
                format!("must be one of {}", TYPES.join(", ")),
                found,
            )
            .did_you_mean(found.as_str().unwrap_or_default(), TYPES),
        )),
    }
    for key in ["label", "phrase", "column"] {
        match fields.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.contains('\0') => {
                let rule = "must not hold a NUL character";
                problems.push(Error::OutOfRange(Detail::new(key, rule, text)));
            }
            Some(Value::String(text)) if !text.trim().is_empty() => {}
            Some(found) => problems.push(Error::WrongType(Detail::new(
                key,
                "must be text, not empty",
                found,
            ))),
        }
    }
    if let Some(found) = fields.get("assignable").filter(|v| !v.is_boolean()) {
        problems.push(Error::WrongType(Detail::new(
            "assignable",
            "must be true or false",
            found,
        )));
    }
    if let Some(error) = Error::collect(problems) {
        return Err(error);
    }
    let attribute: Attribute = serde_json::from_value(value.clone())
        .map_err(|e| Error::InvalidDocument(Detail::new("", e.to_string(), value)))?;
    check_phrase(&attribute).map(|()| attribute)
}

fn check_phrase(attribute: &Attribute) -> Result<()> {
    let Some(phrase) = &attribute.phrase else {
        return Ok(());
    };
    if words::is_phrase(phrase, attribute.kind) {
        return Ok(());
    }
    let rule = "must hold {n} or {value} once, where the operand goes, and no other brace; \
                of a boolean it may hold none";
    Err(Error::OutOfRange(Detail::new("phrase", rule, phrase)))
}

impl Rule {
    /// Checks every comparison against the schema: known attribute, operator of its type, operand of its type.
    ///
    /// # Errors
    /// All problems at once, each with its path: [`Error::UnknownName`] for an attribute the schema does not have (with
    /// a near miss), [`Error::WrongType`] otherwise.
    pub fn check(&self, schema: &AttributeSchema) -> Result<()> {
        let mut problems = Vec::new();
        self.check_into(schema, "", &mut problems);
        Error::collect(problems).map_or(Ok(()), Err)
    }

    fn check_into(&self, schema: &AttributeSchema, path: &str, problems: &mut Vec<Error>) {
        let join = |step: &str| match path {
            "" => step.to_owned(),
            path => format!("{path}.{step}"),
        };
        match self {
            Self::All(children) | Self::Any(children) => {
                let key = if matches!(self, Self::All(_)) {
                    "all"
                } else {
                    "any"
                };
                for (i, child) in children.iter().enumerate() {
                    child.check_into(schema, &join(&format!("{key}[{i}]")), problems);
                }
            }
            Self::Not(child) => child.check_into(schema, &join("not"), problems),
            Self::Segment(_) => {}
            Self::Compare { attr, op, value } => {
                if let Err(error) = check_comparison(schema, attr, *op, value) {
                    problems.push(if path.is_empty() {
                        error
                    } else {
                        error.at(path)
                    });
                }
            }
        }
    }
}

fn check_comparison(
    schema: &AttributeSchema,
    attr: &str,
    op: Operator,
    value: &Literal,
) -> Result<()> {
    let Some(attribute) = schema.get(attr) else {
        let known = schema.0.keys().map(String::as_str);
        return Err(Error::UnknownName(
            Detail::new("attr", "must be an attribute of the schema", attr)
                .did_you_mean(attr, known),
        ));
    };
    let kind = attribute.kind;
    let allowed = operators(kind);
    if !allowed.contains(&op) {
        let names: Vec<&str> = allowed.iter().map(|op| op.name()).collect();
        return Err(Error::WrongType(Detail::new(
            "op",
            format!(
                "must suit `{attr}`, which is {}: {}",
                type_words(kind),
                names.join(", ")
            ),
            op.name(),
        )));
    }
    let first = match value {
        Literal::List(items) => items.first().unwrap_or(&Literal::None),
        one => one,
    };
    let fits = match kind {
        _ if *first == Literal::None || op == Operator::WithinDays => true,
        AttributeType::Boolean => matches!(first, Literal::Boolean(_)),
        AttributeType::Number => matches!(first, Literal::Number(_)),
        AttributeType::String | AttributeType::Timestamp | AttributeType::StringList => {
            matches!(first, Literal::Text(_))
        }
    };
    if fits {
        return Ok(());
    }
    Err(Error::WrongType(Detail::new(
        "value",
        format!("must suit `{attr}`, which is {}", type_words(kind)),
        shape::kind(first),
    )))
}

/// The operators a type has (DESIGN §3).
fn operators(kind: AttributeType) -> &'static [Operator] {
    use Operator as Op;
    match kind {
        AttributeType::Boolean => &[
            Op::Eq,
            Op::Ne,
            Op::In,
            Op::NotIn,
            Op::IsMissing,
            Op::IsPresent,
        ],
        AttributeType::Number => &[
            Op::Eq,
            Op::Ne,
            Op::In,
            Op::NotIn,
            Op::Lt,
            Op::Lte,
            Op::Gt,
            Op::Gte,
            Op::Between,
            Op::IsMissing,
            Op::IsPresent,
        ],
        AttributeType::String => &[
            Op::Eq,
            Op::Ne,
            Op::In,
            Op::NotIn,
            Op::StartsWith,
            Op::EndsWith,
            Op::Contains,
            Op::IsMissing,
            Op::IsPresent,
        ],
        AttributeType::Timestamp => &[
            Op::Lt,
            Op::Lte,
            Op::Gt,
            Op::Gte,
            Op::Between,
            Op::WithinDays,
            Op::IsMissing,
            Op::IsPresent,
        ],
        AttributeType::StringList => &[
            Op::Has,
            Op::HasAny,
            Op::HasAll,
            Op::IsMissing,
            Op::IsPresent,
        ],
    }
}

fn type_words(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::Boolean => "a boolean",
        AttributeType::Number => "a number",
        AttributeType::String => "text",
        AttributeType::Timestamp => "a timestamp",
        AttributeType::StringList => "a list of strings",
    }
}
