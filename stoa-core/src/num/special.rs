//! Special functions that statrs lacks.

pub use statrs::function::gamma::digamma;

/// Below this the recurrence climbs; above it eight terms of the asymptotic series reach the last bit.
const ASYMPTOTIC_FROM: f64 = 12.0;

/// Trigamma, the derivative of [`digamma`], for `x > 0`: relative error below 1e-14.
///
/// # Source
/// Abramowitz & Stegun (1964), 6.4.6 (recurrence) and 6.4.12 (asymptotic series).
///
/// # Example
/// ```
/// use stoa_core::num::special::trigamma;
/// let pi = std::f64::consts::PI;
/// assert!((trigamma(1.0) - pi * pi / 6.0).abs() < 1e-14);
/// ```
#[must_use]
pub fn trigamma(x: f64) -> f64 {
    let (mut x, mut climbed) = (x, 0.0);
    while x < ASYMPTOTIC_FROM {
        climbed += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    // B_2k / x^(2k+1): 1/6, -1/30, 1/42, -1/30, 5/66, -691/2730, 7/6
    let series = r
        * (1.0 / 6.0
            - r * (1.0 / 30.0
                - r * (1.0 / 42.0
                    - r * (1.0 / 30.0
                        - r * (5.0 / 66.0 - r * (691.0 / 2730.0 - r * (7.0 / 6.0)))))));
    climbed + (1.0 + 0.5 / x + series) / x
}

/// Standard normal quantile of a probability given by both its tails, so that neither loses digits.
#[must_use]
pub fn normal_quantile(lower: f64, upper: f64) -> f64 {
    use statrs::function::erf::erfc_inv;
    let sqrt_2 = std::f64::consts::SQRT_2;
    if lower < upper {
        -sqrt_2 * erfc_inv(2.0 * lower)
    } else {
        sqrt_2 * erfc_inv(2.0 * upper)
    }
}

/// Probability that a standard normal exceeds `z`; absolute error below 1e-11.
#[must_use]
pub fn normal_upper(z: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(z / std::f64::consts::SQRT_2)
}

/// Standard normal density.
#[must_use]
pub fn normal_density(z: f64) -> f64 {
    const INV_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
    INV_SQRT_2PI * (-0.5 * z * z).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigamma_of_known_points() {
        let pi2 = std::f64::consts::PI.powi(2);
        assert!((trigamma(0.5) / (pi2 / 2.0) - 1.0).abs() < 1e-14);
        // ψ'(3) = π²/6 − 1 − 1/4
        assert!((trigamma(3.0) / (pi2 / 6.0 - 1.25) - 1.0).abs() < 1e-14);
        assert!((trigamma(1e7) * 1e7 - (1.0 + 0.5e-7)).abs() < 1e-13);
    }

    #[test]
    fn normal_quantile_keeps_both_tails() {
        assert!((normal_quantile(0.975, 0.025) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((normal_quantile(1e-20, 1.0) + 9.262_340_089_798_41).abs() < 1e-6);
        assert!(normal_quantile(0.5, 0.5).abs() < 1e-12);
    }
}
