//! Ordinal metrics and the other models of order values: against the truth tables, and whatever the data.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that fails must say where; the worst errors are shown with --nocapture"
)]

use serde_json::{Value, json};
use stoa_core::posterior::{Comparison, Effect, Prior, Stats, compare_values, estimate};
use stoa_tests::worst::{Worst, spread};

fn check_quantiles(worst: &mut Worst, output: &str, case: &str, effect: &Effect, want: &Value) {
    let sd = spread(effect);
    for (i, q) in [0.025, 0.5, 0.975].into_iter().enumerate() {
        let got = effect.quantile(q).unwrap().unwrap();
        worst.scaled(&format!("{output}[{i}]"), case, got, &want[i], sd);
    }
}

fn each_case(name: &str, mut check: impl FnMut(&mut Worst, &str, &Value)) {
    let Some(path) = stoa_tests::shared(&format!("truth/{name}.json")) else {
        return;
    };
    let table: Value = stoa_tests::read_json(&path).unwrap();
    let mut worst = Worst::default();
    for case in table["cases"].as_array().unwrap() {
        check(&mut worst, case["id"].as_str().unwrap(), case);
    }
    worst.finish(name).unwrap();
}

fn ordinal(case: &Value, arm: &str) -> Value {
    json!({"counts": case[format!("counts_{arm}")], "scores": case["score_weights"]})
}

fn check_ordinal(worst: &mut Worst, id: &str, case: &Value) {
    let levels = case["score_weights"].as_array().unwrap().len();
    let prior = json!({"alpha": vec![case["prior_alpha_each"].clone(); levels]});
    let arms = ["a", "b"].map(|arm| ordinal(case, arm));
    let c = compare_values("ordinal", &arms[0], &arms[1], &prior).unwrap();
    let out = &case["out"];
    worst.prob("p_b_gt_a", id, c.prob_positive(), &out["p_b_gt_a"]);
    let sd = out["diff_sd"].as_f64().unwrap();
    let mean = c.absolute().mean().unwrap();
    worst.scaled("diff_mean", id, mean, &out["diff_mean"], sd);
    check_quantiles(worst, "diff_q", id, c.absolute(), &out["diff_q"]);
    let (ship, keep) = (c.expected_loss_ship(), c.expected_loss_keep());
    // Stricter than the target, which scales by the posterior sd: relative to the loss itself.
    worst.scaled(
        "loss_ship",
        id,
        ship.unwrap(),
        &out["exp_loss_choose_b"],
        1e-6,
    );
    worst.scaled(
        "loss_keep",
        id,
        keep.unwrap(),
        &out["exp_loss_choose_a"],
        1e-6,
    );
    let prior = Prior::from_value("ordinal", &prior).unwrap();
    for (name, arm, got) in [
        ("a", &arms[0], c.control_mean()),
        ("b", &arms[1], c.treatment_mean()),
    ] {
        let stats = Stats::from_value("ordinal", arm).unwrap();
        let alone = estimate(&stats, &prior).unwrap();
        assert_eq!(alone.mean(), got);
        worst.scaled("mean", id, got.unwrap(), &out[format!("mean_{name}")], 0.0);
        worst.scaled(
            "sd",
            id,
            alone.sd().unwrap(),
            &out[format!("sd_{name}")],
            0.0,
        );
        check_moments(worst, id, &alone, &out[format!("mean_{name}")]);
    }
}

/// The curve itself has the moments that are known in closed form.
fn check_moments(
    worst: &mut Worst,
    id: &str,
    alone: &stoa_core::posterior::Estimate,
    mean: &Value,
) {
    const CELLS: u32 = 4000;
    // E[M] = M_low + ∫ P(M > y) dy, between the outermost quantiles by midpoints.
    let ends = [1e-13, 1.0 - 1e-13].map(|q| alone.quantile(q).unwrap().unwrap());
    let width = (ends[1] - ends[0]) / f64::from(CELLS);
    let above = |i| {
        alone
            .prob_above(ends[0] + width * (f64::from(i) + 0.5))
            .unwrap()
    };
    let integral: f64 = (0..CELLS).map(above).sum();
    worst.scaled(
        "mean of the curve",
        id,
        ends[0] + width * integral,
        mean,
        alone.sd().unwrap() * 100.0,
    );
}

#[test]
fn ordinal_truth() {
    each_case("f_ordinal_dirichlet", check_ordinal);
}

fn gamma_prior(case: &Value) -> Value {
    let severity = |shape: &Value, rate: &Value| {
        json!({"model": "gamma", "shape": shape, "rate": rate,
               "gamma_shape": case["gamma_shape_known"]})
    };
    match case["prior_beta"].as_array() {
        None => severity(&case["prior_shape"], &case["prior_rate"]),
        Some(beta) => {
            let pair = &case["prior_gamma_shape_rate"];
            json!({"conversion": {"alpha": beta[0], "beta": beta[1]},
                   "severity": severity(&pair[0], &pair[1])})
        }
    }
}

fn amount(case: &Value, arm: &str) -> Value {
    let at = |key: &str| case[format!("{key}_{arm}")].clone();
    // The model reads neither mean nor variance of the log.
    match at("visitors") {
        Value::Null => json!({"n": at("n"), "mean_log": 0, "var_log": 0, "sum": at("sum")}),
        visitors => json!({"visitors": visitors, "orders": at("orders"),
                           "mean_log": 0, "var_log": 0, "sum": at("revenue")}),
    }
}

fn check_gamma(worst: &mut Worst, id: &str, case: &Value) {
    let (a, b, prior) = (amount(case, "a"), amount(case, "b"), gamma_prior(case));
    let family = if a["visitors"].is_null() {
        "positive"
    } else {
        "hurdle"
    };
    let c = compare_values(family, &a, &b, &prior).unwrap();
    let out = &case["out"];
    let above = |t| c.prob_above(t, true).unwrap().unwrap();
    worst.prob("p_b_gt_a", id, c.prob_positive(), &out["p_b_gt_a"]);
    worst.prob("p_a_gt_b", id, c.prob_harm(), &out["p_a_gt_b"]);
    worst.prob("p_rel_gt_1pct", id, above(0.01), &out["p_rel_gt_1pct"]);
    worst.prob("p_rel_gt_5pct", id, above(0.05), &out["p_rel_gt_5pct"]);
    check_quantiles(worst, "rel_lift_q", id, c.relative(), &out["rel_lift_q"]);
    check_quantiles(worst, "abs_lift_q", id, c.absolute(), &out["abs_lift_q"]);
    let loss = [
        (
            "loss_ship",
            c.expected_loss_ship().unwrap(),
            "exp_loss_choose_b",
        ),
        (
            "loss_keep",
            c.expected_loss_keep().unwrap(),
            "exp_loss_choose_a",
        ),
        ("log_loss_ship", c.log_loss_ship(), "log_loss_choose_b"),
        ("log_loss_keep", c.log_loss_keep(), "log_loss_choose_a"),
        ("mean_a", c.control_mean().unwrap(), "mean_a"),
        ("mean_b", c.treatment_mean().unwrap(), "mean_b"),
    ];
    for (name, got, key) in loss {
        worst.scaled(name, id, got, &out[key], 1e-6);
    }
    let sd = spread(c.relative()).min(1.0);
    worst.scaled(
        "mean_log_lift",
        id,
        c.mean_log_lift(),
        &out["mean_log_lift"],
        sd,
    );
    check_parts(worst, id, &c, case);
}

fn check_parts(worst: &mut Worst, id: &str, c: &Comparison, case: &Value) {
    let Some(parts) = c.decomposition() else {
        return;
    };
    for (name, part) in [("freq", &parts.frequency), ("sev", &parts.severity)] {
        let want = &case["decomposition"][name];
        let key = |output: &str| format!("{name}.{output}");
        worst.prob(&key("p_gt_0"), id, part.prob_positive(), &want["p_gt_0"]);
        let sd = spread(part.relative()).min(1.0);
        worst.scaled(
            &key("mean_log_lift"),
            id,
            part.mean_log_lift(),
            &want["mean_log_lift"],
            sd,
        );
        check_quantiles(worst, &key("q"), id, part.relative(), &want["rel_lift_q"]);
        let shapley = &case["shapley_mean_dollar_per_visitor"];
        let scale = spread(c.absolute());
        worst.scaled(
            &key("dollars"),
            id,
            part.absolute_mean().unwrap(),
            &shapley[name],
            scale,
        );
        worst.scaled(
            "dollars",
            id,
            c.absolute().mean().unwrap(),
            &shapley["total"],
            scale,
        );
    }
}

#[test]
fn gamma_truth() {
    for name in ["b_gamma_exponential", "c_zero_inflated_gamma"] {
        each_case(name, check_gamma);
    }
}

/// Every figure of an ordinal readout is finite, whatever the arms; P(above) and P(below) share 1.
fn check_figures(a: &Value, b: &Value, prior: &Value) -> Comparison {
    let c = compare_values("ordinal", a, b, prior).unwrap();
    let (up, down) = (c.prob_positive(), c.prob_harm());
    assert!(
        (up + down - 1.0).abs() < 1e-9,
        "{a} {b} {prior}: {up} + {down}"
    );
    let (ship, keep) = (
        c.expected_loss_ship().unwrap(),
        c.expected_loss_keep().unwrap(),
    );
    assert!(ship >= 0.0 && keep >= 0.0, "{a} {b}: {ship} {keep}");
    let interval = c.absolute().interval(0.95).unwrap().unwrap();
    let median = c.absolute().median().unwrap();
    assert!(interval.low < median && median < interval.high, "{a} {b}");
    let value = c.to_value();
    for key in [
        "prob_positive",
        "prob_harm",
        "expected_loss_ship",
        "expected_loss_keep",
    ] {
        assert!(value[key].is_number(), "{key} of {value}");
    }
    let (lift, scale) = (c.absolute().mean().unwrap(), interval.high - interval.low);
    assert!(
        (lift - (keep - ship)).abs() < 1e-9 * scale,
        "{a} {b}: {lift} {keep} {ship}"
    );
    let grid = c.absolute().density(65).unwrap();
    assert!(
        grid.density.iter().all(|x| *x >= 0.0 && x.is_finite()),
        "{a} {b}"
    );
    c
}

#[test]
fn no_question_has_too_few_or_too_many_answers() {
    let five = |counts: [u64; 5]| json!({"counts": counts});
    let alpha = |x: f64| json!({"alpha": [x, x, x, x, x]});
    let none = five([0; 5]);
    let one = five([0, 0, 1, 0, 0]);
    let all = five([0, 0, 0, 1000, 0]);
    let best = five([0, 0, 0, 0, 10_000_000]);
    let many = five([400_000, 600_000, 1_000_000, 3_000_000, 5_000_000]);
    let ones = alpha(1.0);
    for (a, b, prior) in [
        (&none, &none, &ones),
        (&none, &one, &ones),
        (&one, &all, &Value::Null),
        (&all, &all, &Value::Null),
        (&all, &best, &Value::Null),
        (&best, &best, &Value::Null),
        (&many, &many, &Value::Null),
        (&one, &many, &Value::Null),
        (&one, &all, &alpha(0.05)),
        (&one, &all, &alpha(1e9)),
    ] {
        check_figures(a, b, prior);
    }
    let even = check_figures(&none, &none, &ones);
    assert!((even.prob_positive() - 0.5).abs() < 1e-12);
}

#[test]
fn two_levels_are_a_rate() {
    let two = |no: u64, yes: u64| json!({"counts": [no, yes], "scores": [0, 1]});
    let rate = |no: u64, yes: u64| json!({"n": no + yes, "successes": yes});
    for (a, b) in [((3, 1), (2, 4)), ((819, 81), (806, 99)), ((0, 5), (5, 0))] {
        let c = check_figures(&two(a.0, a.1), &two(b.0, b.1), &Value::Null);
        let r = compare_values("binary", &rate(a.0, a.1), &rate(b.0, b.1), &Value::Null).unwrap();
        let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-10, "{a:?} {b:?}: {x} {y}");
        near(c.prob_positive(), r.prob_positive());
        near(
            c.expected_loss_ship().unwrap(),
            r.expected_loss_ship().unwrap(),
        );
        for q in [0.001, 0.5, 0.975] {
            let [x, y] = [&c, &r].map(|c| c.absolute().quantile(q).unwrap().unwrap());
            near(x, y);
        }
    }
}

/// The project's own cases, taken from the truth tables.
#[test]
fn own_vectors() {
    let vectors = stoa_tests::vectors("posterior_models.json").unwrap();
    let mut worst = Worst::default();
    for case in vectors["cases"].as_array().unwrap() {
        check_vector(&mut worst, case);
    }
    worst.finish("vectors").unwrap();
}

fn check_vector(worst: &mut Worst, case: &Value) {
    let name = case["name"].as_str().unwrap();
    let family = case["family"].as_str().unwrap();
    let c = compare_values(family, &case["control"], &case["treatment"], &case["prior"]).unwrap();
    let part = |frequency: bool| {
        let parts = c.decomposition().unwrap();
        let part = if frequency {
            &parts.frequency
        } else {
            &parts.severity
        };
        part.absolute_mean().unwrap()
    };
    for (key, want) in case["out"].as_object().unwrap() {
        let got = match key.as_str() {
            "prob_positive" => c.prob_positive(),
            "control_mean" => c.control_mean().unwrap(),
            "treatment_mean" => c.treatment_mean().unwrap(),
            "expected_loss_ship" => c.expected_loss_ship().unwrap(),
            "expected_loss_keep" => c.expected_loss_keep().unwrap(),
            "log_loss_ship" => c.log_loss_ship(),
            "log_loss_keep" => c.log_loss_keep(),
            "mean_log_lift" => c.mean_log_lift(),
            "frequency_dollars" => part(true),
            "severity_dollars" => part(false),
            "relative_quantiles" => {
                check_quantiles(worst, key, name, c.relative(), want);
                continue;
            }
            "absolute_quantiles" => {
                check_quantiles(worst, key, name, c.absolute(), want);
                continue;
            }
            _ => panic!("{name}: nothing checks {key}"),
        };
        worst.scaled(key, name, got, want, 1e-2);
    }
}

#[test]
fn refusals_name_the_field() {
    let refuse = |family: &str, b: Value, prior: Value| {
        let a = match family {
            "ordinal" => json!({"counts": [1, 2, 3, 4, 5]}),
            _ => json!({"n": 9, "mean_log": 4, "var_log": 0.5, "sum": 500, "sum_sq": 40_000}),
        };
        let error = compare_values(family, &a, &b, &prior).unwrap_err();
        (error.code(), error.detail().unwrap().field.clone())
    };
    let of = |code: &'static str, field: &str| (code, field.to_owned());
    let five = || json!({"counts": [1, 1, 1, 1, 1]});
    let order = || json!({"n": 9, "mean_log": 4, "var_log": 0.5});
    let none = Value::Null;
    for (family, b, prior, want) in [
        (
            "ordinal",
            json!({"counts": [1, 2, 3]}),
            none.clone(),
            of("missing_field", "treatment.scores"),
        ),
        (
            "ordinal",
            json!({"counts": [1, -2, 3, 4, 5]}),
            none.clone(),
            of("out_of_range", "treatment.counts[1]"),
        ),
        (
            "ordinal",
            json!({"counts": [0, 0, 0, 0, 0]}),
            none.clone(),
            of("empty_arm", "treatment.counts"),
        ),
        (
            "ordinal",
            json!({"counts": [1, 1], "scores": [2, 2]}),
            none.clone(),
            of("out_of_range", "treatment.scores"),
        ),
        (
            "ordinal",
            json!({"counts": [1, 1], "scores": [0, 1]}),
            none,
            of("conflict", "treatment.counts"),
        ),
        (
            "ordinal",
            five(),
            json!({"alpha": [1, 1]}),
            of("conflict", "prior.alpha"),
        ),
        (
            "ordinal",
            five(),
            json!({"alpha": [1, 1, 1, 1, 0]}),
            of("out_of_range", "prior.alpha[4]"),
        ),
        (
            "positive",
            order(),
            json!({"model": "gama"}),
            of("unknown_name", "prior.model"),
        ),
        (
            "positive",
            order(),
            json!({"model": "gamma", "rate": -1}),
            of("out_of_range", "prior.rate"),
        ),
        (
            "positive",
            order(),
            json!({"model": "gamma"}),
            of("missing_field", "treatment.sum"),
        ),
        (
            "positive",
            order(),
            json!({"model": "moments"}),
            of("missing_field", "treatment.sum"),
        ),
    ] {
        assert_eq!(refuse(family, b, prior), want);
    }
}

#[test]
fn moments_of_many_orders_are_a_normal_mean() {
    // n = 40,000, mean 50, variance 2,500: the standard error is 0.25, the lift 1 ± 0.354: P = Φ(2.828) = 0.99766.
    let arm = |mean: f64| {
        let (sum, sum_sq) = (40_000.0 * mean, 40_000.0 * (2_500.0 + mean * mean));
        json!({"visitors": 1_000_000, "orders": 40_000, "mean_log": 3.5, "var_log": 0.8, "sum": sum, "sum_sq": sum_sq})
    };
    let prior = json!({"severity": {"model": "moments"}});
    let c = compare_values("hurdle", &arm(50.0), &arm(51.0), &prior).unwrap();
    assert_eq!(c.model(), "beta_binomial_moments");
    let severity = &c.decomposition().unwrap().severity;
    assert!((severity.prob_positive() - 0.997_66).abs() < 2e-5);
    assert!((c.control_mean().unwrap() - 2.0).abs() < 1e-3);
}

#[test]
fn merging_adds_the_answers() {
    let arm = |counts: [u64; 5]| Stats::from_value("ordinal", &json!({"counts": counts})).unwrap();
    let merged = arm([1, 2, 3, 4, 5]).merge(&arm([5, 4, 3, 2, 1])).unwrap();
    assert_eq!(merged, arm([6; 5]));
    let other = Stats::from_value("ordinal", &json!({"counts": [1, 2], "scores": [0, 1]})).unwrap();
    assert_eq!(merged.merge(&other).unwrap_err().code(), "conflict");
}
