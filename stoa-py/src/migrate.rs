//! Running tests of other systems as documents: the compiled half of `stoa/_migrate.py`.

use pyo3::{prelude::*, types::PyString};
use serde_json::Value;
use stoa_core::{
    error::Result,
    experiment::read_document,
    migrate::{self, MigrateOptions, Migration},
};

use crate::{
    convert::{Text, document, now, text, to_python},
    errors::OrRaise,
    experiment::PyStore,
    schema::PyAttributeSchema,
};

type Reader = fn(&Value, &MigrateOptions) -> Result<Migration>;

/// The fields of `Migration`, as a dict.
#[pyfunction]
pub(crate) fn migrate_growthbook<'py>(
    source: &Bound<'py, PyAny>,
    surface: Text,
    metrics: &Bound<'py, PyAny>,
    store: Option<&Bound<'py, PyAny>>,
    schema: Option<&PyAttributeSchema>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = options(surface, metrics, store, schema)?;
    moved(migrate::from_growthbook, "payload", source, &options)
}

/// The fields of `Migration`, as a dict.
#[pyfunction]
pub(crate) fn migrate_eppo<'py>(
    source: &Bound<'py, PyAny>,
    surface: Text,
    metrics: &Bound<'py, PyAny>,
    store: Option<&Bound<'py, PyAny>>,
    schema: Option<&PyAttributeSchema>,
    at: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let options = MigrateOptions {
        now: now(at)?,
        ..options(surface, metrics, store, schema)?
    };
    moved(migrate::from_eppo, "config", source, &options)
}

#[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
fn options(
    surface: Text,
    metrics: &Bound<'_, PyAny>,
    store: Option<&Bound<'_, PyAny>>,
    schema: Option<&PyAttributeSchema>,
) -> PyResult<MigrateOptions> {
    let given = document("metrics", metrics)?;
    Ok(MigrateOptions {
        store: PyStore::given(store)?,
        schema: schema.map(|schema| schema.0.clone()),
        ..MigrateOptions::new(&surface.0, &given).or_raise(metrics.py())?
    })
}

/// Reads the source, given as Python objects or as JSON text.
fn moved<'py>(
    read: Reader,
    field: &str,
    source: &Bound<'py, PyAny>,
    options: &MigrateOptions,
) -> PyResult<Bound<'py, PyAny>> {
    let py = source.py();
    let source = match source.cast::<PyString>() {
        Ok(json) => read_document(&text(json)?).or_raise(py)?,
        Err(_) => document(field, source)?,
    };
    to_python(py, &read(&source, options).or_raise(py)?)
}
