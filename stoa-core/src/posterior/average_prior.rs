//! Priors of averages: of a count per unit, and of a number of either sign.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    fields::{Fields, within},
    prior::{MOST, above_zero, pseudo_count},
    summarize::LARGEST_AMOUNT,
};
use crate::error::Result;

/// Gamma(shape, rate) on the mean of a count: so many events in so many units, seen before; Gamma(1, 1) by default.
///
/// # Example
/// ```
/// use stoa_core::posterior::{estimate, Count, CountPrior, Prior, Stats};
/// let prior = Prior::Count(CountPrior { shape: 40.0, rate: 10.0 });
/// let depth = estimate(&Stats::Count(Count { n: 10, total: 60.0, total_sq: 412.0 }), &prior)?;
/// assert_eq!(depth.mean(), Some(5.0)); // (40 + 60) / (10 + 10)
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CountPrior {
    /// Events.
    pub shape: f64,
    /// Units.
    pub rate: f64,
}

/// Normal-Inverse-Gamma on the mean and variance of a number: v ~ InvGamma(α, β), μ | v ~ N(`mean`, v/κ), data normal.
///
/// When to use: a past experiment or a pre-period says what the numbers are like. Without it a mean has the improper
/// prior 1/σ, and no posterior below five rows. JSON: `mean` and `beta` are required, for they have a unit.
///
/// # Source
/// Gelman et al., Bayesian Data Analysis (3rd ed.), §3.3.
/// # Example
/// ```
/// use serde_json::json;
/// use stoa_core::posterior::compare_values;
/// let prior = json!({"mean": 10, "kappa": 2, "alpha": 3, "beta": 50});
/// let arm = |mean: f64| json!({"n": 2, "mean": mean, "variance": 4});
/// let c = compare_values("mean", &arm(12.0), &arm(14.0), &prior)?;
/// assert_eq!(c.control_mean(), Some(11.0)); // (2·10 + 2·12) / 4
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanPrior {
    /// Prior mean, in the metric's unit.
    pub mean: f64,
    /// How many units it is worth; 1 when left out.
    #[serde(default = "one")]
    pub kappa: f64,
    /// Shape of the variance, 2 or more; 2 when left out.
    #[serde(default = "two")]
    pub alpha: f64,
    /// Scale of the variance, in the square of the unit; its mean is β/(α − 1).
    pub beta: f64,
}

fn one() -> f64 {
    1.0
}

fn two() -> f64 {
    2.0
}

impl Default for CountPrior {
    fn default() -> Self {
        Self {
            shape: 1.0,
            rate: 1.0,
        }
    }
}

impl CountPrior {
    pub(super) fn read(value: &Value) -> Result<Self> {
        let fields = Fields::new(value, &["shape", "rate"])?;
        let default = Self::default();
        let prior = Self {
            shape: fields.number("shape")?.unwrap_or(default.shape),
            rate: fields.number("rate")?.unwrap_or(default.rate),
        };
        prior.check().map(|()| prior)
    }

    pub(super) fn check(&self) -> Result<()> {
        pseudo_count("shape", self.shape)?;
        above_zero("rate", self.rate)?;
        within("rate", self.rate, 1e-12, MOST)
    }
}

impl MeanPrior {
    /// Below it a lattice would have to hold tails of a power below five.
    const LEAST_SHAPE: f64 = 2.0;

    pub(super) fn read(value: &Value) -> Result<Self> {
        let fields = Fields::new(value, &["mean", "kappa", "alpha", "beta"])?;
        let prior = Self {
            mean: fields.required("mean")?,
            kappa: fields.number("kappa")?.unwrap_or_else(one),
            alpha: fields.number("alpha")?.unwrap_or_else(two),
            beta: fields.required("beta")?,
        };
        prior.check().map(|()| prior)
    }

    pub(super) fn check(&self) -> Result<()> {
        within("mean", self.mean, -LARGEST_AMOUNT, LARGEST_AMOUNT)?;
        pseudo_count("kappa", self.kappa)?;
        within("alpha", self.alpha, Self::LEAST_SHAPE, MOST)?;
        above_zero("beta", self.beta)?;
        within("beta", self.beta, 1e-200, 1e200)
    }
}
