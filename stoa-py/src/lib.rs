//! Python binding: converts and nothing else. Every decision and every number is the core's.
//!
//! One file per room; `convert` and `table` are how Python values and data frames come in, `errors` how refusals go
//! out. What is said about a class to its user stands in `_stoa.pyi` and in the docstrings here.

mod convert;
mod errors;
mod table;

use pyo3::prelude::*;

/// The compiled half of the package `stoa`.
#[pymodule]
fn _stoa(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
