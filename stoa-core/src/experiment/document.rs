//! Text to JSON: the one place where JSON and YAML 1.2 are read.

use std::cell::{Cell, RefCell};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};

use super::shape::join;
use crate::error::{Detail, Error, Result};

/// Largest document that is read: 1 MiB.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 20;

/// Largest document after its anchors are followed, counted as text plus 8 bytes a node.
const MAX_EXPANDED_BYTES: usize = 8 << 20;

/// Reads a document written as JSON or YAML 1.2.
///
/// `NO`, `on` and `0755` stay text, a field written twice is refused, anchors may repeat a value but not multiply
/// without end, and NaN comes through as the text `.nan`, which a number field then refuses by name.
///
/// # Errors
/// [`Error::TooLarge`] above [`MAX_DOCUMENT_BYTES`], when anchors expand to several times that, or nested too deep;
/// [`Error::Cycle`] for an anchor that holds itself;
/// [`Error::Duplicate`] with the path of a field written twice; [`Error::InvalidDocument`] with line and column when
/// the text is neither JSON nor YAML.
///
/// # Source
/// YAML 1.2.2, core schema (§10.3), one document, without merge keys (which 1.2 dropped).
///
/// # Example
/// ```
/// use stoa_core::experiment::read_document;
/// let document = read_document("country: NO\nweights: [1, 0.5]")?;
/// assert_eq!(document, serde_json::json!({"country": "NO", "weights": [1, 0.5]}));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn read_document(text: &str) -> Result<Value> {
    if text.len() > MAX_DOCUMENT_BYTES {
        let rule = format!("must be at most {MAX_DOCUMENT_BYTES} bytes");
        let found = format!("{} bytes", text.len());
        return Err(Error::TooLarge(Detail::new("document", rule, found)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with(['{', '[']) {
        return read_yaml(text);
    }
    // YAML's flow style starts like JSON; when it is neither, the JSON message is the likelier help.
    match read_json(text) {
        Err(Error::InvalidDocument(detail)) => read_yaml(text).map_err(|error| match error {
            Error::InvalidDocument(_) => Error::InvalidDocument(detail),
            other => other,
        }),
        done => done,
    }
}

fn read_json(text: &str) -> Result<Value> {
    let reading = Reading::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let value = reading
        .node(String::new())
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value));
    reading.finish(value.map_err(|e| (e.line(), e.to_string())), "JSON", text)
}

fn read_yaml(text: &str) -> Result<Value> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
    };
    let reading = Reading::default();
    let value = serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        reading.node(String::new()).deserialize(yaml)
    });
    let value = value.map_err(|e| {
        let line = e.location().map_or(0, |at| at.line());
        (usize::try_from(line).unwrap_or(0), e.to_string())
    });
    reading.finish(value, "YAML", text)
}

/// What is remembered while one document is read.
#[derive(Default)]
struct Reading {
    duplicates: RefCell<Vec<Error>>,
    expanded: Cell<usize>,
}

impl Reading {
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
        self.expanded.get() <= MAX_EXPANDED_BYTES
    }

    fn finish(
        self,
        read: std::result::Result<Value, (usize, String)>,
        format: &str,
        text: &str,
    ) -> Result<Value> {
        if self.expanded.get() > MAX_EXPANDED_BYTES {
            let rule =
                format!("must be at most {MAX_EXPANDED_BYTES} bytes with its anchors followed");
            return Err(Error::TooLarge(Detail::new("document", rule, "more")));
        }
        let value = read.map_err(|(line, message)| {
            let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            unreadable(format, &message, shown.trim())
        })?;
        Error::collect(self.duplicates.into_inner()).map_or(Ok(value), Err)
    }
}

/// What a reader's message means for the person who wrote the document.
fn unreadable(format: &str, message: &str, shown: &str) -> Error {
    let detail = |rule: &str| Detail::new("document", rule, shown);
    if message.contains("recursion limit") || message.contains("Depth {") {
        Error::TooLarge(detail(
            "must nest less deeply (64 levels in YAML, 127 in JSON)",
        ))
    } else if message.contains("budget breached") {
        Error::TooLarge(detail("must hold less, with its anchors followed"))
    } else if message.contains("recursive references") {
        Error::Cycle(detail("must not have an anchor that holds itself"))
    } else if message.contains("multiple YAML documents") {
        Error::InvalidDocument(detail(
            "must be one YAML document, without another after ---",
        ))
    } else {
        Error::InvalidDocument(detail(&format!("must be {format} ({message})")))
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
                self.reading
                    .duplicates
                    .borrow_mut()
                    .push(Error::Duplicate(Detail::new(
                        path,
                        "must be written once",
                        value,
                    )));
            } else {
                map.insert(name, value);
            }
        }
        Ok(Value::Object(map))
    }
}
