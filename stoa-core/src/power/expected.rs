//! What a store expects of a metric before an experiment.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Baseline, check::positive};
use crate::error::{Detail, Error, Result};

/// What is expected of one metric of a contract while nothing is changed.
///
/// # Example
/// ```
/// use stoa_core::power::{Baseline, Expected};
/// // One visitor in fifty answers the survey.
/// let csat = serde_json::json!({"mean": 4.1, "sd": 1.13, "per_visitor": 0.02});
/// let expected = Expected::from_value("ordinal", &csat)?;
/// assert_eq!(expected.baseline, Baseline::Ordinal { mean: 4.1, sd: 1.13 });
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// What the metric looks like.
    pub baseline: Baseline,
    /// Units of the metric that a visitor brings, > 0: 1 for a metric per visitor, else orders or answers per visitor.
    #[serde(default = "one")]
    pub per_visitor: f64,
}

fn one() -> f64 {
    1.0
}

impl From<Baseline> for Expected {
    fn from(baseline: Baseline) -> Self {
        Self {
            baseline,
            per_visitor: 1.0,
        }
    }
}

impl Expected {
    /// Reads the baseline's fields and, beside them, `per_visitor`.
    ///
    /// # Errors
    /// As [`Baseline::from_value`]; [`Error::WrongType`] and [`Error::OutOfRange`] for `per_visitor`.
    pub fn from_value(family: &str, value: &Value) -> Result<Self> {
        let mut baseline = value.clone();
        let fields = baseline.as_object_mut();
        let written = fields.and_then(|fields| fields.remove("per_visitor"));
        let per_visitor = match &written {
            None => 1.0,
            Some(found) => found.as_f64().ok_or_else(|| {
                let detail = Detail::new("per_visitor", "must be a number", found);
                Error::WrongType(detail)
            })?,
        };
        let expected = Self {
            baseline: Baseline::from_value(family, &baseline)?,
            per_visitor,
        };
        expected.check()?;
        Ok(expected)
    }

    pub(super) fn check(&self) -> Result<()> {
        self.baseline.check()?;
        positive("per_visitor", self.per_visitor)
    }
}
