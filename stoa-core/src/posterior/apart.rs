//! Two rates of which one is known far better than the other: each on a lattice of its own.
//!
//! A shared lattice would be as fine as the sharper rate and as long as the vaguer one. Here every probability is an
//! integral over the sharper rate by Gauss-Legendre, on panels that end at the knots of either lattice: within a panel
//! both densities are smooth, and a corner, where a mapped rate reaches 0 or 1, lies at a panel's end.

use super::arm::{Arm, logistic};
use crate::num::{
    curve::{Curve, Point},
    quadrature::{integrate, nodes},
};

/// Nodes of a lattice from knot to knot: a standard deviation.
const KNOT: usize = 4;
/// A panel that adds less than this share of either tail is left out.
const NEGLIGIBLE: f64 = 1e-18;

/// How one rate becomes the other's: p + t, or p·e^λ.
#[derive(Debug, Clone, Copy)]
pub(super) enum Map {
    Shift(f64),
    Scale(f64),
}

impl Map {
    /// The map that leads back.
    pub(super) fn back(self) -> Self {
        match self {
            Self::Shift(t) => Self::Shift(-t),
            Self::Scale(lambda) => Self::Scale(-lambda),
        }
    }

    /// Rate and complement, mapped; neither loses its digits at its own end.
    fn of(self, (p, q): (f64, f64)) -> (f64, f64) {
        match self {
            Self::Shift(t) => (p + t, q - t),
            Self::Scale(lambda) => (p * lambda.exp(), q - p * lambda.exp_m1()),
        }
    }

    /// Derivative of t or λ by the logit of the mapped rate.
    fn slope(self, (p, q): (f64, f64)) -> f64 {
        match self {
            Self::Shift(_) => p * q,
            Self::Scale(_) => q,
        }
    }
}

/// P(other ≤ map(sharp)): both tails, and the density by the map's own parameter.
pub(super) fn below(sharp: &Arm, other: &Arm, map: Map) -> Point {
    let at = |x: f64| {
        let mapped = map.of((logistic(x), logistic(-x)));
        match mapped {
            (p, _) if p <= 0.0 => Point::BELOW,
            (_, q) if q <= 0.0 => Point::ABOVE,
            (p, q) => {
                let mut point = other.curve.at((p / q).ln());
                point.density /= map.slope(mapped);
                point
            }
        }
    };
    let mapped = knots(&other.curve).filter_map(|x| {
        let (p, q) = map.back().of((logistic(x), logistic(-x)));
        (p > 0.0 && q > 0.0).then(|| (p / q).ln())
    });
    let panels = panels(knots(&sharp.curve).chain(mapped), sharp.curve.range());
    let mut sum = Point::default();
    for [low, high] in worth_adding(&panels, &sharp.curve, at) {
        for (x, w) in nodes(low, high) {
            sum.add(w * sharp.curve.at(x).density, at(x));
        }
    }
    sum
}

/// E[(loser − winner)⁺], with `weight` the derivative of the loss by the logit.
pub(super) fn loss(winner: &Arm, loser: &Arm, weight: impl Fn(f64) -> f64) -> f64 {
    let range = (winner.curve.range().0, loser.curve.range().1);
    let both = |x: f64| winner.curve.at(x).lower * loser.curve.at(x).upper * weight(x);
    panels(knots(&winner.curve).chain(knots(&loser.curve)), range)
        .windows(2)
        .map(|ends| integrate(both, ends[0], ends[1], 1))
        // Not `sum`, whose nothing is −0.
        .fold(0.0, |sum: f64, piece| sum + piece)
}

/// Every [`KNOT`]th node of a curve, and its last.
fn knots(curve: &Curve) -> impl Iterator<Item = f64> + '_ {
    curve.nodes().step_by(KNOT).chain([curve.range().1])
}

/// Ends of panels within a range, ascending.
pub(super) fn panels(knots: impl Iterator<Item = f64>, (low, high): (f64, f64)) -> Vec<f64> {
    let mut ends: Vec<f64> = knots.filter(|x| low < *x && *x < high).collect();
    if low < high {
        ends.extend([low, high]);
    }
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends
}

/// The panels that matter to either tail: what a panel adds lies between its mass times the tail at its two ends.
fn worth_adding(ends: &[f64], sharp: &Curve, at: impl Fn(f64) -> Point) -> Vec<[f64; 2]> {
    let points: Vec<(Point, Point)> = ends.iter().map(|x| (sharp.at(*x), at(*x))).collect();
    let bounds = points.windows(2).map(|pair| {
        let ((left, f_left), (right, f_right)) = (pair[0], pair[1]);
        let mass = if left.lower < 0.5 {
            right.lower - left.lower
        } else {
            left.upper - right.upper
        };
        let mass = mass.max(0.0);
        [(f_left.lower, f_right.lower), (f_right.upper, f_left.upper)]
            .map(|(least, most)| (mass * least, mass * most))
    });
    let bounds: Vec<[(f64, f64); 2]> = bounds.collect();
    let least = [0, 1].map(|tail| bounds.iter().map(|b| b[tail].0).sum::<f64>() * NEGLIGIBLE);
    let kept = ends.windows(2).zip(&bounds);
    let kept = kept.filter(|(_, bound)| (0..2).any(|tail| bound[tail].1 > least[tail]));
    kept.map(|(ends, _)| [ends[0], ends[1]]).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{
        super::{
            beta::Beta,
            effect::{Effect, Law},
            pair::{LossScale, Pair},
        },
        Point,
    };

    /// Deep enough for the tails of the cases below.
    const DROP: f64 = 300.0;

    fn pair([a, b]: [Beta; 2], steps: [f64; 2]) -> Pair {
        let arms = [a.arm(steps[0], DROP), b.arm(steps[1], DROP)].map(Arc::new);
        let [control, treatment] = arms;
        Pair::new(control, treatment, Some((a.b, b.b)))
    }

    fn near(got: f64, want: f64, tolerance: f64, what: &str) {
        assert!(
            (got - want).abs() <= tolerance,
            "{what}: {got:e}, not {want:e}"
        );
    }

    fn near_points(got: Point, want: Point, peak: f64, what: &str) {
        near(got.lower, want.lower, 1e-9, what);
        near(got.upper, want.upper, 1e-9, what);
        near(got.density, want.density, 1e-7 * peak, what);
    }

    #[test]
    fn lattices_of_their_own_agree_with_a_shared_one() {
        let cases = [
            ((51.0, 1.0), (2.0, 5000.0)),
            ((3000.0, 30_000.0), (1.0, 40.0)),
            ((5001.0, 1.0), (900.0, 9000.0)),
            ((1500.0, 48_502.0), (3.0, 30.0)),
            ((1.0, 1.0), (400.0, 600.0)),
        ];
        for ((a, b), (c, d)) in cases {
            let rates = [Beta { a, b }, Beta { a: c, b: d }];
            let own = rates.map(Beta::step);
            let both = [own, [own[0].min(own[1]); 2]].map(|steps| pair(rates, steps));
            let law = Law::Difference(both[1].clone());
            let effect = Effect::new(law, None);
            let peak = both[1].difference(effect.median().unwrap_or(0.0)).density;
            let ends = [1e-9, 0.025, 0.5, 0.975].map(|q| effect.quantile(q).ok().flatten());
            for t in ends.into_iter().flatten().chain([0.0]) {
                let [x, y] = [0, 1].map(|i| both[i].difference(t));
                near_points(x, y, peak, &format!("{rates:?}: difference {t}"));
            }
            for lambda in [-9.0, -1.0, -0.1, 0.0, 0.3, 2.0, 8.0] {
                let [x, y] = [0, 1].map(|i| both[i].log_ratio(lambda));
                near_points(x, y, 1.0, &format!("{rates:?}: ratio {lambda}"));
            }
            for scale in [LossScale::Unit, LossScale::Log] {
                let [x, y] = [0, 1].map(|i| {
                    let (a, b) = (&both[i].control, &both[i].treatment);
                    [Pair::loss(a, b, scale), Pair::loss(b, a, scale)]
                });
                for (x, y) in x.into_iter().zip(y) {
                    near(
                        x,
                        y,
                        1e-7 * y + 1e-12,
                        &format!("{rates:?}: loss, {scale:?}"),
                    );
                }
            }
        }
    }
}
