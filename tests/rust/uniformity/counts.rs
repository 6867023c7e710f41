//! Ids counted into cells, for every salt and for every two salts side by side.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use stoa_core::hash::{Digest, SCALE};

/// Cells of a slice, of equal width.
pub const CELLS: usize = 16;
/// Width of a cell.
const WIDTH: u64 = SCALE / CELLS as u64;
/// Ids counted for one salt before the next: what fits into a core's cache.
const BLOCK: u64 = 20_000;

/// A contingency table, row by row.
pub(super) type Cells = Vec<u32>;

/// Counts of ids that may be added to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The salts.
    pub salts: Vec<String>,
    /// Ids counted: `visitor-0` and on.
    pub ids: u64,
    /// Of each salt: cell of h(0), then of h(1).
    pub tables: Vec<Cells>,
    /// Of each salt but the last and the next one: cells of their h(0).
    pub pairs: Vec<Cells>,
}

impl Counts {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(salts: Vec<String>) -> Self {
        let empty = |n: usize| vec![vec![0; CELLS * CELLS]; n];
        Self {
            tables: empty(salts.len()),
            pairs: empty(salts.len().saturating_sub(1)),
            salts,
            ids: 0,
        }
    }

    /// Counts one block more, at most up to `n` ids.
    pub fn count_block(&mut self, n: u64) {
        let block = self.ids..n.min(self.ids + BLOCK);
        let ids: Vec<String> = ids(block.clone()).collect();
        let mut before: Vec<usize> = Vec::new();
        for (salt, name) in self.salts.iter().enumerate() {
            let cells = self.tables[salt].as_mut_slice();
            let now: Vec<usize> = ids.iter().map(|id| tally(cells, name, id)).collect();
            if let Some(pair) = salt.checked_sub(1) {
                let cells = self.pairs[pair].as_mut_slice();
                for (row, column) in before.iter().zip(&now) {
                    cells[row * CELLS + column] += 1;
                }
            }
            before = now;
        }
        self.ids = block.end;
    }

    /// Counts `n` ids.
    #[must_use]
    pub fn of(salts: Vec<String>, n: u64) -> Self {
        let mut counts = Self::new(salts);
        while counts.ids < n {
            counts.count_block(n);
        }
        counts
    }
}

/// Counts one id for one salt; its cell of h(0).
fn tally(cells: &mut [u32], salt: &str, id: &str) -> usize {
    let digest = Digest::of(salt, id);
    let (row, column) = (cell(digest.h::<0>()), cell(digest.h::<1>()));
    cells[row * CELLS + column] += 1;
    row
}

fn cell(slice: u64) -> usize {
    usize::try_from(slice / WIDTH).unwrap_or(CELLS - 1)
}

/// The ids of a range, as the counts name them.
pub(super) fn ids(range: Range<u64>) -> impl Iterator<Item = String> {
    range.map(|i| format!("visitor-{i}"))
}
