//! Comparisons of one attribute and one class that stand side by side.

use super::{
    FindingKind, Fuel, Walk,
    atom::{Atom, Class},
    finding::{said, together},
    range, tags, text,
};
use crate::rule::{
    ast::Rule,
    canonical::{Kind, Node},
};

/// Most parts among which the pair that contradicts, or the one that implies, is looked for.
const NAMED: usize = 32;

/// Side by side under `all`; under `any` the atoms are negated, so that a union is an intersection too.
pub(super) type Group = Vec<Member>;

/// One comparison of a group.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) atom: Atom,
    pub(super) node: Node,
    /// What stands around it leaves it nothing to decide: never false under `all`, never true under `any`.
    pub(super) idle: bool,
}

impl Member {
    pub(super) fn rule(&self) -> Rule {
        self.node.clone().into_rule()
    }
}

/// A group made one.
pub(super) struct Met {
    pub(super) atoms: Vec<Atom>,
    pub(super) nodes: Vec<Node>,
    /// No value is in all sets.
    pub(super) empty: bool,
    /// Every value is.
    pub(super) full: bool,
}

/// The intersection of sets of one class, `None` when it is empty.
pub(super) fn intersect(class: Class, atoms: &[Atom], fuel: &mut Fuel) -> Option<Vec<Atom>> {
    match class {
        Class::Presence | Class::Segment => {
            let first = atoms.first()?;
            atoms
                .iter()
                .all(|atom| atom == first)
                .then(|| vec![first.clone()])
        }
        Class::Recent => recent(atoms),
        Class::Text => text::meet(atoms, fuel),
        Class::Tags => tags::meet(atoms, fuel),
        Class::Boolean | Class::Number | Class::Instant => range::meet(class, atoms),
    }
}

/// The shortest time within, and the longest not within.
fn recent(atoms: &[Atom]) -> Option<Vec<Atom>> {
    let micros = |wanted: bool| {
        atoms.iter().filter_map(move |atom| match atom {
            Atom::Within(micros, no) if *no == wanted => Some(*micros),
            _ => None,
        })
    };
    let (within, without) = (micros(false).min(), micros(true).max());
    if within
        .zip(without)
        .is_some_and(|(within, without)| without >= within)
    {
        return None;
    }
    let within = within.map(|micros| Atom::Within(micros, false));
    let without = without.map(|micros| Atom::Within(micros, true));
    Some(within.into_iter().chain(without).collect())
}

impl Walk {
    /// Makes the group one, and notes what that found.
    pub(super) fn merge(
        &mut self,
        all: bool,
        name: &str,
        class: Class,
        group: &Group,
        path: &str,
    ) -> Met {
        let atoms: Vec<Atom> = group.iter().map(|member| member.atom.clone()).collect();
        let unchanged = |empty, full| Met {
            atoms: atoms.clone(),
            nodes: group.iter().map(|member| member.node.clone()).collect(),
            empty,
            full,
        };
        let size: usize = atoms.iter().map(Atom::size).sum();
        if !self.fuel.spend(2 * size) {
            return unchanged(false, false);
        }
        let Some(mut met) = intersect(class, &atoms, &mut self.fuel) else {
            self.note_empty(all, class, group, path);
            return unchanged(true, false);
        };
        let fuel = &mut self.fuel;
        let mut all_values =
            |atom: &Atom| intersect(class, &[atom.clone().negate()], fuel).is_none();
        let full = atoms.iter().all(&mut all_values);
        if full {
            self.note_full(all, group);
        }
        let full = full || group.iter().all(|member| member.idle);
        if met == atoms || !self.fuel.spend(met.len().saturating_mul(atoms.len())) {
            return unchanged(false, full);
        }
        // Sets of every value still tell whose value is known.
        if met.is_empty() {
            met.extend(atoms.first().cloned());
        }
        if !all {
            met = met
                .into_iter()
                .flat_map(|atom| halves(atom, &atoms))
                .collect();
        }
        self.note_met(all, (name, class), group, &met);
        let nodes = met
            .iter()
            .map(|atom| node_of(all, name, class, atom, group, path));
        Met {
            nodes: nodes.collect(),
            atoms: met,
            empty: false,
            full,
        }
    }

    fn note_empty(&mut self, all: bool, class: Class, group: &Group, path: &str) {
        let mut parts: Vec<&Member> = group.iter().collect();
        if group.len() <= NAMED {
            let pairs = group
                .iter()
                .enumerate()
                .flat_map(|(i, a)| group.iter().take(i).map(move |b| [b, a]));
            let alone = group.iter().map(|a| vec![a]);
            let mut fewest = alone.chain(pairs.map(Vec::from));
            let found = fewest.find(|few| {
                let atoms: Vec<Atom> = few.iter().map(|m| m.atom.clone()).collect();
                intersect(class, &atoms, &mut self.fuel).is_none()
            });
            parts = found.unwrap_or(parts);
        }
        let rules: Vec<Rule> = parts.iter().map(|member| member.rule()).collect();
        let place = match parts.as_slice() {
            [only] => only.node.path.clone(),
            _ => path.to_owned(),
        };
        let (kind, joint, verdict) = if all {
            let never = match parts.len() {
                1 => "can never be true",
                2 => "can never both be true",
                _ => "can never all be true",
            };
            (
                FindingKind::Contradiction,
                "and",
                format!("{never}: no one matches"),
            )
        } else if class == Class::Presence {
            (
                FindingKind::AlwaysTrue,
                "or",
                "is true of everyone".to_owned(),
            )
        } else {
            let verdict = "is true of everyone of whom it is known".to_owned();
            (FindingKind::TrueWhenKnown, "or", verdict)
        };
        let message = format!("{} {verdict}", together(&rules, joint));
        self.note(kind, place, connective(all, rules), message);
    }

    /// Comparisons that every value satisfies, or under `any` none.
    fn note_full(&mut self, all: bool, group: &Group) {
        for member in group {
            let rule = member.rule();
            let (kind, verdict) = if all {
                (
                    FindingKind::TrueWhenKnown,
                    "is true of everyone of whom it is known",
                )
            } else {
                (FindingKind::Contradiction, "can never be true")
            };
            let message = format!("{} {verdict}", said(&rule));
            self.note(kind, member.node.path.clone(), rule, message);
        }
    }

    fn note_met(&mut self, all: bool, (name, class): (&str, Class), group: &Group, met: &[Atom]) {
        let rule = |atom: &Atom| written(all, name, class, atom);
        let gone: Vec<&Member> = group.iter().filter(|m| !met.contains(&m.atom)).collect();
        let is_new = |atom: &&Atom| !group.iter().any(|m| m.atom == **atom);
        let fresh: Vec<Rule> = met.iter().filter(is_new).map(rule).collect();
        let joint = if all { "and" } else { "or" };
        if let (Some(first), false) = (gone.first(), fresh.is_empty()) {
            let path = first.node.path.clone();
            let rules: Vec<Rule> = gone.iter().map(|m| m.rule()).collect();
            let verb = if rules.len() == 1 {
                "comes down to"
            } else {
                "come down to"
            };
            let message = format!(
                "{} {verb} {}",
                together(&rules, joint),
                together(&fresh, joint)
            );
            return self.note(FindingKind::Merged, path, connective(all, rules), message);
        }
        for member in gone {
            let mut reason: Vec<Rule> = met.iter().map(rule).collect();
            if met.len() <= NAMED {
                let against = member.atom.clone().negate();
                let enough = met.iter().find(|atom| {
                    intersect(class, &[(*atom).clone(), against.clone()], &mut self.fuel).is_none()
                });
                reason = enough.map_or(reason, |atom| vec![rule(atom)]);
            }
            let part = member.rule();
            let message = format!(
                "{} adds nothing beside {}",
                said(&part),
                together(&reason, joint)
            );
            self.note(
                FindingKind::Redundant,
                member.node.path.clone(),
                part,
                message,
            );
        }
    }
}

/// Under `any` a range found by merging is written as what lies below and what lies above it.
fn halves(atom: Atom, known: &[Atom]) -> Vec<Atom> {
    match atom {
        Atom::Between(low, high)
            if !known
                .iter()
                .any(|k| matches!(k, Atom::Between(l, h) if (l, h) == (&low, &high))) =>
        {
            vec![Atom::AtLeast(low), Atom::AtMost(high)]
        }
        other => vec![other],
    }
}

/// The leaf of an atom, which is negated under `any`.
fn written(all: bool, name: &str, class: Class, atom: &Atom) -> Rule {
    if all {
        atom.rule(name, class)
    } else {
        atom.clone().negate().rule(name, class)
    }
}

/// The node of an atom: the one it had, or a new one.
fn node_of(all: bool, name: &str, class: Class, atom: &Atom, group: &Group, path: &str) -> Node {
    let known = group.iter().find(|member| member.atom == *atom);
    known.map_or_else(
        || Node {
            path: path.to_owned(),
            kind: Kind::Leaf(written(all, name, class, atom)),
        },
        |member| member.node.clone(),
    )
}

fn connective(all: bool, mut rules: Vec<Rule>) -> Rule {
    match rules.pop() {
        Some(only) if rules.is_empty() => only,
        last => {
            rules.extend(last);
            if all {
                Rule::All(rules)
            } else {
                Rule::Any(rules)
            }
        }
    }
}
