//! `AttributeSchema`, and the JSON Schemas of rules, segments and attributes.

use pyo3::prelude::*;
use stoa_core::{
    rule::{self, AttributeSchema},
    segment,
};

use crate::{
    argument::Who,
    convert::{document, to_python, value_to_python},
    errors::OrRaise,
};

/// How pickle makes an object again: what is called, and with which document.
pub(crate) type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>,));

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
    fn new(attributes: &Bound<'_, PyAny>) -> PyResult<Self> {
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
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn missing_for(&self, rule: Who) -> Vec<String> {
        self.0.missing_for(&rule.0.get().0)
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

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let document = to_python(slf.py(), &slf.get().0)?;
        Ok((slf.get_type().into_any(), (document,)))
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
