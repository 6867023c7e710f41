//! What a metric looks like before anything is changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::{finite, open_unit, positive, require};
use crate::error::{Detail, Error, Result};

/// Families of metrics, as the catalog names them.
const FAMILIES: [&str; 6] = ["binary", "positive", "hurdle", "ordinal", "count", "mean"];

/// What the metric looks like in the control arm.
///
/// # Example
/// ```
/// use stoa_core::power::Baseline;
/// let csat = Baseline::Ordinal { mean: 4.1, sd: 1.13 };
/// assert!((csat.mean() - 4.1).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case", deny_unknown_fields)]
pub enum Baseline {
    /// A rate, such as conversion.
    Binary {
        /// Share of units with the outcome, in (0, 1).
        rate: f64,
    },
    /// An average per unit: of anything, of order values, of counts.
    Mean {
        /// Mean per unit; not 0, since effects are relative.
        mean: f64,
        /// Variance between units.
        variance: f64,
    },
    /// Revenue per visitor: most visitors are 0, the others spend an order value.
    Hurdle {
        /// Share of visitors who order, in (0, 1).
        conversion_rate: f64,
        /// Mean order value, > 0.
        mean_order_value: f64,
        /// Standard deviation between order values.
        sd_order_value: f64,
    },
    /// Answers on a scale, each counting its score.
    Ordinal {
        /// Mean score; may be 0, as of net promoters.
        mean: f64,
        /// Standard deviation between answers, > 0.
        sd: f64,
    },
}

impl Baseline {
    /// Reads a baseline of the named family: `{"rate": 0.03}`, or a bare number for a rate.
    ///
    /// Families are the catalog's; positive and count are planned as a mean, with its fields.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for another family, [`Error::InvalidDocument`] for other fields, and what
    /// [`power`](super::power()) refuses.
    ///
    /// # Example
    /// ```
    /// use stoa_core::power::Baseline;
    /// let baseline = Baseline::from_value("binary", &serde_json::json!(0.03))?;
    /// assert_eq!(baseline, Baseline::Binary { rate: 0.03 });
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn from_value(family: &str, value: &Value) -> Result<Self> {
        if !FAMILIES.contains(&family) {
            let rule = "must be binary, positive, hurdle, ordinal, count or mean";
            let detail = Detail::new("family", rule, family);
            return Err(Error::UnknownName(detail.did_you_mean(family, FAMILIES)));
        }
        let mut document = match value {
            Value::Object(fields) => fields.clone(),
            Value::Number(_) if family == "binary" => {
                [("rate".to_owned(), value.clone())].into_iter().collect()
            }
            other => {
                let detail = Detail::new("baseline", "must be an object of numbers", other);
                return Err(Error::WrongType(detail));
            }
        };
        let planned_as = match family {
            "positive" | "count" => "mean",
            own => own,
        };
        document.insert("family".to_owned(), planned_as.into());
        let baseline: Self = serde_json::from_value(document.into()).map_err(|e| {
            let rule = format!("must be the fields of family {planned_as} ({e})");
            Error::InvalidDocument(Detail::new("baseline", rule, value))
        })?;
        baseline.check()?;
        Ok(baseline)
    }

    /// Expected value per unit in the control arm.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Binary { rate } => rate,
            Self::Mean { mean, .. } | Self::Ordinal { mean, .. } => mean,
            Self::Hurdle {
                conversion_rate,
                mean_order_value,
                ..
            } => conversion_rate * mean_order_value,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        match *self {
            Self::Binary { rate } => open_unit("baseline.rate", rate),
            Self::Mean { mean, variance } => {
                finite("baseline.mean", mean)?;
                require(mean != 0.0, "baseline.mean", "must not be 0", mean)?;
                positive("baseline.variance", variance)
            }
            Self::Hurdle {
                conversion_rate,
                mean_order_value,
                sd_order_value,
            } => {
                open_unit("baseline.conversion_rate", conversion_rate)?;
                positive("baseline.mean_order_value", mean_order_value)?;
                finite("baseline.sd_order_value", sd_order_value)?;
                let sd = sd_order_value;
                require(sd >= 0.0, "baseline.sd_order_value", "must be >= 0", sd)
            }
            Self::Ordinal { mean, sd } => {
                finite("baseline.mean", mean)?;
                positive("baseline.sd", sd)
            }
        }
    }

    /// Refuses an effect that is none, or that no treatment can have.
    pub(super) fn check_effect(&self, effect: f64) -> Result<()> {
        finite("minimum_effect", effect)?;
        require(effect != 0.0, "minimum_effect", "must not be 0", effect)?;
        let rule = "must leave the treatment's rate between 0 and 1";
        let possible = match self {
            Self::Binary { .. } | Self::Hurdle { .. } => {
                effect > -1.0 && effect < self.largest_effect()
            }
            Self::Mean { .. } => true,
            Self::Ordinal { mean, .. } => {
                let rule = "must not be 0 for a relative effect";
                return require(*mean != 0.0, "baseline.mean", rule, mean);
            }
        };
        require(possible, "minimum_effect", rule, effect)
    }

    /// Variance per unit when the mean is multiplied by `1 + effect`; revenue moves through conversion, since a change
    /// on the page moves who buys far more than what an order holds.
    pub(super) fn variance(&self, effect: f64) -> f64 {
        match *self {
            Self::Binary { rate } => {
                let p = rate * (1.0 + effect);
                p * (1.0 - p)
            }
            Self::Mean { variance, .. } => variance,
            Self::Hurdle {
                conversion_rate,
                mean_order_value: m,
                sd_order_value: s,
            } => {
                let p = conversion_rate * (1.0 + effect);
                p * (s * s + (1.0 - p) * m * m)
            }
            Self::Ordinal { sd, .. } => sd * sd,
        }
    }

    /// Mean square per unit when the mean is multiplied by `1 + effect`.
    pub(super) fn square(&self, effect: f64) -> f64 {
        let mean = self.mean() * (1.0 + effect);
        self.variance(effect) + mean * mean
    }

    /// The largest rise: a rate ends at 1.
    pub(super) fn largest_effect(&self) -> f64 {
        match *self {
            Self::Binary { rate: p }
            | Self::Hurdle {
                conversion_rate: p, ..
            } => 1.0 / p - 1.0,
            Self::Mean { .. } | Self::Ordinal { .. } => f64::INFINITY,
        }
    }

    /// The largest fall: a rate ends at 0.
    pub(super) fn largest_fall(&self) -> f64 {
        match self {
            Self::Binary { .. } | Self::Hurdle { .. } => 1.0,
            Self::Mean { .. } | Self::Ordinal { .. } => f64::MAX,
        }
    }
}
