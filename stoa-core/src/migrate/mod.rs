//! Floor 5: running tests of other systems as documents of this one, nobody changing variant.
//!
//! | file | job |
//! |---|---|
//! | `growthbook` | the payload of `GrowthBook`'s SDK |
//! | `eppo` | Eppo's flag configuration |
//! | `reach` | who gets as far as a test, after what stands before it in its flag |
//! | `gather` | checked documents, refusals and notes |
//!
//! A test is carried whole or refused by name: what the source decides by and a document cannot say exactly is a
//! refusal, with field, rule and value. What does not change a variant (values for visitors outside the test, the name of
//! the unit) is carried as a note.

mod eppo;
mod gather;
mod growthbook;
mod reach;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{Problem, Result},
    experiment::{Experiment, Metrics, StoreDocument, shape},
    rule::AttributeSchema,
    value::Timestamp,
};

pub use eppo::from_eppo;
pub use growthbook::from_growthbook;

/// What a document needs and the other system does not say.
#[derive(Debug, Clone, Default)]
pub struct MigrateOptions {
    /// Catalog key of the place that the tests change.
    pub surface: String,
    /// What the tests are judged by, revenue and satisfaction.
    pub metrics: Metrics,
    /// The store that the tests join: its own metrics, layers and holdouts.
    pub store: StoreDocument,
    /// Types of the visitors' attributes; without it they are taken from the values that conditions compare with.
    pub schema: Option<AttributeSchema>,
    /// The instant at which the tests move; needed where an allocation of Eppo's starts or ends at one.
    pub now: Option<Timestamp>,
}

impl MigrateOptions {
    /// A surface and the metrics' document, strictly read; store, schema and instant are set beside them.
    ///
    /// # Errors
    /// Every problem of the metrics' shape; what they name is checked when tests move.
    ///
    /// # Example
    /// ```
    /// use serde_json::json;
    /// use stoa_core::migrate::MigrateOptions;
    /// let error = MigrateOptions::new("cart_page", &json!({"revenu": {}})).unwrap_err();
    /// assert_eq!(error.problems()[0].detail.hint.as_deref(), Some("did you mean `revenue`?"));
    /// ```
    pub fn new(surface: &str, metrics: &Value) -> Result<Self> {
        let metrics = shape::read(metrics, shape::Unknown::Refuse).map_err(|e| e.at("metrics"))?;
        Ok(Self {
            surface: surface.to_owned(),
            metrics,
            ..Self::default()
        })
    }
}

/// Tests that moved, and everything that did not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Migration {
    /// One checked document for each test, running, in the source's order.
    pub experiments: Vec<Experiment>,
    /// The store, with a layer for each space that tests of the source share out.
    pub store: StoreDocument,
    /// Why a test of the source has no document, each with the path in the source.
    pub refused: Vec<Problem>,
    /// What a document leaves to its reader; none of it changes a variant.
    pub notes: Vec<MigrationNote>,
}

/// Something that a person has to know of what was carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MigrationNote {
    /// Path in the source: `features.checkout.rules[0]`.
    pub field: String,
    /// The sentence a person reads.
    pub message: String,
}
