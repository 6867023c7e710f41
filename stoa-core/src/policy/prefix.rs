//! A segment tree over the ranks of one feature that knows the best prefix.
//!
//! Each leaf is one distinct value: its rows and the sum of their gains. The root answers, after any update in
//! O(log n), the greatest and least sum of a prefix, which is the best depth-one rule along the feature.

/// Rows and gain of a run of ranks, with the extreme sums over its non-empty prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    n: i64,
    sum: i64,
    max: i64,
    min: i64,
}

impl Run {
    const EMPTY: Self = Self {
        n: 0,
        sum: 0,
        max: 0,
        min: 0,
    };

    fn then(self, next: Self) -> Self {
        Self {
            n: self.n + next.n,
            sum: self.sum + next.sum,
            max: self.max.max(self.sum + next.max),
            min: self.min.min(self.sum + next.min),
        }
    }
}

/// The rows of one side of a root split, by the ranks of one feature.
#[derive(Debug, Clone)]
pub(super) struct Prefixes {
    size: usize,
    runs: Vec<Run>,
}

impl Prefixes {
    /// No rows yet, `n_ranks` distinct values.
    pub(super) fn new(n_ranks: usize) -> Self {
        let size = n_ranks.next_power_of_two();
        Self {
            size,
            runs: vec![Run::EMPTY; 2 * size],
        }
    }

    /// Adds a row with a gain at `rank`.
    pub(super) fn add(&mut self, rank: usize, gain: i64) {
        let mut at = self.size + rank;
        let leaf = &mut self.runs[at];
        leaf.n += 1;
        leaf.sum += gain;
        leaf.max = leaf.sum;
        leaf.min = leaf.sum;
        while at > 1 {
            at /= 2;
            self.runs[at] = self.runs[2 * at].then(self.runs[2 * at + 1]);
        }
    }

    /// Gain of treating the better end of the best prefix with at least `fewest` rows on either side; `None` when no
    /// prefix leaves that many. Treating no one or everyone is not a prefix here.
    pub(super) fn best(&self, fewest: i64) -> Option<i64> {
        let total = self.runs[1];
        if total.n < 2 * fewest {
            return None;
        }
        let (max, min) = if fewest <= 1 {
            (total.max, total.min)
        } else {
            self.extremes(1, 0, 0, fewest, total.n - fewest)?
        };
        Some(max.max(total.sum - min))
    }

    /// Extreme prefix sums over prefixes with `low..=high` rows that end in the run at `at`, which follows `n` rows
    /// with gain `sum`.
    fn extremes(&self, at: usize, n: i64, sum: i64, low: i64, high: i64) -> Option<(i64, i64)> {
        let run = self.runs[at];
        if n + run.n < low || n > high {
            return None;
        }
        if at >= self.size {
            let end = sum + run.sum;
            return (n + run.n <= high).then_some((end, end));
        }
        // Inside a run whose every prefix is allowed the stored extremes answer.
        if n >= low && n + run.n <= high {
            return Some((sum + run.max, sum + run.min));
        }
        let left = self.runs[2 * at];
        let first = self.extremes(2 * at, n, sum, low, high);
        let second = self.extremes(2 * at + 1, n + left.n, sum + left.sum, low, high);
        match (first, second) {
            (Some(a), Some(b)) => Some((a.0.max(b.0), a.1.min(b.1))),
            (one, other) => one.or(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_equals_trying_every_prefix() {
        let gains = [3, -5, 2, 4, -1, -6, 7];
        let mut prefixes = Prefixes::new(gains.len());
        for (rank, gain) in gains.into_iter().enumerate() {
            prefixes.add(rank, gain);
        }
        let total: i64 = gains.iter().sum();
        for (fewest, least) in (1_usize..=4).zip(1..) {
            let brute = (fewest..=7 - fewest)
                .map(|k| gains[..k].iter().sum::<i64>())
                .map(|sum| sum.max(total - sum))
                .max();
            assert_eq!(prefixes.best(least), brute, "{fewest}");
        }
    }
}
