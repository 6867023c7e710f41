//! The catalog and the experiment contract.

use napi_derive::napi;
use stoa_core::{
    catalog,
    experiment::{self, CheckedExperiment, Experiment, StoreDocument},
};

use crate::convert::{OrThrow, to_text};

/// The catalog's surfaces, as JSON text.
#[napi(catch_unwind)]
pub fn surfaces() -> napi::Result<String> {
    to_text(&catalog::surfaces()).or_throw()
}

/// The catalog's metrics, as JSON text.
#[napi(catch_unwind)]
pub fn metrics() -> napi::Result<String> {
    to_text(&catalog::metrics()).or_throw()
}

/// The JSON Schema of an experiment, as JSON text.
#[napi(catch_unwind)]
pub fn experiment_json_schema() -> String {
    experiment::json_schema().to_string()
}

/// A document written as JSON or YAML 1.2, as JSON text.
#[napi(catch_unwind)]
pub fn read_document(text: String) -> napi::Result<String> {
    let document = experiment::read_document(&text).or_throw()?;
    Ok(document.to_string())
}

/// All problems of an experiment given as JSON or YAML, as JSON text.
#[napi(catch_unwind)]
pub fn experiment_problems(document: String, store: Option<String>) -> napi::Result<String> {
    let document = match experiment::read_document(&document) {
        Ok(document) => document,
        Err(error) => return to_text(&error.problems()).or_throw(),
    };
    let store = read_store(store.as_deref()).or_throw()?;
    to_text(&experiment::problems(&document, &store)).or_throw()
}

/// The experiment given as JSON or YAML, checked.
pub(crate) fn read_experiment(
    text: &str,
    store: &StoreDocument,
) -> stoa_core::error::Result<CheckedExperiment> {
    let document = experiment::read_document(text).map_err(|e| e.at("experiment"))?;
    Experiment::from_value(&document)?.check(store)
}

/// The store document given as JSON or YAML; an empty one when there is none.
pub(crate) fn read_store(text: Option<&str>) -> stoa_core::error::Result<StoreDocument> {
    let Some(text) = text else {
        return Ok(StoreDocument::default());
    };
    let document = experiment::read_document(text).map_err(|e| e.at("store"))?;
    StoreDocument::from_value(&document).map_err(|e| e.at("store"))
}
