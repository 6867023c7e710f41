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
    pub(super) fn new(segments: Vec<String>, masks: &[&[Option<bool>]]) -> Self {
        let members: Vec<Vec<u64>> = masks.iter().map(|mask| bits(mask)).collect();
        let shared = |a: &[u64], b: &[u64]| -> u64 {
            a.iter()
                .zip(b)
                .map(|(x, y)| u64::from((x & y).count_ones()))
                .sum()
        };
        let n: Vec<Vec<u64>> = members
            .iter()
            .map(|a| members.iter().map(|b| shared(a, b)).collect())
            .collect();
        let jaccard = (0..n.len())
            .map(|i| {
                (0..n.len())
                    .map(|j| {
                        let either = n[i][i] + n[j][j] - n[i][j];
                        (either > 0).then(|| n[i][j] as f64 / either as f64)
                    })
                    .collect()
            })
            .collect();
        Self {
            segments,
            n,
            jaccard,
        }
    }
}

/// Membership, 64 visitors to a word.
fn bits(mask: &[Option<bool>]) -> Vec<u64> {
    mask.chunks(64)
        .map(|rows| {
            rows.iter().enumerate().fold(0, |word, (bit, inside)| {
                word | (u64::from(*inside == Some(true)) << bit)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_hand() {
        let yes = Some(true);
        let mut a = vec![yes; 70];
        a.extend([Some(false), None]);
        let mut b = vec![Some(false); 68];
        b.extend([yes, yes, yes, yes]);
        let none = vec![None; 72];
        let keys = ["a", "b", "c"].map(str::to_owned).to_vec();
        let overlap = Overlap::new(keys, &[&a, &b, &none]);
        assert_eq!(overlap.n, [[70, 2, 0], [2, 4, 0], [0, 0, 0]]);
        assert_eq!(overlap.jaccard[0][1], Some(2.0 / 72.0));
        assert_eq!(overlap.jaccard[2][2], None);
    }
}
