//! `compare`, `summarize` and the comparison they feed.

use std::sync::Arc;

use pyo3::prelude::*;
use stoa_core::posterior::{self, Comparison};

use crate::{
    convert::{Text, count, document, documents, floats, numpy_floats, record, to_python},
    effect::{PyDecomposition, PyEffect, PyLoss, shown},
    errors::OrRaise,
};

/// What the data say about a treatment against a control: P(lift), the lift's distribution, what a wrong call costs.
///
/// Every number is computed, none is drawn. What is not finite or is withheld (dollars below five orders) is None;
/// `notes` then says why. A mean of fewer than five rows has no posterior: its probabilities are NaN.
///
/// Example:
///     >>> import stoa
///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
///     >>> round(c.prob_positive, 4), round(c.relative.median, 3)
///     (0.9149, 0.214)
#[pyclass(name = "Comparison", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyComparison(pub(crate) Arc<Comparison>);

#[pymethods]
impl PyComparison {
    /// Family of the metric: binary, positive, hurdle, ordinal, count or mean.
    #[getter]
    fn family(&self) -> &'static str {
        self.0.family()
    }

    /// Name of the model behind the figures.
    #[getter]
    fn model(&self) -> &'static str {
        self.0.model()
    }

    /// What a reader must know beside the numbers: dicts with code and text.
    #[getter]
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.notes())
    }

    /// P(treatment > control).
    #[getter]
    fn prob_positive(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.prob_positive())
    }

    /// P(treatment < control).
    #[getter]
    fn prob_harm(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.prob_harm())
    }

    /// P(lift > t): of the absolute lift in the metric's unit, or of the relative one.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> c.prob_above(0.01, relative=True) < c.prob_positive
    ///     True
    #[pyo3(signature = (t, relative=false))]
    fn prob_above(&self, py: Python<'_>, t: f64, relative: bool) -> PyResult<Option<f64>> {
        py.detach(|| self.0.prob_above(t, relative)).or_raise(py)
    }

    /// P(lift < t); as `prob_above`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> c.prob_below(0, relative=True) == c.prob_harm
    ///     True
    #[pyo3(signature = (t, relative=false))]
    fn prob_below(&self, py: Python<'_>, t: f64, relative: bool) -> PyResult<Option<f64>> {
        py.detach(|| self.0.prob_below(t, relative)).or_raise(py)
    }

    /// Treatment − control, in the metric's unit.
    #[getter]
    fn absolute(&self) -> PyEffect {
        PyEffect(self.0.absolute().clone())
    }

    /// Treatment / control − 1.
    #[getter]
    fn relative(&self) -> PyEffect {
        PyEffect(self.0.relative().clone())
    }

    /// Posterior mean of ln(treatment / control).
    #[getter]
    fn mean_log_lift(&self) -> f64 {
        self.0.mean_log_lift()
    }

    /// Posterior mean of the control, in the metric's unit.
    #[getter]
    fn control_mean(&self) -> Option<f64> {
        self.0.control_mean()
    }

    /// Posterior mean of the treatment, in the metric's unit.
    #[getter]
    fn treatment_mean(&self) -> Option<f64> {
        self.0.treatment_mean()
    }

    /// Expected loss per unit of shipping the treatment: E[(control − treatment)⁺].
    #[getter]
    fn expected_loss_ship(&self, py: Python<'_>) -> Option<f64> {
        py.detach(|| self.0.expected_loss_ship())
    }

    /// Expected loss per unit of keeping the control: E[(treatment − control)⁺].
    #[getter]
    fn expected_loss_keep(&self, py: Python<'_>) -> Option<f64> {
        py.detach(|| self.0.expected_loss_keep())
    }

    /// Expected share of the control's value lost by shipping: E[(1 − treatment / control)⁺].
    #[getter]
    fn relative_loss_ship(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.relative_loss_ship())
    }

    /// Expected loss of shipping in log units: E[(ln control − ln treatment)⁺].
    #[getter]
    fn log_loss_ship(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.log_loss_ship())
    }

    /// Expected loss of keeping in log units: E[(ln treatment − ln control)⁺].
    #[getter]
    fn log_loss_keep(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.0.log_loss_keep())
    }

    /// Distribution of the loss of shipping.
    #[getter]
    fn loss(&self) -> PyLoss {
        PyLoss(Arc::clone(&self.0))
    }

    /// Expected loss of shipping over so many visitors, in the metric's unit ($ for revenue).
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> c.risk(visitors=1) == c.expected_loss_ship
    ///     True
    fn risk(&self, py: Python<'_>, visitors: i128) -> PyResult<Option<f64>> {
        Ok(self.0.risk(count(py, "visitors", visitors)?))
    }

    /// Of revenue per visitor, frequency and severity; None for other families.
    #[getter]
    fn decomposition(&self) -> Option<PyDecomposition> {
        self.0.decomposition().cloned().map(PyDecomposition)
    }

    /// `n` draws of each arm's mean, for people who want draws: numpy arrays `control` and `treatment`.
    ///
    /// Same seed, same draws, on every machine.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> draws = c.sample(1000, seed=1)
    ///     >>> bool(abs((draws.treatment > draws.control).mean() - c.prob_positive) < 0.05)
    ///     True
    #[pyo3(signature = (n, seed=0))]
    fn sample<'py>(&self, py: Python<'py>, n: i128, seed: i128) -> PyResult<Bound<'py, PyAny>> {
        let n = usize::try_from(count(py, "n", n)?).unwrap_or(usize::MAX);
        let seed = count(py, "seed", seed)?;
        let draws = py.detach(|| self.0.sample(n, seed)).or_raise(py)?;
        let (control, treatment) = (
            numpy_floats(py, &draws.control)?,
            numpy_floats(py, &draws.treatment)?,
        );
        record(py, "Draws", (control, treatment))
    }

    /// Every figure, with the keys that Rust and TypeScript write too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> c = stoa.compare("binary", control={"n": 900, "successes": 81}, treatment={"n": 905, "successes": 99})
    ///     >>> c.to_dict()["relative"]["median"] == c.relative.median
    ///     True
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = py.detach(|| self.0.to_value());
        to_python(py, &value)
    }

    fn __repr__(&self) -> String {
        let comparison = &self.0;
        format!(
            "<Comparison of {}: P(lift > 0) = {:.4}, relative lift {}>",
            comparison.family(),
            comparison.prob_positive(),
            shown(comparison.relative()),
        )
    }
}

/// Compares a treatment with a control from their sufficient statistics.
///
/// Families and their statistics: binary n, successes · positive n, mean_log, var_log · hurdle visitors, orders,
/// mean_log, var_log · ordinal counts, scores · count n, total, total_sq · mean n, mean, variance. Priors: binary
/// {alpha, beta} · positive {mean, kappa, alpha, beta} or another `model` · hurdle {conversion, severity} · ordinal
/// {alpha} · count {shape, rate} · mean {mean, kappa, alpha, beta}; None is the default of the family.
///
/// Example:
///     >>> import stoa
///     >>> c = stoa.compare("binary", control={"n": 5, "successes": 0}, treatment={"n": 5, "successes": 0},
///     ...                  prior={"alpha": 1, "beta": 1})
///     >>> round(c.prob_positive, 9)
///     0.5
#[pyfunction]
#[pyo3(signature = (family, control, treatment, prior=None))]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn compare(
    py: Python<'_>,
    family: Text,
    control: &Bound<'_, PyAny>,
    treatment: &Bound<'_, PyAny>,
    prior: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyComparison> {
    let control = document("control", control)?;
    let treatment = document("treatment", treatment)?;
    let prior = prior.map_or(Ok(serde_json::Value::Null), |prior| {
        document("prior", prior)
    })?;
    let compared = || posterior::compare_values(&family.0, &control, &treatment, &prior);
    py.detach(compared)
        .or_raise(py)
        .map(|c| PyComparison(Arc::new(c)))
}

/// Sufficient statistics of one arm's rows, one value per unit; what `compare` takes.
///
/// binary: 0 or 1 · positive: amounts > 0, one per order · hurdle: an amount per visitor, 0 for no order.
///
/// Example:
///     >>> import stoa
///     >>> stoa.summarize("binary", [0, 1, 1, 0, 0])
///     {'family': 'binary', 'n': 5, 'successes': 2}
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn summarize<'py>(
    py: Python<'py>,
    family: Text,
    rows: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let rows = floats("rows", rows)?;
    let stats = py
        .detach(|| posterior::summarize(&family.0, &rows))
        .or_raise(py)?;
    to_python(py, &stats)
}

/// The fields of `BestArm`, as a dict whose arms are a list.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn best_arm<'py>(
    py: Python<'py>,
    family: Text,
    arms: Vec<Bound<'py, PyAny>>,
    prior: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let (arms, prior) = (documents("arms", &arms)?, document("prior", prior)?);
    let best = || posterior::best_arm_values(&family.0, &arms, &prior);
    to_python(py, &py.detach(best).or_raise(py)?)
}
