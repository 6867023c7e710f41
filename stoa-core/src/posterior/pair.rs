//! Two independent arms: distribution of their ratio and of their difference at any one point, and losses.
//!
//! Every probability is a sum over one arm's lattice of the other arm's distribution function at a mapped point. The
//! arm to sum over is the one whose map contracts and never leaves the other's support through a kink, so that the
//! sum converges exponentially even for Beta(1, 1).

use std::{ops::Range, sync::Arc};

use super::{
    apart::{self, Map},
    arm::{Arm, Moments, Scale, logistic},
    between,
};
use crate::num::curve::Point;

/// Below this second shape a Beta density is not smooth where the rate reaches 1.
const SMOOTH_SHAPE: f64 = 30.0;

/// exp(−700) is the last normal float.
const FARTHEST: f64 = 700.0;

/// Control and treatment.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) control: Arc<Arm>,
    pub(super) treatment: Arc<Arm>,
    /// Both densities vanish smoothly where a rate reaches 1 (always so on the log scale).
    pub(super) smooth: bool,
}

/// Which consequence a loss counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum LossScale {
    /// In the metric's unit.
    Unit,
    /// In log units.
    Log,
}

impl Pair {
    pub(super) fn new(control: Arc<Arm>, treatment: Arc<Arm>, shapes: Option<(f64, f64)>) -> Self {
        let smooth = shapes.is_none_or(|(a, b)| a.min(b) >= SMOOTH_SHAPE);
        Self {
            control,
            treatment,
            smooth,
        }
    }

    /// Distribution of ln(treatment / control) at `lambda`.
    pub(super) fn log_ratio(&self, lambda: f64) -> Point {
        if apart(&self.control, &self.treatment) {
            return self.over_the_sharper(Map::Scale(lambda), |moments| moments.sd_log);
        }
        if lambda <= 0.0 {
            shrunk(&self.control, &self.treatment, lambda)
        } else {
            mirrored(shrunk(&self.treatment, &self.control, -lambda))
        }
    }

    /// Distribution of treatment − control at `t`.
    pub(super) fn difference(&self, t: f64) -> Point {
        let (a, b) = (&self.control, &self.treatment);
        if apart(a, b) || far_sharper(a, b) {
            return self.over_the_sharper(Map::Shift(t), |moments| moments.sd);
        }
        if t >= 0.0 {
            self.raised(&self.control, &self.treatment, t)
        } else {
            mirrored(self.raised(&self.treatment, &self.control, -t))
        }
    }

    /// P(treatment ≤ c·control) for a control that is above 0 all but surely, both tails and the density by `c`.
    pub(super) fn times(&self, c: f64) -> Point {
        let (a, b) = (&self.control.curve, &self.treatment.curve);
        let mut sum = Point::default();
        if c.abs() <= 1.0 {
            for (w, y) in a.weights().zip(a.nodes()) {
                let mut point = b.at(c * y);
                point.density *= y;
                sum.add(w, point);
            }
        } else {
            for (w, y) in b.weights().zip(b.nodes()) {
                let mut point = a.at(y / c);
                if c > 0.0 {
                    point = mirrored(point);
                }
                point.density *= y / c / c.abs();
                sum.add(w, point);
            }
        }
        sum.density = sum.density.max(0.0);
        sum
    }

    /// E[(loser − winner)⁺]: what choosing `winner` loses. A positive integrand, so small losses keep their digits.
    pub(super) fn loss(winner: &Arm, loser: &Arm, scale: LossScale) -> f64 {
        match (scale, winner.scale) {
            (LossScale::Log, Scale::Linear | Scale::Pieces) => return f64::NAN,
            (LossScale::Unit, Scale::Pieces) => return between::loss(winner, loser),
            _ => {}
        }
        let step = winner.curve.step();
        let (first, end) = (winner.curve.first(), loser.curve.end());
        let weight = |x: f64| match (scale, winner.scale) {
            (LossScale::Unit, _) => winner.slope(x),
            (LossScale::Log, Scale::Logit) => logistic(-x),
            (LossScale::Log, _) => 1.0,
        };
        if apart(winner, loser) {
            return apart::loss(winner, loser, weight);
        }
        // Between two arms that do not meet both factors are 1: a gap may be billions of steps wide.
        let gap = winner.curve.end()..loser.curve.first();
        let closed = closed_sum(winner.scale, scale, &gap, step);
        let (left, right) = match closed {
            Some(_) => (first..gap.start, gap.end..end),
            None => (first..end, end..end),
        };
        left.chain(right)
            .map(|k| {
                let both = winner.curve.at_node(k).lower * loser.curve.at_node(k).upper;
                both * weight(k as f64 * step)
            })
            // Not `sum`, whose nothing is −0.
            .fold(closed.unwrap_or(0.0), |sum: f64, piece| sum + piece)
            * step
    }

    /// P(treatment ≤ map(control)), summed over the arm that is known better on the map's scale.
    fn over_the_sharper(&self, map: Map, sd: fn(&Moments) -> f64) -> Point {
        let (a, b) = (&self.control, &self.treatment);
        if sd(&a.moments) <= sd(&b.moments) {
            apart::below(a, b, map)
        } else {
            mirrored(apart::below(b, a, map.back()))
        }
    }

    /// P(second − first ≤ t) for `t ≥ 0`, both tails and the density.
    fn raised(&self, first: &Arm, second: &Arm, t: f64) -> Point {
        match first.scale {
            Scale::Log => raised_amount(first, second, t),
            Scale::Linear => raised_mean(first, second, t),
            Scale::Pieces => between::difference(first, second, t),
            Scale::Logit if self.smooth && resolves(first, second) => raised_rate(first, second, t),
            Scale::Logit => raised_rate_kinked(first, second, t),
        }
    }
}

/// Whether two rates have lattices of their own.
fn apart(a: &Arm, b: &Arm) -> bool {
    a.scale == Scale::Logit && a.curve.step().to_bits() != b.curve.step().to_bits()
}

/// Whether one rate is so much surer than the other, in its own unit, that no shared lattice suits both.
fn far_sharper(a: &Arm, b: &Arm) -> bool {
    const FAR: f64 = 0.01;
    let (a_sd, b_sd) = (a.moments.sd, b.moments.sd);
    a.scale == Scale::Logit && a_sd.min(b_sd) < FAR * a_sd.max(b_sd)
}

/// The sum of a loss's weights over a gap's nodes, where it has a closed form and the gap a node.
fn closed_sum(scale: Scale, loss: LossScale, gap: &Range<i64>, step: f64) -> Option<f64> {
    if gap.start >= gap.end {
        return None;
    }
    let nodes = (gap.end - gap.start) as f64;
    match (scale, loss) {
        (Scale::Linear, LossScale::Unit) | (Scale::Log, LossScale::Log) => Some(nodes),
        (Scale::Log, LossScale::Unit) => {
            let low = (gap.start as f64 * step).exp();
            Some(low * (nodes * step).exp_m1() / step.exp_m1())
        }
        _ => None,
    }
}

/// Distribution of ln(second / first) at `lambda ≤ 0`: P(second ≤ c·first), a sum over `first`.
fn shrunk(first: &Arm, second: &Arm, lambda: f64) -> Point {
    let mut sum = Point::default();
    match first.scale {
        // A quantity of either sign has no ratio: its relative lift is withheld.
        Scale::Linear | Scale::Pieces => {}
        Scale::Log => {
            for (w, x) in first.curve.weights().zip(first.curve.nodes()) {
                sum.add(w, second.curve.at(x + lambda));
            }
        }
        Scale::Logit => {
            let (c, rest) = (lambda.exp(), -lambda.exp_m1());
            for (i, w) in first.curve.weights().enumerate() {
                let (p, q) = (first.value[i], first.complement[i]);
                let remainder = q + rest * p;
                let mut point = second.curve.at((c * p / remainder).ln());
                point.density /= remainder;
                sum.add(w, point);
            }
        }
    }
    sum
}

fn raised_amount(first: &Arm, second: &Arm, t: f64) -> Point {
    // As in `curve::difference`: every second node is enough.
    const STRIDE: usize = 2;
    let mut sum = Point::default();
    let nodes = first.curve.weights().zip(&first.value);
    for (w, value) in nodes.step_by(STRIDE) {
        let raised = value + t;
        let mut point = second.curve.at(raised.ln());
        point.density /= raised;
        sum.add(STRIDE as f64 * w, point);
    }
    sum
}

fn raised_mean(first: &Arm, second: &Arm, t: f64) -> Point {
    let mut sum = Point::default();
    for (w, x) in first.curve.weights().zip(first.curve.nodes()) {
        sum.add(w, second.curve.at(x + t));
    }
    sum
}

fn raised_rate(first: &Arm, second: &Arm, t: f64) -> Point {
    let mut sum = Point::default();
    for (i, w) in first.curve.weights().enumerate() {
        let (p, q) = (first.value[i] + t, first.complement[i] - t);
        if q <= 0.0 {
            sum.add(w, Point::ABOVE);
            continue;
        }
        let mut point = second.curve.at((p / q).ln());
        point.density /= p * q;
        sum.add(w, point);
    }
    sum
}

/// Whether the lattice of `first` is fine enough for the distribution function of `second` in units of the rate.
fn resolves(first: &Arm, second: &Arm) -> bool {
    const NODES_PER_SD: f64 = 3.0;
    let rate = first.moments.mean_log.exp();
    first.curve.step() * rate * (1.0 - rate) * NODES_PER_SD <= second.moments.sd
}

/// As [`raised_rate`] where a density may have a corner at 0 or 1: with p = (1−t)·u for the first rate, both ends of
/// the integral lie at u = 0 and u = 1, and a lattice in logit u takes them exponentially well.
fn raised_rate_kinked(first: &Arm, second: &Arm, t: f64) -> Point {
    if t >= 1.0 {
        return Point::ABOVE;
    }
    if t < f64::MIN_POSITIVE {
        return aligned(first, second);
    }
    let room = 1.0 - t;
    let finer = (second.moments.sd / first.moments.sd).min(1.0);
    let step = first.curve.step() * finer;
    // u reaches from the first arm's lowest rate to where either arm's upper end is passed.
    let (low, high) = first.curve.range();
    let start = low - room.ln();
    let p_high = logistic(high);
    let end_first = if p_high < room {
        (p_high / (room - p_high)).ln()
    } else {
        f64::INFINITY
    };
    let highest = second.curve.range().1;
    let above_t = (logistic(highest) - t).max(0.0);
    let end_second = (above_t / logistic(-highest)).ln();
    // Beyond it 1 − u is no float, and what is left there is nothing beside t.
    let end = end_first.min(end_second).min(FARTHEST);
    let (mut upper, mut density) = (0.0, 0.0);
    let mut z = start;
    while z <= end {
        let (u, v) = (logistic(z), logistic(-z));
        let (p, q) = (room * u, v + t * u);
        let (p_second, q_second) = (p + t, room * v);
        let at_first = first.curve.at((p / q).ln()).density;
        let at_second = second.curve.at((p_second / q_second).ln());
        upper += at_first * (v / q) * at_second.upper;
        density += at_first * at_second.density / (q * p_second * room);
        z += step;
    }
    let upper = (upper * step).min(1.0);
    Point {
        lower: 1.0 - upper,
        upper,
        density: density * step,
    }
}

/// As [`raised_rate`] without a shift: both rates at the same logit, however near 1 that is.
fn aligned(first: &Arm, second: &Arm) -> Point {
    let mut sum = Point::default();
    for (w, x) in first.curve.weights().zip(first.curve.nodes()) {
        let mut point = second.curve.at(x);
        point.density /= (logistic(x) * logistic(-x)).max(f64::MIN_POSITIVE);
        sum.add(w, point);
    }
    sum
}

fn mirrored(point: Point) -> Point {
    Point {
        lower: point.upper,
        upper: point.lower,
        density: point.density,
    }
}
