//! p-values of counts, and of p-values.

use stoa_core::num::gamma::ln_gamma_upper;

use super::counts::{CELLS, Cells};

/// Are the rows of a table equally full?
pub(super) fn rows(table: &Cells) -> f64 {
    uniform(&margins(table).0)
}

/// Are its columns?
pub(super) fn columns(table: &Cells) -> f64 {
    uniform(&margins(table).1)
}

/// Pearson's test of independence: are rows and columns of a table strangers to each other?
pub(super) fn chi_square(table: &Cells) -> f64 {
    let (rows, columns) = margins(table);
    let total: f64 = rows.iter().sum();
    let expected = rows
        .iter()
        .flat_map(|r| columns.iter().map(move |c| r * c / total));
    let statistic = distance(table.iter().map(|n| f64::from(*n)), expected);
    upper_tail(statistic, (CELLS - 1) * (CELLS - 1))
}

fn uniform(counts: &[f64]) -> f64 {
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let expected = std::iter::repeat(mean);
    upper_tail(distance(counts.iter().copied(), expected), counts.len() - 1)
}

fn margins(table: &Cells) -> ([f64; CELLS], [f64; CELLS]) {
    let (mut rows, mut columns) = ([0.0; CELLS], [0.0; CELLS]);
    for (i, n) in table.iter().enumerate() {
        rows[i / CELLS] += f64::from(*n);
        columns[i % CELLS] += f64::from(*n);
    }
    (rows, columns)
}

fn distance(observed: impl Iterator<Item = f64>, expected: impl Iterator<Item = f64>) -> f64 {
    observed
        .zip(expected)
        .map(|(o, e)| (o - e).powi(2) / e)
        .sum()
}

/// P(χ² ≥ x) for that many degrees of freedom.
fn upper_tail(x: f64, freedom: usize) -> f64 {
    ln_gamma_upper(freedom as f64 / 2.0, x / 2.0).exp()
}

/// p of the largest distance between sorted values and the uniform distribution.
///
/// Source: Kolmogorov's series with the correction of Stephens (1970), exact to three digits from five values on.
pub(super) fn kolmogorov_smirnov(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let gap = |(i, p): (usize, &f64)| (p - i as f64 / n).max((i + 1) as f64 / n - p);
    let largest = sorted.iter().enumerate().map(gap).fold(0.0, f64::max);
    let lambda = (n.sqrt() + 0.12 + 0.11 / n.sqrt()) * largest;
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        sign * (-2.0 * (f64::from(k) * lambda).powi(2)).exp()
    };
    (2.0 * (1..=100).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What scipy 1.15 gives: `chi2.sf(25, 15)` = 0.0498…, `chi2.sf(225, 225)` = 0.4875….
    #[test]
    fn tails_are_those_of_the_tables() {
        assert!((upper_tail(24.995_790, 15) - 0.05).abs() < 1e-6);
        // χ²(2) is exponential: P(≥ x) = e^(−x/2).
        assert!((upper_tail(3.0, 2) - (-1.5_f64).exp()).abs() < 1e-12);
        // Kolmogorov's distribution: Q(1.358…) = 0.05.
        let n = 1_000_000;
        let shifted: Vec<f64> = (0..n)
            .map(|i| ((f64::from(i) + 0.5) / f64::from(n) + 1.358_1e-3).min(1.0))
            .collect();
        assert!((kolmogorov_smirnov(&shifted) - 0.05).abs() < 1e-3);
    }

    #[test]
    fn a_table_that_depends_is_found() {
        let strangers = vec![100; CELLS * CELLS];
        assert!(chi_square(&strangers) > 0.999 && rows(&strangers) > 0.999);
        let mut friends = strangers.clone();
        for i in 0..CELLS {
            friends[i * CELLS + i] = 200;
        }
        assert!(chi_square(&friends) < 1e-6 && columns(&friends) > 0.999);
        let mut uneven = strangers;
        uneven[..CELLS].fill(120);
        assert!(rows(&uneven) < 1e-6 && chi_square(&uneven) > 0.999);
    }
}
