//! The log as people read it: one record and one sentence an event.

use serde::Serialize;

use super::{
    Registry,
    entry::Entry,
    event::{Change, Event},
};
use crate::value::Timestamp;

/// One event in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its place in the log, from 1.
    pub seq: u64,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Who.
    pub actor: String,
    /// What: proposed, accepted, deployed, retired, confirmed or renamed.
    pub event: String,
    /// Key of the segment at that time.
    pub key: String,
    /// Version it speaks of, when it speaks of one.
    pub version: Option<u32>,
    /// Why; empty when nobody said.
    pub reason: String,
    /// Whether it belongs to a simulation.
    pub simulated: bool,
    /// All of it in one sentence or two.
    pub sentence: String,
    /// Its hash in the log.
    pub hash: String,
}

impl Registry {
    /// What happened, the oldest first; since an instant, that instant included.
    #[must_use]
    pub fn changelog(&self, since: Option<Timestamp>) -> Vec<Record> {
        let from = since.map_or(0, |since| self.events.partition_point(|e| e.time < since));
        self.events[from..].iter().map(Record::of).collect()
    }

    /// What happened to one segment, the oldest first.
    #[must_use]
    pub fn history(&self, entry: &Entry) -> Vec<Record> {
        let events = entry.events.iter();
        events.map(|at| Record::of(&self.events[*at])).collect()
    }
}

impl Record {
    fn of(event: &Event) -> Self {
        Self {
            seq: event.seq,
            time: format!("{:.6}", event.time),
            actor: event.actor.clone(),
            event: event.change.key().to_owned(),
            key: event.key.clone(),
            version: event.change.version(),
            reason: event.reason.clone(),
            simulated: event.simulated,
            sentence: sentence(event),
            hash: event.hash.clone(),
        }
    }
}

fn sentence(event: &Event) -> String {
    let (actor, key) = (&event.actor, &event.key);
    let mut said = match &event.change {
        Change::Proposed {
            rule,
            version,
            evidence,
            ..
        } => {
            let words = rule.describe(None);
            let evidence = evidence.as_ref().map(|e| e.in_words()).unwrap_or_default();
            format!("{actor} proposed {key} (version {version}), whose visitor {words}. {evidence}")
        }
        Change::Accepted { version } => format!("{actor} accepted {key} (version {version})."),
        Change::Deployed { version } => format!("{actor} deployed {key} (version {version})."),
        Change::Retired { version: None } => format!("{actor} retired {key}."),
        Change::Retired {
            version: Some(version),
        } => format!("{actor} retired version {version} of {key}."),
        Change::Confirmed { version, evidence } => {
            let by = evidence.experiment.as_deref().unwrap_or_default();
            let evidence = evidence.in_words();
            format!("{actor} confirmed {key} (version {version}) by {by}. {evidence}")
        }
        Change::Renamed { to } => format!("{actor} renamed {key} to {to}."),
    };
    said.truncate(said.trim_end().len());
    if !event.reason.is_empty() {
        said = format!("{said} Reason: {}", event.reason);
    }
    if event.simulated {
        said.push_str(" (simulated)");
    }
    said
}
