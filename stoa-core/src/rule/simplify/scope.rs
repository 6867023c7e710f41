//! What stands around a part: under `a and (…)` the part is only asked where a is true.
//!
//! In a distributive lattice a ∧ f(b) = a ∧ f(true) when a ≤ b, and dually; Kleene's logic is one, and rules in
//! negation normal form are monotone in their comparisons.

use std::collections::BTreeMap;

use super::{
    FindingKind, Walk,
    atom::{Atom, Class},
    finding::said,
    group::intersect,
};
use crate::rule::canonical::Node;

/// The comparisons that stand beside a part, under one `all`, or negated under one `any`.
pub(super) struct Scope<'a> {
    pub(super) all: bool,
    pub(super) groups: BTreeMap<(String, Class), Vec<Atom>>,
    pub(super) parent: Option<&'a Scope<'a>>,
}

/// What the scope says of a comparison.
pub(super) enum Verdict {
    /// It can be replaced by this.
    Constant(bool),
    /// It stays, and where it is asked it can never be true or never be false.
    Open { never: bool, surely: bool },
}

impl Walk {
    pub(super) fn in_scope(
        &mut self,
        name: &str,
        class: Class,
        atom: &Atom,
        node: &Node,
        scope: Option<&Scope<'_>>,
    ) -> Verdict {
        let (mut never, mut surely) = (false, false);
        let key = (name.to_owned(), class);
        let mut next = scope;
        while let Some(scope) = next {
            next = scope.parent;
            let Some(around) = scope.groups.get(&key) else {
                continue;
            };
            let size: usize = around.iter().map(Atom::size).sum();
            if !self.fuel.spend(2 * (size + atom.size())) {
                continue;
            }
            let mut rules_out = |atom: Atom| {
                let beside: Vec<Atom> = around.iter().cloned().chain([atom]).collect();
                intersect(class, &beside, &mut self.fuel).is_none()
            };
            let (yes, no) = (rules_out(atom.clone().negate()), rules_out(atom.clone()));
            // Under `any` the scope's sets are where its comparisons are false.
            let (settled, against) = if scope.all { (yes, no) } else { (no, yes) };
            if settled {
                let first = around.first().map(|first| {
                    let first = if scope.all {
                        first.clone()
                    } else {
                        first.clone().negate()
                    };
                    said(&first.rule(name, class))
                });
                let rule = node.clone().into_rule();
                let message = format!(
                    "{} adds nothing beside {}",
                    said(&rule),
                    first.unwrap_or_default()
                );
                self.note(FindingKind::Redundant, node.path.clone(), rule, message);
                return Verdict::Constant(scope.all);
            }
            if against && scope.all {
                never = true;
                self.never_here(name, class, around, node);
            } else if against {
                surely = true;
            }
        }
        Verdict::Open { never, surely }
    }

    fn never_here(&mut self, name: &str, class: Class, around: &[Atom], node: &Node) {
        let rule = node.clone().into_rule();
        let beside = around.first().map(|first| said(&first.rule(name, class)));
        let message = format!(
            "{} can never be true beside {}",
            said(&rule),
            beside.unwrap_or_default()
        );
        self.note(FindingKind::Contradiction, node.path.clone(), rule, message);
    }
}
