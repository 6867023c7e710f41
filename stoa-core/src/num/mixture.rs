//! Mixtures of normal distributions.

use std::sync::LazyLock;

use super::{
    curve::{Curve, Point, jet_of_exp},
    solve,
    special::normal_quantile,
};

/// Nodes of the standard normal curve per unit, and its reach: beyond lies less than the smallest float.
const NODES_PER_UNIT: i64 = 8;
const REACH: i64 = 38;
/// Components closer than this, in standard deviations, are one.
const SAME: f64 = 1e-15;

/// Both tails of the standard normal distribution; a function from a crate has them to 1e-11 only.
static STANDARD: LazyLock<Curve> = LazyLock::new(|| {
    let step = 1.0 / NODES_PER_UNIT as f64;
    let ends = NODES_PER_UNIT * REACH;
    let jets = (-ends..=ends).map(|k| {
        let z = k as f64 * step;
        jet_of_exp((-0.5 * z * z).exp(), step, [-z, -1.0, 0.0, 0.0])
    });
    Curve::new(-ends, step, jets.collect())
});

/// One normal distribution of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// Its share of the mixture.
    pub weight: f64,
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, > 0.
    pub sd: f64,
}

/// A mixture of normal distributions; the weights add up to 1.
///
/// # Example
/// ```
/// use stoa_core::num::mixture::{Mixture, Normal};
/// let one = Mixture::new(0.0, [Normal { weight: 1.0, mean: 2.0, sd: 3.0 }]);
/// assert!((one.quantile(0.975) - (2.0 + 3.0 * 1.959_963_984_540_054)).abs() < 1e-12);
/// ```
#[derive(Debug, Clone)]
pub struct Mixture {
    origin: f64,
    parts: Vec<Normal>,
}

impl Mixture {
    /// A mixture of parts whose means are counted from `origin`; neighbours that are alike become one.
    #[must_use]
    pub fn new(origin: f64, parts: impl IntoIterator<Item = Normal>) -> Self {
        let mut kept: Vec<Normal> = Vec::new();
        for part in parts {
            match kept.last_mut() {
                Some(last) if alike(last, &part) => last.weight += part.weight,
                _ => kept.push(part),
            }
        }
        Self {
            origin,
            parts: kept,
        }
    }

    /// Mean of the mixture.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.origin + self.offset()
    }

    /// Standard deviation of the mixture.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let centre = self.offset();
        let spread = |part: &Normal| {
            let gap = part.mean - centre;
            part.weight * (part.sd * part.sd + gap * gap)
        };
        self.parts.iter().map(spread).sum::<f64>().sqrt()
    }

    /// Mean of the exponential; ∞ where that is no float.
    ///
    /// # Example
    /// ```
    /// use stoa_core::num::mixture::{Mixture, Normal};
    /// let one = Mixture::new(0.0, [Normal { weight: 1.0, mean: 2.0, sd: 3.0 }]);
    /// assert!((one.mean_of_exp() / 6.5_f64.exp() - 1.0).abs() < 1e-14); // 2 + 3²/2
    /// ```
    #[must_use]
    pub fn mean_of_exp(&self) -> f64 {
        let of = |p: &Normal| p.weight * (self.origin + p.mean + 0.5 * p.sd * p.sd).exp();
        self.parts.iter().map(of).sum()
    }

    /// Both tails and the density at `x`.
    #[must_use]
    pub fn at(&self, x: f64) -> Point {
        self.at_offset(x - self.origin)
    }

    /// The point below which the probability is `q`, for 0 < q < 1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        let z = normal_quantile(q, 1.0 - q);
        let ends = self.parts.iter().map(|part| part.mean + z * part.sd);
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| {
            (l.min(x), h.max(x))
        });
        // A mixture's quantile lies between those of its parts, which rounding may have made one.
        let room = 1e-9 * (high - low) + 1e-9 * self.narrowest();
        let heaviest = self
            .parts
            .iter()
            .max_by(|a, b| a.weight.total_cmp(&b.weight));
        let start = heaviest.map_or(0.0, |part| part.mean + z * part.sd);
        let bracket = (low - room, high + room);
        self.origin + solve::quantile(|x| self.at_offset(x), q, start, bracket)
    }

    fn offset(&self) -> f64 {
        self.parts.iter().map(|p| p.weight * p.mean).sum()
    }

    fn narrowest(&self) -> f64 {
        self.parts.iter().fold(f64::INFINITY, |s, p| s.min(p.sd))
    }

    fn at_offset(&self, x: f64) -> Point {
        let mut sum = Point::default();
        for part in &self.parts {
            let mut point = STANDARD.at((x - part.mean) / part.sd);
            point.density /= part.sd;
            sum.add(part.weight, point);
        }
        sum
    }
}

fn alike(a: &Normal, b: &Normal) -> bool {
    let narrow = a.sd.min(b.sd) * SAME;
    (a.mean - b.mean).abs() <= narrow && (a.sd - b.sd).abs() <= narrow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_normals_by_hand() {
        let part = |mean| Normal {
            weight: 0.5,
            mean,
            sd: 1.0,
        };
        let both = Mixture::new(10.0, [part(-2.0), part(2.0)]);
        assert!((both.mean() - 10.0).abs() < 1e-15);
        // Variance 1 + 2².
        assert!((both.sd() - 5.0_f64.sqrt()).abs() < 1e-15);
        assert!((both.quantile(0.5) - 10.0).abs() < 1e-12);
        // (Φ(0) + Φ(−4))/2 at 8, with Φ(−4) = 3.167124183311992e-5.
        assert!((both.at(8.0).lower - 0.5 * (0.5 + 3.167_124_183_311_992e-5)).abs() < 1e-15);
        let merged = Mixture::new(0.0, [part(0.0), part(0.0)]);
        assert_eq!(merged.parts.len(), 1);
    }
}
