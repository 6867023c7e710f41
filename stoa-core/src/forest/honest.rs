//! Fills a tree's leaves from the rows that did not choose its splits, and prunes the ones left empty.

use super::{
    grow::{Node, Tree},
    histogram::{Sum, Sums},
};

/// Leaf contents: counts and fixed-point sums per arm.
pub(super) type Leaves<const ARMS: usize> = Vec<Sums<ARMS>>;

/// Sums the honest rows (their codes in row-major order) over the leaves, then removes empty leaves: an empty leaf's
/// parent becomes its other child. With at least one honest row no leaf stays empty.
pub(super) fn fill_and_prune<'a, const ARMS: usize>(
    tree: &mut Tree,
    rows: impl Iterator<Item = (&'a [u8], usize, i64)>,
) -> Leaves<ARMS> {
    let mut leaves = vec![[Sum::default(); ARMS]; tree.n_leaves];
    for (codes, arm, y) in rows {
        leaves[tree.leaf(codes)][arm].add(Sum { n: 1, y });
    }
    prune(tree, &leaves);
    leaves
}

fn prune<const ARMS: usize>(tree: &mut Tree, leaves: &Leaves<ARMS>) {
    let empty = |node: Node| match node {
        Node::Leaf(leaf) => leaves[leaf as usize].iter().all(|sum| sum.n == 0),
        Node::Split { .. } => false,
    };
    // Children come after their parents, so going backwards every child is final before its parent is looked at.
    for at in (0..tree.nodes.len()).rev() {
        let Node::Split { left, right, .. } = tree.nodes[at] else {
            continue;
        };
        let (left, right) = (tree.nodes[left as usize], tree.nodes[right as usize]);
        if empty(left) {
            tree.nodes[at] = right;
        } else if empty(right) {
            tree.nodes[at] = left;
        }
    }
}
