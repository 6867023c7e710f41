//! Does the effect vary at all? The sequential cross-fitted test.
//!
//! Five random folds; for k = 3, 4, 5 everything is fitted on the folds before k, and in fold k the doubly robust
//! scores are regressed on the predicted effects with HC3 errors; Z = (t₃ + t₄ + t₅)/√3 (Wager 2024). Each t is made
//! of data that the prediction never saw, so under no heterogeneity Z is standard normal whatever the forest did.

use serde::{Deserialize, Serialize};

use super::search::Search;
use crate::{
    error::Result,
    forest::{Mean, folds, rows_where, slope},
    num::special::normal_upper,
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
        t.push(t_of(slope(&tau, &scores)));
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

/// t statistic of a slope; 0 for none.
fn t_of(slope: Option<Mean>) -> f64 {
    slope
        .filter(|slope| slope.standard_error > 0.0)
        .map_or(0.0, |slope| slope.estimate / slope.standard_error)
}
