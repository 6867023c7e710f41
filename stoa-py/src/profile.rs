//! `profile`, from rows or from sums, and the query for the sums: the compiled half of `stoa/_profile.py`.

use pyo3::{prelude::*, types::PyString};
use stoa_core::{
    error::Result,
    profile::{self, Options, Profile},
    rule::AttributeSchema,
    segment::Segments,
    value::Table,
};

use crate::{
    convert::{self, document, now, to_python},
    errors::{OrRaise, wrong_type},
    schema::PyAttributeSchema,
    segment::PySegment,
    table::Frame,
};

/// What is asked for, as Python holds it.
struct Asked<'a> {
    segments: Segments,
    options: Options<'a>,
}

impl<'a> Asked<'a> {
    fn new(
        segments: &Bound<'_, PyAny>,
        options: &Bound<'_, PyAny>,
        schema: Option<&'a Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = options.py();
        let options = Options::from_value(&document("", options)?).or_raise(py)?;
        Ok(Self {
            segments: self::segments(segments)?,
            options: Options {
                schema: schema.map(self::schema).transpose()?,
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

/// The segments of any iterable of them.
fn segments(given: &Bound<'_, PyAny>) -> PyResult<Segments> {
    let all = given
        .try_iter()
        .map_err(|_| wrong_type("segments", "must be a list of stoa.Segment", given))?;
    let one = |(i, item): (usize, PyResult<Bound<'_, PyAny>>)| {
        let item = item?;
        let segment = item
            .cast::<PySegment>()
            .map(|segment| segment.get().0.clone());
        segment.map_err(|_| wrong_type(&format!("segments[{i}]"), "must be a stoa.Segment", &item))
    };
    let all: PyResult<Vec<_>> = all.enumerate().map(one).collect();
    Segments::new(all?)
        .map_err(|error| error.at("segments"))
        .or_raise(given.py())
}

fn schema<'a>(given: &'a Bound<'_, PyAny>) -> PyResult<&'a AttributeSchema> {
    let schema = given.cast::<PyAttributeSchema>();
    let schema = schema.map(|schema| &schema.get().0);
    schema.map_err(|_| wrong_type("schema", "must be a stoa.AttributeSchema", given))
}

fn text(field: &str, given: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = given.cast::<PyString>();
    text.map_err(|_| wrong_type(field, "must be text", given))
        .and_then(convert::text)
}

/// The fields of `Profile` from rows, as a dict.
#[pyfunction]
pub(crate) fn profile_rows<'py>(
    df: &Bound<'py, PyAny>,
    segments: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
    schema: Option<&Bound<'_, PyAny>>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let asked = Asked::new(segments, options, schema, now)?;
    let wanted = asked.options.columns(&asked.segments).or_raise(df.py())?;
    asked.answer(df, wanted.as_deref(), profile::profile)
}

/// The fields of `Profile` from sums, as a dict.
#[pyfunction]
pub(crate) fn profile_sums<'py>(
    df: &Bound<'py, PyAny>,
    segments: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
    schema: Option<&Bound<'_, PyAny>>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let asked = Asked::new(segments, options, schema, now)?;
    asked.answer(df, None, profile::profile_sums)
}

/// The query for the sums.
#[pyfunction]
pub(crate) fn profile_sql(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    segments: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
    schema: Option<&Bound<'_, PyAny>>,
    now: Option<&Bound<'_, PyAny>>,
    dialect: &Bound<'_, PyAny>,
) -> PyResult<String> {
    let asked = Asked::new(segments, options, schema, now)?;
    let dialect = text("dialect", dialect)?.parse().or_raise(py)?;
    profile::profile_sql(
        &text("table", table)?,
        &asked.segments,
        &asked.options,
        dialect,
    )
    .or_raise(py)
}

/// Names of the columns that a profile of rows reads; None when every column may be one.
#[pyfunction]
pub(crate) fn profile_columns(
    py: Python<'_>,
    segments: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
) -> PyResult<Option<Vec<String>>> {
    let asked = Asked::new(segments, options, None, None)?;
    asked.options.columns(&asked.segments).or_raise(py)
}
