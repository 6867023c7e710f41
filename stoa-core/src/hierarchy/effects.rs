//! Estimates with standard errors: a normal hierarchy, by quadrature over the spread between the groups.

use serde::{Deserialize, Serialize};

use super::{
    distribution::{Distribution, Law},
    prior::{EffectPrior, SpreadPrior, location, scale},
};
use crate::{
    error::{Detail, Error, Result},
    num::{
        curve::Curve,
        mixture::{Mixture, Normal},
        taylor::Taylor,
    },
};

/// Most groups of one hierarchy.
pub(super) const MOST_GROUPS: usize = 10_000;
/// The lattice of ln τ ends where the density, times the moments that exist, has fallen to exp(−40) of its peak.
const DROP: f64 = 40.0;
/// The density of ln τ is analytic within π/4 of the real line: this step leaves an error of exp(−π²/0.2) = 4e-22.
const COARSEST: f64 = 0.1;
/// Steps of the first look at ln τ, and how far beyond the scales of the data and the prior it goes: the density falls
/// at least like τ to the left and 1/τ to the right.
const LOOK: f64 = 0.25;
const BEYOND: f64 = 60.0;

/// What is known of one group by itself.
///
/// # Example
/// ```
/// use stoa_core::hierarchy::GroupEffect;
/// let mobile = GroupEffect { estimate: 0.062, standard_error: 0.031 };
/// assert!(mobile.estimate / mobile.standard_error > 1.9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupEffect {
    /// The estimate, in any unit.
    pub estimate: f64,
    /// Its standard error, > 0, in the same unit.
    pub standard_error: f64,
}

/// Posterior of a normal hierarchy.
///
/// # Example
/// See [`hierarchical_effects`].
#[derive(Debug, Clone)]
pub struct EffectHierarchy {
    /// What the groups have in common.
    pub mu: Distribution,
    /// Standard deviation between the groups.
    pub tau: Distribution,
    /// The true effect of every group, in the order given.
    pub groups: Vec<Distribution>,
    /// The true effect of a group that is still to come.
    pub new_group: Distribution,
}

/// Effects of groups that are alike but not the same, each pulled towards the others as far as the data say.
///
/// When to use: a lift by segment, or past experiments of one kind. Not for one group, which nothing can be learnt for.
///
/// Model: yⱼ ~ N(θⱼ, seⱼ²), θⱼ ~ N(μ, τ²); μ flat or normal, τ half-normal (default), half-Cauchy or uniform. Given τ all
/// is normal in closed form; τ is summed over a lattice in ln τ, so every answer is a mixture of normal distributions.
/// Units: those of the estimates. Cost: about 2 ms for 20 groups with their intervals. Deterministic.
///
/// # Errors
/// [`Error::OutOfRange`] for a standard error, scale or sd that is not > 0 (or beyond 1e±60), for no group, and for a uniform
/// prior of τ with fewer than three groups (two with a prior of μ), whose posterior does not exist;
/// [`Error::NotFinite`]; [`Error::TooLarge`] above 10,000 groups.
/// # Source
/// Gelman et al. (2013), *Bayesian Data Analysis*, 3rd ed., §5.4, eq. 5.17–5.21.
/// # Example
/// ```
/// use stoa_core::hierarchy::{EffectPrior, GroupEffect, SpreadPrior, hierarchical_effects};
/// // The eight schools: the first seems to gain 28 points, the others 8 on average.
/// let schools = [(28.0, 15.0), (8.0, 10.0), (-3.0, 16.0), (7.0, 11.0), (-1.0, 9.0), (1.0, 11.0), (18.0, 10.0), (12.0, 18.0)]
///     .map(|(estimate, standard_error)| GroupEffect { estimate, standard_error });
/// let prior = EffectPrior { mu: None, tau: SpreadPrior::Uniform };
/// let found = hierarchical_effects(&schools, &prior)?;
/// assert!((found.groups[0].mean().unwrap() - 11.4).abs() < 0.01);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn hierarchical_effects(
    groups: &[GroupEffect],
    prior: &EffectPrior,
) -> Result<EffectHierarchy> {
    check(groups, prior)?;
    let model = Model::new(groups, prior);
    let tau = model.tau();
    let given: Vec<Given> = tau
        .weights()
        .zip(tau.nodes())
        .map(|(weight, x)| model.given(weight, x))
        .collect();
    let mean_there = model.moments >= 1;
    let sd_there = model.moments >= 2;
    let proper = prior.mu.is_some();
    let mu = model.mixture(given.iter().map(Given::mu));
    let new = model.mixture(given.iter().map(Given::new_group));
    let group = |j: usize| {
        let theta = model.mixture(given.iter().map(|g| model.theta(g, j)));
        described(theta, true, true)
    };
    Ok(EffectHierarchy {
        mu: described(mu, proper || mean_there, proper || sd_there),
        tau: model.spread(tau),
        groups: (0..groups.len()).map(group).collect(),
        new_group: described(new, mean_there, sd_there),
    })
}

fn check(groups: &[GroupEffect], prior: &EffectPrior) -> Result<()> {
    if groups.len() > MOST_GROUPS {
        let rule = format!("must be at most {MOST_GROUPS}");
        return Err(Error::TooLarge(Detail::new("groups", rule, groups.len())));
    }
    prior.check()?;
    for (j, group) in groups.iter().enumerate() {
        location(&format!("groups[{j}].estimate"), group.estimate)?;
        scale(&format!("groups[{j}].standard_error"), group.standard_error)?;
    }
    let least = match (prior.tau, prior.mu) {
        (SpreadPrior::Uniform, None) => 3,
        (SpreadPrior::Uniform, Some(_)) => 2,
        _ => 1,
    };
    if groups.len() >= least {
        return Ok(());
    }
    let rule = format!("must be at least {least} with this prior");
    Err(Error::OutOfRange(Detail::new("groups", rule, groups.len())))
}

fn described(mixture: Mixture, mean_there: bool, sd_there: bool) -> Distribution {
    let mean = mean_there.then(|| mixture.mean());
    let sd = sd_there.then(|| mixture.sd());
    Distribution::new(Law::Normals(mixture), mean, sd)
}

/// The groups, counted from the most certain estimate so that a large common value costs no digits.
struct Model {
    origin: f64,
    gaps: Vec<f64>,
    variances: Vec<f64>,
    /// Prior mean of μ, from the origin, and its precision; precision 0 is flat.
    mu: (f64, f64),
    tau: SpreadPrior,
    /// How many moments τ has, up to 2.
    moments: u8,
}

/// Everything that is known given τ.
struct Given {
    weight: f64,
    tau2: f64,
    mu: f64,
    variance: f64,
}

impl Given {
    fn mu(&self) -> Normal {
        self.normal(self.mu, self.variance)
    }

    fn new_group(&self) -> Normal {
        self.normal(self.mu, self.variance + self.tau2)
    }

    fn normal(&self, mean: f64, variance: f64) -> Normal {
        Normal {
            weight: self.weight,
            mean,
            sd: variance.sqrt(),
        }
    }
}

impl Model {
    fn new(groups: &[GroupEffect], prior: &EffectPrior) -> Self {
        let surest = groups
            .iter()
            .min_by(|a, b| a.standard_error.total_cmp(&b.standard_error));
        let origin = surest.map_or(0.0, |group| group.estimate);
        // The density of τ falls like a power of τ; the moments below that power exist.
        let flat = usize::from(prior.mu.is_none());
        let power = match prior.tau {
            SpreadPrior::Uniform => groups.len() - 1 - flat,
            SpreadPrior::HalfCauchy { .. } => groups.len() + 1 - flat,
            SpreadPrior::HalfNormal { .. } => usize::MAX,
        };
        Self {
            origin,
            gaps: groups.iter().map(|g| g.estimate - origin).collect(),
            variances: groups.iter().map(|g| g.standard_error.powi(2)).collect(),
            mu: prior
                .mu
                .map_or((0.0, 0.0), |mu| (mu.mean - origin, mu.sd.powi(-2))),
            tau: prior.tau,
            moments: match power {
                0 | 1 => 0,
                2 => 1,
                _ => 2,
            },
        }
    }

    /// Log density of ln τ, not normalised, as a series around `x`.
    fn log_density<const N: usize>(&self, x: Taylor<N>) -> Taylor<N> {
        let tau2 = x.scale(2.0).exp();
        let (mu_0, precision_0) = self.mu;
        let mut precision = Taylor::constant(precision_0);
        let mut pulled = Taylor::constant(mu_0 * precision_0);
        let mut log_spread = Taylor::constant(0.0);
        let mut inverse = Vec::with_capacity(self.gaps.len());
        for (gap, variance) in self.gaps.iter().zip(&self.variances) {
            let total = tau2 + Taylor::constant(*variance);
            let one_over = total.recip();
            precision = precision + one_over;
            pulled = pulled + one_over.scale(*gap);
            log_spread = log_spread + total.ln();
            inverse.push(one_over);
        }
        let mu = pulled * precision.recip();
        let off = |x: f64| Taylor::constant(x) + mu.scale(-1.0);
        let prior_off = off(mu_0);
        let mut misfit = (prior_off * prior_off).scale(precision_0);
        for (gap, one_over) in self.gaps.iter().zip(inverse) {
            misfit = misfit + off(*gap) * off(*gap) * one_over;
        }
        let cost = log_spread + precision.ln() + misfit;
        x + cost.scale(-0.5) + self.log_prior(tau2)
    }

    fn log_prior<const N: usize>(&self, tau2: Taylor<N>) -> Taylor<N> {
        match self.tau {
            SpreadPrior::Uniform => Taylor::constant(0.0),
            SpreadPrior::HalfNormal { scale } => tau2.scale(-0.5 * scale.powi(-2)),
            SpreadPrior::HalfCauchy { scale } => {
                let tail = tau2.scale(scale.powi(-2)) + Taylor::constant(1.0);
                tail.ln().scale(-1.0)
            }
        }
    }

    /// The posterior of ln τ.
    fn tau(&self) -> Curve {
        let (low, high) = self.span();
        // The data tell ln τ with a standard deviation of 1/√(2J) at best.
        let step = COARSEST.min(0.25 / (2.0 * self.gaps.len() as f64).sqrt());
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a logarithm in ±300 over a step above 1e-3"
        )]
        let index = |x: f64| (x / step).round() as i64;
        let nodes = index(low)..=index(high);
        let series: Vec<Taylor<5>> = nodes
            .clone()
            .map(|k| self.log_density(Taylor::variable(k as f64 * step, step)))
            .collect();
        let peak = series
            .iter()
            .fold(f64::NEG_INFINITY, |p, t| p.max(t.value()));
        let jets = series.iter().map(|log| {
            if log.value() - peak < -700.0 {
                return [0.0; 5];
            }
            (*log + Taylor::constant(-peak)).exp().0
        });
        Curve::new(*nodes.start(), step, jets.collect())
    }

    /// The part of ln τ that matters, from a look at all of it: the density may have two peaks.
    fn span(&self) -> (f64, f64) {
        let (low, high) = self.scales();
        let (low, high) = (low.ln() - BEYOND, high.ln() + BEYOND);
        let points: Vec<(f64, f64)> = std::iter::successors(Some(low), |x| Some(x + LOOK))
            .take_while(|&x| x <= high + LOOK)
            .map(|x| (x, self.log_density(Taylor::<1>::constant(x)).value()))
            .collect();
        let peak = points
            .iter()
            .copied()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((low, 0.0));
        let matters = |&&(x, log): &&(f64, f64)| {
            let weighted = log + f64::from(self.moments) * (x - peak.0).max(0.0);
            weighted >= peak.1 - DROP
        };
        let first = points.iter().find(matters).map_or(low, |p| p.0);
        let last = points.iter().rev().find(matters).map_or(high, |p| p.0);
        (first - LOOK, last + LOOK)
    }

    /// Smallest and largest of everything that has the unit of τ.
    fn scales(&self) -> (f64, f64) {
        let errors = self.variances.iter().map(|v| v.sqrt());
        let prior = match self.tau {
            SpreadPrior::Uniform => None,
            SpreadPrior::HalfNormal { scale } | SpreadPrior::HalfCauchy { scale } => Some(scale),
        };
        let gaps = self.gaps.iter().map(|gap| gap.abs());
        let low = errors.clone().chain(prior).fold(f64::INFINITY, f64::min);
        let high = errors.chain(prior).chain(gaps).fold(0.0, f64::max);
        (low, high.max(self.mu.0.abs()))
    }

    fn given(&self, weight: f64, x: f64) -> Given {
        let tau2 = (2.0 * x).exp();
        let (mu_0, precision_0) = self.mu;
        let (mut precision, mut pulled) = (precision_0, mu_0 * precision_0);
        for (gap, variance) in self.gaps.iter().zip(&self.variances) {
            precision += 1.0 / (variance + tau2);
            pulled += gap / (variance + tau2);
        }
        Given {
            weight,
            tau2,
            mu: pulled / precision,
            variance: 1.0 / precision,
        }
    }

    /// Group `j` given τ: its own estimate and the common mean, each by what it knows.
    fn theta(&self, given: &Given, j: usize) -> Normal {
        let total = self.variances[j] + given.tau2;
        let (pull, own) = (self.variances[j] / total, given.tau2 / total);
        let mean = own * self.gaps[j] + pull * given.mu;
        given.normal(mean, own * self.variances[j] + pull * pull * given.variance)
    }

    fn mixture(&self, parts: impl Iterator<Item = Normal>) -> Mixture {
        Mixture::new(self.origin, parts)
    }

    /// The posterior of τ with its moments.
    fn spread(&self, tau: Curve) -> Distribution {
        let expect = |f: &dyn Fn(f64) -> f64| -> f64 {
            tau.weights().zip(tau.nodes()).map(|(w, x)| w * f(x)).sum()
        };
        let mean = expect(&f64::exp);
        let variance = expect(&|x| (x.exp() - mean).powi(2));
        let (mean_there, sd_there) = (self.moments >= 1, self.moments >= 2);
        Distribution::new(
            Law::Log(tau),
            mean_there.then_some(mean),
            sd_there.then(|| variance.sqrt()),
        )
    }
}
