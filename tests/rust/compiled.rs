//! One rule, decided three ways: by walking its tree, compiled from values in slots, and from JSON text in one pass. The
//! three agree on every visitor, and on what is no visitor at all.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "rule/dress.rs"]
mod dress;
#[path = "rule/generate.rs"]
#[expect(dead_code, reason = "tests/rust/differential.rs uses the rest")]
mod generate;

use dress::dressed;
use generate::NOW;
use proptest::{prelude::*, test_runner::Config};
use stoa_core::{
    rule::{Compiled, Rule},
    value::{Attributes, ValueRef},
};

fn rule_of(sql: &str) -> Rule {
    Rule::parse_sql(sql).unwrap()
}

proptest! {
    #![proptest_config(Config { cases: 500, ..Config::default() })]

    #[test]
    fn values_in_slots_and_text_in_one_pass_answer_as_the_tree_does(
        rules in prop::collection::vec(generate::rule(), 1..4),
        rows in prop::collection::vec(generate::row(), 1..8),
        now in prop::sample::select(vec![None, Some(NOW)]),
    ) {
        let compiled = Compiled::new(&rules);
        for row in &rows {
            for text in [dressed(row, false), dressed(row, true)] {
                let visitor = Attributes::from_json(&text).unwrap();
                let read = compiled.read_slice(text.as_bytes()).unwrap();
                let values: Vec<ValueRef<'_>> =
                    compiled.attributes().iter().map(|name| visitor.get(name)).collect();
                for (i, rule) in rules.iter().enumerate() {
                    let expected = rule.evaluate(&visitor, now);
                    prop_assert_eq!(compiled.evaluate(i, &values, now), expected, "{} {}", rule.to_json(), text);
                    prop_assert_eq!(compiled.evaluate_read(i, &read, now), expected, "{} {}", rule.to_json(), text);
                }
            }
        }
    }

    /// Pieces of JSON in any order: both readers take it or neither does, with the same words.
    #[test]
    fn what_is_refused_is_refused_by_both(
        words in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "\"a\"", "\"b\"", "\"a\":", "\"b\":", "1", "-", "1e999", "-0", "0.5", "01",
            "1e-999", "null", "true", "\"\\ud800\"", "\"\\u00e9\"", "\"\\x\"", "\"\n\"", "\"2026-01-01T00:00:00Z\"", " ",
            "{\"a\":1}", "99999999999999999999",
        ]), 0..9),
        wrap in any::<bool>(),
    ) {
        let text = if wrap { format!("{{{}}}", words.concat()) } else { words.concat() };
        same(&text);
    }
}

/// Both readers say the same of a text, and a rule answers the same for what they read.
fn same(text: &str) {
    let rule =
        rule_of("a > 0 OR a = TRUE OR a = 'é' OR a @> ARRAY['b'] OR a > '2025-01-01T00:00:00Z'");
    let compiled = Compiled::new([&rule]);
    match (Attributes::from_json(text), compiled.read_json(text)) {
        (Ok(visitor), Ok(read)) => assert_eq!(
            rule.evaluate(&visitor, None),
            compiled.evaluate_read(0, &read, None),
            "{text}"
        ),
        (expected, found) => assert_eq!(expected.err(), found.err(), "{text}"),
    }
}

#[test]
fn what_nobody_reads_is_checked_all_the_same() {
    for text in [
        "",
        " ",
        "null",
        "3",
        "[]",
        "\"a\"",
        "{",
        "{}",
        "{} x",
        r#"{"a": 1,}"#,
        r#"{"a" 1}"#,
        r"{1: 2}",
        "{\"\0\": 1}",
        r#"{"z": 1e999}"#,
        r#"{"z": "\ud800"}"#,
        r#"{"z": [1, {"y": nul}]}"#,
        r#"{"z": 01}"#,
        "{\"z\": \"\u{1}\"}",
        r#"{"a": 1e999}"#,
        r#"{"a": [1e999]}"#,
        r#"{"a": {"b": NaN}}"#,
        r#"{"a": -0}"#,
        r#"{"a": {"a": 1}, "a": 5}"#,
        r#"{"a": ["b", 1]}"#,
        r#"{"a": ["\u0062"]}"#,
        r#"{"a": ["x", "\u0062", "y"]}"#,
        r#"{"a": []}"#,
        r#"{"\u0061": 1}"#,
        r#"{"a": 123456789012345678901234567890}"#,
        r#"{"a": null, "a": true}"#,
        "\u{feff}{}",
    ] {
        same(text);
    }
    for depth in [100, 126, 127, 128, 100_000] {
        for name in ["a", "z"] {
            same(&format!(
                "{{\"{name}\": {}{}}}",
                "[".repeat(depth),
                "]".repeat(depth)
            ));
        }
    }
    let compiled = Compiled::new([&rule_of("a = 'x'")]);
    let error = compiled.read_slice(b"{\"a\": \"\xff\"}").unwrap_err();
    assert_eq!(error.code(), "invalid_document");
}

/// More names than are compared one after the other.
#[test]
fn many_rules_share_slots() {
    let rules: Vec<Rule> = (0..40)
        .map(|i| rule_of(&format!("a{} = {i} AND b > 0", i % 25)))
        .collect();
    let compiled = Compiled::new(&rules);
    assert_eq!(compiled.attributes().len(), 26);
    let visitor = compiled
        .read_json(r#"{"a7": 32, "b": 1, "a70": 7}"#)
        .unwrap();
    let matching: Vec<usize> = (0..40)
        .filter(|i| compiled.evaluate_read(*i, &visitor, None) == Some(true))
        .collect();
    assert_eq!(matching, [32]);
    assert_eq!(compiled.evaluate(99, &[], None), None);
    assert_eq!((compiled.slot("b"), compiled.slot("c")), (Some(25), None));
}
