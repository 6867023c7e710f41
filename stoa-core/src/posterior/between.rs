//! Two mean scores: the distribution of their difference, and losses, by integrals over panels within which both are
//! smooth.
//!
//! A score may be a corner of either density. Panels end at the knots of both lattices, scores among them, moved to
//! where the difference asks for them; within a panel Gauss-Legendre is exact to the last digits.

use super::{apart::panels, arm::Arm, pieces::Pieces};
use crate::num::{
    curve::Point,
    quadrature::{integrate, nodes},
};

/// Nodes of a lattice from knot to knot: at most a standard deviation.
const KNOT: usize = 4;

/// Both tails and the density of second − first at `t`.
pub(super) fn difference(first: &Arm, second: &Arm, t: f64) -> Point {
    let (Some(a), Some(b)) = (&first.pieces, &second.pieces) else {
        return Point::default();
    };
    // Without a shift the place within the gap is the same, and no digit is lost beside a score.
    let aligned = t.abs() < f64::MIN_POSITIVE;
    let at = |x: f64| {
        let mapped = match a.place(x).filter(|_| aligned) {
            Some((piece, x)) => b.at(piece.gap, x),
            None => b.position(a.score(x) + t),
        };
        let mut point = second.curve.at(mapped);
        if point.density > 0.0 {
            point.density /= b.slope(mapped);
        }
        point
    };
    let moved = knots(b).map(|y| a.position(y - t));
    let ends = panels(a.knots(KNOT).chain(moved), first.curve.range());
    let mut sum = Point::default();
    for ends in ends.windows(2) {
        for (x, w) in nodes(ends[0], ends[1]) {
            sum.add(w * first.curve.at(x).density, at(x));
        }
    }
    sum
}

/// E[(loser − winner)⁺], a positive integrand: small losses keep their digits.
pub(super) fn loss(winner: &Arm, loser: &Arm) -> f64 {
    let (Some(a), Some(b)) = (&winner.pieces, &loser.pieces) else {
        return f64::NAN;
    };
    let both = |y: f64| winner.curve.at(a.position(y)).lower * loser.curve.at(b.position(y)).upper;
    let range = (winner.range().0, loser.range().1);
    panels(knots(a).chain(knots(b)), range)
        .windows(2)
        .map(|ends| integrate(both, ends[0], ends[1], 1))
        // Not `sum`, whose nothing is −0.
        .fold(0.0, |sum: f64, piece| sum + piece)
}

/// Scores at every [`KNOT`]th node and at both ends of every gap.
fn knots(pieces: &Pieces) -> impl Iterator<Item = f64> + '_ {
    let inner = pieces.knots(KNOT).map(|x| pieces.score(x));
    inner.chain(pieces.scores().iter().copied())
}
