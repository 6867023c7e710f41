//! Named columns: a data frame as the core sees it.

use std::collections::BTreeMap;

use super::{Column, Source, ValueRef};
use crate::error::{Detail, Error, Result};

/// Named columns of equal length: a data frame as the core sees it.
#[derive(Debug, Clone, Default)]
pub struct Table<'a> {
    columns: BTreeMap<String, Column<'a>>,
    n_rows: usize,
}

impl<'a> Table<'a> {
    /// A table of columns.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a column's length differs from the first's.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::{Column, Table};
    /// let table = Table::new([("spend".to_owned(), Column::Number(vec![0.0, 12.5].into()))])?;
    /// assert_eq!(table.n_rows(), 2);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn new(columns: impl IntoIterator<Item = (String, Column<'a>)>) -> Result<Self> {
        let columns: BTreeMap<_, _> = columns.into_iter().collect();
        let n_rows = columns.values().next().map_or(0, Column::len);
        Self::with_rows(columns, n_rows)
    }

    /// A table of `n_rows` rows, also when it has no column: "everyone" still matches every row of it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a column has another length.
    ///
    /// # Example
    /// ```
    /// use stoa_core::value::Table;
    /// assert_eq!(Table::with_rows([], 3)?.n_rows(), 3);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn with_rows(
        columns: impl IntoIterator<Item = (String, Column<'a>)>,
        n_rows: usize,
    ) -> Result<Self> {
        let columns: BTreeMap<_, _> = columns.into_iter().collect();
        for (name, column) in &columns {
            if column.len() != n_rows {
                return Err(Error::Conflict(Detail::new(
                    name,
                    format!("must have {n_rows} rows like the rest of the table"),
                    column.len(),
                )));
            }
        }
        Ok(Self { columns, n_rows })
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Names of the columns, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// The column of that name, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.get(name)
    }

    /// The column of that name.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], with a near miss.
    pub fn column(&self, name: &str) -> Result<&Column<'a>> {
        self.get(name).ok_or_else(|| {
            Error::MissingColumn(
                Detail::new(name, "must be a column of the table", "no such column")
                    .did_you_mean(name, self.names()),
            )
        })
    }
}

/// One row of a [`Table`] as a [`Source`] of attributes.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t, 'a> {
    /// The table.
    pub table: &'t Table<'a>,
    /// Index of the row.
    pub row: usize,
}

impl Source for Row<'_, '_> {
    fn get(&self, name: &str) -> ValueRef<'_> {
        self.table
            .get(name)
            .map_or(ValueRef::Missing, |column| column.get(self.row))
    }
}
