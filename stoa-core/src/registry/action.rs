//! What someone wants to do, before it is an event.

use super::evidence::Evidence;
use crate::{rule::Rule, segment::Provenance, value::Timestamp};

/// What to do with a segment.
///
/// A version left out means the one that is meant anyway; given, it must be that one, so that nobody accepts a rule
/// they have not read.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Write a rule down as the next version.
    Propose {
        /// Who belongs to it.
        rule: Rule,
        /// What a person should know about it.
        description: String,
        /// What its effect rests on, when it was searched for.
        evidence: Option<Box<Evidence>>,
        /// Who or what it comes from.
        provenance: Option<Provenance>,
    },
    /// Agree to the version proposed last.
    Accept {
        /// That version.
        version: Option<u32>,
    },
    /// Send the accepted version to the storefront.
    Deploy {
        /// That version.
        version: Option<u32>,
    },
    /// Keep a segment for the record only.
    Retire {
        /// One version; every one when absent.
        version: Option<u32>,
    },
    /// Say that a later experiment found the effect again.
    Confirm {
        /// The version deployed, or else the one proposed last.
        version: Option<u32>,
        /// What it rests on; names the experiment.
        evidence: Box<Evidence>,
    },
    /// Give the segment another key.
    Rename {
        /// The new key.
        to: String,
    },
}

impl Action {
    /// Proposes a rule that nobody searched for.
    #[must_use]
    pub const fn propose(rule: Rule) -> Self {
        Self::Propose {
            rule,
            description: String::new(),
            evidence: None,
            provenance: None,
        }
    }
}

/// An action with who, when and why: everything the core cannot know.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// When; not before the last event, see [`super::Registry::not_before`].
    pub time: Timestamp,
    /// Who.
    pub actor: String,
    /// Key of the segment, the current or a former one.
    pub key: String,
    /// Why; may be empty.
    pub reason: String,
    /// Whether it belongs to a simulation.
    pub simulated: bool,
    /// What.
    pub action: Action,
}
