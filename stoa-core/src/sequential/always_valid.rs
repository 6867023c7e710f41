//! The textbook tests and intervals that hold at every look, for whoever compares them with the gates of `decide`.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;

use super::check::{finite, positive, proportion, require};
use crate::error::Result;

/// One look of a mixture sequential probability ratio test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MsprtLook {
    /// ln of the mixture likelihood ratio against the null, an e-process.
    pub ln_lambda: f64,
    /// Half the width of the confidence sequence around the mean.
    pub half_width: f64,
}

/// A mean at one look, tested by a normal mixture.
///
/// When to use: to reproduce the always-valid p-values of other tools. When not: to decide on revenue.
///
/// Model: x̄ of n values of variance V, `θ ~ N(θ0, τ²)`: `ln Λ = ½ ln(V/(V+nτ²)) + n²τ²(x̄−θ0)²/(2V(V+nτ²))`; half width
/// `√(V(V+nτ²)/(n²τ²) (ln((V+nτ²)/V) − 2 ln α))`. For two arms n counts pairs and V is the sum of both variances. p over looks:
/// [`running_p`].
///
/// # Errors
/// `OutOfRange` for n = 0, a variance or `tau` that is not > 0, or a level outside (0, 1); `NotFinite` for NaN.
///
/// # Source
/// Johari, Koomen, Pekelis & Walsh (2022), *Always valid inference*, <https://doi.org/10.1287/opre.2021.2135>.
///
/// # Example
/// ```
/// use stoa_core::sequential::msprt_normal;
/// let look = msprt_normal(10_000, 1.4, 2025.0, 1.0, 0.0, 0.05)?;
/// assert!((look.ln_lambda - 3.133_828).abs() < 1e-6 && look.half_width < 1.4);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn msprt_normal(
    n: u64,
    mean: f64,
    variance: f64,
    tau: f64,
    null: f64,
    alpha: f64,
) -> Result<MsprtLook> {
    require(n > 0, "n", "must be > 0", n)?;
    finite("mean", mean)?;
    finite("null", null)?;
    positive("variance", variance)?;
    positive("tau", tau)?;
    proportion("alpha", alpha)?;
    let information = n as f64 * tau * tau / variance;
    let z_sq = n as f64 * (mean - null).powi(2) / variance;
    let growth = information.ln_1p();
    Ok(MsprtLook {
        ln_lambda: 0.5 * (z_sq * information / (1.0 + information) - growth),
        half_width: (variance / n as f64 * (1.0 + 1.0 / information) * (growth - 2.0 * alpha.ln()))
            .sqrt(),
    })
}

/// Which limits of an interval hold at every look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// The lower limit alone.
    One,
    /// Both limits.
    Two,
}

/// An asymptotic confidence sequence of a mean: an interval that holds at all looks at once, for large n.
///
/// When to use: no horizon, any metric with a variance. When not: few or wild orders.
///
/// Model: two-sided half width `σ√(2(nρ²+1)/(n²ρ²) ln(√(nρ²+1)/α))`; one-sided width `σ√(2(nρ²+1)/(n²ρ²) ln(1 + √(nρ²+1)/(2α)))`, with
/// ρ² = `(−2 ln a + ln(1 − 2 ln a))/n_best`, a = α for two sides and 2α for one: narrowest near `n_best`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AsymptoticCs {
    alpha: f64,
    sides: Sides,
    rho_sq: f64,
}

impl AsymptoticCs {
    /// A sequence at level `alpha` that is narrowest near `n_best` values.
    ///
    /// # Errors
    /// `OutOfRange` for a level outside (0, 1), or of ½ and more for one side, or `n_best` that is not > 0; `NotFinite`
    /// for NaN.
    ///
    /// # Source
    /// Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), *Time-uniform central limit theory and asymptotic confidence
    /// sequences*, <https://doi.org/10.1214/24-AOS2408>.
    ///
    /// # Example
    /// ```
    /// use stoa_core::sequential::{AsymptoticCs, Sides};
    /// let cs = AsymptoticCs::new(0.05, Sides::Two, 500.0)?;
    /// assert!((cs.half_width(1000, 1.0)? - 0.096_812_41).abs() < 1e-8);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn new(alpha: f64, sides: Sides, n_best: f64) -> Result<Self> {
        proportion("alpha", alpha)?;
        positive("n_best", n_best)?;
        let a = match sides {
            Sides::One => 2.0 * alpha,
            Sides::Two => alpha,
        };
        require(a < 1.0, "alpha", "must be below 0.5 for one side", alpha)?;
        let x = -2.0 * a.ln();
        Ok(Self {
            alpha,
            sides,
            rho_sq: (x + x.ln_1p()) / n_best,
        })
    }

    /// ρ², the mixture's variance in units of the values' variance.
    #[must_use]
    pub fn rho_sq(&self) -> f64 {
        self.rho_sq
    }

    /// Distance of a limit from the mean of `n` values with standard deviation `sigma`.
    ///
    /// # Errors
    /// `OutOfRange` for n = 0 or a negative `sigma`; `NotFinite` for NaN.
    pub fn half_width(&self, n: u64, sigma: f64) -> Result<f64> {
        require(n > 0, "n", "must be > 0", n)?;
        finite("sigma", sigma)?;
        require(sigma >= 0.0, "sigma", "must be >= 0", sigma)?;
        let n = n as f64;
        let grown = n * self.rho_sq + 1.0;
        let ln_rarity = match self.sides {
            Sides::One => (grown.sqrt() / (2.0 * self.alpha)).ln_1p(),
            Sides::Two => (grown.sqrt() / self.alpha).ln(),
        };
        Ok(sigma * (2.0 * grown / (n * self.rho_sq) * ln_rarity / n).sqrt())
    }
}

/// A rate against a fixed value, at any look: ln E of a Beta(a, b) mixture.
///
/// When to use: one arm against a promise ("at least 3%"). When not: two arms; use
/// [`conversion_ln_e`](super::conversion_ln_e).
///
/// Model: `E = B(a+s, b+n−s)/B(a, b) / (p0^s (1−p0)^{n−s})`, a martingale when the rate is `p0`. Two-sided. p over looks:
/// [`running_p`].
///
/// # Errors
/// `OutOfRange` for more successes than trials, `p0` outside (0, 1) or a parameter that is not > 0; `NotFinite` for NaN.
///
/// # Source
/// Robbins (1970), mixtures; Howard et al. (2021), <https://doi.org/10.1214/20-AOS1991>.
///
/// # Example
/// ```
/// use stoa_core::sequential::beta_binomial_ln_e;
/// // One success of one: B(2, 1)/B(1, 1) / ½ = 1
/// assert!(beta_binomial_ln_e(1, 1, 0.5, 1.0, 1.0)?.abs() < 1e-12);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn beta_binomial_ln_e(n: u64, successes: u64, p0: f64, a: f64, b: f64) -> Result<f64> {
    let rule = "must be at most n";
    require(successes <= n, "successes", rule, successes)?;
    proportion("p0", p0)?;
    positive("a", a)?;
    positive("b", b)?;
    let (s, f) = (successes as f64, (n - successes) as f64);
    let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    Ok(ln_beta(a + s, b + f) - ln_beta(a, b) - s * p0.ln() - f * (-p0).ln_1p())
}

/// Always-valid p-values of the looks of an e-process: the least 1/E so far, at most 1.
///
/// Shapes: one ln E per look, in order. P(p ever ≤ α) ≤ α without an effect (Ville). NaN changes nothing.
///
/// # Example
/// ```
/// use stoa_core::sequential::running_p;
/// let p = running_p(&[-1.0, 3.0, 2.0]);
/// assert!((p[0] - 1.0).abs() < 1e-15 && (p[2] - (-3.0_f64).exp()).abs() < 1e-15);
/// ```
#[must_use]
pub fn running_p(ln_e: &[f64]) -> Vec<f64> {
    let mut least: f64 = 1.0;
    ln_e.iter()
        .map(|ln_e| {
            least = least.min((-ln_e).exp());
            least
        })
        .collect()
}
