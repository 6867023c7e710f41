//! The distribution of one quantity of a hierarchy.

use super::mixed::Mixed;
use crate::{
    error::{Detail, Error, Result},
    num::{curve::Curve, mixture::Mixture},
    posterior::Interval,
};

/// Posterior of one quantity: a group, what the groups have in common, or how far they lie apart.
///
/// Deterministic; every figure is in the unit of what went in.
///
/// # Example
/// ```
/// use stoa_core::hierarchy::{EffectPrior, GroupEffect, hierarchical_effects};
/// let group = |estimate, standard_error| GroupEffect { estimate, standard_error };
/// let found = hierarchical_effects(&[group(0.12, 0.06), group(-0.03, 0.04)], &EffectPrior::default())?;
/// let first = &found.groups[0];
/// let interval = first.interval(0.95)?;
/// assert!(interval.low < first.median() && first.median() < interval.high);
/// assert!(first.median() < 0.12);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Distribution {
    law: Law,
    mean: Option<f64>,
    sd: Option<f64>,
}

#[derive(Debug, Clone)]
pub(super) enum Law {
    /// The quantity itself.
    Normals(Mixture),
    /// Its logarithm.
    Log(Curve),
    /// A rate.
    Rates(Mixed),
}

impl Distribution {
    pub(super) fn new(law: Law, mean: Option<f64>, sd: Option<f64>) -> Self {
        Self { law, mean, sd }
    }

    /// Mean; `None` where it is infinite or does not exist.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.mean
    }

    /// Standard deviation; `None` where it is infinite.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.sd
    }

    /// Mean of the exponential of a quantity that is a logarithm; `None` for quantities that are none.
    pub(crate) fn mean_of_exp(&self) -> Option<f64> {
        let Law::Normals(mixture) = &self.law else {
            return None;
        };
        Some(mixture.mean_of_exp()).filter(|mean| mean.is_finite())
    }

    /// The point with as much probability below as above.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.solve(0.5)
    }

    /// The value below which the probability is `q`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < q < 1.
    pub fn quantile(&self, q: f64) -> Result<f64> {
        open_unit("q", q)?;
        Ok(self.solve(q))
    }

    /// Equal-tailed credible interval.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < level < 1.
    pub fn interval(&self, level: f64) -> Result<Interval> {
        open_unit("level", level)?;
        let tail = 0.5 * (1.0 - level);
        Ok(Interval {
            level,
            low: self.solve(tail),
            high: self.solve(1.0 - tail),
        })
    }

    /// Probability that the quantity exceeds `x`.
    ///
    /// # Errors
    /// [`Error::NotFinite`] when `x` is.
    pub fn prob_above(&self, x: f64) -> Result<f64> {
        finite("x", x)?;
        let upper = match &self.law {
            Law::Normals(mixture) => mixture.at(x).upper,
            Law::Log(_) | Law::Rates(_) if x <= 0.0 => 1.0,
            Law::Log(curve) => curve.at(x.ln()).upper,
            Law::Rates(_) if x >= 1.0 => 0.0,
            Law::Rates(rates) => rates.at((x / (1.0 - x)).ln()).upper,
        };
        Ok(upper.clamp(0.0, 1.0))
    }

    fn solve(&self, q: f64) -> f64 {
        match &self.law {
            Law::Normals(mixture) => mixture.quantile(q),
            Law::Log(curve) => curve.quantile(q).exp(),
            Law::Rates(rates) => 1.0 / (1.0 + (-rates.quantile(q)).exp()),
        }
    }
}

/// Refuses NaN and infinities.
pub(super) fn finite(field: &str, x: f64) -> Result<()> {
    if x.is_finite() {
        return Ok(());
    }
    let rule = "must be a finite number";
    Err(Error::NotFinite(Detail::new(field, rule, x)))
}

/// Refuses what is not strictly between 0 and 1.
pub(super) fn open_unit(field: &str, x: f64) -> Result<()> {
    finite(field, x)?;
    if x > 0.0 && x < 1.0 {
        return Ok(());
    }
    let rule = "must lie strictly between 0 and 1";
    Err(Error::OutOfRange(Detail::new(field, rule, x)))
}
