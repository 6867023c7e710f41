//! Conditions of `GrowthBook` against what its own SDK says of them, and what is refused by name.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::{Value as Json, json};
use stoa_core::{
    error::Error,
    rule::{AttributeSchema, Rule},
    value::Attributes,
};
use stoa_tests::vectors;

fn schema() -> AttributeSchema {
    let vectors = vectors("simplify.json").unwrap();
    AttributeSchema::from_value(&vectors["growthbook_schema"]).unwrap()
}

/// The condition of a case, read with the schema where the case says so.
fn read(case: &Json) -> Result<Rule, Error> {
    let schema = (case["typed"] == true).then(schema);
    Rule::from_growthbook(&case["condition"].to_string(), schema.as_ref())
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

#[test]
fn vectors_growthbook() {
    let vectors = vectors("simplify.json").unwrap();
    for case in vectors["growthbook"].as_array().unwrap() {
        assert_eq!(read(case).unwrap().to_value(), case["rule"], "{case}");
    }
    for case in vectors["growthbook_refuse"].as_array().unwrap() {
        let error = read(case).unwrap_err();
        let found: Vec<Json> = error
            .problems()
            .into_iter()
            .map(|p| json!({"code": p.code, "field": p.detail.field}))
            .collect();
        assert_eq!(json!(found), case["problems"], "{case}");
    }
}
