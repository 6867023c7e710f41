//! What is believed of the groups before the data.

use serde::{Deserialize, Serialize};

use super::distribution::finite;
use crate::error::{Detail, Error, Result};

/// Standard errors, scales and prior standard deviations lie between these: their squares, and quotients of squares,
/// are floats.
const LEAST: f64 = 1e-60;
const MOST: f64 = 1e60;

/// A normal distribution that is believed before the data.
///
/// # Example
/// ```
/// use stoa_core::hierarchy::NormalPrior;
/// // "Lifts of this kind are small, and as often losses as gains."
/// let sceptical = NormalPrior { mean: 0.0, sd: 0.05 };
/// assert!(sceptical.sd < 0.1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormalPrior {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, > 0.
    pub sd: f64,
}

/// What is believed of the standard deviation between the groups.
///
/// # Source
/// Gelman (2006), Prior distributions for variance parameters in hierarchical models,
/// <https://doi.org/10.1214/06-BA117A>.
/// # Example
/// ```
/// use stoa_core::hierarchy::SpreadPrior;
/// let groups_differ_by_about_a_tenth = SpreadPrior::HalfNormal { scale: 0.1 };
/// assert_eq!(groups_differ_by_about_a_tenth, SpreadPrior::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SpreadPrior {
    /// Any spread is as likely as any other; needs three groups, or two and a prior of their mean.
    Uniform,
    /// The positive half of a normal distribution around 0.
    HalfNormal {
        /// Standard deviation of the whole normal distribution, in the unit of the estimates.
        scale: f64,
    },
    /// The positive half of a Cauchy distribution around 0, which also believes in large spreads.
    HalfCauchy {
        /// Half of its probability lies below.
        scale: f64,
    },
}

impl Default for SpreadPrior {
    /// Half-normal with scale 0.1: for estimates that are relative lifts or differences of logarithms.
    fn default() -> Self {
        Self::HalfNormal { scale: 0.1 }
    }
}

/// Prior of [`hierarchical_effects`](super::hierarchical_effects).
///
/// # Example
/// ```
/// use stoa_core::hierarchy::EffectPrior;
/// let prior: EffectPrior = serde_json::from_str(r#"{"tau": {"kind": "half_cauchy", "scale": 25}}"#)?;
/// assert!(prior.mu.is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EffectPrior {
    /// Of the mean that the groups have in common; absent: flat.
    pub mu: Option<NormalPrior>,
    /// Of the standard deviation between the groups.
    pub tau: SpreadPrior,
}

impl EffectPrior {
    pub(super) fn check(&self) -> Result<()> {
        if let Some(mu) = self.mu {
            location("prior.mu.mean", mu.mean)?;
            scale("prior.mu.sd", mu.sd)?;
        }
        match self.tau {
            SpreadPrior::Uniform => Ok(()),
            SpreadPrior::HalfNormal { scale: s } | SpreadPrior::HalfCauchy { scale: s } => {
                scale("prior.tau.scale", s)
            }
        }
    }
}

/// Refuses what is not finite or of a size whose square is no float.
pub(super) fn location(field: &str, x: f64) -> Result<()> {
    finite(field, x)?;
    if x.abs() <= MOST {
        return Ok(());
    }
    let rule = format!("must lie between -{MOST:e} and {MOST:e}");
    Err(Error::OutOfRange(Detail::new(field, rule, x)))
}

/// Refuses what is no scale.
pub(super) fn scale(field: &str, x: f64) -> Result<()> {
    finite(field, x)?;
    if x <= 0.0 {
        return Err(Error::OutOfRange(Detail::new(field, "must be > 0", x)));
    }
    if (LEAST..=MOST).contains(&x) {
        return Ok(());
    }
    let rule = format!("must lie between {LEAST:e} and {MOST:e}");
    Err(Error::OutOfRange(Detail::new(field, rule, x)))
}
