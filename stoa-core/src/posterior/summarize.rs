//! Rows to sufficient statistics.

use super::stats::{Binary, Count, Hurdle, Mean, Positive, Stats, check_family};
use crate::{
    error::{Detail, Error, Result},
    num::sums::sum,
};

/// Largest amount of one order: its square is still a float that can be summed.
pub const LARGEST_AMOUNT: f64 = 1e100;
/// Largest count of one unit: 2^53, the last whole number that an f64 tells from its neighbours.
pub(crate) const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;
/// The same as a rule.
pub(crate) const LARGEST_AMOUNT_RULE: &str = "must be at most 1e100";

/// The statistics of one arm's rows, one value per unit.
///
/// binary: 0 or 1 · positive: amounts > 0, one per order · hurdle: an amount per visitor, 0 = no order · count: whole
/// numbers >= 0 · mean: any number.
/// The order of the rows does not matter beyond 1e-15.
///
/// # Errors
/// [`Error::EmptyArm`] without rows, [`Error::NotFinite`] and [`Error::OutOfRange`] name the first bad row as
/// `rows[3]`, counted from 0; [`Error::UnknownName`] for an unknown family.
///
/// # Example
/// ```
/// use stoa_core::posterior::{summarize, Stats};
/// let Stats::Hurdle(arm) = summarize("hurdle", &[0.0, 20.0, 0.0, 20.0])? else { unreachable!() };
/// assert_eq!((arm.visitors, arm.orders), (4, 2));
/// assert!((arm.mean_log - 20_f64.ln()).abs() < 1e-15 && arm.var_log.abs() < 1e-15);
/// assert_eq!(summarize("hurdle", &[1.0, -2.0]).unwrap_err().to_string(), "rows[1] must be >= 0, got -2");
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn summarize(family: &str, rows: &[f64]) -> Result<Stats> {
    summarize_cut(family, rows, None)
}

/// As [`summarize`], with amounts above a cap taken as the cap.
pub(crate) fn summarize_cut(family: &str, rows: &[f64], cap: Option<f64>) -> Result<Stats> {
    let family = check_family(family)?;
    if family == "ordinal" {
        let rule = "must be counted by level: give the counts, not rows";
        return Err(Error::Unsupported(Detail::new("rows", rule, family)));
    }
    if rows.is_empty() {
        let detail = Detail::new("rows", "must hold at least one row", 0);
        return Err(Error::EmptyArm(detail));
    }
    let n = rows.len() as u64;
    match family {
        "binary" => {
            refuse_unless(rows, "must be 0 or 1", |x| {
                // Adding 0 turns −0 into 0.
                [0_f64, 1.0]
                    .iter()
                    .any(|allowed| (x + 0.0).total_cmp(allowed).is_eq())
            })?;
            let successes = rows.iter().filter(|x| **x > 0.5).count() as u64;
            Ok(Stats::Binary(Binary { n, successes }))
        }
        "positive" => {
            refuse_unless(rows, "must be > 0", |x| x > 0.0)?;
            refuse_unless(rows, LARGEST_AMOUNT_RULE, |x| x <= LARGEST_AMOUNT)?;
            Ok(Stats::Positive(amounts(rows, cap)))
        }
        "count" => {
            refuse_unless(rows, "must be a whole number >= 0", |x| {
                (0.0..=LARGEST_COUNT).contains(&x) && x.fract().abs() < f64::MIN_POSITIVE
            })?;
            Ok(Stats::Count(Count {
                n,
                total: sum(rows.iter().copied()),
                total_sq: sum(rows.iter().map(|x| x * x)),
            }))
        }
        "mean" => {
            refuse_unless(rows, "must lie between -1e100 and 1e100", |x| {
                x.abs() <= LARGEST_AMOUNT
            })?;
            let mean = sum(rows.iter().copied()) / n as f64;
            let variance = sum(rows.iter().map(|x| (x - mean) * (x - mean))) / n as f64;
            Ok(Stats::Mean(Mean { n, mean, variance }))
        }
        _ => {
            refuse_unless(rows, "must be >= 0", |x| x >= 0.0)?;
            refuse_unless(rows, LARGEST_AMOUNT_RULE, |x| x <= LARGEST_AMOUNT)?;
            let orders: Vec<f64> = rows.iter().copied().filter(|x| *x > 0.0).collect();
            Ok(Stats::Hurdle(Hurdle::new(n, &amounts(&orders, cap))))
        }
    }
}

fn amounts(values: &[f64], cap: Option<f64>) -> Positive {
    let n = values.len() as u64;
    let most = cap.unwrap_or(f64::INFINITY);
    let cut = values.iter().filter(|x| **x > most).count() as u64;
    let values: Vec<f64> = values.iter().map(|x| x.min(most)).collect();
    let logs: Vec<f64> = values.iter().map(|x| x.ln()).collect();
    let divisor = (n as f64).max(1.0);
    let mean_log = sum(logs.iter().copied()) / divisor;
    let var_log = sum(logs.iter().map(|x| (x - mean_log) * (x - mean_log))) / divisor;
    Positive {
        n,
        mean_log,
        var_log,
        sum: Some(sum(values.iter().copied())),
        sum_sq: Some(sum(values.iter().map(|x| x * x))),
        winsorized_at: cap,
        winsorized: cap.map(|_| cut),
    }
}

fn refuse_unless(rows: &[f64], rule: &str, allowed: impl Fn(f64) -> bool) -> Result<()> {
    let Some(i) = rows.iter().position(|x| !(x.is_finite() && allowed(*x))) else {
        return Ok(());
    };
    let field = format!("rows[{i}]");
    Err(if rows[i].is_finite() {
        Error::OutOfRange(Detail::new(field, rule, rows[i]))
    } else {
        Error::NotFinite(Detail::new(field, "must be a finite number", rows[i]))
    })
}
