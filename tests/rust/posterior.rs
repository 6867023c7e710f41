//! Posteriors against the truth tables and the project's own vectors, and what must hold for any data.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that fails must say where; the worst errors are shown with --nocapture"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::posterior::{
    Comparison, Effect, Prior, Stats, compare, compare_values, compare_with_priors, summarize,
};

/// METHODS, Posteriors: probabilities absolute; quantiles, means and losses relative to max(|x|, posterior sd).
const TOLERANCE: f64 = 1e-9;
/// Losses below this are nothing.
const LOSS_FLOOR: f64 = 1e-15;
/// A bound on the variance that binds nowhere: the conjugate model of the tables' decompositions.
const UNBOUNDED: f64 = 1000.0;

/// Worst error per output, as a share of its tolerance.
#[derive(Default)]
struct Worst(BTreeMap<String, (f64, String)>);

impl Worst {
    fn see(&mut self, output: &str, case: &str, got: f64, want: f64, tolerance: f64) {
        let share = (got - want).abs() / tolerance;
        let share = if share.is_nan() { f64::INFINITY } else { share };
        let entry = self.0.entry(output.to_owned()).or_default();
        if share >= entry.0 {
            *entry = (share, format!("{case}: got {got:e}, want {want:e}"));
        }
    }

    fn prob(&mut self, output: &str, case: &str, got: f64, want: &Value) {
        self.see(output, case, got, want.as_f64().unwrap(), TOLERANCE);
    }

    fn scaled(&mut self, output: &str, case: &str, got: f64, want: &Value, sd: f64) {
        let want = want.as_f64().unwrap();
        self.see(output, case, got, want, TOLERANCE * want.abs().max(sd));
    }

    /// Stricter than the target, which scales by the posterior sd: relative to the loss itself.
    fn loss(&mut self, output: &str, case: &str, got: f64, want: &Value) {
        let want = want.as_f64().unwrap();
        let tolerance = (TOLERANCE * want.abs()).max(LOSS_FLOOR);
        self.see(output, case, got, want, tolerance);
    }

    fn finish(&self, title: &str) {
        println!("{title}: worst error as a share of its tolerance");
        for (output, (share, case)) in &self.0 {
            println!("  {output:<28} {share:>10.3e}  {case}");
        }
        let bad: Vec<_> = self.0.iter().filter(|(_, worst)| worst.0 > 1.0).collect();
        assert!(bad.is_empty(), "{title}: {bad:#?}");
        assert!(!self.0.is_empty(), "{title}: no case was seen");
    }
}

fn quantiles(effect: &Effect) -> [f64; 3] {
    [0.025, 0.5, 0.975].map(|q| effect.quantile(q).unwrap().unwrap())
}

/// Half the width of the middle 68%: the posterior sd of a lift, also where its variance is infinite.
fn spread(effect: &Effect) -> f64 {
    let at = |q| effect.quantile(q).unwrap().unwrap();
    0.5 * (at(0.84) - at(0.16))
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
    worst.finish("a_beta_binomial");
}

#[test]
fn amount_truth() {
    for name in ["b_lognormal_nig", "c_zero_inflated_lognormal"] {
        let Some(table) = truth(&format!("{name}.json")) else {
            return;
        };
        let mut worst = Worst::default();
        each_case(&table, |case| check_amounts(&mut worst, case));
        worst.finish(name);
        let mut worst = Worst::default();
        each_case(&table, |case| check_unbounded(&mut worst, case));
        worst.finish(&format!("{name}, no bound"));
    }
}
