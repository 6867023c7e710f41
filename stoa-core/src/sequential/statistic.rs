//! The statistics that a registered test compares with its boundary: each is close to N(0, 1) when nothing differs, and
//! high when the treatment is better.

use serde::{Deserialize, Serialize};

use super::check::{finite, proportion, require};
use crate::{
    error::Result,
    num::saddlepoint::{Amount, tail_z},
};

/// Control shares between these leave Welch's z honest by itself.
const BALANCED: std::ops::RangeInclusive<f64> = 0.4..=0.6;

/// Sums of one arm over all its visitors, those without an order included as zeros.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmSums {
    /// Visitors.
    pub n: u64,
    /// Sum of their values.
    pub sum: f64,
    /// Sum of the squares of their values.
    pub sum_sq: f64,
}

impl ArmSums {
    pub(super) fn check(&self, arm: &str) -> Result<()> {
        finite(&format!("{arm}.sum"), self.sum)?;
        finite(&format!("{arm}.sum_sq"), self.sum_sq)?;
        let field = format!("{arm}.sum_sq");
        require(self.sum_sq >= 0.0, &field, "must be >= 0", self.sum_sq)
    }

    fn mean(&self) -> f64 {
        self.sum / self.n as f64
    }

    /// Squared standard error of the mean, for two visitors or more.
    fn error_sq(&self) -> f64 {
        let n = self.n as f64;
        (self.sum_sq - self.sum * self.mean()).max(0.0) / (n - 1.0) / n
    }
}

/// Successes of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmRate {
    /// Visitors.
    pub n: u64,
    /// Those of them with the outcome.
    pub successes: u64,
}

/// Revenue per visitor, from every order value: z of the treatment's part of all the money.
///
/// When to use: order values are known; it holds its level with few orders, whales and any share. When not: only sums
/// are known ([`revenue_z_from_sums`]).
///
/// Model: given the values x of all orders, each is the treatment's with chance π when nothing differs;
/// `T = Σ_B x − π Σx`, z = Φ⁻¹(1 − P(T ≥ observed)) by saddlepoint ([`tail_z`]); all m orders in B: p = π^m.
/// Shapes: `amounts`, a table of both arms' values > 0; `treatment_sum`, what the treatment's add up to; `share`, the
/// treatment's part of the two arms, in (0, 1). No orders: 0. Finite for all input. Cost: a few passes.
///
/// # Errors
/// [`Error::OutOfRange`](crate::error::Error::OutOfRange) for a share outside (0, 1), a value that is not > 0 or a
/// treatment's sum outside of what all orders hold; `NotFinite` for NaN.
///
/// # Source
/// Lugannani & Rice (1980), <https://doi.org/10.2307/1426607>.
///
/// # Example
/// ```
/// use stoa_core::{num::saddlepoint::Amount, sequential::revenue_z};
/// let orders = [Amount { value: 20.0, count: 30 }, Amount { value: 90.0, count: 4 }];
/// let z = revenue_z(&orders, 640.0, 0.5)?;
/// assert!((z - 1.508_398_562).abs() < 1e-9);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn revenue_z(amounts: &[Amount], treatment_sum: f64, share: f64) -> Result<f64> {
    proportion("share", share)?;
    finite("treatment_sum", treatment_sum)?;
    for (k, amount) in amounts.iter().enumerate() {
        let field = format!("amounts[{k}].value");
        super::check::positive(&field, amount.value)?;
    }
    let total = crate::num::sums::sum(amounts.iter().map(|a| a.value * a.count as f64));
    finite("amounts", total)?;
    // Sums of the same orders in another order differ by their rounding.
    let inside = -1e-9 * total <= treatment_sum && treatment_sum <= total * (1.0 + 1e-9);
    let rule = "must lie between 0 and the sum of all amounts";
    require(inside, "treatment_sum", rule, treatment_sum)?;
    Ok(tail_z(amounts, treatment_sum - share * total, share))
}

/// Conversions, from their numbers alone: as [`revenue_z`] with every order worth 1.
///
/// When to use: rates of a few percent. When not: common outcomes, where it loses power by a factor `√(1 − rate)`; use
/// [`rate_z`].
///
/// # Errors
/// `OutOfRange` for a share outside (0, 1), or more orders in the treatment than there are.
///
/// # Source
/// As [`revenue_z`].
///
/// # Example
/// ```
/// use stoa_core::sequential::conversion_z;
/// // All five orders in the treatment: p = 1/32.
/// assert!((conversion_z(5, 5, 0.5)? - 1.862_731_867_4).abs() < 1e-9);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn conversion_z(orders: u64, treatment_orders: u64, share: f64) -> Result<f64> {
    proportion("share", share)?;
    let rule = "must be at most all orders";
    let field = "treatment_orders";
    require(treatment_orders <= orders, field, rule, treatment_orders)?;
    let amount = Amount {
        value: 1.0,
        count: orders,
    };
    let t = treatment_orders as f64 - share * orders as f64;
    Ok(tail_z(&[amount], t, share))
}

/// Rates of any size, also common ones: as [`conversion_z`] with outcomes centred at the rate of both arms together.
///
/// Model: `T = s_B − n_B p̄`, the treatment's part of the centred outcomes `1 − p̄` and `−p̄` of all visitors, each the
/// treatment's with chance π. Nobody or everybody succeeded: 0.
///
/// # Errors
/// `OutOfRange` for a share outside (0, 1), or more successes than visitors.
///
/// # Source
/// As [`revenue_z`]; centring makes it the score test of the difference.
///
/// # Example
/// ```
/// use stoa_core::sequential::{ArmRate, rate_z};
/// let arm = |successes| ArmRate { n: 1000, successes };
/// // (350 − 300)/√(2000 · 0.325 · 0.675) · √2 = 2.387
/// assert!((rate_z(&arm(300), &arm(350), 0.5)? - 2.387).abs() < 1e-3);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn rate_z(control: &ArmRate, treatment: &ArmRate, share: f64) -> Result<f64> {
    proportion("share", share)?;
    for (arm, rate) in [("control", control), ("treatment", treatment)] {
        let (field, rule) = (format!("{arm}.successes"), "must be at most n");
        require(rate.successes <= rate.n, &field, rule, rate.successes)?;
    }
    let hits = control.successes as f64 + treatment.successes as f64;
    let n = control.n as f64 + treatment.n as f64;
    let rate = if n > 0.0 { hits / n } else { 0.0 };
    let amount = |value, a: u64, b: u64| Amount {
        value,
        count: a.saturating_add(b),
    };
    let misses = |arm: &ArmRate| arm.n - arm.successes;
    let amounts = [
        amount(1.0 - rate, control.successes, treatment.successes),
        amount(-rate, misses(control), misses(treatment)),
    ];
    let t = treatment.successes as f64 - treatment.n as f64 * rate;
    Ok(tail_z(&amounts, t, share))
}

/// Revenue per visitor, from sums.
///
/// When to use: a warehouse gives sums and no order values. When not: values are known ([`revenue_z`]).
///
/// Model: Welch's z where both arms hold 40% to 60%; else the least of it and `T/√(π(1−π)Σx²)`, since Welch's alone ships far
/// too often when the control is small. Fewer than two visitors in an arm, or nothing sold: 0.
/// Units: `share` is the treatment's, in (0, 1). Finite for all input.
///
/// # Errors
/// `OutOfRange` for a share outside (0, 1) or a negative sum of squares; `NotFinite` for NaN.
///
/// # Source
/// Welch (1938), <https://doi.org/10.2307/2332010>; the choice between the two: docs/METHODS.md, Deciding while looking.
///
/// # Example
/// ```
/// use stoa_core::sequential::{ArmSums, revenue_z_from_sums};
/// let control = ArmSums { n: 10_000, sum: 15_000.0, sum_sq: 900_000.0 };
/// let treatment = ArmSums { n: 10_000, sum: 17_000.0, sum_sq: 1_000_000.0 };
/// assert!((revenue_z_from_sums(&control, &treatment, 0.5)? - 1.470_912).abs() < 1e-6);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn revenue_z_from_sums(control: &ArmSums, treatment: &ArmSums, share: f64) -> Result<f64> {
    proportion("share", share)?;
    let welch = welch_z(control, treatment, 0.0)?;
    let all_sq = control.sum_sq + treatment.sum_sq;
    let t = treatment.sum - share * (control.sum + treatment.sum);
    let spread = (share * (1.0 - share) * all_sq).sqrt();
    let by_orders = if spread > 0.0 { t / spread } else { 0.0 };
    let no_spread = error_sq(control, treatment).is_some_and(|v| v <= 0.0);
    Ok(match (BALANCED.contains(&share), no_spread) {
        // Equal values within each arm say nothing about chance; the coin does.
        (_, true) => by_orders,
        (true, false) => welch,
        (false, false) => welch.min(by_orders),
    })
}

/// Welch's z of a difference of means, less a margin: for satisfaction that may not fall by more than `margin`.
///
/// Model: `(mean_B − mean_A + margin)/√(v_A/n_A + v_B/n_B)`, variances with n − 1. Fewer than two visitors in an arm, or no
/// spread in either: 0, nothing is shown. Units: `margin` in the unit of the values.
///
/// # Errors
/// `NotFinite` for NaN, `OutOfRange` for a negative sum of squares.
///
/// # Source
/// Welch (1938), <https://doi.org/10.2307/2332010>.
///
/// # Example
/// ```
/// use stoa_core::sequential::{ArmSums, welch_z};
/// let answers = ArmSums { n: 200, sum: 800.0, sum_sq: 3_399.0 };
/// // Equal means, variance 199/199 = 1: margin / √(2/200)
/// assert!((welch_z(&answers, &answers, 0.1)? - 1.0).abs() < 1e-12);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn welch_z(control: &ArmSums, treatment: &ArmSums, margin: f64) -> Result<f64> {
    finite("margin", margin)?;
    control.check("control")?;
    treatment.check("treatment")?;
    Ok(match error_sq(control, treatment) {
        Some(variance) if variance > 0.0 => {
            (treatment.mean() - control.mean() + margin) / variance.sqrt()
        }
        _ => 0.0,
    })
}

/// Squared standard error of the difference; `None` where an arm has fewer than two visitors.
fn error_sq(control: &ArmSums, treatment: &ArmSums) -> Option<f64> {
    (control.n > 1 && treatment.n > 1).then(|| control.error_sq() + treatment.error_sq())
}
