//! The pieces of memory that Arrow's columns are made of, borrowed as they lie: bitmaps, integers of every width, text.
//!
//! Offsets come from a producer nobody checked, so every access is bounded: what points outside reads as empty.

use crate::error::{Detail, Error, Result};

/// Bits of a bitmap, the least significant of each byte first, from any bit on.
///
/// # Example
/// ```
/// use stoa_core::value::Bits;
/// let bits = Bits::new(&[0b0000_0110], 1, 3)?;
/// assert_eq!([bits.get(0), bits.get(1), bits.get(2)], [true, true, false]);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    offset: usize,
    len: usize,
}

impl<'a> Bits<'a> {
    /// `len` bits, the first of them bit `offset` of `bytes`.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the bytes hold fewer.
    pub fn new(bytes: &'a [u8], offset: usize, len: usize) -> Result<Self> {
        let needed = offset.checked_add(len).map(|bits| bits.div_ceil(8));
        if needed.is_none_or(|needed| needed > bytes.len()) {
            let rule = format!("must hold {len} bits from bit {offset} on");
            let found = format!("{} bytes", bytes.len());
            return Err(Error::Conflict(Detail::new("bitmap", rule, found)));
        }
        Ok(Self { bytes, offset, len })
    }

    /// Number of bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bit `i`; false past the end.
    #[must_use]
    pub fn get(&self, i: usize) -> bool {
        i < self.len && self.word(i) & 1 == 1
    }

    /// The 64 bits from bit `from` on; those past the end are whatever lies there.
    pub(crate) fn word(&self, from: usize) -> u64 {
        let (byte, shift) = ((self.offset + from) / 8, (self.offset + from) % 8);
        let rest = self.bytes.get(byte..).unwrap_or_default();
        let Some((eight, rest)) = rest.split_first_chunk() else {
            let mut eight = [0; 8];
            eight[..rest.len()].copy_from_slice(rest);
            return u64::from_le_bytes(eight) >> shift;
        };
        let low = u64::from_le_bytes(*eight) >> shift;
        match (shift, rest.first()) {
            (1.., Some(next)) => low | u64::from(*next) << (64 - shift),
            _ => low,
        }
    }
}

/// Integers of any width.
///
/// # Example
/// ```
/// use stoa_core::value::Integers;
/// assert_eq!(Integers::I32(&[3, 4]).len(), 2);
/// ```
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is the width it names")]
pub enum Integers<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
}

/// The same expression for every width.
macro_rules! each_width {
    ($integers:expr, $xs:ident => $body:expr) => {
        match $integers {
            $crate::value::Integers::I8($xs) => $body,
            $crate::value::Integers::I16($xs) => $body,
            $crate::value::Integers::I32($xs) => $body,
            $crate::value::Integers::I64($xs) => $body,
            $crate::value::Integers::U8($xs) => $body,
            $crate::value::Integers::U16($xs) => $body,
            $crate::value::Integers::U32($xs) => $body,
            $crate::value::Integers::U64($xs) => $body,
        }
    };
}
pub(crate) use each_width;

impl Integers<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        each_width!(self, xs => xs.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The integer in `row` as a number of the rule language.
    #[expect(clippy::cast_lossless, reason = "the same expression for every width")]
    pub(super) fn number(&self, row: usize) -> Option<f64> {
        each_width!(self, xs => xs.get(row).map(|x| *x as f64))
    }

    /// The integer in `row` as an index.
    #[expect(
        clippy::unnecessary_fallible_conversions,
        reason = "the same expression for every width"
    )]
    pub(crate) fn index(&self, row: usize) -> Option<usize> {
        each_width!(self, xs => xs.get(row).and_then(|x| usize::try_from(*x).ok()))
    }
}

/// What an integer counts when it stands for an instant.
///
/// # Example
/// ```
/// use stoa_core::value::TimeUnit;
/// assert_eq!(TimeUnit::Nanosecond.micros(-1), Some(-1));
/// assert_eq!(TimeUnit::Second.micros(i64::MAX), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the unit it names")]
pub enum TimeUnit {
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
}

impl TimeUnit {
    /// The instant's microseconds, finer digits cut off; `None` past what 64 bits hold, which is a missing instant.
    #[must_use]
    pub fn micros(self, x: i64) -> Option<i64> {
        match self {
            Self::Nanosecond => Some(x.div_euclid(1_000)),
            Self::Microsecond => Some(x),
            Self::Millisecond => x.checked_mul(1_000),
            Self::Second => x.checked_mul(1_000_000),
        }
    }
}

/// Text in one of Arrow's three layouts.
///
/// # Example
/// ```
/// use stoa_core::value::Texts;
/// let texts = Texts::Offsets { ends: &[0, 2, 5], bytes: b"CAUSA" };
/// assert_eq!((texts.len(), texts.get(1)), (2, &b"USA"[..]));
/// ```
#[derive(Debug, Clone)]
pub enum Texts<'a> {
    /// Row `i` is `bytes[ends[i]..ends[i + 1]]`.
    Offsets {
        /// One more than there are rows.
        ends: &'a [i32],
        /// All the text.
        bytes: &'a [u8],
    },
    /// The same with offsets of 64 bits.
    LongOffsets {
        /// One more than there are rows.
        ends: &'a [i64],
        /// All the text.
        bytes: &'a [u8],
    },
    /// Sixteen bytes a row: the length and up to twelve bytes of text, or where the text is.
    Views {
        /// One a row.
        views: &'a [[u8; 16]],
        /// Where longer text lies.
        buffers: Vec<&'a [u8]>,
    },
}

impl<'a> Texts<'a> {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Offsets { ends, .. } => ends.len().saturating_sub(1),
            Self::LongOffsets { ends, .. } => ends.len().saturating_sub(1),
            Self::Views { views, .. } => views.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes in `row`; empty past the end and where the offsets lead outside.
    #[must_use]
    pub fn get(&self, row: usize) -> &'a [u8] {
        match self {
            Self::Offsets { ends, bytes } => between(ends, bytes, row),
            Self::LongOffsets { ends, bytes } => between(ends, bytes, row),
            Self::Views { views, buffers } => viewed(views, buffers, row),
        }
    }
}

/// Row `row` of text with offsets.
pub(crate) fn between<'a, O: Copy + TryInto<usize>>(
    ends: &[O],
    bytes: &'a [u8],
    row: usize,
) -> &'a [u8] {
    let end = |i: usize| ends.get(i).and_then(|end| (*end).try_into().ok());
    let (Some(from), Some(to)) = (end(row), end(row + 1)) else {
        return &[];
    };
    bytes.get(from..to).unwrap_or_default()
}

/// Longest text that lies in its view.
pub(crate) const INLINE: usize = 12;

/// Row `row` of text in views.
pub(crate) fn viewed<'a>(views: &'a [[u8; 16]], buffers: &[&'a [u8]], row: usize) -> &'a [u8] {
    let Some(view) = views.get(row) else {
        return &[];
    };
    let field = |at: usize| {
        let four = [view[at], view[at + 1], view[at + 2], view[at + 3]];
        u32::from_le_bytes(four) as usize
    };
    let len = field(0);
    if len <= INLINE {
        return &view[4..4 + len];
    }
    let (buffer, from) = (field(8), field(12));
    let whole = buffers.get(buffer).copied().unwrap_or_default();
    whole.get(from..from + len).unwrap_or_default()
}
