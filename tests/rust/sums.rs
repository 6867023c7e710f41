//! Rows, rows in another order, parts that were summed apart, and a warehouse's own sums: one answer to 1e-12.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stoa_core::{
    decide::{Columns, ExperimentStats, analyze, stats_from_rows},
    experiment::{CheckedExperiment, Experiment, StoreDocument},
    value::{Column, Table},
};

const CLOSE: f64 = 1e-12;
const PARTS: usize = 3;

/// One visitor, with a value of every family.
#[derive(Debug, Clone)]
struct Visitor {
    treated: bool,
    part: usize,
    order: Option<f64>,
    depth: u32,
    csat: Option<u32>,
    nps: Option<u32>,
    margin: f64,
}

fn visitor() -> impl Strategy<Value = Visitor> {
    let order = prop_oneof![2 => Just(None), 1 => (1.0..400.0).prop_map(Some)];
    let answer = |low: u32, high: u32| proptest::option::of(low..=high);
    let rest = (0_u32..12, answer(1, 5), answer(0, 10), -20.0..60.0);
    (any::<bool>(), 0..PARTS, order, rest).prop_map(|(treated, part, order, rest)| Visitor {
        treated,
        part,
        order,
        depth: rest.0,
        csat: rest.1,
        nps: rest.2,
        margin: rest.3,
    })
}

/// Every part has both arms, which is what a day of an experiment has.
fn visitors() -> impl Strategy<Value = Vec<Visitor>> {
    proptest::collection::vec(visitor(), 60..160).prop_map(|mut all| {
        for (k, visitor) in all.iter_mut().take(2 * PARTS).enumerate() {
            (visitor.part, visitor.treated) = (k / 2, k % 2 == 1);
        }
        all
    })
}

fn contract() -> (CheckedExperiment, StoreDocument) {
    let store = json!({"metrics": [{"key": "margin", "category": "revenue", "family": "mean"}]});
    let store = StoreDocument::from_value(&store).unwrap();
    let experiment = json!({
        "key": "test", "surface": "cart_page", "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"},
                    "guardrails": [{"metric": "session_depth"}]},
    });
    let experiment = Experiment::from_value(&experiment).unwrap();
    (experiment.check(&store).unwrap(), store)
}

fn table<'a>(visitors: &'a [Visitor], ids: &'a [String]) -> Table<'a> {
    let number = |f: &dyn Fn(&Visitor) -> f64| {
        Column::Number(visitors.iter().map(f).collect::<Vec<_>>().into())
    };
    let answer = |x: Option<u32>| x.map_or(f64::NAN, f64::from);
    let arm = |v: &Visitor| Some(if v.treated { "B" } else { "A" });
    let columns = [
        (
            "visitor_id",
            Column::Text(ids.iter().map(|id| Some(id.as_str())).collect()),
        ),
        ("variant", Column::Text(visitors.iter().map(arm).collect())),
        (
            "conversion_rate",
            number(&|v| f64::from(u8::from(v.order.is_some()))),
        ),
        ("revenue_per_visitor", number(&|v| v.order.unwrap_or(0.0))),
        ("average_order_value", number(&|v| v.order.unwrap_or(0.0))),
        ("session_depth", number(&|v| f64::from(v.depth))),
        ("csat", number(&|v| answer(v.csat))),
        ("nps", number(&|v| answer(v.nps))),
        ("margin", number(&|v| v.margin)),
    ];
    Table::new(columns.map(|(name, column)| (name.to_owned(), column))).unwrap()
}

fn from_rows(visitors: &[Visitor]) -> ExperimentStats {
    let (experiment, store) = contract();
    let ids: Vec<String> = (0..visitors.len()).map(|i| format!("u{i}")).collect();
    stats_from_rows(
        &table(visitors, &ids),
        &experiment,
        &store,
        &Columns::default(),
    )
    .unwrap()
}

/// Each part summed by itself, then merged.
fn merged(visitors: &[Visitor]) -> ExperimentStats {
    let parts = (0..PARTS).map(|part| {
        let of_part = visitors.iter().filter(|v| v.part == part).cloned();
        from_rows(&of_part.collect::<Vec<_>>())
    });
    parts.reduce(|all, part| all.merge(&part).unwrap()).unwrap()
}

/// AVG(x) and AVG(x²) − AVG(x)².
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square = values.iter().map(|x| x * x).sum::<f64>() / n;
    (mean, (square - mean * mean).max(0.0))
}

fn amounts(orders: &[f64]) -> Map<String, Value> {
    let logs: Vec<f64> = orders.iter().map(|x| x.ln()).collect();
    let (mean_log, var_log) = if logs.is_empty() {
        (0.0, 0.0)
    } else {
        moments(&logs)
    };
    let sums = json!({"mean_log": mean_log, "var_log": var_log, "sum": orders.iter().sum::<f64>(),
                      "sum_sq": orders.iter().map(|x| x * x).sum::<f64>()});
    sums.as_object().unwrap().clone()
}

fn tally(answers: impl Iterator<Item = u32>, lowest: u32, levels: usize) -> Value {
    let mut counts = vec![0; levels];
    answers.for_each(|x| counts[(x - lowest) as usize] += 1);
    json!({"counts": counts})
}

/// What SQL would sum for one arm.
fn warehouse_arm(key: &str, of_arm: &[&Visitor]) -> Value {
    let n = of_arm.len();
    let orders: Vec<f64> = of_arm.iter().filter_map(|v| v.order).collect();
    let depths: Vec<f64> = of_arm.iter().map(|v| f64::from(v.depth)).collect();
    let margins: Vec<f64> = of_arm.iter().map(|v| v.margin).collect();
    let with = |more: Value| {
        let mut map = amounts(&orders);
        map.extend(more.as_object().unwrap().clone());
        Value::Object(map)
    };
    let (mean, variance) = moments(&margins);
    let mut metrics = json!({
        "conversion_rate": {"n": n, "successes": orders.len()},
        "revenue_per_visitor": with(json!({"visitors": n, "orders": orders.len()})),
        "session_depth": {"n": n, "total": depths.iter().sum::<f64>(),
                          "total_sq": depths.iter().map(|x| x * x).sum::<f64>()},
        "margin": {"n": n, "mean": mean, "variance": variance},
    });
    if !orders.is_empty() {
        metrics["average_order_value"] = with(json!({"n": orders.len()}));
    }
    for (name, lowest, levels) in [("csat", 1, 5), ("nps", 0, 11)] {
        let answer = |v: &&Visitor| if name == "csat" { v.csat } else { v.nps };
        let answers: Vec<u32> = of_arm.iter().filter_map(answer).collect();
        if !answers.is_empty() {
            metrics[name] = tally(answers.into_iter(), lowest, levels);
        }
    }
    json!({"key": key, "n": n, "metrics": metrics})
}

fn warehouse(visitors: &[Visitor]) -> ExperimentStats {
    let arm = |key: &str, treated: bool| {
        let of_arm: Vec<&Visitor> = visitors.iter().filter(|v| v.treated == treated).collect();
        warehouse_arm(key, &of_arm)
    };
    let document = json!({"experiment": "test", "variants": [arm("A", false), arm("B", true)]});
    ExperimentStats::from_value(&document, &contract().1).unwrap()
}

fn readout(stats: &ExperimentStats) -> Value {
    let (experiment, store) = contract();
    analyze(stats, &experiment, &store).unwrap().to_value()
}

/// The first place where two documents differ by more than rounding. A difference of two means is as exact as they are:
/// `floor` is the larger of them.
fn difference(path: &str, a: &Value, b: &Value, floor: f64) -> Option<String> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) if x.len() == y.len() => {
            let means = ["control", "treatment"].map(|arm| a[arm]["mean"].as_f64());
            let floor = means
                .into_iter()
                .flatten()
                .fold(floor, |most, x| most.max(x.abs()));
            x.iter().find_map(|(key, a)| {
                let b = y.get(key).unwrap_or(&Value::Null);
                difference(&format!("{path}.{key}"), a, b, floor)
            })
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            let mut both = x.iter().zip(y).enumerate();
            both.find_map(|(i, (a, b))| difference(&format!("{path}[{i}]"), a, b, floor))
        }
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            let error = (x - y).abs() / x.abs().max(y.abs()).max(floor);
            (error > CLOSE).then(|| format!("{path}: {x:e} and {y:e}, {error:e}"))
        }
        _ => (a != b).then(|| format!("{path}: {a} and {b}")),
    }
}

fn same(what: &str, a: &Value, b: &Value) {
    let found = difference("", a, b, 1.0);
    assert!(found.is_none(), "{what}: {}", found.unwrap_or_default());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_and_sums_give_one_readout(all in visitors(), seed in any::<u64>()) {
        let whole = readout(&from_rows(&all));
        let mut shuffled = all.clone();
        let n = shuffled.len() as u64;
        for i in (1..n).rev() {
            let j = seed.wrapping_mul(i.wrapping_mul(0x9E37_79B9_7F4A_7C15)) % (i + 1);
            shuffled.swap(usize::try_from(i).unwrap(), usize::try_from(j).unwrap());
        }
        same("permuted", &whole, &readout(&from_rows(&shuffled)));
        same("merged", &whole, &readout(&merged(&all)));
        same("warehouse", &whole, &readout(&warehouse(&all)));
    }
}

#[test]
fn every_family_is_in_the_readout() {
    let orders = [20.0, 35.0, 50.0, 80.0, 110.0, 64.0];
    let all: Vec<Visitor> = (0..60_u32)
        .map(|i| Visitor {
            treated: i % 2 == 1,
            part: 0,
            order: (i < 20).then(|| orders[i as usize % orders.len()]),
            depth: i % 7,
            csat: (i % 3 == 0).then_some(1 + i % 5),
            nps: (i % 4 < 2).then_some(i % 11),
            margin: f64::from(i % 13) - 2.0,
        })
        .collect();
    let readout = readout(&from_rows(&all));
    for (metric, family) in [
        ("conversion_rate", "binary"),
        ("average_order_value", "positive"),
        ("revenue_per_visitor", "hurdle"),
        ("csat", "ordinal"),
        ("nps", "ordinal"),
        ("session_depth", "count"),
        ("margin", "mean"),
    ] {
        let comparison = &readout["metrics"][metric]["B"];
        assert_eq!(comparison["family"], family, "{metric}");
        assert!(comparison["prob_positive"].is_number(), "{metric}");
    }
}

#[test]
fn parts_of_different_experiments_or_cuts_do_not_merge() {
    let store = StoreDocument::default();
    let part = |experiment: &str, cap: Value| {
        let order = json!({"visitors": 10, "orders": 2, "mean_log": 3, "var_log": 0.1, "winsorized_at": cap});
        let document = json!({"experiment": experiment, "variants": [
            {"key": "A", "n": 10, "metrics": {"revenue_per_visitor": order}}]});
        ExperimentStats::from_value(&document, &store).unwrap()
    };
    let refused = |a: &ExperimentStats, b: &ExperimentStats| {
        let error = a.merge(b).unwrap_err();
        (error.code(), error.detail().unwrap().field.clone())
    };
    let (one, other) = (part("test", json!(90)), part("other", json!(90)));
    assert_eq!(refused(&one, &other), ("conflict", "experiment".to_owned()));
    let field = "variants.A.metrics.revenue_per_visitor.winsorized_at".to_owned();
    for cap in [json!(80), Value::Null] {
        assert_eq!(
            refused(&one, &part("test", cap)),
            ("conflict", field.clone())
        );
    }
    assert!(one.merge(&part("test", json!(90))).is_ok());
}
