//! Bench of `forest`: the effect forest with its outcome model, out-of-bag effects and their variance.
//!
//! Data after Nie & Wager (2021), set-up A, in a randomised experiment: 20 uniform features, effect (x₁ + x₂)/2.

use std::io;

use stoa_benches::{Row, measure, report};
use stoa_core::{
    forest::{CausalForest, Experiment, Features, ForestOptions},
    num::{random::Stream, special::normal_quantile},
};

const P: usize = 20;

struct Data {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
    w: Vec<f64>,
    y: Vec<f64>,
}

fn data(n: usize) -> Data {
    let mut stream = Stream::new(104, 0);
    let columns: Vec<Vec<f64>> = (0..P)
        .map(|_| (0..n).map(|_| stream.uniform()).collect())
        .collect();
    let w: Vec<f64> = (0..n).map(|_| stream.below(2) as f64).collect();
    let y = (0..n).map(|i| {
        let x = |j: usize| columns[j][i];
        let main = (std::f64::consts::PI * x(0) * x(1)).sin() + 2.0 * (x(2) - 0.5).powi(2);
        let u = stream.uniform();
        main + x(3) + 0.5 * x(4) + (w[i] - 0.5) * (x(0) + x(1)) / 2.0 + normal_quantile(u, 1.0 - u)
    });
    let y = y.collect();
    let names = (0..P).map(|j| format!("x{j}")).collect();
    Data {
        names,
        columns,
        w,
        y,
    }
}

fn forest(n: usize, n_trees: usize, shrink: bool, bar: Option<f64>, peers: &str) -> Row {
    let data = data(n);
    let options = ForestOptions {
        n_trees,
        shrink,
        ..ForestOptions::default()
    };
    let experiment = Experiment {
        y: &data.y,
        w: &data.w,
        propensity: 0.5,
        expected_outcome: None,
        training: None,
    };
    let features = Features {
        names: &data.names,
        columns: &data.columns,
    };
    let kind = if shrink { "/shrink" } else { "" };
    let id = format!("forest/{n}x{P}/{n_trees}-trees{kind}");
    measure(&id, 2, bar, peers, || {
        CausalForest::fit(features, experiment, &options)
    })
}

fn main() -> io::Result<()> {
    let rows = [
        forest(10_000, 500, false, Some(6.0), ""),
        forest(10_000, 500, true, Some(6.0), ""),
        forest(2_000, 2_000, false, None, "grf 2.6.1: 14.6"),
        forest(10_000, 2_000, false, None, "grf 2.6.1: 127"),
    ];
    report("forest", &rows)
}
