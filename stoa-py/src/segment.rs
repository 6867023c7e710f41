//! `Segment`.

use pyo3::prelude::*;
use stoa_core::segment::Segment;

use crate::{
    argument::{Description, Key, Version, Who},
    convert::{document, to_python},
    errors::OrRaise,
    rule::PyRule,
    schema::Reduced,
};

/// A named rule with a description: defined once, used by experiments, profiles and storefronts.
///
/// Example:
///     >>> import stoa
///     >>> s = stoa.Segment("repeat_na", stoa.Rule.parse("orders_count >= 2"), description="Bought twice")
///     >>> s.key, s.rule.attributes()
///     ('repeat_na', ['orders_count'])
#[pyclass(name = "Segment", module = "stoa", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PySegment(pub(crate) Segment);

#[pymethods]
impl PySegment {
    #[new]
    #[pyo3(
        signature = (key, rule, description=Description(String::new()), *, version=Version(1)),
        text_signature = "(key, rule, description='', *, version=1)"
    )]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn new(
        py: Python<'_>,
        key: Key,
        rule: Who,
        description: Description,
        version: Version,
    ) -> PyResult<Self> {
        let segment = Segment::new(key.0, rule.0.get().0.clone()).or_raise(py)?;
        Ok(Self(Segment {
            description: description.0,
            version: version.0,
            ..segment
        }))
    }

    /// Reads the document, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Segment.from_dict({"key": "everyone", "rule": {"all": []}}).version
    ///     1
    #[staticmethod]
    #[pyo3(signature = (document, /))]
    fn from_dict(document: &Bound<'_, PyAny>) -> PyResult<Self> {
        let value = self::document("", document)?;
        Segment::from_value(&value)
            .or_raise(document.py())
            .map(Self)
    }

    /// Its name in snake_case.
    #[getter]
    fn key(&self) -> &str {
        &self.0.key
    }

    /// Who belongs to it.
    #[getter]
    fn rule(&self) -> PyRule {
        PyRule(self.0.rule.clone())
    }

    /// What a person should know about it.
    #[getter]
    fn description(&self) -> &str {
        &self.0.description
    }

    /// Counts the rule's changes, from 1.
    #[getter]
    fn version(&self) -> u32 {
        self.0.version
    }

    /// Where it stands: proposed, accepted, deployed or retired.
    #[getter]
    fn lifecycle<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.lifecycle)
    }

    /// Who or what it comes from, as a dict, or None.
    #[getter]
    fn provenance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.provenance)
    }

    /// The document, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Segment("everyone", stoa.Rule.from_dict({"all": []})).to_dict()["lifecycle"]
    ///     'proposed'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let document = to_python(slf.py(), &slf.get().0)?;
        Ok((slf.get_type().getattr("from_dict")?, (document,)))
    }

    fn __repr__(&self) -> String {
        format!("<Segment {}: {}>", self.0.key, self.0.rule.describe(None))
    }
}
