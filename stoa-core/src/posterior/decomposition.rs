//! Revenue per visitor taken apart: how many order, and how much an order is worth.

use super::effect::Effect;

/// Frequency and severity of a revenue lift.
///
/// The log lifts add up to the total log lift, draw by draw and in the mean; the dollar shares (Shapley values of the
/// two factors' means) add up to the mean absolute lift.
#[derive(Debug, Clone)]
pub struct Decomposition {
    /// Conversion: orders per visitor.
    pub frequency: Part,
    /// Mean order value.
    pub severity: Part,
}

/// One factor's share of a lift.
#[derive(Debug, Clone)]
pub struct Part {
    relative: Effect,
    mean_log_lift: f64,
    dollars: Option<f64>,
}

impl Decomposition {
    /// Mean log lift of revenue per visitor: the sum of both parts.
    #[must_use]
    pub fn mean_log_lift(&self) -> f64 {
        self.frequency.mean_log_lift + self.severity.mean_log_lift
    }
}

impl Part {
    pub(super) fn new(relative: Effect, mean_log_lift: f64, dollars: Option<f64>) -> Self {
        Self {
            relative,
            mean_log_lift,
            dollars,
        }
    }

    /// Relative lift of this factor alone.
    #[must_use]
    pub fn relative(&self) -> &Effect {
        &self.relative
    }

    /// Probability that this factor rose.
    #[must_use]
    pub fn prob_positive(&self) -> f64 {
        self.relative.prob_above(0.0).unwrap_or(f64::NAN)
    }

    /// Posterior mean of ln(treatment / control) of this factor.
    #[must_use]
    pub fn mean_log_lift(&self) -> f64 {
        self.mean_log_lift
    }

    /// This factor's share of the mean absolute lift, in the metric's unit per visitor; `None` when withheld.
    ///
    /// # Source
    /// Shapley (1953) for two players: `(p_B − p_A)(m_A + m_B)/2` and `(m_B − m_A)(p_A + p_B)/2` of the posterior means.
    #[must_use]
    pub fn absolute_mean(&self) -> Option<f64> {
        self.dollars
    }
}
