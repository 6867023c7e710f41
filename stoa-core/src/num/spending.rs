//! What a test may use up of its chance of a false alarm, and how high evidence must stand that uses up none.

use serde::{Deserialize, Serialize};

use super::special::{
    LN_SQRT_2PI, ln_normal_upper, mills_ratio, normal_upper, normal_upper_quantile,
};

/// ρ√V of a half-normal mixture that is sharpest at the planned end.
pub const SHARPNESS: f64 = 1.5;
/// Halvings that leave a boundary below 1e-13 of where it started.
const HALVINGS: u32 = 60;

/// How the chance of a false alarm is spread over the looks.
///
/// # Source
/// Lan & `DeMets` (1983), *Discrete sequential boundaries for clinical trials*,
/// <https://doi.org/10.1093/biomet/70.3.659>. One-sided: all of the level on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// Hardly anything early, nearly a fixed-horizon test at the end: `2(1 − Φ(z_{α/2}/√t))`.
    #[default]
    ObrienFleming,
    /// Much early, at the price of power: `α ln(1 + (e − 1)t)`.
    Pocock,
}

impl Spending {
    /// Chance of a false alarm that may be used up to `fraction` of the plan, of `alpha` in all; more than 1 is 1.
    ///
    /// # Example
    /// ```
    /// use stoa_core::num::spending::Spending;
    /// let half = |spending: Spending| spending.spent(0.05, 0.5);
    /// assert!(half(Spending::ObrienFleming) < 0.006 && half(Spending::Pocock) > 0.03);
    /// ```
    #[must_use]
    pub fn spent(self, alpha: f64, fraction: f64) -> f64 {
        let t = fraction.min(1.0);
        match self {
            Self::ObrienFleming => {
                let z = normal_upper_quantile((0.5 * alpha).ln());
                2.0 * normal_upper(z / t.sqrt())
            }
            Self::Pocock => alpha * ((std::f64::consts::E - 1.0) * t).ln_1p(),
        }
    }
}

/// ln of the evidence of a half-normal mixture against "no better".
///
/// Model: `E = 2(1+g)^{−1/2} exp(s²/(2(1+g))) Φ(s/√(1+g))`, s = ρT (`score`) and g = ρ²V (`growth`): the sum T of increments
/// whose squares add up to V. Finite for finite input.
///
/// # Source
/// Howard, Ramdas, `McAuliffe` & Sekhon (2021), *Time-uniform, nonparametric, nonasymptotic confidence sequences*,
/// one-sided normal mixture, <https://doi.org/10.1214/20-AOS1991>.
///
/// # Example
/// ```
/// use stoa_core::num::spending::half_normal_ln_e;
/// assert!(half_normal_ln_e(6.0, 2.25) > 20_f64.ln() && half_normal_ln_e(-6.0, 2.25) < 0.0);
/// ```
#[must_use]
pub fn half_normal_ln_e(score: f64, growth: f64) -> f64 {
    let z = score / (1.0 + growth).sqrt();
    let tilted = if z < 0.0 {
        // z²/2 and ln Φ(z) cancel.
        mills_ratio(-z).ln() - LN_SQRT_2PI
    } else {
        0.5 * z * z + ln_normal_upper(-z)
    };
    std::f64::consts::LN_2 - 0.5 * growth.ln_1p() + tilted
}

/// How many √V the sum T must stand above 0 for [`half_normal_ln_e`] to reach ln(1/`alpha`), when V is that `fraction` of the
/// one planned for the end and ρ = [`SHARPNESS`]/√(planned V).
///
/// # Example
/// ```
/// use stoa_core::num::spending::half_normal_boundary;
/// // Any number of looks costs this much more than the one look of 1.64.
/// assert!((half_normal_boundary(0.05, 1.0) - 2.894_418).abs() < 1e-6);
/// ```
#[must_use]
pub fn half_normal_boundary(alpha: f64, fraction: f64) -> f64 {
    let wanted = -alpha.ln();
    let rho = SHARPNESS * fraction.sqrt();
    let reached = |z: f64| half_normal_ln_e(rho * z, rho * rho) >= wanted;
    let (mut low, mut high) = (0.0, 1.0);
    while !reached(high) && high < f64::MAX {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}
