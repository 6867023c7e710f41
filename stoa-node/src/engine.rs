//! Assignment inside a request: a decision leaves as one small number, which `ts/engine.ts` maps to a frozen object.

use std::sync::Arc;

use napi::{Env, bindgen_prelude::Unknown};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    assign::{Bundle, Engine, Reason},
    error::{Error, Result},
    experiment::{CheckedExperiment, Experiment, StoreDocument},
    rule::{AttributeSchema, SqlOptions},
    segment::Segment,
};

use crate::{
    convert::{Instant, JsonText, OrThrow, document, now, to_text},
    explain::explain,
    fast::{Given, assigner, batcher, code, decider, outcome, taken},
};

/// An engine of one bundle.
#[napi(js_name = "Engine")]
#[derive(Debug)]
pub struct NativeEngine(Arc<Engine>);

/// Documents that make a bundle.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    experiments: Vec<Value>,
    #[serde(default)]
    segments: Vec<Value>,
    store: Option<Value>,
    schema: Option<Value>,
}

impl NativeEngine {
    fn new(engine: Engine) -> Self {
        Self(Arc::new(engine))
    }
}

#[napi]
impl NativeEngine {
    /// Reads a served bundle, tolerantly.
    #[napi(factory, catch_unwind, js_name = "fromJSON")]
    pub fn from_json(text: String) -> napi::Result<Self> {
        Engine::from_json(&text).map(Self::new).or_throw()
    }

    /// Makes a bundle of documents, strictly; they are JSON text.
    #[napi(factory, catch_unwind)]
    pub fn from_documents(text: String) -> napi::Result<Self> {
        let documents = document("documents", &text).or_throw()?;
        build(documents).map(Self::new).or_throw()
    }

    /// The bundle, as JSON text.
    #[napi(catch_unwind)]
    pub fn bundle(&self) -> String {
        self.0.bundle().to_json()
    }

    /// The compiled plan, as JSON text.
    #[napi(catch_unwind)]
    pub fn plan(&self) -> String {
        self.0.plan().to_json()
    }

    /// Version, problems, segment hashes, attributes read, and what each experiment is made of, as JSON text.
    #[napi(catch_unwind)]
    pub fn summary(&self) -> String {
        let arm = |(key, payload): (&str, &Value)| json!({"key": key, "payload": payload});
        let experiment = |(index, key): (usize, &str)| {
            let variants: Vec<_> = self.0.variants(index).map(arm).collect();
            json!({
                "key": key,
                "variants": variants,
                "attributes": self.0.attributes_of(index),
                "needs_now": self.0.needs_now(index),
            })
        };
        let experiments: Vec<_> = self.0.keys().enumerate().map(experiment).collect();
        json!({
            "version": self.0.version(),
            "problems": self.0.load_errors(),
            "segment_hashes": self.0.segment_hashes(),
            "attributes": self.0.attributes(),
            "experiments": experiments,
        })
        .to_string()
    }

    /// A function that gives the code of the decision of one experiment: `(unit, …attributes, now?, memory?)`.
    #[napi(catch_unwind, ts_return_type = "(...given: unknown[]) => number")]
    pub fn decider<'env>(
        &self,
        env: &'env Env,
        index: u32,
        names: Option<Vec<String>>,
    ) -> napi::Result<Unknown<'env>> {
        let code = |outcome| code(outcome).cast_signed();
        let given = Given::new(&self.0, names.as_deref(), true);
        decider(env, &self.0, index as usize, given, code)
    }

    /// The same function of these attributes, giving the index of the variant that the unit takes part with, −1 when in
    /// none; unless `timed`, what is given beside them does not count.
    #[napi(catch_unwind, ts_return_type = "(...given: unknown[]) => number")]
    pub fn chooser<'env>(
        &self,
        env: &'env Env,
        index: u32,
        names: Vec<String>,
        timed: bool,
    ) -> napi::Result<Unknown<'env>> {
        let variant = |outcome| i32::from(taken(outcome));
        let given = Given::new(&self.0, Some(&names), timed);
        decider(env, &self.0, index as usize, given, variant)
    }

    /// Why the decision is what it is, as JSON text.
    #[napi(catch_unwind)]
    pub fn explain(
        &self,
        key: String,
        unit: String,
        #[napi(ts_arg_type = "string | Uint8Array | undefined")] attributes: JsonText<'_>,
        #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
        memory: Option<String>,
    ) -> napi::Result<String> {
        let (at, memory) = (now(at).or_throw()?, memory.unwrap_or_default());
        Ok(explain(&self.0, &key, &unit, &attributes, at, &memory))
    }

    /// A function that writes index and code of every experiment that has something to say about the unit, one after the
    /// other, and gives how many there are: `(codes, unit, …attributes, now?, memory?)`.
    #[napi(catch_unwind, ts_return_type = "(...given: unknown[]) => number")]
    pub fn assigner<'env>(
        &self,
        env: &'env Env,
        names: Option<Vec<String>>,
    ) -> napi::Result<Unknown<'env>> {
        assigner(env, &self.0, Given::new(&self.0, names.as_deref(), true))
    }

    /// What to keep for sticky experiments after these decisions, index and code of each, one after the other.
    #[napi(catch_unwind)]
    pub fn remember(&self, before: String, decided: Vec<u32>) -> String {
        let pairs = decided.chunks_exact(2);
        let outcomes = pairs.filter_map(|pair| Some((pair[0] as usize, outcome(pair[1])?)));
        self.0.remember(&before, outcomes)
    }

    /// A function that writes the index of each unit's variant in one experiment: `(variants, units, attributes?, now?)`.
    #[napi(catch_unwind, ts_return_type = "(...given: unknown[]) => number")]
    pub fn batcher<'env>(&self, env: &'env Env, index: u32) -> napi::Result<Unknown<'env>> {
        batcher(env, &self.0, index as usize)
    }

    /// Expressions for the variant and the reason.
    #[napi(catch_unwind)]
    pub fn assignment_sql(
        &self,
        key: String,
        dialect: String,
        unit: String,
        alias: Option<String>,
        #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
    ) -> napi::Result<Vec<String>> {
        let options = SqlOptions {
            dialect: dialect.parse().or_throw()?,
            alias,
            now: now(at).or_throw()?,
            schema: self.0.bundle().schema.clone(),
        };
        let sql = self.0.replay_sql(&key, &unit, &options).or_throw()?;
        Ok(vec![sql.variant, sql.reason])
    }
}

/// Every reason and what it exposes to, in the order of their codes, as JSON text.
#[napi(catch_unwind)]
pub fn reasons() -> napi::Result<String> {
    let reason = |r: &Reason| json!({"key": r, "exposes": r.exposes(), "chosen": r.chosen()});
    to_text(&Reason::ALL.iter().map(reason).collect::<Vec<_>>()).or_throw()
}

fn build(documents: Documents) -> Result<Engine> {
    let mut problems = Vec::new();
    let store = documents.store.as_ref().map(StoreDocument::from_value);
    let store = store.unwrap_or_else(|| Ok(StoreDocument::default()));
    let store = keep(&mut problems, "store", store).unwrap_or_default();
    let schema = documents.schema.as_ref().map(AttributeSchema::from_value);
    let schema = keep(&mut problems, "schema", schema.transpose()).flatten();
    let mut experiments = Vec::new();
    for (i, document) in documents.experiments.iter().enumerate() {
        let checked = Experiment::from_value(document).and_then(|e| e.check(&store));
        let checked = keep(&mut problems, &format!("experiments[{i}]"), checked);
        experiments.extend(checked.map(CheckedExperiment::into_inner));
    }
    let mut segments = Vec::new();
    for (i, document) in documents.segments.iter().enumerate() {
        let segment = Segment::from_value(document);
        segments.extend(keep(&mut problems, &format!("segments[{i}]"), segment));
    }
    Error::collect(problems).map_or(Ok(()), Err)?;
    Engine::new(Bundle::new(experiments, segments, store, schema)?)
}

/// What was read, or nothing and its error among the problems.
fn keep<T>(problems: &mut Vec<Error>, path: &str, read: Result<T>) -> Option<T> {
    read.map_err(|error| problems.push(error.at(path))).ok()
}
