//! Counts and sums of every segment, of everyone else and of everyone: all that a profile needs of the rows.

use super::{members::Members, outcome::Measured};
use crate::{num::sums::sum, value::Column};

/// Rows summed at a time: a multiple of a word, small enough that a column's block stays in the cache.
const ROWS: usize = 16_384;

/// Sums of one column over some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    /// Rows.
    pub(super) n: u64,
    /// Rows above 0.
    pub(super) hits: u64,
    pub(super) sum: f64,
    pub(super) sum_sq: f64,
    /// Of the rows above 0.
    pub(super) sum_log: f64,
    pub(super) sum_log_sq: f64,
}

/// One segment: its members, and everyone else.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Split {
    pub(super) n: u64,
    pub(super) unknown: u64,
    /// One per outcome, as in [`Tally::everyone`].
    pub(super) inside: Vec<Sums>,
    /// Of the rows that are not members, unknown ones among them.
    pub(super) rest: Vec<Sums>,
}

/// What a table says of its segments.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    pub(super) n: u64,
    pub(super) everyone: Vec<Sums>,
    pub(super) segments: Vec<Split>,
    /// Visitors that every two segments share.
    pub(super) shared: Vec<Vec<u64>>,
}

impl Tally {
    /// One pass over each outcome, whatever the number of segments; no value is copied for a segment.
    pub(super) fn of_rows(n_rows: usize, members: &[Members], outcomes: &[Measured<'_>]) -> Self {
        let blocks: Vec<usize> = (0..n_rows).step_by(ROWS).collect();
        let sums = |from: &usize| Block::new(*from, ROWS.min(n_rows - from), members, outcomes);
        let blocks = each(&blocks, sums);
        let total = |at: &dyn Fn(&Block) -> Sums| Sums::total(&blocks.iter().map(at));
        let of = |i: usize| Split {
            n: members[i].n(),
            unknown: members[i].unknown,
            inside: (0..outcomes.len())
                .map(|k| total(&|b| b.splits[k][i][1]))
                .collect(),
            rest: (0..outcomes.len())
                .map(|k| total(&|b| b.splits[k][i][0]))
                .collect(),
        };
        Self {
            n: n_rows as u64,
            everyone: (0..outcomes.len())
                .map(|k| total(&|b| b.everyone[k]))
                .collect(),
            segments: (0..members.len()).map(of).collect(),
            shared: members
                .iter()
                .map(|a| members.iter().map(|b| a.shared(b)).collect())
                .collect(),
        }
    }
}

impl Sums {
    /// Blocks added in their order, without losing digits.
    pub(super) fn total(parts: &(impl Iterator<Item = Self> + Clone)) -> Self {
        let add = |of: fn(&Self) -> f64| sum(parts.clone().map(|part| of(&part)));
        Self {
            n: parts.clone().map(|part| part.n).sum(),
            hits: parts.clone().map(|part| part.hits).sum(),
            sum: add(|s| s.sum),
            sum_sq: add(|s| s.sum_sq),
            sum_log: add(|s| s.sum_log),
            sum_log_sq: add(|s| s.sum_log_sq),
        }
    }

    fn add(&mut self, x: f64, log: f64) {
        self.sum += x;
        self.sum_sq += x * x;
        self.sum_log += log;
        self.sum_log_sq += log * log;
    }
}

/// The sums of one block of rows: by outcome, and by outcome, segment and membership.
struct Block {
    everyone: Vec<Sums>,
    splits: Vec<Vec<[Sums; 2]>>,
}

impl Block {
    fn new(from: usize, n: usize, members: &[Members], outcomes: &[Measured<'_>]) -> Self {
        let mut values = Lane::default();
        let mut block = Self {
            everyone: Vec::with_capacity(outcomes.len()),
            splits: Vec::with_capacity(outcomes.len()),
        };
        for outcome in outcomes {
            values.read(outcome.column, from, n, outcome.needs_logs());
            block.everyone.push(values.everyone());
            let split = |members: &Members| values.split(members.words(from, n));
            block.splits.push(members.iter().map(split).collect());
        }
        block
    }
}

/// One column's values in a block, and which of them are worth adding.
#[derive(Default)]
struct Lane {
    n: usize,
    values: Vec<f64>,
    logs: Vec<f64>,
    above: Vec<u64>,
    /// Rows that are not 0: most visitors buy nothing.
    some: Vec<u64>,
}

impl Lane {
    fn read(&mut self, column: &Column<'_>, from: usize, n: usize, logs: bool) {
        self.n = n;
        self.values.resize(n, 0.0);
        column.fill_numbers(from, &mut self.values);
        bits(&self.values, |x| x > 0.0, &mut self.above);
        bits(&self.values, |x| x.abs() > 0.0, &mut self.some);
        let log = |x: &f64| if *x > 0.0 { x.ln() } else { 0.0 };
        self.logs.clear();
        self.logs
            .extend(self.values.iter().map(|x| if logs { log(x) } else { 0.0 }));
    }

    fn everyone(&self) -> Sums {
        let mut sums = Sums {
            n: self.n as u64,
            hits: ones(self.above.iter().copied()),
            ..Sums::default()
        };
        for_each_bit(&self.some, |row| sums.add(self.values[row], self.logs[row]));
        sums
    }

    /// Everyone else, then the members.
    fn split(&self, members: &[u64]) -> [Sums; 2] {
        let both = self.above.iter().zip(members);
        let n = ones(members.iter().copied());
        let hits = ones(both.map(|(above, inside)| above & inside));
        let mut sums = [Sums::default(); 2];
        for_each_bit(&self.some, |row| {
            let inside = members[row / 64] >> (row % 64) & 1;
            sums[usize::from(inside == 1)].add(self.values[row], self.logs[row]);
        });
        [sums[0].n, sums[0].hits] = [self.n as u64 - n, ones(self.above.iter().copied()) - hits];
        [sums[1].n, sums[1].hits] = [n, hits];
        sums
    }
}

/// One bit a value.
fn bits(values: &[f64], test: impl Fn(f64) -> bool, out: &mut Vec<u64>) {
    out.clear();
    out.extend(values.chunks(64).map(|rows| {
        let rows = rows.iter().enumerate();
        rows.fold(0, |word, (i, x)| word | u64::from(test(*x)) << i)
    }));
}

fn ones(words: impl Iterator<Item = u64>) -> u64 {
    words.map(|word| u64::from(word.count_ones())).sum()
}

/// Calls `visit` with the index of every bit that is set.
pub(super) fn for_each_bit(words: &[u64], mut visit: impl FnMut(usize)) {
    for (i, word) in words.iter().enumerate() {
        let mut left = *word;
        while left != 0 {
            visit(i * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
}

/// One result for each item, in order; worked out in parallel with the feature `parallel`.
#[cfg(feature = "parallel")]
pub(super) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    use rayon::prelude::*;
    items.par_iter().map(work).collect()
}

/// One result for each item, in order.
#[cfg(not(feature = "parallel"))]
pub(super) fn each<T, R>(items: &[T], work: impl Fn(&T) -> R) -> Vec<R> {
    items.iter().map(work).collect()
}
