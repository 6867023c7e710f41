//! Quantiles of a metric, such as the median order value: without a model of its values.

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

use super::{
    effect::{Interval, open_unit},
    note::Note,
    steps::{ROUNDING, Steps, least},
    summarize::LARGEST_AMOUNT,
};
use crate::{
    error::{Detail, Error, Result},
    num::special::{normal_density, normal_quantile, normal_upper},
};

/// From so many rows in each arm on the normal limit stands for the bootstrap, where it is near.
const MANY_ROWS: usize = 100_000;
/// It is near where no value has more than this probability of being the quantile.
const LARGEST_MASS: f64 = 0.01;
/// Rows that an arm should have beyond the quantile on either side.
const FEW_ROWS: f64 = 5.0;
/// Level of the intervals in a summary.
const LEVEL: f64 = 0.95;

/// A quantile of treatment against the same quantile of control.
///
/// Every figure is in the metric's unit and deterministic: sums over the order statistics, nothing is sampled.
///
/// # Example
/// See [`quantile_comparison`].
#[derive(Debug, Clone)]
pub struct QuantileComparison {
    q: f64,
    law: Law,
    control: Steps,
    treatment: Steps,
    notes: Vec<Note>,
}

/// The difference treatment − control.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Law {
    /// Pair by pair of the two arms' points.
    Pairs,
    Normal {
        mean: f64,
        sd: f64,
    },
}

/// Posterior of the difference between a quantile of the treatment and of the control.
///
/// When to use: whales make the mean useless, and the question is what a usual visitor or order does. When not: only sums are
/// known; revenue itself, of which whales are a part ([`compare`](super::compare())).
///
/// Model: the Bayesian bootstrap, in closed form. Dirichlet(1, …, 1) weights on an arm's n rows make its quantile the order
/// statistic x₍J₊₁₎ with J ~ Bin(n − 1, q); the difference is summed over all pairs that carry mass. From 100,000 rows in each arm on
/// the normal distribution with the same mean and variance (Maritz–Jarrett), unless some value carries more than 1% (ties, outer
/// quantiles); [`method`](QuantileComparison::method) says which. A quantile is the least value with at least q of the weight at and below it; values between rows never occur.
/// Shapes: one value per row, any order. Units: the metric's. Cost: sorting, then about √(n q(1−q)) steps a question.
///
/// # Errors
/// [`Error::EmptyArm`] for an arm without rows; [`Error::NotFinite`] and [`Error::OutOfRange`] name the first bad row as
/// `control[3]`; [`Error::OutOfRange`] unless 0 < q < 1.
///
/// # Source
/// Rubin (1981), The Bayesian bootstrap, <https://doi.org/10.1214/aos/1176345338>; Maritz & Jarrett (1978), A note on estimating the
/// variance of the sample median, <https://doi.org/10.1080/01621459.1978.10480027>.
///
/// # Example
/// ```
/// use stoa_core::posterior::quantile_comparison;
/// let control = [12.0, 15.0, 18.0, 22.0, 31.0, 40.0, 90.0];
/// let treatment = [14.0, 19.0, 24.0, 30.0, 33.0, 55.0, 70.0];
/// let median = quantile_comparison(&control, &treatment, 0.5)?;
/// assert_eq!(median.method(), "bayesian_bootstrap");
/// assert!((median.prob_positive() - 0.707_763_671_875).abs() < 1e-12);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn quantile_comparison(
    control: &[f64],
    treatment: &[f64],
    q: f64,
) -> Result<QuantileComparison> {
    open_unit("q", q)?;
    let arm = |name: &str, rows: &[f64]| {
        let sorted = sorted(name, rows)?;
        Ok::<Steps, Error>(Steps::of_quantile(&sorted, q))
    };
    let (control_steps, treatment_steps) = (arm("control", control)?, arm("treatment", treatment)?);
    let fewest = control.len().min(treatment.len());
    let mut notes = Vec::new();
    let beyond = fewest as f64 * q.min(1.0 - q);
    if beyond < FEW_ROWS {
        let text = format!(
            "The smaller arm has some {beyond:.1} rows beyond the quantile: the bootstrap knows no value that it has not seen, and is too sure."
        );
        notes.push(Note::new("few_rows", text));
    }
    let law = law(&control_steps, &treatment_steps, fewest);
    Ok(QuantileComparison {
        q,
        law,
        control: control_steps,
        treatment: treatment_steps,
        notes,
    })
}

fn law(control: &Steps, treatment: &Steps, fewest: usize) -> Law {
    let atom = control.largest_mass().max(treatment.largest_mass());
    if fewest < MANY_ROWS || atom > LARGEST_MASS {
        return Law::Pairs;
    }
    Law::Normal {
        mean: treatment.mean() - control.mean(),
        sd: (control.variance() + treatment.variance()).sqrt(),
    }
}

fn sorted(arm: &str, rows: &[f64]) -> Result<Vec<f64>> {
    if rows.is_empty() {
        let detail = Detail::new(arm, "must hold at least one row", 0);
        return Err(Error::EmptyArm(detail));
    }
    let wrong = |x: &f64| x.is_nan() || x.abs() > LARGEST_AMOUNT;
    if let Some(row) = rows.iter().position(wrong) {
        let (field, found) = (format!("{arm}[{row}]"), rows[row]);
        return Err(if found.is_finite() {
            let rule = "must lie between -1e100 and 1e100";
            Error::OutOfRange(Detail::new(field, rule, found))
        } else {
            Error::NotFinite(Detail::new(field, "must be a finite number", found))
        });
    }
    let mut sorted = rows.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(sorted)
}

impl QuantileComparison {
    /// Which quantile: 0.5 is the median.
    #[must_use]
    pub fn q(&self) -> f64 {
        self.q
    }

    /// `bayesian_bootstrap`, or `asymptotic` for its normal limit.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self.law {
            Law::Pairs => "bayesian_bootstrap",
            Law::Normal { .. } => "asymptotic",
        }
    }

    /// What a reader must know beside the numbers.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Posterior mean of the difference, treatment − control.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.treatment.mean() - self.control.mean()
    }

    /// P(difference > 0).
    #[must_use]
    pub fn prob_positive(&self) -> f64 {
        self.above(0.0)
    }

    /// P(difference < 0); with [`prob_positive`](Self::prob_positive) less than 1 where both arms have values in common.
    #[must_use]
    pub fn prob_harm(&self) -> f64 {
        let lower = match self.law {
            Law::Pairs => self.control.joint(&self.treatment, |x, y| y < x),
            Law::Normal { .. } => 1.0 - self.above(0.0),
        };
        lower.clamp(0.0, 1.0)
    }

    /// P(difference > t).
    ///
    /// # Errors
    /// [`Error::NotFinite`] when `t` is.
    pub fn prob_above(&self, t: f64) -> Result<f64> {
        super::fields::finite("t", t)?;
        Ok(self.above(t))
    }

    /// The least difference with a probability of at least `p` at and below it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < p < 1.
    pub fn quantile(&self, p: f64) -> Result<f64> {
        open_unit("p", p)?;
        Ok(self.solve(p))
    }

    /// Equal-tailed credible interval of the difference.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < level < 1.
    pub fn interval(&self, level: f64) -> Result<Interval> {
        open_unit("level", level)?;
        Ok(equal_tailed(level, |p| self.solve(p)))
    }

    /// Expected loss of shipping the treatment: E[(control − treatment)⁺].
    #[must_use]
    pub fn expected_loss_ship(&self) -> f64 {
        match self.law {
            Law::Pairs => self.control.excess(&self.treatment),
            Law::Normal { mean, sd } => normal_excess(-mean, sd),
        }
    }

    /// Expected loss of keeping the control: E[(treatment − control)⁺].
    #[must_use]
    pub fn expected_loss_keep(&self) -> f64 {
        match self.law {
            Law::Pairs => self.treatment.excess(&self.control),
            Law::Normal { mean, sd } => normal_excess(mean, sd),
        }
    }

    /// Every figure as JSON: `q`, `method`, `notes` [{`code`, `text`}], `control` and `treatment` {`mean`, `median`, `interval`
    /// {`level`, `low`, `high`}} of the quantile in each arm, `absolute` (the same three, of the difference), `prob_positive`,
    /// `prob_harm`, `expected_loss_ship`, `expected_loss_keep`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    fn above(&self, t: f64) -> f64 {
        let upper = match self.law {
            // Pairs are weighed from the side that is asked for, so that a small tail keeps its digits.
            Law::Pairs => self.treatment.joint(&self.control, |y, x| y - x > t),
            Law::Normal { mean, sd } => normal_upper((t - mean) / sd),
        };
        upper.clamp(0.0, 1.0)
    }

    fn solve(&self, p: f64) -> f64 {
        match self.law {
            Law::Pairs => {
                let (x, y) = (&self.control, &self.treatment);
                let within = |t: f64| x.joint(y, |x, y| y - x <= t);
                let (low, high) = (y.lowest() - x.highest(), y.highest() - x.lowest());
                least(within, p - ROUNDING, low, high)
            }
            Law::Normal { mean, sd } => mean + sd * normal_quantile(p, 1.0 - p),
        }
    }
}

/// E[d⁺] of a normal d.
fn normal_excess(mean: f64, sd: f64) -> f64 {
    let z = mean / sd;
    (sd * (normal_density(z) + z * normal_upper(-z))).max(0.0)
}

fn equal_tailed(level: f64, quantile: impl Fn(f64) -> f64) -> Interval {
    let tail = 0.5 * (1.0 - level);
    Interval {
        level,
        low: quantile(tail),
        high: quantile(1.0 - tail),
    }
}

/// Mean, median and interval of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Summary {
    mean: f64,
    median: f64,
    interval: Interval,
}

impl Summary {
    fn new(mean: f64, quantile: impl Fn(f64) -> f64) -> Self {
        Self {
            mean,
            median: quantile(0.5),
            interval: equal_tailed(LEVEL, quantile),
        }
    }
}

impl Serialize for QuantileComparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let arm = |steps: &Steps| Summary::new(steps.mean(), |p| steps.quantile(p));
        let mut s = serializer.serialize_struct("QuantileComparison", 10)?;
        s.serialize_field("q", &self.q)?;
        s.serialize_field("method", self.method())?;
        s.serialize_field("notes", &self.notes)?;
        s.serialize_field("control", &arm(&self.control))?;
        s.serialize_field("treatment", &arm(&self.treatment))?;
        let absolute = Summary::new(self.mean(), |p| self.solve(p));
        s.serialize_field("absolute", &absolute)?;
        s.serialize_field("prob_positive", &self.prob_positive())?;
        s.serialize_field("prob_harm", &self.prob_harm())?;
        s.serialize_field("expected_loss_ship", &self.expected_loss_ship())?;
        s.serialize_field("expected_loss_keep", &self.expected_loss_keep())?;
        s.end()
    }
}
