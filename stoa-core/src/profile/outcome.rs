//! What a segment does: one column, read by its family.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    Options,
    options::{text, wrong_type},
    result::refuse_reserved,
    tally::Sums,
};
use crate::{
    catalog::{self, Family},
    error::{Detail, Error, Result},
    posterior::{Binary, Count, Hurdle, LARGEST_AMOUNT, LARGEST_COUNT, Mean, Positive, Stats},
    power::Baseline,
    value::{AttributeType, Column, Table},
};

/// A column to profile: its name alone, or with the family that models it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The column.
    pub column: String,
    /// Its family: binary, positive, hurdle, count or mean. Absent: the catalog's for a metric of that name, else binary
    /// when the column holds only 0 and 1, else mean; a note says so. A positive outcome takes the rows above 0, which makes an order
    /// value of a revenue column.
    pub family: Option<Family>,
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
    /// Nobody said its family.
    guessed: bool,
}

/// What a reader must know of a family that nobody said.
pub(super) fn guessed(outcome: &Measured<'_>) -> Option<String> {
    let (name, family) = (&outcome.name, outcome.family.key());
    let holds = match outcome.family {
        Family::Binary => "it holds only 0 and 1",
        _ => "it holds more than 0 and 1",
    };
    outcome.guessed.then(|| {
        format!(
            "{name} is no metric of the catalog and is read as {family}, for {holds}; write {{column, family}} to choose"
        )
    })
}

/// The outcomes of a document: name → column, or {column, family}.
pub(super) fn from_value(field: &str, value: &Value) -> Result<BTreeMap<String, Outcome>> {
    let rule = "must be an object of columns by outcome";
    let fields = value.as_object();
    let fields = fields.ok_or_else(|| wrong_type(field, rule, value))?;
    let mut outcomes = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, written) in fields {
        match one_from_value(&format!("{field}.{name}"), written) {
            Ok(outcome) => drop(outcomes.insert(name.clone(), outcome)),
            Err(error) => errors.push(error),
        }
    }
    Error::collect(errors).map_or(Ok(outcomes), Err)
}

fn one_from_value(field: &str, value: &Value) -> Result<Outcome> {
    const KEYS: [&str; 2] = ["column", "family"];
    let fields = match value {
        Value::String(column) => return Ok(Outcome::new(column)),
        Value::Object(fields) => fields,
        _ => {
            return Err(wrong_type(
                field,
                "must be a column, or {column, family}",
                value,
            ));
        }
    };
    if let Some((name, found)) = fields.iter().find(|(name, _)| !KEYS.contains(&&name[..])) {
        let detail = Detail::new(format!("{field}.{name}"), "must be column or family", found);
        return Err(Error::UnknownField(detail.did_you_mean(name, KEYS)));
    }
    let column = fields.get("column").ok_or_else(|| {
        let rule = "is required beside a family";
        Error::MissingField(Detail::new(format!("{field}.column"), rule, "nothing"))
    })?;
    let family = fields.get("family").filter(|family| !family.is_null());
    Ok(Outcome {
        column: text(&format!("{field}.column"), column)?,
        family: family
            .map(|found| family_of(&format!("{field}.family"), found))
            .transpose()?,
    })
}

fn family_of(field: &str, value: &Value) -> Result<Family> {
    let name = text(field, value)?;
    let known = Family::ALL.into_iter().find(|family| family.key() == name);
    known.ok_or_else(|| {
        let rule = "must be binary, positive, hurdle, count or mean";
        let detail = Detail::new(field, rule, &name);
        Error::OutOfRange(detail.did_you_mean(&name, Family::ALL.map(Family::key)))
    })
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
    let known = outcome.known_family(name)?;
    let family = match known {
        Some(family) => family,
        None if scan(column, is_rate).is_none() => Family::Binary,
        None => Family::Mean,
    };
    let (rule, allowed) = rule(family);
    match scan(column, allowed) {
        None => Ok(Measured {
            name: name.to_owned(),
            family,
            column,
            guessed: known.is_none(),
        }),
        Some((row, x)) => Err(refused(
            &format!("{}[{row}]", outcome.column),
            family,
            rule,
            x,
        )),
    }
}

/// A value that the family does not have.
fn refused(field: &str, family: Family, rule: &str, x: f64) -> Error {
    if x.is_nan() {
        let rule = "must be a number in every row: fill what is missing, with 0 for a visitor who did nothing";
        return Error::NotFinite(Detail::new(field, rule, "a missing value (NULL or NaN)"));
    }
    if x.is_infinite() {
        return Error::NotFinite(Detail::new(field, "must be a finite number", x));
    }
    let rule = format!("{rule} in family {}", family.key());
    Error::OutOfRange(Detail::new(field, rule, x))
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
        ..Positive::default()
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
