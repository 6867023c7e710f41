//! What waits for somebody.

use serde::Serialize;

use super::{
    Registry,
    entry::{Entry, Version},
    evidence::ClaimLevel,
};
use crate::{
    rule::AttributeSchema,
    segment::{Lifecycle, Segment},
};

/// What is open about a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Proposed, and nobody has decided.
    Undecided,
    /// Accepted, and not deployed.
    Undeployed,
    /// Deployed from a search, and no later experiment has confirmed it.
    Unconfirmed,
    /// The storefront lacks attributes that its rule reads.
    NotTargetable,
}

/// One thing that waits for somebody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenQuestion {
    /// Key of the segment.
    pub key: String,
    /// Version it is about.
    pub version: u32,
    /// What is open.
    pub kind: QuestionKind,
    /// The segment.
    pub segment: Segment,
    /// Attributes that the storefront lacks.
    pub missing_attributes: Vec<String>,
    /// Since when, RFC 3339 in UTC.
    pub since: String,
    /// The question in one sentence.
    pub sentence: String,
}

impl Registry {
    /// What waits for somebody, segment by segment in the order of their first proposal. A schema says what the
    /// storefront can evaluate today; without one the evidence says what it could at the time of the search.
    #[must_use]
    pub fn open_questions(&self, schema: Option<&AttributeSchema>) -> Vec<OpenQuestion> {
        let mut open = Vec::new();
        for entry in &self.entries {
            for version in entry.live() {
                let missing = missing(version, schema);
                if let Some(kind) = waits(version) {
                    open.push(self.question(entry, version, kind, Vec::new()));
                }
                if !missing.is_empty() {
                    open.push(self.question(entry, version, QuestionKind::NotTargetable, missing));
                }
            }
        }
        open
    }

    fn question(
        &self,
        entry: &Entry,
        version: &Version,
        kind: QuestionKind,
        missing_attributes: Vec<String>,
    ) -> OpenQuestion {
        let at = usize::try_from(version.moved_at).unwrap_or(usize::MAX);
        let event = self.events.get(at.saturating_sub(1));
        let since = event.map_or(String::new(), |e| format!("{:.6}", e.time));
        let day = since.get(..10).unwrap_or_default();
        let actor = event.map_or("", |e| e.actor.as_str());
        let named = format!(
            "{} (version {}), whose visitor {},",
            entry.key,
            version.version,
            version.rule.describe(None)
        );
        let sentence = match kind {
            QuestionKind::Undecided => {
                format!("{named} was proposed by {actor} on {day} and waits for a decision.")
            }
            QuestionKind::Undeployed => {
                format!("{named} was accepted by {actor} on {day} and is not deployed.")
            }
            QuestionKind::Unconfirmed => format!(
                "{named} was deployed by {actor} on {day} from a search; no later experiment has confirmed its effect."
            ),
            QuestionKind::NotTargetable => format!(
                "{named} cannot be targeted: the storefront lacks {}.",
                missing_attributes.join(", ")
            ),
        };
        OpenQuestion {
            key: entry.key.clone(),
            version: version.version,
            kind,
            segment: entry.segment(version),
            missing_attributes,
            since,
            sentence,
        }
    }
}

fn waits(version: &Version) -> Option<QuestionKind> {
    let unconfirmed = version.claim.is_some_and(|c| c != ClaimLevel::Confirmed);
    match version.lifecycle {
        Lifecycle::Proposed => Some(QuestionKind::Undecided),
        Lifecycle::Accepted => Some(QuestionKind::Undeployed),
        Lifecycle::Deployed => unconfirmed.then_some(QuestionKind::Unconfirmed),
        Lifecycle::Retired => None,
    }
}

fn missing(version: &Version, schema: Option<&AttributeSchema>) -> Vec<String> {
    match (schema, &version.evidence) {
        (Some(schema), _) => schema.missing_for(&version.rule),
        (None, Some(evidence)) => evidence.missing_attributes.clone(),
        (None, None) => Vec::new(),
    }
}
