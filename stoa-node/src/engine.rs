//! Assignment inside a request: a decision leaves as one small number, which `ts/engine.ts` maps to a frozen object.

use napi::bindgen_prelude::{Either, Int8Array};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    assign::{Bundle, Engine, Outcome, Reason, Visitor},
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, Experiment, StoreDocument},
    rule::{AttributeSchema, SqlOptions},
    segment::Segment,
};

use crate::{
    convert::{Instant, JsonText, OrThrow, document, now, to_text},
    explain::explain,
};

/// Codes of one reason lie side by side: 0 for no variant, then its variants.
const VARIANTS: u32 = 256;

/// An engine of one bundle.
#[napi(js_name = "Engine")]
#[derive(Debug)]
pub struct NativeEngine(Engine);

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

#[napi]
impl NativeEngine {
    /// Reads a served bundle, tolerantly.
    #[napi(factory, catch_unwind, js_name = "fromJSON")]
    pub fn from_json(text: String) -> napi::Result<Self> {
        Engine::from_json(&text).map(Self).or_throw()
    }

    /// Makes a bundle of documents, strictly; they are JSON text.
    #[napi(factory, catch_unwind)]
    pub fn from_documents(text: String) -> napi::Result<Self> {
        let documents = document("documents", &text).or_throw()?;
        build(documents).map(Self).or_throw()
    }

    /// The bundle, as JSON text.
    #[napi(catch_unwind)]
    pub fn bundle(&self) -> String {
        self.0.bundle().to_json()
    }

    /// Version, problems, segment hashes, and key and variants of each experiment, as JSON text.
    #[napi(catch_unwind)]
    pub fn summary(&self) -> String {
        let arm = |(key, payload): (&str, &Value)| json!({"key": key, "payload": payload});
        let experiment = |(index, key): (usize, &str)| {
            let variants: Vec<_> = self.0.variants(index).map(arm).collect();
            json!({"key": key, "variants": variants})
        };
        let experiments: Vec<_> = self.0.keys().enumerate().map(experiment).collect();
        json!({
            "version": self.0.version(),
            "problems": self.0.load_errors(),
            "segment_hashes": self.0.segment_hashes(),
            "experiments": experiments,
        })
        .to_string()
    }

    /// Code of the decision of one experiment.
    #[napi(catch_unwind)]
    pub fn decide(
        &self,
        index: u32,
        unit: String,
        #[napi(ts_arg_type = "string | Uint8Array | undefined")] attributes: JsonText<'_>,
        #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
    ) -> napi::Result<u32> {
        let at = now(at).or_throw()?;
        let outcome = self
            .0
            .outcome(index as usize, &unit, &visitor(&attributes), at);
        Ok(code(outcome))
    }

    /// Index and code of every experiment that has something to say about the unit, one after the other.
    #[napi(catch_unwind)]
    pub fn assign(
        &self,
        unit: String,
        #[napi(ts_arg_type = "string | Uint8Array | undefined")] attributes: JsonText<'_>,
        #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
    ) -> napi::Result<Vec<u32>> {
        let (visitor, at) = (visitor(&attributes), now(at).or_throw()?);
        let outcomes = self.0.outcomes(&unit, &visitor, at);
        Ok(outcomes
            .flat_map(|(index, outcome)| [u32::try_from(index).unwrap_or(u32::MAX), code(outcome)])
            .collect())
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

    /// Index of each unit's variant, −1 when it does not take part; attributes are a JSON array, one item a unit.
    #[napi(catch_unwind)]
    pub fn assign_batch(
        &self,
        index: u32,
        units: Vec<String>,
        attributes: Option<String>,
        #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
    ) -> napi::Result<Int8Array> {
        let at = now(at).or_throw()?;
        let visitors = visitors(attributes.as_deref(), units.len()).or_throw()?;
        let unknown = Visitor::default();
        let decide = |(i, unit): (usize, &String)| {
            let visitor = visitors.get(i).unwrap_or(&unknown);
            taken(self.0.outcome(index as usize, unit, visitor, at))
        };
        let variants: Vec<i8> = units.iter().enumerate().map(decide).collect();
        Ok(variants.into())
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

fn visitor(attributes: &JsonText<'_>) -> Visitor {
    match attributes {
        None => Visitor::default(),
        Some(Either::A(text)) => Visitor::from_json(text),
        Some(Either::B(bytes)) => Visitor::from_slice(bytes),
    }
}

fn visitors(attributes: Option<&str>, n: usize) -> Result<Vec<Visitor>> {
    let Some(text) = attributes else {
        return Ok(Vec::new());
    };
    let documents: Vec<Value> = document("attributes", text)?;
    if documents.len() != n {
        let rule = format!("must have {n} items, one for each id");
        let detail = Detail::new("attributes", rule, documents.len());
        return Err(Error::Conflict(detail));
    }
    Ok(documents.into_iter().map(Visitor::from_value).collect())
}

fn code(outcome: Outcome) -> u32 {
    let variant = outcome.variant.map_or(0, |v| u32::from(v) + 1);
    u32::from(outcome.reason.code()) * VARIANTS + variant
}

fn taken(outcome: Outcome) -> i8 {
    if outcome.reason.chosen() {
        outcome.index()
    } else {
        -1
    }
}
