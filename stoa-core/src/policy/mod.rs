//! Floor 5: exact policy trees: the shallow rule with the highest doubly robust reward.
//!
//! Which customers should be treated, as at most two questions a person can say. The search is exhaustive: no other
//! tree of that depth has a higher reward on these scores (Zhou, Athey & Wager 2023), found in O(p² n log n) instead
//! of O(p² n²).

mod leaf;
mod prefix;
mod search;
mod tree;

pub use leaf::{Condition, PolicyLeaf};
pub use tree::{PolicyNode, PolicyOptions, PolicyTree};
