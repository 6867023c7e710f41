//! `Explanation`.

use pyo3::prelude::*;
use stoa_core::assign::Explanation;

use crate::{
    convert::{to_python, value_to_python},
    decision::PyDecision,
};

/// Why a visitor gets what they get: every check of a decision with what it looked at. Made by `Engine.explain`.
///
/// Example:
///     >>> import stoa
///     >>> why = stoa.Engine(experiments=[]).explain("free_shipping", "visitor-1")
///     >>> why.decision.reason, why.checks[0]["saw"]
///     ('unknown_experiment', {'known': False})
#[pyclass(name = "Explanation", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyExplanation(pub(crate) Explanation);

#[pymethods]
impl PyExplanation {
    /// What `Engine.decide` says.
    #[getter]
    fn decision(&self) -> PyDecision {
        PyDecision(self.0.decision.clone())
    }

    /// Who was decided about.
    #[getter]
    fn unit(&self) -> &str {
        &self.0.unit
    }

    /// The checks in their order, as dicts: `check` is its name, `saw` what it looked at, `says` the variant and reason
    /// it would give, None when it leaves that to the next, `spoke` whether it decided.
    #[getter]
    fn checks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.checks)
    }

    /// Readable lines, one a check; `>` stands before the one that decided. What `str` gives.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> print(stoa.Engine(experiments=[]).explain("free_shipping", "visitor-1").describe())
    ///     free_shipping for "visitor-1": no variant, unknown_experiment
    ///     > experiment   not in the bundle
    ///     <BLANKLINE>
    fn describe(&self) -> String {
        self.0.describe()
    }

    /// The explanation, with the keys that Rust and TypeScript write too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> sorted(stoa.Engine(experiments=[]).explain("free_shipping", "visitor-1").to_dict())
    ///     ['checks', 'decision', 'description', 'unit']
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.to_value())
    }

    fn __str__(&self) -> String {
        self.0.describe()
    }

    fn _repr_html_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let faces = py.import("stoa._rule_faces")?;
        faces.call_method1("lines", (self.0.describe(),))
    }

    fn __repr__(&self) -> String {
        let decision = &self.0.decision;
        format!(
            "<Explanation of {}: {}>",
            decision.experiment, decision.reason
        )
    }
}
