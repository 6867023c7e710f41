//! What a decision knows of a visitor: looked up by name, given by position, or read from a cache's bytes in one pass.

use super::Visitor;
use crate::{
    rule::{Compiled, Reading},
    value::ValueRef,
};

/// What is known of one visitor. Whoever implements it decides how attributes are found; the engine asks only for those
/// that its rules read.
pub trait Facts {
    /// The attribute `name`, which is number `slot` of [`super::Engine::attributes`].
    fn value(&self, slot: usize, name: &str) -> ValueRef<'_>;

    /// Whether the visitor is in `segment`, as far as the rule of that hash judged it; `slot` counts the segments that
    /// only a cache knows.
    fn membership(&self, slot: usize, segment: &str, rule_hash: &str) -> Option<bool>;

    /// Whether there was something to read that could not be.
    fn is_unreadable(&self) -> bool {
        false
    }

    /// Index of the variant of a sticky experiment that the visitor has been shown before; see [`super::Memory`].
    fn remembered(&self, _experiment: usize) -> Option<u8> {
        None
    }
}

impl Facts for Visitor {
    fn value(&self, _slot: usize, name: &str) -> ValueRef<'_> {
        self.attributes().get(name)
    }

    fn membership(&self, _slot: usize, segment: &str, rule_hash: &str) -> Option<bool> {
        self.judged(segment, rule_hash)
    }

    fn is_unreadable(&self) -> bool {
        self.unreadable().is_some()
    }
}

/// A visitor read for one engine, by [`super::Engine::read`]: what its rules ask for, and nothing else.
#[derive(Debug, Clone, Default)]
pub struct Known<'t> {
    pub(super) values: Reading<'t>,
    pub(super) members: Vec<Option<bool>>,
    pub(super) unreadable: bool,
}

impl Known<'_> {
    pub(super) fn unreadable() -> Self {
        Self {
            unreadable: true,
            ..Self::default()
        }
    }
}

impl Facts for Known<'_> {
    fn value(&self, slot: usize, _name: &str) -> ValueRef<'_> {
        self.values.get(slot)
    }

    fn membership(&self, slot: usize, _segment: &str, _rule_hash: &str) -> Option<bool> {
        self.members.get(slot).copied().flatten()
    }

    fn is_unreadable(&self) -> bool {
        self.unreadable
    }
}

/// Which argument holds which attribute, worked out once by [`super::Engine::positions`].
///
/// # Example
/// ```
/// use stoa_core::{assign::{Engine, Reason}, value::ValueRef};
/// let engine = Engine::from_json(r#"{"experiments": [{
///     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
///     "variants": [{"key": "A"}, {"key": "B"}], "targeting": {"attr": "orders_count", "op": "gte", "value": 2},
///     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
/// }]}"#)?;
/// let positions = engine.positions(&["country", "orders_count"]);
/// let arguments = [ValueRef::Text("CA"), ValueRef::Number(3.0)];
/// let outcome = engine.outcome(0, "visitor-1", &positions.of(&arguments), None);
/// assert_eq!(outcome.reason, Reason::Assigned);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Positions(Vec<Option<usize>>);

impl Positions {
    pub(super) fn new(compiled: &Compiled, names: &[&str]) -> Self {
        let position = |attribute: &String| names.iter().rposition(|name| *name == attribute);
        Self(compiled.attributes().iter().map(position).collect())
    }

    /// A visitor whose attributes are these arguments; those past the end are missing.
    #[must_use]
    pub fn of<'v>(&'v self, arguments: &'v [ValueRef<'v>]) -> Placed<'v> {
        Placed {
            positions: &self.0,
            arguments,
        }
    }
}

/// A visitor whose attributes are arguments. Made by [`Positions::of`].
#[derive(Debug, Clone, Copy)]
pub struct Placed<'v> {
    positions: &'v [Option<usize>],
    arguments: &'v [ValueRef<'v>],
}

impl Facts for Placed<'_> {
    fn value(&self, slot: usize, _name: &str) -> ValueRef<'_> {
        let position = self.positions.get(slot).copied().flatten();
        let value = position.and_then(|position| self.arguments.get(position));
        value.copied().unwrap_or(ValueRef::Missing)
    }

    fn membership(&self, _slot: usize, _segment: &str, _rule_hash: &str) -> Option<bool> {
        None
    }
}
