//! Data frames to the core's [`Table`]: whatever exports an Arrow C stream (pandas, polars, pyarrow, `DuckDB`
//! relations).

use arrow_array::{
    Array, ArrayReader, ArrayRef,
    cast::AsArray,
    ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream},
};
use arrow_schema::{ArrowError, DataType};
use pyo3::{
    prelude::*,
    types::{PyCapsule, PyDict},
};
use stoa_core::{
    error::{Detail, Error, Result},
    value::{AttributeType, Column, Table},
};

use crate::{
    columns::{column, texts},
    errors::{OrRaise, raise, wrong_type},
};

/// The columns of one data frame, each in the chunks its producer made; owns what a [`Table`] borrows.
pub(crate) struct Frame {
    columns: Vec<(String, DataType, Vec<ArrayRef>)>,
    n_rows: usize,
}

impl Frame {
    /// Takes over the frame's columns; a series becomes one column without a name.
    pub(crate) fn import(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = given.py();
        let (kind, chunks) = match chunks(py, open(given)?) {
            Ok(read) => read,
            // Some producers break the letter of the interface (polars gives a column of nulls a buffer), which
            // pyarrow forgives.
            Err(strict) => match py.import("pyarrow") {
                Ok(pyarrow) => {
                    let table = pyarrow
                        .call_method1("table", (given,))
                        .map_err(|error| not_exported(py, &error))?;
                    chunks(py, open(&table)?)
                }
                Err(_) => Err(strict),
            }
            .map_err(refused)
            .or_raise(py)?,
        };
        let n_rows = chunks.iter().map(Array::len).sum();
        let columns = match kind {
            DataType::Struct(fields) => fields
                .iter()
                .enumerate()
                .map(|(i, field)| {
                    let parts = chunks.iter().map(|c| c.as_struct().column(i).clone());
                    (
                        field.name().clone(),
                        field.data_type().clone(),
                        parts.collect(),
                    )
                })
                .collect(),
            kind => vec![(String::new(), kind, chunks)],
        };
        Ok(Self { columns, n_rows })
    }

    /// The frame as the core sees it: the columns in `wanted` that it has, or all that hold something a rule or a
    /// metric can read.
    pub(crate) fn table(&self, wanted: Option<&[String]>) -> Result<Table<'_>> {
        let mut columns: Vec<(String, Column<'_>)> = Vec::new();
        for (name, kind, chunks) in &self.columns {
            if wanted.is_some_and(|wanted| !wanted.contains(name)) {
                continue;
            }
            if columns.iter().any(|(seen, _)| seen == name) {
                let detail = Detail::new(name, "must name one column", "two of that name");
                return Err(Error::Duplicate(detail));
            }
            match (column(name, kind, chunks), wanted) {
                (Ok(column), _) => columns.push((name.clone(), column)),
                (Err(error), Some(_)) => return Err(error),
                (Err(_), None) => {}
            }
        }
        Table::with_rows(columns, self.n_rows)
    }

    /// Names of the columns, in their order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(name, ..)| name.clone()).collect()
    }

    /// The text of a series, or of a frame of one column.
    pub(crate) fn only_text(&self, field: &str) -> Result<Vec<Option<&str>>> {
        let [(_, kind, chunks)] = &self.columns[..] else {
            let found = format!("{} columns", self.columns.len());
            return Err(Error::WrongType(Detail::new(
                field,
                "must be one column",
                found,
            )));
        };
        let column = column(field, kind, chunks)?;
        if column.kind() != AttributeType::String {
            column.texts(field)?;
        }
        if let [chunk] = chunks.as_slice() {
            return texts(field, chunk);
        }
        let texts: Result<Vec<_>> = chunks.iter().map(|chunk| texts(field, chunk)).collect();
        Ok(texts?.concat())
    }

    /// The same error, which says what a column holds where it is there but could not be read.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let explained = match &error {
            Error::MissingColumn(detail) => {
                let found = self.columns.iter().find(|(name, ..)| *name == detail.field);
                found.and_then(|(name, kind, chunks)| column(name, kind, chunks).err())
            }
            Error::Several(errors) => {
                let errors = errors.iter().cloned().map(|e| self.explain(e));
                Error::collect(errors.collect())
            }
            _ => None,
        };
        explained.unwrap_or(error)
    }

    /// Refuses the names that are no columns of the frame, all at once.
    pub(crate) fn require(&self, names: &[String]) -> Result<()> {
        let missing = names.iter().filter_map(|name| self.known(name).err());
        Error::collect(missing.collect()).map_or(Ok(()), Err)
    }

    fn known(&self, name: &str) -> Result<()> {
        let mut names = self.columns.iter().map(|(name, ..)| name.as_str());
        if names.clone().any(|known| known == name) {
            return Ok(());
        }
        let rule = "must be a column of the table";
        let detail = Detail::new(name, rule, "no such column").did_you_mean(name, &mut names);
        Err(Error::MissingColumn(detail))
    }
}

#[expect(
    unsafe_code,
    reason = "the Arrow C stream interface hands over a raw pointer"
)]
fn open(given: &Bound<'_, PyAny>) -> PyResult<FFI_ArrowArrayStream> {
    if given.is_instance_of::<PyDict>() {
        let table = given
            .py()
            .import("pyarrow")?
            .call_method1("table", (given,))
            .map_err(|error| not_exported(given.py(), &error))?;
        return open(&table);
    }
    if !given.hasattr("__arrow_c_stream__")? {
        let rule = "must be a data frame (anything with __arrow_c_stream__) or a dict of columns";
        return Err(wrong_type("df", rule, given));
    }
    let exported = given
        .call_method0("__arrow_c_stream__")
        .map_err(|error| not_exported(given.py(), &error))?;
    let capsule = exported.cast::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
    // SAFETY: the capsule's name promises a valid ArrowArrayStream; it is moved out, and the capsule's destructor
    // finds it released, as the PyCapsule interface prescribes.
    Ok(unsafe { FFI_ArrowArrayStream::from_raw(stream.as_ptr().cast()) })
}

/// Reads a stream to its end. The lock is released: a producer may run threads of its own that need it (`DuckDB` over
/// a pandas frame does), and one written in Python takes it by itself.
/// What a data frame library says of a column that Arrow cannot hold: mixed types, a name twice, lone surrogates.
fn not_exported(py: Python<'_>, error: &PyErr) -> PyErr {
    let rule = "must convert to Arrow: one type per column, every name once";
    let detail = Detail::new("df", rule, error.value(py));
    raise(py, &Error::InvalidDocument(detail))
}

fn chunks(
    py: Python<'_>,
    stream: FFI_ArrowArrayStream,
) -> std::result::Result<(DataType, Vec<ArrayRef>), ArrowError> {
    py.detach(|| {
        let reader = ArrayStreamReader::try_new(stream)?;
        let kind = reader.field().data_type().clone();
        Ok((kind, reader.collect::<std::result::Result<_, _>>()?))
    })
}

fn refused(error: ArrowError) -> Error {
    Error::InvalidDocument(Detail::new("df", "must be a readable Arrow stream", error))
}
