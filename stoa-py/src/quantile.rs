//! A quantile of one arm against that of another.

use pyo3::prelude::*;
use stoa_core::posterior::{self, QuantileComparison};

use crate::{
    convert::{floats, to_python},
    effect::interval,
    errors::OrRaise,
};

/// A quantile of the treatment against the same quantile of the control, in the metric's unit.
///
/// Example:
///     >>> import stoa
///     >>> median = stoa.quantile_comparison([12, 15, 18, 22, 31, 40, 90], [14, 19, 24, 30, 33, 55, 70], q=0.5)
///     >>> median.method, round(median.prob_positive, 4)
///     ('bayesian_bootstrap', 0.7078)
#[pyclass(name = "QuantileComparison", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyQuantileComparison(QuantileComparison);

#[pymethods]
impl PyQuantileComparison {
    /// Which quantile.
    #[getter]
    fn q(&self) -> f64 {
        self.0.q()
    }

    /// "bayesian_bootstrap", or "asymptotic" for very many rows.
    #[getter]
    fn method(&self) -> &'static str {
        self.0.method()
    }

    /// What a reader must know beside the numbers: dicts with code and text.
    #[getter]
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.notes())
    }

    /// Mean of the difference, treatment − control.
    #[getter]
    fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// P(treatment > control).
    #[getter]
    fn prob_positive(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.prob_positive())
    }

    /// P(treatment < control); ties are neither.
    #[getter]
    fn prob_harm(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.prob_harm())
    }

    /// P(treatment − control > t).
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> median = stoa.quantile_comparison([1, 2, 3], [2, 3, 4], q=0.5)
    ///     >>> median.prob_above(0) == median.prob_positive
    ///     True
    fn prob_above(&self, py: Python<'_>, t: f64) -> PyResult<f64> {
        py.detach(|| self.0.prob_above(t)).or_raise(py)
    }

    /// The difference that is not exceeded with probability `p`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.quantile_comparison([1, 2, 3], [2, 3, 4], q=0.5).quantile(0.5)
    ///     1.0
    fn quantile(&self, py: Python<'_>, p: f64) -> PyResult<f64> {
        py.detach(|| self.0.quantile(p)).or_raise(py)
    }

    /// The central interval that holds the difference with probability `level`: (low, high).
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.quantile_comparison([1, 2, 3], [2, 3, 4], q=0.5).interval(0.9)
    ///     Interval(low=-1.0, high=3.0)
    #[pyo3(signature = (level=0.95))]
    fn interval<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyAny>> {
        interval(py, py.detach(|| self.0.interval(level)).or_raise(py)?)
    }

    /// Expected loss of shipping the treatment: E[(control − treatment)⁺].
    #[getter]
    fn expected_loss_ship(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.expected_loss_ship())
    }

    /// Expected loss of keeping the control: E[(treatment − control)⁺].
    #[getter]
    fn expected_loss_keep(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.expected_loss_keep())
    }

    /// Every figure, with the keys that Rust writes too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.quantile_comparison([1, 2, 3], [2, 3, 4], q=0.5).to_dict()["q"]
    ///     0.5
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = py.detach(|| self.0.to_value());
        to_python(py, &value)
    }

    fn __repr__(&self) -> String {
        let (q, mean) = (self.0.q(), self.0.mean());
        format!(
            "<QuantileComparison at {q}: P(lift > 0) = {:.4}, mean {mean:+.4}>",
            self.0.prob_positive()
        )
    }
}

/// A quantile of two arms' rows, by the Bayesian bootstrap in closed form; nothing is sampled.
///
/// For what a usual visitor or order does, where whales make the mean useless. Rows only: sums do not hold a quantile.
///
/// Source: Rubin (1981), The Bayesian bootstrap.
///
/// Example:
///     >>> import stoa
///     >>> median = stoa.quantile_comparison([12, 15, 18, 22], [14, 19, 24, 30], q=0.5)
///     >>> 0 < median.prob_harm < median.prob_positive
///     True
#[pyfunction]
#[pyo3(signature = (control, treatment, q))]
pub(crate) fn quantile_comparison(
    py: Python<'_>,
    control: &Bound<'_, PyAny>,
    treatment: &Bound<'_, PyAny>,
    q: f64,
) -> PyResult<PyQuantileComparison> {
    let (control, treatment) = (floats("control", control)?, floats("treatment", treatment)?);
    let compared = || posterior::quantile_comparison(&control, &treatment, q);
    py.detach(compared).or_raise(py).map(PyQuantileComparison)
}
