//! Rates of groups: a beta-binomial hierarchy, by quadrature over the common mean and the concentration.

use serde::{Deserialize, Serialize};

use super::{
    distribution::{Distribution, Law, finite},
    effects::MOST_GROUPS,
    grid::{Common, Grid},
    mixed::Mixed,
};
use crate::{
    error::{Detail, Error, Result},
    posterior::Binary,
};

/// Prior of [`hierarchical_rates`]: m ~ Beta(`alpha`, `beta`), ln κ ~ N(`mean_log_kappa`, `sd_log_kappa`²).
///
/// # Example
/// ```
/// use stoa_core::hierarchy::RatePrior;
/// // A group's rate is believed to vary like that of some 400 visitors.
/// assert!((RatePrior::default().mean_log_kappa.exp() - 403.0).abs() < 1.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RatePrior {
    /// Pseudo-count of successes behind the common rate.
    pub alpha: f64,
    /// Pseudo-count of failures.
    pub beta: f64,
    /// Mean of the logarithm of the concentration κ: a group's rate has variance m(1−m)/(κ+1) around the common one.
    pub mean_log_kappa: f64,
    /// Its standard deviation.
    pub sd_log_kappa: f64,
}

impl Default for RatePrior {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            beta: 1.0,
            mean_log_kappa: 6.0,
            sd_log_kappa: 1.5,
        }
    }
}

/// Mean and standard deviation of a posterior.
///
/// # Example
/// See [`hierarchical_rates`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// Posterior of a beta-binomial hierarchy.
///
/// # Example
/// See [`hierarchical_rates`].
#[derive(Debug, Clone)]
pub struct RateHierarchy {
    /// The rate that the groups have in common.
    pub m: Moments,
    /// Concentration: large where groups are alike.
    pub kappa: Moments,
    /// Its logarithm.
    pub log_kappa: Moments,
    /// The true rate of every group, in the order given.
    pub groups: Vec<Distribution>,
    /// The true rate of a group that is still to come.
    pub new_group: Distribution,
}

/// Rates of groups that are alike but not the same, each pulled towards the others as far as the data say.
///
/// When to use: a conversion rate by segment. Not for the lift by segment, which is
/// [`hierarchical_effects`](super::hierarchical_effects).
///
/// Model: xⱼ ~ Bin(nⱼ, pⱼ), pⱼ ~ Beta(mκ, (1−m)κ), m and κ under the prior. Summed over a lattice in (logit m, ln κ) whose step in logit m
/// resolves what the groups together know at each κ. Moments to 1e-9; probabilities and quantiles of groups far more alike than
/// their counts can tell (κ beyond 500 times the conversions) by extrapolation in 1/κ.
/// Cost: some ms for all moments of 20 groups; quantiles and probabilities, made when first asked for, about 15 ms a group.
/// Deterministic.
///
/// # Errors
/// [`Error::OutOfRange`] for successes above n, no group, and a prior outside its range (α, β in 0.01 … 1e6, mean of ln κ in
/// ±20, sd in 0.05 … 3); [`Error::NotFinite`]; [`Error::TooLarge`] above 10,000 groups.
/// # Source
/// Gelman et al. (2013), *Bayesian Data Analysis*, 3rd ed., §5.3.
/// # Example
/// ```
/// use stoa_core::{hierarchy::{RatePrior, hierarchical_rates}, posterior::Binary};
/// let segments = [(120, 3), (210, 8), (60, 1), (25, 0)].map(|(n, successes)| Binary { n, successes });
/// let found = hierarchical_rates(&segments, &RatePrior::default())?;
/// // Nobody of 25 bought, which says little: the rate is that of the others, less certain.
/// assert!(found.groups[3].mean().unwrap() > 0.01);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn hierarchical_rates(groups: &[Binary], prior: &RatePrior) -> Result<RateHierarchy> {
    check(groups, prior)?;
    let grid = Grid::new(groups, prior);
    let nothing = Binary::default();
    Ok(RateHierarchy {
        m: moments(&grid, |common| (common.m, 0.0)),
        kappa: moments(&grid, |common| (common.kappa, 0.0)),
        log_kappa: moments(&grid, |common| (common.kappa.ln(), 0.0)),
        groups: groups.iter().map(|group| rate(&grid, group)).collect(),
        new_group: rate(&grid, &nothing),
    })
}

fn rate(grid: &Grid, group: &Binary) -> Distribution {
    let known = moments(grid, |common| {
        let (a, b) = common.shapes(group);
        let total = a + b;
        let mean = a / total;
        (mean, mean * (b / total) / (total + 1.0))
    });
    let law = Law::Rates(Mixed::new(grid.rows.clone(), *group));
    Distribution::new(law, Some(known.mean), Some(known.sd))
}

/// Moments of something with a mean and a variance at every node.
fn moments(grid: &Grid, of: impl Fn(&Common) -> (f64, f64)) -> Moments {
    let all: Vec<(f64, (f64, f64))> = grid
        .rows
        .iter()
        .flat_map(|row| row.nodes.iter().map(|node| (row.u.exp(), node)))
        .map(|(kappa, &(z, log))| (log.exp(), of(&Common::new(z, kappa))))
        .collect();
    let total: f64 = all.iter().map(|(w, _)| w).sum();
    let mean = all.iter().map(|(w, (x, _))| w * x).sum::<f64>() / total;
    let spread = all.iter().map(|(w, (x, v))| w * (v + (x - mean).powi(2)));
    Moments {
        mean,
        sd: (spread.sum::<f64>() / total).sqrt(),
    }
}

fn check(groups: &[Binary], prior: &RatePrior) -> Result<()> {
    if groups.len() > MOST_GROUPS {
        let rule = format!("must be at most {MOST_GROUPS}");
        return Err(Error::TooLarge(Detail::new("groups", rule, groups.len())));
    }
    if groups.is_empty() {
        let detail = Detail::new("groups", "must be at least 1", 0);
        return Err(Error::OutOfRange(detail));
    }
    for (j, group) in groups.iter().enumerate() {
        if group.successes > group.n {
            let rule = format!("must be at most n = {}", group.n);
            let field = format!("groups[{j}].successes");
            return Err(Error::OutOfRange(Detail::new(field, rule, group.successes)));
        }
    }
    within("prior.alpha", prior.alpha, 0.01, 1e6)?;
    within("prior.beta", prior.beta, 0.01, 1e6)?;
    within("prior.mean_log_kappa", prior.mean_log_kappa, -20.0, 20.0)?;
    within("prior.sd_log_kappa", prior.sd_log_kappa, 0.05, 3.0)
}

fn within(field: &str, x: f64, low: f64, high: f64) -> Result<()> {
    finite(field, x)?;
    if (low..=high).contains(&x) {
        return Ok(());
    }
    let rule = format!("must lie between {low} and {high}");
    Err(Error::OutOfRange(Detail::new(field, rule, x)))
}
