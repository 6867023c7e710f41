//! How long traffic takes to bring the units.

use serde::{Deserialize, Serialize};

use super::check::{ceil, finite, positive, require};
use crate::error::Result;

/// How long an experiment of some size runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duration {
    /// Units over all arms.
    pub n_total: u64,
    /// Days of traffic, rounded up.
    pub days: u64,
    /// Whole weeks that hold those days: what a plan registers, since weekdays differ.
    pub horizon_days: u64,
}

/// Days and whole weeks that traffic needs to fill every arm.
///
/// Units: `visitors_per_day` are eligible visitors, `allocation` the share of them that enters, `smallest_share` the
/// share of those in the smallest arm (0.5 for two equal arms).
///
/// The looks of a plan are in the units already ([`power`](super::power())): an experiment that is looked at often needs more of them.
///
/// # Errors
/// `OutOfRange` unless visitors > 0, and allocation and share are in (0, 1].
///
/// # Example
/// ```
/// let time = stoa_core::power::duration(41_914, 4_000.0, 1.0, 0.5)?;
/// assert_eq!((time.days, time.horizon_days), (21, 21));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn duration(
    n_per_arm: u64,
    visitors_per_day: f64,
    allocation: f64,
    smallest_share: f64,
) -> Result<Duration> {
    positive("visitors_per_day", visitors_per_day)?;
    for (field, share) in [
        ("allocation", allocation),
        ("smallest_share", smallest_share),
    ] {
        finite(field, share)?;
        require(
            share > 0.0 && share <= 1.0,
            field,
            "must be in (0, 1]",
            share,
        )?;
    }
    let n_total = n_per_arm as f64 / smallest_share;
    let days = ceil(
        "visitors_per_day",
        n_total / (visitors_per_day * allocation),
    )?;
    Ok(Duration {
        n_total: ceil("n_per_arm", n_total)?,
        days,
        horizon_days: days.div_ceil(7).saturating_mul(7),
    })
}
