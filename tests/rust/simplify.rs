//! Canonical form and simplification: the same three-valued answer on every row, and findings that are true.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "rule/generate.rs"]
#[expect(dead_code, reason = "the cases of the warehouses are not made here")]
mod generate;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use stoa_core::{
    rule::{FindingKind, MAX_NODES, Operator, Rule, Simplified},
    value::{Attributes, Timestamp},
};
use stoa_tests::vectors;

use generate::NOW;

const DAY: i64 = 86_400_000_000;

fn rule(document: &Json) -> Rule {
    Rule::from_value(document).unwrap()
}

fn at(days: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a few days")]
    let micros = NOW.micros + (days * DAY as f64) as i64;
    Timestamp { micros }.to_string()
}

/// Every kind of value that the leaves of [`leaves`] tell apart.
fn values() -> Vec<Json> {
    let mut values = vec![
        Json::Null,
        json!(true),
        json!(false),
        json!({"x": 1}),
        json!([1]),
    ];
    values.extend((-2..=10).map(|halves| json!(f64::from(halves) / 2.0)));
    let texts = [
        "", "a", "ab", "abc", "b", "ba", "bab", "aba", "c", "cab", "x", "abxab",
    ];
    values.extend(texts.map(Json::from));
    values.extend([-10.0, -7.0, -5.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0].map(|d| json!(at(d))));
    for tags in 0..16 {
        let held = ["a", "b", "ab", "z"].into_iter().enumerate();
        let held: Vec<&str> = held
            .filter(|(i, _)| tags >> i & 1 == 1)
            .map(|(_, t)| t)
            .collect();
        values.push(json!(held));
    }
    values
}

/// Comparisons of one attribute, of every operator and type.
fn leaves() -> Vec<Json> {
    let operands = |op: Operator| -> Vec<Json> {
        use Operator as Op;
        match op {
            Op::Eq | Op::Ne => vec![json!(1), json!(2), json!("ab"), json!("b"), json!(true)],
            Op::In | Op::NotIn => vec![
                json!([1, 2]),
                json!([2, 3]),
                json!([4]),
                json!(["a", "ab"]),
                json!(["ab", "b"]),
                json!([true, false]),
            ],
            Op::Lt | Op::Lte | Op::Gt | Op::Gte => {
                vec![
                    json!(1),
                    json!(2),
                    json!(3),
                    json!(at(-5.0)),
                    json!(at(0.0)),
                ]
            }
            Op::Between => vec![
                json!([1, 2]),
                json!([2, 3]),
                json!([3, 1]),
                json!([2, 2]),
                json!([at(-5.0), at(0.0)]),
            ],
            Op::IsMissing | Op::IsPresent => vec![Json::Null],
            Op::StartsWith | Op::EndsWith | Op::Contains => {
                vec![json!("a"), json!("ab"), json!("b"), json!("")]
            }
            Op::Has => vec![json!("a"), json!("b")],
            Op::HasAny | Op::HasAll => vec![json!(["a", "b"]), json!(["b", "ab"])],
            Op::WithinDays => vec![json!(3), json!(7)],
        }
    };
    let mut leaves = Vec::new();
    for op in Operator::ALL {
        for value in operands(op) {
            let leaf = match value {
                Json::Null => json!({"attr": "x", "op": op.name()}),
                value => json!({"attr": "x", "op": op.name(), "value": value}),
            };
            leaves.push(json!({"not": leaf}));
            leaves.push(leaf);
        }
    }
    leaves
}

fn visitors(values: &[Json]) -> Vec<Attributes> {
    let read = |x: &Json| Attributes::from_json(&json!({"x": x}).to_string()).unwrap();
    values.iter().map(read).collect()
}

fn answers(rule: &Rule, visitors: &[Attributes]) -> Vec<Option<bool>> {
    let with = visitors.iter().map(|v| rule.evaluate(v, Some(NOW)));
    with.chain(visitors.iter().map(|v| rule.evaluate(v, None)))
        .collect()
}

fn has(simple: &Simplified, kind: FindingKind) -> bool {
    simple
        .findings
        .iter()
        .any(|f| f.kind == kind && f.path.is_empty())
}

/// Checks one rule on all values; the answers are returned.
fn check(rule: &Rule, visitors: &[Attributes]) -> (Simplified, Vec<Option<bool>>) {
    let expected = answers(rule, visitors);
    let canonical = rule.canonical();
    assert_eq!(
        answers(&canonical, visitors),
        expected,
        "canonical {canonical:?} of {rule:?}"
    );
    assert_eq!(canonical.canonical(), canonical);
    let simple = rule.simplify();
    assert_eq!(
        answers(&simple.rule, visitors),
        expected,
        "{simple:?} of {rule:?}"
    );
    assert_eq!(simple.rule.canonical(), simple.rule);
    let never = !expected.contains(&Some(true));
    let surely = !expected.contains(&Some(false));
    assert!(
        never || !has(&simple, FindingKind::Contradiction),
        "{simple:?} of {rule:?}"
    );
    assert!(
        surely || !has(&simple, FindingKind::TrueWhenKnown),
        "{simple:?} of {rule:?}"
    );
    if has(&simple, FindingKind::AlwaysTrue) {
        assert!(
            expected.iter().all(|answer| *answer == Some(true)),
            "{rule:?}"
        );
    }
    (simple, expected)
}

#[test]
fn vectors_canonical() {
    for case in vectors("simplify.json").unwrap()["canonical"]
        .as_array()
        .unwrap()
    {
        for sql in case["sql"].as_array().unwrap() {
            let canonical = Rule::parse_sql(sql.as_str().unwrap()).unwrap().canonical();
            assert_eq!(canonical.to_value(), case["rule"], "{sql}");
            assert_eq!(json!(canonical.hash()), case["hash"], "{sql}");
        }
    }
}

#[test]
fn vectors_simplify() {
    for case in vectors("simplify.json").unwrap()["simplify"]
        .as_array()
        .unwrap()
    {
        let rule = Rule::parse_sql(case["sql"].as_str().unwrap()).unwrap();
        let found = serde_json::to_value(rule.simplify()).unwrap();
        let expected = json!({"rule": case["rule"], "findings": case["findings"]});
        assert_eq!(found, expected, "{}", case["name"]);
    }
}

#[test]
fn every_pair_of_comparisons_is_simplified_rightly_and_every_contradiction_found() {
    let visitors = visitors(&values());
    let leaves = leaves();
    for (i, a) in leaves.iter().enumerate() {
        for b in &leaves[..=i] {
            let (all, expected) = check(&rule(&json!({"all": [a, b]})), &visitors);
            let never = !expected.contains(&Some(true));
            // What is within so many days of now depends on now, of which there is one here.
            let moving = [a, b]
                .iter()
                .any(|leaf| leaf.to_string().contains("within_days"));
            let found = has(&all, FindingKind::Contradiction);
            assert!(found == never || moving && never, "{a} and {b}: {all:?}");
            check(&rule(&json!({"any": [a, b]})), &visitors);
        }
    }
}

fn nested() -> impl Strategy<Value = Json> {
    prop::sample::select(leaves()).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|rules| json!({"all": rules})),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|rules| json!({"any": rules})),
            inner.prop_map(|rule| json!({"not": rule})),
        ]
    })
}

/// Attributes of several names, so that groups stand beside each other.
fn renamed(document: &mut Json, names: &mut impl Iterator<Item = bool>) {
    match document {
        Json::Object(fields) => {
            if fields.contains_key("attr") && names.next() == Some(true) {
                fields.insert("attr".to_owned(), json!("y"));
            }
            fields.values_mut().for_each(|value| renamed(value, names));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| renamed(item, names)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn nested_rules_keep_their_answers(document in nested()) {
        check(&rule(&document), &visitors(&values()));
    }

    #[test]
    fn rules_of_two_attributes_keep_their_answers(
        mut document in nested(),
        names in prop::collection::vec(any::<bool>(), 64),
        rows in prop::collection::vec((prop::sample::select(values()), prop::sample::select(values())), 40),
    ) {
        renamed(&mut document, &mut names.into_iter());
        let read = |(x, y): &(Json, Json)| Attributes::from_json(&json!({"x": x, "y": y}).to_string()).unwrap();
        let rows: Vec<Attributes> = rows.iter().map(read).collect();
        check(&rule(&document), &rows);
    }

    #[test]
    fn typed_rules_keep_their_answers(rule in generate::rule(), rows in prop::collection::vec(generate::row(), 1..20)) {
        let read = |row: &Json| Attributes::from_json(&row.to_string()).unwrap();
        let rows: Vec<Attributes> = rows.iter().map(read).collect();
        check(&rule, &rows);
    }
}

#[test]
fn the_largest_rules_are_simplified_in_time() {
    let compare = |i: usize, op: &str, value: Json| json!({"attr": format!("a{i}"), "op": op, "value": value});
    let n = MAX_NODES - 1;
    let of = |leaf: &dyn Fn(usize) -> Json| (0..n).map(leaf).collect::<Vec<_>>();
    let pairs = |key: &str, a: &dyn Fn(usize) -> Json, b: &dyn Fn(usize) -> Json| {
        (0..n / 3 - 1)
            .map(|i| json!({key: [a(i), b(i)]}))
            .collect::<Vec<_>>()
    };
    let word = |i: usize| json!(format!("{:x}", i.wrapping_mul(2_654_435_761)));
    let rules = [
        json!({"all": of(&|i| compare(0, "ne", json!(i)))}),
        json!({"any": of(&|i| compare(0, "eq", word(i)))}),
        json!({"all": of(&|i| compare(i, "gt", json!(i)))}),
        json!({"any": of(&|i| compare(0, "starts_with", word(i)))}),
        json!({"all": of(&|i| compare(0, "contains", word(i)))}),
        json!({"all": of(&|i| compare(0, "has", word(i)))}),
        json!({"all": of(&|i| compare(0, "has_any", json!([word(i), word(i + 1)])))}),
        json!({"any": of(&|i| compare(0, "has_all", json!([word(i), word(2 * i)])))}),
        json!({"any": of(&|i| compare(0, "between", json!([2 * i, 2 * i + 1])))}),
        json!({"all": pairs("any", &|i| compare(0, "gt", json!(i)), &|i| compare(1, "eq", json!(i)))}),
        json!({"any": pairs("all", &|i| compare(0, "contains", word(i)), &|i| compare(1, "has", word(i)))}),
        json!({"all": [compare(0, "contains", json!("a")), {"all": pairs("any", &|i| compare(0, "contains", word(i)), &|i| compare(0, "eq", word(i)))}]}),
        (0..23).fold(json!({"all": of(&|i| compare(i % 7, "ne", json!(i)))[..9_000]}), |inner, i| {
            json!({"any": [compare(i, "lt", json!(i)), {"all": [compare(i, "gt", json!(i)), inner]}]})
        }),
        json!({"any": of(&|i| compare(0, "in", json!((0..5).map(|k| i * 3 + k).collect::<Vec<_>>())))}),
    ];
    // A busy machine; quadratic work would take minutes.
    let limit = Duration::from_secs(20);
    for (i, document) in rules.iter().enumerate() {
        let rule = rule(document);
        let start = Instant::now();
        let simple = rule.simplify();
        let took = start.elapsed();
        assert!(took < limit, "rule {i} took {took:?}");
        assert_eq!(
            Rule::from_value(&simple.rule.to_value()).unwrap(),
            simple.rule
        );
    }
}
