//! Do the arms hold the shares of visitors they were promised?

use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;

use crate::{
    error::{Detail, Error, Result},
    num::gamma::ln_gamma_upper,
};

/// Pearson's test of the observed counts against the promised shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Srm {
    /// Units seen, one per arm.
    pub observed: Vec<u64>,
    /// Shares promised, normalised to sum to 1.
    pub expected_share: Vec<f64>,
    /// Pearson's χ² = Σ (observed − expected)² / expected.
    pub statistic: f64,
    /// Degrees of freedom: arms with a share, less one.
    pub df: u64,
    /// P(χ² ≥ statistic) when the shares hold; 0 when below the smallest f64.
    pub p_value: f64,
    /// Base-10 logarithm of the p-value, finite even where the p-value is 0.
    pub log10_p: f64,
}

/// Sample-ratio test: whether the arms' counts are a plausible draw from the promised shares.
///
/// When to use: once, on the final counts, before any metric is read. When not: at every look of a running experiment,
/// where its false alarms add up; use [`sequential_srm`].
///
/// Model: counts ~ Multinomial(n, shares) ⇒ the statistic is χ² with arms − 1 degrees of freedom for large n.
/// Shapes: one count and one weight per arm, in the same order; weights need not sum to 1. An arm of weight 0 must be
/// empty and is left out. Cost: O(arms). Deterministic; relative error of p about 1e-13.
///
/// # Errors
/// [`Error::Conflict`] for different lengths, [`Error::OutOfRange`] for fewer than two arms, no units at all, a
/// negative weight, or units in an arm of weight 0; [`Error::NotFinite`] for a weight that is not a number.
///
/// # Source
/// Pearson (1900); Fabijan et al. (2019), *Diagnosing Sample Ratio Mismatch in Online Controlled Experiments*,
/// <https://doi.org/10.1145/3292500.3330722>.
///
/// # Example
/// ```
/// let srm = stoa_core::sequential::srm(&[44_700, 45_489], &[1.0, 1.0])?;
/// assert!((srm.p_value - 0.008_608).abs() < 1e-6);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn srm(observed: &[u64], expected: &[f64]) -> Result<Srm> {
    let expected_share = shares(expected)?;
    same_length("observed", observed.len(), expected.len())?;
    possible(observed, &expected_share)?;
    // In floats: counts near 2^64 must not wrap around.
    let n: f64 = observed.iter().map(|&count| count as f64).sum();
    if n == 0.0 {
        return Err(Error::OutOfRange(Detail::new(
            "observed",
            "must hold at least one unit",
            0,
        )));
    }
    let mut statistic = 0.0;
    let mut arms = 0_u64;
    for (&count, &share) in observed.iter().zip(&expected_share) {
        if share > 0.0 {
            let mean = n * share;
            statistic += (count as f64 - mean).powi(2) / mean;
            arms += 1;
        }
    }
    let df = arms.saturating_sub(1);
    let ln_p = ln_gamma_upper(df as f64 / 2.0, statistic / 2.0);
    Ok(Srm {
        observed: observed.to_vec(),
        expected_share,
        statistic,
        df,
        p_value: ln_p.exp(),
        log10_p: ln_p / std::f64::consts::LN_10,
    })
}

/// State of the sample-ratio test that may be read after every batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SequentialSrm {
    share: Vec<f64>,
    prior: Vec<f64>,
    counts: Vec<u64>,
    p_value: f64,
}

/// The sequential test after one look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SrmLook {
    /// ln of the Bayes factor of "the shares differ" against "the shares hold".
    pub log_bayes_factor: f64,
    /// Always-valid p-value: the least 1/Bayes factor so far, at most 1.
    pub p_value: f64,
}

impl SequentialSrm {
    /// A test that has seen nothing: the promised `weights`, and the Dirichlet parameters of what the shares would be if
    /// they are not those. (1, 1, …) looks for departures of any size, larger parameters for smaller ones.
    ///
    /// # Errors
    /// As [`srm`] for the weights; [`Error::OutOfRange`] for a weight of 0 or a parameter that is not > 0.
    pub fn new(weights: &[f64], prior: &[f64]) -> Result<Self> {
        let share = shares(weights)?;
        same_length("prior", prior.len(), weights.len())?;
        let positive = |field: &str, values: &[f64]| -> Result<()> {
            match values.iter().position(|&v| !(v > 0.0 && v.is_finite())) {
                None => Ok(()),
                Some(k) => Err(Error::OutOfRange(Detail::new(
                    format!("{field}[{k}]"),
                    "must be > 0",
                    values[k],
                ))),
            }
        };
        positive("expected", &share)?;
        positive("prior", prior)?;
        Ok(Self {
            counts: vec![0; share.len()],
            share,
            prior: prior.to_vec(),
            p_value: 1.0,
        })
    }

    /// Adds a batch of counts and reads the test.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the batch has another number of arms.
    pub fn update(&mut self, batch: &[u64]) -> Result<SrmLook> {
        same_length("batch", batch.len(), self.share.len())?;
        for (total, new) in self.counts.iter_mut().zip(batch) {
            *total = total.saturating_add(*new);
        }
        let log_bayes_factor = self.log_bayes_factor();
        self.p_value = self.p_value.min((-log_bayes_factor).exp());
        Ok(SrmLook {
            log_bayes_factor,
            p_value: self.p_value,
        })
    }

    /// `ln [Γ(S)/Γ(S+n) · Π Γ(a_i+n_i)/Γ(a_i) / Π θ_i^n_i]`, `S = Σ a_i`.
    fn log_bayes_factor(&self) -> f64 {
        let sum: f64 = self.prior.iter().sum();
        let n: u64 = self.counts.iter().sum();
        let mut total = ln_gamma(sum) - ln_gamma(sum + n as f64);
        for ((&count, &a), &share) in self.counts.iter().zip(&self.prior).zip(&self.share) {
            let count = count as f64;
            total += ln_gamma(a + count) - ln_gamma(a) - count * share.ln();
        }
        total
    }
}

/// The sample-ratio test at every look: batches of counts in, one look per batch out.
///
/// Model: counts ~ Multinomial(n, θ), θ = shares against θ ~ Dirichlet(prior); the Bayes factor is a martingale when
/// the shares hold, so P(p ever ≤ α) ≤ α however often it is read (Ville).
///
/// # Errors
/// As [`SequentialSrm::new`] and [`SequentialSrm::update`].
///
/// # Source
/// Lindon & Malek (2022), *Anytime-Valid Inference For Multinomial Count Data*, <https://arxiv.org/abs/2011.03567>.
///
/// # Example
/// ```
/// use stoa_core::sequential::sequential_srm;
/// let looks = sequential_srm(&[0.5, 0.5], &[1.0, 1.0], &[vec![60, 40], vec![190, 110]])?;
/// assert!(looks[1].p_value < looks[0].p_value);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn sequential_srm(
    weights: &[f64],
    prior: &[f64],
    batches: &[Vec<u64>],
) -> Result<Vec<SrmLook>> {
    let mut test = SequentialSrm::new(weights, prior)?;
    batches.iter().map(|batch| test.update(batch)).collect()
}

fn shares(weights: &[f64]) -> Result<Vec<f64>> {
    if weights.len() < 2 {
        return Err(Error::OutOfRange(Detail::new(
            "expected",
            "must name at least two arms",
            weights.len(),
        )));
    }
    for (k, &weight) in weights.iter().enumerate() {
        let field = format!("expected[{k}]");
        if !weight.is_finite() {
            let detail = Detail::new(field, "must be a finite number", weight);
            return Err(Error::NotFinite(detail));
        }
        if weight < 0.0 {
            let detail = Detail::new(field, "must be >= 0", weight);
            return Err(Error::OutOfRange(detail));
        }
    }
    if weights.iter().filter(|&&w| w > 0.0).count() < 2 {
        return Err(Error::OutOfRange(Detail::new(
            "expected",
            "must have at least two weights > 0",
            format!("{weights:?}"),
        )));
    }
    let sum: f64 = weights.iter().sum();
    // Weights whose sum overflows are scaled by the largest first.
    let scale = if sum.is_finite() {
        1.0
    } else {
        weights.iter().fold(0.0, |most: f64, w| most.max(*w))
    };
    let total: f64 = weights.iter().map(|w| w / scale).sum();
    Ok(weights.iter().map(|w| w / scale / total).collect())
}

fn same_length(field: &str, got: usize, wanted: usize) -> Result<()> {
    if got == wanted {
        return Ok(());
    }
    Err(Error::Conflict(Detail::new(
        field,
        format!("must have {wanted} entries, one per arm"),
        got,
    )))
}

fn possible(observed: &[u64], share: &[f64]) -> Result<()> {
    match observed
        .iter()
        .zip(share)
        .position(|(&count, &share)| count > 0 && share <= 0.0)
    {
        None => Ok(()),
        Some(k) => Err(Error::OutOfRange(Detail::new(
            format!("expected[{k}]"),
            format!("must be > 0 for an arm that has {} units", observed[k]),
            0,
        ))),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn hand_computed() {
        // 3 and 9 of 12 at 50:50: (3−6)²/6 + (9−6)²/6 = 3.
        let test = srm(&[3, 9], &[2.0, 2.0]).unwrap();
        assert!((test.statistic - 3.0).abs() < 1e-15);
        assert_eq!(test.df, 1);
    }

    #[test]
    fn an_empty_arm_without_weight_changes_nothing() {
        let two = srm(&[30, 40], &[0.5, 0.5]).unwrap();
        let three = srm(&[30, 40, 0], &[0.5, 0.5, 0.0]).unwrap();
        assert_eq!(
            (two.p_value.to_bits(), two.df),
            (three.p_value.to_bits(), three.df)
        );
        assert_eq!(
            srm(&[30, 40, 1], &[0.5, 0.5, 0.0]).unwrap_err().code(),
            "out_of_range"
        );
    }

    #[test]
    fn refusals() {
        assert_eq!(
            srm(&[0, 0], &[1.0, 1.0]).unwrap_err().code(),
            "out_of_range"
        );
        assert_eq!(
            srm(&[1, 2], &[0.0, 0.0]).unwrap_err().code(),
            "out_of_range"
        );
        assert_eq!(
            srm(&[1, 2], &[1.0, f64::NAN]).unwrap_err().code(),
            "not_finite"
        );
        assert_eq!(srm(&[1], &[1.0, 1.0]).unwrap_err().code(), "conflict");
    }

    #[test]
    fn huge_counts_and_weights_do_not_overflow() {
        let huge = srm(&[1 << 63, 1 << 63], &[1e308, 1e308]).unwrap();
        assert!((huge.p_value - 1.0).abs() < 1e-15);
    }
}
