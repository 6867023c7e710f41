//! Who belongs to a segment, one bit a visitor.

use crate::rule::Truths;

/// The rows for which a rule is true, and how many it does not know.
pub(super) struct Members {
    yes: Vec<u64>,
    pub(super) unknown: u64,
}

impl Members {
    pub(super) fn new(truths: &Truths) -> Self {
        let (yes, no) = truths.words();
        let known: u64 = yes
            .iter()
            .zip(no)
            .map(|(yes, no)| u64::from((yes | no).count_ones()))
            .sum();
        Self {
            yes: yes.to_vec(),
            unknown: truths.len() as u64 - known,
        }
    }

    pub(super) fn n(&self) -> u64 {
        self.yes
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum()
    }

    /// Rows in both.
    pub(super) fn shared(&self, other: &Self) -> u64 {
        let both = self.yes.iter().zip(&other.yes);
        both.map(|(a, b)| u64::from((a & b).count_ones())).sum()
    }

    /// The words of `n` rows from row `from` on, a multiple of 64.
    pub(super) fn words(&self, from: usize, n: usize) -> &[u64] {
        self.yes
            .get(from / 64..(from + n).div_ceil(64))
            .unwrap_or_default()
    }

    /// All words.
    pub(super) fn all(&self) -> &[u64] {
        &self.yes
    }

    /// Whether a row belongs; false past the end.
    pub(super) fn has(&self, row: usize) -> bool {
        self.yes
            .get(row / 64)
            .is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}
