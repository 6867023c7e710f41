//! Every look of an experiment, from the sums of each.

use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;
use serde_json::Value;
use stoa_core::{
    decide::{self, ExperimentStats},
    error::Result,
    experiment::StoreDocument,
};

use crate::{
    background::Background,
    convert::{document, to_text},
    experiment::{read_experiment, read_store},
};

/// What each look of a history said and what is to be expected, as JSON text, off the main thread. The history is a JSON
/// list of statistics, experiment and store are JSON or YAML.
#[napi(catch_unwind, ts_return_type = "Promise<string>")]
pub fn monitor(
    history: String,
    experiment: String,
    store: Option<String>,
) -> AsyncTask<Background> {
    Background::start(move || {
        let store = read_store(store.as_deref())?;
        let experiment = read_experiment(&experiment, &store)?;
        let looks = looks(&history, &store)?;
        to_text(&decide::monitor(&looks, &experiment, &store)?)
    })
}

fn looks(history: &str, store: &StoreDocument) -> Result<Vec<ExperimentStats>> {
    let entries: Vec<Value> = document("history", history)?;
    let read = |(k, entry): (usize, &Value)| {
        ExperimentStats::from_value(entry, store).map_err(|e| e.at(&format!("history[{k}]")))
    };
    entries.iter().enumerate().map(read).collect()
}
