//! What another system's way of hashing needs beside salt, allocation and weights.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The buckets of a test that began in another system, where weights and allocation alone do not say them.
///
/// # Example
/// ```
/// use stoa_core::experiment::{Experiment, StoreDocument};
/// let document = serde_json::json!({
///     "key": "free_shipping", "surface": "shipping_offer", "hash": "eppo", "salt": "shipping-split",
///     "allocation": 0.2, "buckets": {"traffic_salt": "shipping-traffic"},
///     "variants": [{"key": "control"}, {"key": "threshold_50"}],
///     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
/// });
/// let experiment = Experiment::from_value(&document)?.check(&StoreDocument::default())?;
/// assert_eq!(experiment.buckets.as_ref().map(|b| b.traffic_salt.as_str()), Some("shipping-traffic"));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Buckets {
    /// Eppo: hashed before the unit id to decide who takes part; needed when the allocation is below 1.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub traffic_salt: String,
    /// Eppo: how many shards there are; 10,000 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_shards: Option<u32>,
    /// What each variant owns, in the variants' order, when that is not what weights and allocation give.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Vec<BucketRange>>,
}

/// A half-open slice `[from, to)` of the buckets, as shares of them all.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["from", "to"]))]
pub struct BucketRange {
    /// First share that belongs to it, 0 to 1.
    pub from: f64,
    /// First share that no longer does, at most 1.
    pub to: f64,
}

impl BucketRange {
    /// Share of all buckets.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.to - self.from
    }
}
