//! One whole search on some rows: nuisances, forest, scores, and the tree that splits them best.

use super::options::DiscoverOptions;
use crate::{
    error::Result,
    forest::{CausalForest, Codes, Design, Experiment, Features, ForestOptions, folds},
    num::fixed::share_of,
    policy::{PolicyLeaf, PolicyOptions, PolicyTree},
};

/// Stream of the folds that choose the depth.
const DEPTH_STREAM: u64 = 1 << 51;

/// Folds that choose the depth.
const DEPTH_FOLDS: usize = 5;

/// The data of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) design: &'a Design,
    /// Features by bin: every value replaced by the least of its bin.
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

/// Replaces values by the least of their bin, so that a tree has few cuts to try and each is a value of the data.
pub(super) fn binned(design: &Design) -> Result<Vec<Vec<f64>>> {
    let codes = Codes::new(design.features())?;
    let columns = design.columns().iter().enumerate();
    Ok(columns
        .map(|(feature, column)| {
            let mut least = [f64::NAN; 256];
            for (&code, &x) in codes.feature(feature).iter().zip(column) {
                let least = &mut least[usize::from(code)];
                *least = least.min(x);
            }
            let codes = codes.feature(feature).iter();
            codes.map(|&code| least[usize::from(code)]).collect()
        })
        .collect())
}

/// Some of the rows, as if there were no others.
pub(super) struct Part {
    design: Design,
    binned: Vec<Vec<f64>>,
    y: Vec<f64>,
    w: Vec<f64>,
}

impl Part {
    /// The same search of these rows alone.
    pub(super) fn search<'p>(&'p self, whole: &Search<'p>) -> Search<'p> {
        Search {
            design: &self.design,
            binned: &self.binned,
            y: &self.y,
            w: &self.w,
            ..*whole
        }
    }
}

impl Search<'_> {
    /// The rows that a search is redone on: what the others would be predicted to do is not asked, hence not computed.
    pub(super) fn part(&self, rows: &[u32]) -> Part {
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row as usize]).collect();
        Part {
            design: self.design.clone().take(rows),
            binned: self.binned.iter().map(|column| pick(column)).collect(),
            y: pick(self.y),
            w: pick(self.w),
        }
    }

    /// All rows of the search.
    pub(super) fn everyone(&self) -> Vec<u32> {
        (0..u32::try_from(self.y.len()).unwrap_or(u32::MAX)).collect()
    }

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
            n_outcome_trees: Some(n_trees.div_ceil(2).max(2)),
            seed: self.options.seed,
            ..ForestOptions::default()
        };
        let forest = CausalForest::fit(self.design.features(), data, &options)?;
        Ok(Fitted {
            tau: forest.effects.mean,
            scores: forest.scores,
        })
    }

    /// The segments of the training rows: leaves that divide effects above the reference from those below.
    pub(super) fn segments(&self, training: &[u32], scores: &[f64]) -> Result<Vec<PolicyLeaf>> {
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
    ) -> Result<Vec<PolicyLeaf>> {
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
        Ok(tree.leaves())
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
                names: self.design.names(),
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
                    let names = self.design.names();
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
