//! Grows one tree on the rows that may choose its splits.

use super::{
    codes::Codes,
    histogram::{Criterion, Cut, Histogram, Sum, Sums},
};
use crate::num::random::Stream;

/// A node: an inner one names its cut and children, a leaf its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Split {
        feature: u32,
        code: u8,
        missing_left: bool,
        left: u32,
        right: u32,
    },
    Leaf(u32),
}

/// A tree as a list of nodes, root first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) n_leaves: usize,
}

impl Tree {
    /// The leaf in which a row with these codes, one per feature, ends.
    #[inline]
    pub(super) fn leaf(&self, row: &[u8]) -> usize {
        let mut node = 0;
        loop {
            match self.nodes[node] {
                Node::Leaf(leaf) => return leaf as usize,
                Node::Split {
                    feature,
                    code,
                    missing_left,
                    left,
                    right,
                } => {
                    let goes_left = goes_left(row[feature as usize], code, missing_left);
                    node = if goes_left { left } else { right } as usize;
                }
            }
        }
    }
}

#[inline]
fn goes_left(value: u8, code: u8, missing_left: bool) -> bool {
    if value == 0 {
        missing_left
    } else {
        value <= code
    }
}

/// The rows of one arm in the node order of the tree being grown, with their fixed-point outcomes beside them.
#[derive(Debug, Clone, Default)]
struct Arm {
    rows: Vec<u32>,
    y: Vec<i64>,
}

/// Rows of a node: one range per arm.
type Ranges<const ARMS: usize> = [(usize, usize); ARMS];

/// What a tree is grown on: `rows[arm]` are global row numbers, `y` is the fixed-point outcome of every global row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a, const ARMS: usize> {
    pub(super) codes: &'a Codes,
    pub(super) y: &'a [i64],
    pub(super) rows: [&'a [u32]; ARMS],
}

/// Grows a tree depth first; the draws of features come from `stream`, so the tree depends on nothing else.
pub(super) fn grow<const ARMS: usize, C: Criterion<ARMS>>(
    sample: Sample<'_, ARMS>,
    criterion: &C,
    mtry: f64,
    stream: &mut Stream,
) -> Tree {
    let mut grower = Grower::new(sample);
    let mut tree = Tree {
        nodes: vec![Node::Leaf(0)],
        n_leaves: 0,
    };
    let root = std::array::from_fn(|arm| (0, grower.arms[arm].rows.len()));
    let mut open: Vec<(usize, Ranges<ARMS>)> = vec![(0, root)];
    while let Some((node, ranges)) = open.pop() {
        let Some(cut) = grower.best_cut(&ranges, criterion, mtry, stream) else {
            tree.nodes[node] = Node::Leaf(u32::try_from(tree.n_leaves).unwrap_or(u32::MAX));
            tree.n_leaves += 1;
            continue;
        };
        let (left, right) = grower.partition(&ranges, &cut);
        let first = tree.nodes.len();
        tree.nodes[node] = Node::Split {
            feature: u32::try_from(cut.feature).unwrap_or(u32::MAX),
            code: cut.code,
            missing_left: cut.missing_left,
            left: u32::try_from(first).unwrap_or(u32::MAX),
            right: u32::try_from(first + 1).unwrap_or(u32::MAX),
        };
        tree.nodes.extend([Node::Leaf(0); 2]);
        open.push((first + 1, right));
        open.push((first, left));
    }
    tree
}

/// The working memory of one tree: a copy of the sample's codes, so that a column stays in the nearest cache.
struct Grower<const ARMS: usize> {
    n: usize,
    codes: Vec<u8>,
    arms: [Arm; ARMS],
    histogram: Histogram<ARMS>,
    features: Vec<usize>,
    scratch: Arm,
}

impl<const ARMS: usize> Grower<ARMS> {
    fn new(sample: Sample<'_, ARMS>) -> Self {
        let n: usize = sample.rows.iter().map(|rows| rows.len()).sum();
        let p = sample.codes.n_features();
        let mut codes = Vec::with_capacity(n * p);
        for feature in 0..p {
            let column = sample.codes.feature(feature);
            for rows in sample.rows {
                codes.extend(rows.iter().map(|&row| column[row as usize]));
            }
        }
        let mut first = 0;
        let arms = sample.rows.map(|rows| {
            let start = first;
            first += u32::try_from(rows.len()).unwrap_or(u32::MAX);
            Arm {
                rows: (start..first).collect(),
                y: rows.iter().map(|&row| sample.y[row as usize]).collect(),
            }
        });
        Self {
            n,
            codes,
            arms,
            histogram: Histogram::new(),
            features: (0..p).collect(),
            scratch: Arm::default(),
        }
    }

    fn best_cut<C: Criterion<ARMS>>(
        &mut self,
        ranges: &Ranges<ARMS>,
        criterion: &C,
        mtry: f64,
        stream: &mut Stream,
    ) -> Option<Cut> {
        let total: Sums<ARMS> = std::array::from_fn(|arm| {
            let (start, end) = ranges[arm];
            Sum {
                n: i64::try_from(end - start).unwrap_or(i64::MAX),
                y: self.arms[arm].y[start..end].iter().sum(),
            }
        });
        let node = criterion.node(&total)?;
        let tried = stream.poisson(mtry).clamp(1, self.features.len());
        stream.choose(&mut self.features, tried);
        let mut best: Option<Cut> = None;
        for &feature in &self.features[..tried] {
            let codes = &self.codes[feature * self.n..(feature + 1) * self.n];
            for (arm, &(start, end)) in ranges.iter().enumerate() {
                let rows = &self.arms[arm];
                self.histogram
                    .fill(arm, codes, &rows.rows[start..end], &rows.y[start..end]);
            }
            let cut = self.histogram.take_best(feature, criterion, &node, &total);
            if let Some(cut) = cut.filter(|cut| best.is_none_or(|best| cut.gain > best.gain)) {
                best = Some(cut);
            }
        }
        best
    }

    /// Moves the rows that go left to the front of each arm's range, keeping their order.
    fn partition(&mut self, ranges: &Ranges<ARMS>, cut: &Cut) -> (Ranges<ARMS>, Ranges<ARMS>) {
        let codes = &self.codes[cut.feature * self.n..(cut.feature + 1) * self.n];
        let (mut left, mut right) = (*ranges, *ranges);
        for (arm, &(start, end)) in ranges.iter().enumerate() {
            let Arm { rows, y } = &mut self.arms[arm];
            self.scratch.rows.clear();
            self.scratch.y.clear();
            let mut middle = start;
            for i in start..end {
                if goes_left(codes[rows[i] as usize], cut.code, cut.missing_left) {
                    rows[middle] = rows[i];
                    y[middle] = y[i];
                    middle += 1;
                } else {
                    self.scratch.rows.push(rows[i]);
                    self.scratch.y.push(y[i]);
                }
            }
            rows[middle..end].copy_from_slice(&self.scratch.rows);
            y[middle..end].copy_from_slice(&self.scratch.y);
            left[arm].1 = middle;
            right[arm].0 = middle;
        }
        (left, right)
    }
}
