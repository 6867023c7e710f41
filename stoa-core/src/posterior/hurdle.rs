//! Posterior of revenue per visitor: R = p·M, so ln R = ln p + ln M, a convolution on the log scale.

use super::{
    arm::{Arm, Moments, Scale},
    beta::{Beta, DROP},
};
use crate::num::curve::{Curve, Jet};

/// Largest step that resolves ln R, given the one that resolves ln M.
///
/// Spreads add like those of normal densities only where both counts are large enough to make them so; ln p of a few
/// orders, or of a few visitors without one, is skewed with a corner at p = 1, beside which ln M keeps its own detail.
pub(super) fn step(conversion: Beta, severity_step: f64) -> f64 {
    const FEW: f64 = 25.0;
    if conversion.a.min(conversion.b) < FEW {
        return severity_step.min(0.2);
    }
    (conversion.moments().sd_log / 4.0)
        .hypot(severity_step)
        .min(0.4)
}

/// Moments of the product of independent quantities.
pub(super) fn moments(p: &Moments, m: &Moments) -> Moments {
    let mean = p.mean.zip(m.mean).map(|(a, b)| a * b);
    let (p_mean, m_mean) = (p.mean.unwrap_or(0.0), m.mean.unwrap_or(0.0));
    let variance = (p.sd * m.sd).powi(2) + (p.sd * m_mean).powi(2) + (m.sd * p_mean).powi(2);
    Moments {
        mean,
        mean_inverse: p.mean_inverse.zip(m.mean_inverse).map(|(a, b)| a * b),
        mean_log: p.mean_log + m.mean_log,
        sd: variance.sqrt(),
        sd_log: p.sd_log.hypot(m.sd_log),
    }
}

/// The posterior of R on multiples of `step` in ln R.
pub(super) fn arm(conversion: &Arm, severity: &Arm, step: f64) -> Arm {
    let shifts: Vec<Shift> = shifts(conversion, severity, step);
    let first = shifts.iter().map(|s| s.first).min().unwrap_or(0);
    let last = shifts.iter().map(|s| s.last).max().unwrap_or(0);
    let mut jets: Vec<Jet> = vec![[0.0; 5]; usize::try_from(last - first + 1).unwrap_or(0)];
    for shift in &shifts {
        let start = usize::try_from(shift.first - first).unwrap_or(0);
        for (sum, k) in jets[start..].iter_mut().zip(shift.first..=shift.last) {
            let jet = severity.curve.jet_at(k as f64 * step - shift.log_rate);
            for (s, c) in sum.iter_mut().zip(jet) {
                *s += shift.weight * c;
            }
        }
    }
    rescale(&mut jets, step / severity.curve.step());
    Arm::new(
        Scale::Log,
        Curve::new(first, step, jets),
        moments(&conversion.moments, &severity.moments),
    )
}

/// The severity's density moved by one possible log rate, and the nodes where it matters.
struct Shift {
    weight: f64,
    log_rate: f64,
    first: i64,
    last: i64,
}

fn shifts(conversion: &Arm, severity: &Arm, step: f64) -> Vec<Shift> {
    let heaviest = |weights: &mut dyn Iterator<Item = f64>| weights.fold(0.0, f64::max);
    let top_rate = heaviest(&mut conversion.curve.weights());
    let top_amount = heaviest(&mut severity.curve.weights());
    let amounts: Vec<(f64, f64)> = severity
        .curve
        .nodes()
        .zip(severity.curve.weights().map(|w| w / top_amount))
        .collect();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a log amount in ±1e4 over a step above 1e-10"
    )]
    let index = |x: f64| (x / step).round() as i64;
    conversion
        .curve
        .weights()
        .zip(conversion.curve.nodes())
        .step_by(stride(conversion, severity))
        .filter_map(|(weight, logit)| {
            let least = (-DROP).exp() * top_rate / weight;
            let low = amounts.iter().find(|(_, w)| *w >= least)?.0;
            let high = amounts.iter().rev().find(|(_, w)| *w >= least)?.0;
            // A rate may be below the smallest float; its logarithm is not.
            let log_rate = logit.min(0.0) - (-logit.abs()).exp().ln_1p();
            Some(Shift {
                weight,
                log_rate,
                first: index(low + log_rate),
                last: index(high + log_rate),
            })
        })
        .collect()
}

/// Every second node of the rate is enough where its spacing still resolves the product of both densities:
/// exp(−2π²/0.7²) = 3e-18, and exp(−2π²/0.45) = 9e-20 for the logit's own singularities.
fn stride(conversion: &Arm, severity: &Arm) -> usize {
    const LONGEST: f64 = 0.45;
    const SHARE_OF_SD: f64 = 0.7;
    let (p, m) = (conversion.moments.sd_log, severity.moments.sd_log);
    let product = p * m / p.hypot(m);
    let doubled = 2.0 * conversion.curve.step();
    if doubled <= LONGEST.min(SHARE_OF_SD * product) {
        2
    } else {
        1
    }
}

/// Taylor coefficients in units of the old step become those of a step `ratio` times as long.
fn rescale(jets: &mut [Jet], ratio: f64) {
    for jet in jets {
        let mut factor = ratio;
        for c in jet {
            *c *= factor;
            factor *= ratio;
        }
    }
}
