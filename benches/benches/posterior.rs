//! Bench of `posterior`: two-arm readouts from sufficient statistics.
//!
//! A full readout is probabilities, means, medians and 95% intervals of both lifts, both losses, both densities on
//! 256 points and, for revenue, the decomposition.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use stoa_core::posterior::{Prior, Stats, compare};

fn arms(family: &str, control: &Value, treatment: &Value) -> Option<(Stats, Stats)> {
    let read = |value| Stats::from_value(family, value).ok();
    read(control).zip(read(treatment))
}

fn readouts(c: &mut Criterion, name: &str, arms: Option<(Stats, Stats)>) {
    let Some((control, treatment)) = arms else {
        return;
    };
    let comparison = || compare(black_box(&control), black_box(&treatment), &Prior::Default);
    c.bench_function(&format!("posterior/{name}/probability"), |b| {
        b.iter(|| comparison().map(|c| c.prob_positive()));
    });
    c.bench_function(&format!("posterior/{name}/summary"), |b| {
        b.iter(|| comparison().map(|c| c.to_value()));
    });
    c.bench_function(&format!("posterior/{name}/full-readout"), |b| {
        b.iter(|| {
            comparison().map(|c| {
                let densities = (c.absolute().density(256), c.relative().density(256));
                (c.to_value(), densities)
            })
        });
    });
}

fn posterior(c: &mut Criterion) {
    for (n, x, y) in [
        (900, 81, 99),
        (20_000, 600, 660),
        (10_000_000, 300_000, 301_000),
    ] {
        let control = json!({"n": n, "successes": x});
        let treatment = json!({"n": n, "successes": y});
        readouts(
            c,
            &format!("binary/{n}"),
            arms("binary", &control, &treatment),
        );
    }
    for (n, x, y) in [(5_000, 40, 55), (20_000, 600, 660)] {
        let control = json!({"visitors": n, "orders": x, "mean_log": 4.0, "var_log": 0.64});
        let treatment = json!({"visitors": n, "orders": y, "mean_log": 4.05, "var_log": 0.64});
        readouts(
            c,
            &format!("hurdle/{n}"),
            arms("hurdle", &control, &treatment),
        );
    }
}

criterion_group!(benches, posterior);
criterion_main!(benches);
