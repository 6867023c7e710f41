//! Groups that are alike but not the same: the compiled half of `stoa/_groups.py`.

use pyo3::{prelude::*, types::PyDict};
use stoa_core::hierarchy::{self, Distribution};

use crate::{
    convert::{Text, document, documents, to_python},
    effect::interval,
    errors::OrRaise,
};

/// The posterior of one quantity of a hierarchy.
///
/// Example:
///     >>> import stoa
///     >>> found = stoa.hierarchical("binary", {"mobile": {"n": 900, "successes": 27}, "desktop": {"n": 40, "successes": 5}})
///     >>> low, high = found.groups["desktop"].interval(0.95)
///     >>> low < found.groups["desktop"].mean < high
///     True
#[pyclass(name = "Distribution", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyDistribution(Distribution);

#[pymethods]
impl PyDistribution {
    /// Mean; None where it does not exist.
    #[getter]
    fn mean(&self) -> Option<f64> {
        self.0.mean()
    }

    /// Standard deviation; None where it does not exist.
    #[getter]
    fn sd(&self) -> Option<f64> {
        self.0.sd()
    }

    /// The point with as much probability below as above.
    #[getter]
    fn median(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.median())
    }

    /// The value that is not exceeded with probability `q`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> found = stoa.hierarchical("effect", [{"estimate": 0.12, "standard_error": 0.06}])
    ///     >>> found.groups[0].quantile(0.5) == found.groups[0].median
    ///     True
    fn quantile(&self, py: Python<'_>, q: f64) -> PyResult<f64> {
        py.detach(|| self.0.quantile(q)).or_raise(py)
    }

    /// The central interval that holds the quantity with probability `level`: (low, high).
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> found = stoa.hierarchical("effect", [{"estimate": 0.12, "standard_error": 0.06}])
    ///     >>> found.groups[0].interval(0.5).low > found.groups[0].interval(0.95).low
    ///     True
    #[pyo3(signature = (level=0.95))]
    fn interval<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyAny>> {
        interval(py, py.detach(|| self.0.interval(level)).or_raise(py)?)
    }

    /// P(the quantity exceeds `x`).
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> found = stoa.hierarchical("effect", [{"estimate": 0.12, "standard_error": 0.06}])
    ///     >>> found.groups[0].prob_above(0) > 0.9
    ///     True
    fn prob_above(&self, py: Python<'_>, x: f64) -> PyResult<f64> {
        py.detach(|| self.0.prob_above(x)).or_raise(py)
    }

    fn __repr__(&self) -> String {
        let shown = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| format!("{x:.4}"));
        format!(
            "<Distribution: mean {}, sd {}>",
            shown(self.0.mean()),
            shown(self.0.sd())
        )
    }
}

/// The groups' distributions, that of a group to come, and mean and sd of what the groups have in common, by name.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn hierarchical<'py>(
    py: Python<'py>,
    family: Text,
    groups: Vec<Bound<'py, PyAny>>,
    prior: &Bound<'_, PyAny>,
) -> PyResult<(Vec<PyDistribution>, PyDistribution, Bound<'py, PyDict>)> {
    let (groups, prior) = (documents("groups", &groups)?, document("prior", prior)?);
    let asked = || hierarchy::hierarchical_values(&family.0, &groups, &prior);
    let found = py.detach(asked).or_raise(py)?;
    let common = PyDict::new(py);
    for (name, mean, sd) in found.common {
        common.set_item(name, (mean, sd))?;
    }
    let groups = found.groups.into_iter().map(PyDistribution).collect();
    Ok((groups, PyDistribution(found.new_group), common))
}

/// What the next experiment's prior is after these, as a dict.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn prior_from<'py>(
    py: Python<'py>,
    family: Text,
    history: Vec<Bound<'py, PyAny>>,
    prior: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let (history, prior) = (documents("groups", &history)?, document("prior", prior)?);
    let learnt = || hierarchy::prior_from_values(&family.0, &history, &prior);
    to_python(py, &py.detach(learnt).or_raise(py)?)
}
