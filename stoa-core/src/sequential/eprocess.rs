//! Evidence against "the treatment is no better" that may be read at any time: stop when it reaches 1/α.
//!
//! All evidence is on the log scale. Without an effect its expectation never exceeds 1, so P(E ever ≥ 1/α) ≤ α (Ville).

use super::{
    ArmSums,
    check::{positive, proportion},
};
use crate::{
    error::Result,
    num::{
        quadrature::integrate,
        special::LN_SQRT_2PI,
        spending::{SHARPNESS, half_normal_ln_e},
    },
};

/// The integrand is nothing where it is this much below its largest value, on the log scale.
const NEGLIGIBLE: f64 = 45.0;
/// Panels of Gauss-Legendre on each side of the largest value.
const PANELS: u32 = 12;

/// Evidence that the treatment earns more per visitor, at any time: ln E.
///
/// When to use: no horizon is registered. When not: there is one; [`boundaries`](super::boundaries) find the same effect
/// sooner.
///
/// Model: `T = (1−π)Σ_B x − πΣ_A x`, `V = Σx²/4`, `E = 2(1+ρ²V)^{−1/2} exp(ρ²T²/(2(1+ρ²V))) Φ(ρT/√(1+ρ²V))`, ρ = 1.5/√`planned_v`; E is
/// a half-normal mixture of exponential supermartingales (Hoeffding). Exact when each value is known once it is counted and
/// nothing differs. Units: `share` is the treatment's; `planned_v` is Σx²/4 over both arms as expected at the planned end, fixed
/// before the data.
///
/// # Errors
/// `OutOfRange` for a share outside (0, 1), a planned V that is not > 0, or negative squares; `NotFinite` for NaN.
///
/// # Source
/// Howard, Ramdas, `McAuliffe` & Sekhon (2021), *Time-uniform, nonparametric, nonasymptotic confidence sequences*,
/// one-sided normal mixture, <https://doi.org/10.1214/20-AOS1991>.
///
/// # Example
/// ```
/// use stoa_core::sequential::{ArmSums, revenue_ln_e};
/// let control = ArmSums { n: 10_000, sum: 15_000.0, sum_sq: 900_000.0 };
/// let treatment = ArmSums { n: 10_000, sum: 21_000.0, sum_sq: 1_300_000.0 };
/// assert!(revenue_ln_e(&control, &treatment, 0.5, 500_000.0)? > 20_f64.ln());
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn revenue_ln_e(
    control: &ArmSums,
    treatment: &ArmSums,
    share: f64,
    planned_v: f64,
) -> Result<f64> {
    proportion("share", share)?;
    positive("planned_v", planned_v)?;
    control.check("control")?;
    treatment.check("treatment")?;
    let t = (1.0 - share) * treatment.sum - share * control.sum;
    let v = 0.25 * (control.sum_sq + treatment.sum_sq);
    let rho = SHARPNESS / planned_v.sqrt();
    Ok(half_normal_ln_e(rho * t, rho * rho * v))
}

/// Evidence that more visitors convert, from how the conversions split: ln E.
///
/// When to use: conversion itself is what decides, without a horizon. When not: revenue; a treatment that sells more of
/// something cheaper would pass.
///
/// Model: a conversion is the treatment's with odds `k e^d`, k the odds of being shown the treatment, d ≥ 0 the log lift,
/// half-normal with standard deviation `sd`; E is the likelihood ratio against d = 0, averaged over d. Conditional on
/// conversions, so traffic may vary. Units: `share` is the treatment's, in (0, 1). Error of ln E below 1e-10.
///
/// # Errors
/// `OutOfRange` for a share outside (0, 1) or an `sd` that is not > 0; `NotFinite` for NaN.
///
/// # Source
/// Robbins (1970), *Statistical methods related to the law of the iterated logarithm* (mixtures);
/// Ville (1939).
///
/// # Example
/// ```
/// use stoa_core::sequential::conversion_ln_e;
/// assert!(conversion_ln_e(840, 960, 0.5, 0.1)? > 20_f64.ln());
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn conversion_ln_e(control: u64, treatment: u64, share: f64, sd: f64) -> Result<f64> {
    proportion("share", share)?;
    positive("sd", sd)?;
    let split = Split {
        b: treatment as f64,
        n: control as f64 + treatment as f64,
        share,
        sd,
    };
    let peak = split.peak();
    let top = split.ln_weight(peak);
    let f = |d: f64| (split.ln_weight(d) - top).exp();
    let (low, high) = split.ends(peak);
    let area = integrate(f, low, peak, PANELS) + integrate(f, peak, high, PANELS);
    let front = std::f64::consts::LN_2 - LN_SQRT_2PI - sd.ln();
    Ok(front + top + area.ln())
}

/// `b` of `n` conversions against the half-normal mixture.
struct Split {
    b: f64,
    n: f64,
    share: f64,
    sd: f64,
}

impl Split {
    /// ln of likelihood ratio times prior, without the prior's constant: concave in d.
    fn ln_weight(&self, d: f64) -> f64 {
        let ratio = if d < 1.0 {
            self.b * d - self.n * (self.share * d.exp_m1()).ln_1p()
        } else {
            let rest = (1.0 - self.share) * (-d).exp();
            (self.b - self.n) * d - self.n * (self.share + rest).ln()
        };
        ratio - 0.5 * (d / self.sd).powi(2)
    }

    fn slope(&self, d: f64) -> f64 {
        let odds = (1.0 - self.share) * (-d).exp();
        self.b - self.n * self.share / (self.share + odds) - d / (self.sd * self.sd)
    }

    /// Where the weight is largest, d ≥ 0, by bisection of its falling slope.
    fn peak(&self) -> f64 {
        if self.slope(0.0) <= 0.0 {
            return 0.0;
        }
        bisect(
            |d| self.slope(d) > 0.0,
            0.0,
            self.sd * self.sd * self.b.max(1.0),
        )
    }

    /// Where the weight becomes nothing on either side of its peak; not below 0.
    fn ends(&self, peak: f64) -> (f64, f64) {
        let top = self.ln_weight(peak);
        let counts = |d: f64| self.ln_weight(d) > top - NEGLIGIBLE;
        let low = if counts(0.0) {
            0.0
        } else {
            bisect(counts, peak, 0.0)
        };
        // The prior alone takes it below.
        let furthest = peak + self.sd * (2.0 * NEGLIGIBLE).sqrt();
        (low, bisect(counts, peak, furthest))
    }
}

/// Where `holds`, true at `yes` and false at `no`, changes.
fn bisect(holds: impl Fn(f64) -> bool, mut yes: f64, mut no: f64) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (yes + no);
        if holds(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    no
}
