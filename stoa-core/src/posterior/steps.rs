//! Distributions on a few points, and differences of two of them.

/// Masses below this share of the largest are nothing.
const NEGLIGIBLE: f64 = 1e-18;
/// What rounding leaves of a sum of many masses.
pub(super) const ROUNDING: f64 = 1e-14;

/// Probabilities at ascending points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Steps {
    points: Vec<f64>,
    masses: Vec<f64>,
}

impl Steps {
    /// The Bayesian bootstrap of a quantile: `sorted[J]` with J ~ Bin(n − 1, q), for at least one value and 0 < q < 1.
    ///
    /// The weights of the first k of n values add up to Beta(k, n−k), so P(quantile ≤ x₍ₖ₎) = P(Beta(k, n−k) ≥ q) = P(J ≤ k−1).
    pub(super) fn of_quantile(sorted: &[f64], q: f64) -> Self {
        let n = (sorted.len() - 1) as f64;
        let odds = q / (1.0 - q);
        // Ratios of neighbours, outwards from the largest; the sum of all makes it a distribution.
        let up = |j: f64| (n - j) / (j + 1.0) * odds;
        let mode = ((n + 1.0) * q).floor().clamp(0.0, n);
        let right = std::iter::successors(Some((mode, 1.0)), |&(j, p)| Some((j + 1.0, p * up(j))));
        let left = std::iter::successors(Some((mode, 1.0)), |&(j, p)| {
            (j >= 1.0).then(|| (j - 1.0, p / up(j - 1.0)))
        });
        let counts = |&(_, p): &(f64, f64)| p > NEGLIGIBLE;
        let mut masses: Vec<(f64, f64)> = left.skip(1).take_while(counts).collect();
        masses.reverse();
        masses.extend(right.take_while(counts));
        let total: f64 = masses.iter().map(|(_, p)| p).sum();
        let mut steps = Self {
            points: Vec::new(),
            masses: Vec::new(),
        };
        for (j, p) in masses {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 <= j < n"
            )]
            let value = sorted[j as usize];
            steps.add(value, p / total);
        }
        steps
    }

    /// Adds to the right end; equal values are one point.
    fn add(&mut self, value: f64, mass: f64) {
        match (self.points.last(), self.masses.last_mut()) {
            (Some(last), Some(so_far)) if *last >= value => *so_far += mass,
            _ => {
                self.points.push(value);
                self.masses.push(mass);
            }
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().copied().zip(self.masses.iter().copied())
    }

    pub(super) fn mean(&self) -> f64 {
        // Around the first point, so that values far from 0 keep their digits.
        let origin = self.lowest();
        origin + self.each().map(|(x, p)| (x - origin) * p).sum::<f64>()
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        self.each().map(|(x, p)| (x - mean).powi(2) * p).sum()
    }

    /// The least point with at least `p` at and below it.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let mut below = 0.0;
        for (x, mass) in self.each() {
            below += mass;
            if below >= p - ROUNDING {
                return x;
            }
        }
        self.highest()
    }

    pub(super) fn largest_mass(&self) -> f64 {
        self.masses.iter().copied().fold(0.0, f64::max)
    }

    pub(super) fn lowest(&self) -> f64 {
        self.points.first().copied().unwrap_or(0.0)
    }

    pub(super) fn highest(&self) -> f64 {
        self.points.last().copied().unwrap_or(0.0)
    }

    /// P(`within(x, y)`) for independent x of `self` and y of `other`; where it holds for a y it holds for every lower one, and
    /// the higher x the more y.
    pub(super) fn joint(&self, other: &Self, within: impl Fn(f64, f64) -> bool) -> f64 {
        let (mut next, mut below, mut total) = (0, 0.0, 0.0);
        for (x, p) in self.each() {
            while next < other.points.len() && within(x, other.points[next]) {
                below += other.masses[next];
                next += 1;
            }
            total += p * below;
        }
        total
    }

    /// E[(x − y)⁺] for independent x of `self` and y of `other`.
    pub(super) fn excess(&self, other: &Self) -> f64 {
        let (mut next, mut below, mut total) = (0, 0.0, 0.0);
        let mut gap = 0.0;
        let mut last = self.lowest();
        for (x, p) in self.each() {
            // gap = Σ (x − y)·P(y) over the y below x.
            gap += (x - last) * below;
            last = x;
            while next < other.points.len() && other.points[next] < x {
                gap += (x - other.points[next]) * other.masses[next];
                below += other.masses[next];
                next += 1;
            }
            total += p * gap;
        }
        total
    }
}

/// The least float at which a rising function is at least `p`, up to `high`: bisection over the floats in their order.
pub(super) fn least(rising: impl Fn(f64) -> f64, p: f64, low: f64, high: f64) -> f64 {
    let (mut below, mut reached) = (rank(low) - 1, rank(high));
    while reached - below > 1 {
        let middle = below + (reached - below) / 2;
        if rising(unrank(middle)) >= p {
            reached = middle;
        } else {
            below = middle;
        }
    }
    unrank(reached)
}

/// Place of a float among all: neighbours differ by 1, and both zeros are 0.
fn rank(x: f64) -> i128 {
    let size = i128::from(x.abs().to_bits());
    if x < 0.0 { -size } else { size }
}

fn unrank(place: i128) -> f64 {
    let size = f64::from_bits(u64::try_from(place.abs()).unwrap_or(u64::MAX));
    if place < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_three_by_hand() {
        // J ~ Bin(2, ½): ¼, ½, ¼ on the three values; equal values are one.
        let steps = Steps::of_quantile(&[1.0, 2.0, 4.0], 0.5);
        let found: Vec<_> = steps.each().collect();
        for ((x, p), (want_x, want_p)) in found.iter().zip([(1.0, 0.25), (2.0, 0.5), (4.0, 0.25)]) {
            assert!((x - want_x).abs() < 1e-15 && (p - want_p).abs() < 1e-15);
        }
        // 0.25 + 1 + 1, and 0.25·1.25² + 0.5·0.25² + 0.25·1.75².
        assert!((steps.mean() - 2.25).abs() < 1e-15);
        assert!((steps.variance() - 1.1875).abs() < 1e-14);
        let tied = Steps::of_quantile(&[1.0, 2.0, 2.0], 0.5);
        assert!((tied.largest_mass() - 0.75).abs() < 1e-15);
    }

    #[test]
    fn pairs_by_hand() {
        let steps = |values: &[f64]| Steps::of_quantile(values, 0.5);
        let (a, b) = (steps(&[1.0, 3.0]), steps(&[2.0, 3.0]));
        // Pairs (1,2), (1,3), (3,2), (3,3), a quarter each: y ≤ x in two.
        assert!((a.joint(&b, |x, y| y <= x) - 0.5).abs() < 1e-15);
        assert!((a.excess(&b) - 0.25).abs() < 1e-15);
        assert!((b.excess(&a) - 0.75).abs() < 1e-15);
    }

    #[test]
    fn floats_in_their_order() {
        let step = |t: f64| f64::from(u8::from(t >= 0.0));
        assert!(least(step, 0.5, -1e9, 1e9).abs() < f64::MIN_POSITIVE);
        let step = |t: f64| f64::from(u8::from(t >= -2.5));
        assert!((least(step, 0.5, -1e9, 1e9) + 2.5).abs() < 1e-15);
    }
}
