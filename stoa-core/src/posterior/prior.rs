//! What is believed before the data, in API.md's keys.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    amount_prior::AmountPrior,
    average_prior::{CountPrior, MeanPrior},
    fields::{Fields, finite, within},
    ordinal::OrdinalPrior,
    stats::{Stats, check_family},
};
use crate::error::{Detail, Error, Result};

/// Bound on the variance of the log order value, part of the default prior: without it the posterior mean of an
/// order value is infinite (METHODS, Posteriors).
pub const VARIANCE_BOUND: f64 = 4.0;
/// Weakest pseudo-count: far below it a lattice would need millions of nodes to say "nothing is known".
const LEAST: f64 = 0.01;
pub(super) const MOST: f64 = 1e12;

/// Prior of a comparison; the same for both arms.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(untagged)]
pub enum Prior {
    /// The family's default.
    #[default]
    Default,
    /// Of a rate.
    Binary(BetaPrior),
    /// Of a positive amount.
    Positive(AmountPrior),
    /// Of an amount per visitor.
    Hurdle(HurdlePrior),
    /// Of the shares of ordered levels.
    Ordinal(OrdinalPrior),
    /// Of a count per unit.
    Count(CountPrior),
    /// Of a number per unit.
    Mean(MeanPrior),
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

/// Prior of conversion and severity.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HurdlePrior {
    /// Of the rate of ordering.
    pub conversion: BetaPrior,
    /// Of the order value, by its model.
    pub severity: AmountPrior,
}

impl Default for BetaPrior {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            beta: 1.0,
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
            "positive" => Self::Positive(AmountPrior::read(value)?),
            "ordinal" => Self::Ordinal(OrdinalPrior::read(value)?),
            "count" => Self::Count(CountPrior::read(value)?),
            "mean" => Self::Mean(MeanPrior::read(value)?),
            _ => {
                let fields = Fields::new(value, &["conversion", "severity"])?;
                let conversion = fields.get("conversion").map(BetaPrior::read);
                let severity = fields.get("severity").map(AmountPrior::read);
                Self::Hurdle(HurdlePrior {
                    conversion: conversion
                        .unwrap_or_else(|| Ok(BetaPrior::default()))
                        .map_err(|e| e.at("conversion"))?,
                    severity: severity
                        .unwrap_or_else(|| Ok(AmountPrior::default()))
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
            Self::Ordinal(prior) => prior.check(),
            Self::Count(prior) => prior.check(),
            Self::Mean(prior) => prior.check(),
        }
    }

    /// Refuses an arm without a unit, unless the caller gave the prior that then is the answer.
    pub(super) fn check_units(&self, stats: &Stats) -> Result<()> {
        if stats.units() > 0 || *self != Self::Default {
            return Ok(());
        }
        let field = match stats {
            Stats::Hurdle(_) => "visitors",
            Stats::Ordinal(_) => "counts",
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

    pub(super) fn for_positive(&self) -> Result<AmountPrior> {
        match self {
            Self::Default => Ok(AmountPrior::default()),
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

    /// Pseudo-counts of so many levels; 1 each by default.
    pub(super) fn for_ordinal(&self, levels: usize) -> Result<Vec<f64>> {
        match self {
            Self::Default => Ok(vec![1.0; levels]),
            Self::Ordinal(prior) => prior.of(levels),
            _ => Err(self.not_of("ordinal")),
        }
    }

    pub(super) fn for_count(&self) -> Result<CountPrior> {
        match self {
            Self::Default => Ok(CountPrior::default()),
            Self::Count(prior) => Ok(*prior),
            _ => Err(self.not_of("count")),
        }
    }

    /// `None`: the improper prior 1/σ.
    pub(super) fn for_mean(&self) -> Result<Option<MeanPrior>> {
        match self {
            Self::Default => Ok(None),
            Self::Mean(prior) => Ok(Some(*prior)),
            _ => Err(self.not_of("mean")),
        }
    }

    fn not_of(&self, family: &str) -> Error {
        let found = match self {
            Self::Default => "default",
            Self::Binary(_) => "binary",
            Self::Positive(_) => "positive",
            Self::Hurdle(_) => "hurdle",
            Self::Ordinal(_) => "ordinal",
            Self::Count(_) => "count",
            Self::Mean(_) => "mean",
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

pub(super) fn pseudo_count(field: &str, x: f64) -> Result<()> {
    above_zero(field, x)?;
    within(field, x, LEAST, MOST)
}

pub(super) fn above_zero(field: &str, x: f64) -> Result<()> {
    finite(field, x)?;
    if x > 0.0 {
        return Ok(());
    }
    Err(Error::OutOfRange(Detail::new(field, "must be > 0", x)))
}
