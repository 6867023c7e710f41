//! Posterior of a rate: Beta on a lattice in logit p, normalised by its own sum, no special function of the counts.

use super::{
    arm::{Arm, Moments, Scale, logistic},
    prior::BetaPrior,
    stats::Binary,
};
use crate::num::{
    curve::{Curve, Jet, jet_of_exp},
    special::{digamma, trigamma},
};

/// Nodes per standard deviation of the logit.
const NODES_PER_SD: f64 = 4.0;
/// Logit densities are analytic within π of the real line: this step leaves an error of exp(−2π²/0.4) = 4e-22.
const COARSEST: f64 = 0.4;
/// The lattice ends where the density has fallen to exp(−40) of its peak.
pub(super) const DROP: f64 = 40.0;

/// Beta(a, b).
#[derive(Debug, Clone, Copy)]
pub(super) struct Beta {
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Beta {
    /// Posterior of Binomial data: Beta(α + successes, β + failures).
    pub(super) fn posterior(stats: &Binary, prior: &BetaPrior) -> Self {
        Self {
            a: prior.alpha + stats.successes as f64,
            b: prior.beta + (stats.n - stats.successes) as f64,
        }
    }

    /// Largest lattice step that resolves the density.
    pub(super) fn step(self) -> f64 {
        ((trigamma(self.a) + trigamma(self.b)).sqrt() / NODES_PER_SD).min(COARSEST)
    }

    /// Standard deviation and centre of the logit.
    pub(super) fn logit(self) -> (f64, f64) {
        let sd = (trigamma(self.a) + trigamma(self.b)).sqrt();
        (sd, digamma(self.a) - digamma(self.b))
    }

    pub(super) fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    pub(super) fn moments(self) -> Moments {
        let (a, b) = (self.a, self.b);
        let n = a + b;
        Moments {
            mean: Some(self.mean()),
            // E[1/p] = (a+b−1)/(a−1), finite only above one success.
            mean_inverse: (a > 1.0).then(|| (n - 1.0) / (a - 1.0)),
            mean_log: digamma(a) - digamma(n),
            sd: (a * b / (n + 1.0)).sqrt() / n,
            sd_log: (trigamma(a) - trigamma(n)).max(0.0).sqrt(),
        }
    }

    /// About as many nodes as [`Beta::arm`] makes; never far fewer.
    pub(super) fn nodes(self, step: f64, drop: f64) -> f64 {
        let (sd, _) = self.logit();
        // Normal near the mode, exponential with rates a and b in the tails.
        (2.0 * (2.0 * drop).sqrt() * sd + drop / self.a + drop / self.b) / step
    }

    /// The posterior on multiples of `step`, out to where the density has fallen by exp(−drop).
    pub(super) fn arm(self, step: f64, drop: f64) -> Arm {
        let centre = (self.a / self.b).ln();
        let rate = self.a / (self.a + self.b);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a logit in ±50 over a step above 1e-8"
        )]
        let middle = (centre / step).round() as i64;
        let node = |k: i64| {
            let x = k as f64 * step;
            (x, self.log_density(rate, x - centre))
        };
        let walk = |direction: i64| {
            let mut k = middle;
            while node(k).1 > -drop {
                k += direction;
            }
            k
        };
        let (first, last) = (walk(-1), walk(1));
        let jets = (first..=last).map(|k| {
            let (x, log_density) = node(k);
            self.jet(x, log_density, step)
        });
        Arm::new(
            Scale::Logit,
            Curve::new(first, step, jets.collect()),
            self.moments(),
        )
    }

    /// Log density of the logit at `delta` from its mode, relative to the mode.
    ///
    /// a·δ − (a+b)·ln(q + p·e^δ) with p the rate at the mode, or its mirror image, whichever has the smaller shape in
    /// front: the terms are then of the size of the result, and neither counts of 1e12 nor far tails lose digits.
    fn log_density(self, rate: f64, delta: f64) -> f64 {
        let n = self.a + self.b;
        if self.a <= self.b {
            self.a * delta - n * (rate * delta.exp_m1()).ln_1p()
        } else {
            -self.b * delta - n * ((self.b / n) * (-delta).exp_m1()).ln_1p()
        }
    }

    fn jet(self, x: f64, log_density: f64, step: f64) -> Jet {
        let (p, q) = (logistic(x), logistic(-x));
        let n = self.a + self.b;
        let curvature = -n * p * q;
        // d/dx: a·q − b·p keeps its digits at both ends.
        let derivatives = [
            self.a * q - self.b * p,
            curvature,
            curvature * (q - p),
            curvature * (1.0 - 6.0 * p * q),
        ];
        jet_of_exp(log_density.exp(), step, derivatives)
    }
}

/// Nodes from the mode outwards until a log density, 0 at its mode, has fallen by [`DROP`].
pub(super) fn span(mode: f64, step: f64, log_density: impl Fn(f64) -> f64) -> (i64, i64) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked against the most nodes before"
    )]
    let middle = (mode / step).round() as i64;
    let walk = |direction: i64| {
        let mut k = middle;
        while log_density(k as f64 * step) > -DROP {
            k += direction;
        }
        k
    };
    (walk(-1), walk(1))
}
