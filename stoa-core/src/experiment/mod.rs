//! Floor 3: the experiment contract (DESIGN §4), read and checked.
//!
//! One document says what is tested, on whom, how it is measured and when it is decided. Written documents are read
//! strictly: [`problems`] returns everything that is wrong, each with its JSON path, rule and value. Served documents
//! are read tolerantly ([`Experiment::from_value_tolerant`]). Either way [`Experiment::check`] is the only door to a
//! [`CheckedExperiment`], which is all that engines accept. This room assigns nobody and computes no statistics.

mod buckets;
mod check;
mod checked;
mod contract;
mod document;
mod plan;
mod prior;
mod set;
pub(crate) mod shape;
mod store;

pub use buckets::{BucketRange, Buckets};
pub use check::problems;
pub use checked::{CheckedExperiment, Margin, MetricRole, Role};
pub use contract::{
    Experiment, Guardrail, LayerShare, Metrics, Requires, RevenueGoal, SatisfactionGoal, Status,
    Variant,
};
pub use document::{MAX_DOCUMENT_BYTES, read_document};
pub use plan::{Guarantee, Looks, Plan};
pub use set::check_set;
pub use store::{Holdout, Layer, StoreDocument};

/// The JSON Schema of the experiment contract, made from the Rust types; `docs/experiment.schema.json` is its copy.
///
/// # Example
/// ```
/// let schema = stoa_core::experiment::json_schema();
/// assert_eq!(schema["properties"]["allocation"]["default"], 1.0);
/// ```
#[must_use]
pub fn json_schema() -> serde_json::Value {
    crate::value::document::schema_of::<Experiment>()
}
