//! The fold: a draft becomes an event, an event becomes state.

use super::{
    Registry,
    action::{Action, Draft},
    entry::{Entry, Version},
    event::{Change, Event, MAX_LINE_BYTES, SCHEMA_VERSION},
    evidence::ClaimLevel,
    step::{Step, next_version},
};
use crate::{
    error::{Detail, Error, Result},
    segment::Lifecycle,
    value::Timestamp,
};

impl Registry {
    /// Judges a draft and seals it as the next event; the registry stays as it is until the event is applied.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a key that was never proposed; [`Error::OutOfRange`] for one that is not `snake_case`;
    /// [`Error::Duplicate`] for a rule that is proposed, accepted or deployed already; [`Error::Conflict`] for a change
    /// that the lifecycle does not allow, a version that is not the one meant, or a time before the last event's;
    /// [`Error::Cycle`] for a rule that leads back to itself; [`Error::MissingField`] without an actor;
    /// [`Error::TooLarge`] for a text over its limit.
    pub fn next(&self, draft: &Draft) -> Result<Event> {
        let key = self.get(&draft.key).map_or(&draft.key, |entry| &entry.key);
        let mut event = Event {
            schema_version: SCHEMA_VERSION,
            seq: self.events.len() as u64 + 1,
            time: draft.time,
            actor: draft.actor.clone(),
            key: key.clone(),
            reason: draft.reason.clone(),
            change: self.resolve(key, &draft.action),
            simulated: draft.simulated,
            prev: self.head().to_owned(),
            hash: String::new(),
        };
        self.check_time(event.time)?;
        event.check_texts()?;
        self.step(key, &event.change)?;
        event.hash = event.seal();
        // What cannot be read back as it is (a year before 0) never becomes a line.
        let line = event.to_line();
        if line.len() > MAX_LINE_BYTES {
            let rule = format!("must be at most {MAX_LINE_BYTES} bytes as a line");
            let found = format!("{} bytes", line.len());
            return Err(Error::TooLarge(Detail::new("event", rule, found)));
        }
        Event::from_line(&line).map_err(|e| e.at("event"))
    }

    /// Verifies an event against the log and takes it in.
    ///
    /// # Errors
    /// [`Error::BrokenChain`] when it does not follow from the last event; otherwise as [`Registry::next`]. The registry
    /// is then as it was.
    pub fn apply(&mut self, event: Event) -> Result<()> {
        let step = self.admit(&event)?;
        let bytes = event.to_line().len() as u64 + 1;
        self.commit(event, step, bytes);
        Ok(())
    }

    /// The registry as it was at an instant, events of that instant included.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> Self {
        let mut then = Self::default();
        let until = self.events.partition_point(|e| e.time <= instant);
        for event in &self.events[..until] {
            if let Ok(step) = then.step(&event.key, &event.change) {
                let bytes = event.to_line().len() as u64 + 1;
                then.commit(event.clone(), step, bytes);
            }
        }
        then
    }

    /// The step of an event that follows from the log.
    pub(super) fn admit(&self, event: &Event) -> Result<Step> {
        let broken = |field: &str, rule: String, found: &dyn ToString| {
            Err(Error::BrokenChain(Detail::new(
                field,
                rule,
                found.to_string(),
            )))
        };
        let seq = self.events.len() as u64 + 1;
        if event.seq != seq {
            return broken("seq", format!("must be {seq}"), &event.seq);
        }
        if event.prev != self.head() {
            let rule = format!("must be the hash of the line above, {:?}", self.head());
            return broken("prev", rule, &event.prev);
        }
        let hash = event.seal();
        if event.hash != hash {
            return broken(
                "hash",
                format!("must be that of the line, {hash}"),
                &event.hash,
            );
        }
        if event.schema_version != SCHEMA_VERSION {
            let rule = format!("must be {SCHEMA_VERSION}");
            let detail = Detail::new("schema_version", rule, event.schema_version);
            return Err(Error::Unsupported(detail));
        }
        self.check_time(event.time)?;
        event.check_texts()?;
        self.step(&event.key, &event.change)
    }

    /// Takes an admitted event in.
    pub(super) fn commit(&mut self, event: Event, step: Step, bytes: u64) {
        let id = match step {
            Step::Create => {
                self.index.insert(event.key.clone(), self.entries.len());
                self.entries.push(Entry {
                    key: event.key.clone(),
                    former_keys: Vec::new(),
                    versions: Vec::new(),
                    events: Vec::new(),
                    deployed: None,
                });
                self.entries.len() - 1
            }
            Step::Version(id)
            | Step::Move(id, ..)
            | Step::RetireAll(id)
            | Step::Confirm(id, _)
            | Step::Rename(id) => id,
        };
        self.entries[id].events.push(self.events.len());
        match step {
            Step::Create | Step::Version(_) => self.add_version(id, &event),
            Step::Move(_, at, to) => self.entries[id].move_to(at, to, event.seq),
            Step::RetireAll(_) => self.entries[id].retire_live(event.seq),
            Step::Confirm(_, at) => self.entries[id].confirm(at, &event.change),
            Step::Rename(_) => self.rename_entry(id, &event.change),
        }
        self.bytes += bytes;
        self.events.push(event);
    }

    /// The change an action means here: every version filled in.
    fn resolve(&self, key: &str, action: &Action) -> Change {
        let entry = self.get(key);
        let number = |at: Option<usize>| {
            let version = entry.and_then(|e| e.versions.get(at?));
            version.map_or(1, |v| v.version)
        };
        let pending = || number(entry.and_then(Entry::pending_index));
        match action {
            Action::Propose {
                rule,
                description,
                evidence,
                provenance,
            } => Change::Proposed {
                rule: rule.clone(),
                description: description.clone(),
                version: entry.map_or(1, next_version),
                evidence: evidence.clone(),
                provenance: provenance.clone(),
            },
            Action::Accept { version } => Change::Accepted {
                version: version.unwrap_or_else(pending),
            },
            Action::Deploy { version } => Change::Deployed {
                version: version.unwrap_or_else(pending),
            },
            Action::Retire { version } => Change::Retired { version: *version },
            Action::Confirm { version, evidence } => Change::Confirmed {
                version: version.unwrap_or_else(|| number(entry.map(Entry::current_index))),
                evidence: evidence.clone(),
            },
            Action::Rename { to } => Change::Renamed { to: to.clone() },
        }
    }

    fn check_time(&self, time: Timestamp) -> Result<()> {
        match self.events.last() {
            Some(last) if time < last.time => Err(Error::Conflict(Detail::new(
                "time",
                format!("must not be before the last event's, {:.6}", last.time),
                format!("{time:.6}"),
            ))),
            _ => Ok(()),
        }
    }

    fn add_version(&mut self, id: usize, event: &Event) {
        let Change::Proposed {
            rule,
            description,
            version,
            evidence,
            provenance,
        } = &event.change
        else {
            return;
        };
        if !rule.segments().is_empty() {
            self.naming.insert(id);
        }
        let entry = &mut self.entries[id];
        if let Some(at) = entry.pending_index() {
            entry.move_to(at, Lifecycle::Retired, event.seq);
        }
        let evidence = evidence.as_deref().cloned();
        entry.versions.push(Version {
            version: *version,
            lifecycle: Lifecycle::Proposed,
            rule: rule.clone(),
            rule_hash: rule.hash(),
            description: description.clone(),
            provenance: provenance.clone(),
            claim: evidence
                .as_ref()
                .map(|e| e.claim.unwrap_or(ClaimLevel::Exploratory)),
            evidence,
            confirmations: Vec::new(),
            simulated: event.simulated,
            proposed_at: event.seq,
            moved_at: event.seq,
        });
    }

    fn rename_entry(&mut self, id: usize, change: &Change) {
        let Change::Renamed { to } = change else {
            return;
        };
        let entry = &mut self.entries[id];
        let former = std::mem::replace(&mut entry.key, to.clone());
        entry.former_keys.retain(|key| key != to);
        entry.former_keys.push(former);
        self.index.insert(to.clone(), id);
    }
}

impl Entry {
    fn move_to(&mut self, at: usize, to: Lifecycle, seq: u64) {
        if to == Lifecycle::Deployed {
            if let Some(old) = self.deployed.replace(at) {
                self.versions[old].lifecycle = Lifecycle::Retired;
                self.versions[old].moved_at = seq;
            }
        } else if self.deployed == Some(at) {
            self.deployed = None;
        }
        self.versions[at].lifecycle = to;
        self.versions[at].moved_at = seq;
    }

    fn retire_live(&mut self, seq: u64) {
        let live = [self.deployed, self.pending_index()];
        for at in live.into_iter().flatten() {
            self.move_to(at, Lifecycle::Retired, seq);
        }
    }

    fn confirm(&mut self, at: usize, change: &Change) {
        if let Change::Confirmed { evidence, .. } = change {
            self.versions[at].claim = Some(ClaimLevel::Confirmed);
            self.versions[at].confirmations.push((**evidence).clone());
        }
    }
}
