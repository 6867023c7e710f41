//! The table of `docs/EDGE_CASES.md`, row by row.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that fails must say where"
)]

use serde_json::{Value, json};
use stoa_core::{
    decide::{Analysis, Columns, ExperimentStats, analyze, stats_from_rows},
    error::Error,
    experiment::{CheckedExperiment, Experiment, StoreDocument},
    posterior::{Comparison, compare_values, summarize},
    value::{Column, Table},
};

fn compared(family: &str, a: &Value, b: &Value, prior: &Value) -> Comparison {
    let found = compare_values(family, a, b, prior);
    found.unwrap_or_else(|e| panic!("{family} {a} {b} {prior}: {e}"))
}

fn rates(a: (u64, u64), b: (u64, u64)) -> Comparison {
    let arm = |(n, successes)| json!({"n": n, "successes": successes});
    compared("binary", &arm(a), &arm(b), &Value::Null)
}

fn codes(c: &Comparison) -> Vec<&'static str> {
    c.notes().iter().map(|note| note.code).collect()
}

fn refusal(error: &Error) -> (&'static str, String) {
    let detail = error.detail().cloned().unwrap_or_default();
    (error.code(), detail.field)
}

fn near(got: f64, want: f64, tolerance: f64) {
    assert!(
        (got - want).abs() <= tolerance,
        "got {got:e}, want {want:e}"
    );
}

#[test]
fn nobody_converts_in_either_arm() {
    let c = rates((5, 0), (5, 0));
    near(c.prob_positive(), 0.5, 1e-12);
    // Beta(1, 6): mean 1/7.
    near(c.control_mean().unwrap(), 1.0 / 7.0, 1e-12);
    assert_eq!(codes(&c), ["infinite_mean"]);
}

#[test]
fn one_visitor_an_arm() {
    // Beta(1, 2) against Beta(2, 1): 5/6.
    near(rates((1, 0), (1, 1)).prob_positive(), 5.0 / 6.0, 1e-12);
    let c = compared(
        "hurdle",
        &json!({"visitors": 1, "orders": 0}),
        &json!({"visitors": 1, "orders": 1, "mean_log": 3, "var_log": 0}),
        &Value::Null,
    );
    assert!(codes(&c).contains(&"few_orders") && c.expected_loss_ship().is_none());
    assert!(c.prob_positive() > 0.5);
}

#[test]
fn everybody_converts() {
    let c = rates((200, 200), (200, 200));
    near(c.prob_positive(), 0.5, 1e-12);
    let interval = c.absolute().interval(0.95).unwrap().unwrap();
    assert!(interval.low > -0.03 && interval.high < 0.03);
}

#[test]
fn none_of_five_against_ten_million() {
    let c = rates((5, 0), (10_000_000, 300_000));
    // P(Beta(1, 6) < 0.03) = 1 − 0.97⁶.
    near(c.prob_positive(), 1.0 - 0.97_f64.powi(6), 1e-6);
}

#[test]
fn ten_million_visitors() {
    let c = rates((10_000_000, 300_000), (10_000_000, 301_000));
    // A difference of 1e-4, standard error √(2·0.0291/1e7) = 7.64e-5.
    near(c.prob_positive(), 0.904, 2e-3);
    let arm = |orders: u64| json!({"visitors": 10_000_000, "orders": orders, "mean_log": 4, "var_log": 0.6});
    let money = compared("hurdle", &arm(300_000), &arm(300_000), &Value::Null);
    near(money.prob_positive(), 0.5, 1e-9);
}

#[test]
fn an_arm_without_a_unit() {
    let none = json!({"n": 0, "successes": 0});
    let error = compare_values("binary", &none, &none, &Value::Null).unwrap_err();
    assert_eq!(refusal(&error), ("empty_arm", "control.n".to_owned()));
    let prior = json!({"alpha": 2, "beta": 8});
    near(
        compared("binary", &none, &none, &prior)
            .control_mean()
            .unwrap(),
        0.2,
        1e-12,
    );
}

#[test]
fn orders_that_are_all_alike() {
    let arm = |n: u64| json!({"n": n, "mean_log": 4, "var_log": 0});
    let c = compared("positive", &arm(50), &arm(60), &Value::Null);
    assert!(c.prob_positive() > 0.2 && c.prob_positive() < 0.8);
}

#[test]
fn fewer_than_five_orders() {
    let arm = |n: u64| json!({"n": n, "mean_log": 4, "var_log": 0.3});
    let c = compared("positive", &arm(4), &arm(60), &Value::Null);
    assert!(codes(&c).contains(&"few_orders"));
    assert!(c.absolute().median().is_none() && c.relative().median().is_some());
}

#[test]
fn a_mean_of_fewer_than_five_rows() {
    let arm = |n: u64| json!({"n": n, "mean": 4, "variance": 2});
    let c = compared("mean", &arm(4), &arm(60), &Value::Null);
    assert_eq!(codes(&c), ["few_rows"]);
    assert!(c.absolute().median().is_none() && c.to_value()["prob_positive"].is_null());
    let prior = json!({"mean": 4, "beta": 2});
    near(
        compared("mean", &arm(4), &arm(4), &prior).prob_positive(),
        0.5,
        1e-9,
    );
}

#[test]
fn rows_that_do_not_differ() {
    let arm = json!({"n": 60, "mean": 4, "variance": 0});
    assert_eq!(
        codes(&compared("mean", &arm, &arm, &Value::Null)),
        ["few_rows"]
    );
}

#[test]
fn a_control_whose_mean_may_be_negative() {
    let arm = |mean: f64| json!({"n": 100, "mean": mean, "variance": 400});
    let c = compared("mean", &arm(1.0), &arm(3.0), &Value::Null);
    assert_eq!(codes(&c), ["no_relative"]);
    assert!(c.relative().median().is_none() && c.absolute().median().is_some());
    // From 1 to 3 with standard errors of 2: 0.76.
    near(c.prob_positive(), 0.76, 0.01);
    let sure = compared("mean", &arm(100.0), &arm(103.0), &Value::Null);
    near(sure.relative().median().unwrap(), 0.03, 1e-3);
    let losses = compared("mean", &arm(100.0), &arm(-50.0), &Value::Null);
    near(losses.relative().median().unwrap(), -1.5, 1e-2);
}

#[test]
fn money_of_nothing_and_of_less() {
    let zero = summarize("hurdle", &[0.0, -0.0, 0.0]).unwrap();
    assert_eq!((zero.units(), zero.family()), (3, "hurdle"));
    let error = summarize("hurdle", &[12.0, -30.0]).unwrap_err();
    assert_eq!(refusal(&error), ("out_of_range", "rows[1]".to_owned()));
    let error = summarize("positive", &[0.0]).unwrap_err();
    assert_eq!(refusal(&error), ("out_of_range", "rows[0]".to_owned()));
    assert_eq!(summarize("mean", &[12.0, -30.0]).unwrap().units(), 2);
}

#[test]
fn an_amount_beyond_all_money() {
    let error = summarize("hurdle", &[1e101]).unwrap_err();
    assert_eq!(refusal(&error), ("out_of_range", "rows[0]".to_owned()));
    let error = summarize("hurdle", &[f64::INFINITY]).unwrap_err();
    assert_eq!(refusal(&error), ("not_finite", "rows[0]".to_owned()));
}

#[test]
fn counts_that_spread_more_than_poisson() {
    let arm = json!({"n": 100, "total": 200, "total_sq": 4000});
    let c = compared("count", &arm, &arm, &Value::Null);
    assert_eq!(
        (c.model(), codes(&c)),
        ("moments", vec!["over_dispersed", "infinite_mean"])
    );
    let few = json!({"n": 3, "total": 90, "total_sq": 8100});
    let c = compared("count", &few, &arm, &Value::Null);
    assert_eq!(codes(&c)[..2], ["over_dispersed", "few_rows"]);
    assert!(c.absolute().median().is_none());
    let impossible = json!({"n": 3, "total": 9, "total_sq": 10});
    let error = compare_values("count", &impossible, &arm, &Value::Null).unwrap_err();
    assert_eq!(
        refusal(&error),
        ("out_of_range", "control.total_sq".to_owned())
    );
}

#[test]
fn nobody_does_anything() {
    let arm = |n: u64| json!({"n": n, "total": 0, "total_sq": 0});
    let c = compared("count", &arm(5), &arm(5), &Value::Null);
    near(c.prob_positive(), 0.5, 1e-12);
    assert_eq!(codes(&c), ["infinite_mean"]);
}

#[test]
fn a_prior_that_is_all_but_certain() {
    let arm = |successes: u64| json!({"n": 100, "successes": successes});
    let sure = json!({"alpha": 3e11, "beta": 7e11});
    let c = compared("binary", &arm(10), &arm(90), &sure);
    near(c.control_mean().unwrap(), 0.3, 1e-9);
    near(c.prob_positive(), 0.5, 1e-3);
    let error = compare_values(
        "binary",
        &arm(10),
        &arm(90),
        &json!({"alpha": 1e13, "beta": 1}),
    );
    assert_eq!(
        refusal(&error.unwrap_err()),
        ("out_of_range", "prior.alpha".to_owned())
    );
}

#[test]
fn a_prior_that_is_all_but_nothing() {
    let arm = |successes: u64| json!({"n": 100, "successes": successes});
    let vague = json!({"alpha": 0.01, "beta": 0.01});
    let c = compared("binary", &arm(10), &arm(10), &vague);
    near(c.prob_positive(), 0.5, 1e-9);
    let error = compare_values("binary", &arm(10), &arm(10), &json!({"alpha": 1e-9}));
    assert_eq!(
        refusal(&error.unwrap_err()),
        ("out_of_range", "prior.alpha".to_owned())
    );
}

#[test]
fn a_certain_order_value_beside_a_vague_rate() {
    let arm = json!({"visitors": 3, "orders": 1, "mean_log": 4, "var_log": 0});
    let prior = json!({"severity": {"mean": 4, "kappa": 1e12, "alpha": 1e12, "beta": 1e-6}});
    let error = compare_values("hurdle", &arm, &arm, &prior).unwrap_err();
    assert_eq!(error.code(), "too_large");
}

#[test]
fn answers_on_one_level_and_on_none() {
    let arm = |counts: [u64; 5]| json!({"counts": counts});
    let c = compared(
        "ordinal",
        &arm([0, 0, 0, 0, 40]),
        &arm([0, 0, 0, 0, 1]),
        &Value::Null,
    );
    assert!(c.prob_positive() < 0.5 && c.control_mean().unwrap() < 5.0);
    let error = compare_values("ordinal", &arm([0; 5]), &arm([1; 5]), &Value::Null).unwrap_err();
    assert_eq!(refusal(&error), ("empty_arm", "control.counts".to_owned()));
}

fn contract(more: &Value) -> (CheckedExperiment, StoreDocument) {
    let store = json!({"metrics": [{"key": "margin", "category": "revenue", "family": "mean"}]});
    let store = StoreDocument::from_value(&store).unwrap();
    let mut experiment = json!({
        "key": "test", "surface": "cart_page", "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    });
    let fields = experiment.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let checked = Experiment::from_value(&experiment).unwrap().check(&store);
    (checked.unwrap(), store)
}

/// 40 visitors, odd rows in B; every fourth buys for 10, 20, 30 …; some answer.
fn summed(
    more: &Value,
    name: &str,
    value: impl Fn(usize) -> f64,
) -> Result<ExperimentStats, Error> {
    let (experiment, store) = contract(more);
    let ids: Vec<String> = (0..40).map(|i| format!("u{i}")).collect();
    let number =
        |f: &dyn Fn(usize) -> f64| Column::Number((0..40).map(f).collect::<Vec<_>>().into());
    let money = |i: usize| if i % 4 < 2 { 10.0 * i as f64 } else { 0.0 };
    let answer = |i: usize| {
        if i.is_multiple_of(3) {
            1.0 + (i % 5) as f64
        } else {
            f64::NAN
        }
    };
    let mut columns = vec![
        (
            "visitor_id",
            Column::Text(ids.iter().map(|id| Some(id.as_str())).collect()),
        ),
        (
            "variant",
            Column::Text((0..40).map(|i| Some(["A", "B"][i % 2])).collect()),
        ),
        ("revenue_per_visitor", number(&money)),
        ("csat", number(&answer)),
    ];
    columns.retain(|(column, _)| *column != name);
    columns.push((name, number(&value)));
    let table = Table::new(columns.into_iter().map(|(name, c)| (name.to_owned(), c)))?;
    stats_from_rows(&table, &experiment, &store, &Columns::default())
}

fn readout(more: &Value, stats: &ExperimentStats) -> Analysis {
    let (experiment, store) = contract(more);
    analyze(stats, &experiment, &store).unwrap()
}

#[test]
fn a_refund_in_the_rows() {
    let none = json!({});
    let error = summed(&none, "revenue_per_visitor", |i| {
        if i == 7 { -30.0 } else { 0.0 }
    });
    let field = "revenue_per_visitor[7]".to_owned();
    assert_eq!(refusal(&error.unwrap_err()), ("out_of_range", field));
    let stats = summed(
        &none,
        "margin",
        |i| if i % 5 == 0 { -30.0 } else { i as f64 },
    )
    .unwrap();
    let analysis = readout(&none, &stats);
    assert!(analysis.metrics["margin"]["B"].absolute().mean().is_some());
}

#[test]
fn an_answer_that_is_no_level() {
    let error = summed(&json!({}), "csat", |i| if i == 3 { 6.0 } else { 4.0 }).unwrap_err();
    assert_eq!(refusal(&error), ("out_of_range", "csat[3]".to_owned()));
    assert!(
        error.to_string().contains("must be one of 1, 2, 3, 4, 5"),
        "{error}"
    );
}

#[test]
fn nobody_answers() {
    let stats = summed(&json!({}), "csat", |_| f64::NAN).unwrap();
    let analysis = readout(&json!({}), &stats);
    let said = analysis.notes.iter().filter(|n| n.code == "no_values");
    assert_eq!(said.count(), 2);
    assert!(!analysis.metrics.contains_key("csat"));
}

#[test]
fn a_plan_that_winsorizes() {
    let plan = json!({"plan": {"winsorize": 0.9}});
    // The control's orders are 40, 80 … 360: of nine, the ninth. In B the last of ten is a whale.
    let whales = |i: usize| {
        if i % 4 < 2 {
            10.0 * i as f64 + if i == 37 { 9e6 } else { 0.0 }
        } else {
            0.0
        }
    };
    let stats = summed(&plan, "revenue_per_visitor", whales).unwrap();
    let value = serde_json::to_value(&stats).unwrap();
    let arm = |k: usize| value["variants"][k]["metrics"]["revenue_per_visitor"].clone();
    assert_eq!(arm(0)["winsorized_at"], json!(360.0));
    assert_eq!(
        (arm(0)["winsorized"].clone(), arm(1)["winsorized"].clone()),
        (json!(0), json!(1))
    );
    let analysis = readout(&plan, &stats);
    let note = analysis
        .notes
        .iter()
        .find(|n| n.code == "winsorized")
        .unwrap();
    assert_eq!(
        note.sentence,
        "revenue_per_visitor: amounts above 360 were taken as 360: 0 of 9 in A, 1 of 10 in B."
    );
    let uncut = summed(&json!({}), "revenue_per_visitor", whales).unwrap();
    let analysis = readout(&plan, &uncut);
    assert!(analysis.notes.iter().any(|n| n.code == "not_winsorized"));
}
