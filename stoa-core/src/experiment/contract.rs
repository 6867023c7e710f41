//! The contract as plain data: every field, its default, its unit.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Buckets, Plan, shape};
use crate::{error::Result, hash::HashScheme, rule::Rule};

/// One experiment: what is tested, on whom, how it is measured, when it is decided.
///
/// Only `key`, `surface`, `variants` and `metrics` have to be written; everything else has the default of
/// [`Experiment::default`].
///
/// # Example
/// ```
/// use stoa_core::experiment::{Experiment, StoreDocument, read_document};
/// let document = read_document(
///     "key: free_shipping
/// surface: shipping_offer
/// variants: [{key: A}, {key: B, payload: {threshold: 50}}]
/// metrics:
///   revenue: {metric: revenue_per_visitor}
///   satisfaction: {metric: csat}
/// ",
/// )?;
/// let experiment = Experiment::from_value(&document)?.check(&StoreDocument::default())?;
/// assert_eq!(experiment.salt, "free_shipping");
/// assert_eq!(experiment.control().map(|v| v.key.as_str()), Some("A"));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["key", "surface", "variants", "metrics"]))]
pub struct Experiment {
    /// Version of this document's layout.
    pub schema_version: u64,
    /// Stable name: letters, digits, `_` and `-`, at most 64.
    pub key: String,
    /// What is expected to happen, and why.
    pub hypothesis: String,
    /// Catalog key of the place that changes.
    pub surface: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it is in its life.
    pub status: Status,
    /// The variant everyone targeted gets for good; only of a stopped experiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped: Option<String>,
    /// What is assigned; `visitor_id` is the only unit.
    pub unit: String,
    /// Hashed before the unit id; the key when left out. No two experiments, layers or holdouts share one.
    pub salt: String,
    /// How units are hashed; another system's way only for a test that began there.
    pub hash: HashScheme,
    /// What another system's way of hashing needs beside salt, allocation and weights; nothing as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buckets: Option<Buckets>,
    /// What is compared, control first; 2 to 100.
    pub variants: Vec<Variant>,
    /// Share of the targeted units that take part, 0 to 1.
    pub allocation: f64,
    /// Who takes part; everyone when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targeting: Option<Rule>,
    /// The slice of a shared layer that it owns; layers keep experiments apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<LayerShare>,
    /// Key of a holdout whose members never take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holdout: Option<String>,
    /// Takes only units that another experiment gave one of these variants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires: Option<Requires>,
    /// Units that get a fixed variant and are not analysed, such as testers.
    pub overrides: BTreeMap<String, String>,
    /// Keep an exposed visitor's variant when attributes later change.
    pub sticky: bool,
    /// What it is judged by: revenue and satisfaction, both.
    pub metrics: Metrics,
    /// When it is looked at and decided.
    pub plan: Plan,
    /// Informative priors by metric key, in the shape of the metric's family; its defaults when left out.
    #[schemars(schema_with = "super::prior::schema")]
    pub prior: BTreeMap<String, Value>,
    /// Where it came from: a discovery, a person, a round. Free form.
    pub provenance: BTreeMap<String, Value>,
}

impl Default for Experiment {
    fn default() -> Self {
        Self {
            schema_version: 1,
            key: String::new(),
            hypothesis: String::new(),
            surface: String::new(),
            owner: String::new(),
            status: Status::default(),
            shipped: None,
            unit: "visitor_id".to_owned(),
            salt: String::new(),
            hash: HashScheme::default(),
            buckets: None,
            variants: Vec::new(),
            allocation: 1.0,
            targeting: None,
            layer: None,
            holdout: None,
            requires: None,
            overrides: BTreeMap::new(),
            sticky: false,
            metrics: Metrics::default(),
            plan: Plan::default(),
            prior: BTreeMap::new(),
            provenance: BTreeMap::new(),
        }
    }
}

impl Experiment {
    /// Reads a written document: unknown fields, wrong types and NaN are refused, all at once.
    ///
    /// Names and ranges are checked by [`Experiment::check`]; [`super::problems`] does both.
    ///
    /// # Errors
    /// Every problem of the document's shape.
    pub fn from_value(document: &Value) -> Result<Self> {
        shape::read::<Self>(document, shape::Unknown::Refuse).map(Self::with_defaults)
    }

    /// Reads a served document: fields of a later version are ignored, anything else wrong is refused.
    ///
    /// # Errors
    /// Every problem of the document's shape but unknown fields.
    pub fn from_value_tolerant(document: &Value) -> Result<Self> {
        shape::read::<Self>(document, shape::Unknown::Ignore).map(Self::with_defaults)
    }

    /// The control, which is the first variant.
    #[must_use]
    pub fn control(&self) -> Option<&Variant> {
        self.variants.first()
    }

    /// The variant of that key.
    #[must_use]
    pub fn variant(&self, key: &str) -> Option<&Variant> {
        self.variants.iter().find(|v| v.key == key)
    }

    /// Fills what one field lends another: the salt is the key unless written.
    #[must_use]
    pub(super) fn with_defaults(mut self) -> Self {
        if self.salt.is_empty() {
            self.salt.clone_from(&self.key);
        }
        self
    }
}

/// Where an experiment is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Written, not started.
    #[default]
    Draft,
    /// Assigning.
    Running,
    /// Everyone gets the control for a while.
    Paused,
    /// Over; `shipped` says which variant stays, if any.
    Stopped,
}

/// One of the things compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["key"]))]
pub struct Variant {
    /// Stable name within the experiment: letters, digits, `_` and `-`, at most 64.
    pub key: String,
    /// Relative share: 0, or from 1e-6 to 1e6. The control's is above 0.
    pub weight: f64,
    /// What the storefront reads; any JSON.
    pub payload: Value,
}

impl Default for Variant {
    fn default() -> Self {
        Self {
            key: String::new(),
            weight: 1.0,
            payload: Value::Null,
        }
    }
}

/// A half-open slice `[from, to)` of a layer's units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["key"]))]
pub struct LayerShare {
    /// Key of a layer of the store document.
    pub key: String,
    /// First share that belongs to it, 0 to 1.
    pub from: f64,
    /// First share that no longer does; above `from`, at most 1.
    pub to: f64,
}

impl Default for LayerShare {
    fn default() -> Self {
        Self {
            key: String::new(),
            from: 0.0,
            to: 1.0,
        }
    }
}

/// A prerequisite: the other experiment, and the variants of it that may take part here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["experiment", "variants"]))]
pub struct Requires {
    /// Key of the other experiment.
    pub experiment: String,
    /// Keys of its variants.
    pub variants: Vec<String>,
}

/// What the experiment is judged by.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["revenue", "satisfaction"]))]
pub struct Metrics {
    /// What should go up.
    pub revenue: RevenueGoal,
    /// What must not get worse.
    pub satisfaction: SatisfactionGoal,
    /// What else must not get worse.
    pub guardrails: Vec<Guardrail>,
}

/// The revenue metric and the effect worth finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["metric"]))]
pub struct RevenueGoal {
    /// A metric of category revenue.
    pub metric: String,
    /// Smallest effect worth shipping, relative: 0.05 is +5%.
    pub minimum_effect: f64,
}

impl Default for RevenueGoal {
    fn default() -> Self {
        Self {
            metric: String::new(),
            minimum_effect: 0.05,
        }
    }
}

/// The satisfaction metric, or its declared proxy, and how much worse still counts as not worse.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["metric"]))]
pub struct SatisfactionGoal {
    /// A metric of category satisfaction; of engagement or retention when `proxy_reason` says why.
    pub metric: String,
    /// In the metric's unit for a satisfaction metric, relative for a proxy. Defaults: csat 0.10, nps 5 points,
    /// return rate 0.01, any other ordinal 2.5% of its range, proxy 0.05.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Why satisfaction cannot be measured yet; every verdict repeats that it was judged by proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_reason: Option<String>,
}

/// A metric that must not get worse.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["metric"]))]
pub struct Guardrail {
    /// Any metric.
    pub metric: String,
    /// As of satisfaction: in the metric's unit for a satisfaction metric, else relative (default 0.05).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}
