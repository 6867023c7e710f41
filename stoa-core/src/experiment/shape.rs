//! Checks the shape of a document against the JSON Schema of its Rust type, collecting every problem.
//!
//! serde stops at the first error; a person who writes a contract wants all of them. So the schema that is published
//! is also what is walked here: one source for both. What is refused is taken out of a copy on the way, so that the
//! rest can still be read and its meaning checked in the same run.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    error::{Detail, Error, Result},
    rule::Rule,
    value::document::{join, schema_of},
};

/// What to do with a field that the type does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Authoring: refuse it, with a near miss.
    Refuse,
    /// Serving: a later version may have written it.
    Ignore,
}

/// Reads a document or says everything that is wrong with its shape.
///
/// A missing field that has a default is for the checks of meaning, which know what may not stay one.
pub(crate) fn read<T: JsonSchema + DeserializeOwned>(
    document: &Value,
    unknown: Unknown,
) -> Result<T> {
    let (read, errors) = read_all::<T>(document, unknown);
    match (
        Error::collect(errors.into_iter().map(rooted).collect()),
        read,
    ) {
        (Some(error), _) => Err(error),
        (None, read) => read,
    }
}

/// What could be read, and every problem of the shape.
pub(super) fn read_all<T: JsonSchema + DeserializeOwned>(
    document: &Value,
    unknown: Unknown,
) -> (Result<T>, Vec<Error>) {
    let schema = schema_of::<T>();
    let mut walk = Walk {
        definitions: schema.get("$defs"),
        unknown,
        errors: Vec::new(),
    };
    let mut copy = document.clone();
    walk.value(&schema, &mut copy, "");
    let read = serde_json::from_value(copy).map_err(|e| {
        Error::InvalidDocument(Detail::new(
            "document",
            format!("must be readable ({e})"),
            document,
        ))
    });
    (read, walk.errors)
}

/// A problem of the whole document is at `document`.
pub(super) fn rooted(error: Error) -> Error {
    let whole = error.detail().is_some_and(|d| d.field.is_empty());
    if whole && !matches!(error, Error::Several(_)) {
        error.at("document")
    } else {
        error
    }
}

struct Walk<'s> {
    definitions: Option<&'s Value>,
    unknown: Unknown,
    errors: Vec<Error>,
}

impl<'s> Walk<'s> {
    /// Walks one value; what is refused is replaced by something that the type can read.
    fn value(&mut self, schema: &'s Value, value: &mut Value, path: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            return self.definition(name, value, path);
        }
        if let Some(options) = schema["anyOf"].as_array() {
            return self.any_of(options, value, path);
        }
        if let Some(known) = names(schema) {
            return self.name(&known, value, path);
        }
        match type_of(schema) {
            Some("object") => self.object(schema, value, path),
            Some("array") => self.array(schema, value, path),
            Some(kind) => self.scalar(kind, value, path),
            None => {}
        }
    }

    fn definition(&mut self, name: &str, value: &mut Value, path: &str) {
        let name = name.trim_start_matches("#/$defs/");
        if name == Rule::schema_name() {
            if let Err(error) = Rule::part_from_value(value) {
                self.errors.push(error.at(path));
                *value = Value::Null;
            }
            return;
        }
        if let Some(schema) = self.definitions.and_then(|all| all.get(name)) {
            self.value(schema, value, path);
        }
    }

    /// An optional value; which of several shapes fits (a prior's) is for the checks of meaning.
    fn any_of(&mut self, options: &'s [Value], value: &mut Value, path: &str) {
        let null = |option: &&Value| type_of(option) == Some("null");
        let shapes: Vec<_> = options.iter().filter(|option| !null(option)).collect();
        if value.is_null() && shapes.len() < options.len() {
            return;
        }
        if let [shape] = shapes[..] {
            self.value(shape, value, path);
        }
    }

    fn object(&mut self, schema: &'s Value, value: &mut Value, path: &str) {
        let Value::Object(fields) = value else {
            self.wrong_type("an object", value, path);
            *value = Value::Object(Map::new());
            return;
        };
        if let Some(known) = schema["properties"].as_object() {
            self.unknown_fields(known, schema, fields, path);
            self.missing_fields(known, schema, fields, path);
            for (name, field) in known {
                self.field(field, name, fields, path);
            }
        } else if schema["additionalProperties"].is_object() {
            let each = &schema["additionalProperties"];
            let n_before = self.errors.len();
            for (name, field) in fields.iter_mut() {
                self.value(each, field, &join(path, name));
            }
            // Entries of a map have no default to stand in for them.
            if self.errors.len() > n_before {
                fields.clear();
            }
        }
    }

    /// A null field is an absent one; so is a refused one, and then the type's default stands in.
    fn field(
        &mut self,
        schema: &'s Value,
        name: &str,
        fields: &mut Map<String, Value>,
        path: &str,
    ) {
        let Some(field) = fields.get_mut(name) else {
            return;
        };
        let n_before = self.errors.len();
        if !field.is_null() {
            self.value(schema, field, &join(path, name));
        }
        let refused = self.errors.len() > n_before && !field.is_object() && !field.is_array();
        if field.is_null() || refused {
            fields.remove(name);
        }
    }

    fn unknown_fields(
        &mut self,
        known: &Map<String, Value>,
        schema: &Value,
        fields: &mut Map<String, Value>,
        path: &str,
    ) {
        if schema["additionalProperties"] != false {
            return;
        }
        fields.retain(|name, value| {
            let keep = known.contains_key(name);
            if !keep && self.unknown == Unknown::Refuse {
                self.errors.push(Error::UnknownField(
                    Detail::new(join(path, name), "is not a known field", value)
                        .did_you_mean(name, known.keys().map(String::as_str)),
                ));
            }
            keep
        });
    }

    fn missing_fields(
        &mut self,
        known: &Map<String, Value>,
        schema: &Value,
        fields: &Map<String, Value>,
        path: &str,
    ) {
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            let has_default = known.get(name).is_some_and(|f| f.get("default").is_some());
            if !has_default && fields.get(name).is_none_or(Value::is_null) {
                let at = join(path, name);
                self.errors.push(Error::MissingField(Detail::new(
                    at,
                    "is required",
                    "nothing",
                )));
            }
        }
    }

    fn array(&mut self, schema: &'s Value, value: &mut Value, path: &str) {
        let Value::Array(items) = value else {
            self.wrong_type("a list", value, path);
            *value = Value::Array(Vec::new());
            return;
        };
        for (i, item) in items.iter_mut().enumerate() {
            self.value(&schema["items"], item, &format!("{path}[{i}]"));
        }
    }

    fn name(&mut self, known: &[&str], value: &mut Value, path: &str) {
        let rule = format!("must be {}", listed(known));
        match value.as_str() {
            Some(name) if known.contains(&name) => return,
            Some(name) => self.errors.push(Error::UnknownName(
                Detail::new(path, rule, &*value).did_you_mean(name, known.iter().copied()),
            )),
            None => self
                .errors
                .push(Error::WrongType(Detail::new(path, rule, &*value))),
        }
        *value = Value::from(known.first().copied().unwrap_or_default());
    }

    fn scalar(&mut self, kind: &str, value: &mut Value, path: &str) {
        let (right, wanted, instead) = match kind {
            "string" => (value.is_string(), "text", Value::from("")),
            "boolean" => (value.is_boolean(), "true or false", Value::from(false)),
            "integer" => (value.is_u64(), "a whole number, 0 or more", Value::from(0)),
            "number" => (value.is_number(), "a number", Value::from(0)),
            _ => return,
        };
        if right {
            return;
        }
        match value
            .as_str()
            .filter(|text| kind != "string" && is_not_finite(text))
        {
            Some(text) => self.errors.push(Error::NotFinite(Detail::new(
                path,
                "must be a finite number",
                text,
            ))),
            None if value.is_number() && kind == "integer" => self.errors.push(Error::OutOfRange(
                Detail::new(path, format!("must be {wanted}"), &*value),
            )),
            None => self.wrong_type(wanted, value, path),
        }
        *value = instead;
    }

    fn wrong_type(&mut self, wanted: &str, value: &Value, path: &str) {
        self.errors.push(Error::WrongType(Detail::new(
            path,
            format!("must be {wanted}"),
            value,
        )));
    }
}

/// The names an enum allows, however the schema spells them.
fn names(schema: &Value) -> Option<Vec<&str>> {
    if let Some(all) = schema["enum"].as_array() {
        return all.iter().map(Value::as_str).collect();
    }
    let one_of = schema["oneOf"].as_array()?;
    one_of.iter().map(|o| o["const"].as_str()).collect()
}

/// The type of a schema, null left aside.
fn type_of(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    }
}

/// JSON has no NaN; these are the ways languages and YAML spell one.
fn is_not_finite(text: &str) -> bool {
    let bare = text.trim_start_matches(['+', '-', '.']).to_lowercase();
    matches!(bare.as_str(), "nan" | "inf" | "infinity")
}

/// "a, b or c".
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}
