//! Effects per row, with the uncertainty of each.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Detail, Error, Result},
    num::special::normal_quantile,
};

/// Effects per row with the variance of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effects {
    /// Estimated effect of treatment on each row's outcome.
    pub mean: Vec<f64>,
    /// Variance of the estimate (bootstrap of little bags); NaN where it cannot be computed.
    pub variance: Vec<f64>,
    /// The factor by which distances from the average effect were multiplied, in 0–1; absent when none was asked for.
    pub shrinkage: Option<f64>,
}

/// An interval for each row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Lower ends.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
}

impl Effects {
    /// Normal intervals, mean ± z·√variance, for each row alone.
    ///
    /// Where effects vary strongly they cover the truth of a single row too rarely, and shrunk ones cover the estimate
    /// and not the row: report groups ([`super::group_effects`]).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a level outside (0, 1).
    /// # Example
    /// ```
    /// use stoa_core::forest::Effects;
    /// let effects = Effects { mean: vec![1.0], variance: vec![0.25], shrinkage: None };
    /// let interval = effects.interval(0.95)?;
    /// assert!((interval.low[0] - 0.02).abs() < 1e-4 && (interval.high[0] - 1.98).abs() < 1e-4);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn interval(&self, level: f64) -> Result<Intervals> {
        if !(level > 0.0 && level < 1.0) {
            let rule = "must lie strictly between 0 and 1";
            return Err(Error::OutOfRange(Detail::new("level", rule, level)));
        }
        let tail = (1.0 - level) / 2.0;
        let z = normal_quantile(1.0 - tail, tail);
        let rows = self.mean.iter().zip(&self.variance);
        let (low, high) = rows
            .map(|(mean, variance)| {
                let half = z * variance.sqrt();
                (mean - half, mean + half)
            })
            .unzip();
        Ok(Intervals { low, high })
    }
}
