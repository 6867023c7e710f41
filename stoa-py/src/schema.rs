//! `AttributeSchema`, and the JSON Schemas of rules, segments and attributes.

use pyo3::{prelude::*, types::PyDict};
use stoa_core::{
    rule::{self, AttributeSchema},
    segment,
};

use crate::{
    convert::{document, to_python, value_to_python},
    errors::OrRaise,
    rule::PyRule,
};

/// What a store knows about its visitors' attributes: type, words, and whether the storefront has them.
///
/// Example:
///     >>> import stoa
///     >>> schema = stoa.AttributeSchema({"country": {"type": "string", "assignable": True}})
///     >>> schema.missing_for(stoa.Rule.parse("country = 'CA' AND spend > 100"))
///     ['spend']
#[pyclass(name = "AttributeSchema", module = "stoa", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyAttributeSchema(pub(crate) AttributeSchema);

#[pymethods]
impl PyAttributeSchema {
    #[new]
    #[pyo3(signature = (attributes, /))]
    fn new(attributes: &Bound<'_, PyDict>) -> PyResult<Self> {
        let value = document("", attributes)?;
        AttributeSchema::from_value(&value)
            .or_raise(attributes.py())
            .map(Self)
    }

    /// The rule's attributes that the storefront does not have when it assigns; none means targetable.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> schema = stoa.AttributeSchema({"country": {"type": "string", "assignable": True}})
    ///     >>> schema.missing_for(stoa.Rule.parse("country = 'CA'"))
    ///     []
    fn missing_for(&self, rule: &PyRule) -> Vec<String> {
        self.0.missing_for(&rule.0)
    }

    /// The document, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.AttributeSchema({"spend": {"type": "number"}}).to_dict()
    ///     {'spend': {'assignable': False, 'type': 'number'}}
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }

    fn __repr__(&self) -> String {
        let names: Vec<&str> = self.0.0.keys().map(String::as_str).collect();
        format!("<AttributeSchema of {}>", names.join(", "))
    }
}

/// The JSON Schema of a rule document, made from the core's operators.
///
/// Example:
///     >>> import stoa
///     >>> [shape["required"] for shape in stoa.rule_json_schema()["oneOf"]][:2]
///     [['all'], ['any']]
#[pyfunction]
pub(crate) fn rule_json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    value_to_python(py, &rule::json_schema())
}

/// The JSON Schema of a segment document, made from the core's types.
///
/// Example:
///     >>> import stoa
///     >>> stoa.segment_json_schema()["required"]
///     ['key', 'rule']
#[pyfunction]
pub(crate) fn segment_json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    value_to_python(py, &segment::json_schema())
}

/// The JSON Schema of what `AttributeSchema` reads, made from the core's types.
///
/// Example:
///     >>> import stoa
///     >>> stoa.attributes_json_schema()["$defs"]["Attribute"]["required"]
///     ['type']
#[pyfunction]
pub(crate) fn attributes_json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    value_to_python(py, &rule::attributes_json_schema())
}
