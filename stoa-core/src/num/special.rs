//! Special functions that statrs lacks.

pub use statrs::function::gamma::digamma;

/// Below this the recurrence climbs; above it eight terms of the asymptotic series reach the last bit.
const ASYMPTOTIC_FROM: f64 = 12.0;
/// ½ ln 2π.
pub(crate) const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;

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

/// Probability that a standard normal exceeds `z`: relative error below 1e-15 · max(1, z²).
///
/// # Example
/// ```
/// use stoa_core::num::special::normal_upper;
/// assert!((normal_upper(1.644_853_626_951_472_7) - 0.05).abs() < 1e-15);
/// ```
#[must_use]
pub fn normal_upper(z: f64) -> f64 {
    if z < 0.0 {
        1.0 - normal_upper(-z)
    } else {
        mills_ratio(z) * normal_density(z)
    }
}

/// ln of [`normal_upper`], finite far below the smallest f64; `-z` gives ln Φ(z).
///
/// # Example
/// ```
/// use stoa_core::num::special::ln_normal_upper;
/// assert!((ln_normal_upper(40.0) + 804.608_442_013_754).abs() < 1e-11);
/// ```
#[must_use]
pub fn ln_normal_upper(z: f64) -> f64 {
    if z < 0.0 {
        (-normal_upper(-z)).ln_1p()
    } else {
        mills_ratio(z).ln() - 0.5 * z * z - LN_SQRT_2PI
    }
}

/// Mills' ratio, [`normal_upper`] over the density, for `z >= 0`: relative error below 1e-15.
///
/// # Source
/// Cody (1969), *Rational Chebyshev approximations for the error function*,
/// <https://doi.org/10.1090/S0025-5718-1969-0247736-4>.
///
/// # Example
/// ```
/// use stoa_core::num::special::mills_ratio;
/// // 1/z − 1/z³ + 3/z⁵ − …
/// assert!((mills_ratio(1e3) - (1e-3 - 1e-9 + 3e-15)).abs() < 1e-18);
/// ```
#[must_use]
pub fn mills_ratio(z: f64) -> f64 {
    const SQRT_HALF_PI: f64 = 1.253_314_137_315_500_3;
    SQRT_HALF_PI * scaled_erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// exp(x²) erfc(x) for `x >= 0`.
fn scaled_erfc(x: f64) -> f64 {
    const FRAC_1_SQRT_PI: f64 = 0.564_189_583_547_756_3;
    if x <= 0.468_75 {
        let y = x * x;
        y.exp() * (1.0 - x * ratio(y, &ERF))
    } else if x <= 4.0 {
        ratio(x, &ERFC)
    } else {
        let y = 1.0 / (x * x);
        (FRAC_1_SQRT_PI - y * ratio(y, &ERFC_FAR)) / x
    }
}

/// A polynomial over a polynomial, coefficients of the highest powers first.
fn ratio<const N: usize>(x: f64, terms: &[(f64, f64); N]) -> f64 {
    let (over, under) = terms
        .iter()
        .fold((0.0, 0.0), |(n, d), (a, b)| (n * x + a, d * x + b));
    over / under
}

/// Cody's coefficients (numerator, denominator) of erf(x)/x in x² up to 0.46875.
const ERF: [(f64, f64); 5] = [
    (1.857_777_061_846_031_5e-1, 1.0),
    (3.161_123_743_870_565_5, 2.360_129_095_234_412e1),
    (1.138_641_541_510_501_5e2, 2.440_246_379_344_441_6e2),
    (3.774_852_376_853_02e2, 1.282_616_526_077_372_3e3),
    (3.209_377_589_138_469_4e3, 2.844_236_833_439_171e3),
];

/// … of exp(x²) erfc(x) in x from there to 4.
const ERFC: [(f64, f64); 9] = [
    (2.153_115_354_744_038_3e-8, 1.0),
    (5.641_884_969_886_7e-1, 1.574_492_611_070_983_3e1),
    (8.883_149_794_388_377, 1.176_939_508_913_125e2),
    (6.611_919_063_714_163e1, 5.371_811_018_620_099e2),
    (2.986_351_381_974_001e2, 1.621_389_574_566_690_3e3),
    (8.819_522_212_417_69e2, 3.290_799_235_733_459_7e3),
    (1.712_047_612_634_070_7e3, 4.362_619_090_143_247e3),
    (2.051_078_377_826_071_6e3, 3.439_367_674_143_721_6e3),
    (1.230_339_354_797_997_2e3, 1.230_339_354_803_749_5e3),
];

/// … of (1/√π − x exp(x²) erfc(x)) x² in 1/x² beyond.
const ERFC_FAR: [(f64, f64); 6] = [
    (1.631_538_713_730_21e-2, 1.0),
    (3.053_266_349_612_323_6e-1, 2.568_520_192_289_822),
    (3.603_448_999_498_044_5e-1, 1.872_952_849_923_460_4),
    (1.257_817_261_112_292_6e-1, 5.279_051_029_514_285e-1),
    (1.608_378_514_874_227_5e-2, 6.051_834_131_244_132e-2),
    (6.587_491_615_298_378e-4, 2.335_204_976_268_691_8e-3),
];

/// Most Newton steps of [`normal_upper_quantile`]; from its start a handful are enough.
const MOST_STEPS: u32 = 60;

/// The `z` that a standard normal exceeds with probability `exp(ln_p)`, also below the smallest f64.
///
/// Newton's method on [`ln_normal_upper`], which is concave: from the bound `½ exp(−z²/2)` it comes down to the root.
/// `ln_p` below 0, else −∞ (a certain event); −∞ gives ∞.
///
/// # Example
/// ```
/// use stoa_core::num::special::normal_upper_quantile;
/// assert!((normal_upper_quantile(0.025_f64.ln()) - 1.959_963_984_540_054).abs() < 1e-14);
/// ```
#[must_use]
pub fn normal_upper_quantile(ln_p: f64) -> f64 {
    const LN_HALF: f64 = -std::f64::consts::LN_2;
    if ln_p > LN_HALF {
        let ln_rest = (-ln_p.exp_m1()).ln();
        return if ln_p < 0.0 {
            -normal_upper_quantile(ln_rest)
        } else {
            f64::NEG_INFINITY
        };
    }
    if !ln_p.is_finite() {
        return -ln_p;
    }
    let mut z = (2.0 * (LN_HALF - ln_p)).sqrt();
    for _ in 0..MOST_STEPS {
        let step = (ln_normal_upper(z) - ln_p) * mills_ratio(z);
        z = (z + step).max(0.0);
        if step.abs() <= f64::EPSILON * z {
            break;
        }
    }
    z
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

    /// mpmath 1.3, 40 digits: ln(erfc(z/√2)/2), on both sides of every joint of the approximation.
    const LN_UPPER: [(f64, f64); 11] = [
        (-9.0, -1.128_588_405_953_840_5e-19),
        (-1.5, -0.069_143_455_612_233_98),
        (-0.3, -0.481_410_161_588_481_2),
        (0.3, -0.962_102_818_168_850_7),
        (0.66, -1.367_955_884_890_199_4),
        (0.67, -1.380_595_052_695_189_1),
        (2.5, -5.081_648_277_278_69),
        (5.65, -18.641_029_223_787_85),
        (5.66, -18.699_251_153_702_78),
        (38.5, -745.695_270_290_411),
        (1e6, -500_000_000_014.734_44),
    ];

    #[test]
    fn the_normal_tail_keeps_its_digits() {
        for (z, ln_p) in LN_UPPER {
            let got = ln_normal_upper(z);
            assert!(
                (got / ln_p - 1.0).abs() < 4e-16 * ln_p.abs().max(4.0),
                "z = {z}: {got:e} for {ln_p:e}"
            );
            let back = normal_upper_quantile(got);
            assert!(
                (back - z).abs() < 1e-14 * z.abs().max(1.0),
                "{back} for {z}"
            );
        }
    }

    #[test]
    fn certain_and_impossible_have_a_quantile() {
        let (certain, never) = (
            normal_upper_quantile(0.0),
            normal_upper_quantile(-1.0 / 0.0),
        );
        assert!(certain.is_infinite() && certain < 0.0);
        assert!(never.is_infinite() && never > 0.0);
        assert!(normal_upper_quantile(-1e300).is_finite());
    }
}
