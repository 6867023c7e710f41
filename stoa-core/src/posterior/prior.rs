//! What is believed before the data, in API.md's keys.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    fields::{Fields, finite, within},
    stats::{Stats, check_family},
};
use crate::error::{Detail, Error, Result};

/// Bound on the variance of the log order value, part of the default prior: without it the posterior mean of an
/// order value is infinite (METHODS, Posteriors).
pub const VARIANCE_BOUND: f64 = 4.0;
/// Weakest pseudo-count: far below it a lattice would need millions of nodes to say "nothing is known".
const LEAST: f64 = 0.01;
const MOST: f64 = 1e12;

/// Prior of a comparison; the same for both arms.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(untagged)]
pub enum Prior {
    /// The family's default.
    #[default]
    Default,
    /// Of a rate.
    Binary(BetaPrior),
    /// Of a positive amount.
    Positive(LogNormalPrior),
    /// Of an amount per visitor.
    Hurdle(HurdlePrior),
}

/// Beta(α, β) on a rate; Beta(1, 1) by default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BetaPrior {
    /// Pseudo-count of successes.
    pub alpha: f64,
    /// Pseudo-count of failures.
    pub beta: f64,
}

/// Normal-Inverse-Gamma on mean and variance of the log: v ~ InvGamma(α, β) given v ≤ `max_variance`,
/// μ | v ~ N(`mean`, v/κ).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogNormalPrior {
    /// Prior mean of the log amount; absent: the pooled mean log of both arms, labelled empirical in the result.
    pub mean: Option<f64>,
    /// Pseudo-count of observations behind `mean`.
    pub kappa: f64,
    /// Shape of the variance.
    pub alpha: f64,
    /// Scale of the variance.
    pub beta: f64,
    /// Largest variance of the log that is believed possible; above 4 no dollar figures are given.
    pub max_variance: f64,
}

/// Prior of conversion and severity.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HurdlePrior {
    /// Of the rate of ordering.
    pub conversion: BetaPrior,
    /// Of the order value.
    pub severity: LogNormalPrior,
}

impl Default for BetaPrior {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            beta: 1.0,
        }
    }
}

impl Default for LogNormalPrior {
    fn default() -> Self {
        Self {
            mean: None,
            kappa: 1.0,
            alpha: 2.0,
            beta: 1.0,
            max_variance: VARIANCE_BOUND,
        }
    }
}

impl Prior {
    /// Reads the prior of `family`; absent fields keep their defaults, `null` is the default prior.
    ///
    /// # Errors
    /// Unknown family or field, wrong type, and as [`Prior::check`].
    /// # Example
    /// ```
    /// use stoa_core::posterior::Prior;
    /// let refused = Prior::from_value("binary", &serde_json::json!({"alpha": -1, "beta": 1}));
    /// assert_eq!(refused.unwrap_err().to_string(), "alpha must be > 0, got -1");
    /// ```
    pub fn from_value(family: &str, value: &Value) -> Result<Self> {
        let family = check_family(family)?;
        if value.is_null() {
            return Ok(Self::Default);
        }
        let prior = match family {
            "binary" => Self::Binary(BetaPrior::read(value)?),
            "positive" => Self::Positive(LogNormalPrior::read(value)?),
            "count" | "mean" => {
                let rule = format!(
                    "must be left out: this version has the default prior of {family} only"
                );
                return Err(Error::Unsupported(Detail::new("", rule, value)));
            }
            _ => {
                let fields = Fields::new(value, &["conversion", "severity"])?;
                let conversion = fields.get("conversion").map(BetaPrior::read);
                let severity = fields.get("severity").map(LogNormalPrior::read);
                Self::Hurdle(HurdlePrior {
                    conversion: conversion
                        .unwrap_or_else(|| Ok(BetaPrior::default()))
                        .map_err(|e| e.at("conversion"))?,
                    severity: severity
                        .unwrap_or_else(|| Ok(LogNormalPrior::default()))
                        .map_err(|e| e.at("severity"))?,
                })
            }
        };
        prior.check()?;
        Ok(prior)
    }

    /// Refuses parameters outside their range.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] or [`Error::NotFinite`], naming the parameter.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Default => Ok(()),
            Self::Binary(prior) => prior.check(),
            Self::Positive(prior) => prior.check(),
            Self::Hurdle(prior) => {
                prior.conversion.check().map_err(|e| e.at("conversion"))?;
                prior.severity.check().map_err(|e| e.at("severity"))
            }
        }
    }

    /// Refuses an arm without a unit, unless the caller gave the prior that then is the answer.
    pub(super) fn check_units(&self, stats: &Stats) -> Result<()> {
        if stats.units() > 0 || *self != Self::Default {
            return Ok(());
        }
        let field = match stats {
            Stats::Hurdle(_) => "visitors",
            _ => "n",
        };
        let rule = "must be at least 1 unless a prior is given";
        Err(Error::EmptyArm(Detail::new(field, rule, 0)))
    }

    pub(super) fn for_binary(&self) -> Result<BetaPrior> {
        match self {
            Self::Default => Ok(BetaPrior::default()),
            Self::Binary(prior) => Ok(*prior),
            _ => Err(self.not_of("binary")),
        }
    }

    pub(super) fn for_positive(&self) -> Result<LogNormalPrior> {
        match self {
            Self::Default => Ok(LogNormalPrior::default()),
            Self::Positive(prior) => Ok(*prior),
            _ => Err(self.not_of("positive")),
        }
    }

    pub(super) fn for_hurdle(&self) -> Result<HurdlePrior> {
        match self {
            Self::Default => Ok(HurdlePrior::default()),
            Self::Hurdle(prior) => Ok(*prior),
            _ => Err(self.not_of("hurdle")),
        }
    }

    pub(super) fn only_default(&self, family: &str) -> Result<()> {
        match self {
            Self::Default => Ok(()),
            _ => Err(self.not_of(family)),
        }
    }

    fn not_of(&self, family: &str) -> Error {
        let found = match self {
            Self::Default => "default",
            Self::Binary(_) => "binary",
            Self::Positive(_) => "positive",
            Self::Hurdle(_) => "hurdle",
        };
        let rule = format!("must be a prior of family {family}");
        Error::Conflict(Detail::new("prior", rule, found))
    }
}

impl BetaPrior {
    fn read(value: &Value) -> Result<Self> {
        let fields = Fields::new(value, &["alpha", "beta"])?;
        let default = Self::default();
        let prior = Self {
            alpha: fields.number("alpha")?.unwrap_or(default.alpha),
            beta: fields.number("beta")?.unwrap_or(default.beta),
        };
        prior.check().map(|()| prior)
    }

    pub(crate) fn check(&self) -> Result<()> {
        pseudo_count("alpha", self.alpha)?;
        pseudo_count("beta", self.beta)
    }
}

impl LogNormalPrior {
    fn read(value: &Value) -> Result<Self> {
        let known = ["mean", "kappa", "alpha", "beta", "max_variance"];
        let fields = Fields::new(value, &known)?;
        let default = Self::default();
        let or = |key, default| Ok(fields.number(key)?.unwrap_or(default));
        let prior = Self {
            mean: fields.number("mean")?,
            kappa: or("kappa", default.kappa)?,
            alpha: or("alpha", default.alpha)?,
            beta: or("beta", default.beta)?,
            max_variance: or("max_variance", default.max_variance)?,
        };
        prior.check().map(|()| prior)
    }

    fn check(&self) -> Result<()> {
        if let Some(mean) = self.mean {
            finite("mean", mean)?;
            within("mean", mean, -300.0, 300.0)?;
        }
        pseudo_count("kappa", self.kappa)?;
        pseudo_count("alpha", self.alpha)?;
        above_zero("beta", self.beta)?;
        within("beta", self.beta, 1e-6, MOST)?;
        within("max_variance", self.max_variance, 0.01, 1e4)
    }
}

fn pseudo_count(field: &str, x: f64) -> Result<()> {
    above_zero(field, x)?;
    within(field, x, LEAST, MOST)
}

fn above_zero(field: &str, x: f64) -> Result<()> {
    finite(field, x)?;
    if x > 0.0 {
        return Ok(());
    }
    Err(Error::OutOfRange(Detail::new(field, "must be > 0", x)))
}
