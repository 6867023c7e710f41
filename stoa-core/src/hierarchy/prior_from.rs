//! What past experiments say of the next one.

use super::{
    effects::{GroupEffect, hierarchical_effects},
    prior::{EffectPrior, NormalPrior},
    rates::{RatePrior, hierarchical_rates},
};
use crate::{
    error::{Detail, Error, Result},
    posterior::{BetaPrior, Binary},
};

/// The prior of the next effect, learnt from those of past experiments of its kind.
///
/// Model: the predictive of a new group of [`hierarchical_effects`], as the normal distribution of its mean and sd.
///
/// # Errors
/// As [`hierarchical_effects`]; [`Error::OutOfRange`] where the history is too short for the predictive to have an sd under
/// a prior with a heavy tail.
/// # Example
/// ```
/// use stoa_core::hierarchy::{EffectPrior, GroupEffect, prior_from_effects};
/// let past = [0.02, -0.01, 0.04, 0.00].map(|estimate| GroupEffect { estimate, standard_error: 0.02 });
/// let next = prior_from_effects(&past, &EffectPrior::default())?;
/// assert!(next.mean > 0.0 && next.sd > 0.01);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn prior_from_effects(history: &[GroupEffect], prior: &EffectPrior) -> Result<NormalPrior> {
    let next = hierarchical_effects(history, prior)?.new_group;
    let both = next.mean().zip(next.sd());
    both.map(|(mean, sd)| NormalPrior { mean, sd })
        .ok_or_else(|| {
            let rule =
                "must be more, or the prior of tau half-normal, for the next effect to have an sd";
            Error::OutOfRange(Detail::new("groups", rule, history.len()))
        })
}

/// The prior of the next rate, learnt from those of past experiments or segments.
///
/// Model: the predictive of a new group of [`hierarchical_rates`], as the Beta distribution of its mean and sd.
///
/// # Errors
/// As [`hierarchical_rates`].
/// # Example
/// ```
/// use stoa_core::{hierarchy::{RatePrior, prior_from_rates}, posterior::Binary};
/// let past = [30, 36, 28].map(|successes| Binary { n: 1000, successes });
/// let next = prior_from_rates(&past, &RatePrior::default())?;
/// assert!((next.alpha / (next.alpha + next.beta) - 0.031).abs() < 0.002);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn prior_from_rates(history: &[Binary], prior: &RatePrior) -> Result<BetaPrior> {
    let next = hierarchical_rates(history, prior)?.new_group;
    let (mean, sd) = (next.mean().unwrap_or(0.5), next.sd().unwrap_or(0.5));
    // Beta(α, β) has variance m(1−m)/(α+β+1); as little as a hundredth of a visitor, as much as a trillion.
    let total = mean * (1.0 - mean) / (sd * sd) - 1.0;
    Ok(BetaPrior {
        alpha: (mean * total).clamp(0.01, 1e12),
        beta: ((1.0 - mean) * total).clamp(0.01, 1e12),
    })
}
