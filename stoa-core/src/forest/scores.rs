//! Doubly robust scores and the averages made of them.

use serde::{Deserialize, Serialize};

use super::fit::Experiment;

/// A mean with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub standard_error: f64,
}

/// The average effect in one group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GroupEffect {
    /// The group's label in the input.
    pub group: usize,
    /// Rows in it.
    pub n: usize,
    /// Average effect with its standard error.
    pub effect: Mean,
}

/// Doubly robust scores of the effect, one a row; their mean is the AIPW estimate of the average effect.
///
/// Γᵢ = τᵢ + (wᵢ − e)/(e(1−e)) · (yᵢ − mᵢ − (wᵢ − e)τᵢ) (Robins, Rotnitzky & Zhao 1994).
///
/// # Example
/// ```
/// use stoa_core::forest::{Experiment, doubly_robust};
/// let data = Experiment { y: &[3.0, 1.0], w: &[1.0, 0.0], propensity: 0.5, expected_outcome: None, training: None };
/// assert_eq!(doubly_robust(&[2.0, 2.0], &data, &[2.0, 2.0]), [2.0, 2.0]);
/// ```
#[must_use]
pub fn doubly_robust(tau: &[f64], data: &Experiment<'_>, expected: &[f64]) -> Vec<f64> {
    let e = data.propensity;
    tau.iter()
        .zip(data.y.iter().zip(data.w))
        .zip(expected)
        .map(|((tau, (y, w)), m)| tau + (w - e) / (e * (1.0 - e)) * (y - m - (w - e) * tau))
        .collect()
}

/// Mean of scores with its standard error, √(Σ(Γᵢ−Γ̄)²/(n−1)/n).
#[must_use]
pub fn average_effect(scores: &[f64]) -> Mean {
    let n = scores.len() as f64;
    let estimate = scores.iter().sum::<f64>() / n;
    let squares: f64 = scores.iter().map(|x| (x - estimate).powi(2)).sum();
    Mean {
        estimate,
        standard_error: (squares / (n - 1.0) / n).sqrt(),
    }
}

/// Average effect within each group, in order of the labels.
#[must_use]
pub fn group_effects(scores: &[f64], groups: &[usize]) -> Vec<GroupEffect> {
    let n_groups = groups.iter().max().map_or(0, |g| g + 1);
    let mut rows = vec![Vec::new(); n_groups];
    for (&group, &score) in groups.iter().zip(scores) {
        rows[group].push(score);
    }
    rows.iter()
        .enumerate()
        .filter(|(_, scores)| !scores.is_empty())
        .map(|(group, scores)| GroupEffect {
            group,
            n: scores.len(),
            effect: average_effect(scores),
        })
        .collect()
}
