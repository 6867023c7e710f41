//! Random bundles: every check of an experiment, in combinations that people write and in some that nobody should.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value as Json, json};
use stoa_core::rule::Rule;

use crate::generate;

/// Ids that overrides name.
pub(crate) const TESTERS: [&str; 4] = ["tester-1", "tëster 2", "テスター", "o'brien \\ \" %"];
const WEIGHTS: [f64; 9] = [1.0, 1.0, 1.0, 2.0, 0.5, 33.3, 0.0, 1e-6, 1e6];
const ALLOCATIONS: [f64; 7] = [1.0, 1.0, 1.0, 0.5, 0.1, 1.0 / 3.0, 0.0];
const MOST_SEGMENTS: usize = 4;

/// A seed's stream of choices.
pub(crate) struct Draw(TestRunner);

impl Draw {
    pub(crate) fn new(seed: u8) -> Self {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        Self(TestRunner::new_with_rng(Config::default(), rng))
    }

    pub(crate) fn of<T: std::fmt::Debug>(&mut self, strategy: &impl Strategy<Value = T>) -> T {
        strategy.new_tree(&mut self.0).unwrap().current()
    }

    /// A whole number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.rng().next_u64() % n as u64).unwrap()
    }

    /// True `percent` times in a hundred.
    pub(crate) fn often(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A served bundle, and whether a warehouse can repeat it: no segment is left to a cache.
pub(crate) fn bundle(draw: &mut Draw) -> (Json, bool) {
    let keys: Vec<String> = (0..draw.below(MOST_SEGMENTS + 1))
        .map(|i| format!("s{i}"))
        .collect();
    let segments: Vec<Json> = (0..keys.len())
        .map(|i| {
            let rule = rule(draw, &keys[..i]);
            json!({"key": keys[i], "rule": rule.to_value()})
        })
        .collect();
    let replayed = draw.often(60);
    let schema = schema(draw, replayed);
    let n = 3 + draw.below(5);
    let mut free = [0.0, 0.0];
    let mut experiments: Vec<Json> = (0..n)
        .map(|i| experiment(draw, i, &keys, &mut free))
        .collect();
    for i in 0..n {
        if draw.often(10) {
            break_one(draw, &mut experiments, i);
        }
    }
    let bundle = json!({
        "schema_version": 1, "segments": segments, "schema": schema, "experiments": experiments,
        "layers": [{"key": "l0"}, {"key": "l1", "salt": "lÿer"}],
        "holdouts": [{"key": "h0", "share": 0.1}, {"key": "h1", "salt": "保留", "share": 1.0 / 3.0}],
    });
    (bundle, replayed)
}

fn rule(draw: &mut Draw, segments: &[String]) -> Rule {
    if segments.is_empty() {
        draw.of(&generate::rule())
    } else {
        draw.of(&generate::rule_naming(segments.to_vec()))
    }
}

/// What the storefront's cache holds: everything, or all but two attributes.
fn schema(draw: &mut Draw, all: bool) -> Json {
    let kinds = [
        (generate::NUMBERS[0], "number"),
        (generate::NUMBERS[1], "number"),
        (generate::TEXTS[0], "string"),
        (generate::TEXTS[1], "string"),
        (generate::BOOLEAN, "boolean"),
        (generate::INSTANT, "timestamp"),
        (generate::LIST, "string_list"),
    ];
    let hidden = [draw.below(kinds.len()), draw.below(kinds.len())];
    let attribute = |(i, (name, kind)): (usize, (&str, &str))| {
        let assignable = all || !hidden.contains(&i);
        (
            name.to_owned(),
            json!({"type": kind, "assignable": assignable}),
        )
    };
    Json::Object(kinds.into_iter().enumerate().map(attribute).collect())
}

/// Experiment `i`; `free` is where the unused part of each layer begins.
fn experiment(draw: &mut Draw, i: usize, segments: &[String], free: &mut [f64; 2]) -> Json {
    let n = *draw.one(&[2, 2, 2, 3, 4, 11]);
    let variants: Vec<Json> = (0..n)
        .map(|v| {
            // The control is never the only one that could be empty.
            let weight = if v == 0 { 1.0 } else { *draw.one(&WEIGHTS) };
            let payloads = [json!(null), json!({"n": [v, "é"]}), json!(v)];
            let payload = draw.one(&payloads);
            json!({"key": format!("v{v}"), "weight": weight, "payload": payload})
        })
        .collect();
    let mut made = json!({
        "key": format!("e{i}"), "surface": "cart_page", "variants": variants,
        "salt": format!("{}-{i}", draw.one(&["exp", "prüfung", "🛒:", "x\" '"])),
        "status": draw.one(&["running", "running", "running", "running", "running", "running", "draft", "paused"]),
        "allocation": draw.one(&ALLOCATIONS), "sticky": draw.often(40),
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    });
    if draw.often(12) {
        made["status"] = json!("stopped");
        if draw.often(80) {
            made["shipped"] = json!(format!("v{}", draw.below(n)));
        }
    }
    if draw.often(70) {
        made["targeting"] = rule(draw, segments).to_value();
    }
    if draw.often(30) {
        let layer = draw.below(2);
        let from = free[layer];
        free[layer] += *draw.one(&[0.1, 0.25, 1.0 / 3.0]);
        if free[layer] <= 1.0 {
            made["layer"] = json!({"key": format!("l{layer}"), "from": from, "to": free[layer]});
        }
    }
    if draw.often(25) {
        made["holdout"] = json!(draw.one(&["h0", "h1"]));
    }
    if i > 0 && draw.often(35) {
        let required = draw.below(i);
        let accepted = if draw.often(50) {
            vec!["v1"]
        } else {
            vec!["v0", "v1"]
        };
        made["requires"] = json!({"experiment": format!("e{required}"), "variants": accepted});
    }
    if draw.often(30) {
        let tester = *draw.one(&TESTERS);
        made["overrides"] = json!({tester: format!("v{}", draw.below(n)), "visitor-7": "v1"});
    }
    made
}

/// Makes an experiment one that cannot be loaded, or that is written by a later version.
fn break_one(draw: &mut Draw, experiments: &mut [Json], i: usize) {
    let last = experiments.len() - 1;
    let one = &mut experiments[i];
    match draw.below(9) {
        0 => one["variants"][1]["weight"] = json!(-1),
        1 => one["targeting"] = json!({"segment": "nowhere"}),
        2 => one["holdout"] = json!("nowhere"),
        3 => one["requires"] = json!({"experiment": "nowhere", "variants": ["v1"]}),
        4 => one["requires"] = json!({"experiment": format!("e{last}"), "variants": ["v1"]}),
        5 => one["variants"] = json!([]),
        6 => one["key"] = json!("e0"),
        7 => one["overrides"] = json!({"visitor-1": "nowhere"}),
        _ => one["field_of_a_later_version"] = json!({"x": 1}),
    }
}
