//! Text to JSON: the one place where JSON and YAML 1.2 are read.

use serde_json::Value;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};

use crate::{
    error::{Detail, Error, Result},
    value::document::{self, Reading},
};

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
    document::read_json(text).map_err(|e| not_readable("JSON", e.line(), &e.to_string(), text))?
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
    let reading = Reading::up_to(MAX_EXPANDED_BYTES);
    let value = serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        reading.read(yaml)
    });
    if reading.overflowed() {
        let rule = format!("must be at most {MAX_EXPANDED_BYTES} bytes with its anchors followed");
        return Err(Error::TooLarge(Detail::new("document", rule, "more")));
    }
    match value {
        Ok(value) => reading.finish(value),
        Err(e) => {
            let line = e.location().map_or(0, |at| at.line());
            let line = usize::try_from(line).unwrap_or(0);
            Err(not_readable("YAML", line, &e.to_string(), text))
        }
    }
}

/// What a reader's message about a line means for the person who wrote the document.
fn not_readable(format: &str, line: usize, message: &str, text: &str) -> Error {
    let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let detail = |rule: &str| Detail::new("document", rule, shown.trim());
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
