//! Worse data never improve a verdict: fewer conversions, worse ratings, all of a treatment's orders made smaller.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::{
    decide::{Action, ExperimentStats, Watch},
    experiment::{CheckedExperiment, Experiment, StoreDocument},
};

/// Ship before continue and investigate, these before stop.
fn rank(action: Action) -> u8 {
    match action {
        Action::Invalid => 0,
        Action::Stop => 1,
        Action::Continue | Action::Investigate => 2,
        Action::Ship => 3,
    }
}

fn experiment(revenue: &str, satisfaction: &Value, weights: [f64; 2]) -> CheckedExperiment {
    let document = json!({
        "key": "test", "surface": "lifecycle_email", "status": "running",
        "variants": [{"key": "A", "weight": weights[0]}, {"key": "B", "weight": weights[1]}],
        "metrics": {"revenue": {"metric": revenue}, "satisfaction": satisfaction},
    });
    let experiment = Experiment::from_value(&document).unwrap();
    experiment.check(&StoreDocument::default()).unwrap()
}

fn proxy() -> Value {
    json!({"metric": "return_visit_rate", "proxy_reason": "no survey yet"})
}

/// The action at one look.
fn action(experiment: &CheckedExperiment, day: u32, arms: &[Value; 2], n: [u64; 2]) -> u8 {
    let store = StoreDocument::default();
    let variants = json!([
        {"key": "A", "n": n[0], "metrics": arms[0]},
        {"key": "B", "n": n[1], "metrics": arms[1]},
    ]);
    let stats = json!({"experiment": "test", "day": day, "variants": variants});
    let stats = ExperimentStats::from_value(&stats, &store).unwrap();
    let mut watch = Watch::new(experiment, &store).unwrap();
    rank(watch.action(&stats).unwrap().overall)
}

fn days() -> impl Strategy<Value = u32> {
    prop_oneof![Just(5_u32), Just(7), Just(14), Just(21), Just(28)]
}

fn rate(n: u64, successes: u64) -> Value {
    json!({"n": n, "successes": successes})
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count"
)]
fn part(n: u64, p: f64) -> u64 {
    (n as f64 * p) as u64
}

/// One arm's orders by the moments of their values.
fn orders(n: u64, orders: u64, mean_log: f64, var_log: f64) -> Value {
    let m = orders as f64;
    let (sum, sum_sq) = (
        m * (mean_log + 0.5 * var_log).exp(),
        m * (2.0 * mean_log + 2.0 * var_log).exp(),
    );
    json!({"visitors": n, "orders": orders, "mean_log": mean_log, "var_log": var_log, "sum": sum, "sum_sq": sum_sq})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn fewer_conversions_never_help(
        n in 200_u64..40_000, p in 0.002..0.3_f64, lift in 0.6..1.8_f64, returns in 0.85..1.1_f64,
        day in days(), removed in 0.0..0.4_f64,
    ) {
        let experiment = experiment("conversion_rate", &proxy(), [1.0, 1.0]);
        let b = part(n, p * lift);
        let arm = |s: u64, r: u64| json!({"conversion_rate": rate(n, s), "return_visit_rate": rate(n, r)});
        let at = |s: u64| {
            let arms = [arm(part(n, p), part(n, 0.3)), arm(s, part(n, 0.3 * returns))];
            action(&experiment, day, &arms, [n, n])
        };
        prop_assert!(at(b - part(b, removed)) <= at(b));
        prop_assert!(at(b.saturating_sub(1)) <= at(b));
    }

    #[test]
    fn worse_ratings_never_help(
        counts in proptest::array::uniform5(0_u64..600), other in proptest::array::uniform5(0_u64..600),
        lift in 0.7..1.6_f64, from in 1_usize..5, moved in 0.0..1.0_f64, day in days(),
    ) {
        let experiment = experiment("conversion_rate", &json!({"metric": "csat"}), [1.0, 1.0]);
        let (n, s) = (30_000_u64, 900_u64);
        let arm = |s: u64, counts: &[u64; 5]| {
            json!({"conversion_rate": rate(n, s), "csat": {"counts": counts}})
        };
        let at = |counts: &[u64; 5]| {
            action(&experiment, day, &[arm(s, &other), arm(part(s, lift), counts)], [n, n])
        };
        let mut worse = counts;
        let down = part(worse[from], moved);
        worse[from] -= down;
        worse[from - 1] += down;
        prop_assert!(at(&worse) <= at(&counts));
    }

    #[test]
    fn smaller_orders_never_help(
        n in 300_u64..20_000, p in 0.005..0.1_f64, lift in 0.6..1.8_f64, log in 3.0..5.0_f64,
        shift in -0.3..0.3_f64, spread in (0.05..1.5_f64, 0.05..1.5_f64), scale in 0.3..1.0_f64,
        weight in prop_oneof![Just(1.0), Just(9.0)], day in days(), thinned in 0.0..0.4_f64,
    ) {
        let experiment = experiment("revenue_per_visitor", &proxy(), [1.0, weight]);
        let m = part(n, weight);
        let arm = |n: u64, revenue: Value| {
            json!({"revenue_per_visitor": revenue, "return_visit_rate": rate(n, part(n, 0.3))})
        };
        let control = orders(n, part(n, p), log, spread.0);
        let bought = part(m, p * lift);
        let at = |bought: u64, log: f64| {
            let treatment = orders(m, bought, log, spread.1);
            action(&experiment, day, &[arm(n, control.clone()), arm(m, treatment)], [n, m])
        };
        let now = at(bought, log + shift);
        prop_assert!(at(bought, log + shift + scale.ln()) <= now);
        prop_assert!(at(bought - part(bought, thinned), log + shift) <= now);
    }
}
