//! How much of the chance of a false alarm each look may use, and the boundaries that use it.

use super::check::{finite, positive, proportion, require};
use crate::{
    error::{Detail, Error, Result},
    num::{boundary, spending::Spending},
};

/// What a test at one-sided level `alpha` may have spent by each look.
///
/// When to use: before [`boundaries`], for looks that were planned to an end. When not: no end is planned; use an
/// e-process.
///
/// Model: O'Brien-Fleming type `2(1 − Φ(z_{α/2}/√t))`, Pocock type `α ln(1 + (e − 1)t)`, t the share of the plan that is over.
/// Shapes: one fraction per look, in order; more than 1 is 1. `ended`: the last of them is the final look, t = 1 whatever
/// arrived. Cost: O(looks).
///
/// # Errors
/// [`Error::OutOfRange`] for a level outside (0, 1) or a fraction that is not > 0 or falls; [`Error::NotFinite`] for NaN.
///
/// # Source
/// Lan & `DeMets` (1983), *Discrete sequential boundaries for clinical trials*,
/// <https://doi.org/10.1093/biomet/70.3.659>. One-sided: all of `alpha` on one side.
///
/// # Example
/// ```
/// use stoa_core::sequential::{Spending, spend};
/// let spent = spend(Spending::ObrienFleming, 0.05, &[0.25, 0.5, 0.75, 1.0], true)?;
/// assert!(spent[0] < 1e-4 && (spent[3] - 0.05).abs() < 1e-15);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn spend(spending: Spending, alpha: f64, fractions: &[f64], ended: bool) -> Result<Vec<f64>> {
    proportion("alpha", alpha)?;
    check_looks("fractions", fractions)?;
    let mut spent: Vec<f64> = fractions
        .iter()
        .map(|t| spending.spent(alpha, *t))
        .collect();
    if let Some(last) = spent.last_mut().filter(|_| ended) {
        *last = alpha;
    }
    Ok(spent)
}

/// Boundaries of z, one per look: crossing any of them happens with probability `spent` when there is no effect.
///
/// When to use: for the looks that were in fact taken, with the information that each had. When not: an effect estimate;
/// z is biased after a crossing.
///
/// Model, accuracy and cost: [`boundary::boundaries`]. Shapes: `information` and cumulative `spent` one per look, in order. Looks
/// that bring no information get boundaries too. A look that may spend nothing new has the boundary ∞.
///
/// # Errors
/// [`Error::Conflict`] for different lengths; [`Error::OutOfRange`] for information that is not > 0 or falls, or spending
/// that falls or leaves [0, 1]; [`Error::NotFinite`] for NaN.
///
/// # Source
/// Lan & `DeMets` (1983); Jennison & Turnbull (2000), *Group Sequential Methods*, ch. 19.
///
/// # Example
/// ```
/// use stoa_core::sequential::{Spending, boundaries, spend};
/// let weeks = [0.25, 0.5, 0.75, 1.0];
/// let z = boundaries(&weeks, &spend(Spending::ObrienFleming, 0.05, &weeks, true)?)?;
/// assert!((z[0] - 3.749_55).abs() < 1e-5 && (z[3] - 1.720_18).abs() < 1e-5);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn boundaries(information: &[f64], spent: &[f64]) -> Result<Vec<f64>> {
    check_looks("information", information)?;
    same_length("spent", spent.len(), information.len())?;
    let mut before = 0.0;
    for (k, &now) in spent.iter().enumerate() {
        let field = format!("spent[{k}]");
        finite(&field, now)?;
        require(now <= 1.0, &field, "must be at most 1", now)?;
        require(now >= before, &field, "must not fall", now)?;
        before = now;
    }
    Ok(boundary::boundaries(information, spent))
}

/// The chance of first crossing each boundary, given an effect: their sum is the power, and where they lie the day.
///
/// Model, accuracy and cost: [`boundary::crossing`]; `drift` is the expected z at information 1. Shapes: as
/// [`boundaries`]; a boundary may be ∞ where nobody may stop.
///
/// # Errors
/// As [`boundaries`]; [`Error::NotFinite`] for a boundary or drift that is NaN.
///
/// # Source
/// As [`boundaries`].
///
/// # Example
/// ```
/// use stoa_core::sequential::crossing;
/// let first = crossing(&[0.5, 1.0], &[2.538, 1.662], 2.5)?;
/// assert!((first.iter().sum::<f64>() - 0.8).abs() < 0.01);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn crossing(information: &[f64], boundaries: &[f64], drift: f64) -> Result<Vec<f64>> {
    check_looks("information", information)?;
    same_length("boundaries", boundaries.len(), information.len())?;
    finite("drift", drift)?;
    if let Some(k) = boundaries.iter().position(|z| z.is_nan()) {
        let detail = Detail::new(format!("boundaries[{k}]"), "must be a number", f64::NAN);
        return Err(Error::NotFinite(detail));
    }
    Ok(boundary::crossing(information, boundaries, drift))
}

/// What grows from look to look.
fn check_looks(field: &str, looks: &[f64]) -> Result<()> {
    let mut before = 0.0;
    for (k, &now) in looks.iter().enumerate() {
        let field = format!("{field}[{k}]");
        positive(&field, now)?;
        require(now >= before, &field, "must not fall", now)?;
        before = now;
    }
    Ok(())
}

fn same_length(field: &str, got: usize, wanted: usize) -> Result<()> {
    if got == wanted {
        return Ok(());
    }
    let rule = format!("must have {wanted} entries, one per look");
    Err(Error::Conflict(Detail::new(field, rule, got)))
}
