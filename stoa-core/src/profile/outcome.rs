//! What a segment does: one column, read by its family.

use serde::{Deserialize, Serialize};

use super::{Options, refuse_reserved, tally::Sums};
use crate::{
    catalog::{self, Family},
    error::{Detail, Error, Result},
    posterior::{Binary, Count, Hurdle, LARGEST_AMOUNT, LARGEST_COUNT, Mean, Positive, Stats},
    power::Baseline,
    value::{AttributeType, Column, Table},
};

/// A column to profile: its name alone, or with the family that models it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Outcome {
    /// The column.
    pub column: String,
    /// Its family: binary, positive, hurdle, count or mean. Absent: the catalog's for a metric of that name, else binary
    /// when the column holds only 0 and 1, else hurdle. A positive outcome takes the rows above 0, which makes an order
    /// value of a revenue column.
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

    /// The family that is written, or the catalog's.
    pub(super) fn known_family(&self, name: &str) -> Result<Option<Family>> {
        let known = self
            .family
            .or_else(|| catalog::metric(name).map(|metric| metric.family));
        if known == Some(Family::Ordinal) {
            let rule = "must be of family binary, positive, hurdle, count or mean to be profiled by this version (write {column, family: \"mean\"} for a score)";
            let detail = Detail::new(format!("outcomes.{name}"), rule, Family::Ordinal.key());
            return Err(Error::Unsupported(detail));
        }
        Ok(known)
    }
}

/// An outcome with its column, checked.
pub(super) struct Measured<'t> {
    pub(super) name: String,
    pub(super) family: Family,
    pub(super) column: &'t Column<'t>,
}

/// Reads and checks every outcome's column.
pub(super) fn read<'t>(table: &'t Table<'_>, options: &Options<'_>) -> Result<Vec<Measured<'t>>> {
    let mut outcomes = Vec::new();
    let mut errors = Vec::new();
    for (name, outcome) in &options.outcomes {
        match measured(table, name, outcome) {
            Ok(measured) => outcomes.push(measured),
            Err(error) => errors.push(error),
        }
    }
    Error::collect(errors).map_or(Ok(outcomes), Err)
}

fn measured<'t>(table: &'t Table<'_>, name: &str, outcome: &Outcome) -> Result<Measured<'t>> {
    refuse_reserved(name)?;
    let column = table.column(&outcome.column)?;
    if !matches!(
        column.kind(),
        AttributeType::Number | AttributeType::Boolean
    ) {
        return Err(column.refused(&outcome.column, "must hold numbers or booleans"));
    }
    let family = match outcome.known_family(name)? {
        Some(family) => family,
        None if scan(column, is_rate).is_none() => Family::Binary,
        None => Family::Hurdle,
    };
    let (rule, allowed) = rule(family);
    match scan(column, allowed) {
        None => Ok(Measured {
            name: name.to_owned(),
            family,
            column,
        }),
        Some((row, x)) => {
            let field = format!("{}[{row}]", outcome.column);
            Err(if x.is_finite() {
                Error::OutOfRange(Detail::new(field, rule, x))
            } else {
                Error::NotFinite(Detail::new(field, "must be a finite number", x))
            })
        }
    }
}

/// The first row whose value is not allowed.
fn scan(column: &Column<'_>, allowed: fn(f64) -> bool) -> Option<(usize, f64)> {
    let mut values = vec![0.0; 4096.min(column.len())];
    for from in (0..column.len()).step_by(values.len().max(1)) {
        let n = values.len().min(column.len() - from);
        column.fill_numbers(from, &mut values[..n]);
        if let Some(i) = values[..n].iter().position(|x| !allowed(*x)) {
            return Some((from + i, values[i]));
        }
    }
    None
}

/// What a family's values must be.
fn rule(family: Family) -> (&'static str, fn(f64) -> bool) {
    match family {
        Family::Binary => ("must be 0 or 1", is_rate),
        Family::Count => ("must be a whole number >= 0", |x| {
            (0.0..=LARGEST_COUNT).contains(&x) && x.fract().to_bits() == 0
        }),
        Family::Mean | Family::Ordinal => ("must lie between -1e100 and 1e100", |x| {
            x.abs() <= LARGEST_AMOUNT
        }),
        Family::Positive | Family::Hurdle => ("must be >= 0 and at most 1e100", |x| {
            (0.0..=LARGEST_AMOUNT).contains(&x)
        }),
    }
}

/// Whether a number is 0 or 1.
fn is_rate(x: f64) -> bool {
    // Adding 0 turns −0 into 0.
    let x = x + 0.0;
    x.to_bits() == 0.0_f64.to_bits() || x.to_bits() == 1.0_f64.to_bits()
}

impl Measured<'_> {
    /// Whether the model reads logarithms.
    pub(super) fn needs_logs(&self) -> bool {
        needs_logs(self.family)
    }
}

/// Whether a family's model reads logarithms.
pub(super) fn needs_logs(family: Family) -> bool {
    matches!(family, Family::Positive | Family::Hurdle)
}

/// Whether a test of a rise makes sense: an order value is not per visitor.
pub(super) fn testable(family: Family) -> bool {
    family != Family::Positive
}

/// Units that a family counts: visitors, or orders for an order value.
pub(super) fn units(family: Family, sums: &Sums) -> u64 {
    match family {
        Family::Positive => sums.hits,
        _ => sums.n,
    }
}

/// The plain rate or mean.
pub(super) fn observed(family: Family, sums: &Sums) -> Option<f64> {
    let n = units(family, sums);
    (n > 0).then(|| sums.sum / n as f64)
}

/// The sums as the posterior room reads them.
pub(super) fn stats(family: Family, sums: &Sums) -> Stats {
    let hits = (sums.hits as f64).max(1.0);
    let mean_log = sums.sum_log / hits;
    let amounts = Positive {
        n: sums.hits,
        mean_log,
        var_log: (sums.sum_log_sq / hits - mean_log * mean_log).max(0.0),
        sum: Some(sums.sum),
        sum_sq: Some(sums.sum_sq),
    };
    match family {
        Family::Binary => Stats::Binary(Binary {
            n: sums.n,
            successes: sums.hits,
        }),
        Family::Positive => Stats::Positive(amounts),
        Family::Hurdle => Stats::Hurdle(Hurdle::new(sums.n, &amounts)),
        Family::Count => Stats::Count(Count {
            n: sums.n,
            total: sums.sum,
            total_sq: sums.sum_sq,
        }),
        Family::Mean | Family::Ordinal => {
            let (mean, variance) = moments(sums);
            Stats::Mean(Mean {
                n: sums.n,
                mean,
                variance,
            })
        }
    }
}

/// Mean and population variance of all rows.
pub(super) fn moments(sums: &Sums) -> (f64, f64) {
    let n = (sums.n as f64).max(1.0);
    let mean = sums.sum / n;
    (mean, (sums.sum_sq / n - mean * mean).max(0.0))
}

/// What the power room starts from; `None` where the observed rows say nothing of a lift.
pub(super) fn baseline(family: Family, sums: &Sums) -> Option<Baseline> {
    let rate = (sums.n > 0).then(|| sums.hits as f64 / sums.n as f64);
    let rate = rate.filter(|rate| *rate > 0.0 && *rate < 1.0);
    match family {
        Family::Binary => Some(Baseline::Binary { rate: rate? }),
        Family::Positive => None,
        Family::Hurdle => {
            let mean_order_value = sums.sum / sums.hits as f64;
            let variance = sums.sum_sq / sums.hits as f64 - mean_order_value * mean_order_value;
            Some(Baseline::Hurdle {
                conversion_rate: rate?,
                mean_order_value,
                sd_order_value: variance.max(0.0).sqrt(),
            })
        }
        Family::Count | Family::Mean | Family::Ordinal => {
            let (mean, variance) = moments(sums);
            let tells = mean.abs() > 0.0 && variance > 0.0;
            tells.then_some(Baseline::Mean { mean, variance })
        }
    }
}
