//! One form for all ways of writing a rule: `not` at the comparisons, nothing nested in its own kind, everything sorted.
//!
//! Each step keeps the three-valued answer on every row: De Morgan's laws, associativity and idempotence hold in
//! Kleene's logic, and a comparison and its opposite are unknown for the same visitors.

use super::{
    ast::{Literal, Operator, Rule},
    shape,
};

/// A rule in canonical form, each part with the JSON path it has in the rule as written.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) path: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A comparison or a segment, under `not` only where the comparison has no opposite.
    Leaf(Rule),
    /// `all` or `any` of none, or of two or more that are no connective of the same kind.
    Many { all: bool, children: Vec<Node> },
}

impl Rule {
    /// The form that all rules share which differ only in how they are written: one canonical form, one hash.
    ///
    /// Nested `all` and `any` are flattened, connectives of one part unwrapped, `not` pushed to the comparisons and
    /// into their operators (`not (n < 3)` is `n >= 3`), parts and lists sorted and freed of duplicates, a list of one
    /// written as one value. The answer is the same on every row, unknown included. Overlapping conditions are left
    /// as they are; merging them is [`Rule::simplify`]'s task. [`Rule::hash`] stays that of the rule as written, so
    /// compare meanings by `a.canonical().hash()`. Pushing `not` down can make up to twice as many conditions.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let one = Rule::parse_sql("NOT (country NOT IN ('US', 'CA', 'US') OR orders < 3)")?;
    /// let two = Rule::parse_sql("orders >= 3 AND country IN ('CA', 'US')")?;
    /// assert_ne!(one.hash(), two.hash());
    /// assert_eq!(one.canonical().hash(), two.canonical().hash());
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn canonical(&self) -> Self {
        Node::of(self, &mut Vec::new()).into_rule()
    }
}

impl Node {
    /// The rule's canonical form; what it says twice goes to `doubles`.
    pub(super) fn of(rule: &Rule, doubles: &mut Vec<Self>) -> Self {
        Self::within(rule, false, "", doubles)
    }

    fn within(rule: &Rule, negated: bool, path: &str, doubles: &mut Vec<Self>) -> Self {
        let (key, rules) = match rule {
            Rule::Not(child) => {
                return Self::within(child, !negated, &step(path, "not"), doubles);
            }
            Rule::All(rules) => ("all", rules),
            Rule::Any(rules) => ("any", rules),
            Rule::Segment(_) | Rule::Compare { .. } => {
                return Self::leaf(leaf(rule, negated), path.to_owned());
            }
        };
        let part =
            |(i, rule)| Self::within(rule, negated, &step(path, &format!("{key}[{i}]")), doubles);
        let children = rules.iter().enumerate().map(part).collect();
        let all = (key == "all") != negated;
        Self::join(all, children, path.to_owned(), doubles)
    }

    pub(super) fn leaf(rule: Rule, path: String) -> Self {
        Self {
            path,
            kind: Kind::Leaf(rule),
        }
    }

    /// The connective of canonical parts, canonical.
    pub(super) fn join(all: bool, parts: Vec<Self>, path: String, doubles: &mut Vec<Self>) -> Self {
        let mut children = Vec::with_capacity(parts.len());
        for part in parts {
            match part.kind {
                Kind::Many {
                    all: same,
                    children: inner,
                } if same == all => children.extend(inner),
                kind => children.push(Self { kind, ..part }),
            }
        }
        let mut keyed: Vec<(String, Self)> = children
            .into_iter()
            .map(|child| (child.clone().into_rule().to_json(), child))
            .collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        let mut children: Vec<Self> = Vec::with_capacity(keyed.len());
        let mut last = None;
        for (key, child) in keyed {
            if last.as_ref() == Some(&key) {
                doubles.push(child);
            } else {
                children.push(child);
                last = Some(key);
            }
        }
        match children.pop() {
            Some(only) if children.is_empty() => only,
            popped => {
                children.extend(popped);
                let kind = Kind::Many { all, children };
                Self { path, kind }
            }
        }
    }

    pub(super) fn into_rule(self) -> Rule {
        match self.kind {
            Kind::Leaf(rule) => rule,
            Kind::Many { all, children } => {
                let rules = children.into_iter().map(Self::into_rule).collect();
                if all {
                    Rule::All(rules)
                } else {
                    Rule::Any(rules)
                }
            }
        }
    }
}

fn step(path: &str, step: &str) -> String {
    match path {
        "" => step.to_owned(),
        path => format!("{path}.{step}"),
    }
}

/// A comparison or segment in canonical form; one that is ill formed is unknown for everyone and stays as it is.
pub(super) fn leaf(rule: &Rule, negated: bool) -> Rule {
    let denied = |rule: Rule, negated: bool| {
        if negated {
            Rule::Not(Box::new(rule))
        } else {
            rule
        }
    };
    let Rule::Compare { attr, op, value } = rule else {
        return denied(rule.clone(), negated);
    };
    let Ok(value) = shape::normal(*op, value) else {
        return denied(rule.clone(), negated);
    };
    let (op, value) = one_value(*op, sorted(*op, value));
    let opposite = if negated { opposite(op) } else { None };
    let negated = negated && opposite.is_none();
    let (op, value) = affirmed(opposite.unwrap_or(op), value);
    let attr = attr.clone();
    denied(Rule::Compare { attr, op, value }, negated)
}

/// A list whose order says nothing, sorted and each value once.
fn sorted(op: Operator, value: Literal) -> Literal {
    match (op, value) {
        (
            Operator::In | Operator::NotIn | Operator::HasAny | Operator::HasAll,
            Literal::List(mut items),
        ) => {
            items.sort_by(order);
            items.dedup();
            Literal::List(items)
        }
        (_, value) => value,
    }
}

/// Literals of one type in order: false before true, numbers by size, text by its bytes.
fn order(a: &Literal, b: &Literal) -> std::cmp::Ordering {
    match (a, b) {
        (Literal::Boolean(a), Literal::Boolean(b)) => a.cmp(b),
        (Literal::Number(a), Literal::Number(b)) => a.total_cmp(b),
        (Literal::Text(a), Literal::Text(b)) => a.cmp(b),
        _ => std::cmp::Ordering::Equal,
    }
}

/// A list of one, or a range of one number, as a comparison with one value.
fn one_value(op: Operator, value: Literal) -> (Operator, Literal) {
    let single = match op {
        Operator::In | Operator::Between => Operator::Eq,
        Operator::NotIn => Operator::Ne,
        Operator::HasAny | Operator::HasAll => Operator::Has,
        _ => return (op, value),
    };
    match value {
        Literal::List(items) => match items.as_slice() {
            [only] => (single, only.clone()),
            [low @ Literal::Number(_), high] if op == Operator::Between && low == high => {
                (single, low.clone())
            }
            _ => (op, Literal::List(items)),
        },
        value => (op, value),
    }
}

/// The operator that is true where this one is false, and unknown where this one is.
fn opposite(op: Operator) -> Option<Operator> {
    Some(match op {
        Operator::Eq => Operator::Ne,
        Operator::Ne => Operator::Eq,
        Operator::In => Operator::NotIn,
        Operator::NotIn => Operator::In,
        Operator::Lt => Operator::Gte,
        Operator::Gte => Operator::Lt,
        Operator::Gt => Operator::Lte,
        Operator::Lte => Operator::Gt,
        Operator::IsMissing => Operator::IsPresent,
        Operator::IsPresent => Operator::IsMissing,
        _ => return None,
    })
}

/// A boolean that is not true is false.
fn affirmed(op: Operator, value: Literal) -> (Operator, Literal) {
    match (op, value) {
        (Operator::Ne, Literal::Boolean(b)) => (Operator::Eq, Literal::Boolean(!b)),
        other => other,
    }
}
