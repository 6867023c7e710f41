//! Canonical JSON: the text under which documents are hashed.

use serde_json::Value;

/// JSON text that depends on the document's meaning alone: keys sorted, no spaces, and numbers by their f64 value, so
/// that a round trip through a language with one number type (`1.0` becomes `1`) leaves it as it is.
pub(crate) fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => {
            let mut fields: Vec<_> = object.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (i, (name, value)) in fields.into_iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        Value::Number(number) => text.push_str(&canonical_number(number)),
        other => text.push_str(&other.to_string()),
    }
}

fn canonical_number(number: &serde_json::Number) -> String {
    /// Whole numbers up to here are exact as f64.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        // `+ 0.0` turns −0 into 0.
        Some(x) if x.fract() == 0.0 && x.abs() <= EXACT => format!("{:.0}", x + 0.0),
        Some(x) if x.is_finite() => format!("{x:?}"),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_json_depends_on_meaning_alone() {
        let one = json!({"b": [1.0, -0.0, 1e300, 0.1], "a": {"d": null, "c": "é\n"}});
        let text = r#"{"a":{"c":"é\n","d":null},"b":[1,0,1e300,0.1]}"#;
        assert_eq!(canonical_json(&one), text);
        let again: Value = serde_json::from_str(text).unwrap_or_default();
        assert_eq!(canonical_json(&again), text);
    }
}
