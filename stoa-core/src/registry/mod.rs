//! Floor 8: the registry of segments, a fold over an append-only log in which every line holds the hash of the one
//! before.
//!
//! [`Registry::next`] judges a [`Draft`] and seals it as an [`Event`]; [`Registry::apply`] verifies an event and takes
//! it in; everything else reads. Who wrote, when, and where the log is kept is somebody else's: this room has no clock
//! and touches no file.

mod action;
mod bundle;
mod changelog;
mod diff;
mod entry;
mod event;
mod evidence;
mod fold;
mod questions;
mod read;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use action::{Action, Draft};
pub use changelog::Record;
pub use diff::{Diff, Moved, Renamed, RuleChange};
pub use entry::{Entry, Version};
pub use event::{Change, Event};
pub use evidence::{ClaimLevel, EffectInterval, Evidence};
pub use questions::{OpenQuestion, QuestionKind};
pub use read::{Ending, Torn};

use crate::{
    error::{Detail, Error, Result},
    segment::Lifecycle,
    value::{Timestamp, document::schema_of},
};

/// Every segment that was ever proposed, and how it came to stand where it stands.
///
/// When to use: as the one answer to which segments a store has. Not to keep attributes or memberships.
///
/// Cost: an event O(log n) plus its text, whatever the length of the log.
///
/// # Example
/// ```
/// use stoa_core::{registry::{Action, Draft, Registry}, rule::Rule, segment::Lifecycle, value::Timestamp};
/// let mut registry = Registry::default();
/// let draft = |day: &str, action| Ok::<_, stoa_core::error::Error>(Draft {
///     time: Timestamp::parse(&format!("2026-03-{day}T09:00:00Z"))?,
///     actor: "ana".into(),
///     key: "repeat".into(),
///     reason: String::new(),
///     simulated: false,
///     action,
/// });
/// let rule = Rule::parse_sql("orders_count >= 2")?;
/// registry.apply(registry.next(&draft("01", Action::propose(rule.clone()))?)?)?;
/// registry.apply(registry.next(&draft("02", Action::Accept { version: None })?)?)?;
/// assert_eq!(registry.get("repeat").and_then(|e| e.current()).map(|v| v.lifecycle), Some(Lifecycle::Accepted));
/// let again = registry.next(&draft("03", Action::propose(rule))?);
/// assert_eq!(again.unwrap_err().code(), "duplicate");
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Registry {
    events: Vec<Event>,
    bytes: u64,
    entries: Vec<Entry>,
    /// Current and former keys.
    index: BTreeMap<String, usize>,
    /// Entries with a version whose rule names segments.
    naming: BTreeSet<usize>,
}

impl Registry {
    /// The log, the oldest event first.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Length of the log as text, line ends included.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hash of the last event, which stands for the whole log; empty when there is none.
    #[must_use]
    pub fn head(&self) -> &str {
        self.events.last().map_or("", |event| &event.hash)
    }

    /// The clock's reading, or the time of the last event while the clock is behind it: time never goes backwards here.
    #[must_use]
    pub fn not_before(&self, clock: Timestamp) -> Timestamp {
        self.events
            .last()
            .map_or(clock, |event| clock.max(event.time))
    }

    /// Every segment, in the order in which they were first proposed.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The segment of that key, the current or a former one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.index.get(key).map(|id| &self.entries[*id])
    }

    /// The segment of that key.
    ///
    /// # Errors
    /// [`Error::UnknownName`], with a near miss.
    pub fn entry(&self, key: &str) -> Result<&Entry> {
        self.get(key).ok_or_else(|| self.unknown("key", key))
    }

    /// Segments with a version that stands there, by key; every segment with the version that stands for it when no
    /// lifecycle is given. A segment is listed as retired only when all of it is.
    #[must_use]
    pub fn segments(&self, lifecycle: Option<Lifecycle>) -> Vec<(&Entry, &Version)> {
        let stands = |entry: &&Entry| match lifecycle {
            None | Some(Lifecycle::Retired) => entry
                .current()
                .filter(|v| lifecycle.is_none_or(|l| v.lifecycle == l))
                .map(|_| entry.current_index()),
            Some(Lifecycle::Deployed) => entry.deployed,
            Some(pending) => entry
                .pending_index()
                .filter(|at| entry.versions[*at].lifecycle == pending),
        };
        let mut found: Vec<(&Entry, &Version)> = self
            .entries
            .iter()
            .filter_map(|entry| Some((entry, entry.versions.get(stands(&entry)?)?)))
            .collect();
        found.sort_by(|a, b| a.0.key.cmp(&b.0.key));
        found
    }

    /// The state as data: the same keys in every language.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let entries: Vec<Value> = self.entries.iter().map(|e| self.entry_value(e)).collect();
        json!({
            "schema_version": event::SCHEMA_VERSION,
            "events": self.events.len(),
            "head": self.head(),
            "entries": entries,
        })
    }

    /// One segment as data: what stands for it, what is pending, every version and its history.
    #[must_use]
    pub fn entry_value(&self, entry: &Entry) -> Value {
        let current = entry.current();
        json!({
            "key": entry.key,
            "former_keys": entry.former_keys,
            "lifecycle": current.map(|v| v.lifecycle),
            "version": current.map(|v| v.version),
            "claim": current.map(|v| v.claim),
            "segment": current.map(|v| entry.segment(v)),
            "evidence": current.map(|v| &v.evidence),
            "confirmations": current.map(|v| &v.confirmations),
            "simulated": current.map(|v| v.simulated),
            "pending": entry.pending(),
            "versions": entry.versions,
            "history": self.history(entry),
        })
    }

    fn unknown(&self, field: &str, key: &str) -> Error {
        let known = self.index.keys().map(String::as_str);
        let detail = Detail::new(field, "must be a segment of the registry", key);
        Error::UnknownName(detail.did_you_mean(key, known))
    }
}

/// The JSON Schema of one line of the log, made from the Rust types; `docs/registry.schema.json` is its copy.
///
/// # Example
/// ```
/// let schema = stoa_core::registry::event_json_schema();
/// assert_eq!(schema["properties"]["prev"]["type"], "string");
/// ```
#[must_use]
pub fn event_json_schema() -> Value {
    schema_of::<Event>()
}
