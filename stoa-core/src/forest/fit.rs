//! Fits the effect forest: bags in parallel, out-of-bag moments in row order.

use serde::{Deserialize, Serialize};

use super::{
    codes::{Codes, Features},
    effects::Effects,
    experiment::Experiment,
    grow::{Sample, Tree, grow},
    histogram::{Criterion, EffectCriterion, Sums},
    honest::{Leaves, fill_and_prune},
    moments::Moments,
    options::ForestOptions,
    outcome,
    scores::scores_of,
    shrink::{factor, shrink},
};
use crate::{
    error::{Detail, Error, Result},
    num::{
        fixed::{FixedPoint, share_of},
        random::Stream,
    },
};

/// Bags grown before their out-of-bag rows are visited; bounds the memory, changes no result.
const BATCH: u64 = 32;

/// Rows that walk down one tree before the next tree's turn, so that the tree stays in the nearest caches.
const BLOCK: usize = 256;

/// A fitted causal forest: out-of-bag effects, their variance and the outcome model.
///
/// When to use: to rank customers by how strongly they respond to a randomised treatment. Not for a single customer's
/// promise: point intervals under-cover where effects vary strongly; report groups.
///
/// Deterministic: the same seed gives the same bits at any number of threads.
///
/// # Source
/// Athey, Tibshirani & Wager (2019), Generalized random forests, Annals of Statistics 47(2).
/// # Example
/// ```
/// use stoa_core::forest::{CausalForest, Experiment, Features, ForestOptions};
/// let x: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
/// let w: Vec<f64> = (0..400).map(|i| f64::from((i / 20) % 2)).collect();
/// let y: Vec<f64> = x.iter().zip(&w).map(|(x, w)| if *x >= 10.0 { *w } else { 0.0 }).collect();
/// let names = ["recency".to_owned()];
/// let columns = [x];
/// let data = Experiment { y: &y, w: &w, propensity: 0.5, expected_outcome: None, training: None };
/// let options = ForestOptions { n_trees: 100, ..ForestOptions::default() };
/// let forest = CausalForest::fit(Features { names: &names, columns: &columns }, data, &options)?;
/// assert!(forest.effects.mean[19] > 0.5 && forest.effects.mean[0] < 0.5);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CausalForest {
    /// Out-of-bag effects, shrunk when the options ask for it.
    pub effects: Effects,
    /// Doubly robust scores by the effects as they were before any shrinking: what averages are made of.
    pub scores: Vec<f64>,
    /// E[Y | X], given or estimated out of bag.
    pub expected_outcome: Vec<f64>,
    /// Trees that were grown.
    pub n_trees: usize,
}

impl CausalForest {
    /// Fits the forest.
    ///
    /// # Errors
    /// [`Error::Conflict`] for lengths that differ, [`Error::NotFinite`] and [`Error::OutOfRange`] naming the row,
    /// [`Error::EmptyArm`] when an arm has no rows, [`Error::OutOfRange`] below 20 rows.
    pub fn fit(
        features: Features<'_>,
        data: Experiment<'_>,
        options: &ForestOptions,
    ) -> Result<Self> {
        options.check()?;
        let codes = Codes::new(features)?;
        data.check(codes.n_rows())?;
        data.check_training(codes.n_rows())?;
        let expected_outcome = match data.expected_outcome {
            Some(given) => given.to_vec(),
            None => outcome::expected_outcome(&codes, data.y, data.training, options),
        };
        let effects = effects_of(&codes, &data, &expected_outcome, options, None);
        if effects.mean.iter().any(|tau| !tau.is_finite()) {
            let rule = "must be enough for every row to be left out by some of them";
            return Err(Error::OutOfRange(Detail::new(
                "n_trees",
                rule,
                options.n_trees,
            )));
        }
        let scores = scores_of(&effects.mean, &data, &expected_outcome);
        let effects = if options.shrink {
            let b = factor(&codes, &data, &expected_outcome, options);
            shrink(&effects, &scores, data.training, b)
        } else {
            effects
        };
        Ok(Self {
            effects,
            scores,
            expected_outcome,
            n_trees: 2 * options.n_trees.div_ceil(2),
        })
    }
}

/// Out-of-bag effects of the rows in `wanted`, of all when absent; NaN for the others.
pub(super) fn effects_of(
    codes: &Codes,
    data: &Experiment<'_>,
    expected: &[f64],
    options: &ForestOptions,
    wanted: Option<&[u32]>,
) -> Effects {
    let residual: Vec<f64> = data.y.iter().zip(expected).map(|(y, m)| y - m).collect();
    let arms: Vec<u8> = data.w.iter().map(|&w| u8::from(w > 0.5)).collect();
    let criterion = EffectCriterion {
        min_node_size: i64::try_from(options.min_node_size).unwrap_or(i64::MAX),
        alpha: options.alpha,
    };
    let mut plan = Plan::new(codes, &residual, &arms, data.training, options);
    plan.visit_only(wanted);
    let n_bags = options.n_trees.div_ceil(2);
    let moments: Vec<Moments> = plan.out_of_bag(&criterion, n_bags, 2, 0, &|moments, leaves| {
        moments_of(moments, leaves, plan.unit);
    });
    let (mean, variance) = moments.iter().map(|m| m.effect(data.propensity)).unzip();
    Effects {
        mean,
        variance,
        shrinkage: None,
    }
}

fn moments_of(moments: &mut Moments, leaves: &[&Sums<2>], unit: f64) {
    moments.add(leaves.iter().map(|leaf| {
        let n = (leaf[0].n + leaf[1].n) as f64;
        [
            leaf[1].n as f64 / n,
            leaf[1].y as f64 * unit / n,
            leaf[0].y as f64 * unit / n,
        ]
    }));
}

/// One bag: which rows it drew, and the trees grown on them.
struct Bag<const ARMS: usize> {
    drawn: Vec<bool>,
    trees: Vec<(Tree, Leaves<ARMS>)>,
}

/// What all trees of a forest share.
pub(super) struct Plan<'a> {
    codes: &'a Codes,
    /// The codes again, a row's features side by side, for walking down trees.
    by_row: Vec<u8>,
    arms: &'a [u8],
    /// Fixed-point outcomes: integers times `unit`.
    y: Vec<i64>,
    pub(super) unit: f64,
    rows: Vec<u32>,
    /// Which rows are visited.
    visited: Vec<bool>,
    options: &'a ForestOptions,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        codes: &'a Codes,
        y: &[f64],
        arms: &'a [u8],
        training: Option<&[u32]>,
        options: &'a ForestOptions,
    ) -> Self {
        let (n, p) = (codes.n_rows(), codes.n_features());
        let mut by_row = vec![0; n * p];
        for feature in 0..p {
            for (row, &code) in codes.feature(feature).iter().enumerate() {
                by_row[row * p + feature] = code;
            }
        }
        let mean = y.iter().sum::<f64>() / y.len() as f64;
        let all = 0..u32::try_from(n).unwrap_or(u32::MAX);
        let FixedPoint { values: y, unit } = FixedPoint::new(y, mean);
        Self {
            codes,
            by_row,
            arms,
            y,
            unit,
            rows: training.map_or_else(|| all.collect(), <[u32]>::to_vec),
            visited: vec![true; n],
            options,
        }
    }

    /// Leaves all other rows out of what is folded.
    fn visit_only(&mut self, wanted: Option<&[u32]>) {
        let Some(wanted) = wanted else { return };
        self.visited.fill(false);
        for &row in wanted {
            self.visited[row as usize] = true;
        }
    }

    fn row(&self, row: usize) -> &[u8] {
        let p = self.codes.n_features();
        &self.by_row[row * p..(row + 1) * p]
    }

    /// Grows `n_bags` bags of `n_trees` trees and lets `visit` fold, for every row and in bag order, the leaves in
    /// which the trees of a bag that did not draw the row put it. `first_stream` keeps the forests of one fit apart.
    pub(super) fn out_of_bag<const ARMS: usize, C, M, V>(
        &self,
        criterion: &C,
        n_bags: usize,
        n_trees: usize,
        first_stream: u64,
        visit: &V,
    ) -> Vec<M>
    where
        C: Criterion<ARMS>,
        M: Default + Send,
        V: Fn(&mut M, &[&Sums<ARMS>]) + Sync,
    {
        let mut folded: Vec<M> = (0..self.codes.n_rows()).map(|_| M::default()).collect();
        let n_bags = n_bags as u64;
        for first in (0..n_bags).step_by(usize::try_from(BATCH).unwrap_or(1)) {
            let bags: Vec<Bag<ARMS>> = in_parallel(first..(first + BATCH).min(n_bags), |bag| {
                self.bag(
                    criterion,
                    n_trees,
                    &mut Stream::new(self.options.seed, first_stream + bag),
                )
            });
            each_block(&mut folded, |first_row, block| {
                let mut leaves: Vec<&Sums<ARMS>> = Vec::with_capacity(n_trees);
                for bag in &bags {
                    for (row, fold) in (first_row..).zip(&mut *block) {
                        if bag.drawn[row] || !self.visited[row] {
                            continue;
                        }
                        let codes = self.row(row);
                        leaves.clear();
                        leaves.extend(
                            bag.trees
                                .iter()
                                .map(|(tree, leaves)| &leaves[tree.leaf(codes)]),
                        );
                        visit(fold, &leaves);
                    }
                }
            });
        }
        folded
    }

    /// Draws half of the rows and grows trees on them, each with its own honest halves.
    fn bag<const ARMS: usize, C: Criterion<ARMS>>(
        &self,
        criterion: &C,
        n_trees: usize,
        stream: &mut Stream,
    ) -> Bag<ARMS> {
        let mut rows = self.rows.clone();
        let half = rows.len() / 2;
        stream.choose(&mut rows, half);
        rows.truncate(half);
        let mut drawn = vec![false; self.codes.n_rows()];
        for &row in &rows {
            drawn[row as usize] = true;
        }
        let n_split = share_of(rows.len(), self.options.honesty_fraction);
        let trees = (0..n_trees)
            .map(|_| {
                stream.choose(&mut rows, n_split);
                let (split, honest) = rows.split_at(n_split);
                self.tree(criterion, split, honest, stream)
            })
            .collect();
        Bag { drawn, trees }
    }

    fn tree<const ARMS: usize, C: Criterion<ARMS>>(
        &self,
        criterion: &C,
        split: &[u32],
        honest: &[u32],
        stream: &mut Stream,
    ) -> (Tree, Leaves<ARMS>) {
        let by_arm: [Vec<u32>; ARMS] = std::array::from_fn(|arm| {
            let in_arm = |row: &u32| usize::from(self.arms[*row as usize]) == arm;
            split.iter().copied().filter(in_arm).collect()
        });
        let sample = Sample {
            codes: self.codes,
            y: &self.y,
            rows: std::array::from_fn(|arm| by_arm[arm].as_slice()),
        };
        let mtry = self.options.mtry_for(self.codes.n_features());
        let mut tree = grow(sample, criterion, mtry, stream);
        let leaves = fill_and_prune(
            &mut tree,
            honest.iter().map(|&row| {
                let row = row as usize;
                (self.row(row), usize::from(self.arms[row]), self.y[row])
            }),
        );
        (tree, leaves)
    }
}

#[cfg(feature = "parallel")]
fn in_parallel<T: Send>(
    tasks: std::ops::Range<u64>,
    run: impl Fn(u64) -> T + Send + Sync,
) -> Vec<T> {
    use rayon::prelude::*;
    tasks.into_par_iter().map(run).collect()
}

#[cfg(not(feature = "parallel"))]
fn in_parallel<T: Send>(
    tasks: std::ops::Range<u64>,
    run: impl Fn(u64) -> T + Send + Sync,
) -> Vec<T> {
    tasks.map(run).collect()
}

#[cfg(feature = "parallel")]
fn each_block<M: Send>(rows: &mut [M], visit: impl Fn(usize, &mut [M]) + Sync) {
    use rayon::prelude::*;
    rows.par_chunks_mut(BLOCK)
        .enumerate()
        .for_each(|(at, block)| visit(at * BLOCK, block));
}

#[cfg(not(feature = "parallel"))]
fn each_block<M: Send>(rows: &mut [M], visit: impl Fn(usize, &mut [M]) + Sync) {
    rows.chunks_mut(BLOCK)
        .enumerate()
        .for_each(|(at, block)| visit(at * BLOCK, block));
}
