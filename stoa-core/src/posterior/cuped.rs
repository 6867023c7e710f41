//! Comparisons of numbers that are known with another one: adjusted by a pre-period, or divided by a count.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    comparison::{Comparison, compare},
    paired::Paired,
    prior::Prior,
    stats::{Mean, Stats},
};
use crate::error::{Detail, Error, Result};

/// Which rows the slope of the adjustment comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// All rows, whatever their arm.
    #[default]
    AllRows,
    /// The arms' own slopes, pooled: the difference between the arms takes no part in it.
    WithinArms,
}

/// An outcome adjusted by what was known of the visitors before the experiment.
#[derive(Debug, Clone, Serialize)]
pub struct Cuped {
    /// How much the outcome changes with the covariate.
    pub theta: f64,
    /// Rows that theta comes from.
    pub pooling: Pooling,
    /// Share of the difference's variance that is gone.
    pub variance_reduction: f64,
    /// Adjusted treatment − control.
    pub difference: f64,
    /// Its standard error, unpooled; `None` with a single row in an arm.
    pub standard_error: Option<f64>,
    /// Treatment − control as observed.
    pub unadjusted_difference: f64,
    /// Its standard error.
    pub unadjusted_standard_error: Option<f64>,
    /// The control's adjusted statistics.
    pub control: Mean,
    /// The treatment's.
    pub treatment: Mean,
    /// The comparison of the adjusted means: Student's t, as family `mean`.
    pub comparison: Comparison,
}

/// Compares means with less noise, by a covariate that was known before anyone was exposed.
///
/// When to use: the same visitors' spending or visits before the experiment explain part of what they do in it. Not with
/// anything that the experiment can change: the effect would be adjusted away.
///
/// Model: θ = cov(y, x)/var(x) over the rows that `pooling` names; ỹ = y − θ(x − x̄), x̄ over both arms; then family
/// `mean` on ỹ. A covariate that never varies has θ = 0. Shapes: y the outcome, x the covariate. Deterministic.
///
/// # Errors
/// What [`Paired::check`] refuses, with `control.` or `treatment.` before the field.
/// # Source
/// Deng, Xu, Kohavi & Walker (2013), Improving the sensitivity of online controlled experiments by utilizing
/// pre-experiment data, §3, <https://doi.org/10.1145/2433396.2433413>.
/// # Example
/// ```
/// use stoa_core::posterior::{cuped, Paired, Pooling};
/// let control = Paired { n: 982, mean: 7.18, variance: 326.2, x_mean: 7.80, x_variance: 308.5, covariance: 86.2 };
/// let treatment = Paired { n: 1018, mean: 7.04, variance: 288.1, x_mean: 7.56, x_variance: 317.1, covariance: 43.3 };
/// let adjusted = cuped(&control, &treatment, Pooling::AllRows)?;
/// assert!((adjusted.theta - 0.2057).abs() < 1e-4);
/// assert!(adjusted.variance_reduction > 0.04);
/// assert!(adjusted.difference > adjusted.unadjusted_difference); // the control was ahead before
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn cuped(control: &Paired, treatment: &Paired, pooling: Pooling) -> Result<Cuped> {
    control.check().map_err(|e| e.at("control"))?;
    treatment.check().map_err(|e| e.at("treatment"))?;
    let all = control.merge(treatment);
    let theta = slope(control, treatment, &all, pooling);
    let adjusted = |arm: &Paired| Mean {
        n: arm.n,
        mean: arm.mean - theta * (arm.x_mean - all.x_mean),
        variance: (arm.variance - 2.0 * theta * arm.covariance + theta * (theta * arm.x_variance))
            .max(0.0),
    };
    let raw = |arm: &Paired| Mean {
        n: arm.n,
        mean: arm.mean,
        variance: arm.variance,
    };
    let (a, b) = (adjusted(control), adjusted(treatment));
    let left_sq = error_sq(&a, &b);
    let raw_sq = error_sq(&raw(control), &raw(treatment));
    let both = left_sq.zip(raw_sq).filter(|(_, raw)| *raw > 0.0);
    Ok(Cuped {
        theta,
        pooling,
        variance_reduction: both.map_or(0.0, |(left, raw)| 1.0 - left / raw),
        difference: b.mean - a.mean,
        standard_error: left_sq.map(f64::sqrt),
        unadjusted_difference: treatment.mean - control.mean,
        unadjusted_standard_error: raw_sq.map(f64::sqrt),
        control: a,
        treatment: b,
        comparison: compare(&Stats::Mean(a), &Stats::Mean(b), &Prior::Default)?,
    })
}

/// [`cuped`] on JSON values, each as [`Paired::from_value`] reads it; `pooling` is a name or null.
///
/// # Errors
/// As [`cuped`], and unknown or mistyped fields.
/// # Example
/// ```
/// use serde_json::{json, Value};
/// use stoa_core::posterior::cuped_values;
/// let arm = |sum: i64| json!({"n": 10, "sum": sum, "sum_sq": 900, "x_sum": 50, "x_sum_sq": 400, "cross": 300});
/// let adjusted = cuped_values(&arm(60), &arm(62), &Value::Null)?.to_value();
/// assert_eq!(adjusted["pooling"], "all_rows");
/// assert_eq!(adjusted["comparison"]["family"], "mean");
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn cuped_values(control: &Value, treatment: &Value, pooling: &Value) -> Result<Cuped> {
    let [control, treatment] = both(control, treatment)?;
    let pooling = match pooling {
        Value::Null => Pooling::default(),
        named => serde_json::from_value(named.clone()).map_err(|_| {
            let rule = "must be all_rows or within_arms";
            Error::UnknownName(Detail::new("pooling", rule, named))
        })?,
    };
    cuped(&control, &treatment, pooling)
}

impl Cuped {
    /// Everything as JSON: the fields, `comparison` as [`Comparison::to_value`].
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// Compares ratios of sums, such as revenue per order or orders per session, where visitors were randomized.
///
/// When to use: a visitor may have several orders, which are not independent: y is what a visitor spent, x how many orders
/// that were. Also for clustered units: y the cluster's sum, x its size. Not with few clusters: below some hundred the
/// delta method is too sure.
///
/// Model: [`Paired::ratio`] of each arm, then family `mean`: Student's t with the delta method's variance. Deterministic.
///
/// # Errors
/// What [`Paired::ratio`] refuses, with `control.` or `treatment.` before the field.
/// # Source
/// Deng, Knoblich & Lu (2018), <https://arxiv.org/abs/1803.06336>, §2 and §3 (clusters).
/// # Example
/// ```
/// use stoa_core::posterior::{ratio, Paired};
/// let arm = |revenue: f64| Paired {
///     n: 4000, mean: revenue, variance: 900.0, x_mean: 0.05, x_variance: 0.09, covariance: 5.0,
/// };
/// let orders = ratio(&arm(3.0), &arm(3.3))?; // $60 and $66 an order
/// assert!((orders.absolute().mean().unwrap() - 6.0).abs() < 1e-9);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn ratio(control: &Paired, treatment: &Paired) -> Result<Comparison> {
    let a = control.ratio().map_err(|e| e.at("control"))?;
    let b = treatment.ratio().map_err(|e| e.at("treatment"))?;
    compare(&Stats::Mean(a), &Stats::Mean(b), &Prior::Default)
}

/// [`ratio`] on JSON values, each as [`Paired::from_value`] reads it.
///
/// # Errors
/// As [`ratio`], and unknown or mistyped fields.
/// # Example
/// ```
/// use serde_json::json;
/// use stoa_core::posterior::ratio_values;
/// let arm = json!({"n": 10, "sum": 60, "sum_sq": 900, "x_sum": 0, "x_sum_sq": 0, "cross": 0});
/// let refused = ratio_values(&arm, &arm).unwrap_err();
/// assert_eq!(refused.to_string(), "control.x_mean must be > 0 to divide by, got 0");
/// ```
pub fn ratio_values(control: &Value, treatment: &Value) -> Result<Comparison> {
    let [control, treatment] = both(control, treatment)?;
    ratio(&control, &treatment)
}

fn both(control: &Value, treatment: &Value) -> Result<[Paired; 2]> {
    let control = Paired::from_value(control).map_err(|e| e.at("control"));
    let treatment = Paired::from_value(treatment).map_err(|e| e.at("treatment"));
    match (control, treatment) {
        (Ok(control), Ok(treatment)) => Ok([control, treatment]),
        (Err(one), Ok(_)) | (Ok(_), Err(one)) => Err(one),
        (Err(one), Err(other)) => Err(Error::collect(vec![one, other]).unwrap_or_else(|| {
            Error::InvalidDocument(Detail::new("", "must be statistics of two arms", ""))
        })),
    }
}

fn slope(control: &Paired, treatment: &Paired, all: &Paired, pooling: Pooling) -> f64 {
    let (covariance, variance) = match pooling {
        Pooling::AllRows => (all.covariance, all.x_variance),
        Pooling::WithinArms => {
            let pooled = |x: f64, y: f64| control.n as f64 * x + treatment.n as f64 * y;
            (
                pooled(control.covariance, treatment.covariance),
                pooled(control.x_variance, treatment.x_variance),
            )
        }
    };
    if variance > 0.0 {
        covariance / variance
    } else {
        0.0
    }
}

/// Squared standard error of the difference, unpooled; `None` with a single row in an arm.
fn error_sq(a: &Mean, b: &Mean) -> Option<f64> {
    let of = |arm: &Mean| (arm.n > 1).then(|| arm.variance / (arm.n as f64 - 1.0));
    Some(of(a)? + of(b)?)
}
