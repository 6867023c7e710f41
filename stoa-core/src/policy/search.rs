//! The exhaustive search for the best rule of depth one and two over two actions.
//!
//! With d = Γ₁ − Γ₀ a rule earns the sum of d over the rows it treats. Depth two: fix the root's feature and let the
//! rows join its left side in order of value, then its right side in the opposite order; for every other feature the
//! segment tree of `prefix` knows the side's best depth-one rule after each row. A tree leaf is a distinct value, and
//! the root is evaluated only between distinct values; both matter for exactness when values repeat.

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
        let Ranked { rank, order, .. } = &self.features[feature];
        let n = order.len();
        // A root is looked at only between distinct values: `cut[k]` when the first k rows differ from the rest.
        let mut cut = vec![false; n + 1];
        for k in 1..n {
            cut[k] = rank[order[k - 1] as usize] != rank[order[k] as usize];
        }
        let left = self.earned(&order.iter().copied(), &cut);
        cut.reverse();
        let right = self.earned(&order.iter().rev().copied(), &cut);
        let mut best: Option<(i64, RankCut)> = None;
        for k in 1..n {
            if let Some((left, right)) = left[k].zip(right[n - k])
                && best.is_none_or(|(most, _)| left + right > most)
            {
                let rank = rank[order[k - 1] as usize];
                best = Some((left + right, RankCut { feature, rank }));
            }
        }
        best
    }

    /// For every k in `wanted`, what the best rule of depth at most one earns on the first k rows of `order`; `None`
    /// where they are too few to be a leaf. One segment tree at a time, so that it stays in the nearest caches.
    fn earned(
        &self,
        order: &(impl Iterator<Item = u32> + Clone),
        wanted: &[bool],
    ) -> Vec<Option<i64>> {
        let mut earned = vec![None; wanted.len()];
        let (mut everyone, mut n) = (0, 0);
        for (k, row) in (1..).zip(order.clone()) {
            everyone += self.gain[row as usize];
            n += 1;
            if wanted[k] && n >= self.fewest {
                earned[k] = Some(everyone.max(0));
            }
        }
        for ranked in self.features {
            let mut prefixes = Prefixes::new(ranked.values.len());
            for (k, row) in (1..).zip(order.clone()) {
                let row = row as usize;
                prefixes.add(ranked.rank[row] as usize, self.gain[row]);
                if let Some(most) = earned[k] {
                    let split = prefixes.best(self.fewest);
                    earned[k] = Some(split.map_or(most, |split| split.max(most)));
                }
            }
        }
        earned
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
