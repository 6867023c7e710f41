//! Refusals of the core become `stoa.StoaError`, a class of `python/stoa/_errors.py`.

use pyo3::{prelude::*, sync::PyOnceLock, types::PyType};
use stoa_core::error::{Detail, Error};

use crate::convert::to_python;

static STOA_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// Turns results of the core into results Python understands.
pub(crate) trait OrRaise<T> {
    /// The value, or the error raised as `StoaError`.
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raise(py, &error))
    }
}

/// The Python exception of a core error.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let exception = || {
        let class = STOA_ERROR.import(py, "stoa._errors", "StoaError")?;
        class.call1((error.to_string(), to_python(py, &error.problems())?))
    };
    exception().map_or_else(|failed| failed, PyErr::from_value)
}

/// A value of another type than the parameter's.
pub(crate) fn wrong_type(field: &str, rule: &str, found: &Bound<'_, PyAny>) -> PyErr {
    let shown = found.repr().map_or_else(
        |_| "a value without repr".to_owned(),
        |text| text.to_string_lossy().into_owned(),
    );
    raise(
        found.py(),
        &Error::WrongType(Detail::new(field, rule, shown)),
    )
}
