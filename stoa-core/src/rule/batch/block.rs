//! The truths of one block of rows while they are worked out.

/// Words of 64 rows in a block: its truths stay in the first-level cache.
pub(super) const WORDS: usize = 64;
/// Rows of a block.
pub(super) const ROWS: usize = 64 * WORDS;

/// One bit a row of a block.
pub(super) type Words = [u64; WORDS];

/// Every row of a block.
pub(super) const ALL: Words = [u64::MAX; WORDS];
/// No row of a block.
pub(super) const NONE: Words = [0; WORDS];

/// Which rows are true and which are false; a row in neither is unknown. A row past the block's end is anything.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) yes: Words,
    pub(super) no: Words,
}

impl Block {
    pub(super) const UNKNOWN: Self = Self {
        yes: NONE,
        no: NONE,
    };

    /// One answer for all rows.
    pub(super) fn set(&mut self, answer: Option<bool>) {
        self.yes
            .fill(if answer == Some(true) { u64::MAX } else { 0 });
        self.no
            .fill(if answer == Some(false) { u64::MAX } else { 0 });
    }

    /// The rows that answer otherwise than `decisive`, and those that answer it.
    pub(super) fn sides(&mut self, decisive: bool) -> (&mut Words, &mut Words) {
        if decisive {
            (&mut self.no, &mut self.yes)
        } else {
            (&mut self.yes, &mut self.no)
        }
    }

    /// Unknown where a bit is not set.
    pub(super) fn keep(&mut self, known: impl Fn(usize) -> u64) {
        for (i, (yes, no)) in self.yes.iter_mut().zip(&mut self.no).enumerate() {
            let known = known(i);
            *yes &= known;
            *no &= known;
        }
    }

    /// One answer where a bit is not set.
    pub(super) fn fill_in(&mut self, answer: Option<bool>, known: impl Fn(usize) -> u64) {
        let (yes, no) = (answer == Some(true), answer == Some(false));
        self.keep(&known);
        for i in 0..WORDS {
            self.yes[i] |= if yes { !known(i) } else { 0 };
            self.no[i] |= if no { !known(i) } else { 0 };
        }
    }

    /// Copies the first `n` rows of `part` to row `at` on, where this block is still unknown.
    pub(super) fn paste(&mut self, at: usize, part: &Self, n: usize) {
        paste(&mut self.yes, at, &part.yes, n);
        paste(&mut self.no, at, &part.no, n);
    }
}

fn paste(words: &mut Words, at: usize, part: &Words, n: usize) {
    let (skip, shift) = (at / 64, at % 64);
    for (i, word) in part.iter().take(n.div_ceil(64)).enumerate() {
        let bits = word & first(n - 64 * i);
        if let Some(low) = words.get_mut(skip + i) {
            *low |= bits << shift;
        }
        if let (1.., Some(high)) = (shift, words.get_mut(skip + i + 1)) {
            *high |= bits >> (64 - shift);
        }
    }
}

/// The rows from `at` on, at the front.
pub(super) fn from(words: &Words, at: usize) -> Words {
    let (skip, shift) = (at / 64, at % 64);
    let word = |i: usize| words.get(i).copied().unwrap_or(0);
    std::array::from_fn(|i| match shift {
        0 => word(skip + i),
        _ => word(skip + i) >> shift | word(skip + i + 1) << (64 - shift),
    })
}

/// The first `n` bits, all of them from 64 on.
pub(super) fn first(n: usize) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}

/// One bit a row: what `test` says of up to 64 values.
#[inline(always)]
pub(super) fn pack<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> u64 {
    /// Gathers the lowest bit of each byte in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut flags = [0_u8; 64];
    for (flag, value) in flags.iter_mut().zip(values) {
        *flag = u8::from(test(*value));
    }
    let (eights, _) = flags.as_chunks::<8>();
    let bits = eights.iter().rev();
    bits.fold(0, |bits, eight| {
        bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_packed_pasted_and_taken_from_any_row() {
        let rows: Vec<usize> = (0..64).collect();
        let odd = pack(&rows[..10], |i| i % 2 == 1);
        assert_eq!(odd, 0b10_1010_1010);
        assert_eq!(pack(&rows, |i| i == 0 || i == 63), 1 << 63 | 1);
        let mut block = Block::UNKNOWN;
        let part = Block {
            yes: [odd; WORDS],
            no: ALL,
        };
        block.paste(60, &part, 10);
        assert_eq!((block.yes[0], block.yes[1]), (0b1010 << 60, 0b10_1010));
        assert_eq!(
            (block.no[0], block.no[1], block.no[2]),
            (0b1111 << 60, 0b11_1111, 0)
        );
        assert_eq!(from(&block.yes, 60)[0], odd);
        assert_eq!(from(&ALL, ROWS - 3)[0], 0b111);
    }
}
