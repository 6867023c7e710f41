//! What a reader must know beside the numbers.

use serde::Serialize;

/// A remark of a comparison: a stable code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// `few_orders` · `wild_orders` · `variance_bound` · `empirical_prior_mean` · `infinite_mean` · `over_dispersed` ·
    /// `few_rows` · `no_relative` · `winsorized`
    pub code: &'static str,
    /// The sentence.
    pub text: String,
}

impl Note {
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}
