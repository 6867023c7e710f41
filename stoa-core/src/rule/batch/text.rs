//! Comparisons of text as it lies in Arrow's memory: bytes against bytes, which UTF-8 allows.

use std::collections::HashSet;

use memchr::memmem::Finder;

use super::block::{Block, Words, first};
use crate::{
    rule::test::{Test, text},
    value::{INLINE, Texts, Timestamp, between, viewed},
};

/// Bytes that are compared at once.
const HEAD: usize = 16;

/// What is looked for in a text.
#[derive(Debug)]
pub(super) enum Search<'p> {
    OneOf(Vec<Needle<'p>>, bool),
    Words(&'p HashSet<Box<[u8]>>, bool),
    Starts(Needle<'p>),
    Ends(&'p [u8]),
    Contains(Box<Finder<'p>>),
    /// Microseconds from and to, of text that spells an instant.
    Instants(i64, i64),
}

/// Text with its first bytes as one number.
#[derive(Debug)]
pub(super) struct Needle<'p> {
    head: u128,
    bytes: &'p [u8],
}

impl<'p> Needle<'p> {
    fn new(bytes: &'p [u8]) -> Self {
        Self {
            head: head(bytes),
            bytes,
        }
    }
}

/// The first sixteen bytes as one number, zeros after a shorter text.
fn head(bytes: &[u8]) -> u128 {
    let mut sixteen = [0; HEAD];
    let n = bytes.len().min(HEAD);
    sixteen[..n].copy_from_slice(&bytes[..n]);
    u128::from_le_bytes(sixteen)
}

/// The first `n` bytes of a head.
fn mask(n: usize) -> u128 {
    if n >= HEAD {
        u128::MAX
    } else {
        (1 << (8 * n)) - 1
    }
}

impl<'p> Search<'p> {
    /// `None` for a test that is unknown of every text.
    pub(super) fn new(test: &'p Test<'_>, now: Option<Timestamp>) -> Option<Self> {
        Some(match test {
            Test::OneOf(items, negated) => {
                text(items.first()?)?;
                let needles = items.iter().filter_map(text).map(Needle::new);
                Self::OneOf(needles.collect(), *negated)
            }
            Test::Word(word, negated) => Self::OneOf(vec![Needle::new(word.as_bytes())], *negated),
            Test::Words(words, negated) => Self::Words(words, *negated),
            Test::StartsWith(part) => Self::Starts(Needle::new(part.as_bytes())),
            Test::EndsWith(part) => Self::Ends(part.as_bytes()),
            Test::Contains(part) => Self::Contains(Box::new(Finder::new(part.as_bytes()))),
            other => other
                .instants(now)
                .map(|(low, high)| Self::Instants(low, high))?,
        })
    }

    /// What a row costs, in about nanoseconds.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::OneOf(..) | Self::Starts(_) | Self::Ends(_) => 4,
            Self::Words(..) => 16,
            Self::Contains(_) => 12,
            Self::Instants(..) => 64,
        }
    }

    /// Decides the `open` rows among the `n` from `from` on.
    pub(super) fn fill(
        &self,
        texts: &Texts<'_>,
        from: usize,
        n: usize,
        open: &Words,
        out: &mut Block,
    ) {
        match texts {
            Texts::Offsets { ends, bytes } => {
                self.scan(&Offsets { ends, bytes }, from, n, open, out);
            }
            Texts::LongOffsets { ends, bytes } => {
                self.scan(&Offsets { ends, bytes }, from, n, open, out);
            }
            Texts::Views { views, buffers } => {
                self.scan(&Views { views, buffers }, from, n, open, out);
            }
        }
    }

    fn scan(&self, rows: &impl Rows, from: usize, n: usize, open: &Words, out: &mut Block) {
        match self {
            Self::OneOf(needles, negated) => decide(from, n, open, out, |row| {
                let (len, head) = rows.head(row);
                let is = |needle: &Needle<'_>| {
                    needle.head == head
                        && needle.bytes.len() == len
                        && (len <= HEAD || needle.bytes == rows.get(row))
                };
                Some(needles.iter().any(is) != *negated)
            }),
            Self::Words(words, negated) => {
                decide(from, n, open, out, |row| {
                    Some(words.contains(rows.get(row)) != *negated)
                });
            }
            Self::Starts(needle) => {
                let wanted = needle.bytes.len();
                let mask = mask(wanted);
                decide(from, n, open, out, |row| {
                    let (len, head) = rows.head(row);
                    let starts = head & mask == needle.head && len >= wanted;
                    Some(starts && (wanted <= HEAD || rows.get(row).starts_with(needle.bytes)))
                });
            }
            Self::Ends(part) => {
                decide(from, n, open, out, |row| {
                    Some(rows.get(row).ends_with(part))
                });
            }
            Self::Contains(finder) => {
                decide(from, n, open, out, |row| {
                    Some(finder.find(rows.get(row)).is_some())
                });
            }
            Self::Instants(low, high) => decide(from, n, open, out, |row| {
                let text = std::str::from_utf8(rows.get(row)).ok()?;
                let t = Timestamp::parse(text).ok()?.micros;
                Some(*low <= t && t <= *high)
            }),
        }
    }
}

/// Decides open rows one by one.
#[expect(clippy::inline_always, reason = "the test is compiled into the loop")]
#[inline(always)]
pub(super) fn decide(
    from: usize,
    n: usize,
    open: &Words,
    out: &mut Block,
    answer: impl Fn(usize) -> Option<bool>,
) {
    for (i, open) in open.iter().take(n.div_ceil(64)).enumerate() {
        let mut left = open & first(n - 64 * i);
        let (mut yes, mut no) = (0, 0);
        while left != 0 {
            let bit = left & left.wrapping_neg();
            match answer(from + 64 * i + left.trailing_zeros() as usize) {
                Some(true) => yes |= bit,
                Some(false) => no |= bit,
                None => {}
            }
            left ^= bit;
        }
        out.yes[i] = yes;
        out.no[i] = no;
    }
}

/// Text by row, in one of Arrow's layouts.
trait Rows {
    fn get(&self, row: usize) -> &[u8];

    /// The length, and the first sixteen bytes as one number.
    fn head(&self, row: usize) -> (usize, u128) {
        let bytes = self.get(row);
        (bytes.len(), head(bytes))
    }
}

struct Offsets<'a, O> {
    ends: &'a [O],
    bytes: &'a [u8],
}

impl<O: Copy + TryInto<usize>> Rows for Offsets<'_, O> {
    #[expect(clippy::inline_always, reason = "the test is compiled into the loop")]
    #[inline(always)]
    fn get(&self, row: usize) -> &[u8] {
        between(self.ends, self.bytes, row)
    }

    #[expect(clippy::inline_always, reason = "the test is compiled into the loop")]
    #[inline(always)]
    fn head(&self, row: usize) -> (usize, u128) {
        let end = |i: usize| self.ends.get(i).and_then(|end| (*end).try_into().ok());
        let (Some(from), Some(to)) = (end(row), end(row + 1)) else {
            return (0, 0);
        };
        let after = self.bytes.get(from..).unwrap_or_default();
        match after.first_chunk() {
            Some(sixteen) if from <= to && to <= self.bytes.len() => {
                let len = to - from;
                (len, u128::from_le_bytes(*sixteen) & mask(len))
            }
            _ => {
                let bytes = self.get(row);
                (bytes.len(), head(bytes))
            }
        }
    }
}

struct Views<'a> {
    views: &'a [[u8; 16]],
    buffers: &'a [&'a [u8]],
}

impl Rows for Views<'_> {
    #[expect(clippy::inline_always, reason = "the test is compiled into the loop")]
    #[inline(always)]
    fn get(&self, row: usize) -> &[u8] {
        viewed(self.views, self.buffers, row)
    }

    #[expect(clippy::inline_always, reason = "the test is compiled into the loop")]
    #[inline(always)]
    fn head(&self, row: usize) -> (usize, u128) {
        let view = self.views.get(row).copied().unwrap_or_default();
        let [a, b, c, d, ..] = view;
        let len = u32::from_le_bytes([a, b, c, d]) as usize;
        if len <= INLINE {
            return (len, u128::from_le_bytes(view) >> 32 & mask(len));
        }
        let bytes = self.get(row);
        (bytes.len(), head(bytes))
    }
}
