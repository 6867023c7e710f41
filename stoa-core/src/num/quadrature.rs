//! Integrals over an interval.

/// Positive nodes and weights of the 16-point Gauss-Legendre rule on [-1, 1].
const NODES: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// Integral of `f` from `a` to `b` by `panels` equal panels of 16-point Gauss-Legendre.
///
/// # Example
/// ```
/// use stoa_core::num::quadrature::integrate;
/// assert!((integrate(|x| x.exp(), 0.0, 1.0, 1) - (1_f64.exp() - 1.0)).abs() < 1e-15);
/// ```
pub fn integrate(f: impl Fn(f64) -> f64, a: f64, b: f64, panels: u32) -> f64 {
    let half = 0.5 * (b - a) / f64::from(panels);
    (0..panels)
        .map(|panel| {
            let centre = a + half * (2.0 * f64::from(panel) + 1.0);
            NODES
                .iter()
                .map(|(x, w)| w * (f(centre - half * x) + f(centre + half * x)))
                .sum::<f64>()
        })
        .sum::<f64>()
        * half
}

/// The 16 points of Gauss-Legendre from `low` to `high`, with their weights.
pub(crate) fn nodes(low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
    let (half, centre) = (0.5 * (high - low), 0.5 * (low + high));
    NODES
        .iter()
        .flat_map(move |(x, w)| [-half, half].map(|half| (centre + half * x, half.abs() * w)))
}
