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

    /// P(the treatment is worse).
    pub(super) fn worse(&self) -> f64 {
        if self.higher() {
            self.comparison.prob_harm()
        } else {
            self.comparison.prob_positive()
        }
    }

    /// Posterior median of the improvement, relative where the metric has it.
    pub(super) fn gain(&self) -> Option<f64> {
        let relative = self.comparison.relative().median();
        let gain = relative.or_else(|| self.comparison.absolute().median())?;
        Some(if self.higher() { gain } else { -gain })
    }

    /// P(not worse by more than the margin).
    pub(super) fn not_worse(&self, margin: Margin) -> Option<f64> {
        self.beyond(-margin.value, margin.relative)
    }

    /// P(the improvement exceeds `t`); a mean without a relative lift takes a part of the control's.
    fn beyond(&self, t: f64, relative: bool) -> Option<f64> {
        let chance = |t: f64, relative: bool| {
            let found = if self.higher() {
                self.comparison.prob_above(t, relative)
            } else {
                self.comparison.prob_below(-t, relative)
            };
            found.ok().flatten()
        };
        chance(t, relative).or_else(|| {
            let part = self.comparison.control_mean().filter(|_| relative)?;
            chance(t * part.abs(), false)
        })
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
