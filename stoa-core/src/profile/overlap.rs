//! How many visitors segments share.

use serde::Serialize;

/// Overlap of every two segments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overlap {
    /// Keys of the segments: rows and columns of the matrices.
    pub segments: Vec<String>,
    /// Visitors in both; the diagonal holds the sizes.
    pub n: Vec<Vec<u64>>,
    /// Visitors in both over visitors in either; null for two empty segments.
    pub jaccard: Vec<Vec<Option<f64>>>,
}

impl Overlap {
    pub(super) fn new(segments: Vec<String>, n: Vec<Vec<u64>>) -> Self {
        let index = |i: usize, j: usize| {
            let either = n[i][i] + n[j][j] - n[i][j];
            (either > 0).then(|| n[i][j] as f64 / either as f64)
        };
        let jaccard = (0..n.len()).map(|i| (0..n.len()).map(|j| index(i, j)).collect());
        let jaccard = jaccard.collect();
        Self {
            segments,
            n,
            jaccard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_hand() {
        let keys = ["a", "b", "c"].map(str::to_owned).to_vec();
        let n = vec![vec![70, 2, 0], vec![2, 4, 0], vec![0, 0, 0]];
        let overlap = Overlap::new(keys, n);
        assert_eq!(overlap.jaccard[0][1], Some(2.0 / 72.0));
        assert_eq!(overlap.jaccard[2][2], None);
    }
}
