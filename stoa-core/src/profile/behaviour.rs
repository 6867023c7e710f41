//! One outcome of one segment: its posterior, and how it differs from everyone else's.

use serde::Serialize;

use super::{
    outcome::{observed, stats, units},
    tally::Sums,
};
use crate::{
    catalog::Family,
    error::{Error, Result},
    posterior::{Effect, Interval, Prior, Stats, compare, estimate},
};

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

    /// Two groups with units; `None` where the posterior says nothing, or one is thousands of times better known.
    pub(super) fn of(inside: &Stats, rest: &Stats, level: f64) -> Result<Option<Self>> {
        let comparison = match compare(rest, inside, &Prior::default()) {
            Err(Error::TooLarge(_)) => return Ok(None),
            found => found?,
        };
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
