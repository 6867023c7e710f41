//! The density of a Dirichlet mean at a point, by inversion along a path of steepest descent.
//!
//! With cₖ = wₖ − t and K(s) = −Σ aₖ ln(1 − s·cₖ), Gil-Pelaez' formula differentiated by t is
//! f(t) = (1/2πi) ∫ e^K(s) Σ aₖ/(1 − s·cₖ) ds along any path between the poles. Through the saddle point θ,
//! K′(θ) = 0, nothing cancels: the integrand is largest there, and far tails keep their relative precision. On the path
//! s = θ + σ·(i·sinh z − β·(cosh z − 1)) the sum over equal steps of z converges exponentially; for large z it runs
//! over log u, as the formula on the real axis needs it. Everything is in units of the outermost c on θ's side, so that
//! neither a narrow gap nor a point beside a score loses digits.

use super::{arm::logistic, dirichlet::Dirichlet, pieces::Piece};
use crate::num::curve::Jet;

/// Step of z: exp(−2π·(π/4)/h) = 7e-18, π/4 being where exp(−sinh² z) stops to fall.
const STEP: f64 = 0.125;
/// A summand below this share of the first ends the sum.
const NEGLIGIBLE: f64 = 1e-16;
/// Steps until even e^(−0.05·z) is negligible.
const MOST_STEPS: u32 = 30_000;
const MOST_NEWTON: usize = 200;

/// A complex number.
type Complex = (f64, f64);

fn times(x: Complex, y: Complex) -> Complex {
    (x.0 * y.0 - x.1 * y.1, x.0 * y.1 + x.1 * y.0)
}

fn plus(x: Complex, y: Complex) -> Complex {
    (x.0 + y.0, x.1 + y.1)
}

/// The line of integration at one point t.
pub(super) struct Contour<'a> {
    a: &'a [f64],
    /// cₖ over the outermost c on the saddle point's side, which is `unit`.
    c: Vec<f64>,
    unit: f64,
    /// The saddle point, within [0, 1).
    saddle: f64,
    /// 1 − θ·cₖ.
    rest: Vec<f64>,
}

impl<'a> Contour<'a> {
    /// At logit `x` of a gap.
    pub(super) fn new(model: &'a Dirichlet, piece: Piece, x: f64) -> Self {
        let (width, scores) = (piece.width(), &model.scores);
        let (down, up) = (width * logistic(x), width * logistic(-x));
        let c: Vec<f64> = scores
            .iter()
            .enumerate()
            .map(|(k, w)| {
                if k <= piece.gap {
                    (w - piece.low) - down
                } else {
                    (w - piece.high) + up
                }
            })
            .collect();
        let slope: f64 = c.iter().zip(&model.a).map(|(c, a)| a * c).sum();
        // Below the mean K rises at 0 and the saddle point is negative.
        let unit = if slope > 0.0 { c[0] } else { c[c.len() - 1] };
        let c: Vec<f64> = c.iter().map(|c| c / unit).collect();
        let saddle = saddle(&model.a, &c);
        Self {
            rest: c.iter().map(|c| (-saddle).mul_add(*c, 1.0)).collect(),
            a: &model.a,
            c,
            unit,
            saddle,
        }
    }

    /// K(θ), the log of a bound on both the tail beyond t and, but for its prefactor, the density.
    pub(super) fn log_bound(&self) -> f64 {
        let terms = self.a.iter().zip(&self.c).zip(&self.rest);
        -terms
            .map(|((a, c), rest)| {
                let moved = -self.saddle * c;
                a * if moved > -0.5 {
                    moved.ln_1p()
                } else {
                    rest.ln()
                }
            })
            .sum::<f64>()
    }

    /// Width of the integrand around the saddle point, at most the distance to the nearest pole; and how the path bends.
    ///
    /// Far out, levels whose poles are much farther away than that still oscillate, like e^(iv·Σ a/D); the path bends
    /// to where they decay. Where all poles are far, that sum is 0 and the path straight.
    fn shape(&self) -> (f64, f64) {
        const FAR: f64 = 0.25;
        let inverse = || {
            self.c
                .iter()
                .zip(&self.rest)
                .map(|(c, rest)| c / rest)
                .zip(self.a)
        };
        let curvature: f64 = inverse().map(|(d, a)| a * d * d).sum();
        let nearest = inverse().fold(0.0, |most: f64, (d, _)| most.max(d.abs()));
        let scale = 1.0 / curvature.sqrt().max(nearest);
        let near = inverse().map(|(d, a)| (d.abs() * scale, a * d * scale));
        (
            scale,
            bend(near.filter(|(reach, _)| *reach < FAR).collect()),
        )
    }

    /// Step of z: finer where the levels beside the heaviest one weigh so little that they leave its oscillation long.
    fn step(&self) -> f64 {
        const FINEST: f64 = 0.25;
        let heaviest = self.a.iter().fold(0.0, |most: f64, a| most.max(*a));
        let others: f64 = self.a.iter().sum::<f64>() - heaviest;
        STEP * others.clamp(FINEST, 1.0)
    }

    /// The integrand's Taylor coefficients in t, in units of `slope`, relative to e^K(θ), at θ + `step`; and the size
    /// of the largest.
    fn summand(&self, step: Complex, slope: f64) -> ([Complex; 5], f64) {
        let (mut log_modulus, mut phase) = (0.0, 0.0);
        let (mut t, mut u) = ([(0.0, 0.0); 5], [(0.0, 0.0); 5]);
        let s = ((self.saddle + step.0) * slope, step.1 * slope);
        for ((a, c), rest) in self.a.iter().zip(&self.c).zip(&self.rest) {
            let (x, v) = (step.0 * (c / rest), step.1 * (c / rest));
            let excess = x * (x - 2.0) + v * v;
            log_modulus -= 0.5 * a * excess.ln_1p();
            phase += a * v.atan2(1.0 - x);
            // ρ = 1/(1 − s·c), r = s·ρ.
            let square = (1.0 + excess) * rest;
            let rho = ((1.0 - x) / square, v / square);
            let r = times(s, rho);
            let mut power = (*a, 0.0);
            for (t, u) in t.iter_mut().zip(&mut u) {
                *u = plus(*u, times(power, rho));
                power = times(power, r);
                *t = plus(*t, power);
            }
        }
        let modulus = log_modulus.exp();
        let turn = (modulus * phase.cos(), modulus * phase.sin());
        let size = modulus * u[0].0.hypot(u[0].1) * (1.0 + t[0].0.hypot(t[0].1)).powi(4);
        (taylor(t, u).map(|f| times(turn, f)), size)
    }

    /// The density's Taylor coefficients in t, in units of `slope`, as probabilities of a cell of that width.
    fn taylor(&self, slope: f64) -> Jet {
        let (scale, bend) = self.shape();
        let slope = slope / self.unit;
        let (first, largest) = self.summand((0.0, 0.0), slope);
        let width = self.step();
        let mut sum = first.map(|f| 0.5 * f.0);
        for i in 1..MOST_STEPS {
            let z = f64::from(i) * width;
            let (sinh, cosh) = (z.sinh(), z.cosh());
            let step = (-scale * bend * (cosh - 1.0), scale * sinh);
            let (terms, size) = self.summand(step, slope);
            for (sum, term) in sum.iter_mut().zip(terms) {
                *sum += times((cosh, bend * sinh), term).0;
            }
            let size = cosh * size;
            if size.is_nan() || size <= NEGLIGIBLE * largest {
                break;
            }
        }
        let factor = self.log_bound().exp() * scale * width * slope.abs() / std::f64::consts::PI;
        sum.map(|f| f * factor)
    }
}

/// How the path bends for levels of a nearness (the inverse of their pole's distance) and a pull each.
///
/// The farther out, the fewer levels still pull. Bent to where the farthest decays, the path may lead to where nearer ones
/// of the other sign grow, before their poles are reached: by no more than a factor e.
fn bend(mut far: Vec<(f64, f64)>) -> f64 {
    const MOST: f64 = 0.7;
    far.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
    let Some((_, farthest)) = far.iter().find(|(_, pull)| pull.abs() > 0.0).copied() else {
        return 0.0;
    };
    let (mut pull, mut most, mut turned) = (0.0, MOST, false);
    for (reach, more) in &far {
        pull += more;
        if pull * farthest < 0.0 {
            turned = true;
            most = most.min(reach / pull.abs());
        }
    }
    let pull: f64 = if turned { farthest } else { pull };
    (MOST * pull.abs() / (1.0 + pull.abs())).min(most) * farthest.signum()
}

/// Where Σ a·c/(1 − θ·c) = 0 within [0, 1), for c whose largest is 1: Newton's method on (1 − θ) times it.
fn saddle(a: &[f64], c: &[f64]) -> f64 {
    const CLOSE: f64 = 1e-6;
    let (mut low, mut high, mut theta) = (0.0_f64, 1.0_f64, 0.0_f64);
    for _ in 0..MOST_NEWTON {
        let terms = a
            .iter()
            .zip(c)
            .map(|(a, c)| (a, c / (-theta).mul_add(*c, 1.0)));
        let (slope, curvature) =
            terms.fold((0.0, 0.0), |(s, k), (a, d)| (s + a * d, k + a * d * d));
        if curvature.is_finite() && slope.abs() <= CLOSE * curvature.sqrt() {
            break;
        }
        if slope < 0.0 {
            low = theta;
        } else {
            high = theta;
        }
        let newton = theta - (1.0 - theta) * slope / ((1.0 - theta) * curvature - slope);
        theta = if low < newton && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
    }
    theta
}

/// Coefficients of the density's integrand from the power sums tⱼ = Σ a·r^j and uⱼ = Σ a·ρ·r^(j−1).
///
/// e^K moved by dt is e^K·Σ Eₘ (−dt)^m with m·Eₘ = Σ tⱼ·E₍ₘ₋ⱼ₎, and the sum before it is u₁ at 0.
fn taylor(t: [Complex; 5], u: [Complex; 5]) -> [Complex; 5] {
    let mut e = [(1.0, 0.0); 5];
    for m in 1..5 {
        let sum = (1..=m).fold((0.0, 0.0), |sum, j| plus(sum, times(t[j - 1], e[m - j])));
        e[m] = (sum.0 / m as f64, sum.1 / m as f64);
    }
    let mut sign = -1.0;
    [0, 1, 2, 3, 4].map(|n: usize| {
        let sum = (0..=n).fold((0.0, 0.0), |sum, j| plus(sum, times(u[j], e[n - j])));
        sign = -sign;
        (sign * sum.0, sign * sum.1)
    })
}

/// Taylor coefficients at logit `x` of a gap, as a curve of this step holds them.
pub(super) fn jet(model: &Dirichlet, gap: usize, x: f64, step: f64) -> Jet {
    let piece = Piece::of(&model.scores, gap);
    let (p, q) = (logistic(x), logistic(-x));
    let slope = piece.width() * p * q * step;
    let f = Contour::new(model, piece, x).taylor(slope);
    let pq = p * q;
    // Derivatives of the logistic function over its first, times step^(n−1)/n!.
    let h = step;
    let move_by = [
        1.0,
        (q - p) * h / 2.0,
        (1.0 - 6.0 * pq) * h * h / 6.0,
        (q - p) * (1.0 - 12.0 * pq) * h.powi(3) / 24.0,
        (1.0 - 30.0 * pq + 120.0 * pq * pq) * h.powi(4) / 120.0,
    ];
    compose(f, move_by)
}

/// f(u(ε))·u′(ε) to the fourth order, for u = ε·(m₀ + m₁·ε + …).
fn compose(f: Jet, m: Jet) -> Jet {
    let product = |x: Jet, y: Jet| {
        let at = |n: usize| (0..=n).map(|i| x[i] * y[n - i]).sum();
        [0, 1, 2, 3, 4].map(at)
    };
    let shifted = [0.0, m[0], m[1], m[2], m[3]];
    // Horner's scheme in u.
    let composed = f.iter().rev().fold([0.0; 5], |sum: Jet, f| {
        let mut sum = product(sum, shifted);
        sum[0] += f;
        sum
    });
    let slope = [m[0], 2.0 * m[1], 3.0 * m[2], 4.0 * m[3], 5.0 * m[4]];
    product(composed, slope)
}
