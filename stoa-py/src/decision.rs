//! `Decision`.

use pyo3::{prelude::*, sync::PyOnceLock};
use stoa_core::assign::{Decision, Engine, Outcome, Reason};

use crate::convert::{to_python, value_to_python};

/// What a unit gets in one experiment, and why.
///
/// Example:
///     >>> import stoa
///     >>> d = stoa.Engine(experiments=[]).decide("free_shipping", "visitor-1")
///     >>> d.experiment, d.variant, d.payload, d.reason, d.exposes
///     ('free_shipping', None, None, 'unknown_experiment', 'none')
#[pyclass(name = "Decision", module = "stoa", frozen, eq)]
#[derive(Debug, PartialEq)]
pub(crate) struct PyDecision(pub(crate) Decision);

#[pymethods]
impl PyDecision {
    /// The experiment's key.
    #[getter]
    fn experiment(&self) -> &str {
        &self.0.experiment
    }

    /// Key of the variant to show; None when nothing is known about the experiment.
    #[getter]
    fn variant(&self) -> Option<&str> {
        self.0.variant.as_deref()
    }

    /// The variant's payload, None when it has none.
    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.payload)
    }

    /// Why.
    #[getter]
    fn reason(&self) -> &'static str {
        self.0.reason.key()
    }

    /// In which analysis the unit counts once it has seen the variant: none, experiment or holdout.
    #[getter]
    fn exposes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.exposes)
    }

    /// The bundle's content hash.
    #[getter]
    fn version(&self) -> &str {
        &self.0.version
    }

    /// The decision, with the keys that Rust and TypeScript write too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Engine(experiments=[]).decide("free_shipping", "visitor-1").to_dict()["reason"]
    ///     'unknown_experiment'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }

    fn __repr__(&self) -> String {
        let variant = self.0.variant.as_deref().unwrap_or("no variant");
        format!(
            "<Decision {}: {variant}, {}>",
            self.0.experiment, self.0.reason
        )
    }
}

/// Decisions of one engine, each made when it is first given out: they are frozen, so one does for everybody.
pub(crate) struct Decisions(Vec<Experiment>);

/// By reason.
type Made = [PyOnceLock<Py<PyDecision>>; Reason::ALL.len()];

struct Experiment {
    without: Made,
    variants: Vec<Made>,
}

impl Decisions {
    pub(crate) fn new(engine: &Engine) -> Self {
        let made = || [const { PyOnceLock::new() }; Reason::ALL.len()];
        let experiments = engine.keys().enumerate().map(|(index, _)| Experiment {
            without: made(),
            variants: engine.variants(index).map(|_| made()).collect(),
        });
        Self(experiments.collect())
    }

    /// The decision of an outcome of that engine; `key` names the experiment.
    pub(crate) fn give(
        &self,
        py: Python<'_>,
        engine: &Engine,
        key: &str,
        index: usize,
        outcome: Outcome,
    ) -> PyResult<Py<PyDecision>> {
        let fresh = || Py::new(py, PyDecision(engine.decision(key, outcome)));
        let made = self.0.get(index).and_then(|x| match outcome.variant {
            None => Some(&x.without),
            Some(variant) => x.variants.get(usize::from(variant)),
        });
        match made.and_then(|made| made.get(usize::from(outcome.reason.code()))) {
            Some(place) => Ok(place.get_or_try_init(py, fresh)?.clone_ref(py)),
            None => fresh(),
        }
    }
}
