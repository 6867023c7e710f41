//! The lift of a rate as one curve, where both densities are smooth enough on the lift's own scale.
//!
//! `ln p_B − ln p_A` and `p_B − p_A` are convolutions of Beta densities on the log and on the linear scale. Their jets are
//! closed forms, so the lattices need only resolve the *difference*: a quarter of its standard deviation.

use super::beta::{Beta, DROP};
use crate::num::curve::{Curve, Jet, difference_of, jet_of_exp};

/// Shapes from which a density dies smoothly before it reaches the end of its scale.
const SMOOTH: f64 = 40.0;
/// Left tails of ln p fall as p^a, without a corner: a smaller shape only lengthens them.
const SMOOTH_LOG_TAIL: f64 = 10.0;
/// Arms further apart than this many standard deviations have lattices that no longer overlap enough.
const FARTHEST: f64 = 5.0;
const NODES_PER_SD: f64 = 4.0;
/// The trapezoidal sum over an arm of this many nodes per standard deviation is exact: exp(−2π²·2.5²) = 3e-54.
const LEAST_NODES_PER_SD: f64 = 2.5;

/// The scale on which a lift is a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LiftScale {
    /// ln p.
    Relative,
    /// p.
    Absolute,
}

/// Distribution of treatment − control on a scale; `None` where a corner, a long tail or the arms' distance forbids it.
pub(super) fn curve(control: Beta, treatment: Beta, scale: LiftScale) -> Option<Curve> {
    let least = match scale {
        LiftScale::Relative => SMOOTH_LOG_TAIL,
        LiftScale::Absolute => SMOOTH,
    };
    let smooth = |beta: Beta| beta.a >= least && beta.b >= SMOOTH;
    let [(mean_a, sd_a), (mean_b, sd_b)] = [control, treatment].map(|beta| centre(beta, scale));
    let sd = sd_a.hypot(sd_b);
    if !(smooth(control) && smooth(treatment)) || (mean_a - mean_b).abs() > FARTHEST * sd {
        return None;
    }
    let step = (sd / NODES_PER_SD).min(sd_a.min(sd_b) / LEAST_NODES_PER_SD);
    let (first_a, jets_a) = lattice(control, scale, step);
    let (first_b, jets_b) = lattice(treatment, scale, step);
    Some(difference_of(
        step,
        1,
        (first_a, &jets_a),
        (first_b, &jets_b),
    ))
}

/// Mean and standard deviation on the scale.
fn centre(beta: Beta, scale: LiftScale) -> (f64, f64) {
    let moments = beta.moments();
    match scale {
        LiftScale::Relative => (moments.mean_log, moments.sd_log),
        LiftScale::Absolute => (beta.mean(), moments.sd),
    }
}

/// Jets at multiples of `step`, out to where the density has fallen by exp(−DROP).
fn lattice(beta: Beta, scale: LiftScale, step: f64) -> (i64, Vec<Jet>) {
    let density = Density::new(beta, scale);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a (log) rate over a step of at least 1e-9 of it"
    )]
    let middle = (density.mode / step).round() as i64;
    let walk = |direction: i64| {
        let mut k = middle;
        while density.relative_log((k + direction) as f64 * step) > -DROP {
            k += direction;
        }
        k
    };
    let (first, last) = (walk(-1), walk(1));
    let jets = (first..=last).map(|k| density.jet(k as f64 * step, step));
    (first, jets.collect())
}

struct Density {
    beta: Beta,
    scale: LiftScale,
    mode: f64,
    /// Rate at the mode.
    rate: f64,
}

impl Density {
    fn new(beta: Beta, scale: LiftScale) -> Self {
        let (a, b) = (beta.a, beta.b);
        match scale {
            LiftScale::Relative => Self {
                beta,
                scale,
                mode: -((b - 1.0) / a).ln_1p(),
                rate: a / (a + b - 1.0),
            },
            LiftScale::Absolute => {
                let rate = (a - 1.0) / (a + b - 2.0);
                Self {
                    beta,
                    scale,
                    mode: rate,
                    rate,
                }
            }
        }
    }

    /// Log density relative to the mode; NaN or −∞ outside the scale's support.
    fn relative_log(&self, x: f64) -> f64 {
        let (a, b, p) = (self.beta.a, self.beta.b, self.rate);
        let delta = x - self.mode;
        match self.scale {
            // a·y + (b−1)·ln(1 − e^y)
            LiftScale::Relative => {
                a * delta + (b - 1.0) * (-(p / (1.0 - p)) * delta.exp_m1()).ln_1p()
            }
            // (a−1)·ln p + (b−1)·ln(1−p)
            LiftScale::Absolute => {
                (a - 1.0) * (delta / p).ln_1p() + (b - 1.0) * (-delta / (1.0 - p)).ln_1p()
            }
        }
    }

    fn jet(&self, x: f64, step: f64) -> Jet {
        let (a, b) = (self.beta.a, self.beta.b - 1.0);
        let derivatives = match self.scale {
            LiftScale::Relative => {
                let odds = 1.0 / (-x).exp_m1();
                let curvature = -b * odds * (1.0 + odds);
                [
                    a - b * odds,
                    curvature,
                    curvature * (1.0 + 2.0 * odds),
                    curvature * (1.0 + 6.0 * odds * (1.0 + odds)),
                ]
            }
            LiftScale::Absolute => {
                let (u, v) = (1.0 / x, 1.0 / (1.0 - x));
                let (left, right) = ((a - 1.0) * u, b * v);
                [
                    left - right,
                    -(left * u + right * v),
                    2.0 * (left * u * u - right * v * v),
                    -6.0 * (left * u * u * u + right * v * v * v),
                ]
            }
        };
        jet_of_exp(self.relative_log(x).exp(), step, derivatives)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{super::pair::Pair, *};

    #[test]
    fn the_curves_agree_with_the_sums_point_by_point() {
        let cases = [
            ((82.0, 820.0), (100.0, 807.0)),
            ((301.0, 9701.0), (67.0, 1935.0)),
            ((45.0, 45.0), (60.0, 41.0)),
            ((300_001.0, 9_700_001.0), (301_001.0, 9_699_001.0)),
        ];
        for ((a, b), (c, d)) in cases {
            let (control, treatment) = (Beta { a, b }, Beta { a: c, b: d });
            let step = control.step().min(treatment.step());
            let [x, y] = [control, treatment].map(|beta| Arc::new(beta.arm(step, DROP)));
            let pair = Pair::new(x, y, Some((b, d)));
            for scale in [LiftScale::Relative, LiftScale::Absolute] {
                let curve = curve(control, treatment, scale);
                assert!(curve.is_some(), "{control:?} {scale:?}");
                for q in [1e-6, 0.025, 0.5, 0.975] {
                    let at = curve.as_ref().map_or(0.0, |curve| curve.quantile(q));
                    let point = match scale {
                        LiftScale::Relative => pair.log_ratio(at),
                        LiftScale::Absolute => pair.difference(at),
                    };
                    let error = (point.lower - q).abs() / q;
                    assert!(
                        error < 1e-9,
                        "{control:?} {treatment:?} {scale:?} {q}: {error:e}"
                    );
                }
            }
        }
    }
}
