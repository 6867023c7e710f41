//! The causal forest: the compiled half of `stoa/_forest.py`.

use pyo3::{prelude::*, types::PyString};
use stoa_core::{
    error::{Detail, Error},
    forest::{
        CausalForest, Effects, Experiment, ForestOptions, average_effect,
        doubly_robust as scores_of, group_effects,
    },
};

use crate::{
    convert::{document, from_value, numpy_floats, record, to_python},
    errors::{OrRaise, raise, wrong_type},
    features::{Given, vector},
};

/// Effects of each row, with their uncertainty.
///
/// Intervals of single rows cover too rarely where effects vary strongly, and after shrinking they cover the estimate
/// and not the row: report groups (`CausalForest.gate`). With `shrinkage` b, a mean is the average effect plus b times
/// what the forest saw on top of it.
///
/// Example:
///     >>> import numpy as np, stoa
///     >>> X = np.arange(400).reshape(400, 1) % 20
///     >>> w = np.arange(400) // 20 % 2
///     >>> f = stoa.CausalForest(n_trees=100, shrink=False).fit(X, w * (X[:, 0] >= 10), treatment=w)
///     >>> effects = f.oob_effects()
///     >>> bool(effects.mean[0] < 0.5 < effects.mean[19]), len(effects), effects.shrinkage
///     (True, 400, None)
#[pyclass(name = "Effects", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyEffects(Effects);

#[pymethods]
impl PyEffects {
    /// Effect of treatment on each row's outcome, a numpy array.
    #[getter]
    fn mean<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        numpy_floats(py, &self.0.mean)
    }

    /// Variance of each estimate, a numpy array.
    #[getter]
    fn variance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        numpy_floats(py, &self.0.variance)
    }

    /// The factor that distances from the average effect were multiplied by; None without shrinking.
    #[getter]
    fn shrinkage(&self) -> Option<f64> {
        self.0.shrinkage
    }

    /// Lower and upper ends, one each per row.
    ///
    /// Example:
    ///     >>> import numpy as np, stoa
    ///     >>> X = np.arange(400).reshape(400, 1) % 20
    ///     >>> w = np.arange(400) // 20 % 2
    ///     >>> f = stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w)
    ///     >>> low, high = f.oob_effects().interval(0.9)
    ///     >>> bool(low[19] < f.oob_effects().mean[19] < high[19])
    ///     True
    #[pyo3(signature = (level=0.95))]
    fn interval<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyAny>> {
        let found = self.0.interval(level).or_raise(py)?;
        let ends = (
            numpy_floats(py, &found.low)?,
            numpy_floats(py, &found.high)?,
        );
        record(py, "Intervals", ends)
    }

    /// The lists mean and variance, and shrinkage, with the keys that Rust writes.
    ///
    /// Example:
    ///     >>> import numpy as np, stoa
    ///     >>> X, w = np.arange(400).reshape(400, 1) % 20, np.arange(400) // 20 % 2
    ///     >>> f = stoa.CausalForest(n_trees=100).fit(X, w * (X[:, 0] >= 10), treatment=w)
    ///     >>> sorted(f.oob_effects().to_dict())
    ///     ['mean', 'shrinkage', 'variance']
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }

    fn __len__(&self) -> usize {
        self.0.mean.len()
    }

    fn __repr__(&self) -> String {
        let shrunk = self.0.shrinkage;
        let shrunk = shrunk.map_or(String::new(), |b| format!(", shrunk by {b:.2}"));
        format!("<Effects of {} rows{shrunk}>", self.0.mean.len())
    }
}

/// A forest that was fitted.
#[pyclass(name = "FittedForest", module = "stoa._stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyFittedForest(CausalForest);

#[pymethods]
impl PyFittedForest {
    #[getter]
    fn effects(&self) -> PyEffects {
        PyEffects(self.0.effects.clone())
    }

    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        numpy_floats(py, &self.0.scores)
    }

    #[getter]
    fn expected_outcome<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        numpy_floats(py, &self.0.expected_outcome)
    }

    /// The fields of `Mean`, as a dict.
    fn ate<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &average_effect(&self.0.scores))
    }

    /// Group, n and effect of each group, as dicts.
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn gate<'py>(&self, py: Python<'py>, groups: Vec<usize>) -> PyResult<Bound<'py, PyAny>> {
        let found = group_effects(&self.0.scores, &groups).or_raise(py)?;
        to_python(py, &found)
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }
}

/// Fits the forest; other threads run on meanwhile.
#[pyfunction]
pub(crate) fn fit_forest(
    x: &Bound<'_, PyAny>,
    y: &Bound<'_, PyAny>,
    treatment: &Bound<'_, PyAny>,
    propensity: &Bound<'_, PyAny>,
    expected_outcome: Option<&Bound<'_, PyAny>>,
    options: &Bound<'_, PyAny>,
) -> PyResult<PyFittedForest> {
    let py = x.py();
    let features = Given::import(x)?;
    let (y, w) = (vector("y", y)?, vector("treatment", treatment)?);
    let expected = expected_outcome.map(|m| vector("expected_outcome", m));
    let expected = expected.transpose()?;
    let propensity = one_propensity(propensity)?;
    let options: ForestOptions = from_value(py, "options", document("", options)?)?;
    let fit = || {
        let data = Experiment {
            y: &y,
            w: &w,
            propensity,
            expected_outcome: expected.as_deref(),
            training: None,
        };
        CausalForest::fit(features.design()?.features(), data, &options)
    };
    py.detach(fit).or_raise(py).map(PyFittedForest)
}

/// Doubly robust scores of an effect, one a row, as a numpy array; their mean is the AIPW average effect.
///
/// Γ = τ + (w − e)/(e(1 − e)) · (y − m − (w − e)τ), with e the propensity (one number) and m the expected outcome.
///
/// Example:
///     >>> import stoa
///     >>> stoa.doubly_robust([2.0, 2.0], y=[3.0, 1.0], w=[1, 0], propensity=0.5, expected_outcome=[2.0, 2.0])
///     array([2., 2.])
#[pyfunction]
pub(crate) fn doubly_robust<'py>(
    tau: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    w: &Bound<'py, PyAny>,
    propensity: &Bound<'py, PyAny>,
    expected_outcome: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = tau.py();
    let (y, w, tau) = (
        vector("y", y)?,
        vector("treatment", w)?,
        vector("tau", tau)?,
    );
    let expected = vector("expected_outcome", expected_outcome)?;
    let data = Experiment {
        y: &y,
        w: &w,
        propensity: one_propensity(propensity)?,
        expected_outcome: None,
        training: None,
    };
    let scores = py.detach(|| scores_of(&tau, &data, &expected));
    numpy_floats(py, &scores.or_raise(py)?)
}

fn one_propensity(given: &Bound<'_, PyAny>) -> PyResult<f64> {
    if let Ok(rows) = given.len()
        && !given.is_instance_of::<PyString>()
    {
        let rule = "must be one number; a propensity for each row is not supported in this version";
        let detail = Detail::new("propensity", rule, format!("{rows} of them"));
        return Err(raise(given.py(), &Error::Unsupported(detail)));
    }
    let number = given.extract();
    number.map_err(|_| wrong_type("propensity", "must be a number", given))
}
