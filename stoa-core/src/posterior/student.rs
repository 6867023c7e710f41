//! Posterior of a mean by its moments: Student's t, on its own scale, or cut at 0 on the log scale.
//!
//! Under the prior p(μ, σ) ∝ 1/σ and a normal likelihood, (μ − x̄)/(s/√n) ~ t with n − 1 degrees of freedom; for
//! other data it is what the central limit theorem leaves. A Normal-Inverse-Gamma prior adds to the degrees of freedom.

use super::{
    arm::{Arm, Moments, Scale},
    average_prior::MeanPrior,
    beta::span,
    limits::check_nodes,
    stats::Mean,
};
use crate::{
    error::Result,
    num::curve::{Curve, Jet, jet_of_exp},
};

/// Nodes per unit of scale.
const NODES_PER_SCALE: f64 = 4.0;
/// Coarsest step of a log mean, whose density falls like μ towards 0. exp(−e^2x) is analytic within π/4 of the real line: a
/// convolution over every second node has an error of exp(−π²/0.25) = 7e-18.
const COARSEST: f64 = 0.0625;
/// Fewest rows for a mean: below, t has next to no moments.
pub(super) const MIN_ROWS: u64 = 5;
/// The lattice of t, whose tails are powers, ends where the density has fallen to exp(−30) of its peak.
const TAIL: f64 = 30.0;

/// t with `freedom` degrees of freedom around `centre`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Student {
    freedom: f64,
    centre: f64,
    scale: f64,
}

impl Student {
    /// From the rows' number, mean and population variance; `None` for too few rows or none that differ.
    pub(super) fn new(n: u64, mean: f64, variance: f64) -> Option<Self> {
        let freedom = n as f64 - 1.0;
        let scale = (variance / freedom).sqrt();
        Self::around(mean, freedom, scale).filter(|_| n >= MIN_ROWS)
    }

    /// Under a Normal-Inverse-Gamma prior, or as [`Student::new`] without one.
    pub(super) fn posterior(stats: &Mean, prior: Option<&MeanPrior>) -> Option<Self> {
        let Some(prior) = prior else {
            return Self::new(stats.n, stats.mean, stats.variance);
        };
        let n = stats.n as f64;
        let kappa = prior.kappa + n;
        let gap = stats.mean - prior.mean;
        let alpha = prior.alpha + 0.5 * n;
        let beta = prior.beta + 0.5 * n * (stats.variance + prior.kappa / kappa * gap * gap);
        let scale = (beta / alpha / kappa).sqrt();
        Self::around(prior.mean + n / kappa * gap, 2.0 * alpha, scale)
    }

    /// A spread that rounding alone explains is none.
    fn around(centre: f64, freedom: f64, scale: f64) -> Option<Self> {
        let differs = scale > 0.0 && scale > 1e-14 * centre.abs();
        differs.then_some(Self {
            freedom,
            centre,
            scale,
        })
    }

    pub(super) fn mean(self) -> f64 {
        self.centre
    }

    /// Nodes of the lattice of this step.
    pub(super) fn nodes(self, step: f64) -> f64 {
        2.0 * self.scale * self.reach() / step
    }

    pub(super) fn step(self) -> f64 {
        self.scale / NODES_PER_SCALE
    }

    /// The posterior on multiples of `step`.
    pub(super) fn arm(self, step: f64) -> Result<Arm> {
        let reach = self.scale * self.reach();
        check_nodes("", self.nodes(step))?;
        // The lattice is laid around the centre, which may be many scales from 0.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "|centre| is at most 1e14 scales, reach at most 1e6 steps"
        )]
        let node = |x: f64| (x / step).round() as i64;
        let (first, last) = (node(self.centre - reach), node(self.centre + reach));
        let jets: Vec<Jet> = (first..=last)
            .map(|k| {
                let x = k as f64 * step;
                let weight = self.log_density(x).exp();
                jet_of_exp(weight, step / self.scale, self.derivatives(x))
            })
            .collect();
        let sd = self.scale * (self.freedom / (self.freedom - 2.0)).sqrt();
        let moments = Moments {
            mean: Some(self.centre),
            mean_inverse: None,
            mean_log: f64::NAN,
            sd,
            sd_log: f64::NAN,
        };
        Ok(Arm::new(
            Scale::Linear,
            Curve::new(first, step, jets),
            moments,
        ))
    }

    /// Largest step that resolves the log of the mean.
    pub(super) fn log_step(self) -> f64 {
        (self.scale / self.centre / NODES_PER_SCALE).min(COARSEST)
    }

    /// The posterior of a mean that is known to be positive, on multiples of `step` in its log.
    pub(super) fn positive_arm(self, step: f64) -> Result<Arm> {
        check_nodes(
            "count",
            2.0 * self.scale / self.centre * self.reach() / step,
        )?;
        let log_density = |x: f64| x + self.log_density(x.exp());
        let mode = self.log_mode();
        let peak = log_density(mode);
        let (first, last) = span(mode, step, |x| log_density(x) - peak);
        let jets = (first..=last).map(|k| {
            let x = k as f64 * step;
            let [d1, d2, d3, d4] = self.derivatives(x.exp());
            let y = x.exp() / self.scale;
            let (y2, y3) = (y * y, y * y * y);
            let chain = [
                1.0 + y * d1,
                y * d1 + y2 * d2,
                y * d1 + 3.0 * y2 * d2 + y3 * d3,
                y * d1 + 7.0 * y2 * d2 + 6.0 * y3 * d3 + y2 * y2 * d4,
            ];
            jet_of_exp((log_density(x) - peak).exp(), step, chain)
        });
        let curve = Curve::new(first, step, jets.collect());
        let moments = self.cut_moments(&curve);
        Ok(Arm::new(Scale::Log, curve, moments))
    }

    /// Moments of what the cut at 0 leaves; those of t where it leaves everything.
    fn cut_moments(self, curve: &Curve) -> Moments {
        let expect = |f: &dyn Fn(f64) -> f64| -> f64 {
            curve
                .weights()
                .zip(curve.nodes())
                .map(|(w, x)| w * f(x))
                .sum()
        };
        let mean = expect(&f64::exp);
        let mean_log = expect(&|x| x);
        let square = expect(&|x| (x.exp() - mean) * (x.exp() - mean));
        let spread = expect(&|x| (x - mean_log) * (x - mean_log));
        // A density that does not vanish at 0 has no finite mean of 1/μ; one that is nothing there has, to every digit.
        let nothing_at_zero = self.log_density(0.0) < -TAIL;
        Moments {
            mean: Some(mean),
            mean_inverse: nothing_at_zero.then(|| expect(&|x| (-x).exp())),
            mean_log,
            sd: square.sqrt(),
            sd_log: spread.sqrt(),
        }
    }

    /// ln of the density over that at the centre.
    fn log_density(self, x: f64) -> f64 {
        let z = (x - self.centre) / self.scale;
        -0.5 * (self.freedom + 1.0) * (z * z / self.freedom).ln_1p()
    }

    /// Where the log density has fallen by [`TAIL`], in scales.
    fn reach(self) -> f64 {
        (self.freedom * (2.0 * TAIL / (self.freedom + 1.0)).exp_m1()).sqrt()
    }

    /// The mode of ln μ: y·ℓ'(y) = −1, the larger root of ν z y ... as a quadratic in z.
    fn log_mode(self) -> f64 {
        // (ν+1)·y·z/s = ν + z², y = centre + s·z: ν·z² + (ν+1)·(centre/s)·z − ν = 0.
        let (nu, ratio) = (self.freedom, self.centre / self.scale);
        let half = 0.5 * (nu + 1.0) * ratio;
        let z = nu / (half + (half * half + nu * nu).sqrt());
        (self.centre + self.scale * z).ln()
    }

    /// First four derivatives of the log density by z: ln(ν + z²) = 2·Re ln(z + i√ν).
    fn derivatives(self, x: f64) -> [f64; 4] {
        let z = (x - self.centre) / self.scale;
        let (q, root) = (z * z + self.freedom, self.freedom.sqrt());
        let w = (z / q, -root / q);
        let times = |p: (f64, f64)| (p.0 * w.0 - p.1 * w.1, p.0 * w.1 + p.1 * w.0);
        let (w2, c) = (times(w), self.freedom + 1.0);
        let w3 = times(w2);
        let w4 = times(w3);
        [-c * w.0, c * w2.0, -2.0 * c * w3.0, 6.0 * c * w4.0]
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn near(got: f64, want: f64, tolerance: f64) {
        assert!((got - want).abs() < tolerance, "got {got}, want {want}");
    }

    #[test]
    fn four_degrees_of_freedom_in_closed_form() {
        // n = 5 of variance 4·4: scale 2. F(t) = 1/2 + (3/8)·u·(1 − u²/12)... with u = t/√(1 + t²/4).
        let t = Student::new(5, 3.0, 16.0).unwrap();
        let arm = t.arm(t.step()).unwrap();
        for x in [-1.5_f64, 0.3, 2.0] {
            let u = x / (1.0 + x * x / 4.0).sqrt();
            let want = 0.5 + 0.375 * u * (1.0 - u * u / 12.0);
            near(arm.curve.at(3.0 + 2.0 * x).lower, want, 1e-9);
        }
        // t(4) at 97.5%: 2.776445105.
        near(
            arm.curve.quantile(0.975),
            3.0 + 2.0 * 2.776_445_105_198,
            1e-7,
        );
    }

    #[test]
    fn both_scales_agree_where_the_cut_takes_nothing() {
        let t = Student::new(10_000, 3.0, 9.0).unwrap();
        let (plain, log) = (
            t.arm(t.step()).unwrap(),
            t.positive_arm(t.log_step()).unwrap(),
        );
        for q in [0.001, 0.3, 0.975] {
            near(log.curve.quantile(q).exp(), plain.curve.quantile(q), 1e-10);
        }
        near(log.moments.mean.unwrap(), 3.0, 1e-10);
        near(log.moments.sd, plain.moments.sd, 1e-8);
    }
}
