//! Models of an order value, each with its prior.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    fields::{Fields, finite, within},
    prior::{MOST, VARIANCE_BOUND, above_zero, pseudo_count},
};
use crate::error::{Detail, Error, Result};

const MODELS: [&str; 3] = ["log_normal", "gamma", "moments"];

/// Model of a positive amount and what is believed of it before the data; log-normal by default.
///
/// JSON: the prior's own keys, and `model` (`log_normal`, `gamma` or `moments`) unless it is log-normal. When to use
/// another: `gamma` when amounts have no heavy tail or only their sum is trusted, `moments` when they are many and
/// follow no known law. Both need the `sum` of the amounts, `moments` also `sum_sq`.
///
/// # Example
/// ```
/// use serde_json::{json, Value};
/// use stoa_core::posterior::compare_values;
/// let arm = |n: u64, sum: f64| json!({"n": n, "mean_log": 3.9, "var_log": 0.4, "sum": sum});
/// let prior = json!({"model": "gamma", "shape": 1, "rate": 60});
/// let c = compare_values("positive", &arm(300, 18_100.0), &arm(345, 21_900.0), &prior)?;
/// assert_eq!(c.model(), "gamma");
/// assert!((c.control_mean().unwrap() - 18_160.0 / 300.0).abs() < 1e-9);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", try_from = "Value")]
pub enum AmountPrior {
    /// ln y ~ N(μ, v).
    LogNormal(LogNormalPrior),
    /// y ~ Gamma with a known shape.
    Gamma(GammaPrior),
    /// Student's t on the mean: no law of the amounts, no prior but that the mean is positive.
    Moments,
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

/// Gamma prior on the rate λ of amounts y ~ Gamma(`gamma_shape`, λ), whose mean is `gamma_shape`/λ.
///
/// Left out, `shape` is 1 + `gamma_shape` and `rate` the pooled mean amount of both arms (labelled empirical in the
/// result): together they weigh as much as one order of that value.
///
/// # Example
/// ```
/// use stoa_core::posterior::{AmountPrior, GammaPrior, Prior};
/// let exponential = GammaPrior { rate: Some(60.0), ..GammaPrior::default() };
/// let read = Prior::from_value("positive", &serde_json::json!({"model": "gamma", "rate": 60}))?;
/// assert_eq!(read, Prior::Positive(AmountPrior::Gamma(exponential)));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GammaPrior {
    /// Shape of λ.
    pub shape: Option<f64>,
    /// Rate of λ, in the metric's unit.
    pub rate: Option<f64>,
    /// Known shape of the amounts; 1 is the exponential distribution.
    pub gamma_shape: f64,
}

impl Default for AmountPrior {
    fn default() -> Self {
        Self::LogNormal(LogNormalPrior::default())
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

impl Default for GammaPrior {
    fn default() -> Self {
        Self {
            shape: None,
            rate: None,
            gamma_shape: 1.0,
        }
    }
}

impl TryFrom<Value> for AmountPrior {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self> {
        Self::read(&value)
    }
}

impl AmountPrior {
    pub(super) fn read(value: &Value) -> Result<Self> {
        let model = match value.get("model").unwrap_or(&Value::Null) {
            Value::Null => MODELS[0],
            Value::String(name) => name,
            found => {
                return Err(Error::WrongType(Detail::new(
                    "model",
                    "must be text",
                    found,
                )));
            }
        };
        match model {
            "log_normal" => LogNormalPrior::read(value).map(Self::LogNormal),
            "gamma" => GammaPrior::read(value).map(Self::Gamma),
            "moments" => Fields::new(value, &["model"]).map(|_| Self::Moments),
            found => {
                let rule = format!("must be one of {}", MODELS.join(", "));
                let detail = Detail::new("model", rule, found);
                Err(Error::UnknownName(detail.did_you_mean(found, MODELS)))
            }
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::LogNormal(prior) => prior.check(),
            Self::Gamma(prior) => prior.check(),
            Self::Moments => Ok(()),
        }
    }

    pub(super) fn model(&self) -> &'static str {
        match self {
            Self::LogNormal(_) => "log_normal",
            Self::Gamma(_) => "gamma",
            Self::Moments => "moments",
        }
    }

    /// Whether the data themselves have to say what an amount is like.
    pub(super) fn is_empirical(&self) -> bool {
        match self {
            Self::LogNormal(prior) => prior.mean.is_none(),
            Self::Gamma(prior) => prior.rate.is_none(),
            Self::Moments => false,
        }
    }
}

impl LogNormalPrior {
    fn read(value: &Value) -> Result<Self> {
        let known = ["model", "mean", "kappa", "alpha", "beta", "max_variance"];
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

impl GammaPrior {
    fn read(value: &Value) -> Result<Self> {
        let fields = Fields::new(value, &["model", "shape", "rate", "gamma_shape"])?;
        let default = Self::default();
        let prior = Self {
            shape: fields.number("shape")?,
            rate: fields.number("rate")?,
            gamma_shape: fields.number("gamma_shape")?.unwrap_or(default.gamma_shape),
        };
        prior.check().map(|()| prior)
    }

    fn check(&self) -> Result<()> {
        self.shape.map_or(Ok(()), |x| pseudo_count("shape", x))?;
        if let Some(rate) = self.rate {
            above_zero("rate", rate)?;
            within("rate", rate, 1e-100, 1e100)?;
        }
        above_zero("gamma_shape", self.gamma_shape)?;
        within("gamma_shape", self.gamma_shape, 0.01, 1e4)
    }
}
