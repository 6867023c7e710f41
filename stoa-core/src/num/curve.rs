//! A smooth density known on a uniform lattice, and its distribution function everywhere.
//!
//! At every node `x = k·step` the curve holds five Taylor coefficients of the density. Between two nodes it is the
//! polynomial of degree nine that agrees with both (Hermite interpolation), which integrates exactly. Both
//! distribution functions are running sums of positive pieces, one from each end, so that small tails keep their
//! relative precision. Lattices of one step share their nodes, whatever their origin: sums over two of them need no
//! interpolation.
//!
//! Error with a step of a quarter of the standard deviation of a normal density: 4e-14 of the mass; 1e-9 of the
//! tail at five standard deviations.

/// Taylor coefficients of the density times the step, in units of the step: `h·g, h·g'h, h·g''h²/2, …`.
pub type Jet = [f64; 5];

/// Both tails and the density at one point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Probability below the point.
    pub lower: f64,
    /// Probability above the point.
    pub upper: f64,
    /// Density at the point.
    pub density: f64,
}

impl Point {
    /// Everything lies above.
    pub const BELOW: Self = Self {
        lower: 0.0,
        upper: 1.0,
        density: 0.0,
    };
    /// Everything lies below.
    pub const ABOVE: Self = Self {
        lower: 1.0,
        upper: 0.0,
        density: 0.0,
    };

    /// Adds `weight` times `other`.
    pub fn add(&mut self, weight: f64, other: Self) {
        self.lower += weight * other.lower;
        self.upper += weight * other.upper;
        self.density += weight * other.density;
    }
}

/// A probability density on a uniform lattice. See the module.
#[derive(Debug, Clone)]
pub struct Curve {
    first: i64,
    step: f64,
    jets: Vec<Jet>,
    pieces: Vec<[f64; 10]>,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl Curve {
    /// A curve from the jets of an unnormalised density at nodes `first·step, (first+1)·step, …`.
    ///
    /// The density must be negligible at both ends; its sum over the lattice becomes 1.
    #[must_use]
    pub fn new(first: i64, step: f64, mut jets: Vec<Jet>) -> Self {
        let total: f64 = jets.iter().map(|jet| jet[0]).sum();
        let scale = if total > 0.0 { 1.0 / total } else { 0.0 };
        for jet in &mut jets {
            for c in jet {
                *c *= scale;
            }
        }
        let pieces: Vec<[f64; 10]> = jets.windows(2).map(|w| hermite(&w[0], &w[1])).collect();
        let mut lower = vec![0.0; jets.len()];
        let mut upper = vec![0.0; jets.len()];
        for (k, piece) in pieces.iter().enumerate() {
            lower[k + 1] = lower[k] + mass(piece, 1.0).max(0.0);
        }
        for (k, piece) in pieces.iter().enumerate().rev() {
            upper[k] = upper[k + 1] + mass(piece, 1.0).max(0.0);
        }
        Self {
            first,
            step,
            jets,
            pieces,
            lower,
            upper,
        }
    }

    /// Distance of neighbouring nodes.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Index of the first node: it lies at `first()·step()`.
    #[must_use]
    pub fn first(&self) -> i64 {
        self.first
    }

    /// Index after that of the last node.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.first + signed(self.jets.len())
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.jets.len()
    }

    /// Whether there is no node at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jets.is_empty()
    }

    /// Taylor coefficients at every node.
    #[must_use]
    pub fn jets(&self) -> &[Jet] {
        &self.jets
    }

    /// Probability of the cell around every node; they sum to 1.
    pub fn weights(&self) -> impl Iterator<Item = f64> + '_ {
        self.jets.iter().map(|jet| jet[0])
    }

    /// Position of every node.
    pub fn nodes(&self) -> impl Iterator<Item = f64> + '_ {
        (self.first..self.end()).map(|k| k as f64 * self.step)
    }

    /// Ends of the lattice; outside lies nothing.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (
            self.first as f64 * self.step,
            (self.end() - 1) as f64 * self.step,
        )
    }

    /// Both tails at node `k` of the shared lattice.
    #[must_use]
    pub fn at_node(&self, k: i64) -> Point {
        match usize::try_from(k - self.first) {
            Err(_) => Point::BELOW,
            Ok(i) if i >= self.jets.len() => Point::ABOVE,
            Ok(i) => Point {
                lower: self.lower[i],
                upper: self.upper[i],
                density: self.jets[i][0] / self.step,
            },
        }
    }

    /// Both tails and the density at any point.
    #[must_use]
    pub fn at(&self, x: f64) -> Point {
        let (cell, u) = match self.locate(x) {
            Place::Below => return Point::BELOW,
            Place::Above => return Point::ABOVE,
            Place::Cell(cell, u) => (cell, u),
        };
        let piece = &self.pieces[cell];
        let part = mass(piece, u).max(0.0);
        Point {
            lower: self.lower[cell] + part,
            upper: (self.upper[cell] - part).max(0.0),
            density: (polynomial(piece, u) / self.step).max(0.0),
        }
    }

    /// Taylor coefficients at any point, as [`Curve::jets`] has them at the nodes.
    #[must_use]
    pub fn jet_at(&self, x: f64) -> Jet {
        let Place::Cell(cell, u) = self.locate(x) else {
            return [0.0; 5];
        };
        let mut c = self.pieces[cell];
        // Repeated synthetic division: after round r, c[r] is the r-th Taylor coefficient at u.
        for r in 0..5 {
            for i in (r..9).rev() {
                c[i] += u * c[i + 1];
            }
        }
        [c[0], c[1], c[2], c[3], c[4]]
    }

    /// The point below which the probability is `q`, for `0 < q < 1`.
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        let cells = self.pieces.len();
        if cells == 0 {
            return self.range().0;
        }
        // Search from the nearer end, where the running sum is exact.
        let from_below = q <= 0.5;
        let target = if from_below { q } else { 1.0 - q };
        let cell = if from_below {
            self.lower.partition_point(|&p| p <= target)
        } else {
            self.upper.partition_point(|&p| p > target)
        }
        .clamp(1, cells)
            - 1;
        let piece = &self.pieces[cell];
        let wanted = if from_below {
            target - self.lower[cell]
        } else {
            self.upper[cell] - target
        };
        let (mut low, mut high, mut u) = (0.0, 1.0, 0.5);
        for _ in 0..100 {
            let excess = mass(piece, u) - wanted;
            if excess < 0.0 {
                low = u;
            } else {
                high = u;
            }
            let newton = u - excess / polynomial(piece, u);
            let next = if newton >= low && newton <= high {
                newton
            } else {
                0.5 * (low + high)
            };
            let moved = (next - u).abs();
            u = next;
            if moved < 1e-15 || high - low < 1e-15 {
                break;
            }
        }
        ((self.first + signed(cell)) as f64 + u) * self.step
    }

    fn locate(&self, x: f64) -> Place {
        let position = x / self.step - self.first as f64;
        if position.is_nan() || position < 0.0 {
            return Place::Below;
        }
        if position >= self.pieces.len() as f64 {
            return Place::Above;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 <= position < number of cells"
        )]
        let cell = position as usize;
        Place::Cell(cell, position - cell as f64)
    }
}

/// A number of nodes as an index.
fn signed(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

enum Place {
    Below,
    Above,
    Cell(usize, f64),
}

/// Jet of `weight·exp(ℓ)` from the first four derivatives of ℓ, for a lattice of this step.
#[must_use]
pub fn jet_of_exp(weight: f64, step: f64, derivatives: [f64; 4]) -> Jet {
    let [d1, d2, d3, d4] = derivatives;
    let (h2, h3) = (step * step, step * step * step);
    let (t1, t2) = (d1 * step, d2 * h2 / 2.0);
    let (t3, t4) = (d3 * h3 / 6.0, d4 * h3 * step / 24.0);
    let s1 = t1 * t1;
    [
        weight,
        weight * t1,
        weight * (t2 + s1 / 2.0),
        weight * (t3 + t1 * t2 + s1 * t1 / 6.0),
        weight * (t4 + t1 * t3 + t2 * t2 / 2.0 + s1 * t2 / 2.0 + s1 * s1 / 24.0),
    ]
}

/// Distribution of `y − x` for independent `x` and `y` on lattices of one step.
#[must_use]
pub fn difference(x: &Curve, y: &Curve) -> Curve {
    // Two densities of four nodes per standard deviation make a product of 1.4 nodes per standard deviation at
    // every second node: the sum's error is exp(−2π²·1.4²) = 7e-18.
    difference_of(y.step, 2, (x.first, &x.jets), (y.first, &y.jets))
}

/// As [`difference`], of densities given by their first node's index and their jets, normalised or not.
///
/// The trapezoidal sum over every `stride`-th node of `x` is exact to the last digits for densities that it resolves.
#[must_use]
pub fn difference_of(step: f64, stride: usize, x: (i64, &[Jet]), y: (i64, &[Jet])) -> Curve {
    let ((first_x, x), (first_y, y)) = (x, y);
    let first = first_y - (first_x + signed(x.len()) - 1);
    let len = (x.len() + y.len()).saturating_sub(1);
    let mut jets = vec![[0.0; 5]; len];
    for (i, weight) in x.iter().map(|jet| jet[0]).enumerate().step_by(stride) {
        let shift = x.len() - 1 - i;
        for (sum, jet) in jets[shift..].iter_mut().zip(y) {
            for (s, c) in sum.iter_mut().zip(jet) {
                *s += weight * c;
            }
        }
    }
    Curve::new(first, step, jets)
}

/// Polynomial of degree nine in `u` from the jets at `u = 0` and `u = 1`.
fn hermite(left: &Jet, right: &Jet) -> [f64; 10] {
    let [c0, c1, c2, c3, c4] = *left;
    // What the left jet leaves to be explained at u = 1, as a Taylor series there …
    let r0 = right[0] - (c0 + c1 + c2 + c3 + c4);
    let r1 = right[1] - (c1 + 2.0 * c2 + 3.0 * c3 + 4.0 * c4);
    let r2 = right[2] - (c2 + 3.0 * c3 + 6.0 * c4);
    let r3 = right[3] - (c3 + 4.0 * c4);
    let r4 = right[4] - c4;
    // … divided by u⁵ = (1+v)⁵, …
    let q0 = r0;
    let q1 = r1 - 5.0 * r0;
    let q2 = r2 - 5.0 * r1 + 15.0 * r0;
    let q3 = r3 - 5.0 * r2 + 15.0 * r1 - 35.0 * r0;
    let q4 = r4 - 5.0 * r3 + 15.0 * r2 - 35.0 * r1 + 70.0 * r0;
    // … and expanded in u = 1 + v.
    [
        c0,
        c1,
        c2,
        c3,
        c4,
        q0 - q1 + q2 - q3 + q4,
        q1 - 2.0 * q2 + 3.0 * q3 - 4.0 * q4,
        q2 - 3.0 * q3 + 6.0 * q4,
        q3 - 4.0 * q4,
        q4,
    ]
}

fn polynomial(c: &[f64; 10], u: f64) -> f64 {
    c.iter().rev().fold(0.0, |sum, c| sum * u + c)
}

/// Integral of the polynomial from 0 to `u`.
fn mass(c: &[f64; 10], u: f64) -> f64 {
    const RECIPROCALS: [f64; 10] = [
        1.0,
        1.0 / 2.0,
        1.0 / 3.0,
        1.0 / 4.0,
        1.0 / 5.0,
        1.0 / 6.0,
        1.0 / 7.0,
        1.0 / 8.0,
        1.0 / 9.0,
        1.0 / 10.0,
    ];
    let mut sum = 0.0;
    for i in (0..10).rev() {
        sum = sum * u + c[i] * RECIPROCALS[i];
    }
    sum * u
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard normal shifted to `mean`.
    fn normal(mean: f64, step: f64) -> Curve {
        let middle = (-1000..1000)
            .find(|&k| k as f64 * step >= mean)
            .unwrap_or(0);
        let reach = (1..1000).find(|&k| k as f64 * step > 9.0).unwrap_or(0);
        let first = middle - reach;
        let jets = (first..=middle + reach)
            .map(|k| {
                let z = k as f64 * step - mean;
                jet_of_exp((-0.5 * z * z).exp(), step, [-z, -1.0, 0.0, 0.0])
            })
            .collect();
        Curve::new(first, step, jets)
    }

    #[test]
    fn the_normal_distribution_function() {
        let curve = normal(0.3, 0.25);
        // Φ(1.2345 − 0.3) and its tail, Φ(−4.7): 40-digit values rounded.
        assert!((curve.at(0.3).lower - 0.5).abs() < 1e-13);
        assert!((curve.at(2.3).upper - 0.022_750_131_948_179_21).abs() < 1e-14);
        let tail = curve.at(-4.7).lower;
        assert!((tail / 2.866_515_718_791_939e-7 - 1.0).abs() < 1e-8);
        assert!((curve.quantile(0.975) - 2.259_963_984_540_054).abs() < 1e-12);
        assert!((curve.quantile(0.025) + 1.659_963_984_540_054).abs() < 1e-12);
    }

    #[test]
    fn a_jet_between_nodes_is_the_density_there() {
        let curve = normal(0.0, 0.25);
        let (jet, z) = (curve.jet_at(0.6), 0.6_f64);
        let g = super::super::special::normal_density(z) * 0.25;
        assert!((jet[0] - g).abs() < 1e-13);
        assert!((jet[1] + g * z * 0.25).abs() < 1e-11);
        assert!((jet[2] - g * (z * z - 1.0) * 0.25 * 0.25 / 2.0).abs() < 1e-9);
    }

    #[test]
    fn the_difference_of_normals_is_normal() {
        let d = difference(&normal(1.0, 0.25), &normal(3.0, 0.25));
        assert!((d.at(2.0).lower - 0.5).abs() < 1e-13);
        let expected = 2.0 + std::f64::consts::SQRT_2 * 1.959_963_984_540_054;
        assert!((d.quantile(0.975) - expected).abs() < 1e-12);
    }

    #[test]
    fn outside_the_lattice_lies_nothing() {
        let curve = normal(0.0, 0.5);
        assert_eq!(curve.at(-100.0), Point::BELOW);
        assert_eq!(curve.at(f64::INFINITY), Point::ABOVE);
        assert_eq!(curve.at(f64::NAN), Point::BELOW);
    }
}
