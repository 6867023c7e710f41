//! What is known of one key: its versions, where each stands, what they rest on.

use serde::Serialize;

use super::evidence::{ClaimLevel, Evidence};
use crate::{
    rule::Rule,
    segment::{Lifecycle, Provenance, Segment},
};

/// One rule that was proposed under a key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Version {
    /// Counts the segment's proposals, from 1.
    pub version: u32,
    /// Where it stands.
    pub lifecycle: Lifecycle,
    /// Who belongs to it.
    pub rule: Rule,
    /// The rule's hash.
    pub rule_hash: String,
    /// What a person should know about it.
    pub description: String,
    /// Who or what it comes from.
    pub provenance: Option<Provenance>,
    /// How far its effect may be trusted; absent when nobody claimed one.
    pub claim: Option<ClaimLevel>,
    /// What it was proposed with.
    pub evidence: Option<Evidence>,
    /// What it was confirmed with, in order.
    pub confirmations: Vec<Evidence>,
    /// Whether it belongs to a simulation.
    pub simulated: bool,
    /// Place in the log of its proposal.
    pub proposed_at: u64,
    /// Place in the log of the event that brought it where it stands.
    pub moved_at: u64,
}

/// One segment of the registry: every version proposed under its key.
///
/// At most one version is deployed, and at most one, the last, is pending (proposed or accepted).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Keys it had before; they still lead here.
    pub former_keys: Vec<String>,
    /// Every version, the oldest first; never empty.
    pub versions: Vec<Version>,
    /// Places in the log of its events.
    #[serde(skip)]
    pub(super) events: Vec<usize>,
    /// Index of the version deployed.
    #[serde(skip)]
    pub(super) deployed: Option<usize>,
}

impl Entry {
    /// Index of the version that stands for the segment: the one deployed, or else the last.
    pub(super) fn current_index(&self) -> usize {
        self.deployed
            .unwrap_or(self.versions.len().saturating_sub(1))
    }

    pub(super) fn pending_index(&self) -> Option<usize> {
        let last = self.versions.last()?;
        let waits = matches!(last.lifecycle, Lifecycle::Proposed | Lifecycle::Accepted);
        waits.then(|| self.versions.len() - 1)
    }

    /// The version that stands for the segment: the one deployed, or else the last.
    #[must_use]
    pub fn current(&self) -> Option<&Version> {
        self.versions.get(self.current_index())
    }

    /// The version deployed.
    #[must_use]
    pub fn deployed(&self) -> Option<&Version> {
        self.versions.get(self.deployed?)
    }

    /// The last version, while it is proposed or accepted.
    #[must_use]
    pub fn pending(&self) -> Option<&Version> {
        self.versions.get(self.pending_index()?)
    }

    /// Versions that are not retired.
    pub fn live(&self) -> impl Iterator<Item = &Version> {
        [self.deployed(), self.pending()].into_iter().flatten()
    }

    /// A version as the segment that experiments and engines take.
    #[must_use]
    pub fn segment(&self, version: &Version) -> Segment {
        Segment {
            key: self.key.clone(),
            rule: version.rule.clone(),
            description: version.description.clone(),
            version: version.version,
            lifecycle: version.lifecycle,
            provenance: version.provenance.clone(),
        }
    }
}
