//! One arm's posterior: a curve on the scale where it is smooth, and its moments in the metric's unit.

use super::pieces::Pieces;
use crate::num::curve::Curve;

/// Scale of an arm's curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// `x = ln(p / (1−p))` of a rate.
    Logit,
    /// `x = ln y` of a positive amount.
    Log,
    /// The quantity itself, of either sign.
    Linear,
    /// A mean score, gap by gap between the scores.
    Pieces,
}

/// An arm's posterior.
#[derive(Debug, Clone)]
pub(super) struct Arm {
    pub(super) scale: Scale,
    pub(super) curve: Curve,
    /// The quantity at every node of the curve, in the metric's unit.
    pub(super) value: Vec<f64>,
    /// One minus the rate at every node; empty on the log scale.
    pub(super) complement: Vec<f64>,
    /// The gaps between the scores; for [`Scale::Pieces`] alone.
    pub(super) pieces: Option<Pieces>,
    pub(super) moments: Moments,
}

/// Moments that have a better form than a sum over the curve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    /// Mean in the metric's unit, where finite.
    pub(super) mean: Option<f64>,
    /// Mean of the reciprocal, where finite.
    pub(super) mean_inverse: Option<f64>,
    pub(super) mean_log: f64,
    /// Standard deviation in the metric's unit (a scale for searches when it is infinite).
    pub(super) sd: f64,
    /// Standard deviation of the log.
    pub(super) sd_log: f64,
}

impl Arm {
    pub(super) fn new(scale: Scale, curve: Curve, moments: Moments) -> Self {
        let (value, complement) = match scale {
            Scale::Logit => (
                curve.nodes().map(logistic).collect(),
                curve.nodes().map(|x| logistic(-x)).collect(),
            ),
            Scale::Log => (curve.nodes().map(f64::exp).collect(), Vec::new()),
            Scale::Linear => (curve.nodes().collect(), Vec::new()),
            Scale::Pieces => (Vec::new(), Vec::new()),
        };
        Self {
            scale,
            curve,
            value,
            complement,
            pieces: None,
            moments,
        }
    }

    /// A mean score on its lattice of gaps.
    pub(super) fn in_pieces(pieces: Pieces, curve: Curve, moments: Moments) -> Self {
        Self {
            pieces: Some(pieces),
            ..Self::new(Scale::Pieces, curve, moments)
        }
    }

    /// An arm that nothing is known of: what is withheld has no curve.
    pub(super) fn unknown() -> Self {
        let moments = Moments {
            mean: None,
            mean_inverse: None,
            mean_log: f64::NAN,
            sd: f64::NAN,
            sd_log: f64::NAN,
        };
        Self::new(Scale::Linear, Curve::new(0, 1.0, Vec::new()), moments)
    }

    /// The quantity at a point of the curve's scale.
    pub(super) fn unit(&self, x: f64) -> f64 {
        match self.scale {
            Scale::Logit => logistic(x),
            Scale::Log => x.exp(),
            Scale::Linear => x,
            Scale::Pieces => self.by_gap(|pieces| pieces.score(x)),
        }
    }

    /// The point of the curve's scale where the quantity is `y`.
    pub(super) fn position(&self, y: f64) -> f64 {
        match self.scale {
            Scale::Logit => (y / (1.0 - y)).ln(),
            Scale::Log => y.ln(),
            Scale::Linear => y,
            Scale::Pieces => self.by_gap(|pieces| pieces.position(y)),
        }
    }

    /// Derivative of the quantity by the curve's scale.
    pub(super) fn slope(&self, x: f64) -> f64 {
        match self.scale {
            Scale::Logit => logistic(x) * logistic(-x),
            Scale::Log => x.exp(),
            Scale::Linear => 1.0,
            Scale::Pieces => self.by_gap(|pieces| pieces.slope(x)),
        }
    }

    /// Smallest and largest log of the quantity that the curve knows.
    pub(super) fn log_range(&self) -> (f64, f64) {
        let (low, high) = self.curve.range();
        match self.scale {
            Scale::Logit => (ln_logistic(low), ln_logistic(high)),
            Scale::Log => (low, high),
            Scale::Linear => (f64::NEG_INFINITY, high.max(0.0).ln()),
            Scale::Pieces => (f64::NEG_INFINITY, self.unit(high).max(0.0).ln()),
        }
    }

    /// Smallest and largest quantity that the curve knows.
    pub(super) fn range(&self) -> (f64, f64) {
        let (low, high) = self.curve.range();
        (self.unit(low), self.unit(high))
    }

    fn by_gap(&self, f: impl Fn(&Pieces) -> f64) -> f64 {
        self.pieces.as_ref().map_or(f64::NAN, f)
    }
}

/// The log of the rate whose logit is `x`, also where the rate itself is no float.
fn ln_logistic(x: f64) -> f64 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}

/// The rate whose logit is `x`.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
