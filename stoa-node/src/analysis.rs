//! The readout of an experiment, from its sums.

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use stoa_core::{
    decide::{self, ExperimentStats},
    error::Result,
};

use crate::{
    convert::{guarded, json, to_text},
    experiment::{read_experiment, read_store},
    posterior::NativeComparison,
};

/// A finished readout.
#[napi(js_name = "Analysis")]
#[derive(Debug)]
pub struct NativeAnalysis {
    analysis: decide::Analysis,
    text: String,
}

#[napi]
impl NativeAnalysis {
    /// Everything in it, as JSON text.
    #[napi(catch_unwind, js_name = "toJSON")]
    pub fn to_json(&self) -> String {
        self.text.clone()
    }

    /// A treatment against the control on one metric.
    #[napi(catch_unwind)]
    pub fn comparison(&self, metric: String, treatment: String) -> Option<NativeComparison> {
        let comparison = self.analysis.metrics.get(&metric)?.get(&treatment)?;
        Some(NativeComparison::of(comparison.clone()))
    }

    /// One of the pairs of treatments.
    #[napi(catch_unwind)]
    pub fn pair(&self, index: u32) -> Option<NativeComparison> {
        let pair = self.analysis.pairs.get(index as usize)?;
        Some(NativeComparison::of(pair.comparison.clone()))
    }
}

/// Analyses an experiment off the main thread; statistics are JSON, experiment and store JSON or YAML.
#[napi(catch_unwind, ts_return_type = "Promise<Analysis>")]
pub fn analyze(stats: String, experiment: String, store: Option<String>) -> AsyncTask<Analyze> {
    AsyncTask::new(Analyze {
        stats,
        experiment,
        store,
    })
}

/// A readout on its way.
#[derive(Debug)]
pub struct Analyze {
    stats: String,
    experiment: String,
    store: Option<String>,
}

impl Analyze {
    fn run(&self) -> Result<NativeAnalysis> {
        let store = read_store(self.store.as_deref())?;
        let experiment = read_experiment(&self.experiment, &store)?;
        let stats = ExperimentStats::from_value(&json("stats", &self.stats)?, &store)?;
        let analysis = decide::analyze(&stats, &experiment, &store)?;
        let text = to_text(&analysis)?;
        Ok(NativeAnalysis { analysis, text })
    }
}

impl Task for Analyze {
    type Output = NativeAnalysis;
    type JsValue = NativeAnalysis;

    fn compute(&mut self) -> napi::Result<NativeAnalysis> {
        guarded(|| self.run())
    }

    fn resolve(&mut self, _: Env, analysis: NativeAnalysis) -> napi::Result<NativeAnalysis> {
        Ok(analysis)
    }
}
