//! Which change is allowed where, and what it does: the one table of the lifecycle.

use super::{
    Registry,
    entry::{Entry, Version},
    event::Change,
    evidence::{ClaimLevel, Evidence},
};
use crate::{
    error::{Detail, Error, Result},
    rule::Rule,
    segment::{Lifecycle, check_key},
};

/// Where a version must stand for a change, and where it stands after. `proposed` makes a version, `renamed` moves none.
const TRANSITIONS: [(&str, &[Lifecycle], Option<Lifecycle>); 4] = [
    (
        "accepted",
        &[Lifecycle::Proposed],
        Some(Lifecycle::Accepted),
    ),
    (
        "deployed",
        &[Lifecycle::Accepted],
        Some(Lifecycle::Deployed),
    ),
    ("retired", &LIVE, Some(Lifecycle::Retired)),
    ("confirmed", &LIVE, None),
];

const LIVE: [Lifecycle; 3] = [
    Lifecycle::Proposed,
    Lifecycle::Accepted,
    Lifecycle::Deployed,
];

/// What an allowed change does; numbers are indices of entries and versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The first version of a new segment.
    Create,
    /// Another version; it takes the place of the one pending.
    Version(usize),
    /// A version goes where the table says; a new deployment retires the old one.
    Move(usize, usize, Lifecycle),
    /// Everything live of a segment is retired.
    RetireAll(usize),
    /// A version's claim is confirmed.
    Confirm(usize, usize),
    /// A segment gets another key.
    Rename(usize),
}

impl Registry {
    /// The step of a change, or why it is refused.
    pub(super) fn step(&self, key: &str, change: &Change) -> Result<Step> {
        if let Change::Proposed {
            rule,
            version,
            evidence,
            ..
        } = change
        {
            return self.propose(key, rule, *version, evidence.as_deref());
        }
        let Some(&id) = self.index.get(key) else {
            return Err(self.unknown("key", key));
        };
        let entry = &self.entries[id];
        match change {
            Change::Renamed { to } => self.rename(id, to),
            Change::Retired { version: None } => {
                if entry.live().next().is_none() {
                    return Err(refuse(entry, None, change));
                }
                self.check_unnamed(id)?;
                Ok(Step::RetireAll(id))
            }
            _ => self.moved(id, change),
        }
    }

    /// A change of one version.
    fn moved(&self, id: usize, change: &Change) -> Result<Step> {
        let entry = &self.entries[id];
        let meant = match change {
            Change::Retired { version } => version.and_then(|v| index_of(entry, v)),
            Change::Confirmed { .. } => Some(entry.current_index()),
            _ => entry.pending_index(),
        };
        let (Some(at), Some(row)) = (meant, TRANSITIONS.iter().find(|r| r.0 == change.key()))
        else {
            return Err(refuse(entry, meant, change));
        };
        let version = &entry.versions[at];
        if change.version().is_some_and(|v| v != version.version) {
            let rule = format!(
                "must be {}, the version that this is about now",
                version.version
            );
            let found = change.version().unwrap_or_default();
            return Err(Error::Conflict(Detail::new("version", rule, found)));
        }
        if !row.1.contains(&version.lifecycle) {
            return Err(refuse(entry, meant, change));
        }
        match (change, row.2) {
            (Change::Confirmed { evidence, .. }, _) => {
                check_confirmation(version, evidence)?;
                Ok(Step::Confirm(id, at))
            }
            (Change::Deployed { .. }, Some(to)) => {
                self.check_named_live(&version.rule)?;
                Ok(Step::Move(id, at, to))
            }
            (Change::Retired { .. }, Some(to)) => {
                if entry.deployed == Some(at) {
                    self.check_unnamed(id)?;
                }
                Ok(Step::Move(id, at, to))
            }
            (_, Some(to)) => Ok(Step::Move(id, at, to)),
            (_, None) => Err(refuse(entry, meant, change)),
        }
    }

    fn propose(
        &self,
        key: &str,
        rule: &Rule,
        version: u32,
        evidence: Option<&Evidence>,
    ) -> Result<Step> {
        check_key(key)?;
        let id = self.index.get(key).copied();
        let entry = id.map(|id| &self.entries[id]);
        let same = entry.and_then(|e| e.live().find(|v| v.rule == *rule));
        if let Some(same) = same {
            let rule = format!(
                "must differ from version {}, which is {}",
                same.version,
                same.lifecycle.key()
            );
            return Err(Error::Duplicate(Detail::new(
                "rule",
                rule,
                same.rule.describe(None),
            )));
        }
        let next = entry.map_or(1, next_version);
        if version != next {
            let rule = format!("must be {next}, the next of `{key}`");
            return Err(Error::Conflict(Detail::new("version", rule, version)));
        }
        if let Some(evidence) = evidence {
            evidence.check().map_err(|e| e.at("evidence"))?;
            check_rule_hash(rule, evidence)?;
            if evidence.claim == Some(ClaimLevel::Confirmed) {
                let rule =
                    "must be exploratory or honest: a claim is confirmed by an event of its own";
                return Err(Error::Conflict(Detail::new(
                    "evidence.claim",
                    rule,
                    "confirmed",
                )));
            }
        }
        self.check_names(key, rule)?;
        Ok(id.map_or(Step::Create, Step::Version))
    }

    fn rename(&self, id: usize, to: &str) -> Result<Step> {
        check_key(to).map_err(|e| e.at("to"))?;
        let taken = self.index.get(to);
        let own_former = taken == Some(&id) && self.entries[id].key != to;
        if taken.is_some() && !own_former {
            let rule = "must be a key that no segment has or had";
            return Err(Error::Duplicate(Detail::new("to", rule, to)));
        }
        Ok(Step::Rename(id))
    }

    /// Segments that a rule names are there, and none leads back to `key`.
    fn check_names(&self, key: &str, rule: &Rule) -> Result<()> {
        let own = self.index.get(key);
        let mut pending = rule.segments();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(name) = pending.pop() {
            let Some(id) = self.index.get(&name) else {
                let detail = if name == key {
                    cycle(key)
                } else {
                    self.unknown("rule", &name)
                };
                return Err(detail);
            };
            if Some(id) == own {
                return Err(cycle(key));
            }
            if seen.insert(*id) {
                pending.extend(self.entries[*id].live().flat_map(|v| v.rule.segments()));
            }
        }
        Ok(())
    }

    /// Segments that a rule names are not retired.
    fn check_named_live(&self, rule: &Rule) -> Result<()> {
        for name in rule.segments() {
            let entry = self.entry(&name)?;
            if entry.live().next().is_none() {
                let detail = Detail::new("rule", "must not name a retired segment", name);
                return Err(Error::Conflict(detail));
            }
        }
        Ok(())
    }

    /// No other deployed segment names this one.
    fn check_unnamed(&self, id: usize) -> Result<()> {
        let names_it = |other: &Entry| {
            let names = other.deployed().map(|v| v.rule.segments());
            let mut names = names.unwrap_or_default().into_iter();
            names.any(|name| self.index.get(&name) == Some(&id))
        };
        let mut others = self.naming.iter().map(|other| &self.entries[*other]);
        match others.find(|other| names_it(other)) {
            None => Ok(()),
            Some(other) => Err(Error::Conflict(Detail::new(
                "key",
                format!(
                    "must not be named by a deployed segment, `{}` names it",
                    other.key
                ),
                &self.entries[id].key,
            ))),
        }
    }
}

/// Number of the next version.
pub(super) fn next_version(entry: &Entry) -> u32 {
    u32::try_from(entry.versions.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

fn index_of(entry: &Entry, version: u32) -> Option<usize> {
    let at = usize::try_from(version).ok()?.checked_sub(1)?;
    (at < entry.versions.len()).then_some(at)
}

fn check_rule_hash(rule: &Rule, evidence: &Evidence) -> Result<()> {
    match &evidence.rule_hash {
        Some(found) if *found != rule.hash() => Err(Error::Conflict(Detail::new(
            "evidence.rule_hash",
            "must be that of the segment's rule",
            found,
        ))),
        _ => Ok(()),
    }
}

/// A confirmation names a later experiment than the one that found the segment.
fn check_confirmation(version: &Version, evidence: &Evidence) -> Result<()> {
    evidence.check().map_err(|e| e.at("evidence"))?;
    check_rule_hash(&version.rule, evidence)?;
    let field = "evidence.experiment";
    let Some(experiment) = &evidence.experiment else {
        let rule = "is required: an experiment confirms, not an opinion";
        return Err(Error::MissingField(Detail::new(field, rule, "nothing")));
    };
    let found_in = version
        .evidence
        .as_ref()
        .and_then(|e| e.experiment.as_ref());
    if found_in == Some(experiment) {
        let rule = "must be another than the one the segment was found in";
        return Err(Error::Conflict(Detail::new(field, rule, experiment)));
    }
    Ok(())
}

/// A change of a version that does not stand where it must.
fn refuse(entry: &Entry, at: Option<usize>, change: &Change) -> Error {
    let wanted = match change {
        Change::Accepted { .. } => "must have a proposed version to be accepted",
        Change::Deployed { .. } => "must have an accepted version to be deployed",
        Change::Retired { version: Some(_) } => {
            "must have that version, not yet retired, to retire it"
        }
        Change::Retired { .. } => "must not be retired already",
        _ => "must not be retired to be confirmed",
    };
    let found = entry
        .versions
        .get(at.unwrap_or_else(|| entry.current_index()));
    let found = found.map_or(String::new(), |v| {
        format!("version {}, {}", v.version, v.lifecycle.key())
    });
    Error::Conflict(Detail::new(&entry.key, wanted, found))
}

fn cycle(key: &str) -> Error {
    let rule = "must not lead back to its own segment";
    Error::Cycle(Detail::new("rule", rule, key))
}
