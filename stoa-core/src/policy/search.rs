//! The exhaustive search for the best rule of depth one and two over two actions.
//!
//! With d = Γ₁ − Γ₀ a rule earns the sum of d over the rows it treats. Depth two: fix the root's feature and move the
//! rows across its split in order of value; each side keeps, for every feature, the segment tree of `prefix`, so its
//! best depth-one rule is known after each move. A tree leaf is a distinct value, and the root is evaluated only
//! between distinct values; both matter for exactness when values repeat.

use super::prefix::Prefixes;

/// One feature's distinct values, ascending with missing as −∞, and the rank of every row among them.
#[derive(Debug, Clone)]
pub(super) struct Ranked {
    pub(super) values: Vec<f64>,
    pub(super) rank: Vec<u32>,
    /// Rows ordered by rank.
    order: Vec<u32>,
}

impl Ranked {
    pub(super) fn new(column: &[f64]) -> Self {
        let value = |row: u32| {
            let x = column[row as usize];
            if x.is_nan() { f64::NEG_INFINITY } else { x }
        };
        let mut order: Vec<u32> = (0..u32::try_from(column.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by(|&a, &b| value(a).total_cmp(&value(b)));
        let mut values: Vec<f64> = Vec::new();
        let mut rank = vec![0; column.len()];
        for &row in &order {
            let x = value(row);
            if values.last().is_none_or(|last| *last < x) {
                values.push(x);
            }
            rank[row as usize] = u32::try_from(values.len() - 1).unwrap_or(u32::MAX);
        }
        Self {
            values,
            rank,
            order,
        }
    }
}

/// A cut: rows with a rank up to `rank` of `feature` on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RankCut {
    pub(super) feature: usize,
    pub(super) rank: u32,
}

/// The scored rows and the ranked features of one search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem<'a> {
    pub(super) features: &'a [Ranked],
    /// Fixed-point gain of treating each row.
    pub(super) gain: &'a [i64],
    /// Fewest rows of a leaf.
    pub(super) fewest: i64,
}

impl Problem<'_> {
    /// The best root of a depth-two tree and what the tree earns; `None` when no root leaves enough rows on each side
    /// or none beats the best constant.
    pub(super) fn best_root(&self) -> Option<RankCut> {
        let everyone: i64 = self.gain.iter().sum();
        let mut best = (everyone.max(0), None);
        for (earned, cut) in self.each_feature() {
            if earned > best.0 {
                best = (earned, Some(cut));
            }
        }
        best.1
    }

    #[cfg(feature = "parallel")]
    fn each_feature(&self) -> Vec<(i64, RankCut)> {
        use rayon::prelude::*;
        (0..self.features.len())
            .into_par_iter()
            .filter_map(|feature| self.best_root_along(feature))
            .collect()
    }

    #[cfg(not(feature = "parallel"))]
    fn each_feature(&self) -> Vec<(i64, RankCut)> {
        (0..self.features.len())
            .filter_map(|feature| self.best_root_along(feature))
            .collect()
    }

    fn best_root_along(&self, feature: usize) -> Option<(i64, RankCut)> {
        let root = &self.features[feature];
        let side = || -> Vec<Prefixes> {
            let sizes = self.features.iter().map(|f| f.values.len());
            sizes.map(Prefixes::new).collect()
        };
        let (mut left, mut right) = (side(), side());
        let (mut left_gain, mut right_gain) = (0, 0);
        for (row, &gain) in self.gain.iter().enumerate() {
            right_gain += gain;
            for (prefixes, ranked) in right.iter_mut().zip(self.features) {
                prefixes.add(ranked.rank[row] as usize, 1, gain);
            }
        }
        let mut best: Option<(i64, RankCut)> = None;
        for (at, &row) in root.order.iter().enumerate() {
            let row = row as usize;
            let gain = self.gain[row];
            left_gain += gain;
            right_gain -= gain;
            for (j, ranked) in self.features.iter().enumerate() {
                let rank = ranked.rank[row] as usize;
                right[j].add(rank, -1, -gain);
                left[j].add(rank, 1, gain);
            }
            let Some(&next) = root.order.get(at + 1) else {
                break;
            };
            let rank = root.rank[row];
            if root.rank[next as usize] == rank {
                continue;
            }
            let earned = self
                .side(&left, left_gain)
                .zip(self.side(&right, right_gain));
            if let Some((left, right)) = earned
                && best.is_none_or(|(most, _)| left + right > most)
            {
                best = Some((left + right, RankCut { feature, rank }));
            }
        }
        best
    }

    /// What the best rule of depth at most one earns on one side; `None` when the side is too small to be a leaf.
    fn side(&self, prefixes: &[Prefixes], everyone: i64) -> Option<i64> {
        if prefixes.first().is_none_or(|p| p.n() < self.fewest) {
            return None;
        }
        let split = prefixes.iter().filter_map(|p| p.best(self.fewest)).max();
        Some(everyone.max(0).max(split.unwrap_or(0)))
    }

    /// The best single cut of `rows`; `None` when no cut beats treating all or none of them.
    pub(super) fn best_cut(&self, rows: &[u32]) -> Option<RankCut> {
        let everyone: i64 = rows.iter().map(|&row| self.gain[row as usize]).sum();
        let n = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let mut best = (everyone.max(0), None);
        for (feature, ranked) in self.features.iter().enumerate() {
            let mut at_rank = vec![(0_i64, 0_i64); ranked.values.len()];
            for &row in rows {
                let cell = &mut at_rank[ranked.rank[row as usize] as usize];
                cell.0 += 1;
                cell.1 += self.gain[row as usize];
            }
            let (mut below, mut gain) = (0, 0);
            for (rank, (rows, sum)) in (0_u32..).zip(at_rank) {
                below += rows;
                gain += sum;
                let earned = gain.max(everyone - gain);
                let allowed = below >= self.fewest && n - below >= self.fewest;
                if allowed && earned > best.0 {
                    best = (earned, Some(RankCut { feature, rank }));
                }
            }
        }
        best.1
    }
}
