//! Draws that simulations need, made of the core's uniforms so that the same seed gives the same run everywhere.

use stoa_core::num::{gamma::ln_beta, random::Stream};

/// Below this mean a binomial count is found by inversion, above it by rejection.
const FEW: f64 = 10.0;

/// A stream of draws from the usual distributions.
///
/// # Example
/// ```
/// use stoa_tests::simulation::Sampler;
/// let draw = |run| Sampler::new(7, run).binomial(4_000, 0.5);
/// assert_eq!(draw(1), draw(1));
/// assert!(draw(2).abs_diff(2_000) < 200);
/// ```
#[derive(Debug, Clone)]
pub struct Sampler {
    uniforms: Stream,
    spare: Option<f64>,
}

impl Sampler {
    /// Stream `run` of `seed`.
    #[must_use]
    pub fn new(seed: u64, run: u64) -> Self {
        Self {
            uniforms: Stream::new(seed, run),
            spare: None,
        }
    }

    /// Between 0 and 1, neither of them.
    pub fn uniform(&mut self) -> f64 {
        self.uniforms.uniform()
    }

    /// Standard normal, by the polar method (Marsaglia & Bray 1964).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = x * x + y * y;
            if s < 1.0 && s > 0.0 {
                let scale = (-2.0 * s.ln() / s).sqrt();
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Gamma of that shape and scale 1 (Marsaglia & Tsang 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.uniform().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }

    /// Beta(a, b).
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        x / (x + y)
    }

    /// Shares under Dirichlet(alpha).
    pub fn dirichlet(&mut self, alpha: &[f64]) -> Vec<f64> {
        let parts: Vec<f64> = alpha.iter().map(|a| self.gamma(*a)).collect();
        let total: f64 = parts.iter().sum();
        parts.iter().map(|x| x / total).collect()
    }

    /// Poisson, for means of a few dozen.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        self.uniforms.poisson(mean) as u64
    }

    /// Successes of `n` trials.
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if p > 0.5 {
            n - self.binomial(n, 1.0 - p)
        } else if n as f64 * p < FEW {
            self.few(n, p)
        } else {
            self.many(n, p)
        }
    }

    /// How `n` units fall on cells of these shares.
    pub fn multinomial(&mut self, n: u64, shares: &[f64]) -> Vec<u64> {
        let mut left = n;
        let mut rest: f64 = shares.iter().sum();
        let last = shares.len().saturating_sub(1);
        let cell = |(k, share): (usize, &f64)| {
            // Rounding may leave less than the cell's own share.
            let all = k == last || rest <= *share;
            let chance = if all { 1.0 } else { share / rest };
            let hit = self.binomial(left, chance);
            left -= hit;
            rest -= share;
            hit
        };
        shares.iter().enumerate().map(cell).collect()
    }

    /// Whole number between `low` and `high`, uniform on the log scale.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between two whole numbers"
    )]
    pub fn size(&mut self, low: f64, high: f64) -> u64 {
        (low * (high / low).powf(self.uniform())).round() as u64
    }

    /// By inversion: the chances of 0, 1, 2 … are taken off a uniform until it is used up.
    fn few(&mut self, n: u64, p: f64) -> u64 {
        let odds = p / (1.0 - p);
        let mut chance = (n as f64 * (-p).ln_1p()).exp();
        let mut left = self.uniform();
        let mut k = 0;
        while left > chance && k < n {
            left -= chance;
            chance *= odds * (n - k) as f64 / (k + 1) as f64;
            k += 1;
        }
        k
    }

    /// By transformed rejection (Hörmann 1993, algorithm BTRS), for n·p ≥ 10.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "held between 0 and n"
    )]
    fn many(&mut self, n: u64, p: f64) -> u64 {
        let trials = n as f64;
        let sd = (trials * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * sd;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let centre = trials * p + 0.5;
        let mode = ((trials + 1.0) * p).floor();
        let ln_odds = (p / (1.0 - p)).ln();
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let near = 0.5 - u.abs();
            let k = ((2.0 * a / near + b) * u + centre).floor();
            if near >= 0.07 && v <= 0.92 - 4.2 / b {
                return k as u64;
            }
            if !(0.0..=trials).contains(&k) {
                continue;
            }
            let hat = v * (2.83 + 5.1 / b) * sd / (a / (near * near) + b);
            let ln_inverse = |k: f64| ln_beta(k + 1.0, trials - k + 1.0);
            if hat.ln() <= ln_inverse(mode) - ln_inverse(k) + (k - mode) * ln_odds {
                return k as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: u32 = 20_000;

    /// Mean and variance of draws lie within five standard errors of the truth.
    fn moments(draw: impl FnMut() -> f64, mean: f64, variance: f64, kurtosis: f64) {
        let n = f64::from(DRAWS);
        let draws: Vec<f64> = std::iter::repeat_with(draw).take(DRAWS as usize).collect();
        let found = draws.iter().sum::<f64>() / n;
        let spread = draws.iter().map(|x| (x - found).powi(2)).sum::<f64>() / n;
        let (error, wobble) = (
            (variance / n).sqrt(),
            variance * ((kurtosis - 1.0) / n).sqrt(),
        );
        assert!(
            (found - mean).abs() < 5.0 * error,
            "mean {found} for {mean}"
        );
        assert!(
            (spread - variance).abs() < 5.0 * wobble,
            "{spread} for {variance}"
        );
    }

    #[test]
    fn moments_are_those_of_the_textbook() {
        let mut s = Sampler::new(1, 0);
        moments(|| s.normal(), 0.0, 1.0, 3.0);
        // Kurtosis 3 + 6/shape.
        moments(|| s.gamma(0.4), 0.4, 0.4, 18.0);
        moments(|| s.gamma(7.0), 7.0, 7.0, 3.0 + 6.0 / 7.0);
        // Beta(2, 3): mean 2/5, variance 6/(25·6).
        moments(|| s.beta(2.0, 3.0), 0.4, 0.04, 2.4);
        moments(|| s.dirichlet(&[1.0, 2.0, 3.0])[2], 0.5, 0.25 / 7.0, 2.4);
    }

    /// Pearson's distance of counts below each of 30 quantiles from the exact distribution; mean 30, sd 7.7.
    fn distance(n: u64, p: f64) -> f64 {
        let mut s = Sampler::new(2, n);
        let top = usize::try_from(n).unwrap_or_default();
        let mut seen = vec![0.0; top + 1];
        for _ in 0..DRAWS {
            seen[usize::try_from(s.binomial(n, p)).unwrap_or(top)] += 1.0;
        }
        let ln_odds = (p / (1.0 - p)).ln();
        let chance = |k: usize| {
            let k = k as f64;
            let ln_choose = -ln_beta(k + 1.0, n as f64 - k + 1.0) - (n as f64 + 1.0).ln();
            (ln_choose + k * ln_odds + n as f64 * (-p).ln_1p()).exp()
        };
        let (mut total, mut expected, mut found) = (0.0, 0.0, 0.0);
        for (k, count) in seen.iter().enumerate() {
            expected += chance(k) * f64::from(DRAWS);
            found += count;
            if expected > f64::from(DRAWS) / 30.0 || k == top {
                total += (found - expected).powi(2) / expected.max(1.0);
                (expected, found) = (0.0, 0.0);
            }
        }
        total
    }

    #[test]
    fn binomial_counts_follow_their_distribution() {
        for (n, p) in [
            (50, 0.01),
            (2_000, 0.004),
            (2_000, 0.03),
            (400, 0.5),
            (4_000, 0.9),
        ] {
            let found = distance(n, p);
            assert!(found < 70.0, "n = {n}, p = {p}: {found}");
        }
    }

    #[test]
    fn every_unit_falls_on_a_cell() {
        let mut s = Sampler::new(3, 0);
        for _ in 0..1_000 {
            assert_eq!(s.multinomial(17, &[0.1, 0.2, 0.7]).iter().sum::<u64>(), 17);
        }
        assert_eq!(s.multinomial(5, &[0.0, 1.0]), [0, 5]);
        assert_eq!(s.binomial(9, 0.0) + s.binomial(0, 0.4), 0);
        assert_eq!(s.binomial(9, 1.0), 9);
    }

    #[test]
    fn sizes_stay_between_their_ends() {
        let mut s = Sampler::new(4, 0);
        assert!((0..1_000).all(|_| (5..=500).contains(&s.size(5.0, 500.0))));
    }
}
