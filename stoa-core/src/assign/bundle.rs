//! What the storefront loads: experiments and everything they lean on, sealed with a hash.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::{
    catalog::Metric,
    error::{Error, Result},
    experiment::{Experiment, Holdout, Layer, StoreDocument, check_set},
    hash::sha256_hex,
    rule::AttributeSchema,
    segment::{Segment, Segments},
    value::canonical::canonical_json,
};

/// Version of the bundle's layout; readers accept it and the one before.
pub(super) const SCHEMA_VERSION: u64 = 1;

/// Everything an [`super::Engine`] needs, as one document.
///
/// [`Bundle::new`] is the strict door for authors; [`super::Engine::from_json`] reads a served one tolerantly.
///
/// # Example
/// ```
/// use stoa_core::{assign::Bundle, experiment::{Experiment, StoreDocument, read_document}};
/// let document = read_document("
/// key: free_shipping
/// surface: shipping_offer
/// status: running
/// variants: [{key: A}, {key: B}]
/// metrics: {revenue: {metric: revenue_per_visitor}, satisfaction: {metric: csat}}
/// ")?;
/// let experiment = Experiment::from_value(&document)?;
/// let bundle = Bundle::new(vec![experiment], vec![], StoreDocument::default(), None)?;
/// assert_eq!(bundle.content_hash.len(), 64);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Bundle {
    /// Version of this document's layout.
    pub schema_version: u64,
    /// The experiments, in the order in which decisions are listed.
    pub experiments: Vec<Experiment>,
    /// The segments that targeting rules name.
    pub segments: Vec<Segment>,
    /// Spaces that experiments share out.
    pub layers: Vec<Layer>,
    /// Groups kept out of experiments.
    pub holdouts: Vec<Holdout>,
    /// The store's own metrics.
    pub metrics: Vec<Metric>,
    /// What is known about attributes; without it every attribute counts as assignable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<AttributeSchema>,
    /// SHA-256, in hex, of the canonical JSON of everything else: the version that decisions carry.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content_hash: String,
}

impl Bundle {
    /// Checks everything and seals it.
    ///
    /// # Errors
    /// All problems of the experiments, alone and side by side, of the segments, of the store document and, when there
    /// is a schema, of the rules against it; each with its path in the bundle.
    pub fn new(
        experiments: Vec<Experiment>,
        segments: Vec<Segment>,
        store: StoreDocument,
        schema: Option<AttributeSchema>,
    ) -> Result<Self> {
        check_set(&experiments, &store)?;
        let mut problems = Vec::new();
        let mut checked = Vec::with_capacity(experiments.len());
        for (i, experiment) in experiments.into_iter().enumerate() {
            match experiment.check(&store) {
                Ok(experiment) => checked.push(experiment.into_inner()),
                Err(e) => problems.push(e.at(&format!("experiments[{i}]"))),
            }
        }
        let known = Segments::new(segments.clone()).map_err(|e| e.at("segments"));
        match (&known, &schema) {
            (Ok(known), schema) => {
                problems.extend(rule_problems(&checked, &segments, known, schema.as_ref()));
            }
            (Err(e), _) => problems.push(e.clone()),
        }
        if let Some(error) = Error::collect(problems) {
            return Err(error);
        }
        Ok(Self::sealed(checked, segments, store, schema))
    }

    /// A bundle of parts that were checked.
    pub(super) fn sealed(
        experiments: Vec<Experiment>,
        segments: Vec<Segment>,
        store: StoreDocument,
        schema: Option<AttributeSchema>,
    ) -> Self {
        let mut bundle = Self {
            schema_version: SCHEMA_VERSION,
            experiments,
            segments,
            layers: store.layers,
            holdouts: store.holdouts,
            metrics: store.metrics,
            schema,
            content_hash: String::new(),
        };
        bundle.content_hash = content_hash(&bundle.to_value());
        bundle
    }

    /// The layers, holdouts and metrics as the store document they came from.
    #[must_use]
    pub fn store(&self) -> StoreDocument {
        StoreDocument {
            layers: self.layers.clone(),
            holdouts: self.holdouts.clone(),
            metrics: self.metrics.clone(),
            ..StoreDocument::default()
        }
    }

    /// The document.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The document as canonical JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        canonical_json(&self.to_value())
    }
}

/// Rules that name unknown segments, or that the schema refuses.
fn rule_problems(
    experiments: &[Experiment],
    segments: &[Segment],
    known: &Segments,
    schema: Option<&AttributeSchema>,
) -> Vec<Error> {
    let of_segments = segments
        .iter()
        .enumerate()
        .map(|(i, s)| (format!("segments[{i}].rule"), &s.rule));
    let of_experiments = experiments.iter().enumerate().filter_map(|(i, e)| {
        let targeting = e.targeting.as_ref()?;
        Some((format!("experiments[{i}].targeting"), targeting))
    });
    of_segments
        .chain(of_experiments)
        .filter_map(|(path, rule)| {
            let expanded = known.expand(rule);
            let checked = expanded.and_then(|_| schema.map_or(Ok(()), |schema| rule.check(schema)));
            checked.err().map(|e| e.at(&path))
        })
        .collect()
}

/// SHA-256, in hex, of the canonical JSON of a bundle without its `content_hash`.
pub(super) fn content_hash(bundle: &Value) -> String {
    let mut rest = bundle.clone();
    if let Some(object) = rest.as_object_mut() {
        object.remove("content_hash");
    }
    sha256_hex(&canonical_json(&rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_leaves_itself_out() {
        let bundle = json!({"experiments": [], "content_hash": "x"});
        assert_eq!(content_hash(&bundle), sha256_hex(r#"{"experiments":[]}"#));
    }
}
