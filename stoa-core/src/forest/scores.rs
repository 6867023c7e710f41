//! Doubly robust scores and the averages made of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::experiment::{Experiment, finite, same_length};
use crate::error::Result;

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
/// Γᵢ = τᵢ + (wᵢ − e)/(e(1−e)) · (yᵢ − mᵢ − (wᵢ − e)τᵢ) (Robins, Rotnitzky & Zhao 1994). The experiment's own
/// `expected_outcome` is not looked at.
///
/// # Errors
/// [`crate::error::Error::Conflict`] for lengths that differ, [`crate::error::Error::NotFinite`] and [`crate::error::Error::OutOfRange`] naming the row.
/// # Example
/// ```
/// use stoa_core::forest::{Experiment, doubly_robust};
/// let data = Experiment { y: &[3.0, 1.0], w: &[1.0, 0.0], propensity: 0.5, expected_outcome: None, training: None };
/// assert_eq!(doubly_robust(&[2.0, 2.0], &data, &[2.0, 2.0])?, [2.0, 2.0]);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn doubly_robust(tau: &[f64], data: &Experiment<'_>, expected: &[f64]) -> Result<Vec<f64>> {
    let given = Experiment {
        expected_outcome: Some(expected),
        ..*data
    };
    given.check(data.y.len())?;
    same_length("tau", tau.len(), data.y.len())?;
    finite("tau", tau)?;
    Ok(scores_of(tau, data, expected))
}

/// The scores of rows that were checked.
pub(super) fn scores_of(tau: &[f64], data: &Experiment<'_>, expected: &[f64]) -> Vec<f64> {
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
///
/// # Errors
/// [`crate::error::Error::Conflict`] when there is not one label a score.
/// # Example
/// ```
/// use stoa_core::forest::group_effects;
/// let groups = group_effects(&[1.0, 3.0, 7.0, 9.0], &[0, 0, 4, 4])?;
/// assert_eq!((groups[1].group, groups[1].n), (4, 2));
/// assert!((groups[1].effect.estimate - 8.0).abs() < 1e-12);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn group_effects(scores: &[f64], groups: &[usize]) -> Result<Vec<GroupEffect>> {
    same_length("groups", groups.len(), scores.len())?;
    let mut rows: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (&group, &score) in groups.iter().zip(scores) {
        rows.entry(group).or_default().push(score);
    }
    Ok(rows
        .into_iter()
        .map(|(group, scores)| GroupEffect {
            group,
            n: scores.len(),
            effect: average_effect(&scores),
        })
        .collect())
}
