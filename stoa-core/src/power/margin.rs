//! Metrics that must not get worse: how many units show it.

use super::{
    Baseline, PowerOptions, SampleSize,
    check::{positive, require},
    gate::{Gate, Shift},
    size::{check, sized},
};
use crate::{
    error::{Detail, Error, Result},
    experiment::Guarantee,
};

/// Units per arm that show a metric not to be worse by more than a margin, when in truth nothing changes.
///
/// When to use: satisfaction and guardrails, answers per arm. When not: an effect that is hoped for; that is
/// [`power`](super::power()).
///
/// Model: Welch's z of the difference plus the margin against the options' boundaries, both arms with the baseline's variance. Units:
/// `margin` > 0 in the metric's unit (points of a score, 0.01 is a point of a rate), whichever way is better.
///
/// # Errors
/// As [`power`](super::power()); `OutOfRange` for a margin that is not > 0; [`Error::Unsupported`] for the guarantee `anytime`, which has
/// no e-process for margins.
///
/// # Source
/// As [`power`](super::power()); Berger (1982), Multiparameter hypothesis testing and acceptance sampling (each metric at the full level).
///
/// # Example
/// ```
/// use stoa_core::power::{Baseline, PowerOptions, non_inferiority};
/// let csat = Baseline::Ordinal { mean: 4.1, sd: 1.13 };
/// let answers = non_inferiority(&csat, 0.10, &PowerOptions::default())?;
/// assert_eq!(answers.n_per_arm, 1_579);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn non_inferiority(
    baseline: &Baseline,
    margin: f64,
    options: &PowerOptions,
) -> Result<SampleSize> {
    check(baseline, options)?;
    check_guarantee(options)?;
    positive("margin", margin)?;
    let shift = Shift::of_margin(baseline, margin, options);
    let mean = baseline.mean();
    sized("margin", &shift, (mean, mean), options)
}

/// The smallest margin that `n_per_arm` units per arm can show with the options' power, in the metric's unit.
///
/// Model: [`non_inferiority`] solved for the margin; 2.49·sd·√(2/n) for one look at 5% and 80%, 2.56 for daily ones.
/// `n_per_arm` are the units of the smaller arm.
///
/// # Errors
/// As [`non_inferiority`]; `OutOfRange` unless `n_per_arm` > 0.
///
/// # Example
/// ```
/// use stoa_core::power::{Baseline, PowerOptions, smallest_margin};
/// let csat = Baseline::Ordinal { mean: 4.1, sd: 1.13 };
/// let margin = smallest_margin(&csat, 1_579.0, &PowerOptions::default())?;
/// assert!((margin - 0.1).abs() < 1e-4);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn smallest_margin(baseline: &Baseline, n_per_arm: f64, options: &PowerOptions) -> Result<f64> {
    check(baseline, options)?;
    check_guarantee(options)?;
    positive("n_per_arm", n_per_arm)?;
    let one = Shift::of_margin(baseline, 1.0, options);
    let margin = (Gate::new(options).units(&one) / n_per_arm).sqrt();
    let rule = "must be so many that some margin can be shown";
    require(margin.is_finite(), "n_per_arm", rule, n_per_arm)?;
    Ok(margin)
}

fn check_guarantee(options: &PowerOptions) -> Result<()> {
    if options.guarantee == Guarantee::Horizon {
        return Ok(());
    }
    let rule = "must be horizon: no evidence at any time is defined for margins";
    let detail = Detail::new("guarantee", rule, "anytime");
    Err(Error::Unsupported(detail))
}
