//! What is asked before an experiment, and first of its data: the compiled half of `stoa/_plan.py`.

use pyo3::prelude::*;
use stoa_core::{
    catalog,
    power::{self, Baseline, DesignPrior, PowerOptions},
    sequential,
};

use crate::{
    convert::{count, document, from_value, to_python},
    errors::OrRaise,
    experiment::PyExperiment,
};

/// The fields of `SampleSize`, as a dict.
#[pyfunction]
pub(crate) fn sample_size<'py>(
    py: Python<'py>,
    metric: &str,
    baseline: &Bound<'_, PyAny>,
    minimum_effect: f64,
    options: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let (baseline, options) = given(py, metric, baseline, options)?;
    let size = py.detach(|| power::power(&baseline, minimum_effect, &options));
    to_python(py, &size.or_raise(py)?)
}

/// The smallest relative rise, or None.
#[pyfunction]
pub(crate) fn smallest_effect(
    py: Python<'_>,
    metric: &str,
    baseline: &Bound<'_, PyAny>,
    n_per_arm: f64,
    options: &Bound<'_, PyAny>,
) -> PyResult<Option<f64>> {
    let (baseline, options) = given(py, metric, baseline, options)?;
    let effect = py.detach(|| power::smallest_effect(&baseline, n_per_arm, &options));
    effect.or_raise(py)
}

/// The fields of `SampleSize`, as a dict.
#[pyfunction]
pub(crate) fn non_inferiority<'py>(
    py: Python<'py>,
    metric: &str,
    baseline: &Bound<'_, PyAny>,
    margin: f64,
    options: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let (baseline, options) = given(py, metric, baseline, options)?;
    let size = py.detach(|| power::non_inferiority(&baseline, margin, &options));
    to_python(py, &size.or_raise(py)?)
}

/// The smallest margin, in the metric's unit.
#[pyfunction]
pub(crate) fn smallest_margin(
    py: Python<'_>,
    metric: &str,
    baseline: &Bound<'_, PyAny>,
    n_per_arm: f64,
    options: &Bound<'_, PyAny>,
) -> PyResult<f64> {
    let (baseline, options) = given(py, metric, baseline, options)?;
    let margin = py.detach(|| power::smallest_margin(&baseline, n_per_arm, &options));
    margin.or_raise(py)
}

/// The chance of a claim, over what is believed of the effect.
#[pyfunction]
pub(crate) fn assurance(
    py: Python<'_>,
    metric: &str,
    baseline: &Bound<'_, PyAny>,
    n_per_arm: f64,
    design: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
) -> PyResult<f64> {
    let (baseline, options) = given(py, metric, baseline, options)?;
    let design: DesignPrior = from_value(py, "design", document("design", design)?)?;
    let chance = py.detach(|| power::assurance(&baseline, n_per_arm, &design, &options));
    chance.or_raise(py)
}

/// The fields of `PlanReach`, as a dict.
#[pyfunction]
pub(crate) fn reach<'py>(
    py: Python<'py>,
    experiment: &PyExperiment,
    expected: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let expected = document("expected", expected)?;
    let found = py.detach(|| power::reach_values(&experiment.checked()?, &expected));
    to_python(py, &found.or_raise(py)?)
}

/// The fields of `Duration`, as a dict.
#[pyfunction]
pub(crate) fn duration(
    py: Python<'_>,
    n_per_arm: i128,
    visitors_per_day: f64,
    allocation: f64,
    smallest_share: f64,
) -> PyResult<Bound<'_, PyAny>> {
    let n_per_arm = count(py, "n_per_arm", n_per_arm)?;
    let time = power::duration(n_per_arm, visitors_per_day, allocation, smallest_share);
    to_python(py, &time.or_raise(py)?)
}

/// The fields of `Srm`, as a dict.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
pub(crate) fn sample_ratio(
    py: Python<'_>,
    observed: Vec<i128>,
    expected: Vec<f64>,
) -> PyResult<Bound<'_, PyAny>> {
    let counts = observed.iter().enumerate();
    let counts = counts.map(|(i, &found)| count(py, &format!("observed[{i}]"), found));
    let counts: Vec<u64> = counts.collect::<PyResult<_>>()?;
    to_python(py, &sequential::srm(&counts, &expected).or_raise(py)?)
}

/// The baseline, of a metric of the catalog or of a family, and the options.
fn given(
    py: Python<'_>,
    metric: &str,
    baseline: &Bound<'_, PyAny>,
    options: &Bound<'_, PyAny>,
) -> PyResult<(Baseline, PowerOptions)> {
    let family = catalog::metric(metric).map_or(metric, |known| known.family.key());
    let baseline = Baseline::from_value(family, &document("baseline", baseline)?).or_raise(py)?;
    Ok((
        baseline,
        from_value(py, "options", document("options", options)?)?,
    ))
}
