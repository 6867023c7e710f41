//! Random folds, and what held-out scores say of held-out effects.

use super::scores::Mean;
use crate::num::random::Stream;

/// Random folds 0..`n_folds` of near-equal size.
pub(crate) fn folds(n: usize, n_folds: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    Stream::new(seed, stream).choose(&mut order, n);
    let mut fold = vec![0; n];
    for (at, row) in order.into_iter().enumerate() {
        fold[row] = at * n_folds / n;
    }
    fold
}

/// The rows whose fold is kept.
pub(crate) fn rows_where(fold: &[usize], keep: impl Fn(usize) -> bool) -> Vec<u32> {
    (0_u32..)
        .zip(fold)
        .filter(|(_, fold)| keep(**fold))
        .map(|(row, _)| row)
        .collect()
}

/// Slope of `y` on `x` with an intercept, and its HC3 error (`MacKinnon` & White 1985); `None` when x is constant,
/// since a constant prediction shows no heterogeneity.
pub(crate) fn slope(x: &[f64], y: &[f64]) -> Option<Mean> {
    let n = x.len() as f64;
    let (x_mean, y_mean) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sxx: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    // A spread of rounding errors is no spread.
    if sxx.sqrt() <= 1e-12 * (x_mean.abs() * n.sqrt()).max(f64::MIN_POSITIVE) {
        return None;
    }
    let slope = x
        .iter()
        .zip(y)
        .map(|(x, y)| (x - x_mean) * (y - y_mean))
        .sum::<f64>()
        / sxx;
    let variance: f64 = x
        .iter()
        .zip(y)
        .map(|(x, y)| {
            let d = x - x_mean;
            let leverage = 1.0 / n + d * d / sxx;
            let residual = y - y_mean - slope * d;
            (d * residual / (1.0 - leverage)).powi(2)
        })
        .sum::<f64>()
        / (sxx * sxx);
    Some(Mean {
        estimate: slope,
        standard_error: variance.sqrt(),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_hand_computed_line() {
        // x = 0, 1, 2, 3; y = 0, 1, 2, 4: slope 1.3, residuals 0.2, −0.1, −0.4, 0.3; leverages 0.7, 0.3, 0.3, 0.7.
        let found = slope(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 4.0]).unwrap();
        let variance = ((1.5_f64 * 0.2 / 0.3).powi(2)
            + (0.5_f64 * 0.1 / 0.7).powi(2)
            + (0.5_f64 * 0.4 / 0.7).powi(2)
            + (1.5_f64 * 0.3 / 0.3).powi(2))
            / 25.0;
        assert!((found.estimate - 1.3).abs() < 1e-12);
        assert!((found.standard_error - variance.sqrt()).abs() < 1e-12);
        assert_eq!(slope(&[2.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
    }
}
