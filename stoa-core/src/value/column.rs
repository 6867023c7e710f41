//! One column of a table: Rust's own values, or Arrow's memory as it lies.

use std::borrow::Cow;

use super::{AttributeType, Chunks, Timestamp, ValueRef};
use crate::error::{Detail, Error, Result};

/// One column of a table, strings borrowed from it; `None` and NaN are missing.
#[derive(Debug, Clone)]
pub enum Column<'a> {
    /// Booleans.
    Boolean(Vec<Option<bool>>),
    /// Numbers; NaN is missing.
    Number(Cow<'a, [f64]>),
    /// Text.
    Text(Vec<Option<&'a str>>),
    /// Instants.
    Timestamp(Vec<Option<Timestamp>>),
    /// Lists of strings.
    List(Vec<Option<Vec<&'a str>>>),
    /// Memory of a producer of Arrow, of any type but lists.
    Chunks(Chunks<'a>),
}

impl Column<'_> {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Boolean(rows) => rows.len(),
            Self::Number(rows) => rows.len(),
            Self::Text(rows) => rows.len(),
            Self::Timestamp(rows) => rows.len(),
            Self::List(rows) => rows.len(),
            Self::Chunks(chunks) => chunks.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of its values.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::{AttributeType, Column};
    /// assert_eq!(Column::Text(vec![Some("CA")]).kind(), AttributeType::String);
    /// ```
    #[must_use]
    pub fn kind(&self) -> AttributeType {
        match self {
            Self::Boolean(_) => AttributeType::Boolean,
            Self::Number(_) => AttributeType::Number,
            Self::Text(_) => AttributeType::String,
            Self::Timestamp(_) => AttributeType::Timestamp,
            Self::List(_) => AttributeType::StringList,
            Self::Chunks(chunks) => chunks.kind(),
        }
    }

    /// The value in `row`, missing past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> ValueRef<'_> {
        fn of<'v, T: Copy>(
            rows: &[Option<T>],
            row: usize,
            to: fn(T) -> ValueRef<'v>,
        ) -> ValueRef<'v> {
            rows.get(row)
                .copied()
                .flatten()
                .map_or(ValueRef::Missing, to)
        }
        match self {
            Self::Boolean(rows) => of(rows, row, ValueRef::Boolean),
            Self::Number(rows) => rows
                .get(row)
                .copied()
                .filter(|x| !x.is_nan())
                .map_or(ValueRef::Missing, ValueRef::Number),
            Self::Text(rows) => of(rows, row, ValueRef::Text),
            Self::Timestamp(rows) => of(rows, row, ValueRef::Timestamp),
            Self::List(rows) => rows
                .get(row)
                .and_then(Option::as_deref)
                .map_or(ValueRef::Missing, ValueRef::ListRef),
            Self::Chunks(chunks) => chunks.get(row),
        }
    }

    /// The column as numbers: booleans are 0 and 1, missing is NaN. Numbers that lie together are borrowed.
    ///
    /// # Errors
    /// [`Error::WrongType`], naming the column, for text, timestamps and lists.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::Column;
    /// let visit = Column::Boolean(vec![Some(true), Some(false)]);
    /// assert_eq!(visit.numbers("visit")?[..], [1.0, 0.0]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn numbers(&self, name: &str) -> Result<Cow<'_, [f64]>> {
        if !matches!(self.kind(), AttributeType::Number | AttributeType::Boolean) {
            return Err(self.refused(name, "must hold numbers or booleans"));
        }
        Ok(match self {
            Self::Number(rows) => Cow::Borrowed(rows),
            Self::Boolean(rows) => (0..rows.len()).map(|row| self.get(row).number()).collect(),
            Self::Chunks(chunks) => match chunks.lying_numbers() {
                Some(numbers) => Cow::Borrowed(numbers),
                None => chunks.iter().map(ValueRef::number).collect(),
            },
            _ => Cow::Borrowed(&[]),
        })
    }

    /// Fills `out` with the rows from `from` on, as [`Column::numbers`] has them: nothing of the column is copied but
    /// these. What is no number, and what lies past the end, is NaN.
    pub(crate) fn fill_numbers(&self, from: usize, out: &mut [f64]) {
        match self {
            Self::Chunks(chunks) => chunks.fill_numbers(from, out),
            _ => {
                for (x, row) in out.iter_mut().zip(from..) {
                    *x = self.get(row).number();
                }
            }
        }
    }

    /// The column as text, which ids and names are.
    ///
    /// # Errors
    /// [`Error::WrongType`], naming the column, for anything else: a number is not converted, since 1 and 1.0 would be
    /// two visitors in one language and one in another.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::Column;
    /// assert_eq!(Column::Text(vec![None, Some("u1")]).texts("visitor_id")?[1], Some("u1"));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn texts(&self, name: &str) -> Result<Cow<'_, [Option<&str>]>> {
        match self {
            Self::Text(rows) => Ok(Cow::Borrowed(rows)),
            Self::Chunks(chunks) if chunks.kind() == AttributeType::String => chunks
                .iter()
                .map(|value| match value {
                    ValueRef::Text(text) => Ok(Some(text)),
                    ValueRef::Missing => Ok(None),
                    _ => {
                        let detail = Detail::new(name, "must hold text", "bytes that are no UTF-8");
                        Err(Error::WrongType(detail))
                    }
                })
                .collect(),
            _ => Err(self.refused(name, "must hold text")),
        }
    }

    /// What is said of a column that holds something else.
    pub(crate) fn refused(&self, name: &str, rule: &str) -> Error {
        let found = match self.kind() {
            AttributeType::Boolean => "booleans",
            AttributeType::Number => "numbers",
            AttributeType::String => "text",
            AttributeType::Timestamp => "timestamps",
            AttributeType::StringList => "lists",
        };
        Error::WrongType(Detail::new(name, rule, found))
    }
}
