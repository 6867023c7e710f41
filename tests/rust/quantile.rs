//! Quantiles by the Bayesian bootstrap: against a simulation of it, and what must hold for any rows.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use proptest::prelude::*;
use serde_json::Value;
use stoa_core::{
    num::random::Stream,
    posterior::{QuantileComparison, quantile_comparison},
};
use stoa_tests::{vectors, worst::Worst};

/// Sums of a few dozen products.
const EXACT: f64 = 1e-13;

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|x| x.as_f64().unwrap()).collect()
}

#[test]
fn quantiles_agree_with_our_own_vectors() {
    let mut worst = Worst::default();
    for case in vectors("quantile.json").unwrap()["cases"]
        .as_array()
        .unwrap()
    {
        let (name, out) = (case["name"].as_str().unwrap(), &case["out"]);
        let arm = |key: &str| numbers(&case[key]);
        let q = case["q"].as_f64().unwrap();
        let found = quantile_comparison(&arm("control"), &arm("treatment"), q).unwrap();
        for (output, got) in [
            ("prob_positive", found.prob_positive()),
            ("prob_harm", found.prob_harm()),
            ("mean", found.mean()),
            ("expected_loss_ship", found.expected_loss_ship()),
            ("expected_loss_keep", found.expected_loss_keep()),
        ] {
            let want = out[output].as_f64().unwrap();
            worst.see(output, name, got, want, EXACT * want.abs().max(1.0));
        }
        for (p, want) in [0.025, 0.5, 0.975]
            .into_iter()
            .zip(numbers(&out["quantiles"]))
        {
            let got = found.quantile(p).unwrap();
            worst.see("quantile", name, got, want, EXACT * want.abs().max(1.0));
        }
    }
    worst.finish("quantile.json").unwrap();
}

fn amounts(seed: u64, n: usize, scale: f64) -> Vec<f64> {
    let mut stream = Stream::new(seed, 0);
    // Heavy-tailed and rounded, so that there are ties.
    let draw = |u: f64| (scale / u.powf(0.6)).round();
    (0..n).map(|_| draw(stream.uniform())).collect()
}

/// The quantile under one draw of Dirichlet(1, …, 1) weights: normalised exponentials.
fn drawn(stream: &mut Stream, sorted: &[f64], q: f64) -> f64 {
    let weights: Vec<f64> = sorted.iter().map(|_| -stream.uniform().ln()).collect();
    let wanted = q * weights.iter().sum::<f64>();
    let mut below = 0.0;
    for (x, w) in sorted.iter().zip(&weights) {
        below += w;
        if below >= wanted {
            return *x;
        }
    }
    *sorted.last().unwrap()
}

#[test]
fn it_is_the_bayesian_bootstrap() {
    const DRAWS: u32 = 40_000;
    let runs = f64::from(DRAWS);
    for (q, n) in [(0.5, 41), (0.9, 60), (0.25, 7), (0.99, 30)] {
        let (mut a, mut b) = (amounts(1, n, 20.0), amounts(2, n + 9, 22.0));
        let found = quantile_comparison(&a, &b, q).unwrap();
        a.sort_by(f64::total_cmp);
        b.sort_by(f64::total_cmp);
        let mut stream = Stream::new(3, 0);
        let mut differences: Vec<f64> = (0..DRAWS)
            .map(|_| drawn(&mut stream, &b, q) - drawn(&mut stream, &a, q))
            .collect();
        let share = |holds: &dyn Fn(f64) -> bool| {
            differences.iter().filter(|d| holds(**d)).count() as f64 / runs
        };
        // Four standard errors of a share are at most 2/√runs.
        let error = 2.0 / runs.sqrt();
        assert!(
            (found.prob_positive() - share(&|d| d > 0.0)).abs() < error,
            "{q}"
        );
        assert!(
            (found.prob_harm() - share(&|d| d < 0.0)).abs() < error,
            "{q}"
        );
        assert!(
            (found.prob_above(3.0).unwrap() - share(&|d| d > 3.0)).abs() < error,
            "{q}"
        );
        let mean = differences.iter().sum::<f64>() / runs;
        let spread = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / runs;
        assert!(
            (found.mean() - mean).abs() < 4.0 * (spread / runs).sqrt(),
            "{q}"
        );
        let loss = differences.iter().map(|d| (-d).max(0.0)).sum::<f64>() / runs;
        assert!((found.expected_loss_ship() - loss).abs() < 4.0 * (spread / runs).sqrt());
        differences.sort_by(f64::total_cmp);
        for p in [0.1, 0.5, 0.9] {
            // A quantile lies between those of the simulation a few standard errors away.
            let at = |p: f64| {
                let below = |d: &&f64| differences.partition_point(|x| x < *d) as f64 <= p * runs;
                *differences.iter().rev().find(below).unwrap()
            };
            let got = found.quantile(p).unwrap();
            assert!(
                at(p - error) <= got && got <= at(p + error),
                "{q} {p}: {got}"
            );
        }
    }
}

#[test]
fn many_rows_have_the_normal_limit() {
    let smooth = |seed: u64, scale: f64, n: usize| -> Vec<f64> {
        let mut stream = Stream::new(seed, 0);
        (0..n).map(|_| scale * -stream.uniform().ln()).collect()
    };
    let (a, b) = (smooth(1, 20.0, 100_000), smooth(2, 20.1, 100_000));
    let limit = quantile_comparison(&a, &b, 0.5).unwrap();
    assert_eq!(limit.method(), "asymptotic");
    // One row less, and every pair is counted.
    let exact = quantile_comparison(&a[1..], &b, 0.5).unwrap();
    assert_eq!(exact.method(), "bayesian_bootstrap");
    assert!((limit.prob_positive() - exact.prob_positive()).abs() < 0.01);
    assert!((limit.mean() - exact.mean()).abs() < 0.01);
    let (x, y) = (limit.interval(0.95).unwrap(), exact.interval(0.95).unwrap());
    let width = y.high - y.low;
    assert!((x.low - y.low).abs() < 0.03 * width && (x.high - y.high).abs() < 0.03 * width);
    // The density at the median of an exponential with mean 20 is 1/40: se = √(¼/n)/density in each arm.
    let want = 2.0 * 1.96 * (0.25_f64 / 1e5).sqrt() * 40.0 * 2.0_f64.sqrt();
    assert!((width / want - 1.0).abs() < 0.1, "{width} for {want}");
    // Prices that many share stay exact, however many rows there are.
    let prices: Vec<f64> = a.iter().map(|x| x.round()).collect();
    let tied = quantile_comparison(&prices, &b, 0.5).unwrap();
    assert_eq!(tied.method(), "bayesian_bootstrap");
}

fn all_finite(found: &QuantileComparison) {
    let text = found.to_value().to_string();
    assert!(!text.contains("null"), "{text}");
    let sum = found.prob_positive() + found.prob_harm();
    assert!((0.0..=1.0 + 1e-12).contains(&sum), "{sum}");
}

#[test]
fn no_arm_is_too_small() {
    for (a, b) in [
        (vec![1.0], vec![2.0]),
        (vec![0.0; 9], vec![0.0; 3]),
        (vec![-1e100, 1e100], vec![0.0]),
    ] {
        for q in [1e-300, 0.5, 1.0 - 1e-16] {
            let found = quantile_comparison(&a, &b, q).unwrap();
            all_finite(&found);
            assert!(found.notes().iter().any(|note| note.code == "few_rows"));
        }
    }
    let one = quantile_comparison(&[1.0], &[2.0], 0.5).unwrap();
    assert!((one.prob_positive() - 1.0).abs() < 1e-15 && (one.mean() - 1.0).abs() < 1e-15);
    let same = quantile_comparison(&[3.0; 50], &[3.0; 60], 0.5).unwrap();
    assert!(same.prob_positive().abs() < 1e-15 && same.interval(0.95).unwrap().low.abs() < 1e-15);
}

#[test]
fn what_is_no_sample_is_refused() {
    let code = |a: &[f64], b: &[f64], q: f64| {
        let error = quantile_comparison(a, b, q).unwrap_err();
        (error.code(), error.detail().unwrap().field.clone())
    };
    assert_eq!(code(&[], &[1.0], 0.5), ("empty_arm", "control".to_owned()));
    assert_eq!(
        code(&[1.0], &[1.0, f64::NAN], 0.5),
        ("not_finite", "treatment[1]".to_owned())
    );
    assert_eq!(
        code(&[1e101], &[1.0], 0.5),
        ("out_of_range", "control[0]".to_owned())
    );
    assert_eq!(code(&[1.0], &[1.0], 1.0), ("out_of_range", "q".to_owned()));
}

proptest! {
    #[test]
    fn order_does_not_matter_and_sides_mirror(
        a in prop::collection::vec(-50_i32..50, 1..60),
        b in prop::collection::vec(-50_i32..50, 1..60),
        q in 0.01..0.99_f64,
    ) {
        let floats = |rows: &[i32]| -> Vec<f64> { rows.iter().map(|x| f64::from(*x) / 3.0).collect() };
        let (a, b) = (floats(&a), floats(&b));
        let found = quantile_comparison(&a, &b, q).unwrap();
        all_finite(&found);
        let backwards: Vec<f64> = a.iter().rev().copied().collect();
        prop_assert_eq!(quantile_comparison(&backwards, &b, q).unwrap().to_value(), found.to_value());
        let mirror = quantile_comparison(&b, &a, q).unwrap();
        prop_assert!((mirror.prob_harm() - found.prob_positive()).abs() < 1e-12);
        prop_assert!((mirror.expected_loss_keep() - found.expected_loss_ship()).abs() < 1e-9);
        let gap = found.expected_loss_keep() - found.expected_loss_ship();
        prop_assert!((gap - found.mean()).abs() < 1e-9);
        let median = found.quantile(0.5).unwrap();
        prop_assert!(found.prob_above(median).unwrap() <= 0.5 + 1e-12);
    }
}
