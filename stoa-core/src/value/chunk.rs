//! A column as a producer of Arrow laid it in memory: chunk by chunk, borrowed, nothing widened and no text copied.

use super::{
    AttributeType, Timestamp, ValueRef,
    memory::{Bits, Integers, Texts, TimeUnit, each_width},
};
use crate::error::{Detail, Error, Result};

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// The values of one chunk; where a row is not valid they hold anything.
#[derive(Debug, Clone)]
pub enum Values<'a> {
    /// So many rows, all missing.
    Missing(usize),
    /// Booleans, a bit each.
    Booleans(Bits<'a>),
    /// Integers, compared as the f64 nearest each.
    Integers(Integers<'a>),
    /// Numbers of 32 bits.
    Singles(&'a [f32]),
    /// Numbers of 64 bits.
    Doubles(&'a [f64]),
    /// Instants, counted in a unit from 1970 on.
    Instants(&'a [i64], TimeUnit),
    /// Days from 1970-01-01 on, each the instant it begins in UTC.
    Days(&'a [i32]),
    /// Text.
    Texts(Texts<'a>),
    /// Text by its index in a list of words: a dictionary, a categorical.
    Coded(Integers<'a>, Box<Chunk<'a>>),
}

/// Rows of one column that lie together.
///
/// # Example
/// ```
/// use stoa_core::value::{Bits, Chunk, Integers, ValueRef, Values};
/// let valid = Bits::new(&[0b101], 0, 3)?;
/// let orders = Chunk::new(Values::Integers(Integers::I64(&[4, 0, 2])), Some(valid))?;
/// assert_eq!((orders.get(1), orders.get(2)), (ValueRef::Missing, ValueRef::Number(2.0)));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Chunk<'a> {
    values: Values<'a>,
    valid: Option<Bits<'a>>,
}

impl<'a> Chunk<'a> {
    /// Values, and which rows of them count; all do without a bitmap.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the bitmap has another length; [`Error::WrongType`] for words that are no text.
    pub fn new(values: Values<'a>, valid: Option<Bits<'a>>) -> Result<Self> {
        let chunk = Self { values, valid };
        if let Some(valid) = chunk.valid.filter(|valid| valid.len() != chunk.len()) {
            let rule = format!("must have {} bits, one for each row", chunk.len());
            return Err(Error::Conflict(Detail::new("valid", rule, valid.len())));
        }
        if let Values::Coded(_, words) = &chunk.values
            && !matches!(words.values, Values::Texts(_))
        {
            let found = format!("{:?}", words.kind());
            return Err(Error::WrongType(Detail::new(
                "words",
                "must be text",
                found,
            )));
        }
        Ok(chunk)
    }

    /// Numbers that all count, but for NaN.
    pub(crate) fn of_numbers(numbers: &'a [f64]) -> Self {
        Self {
            values: Values::Doubles(numbers),
            valid: None,
        }
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> &Values<'a> {
        &self.values
    }

    /// Which rows count; all do without a bitmap.
    #[must_use]
    pub fn valid(&self) -> Option<Bits<'a>> {
        self.valid
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Missing(n) => *n,
            Values::Booleans(bits) => bits.len(),
            Values::Integers(xs) | Values::Coded(xs, _) => xs.len(),
            Values::Instants(xs, _) => xs.len(),
            Values::Days(xs) => xs.len(),
            Values::Singles(xs) => xs.len(),
            Values::Doubles(xs) => xs.len(),
            Values::Texts(texts) => texts.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value in `row`, missing past the end. Text that is not UTF-8 is of no type the language has.
    #[must_use]
    pub fn get(&self, row: usize) -> ValueRef<'a> {
        if row >= self.len() || self.valid.is_some_and(|valid| !valid.get(row)) {
            return ValueRef::Missing;
        }
        let number = |x: Option<f64>| {
            let known = x.filter(|x| !x.is_nan());
            known.map_or(ValueRef::Missing, ValueRef::Number)
        };
        let instant = |micros: Option<i64>| {
            let known = micros.map(|micros| ValueRef::Timestamp(Timestamp { micros }));
            known.unwrap_or(ValueRef::Missing)
        };
        match &self.values {
            Values::Missing(_) => ValueRef::Missing,
            Values::Booleans(bits) => ValueRef::Boolean(bits.get(row)),
            Values::Integers(xs) => number(xs.number(row)),
            Values::Singles(xs) => number(xs.get(row).copied().map(f64::from)),
            Values::Doubles(xs) => number(xs.get(row).copied()),
            Values::Instants(xs, unit) => instant(xs.get(row).and_then(|x| unit.micros(*x))),
            Values::Days(xs) => instant(xs.get(row).and_then(|x| i64::from(*x).checked_mul(DAY))),
            Values::Texts(texts) => {
                std::str::from_utf8(texts.get(row)).map_or(ValueRef::Other, ValueRef::Text)
            }
            Values::Coded(codes, words) => codes
                .index(row)
                .map_or(ValueRef::Missing, |code| words.get(code)),
        }
    }

    /// The numbers of its rows from `from` on, as far as both reach; rows that hold none are left as they are.
    #[expect(clippy::cast_lossless, reason = "the same expression for every width")]
    fn fill_numbers(&self, from: usize, out: &mut [f64]) {
        let valid = |row| self.valid.is_none_or(|valid| valid.get(row));
        match &self.values {
            Values::Doubles(xs) if self.valid.is_none() => {
                for (x, value) in out.iter_mut().zip(xs.get(from..).unwrap_or_default()) {
                    *x = *value;
                }
            }
            Values::Integers(integers) => each_width!(integers, xs => {
                for (i, value) in xs.get(from..).unwrap_or_default().iter().enumerate().take(out.len()) {
                    if valid(from + i) {
                        let number = *value as f64;
                        out[i] = number;
                    }
                }
            }),
            _ => {
                for (x, row) in out.iter_mut().zip(from..self.len()) {
                    *x = self.get(row).number();
                }
            }
        }
    }

    fn kind(&self) -> Option<AttributeType> {
        Some(match &self.values {
            Values::Missing(_) => return None,
            Values::Booleans(_) => AttributeType::Boolean,
            Values::Integers(_) | Values::Singles(_) | Values::Doubles(_) => AttributeType::Number,
            Values::Instants(..) | Values::Days(_) => AttributeType::Timestamp,
            Values::Texts(_) | Values::Coded(..) => AttributeType::String,
        })
    }
}

/// The chunks of one column, all of one type.
///
/// # Example
/// ```
/// use stoa_core::value::{AttributeType, Chunk, Chunks, Column, ValueRef, Values};
/// let chunk = |xs| Chunk::new(Values::Doubles(xs), None);
/// let spend = Chunks::new(AttributeType::Number, vec![chunk(&[1.0])?, chunk(&[2.0, 3.0])?])?;
/// assert_eq!(Column::Chunks(spend).get(2), ValueRef::Number(3.0));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Chunks<'a> {
    kind: AttributeType,
    /// Each with the row it starts at.
    parts: Vec<(usize, Chunk<'a>)>,
    n_rows: usize,
}

impl<'a> Chunks<'a> {
    /// Chunks that hold `kind`, or nothing but missing values.
    ///
    /// # Errors
    /// [`Error::WrongType`] when one holds another type.
    pub fn new(kind: AttributeType, chunks: Vec<Chunk<'a>>) -> Result<Self> {
        let mut n_rows = 0;
        let mut placed = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            if let Some(found) = chunk.kind().filter(|found| *found != kind) {
                let rule = format!("must all hold {kind:?}");
                let detail = Detail::new("chunks", rule, format!("{found:?}"));
                return Err(Error::WrongType(detail));
            }
            let start = n_rows;
            n_rows += chunk.len();
            placed.push((start, chunk));
        }
        Ok(Self {
            kind,
            parts: placed,
            n_rows,
        })
    }

    /// The type of every value.
    #[must_use]
    pub fn kind(&self) -> AttributeType {
        self.kind
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

    /// The value in `row`, missing past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> ValueRef<'a> {
        let after = self.parts.partition_point(|(start, _)| *start <= row);
        let found = after.checked_sub(1).and_then(|i| self.parts.get(i));
        found.map_or(ValueRef::Missing, |(start, chunk)| chunk.get(row - start))
    }

    /// Numbers that lie together and all count.
    pub(super) fn lying_numbers(&self) -> Option<&'a [f64]> {
        match &self.parts[..] {
            [(_, chunk)] if chunk.valid.is_none() => match chunk.values {
                Values::Doubles(xs) => Some(xs),
                _ => None,
            },
            _ => None,
        }
    }

    /// The numbers of the rows from `from` on; what is none, or lies past the end, is NaN.
    pub(super) fn fill_numbers(&self, from: usize, out: &mut [f64]) {
        out.fill(f64::NAN);
        for (start, chunk) in &self.parts {
            let skipped = start.saturating_sub(from);
            let Some(out) = out.get_mut(skipped..) else {
                return;
            };
            chunk.fill_numbers(from.saturating_sub(*start), out);
        }
    }

    /// Every value, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = ValueRef<'a>> {
        let rows = |chunk| (0..Chunk::len(chunk)).map(move |row| chunk.get(row));
        self.parts.iter().flat_map(move |(_, chunk)| rows(chunk))
    }

    /// The chunks, each with the row it starts at.
    pub(crate) fn placed(&self) -> &[(usize, Chunk<'a>)] {
        &self.parts
    }
}
