//! Fixed point: real numbers as integers whose sums are exact, so they do not depend on order.

/// Numbers as integers times one power of two, after subtracting an offset.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedPoint {
    /// The integers.
    pub values: Vec<i64>,
    /// What one of them stands for.
    pub unit: f64,
}

impl FixedPoint {
    /// Rounds `values − offset` to 61 bits of the sum of their magnitudes, so that no sum of them overflows.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the exponent of an f64, and numbers scaled below 2^62"
    )]
    pub fn new(values: &[f64], offset: f64) -> Self {
        let total: f64 = values.iter().map(|x| (x - offset).abs()).sum();
        if total <= 0.0 {
            return Self {
                values: vec![0; values.len()],
                unit: 1.0,
            };
        }
        let bits = 61 - total.log2().ceil() as i32;
        let scale = 2.0_f64.powi(bits.clamp(-1_000, 1_000));
        Self {
            values: values
                .iter()
                .map(|x| ((x - offset) * scale).round() as i64)
                .collect(),
            unit: 1.0 / scale,
        }
    }
}

/// ⌈share·n⌉, at most `n`; 0 for a share that is not positive.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=n"
)]
pub fn share_of(n: usize, share: f64) -> usize {
    (share * n as f64).ceil().clamp(0.0, n as f64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_numbers_and_cannot_overflow() {
        let x = [1e-9, 3.5, -2.0, 1e6];
        let fixed = FixedPoint::new(&x, 2.0);
        for (fixed_x, x) in fixed.values.iter().zip(x) {
            assert!((*fixed_x as f64 * fixed.unit - (x - 2.0)).abs() < 1e-9);
        }
        let total: u64 = fixed.values.iter().map(|f| f.unsigned_abs()).sum();
        assert!(total < 1 << 62);
    }
}
