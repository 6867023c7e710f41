//! Is the hash uniform, and are its slices, its salts and the experiments behind them independent?
//!
//! Ids are counted into cells of equal width, [`CELLS`] for each slice; chi-square of the counts gives a p-value per
//! salt or pair of salts, and Kolmogorov–Smirnov says whether many such p-values are uniform, as they are when nothing
//! is wrong. Two salts side by side are an even one with its twin that differs in one character, or that twin with the
//! next experiment's.

mod counts;
mod ramp;
mod tails;

pub use counts::{CELLS, Counts};
pub use ramp::{Ramp, ramp};

use serde::Serialize;

use tails::{chi_square, kolmogorov_smirnov};

/// Names of experiments, as people give them.
const NAMES: [&str; 10] = [
    "free_shipping",
    "urgency_badge",
    "cart_layout",
    "price_anchor",
    "search_rank",
    "pay_later",
    "bundle_offer",
    "exit_popup",
    "reviews_first",
    "gift_wrap",
];

/// Salts of `n` experiments, all different: those at odd places are the one before with one character changed.
#[must_use]
pub fn salts(n: usize) -> Vec<String> {
    let mut salts: Vec<String> = Vec::with_capacity(n);
    for i in 0..n {
        let k = i / 2;
        let salt = format!("{}_{:02}", NAMES[k % NAMES.len()], k / NAMES.len());
        let place = k % salt.len();
        let twins = ('a'..='z').rev().map(|letter| {
            let mut twin = salt.clone();
            twin.replace_range(place..=place, letter.encode_utf8(&mut [0; 4]));
            twin
        });
        // x, w, v and so on: the first that no other salt has.
        let new = |twin: &String| !salts.contains(twin);
        let twin = twins.skip(2).find(new).unwrap_or_default();
        salts.push(if i % 2 == 0 { salt } else { twin });
    }
    salts
}

/// Whether many p-values of one kind are uniform.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was counted.
    pub what: String,
    /// p-values.
    pub tests: usize,
    /// Kolmogorov–Smirnov's p of them all.
    pub ks_p: f64,
    /// The smallest, which about 1/`tests` is expected of.
    pub smallest_p: f64,
    /// Share of them below 5%.
    pub below_5_percent: f64,
}

/// The findings of counts: uniform slices, independent slices, independent salts.
#[must_use]
pub fn findings(counts: &Counts) -> Vec<Finding> {
    let tables = &counts.tables;
    let pairs = |odd: usize| counts.pairs.iter().skip(odd).step_by(2);
    vec![
        finding("variant uniform", tables.iter().map(tails::rows)),
        finding("allocation uniform", tables.iter().map(tails::columns)),
        finding(
            "variant and allocation independent",
            tables.iter().map(chi_square),
        ),
        finding(
            "salts one character apart independent",
            pairs(0).map(chi_square),
        ),
        finding("experiments independent", pairs(1).map(chi_square)),
    ]
}

fn finding(what: &str, p: impl Iterator<Item = f64>) -> Finding {
    let mut p: Vec<f64> = p.collect();
    p.sort_by(f64::total_cmp);
    let below = p.iter().filter(|p| **p < 0.05).count();
    Finding {
        what: what.to_owned(),
        tests: p.len(),
        ks_p: kolmogorov_smirnov(&p),
        smallest_p: p.first().copied().unwrap_or(1.0),
        below_5_percent: below as f64 / p.len().max(1) as f64,
    }
}
