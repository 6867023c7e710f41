//! One whole search on some rows: nuisances, forest, scores, and the tree that splits them best.

use super::{design::Design, heterogeneity::folds, options::DiscoverOptions};
use crate::{
    error::Result,
    forest::{CausalForest, Codes, Experiment, Features, ForestOptions, doubly_robust},
    num::fixed::share_of,
    policy::{PolicyNode, PolicyOptions, PolicyTree},
    rule::Rule,
};

/// Stream of the folds that choose the depth.
const DEPTH_STREAM: u64 = 1 << 51;

/// Folds that choose the depth.
const DEPTH_FOLDS: usize = 5;

/// The data of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) design: &'a Design,
    /// Features by bin: every value replaced by its bin's upper edge, missing by −∞.
    pub(super) binned: &'a [Vec<f64>],
    pub(super) y: &'a [f64],
    pub(super) w: &'a [f64],
    pub(super) propensity: f64,
    pub(super) options: &'a DiscoverOptions,
}

/// Effects and doubly robust scores of all rows, learnt from the training rows.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) tau: Vec<f64>,
    pub(super) scores: Vec<f64>,
}

/// One side of one cut: rows with at least `value` of the feature, or the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Condition {
    pub(super) feature: usize,
    pub(super) value: f64,
    pub(super) right: bool,
}

impl Condition {
    pub(super) fn holds(&self, x: f64) -> bool {
        (x >= self.value) == self.right
    }
}

/// A leaf: the conditions on the way to it and whether its rows respond above the reference.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub(super) path: Vec<Condition>,
    pub(super) above: bool,
}

impl Leaf {
    /// Which rows are in the leaf.
    pub(super) fn members(&self, columns: &[Vec<f64>]) -> Vec<bool> {
        let n = columns.first().map_or(0, Vec::len);
        (0..n)
            .map(|row| self.path.iter().all(|c| c.holds(columns[c.feature][row])))
            .collect()
    }

    /// The leaf as a rule.
    pub(super) fn rule(&self, design: &Design) -> Rule {
        let condition = |c: &Condition| design.condition(c.feature, c.value, c.right);
        match self.path.as_slice() {
            [one] => condition(one),
            path => Rule::All(path.iter().map(condition).collect()),
        }
    }
}

/// Replaces values by their bins' upper edges, so that cuts of the tree are values of the data.
pub(super) fn binned(design: &Design) -> Result<Vec<Vec<f64>>> {
    let codes = Codes::new(features(design))?;
    Ok((0..codes.n_features())
        .map(|feature| {
            let column = codes.feature(feature).iter();
            column
                .map(|&code| codes.edge(feature, code).unwrap_or(f64::NEG_INFINITY))
                .collect()
        })
        .collect())
}

fn features(design: &Design) -> Features<'_> {
    Features {
        names: &design.names,
        columns: &design.columns,
    }
}

impl Search<'_> {
    /// Fits nuisances and effects on the training rows.
    pub(super) fn fit(&self, training: &[u32], n_trees: usize) -> Result<Fitted> {
        let data = Experiment {
            y: self.y,
            w: self.w,
            propensity: self.propensity,
            expected_outcome: None,
            training: Some(training),
        };
        let options = ForestOptions {
            n_trees,
            n_outcome_trees: n_trees.div_ceil(2).max(2),
            seed: self.options.seed,
            ..ForestOptions::default()
        };
        let forest = CausalForest::fit(features(self.design), data, &options)?;
        let scores = doubly_robust(&forest.effects.mean, &data, &forest.expected_outcome);
        Ok(Fitted {
            tau: forest.effects.mean,
            scores,
        })
    }

    /// The segments of the training rows: leaves that divide effects above the reference from those below.
    pub(super) fn segments(&self, training: &[u32], scores: &[f64]) -> Result<Vec<Leaf>> {
        let reference = self.options.reference;
        self.leaves(
            training,
            scores,
            reference.unwrap_or_else(|| mean_of(training, scores)),
        )
    }

    /// The leaves of the best tree on the training rows; empty when no cut earns its place.
    pub(super) fn leaves(
        &self,
        training: &[u32],
        scores: &[f64],
        reference: f64,
    ) -> Result<Vec<Leaf>> {
        let gain: Vec<f64> = training
            .iter()
            .map(|&row| scores[row as usize] - reference)
            .collect();
        let columns: Vec<Vec<f64>> = self
            .binned
            .iter()
            .map(|column| training.iter().map(|&row| column[row as usize]).collect())
            .collect();
        let depth = self.depth(&columns, &gain)?;
        if depth == 0 {
            return Ok(Vec::new());
        }
        let tree = self.tree(&columns, &gain, depth)?;
        let mut leaves = Vec::new();
        collect(
            &tree.root,
            &self.design.columns,
            &mut Vec::new(),
            &mut leaves,
        );
        Ok(leaves)
    }

    fn tree(&self, columns: &[Vec<f64>], gain: &[f64], depth: usize) -> Result<PolicyTree> {
        let scores: Vec<[f64; 2]> = gain.iter().map(|&g| [0.0, g]).collect();
        let min_leaf_size = share_of(gain.len(), self.options.min_share);
        let options = PolicyOptions {
            depth,
            min_leaf_size,
        };
        PolicyTree::fit(
            Features {
                names: &self.design.names,
                columns,
            },
            &scores,
            &options,
        )
    }

    /// The depth that pays on rows the tree did not see: one level more must earn more than its standard error.
    fn depth(&self, columns: &[Vec<f64>], gain: &[f64]) -> Result<usize> {
        let fold = folds(gain.len(), DEPTH_FOLDS, self.options.seed, DEPTH_STREAM);
        let mut earned = vec![vec![0.0; gain.len()]; self.options.depth + 1];
        for k in 0..DEPTH_FOLDS {
            let part = |values: &[f64], keep: bool| -> Vec<f64> {
                let rows = values.iter().zip(&fold).filter(|(_, f)| (**f == k) != keep);
                rows.map(|(x, _)| *x).collect()
            };
            let training: Vec<Vec<f64>> = columns.iter().map(|c| part(c, true)).collect();
            let rest: Vec<Vec<f64>> = columns.iter().map(|c| part(c, false)).collect();
            let training_gain = part(gain, true);
            let everyone = training_gain.iter().sum::<f64>() > 0.0;
            let held_out = (0..gain.len()).filter(|&row| fold[row] == k);
            let rows: Vec<usize> = held_out.collect();
            for (depth, earned) in earned.iter_mut().enumerate() {
                let actions = if depth == 0 {
                    vec![usize::from(everyone); rows.len()]
                } else {
                    let names = &self.design.names;
                    let tree = self.tree(&training, &training_gain, depth)?;
                    tree.predict(Features {
                        names,
                        columns: &rest,
                    })
                };
                for (&row, action) in rows.iter().zip(actions) {
                    earned[row] = if action == 1 { gain[row] } else { 0.0 };
                }
            }
        }
        let mut depth = 0;
        for deeper in 1..earned.len() {
            let more: Vec<f64> = earned[deeper]
                .iter()
                .zip(&earned[depth])
                .map(|(a, b)| a - b)
                .collect();
            let mean = crate::forest::average_effect(&more);
            if mean.estimate > mean.standard_error {
                depth = deeper;
            }
        }
        Ok(depth)
    }
}

/// Mean score of some rows.
pub(super) fn mean_of(rows: &[u32], scores: &[f64]) -> f64 {
    rows.iter().map(|&row| scores[row as usize]).sum::<f64>() / rows.len() as f64
}

/// Lists the leaves; a cut "up to v" becomes "below the next value that occurs".
fn collect(
    node: &PolicyNode,
    columns: &[Vec<f64>],
    path: &mut Vec<Condition>,
    leaves: &mut Vec<Leaf>,
) {
    match node {
        PolicyNode::Leaf { action } => leaves.push(Leaf {
            path: path.clone(),
            above: *action == 1,
        }),
        PolicyNode::Split {
            feature,
            value,
            left,
            right,
        } => {
            let above = columns[*feature].iter().copied().filter(|x| x > value);
            let value = above.fold(f64::INFINITY, f64::min);
            for (child, right) in [(left, false), (right, true)] {
                path.push(Condition {
                    feature: *feature,
                    value,
                    right,
                });
                collect(child, columns, path, leaves);
                path.pop();
            }
        }
    }
}
