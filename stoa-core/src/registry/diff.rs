//! What changed between two instants.

use serde::Serialize;

use super::{
    Registry,
    entry::{Entry, Version},
};
use crate::{rule::Rule, segment::Lifecycle, value::Timestamp};

/// A segment whose last version has another rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleChange {
    /// Key of the segment.
    pub key: String,
    /// Version then.
    pub version_then: u32,
    /// Version now.
    pub version_now: u32,
    /// Rule then.
    pub rule_then: Rule,
    /// Rule now.
    pub rule_now: Rule,
    /// Rule then, in words.
    pub description_then: String,
    /// Rule now, in words.
    pub description_now: String,
    /// Where the new version stands.
    pub lifecycle: Lifecycle,
}

/// A segment that stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Key of the segment.
    pub key: String,
    /// Where it stood.
    pub from: Lifecycle,
    /// Where it stands.
    pub to: Lifecycle,
}

/// A segment with another key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// Key then.
    pub from: String,
    /// Key now.
    pub to: String,
}

/// What changed between two instants; keys are those of the later one.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Diff {
    /// Segments that were not there.
    pub added: Vec<String>,
    /// Segments whose last version has another rule.
    pub changed: Vec<RuleChange>,
    /// Segments that stand elsewhere, but for those retired.
    pub moved: Vec<Moved>,
    /// Segments retired.
    pub retired: Vec<String>,
    /// Segments confirmed.
    pub confirmed: Vec<String>,
    /// Segments with another key.
    pub renamed: Vec<Renamed>,
}

impl Registry {
    /// What changed between two instants; events of an instant itself have happened.
    #[must_use]
    pub fn diff(&self, then: Timestamp, now: Timestamp) -> Diff {
        let (then, now) = (self.at(then), self.at(now));
        let mut diff = Diff::default();
        for (id, entry) in now.entries.iter().enumerate() {
            // The fold numbers entries as they appear, so a number means the same segment at every instant.
            match then.entries.get(id) {
                None => diff.added.push(entry.key.clone()),
                Some(before) => diff.compare(before, entry),
            }
        }
        diff
    }
}

impl Diff {
    fn compare(&mut self, before: &Entry, after: &Entry) {
        let key = after.key.clone();
        if before.key != after.key {
            self.renamed.push(Renamed {
                from: before.key.clone(),
                to: key.clone(),
            });
        }
        if let (Some(old), Some(new)) = (before.versions.last(), after.versions.last()) {
            self.changed.extend(rule_change(&key, old, new));
        }
        let (Some(old), Some(new)) = (before.current(), after.current()) else {
            return;
        };
        if old.lifecycle != new.lifecycle {
            if new.lifecycle == Lifecycle::Retired {
                self.retired.push(key.clone());
            } else {
                self.moved.push(Moved {
                    key: key.clone(),
                    from: old.lifecycle,
                    to: new.lifecycle,
                });
            }
        }
        if new.claim > old.claim && !new.confirmations.is_empty() {
            self.confirmed.push(key);
        }
    }
}

fn rule_change(key: &str, old: &Version, new: &Version) -> Option<RuleChange> {
    (old.rule != new.rule).then(|| RuleChange {
        key: key.to_owned(),
        version_then: old.version,
        version_now: new.version,
        rule_then: old.rule.clone(),
        rule_now: new.rule.clone(),
        description_then: old.rule.describe(None),
        description_now: new.rule.describe(None),
        lifecycle: new.lifecycle,
    })
}
