//! Who an experiment is for, once segments are resolved.

use std::cell::Cell;

use serde_json::Value;

use super::{Facts, Outcome, Reason};
use crate::{
    error::Result,
    rule::{AttributeSchema, Compiled, Rule, Slots, Trace},
    segment::Segments,
    value::{Source, Timestamp, ValueRef},
};

/// A targeting rule, made ready for both sides of the house.
#[derive(Debug, Clone)]
pub(super) struct Targeting {
    /// For one visitor, among the [`Served`] rules: segments that the storefront can judge are inlined, the others
    /// stay names.
    served: usize,
    /// For a table or a warehouse, which hold every attribute: all segments are inlined.
    pub(super) replay: Rule,
    /// Whether anything about the visitor matters.
    reads: bool,
    /// What the rule that the storefront judges reads, sorted.
    pub(super) attributes: Vec<String>,
    /// Whether that rule depends on the time.
    pub(super) needs_now: bool,
}

/// The targeting rules of all experiments as the storefront judges them, compiled together.
#[derive(Debug, Clone)]
pub(super) struct Served {
    pub(super) compiled: Compiled,
    /// The same as written, for explaining.
    rules: Vec<Rule>,
    /// Of each segment left as a name: the hash of the rule that must have judged it.
    hashes: Vec<String>,
}

impl Served {
    pub(super) fn new(rules: Vec<Rule>, segments: &Segments) -> Self {
        let compiled = Compiled::new(&rules);
        let hash = |key: &String| {
            let expanded = segments.expand(&Rule::Segment(key.clone()));
            expanded.map(|rule| rule.hash()).unwrap_or_default()
        };
        Self {
            hashes: compiled.segments().iter().map(hash).collect(),
            compiled,
            rules,
        }
    }

    /// Each segment left as a name, and the hash of the rule that must have judged it.
    pub(super) fn segments(&self) -> impl Iterator<Item = (&String, &String)> {
        self.compiled.segments().iter().zip(&self.hashes)
    }

    /// The slot of a segment left as a name, and the hash of the rule that must have judged it.
    pub(super) fn segment(&self, name: &str) -> Option<(usize, &str)> {
        let segments = self.compiled.segments();
        let slot = segments
            .binary_search_by(|key| key.as_str().cmp(name))
            .ok()?;
        Some((slot, self.hashes.get(slot)?))
    }
}

/// One visitor's facts in the slots of the served rules.
struct InSlots<'f, F> {
    served: &'f Served,
    facts: &'f F,
    /// Whether a membership was asked for that today's rule did not judge.
    stale: Cell<bool>,
}

impl<F: Facts> Slots for InSlots<'_, F> {
    fn look<T>(&self, slot: usize, ask: impl FnOnce(&ValueRef<'_>) -> T) -> T {
        let name = self.served.compiled.attributes().get(slot);
        ask(&name.map_or(ValueRef::Missing, |name| self.facts.value(slot, name)))
    }

    fn member(&self, segment: usize) -> Option<bool> {
        let key = self.served.compiled.segments().get(segment)?;
        let known = self
            .facts
            .membership(segment, key, self.served.hashes.get(segment)?);
        self.stale.set(self.stale.get() || known.is_none());
        known
    }
}

/// The same facts by name.
struct ByName<'f, F> {
    served: &'f Served,
    facts: &'f F,
}

impl<F: Facts> Source for ByName<'_, F> {
    fn get(&self, name: &str) -> ValueRef<'_> {
        let slot = self.served.compiled.slot(name);
        slot.map_or(ValueRef::Missing, |slot| self.facts.value(slot, name))
    }
}

impl<F: Facts> ByName<'_, F> {
    fn member(&self, segment: &str) -> Option<bool> {
        let keys = self.served.compiled.segments();
        let slot = keys.binary_search_by(|key| key.as_str().cmp(segment));
        let slot = slot.ok()?;
        self.facts
            .membership(slot, segment, self.served.hashes.get(slot)?)
    }
}

/// The answer of a targeting rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Eligibility {
    Targeted,
    NotTargeted,
    Unreadable,
    Stale,
}

impl Eligibility {
    /// The outcome for a unit that the experiment is not for.
    pub(super) fn refusal(self) -> Option<Outcome> {
        let reason = match self {
            Self::Targeted => return None,
            Self::NotTargeted => Reason::NotTargeted,
            Self::Unreadable => Reason::BadAttributes,
            Self::Stale => Reason::StaleSegment,
        };
        Some(Outcome::control(reason))
    }
}

impl From<Option<bool>> for Eligibility {
    fn from(answer: Option<bool>) -> Self {
        if answer == Some(true) {
            Self::Targeted
        } else {
            Self::NotTargeted
        }
    }
}

impl Targeting {
    /// Adds the rule that the storefront judges to `served`.
    ///
    /// # Errors
    /// An unknown segment, or segments that lead back to themselves.
    pub(super) fn compile(
        rule: &Rule,
        segments: &Segments,
        schema: Option<&AttributeSchema>,
        served: &mut Vec<Rule>,
    ) -> Result<Self> {
        let replay = segments.expand(rule)?;
        let judged = resolve(rule, &mut |key| {
            let named = Rule::Segment(key.to_owned());
            let expanded = segments.expand(&named)?;
            let assignable = schema.is_none_or(|s| s.missing_for(&expanded).is_empty());
            Ok(if assignable { expanded } else { named })
        })?;
        let compiled = Self {
            served: served.len(),
            reads: !replay.attributes().is_empty(),
            attributes: judged.attributes(),
            needs_now: judged.needs_now(),
            replay,
        };
        served.push(judged);
        Ok(compiled)
    }

    /// The answer for one visitor. Unknown because of a membership that today's rule did not judge is *stale*.
    pub(super) fn judge(
        &self,
        served: &Served,
        facts: &impl Facts,
        now: Option<Timestamp>,
    ) -> Eligibility {
        if self.reads && facts.is_unreadable() {
            return Eligibility::Unreadable;
        }
        let slots = InSlots {
            served,
            facts,
            stale: Cell::new(false),
        };
        match served.compiled.judge(self.served, &slots, now) {
            None if slots.stale.get() => Eligibility::Stale,
            answer => answer.into(),
        }
    }
}

impl Targeting {
    /// The rule that the storefront judges.
    pub(super) fn rule<'s>(&self, served: &'s Served) -> Option<&'s Rule> {
        served.rules.get(self.served)
    }

    /// The same, compiled, as JSON.
    pub(super) fn tree(&self, served: &Served) -> Value {
        served.compiled.tree(self.served)
    }

    /// Whether anything about the visitor matters.
    pub(super) fn reads(&self) -> bool {
        self.reads
    }

    /// What [`Targeting::judge`] came to; `None` when the attributes could not be read.
    pub(super) fn trace(
        &self,
        served: &Served,
        facts: &impl Facts,
        now: Option<Timestamp>,
    ) -> Option<Trace> {
        let readable = !(self.reads && facts.is_unreadable());
        let rule = self.rule(served).filter(|_| readable)?;
        let facts = ByName { served, facts };
        Some(rule.trace(&facts, now, &|segment| facts.member(segment)))
    }
}

/// The rule with every segment name replaced.
fn resolve(rule: &Rule, replace: &mut impl FnMut(&str) -> Result<Rule>) -> Result<Rule> {
    let all = |children: &[Rule], replace: &mut _| {
        children
            .iter()
            .map(|child| resolve(child, replace))
            .collect::<Result<Vec<_>>>()
    };
    Ok(match rule {
        Rule::All(children) => Rule::All(all(children, replace)?),
        Rule::Any(children) => Rule::Any(all(children, replace)?),
        Rule::Not(child) => Rule::Not(Box::new(resolve(child, replace)?)),
        Rule::Segment(key) => replace(key)?,
        Rule::Compare { .. } => rule.clone(),
    })
}
