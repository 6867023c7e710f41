//! The registered plan: when an experiment is looked at, and what its error guarantee is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When the experiment is looked at and decided (DESIGN §7).
///
/// # Example
/// ```
/// use stoa_core::experiment::Plan;
/// let plan = Plan::default();
/// assert_eq!((plan.horizon_days, plan.n_looks()), (28, 22)); // daily from day 7 to day 28
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Plan {
    /// Which error guarantee the verdict carries.
    pub guarantee: Guarantee,
    /// Days to the last look, whole weeks, 7 to 364.
    pub horizon_days: u64,
    /// How often it is looked at; never before day 7.
    pub looks: Looks,
    /// Expected visitors a day over all variants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitors_per_day: Option<f64>,
    /// Chance of shipping something that is no better, one-sided, above 0 and below 0.5.
    pub alpha: f64,
    /// Expected loss that is acceptable, relative to the control mean.
    pub loss_tolerance: f64,
    /// What a usual order is worth; centres the default prior of order values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typical_order_value: Option<f64>,
    /// Quantile of the control's order values at which all arms' are cut off, from 0.9 to below 1; said in every result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winsorize: Option<f64>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            guarantee: Guarantee::default(),
            horizon_days: 28,
            looks: Looks::default(),
            visitors_per_day: None,
            alpha: 0.05,
            loss_tolerance: 0.0025,
            typical_order_value: None,
            winsorize: None,
        }
    }
}

impl Plan {
    /// How many looks are planned up to and including the horizon.
    #[must_use]
    pub fn n_looks(&self) -> u64 {
        match self.looks {
            Looks::Daily => self.horizon_days.saturating_sub(6),
            Looks::Weekly => self.horizon_days / 7,
        }
    }
}

/// Which error guarantee a verdict carries; the plan picks one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guarantee {
    /// Alpha spending over the planned looks.
    #[default]
    Horizon,
    /// Valid at any time: e-process, confidence sequence.
    Anytime,
}

/// How often an experiment is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// Every day from day 7.
    #[default]
    Daily,
    /// Every seventh day.
    Weekly,
}
