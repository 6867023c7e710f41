//! The distribution of a lift, absolute or relative.

use serde::Serialize;

use super::{arm::Scale, pair::Pair};
use crate::{
    error::{Detail, Error, Result},
    num::{
        curve::{Curve, Point},
        quadrature::integrate,
        solve,
        special::normal_quantile,
    },
};

/// Tail probability left out at each end of a density's grid.
const GRID_TAIL: f64 = 1e-3;

/// Posterior of a lift: treatment − control in the metric's unit, or treatment / control − 1.
///
/// A figure is `None` where it does not exist (an infinite mean) or is withheld with a note of the comparison
/// (dollars on fewer than five orders). Deterministic.
///
/// # Example
/// ```
/// use stoa_core::posterior::{compare, Binary, Prior, Stats};
/// let control = Stats::Binary(Binary { n: 900, successes: 81 });
/// let treatment = Stats::Binary(Binary { n: 905, successes: 99 });
/// let comparison = compare(&control, &treatment, &Prior::Default)?;
/// let lift = comparison.relative();
/// let interval = lift.interval(0.95)?.unwrap();
/// assert!(interval.low < 0.0 && interval.high > 0.5);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Effect {
    law: Law,
    mean: Option<f64>,
}

/// An equal-tailed credible interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Posterior probability inside.
    pub level: f64,
    /// Lower end; below it lies (1 − level) / 2.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A density on a uniform grid, for plotting.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Density {
    /// Points, ascending, from the 0.1% to the 99.9% quantile.
    pub x: Vec<f64>,
    /// Density at each point.
    pub density: Vec<f64>,
}

#[derive(Debug, Clone)]
pub(super) enum Law {
    /// treatment / control − 1, from the curve of ln(treatment / control).
    LogRatio(Curve),
    /// treatment − control, from its curve.
    Shift(Curve),
    /// treatment / control − 1, point by point.
    Ratio(Pair),
    /// treatment / control − 1 of a mean of either sign, whose control is above 0 all but surely; point by point.
    Quotient(Pair),
    /// treatment − control, point by point.
    Difference(Pair),
    /// Not to be shown.
    Withheld,
}

impl Effect {
    pub(super) fn new(law: Law, mean: Option<f64>) -> Self {
        Self { law, mean }
    }

    pub(super) fn withheld() -> Self {
        Self::new(Law::Withheld, None)
    }

    /// Posterior mean; `None` where it is infinite.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.mean
    }

    /// Posterior median.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        self.solve(0.5)
    }

    /// The lift below which the posterior probability is `q`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < q < 1.
    pub fn quantile(&self, q: f64) -> Result<Option<f64>> {
        open_unit("q", q)?;
        Ok(self.solve(q))
    }

    /// Equal-tailed credible interval.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < level < 1.
    pub fn interval(&self, level: f64) -> Result<Option<Interval>> {
        equal_tailed(level, |q| self.solve(q))
    }

    /// The density on `points` equally spaced points between the 0.1% and 99.9% quantiles; empty when withheld.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 2 ≤ points ≤ 100,000.
    pub fn density(&self, points: usize) -> Result<Density> {
        on_grid(points, |q| self.solve(q), |t| self.at(t).density)
    }

    /// Probability that the lift exceeds `t`; `None` when withheld.
    #[must_use]
    pub fn prob_above(&self, t: f64) -> Option<f64> {
        self.known().then(|| self.at(t).upper.clamp(0.0, 1.0))
    }

    /// Probability that the lift is below `t`; `None` when withheld.
    #[must_use]
    pub fn prob_below(&self, t: f64) -> Option<f64> {
        self.known().then(|| self.at(t).lower.clamp(0.0, 1.0))
    }

    fn known(&self) -> bool {
        !matches!(self.law, Law::Withheld)
    }

    /// Both tails and the density at a lift.
    fn at(&self, t: f64) -> Point {
        let relative = |at: &dyn Fn(f64) -> Point| {
            if t <= -1.0 {
                return Point::BELOW;
            }
            let mut point = at(t.ln_1p());
            point.density /= 1.0 + t;
            point
        };
        match &self.law {
            Law::LogRatio(curve) => relative(&|lambda| curve.at(lambda)),
            Law::Shift(curve) => curve.at(t),
            Law::Ratio(pair) => relative(&|lambda| pair.log_ratio(lambda)),
            Law::Quotient(pair) => pair.times(1.0 + t),
            Law::Difference(pair) => pair.difference(t),
            Law::Withheld => Point::default(),
        }
    }

    fn solve(&self, q: f64) -> Option<f64> {
        match &self.law {
            Law::LogRatio(curve) => Some(curve.quantile(q).exp_m1()),
            Law::Shift(curve) => Some(curve.quantile(q)),
            Law::Ratio(pair) => {
                let (a, b) = (&pair.control.moments, &pair.treatment.moments);
                let start = b.mean_log - a.mean_log
                    + normal_quantile(q, 1.0 - q) * a.sd_log.hypot(b.sd_log);
                let range = log_ratio_range(pair);
                let lambda = solve::quantile(|x| pair.log_ratio(x), q, start, range);
                Some(lambda.exp_m1())
            }
            Law::Difference(pair) => {
                let (a, b) = (&pair.control.moments, &pair.treatment.moments);
                let centre = b.mean.unwrap_or_else(|| b.mean_log.exp())
                    - a.mean.unwrap_or_else(|| a.mean_log.exp());
                let start = centre + normal_quantile(q, 1.0 - q) * a.sd.hypot(b.sd);
                let range = difference_range(pair);
                Some(solve::quantile(|t| pair.difference(t), q, start, range))
            }
            Law::Quotient(pair) => Some(quotient(pair, q)),
            Law::Withheld => None,
        }
    }

    /// E[(−lift)⁺] of a relative lift: the share of the control's value that treatment loses where it is worse.
    pub(super) fn relative_loss(&self) -> Option<f64> {
        // ∫ over λ < 0 of e^λ·P(ln ratio ≤ λ): positive, and smooth below 0.
        let integral = |at: &dyn Fn(f64) -> Point, low: f64, sd: f64| {
            let panels = (-low / (3.0 * sd)).ceil().clamp(1.0, 200.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 1..=200"
            )]
            let panels = panels as u32;
            integrate(|x| x.exp() * at(x).lower, low, 0.0, panels)
        };
        match &self.law {
            Law::LogRatio(curve) => {
                let low = curve.range().0;
                let sd = curve.quantile(0.84) - curve.quantile(0.16);
                Some(if low < 0.0 {
                    integral(&|x| curve.at(x), low, 0.5 * sd)
                } else {
                    0.0
                })
            }
            Law::Ratio(pair) => {
                let low = log_ratio_range(pair).0.max(-60.0);
                let (a, b) = (&pair.control.moments, &pair.treatment.moments);
                Some(if low < 0.0 {
                    integral(&|x| pair.log_ratio(x), low, a.sd_log.hypot(b.sd_log))
                } else {
                    0.0
                })
            }
            Law::Shift(_) | Law::Quotient(_) | Law::Difference(_) | Law::Withheld => None,
        }
    }
}

/// A quantile of treatment / control − 1 of means.
fn quotient(pair: &Pair, q: f64) -> f64 {
    /// Where the search ends, in what the ratio is likely to be.
    const FAR: f64 = 1e9;
    let (a, b) = (&pair.control.moments, &pair.treatment.moments);
    let (control, treatment) = (a.mean.unwrap_or(1.0), b.mean.unwrap_or(1.0));
    let ratio = treatment / control;
    let spread = (b.sd / control).hypot(ratio * a.sd / control);
    let start = ratio - 1.0 + normal_quantile(q, 1.0 - q) * spread;
    let far = FAR * (1.0 + ratio.abs() + spread);
    solve::quantile(|t| pair.times(1.0 + t), q, start, (-far, far))
}

fn difference_range(pair: &Pair) -> (f64, f64) {
    let (a, b) = (pair.control.range(), pair.treatment.range());
    // An amount or a rate may lie below what its curve knows, never below 0.
    match pair.control.scale {
        Scale::Linear | Scale::Pieces => (b.0 - a.1, b.1 - a.0),
        Scale::Logit | Scale::Log => (-a.1, b.1),
    }
}

fn log_ratio_range(pair: &Pair) -> (f64, f64) {
    let (a, b) = (pair.control.log_range(), pair.treatment.log_range());
    (b.0 - a.1, b.1 - a.0)
}

/// The equal-tailed interval of a quantile function.
pub(super) fn equal_tailed(
    level: f64,
    quantile: impl Fn(f64) -> Option<f64>,
) -> Result<Option<Interval>> {
    open_unit("level", level)?;
    let tail = 0.5 * (1.0 - level);
    let ends = quantile(tail).zip(quantile(1.0 - tail));
    Ok(ends.map(|(low, high)| Interval { level, low, high }))
}

/// A density on equally spaced points between the outer quantiles; empty where they are withheld.
pub(super) fn on_grid(
    points: usize,
    quantile: impl Fn(f64) -> Option<f64>,
    density: impl Fn(f64) -> f64,
) -> Result<Density> {
    if !(2..=100_000).contains(&points) {
        let rule = "must lie between 2 and 100000";
        return Err(Error::OutOfRange(Detail::new("points", rule, points)));
    }
    let Some((low, high)) = quantile(GRID_TAIL).zip(quantile(1.0 - GRID_TAIL)) else {
        return Ok(Density::default());
    };
    let width = (high - low) / (points - 1) as f64;
    let x: Vec<f64> = (0..points).map(|i| low + width * i as f64).collect();
    let density = x.iter().map(|&t| density(t)).collect();
    Ok(Density { x, density })
}

/// Refuses what is not strictly between 0 and 1.
pub(super) fn open_unit(field: &str, x: f64) -> Result<()> {
    if x > 0.0 && x < 1.0 {
        return Ok(());
    }
    let rule = "must lie strictly between 0 and 1";
    Err(if x.is_finite() {
        Error::OutOfRange(Detail::new(field, rule, x))
    } else {
        Error::NotFinite(Detail::new(field, rule, x))
    })
}
