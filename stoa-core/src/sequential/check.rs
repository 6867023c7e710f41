//! Refusals shared by the tests of this floor.

use crate::error::{Detail, Error, Result};

pub(super) fn finite(field: &str, value: f64) -> Result<()> {
    if value.is_finite() {
        return Ok(());
    }
    let detail = Detail::new(field, "must be a finite number", value);
    Err(Error::NotFinite(detail))
}

pub(super) fn require(holds: bool, field: &str, rule: &str, value: impl ToString) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::OutOfRange(Detail::new(field, rule, value)))
}

pub(super) fn positive(field: &str, value: f64) -> Result<()> {
    finite(field, value)?;
    require(value > 0.0, field, "must be > 0", value)
}

/// Above 0 and below 1: a share, a rate, a level.
pub(super) fn proportion(field: &str, value: f64) -> Result<()> {
    finite(field, value)?;
    let inside = 0.0 < value && value < 1.0;
    require(inside, field, "must be above 0 and below 1", value)
}
