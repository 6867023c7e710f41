//! One visitor against one rule: from JSON text, beside what `serde_json::Value` takes to parse the same text, and from
//! values in slots. Times are taken in turns within one run, so that their ratio does not hang on what else the machine
//! does. Writes `target/bench/rule_visitor.json`, which `benches/rule_batch.py` takes up.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops at its first error"
)]

use std::{hint::black_box, path::Path, time::Instant};

use serde_json::{Value, json};
use stoa_core::{
    rule::{Compiled, Rule},
    value::{Attributes, Timestamp, ValueRef},
};

/// Two hundred bytes.
const VISITOR: &str = r#"{"orders_count":3,"country":"CA","spend":129.99,"email":"ana@example.com","is_member":true,"tags":["news","course"],"last_order_at":"2026-01-15T10:30:00Z","utm_source":"spring_letter","city":"Montréal"}"#;
const NOW: &str = "2026-01-31T00:00:00Z";
/// Five conditions each: of numbers, text and a boolean; with an instant, which has to be read from text; and with a
/// list.
const RULES: [(&str, &str); 3] = [
    (
        "numbers, text, boolean",
        "orders_count >= 2 AND spend BETWEEN 50 AND 500 AND country IN ('US', 'CA') AND is_member = TRUE AND email IS NOT NULL",
    ),
    (
        "with an instant",
        "orders_count >= 2 AND spend BETWEEN 50 AND 500 AND country IN ('US', 'CA') AND is_member = TRUE AND within_days(last_order_at, 30)",
    ),
    (
        "with a list",
        "orders_count >= 2 AND spend BETWEEN 50 AND 500 AND (country = 'US' OR tags @> ARRAY['course']) AND is_member = TRUE",
    ),
];
const ROUNDS: usize = 201;
/// Visitors of a round, one after the other in memory.
const VISITORS: usize = 64;
const PASSES: usize = 32;

/// Nanoseconds of one call, the mean of a round. What a call is given is read from a list, and not passed through
/// `black_box` each time: that stores what the next instruction loads in another width, which takes 10 ns of its own.
fn round<V, T>(visitors: &[V], call: impl Fn(&V) -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..PASSES {
        for visitor in black_box(visitors) {
            black_box(call(visitor));
        }
    }
    start.elapsed().as_secs_f64() * 1e9 / (VISITORS * PASSES) as f64
}

fn median(times: impl Iterator<Item = f64>) -> f64 {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn values<'v>(compiled: &Compiled, visitor: &'v Attributes) -> Vec<ValueRef<'v>> {
    let value = |name: &String| match visitor.get(name) {
        ValueRef::Text(text) => {
            Timestamp::parse(text).map_or(ValueRef::Text(text), ValueRef::Timestamp)
        }
        other => other,
    };
    compiled.attributes().iter().map(value).collect()
}

fn measure(name: &str, sql: &str) -> Value {
    let rule = Rule::parse_sql(sql).unwrap();
    let compiled = Compiled::new([&rule]);
    let now = Some(Timestamp::parse(NOW).unwrap());
    let visitor = Attributes::from_json(VISITOR).unwrap();
    let values = values(&compiled, &visitor);
    let answer = |text: &str| compiled.evaluate_read(0, &compiled.read_json(text).unwrap(), now);
    assert_eq!(answer(VISITOR), Some(true), "every condition is reached");
    assert_eq!(compiled.evaluate(0, &values, now), Some(true));
    let texts = vec![VISITOR.to_owned(); VISITORS];
    let slots = vec![values; VISITORS];
    let visitors = vec![visitor.clone(); VISITORS];
    let rounds: Vec<[f64; 4]> = (0..ROUNDS)
        .map(|_| {
            [
                round(&texts, |text| serde_json::from_str::<Value>(text).unwrap()),
                round(&texts, |text| answer(text)),
                round(&slots, |values| compiled.evaluate(0, values, now)),
                round(&visitors, |visitor| rule.evaluate(visitor, now)),
            ]
        })
        .collect();
    let of = |i: usize| median(rounds.iter().map(|times| times[i]));
    let ratio = median(rounds.iter().map(|times| times[1] / times[0]));
    println!(
        "{name:<24} {:>10.0} {:>10.0} {ratio:>8.2} {:>12.1} {:>10.1}",
        of(0),
        of(1),
        of(2),
        of(3)
    );
    json!({
        "rule": name, "sql": sql, "serde_json_value_ns": of(0), "read_and_evaluate_ns": of(1), "ratio": ratio,
        "from_slots_ns": of(2), "tree_ns": of(3),
    })
}

fn main() {
    println!(
        "one visitor, {} bytes of JSON, 5 conditions, one thread; medians of {ROUNDS} rounds in ns",
        VISITOR.len()
    );
    println!(
        "{:<24} {:>10} {:>10} {:>8} {:>12} {:>10}",
        "rule", "Value", "read+eval", "ratio", "from slots", "tree"
    );
    let rules: Vec<Value> = RULES.iter().map(|(name, sql)| measure(name, sql)).collect();
    let report = json!({"bytes": VISITOR.len(), "rounds": ROUNDS, "rules": rules});
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rule_visitor.json"), report.to_string()).unwrap();
}
