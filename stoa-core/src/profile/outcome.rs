//! What a segment does: one column, read by its family.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Options, refuse_reserved};
use crate::{
    catalog::{self, Family},
    error::{Detail, Error, Result},
    posterior::{Hurdle, Interval, Prior, Stats, estimate, summarize},
    power::{Baseline, PowerOptions, smallest_effect},
    value::Table,
};

/// A column to profile: its name alone, or with the family that models it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Outcome {
    /// The column.
    pub column: String,
    /// Its family; absent: the catalog's for a metric of that name, else binary when the column holds only 0 and 1, else
    /// hurdle. A positive outcome takes the rows above 0, which makes an order value of a revenue column.
    pub family: Option<Family>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "each must be a column, or {column, family} with a known family"
)]
enum Written {
    Name(String),
    Full {
        column: String,
        #[serde(default)]
        family: Option<Family>,
    },
}

impl From<Written> for Outcome {
    fn from(written: Written) -> Self {
        match written {
            Written::Name(column) => Self::new(column),
            Written::Full { column, family } => Self { column, family },
        }
    }
}

impl Outcome {
    /// An outcome whose family is found as [`Outcome::family`] says.
    #[must_use]
    pub fn new(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            family: None,
        }
    }
}

/// One outcome of one segment: one arm's posterior.
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
    /// Why there is no estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An outcome with its column, checked.
pub(super) struct Measured<'t> {
    pub(super) name: String,
    family: Family,
    pub(super) values: Cow<'t, [f64]>,
}

/// Reads and checks every outcome's column.
pub(super) fn read<'t>(table: &'t Table<'_>, options: &Options<'_>) -> Result<Vec<Measured<'t>>> {
    let mut outcomes = Vec::new();
    let mut errors = Vec::new();
    if !(options.level > 0.0 && options.level < 1.0) {
        let rule = "must be between 0 and 1, both excluded";
        errors.push(Error::OutOfRange(Detail::new("level", rule, options.level)));
    }
    for (name, outcome) in &options.outcomes {
        let column = outcome.column.as_str();
        let read = refuse_reserved(name)
            .and_then(|()| table.column(column)?.numbers(column))
            .and_then(|values| {
                let family = family(name, outcome, &values)?;
                check(family, column, &values)?;
                Ok(Measured {
                    name: name.clone(),
                    family,
                    values,
                })
            });
        match read {
            Ok(measured) => outcomes.push(measured),
            Err(error) => errors.push(error),
        }
    }
    Error::collect(errors).map_or(Ok(outcomes), Err)
}

fn family(name: &str, outcome: &Outcome, values: &[f64]) -> Result<Family> {
    let known = outcome
        .family
        .or_else(|| catalog::metric(name).map(|metric| metric.family));
    match known {
        Some(family @ (Family::Binary | Family::Positive | Family::Hurdle)) => Ok(family),
        Some(other) => {
            let rule =
                "must be of family binary, positive or hurdle to be profiled by this version";
            let detail = Detail::new(format!("outcomes.{name}"), rule, other.key());
            Err(Error::Unsupported(detail))
        }
        None if values.iter().all(|&x| is_rate(x)) => Ok(Family::Binary),
        None => Ok(Family::Hurdle),
    }
}

fn is_rate(x: f64) -> bool {
    x.to_bits() == 0.0_f64.to_bits() || x.to_bits() == 1.0_f64.to_bits()
}

fn check(family: Family, column: &str, values: &[f64]) -> Result<()> {
    for (row, &x) in values.iter().enumerate() {
        let field = || format!("{column}[{row}]");
        if !x.is_finite() {
            let detail = Detail::new(field(), "must be a finite number", x);
            return Err(Error::NotFinite(detail));
        }
        if family == Family::Binary && !is_rate(x) {
            return Err(Error::OutOfRange(Detail::new(field(), "must be 0 or 1", x)));
        }
        if x < 0.0 {
            return Err(Error::OutOfRange(Detail::new(field(), "must be >= 0", x)));
        }
    }
    Ok(())
}

impl Measured<'_> {
    /// Whether a test of a rise makes sense: an order value is not per visitor.
    pub(super) fn testable(&self) -> bool {
        self.family != Family::Positive
    }

    /// The posterior of the segment's rows, and what a 50:50 test on them could see.
    pub(super) fn profile(
        &self,
        values: &[f64],
        level: f64,
    ) -> Result<(OutcomeProfile, Option<f64>)> {
        let observations: Vec<f64> = match self.family {
            Family::Positive => values.iter().copied().filter(|x| *x > 0.0).collect(),
            _ => values.to_vec(),
        };
        let n = observations.len() as u64;
        let mut profile = OutcomeProfile {
            family: self.family,
            n,
            observed: None,
            mean: None,
            interval: None,
            note: None,
        };
        if observations.is_empty() {
            profile.note = Some(match self.family {
                Family::Positive => "no orders in this segment".to_owned(),
                _ => "no visitors in this segment".to_owned(),
            });
            return Ok((profile, None));
        }
        let stats = summarize(self.family.key(), &observations)?;
        let posterior = estimate(&stats, &Prior::default())?;
        profile.observed = Some(observations.iter().sum::<f64>() / n as f64);
        profile.mean = posterior.mean();
        profile.interval = posterior.interval(level)?;
        if profile.mean.is_none() {
            profile.note = Some("too few orders for an amount".to_owned());
        }
        Ok((profile, detectable(&stats, n)?))
    }
}

/// Smallest lift that half the visitors against the other half would show, from the observed rates.
fn detectable(stats: &Stats, n: u64) -> Result<Option<f64>> {
    let rate = |part: u64, whole: u64| {
        let rate = part as f64 / whole as f64;
        (rate > 0.0 && rate < 1.0).then_some(rate)
    };
    let baseline = match stats {
        Stats::Binary(s) => rate(s.successes, s.n).map(|rate| Baseline::Binary { rate }),
        Stats::Hurdle(s) => rate(s.orders, s.visitors).and_then(|rate| revenue(s, rate)),
        Stats::Positive(_) => None,
    };
    match baseline {
        None => Ok(None),
        Some(baseline) => smallest_effect(&baseline, n as f64 / 2.0, &PowerOptions::default()),
    }
}

fn revenue(stats: &Hurdle, conversion_rate: f64) -> Option<Baseline> {
    let orders = stats.orders as f64;
    let mean_order_value = stats.sum? / orders;
    let variance = stats.sum_sq? / orders - mean_order_value * mean_order_value;
    Some(Baseline::Hurdle {
        conversion_rate,
        mean_order_value,
        sd_order_value: variance.max(0.0).sqrt(),
    })
}
