//! Posterior of the mean order value: log-normal amounts under a Normal-Inverse-Gamma prior with bounded variance.
//!
//! ln y ~ N(μ, v); v ~ InvGamma(α, β) given v ≤ V, μ | v ~ N(m, v/κ). The mean order value is M = exp(μ + v/2), so
//! ln M | v ~ N(m + v/2, v/κ): a one-dimensional mixture over v, taken on a lattice in logit(v/V).

use super::{
    amount_prior::LogNormalPrior,
    arm::{Arm, Moments, Scale, logistic},
    beta::{DROP, span},
    limits::check_nodes,
    prior::VARIANCE_BOUND,
    stats::Positive,
};
use crate::{
    error::Result,
    num::curve::{Curve, Jet, jet_of_exp},
};

/// Nodes per standard deviation of ln M.
const NODES_PER_SD: f64 = 4.0;
/// exp(−e^{−s}) is analytic within π/2 of the real line: this step leaves an error of exp(−π²/0.25) = 7e-18.
const COARSEST: f64 = 0.25;

/// Parameters of the posterior.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogNormal {
    m: f64,
    kappa: f64,
    alpha: f64,
    beta: f64,
    bound: f64,
}

/// Posterior of the variance as a sum of atoms.
#[derive(Debug, Clone)]
pub(super) struct Mixture {
    model: LogNormal,
    atoms: Vec<Atom>,
    moments: Moments,
}

#[derive(Debug, Clone, Copy)]
struct Atom {
    weight: f64,
    variance: f64,
}

impl LogNormal {
    /// Conjugate update; `prior_mean` is where the prior of μ is centred.
    pub(super) fn posterior(stats: &Positive, prior: &LogNormalPrior, prior_mean: f64) -> Self {
        let n = stats.n as f64;
        let kappa = prior.kappa + n;
        let gap = stats.mean_log - prior_mean;
        Self {
            m: prior_mean + gap * (n / kappa),
            kappa,
            alpha: prior.alpha + 0.5 * n,
            beta: prior.beta
                + 0.5 * n * stats.var_log
                + 0.5 * prior.kappa * (n / kappa) * gap * gap,
            bound: prior.max_variance,
        }
    }

    /// P(v > V) before the bound is imposed.
    pub(super) fn prob_beyond_bound(&self) -> f64 {
        let step = COARSEST.min(1.0 / (NODES_PER_SD * self.alpha.sqrt()));
        let centre = (self.beta / self.alpha).ln();
        // ln v: density ∝ exp(−α(δ + e^{−δ} − 1)), δ = ln v − ln(β/α).
        let log_density = |delta: f64| -self.alpha * (delta + (-delta).exp_m1());
        let (first, last) = span(centre, step, |x| log_density(x - centre));
        let jets = (first..=last).map(|k| {
            let delta = k as f64 * step - centre;
            let e = self.alpha * (-delta).exp();
            jet_of_exp(log_density(delta).exp(), step, [e - self.alpha, -e, e, -e])
        });
        Curve::new(first, step, jets.collect())
            .at(self.bound.ln())
            .upper
    }

    /// The variance's posterior on its lattice.
    ///
    /// # Errors
    /// As [`check_nodes`], when a prior is far surer of the mean than of the variance.
    pub(super) fn mixture(self) -> Result<Mixture> {
        let mode = self.mode();
        let (odds_left, v_mode) = (logistic(-mode), self.bound * logistic(mode));
        let log_density = |z: f64| {
            let shift = z - mode;
            // ln(v / v_mode), exact near the mode.
            let delta = -(odds_left * (-shift).exp_m1()).ln_1p();
            -self.alpha * delta - (self.beta / v_mode) * (-delta).exp_m1() - shift + delta
        };
        let step = self.mixture_step(v_mode);
        // Walking in strides bounds the work before the lattice itself is walked.
        let stride = (COARSEST / step).floor().max(1.0);
        let (first, last) = span(mode, step * stride, log_density);
        check_nodes("", (last - first) as f64 * stride)?;
        let (first, last) = span(mode, step, log_density);
        let mut atoms: Vec<Atom> = (first..=last)
            .map(|k| {
                let z = k as f64 * step;
                Atom {
                    weight: log_density(z).exp(),
                    variance: self.bound * logistic(z),
                }
            })
            .collect();
        let total: f64 = atoms.iter().map(|atom| atom.weight).sum();
        for atom in &mut atoms {
            atom.weight /= total;
        }
        let moments = self.moments(&atoms);
        Ok(Mixture {
            model: self,
            atoms,
            moments,
        })
    }

    /// Where the density of logit(v/V) peaks: (1−σ)(β/v − α) = σ, by bisection.
    fn mode(&self) -> f64 {
        let rising = |z: f64| {
            let v = self.bound * logistic(z);
            logistic(-z) * (self.beta / v - self.alpha) > logistic(z)
        };
        let (mut low, mut high) = (-100.0, 100.0);
        for _ in 0..70 {
            let middle = 0.5 * (low + high);
            if rising(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// A step that resolves both the variance's density and, as a function of v, the density of ln M given v.
    fn mixture_step(&self, v_mode: f64) -> f64 {
        let v_high = (v_mode * (6.0 / self.alpha.sqrt()).min(30.0).exp()).min(self.bound);
        let precision = self.alpha + 0.25 * self.kappa * v_high;
        (0.5 / precision.sqrt()).min(COARSEST)
    }

    fn moments(&self, atoms: &[Atom]) -> Moments {
        let expect = |f: &dyn Fn(f64) -> f64| -> f64 {
            atoms
                .iter()
                .map(|atom| atom.weight * f(atom.variance))
                .sum()
        };
        let half = expect(&|v| 0.5 * v);
        let spread = expect(&|v| v / self.kappa + (0.5 * v - half) * (0.5 * v - half));
        let mean = expect(&|v| (self.m + 0.5 * v + 0.5 * v / self.kappa).exp());
        let square = expect(&|v| (2.0 * self.m + v + 2.0 * v / self.kappa).exp());
        let inverse = expect(&|v| (0.5 * v / self.kappa - self.m - 0.5 * v).exp());
        let in_dollars = self.bound <= VARIANCE_BOUND;
        Moments {
            mean: in_dollars.then_some(mean),
            mean_inverse: Some(inverse),
            mean_log: self.m + half,
            sd: (square - mean * mean).max(0.0).sqrt(),
            sd_log: spread.sqrt(),
        }
    }
}

impl Mixture {
    /// Largest step that resolves the density of ln M.
    pub(super) fn step(&self) -> f64 {
        let model = &self.model;
        // The narrowest scale that carries weight: a Student's t has its singularities at √(2β/κ), not at its sd.
        let v = (model.beta / (model.alpha + 1.0)).min(model.bound);
        let narrow = (v / model.kappa + 0.25 * v * v / (model.alpha + 1.0)).sqrt();
        narrow / NODES_PER_SD
    }

    /// About as many nodes as [`Mixture::arm`] makes.
    pub(super) fn nodes(&self, step: f64) -> f64 {
        let ends = self.atoms.iter().map(|atom| {
            let reach = (2.0 * DROP * atom.variance / self.model.kappa).sqrt();
            (0.5 * atom.variance - reach, 0.5 * atom.variance + reach)
        });
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), (a, b)| {
            (l.min(a), h.max(b))
        });
        (high - low) / step
    }

    /// The posterior of M on multiples of `step` in ln M.
    pub(super) fn arm(&self, step: f64) -> Arm {
        let heaviest = self
            .atoms
            .iter()
            .fold(0.0, |w: f64, atom| w.max(atom.weight));
        let spans: Vec<Span> = self
            .atoms
            .iter()
            .filter_map(|atom| Span::new(atom, &self.model, heaviest, step))
            .collect();
        let first = spans.iter().map(|s| s.first).min().unwrap_or(0);
        let last = spans.iter().map(|s| s.last).max().unwrap_or(0);
        let mut jets = vec![[0.0; 5]; usize::try_from(last - first + 1).unwrap_or(0)];
        for span in &spans {
            span.add_to(&mut jets, first, step);
        }
        Arm::new(Scale::Log, Curve::new(first, step, jets), self.moments)
    }
}

/// One atom's normal density of ln M and the nodes where it matters.
struct Span {
    weight: f64,
    centre: f64,
    sd: f64,
    first: i64,
    last: i64,
}

impl Span {
    fn new(atom: &Atom, model: &LogNormal, heaviest: f64, step: f64) -> Option<Self> {
        let sd = (atom.variance / model.kappa).sqrt();
        let centre = model.m + 0.5 * atom.variance;
        let drop = DROP + (atom.weight / heaviest).ln();
        if drop <= 0.0 || sd <= 0.0 {
            return None;
        }
        let reach = (2.0 * drop).sqrt() * sd;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a log amount in ±1e4 over a step above 1e-10"
        )]
        let index = |x: f64| (x / step).round() as i64;
        Some(Self {
            weight: atom.weight,
            centre,
            sd,
            first: index(centre - reach),
            last: index(centre + reach),
        })
    }

    /// Adds the jets of the normal density: Hermite polynomials times the density.
    fn add_to(&self, jets: &mut [Jet], first: i64, step: f64) {
        let t = step / self.sd;
        let (t2, t3, t4) = (t * t / 2.0, t * t * t / 6.0, t * t * t * t / 24.0);
        let start = usize::try_from(self.first - first).unwrap_or(0);
        for (jet, k) in jets[start..].iter_mut().zip(self.first..=self.last) {
            let z = (k as f64 * step - self.centre) / self.sd;
            let z2 = z * z;
            let g = self.weight * t * (-0.5 * z2).exp();
            jet[0] += g;
            jet[1] -= g * t * z;
            jet[2] += g * t2 * (z2 - 1.0);
            jet[3] -= g * t3 * z * (z2 - 3.0);
            jet[4] += g * t4 * (z2 * (z2 - 6.0) + 3.0);
        }
    }
}
