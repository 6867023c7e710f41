//! Functions as the first coefficients of their Taylor series: derivatives without writing them down.
//!
//! A `Taylor<N>` holds `f, f′h, f″h²/2, …` around a point, where `h` is the coefficient of the variable. With `N = 1` it is
//! plain arithmetic; with `N = 5` the exponential of a log density is the [`Jet`](super::curve::Jet) of the density.

use std::ops::{Add, Mul};

/// The first `N` Taylor coefficients of a function, `N` ≥ 1.
///
/// # Example
/// ```
/// use stoa_core::num::taylor::Taylor;
/// // ln x around 2, in steps of 1: ln 2, 1/2, −1/8.
/// let ln = Taylor::<3>::variable(2.0, 1.0).ln();
/// assert!((ln.0[1] - 0.5).abs() < 1e-15 && (ln.0[2] + 0.125).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taylor<const N: usize>(pub [f64; N]);

impl<const N: usize> Taylor<N> {
    /// A constant.
    #[must_use]
    pub fn constant(x: f64) -> Self {
        let mut c = [0.0; N];
        c[0] = x;
        Self(c)
    }

    /// The variable itself around `x`, in units of `step`.
    #[must_use]
    pub fn variable(x: f64, step: f64) -> Self {
        let mut taylor = Self::constant(x);
        if let Some(slope) = taylor.0.get_mut(1) {
            *slope = step;
        }
        taylor
    }

    /// The value at the point.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.0[0]
    }

    /// A multiple.
    #[must_use]
    pub fn scale(self, factor: f64) -> Self {
        Self(self.0.map(|c| c * factor))
    }

    /// One over the function.
    #[must_use]
    pub fn recip(self) -> Self {
        let (a, mut r) = (self.0, [0.0; N]);
        r[0] = 1.0 / a[0];
        for k in 1..N {
            let sum: f64 = (1..=k).map(|i| a[i] * r[k - i]).sum();
            r[k] = -sum * r[0];
        }
        Self(r)
    }

    /// The natural logarithm.
    #[must_use]
    pub fn ln(self) -> Self {
        let (a, mut l) = (self.0, [0.0; N]);
        l[0] = a[0].ln();
        for k in 1..N {
            let sum: f64 = (1..k).map(|i| i as f64 * l[i] * a[k - i]).sum();
            l[k] = (a[k] - sum / k as f64) / a[0];
        }
        Self(l)
    }

    /// The exponential.
    #[must_use]
    pub fn exp(self) -> Self {
        let (a, mut e) = (self.0, [0.0; N]);
        e[0] = a[0].exp();
        for k in 1..N {
            let sum: f64 = (1..=k).map(|i| i as f64 * a[i] * e[k - i]).sum();
            e[k] = sum / k as f64;
        }
        Self(e)
    }
}

impl<const N: usize> Add for Taylor<N> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|k| self.0[k] + other.0[k]))
    }
}

impl<const N: usize> Mul for Taylor<N> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let coefficient = |k: usize| (0..=k).map(|i| self.0[i] * other.0[k - i]).sum();
        Self(std::array::from_fn(coefficient))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_known_functions() {
        let near = |got: Taylor<5>, want: [f64; 5]| {
            for (g, w) in got.0.iter().zip(want) {
                assert!((g - w).abs() < 1e-14, "{got:?}");
            }
        };
        let x = Taylor::<5>::variable(0.0, 1.0);
        near(x.exp(), [1.0, 1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0]);
        let one_plus = x + Taylor::constant(1.0);
        near(one_plus.ln(), [0.0, 1.0, -0.5, 1.0 / 3.0, -0.25]);
        near(one_plus.recip(), [1.0, -1.0, 1.0, -1.0, 1.0]);
        near(one_plus * one_plus, [1.0, 2.0, 1.0, 0.0, 0.0]);
        near(one_plus.ln().exp().scale(2.0), [2.0, 2.0, 0.0, 0.0, 0.0]);
    }
}
