//! Who an experiment is for, once segments are resolved.

use std::{cell::Cell, collections::BTreeMap};

use super::Visitor;
use crate::{
    error::Result,
    rule::{AttributeSchema, Rule},
    segment::Segments,
    value::Timestamp,
};

/// A targeting rule, made ready for both sides of the house.
#[derive(Debug, Clone)]
pub(super) struct Targeting {
    /// For one visitor: segments that the storefront can judge are inlined, the others stay names.
    served: Rule,
    /// For a table or a warehouse, which hold every attribute: all segments are inlined.
    pub(super) replay: Rule,
    /// Segments left as names, with the hash of the rule that must have judged them.
    cached: BTreeMap<String, String>,
    /// Whether anything about the visitor matters.
    reads: bool,
}

/// The answer of a targeting rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Eligibility {
    Targeted,
    NotTargeted,
    Unreadable,
    Stale,
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
    /// # Errors
    /// An unknown segment, or segments that lead back to themselves.
    pub(super) fn compile(
        rule: &Rule,
        segments: &Segments,
        schema: Option<&AttributeSchema>,
    ) -> Result<Self> {
        let replay = segments.expand(rule)?;
        let mut cached = BTreeMap::new();
        let served = resolve(rule, &mut |key| {
            let expanded = segments.expand(&Rule::Segment(key.to_owned()))?;
            let assignable = schema.is_none_or(|s| s.missing_for(&expanded).is_empty());
            if assignable {
                return Ok(expanded);
            }
            cached.insert(key.to_owned(), expanded.hash());
            Ok(Rule::Segment(key.to_owned()))
        })?;
        Ok(Self {
            reads: !replay.attributes().is_empty(),
            served,
            replay,
            cached,
        })
    }

    /// The answer for one visitor. Unknown because of a membership that today's rule did not judge is *stale*.
    pub(super) fn judge(&self, visitor: &Visitor, now: Option<Timestamp>) -> Eligibility {
        if self.reads && visitor.unreadable().is_some() {
            return Eligibility::Unreadable;
        }
        let stale = Cell::new(false);
        let membership = |key: &str| {
            let rule_hash = self.cached.get(key)?;
            let known = visitor.membership(key, rule_hash);
            stale.set(stale.get() || known.is_none());
            known
        };
        match self
            .served
            .evaluate_with(visitor.attributes(), now, &membership)
        {
            None if stale.get() => Eligibility::Stale,
            answer => answer.into(),
        }
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
