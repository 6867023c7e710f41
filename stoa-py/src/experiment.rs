//! `Experiment`, `Store` and the JSON Schema of the contract.

use std::path::PathBuf;

use pyo3::{exceptions::PyOSError, prelude::*};
use serde_json::Value;
use stoa_core::{
    error::{Detail, Error, Result},
    experiment::{self, CheckedExperiment, Experiment, StoreDocument, read_document},
};

use crate::{
    convert::{document, to_python, value_to_python},
    errors::OrRaise,
};

/// What a store's experiments share: layers, holdouts and its own metrics.
///
/// Example:
///     >>> import stoa
///     >>> stoa.Store.from_dict({"holdouts": [{"key": "quiet", "share": 0.05}]}).to_dict()["layers"]
///     []
#[pyclass(name = "Store", module = "stoa", frozen, eq)]
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PyStore(pub(crate) StoreDocument);

#[pymethods]
impl PyStore {
    /// Reads a .json, .yaml or .yml file.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile, stoa
    ///     >>> path = pathlib.Path(tempfile.mkdtemp()) / "store.yaml"
    ///     >>> _ = path.write_text("layers: [{key: checkout}]")
    ///     >>> stoa.Store.from_file(path).to_dict()["layers"][0]["key"]
    ///     'checkout'
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Self::read(&read(py, &path)?).or_raise(py)
    }

    /// Reads the document, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Store.from_dict({}) == stoa.Store.from_dict({"layers": []})
    ///     True
    #[staticmethod]
    #[pyo3(signature = (document, /))]
    fn from_dict(document: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::read(&self::document("", document)?).or_raise(document.py())
    }

    /// The document with every default filled, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Store.from_dict({}).to_dict()["metrics"]
    ///     []
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0)
    }

    fn __repr__(&self) -> String {
        let StoreDocument {
            layers,
            holdouts,
            metrics,
            ..
        } = &self.0;
        let (layers, holdouts, metrics) = (layers.len(), holdouts.len(), metrics.len());
        format!("<Store: {layers} layers, {holdouts} holdouts, {metrics} metrics>")
    }
}

impl PyStore {
    fn read(document: &Value) -> Result<Self> {
        let store = StoreDocument::from_value(document)?;
        store.check()?;
        Ok(Self(store))
    }

    /// A `Store`, the path of its file, its document, or none.
    pub(crate) fn given(store: Option<&Bound<'_, PyAny>>) -> PyResult<StoreDocument> {
        let Some(store) = store else {
            return Ok(StoreDocument::default());
        };
        if let Ok(store) = store.cast::<Self>() {
            return Ok(store.get().0.clone());
        }
        if let Ok(path) = store.extract::<PathBuf>() {
            return Ok(Self::from_file(store.py(), path)?.0);
        }
        Ok(Self::from_dict(store)?.0)
    }
}

/// One experiment: what is tested, on whom, how it is measured, when it is decided.
///
/// It holds the document as it was written, right or wrong: `problems` tells what is wrong with it, and whatever
/// uses it (`Engine`, `analyze`) refuses it then.
///
/// Example:
///     >>> import stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "free_shipping", "surface": "shipping_offer", "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
///     >>> e.problems()
///     []
#[pyclass(name = "Experiment", module = "stoa", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyExperiment {
    pub(crate) document: Value,
    pub(crate) store: StoreDocument,
}

#[pymethods]
impl PyExperiment {
    /// Reads a .json, .yaml or .yml file; `store` is a `Store`, its file or its document.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile, stoa
    ///     >>> path = pathlib.Path(tempfile.mkdtemp()) / "free_shipping.yaml"
    ///     >>> _ = path.write_text("key: free_shipping")
    ///     >>> e = stoa.Experiment.from_file(path)
    ///     >>> e.key, len(e.problems()) > 1
    ///     ('free_shipping', True)
    #[staticmethod]
    #[pyo3(signature = (path, *, store=None))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn from_file(
        py: Python<'_>,
        path: PathBuf,
        store: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (document, store) = (read(py, &path)?, PyStore::given(store)?);
        Ok(Self { document, store })
    }

    /// Takes the document, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({"key": "free_shipping", "surfice": "cart_page"})
    ///     >>> [p["hint"] for p in e.problems() if p["code"] == "unknown_field"]
    ///     ['did you mean `surface`?']
    #[staticmethod]
    #[pyo3(signature = (document, /, *, store=None))]
    fn from_dict(document: &Bound<'_, PyAny>, store: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let (document, store) = (self::document("", document)?, PyStore::given(store)?);
        Ok(Self { document, store })
    }

    /// Everything wrong with the document: dicts with code, field, rule, value, message, sometimes hint; [] when valid.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> problems = stoa.Experiment.from_dict({"key": "x"}).problems()
    ///     >>> all(p["message"] for p in problems)
    ///     True
    fn problems<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &experiment::problems(&self.document, &self.store))
    }

    /// Its key, as written; empty when there is none.
    #[getter]
    fn key(&self) -> &str {
        let key = self.document.get("key");
        key.and_then(Value::as_str).unwrap_or_default()
    }

    /// The document with every default filled, as Python objects; as it was written where it cannot be read.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Experiment.from_dict({"key": "free_shipping"}).to_dict()["salt"]
    ///     'free_shipping'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match Experiment::from_value(&self.document) {
            Ok(read) => to_python(py, &read),
            Err(_) => value_to_python(py, &self.document),
        }
    }

    fn __repr__(&self) -> String {
        format!("<Experiment {}>", self.key())
    }
}

impl PyExperiment {
    /// The experiment, checked.
    pub(crate) fn checked(&self) -> Result<CheckedExperiment> {
        Experiment::from_value(&self.document)?.check(&self.store)
    }
}

/// The JSON Schema of an experiment document, made from the core's types.
///
/// Example:
///     >>> import stoa
///     >>> stoa.experiment_json_schema()["required"]
///     ['key', 'surface', 'variants', 'metrics']
#[pyfunction]
pub(crate) fn experiment_json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    value_to_python(py, &experiment::json_schema())
}

fn read(py: Python<'_>, path: &std::path::Path) -> PyResult<Value> {
    let refused = |error: std::io::Error| file_error(py, path, &error);
    let bytes = std::fs::read(path).map_err(refused)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let found = format!("byte {at} of {}", path.display());
        Error::InvalidDocument(Detail::new("document", "must be UTF-8 text", found))
    });
    read_document(&text.or_raise(py)?).or_raise(py)
}

/// Python's own error of a file, which names it.
fn file_error(py: Python<'_>, path: &std::path::Path, error: &std::io::Error) -> PyErr {
    let Some(number) = error.raw_os_error() else {
        return PyOSError::new_err(format!("{error}: {}", path.display()));
    };
    let strerror = || py.import("os")?.call_method1("strerror", (number,));
    match strerror() {
        Ok(words) => PyOSError::new_err((number, words.unbind(), path.display().to_string())),
        Err(failed) => failed,
    }
}
