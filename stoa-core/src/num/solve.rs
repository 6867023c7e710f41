//! Inverting a distribution function.

use super::{
    curve::Point,
    special::{normal_density, normal_quantile},
};

/// Newton steps below this many standard deviations leave an error of its square.
const LAST_STEP: f64 = 1e-7;
const MOST_STEPS: usize = 200;

/// The `x` in (`low`, `high`) where `at(x).lower = q`, for `0 < q < 1`.
///
/// Newton's method on the normal-quantile scale, where nearly normal distribution functions are nearly straight,
/// kept inside a shrinking bracket and falling back to bisection.
pub fn quantile(
    at: impl Fn(f64) -> Point,
    q: f64,
    start: f64,
    (mut low, mut high): (f64, f64),
) -> f64 {
    let target = normal_quantile(q, 1.0 - q);
    let mut x = if low < start && start < high {
        start
    } else {
        0.5 * (low + high)
    };
    for _ in 0..MOST_STEPS {
        let point = at(x);
        let z = normal_quantile(point.lower, point.upper);
        if z < target {
            low = x;
        } else {
            high = x;
        }
        let close = (target - z).abs() < LAST_STEP;
        let newton = if close {
            // Here the distribution function itself is straight enough, and exact.
            x + (q - point.lower) / point.density
        } else {
            x + (target - z) * normal_density(z) / point.density
        };
        let done = close && newton.is_finite();
        x = if low < newton && newton < high || done {
            newton
        } else {
            0.5 * (low + high)
        };
        if done || high - low <= 4.0 * f64::EPSILON * x.abs() {
            break;
        }
    }
    x
}
