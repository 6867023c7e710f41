//! What a segment's effect rests on, as one small document that travels with the event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    discover::{Claim, FoundSegment, ValueDifference},
    error::{Detail, Error, Result},
    experiment::shape,
};

/// How far a segment's effect may be trusted; only an event `confirmed` raises it to the last.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ClaimLevel {
    /// Searched for.
    Exploratory,
    /// Estimated on data that did not choose the segment, and stable.
    Honest,
    /// Replicated in a later experiment.
    Confirmed,
}

impl ClaimLevel {
    /// Its name in documents.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Exploratory => "exploratory",
            Self::Honest => "honest",
            Self::Confirmed => "confirmed",
        }
    }
}

/// An effect with its interval, in the metric's unit per visitor.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EffectInterval {
    /// Estimate.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Level of the interval, such as 0.95.
    pub level: f64,
}

/// What a segment's effect rests on: where it was found or replicated, how large it is, how stable.
///
/// Every field may be left out, because a person may propose a segment that nobody searched for.
///
/// # Example
/// ```
/// use stoa_core::registry::Evidence;
/// let evidence = Evidence::from_value(&serde_json::json!({"experiment": "spring_email", "stability": 0.93}))?;
/// assert_eq!(evidence.experiment.as_deref(), Some("spring_email"));
/// let error = Evidence::from_value(&serde_json::json!({"stabilty": 0.93})).unwrap_err();
/// assert_eq!(error.detail().and_then(|d| d.hint.as_deref()), Some("did you mean `stability`?"));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Evidence {
    /// Key of the experiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Metric whose effect it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// The arm held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// The arm treated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treatment: Option<String>,
    /// Effect on the segment's members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<EffectInterval>,
    /// Effect on everyone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_effect: Option<EffectInterval>,
    /// Whether its members respond above the reference of the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<bool>,
    /// Members among the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// Rows of the effect: members by a search that never saw them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_held_out: Option<u64>,
    /// Share of the rows, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Redrawn searches that found it again, as a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stability: Option<f64>,
    /// The same as a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refound: Option<u64>,
    /// Redrawn searches in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refits: Option<u64>,
    /// How far the search itself trusts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimLevel>,
    /// Whether the storefront can evaluate it, when a schema says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targetable: Option<bool>,
    /// Attributes that the storefront lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_attributes: Vec<String>,
    /// Hash of the rule it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_hash: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sentence: String,
}

impl Evidence {
    /// Reads evidence strictly; all problems are returned at once.
    ///
    /// # Errors
    /// Every problem of its shape; [`Error::OutOfRange`] for a share, stability or level outside 0 to 1.
    pub fn from_value(value: &Value) -> Result<Self> {
        let evidence: Self = shape::read(value, shape::Unknown::Refuse)?;
        evidence.check()?;
        Ok(evidence)
    }

    /// Numbers that no evidence has, all at once.
    ///
    /// # Errors
    /// [`Error::NotFinite`]; [`Error::OutOfRange`] for a share, stability or level outside 0 to 1.
    pub fn check(&self) -> Result<()> {
        let intervals = [
            ("effect", self.effect),
            ("average_effect", self.average_effect),
        ];
        let mut shares = vec![
            ("share".to_owned(), self.share),
            ("stability".to_owned(), self.stability),
        ];
        let mut errors = Vec::new();
        for (name, interval) in intervals {
            let Some(interval) = interval else { continue };
            shares.push((format!("{name}.level"), Some(interval.level)));
            let numbers = [
                ("estimate", interval.estimate),
                ("low", interval.low),
                ("high", interval.high),
            ];
            let finite = numbers.iter().filter(|(_, x)| !x.is_finite());
            errors.extend(finite.map(|(field, x)| {
                let detail = Detail::new(format!("{name}.{field}"), "must be finite", x);
                Error::NotFinite(detail)
            }));
        }
        let outside = |x: &Option<f64>| x.is_some_and(|x| !(0.0..=1.0).contains(&x));
        errors.extend(shares.iter().filter(|(_, x)| outside(x)).map(|(name, x)| {
            let shown = x.unwrap_or_default();
            Error::OutOfRange(Detail::new(name, "must lie between 0 and 1", shown))
        }));
        Error::collect(errors).map_or(Ok(()), Err)
    }

    /// What it says in one sentence; empty when it says nothing.
    #[must_use]
    pub fn in_words(&self) -> String {
        if !self.sentence.is_empty() {
            return self.sentence.clone();
        }
        let Some(effect) = self.effect else {
            return String::new();
        };
        let of = match (&self.treatment, &self.metric) {
            (Some(treatment), Some(metric)) => format!(" of {treatment} on {metric}"),
            (None, Some(metric)) => format!(" on {metric}"),
            _ => String::new(),
        };
        let within = self.experiment.as_deref();
        let within = within.map_or(String::new(), |key| format!(" in {key}"));
        let held_out = self.n_held_out.or(self.n);
        let visitors = held_out.map_or(String::new(), |n| format!(" on {n} visitors"));
        let again = match (self.refound, self.refits) {
            (Some(refound), Some(refits)) => {
                format!("; found again in {refound} of {refits} redrawn searches")
            }
            _ => String::new(),
        };
        format!(
            "The effect{of}{within} was {:+.4} ({:.0}% interval {:+.4} to {:+.4}){visitors}{again}.",
            effect.estimate,
            100.0 * effect.level,
            effect.low,
            effect.high
        )
    }
}

/// Level of the intervals of a search.
const SEARCHED_LEVEL: f64 = 0.95;

impl From<ValueDifference> for EffectInterval {
    fn from(effect: ValueDifference) -> Self {
        Self {
            estimate: effect.estimate,
            low: effect.low,
            high: effect.high,
            level: SEARCHED_LEVEL,
        }
    }
}

impl From<Claim> for ClaimLevel {
    fn from(claim: Claim) -> Self {
        match claim {
            Claim::Exploratory => Self::Exploratory,
            Claim::Honest => Self::Honest,
        }
    }
}

impl From<&FoundSegment> for Evidence {
    fn from(found: &FoundSegment) -> Self {
        Self {
            experiment: Some(found.experiment.clone()),
            metric: Some(found.metric.clone()),
            control: Some(found.control.clone()),
            treatment: Some(found.treatment.clone()),
            effect: found.effect.map(EffectInterval::from),
            average_effect: None,
            above: Some(found.above),
            n: Some(found.n as u64),
            n_held_out: Some(found.n_held_out as u64),
            share: Some(found.share),
            stability: Some(found.stability),
            refound: Some(found.refound as u64),
            refits: Some(found.refits as u64),
            claim: Some(found.claim.into()),
            targetable: found.targetable,
            missing_attributes: found.missing_attributes.clone(),
            rule_hash: Some(found.rule_hash.clone()),
            sentence: String::new(),
        }
    }
}
