//! Every look of an experiment, from the sums of each.

use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;
use stoa_core::decide;

use crate::{
    background::Background,
    convert::{json, to_text},
    experiment::{read_experiment, read_store},
};

/// What each look of a history said and what is to be expected, as JSON text, off the main thread. The history is JSON,
/// experiment and store are JSON or YAML.
#[napi(catch_unwind, ts_return_type = "Promise<string>")]
pub fn monitor(
    history: String,
    experiment: String,
    store: Option<String>,
) -> AsyncTask<Background> {
    Background::start(move || {
        let store = read_store(store.as_deref())?;
        let experiment = read_experiment(&experiment, &store)?;
        let looks = decide::history_from_value(&json("history", &history)?, &store)?;
        to_text(&decide::monitor(&looks, &experiment, &store)?)
    })
}
