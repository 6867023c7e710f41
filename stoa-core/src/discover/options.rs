//! What a user may set on a discovery.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Detail, Error, Result};

/// Options of a discovery; the defaults are what DESIGN §8 asks of a segment one may act on.
///
/// # Example
/// ```
/// use stoa_core::discover::DiscoverOptions;
/// let options = DiscoverOptions { seed: 7, stability_pairs: 20, ..DiscoverOptions::default() };
/// assert!(options.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DiscoverOptions {
    /// Most questions that define a segment, 1 or 2.
    pub depth: usize,
    /// Least share of the visitors in a segment.
    pub min_share: f64,
    /// The effect that divides the segments, in the metric's unit: the average effect when absent.
    pub reference: Option<f64>,
    /// What treating a visitor costs, in the metric's unit; the policy treats where the effect is above it.
    pub cost: f64,
    /// Trees of the main search.
    pub n_trees: usize,
    /// Complementary pairs of half-samples on which the whole search is redone.
    pub stability_pairs: usize,
    /// Trees of each of those.
    pub stability_trees: usize,
    /// Folds of the estimates on data that did not choose the segment.
    pub n_folds: usize,
    /// Seed; the same seed gives the same answer.
    pub seed: u64,
}

impl Default for DiscoverOptions {
    fn default() -> Self {
        Self {
            depth: 2,
            min_share: 0.1,
            reference: None,
            cost: 0.0,
            n_trees: 2_000,
            stability_pairs: 50,
            stability_trees: 500,
            n_folds: 5,
            seed: 1,
        }
    }
}

impl DiscoverOptions {
    /// All that is wrong with the options.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for each option outside its range, [`Error::NotFinite`] for the reference and the cost.
    pub fn check(&self) -> Result<()> {
        let share = self.min_share > 0.0 && self.min_share <= 0.5;
        let rules = [
            (
                "depth",
                "must be 1 or 2",
                self.depth as f64,
                (1..=2).contains(&self.depth),
            ),
            ("min_share", "must lie in (0, 0.5]", self.min_share, share),
            (
                "n_trees",
                "must be at least 2",
                self.n_trees as f64,
                self.n_trees >= 2,
            ),
            (
                "stability_trees",
                "must be at least 2",
                self.stability_trees as f64,
                self.stability_trees >= 2,
            ),
            (
                "stability_pairs",
                "must be at least 1",
                self.stability_pairs as f64,
                self.stability_pairs >= 1,
            ),
            (
                "n_folds",
                "must lie in 2..=20",
                self.n_folds as f64,
                (2..=20).contains(&self.n_folds),
            ),
        ];
        let mut errors: Vec<Error> = rules
            .into_iter()
            .filter(|(.., holds)| !holds)
            .map(|(field, rule, value, _)| Error::OutOfRange(Detail::new(field, rule, value)))
            .collect();
        for (field, value) in [
            ("reference", self.reference.unwrap_or(0.0)),
            ("cost", self.cost),
        ] {
            if !value.is_finite() {
                errors.push(Error::NotFinite(Detail::new(
                    field,
                    "must be finite",
                    value,
                )));
            }
        }
        Error::collect(errors).map_or(Ok(()), Err)
    }
}
