//! Streams what out-of-bag effects and their variance need: sixteen running moments a row, no stored forest.
//!
//! Per tree a row's leaf gives v = (s, a, b): treated share, treated and control outcome sums over the leaf's size.
//! The effect is a ratio of their averages; its little-bag variance is a quadratic form in the second moments of v and
//! of the mean of v over a bag (Athey, Tibshirani & Wager 2019, eq. 16 and §4.1).

use crate::num::special::{normal_density, normal_upper};

/// Running moments of one row over the bags that did not draw it.
#[derive(Debug, Clone, Default)]
pub(super) struct Moments {
    bags: f64,
    trees: f64,
    sum: [f64; 3],
    /// Upper triangle of Σ vvᵀ over trees.
    outer: [f64; 6],
    /// Upper triangle of Σ v̄v̄ᵀ over bags, v̄ the mean over a bag's trees.
    grouped: [f64; 6],
}

impl Moments {
    /// Adds one bag.
    pub(super) fn add(&mut self, trees: impl Iterator<Item = [f64; 3]>) {
        let (mut sum, mut n) = ([0.0; 3], 0.0);
        for v in trees {
            n += 1.0;
            for (sum, v) in sum.iter_mut().zip(v) {
                *sum += v;
            }
            add_outer(&mut self.outer, v);
        }
        for (total, sum) in self.sum.iter_mut().zip(sum) {
            *total += sum;
        }
        add_outer(&mut self.grouped, sum.map(|x| x / n));
        self.bags += 1.0;
        self.trees += n;
    }

    /// The effect and its variance; NaN for a row that no bag left out.
    pub(super) fn effect(&self, e: f64) -> (f64, f64) {
        let [s, a, b] = self.sum.map(|x| x / self.trees);
        // With W̃ = w − e: averages of Y, W̃, YW̃ and W̃² over a leaf.
        let (y, w) = (a + b, s - e);
        let (yw, ww) = ((1.0 - e) * a - e * b, e * e + (1.0 - 2.0 * e) * s);
        let determinant = ww - w * w;
        let tau = (yw - y * w) / determinant;
        (tau, self.variance(e, tau, y - tau * w, w, determinant))
    }

    /// Little-bag variance: ψ is linear in v, so its sums of squares are quadratic forms in the moments.
    fn variance(&self, e: f64, tau: f64, main: f64, w: f64, determinant: f64) -> f64 {
        // ψ = [YW̃ − τW̃² − μW̃ − w̄(Y − τW̃ − μ)] / (avg W̃² − w̄²) = c·v + c₀.
        let c = [
            -tau * (1.0 - 2.0 * e) - main + w * tau,
            (1.0 - e) - w,
            -e - w,
        ]
        .map(|x| x / determinant);
        let c0 = (-tau * e * e + main * e - w * (tau * e - main)) / determinant;
        let linear: f64 = c.iter().zip(self.sum).map(|(c, sum)| c * sum).sum();
        let square = |outer: &[f64; 6], n: f64, linear: f64| {
            (quadratic(outer, c) + 2.0 * c0 * linear) / n + c0 * c0
        };
        let size = self.trees / self.bags;
        let between = square(&self.grouped, self.bags, linear / size);
        let total = square(&self.outer, self.trees, linear);
        debias(between, (total - between) / (size - 1.0), self.bags)
    }
}

fn add_outer(outer: &mut [f64; 6], [s, a, b]: [f64; 3]) {
    let products = [s * s, s * a, s * b, a * a, a * b, b * b];
    for (outer, product) in outer.iter_mut().zip(products) {
        *outer += product;
    }
}

fn quadratic(outer: &[f64; 6], [s, a, b]: [f64; 3]) -> f64 {
    let weights = [s * s, 2.0 * s * a, 2.0 * s * b, a * a, 2.0 * a * b, b * b];
    outer.iter().zip(weights).map(|(m, w)| m * w).sum()
}

/// Removes the Monte-Carlo noise of finitely many trees, with a flat prior on non-negative variances so that the
/// result cannot be negative.
fn debias(between: f64, noise: f64, bags: f64) -> f64 {
    let estimate = between - noise;
    let error = between.max(noise) * (2.0 / bags).sqrt();
    if error <= 0.0 || error.is_nan() {
        return estimate;
    }
    // The mean of a normal truncated to the positive half-line.
    let ratio = estimate / error;
    estimate + error * normal_density(ratio) / normal_upper(-ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effect_is_the_difference_of_arm_means_when_all_trees_agree() {
        // A leaf of 10 rows, 4 treated with sum 8, 6 control with sum 6: effect 2 − 1 = 1, no variance.
        let mut moments = Moments::default();
        for _ in 0..3 {
            moments.add([[0.4, 0.8, 0.6]; 2].into_iter());
        }
        let (tau, variance) = moments.effect(0.5);
        assert!((tau - 1.0).abs() < 1e-12 && variance.abs() < 1e-12);
    }
}
