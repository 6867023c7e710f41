//! A rule over the columns of one table: connectives over comparisons, the cheap ones first.

use super::{
    block::{Block, NONE, Words},
    leaf::Leaf,
};
use crate::{
    rule::compiled::Node,
    value::{Column, Timestamp},
};

pub(super) enum Plan<'p> {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Unknown,
    Leaf(Leaf<'p>),
}

impl<'p> Plan<'p> {
    /// Children are put in the order of their cost, which no answer depends on.
    pub(super) fn new(node: &'p Node, columns: &[&'p Column<'p>], now: Option<Timestamp>) -> Self {
        let many = |nodes: &'p [Node]| {
            let mut plans: Vec<Self> = nodes.iter().map(|n| Self::new(n, columns, now)).collect();
            plans.sort_by_key(Self::cost);
            plans
        };
        match node {
            Node::All(children) => Self::All(many(children)),
            Node::Any(children) => Self::Any(many(children)),
            Node::Not(child) => Self::Not(Box::new(Self::new(child, columns, now))),
            Node::Member(_) | Node::Unknown => Self::Unknown,
            Node::Test(slot, test) => columns.get(*slot).map_or(Self::Unknown, |column| {
                Self::Leaf(Leaf::new(column, test, now))
            }),
        }
    }

    /// What a row costs, in about nanoseconds.
    fn cost(&self) -> u32 {
        match self {
            Self::All(children) | Self::Any(children) => children.iter().map(Self::cost).sum(),
            Self::Not(child) => child.cost(),
            Self::Unknown => 0,
            Self::Leaf(leaf) => leaf.cost(),
        }
    }

    /// Decides the `n` rows from `from` on. Rows that are not `open` are decided already: theirs may be anything.
    pub(super) fn fill(&self, from: usize, n: usize, open: &Words, out: &mut Block) {
        match self {
            Self::All(children) => combine(children, false, from, n, open, out),
            Self::Any(children) => combine(children, true, from, n, open, out),
            Self::Not(child) => {
                child.fill(from, n, open, out);
                std::mem::swap(&mut out.yes, &mut out.no);
            }
            Self::Unknown => out.set(None),
            Self::Leaf(leaf) => leaf.fill(from, n, open, out),
        }
    }
}

/// Kleene's conjunction (`decisive` false) or disjunction (`decisive` true); a row is closed by its first decisive child.
fn combine(
    children: &[Plan<'_>],
    decisive: bool,
    from: usize,
    n: usize,
    open: &Words,
    out: &mut Block,
) {
    out.set(Some(!decisive));
    let mut open = *open;
    let mut child_s = Block::UNKNOWN;
    for child in children {
        if open == NONE {
            return;
        }
        child.fill(from, n, &open, &mut child_s);
        let (agreed, decided) = out.sides(decisive);
        let (agrees, decides) = child_s.sides(decisive);
        for (i, open) in open.iter_mut().enumerate() {
            agreed[i] &= agrees[i];
            decided[i] |= decides[i];
            *open &= !decided[i];
        }
    }
}
