//! Posteriors against the truth tables and the project's own vectors, and what must hold for any data.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that fails must say where; the worst errors are shown with --nocapture"
)]

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::posterior::{
    Comparison, Effect, Prior, Stats, compare, compare_values, compare_with_priors, summarize,
};
use stoa_tests::worst::{Worst, spread};

/// A bound on the variance that binds nowhere: the conjugate model of the tables' decompositions.
const UNBOUNDED: f64 = 1000.0;

fn quantiles(effect: &Effect) -> [f64; 3] {
    [0.025, 0.5, 0.975].map(|q| effect.quantile(q).unwrap().unwrap())
}

fn check_quantiles(worst: &mut Worst, output: &str, case: &str, effect: &Effect, want: &Value) {
    let sd = spread(effect);
    for (i, got) in quantiles(effect).into_iter().enumerate() {
        worst.scaled(&format!("{output}[{i}]"), case, got, &want[i], sd);
    }
}

/// What every table has for both arms.
fn check_common(worst: &mut Worst, case: &str, c: &Comparison, out: &Value) {
    let above = |t| c.prob_above(t, true).unwrap().unwrap();
    worst.prob("p_b_gt_a", case, c.prob_positive(), &out["p_b_gt_a"]);
    worst.prob("p_a_gt_b", case, c.prob_harm(), &out["p_a_gt_b"]);
    worst.prob("p_rel_gt_1pct", case, above(0.01), &out["p_rel_gt_1pct"]);
    worst.prob("p_rel_gt_5pct", case, above(0.05), &out["p_rel_gt_5pct"]);
    check_quantiles(worst, "rel_lift_q", case, c.relative(), &out["rel_lift_q"]);
}

/// In the metric's unit.
fn check_absolute(worst: &mut Worst, case: &str, c: &Comparison, out: &Value) {
    let (ship, keep) = (c.expected_loss_ship(), c.expected_loss_keep());
    worst.loss("loss_ship", case, ship.unwrap(), &out["exp_loss_choose_b"]);
    worst.loss("loss_keep", case, keep.unwrap(), &out["exp_loss_choose_a"]);
    check_quantiles(worst, "abs_lift_q", case, c.absolute(), &out["abs_lift_q"]);
}

/// Log-scale outputs of the amount models.
fn check_logs(worst: &mut Worst, case: &str, c: &Comparison, out: &Value) {
    worst.loss(
        "log_loss_ship",
        case,
        c.log_loss_ship(),
        &out["log_loss_choose_b"],
    );
    worst.loss(
        "log_loss_keep",
        case,
        c.log_loss_keep(),
        &out["log_loss_choose_a"],
    );
    let sd = 0.5 * (spread(c.relative()) + spread(c.relative()).min(1.0));
    worst.scaled(
        "mean_log_lift",
        case,
        c.mean_log_lift(),
        &out["mean_log_lift"],
        sd,
    );
}

fn check_means(worst: &mut Worst, case: &str, c: &Comparison, out: &Value) {
    worst.scaled(
        "mean_a",
        case,
        c.control_mean().unwrap(),
        &out["mean_a"],
        0.0,
    );
    worst.scaled(
        "mean_b",
        case,
        c.treatment_mean().unwrap(),
        &out["mean_b"],
        0.0,
    );
}

fn beta_prior(pair: &Value) -> Prior {
    Prior::from_value("binary", &json!({"alpha": pair[0], "beta": pair[1]})).unwrap()
}

fn check_binary(worst: &mut Worst, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let arm = |n: &str, x: &str| {
        Stats::from_value("binary", &json!({"n": case[n], "successes": case[x]})).unwrap()
    };
    let c = compare_with_priors(
        &arm("n_a", "x_a"),
        &arm("n_b", "x_b"),
        &beta_prior(&case["prior_a"]),
        &beta_prior(&case["prior_b"]),
    )
    .unwrap();
    let out = &case["out"];
    check_common(worst, id, &c, out);
    check_absolute(worst, id, &c, out);
    let below = c.prob_below(-0.01, true).unwrap().unwrap();
    worst.prob(
        "p_rel_lt_minus_1pct",
        id,
        below,
        &out["p_rel_lt_minus_1pct"],
    );
    let relative = &out["exp_rel_loss_choose_b"];
    worst.loss("rel_loss_ship", id, c.relative_loss_ship(), relative);
}

fn amount(case: &Value, arm: &str) -> Value {
    let at = |key: &str| case[format!("{key}_{arm}")].clone();
    match at("visitors") {
        Value::Null => json!({"n": at("n"), "mean_log": at("mean_log"), "var_log": at("var_log")}),
        visitors => json!({"visitors": visitors, "orders": at("orders"),
                           "mean_log": at("mean_log"), "var_log": at("var_log")}),
    }
}

fn amounts(case: &Value, max_variance: f64) -> Comparison {
    let [m, k, a, b] = [0, 1, 2, 3].map(|i| &case["prior_m_kappa_alpha_beta"][i]);
    let severity =
        json!({"mean": m, "kappa": k, "alpha": a, "beta": b, "max_variance": max_variance});
    let (family, prior) = match case["prior_beta"].as_array() {
        None => ("positive", severity),
        Some(beta) => {
            let conversion = json!({"alpha": beta[0], "beta": beta[1]});
            (
                "hurdle",
                json!({"conversion": conversion, "severity": severity}),
            )
        }
    };
    compare_values(family, &amount(case, "a"), &amount(case, "b"), &prior).unwrap()
}

fn check_amounts(worst: &mut Worst, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let (c, out) = (amounts(case, 4.0), &case["out_truncated_sigma2_le_4"]);
    check_common(worst, id, &c, out);
    check_absolute(worst, id, &c, out);
    check_logs(worst, id, &c, out);
    check_means(worst, id, &c, out);
    if c.decomposition().is_some() {
        check_sum(&c);
    }
}

/// The conjugate model without a bound: no dollars, everything else.
fn check_unbounded(worst: &mut Worst, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let (c, out) = (amounts(case, UNBOUNDED), &case["out"]);
    check_common(worst, id, &c, out);
    check_logs(worst, id, &c, out);
    assert!(c.expected_loss_ship().is_none() && c.absolute().median().is_none());
    let Some(parts) = c.decomposition() else {
        return;
    };
    for (name, part) in [("freq", &parts.frequency), ("sev", &parts.severity)] {
        let want = &case["decomposition"][name];
        let key = |output: &str| format!("{name}.{output}");
        worst.prob(&key("p_gt_0"), id, part.prob_positive(), &want["p_gt_0"]);
        let (got, sd) = (part.mean_log_lift(), spread(part.relative()).min(1.0));
        worst.scaled(&key("mean_log_lift"), id, got, &want["mean_log_lift"], sd);
        check_quantiles(worst, &key("q"), id, part.relative(), &want["rel_lift_q"]);
    }
}

/// Frequency and severity add up to the total.
fn check_sum(c: &Comparison) {
    let parts = c.decomposition().unwrap();
    let logs = parts.frequency.mean_log_lift() + parts.severity.mean_log_lift();
    assert!((logs - c.mean_log_lift()).abs() <= f64::EPSILON * logs.abs());
    let dollars =
        parts.frequency.absolute_mean().unwrap() + parts.severity.absolute_mean().unwrap();
    let total = c.absolute().mean().unwrap();
    assert!((dollars - total).abs() <= 4.0 * f64::EPSILON * c.control_mean().unwrap());
}

fn each_case(document: &Value, mut check: impl FnMut(&Value)) {
    document["cases"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(&mut check);
}

fn truth(name: &str) -> Option<Value> {
    let path = stoa_tests::shared(&format!("truth/{name}"))?;
    Some(stoa_tests::read_json(&path).unwrap())
}

#[test]
fn binary_truth() {
    let Some(table) = truth("a_beta_binomial.json") else {
        return;
    };
    let mut worst = Worst::default();
    each_case(&table, |case| check_binary(&mut worst, case));
    worst.finish("a_beta_binomial").unwrap();
}

#[test]
fn amount_truth() {
    for name in ["b_lognormal_nig", "c_zero_inflated_lognormal"] {
        let Some(table) = truth(&format!("{name}.json")) else {
            return;
        };
        let mut worst = Worst::default();
        each_case(&table, |case| check_amounts(&mut worst, case));
        worst.finish(name).unwrap();
        let mut worst = Worst::default();
        each_case(&table, |case| check_unbounded(&mut worst, case));
        worst.finish(&format!("{name}, no bound")).unwrap();
    }
}

/// The project's own cases, which Python and TypeScript read too.
#[test]
fn own_vectors() {
    let vectors = stoa_tests::vectors("posterior.json").unwrap();
    let mut worst = Worst::default();
    each_case(&vectors, |case| check_vector(&mut worst, case));
    worst.finish("vectors").unwrap();
}

fn check_vector(worst: &mut Worst, case: &Value) {
    let name = case["name"].as_str().unwrap();
    let family = case["family"].as_str().unwrap();
    let c = compare_values(family, &case["control"], &case["treatment"], &case["prior"]).unwrap();
    for (key, want) in case["out"].as_object().unwrap() {
        match key.as_str() {
            "prob_positive" => worst.prob(key, name, c.prob_positive(), want),
            "prob_harm" => worst.prob(key, name, c.prob_harm(), want),
            "expected_loss_ship" => worst.loss(key, name, c.expected_loss_ship().unwrap(), want),
            "expected_loss_keep" => worst.loss(key, name, c.expected_loss_keep().unwrap(), want),
            "log_loss_ship" => worst.loss(key, name, c.log_loss_ship(), want),
            "log_loss_keep" => worst.loss(key, name, c.log_loss_keep(), want),
            "mean_log_lift" => worst.scaled(key, name, c.mean_log_lift(), want, 1e-2),
            "control_mean" => worst.scaled(key, name, c.control_mean().unwrap(), want, 0.0),
            "treatment_mean" => worst.scaled(key, name, c.treatment_mean().unwrap(), want, 0.0),
            "relative_quantiles" => check_quantiles(worst, key, name, c.relative(), want),
            "absolute_quantiles" => check_quantiles(worst, key, name, c.absolute(), want),
            _ => panic!("{name}: nothing checks {key}"),
        }
    }
}

fn binary(n: u64, successes: u64) -> Stats {
    Stats::from_value("binary", &json!({"n": n, "successes": successes})).unwrap()
}

fn hurdle(visitors: u64, orders: u64, mean_log: f64, var_log: f64) -> Stats {
    let value = json!({"visitors": visitors, "orders": orders,
                       "mean_log": mean_log, "var_log": var_log});
    Stats::from_value("hurdle", &value).unwrap()
}

/// Every number of the readout is finite or null, whatever the arms.
#[test]
fn no_arm_is_too_small_or_too_large() {
    let arms = [
        (binary(5, 0), binary(10_000_000, 3)),
        (binary(5, 5), binary(5, 0)),
        (binary(1, 0), binary(1, 0)),
        (binary(10_000_000, 0), binary(10_000_000, 10_000_000)),
        (binary(10_000_000, 5_000_000), binary(10_000_000, 5_001_000)),
        (hurdle(5, 0, 0.0, 0.0), hurdle(5, 0, 0.0, 0.0)),
        (hurdle(5, 5, 4.0, 0.0), hurdle(5, 0, 0.0, 0.0)),
        (
            hurdle(10_000_000, 300_000, 4.0, 0.6),
            hurdle(10_000_000, 301_000, 4.0, 0.6),
        ),
        (hurdle(900, 40, 4.0, 9.0), hurdle(900, 40, 4.0, 1e-9)),
        (hurdle(900, 40, -8.0, 0.5), hurdle(900, 40, 12.0, 0.5)),
    ];
    for (control, treatment) in arms {
        let c = compare(&control, &treatment, &Prior::Default).unwrap();
        let (up, down) = (c.prob_positive(), c.prob_harm());
        assert!(
            (up + down - 1.0).abs() < 1e-11,
            "{control:?} {treatment:?}: {up} {down}"
        );
        let interval = c.relative().interval(0.95).unwrap().unwrap();
        let median = c.relative().median().unwrap();
        assert!(
            interval.low < median && median < interval.high,
            "{control:?} {treatment:?}"
        );
        let text = c.to_value().to_string();
        let probs = [
            "prob_positive",
            "log_loss_ship",
            "log_loss_keep",
            "mean_log_lift",
        ];
        for key in probs {
            assert!(
                !text.contains(&format!("\"{key}\":null")),
                "{key} of {text}"
            );
        }
    }
}

/// ../shared/data/TRUTH.md, Hillstrom visits: beyond the tables' floor, the order of magnitude is right.
#[test]
fn a_loss_of_nearly_nothing_is_not_zero() {
    let (none, mens) = (binary(21_306, 2_262), binary(21_307, 3_894));
    let c = compare(&none, &mens, &Prior::Default).unwrap();
    let loss = c.expected_loss_ship().unwrap();
    assert!(
        (loss.ln() - 3.241_798e-117_f64.ln()).abs() < 0.05,
        "{loss:e}"
    );
}

#[test]
fn refusals_name_arm_and_field() {
    let refuse = |family: &str, a: Value, b: Value, prior: Value| {
        compare_values(family, &a, &b, &prior).unwrap_err()
    };
    let arm = || json!({"n": 10, "successes": 5});
    let error = refuse(
        "binary",
        arm(),
        json!({"n": 10, "successes": -1}),
        Value::Null,
    );
    assert_eq!(
        (error.code(), error.detail().unwrap().field.as_str()),
        ("out_of_range", "treatment.successes")
    );
    let error = refuse("binary", arm(), arm(), json!({"alpha": -1, "beta": 1}));
    assert_eq!(error.to_string(), "prior.alpha must be > 0, got -1");
    let error = refuse(
        "binary",
        json!({"n": 0, "successes": 0}),
        arm(),
        Value::Null,
    );
    assert_eq!(
        (error.code(), error.detail().unwrap().field.as_str()),
        ("empty_arm", "control.n")
    );
    let error = refuse("binari", arm(), arm(), Value::Null);
    assert_eq!(
        error.detail().unwrap().hint.as_deref(),
        Some("did you mean `binary`?")
    );
    let error = refuse(
        "binary",
        arm(),
        json!({"n": 10, "sucesses": 5}),
        Value::Null,
    );
    assert_eq!(error.code(), "unknown_field");
    let error = refuse(
        "hurdle",
        json!({"visitors": 10, "orders": 5}),
        arm(),
        Value::Null,
    );
    assert_eq!(error.problems()[0].code, "missing_field");
    let nan = summarize("hurdle", &[0.0, f64::NAN]).unwrap_err();
    assert_eq!(
        (nan.code(), nan.detail().unwrap().field.as_str()),
        ("not_finite", "rows[1]")
    );
    assert_eq!(summarize("positive", &[]).unwrap_err().code(), "empty_arm");
}

#[test]
fn draws_follow_the_seed_and_the_posterior() {
    let c = compare(&binary(900, 81), &binary(905, 99), &Prior::Default).unwrap();
    let (one, again, other) = (c.sample(4000, 7), c.sample(4000, 7), c.sample(4000, 8));
    let one = one.unwrap();
    assert_eq!(one, again.unwrap());
    assert_ne!(one, other.unwrap());
    let above = one
        .control
        .iter()
        .zip(&one.treatment)
        .filter(|(a, b)| b > a)
        .count();
    // Three standard errors of 4,000 draws.
    assert!((above as f64 / 4000.0 - c.prob_positive()).abs() < 0.015);
}

#[test]
fn an_effects_density_integrates_to_its_middle() {
    let (a, b) = (hurdle(5000, 150, 4.0, 0.6), hurdle(5000, 170, 4.1, 0.6));
    let c = compare(&a, &b, &Prior::Default).unwrap();
    for effect in [c.absolute(), c.relative()] {
        let grid = effect.density(513).unwrap();
        let step = grid.x[1] - grid.x[0];
        let mass: f64 = grid.density.iter().sum::<f64>() * step;
        assert!((mass - 0.998).abs() < 1e-4, "{mass}");
    }
}

/// Binary arms of at most a few thousand units.
fn counts() -> impl Strategy<Value = (u64, u64)> {
    (1_u64..3000).prop_flat_map(|n| (Just(n), 0..=n))
}

fn revenues() -> impl Strategy<Value = Vec<f64>> {
    let revenue = prop_oneof![Just(0.0), 1.0..500.0];
    proptest::collection::vec(revenue, 40..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn swapping_the_arms_mirrors_the_answer((n, x) in counts(), (m, y) in counts()) {
        let there = compare(&binary(n, x), &binary(m, y), &Prior::Default).unwrap();
        let back = compare(&binary(m, y), &binary(n, x), &Prior::Default).unwrap();
        prop_assert!((there.prob_positive() - back.prob_harm()).abs() < 1e-12);
        let (ship, keep) = (there.expected_loss_ship().unwrap(), back.expected_loss_keep().unwrap());
        prop_assert!((ship - keep).abs() <= 1e-12 * ship.abs().max(1e-3));
        let lift = there.absolute().mean().unwrap();
        let gap = there.expected_loss_keep().unwrap() - ship;
        prop_assert!((lift - gap).abs() < 1e-11, "identity of losses: {lift} {gap}");
    }

    #[test]
    fn the_order_of_rows_does_not_matter(rows in revenues().prop_shuffle(), other in revenues()) {
        let mut sorted = rows.clone();
        sorted.sort_by(f64::total_cmp);
        let control = summarize("hurdle", &other).unwrap();
        let answer = |rows: &[f64]| {
            let treatment = summarize("hurdle", rows).unwrap();
            let c = compare(&control, &treatment, &Prior::Default).unwrap();
            (c.prob_positive(), c.relative().median().unwrap())
        };
        let (a, b) = (answer(&rows), answer(&sorted));
        prop_assert!((a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12 * (1.0 + a.1.abs()));
    }

    #[test]
    fn merging_commutes_and_equals_all_rows(a in revenues(), b in revenues()) {
        let [x, y] = [&a, &b].map(|rows| summarize("hurdle", rows).unwrap());
        let (Stats::Hurdle(xy), Stats::Hurdle(yx)) = (x.merge(&y).unwrap(), y.merge(&x).unwrap()) else {
            unreachable!()
        };
        let all = summarize("hurdle", &[a, b].concat()).unwrap();
        let Stats::Hurdle(all) = all else { unreachable!() };
        prop_assert_eq!((xy.visitors, xy.orders), (all.visitors, all.orders));
        for merged in [xy, yx] {
            prop_assert!((merged.mean_log - all.mean_log).abs() < 1e-13);
            prop_assert!((merged.var_log - all.var_log).abs() < 1e-12);
        }
    }
}
