//! The fitted tree, its options and what it earns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    leaf::{PolicyLeaf, collect},
    search::{Problem, RankCut, Ranked},
};
use crate::{
    error::{Detail, Error, Result},
    forest::Features,
    num::fixed::FixedPoint,
};

/// Options of a policy tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyOptions {
    /// Questions on the way to a leaf, 1 or 2.
    pub depth: usize,
    /// Fewest rows of a leaf.
    pub min_leaf_size: usize,
}

impl Default for PolicyOptions {
    fn default() -> Self {
        Self {
            depth: 2,
            min_leaf_size: 1,
        }
    }
}

/// A node of a policy tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyNode {
    /// Rows with at least `value` go right, all others, the missing ones among them, left.
    Split {
        /// Index of the feature.
        feature: usize,
        /// The least value on the right among the rows of the fit.
        value: f64,
        /// Left child.
        left: Box<PolicyNode>,
        /// Right child.
        right: Box<PolicyNode>,
    },
    /// What to do here: 0 leave alone, 1 treat.
    Leaf {
        /// The action.
        action: usize,
    },
}

/// The best rule of at most two questions for whom to treat.
///
/// Exact: no tree of that depth earns more on these scores. In-sample: judge it on data that did not choose it.
///
/// Missing values (NaN) sort below all others. Cost: O(p² n log n) at depth two. Ties go to the lowest feature, then
/// the lowest cut.
///
/// # Source
/// Zhou, Athey & Wager (2023), Offline multi-action policy learning, Operations Research 71(1).
/// # Example
/// ```
/// use stoa_core::{forest::Features, policy::{PolicyOptions, PolicyTree}};
/// let names = ["orders".to_owned()];
/// let columns = [vec![0.0, 1.0, 2.0, 3.0]];
/// let scores = [[0.0, -1.0], [0.0, -1.0], [0.0, 2.0], [0.0, 2.0]];
/// let features = Features { names: &names, columns: &columns };
/// let tree = PolicyTree::fit(features, &scores, &PolicyOptions { depth: 1, ..Default::default() })?;
/// assert_eq!(tree.predict(features), [0, 0, 1, 1]);
/// assert!((tree.reward - 1.0).abs() < 1e-12);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyTree {
    /// The tree.
    pub root: PolicyNode,
    /// Names of the features, by the index that splits use.
    pub features: Vec<String>,
    /// Mean score of the chosen actions over the rows it was fitted on.
    pub reward: f64,
}

impl PolicyTree {
    /// Finds the tree; `scores` hold for each row the score of leaving it alone and of treating it.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a depth other than 1 or 2 or no rows, [`Error::Conflict`] for lengths that differ,
    /// [`Error::NotFinite`] naming the cell.
    pub fn fit(
        features: Features<'_>,
        scores: &[[f64; 2]],
        options: &PolicyOptions,
    ) -> Result<Self> {
        check(features, scores, options)?;
        let ranked: Vec<Ranked> = features.columns.iter().map(|c| Ranked::new(c)).collect();
        let gain: Vec<f64> = scores
            .iter()
            .map(|[control, treat]| treat - control)
            .collect();
        let fixed = FixedPoint::new(&gain, 0.0);
        let problem = Problem {
            features: &ranked,
            gain: &fixed.values,
            fewest: i64::try_from(options.min_leaf_size.max(1)).unwrap_or(i64::MAX),
        };
        let rows: Vec<u32> = (0..u32::try_from(scores.len()).unwrap_or(u32::MAX)).collect();
        let root = match options.depth {
            1 => stump(&problem, &rows),
            _ => problem.best_root().map_or_else(
                || leaf(&problem, &rows),
                |cut| split(&problem, &rows, cut, stump),
            ),
        };
        let mut tree = Self {
            root,
            features: features.names.to_vec(),
            reward: 0.0,
        };
        let chosen = tree.predict(features);
        let total: f64 = chosen.iter().zip(scores).map(|(&a, s)| s[a]).sum();
        tree.reward = total / scores.len() as f64;
        Ok(tree)
    }

    /// The leaves, left before right; a rule made of one agrees with [`PolicyTree::predict`] on every row.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{forest::Features, policy::{PolicyOptions, PolicyTree}};
    /// let (names, columns) = (["orders".to_owned()], [vec![0.0, 1.0, 2.0, 3.0]]);
    /// let scores = [[0.0, -1.0], [0.0, -1.0], [0.0, 2.0], [0.0, 2.0]];
    /// let features = Features { names: &names, columns: &columns };
    /// let options = PolicyOptions { depth: 1, ..Default::default() };
    /// let leaves = PolicyTree::fit(features, &scores, &options)?.leaves();
    /// assert_eq!(leaves.len(), 2);
    /// assert!(leaves[1].treats() && leaves[1].path[0].holds(2.0));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn leaves(&self) -> Vec<PolicyLeaf> {
        let mut leaves = Vec::new();
        collect(&self.root, &mut Vec::new(), &mut leaves);
        leaves
    }

    /// The action for each row.
    #[must_use]
    pub fn predict(&self, features: Features<'_>) -> Vec<usize> {
        let n = features.columns.first().map_or(0, Vec::len);
        (0..n)
            .map(|row| {
                let mut node = &self.root;
                loop {
                    match node {
                        PolicyNode::Leaf { action } => return *action,
                        PolicyNode::Split {
                            feature,
                            value,
                            left,
                            right,
                        } => {
                            let goes_right = features.columns[*feature][row] >= *value;
                            node = if goes_right { right } else { left };
                        }
                    }
                }
            })
            .collect()
    }
}

fn leaf(problem: &Problem<'_>, rows: &[u32]) -> PolicyNode {
    let gain: i64 = rows.iter().map(|&row| problem.gain[row as usize]).sum();
    PolicyNode::Leaf {
        action: usize::from(gain > 0),
    }
}

fn stump(problem: &Problem<'_>, rows: &[u32]) -> PolicyNode {
    problem.best_cut(rows).map_or_else(
        || leaf(problem, rows),
        |cut| split(problem, rows, cut, leaf),
    )
}

fn split(
    problem: &Problem<'_>,
    rows: &[u32],
    cut: RankCut,
    below: fn(&Problem<'_>, &[u32]) -> PolicyNode,
) -> PolicyNode {
    let ranked = &problem.features[cut.feature];
    let (left, right): (Vec<u32>, Vec<u32>) = rows
        .iter()
        .partition(|&&row| ranked.rank[row as usize] <= cut.rank);
    PolicyNode::Split {
        feature: cut.feature,
        value: ranked.values[cut.rank as usize + 1],
        left: Box::new(below(problem, &left)),
        right: Box::new(below(problem, &right)),
    }
}

fn check(features: Features<'_>, scores: &[[f64; 2]], options: &PolicyOptions) -> Result<()> {
    if !(1..=2).contains(&options.depth) {
        return Err(Error::OutOfRange(Detail::new(
            "depth",
            "must be 1 or 2",
            options.depth,
        )));
    }
    if scores.is_empty() || features.columns.is_empty() {
        return Err(Error::OutOfRange(Detail::new(
            "scores",
            "must have at least one row and one feature",
            0,
        )));
    }
    for (name, column) in features.names.iter().zip(features.columns) {
        if column.len() != scores.len() {
            let rule = format!("must have {} rows like the scores", scores.len());
            return Err(Error::Conflict(Detail::new(name, rule, column.len())));
        }
        if let Some(row) = column.iter().position(|x| x.is_infinite()) {
            let field = format!("{name}[{row}]");
            return Err(Error::NotFinite(Detail::new(
                field,
                "must be finite or missing",
                column[row],
            )));
        }
    }
    if let Some(row) = scores.iter().position(|s| s.iter().any(|x| !x.is_finite())) {
        let field = format!("scores[{row}]");
        return Err(Error::NotFinite(Detail::new(
            field,
            "must be finite",
            format!("{:?}", scores[row]),
        )));
    }
    Ok(())
}
