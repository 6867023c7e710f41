//! `Replay`.

use pyo3::prelude::*;
use stoa_core::assign::Replay;

use crate::convert::to_python;

/// Exposures held against the engine. Made by `Engine.replay`.
///
/// Example:
///     >>> import stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "free_shipping", "salt": "exp-1", "surface": "shipping_offer", "status": "running",
///     ...     "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
///     >>> replay = stoa.Engine([e]).replay("free_shipping", {"visitor_id": ["u1"], "variant": ["B"]})
///     >>> replay.rows, [count["reason"] for count in replay.reasons]
///     (1, ['assigned'])
#[pyclass(name = "Replay", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyReplay(pub(crate) Replay);

#[pymethods]
impl PyReplay {
    /// The experiment's key.
    #[getter]
    fn experiment(&self) -> &str {
        &self.0.experiment
    }

    /// Exposures of the experiment in the table.
    #[getter]
    fn rows(&self) -> usize {
        self.0.rows
    }

    /// Those that record another variant than the engine gives, as dicts: row, visitor_id, recorded, and the engine's
    /// variant and reason.
    #[getter]
    fn differences<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.differences)
    }

    /// Rows and differences by the engine's reason, as dicts.
    #[getter]
    fn reasons<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.reasons)
    }

    /// The same in a sentence.
    #[getter]
    fn sentence(&self) -> &str {
        &self.0.sentence
    }

    /// The replay, with the keys that Rust writes too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> replay = stoa.Engine([e]).replay("free_shipping", {"visitor_id": ["u1"], "variant": ["B"]})
    ///     >>> sorted(replay.to_dict())
    ///     ['differences', 'experiment', 'reasons', 'rows', 'sentence']
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }

    fn __repr__(&self) -> String {
        format!("<Replay: {}>", self.0.sentence)
    }
}
