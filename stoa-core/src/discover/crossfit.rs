//! Estimates on data that did not choose the segment.
//!
//! The whole search is redone without each fold; a row of the fold is then judged by a tree, effects and scores that
//! never saw it. A segment's held-out rows are those that fall into the leaf of their fold's tree that is the same
//! segment (`stability::best_match`); folds whose tree lacks it contribute nothing, and that is counted.

use super::{
    search::{Search, mean_of},
    stability::best_match,
};
use crate::{
    error::Result,
    forest::{folds, rows_where},
    policy::PolicyLeaf,
};

/// Stream of the folds.
const CROSSFIT_STREAM: u64 = 1 << 53;

/// What cross-fitting says of a search.
pub(super) struct CrossFit {
    /// For every leaf, the rows that count as its members without having chosen it.
    pub(super) held_out: Vec<Vec<u32>>,
    /// For every leaf, folds whose own search found it.
    pub(super) folds_found: Vec<usize>,
    /// Doubly robust score of every row, learnt without its fold.
    pub(super) scores: Vec<f64>,
    /// Whether the rule found without its fold would treat the row.
    pub(super) treated: Vec<bool>,
}

pub(super) fn cross_fit(search: &Search<'_>, leaves: &[PolicyLeaf]) -> Result<CrossFit> {
    let columns = search.design.columns();
    let n = search.y.len();
    let members: Vec<Vec<bool>> = leaves.iter().map(|l| l.members(columns)).collect();
    let fold = folds(
        n,
        search.options.n_folds,
        search.options.seed,
        CROSSFIT_STREAM,
    );
    let mut result = CrossFit {
        held_out: vec![Vec::new(); leaves.len()],
        folds_found: vec![0; leaves.len()],
        scores: vec![0.0; n],
        treated: vec![false; n],
    };
    for k in 0..search.options.n_folds {
        let training = rows_where(&fold, |f| f != k);
        let rows = rows_where(&fold, |f| f == k);
        let fitted = search.fit(&training, search.options.n_trees)?;
        let again = if leaves.is_empty() {
            Vec::new()
        } else {
            search.segments(&training, &fitted.scores)?
        };
        let cost = search.options.cost;
        let everyone = mean_of(&training, &fitted.scores) > cost;
        let rule = search.leaves(&training, &fitted.scores, cost)?;
        let treating: Vec<Vec<bool>> = rule
            .iter()
            .filter(|l| l.treats())
            .map(|l| l.members(columns))
            .collect();
        for &row in &rows {
            let row = row as usize;
            result.scores[row] = fitted.scores[row];
            // Without a cut that earns its place the rule is the better constant.
            result.treated[row] = if rule.is_empty() {
                everyone
            } else {
                treating.iter().any(|m| m[row])
            };
        }
        for (at, leaf) in leaves.iter().enumerate() {
            if let Some(same) = best_match(leaf, &members[at], &again, columns) {
                let inside = same.members(columns);
                result.folds_found[at] += 1;
                result.held_out[at].extend(rows.iter().filter(|&&row| inside[row as usize]));
            }
        }
    }
    Ok(result)
}
