//! What the experiments of one store share: layers, holdouts and its own metrics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    check::{Checks, key_problem, safe_key, snake_case},
    shape,
};
use crate::{
    catalog::{self, Family, Metric},
    error::{Detail, Error, Result},
    hash::HashScheme,
    value::document::schema_of,
};

/// What the experiments of one store share.
///
/// # Example
/// ```
/// use stoa_core::experiment::{StoreDocument, read_document};
/// let document = read_document("
/// layers: [{key: checkout}]
/// holdouts: [{key: forever, share: 0.05}]
/// metrics: [{key: visit, category: engagement, family: binary}]
/// ")?;
/// let store = StoreDocument::from_value(&document)?;
/// store.check()?;
/// assert_eq!(store.layer("checkout").map(|l| l.salt.as_str()), Some("layer.checkout"));
/// assert_eq!(store.metric("visit").map(|m| m.column()), Some("visit"));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct StoreDocument {
    /// Version of this document's layout.
    pub schema_version: u64,
    /// Spaces that experiments share out so that they never meet.
    pub layers: Vec<Layer>,
    /// Groups kept out of experiments.
    pub holdouts: Vec<Holdout>,
    /// Metrics beside the catalog's.
    pub metrics: Vec<Metric>,
}

impl Default for StoreDocument {
    fn default() -> Self {
        Self {
            schema_version: 1,
            layers: Vec::new(),
            holdouts: Vec::new(),
            metrics: Vec::new(),
        }
    }
}

/// A space of units that experiments share out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["key"]))]
pub struct Layer {
    /// Stable name: letters, digits, `_` and `-`, at most 64.
    pub key: String,
    /// Hashed before the unit id; `layer.KEY` when left out.
    pub salt: String,
    /// How units are hashed; another system's way only for a layer that began there.
    #[serde(skip_serializing_if = "HashScheme::is_own")]
    pub hash: HashScheme,
}

/// A group kept out of the experiments that name it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["key", "share"]))]
pub struct Holdout {
    /// Stable name: letters, digits, `_` and `-`, at most 64.
    pub key: String,
    /// Hashed before the unit id; `holdout.KEY` when left out.
    pub salt: String,
    /// Share of all units kept out, above 0 and below 1.
    pub share: f64,
}

impl StoreDocument {
    /// Reads a written document: unknown fields and wrong types are refused, all at once.
    ///
    /// # Errors
    /// Every problem of the document's shape.
    pub fn from_value(document: &Value) -> Result<Self> {
        shape::read::<Self>(document, shape::Unknown::Refuse).map(Self::with_defaults)
    }

    /// Reads a served document: fields of a later version are ignored.
    ///
    /// # Errors
    /// Every problem of the document's shape but unknown fields.
    pub fn from_value_tolerant(document: &Value) -> Result<Self> {
        shape::read::<Self>(document, shape::Unknown::Ignore).map(Self::with_defaults)
    }

    /// The JSON Schema of the store document; `docs/store.schema.json` is its copy.
    #[must_use]
    pub fn json_schema() -> Value {
        schema_of::<Self>()
    }

    /// The layer of that key.
    #[must_use]
    pub fn layer(&self, key: &str) -> Option<&Layer> {
        self.layers.iter().find(|l| l.key == key)
    }

    /// The holdout of that key.
    #[must_use]
    pub fn holdout(&self, key: &str) -> Option<&Holdout> {
        self.holdouts.iter().find(|h| h.key == key)
    }

    /// The metric of that key, of the catalog or the store's own.
    #[must_use]
    pub fn metric(&self, key: &str) -> Option<&Metric> {
        catalog::metric(key).or_else(|| self.metrics.iter().find(|m| m.key == key))
    }

    /// Keys of all metrics, the catalog's first.
    pub fn metric_keys(&self) -> impl Iterator<Item = &str> + Clone {
        catalog::metrics()
            .iter()
            .chain(&self.metrics)
            .map(|m| m.key.as_str())
    }

    /// Checks names, shares and metrics.
    ///
    /// # Errors
    /// Every problem.
    pub fn check(&self) -> Result<()> {
        Error::collect(self.errors()).map_or(Ok(()), Err)
    }

    pub(super) fn errors(&self) -> Vec<Error> {
        let mut errors = Vec::new();
        errors.version(self.schema_version);
        for (i, layer) in self.layers.iter().enumerate() {
            let path = format!("layers[{i}]");
            key_problem(&mut errors, &format!("{path}.key"), &layer.key, safe_key);
            errors.unique(
                &format!("{path}.key"),
                &layer.key,
                self.layers[..i].iter().map(|l| &l.key),
            );
        }
        for (i, holdout) in self.holdouts.iter().enumerate() {
            let path = format!("holdouts[{i}]");
            key_problem(&mut errors, &format!("{path}.key"), &holdout.key, safe_key);
            errors.unique(
                &format!("{path}.key"),
                &holdout.key,
                self.holdouts[..i].iter().map(|h| &h.key),
            );
            errors.between(
                &format!("{path}.share"),
                holdout.share,
                "must be above 0 and below 1",
                |x| x > 0.0 && x < 1.0,
            );
        }
        for (i, metric) in self.metrics.iter().enumerate() {
            let path = format!("metrics[{i}]");
            let earlier = catalog::metrics().iter().chain(&self.metrics[..i]);
            errors.unique(&format!("{path}.key"), &metric.key, earlier.map(|m| &m.key));
            check_metric(&mut errors, &path, metric);
        }
        errors
    }

    /// Fills the salts that were left out; the prefixes keep them apart from the experiments'.
    pub(super) fn with_defaults(mut self) -> Self {
        for layer in self.layers.iter_mut().filter(|l| l.salt.is_empty()) {
            layer.salt = format!("layer.{}", layer.key);
        }
        for holdout in self.holdouts.iter_mut().filter(|h| h.salt.is_empty()) {
            holdout.salt = format!("holdout.{}", holdout.key);
        }
        self
    }
}

fn check_metric(errors: &mut Vec<Error>, path: &str, metric: &Metric) {
    key_problem(errors, &format!("{path}.key"), &metric.key, snake_case);
    let (levels, scores) = (format!("{path}.levels"), format!("{path}.scores"));
    for (name, numbers) in [(&levels, &metric.levels), (&scores, &metric.scores)] {
        for (i, x) in numbers.iter().enumerate() {
            errors.finite(&format!("{name}[{i}]"), *x);
        }
    }
    if metric.family != Family::Ordinal {
        if !metric.levels.is_empty() || !metric.scores.is_empty() {
            let rule = format!("must be left out of a {} metric", metric.family.key());
            errors.push(Error::Conflict(Detail::new(
                levels,
                rule,
                metric.levels.len(),
            )));
        }
        return;
    }
    if metric.levels.len() < 2 || metric.levels.windows(2).any(|w| w[0] >= w[1]) {
        errors.push(Error::OutOfRange(Detail::new(
            levels,
            "must be at least 2 numbers, ascending, for an ordinal metric",
            format!("{:?}", metric.levels),
        )));
    }
    if !metric.scores.is_empty() && metric.scores.len() != metric.levels.len() {
        errors.push(Error::OutOfRange(Detail::new(
            scores,
            format!("must be one number per level ({})", metric.levels.len()),
            metric.scores.len(),
        )));
    }
}
