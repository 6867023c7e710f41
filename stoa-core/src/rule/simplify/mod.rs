//! Rules without what they say in vain: the same answer on every row, and what was found on the way.
//!
//! Comparisons of one attribute and one type are known for the same values, so a conjunction of them is an
//! intersection of sets. Across types and with `is_missing` that no longer holds: what can never be true there is
//! reported and left as it is, because under a `not` an unknown must not become false.

mod atom;
mod classes;
mod finding;
mod group;
mod range;
mod scope;
mod tags;
mod text;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use self::{
    atom::{Atom, Class},
    finding::said,
    group::{Group, Member},
    scope::{Scope, Verdict},
};
use super::{
    ast::Rule,
    canonical::{Kind, Node},
    shape::exceeds,
};

pub use finding::{Finding, FindingKind};

/// Comparisons of values that one simplification may spend; past it what is left stays as it is, which is still right.
const FUEL: usize = 20_000_000;

/// A rule that says the same in fewer words, and what was found in the one it came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simplified {
    /// The rule, canonical; true, false and unknown on the same rows as the one it came from.
    pub rule: Rule,
    /// What was found, in the order of the paths.
    pub findings: Vec<Finding>,
}

impl Rule {
    /// The rule without what it says in vain, and what was found: contradictions, conditions that add nothing, ranges and
    /// lists that are one.
    ///
    /// The simplified rule is true, false and unknown on the same rows, so it can stand under a `not`. Where a part can
    /// never be true but leaving it out would turn an unknown into false, it stays and is only reported. Segments are
    /// names here; expand them first to look inside ([`Segments::expand`](crate::segment::Segments::expand)).
    ///
    /// Cost: grows with the rule; past a fixed number of comparisons what is left stays unmerged, so the largest rule
    /// takes a moment and no more.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::{FindingKind, Rule};
    /// let rule = Rule::parse_sql("orders >= 2 AND orders >= 5 AND country IN ('CA', 'US')")?;
    /// let simple = rule.simplify();
    /// assert_eq!(simple.rule, Rule::parse_sql("country IN ('CA', 'US') AND orders >= 5")?);
    /// assert_eq!(simple.findings[0].kind, FindingKind::Redundant);
    /// assert_eq!(simple.findings[0].path, "all[0]");
    ///
    /// let none = Rule::parse_sql("orders > 5 AND orders < 3")?.simplify();
    /// assert_eq!(none.findings[0].kind, FindingKind::Contradiction);
    /// assert_eq!(
    ///     none.findings[0].message,
    ///     "“orders is more than 5” and “orders is less than 3” can never both be true: no one matches"
    /// );
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn simplify(&self) -> Simplified {
        let mut walk = Walk {
            findings: Vec::new(),
            fuel: Fuel(FUEL),
        };
        let mut doubles = Vec::new();
        let node = Node::of(self, &mut doubles);
        for double in doubles {
            let message = format!("{} is said twice", said(&double.clone().into_rule()));
            walk.note(
                FindingKind::Redundant,
                double.path.clone(),
                double.into_rule(),
                message,
            );
        }
        let seen = walk.visit(node, None);
        let sums = (seen.never, seen.surely, constant(&seen.node));
        let rule = seen.node.into_rule();
        walk.sum_up(&rule, sums);
        Simplified {
            rule: if exceeds(rule.size()) {
                self.clone()
            } else {
                rule
            },
            findings: walk.in_order(),
        }
    }

    /// How many comparisons and connectives it has.
    fn size(&self) -> usize {
        match self {
            Self::All(rules) | Self::Any(rules) => 1 + rules.iter().map(Self::size).sum::<usize>(),
            Self::Not(rule) => 1 + rule.size(),
            Self::Segment(_) | Self::Compare { .. } => 1,
        }
    }
}

/// How many comparisons of values may still be made.
#[derive(Debug)]
struct Fuel(usize);

impl Fuel {
    fn spend(&mut self, cost: usize) -> bool {
        let enough = cost <= self.0;
        if enough {
            self.0 -= cost;
        }
        enough
    }
}

/// A part that was visited, and what is known of it beside what stands around it.
struct Seen {
    node: Node,
    /// It can never be true.
    never: bool,
    /// It can never be false.
    surely: bool,
}

struct Walk {
    findings: Vec<Finding>,
    fuel: Fuel,
}

impl Walk {
    fn note(&mut self, kind: FindingKind, path: String, rule: Rule, message: String) {
        self.findings.push(Finding {
            kind,
            path,
            rule,
            message,
        });
    }

    fn visit(&mut self, node: Node, scope: Option<&Scope<'_>>) -> Seen {
        match node.kind {
            Kind::Many { all, children } => self.many(all, children, &node.path, scope),
            // A leaf alone is a conjunction of one.
            Kind::Leaf(_) => {
                let path = node.path.clone();
                self.many(true, vec![node], &path, scope)
            }
        }
    }

    /// Simplifies the parts of a connective until none of them turns into a part of the same kind.
    fn many(
        &mut self,
        all: bool,
        mut parts: Vec<Node>,
        path: &str,
        scope: Option<&Scope<'_>>,
    ) -> Seen {
        loop {
            let count = parts.len();
            let seen = self.pass(all, parts, path, scope);
            let again = matches!(&seen.node.kind, Kind::Many { all: same, .. } if *same == all)
                && seen.grew
                && self.fuel.spend(count);
            match (again, seen.node.kind) {
                (true, Kind::Many { children, .. }) => parts = children,
                (_, kind) => {
                    let node = Node {
                        path: seen.node.path,
                        kind,
                    };
                    return Seen {
                        node,
                        never: seen.never,
                        surely: seen.surely,
                    };
                }
            }
        }
    }

    fn pass(
        &mut self,
        all: bool,
        parts: Vec<Node>,
        path: &str,
        scope: Option<&Scope<'_>>,
    ) -> Passed {
        let mut sums = Sums::new(all);
        let (mut kept, mut nested) = (Vec::new(), Vec::new());
        let mut groups: BTreeMap<(String, Class), Group> = BTreeMap::new();
        for node in parts {
            let Kind::Leaf(rule) = &node.kind else {
                nested.push(node);
                continue;
            };
            let Some((name, class, atom)) = Atom::of(rule) else {
                sums.add(false, false);
                kept.push(node);
                continue;
            };
            match self.in_scope(&name, class, &atom, &node, scope) {
                Verdict::Constant(truth) if truth == all => {}
                Verdict::Constant(truth) => return Passed::constant(truth, path),
                Verdict::Open { never, surely } => {
                    sums.add_decisive(never, surely);
                    let (atom, idle) = if all {
                        (atom, surely)
                    } else {
                        (atom.negate(), never)
                    };
                    groups
                        .entry((name, class))
                        .or_default()
                        .push(Member { atom, node, idle });
                }
            }
        }
        let mut inner = Scope {
            all,
            groups: BTreeMap::new(),
            parent: scope,
        };
        for ((name, class), group) in &groups {
            let met = self.merge(all, name, *class, group, path);
            if met.empty && *class == Class::Presence {
                return Passed::constant(!all, path);
            }
            sums.add_group(met.empty, met.full);
            kept.extend(met.nodes);
            if !met.empty {
                inner.groups.insert((name.clone(), *class), met.atoms);
            }
        }
        if all && self.across_classes(&groups, path) {
            sums.add_decisive(true, false);
        }
        let mut grew = false;
        for node in nested {
            let seen = self.visit(node, Some(&inner));
            match constant(&seen.node) {
                Some(truth) if truth == all => grew = true,
                Some(truth) => return Passed::constant(truth, path),
                None => {
                    sums.add(seen.never, seen.surely);
                    grew |=
                        !matches!(&seen.node.kind, Kind::Many { all: same, .. } if *same != all);
                    kept.push(seen.node);
                }
            }
        }
        let node = Node::join(all, kept, path.to_owned(), &mut Vec::new());
        Passed {
            node,
            grew,
            never: sums.never,
            surely: sums.surely,
        }
    }

    /// What is known of the rule as a whole, unless it is said already.
    fn sum_up(&mut self, rule: &Rule, (never, surely, constant): (bool, bool, Option<bool>)) {
        let (kind, message) = match constant {
            Some(true) => (FindingKind::AlwaysTrue, "everyone matches this rule"),
            _ if never || constant == Some(false) => {
                (FindingKind::Contradiction, "no one can match this rule")
            }
            _ if surely => (
                FindingKind::TrueWhenKnown,
                "everyone whose attributes are known matches this rule",
            ),
            _ => return,
        };
        if !self
            .findings
            .iter()
            .any(|f| f.path.is_empty() && f.kind == kind)
        {
            self.note(kind, String::new(), rule.clone(), message.to_owned());
        }
    }

    /// Each finding once, by path.
    fn in_order(self) -> Vec<Finding> {
        let mut known = HashSet::new();
        let mut findings = self.findings;
        findings.retain(|f| known.insert((f.path.clone(), f.message.clone())));
        findings.sort_by(|a, b| (&a.path, a.kind).cmp(&(&b.path, b.kind)));
        findings
    }
}

/// A connective after one pass.
struct Passed {
    node: Node,
    /// Whether a nested part became a part of this connective.
    grew: bool,
    never: bool,
    surely: bool,
}

impl Passed {
    fn constant(truth: bool, path: &str) -> Self {
        Self {
            node: Node::join(truth, Vec::new(), path.to_owned(), &mut Vec::new()),
            grew: false,
            never: !truth,
            surely: truth,
        }
    }
}

/// `all []` and `any []`.
fn constant(node: &Node) -> Option<bool> {
    match &node.kind {
        Kind::Many { all, children } if children.is_empty() => Some(*all),
        _ => None,
    }
}

/// Whether a connective can be true and can be false, from its parts.
struct Sums {
    all: bool,
    never: bool,
    surely: bool,
}

impl Sums {
    const fn new(all: bool) -> Self {
        Self {
            all,
            never: !all,
            surely: all,
        }
    }

    /// A part of its own.
    fn add(&mut self, never: bool, surely: bool) {
        if self.all {
            self.never |= never;
            self.surely &= surely;
        } else {
            self.never &= never;
            self.surely |= surely;
        }
    }

    /// What a part decides by itself; what it leaves open its group says.
    fn add_decisive(&mut self, never: bool, surely: bool) {
        if self.all {
            self.never |= never;
        } else {
            self.surely |= surely;
        }
    }

    /// A group, whose sets are complements under `any`.
    fn add_group(&mut self, empty: bool, full: bool) {
        if self.all {
            self.add(empty, full);
        } else {
            self.add(full, empty);
        }
    }
}
