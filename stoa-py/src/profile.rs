//! `profile`, from rows or from sums, and the query for the sums: the compiled half of `stoa/_profile.py`.

use pyo3::prelude::*;
use stoa_core::{
    error::Result,
    profile::{self, Options, Profile},
    segment::Segments,
    value::Table,
};

use crate::{
    argument::{Schema, SegmentList, TableName, Target},
    convert::{document, now, to_python},
    errors::OrRaise,
    table::Frame,
};

/// What is asked for, as Python holds it.
struct Asked<'a> {
    segments: Segments,
    options: Options<'a>,
}

impl<'a> Asked<'a> {
    fn new(
        segments: SegmentList,
        options: &Bound<'_, PyAny>,
        schema: Option<&'a Schema>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = options.py();
        let options = Options::from_value(&document("", options)?).or_raise(py)?;
        Ok(Self {
            segments: segments.set(py)?,
            options: Options {
                schema: schema.map(|schema| &schema.0.get().0),
                now: self::now(now)?,
                ..options
            },
        })
    }

    /// The answer for a frame, worked out without the interpreter's lock; all columns are read where `wanted` is none.
    fn answer<'py>(
        &self,
        df: &Bound<'py, PyAny>,
        wanted: Option<&[String]>,
        profile: fn(&Table<'_>, &Segments, &Options<'_>) -> Result<Profile>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = df.py();
        let frame = Frame::import(df)?;
        let found = py.detach(|| {
            frame.require(wanted.unwrap_or_default())?;
            profile(&frame.table(wanted)?, &self.segments, &self.options)
        });
        to_python(py, &found.map_err(|e| frame.explain(e)).or_raise(py)?)
    }
}

/// The fields of `Profile` from rows, as a dict.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn profile_rows<'py>(
    df: &Bound<'py, PyAny>,
    segments: SegmentList,
    options: &Bound<'_, PyAny>,
    schema: Option<Schema>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let asked = Asked::new(segments, options, schema.as_ref(), now)?;
    let wanted = asked.options.columns(&asked.segments).or_raise(df.py())?;
    asked.answer(df, wanted.as_deref(), profile::profile)
}

/// The fields of `Profile` from sums, as a dict.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn profile_sums<'py>(
    df: &Bound<'py, PyAny>,
    segments: SegmentList,
    options: &Bound<'_, PyAny>,
    schema: Option<Schema>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let asked = Asked::new(segments, options, schema.as_ref(), now)?;
    asked.answer(df, None, profile::profile_sums)
}

/// The query for the sums.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn profile_sql(
    py: Python<'_>,
    table: TableName,
    segments: SegmentList,
    options: &Bound<'_, PyAny>,
    schema: Option<Schema>,
    now: Option<&Bound<'_, PyAny>>,
    dialect: Target,
) -> PyResult<String> {
    let asked = Asked::new(segments, options, schema.as_ref(), now)?;
    let dialect = dialect.0.parse().or_raise(py)?;
    profile::profile_sql(&table.0, &asked.segments, &asked.options, dialect).or_raise(py)
}

/// Names of the columns that a profile of rows reads; None when every column may be one.
#[pyfunction]
pub(crate) fn profile_columns(
    py: Python<'_>,
    segments: SegmentList,
    options: &Bound<'_, PyAny>,
) -> PyResult<Option<Vec<String>>> {
    let asked = Asked::new(segments, options, None, None)?;
    asked.options.columns(&asked.segments).or_raise(py)
}
