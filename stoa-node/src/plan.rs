//! Planning: how many visitors, how long, and whether the arms hold their shares.

use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;
use serde::Deserialize;
use stoa_core::{
    catalog,
    error::Result,
    power::{self, Baseline, PowerOptions},
    sequential,
};

use crate::{
    background::Background,
    convert::{OrThrow, document, json, to_text},
    experiment::{read_experiment, read_store},
};

/// Size of an experiment, as JSON text; `metric` is a metric of the catalog or a family.
#[napi(catch_unwind)]
pub fn power(
    metric: String,
    baseline: String,
    minimum_effect: f64,
    options: String,
) -> napi::Result<String> {
    sized(&metric, &baseline, minimum_effect, &options).or_throw()
}

/// As `power`, off the main thread.
#[napi(catch_unwind, ts_return_type = "Promise<string>")]
pub fn power_async(
    metric: String,
    baseline: String,
    minimum_effect: f64,
    options: String,
) -> AsyncTask<Background> {
    Background::start(move || sized(&metric, &baseline, minimum_effect, &options))
}

/// The smallest relative effect that so many visitors per arm can show; null when none can.
#[napi(catch_unwind)]
pub fn smallest_effect(
    metric: String,
    baseline: String,
    n_per_arm: f64,
    options: String,
) -> napi::Result<Option<f64>> {
    let (baseline, options) = question(&metric, &baseline, &options).or_throw()?;
    power::smallest_effect(&baseline, n_per_arm, &options).or_throw()
}

/// What a contract can find with the traffic of its plan, as JSON text, off the main thread; what is expected is JSON,
/// experiment and store are JSON or YAML.
#[napi(catch_unwind, ts_return_type = "Promise<string>")]
pub fn reach(experiment: String, expected: String, store: Option<String>) -> AsyncTask<Background> {
    Background::start(move || {
        let store = read_store(store.as_deref())?;
        let experiment = read_experiment(&experiment, &store)?;
        let expected = json("expected", &expected)?;
        to_text(&power::reach_values(&experiment, &expected)?)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Traffic {
    n_per_arm: u64,
    visitors_per_day: f64,
    #[serde(default = "all")]
    allocation: f64,
    #[serde(default = "half")]
    smallest_share: f64,
}

/// Days and whole weeks, as JSON text.
#[napi(catch_unwind)]
pub fn duration(traffic: String) -> napi::Result<String> {
    let t: Traffic = document("traffic", &traffic).or_throw()?;
    let time = power::duration(
        t.n_per_arm,
        t.visitors_per_day,
        t.allocation,
        t.smallest_share,
    );
    to_text(&time.or_throw()?).or_throw()
}

/// The sample-ratio test, as JSON text.
#[napi(catch_unwind)]
pub fn srm(observed: String, expected: String) -> napi::Result<String> {
    let observed: Vec<u64> = document("observed", &observed).or_throw()?;
    let expected: Vec<f64> = document("expected", &expected).or_throw()?;
    to_text(&sequential::srm(&observed, &expected).or_throw()?).or_throw()
}

fn sized(metric: &str, baseline: &str, minimum_effect: f64, options: &str) -> Result<String> {
    let (baseline, options) = question(metric, baseline, options)?;
    to_text(&power::power(&baseline, minimum_effect, &options)?)
}

fn question(metric: &str, baseline: &str, options: &str) -> Result<(Baseline, PowerOptions)> {
    let family = catalog::metric(metric).map_or(metric, |metric| metric.family.key());
    let baseline = Baseline::from_value(family, &json("baseline", baseline)?)?;
    Ok((baseline, document("options", options)?))
}

fn all() -> f64 {
    1.0
}

fn half() -> f64 {
    0.5
}
