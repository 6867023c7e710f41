//! The catalog as lists of dicts, which `stoa/catalog.py` gives their types.

use pyo3::prelude::*;
use stoa_core::catalog;

use crate::convert::to_python;

/// All surfaces, as dicts.
#[pyfunction]
pub(crate) fn catalog_surfaces(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &catalog::surfaces())
}

/// All metrics, as dicts.
#[pyfunction]
pub(crate) fn catalog_metrics(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &catalog::metrics())
}
