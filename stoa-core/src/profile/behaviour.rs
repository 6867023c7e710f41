//! One outcome of one segment: its posterior, and how it differs from everyone else's.

use serde::Serialize;

use super::{
    outcome::{observed, stats, units},
    tally::Sums,
};
use crate::{
    catalog::Family,
    error::Result,
    num::special::normal_quantile,
    posterior::{Binary, Effect, Interval, Prior, Stats, compare, estimate},
};

/// Standard errors between two rates beyond which their order is beyond doubt: a chance of 1e-33 to be wrong.
const APART: f64 = 12.0;

/// One outcome of one segment: one arm's posterior, and everyone else's beside it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeProfile {
    /// The family used.
    pub family: Family,
    /// Observations: visitors, or orders for an order value.
    pub n: u64,
    /// Plain rate or mean of the rows; absent without rows.
    pub observed: Option<f64>,
    /// Posterior mean; absent when there are too few orders for one.
    pub mean: Option<f64>,
    /// Credible interval.
    pub interval: Option<Interval>,
    /// Everyone who is not in the segment; absent for everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<Level>,
    /// How the segment differs from them; null when either side has too little to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against_rest: Option<Against>,
    /// Why there is no estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An outcome's level in a group: the plain figure, and the posterior's mean and interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Observations: visitors, or orders for an order value.
    pub n: u64,
    /// Plain rate or mean of the rows.
    pub observed: Option<f64>,
    /// Posterior mean.
    pub mean: Option<f64>,
    /// Credible interval.
    pub interval: Option<Interval>,
}

/// A segment against everyone else.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// P(the segment's rate or mean is higher).
    pub prob_higher: f64,
    /// Segment − everyone else, in the outcome's unit.
    pub difference: Gap,
    /// Segment / everyone else − 1; null for means of either sign.
    pub relative: Gap,
}

/// Posterior mean and interval of a difference; null where infinite or withheld.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gap {
    /// Posterior mean.
    pub mean: Option<f64>,
    /// Credible interval.
    pub interval: Option<Interval>,
}

impl Gap {
    /// Nothing to say.
    pub(super) const NONE: Self = Self {
        mean: None,
        interval: None,
    };

    pub(super) fn new(effect: &Effect, level: f64) -> Result<Self> {
        Ok(Self {
            mean: effect.mean(),
            interval: effect.interval(level)?,
        })
    }
}

impl OutcomeProfile {
    pub(super) fn new(
        family: Family,
        inside: &Sums,
        rest: Option<&Sums>,
        level: f64,
    ) -> Result<Self> {
        let found = Level::new(family, inside, level)?;
        let note = note(family, &found);
        let against_rest = match rest {
            Some(rest) => Against::new(family, inside, rest, level)?,
            None => None,
        };
        Ok(Self {
            family,
            n: found.n,
            observed: found.observed,
            mean: found.mean,
            interval: found.interval,
            rest: rest
                .map(|rest| Level::new(family, rest, level))
                .transpose()?,
            against_rest,
            note,
        })
    }
}

impl Level {
    fn new(family: Family, sums: &Sums, level: f64) -> Result<Self> {
        let n = units(family, sums);
        let posterior = match n {
            0 => None,
            _ => Some(estimate(&stats(family, sums), &Prior::default())?),
        };
        Ok(Self {
            n,
            observed: observed(family, sums),
            mean: posterior
                .as_ref()
                .and_then(crate::posterior::Estimate::mean),
            interval: match &posterior {
                Some(posterior) => posterior.interval(level)?,
                None => None,
            },
        })
    }
}

impl Against {
    fn new(family: Family, inside: &Sums, rest: &Sums, level: f64) -> Result<Option<Self>> {
        if units(family, inside) == 0 || units(family, rest) == 0 {
            return Ok(None);
        }
        Self::of(&stats(family, inside), &stats(family, rest), level)
    }

    /// Two groups with units; `None` where the posterior says nothing.
    pub(super) fn of(inside: &Stats, rest: &Stats, level: f64) -> Result<Option<Self>> {
        if far_apart(inside, rest) {
            return Self::of_worlds_apart(inside, rest, level);
        }
        let comparison = compare(rest, inside, &Prior::default())?;
        let prob_higher = comparison.prob_positive();
        if prob_higher.is_nan() {
            return Ok(None);
        }
        Ok(Some(Self {
            prob_higher,
            difference: Gap::new(comparison.absolute(), level)?,
            relative: Gap::new(comparison.relative(), level)?,
        }))
    }

    /// Rates that nobody confuses have no lattice in common that is worth its cost: the difference is normal with both
    /// posteriors' moments, and the ratio is left out.
    fn of_worlds_apart(inside: &Stats, rest: &Stats, level: f64) -> Result<Option<Self>> {
        let both = [inside, rest].map(|stats| estimate(stats, &Prior::default()));
        let [inside, rest] = both;
        let (inside, rest) = (inside?, rest?);
        let (Some((mean, sd)), Some((rest_mean, rest_sd))) =
            (inside.mean().zip(inside.sd()), rest.mean().zip(rest.sd()))
        else {
            return Ok(None);
        };
        let tail = (1.0 - level) / 2.0;
        let gap = mean - rest_mean;
        let reach = normal_quantile(1.0 - tail, tail) * sd.hypot(rest_sd);
        let interval = Interval {
            level,
            low: gap - reach,
            high: gap + reach,
        };
        Ok(Some(Self {
            prob_higher: if gap > 0.0 { 1.0 } else { 0.0 },
            difference: Gap {
                mean: Some(gap),
                interval: Some(interval),
            },
            relative: Gap::NONE,
        }))
    }
}

/// Whether two rates lie more than [`APART`] standard errors of Cohen's h from each other.
fn far_apart(inside: &Stats, rest: &Stats) -> bool {
    let rate = |stats: &Stats| match stats {
        Stats::Binary(s) => Some(*s),
        Stats::Hurdle(s) => Some(s.conversion()),
        _ => None,
    };
    let Some((a, b)) = rate(inside).zip(rate(rest)) else {
        return false;
    };
    let angle = |s: Binary| 2.0 * (s.successes as f64 / s.n as f64).sqrt().asin();
    let error = (1.0 / a.n as f64 + 1.0 / b.n as f64).sqrt();
    (angle(a) - angle(b)).abs() > APART * error
}

fn note(family: Family, found: &Level) -> Option<String> {
    let text = match (family, found.n, found.mean) {
        (_, _, Some(_)) => return None,
        (Family::Positive, 0, _) => "no orders in this segment",
        (_, 0, _) => "no visitors in this segment",
        (Family::Positive | Family::Hurdle, ..) => "too few orders for an amount",
        _ => "too few visitors, or visitors that do not differ, for a mean",
    };
    Some(text.to_owned())
}
