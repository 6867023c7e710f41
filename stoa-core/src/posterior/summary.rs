//! A comparison as data: the same keys in every language.

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

use super::{
    comparison::Comparison,
    decomposition::{Decomposition, Part},
    effect::{Effect, Interval},
};

/// Level of the interval in a summary.
const LEVEL: f64 = 0.95;

/// Mean, median and 95% interval of a lift or an arm; `null` where not finite or withheld.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct EffectSummary {
    mean: Option<f64>,
    median: Option<f64>,
    interval: Option<Interval>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct PartSummary {
    prob_positive: f64,
    mean_log_lift: f64,
    absolute_mean: Option<f64>,
    relative: EffectSummary,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct DecompositionSummary {
    mean_log_lift: f64,
    frequency: PartSummary,
    severity: PartSummary,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct BothArms {
    control: f64,
    treatment: f64,
}

impl From<&Effect> for EffectSummary {
    fn from(effect: &Effect) -> Self {
        Self {
            mean: effect.mean(),
            median: effect.median(),
            interval: effect.interval(LEVEL).ok().flatten(),
        }
    }
}

impl From<&Part> for PartSummary {
    fn from(part: &Part) -> Self {
        Self {
            prob_positive: part.prob_positive(),
            mean_log_lift: part.mean_log_lift(),
            absolute_mean: part.absolute_mean(),
            relative: part.relative().into(),
        }
    }
}

impl From<&Decomposition> for DecompositionSummary {
    fn from(both: &Decomposition) -> Self {
        Self {
            mean_log_lift: both.mean_log_lift(),
            frequency: (&both.frequency).into(),
            severity: (&both.severity).into(),
        }
    }
}

impl Comparison {
    /// Every figure of the comparison as JSON.
    ///
    /// Keys: `family`, `model`, `notes` [{`code`, `text`}], `control` and `treatment` {`mean`, `median`, `interval`
    /// {`level`, `low`, `high`}}, `absolute` and `relative` (the same three), `prob_positive`, `prob_harm`,
    /// `mean_log_lift`, `expected_loss_ship`, `expected_loss_keep`, `log_loss_ship`, `log_loss_keep`, and for amounts
    /// `prob_variance_beyond_bound` {`control`, `treatment`}, for hurdle `decomposition` {`mean_log_lift`,
    /// `frequency`, `severity`} with {`prob_positive`, `mean_log_lift`, `absolute_mean`, `relative`} each. What is
    /// infinite or withheld is `null`.
    ///
    /// # Example
    /// ```
    /// use stoa_core::posterior::{compare, Binary, Prior, Stats};
    /// let arm = Stats::Binary(Binary { n: 10, successes: 5 });
    /// let value = compare(&arm, &arm, &Prior::Default)?.to_value();
    /// assert_eq!(value["model"], "beta_binomial");
    /// assert!(value["relative"]["interval"]["low"].as_f64().unwrap() < 0.0);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    fn arm_summary(&self, arm: &super::arm::Arm, mean: Option<f64>) -> EffectSummary {
        let at = |q: f64| arm.unit(arm.curve.quantile(q));
        let tail = 0.5 * (1.0 - LEVEL);
        let shown = self.control_mean().is_some();
        EffectSummary {
            mean,
            median: shown.then(|| at(0.5)),
            interval: shown.then(|| Interval {
                level: LEVEL,
                low: at(tail),
                high: at(1.0 - tail),
            }),
        }
    }
}

impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut s = serializer.serialize_struct("Comparison", 16)?;
        s.serialize_field("family", self.family())?;
        s.serialize_field("model", self.model())?;
        s.serialize_field("notes", self.notes())?;
        let control = self.arm_summary(&self.pair.control, self.control_mean());
        s.serialize_field("control", &control)?;
        let treatment = self.arm_summary(&self.pair.treatment, self.treatment_mean());
        s.serialize_field("treatment", &treatment)?;
        s.serialize_field("absolute", &EffectSummary::from(self.absolute()))?;
        s.serialize_field("relative", &EffectSummary::from(self.relative()))?;
        s.serialize_field("prob_positive", &self.prob_positive())?;
        s.serialize_field("prob_harm", &self.prob_harm())?;
        s.serialize_field("mean_log_lift", &self.mean_log_lift())?;
        s.serialize_field("expected_loss_ship", &self.expected_loss_ship())?;
        s.serialize_field("expected_loss_keep", &self.expected_loss_keep())?;
        s.serialize_field("log_loss_ship", &self.log_loss_ship())?;
        s.serialize_field("log_loss_keep", &self.log_loss_keep())?;
        let beyond = self
            .variance_beyond_bound()
            .map(|[control, treatment]| BothArms { control, treatment });
        s.serialize_field("prob_variance_beyond_bound", &beyond)?;
        let parts = self.decomposition().map(DecompositionSummary::from);
        s.serialize_field("decomposition", &parts)?;
        s.end()
    }
}
