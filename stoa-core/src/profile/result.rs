//! The answer, as it is written.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Contrast, OutcomeProfile, Overlap, Reach};
use crate::{
    error::{Detail, Error, Result},
    posterior::Interval,
};

/// Key of all visitors, which no segment may take.
pub(super) const EVERYONE: &str = "everyone";

/// All segments of a table, and everyone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Rows of the table.
    pub n: u64,
    /// Everyone, under the key `everyone`.
    pub everyone: SegmentProfile,
    /// The segments, in the order given.
    pub segments: Vec<SegmentProfile>,
    /// How the segments overlap.
    pub overlap: Overlap,
    /// What was asked for and cannot be answered from what was given.
    pub notes: Vec<String>,
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentProfile {
    /// Key of the segment.
    pub key: String,
    /// The rule in words.
    pub description: String,
    /// Visitors in it: those for whom the rule is true.
    pub n: u64,
    /// Their share of the table's rows.
    pub share: f64,
    /// Credible interval of the share in a population of which the rows are a sample; absent without rows.
    pub share_interval: Option<Interval>,
    /// Visitors of whom it is not known, an attribute being missing.
    pub unknown: u64,
    /// Whether the storefront has every attribute the rule reads; absent without a schema.
    pub targetable: Option<bool>,
    /// The attributes it does not have.
    pub missing: Vec<String>,
    /// The outcomes by name, beside the keys above.
    #[serde(flatten)]
    pub outcomes: BTreeMap<String, OutcomeProfile>,
    /// Smallest relative lift of each outcome per visitor that a 50:50 test on these visitors would detect with
    /// 80% power at one-sided 5%; null where none could be.
    pub smallest_detectable_lift: BTreeMap<String, Option<f64>>,
    /// The segment's visitors in a day, when the traffic is known.
    pub visitors_per_day: Option<f64>,
    /// What an experiment on the segment could see, by outcome per visitor.
    pub power: BTreeMap<String, Reach>,
    /// What its members have in common; null when not asked for, or not to be had from sums.
    pub contrasts: Option<Vec<Contrast>>,
}

/// Keys of a [`SegmentProfile`] that an outcome may not take.
const RESERVED: [&str; 12] = [
    "key",
    "description",
    "n",
    "share",
    "share_interval",
    "unknown",
    "targetable",
    "missing",
    "smallest_detectable_lift",
    "visitors_per_day",
    "power",
    "contrasts",
];

/// Refuses an outcome that would hide a key of the profile.
pub(super) fn refuse_reserved(name: &str) -> Result<()> {
    if !RESERVED.contains(&name) {
        return Ok(());
    }
    let rule = "must not be a key of the profile itself";
    Err(Error::Conflict(Detail::new(
        format!("outcomes.{name}"),
        rule,
        name,
    )))
}
