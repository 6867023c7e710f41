//! Conditions of `GrowthBook` against what its own SDK says of them, and what is refused by name.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::{Value as Json, json};
use stoa_core::{
    rule::{AttributeSchema, Rule},
    value::Attributes,
};
use stoa_tests::vectors;

fn schema() -> AttributeSchema {
    let types = json!({
        "t": {"type": "string"}, "n": {"type": "number"}, "b": {"type": "boolean"}, "l": {"type": "string_list"},
        "d.e": {"type": "string"}, "at": {"type": "timestamp"},
    });
    AttributeSchema::from_value(&types).unwrap()
}

#[test]
fn rules_are_true_for_whom_the_sdk_says_true() {
    let vectors = vectors("growthbook.json").unwrap();
    let rows = vectors["rows"].as_array().unwrap();
    let rows: Vec<Attributes> = rows
        .iter()
        .map(|row| Attributes::from_json(&row.to_string()).unwrap())
        .collect();
    let mut inferred = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let condition = case["condition"].to_string();
        let expected = case["answers"].as_str().unwrap();
        let typed = Rule::from_growthbook(&condition, Some(&schema()));
        let typed = typed.unwrap_or_else(|error| panic!("{condition}: {error}"));
        // Without a schema an attribute may turn out to be met with texts of a list alone, or with nothing.
        let rules = [Some(typed), Rule::from_growthbook(&condition, None).ok()];
        inferred += usize::from(rules[1].is_some());
        for rule in rules.into_iter().flatten() {
            let answer = |row| {
                if rule.evaluate(row, None) == Some(true) {
                    '1'
                } else {
                    '0'
                }
            };
            let found: String = rows.iter().map(answer).collect();
            assert_eq!(found, expected, "{condition}: {}", rule.to_json());
        }
    }
    assert!(inferred > 1_000, "{inferred}");
}

fn refusal(condition: &Json) -> (String, String) {
    let error = Rule::from_growthbook(&condition.to_string(), None).unwrap_err();
    let first = error.problems().remove(0);
    (first.code, first.detail.field)
}

#[test]
fn what_a_rule_cannot_say_is_refused_by_name() {
    let cases = [
        (json!({"v": {"$vgt": "1.2"}}), "unsupported", "v.$vgt"),
        (
            json!({"$or": [{"a": 1}, {"l": {"$size": 2}}]}),
            "unsupported",
            "$or[1].l.$size",
        ),
        (
            json!({"id": {"$inGroup": "g"}}),
            "unsupported",
            "id.$inGroup",
        ),
        (
            json!({"at": {"$gt": "2026-01-01"}}),
            "unsupported",
            "at.$gt",
        ),
        (json!({"t": {"$regex": "a.c"}}), "unsupported", "t.$regex"),
        (json!({"t": {"$regexi": "a"}}), "unsupported", "t.$regexi"),
        (json!({"t": {"$eq": "a", "$gt": 3}}), "unsupported", "t"),
        (
            json!({"l": {"$elemMatch": {"$gt": 3}}}),
            "unsupported",
            "l.$elemMatch",
        ),
        (json!({"l": ["a"]}), "unsupported", "l"),
        (json!({"tags.length": 2}), "unsupported", "tags.length"),
        (
            json!({"constructor": {"$exists": true}}),
            "unsupported",
            "constructor",
        ),
        (
            json!({"t": {"$ini": ["abcdefgh"]}}),
            "unsupported",
            "t.$ini[0]",
        ),
        (
            json!({"t": {"$equals": 1}}),
            "unknown_operator",
            "t.$equals",
        ),
        (json!({"$xor": []}), "unknown_operator", "$xor"),
        (json!({"$or": {"a": 1}}), "wrong_type", "$or"),
        (json!([1]), "wrong_type", "condition"),
    ];
    for (condition, code, field) in cases {
        assert_eq!(
            refusal(&condition),
            (code.to_owned(), field.to_owned()),
            "{condition}"
        );
    }
    let stranger = Rule::from_growthbook(r#"{"x": 1}"#, Some(&schema())).unwrap_err();
    assert_eq!(stranger.code(), "unknown_name");
    let error =
        Rule::from_growthbook(r#"{"v": {"$veq": "1"}, "l": {"$size": 0}}"#, None).unwrap_err();
    assert_eq!(error.problems().len(), 2);
}
