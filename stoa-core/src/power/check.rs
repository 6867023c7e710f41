//! Refusals shared by this room.

use crate::error::{Detail, Error, Result};

/// Largest count that a float holds exactly.
const MOST: f64 = 9_007_199_254_740_992.0;

pub(super) fn require(holds: bool, field: &str, rule: &str, value: impl ToString) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::OutOfRange(Detail::new(field, rule, value)))
}

pub(super) fn finite(field: &str, value: f64) -> Result<()> {
    if value.is_finite() {
        return Ok(());
    }
    let detail = Detail::new(field, "must be a finite number", value);
    Err(Error::NotFinite(detail))
}

pub(super) fn positive(field: &str, value: f64) -> Result<()> {
    finite(field, value)?;
    require(value > 0.0, field, "must be > 0", value)
}

pub(super) fn open_unit(field: &str, value: f64) -> Result<()> {
    finite(field, value)?;
    let rule = "must be between 0 and 1, both excluded";
    require(value > 0.0 && value < 1.0, field, rule, value)
}

/// Rounds up to a count.
///
/// # Errors
/// [`Error::OutOfRange`] at `field` when no count is large enough.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 <= n <= 2^53"
)]
pub(super) fn ceil(field: &str, n: f64) -> Result<u64> {
    let rule = "must lead to a number of at most 2^53";
    require(n <= MOST, field, rule, n)?;
    Ok(n.ceil() as u64)
}
