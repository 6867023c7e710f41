//! Shrinks effects towards their average by as much as held-out scores ask for.
//!
//! τ̃ᵢ = ATE + b(τ̂ᵢ − mean τ̂), b = clip(b̂ − se(b̂), 0, 1), where b̂ is the slope of doubly robust scores on effects that
//! never saw their rows. With a sparse outcome a forest's effects are mostly noise and lose to one number for everyone;
//! b says how much of their spread is there on other rows, less one standard error.

use super::{
    codes::Codes,
    effects::Effects,
    experiment::Experiment,
    fit::effects_of,
    folds::{folds, rows_where, slope},
    options::ForestOptions,
    scores::{average_effect, scores_of},
};

/// Folds whose effects are learnt without them.
const FOLDS: usize = 5;

/// Stream of the folds.
const FOLDS_STREAM: u64 = 1 << 54;

/// Fewest trees of a fold's forest: below, the noise of few trees passes for noise of the effects.
const FEWEST_TREES: usize = 100;

/// The factor b. Each fold's effect forest is grown on the other folds with a fifth of the trees (at least 100, at most
/// all). The outcome model is shared: it never sees who was treated, so what it knows of the held-out rows cancels in
/// the effect.
pub(super) fn factor(
    codes: &Codes,
    data: &Experiment<'_>,
    expected: &[f64],
    options: &ForestOptions,
) -> f64 {
    let all: Vec<u32> = (0..u32::try_from(codes.n_rows()).unwrap_or(u32::MAX)).collect();
    let rows = data.training.unwrap_or(&all);
    let fold = folds(rows.len(), FOLDS, options.seed, FOLDS_STREAM);
    let fewer = options.n_trees.div_ceil(FOLDS).max(FEWEST_TREES);
    let options = ForestOptions {
        n_trees: fewer.min(options.n_trees),
        ..options.clone()
    };
    let (mut tau, mut scores) = (Vec::new(), Vec::new());
    for k in 0..FOLDS {
        let pick = |keep: &dyn Fn(usize) -> bool| -> Vec<u32> {
            let chosen = rows_where(&fold, keep).into_iter();
            chosen.map(|at| rows[at as usize]).collect()
        };
        let (training, held_out) = (pick(&|f| f != k), pick(&|f| f == k));
        let without = Experiment {
            training: Some(&training),
            ..*data
        };
        let effects = effects_of(codes, &without, expected, &options, Some(&held_out));
        let judged = scores_of(&effects.mean, data, expected);
        for row in held_out.into_iter().map(|row| row as usize) {
            if effects.mean[row].is_finite() {
                tau.push(effects.mean[row]);
                scores.push(judged[row]);
            }
        }
    }
    slope(&tau, &scores).map_or(0.0, |b| (b.estimate - b.standard_error).clamp(0.0, 1.0))
}

/// Effects shrunk by `factor` towards the average score, both averages over the training rows.
///
/// The variance is that of the shrunk estimate given b: a standard error of b·s.e.(τ̂ᵢ) + (1−b)·s.e.(ATE), which bounds
/// it whatever the correlation of the two. It has no part for what shrinking takes away from a visitor who truly differs.
pub(super) fn shrink(
    effects: &Effects,
    scores: &[f64],
    training: Option<&[u32]>,
    factor: f64,
) -> Effects {
    let taught = |values: &[f64]| match training {
        Some(rows) => rows.iter().map(|&row| values[row as usize]).collect(),
        None => values.to_vec(),
    };
    let average = average_effect(&taught(scores));
    let mean = average_effect(&taught(&effects.mean)).estimate;
    let error = (1.0 - factor) * average.standard_error;
    let shrunk = |tau: &f64| average.estimate + factor * (tau - mean);
    let variance = |v: &f64| (factor * v.sqrt() + error).powi(2);
    Effects {
        mean: effects.mean.iter().map(shrunk).collect(),
        variance: effects.variance.iter().map(variance).collect(),
        shrinkage: Some(factor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_computed_row() {
        // Scores 1, 3: average 2, s.e. √(2/1/2) = 1. Effects 0, 4 with mean 2, b = 1/4: 2 ± 0.5; s.e. 0.25·2 + 0.75·1.
        let effects = Effects {
            mean: vec![0.0, 4.0],
            variance: vec![4.0, 4.0],
            shrinkage: None,
        };
        let shrunk = shrink(&effects, &[1.0, 3.0], None, 0.25);
        assert!((shrunk.mean[0] - 1.5).abs() < 1e-12 && (shrunk.mean[1] - 2.5).abs() < 1e-12);
        assert!((shrunk.variance[0] - 1.25 * 1.25).abs() < 1e-12);
    }
}
