//! Two numbers per unit: an outcome, and what is known beside it (a pre-period, a denominator).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    fields::{Fields, within},
    stats::Mean,
    summarize::LARGEST_AMOUNT,
};
use crate::{
    error::{Detail, Error, Result},
    num::sums::sum,
};

/// What rounding of a warehouse's sums may do to a correlation of one.
const ROUNDING: f64 = 1e-9;

/// One arm's sufficient statistics of an outcome y and another number x of the same units. Variances and covariance
/// are population ones (divisor n).
///
/// # Example
/// ```
/// use stoa_core::posterior::Paired;
/// let arm = Paired::from_rows(&[1.0, 3.0], &[0.0, 4.0])?;
/// assert_eq!((arm.mean, arm.x_mean, arm.covariance), (2.0, 2.0, 2.0));
/// let sums = serde_json::json!({"n": 2, "sum": 4, "sum_sq": 10, "x_sum": 4, "x_sum_sq": 16, "cross": 12});
/// assert_eq!(Paired::from_value(&sums)?, arm);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paired {
    /// Units (visitors).
    pub n: u64,
    /// Mean of y.
    pub mean: f64,
    /// Variance of y.
    pub variance: f64,
    /// Mean of x.
    pub x_mean: f64,
    /// Variance of x.
    pub x_variance: f64,
    /// Covariance of y and x.
    pub covariance: f64,
}

impl Paired {
    /// From rows: `y[i]` and `x[i]` are of one unit.
    ///
    /// # Errors
    /// [`Error::EmptyArm`] without rows, [`Error::Conflict`] for lists of different lengths, [`Error::NotFinite`] and
    /// [`Error::OutOfRange`] beyond ±1e100, naming the row.
    pub fn from_rows(y: &[f64], x: &[f64]) -> Result<Self> {
        if y.len() != x.len() {
            let rule = format!("must hold {} numbers, one per unit", y.len());
            return Err(Error::Conflict(Detail::new("x", rule, x.len())));
        }
        if y.is_empty() {
            let detail = Detail::new("y", "must hold at least one row", 0);
            return Err(Error::EmptyArm(detail));
        }
        for (name, list) in [("y", y), ("x", x)] {
            for (i, value) in list.iter().enumerate() {
                amount(&format!("{name}[{i}]"), *value)?;
            }
        }
        let n = y.len() as f64;
        let mean = |list: &[f64]| sum(list.iter().copied()) / n;
        let (mean_y, mean_x) = (mean(y), mean(x));
        let moment = |a: &[f64], mean_a: f64, b: &[f64], mean_b: f64| {
            let pairs = a.iter().zip(b);
            sum(pairs.map(|(a, b)| (a - mean_a) * (b - mean_b))) / n
        };
        Ok(Self {
            n: y.len() as u64,
            mean: mean_y,
            variance: moment(y, mean_y, y, mean_y),
            x_mean: mean_x,
            x_variance: moment(x, mean_x, x, mean_x),
            covariance: moment(y, mean_y, x, mean_x),
        })
    }

    /// From JSON: this struct's fields, or a warehouse's sums `n`, `sum`, `sum_sq`, `x_sum`, `x_sum_sq`, `cross` (Σxy).
    ///
    /// # Errors
    /// Unknown, missing or mistyped fields, and as [`Paired::check`].
    pub fn from_value(value: &Value) -> Result<Self> {
        const MEANS: [&str; 6] = [
            "n",
            "mean",
            "variance",
            "x_mean",
            "x_variance",
            "covariance",
        ];
        const SUMS: [&str; 6] = ["n", "sum", "sum_sq", "x_sum", "x_sum_sq", "cross"];
        let paired = if value.get("sum").is_some() {
            let fields = Fields::new(value, &SUMS)?;
            let n = fields.count("n")?;
            let [y, yy, x, xx, xy] =
                required(&fields, [SUMS[1], SUMS[2], SUMS[3], SUMS[4], SUMS[5]])?;
            let per = |total: f64| total / (n as f64).max(1.0);
            let (mean, x_mean) = (per(y), per(x));
            Self {
                n,
                mean,
                variance: (per(yy) - mean * mean).max(0.0),
                x_mean,
                x_variance: (per(xx) - x_mean * x_mean).max(0.0),
                covariance: per(xy) - mean * x_mean,
            }
        } else {
            let fields = Fields::new(value, &MEANS)?;
            let n = fields.count("n")?;
            let [mean, variance, x_mean, x_variance, covariance] =
                required(&fields, [MEANS[1], MEANS[2], MEANS[3], MEANS[4], MEANS[5]])?;
            Self {
                n,
                mean,
                variance,
                x_mean,
                x_variance,
                covariance,
            }
        };
        paired.check().map(|()| paired)
    }

    /// Refuses statistics that no arm can have.
    ///
    /// # Errors
    /// [`Error::EmptyArm`] without a unit, [`Error::OutOfRange`] for a negative variance or a correlation beyond ±1,
    /// [`Error::NotFinite`] for NaN and infinities.
    pub fn check(&self) -> Result<()> {
        if self.n == 0 {
            return Err(Error::EmptyArm(Detail::new("n", "must be at least 1", 0)));
        }
        amount("mean", self.mean)?;
        amount("x_mean", self.x_mean)?;
        within("variance", self.variance, 0.0, 1e200)?;
        within("x_variance", self.x_variance, 0.0, 1e200)?;
        let most = self.variance.sqrt() * self.x_variance.sqrt();
        // Beside large means the sums have lost the digits that a small covariance would need.
        let lost = ROUNDING * self.mean.abs() * self.x_mean.abs();
        let most = most * (1.0 + ROUNDING) + lost;
        within("covariance", self.covariance, -most, most)
    }

    /// The statistics of both sets of rows together. Merging commutes.
    ///
    /// # Source
    /// As [`Stats::merge`](super::Stats::merge).
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let n = self.n.saturating_add(other.n);
        if n == 0 {
            return *self;
        }
        let (a, b) = (self.n as f64 / n as f64, other.n as f64 / n as f64);
        let (gap, x_gap) = (self.mean - other.mean, self.x_mean - other.x_mean);
        let mixed = |x: f64, y: f64, between: f64| x * a + y * b + between * a * b;
        Self {
            n,
            mean: self.mean * a + other.mean * b,
            variance: mixed(self.variance, other.variance, gap * gap),
            x_mean: self.x_mean * a + other.x_mean * b,
            x_variance: mixed(self.x_variance, other.x_variance, x_gap * x_gap),
            covariance: mixed(self.covariance, other.covariance, gap * x_gap),
        }
    }

    /// Σy / Σx as a mean over the units, by the delta method.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when the mean of x is not above 0, or so near 0 that the ratio leaves ±1e100.
    /// # Source
    /// Deng, Knoblich & Lu (2018), Applying the delta method in metric analytics, §2, <https://arxiv.org/abs/1803.06336>.
    /// # Example
    /// ```
    /// use stoa_core::posterior::Paired;
    /// // Three visitors: $10 in 1 order, $50 in 2, nothing. $20 an order.
    /// let aov = Paired::from_rows(&[10.0, 50.0, 0.0], &[1.0, 2.0, 0.0])?.ratio()?;
    /// assert!((aov.mean - 20.0).abs() < 1e-12);
    /// // y − 20x = −10, 10, 0: variance 200/3, over the squared mean of x, 1.
    /// assert!((aov.variance - 200.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn ratio(&self) -> Result<Mean> {
        self.check()?;
        if self.x_mean <= 0.0 {
            let detail = Detail::new("x_mean", "must be > 0 to divide by", self.x_mean);
            return Err(Error::OutOfRange(detail));
        }
        let ratio = self.mean / self.x_mean;
        amount("ratio", ratio)?;
        let residual =
            self.variance - 2.0 * ratio * self.covariance + ratio * ratio * self.x_variance;
        Ok(Mean {
            n: self.n,
            mean: ratio,
            variance: (residual / self.x_mean / self.x_mean).max(0.0),
        })
    }
}

fn amount(field: &str, x: f64) -> Result<()> {
    within(field, x, -LARGEST_AMOUNT, LARGEST_AMOUNT)
}

fn required<const N: usize>(fields: &Fields<'_>, keys: [&str; N]) -> Result<[f64; N]> {
    let mut found = [0.0; N];
    for (place, key) in found.iter_mut().zip(keys) {
        *place = fields.required(key)?;
    }
    Ok(found)
}
