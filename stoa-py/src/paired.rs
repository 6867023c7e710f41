//! Outcomes with a covariate or a denominator beside them: the compiled half of `stoa/_paired.py`.

use std::sync::Arc;

use pyo3::prelude::*;
use stoa_core::posterior::{self, Paired};

use crate::{
    convert::{document, floats, to_python},
    errors::OrRaise,
    posterior::PyComparison,
};

/// Statistics of two columns of one arm, as a dict.
#[pyfunction]
pub(crate) fn pair_up<'py>(
    py: Python<'py>,
    y: &Bound<'_, PyAny>,
    x: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let (y, x) = (floats("y", y)?, floats("x", x)?);
    to_python(py, &py.detach(|| Paired::from_rows(&y, &x)).or_raise(py)?)
}

/// The fields of `Cuped` as a dict, and its comparison.
#[pyfunction]
pub(crate) fn cuped<'py>(
    py: Python<'py>,
    control: &Bound<'_, PyAny>,
    treatment: &Bound<'_, PyAny>,
    pooling: &Bound<'_, PyAny>,
) -> PyResult<(Bound<'py, PyAny>, PyComparison)> {
    let (control, treatment) = (
        document("control", control)?,
        document("treatment", treatment)?,
    );
    let pooling = document("pooling", pooling)?;
    let adjusted = || posterior::cuped_values(&control, &treatment, &pooling);
    let found = py.detach(adjusted).or_raise(py)?;
    let fields = to_python(py, &found)?;
    Ok((fields, PyComparison(Arc::new(found.comparison))))
}

/// The comparison of two ratios.
#[pyfunction]
pub(crate) fn ratio(
    py: Python<'_>,
    control: &Bound<'_, PyAny>,
    treatment: &Bound<'_, PyAny>,
) -> PyResult<PyComparison> {
    let (control, treatment) = (
        document("control", control)?,
        document("treatment", treatment)?,
    );
    let compared = || posterior::ratio_values(&control, &treatment);
    let found = py.detach(compared).or_raise(py)?;
    Ok(PyComparison(Arc::new(found)))
}
