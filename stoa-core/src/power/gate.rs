//! The gate an experiment must pass: when it looks, how high z must stand, and how z moves with an effect.

use super::{Baseline, Formula, PowerOptions};
use crate::{
    experiment::Guarantee,
    num::{
        boundary::{boundaries, crossing},
        special::normal_upper_quantile,
        spending::half_normal_boundary,
    },
};

/// Two figures this close, relative to themselves, are one; crossing probabilities are no closer to the truth.
const CLOSE: f64 = 1e-12;
/// Steps after which false position has long converged.
const MOST_STEPS: u32 = 200;
/// How far a search for a bracket moves at a time.
const STRIDE: f64 = 1.25;

/// Looks and their boundaries.
pub(super) struct Gate {
    pub(super) fractions: Vec<f64>,
    pub(super) boundaries: Vec<f64>,
    target: f64,
}

/// What the test statistic of one unit per arm looks like: z = (`size`·√n + noise) / `null`, the noise having the standard
/// deviation `alternative`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    pub(super) size: f64,
    pub(super) null: f64,
    pub(super) alternative: f64,
}

impl Gate {
    pub(super) fn new(options: &PowerOptions) -> Self {
        let (fractions, level) = (options.fractions(), options.level());
        let boundaries = match options.guarantee {
            Guarantee::Horizon => {
                let spent = |t: &f64| options.spending.spent(level, *t);
                let mut spent: Vec<f64> = fractions.iter().map(spent).collect();
                if let Some(last) = spent.last_mut() {
                    *last = level;
                }
                boundaries(&fractions, &spent)
            }
            Guarantee::Anytime => {
                // V counts a quarter of all squares, whatever the shares; z divides by what the coin does.
                let share = options.treatment_share;
                let coin = 2.0 * (share * (1.0 - share)).sqrt();
                let edge = |t: &f64| half_normal_boundary(level, *t) / coin;
                fractions.iter().map(edge).collect()
            }
        };
        Self {
            fractions,
            boundaries,
            target: quantile(options.power),
        }
    }

    /// The chance to pass first at each look, with n units in the smaller arm.
    pub(super) fn first(&self, shift: &Shift, n: f64) -> Vec<f64> {
        let ratio = shift.null / shift.alternative;
        let edges: Vec<f64> = self.boundaries.iter().map(|z| z * ratio).collect();
        let drift = shift.size * n.sqrt() / shift.alternative;
        crossing(&self.fractions, &edges, drift)
    }

    /// The chance to pass at any look.
    pub(super) fn power(&self, shift: &Shift, n: f64) -> f64 {
        self.first(shift, n).iter().sum::<f64>().min(1.0)
    }

    /// By how much the chance to pass exceeds the one asked for, on the scale of normal quantiles, where it is all but
    /// straight.
    pub(super) fn surplus(&self, shift: &Shift, n: f64) -> f64 {
        quantile(self.power(shift, n)) - self.target
    }

    /// Roughly the mean of z at the end that gives the chance asked for: exactly so for one look and equal variances.
    pub(super) fn about(&self) -> f64 {
        let last = self.boundaries.last().copied().unwrap_or(0.0);
        (last + self.target).max(0.1)
    }

    /// Units of the smaller arm that give the chance asked for.
    pub(super) fn units(&self, shift: &Shift) -> f64 {
        let guess = self.about() * shift.null / shift.size;
        let at = |root: f64| self.surplus(shift, root * root);
        let root = rising_root(at, guess, f64::INFINITY);
        root.map_or(f64::INFINITY, |root| root * root)
    }
}

impl Shift {
    /// Of a relative effect.
    pub(super) fn new(baseline: &Baseline, effect: f64, options: &PowerOptions) -> Self {
        let (a, b) = options.per_unit();
        let size = baseline.mean() * effect;
        let spread = (baseline.variance(0.0) * a + baseline.variance(effect) * b).sqrt();
        let (size, null, alternative) = match (baseline, options.formula) {
            _ if options.guarantee == Guarantee::Anytime => {
                let share = options.treatment_share;
                let (m0, m1) = (baseline.square(0.0), baseline.square(effect));
                let null = ((1.0 - share) * m0 + share * m1) * (a + b);
                let smaller = share.min(1.0 - share);
                let alternative = a * m0 + b * m1 - smaller * size * size;
                (size, null.sqrt(), alternative.sqrt())
            }
            (Baseline::Binary { rate }, Formula::Pooled) => {
                let mean = rate * (1.0 + effect * options.treatment_share);
                let pooled = ((a + b) * mean * (1.0 - mean)).sqrt();
                (size, pooled, spread)
            }
            (Baseline::Binary { rate }, Formula::Arcsine) => {
                let angle = |p: f64| 2.0 * p.sqrt().min(1.0).asin();
                let root = (a + b).sqrt();
                (angle(rate * (1.0 + effect)) - angle(*rate), root, root)
            }
            _ => (size, spread, spread),
        };
        Self {
            size: size.abs(),
            null,
            alternative,
        }
    }

    /// Of a margin, in the metric's unit, when nothing differs: Welch's test.
    pub(super) fn of_margin(baseline: &Baseline, margin: f64, options: &PowerOptions) -> Self {
        let (a, b) = options.per_unit();
        let spread = (baseline.variance(0.0) * (a + b)).sqrt();
        Self {
            size: margin,
            null: spread,
            alternative: spread,
        }
    }
}

/// Standard normal quantile of a probability.
fn quantile(p: f64) -> f64 {
    -normal_upper_quantile(p.ln())
}

/// Where a rising function of a positive number is 0, looked for around `guess` and not above `most`; `None` when it is
/// below 0 up to there.
///
/// False position with Anderson and Björck's weights, kept inside a bracket.
///
/// # Source
/// Anderson & Björck (1973), A new high order method of regula falsi type, <https://doi.org/10.1007/BF01951936>.
pub(super) fn rising_root(f: impl Fn(f64) -> f64, guess: f64, most: f64) -> Option<f64> {
    let ((mut old, mut f_old), (mut last, mut f_last)) = bracket(&f, guess, most)?;
    for _ in 0..MOST_STEPS {
        let line = last - f_last * (last - old) / (f_last - f_old);
        let inside = old.min(last) < line && line < old.max(last);
        let x = if inside { line } else { 0.5 * (old + last) };
        let found = f(x);
        if found * f_last < 0.0 {
            (old, f_old) = (last, f_last);
        } else {
            // An end that stays weighs less, so that the line does not creep.
            let weight = 1.0 - found / f_last;
            f_old *= if weight > 0.0 { weight } else { 0.5 };
        }
        let step = (x - last).abs();
        (last, f_last) = (x, found);
        if found.abs() <= CLOSE || step <= CLOSE * x || (last - old).abs() <= CLOSE * x {
            break;
        }
    }
    Some(last)
}

type Place = (f64, f64);

/// Two places between which the function changes its sign.
fn bracket(f: &impl Fn(f64) -> f64, guess: f64, most: f64) -> Option<(Place, Place)> {
    let start = guess.min(most);
    let mut here = (start, f(start));
    let rising = here.1 < 0.0;
    let mut stride = STRIDE;
    for _ in 0..MOST_STEPS {
        if rising && here.0 >= most {
            return None;
        }
        let x = if rising {
            (here.0 * stride).min(most)
        } else {
            here.0 / stride
        };
        let next = (x, f(x));
        if (next.1 < 0.0) != rising {
            return Some((here, next));
        }
        here = next;
        stride = (stride * stride).min(1e6);
    }
    None
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn roots_by_hand() {
        // x³ = 8, from far below and far above, and where the end is too near.
        let cube = |x: f64| x * x * x - 8.0;
        for guess in [1e-3, 2.0, 1e4] {
            let root = rising_root(cube, guess, f64::INFINITY).unwrap();
            assert!((root - 2.0).abs() < 4.0 * CLOSE, "{root}");
        }
        assert!(rising_root(cube, 1.0, 1.9).is_none());
    }

    #[test]
    fn unequal_arms_weigh_the_smaller_one() {
        // 20% in the treatment: 1 unit there, 4 in the control; 1/n_B + 1/n_A = 1 + 1/4.
        let options = PowerOptions {
            treatment_share: 0.2,
            ..PowerOptions::default()
        };
        let mean = Baseline::Mean {
            mean: 2.0,
            variance: 9.0,
        };
        let shift = Shift::new(&mean, 0.5, &options);
        assert!((shift.size - 1.0).abs() < 1e-15);
        assert!((shift.null - (9.0_f64 * 1.25).sqrt()).abs() < 1e-14);
    }
}
