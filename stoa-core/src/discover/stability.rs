//! Would the same segment be found again? The whole search, redrawn on half-samples.
//!
//! Complementary pairs of random halves; on each half nuisances, forest, scores, depth and tree are redone. A segment
//! is found again when the half's tree has a leaf on the same side whose Jaccard index J with it over all rows,
//! corrected for chance, is at least one half: (J − J₀)/(1 − J₀) ≥ 0.5 with J₀ = s·s′/(s + s′ − s·s′), the index of
//! two random groups of those shares. A row bootstrap would put copies of a row on both sides of the honest split and
//! fake stability. Stability is not significance.

use super::search::Search;
use crate::{error::Result, num::random::Stream, policy::PolicyLeaf};

/// Streams of the half-samples.
const HALVES_STREAM: u64 = 1 << 52;

/// Least chance-corrected overlap that counts as the same segment.
const SAME: f64 = 0.5;

/// How many of the redrawn searches found each leaf again.
pub(super) fn refound(search: &Search<'_>, leaves: &[PolicyLeaf]) -> Result<Vec<usize>> {
    let members: Vec<Vec<bool>> = leaves
        .iter()
        .map(|l| l.members(search.design.columns()))
        .collect();
    let mut found = vec![0; leaves.len()];
    for pair in 0..search.options.stability_pairs {
        let mut rows = search.everyone();
        let half = rows.len() / 2;
        let stream = HALVES_STREAM + pair as u64;
        Stream::new(search.options.seed, stream).choose(&mut rows, half);
        let (first, second) = rows.split_at_mut(half);
        for half in [first, second] {
            half.sort_unstable();
            let part = search.part(half);
            let redrawn = part.search(search);
            let everyone = redrawn.everyone();
            let fitted = redrawn.fit(&everyone, search.options.stability_trees)?;
            let again = redrawn.segments(&everyone, &fitted.scores)?;
            for (at, leaf) in leaves.iter().enumerate() {
                let is_match = best_match(leaf, &members[at], &again, search.design.columns());
                found[at] += usize::from(is_match.is_some());
            }
        }
    }
    Ok(found)
}

/// The leaf of another search that is the same segment, if there is one: the nearest on the same side.
pub(super) fn best_match<'l>(
    leaf: &PolicyLeaf,
    members: &[bool],
    others: &'l [PolicyLeaf],
    columns: &[Vec<f64>],
) -> Option<&'l PolicyLeaf> {
    others
        .iter()
        .filter(|other| other.treats() == leaf.treats())
        .map(|other| (overlap(members, &other.members(columns)), other))
        .filter(|(overlap, _)| *overlap >= SAME)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}

/// Chance-corrected Jaccard index: 1 for equal groups, about 0 for unrelated ones. A group of everyone has none.
fn overlap(a: &[bool], b: &[bool]) -> f64 {
    let count = |keep: &dyn Fn(bool, bool) -> bool| {
        a.iter().zip(b).filter(|(a, b)| keep(**a, **b)).count() as f64
    };
    let n = a.len() as f64;
    let (s, t) = (count(&|a, _| a) / n, count(&|_, b| b) / n);
    let union = count(&|a, b| a || b);
    let chance = s * t / (s + t - s * t);
    if union < 0.5 || chance >= 1.0 {
        return 0.0;
    }
    (count(&|a, b| a && b) / union - chance) / (1.0 - chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_one_for_equal_and_none_for_unrelated_groups() {
        let half: Vec<bool> = (0..100).map(|i| i < 50).collect();
        let other: Vec<bool> = (0..100).map(|i| i % 2 == 0).collect();
        assert!((overlap(&half, &half) - 1.0).abs() < 1e-12);
        assert!(overlap(&half, &other).abs() < 1e-12);
        assert!(overlap(&[true; 4], &[true; 4]).abs() < 1e-12);
    }
}
