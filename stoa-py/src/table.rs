//! Data frames to the core's [`Table`]: whatever exports an Arrow C stream (pandas, polars, pyarrow, `DuckDB`
//! relations), its text borrowed, never copied.

use std::borrow::Cow;

use arrow_array::{
    Array, ArrayReader, ArrayRef, ArrowPrimitiveType, OffsetSizeTrait,
    cast::AsArray,
    ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream},
    types::{
        Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type,
        Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
        UInt64Type,
    },
};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use pyo3::{
    prelude::*,
    types::{PyCapsule, PyDict},
};
use stoa_core::{
    error::{Detail, Error, Result},
    value::{Column, Table, Timestamp},
};

use crate::errors::{OrRaise, raise, wrong_type};

/// What a column may hold, as errors say it.
const KINDS: &str = "must hold booleans, numbers, text, timestamps or lists of text";
const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

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
            match (column(name, kind, chunks, self.n_rows), wanted) {
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
        let column = column(field, kind, chunks, self.n_rows)?;
        column.texts(field)?;
        match column {
            Column::Text(texts) => Ok(texts),
            _ => Ok(Vec::new()),
        }
    }

    /// The same error, which says what a column holds where it is there but could not be read.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let explained = match &error {
            Error::MissingColumn(detail) => {
                let found = self.columns.iter().find(|(name, ..)| *name == detail.field);
                found.and_then(|(name, kind, chunks)| column(name, kind, chunks, self.n_rows).err())
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

/// One column out of its chunks.
fn column<'a>(
    name: &str,
    kind: &DataType,
    chunks: &'a [ArrayRef],
    n_rows: usize,
) -> Result<Column<'a>> {
    Ok(match kind {
        DataType::Null => Column::Number(Cow::Owned(vec![f64::NAN; n_rows])),
        DataType::Boolean => Column::Boolean(rows(chunks, |c| c.as_boolean().iter())),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            instants(name, kind, chunks)?
        }
        DataType::List(_) | DataType::LargeList(_) => {
            let lists: Result<Vec<_>> = chunks.iter().map(|c| lists(name, c)).collect();
            Column::List(lists?.concat())
        }
        DataType::Dictionary(_, words) if words.is_numeric() => {
            let coded: Result<Vec<_>> = chunks.iter().map(|c| coded_numbers(name, c)).collect();
            Column::Number(Cow::Owned(coded?.concat()))
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            let texts: Result<Vec<_>> = chunks.iter().map(|c| texts(name, c)).collect();
            Column::Text(texts?.concat())
        }
        _ => numbers(name, kind, chunks)?,
    })
}

fn rows<'a, T, I: Iterator<Item = Option<T>>>(
    chunks: &'a [ArrayRef],
    of: impl Fn(&'a ArrayRef) -> I,
) -> Vec<Option<T>> {
    chunks.iter().flat_map(of).collect()
}

fn unsupported(name: &str, found: &DataType) -> Error {
    Error::WrongType(Detail::new(name, KINDS, found))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of the rule language is an f64"
)]
fn numbers<'a>(name: &str, kind: &DataType, chunks: &'a [ArrayRef]) -> Result<Column<'a>> {
    let values = match kind {
        DataType::Float64 => return Ok(Column::Number(floats(chunks))),
        DataType::Float16 => owned::<Float16Type>(chunks, f64::from),
        DataType::Float32 => owned::<Float32Type>(chunks, f64::from),
        DataType::Int8 => owned::<Int8Type>(chunks, f64::from),
        DataType::Int16 => owned::<Int16Type>(chunks, f64::from),
        DataType::Int32 => owned::<Int32Type>(chunks, f64::from),
        DataType::Int64 => owned::<Int64Type>(chunks, |x| x as f64),
        DataType::UInt8 => owned::<UInt8Type>(chunks, f64::from),
        DataType::UInt16 => owned::<UInt16Type>(chunks, f64::from),
        DataType::UInt32 => owned::<UInt32Type>(chunks, f64::from),
        DataType::UInt64 => owned::<UInt64Type>(chunks, |x| x as f64),
        DataType::Decimal128(_, scale) => {
            let unit = 10_f64.powi(i32::from(*scale));
            owned::<Decimal128Type>(chunks, |x| x as f64 / unit)
        }
        other => return Err(unsupported(name, other)),
    };
    Ok(Column::Number(Cow::Owned(values)))
}

/// Numbers of a categorical column.
fn coded_numbers(name: &str, chunk: &ArrayRef) -> Result<Vec<f64>> {
    let coded = chunk.as_any_dictionary();
    let values = std::slice::from_ref(coded.values());
    let Column::Number(values) = numbers(name, coded.values().data_type(), values)? else {
        return Err(unsupported(name, chunk.data_type()));
    };
    if values.is_empty() {
        return Ok(vec![f64::NAN; coded.len()]);
    }
    let keys = coded.normalized_keys().into_iter().enumerate();
    Ok(keys
        .map(|(row, key)| match values.get(key) {
            Some(value) if coded.keys().is_valid(row) => *value,
            _ => f64::NAN,
        })
        .collect())
}

/// Floats as they lie in memory when they are one chunk without nulls.
fn floats(chunks: &[ArrayRef]) -> Cow<'_, [f64]> {
    match chunks {
        [one] if one.null_count() == 0 => Cow::Borrowed(one.as_primitive::<Float64Type>().values()),
        _ => Cow::Owned(owned::<Float64Type>(chunks, |x| x)),
    }
}

fn owned<T: ArrowPrimitiveType>(chunks: &[ArrayRef], to: impl Fn(T::Native) -> f64) -> Vec<f64> {
    let all = chunks.iter().flat_map(|c| c.as_primitive::<T>().iter());
    all.map(|x| x.map_or(f64::NAN, &to)).collect()
}

/// Instants in UTC; one past what microseconds can hold is missing.
fn instants<'a>(name: &str, kind: &DataType, chunks: &'a [ArrayRef]) -> Result<Column<'a>> {
    let by = |unit: i64| move |x: i64| x.checked_mul(unit);
    let values = match kind {
        DataType::Timestamp(TimeUnit::Second, _) => {
            micros::<TimestampSecondType>(chunks, by(MICROS_PER_SECOND))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            micros::<TimestampMillisecondType>(chunks, by(1_000))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            micros::<TimestampMicrosecondType>(chunks, Some)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            micros::<TimestampNanosecondType>(chunks, |x| Some(x.div_euclid(1_000)))
        }
        DataType::Date32 => {
            micros::<Date32Type>(chunks, |x| i64::from(x).checked_mul(MICROS_PER_DAY))
        }
        DataType::Date64 => micros::<Date64Type>(chunks, by(1_000)),
        other => return Err(unsupported(name, other)),
    };
    Ok(Column::Timestamp(values))
}

fn micros<T: ArrowPrimitiveType>(
    chunks: &[ArrayRef],
    to: impl Fn(T::Native) -> Option<i64>,
) -> Vec<Option<Timestamp>> {
    let all = rows(chunks, |c| c.as_primitive::<T>().iter());
    all.into_iter()
        .map(|x| x.and_then(&to).map(|micros| Timestamp { micros }))
        .collect()
}

fn texts<'a>(name: &str, chunk: &'a ArrayRef) -> Result<Vec<Option<&'a str>>> {
    Ok(match chunk.data_type() {
        DataType::Utf8 => chunk.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => chunk.as_string::<i64>().iter().collect(),
        DataType::Utf8View => chunk.as_string_view().iter().collect(),
        DataType::Dictionary(..) => {
            let coded = chunk.as_any_dictionary();
            let words = texts(name, coded.values())?;
            let keys = coded.keys();
            let word = |row: usize, key: usize| {
                words
                    .get(key)
                    .copied()
                    .flatten()
                    .filter(|_| keys.is_valid(row))
            };
            // No word at all means every key is null, and there is nothing to normalise against.
            if words.is_empty() {
                vec![None; coded.len()]
            } else {
                let keys = coded.normalized_keys();
                keys.into_iter()
                    .enumerate()
                    .map(|(row, key)| word(row, key))
                    .collect()
            }
        }
        other => return Err(unsupported(name, other)),
    })
}

fn lists<'a>(name: &str, chunk: &'a ArrayRef) -> Result<Vec<Option<Vec<&'a str>>>> {
    match chunk.data_type() {
        DataType::LargeList(_) => list_rows::<i64>(name, chunk),
        _ => list_rows::<i32>(name, chunk),
    }
}

fn list_rows<'a, O: OffsetSizeTrait>(
    name: &str,
    chunk: &'a ArrayRef,
) -> Result<Vec<Option<Vec<&'a str>>>> {
    let list = chunk.as_list::<O>();
    let words = texts(name, list.values())?;
    let offsets = list.value_offsets().windows(2).enumerate();
    Ok(offsets
        .map(|(row, ends)| {
            let words = &words[ends[0].as_usize()..ends[1].as_usize()];
            list.is_valid(row)
                .then(|| words.iter().flatten().copied().collect())
        })
        .collect())
}
