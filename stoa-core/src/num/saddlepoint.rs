//! The tail of a sum whose terms are shared out by independent coins.
//!
//! Each of many amounts falls to one side with probability π, else to the other. `T = Σ_one side x − π Σ x` has mean 0,
//! and its distribution is known from the amounts alone: `K(s) = Σ ln(1 − π + π e^{sx}) − sπ Σ x`.

use super::special::{
    LN_SQRT_2PI, mills_ratio, normal_density, normal_upper, normal_upper_quantile,
};

/// A total this close to its largest value, as a share of it, is the largest value.
const AT_END: f64 = 1e-12;
/// Exponents below this use the series of the cumulants.
const SMALL: f64 = 1e-2;
/// Below this many standard deviations the limit at 0 takes the place of a difference of large numbers.
const NEAR_ZERO: f64 = 1e-6;
/// Most steps towards the saddlepoint.
const MOST_STEPS: u32 = 200;

/// An amount of either sign, and how often it occurs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// The amount, finite.
    pub value: f64,
    /// How often it occurs.
    pub count: u64,
}

/// `Φ⁻¹(1 − P(T ≥ t))` for the amounts that one side got, each with chance `share`.
///
/// When to use: a sum of which only few, or very different, amounts are known. When not: thousands of amounts of one
/// size, where a z statistic says the same.
///
/// Model: Lugannani & Rice, `P ≈ 1 − Φ(w) + φ(w)(1/u − 1/w)`, `w = ±√(2(ŝt − K(ŝ)))`, `u = ŝ√K''(ŝ)`, `K'(ŝ) = t`; at both ends of
/// the support the exact probability of that end, which also bounds what lies between. At the lower end, where the tail
/// is 1, `min(0, Φ⁻¹(chance of that end))`. No amounts other than 0: 0. Never NaN, never infinite.
/// Cost: a few passes over the amounts. Deterministic.
///
/// # Source
/// Lugannani & Rice (1980), *Saddle point approximation for the distribution of the sum of independent random
/// variables*, <https://doi.org/10.2307/1426607>; Daniels (1987), *Tail probability approximations*.
///
/// # Example
/// ```
/// use stoa_core::num::saddlepoint::{Amount, tail_z};
/// // All of four orders fell to one side of a fair coin: p = 1/16.
/// let z = tail_z(&[Amount { value: 50.0, count: 4 }], 100.0, 0.5);
/// assert!((z - 1.534_120_544_352_546).abs() < 1e-12);
/// ```
#[must_use]
pub fn tail_z(amounts: &[Amount], t: f64, share: f64) -> f64 {
    let scale = largest(amounts);
    let usable = scale > 0.0 && scale.is_finite() && t.is_finite() && 0.0 < share && share < 1.0;
    if !usable {
        return 0.0;
    }
    let coins = |sign: f64| Coins {
        amounts,
        unit: sign / scale,
        share,
    };
    if t >= 0.0 {
        coins(1.0).upper(t / scale).0
    } else {
        // The lower tail is the upper one of the mirror image.
        let (z, at_end) = coins(-1.0).upper(-t / scale);
        if at_end { (-z).min(0.0) } else { -z }
    }
}

fn largest(amounts: &[Amount]) -> f64 {
    let used = amounts.iter().filter(|amount| amount.count > 0);
    used.map(|amount| amount.value.abs()).fold(0.0, f64::max)
}

/// The amounts in units in which the largest is 1.
struct Coins<'a> {
    amounts: &'a [Amount],
    unit: f64,
    share: f64,
}

impl Coins<'_> {
    fn sum(&self, f: impl Fn(f64) -> f64) -> f64 {
        let terms = self.amounts.iter();
        super::sums::sum(terms.map(|a| a.count as f64 * f(a.value * self.unit)))
    }

    /// The z of `P(T ≥ t)` for `t ≥ 0`, and whether `t` is the end of the support.
    fn upper(&self, t: f64) -> (f64, bool) {
        let p = self.share;
        let end = self.sum(|x| if x > 0.0 { (1.0 - p) * x } else { -p * x });
        // The one way of reaching the end: every positive amount on this side, every negative one on the other.
        let ln_end = self.sum(|x| match x.total_cmp(&0.0) {
            _ if x.abs() <= 0.0 => 0.0,
            std::cmp::Ordering::Less => (-p).ln_1p(),
            _ => p.ln(),
        });
        if t >= end * (1.0 - AT_END) {
            return (normal_upper_quantile(ln_end), true);
        }
        // At least the chance of the end, which also takes the place of an approximation below 0; less than 1.
        let ln_p = self.ln_tail(t).max(ln_end).min(-f64::EPSILON);
        (normal_upper_quantile(ln_p), false)
    }

    fn ln_tail(&self, t: f64) -> f64 {
        let s = self.saddlepoint(t);
        let w = (2.0 * (s * t - self.sum(|x| self.cumulant(s * x))))
            .max(0.0)
            .sqrt();
        if w < NEAR_ZERO {
            let v = self.share * (1.0 - self.share);
            let k2 = v * self.sum(|x| x * x);
            let k3 = v * (1.0 - 2.0 * self.share) * self.sum(|x| x.powi(3));
            let skew = k3 / (6.0 * k2.powf(1.5));
            return (normal_upper(w) - normal_density(0.0) * skew).ln();
        }
        let u = s * self.curvature(s).sqrt();
        // Both parts of the sum over φ(w), so that far tails keep their logarithm.
        let ln_p = (mills_ratio(w) + 1.0 / u - 1.0 / w).ln() - 0.5 * w * w - LN_SQRT_2PI;
        // Chernoff's bound, which u near 0 would pass: all but small change lies on this side.
        ln_p.min(-0.5 * w * w)
    }

    /// Newton's method for `K'(s) = t`, inside a bracket that doubles until it holds the root.
    fn saddlepoint(&self, t: f64) -> f64 {
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut s = t / self.curvature(0.0);
        for _ in 0..MOST_STEPS {
            let miss = self.slope(s) - t;
            if miss < 0.0 {
                low = s;
            } else {
                high = s;
            }
            let newton = s - miss / self.curvature(s);
            let next = if low < newton && newton < high.min(4.0 * s + 1.0) {
                newton
            } else if high.is_finite() {
                0.5 * (low + high)
            } else {
                2.0 * s + 1.0
            };
            let done = (next - s).abs() <= 2.0 * f64::EPSILON * s;
            s = next;
            if done {
                break;
            }
        }
        s
    }

    /// `ln(1 − π + π e^y) − π y`.
    fn cumulant(&self, y: f64) -> f64 {
        let (p, v) = (self.share, self.share * (1.0 - self.share));
        if y.abs() < SMALL {
            let skew = 1.0 - 2.0 * p;
            let terms = [
                1.0 / 2.0,
                skew / 6.0,
                (1.0 - 6.0 * v) / 24.0,
                skew * (1.0 - 12.0 * v) / 120.0,
                (1.0 - 30.0 * v + 120.0 * v * v) / 720.0,
            ];
            return v * y * y * terms.iter().rev().fold(0.0, |sum, term| sum * y + term);
        }
        if y > 0.0 {
            y * (1.0 - p) + ((1.0 - p) * (-y).exp_m1()).ln_1p()
        } else {
            (p * y.exp_m1()).ln_1p() - p * y
        }
    }

    /// Chance of this side under the tilt `e^y`, and of the other.
    fn tilted(&self, y: f64) -> (f64, f64) {
        let (this, other) = if y > 0.0 {
            (self.share, (1.0 - self.share) * (-y).exp())
        } else {
            (self.share * y.exp(), 1.0 - self.share)
        };
        (this / (this + other), other / (this + other))
    }

    /// `K'(s)`, each tilted chance less π without cancellation.
    fn slope(&self, s: f64) -> f64 {
        let p = self.share;
        self.sum(|x| {
            let y = s * x;
            let e = (-y.abs()).exp_m1();
            let towards = if y > 0.0 { 1.0 - p } else { p };
            let part = p * (1.0 - p) * e / (1.0 + towards * e);
            x * if y > 0.0 { -part } else { part }
        })
    }

    /// `K''(s)`.
    fn curvature(&self, s: f64) -> f64 {
        self.sum(|x| {
            let (this, other) = self.tilted(s * x);
            x * x * this * other
        })
    }
}
