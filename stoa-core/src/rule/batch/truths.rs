//! The answers of a rule for the rows of a table.

use super::block::{Block, ROWS, WORDS, first};

/// A rule's answer for every row of a table: true, false or unknown, in two bits a row.
///
/// # Example
/// ```
/// use stoa_core::{rule::Rule, value::{Column, Table}};
/// let spend = Column::Number(vec![20.0, 250.0, f64::NAN].into());
/// let table = Table::new([("spend".to_owned(), spend)])?;
/// let truths = Rule::parse_sql("spend > 100")?.truths(&table, None)?;
/// assert_eq!(truths.answers().collect::<Vec<_>>(), [Some(false), Some(true), None]);
/// assert_eq!((truths.len(), truths.n_true()), (3, 1));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truths {
    yes: Vec<u64>,
    no: Vec<u64>,
    n_rows: usize,
}

impl Truths {
    /// Decides block after block: `decide` gets the first row, the number of rows and what to fill.
    pub(super) fn fill(n_rows: usize, decide: impl Fn(usize, usize, &mut Block) + Sync) -> Self {
        let n_words = n_rows.div_ceil(64);
        let (mut yes, mut no) = (vec![0; n_words], vec![0; n_words]);
        for_each_block(&mut yes, &mut no, |i, yes, no| {
            let n = ROWS.min(n_rows - i * ROWS);
            let mut block = Block::UNKNOWN;
            decide(i * ROWS, n, &mut block);
            if let (Some(yes), Some(no)) = (block.yes.get_mut(n / 64), block.no.get_mut(n / 64)) {
                *yes &= first(n % 64);
                *no &= first(n % 64);
            }
            yes.copy_from_slice(&block.yes[..yes.len()]);
            no.copy_from_slice(&block.no[..no.len()]);
        });
        Self { yes, no, n_rows }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n_rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// The answer for one row; unknown past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<bool> {
        let bit = |words: &[u64]| {
            words
                .get(row / 64)
                .is_some_and(|word| word >> (row % 64) & 1 == 1)
        };
        (bit(&self.yes) || bit(&self.no)).then(|| bit(&self.yes))
    }

    /// The answers in the table's order.
    pub fn answers(&self) -> impl Iterator<Item = Option<bool>> {
        (0..self.n_rows).map(|row| self.get(row))
    }

    /// How many rows are true.
    #[must_use]
    pub fn n_true(&self) -> usize {
        self.yes.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The rows that are true and those that are false, 64 to a word, the first the lowest bit.
    pub(crate) fn words(&self) -> (&[u64], &[u64]) {
        (&self.yes, &self.no)
    }

    /// Writes 1 for every row that is true and 0 for every other, as far as `out` reaches.
    ///
    /// # Example
    /// ```
    /// # use stoa_core::{rule::Rule, value::{Column, Table}};
    /// # let spend = Column::Number(vec![20.0, 250.0, f64::NAN].into());
    /// # let table = Table::new([("spend".to_owned(), spend)])?;
    /// # let truths = Rule::parse_sql("spend > 100")?.truths(&table, None)?;
    /// let mut flags = vec![0; truths.len()];
    /// truths.write_true(&mut flags);
    /// assert_eq!(flags, [0, 1, 0]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn write_true(&self, out: &mut [u8]) {
        for (flags, word) in out.chunks_mut(64).zip(&self.yes) {
            for (eight, bits) in flags.chunks_mut(8).zip(word.to_le_bytes()) {
                eight.copy_from_slice(&spread(bits)[..eight.len()]);
            }
        }
    }
}

/// A byte for each bit of one, 1 or 0.
fn spread(bits: u8) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // Byte `i` of a copy in every byte keeps bit `i` only; it then carries into the byte's highest bit unless it is 0.
    let kept = (u64::from(bits) * EACH) & 0x8040_2010_0804_0201;
    (((kept + 0x7f * EACH) >> 7) & EACH).to_le_bytes()
}

#[cfg(feature = "parallel")]
fn for_each_block(
    yes: &mut [u64],
    no: &mut [u64],
    decide: impl Fn(usize, &mut [u64], &mut [u64]) + Sync,
) {
    use rayon::prelude::*;
    yes.par_chunks_mut(WORDS)
        .zip(no.par_chunks_mut(WORDS))
        .enumerate()
        .for_each(|(i, (yes, no))| decide(i, yes, no));
}

#[cfg(not(feature = "parallel"))]
fn for_each_block(yes: &mut [u64], no: &mut [u64], decide: impl Fn(usize, &mut [u64], &mut [u64])) {
    for (i, (yes, no)) in yes.chunks_mut(WORDS).zip(no.chunks_mut(WORDS)).enumerate() {
        decide(i, yes, no);
    }
}
