//! Floor 4, evidence wing: honest causal forests on u8 codes.
//!
//! The estimator of Athey, Tibshirani & Wager (2019) for a binary treatment with a known constant propensity. The
//! steps are the files: `design` makes features of attributes, `codes` bins them, `sample` draws bags, `grow` splits on exact integer histograms,
//! `honest` fills the leaves from rows that did not choose them, `moments` streams out-of-bag effects and their
//! variance, `outcome` residualises the outcome, `scores` turns effects into doubly robust scores and averages,
//! `shrink` moves effects towards their average where held-out scores ask for it.
//! Sums inside trees are integers and reductions run in row order, so a seed gives the same bits at any thread count.

mod codes;
mod design;
mod effects;
mod experiment;
mod fit;
mod folds;
mod grow;
mod histogram;
mod honest;
mod moments;
mod options;
mod outcome;
mod scores;
mod shrink;

pub use codes::{Codes, Features};
pub use design::Design;
pub use effects::{Effects, Intervals};
pub use experiment::Experiment;
pub use fit::CausalForest;
pub(crate) use folds::{folds, rows_where, slope};
pub use options::ForestOptions;
pub use outcome::expected_outcome;
pub use scores::{GroupEffect, Mean, average_effect, doubly_robust, group_effects};
