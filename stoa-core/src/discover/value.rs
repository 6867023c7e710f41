//! What a rule would earn: cross-fitted policy value against treating everyone and no one.

use serde::{Deserialize, Serialize};

use crate::forest::{Mean, average_effect};

/// A difference in value per visitor with its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ValueDifference {
    /// Estimate, in the metric's unit per visitor.
    pub estimate: f64,
    /// Standard error.
    pub standard_error: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end of the 95% interval.
    pub high: f64,
    /// Whether the interval leaves out zero.
    pub distinguishable: bool,
}

/// The value of treating only those whose effect is above its cost, each judged by a rule that never saw them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyValue {
    /// Share of the visitors it treats.
    pub treated_share: f64,
    /// Against treating no one.
    pub against_none: ValueDifference,
    /// Against treating everyone.
    pub against_all: ValueDifference,
    /// The answer in words.
    pub sentence: String,
}

/// Two-sided 95% point of the normal.
const WIDTH: f64 = 1.959_963_984_540_054;

impl From<Mean> for ValueDifference {
    fn from(mean: Mean) -> Self {
        let half = WIDTH * mean.standard_error;
        let (low, high) = (mean.estimate - half, mean.estimate + half);
        Self {
            estimate: mean.estimate,
            standard_error: mean.standard_error,
            low,
            high,
            distinguishable: low > 0.0 || high < 0.0,
        }
    }
}

/// Values the cross-fitted decisions by the cross-fitted scores.
pub(super) fn policy_value(scores: &[f64], treated: &[bool], cost: f64) -> PolicyValue {
    let part = |keep: bool, sign: f64| -> ValueDifference {
        let values: Vec<f64> = scores
            .iter()
            .zip(treated)
            .map(|(score, treated)| {
                if *treated == keep {
                    sign * (score - cost)
                } else {
                    0.0
                }
            })
            .collect();
        average_effect(&values).into()
    };
    // Against no one it earns the effect on those it treats; against everyone it saves the effect on the others.
    let (against_none, against_all) = (part(true, 1.0), part(false, -1.0));
    let share = treated.iter().filter(|t| **t).count() as f64 / treated.len() as f64;
    PolicyValue {
        treated_share: share,
        against_none,
        against_all,
        sentence: sentence(against_none, against_all),
    }
}

fn sentence(none: ValueDifference, all: ValueDifference) -> String {
    let said = |what: &str, d: ValueDifference| {
        if d.distinguishable {
            let verb = if d.estimate > 0.0 { "better" } else { "worse" };
            format!(
                "{verb} than treating {what} ({:+.4} a visitor, 95% interval {:+.4} to {:+.4})",
                d.estimate, d.low, d.high
            )
        } else {
            format!(
                "not distinguishable from treating {what} ({:+.4} a visitor, 95% interval {:+.4} to {:+.4} contains 0)",
                d.estimate, d.low, d.high
            )
        }
    };
    format!(
        "Treating only this rule's segments is {} and {}.",
        said("everyone", all),
        said("no one", none)
    )
}
