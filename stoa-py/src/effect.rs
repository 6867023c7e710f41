//! The distributions of a comparison: `Effect`, `Loss`, `Decomposition`.

use std::sync::Arc;

use pyo3::prelude::*;
use stoa_core::posterior::{Comparison, Decomposition, Effect, Interval, Part};

use crate::{
    convert::{count, numpy_floats, record},
    errors::OrRaise,
};

/// The distribution of a lift, absolute or relative.
///
/// Example:
///     >>> import stoa
///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
///     >>> low, high = c.absolute.interval(0.95)
///     >>> low < c.absolute.mean < high
///     True
#[pyclass(name = "Effect", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyEffect(pub(crate) Effect);

#[pymethods]
impl PyEffect {
    /// Posterior mean.
    #[getter]
    fn mean(&self) -> Option<f64> {
        self.0.mean()
    }

    /// Posterior median.
    #[getter]
    fn median(&self, py: Python<'_>) -> Option<f64> {
        py.detach(|| self.0.median())
    }

    /// The lift that is not exceeded with probability `q`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> c.absolute.quantile(0.5) == c.absolute.median
    ///     True
    fn quantile(&self, py: Python<'_>, q: f64) -> PyResult<Option<f64>> {
        py.detach(|| self.0.quantile(q)).or_raise(py)
    }

    /// The central interval that holds the lift with probability `level`: (low, high).
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> c.relative.interval(0.5).low > c.relative.interval(0.95).low
    ///     True
    #[pyo3(signature = (level=0.95))]
    fn interval<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = py.detach(|| self.0.interval(level)).or_raise(py)?;
        found.map(|ends| interval(py, ends)).transpose()
    }

    /// The density on a grid for plotting: numpy arrays `x` and `density`, empty where withheld.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> x, density = c.absolute.density(points=64)
    ///     >>> len(x), bool((density >= 0).all())
    ///     (64, True)
    #[pyo3(signature = (points=256))]
    fn density<'py>(&self, py: Python<'py>, points: i128) -> PyResult<Bound<'py, PyAny>> {
        let points = usize::try_from(count(py, "points", points)?).unwrap_or(usize::MAX);
        let grid = py.detach(|| self.0.density(points)).or_raise(py)?;
        let (x, density) = (numpy_floats(py, &grid.x)?, numpy_floats(py, &grid.density)?);
        record(py, "Density", (x, density))
    }

    fn __repr__(&self) -> String {
        format!("<Effect {}>", shown(&self.0))
    }
}

/// The distribution of the loss of shipping, per unit.
///
/// Example:
///     >>> import stoa
///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
///     >>> c.loss.mean == c.expected_loss_ship
///     True
#[pyclass(name = "Loss", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyLoss(pub(crate) Arc<Comparison>);

#[pymethods]
impl PyLoss {
    /// The expected loss.
    #[getter]
    fn mean(&self, py: Python<'_>) -> Option<f64> {
        py.detach(|| self.0.loss().mean())
    }

    /// Probability of any loss.
    #[getter]
    fn prob(&self) -> f64 {
        self.0.loss().prob()
    }

    /// The loss that is not exceeded with probability `q`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> c.loss.quantile(0.5)   # more likely than not there is none
    ///     0.0
    fn quantile(&self, py: Python<'_>, q: f64) -> PyResult<Option<f64>> {
        py.detach(|| self.0.loss().quantile(q)).or_raise(py)
    }
}

/// A revenue lift taken apart: how many order (frequency), how much an order is worth (severity).
///
/// Example:
///     >>> import stoa
///     >>> arm = {"visitors": 900, "orders": 81, "mean_log": 4.0, "var_log": 0.5}
///     >>> parts = stoa.compare("hurdle", control=arm, treatment=arm | {"orders": 99}).decomposition
///     >>> parts.frequency.prob_positive > 0.9 > parts.severity.prob_positive
///     True
#[pyclass(name = "Decomposition", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyDecomposition(pub(crate) Decomposition);

#[pymethods]
impl PyDecomposition {
    /// Conversion: orders per visitor.
    #[getter]
    fn frequency(&self) -> PyPart {
        PyPart(self.0.frequency.clone())
    }

    /// Mean order value.
    #[getter]
    fn severity(&self) -> PyPart {
        PyPart(self.0.severity.clone())
    }

    /// Mean log lift of revenue per visitor: exactly the sum of both parts'.
    #[getter]
    fn mean_log_lift(&self) -> f64 {
        self.0.mean_log_lift()
    }
}

/// One factor's share of a lift.
///
/// Example:
///     >>> import stoa
///     >>> arm = {"visitors": 900, "orders": 81, "mean_log": 4.0, "var_log": 0.5}
///     >>> c = stoa.compare("hurdle", control=arm, treatment=arm)
///     >>> round(c.decomposition.severity.prob_positive, 6)
///     0.5
#[pyclass(name = "Part", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyPart(Part);

#[pymethods]
impl PyPart {
    /// Probability that this factor rose.
    #[getter]
    fn prob_positive(&self) -> f64 {
        self.0.prob_positive()
    }

    /// Posterior mean of ln(treatment / control) of this factor.
    #[getter]
    fn mean_log_lift(&self) -> f64 {
        self.0.mean_log_lift()
    }

    /// This factor's share of the mean absolute lift, in the metric's unit per visitor.
    #[getter]
    fn absolute_mean(&self) -> Option<f64> {
        self.0.absolute_mean()
    }

    /// Relative lift of this factor alone.
    #[getter]
    fn relative(&self) -> PyEffect {
        PyEffect(self.0.relative().clone())
    }
}

/// A credible interval, as the named tuple.
pub(crate) fn interval(py: Python<'_>, ends: Interval) -> PyResult<Bound<'_, PyAny>> {
    record(py, "Interval", (ends.low, ends.high))
}

/// Median and 95% interval, as a repr has them.
pub(crate) fn shown(effect: &Effect) -> String {
    match (effect.median(), effect.interval(0.95)) {
        (Some(median), Ok(Some(Interval { low, high, .. }))) => {
            format!("{median:+.4} (95% interval {low:+.4} to {high:+.4})")
        }
        _ => "withheld".to_owned(),
    }
}
