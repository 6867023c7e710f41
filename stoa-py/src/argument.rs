//! Arguments of rules, schemas and segments: each knows its name and what it must be, so that a value of another type
//! is refused as a `StoaError` and never as Python's own `TypeError`.

use pyo3::{PyClass, prelude::*, types::PyString};
use stoa_core::{
    rule::Dialect,
    segment::{self, Segment, Segments},
};

use crate::{
    convert::{document, text},
    errors::{OrRaise, wrong_type},
    rule::PyRule,
    schema::PyAttributeSchema,
    segment::PySegment,
};

/// Text, and objects of this package's classes.
macro_rules! arguments {
    ($($name:ident($held:ty) = $field:literal, $rule:literal, $read:expr;)+) => {$(
        #[doc = concat!("The argument `", $field, "`.")]
        #[derive(Debug)]
        pub(crate) struct $name(pub(crate) $held);

        impl<'a, 'py> FromPyObject<'a, 'py> for $name {
            type Error = PyErr;

            fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                $read(&given).map(Self).ok_or_else(|| wrong_type($field, $rule, &given))
            }
        }
    )+};
}

arguments! {
    Sql(String) = "sql", "must be text", plain;
    Json(String) = "text", "must be text", plain;
    Key(String) = "key", "must be text", plain;
    Description(String) = "description", "must be text", plain;
    Alias(String) = "alias", "must be text", plain;
    Target(String) = "dialect", "must be text", plain;
    TableName(String) = "table", "must be text", plain;
    Schema(Py<PyAttributeSchema>) = "schema", "must be a stoa.AttributeSchema", own;
    Who(Py<PyRule>) = "rule", "must be a stoa.Rule", own;
}

impl Default for Target {
    /// Whose SQL is written when nothing is said.
    fn default() -> Self {
        Self(Dialect::default().name().to_owned())
    }
}

fn plain(given: &Bound<'_, PyAny>) -> Option<String> {
    text(given.cast::<PyString>().ok()?).ok()
}

fn own<T: PyClass>(given: &Bound<'_, PyAny>) -> Option<Py<T>> {
    Some(given.cast::<T>().ok()?.clone().unbind())
}

/// The argument `version` of a segment.
#[derive(Debug)]
pub(crate) struct Version(pub(crate) u32);

impl<'a, 'py> FromPyObject<'a, 'py> for Version {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let value = document("version", &given)?;
        segment::read_version(&value).or_raise(given.py()).map(Self)
    }
}

/// The argument `segments`: whatever can be gone through once.
#[derive(Debug)]
pub(crate) struct SegmentList(pub(crate) Vec<Segment>);

impl SegmentList {
    /// The checked set of them.
    pub(crate) fn set(self, py: Python<'_>) -> PyResult<Segments> {
        let set = Segments::new(self.0).map_err(|e| e.at("segments"));
        set.or_raise(py)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for SegmentList {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let items = given
            .try_iter()
            .map_err(|_| wrong_type("segments", "must be a list of stoa.Segment", &given))?;
        let segment = |(i, item): (usize, PyResult<Bound<'py, PyAny>>)| {
            let item = item?;
            let found = item.cast::<PySegment>().map_err(|_| {
                wrong_type(&format!("segments[{i}]"), "must be a stoa.Segment", &item)
            })?;
            Ok(found.get().0.clone())
        };
        items
            .enumerate()
            .map(segment)
            .collect::<PyResult<_>>()
            .map(Self)
    }
}
