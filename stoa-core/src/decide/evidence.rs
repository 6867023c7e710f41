//! Posterior probabilities read in the metric's own direction: "better" is lower for a bounce rate.

use crate::{
    catalog::{Direction, Metric},
    experiment::Margin,
    posterior::Comparison,
};

/// One metric of one treatment against control. What a posterior withholds (an amount of too few orders) is `None`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence<'a> {
    pub(super) metric: &'a Metric,
    pub(super) comparison: &'a Comparison,
}

impl Evidence<'_> {
    fn higher(&self) -> bool {
        self.metric.direction == Direction::Higher
    }

    /// P(the treatment is better).
    pub(super) fn better(&self) -> f64 {
        if self.higher() {
            self.comparison.prob_positive()
        } else {
            self.comparison.prob_harm()
        }
    }

    /// P(better by at least a relative effect).
    pub(super) fn better_by(&self, relative: f64) -> Option<f64> {
        self.beyond(relative, true)
    }

    /// P(not worse by more than the margin).
    pub(super) fn not_worse(&self, margin: Margin) -> Option<f64> {
        self.beyond(-margin.value, margin.relative)
    }

    /// P(the improvement exceeds `t`).
    fn beyond(&self, t: f64, relative: bool) -> Option<f64> {
        let found = if self.higher() {
            self.comparison.prob_above(t, relative)
        } else {
            self.comparison.prob_below(-t, relative)
        };
        found.ok().flatten()
    }

    /// Expected loss of shipping the treatment, in the metric's unit.
    pub(super) fn loss_of_shipping(&self) -> Option<f64> {
        let loss = if self.higher() {
            self.comparison.expected_loss_ship()
        } else {
            self.comparison.expected_loss_keep()
        };
        loss.filter(|loss| loss.is_finite())
    }
}
