//! Does the effect vary at all? The sequential cross-fitted test.
//!
//! Five random folds; for k = 3, 4, 5 everything is fitted on the folds before k, and in fold k the doubly robust
//! scores are regressed on the predicted effects with HC3 errors; Z = (t₃ + t₄ + t₅)/√3 (Wager 2024). Each t is made
//! of data that the prediction never saw, so under no heterogeneity Z is standard normal whatever the forest did.

use serde::{Deserialize, Serialize};

use super::search::Search;
use crate::{
    error::Result,
    num::{random::Stream, special::normal_upper},
};

/// Stream of the random folds; far from the forest's.
const FOLDS_STREAM: u64 = 1 << 50;

/// One-sided 5% point of the normal.
const CRITICAL: f64 = 1.644_853_626_951_472_7;

/// One-sided 80% point of the normal.
const POWER: f64 = 0.841_621_233_572_914_2;

/// Whether the effect varies, and how sure that is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heterogeneity {
    /// The test's statistic, standard normal when the effect is the same for everyone.
    pub z: f64,
    /// One-sided p-value.
    pub p_value: f64,
    /// Whether p < 0.05.
    pub detected: bool,
    /// The three independent t statistics it is made of.
    pub t: Vec<f64>,
    /// The difference in effect between two known halves of the visitors that would be detected with 80% power, in
    /// the metric's unit; a difference hidden in unknown groups must be larger.
    pub smallest_detectable: f64,
    /// Rows the test used.
    pub n: usize,
}

/// Random folds 0..`n_folds` of near-equal size.
pub(super) fn folds(n: usize, n_folds: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    Stream::new(seed, stream).choose(&mut order, n);
    let mut fold = vec![0; n];
    for (at, row) in order.into_iter().enumerate() {
        fold[row] = at * n_folds / n;
    }
    fold
}

/// Runs the test.
pub(super) fn test(search: &Search<'_>) -> Result<Heterogeneity> {
    let n = search.y.len();
    let fold = folds(n, 5, search.options.seed, FOLDS_STREAM);
    let (mut t, mut squares, mut tested) = (Vec::new(), 0.0, 0.0);
    for k in 2..5 {
        let training: Vec<u32> = rows_where(&fold, |f| f < k);
        let fitted = search.fit(&training, search.options.n_trees)?;
        let held_out = rows_where(&fold, |f| f == k);
        let pick = |values: &[f64]| -> Vec<f64> {
            held_out.iter().map(|&row| values[row as usize]).collect()
        };
        let (tau, scores) = (pick(&fitted.tau), pick(&fitted.scores));
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        squares += scores.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        tested += scores.len() as f64;
        t.push(slope_t(&tau, &scores));
    }
    let z = t.iter().sum::<f64>() / 3.0_f64.sqrt();
    Ok(Heterogeneity {
        z,
        p_value: normal_upper(z),
        detected: z > CRITICAL,
        t,
        smallest_detectable: (CRITICAL + POWER) * 2.0 * squares.sqrt() / tested,
        n,
    })
}

pub(super) fn rows_where(fold: &[usize], keep: impl Fn(usize) -> bool) -> Vec<u32> {
    (0_u32..)
        .zip(fold)
        .filter(|(_, fold)| keep(**fold))
        .map(|(row, _)| row)
        .collect()
}

/// t statistic of the slope of `y` on `x` with an intercept and HC3 errors (`MacKinnon` & White 1985); 0 when x is
/// constant, since a constant prediction shows no heterogeneity.
fn slope_t(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (x_mean, y_mean) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sxx: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    // A spread of rounding errors is no spread.
    if sxx.sqrt() <= 1e-12 * (x_mean.abs() * n.sqrt()).max(f64::MIN_POSITIVE) {
        return 0.0;
    }
    let slope = x
        .iter()
        .zip(y)
        .map(|(x, y)| (x - x_mean) * (y - y_mean))
        .sum::<f64>()
        / sxx;
    let variance: f64 = x
        .iter()
        .zip(y)
        .map(|(x, y)| {
            let d = x - x_mean;
            let leverage = 1.0 / n + d * d / sxx;
            let residual = y - y_mean - slope * d;
            (d * residual / (1.0 - leverage)).powi(2)
        })
        .sum::<f64>()
        / (sxx * sxx);
    if variance > 0.0 {
        slope / variance.sqrt()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_hand_computed_line() {
        // x = 0, 1, 2, 3; y = 0, 1, 2, 4: slope 1.3, residuals 0.2, −0.1, −0.4, 0.3; leverages 0.7, 0.3, 0.3, 0.7.
        let t = slope_t(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 4.0]);
        let variance = ((1.5_f64 * 0.2 / 0.3).powi(2)
            + (0.5_f64 * 0.1 / 0.7).powi(2)
            + (0.5_f64 * 0.4 / 0.7).powi(2)
            + (1.5_f64 * 0.3 / 0.3).powi(2))
            / 25.0;
        assert!((t - 1.3 / variance.sqrt()).abs() < 1e-12);
        assert!(slope_t(&[2.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]).abs() < 1e-12);
    }
}
