//! Floor 6: who the segments are, before any experiment.
//!
//! Per segment: how many, what they do (posterior mean and interval of each outcome), whether the storefront can target
//! them, what an experiment on them could see, and how segments overlap. It compares nothing and claims no effect.

mod outcome;
mod overlap;

pub use outcome::{Outcome, OutcomeProfile};
pub use overlap::Overlap;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    error::{Detail, Error, Result},
    rule::{AttributeSchema, Rule},
    segment::{Segment, Segments},
    value::{Table, Timestamp},
};
use outcome::Measured;

/// What a profile is asked for.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// Outcomes by the name they get in the result.
    pub outcomes: BTreeMap<String, Outcome>,
    /// The store's attributes: without it nothing is known about targeting.
    pub schema: Option<&'a AttributeSchema>,
    /// The instant that `within_days` counts back from.
    pub now: Option<Timestamp>,
    /// Level of the credible intervals, in (0, 1).
    pub level: f64,
}

impl Default for Options<'_> {
    /// No outcomes, no schema, 95% intervals.
    fn default() -> Self {
        Self {
            outcomes: BTreeMap::new(),
            schema: None,
            now: None,
            level: 0.95,
        }
    }
}

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
    /// Visitors of whom it is not known, an attribute being missing.
    pub unknown: u64,
    /// Whether the storefront has every attribute the rule reads; absent without a schema.
    pub targetable: Option<bool>,
    /// The attributes it does not have.
    pub missing: Vec<String>,
    /// The outcomes by name, beside the keys above.
    #[serde(flatten)]
    pub outcomes: BTreeMap<String, OutcomeProfile>,
    /// Smallest relative lift of each rate and revenue per visitor that a 50:50 test on these visitors would detect with
    /// 80% power at one-sided 5%; null where none could be.
    pub smallest_detectable_lift: BTreeMap<String, Option<f64>>,
}

/// Keys of a [`SegmentProfile`] that an outcome may not take.
const RESERVED: [&str; 8] = [
    "key",
    "description",
    "n",
    "share",
    "unknown",
    "targetable",
    "missing",
    "smallest_detectable_lift",
];

/// Profiles segments on a table of visitors, one row each.
///
/// Shapes: every attribute that a rule reads and every outcome is a column. Cost: O(rows × segments) plus one posterior
/// per segment and outcome. Deterministic.
///
/// # Errors
/// All that are found: [`Error::MissingColumn`], [`Error::WrongType`], [`Error::NotFinite`] and [`Error::OutOfRange`] by
/// column and row, [`Error::Conflict`] for an outcome named like a key of the profile, and the rules' own refusals.
/// A segment without visitors is no error: its `n` is 0 and its outcomes say so.
///
/// # Example
/// ```
/// use stoa_core::profile::{Options, Outcome, profile};
/// use stoa_core::{rule::Rule, segment::{Segment, Segments}, value::{Column, Table}};
/// let table = Table::new([
///     ("orders_count".to_owned(), Column::Number(vec![0.0, 3.0, 2.0, f64::NAN].into())),
///     ("bought".to_owned(), Column::Number(vec![0.0, 1.0, 0.0, 0.0].into())),
/// ])?;
/// let repeat = Segment::new("repeat", Rule::parse_sql("orders_count >= 2")?)?;
/// let options = Options {
///     outcomes: [("conversion_rate".to_owned(), Outcome::new("bought"))].into(),
///     ..Options::default()
/// };
/// let profile = profile(&table, &Segments::new(vec![repeat])?, &options)?;
/// let repeat = &profile.segments[0];
/// assert_eq!((repeat.n, repeat.unknown), (2, 1));
/// assert_eq!(repeat.outcomes["conversion_rate"].observed, Some(0.5));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn profile(table: &Table<'_>, segments: &Segments, options: &Options<'_>) -> Result<Profile> {
    let outcomes = outcome::read(table, options)?;
    let mut masks = Vec::new();
    let mut errors = Vec::new();
    for segment in segments.iter() {
        match mask(table, segments, segment, options) {
            Ok(found) => masks.push(found),
            Err(error) => errors.push(error.at(&format!("segments.{}", segment.key))),
        }
    }
    Error::collect(errors).map_or(Ok(()), Err)?;
    let mut profiles = Vec::new();
    for (segment, (rule, mask)) in segments.iter().zip(&masks) {
        profiles.push(one(&segment.key, rule, mask, &outcomes, options)?);
    }
    let n = table.n_rows();
    let everyone = (Rule::All(Vec::new()), vec![Some(true); n]);
    Ok(Profile {
        n: n as u64,
        everyone: one("everyone", &everyone.0, &everyone.1, &outcomes, options)?,
        segments: profiles,
        overlap: Overlap::new(
            segments.iter().map(|s| s.key.clone()).collect(),
            &masks.iter().map(|(_, mask)| &mask[..]).collect::<Vec<_>>(),
        ),
    })
}

fn mask(
    table: &Table<'_>,
    segments: &Segments,
    segment: &Segment,
    options: &Options<'_>,
) -> Result<(Rule, Vec<Option<bool>>)> {
    let rule = segments.expand(&segment.rule)?;
    if let Some(schema) = options.schema {
        rule.check(schema)?;
    }
    let mask = rule.mask(table, options.now)?;
    Ok((rule, mask))
}

fn one(
    key: &str,
    rule: &Rule,
    mask: &[Option<bool>],
    outcomes: &[Measured<'_>],
    options: &Options<'_>,
) -> Result<SegmentProfile> {
    let count = |wanted: Option<bool>| mask.iter().filter(|m| **m == wanted).count() as u64;
    let n = count(Some(true));
    let missing = options.schema.map(|schema| schema.missing_for(rule));
    let mut profiles = BTreeMap::new();
    let mut lifts = BTreeMap::new();
    for outcome in outcomes {
        let values: Vec<f64> = outcome
            .values
            .iter()
            .zip(mask)
            .filter(|(_, inside)| **inside == Some(true))
            .map(|(x, _)| *x)
            .collect();
        let (profile, lift) = outcome.profile(&values, options.level)?;
        if outcome.testable() {
            lifts.insert(outcome.name.clone(), lift);
        }
        profiles.insert(outcome.name.clone(), profile);
    }
    Ok(SegmentProfile {
        key: key.to_owned(),
        description: rule.describe(options.schema),
        n,
        share: if mask.is_empty() {
            0.0
        } else {
            n as f64 / mask.len() as f64
        },
        unknown: count(None),
        targetable: missing.as_ref().map(Vec::is_empty),
        missing: missing.unwrap_or_default(),
        outcomes: profiles,
        smallest_detectable_lift: lifts,
    })
}

fn refuse_reserved(name: &str) -> Result<()> {
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
