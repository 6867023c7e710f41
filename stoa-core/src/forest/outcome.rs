//! The outcome model E[Y | X]: an honest regression forest on the same codes, out of bag.

use super::{codes::Codes, fit::Plan, histogram::MeanCriterion, options::ForestOptions};

/// Streams of the outcome forest start here, so that no tree of it shares draws with the effect forest.
const FIRST_STREAM: u64 = 1 << 40;

/// Out-of-bag expected outcome of every row, without regard to its treatment, learnt from the `training` rows.
#[must_use]
pub fn expected_outcome(
    codes: &Codes,
    y: &[f64],
    training: Option<&[u32]>,
    options: &ForestOptions,
) -> Vec<f64> {
    let arms = vec![0; y.len()];
    let criterion = MeanCriterion {
        min_node_size: i64::try_from(options.min_node_size).unwrap_or(i64::MAX),
        alpha: options.alpha,
    };
    let plan = Plan::new(codes, y, &arms, training, options);
    let folded: Vec<(f64, f64)> = plan.out_of_bag(
        &criterion,
        options.outcome_trees(),
        1,
        FIRST_STREAM,
        &|(sum, n), leaves| {
            for [leaf] in leaves {
                *sum += leaf.y as f64 / leaf.n as f64;
                *n += 1.0;
            }
        },
    );
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    folded
        .into_iter()
        .map(|(sum, n)| {
            if n > 0.0 {
                mean + plan.unit * sum / n
            } else {
                mean
            }
        })
        .collect()
}
