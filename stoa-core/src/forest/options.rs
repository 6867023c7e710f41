//! What a user may set on a forest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Detail, Error, Result};

/// Options of a causal forest; the defaults are those of Athey, Tibshirani & Wager's own package.
///
/// # Example
/// ```
/// use stoa_core::forest::ForestOptions;
/// let options = ForestOptions { n_trees: 500, seed: 7, ..ForestOptions::default() };
/// assert!(options.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForestOptions {
    /// Trees of the effect forest, grown in pairs that share a half-sample.
    pub n_trees: usize,
    /// Trees of the outcome model, when no expected outcome is given; by default a quarter of `n_trees`, at least 50.
    pub n_outcome_trees: Option<usize>,
    /// Seed; the same seed gives the same bits.
    pub seed: u64,
    /// A split leaves at least this many treated and this many control rows on either side.
    pub min_node_size: usize,
    /// Share of a tree's rows that choose its splits; the rest fill its leaves.
    pub honesty_fraction: f64,
    /// A child keeps at least this share of its parent's treatment variance.
    pub alpha: f64,
    /// Mean number of features tried at a node; by default `min(⌈√p⌉ + 20, p)`.
    pub mtry: Option<usize>,
    /// Whether effects are moved towards their average by the factor that five-fold scores support; it grows
    /// five more forests of a fifth of the trees. Scores and averages are the same either way.
    pub shrink: bool,
}

impl Default for ForestOptions {
    fn default() -> Self {
        Self {
            n_trees: 2_000,
            n_outcome_trees: None,
            seed: 1,
            min_node_size: 5,
            honesty_fraction: 0.5,
            alpha: 0.05,
            mtry: None,
            shrink: false,
        }
    }
}

impl ForestOptions {
    /// All that is wrong with the options.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for each option outside its range.
    pub fn check(&self) -> Result<()> {
        let rules = [
            (
                "n_trees",
                "must be at least 2",
                self.n_trees as f64,
                self.n_trees >= 2,
            ),
            (
                "n_outcome_trees",
                "must be at least 2",
                self.outcome_trees() as f64,
                self.outcome_trees() >= 2,
            ),
            (
                "min_node_size",
                "must be at least 1",
                self.min_node_size as f64,
                self.min_node_size >= 1,
            ),
            (
                "honesty_fraction",
                "must lie in (0, 1)",
                self.honesty_fraction,
                self.honesty_fraction > 0.0 && self.honesty_fraction < 1.0,
            ),
            (
                "alpha",
                "must lie in [0, 0.25)",
                self.alpha,
                (0.0..0.25).contains(&self.alpha),
            ),
            (
                "mtry",
                "must be at least 1",
                self.mtry.unwrap_or(1) as f64,
                self.mtry != Some(0),
            ),
        ];
        let errors = rules
            .into_iter()
            .filter(|(.., holds)| !holds)
            .map(|(field, rule, value, _)| Error::OutOfRange(Detail::new(field, rule, value)))
            .collect();
        Error::collect(errors).map_or(Ok(()), Err)
    }

    /// Trees of the outcome model.
    pub(super) fn outcome_trees(&self) -> usize {
        self.n_outcome_trees
            .unwrap_or_else(|| (self.n_trees / 4).max(50))
    }

    /// Mean number of features tried at a node of a table with `p` features.
    pub(super) fn mtry_for(&self, p: usize) -> f64 {
        let p = p as f64;
        let default = (p.sqrt().ceil() + 20.0).min(p);
        self.mtry.map_or(default, |mtry| (mtry as f64).min(p))
    }
}
