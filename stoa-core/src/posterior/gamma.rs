//! Posterior of a rate of events per unit: Gamma on a lattice in the log rate.

use super::{
    arm::{Arm, Moments, Scale},
    average_prior::CountPrior,
    beta::{DROP, span},
    limits::check_nodes,
    stats::Count,
    student::Student,
};
use crate::{
    error::Result,
    num::{
        curve::{Curve, jet_of_exp},
        special::{digamma, normal_quantile, trigamma},
    },
};

/// Nodes per standard deviation of the log rate.
const NODES_PER_SD: f64 = 4.0;
/// exp(−e^x) is analytic within π/2 of the real line: a convolution over every second node has an error of
/// exp(−π²/0.25) = 7e-18.
const COARSEST: f64 = 0.125;
/// Chance to doubt counts that are Poisson.
const DOUBT: f64 = 0.01;

/// Gamma(a, b): shape and rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gamma {
    a: f64,
    b: f64,
}

impl Gamma {
    /// Posterior of Poisson counts: the prior's events and units beside the data's.
    pub(super) fn posterior(stats: &Count, prior: &CountPrior) -> Self {
        Self {
            a: prior.shape + stats.total,
            b: prior.rate + stats.n as f64,
        }
    }

    fn moments(self) -> Moments {
        Moments {
            mean: Some(self.a / self.b),
            mean_inverse: (self.a > 1.0).then(|| self.b / (self.a - 1.0)),
            mean_log: digamma(self.a) - self.b.ln(),
            sd: self.a.sqrt() / self.b,
            sd_log: trigamma(self.a).sqrt(),
        }
    }

    fn step(self) -> f64 {
        (trigamma(self.a).sqrt() / NODES_PER_SD).min(COARSEST)
    }

    fn arm(self, step: f64) -> Result<Arm> {
        let centre = (self.a / self.b).ln();
        // a·δ − a·(e^δ − 1), 0 at the mode.
        let log_density = |x: f64| {
            let delta = x - centre;
            self.a * (delta - delta.exp_m1())
        };
        let reach = (2.0 * DROP / self.a).sqrt();
        check_nodes("count", (2.0 * reach + DROP / self.a) / step)?;
        let (first, last) = span(centre, step, log_density);
        let jets = (first..=last).map(|k| {
            let x = k as f64 * step;
            let e = self.a * (x - centre).exp();
            jet_of_exp(log_density(x).exp(), step, [self.a - e, -e, -e, -e])
        });
        let curve = Curve::new(first, step, jets.collect());
        Ok(Arm::new(Scale::Log, curve, self.moments()))
    }
}

/// How an arm's counts are modelled.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counts {
    /// Gamma-Poisson.
    Poisson(Gamma),
    /// Student's t on the mean, cut at 0.
    Moments(Student),
}

impl Counts {
    /// The arms' models: Poisson unless one spreads more than Poisson counts do.
    pub(super) fn of(stats: &[&Count], priors: &[&CountPrior]) -> Vec<Self> {
        let students: Option<Vec<Self>> = stats
            .iter()
            .map(|s| Student::new(s.n, s.mean(), s.variance()).map(Self::Moments))
            .collect();
        let doubted = stats.iter().any(|s| over_dispersed(s));
        let poisson = stats
            .iter()
            .zip(priors)
            .map(|(s, prior)| Self::Poisson(Gamma::posterior(s, prior)));
        students
            .filter(|_| doubted)
            .unwrap_or_else(|| poisson.collect())
    }

    pub(super) fn model(&self) -> &'static str {
        match self {
            Self::Poisson(_) => "gamma_poisson",
            Self::Moments(_) => "moments",
        }
    }

    pub(super) fn step(&self) -> f64 {
        match self {
            Self::Poisson(gamma) => gamma.step(),
            Self::Moments(student) => student.log_step(),
        }
    }

    pub(super) fn arm(&self, step: f64) -> Result<Arm> {
        match self {
            Self::Poisson(gamma) => gamma.arm(step),
            Self::Moments(student) => student.positive_arm(step),
        }
    }
}

/// Whether counts spread more than Poisson counts of their mean, by the dispersion test's normal approximation.
///
/// # Source
/// Fisher (1950), The significance of deviations from expectation in a Poisson series, Biometrics 6.
pub(super) fn over_dispersed(stats: &Count) -> bool {
    let n = stats.n as f64;
    if stats.n < 2 || stats.total <= 0.0 {
        return false;
    }
    let freedom = n - 1.0;
    let statistic = n * stats.variance() / stats.mean();
    (statistic - freedom) / (2.0 * freedom).sqrt() > normal_quantile(1.0 - DOUBT, DOUBT)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn exponential_by_hand() {
        // No event in one unit: Gamma(1, 2), P(λ > t) = e^(−2t).
        let none = Count {
            n: 1,
            total: 0.0,
            total_sq: 0.0,
        };
        let gamma = Gamma::posterior(&none, &CountPrior::default());
        let arm = gamma.arm(gamma.step()).unwrap();
        for t in [0.01_f64, 0.3, 2.0] {
            let upper = arm.curve.at(t.ln()).upper;
            // Between the nodes of the coarsest lattice.
            assert!((upper / (-2.0 * t).exp() - 1.0).abs() < 1e-9, "{upper}");
        }
    }

    #[test]
    fn dispersion_by_hand() {
        // 50 units of 0 and 50 of 4: mean 2, variance 4, (200 − 99)/√198 = 7.2. All of 2: no spread at all.
        let wide = Count {
            n: 100,
            total: 200.0,
            total_sq: 800.0,
        };
        let flat = Count {
            total_sq: 400.0,
            ..wide
        };
        assert!(over_dispersed(&wide) && !over_dispersed(&flat));
    }
}
