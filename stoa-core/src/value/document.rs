//! JSON values out of text: a field written twice is a problem with its path, where `serde_json` alone would let the
//! last one win. And the JSON Schema of the types that documents are read as.

use std::cell::{Cell, RefCell};

use schemars::JsonSchema;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::error::{Detail, Error, Result};

/// A document with more fields written twice than this is not read by a person; the rest are left out.
const MAX_DUPLICATES: usize = 100;

/// Reads JSON; the outer error is text that is none, the inner one names every field written twice.
pub(crate) fn read_json(text: &str) -> serde_json::Result<Result<Value>> {
    let reading = Reading::up_to(usize::MAX);
    let mut json = serde_json::Deserializer::from_str(text);
    let value = reading.read(&mut json)?;
    json.end()?;
    Ok(reading.finish(value))
}

/// The JSON Schema of a type.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

/// The path of a field.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// What is remembered while one document is read.
#[derive(Debug)]
pub(crate) struct Reading {
    duplicates: RefCell<Vec<Error>>,
    expanded: Cell<usize>,
    most: usize,
}

impl Reading {
    /// A reading that stops above so many bytes, counted as text plus 8 a node, with anchors followed.
    pub(crate) fn up_to(most: usize) -> Self {
        Self {
            duplicates: RefCell::default(),
            expanded: Cell::new(0),
            most,
        }
    }

    pub(crate) fn read<'de, D: Deserializer<'de>>(
        &self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        self.node(String::new()).deserialize(deserializer)
    }

    /// Whether it stopped because the document expands too far.
    pub(crate) fn overflowed(&self) -> bool {
        self.expanded.get() > self.most
    }

    /// The value, unless a field was written twice.
    pub(crate) fn finish(self, value: Value) -> Result<Value> {
        Error::collect(self.duplicates.into_inner()).map_or(Ok(value), Err)
    }

    fn node(&self, path: String) -> Node<'_> {
        Node {
            reading: self,
            path,
        }
    }

    /// Whether the document is still within its expanded size after `bytes` more.
    fn grow(&self, bytes: usize) -> bool {
        self.expanded
            .set(self.expanded.get().saturating_add(bytes).saturating_add(8));
        !self.overflowed()
    }

    fn repeated(&self, path: String, value: &Value) {
        let mut duplicates = self.duplicates.borrow_mut();
        if duplicates.len() < MAX_DUPLICATES {
            let detail = Detail::new(path, "must be written once", value);
            duplicates.push(Error::Duplicate(detail));
        }
    }
}

/// One node of the document, and where it is.
struct Node<'r> {
    reading: &'r Reading,
    path: String,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        if self.reading.grow(0) {
            deserializer.deserialize_any(self)
        } else {
            Err(D::Error::custom("expands too far"))
        }
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value that JSON has")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> std::result::Result<Value, E> {
        if self.reading.grow(value.len()) {
            Ok(Value::from(value))
        } else {
            Err(E::custom("expands too far"))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = format!("{}[{}]", self.path, list.len());
            match items.next_element_seed(self.reading.node(path))? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> std::result::Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let path = join(&self.path, &name);
            if !self.reading.grow(name.len()) {
                return Err(A::Error::custom("expands too far"));
            }
            let value = fields.next_value_seed(self.reading.node(path.clone()))?;
            if map.contains_key(&name) {
                self.reading.repeated(path, &value);
            } else {
                map.insert(name, value);
            }
        }
        Ok(Value::Object(map))
    }
}
