//! What is asked before and first: `power` and `srm`.

use pyo3::prelude::*;
use serde_json::json;
use stoa_core::{
    catalog,
    power::{self, Baseline, PowerOptions},
    sequential,
};

use crate::{
    convert::{document, from_value, to_python},
    errors::OrRaise,
};

/// Fields of `PowerResult`, as a dict.
#[pyfunction]
pub(crate) fn power<'py>(
    py: Python<'py>,
    metric: &str,
    baseline: &Bound<'_, PyAny>,
    minimum_effect: f64,
    options: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let family = catalog::metric(metric).map_or(metric, |known| known.family.key());
    let baseline = Baseline::from_value(family, &document("baseline", baseline)?).or_raise(py)?;
    let options: PowerOptions = from_value(py, "options", document("options", options)?)?;
    to_python(py, &power::power(&baseline, minimum_effect, &options).or_raise(py)?)
}

/// Fields of `Srm`, as a dict.
#[pyfunction]
pub(crate) fn srm<'py>(
    py: Python<'py>,
    observed: Vec<u64>,
    expected: Vec<f64>,
) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &sequential::srm(&observed, &expected).or_raise(py)?)
}
