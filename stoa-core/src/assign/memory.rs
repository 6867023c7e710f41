//! What a visitor of sticky experiments has been shown, as a cookie carries it from request to request.
//!
//! One entry an experiment, `KEY.RUN.VARIANT`, joined by `~`: every character may stand in a cookie as it is. RUN is the
//! first eight hex digits of the salt's SHA-256, so a new salt starts afresh. The core neither signs nor dates the text;
//! whoever sets the cookie does.

use super::{Engine, Facts, Outcome, Reason, compile::Entry};
use crate::{hash::sha256_hex, value::ValueRef};

const BETWEEN_ENTRIES: char = '~';
const WITHIN: char = '.';
/// Hex digits of a run.
const RUN_DIGITS: usize = 8;

/// The variants that one visitor has been shown, for one engine. Made by [`Engine::recall`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory(Vec<Option<u8>>);

impl Memory {
    /// The same facts, with what the visitor has been shown: in a sticky experiment that variant stays, whatever its
    /// targeting and its allocation say now.
    #[must_use]
    pub fn with<'f, F: Facts>(&'f self, facts: &'f F) -> Recalled<'f, F> {
        Recalled {
            memory: self,
            facts,
        }
    }

    fn get(&self, experiment: usize) -> Option<u8> {
        self.0.get(experiment).copied().flatten()
    }
}

/// Facts and a memory. Made by [`Memory::with`].
#[derive(Debug, Clone, Copy)]
pub struct Recalled<'f, F> {
    memory: &'f Memory,
    facts: &'f F,
}

impl<F: Facts> Facts for Recalled<'_, F> {
    fn value(&self, slot: usize, name: &str) -> ValueRef<'_> {
        self.facts.value(slot, name)
    }

    fn membership(&self, slot: usize, segment: &str, rule_hash: &str) -> Option<bool> {
        self.facts.membership(slot, segment, rule_hash)
    }

    fn is_unreadable(&self) -> bool {
        self.facts.is_unreadable()
    }

    fn remembered(&self, experiment: usize) -> Option<u8> {
        self.memory.get(experiment)
    }
}

impl Engine {
    /// Reads what [`Engine::remember`] wrote, for this engine or an earlier one. Never fails: an entry of an experiment
    /// that is gone, no longer sticky, salted anew or without that variant is nothing.
    ///
    /// # Example
    /// ```
    /// use stoa_core::assign::{Engine, Reason, Visitor};
    /// let engine = Engine::from_json(r#"{"experiments": [{
    ///     "key": "free_shipping", "surface": "shipping_offer", "status": "running", "sticky": true,
    ///     "variants": [{"key": "A"}, {"key": "B"}], "targeting": {"attr": "orders_count", "op": "eq", "value": 0},
    ///     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
    /// }]}"#)?;
    /// let first = engine.outcome(0, "u1", &Visitor::from_json(r#"{"orders_count": 0}"#), None);
    /// let cookie = engine.remember("", [(0, first)]);
    ///
    /// let bought = Visitor::from_json(r#"{"orders_count": 1}"#);
    /// assert_eq!(engine.outcome(0, "u1", &bought, None).reason, Reason::NotTargeted);
    /// let memory = engine.recall(&cookie);
    /// assert_eq!(engine.outcome(0, "u1", &memory.with(&bought), None), first);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn recall(&self, text: &str) -> Memory {
        let mut memory = Vec::new();
        for (index, variant) in text.split(BETWEEN_ENTRIES).filter_map(|e| self.entry(e)) {
            memory.resize(self.entries().len(), None);
            memory[index] = Some(variant);
        }
        Memory(memory)
    }

    /// What to keep after these decisions: the text before, less what [`Engine::recall`] would not take, and the variants
    /// that sticky experiments assigned. Empty when there is nothing to keep.
    pub fn remember(
        &self,
        before: &str,
        outcomes: impl IntoIterator<Item = (usize, Outcome)>,
    ) -> String {
        let Memory(mut memory) = self.recall(before);
        memory.resize(self.entries().len(), None);
        for (index, outcome) in outcomes {
            let (Reason::Assigned, Some(variant)) = (outcome.reason, outcome.variant) else {
                continue;
            };
            if let Some(place) = memory.get_mut(index) {
                *place = Some(variant);
            }
        }
        let kept = memory
            .iter()
            .zip(self.entries())
            .filter_map(|(variant, entry)| {
                let run = run(entry)?;
                let arm = entry.arms.get(usize::from((*variant)?))?;
                Some(format!("{}{WITHIN}{run}{WITHIN}{}", entry.key, arm.key))
            });
        kept.collect::<Vec<_>>().join(&BETWEEN_ENTRIES.to_string())
    }

    /// Indexes of an entry's experiment and variant.
    fn entry(&self, text: &str) -> Option<(usize, u8)> {
        let mut parts = text.split(WITHIN);
        let (key, shown, variant) = (parts.next()?, parts.next()?, parts.next()?);
        let index = self.index_of(key)?;
        let entry = &self.entries()[index];
        if parts.next().is_some() || run(entry)? != shown {
            return None;
        }
        let variant = entry.arms.iter().position(|arm| arm.key == variant)?;
        Some((index, u8::try_from(variant).ok()?))
    }
}

/// What names the run of a sticky experiment; none of any other.
pub(super) fn run(entry: &Entry) -> Option<String> {
    let ready = entry.ready.as_ref().filter(|ready| ready.sticky)?;
    let mut digits = sha256_hex(&ready.salt);
    digits.truncate(RUN_DIGITS);
    Some(digits)
}
