//! A visitor's attributes in other JSON text of the same meaning.

use serde_json::{Map, Value as Json, json};

/// The row as a hostile shop would send it: attributes nobody reads, a name twice, escapes where none are needed.
pub(crate) fn dressed(row: &Json, escape: bool) -> String {
    let row: &Map<String, Json> = row.as_object().unwrap();
    let quoted = |text: &str| {
        if !escape {
            return json!(text).to_string();
        }
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        format!("\"{}\"", units.collect::<String>())
    };
    let value = |value: &Json| match value {
        Json::String(text) => quoted(text),
        Json::Array(tags) => {
            let tags: Vec<String> = tags.iter().filter_map(Json::as_str).map(quoted).collect();
            format!("[{}]", tags.join(" , "))
        }
        other => other.to_string(),
    };
    let fields: Vec<String> = row
        .iter()
        .map(|(k, v)| format!("{}: {}", quoted(k), value(v)))
        .collect();
    let unread = r#""nested": {"orders_count": [1, {"a": null}, -0.5e3]}, "é": "\ud83d\ude00", "n": 18446744073709551615"#;
    format!(
        "{{\"orders_count\": [\"twice\"], {}, {unread}}}",
        fields.join(",")
    )
}
