//! The leaves of a tree as paths of conditions, and from there as rules.

use serde::{Deserialize, Serialize};

use super::tree::PolicyNode;
use crate::{forest::Design, rule::Rule};

/// One side of one cut: rows with at least `value` of the feature, or the others, the missing ones among them.
///
/// # Example
/// ```
/// use stoa_core::policy::Condition;
/// let right = Condition { feature: 0, value: 2.0, right: true };
/// let left = Condition { right: false, ..right };
/// assert!(right.holds(2.0) && left.holds(1.0) && left.holds(f64::NAN));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// Index of the feature.
    pub feature: usize,
    /// The least value on the right.
    pub value: f64,
    /// Which side.
    pub right: bool,
}

impl Condition {
    /// Whether a value is on this side.
    #[must_use]
    pub fn holds(&self, x: f64) -> bool {
        (x >= self.value) == self.right
    }
}

/// A leaf of a policy tree: the conditions on the way to it and what to do there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyLeaf {
    /// From the root down; empty when the tree asks nothing.
    pub path: Vec<Condition>,
    /// The action: 0 leave alone, 1 treat.
    pub action: usize,
}

impl PolicyLeaf {
    /// Whether its rows are treated.
    #[must_use]
    pub fn treats(&self) -> bool {
        self.action == 1
    }

    /// Which rows are in the leaf.
    #[must_use]
    pub fn members(&self, columns: &[Vec<f64>]) -> Vec<bool> {
        let n = columns.first().map_or(0, Vec::len);
        let inside = |row: usize| self.path.iter().all(|c| c.holds(columns[c.feature][row]));
        (0..n).map(inside).collect()
    }

    /// The leaf as a rule over the attributes that the features were made of.
    #[must_use]
    pub fn rule(&self, design: &Design) -> Rule {
        let condition = |c: &Condition| design.condition(c.feature, c.value, c.right);
        match self.path.as_slice() {
            [one] => condition(one),
            path => Rule::All(path.iter().map(condition).collect()),
        }
    }
}

/// Lists the leaves below a node, left before right.
pub(super) fn collect(node: &PolicyNode, path: &mut Vec<Condition>, leaves: &mut Vec<PolicyLeaf>) {
    match node {
        PolicyNode::Leaf { action } => leaves.push(PolicyLeaf {
            path: path.clone(),
            action: *action,
        }),
        PolicyNode::Split {
            feature,
            value,
            left,
            right,
        } => {
            for (child, right) in [(left, false), (right, true)] {
                path.push(Condition {
                    feature: *feature,
                    value: *value,
                    right,
                });
                collect(child, path, leaves);
                path.pop();
            }
        }
    }
}
