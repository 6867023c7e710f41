//! Whatever the sums and the prior, of every family and model: no NaN, no panic.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use proptest::{prelude::*, test_runner::RngSeed};
use serde_json::{Value, json};
use stoa_core::posterior::{Comparison, compare_values};

/// Every number of a document is finite, for JSON has no other; what must be there is.
fn check_figures(c: &Comparison, what: &str) {
    let withheld = c.notes().iter().any(|note| note.code == "few_rows");
    let value = c.to_value();
    for key in ["prob_positive", "prob_harm"] {
        let p = value[key].as_f64();
        assert!(p.is_some() || withheld, "{key}: {what}: {value}");
        assert!((0.0..=1.0).contains(&p.unwrap_or(0.5)), "{key}: {what}");
    }
    if !withheld {
        let both = c.prob_positive() + c.prob_harm();
        assert!((both - 1.0).abs() < 1e-7, "{what}: {both}");
    }
    for effect in ["control", "treatment", "absolute", "relative"] {
        let interval = &value[effect]["interval"];
        if interval.is_null() {
            continue;
        }
        let [low, high] = ["low", "high"].map(|end| interval[end].as_f64());
        let median = value[effect]["median"].as_f64();
        let ordered = low
            .zip(median)
            .zip(high)
            .is_some_and(|((l, m), h)| l <= m && m <= h);
        assert!(ordered, "{effect}: {what}: {value}");
    }
    for key in ["expected_loss_ship", "expected_loss_keep"] {
        let shown = !value["absolute"]["interval"].is_null();
        let loss = value[key].as_f64();
        assert!(
            loss.is_some() == shown && loss.unwrap_or(0.0) >= 0.0,
            "{key}: {what}: {value}"
        );
    }
    for relative in [false, true] {
        let p = c.prob_above(0.01, relative).unwrap();
        assert!(p.is_none_or(|p| (0.0..=1.0).contains(&p)), "{what}");
    }
}

const SIZES: [u64; 8] = [0, 1, 2, 5, 30, 1000, 10_000_000, 1 << 53];
const NUMBERS: [f64; 12] = [
    0.0, -0.0, 1e-300, 1e-12, 0.01, 1.0, 7.5, 290.0, 1e9, 1e80, 1e150, -3.0,
];

fn arm(family: &str, n: u64, m: u64, x: f64, y: f64) -> Value {
    let part = m.min(n);
    match family {
        "binary" => json!({"n": n, "successes": part}),
        "positive" => {
            json!({"n": n, "mean_log": x, "var_log": y, "sum": x.exp() * n as f64, "sum_sq": y})
        }
        "hurdle" => json!({"visitors": n, "orders": part, "mean_log": x, "var_log": y,
                           "sum": x.abs() * part as f64, "sum_sq": x * x * part as f64 * (1.0 + y)}),
        "ordinal" => json!({"counts": [part, 0, n - part, 1, m % 7]}),
        "count" => json!({"n": n, "total": m, "total_sq": m as f64 * (1.0 + y)}),
        _ => json!({"n": n, "mean": x, "variance": y}),
    }
}

fn prior(family: &str, kind: usize, x: f64, y: f64) -> Value {
    let beta = json!({"alpha": x, "beta": y});
    let severity = match kind {
        1 => json!({"kappa": x, "alpha": y, "beta": x, "mean": y}),
        2 => json!({"model": "gamma", "shape": x, "rate": y}),
        3 => json!({"model": "moments"}),
        _ => return Value::Null,
    };
    match family {
        "binary" => beta,
        "positive" => severity,
        "hurdle" => json!({"conversion": beta, "severity": severity}),
        "ordinal" => json!({"alpha": [x, y, 1, x, y]}),
        "count" => json!({"shape": x, "rate": y}),
        _ => json!({"mean": x, "kappa": y, "beta": x, "alpha": y}),
    }
}

/// The same cases in each run, so that what lands does not depend on luck; `PROPTEST_RNG_SEED` draws others.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(6),
        given @ RngSeed::Fixed(_) => given,
    };
    ProptestConfig {
        cases: 600,
        failure_persistence: None,
        rng_seed,
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    /// Whatever the sums and the prior: an answer with its figures, or an error that names the field.
    #[test]
    fn no_figure_is_nan_and_nothing_panics(
        family in prop::sample::select(vec!["binary", "positive", "hurdle", "ordinal", "count", "mean"]),
        sizes in prop::array::uniform4(prop::sample::select(SIZES.to_vec())),
        numbers in prop::array::uniform6(prop::sample::select(NUMBERS.to_vec())),
        kind in 0_usize..5,
    ) {
        let [x, y, z, w, p, q] = numbers;
        let a = arm(family, sizes[0], sizes[1], x, y.abs());
        let b = arm(family, sizes[2], sizes[3], z, w.abs());
        let prior = prior(family, kind, p, q);
        let what = format!("{family} {a} {b} {prior}");
        match compare_values(family, &a, &b, &prior) {
            Ok(c) => check_figures(&c, &what),
            Err(e) => prop_assert!(!e.to_string().contains("NaN"), "{what}: {e}"),
        }
    }
}
