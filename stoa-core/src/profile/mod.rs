//! Floor 6: who the segments are, before any experiment.
//!
//! Per segment: how many, what they do and how that differs from everyone else (posterior means and intervals), whether
//! the storefront can target them, what an experiment on them could see and when, what its members have in common, and
//! how segments overlap. It reads rows, or the sums of a warehouse; it claims no effect of anything.
//!
//! | step | file |
//! |---|---|
//! | an outcome's column, family and statistics | `outcome` |
//! | rows to sums, by segment and everyone else | `members`, `tally` |
//! | sums of a warehouse, and the query for them | `grouped`, `sql` |
//! | sums to posteriors, differences and power | `behaviour`, `reach` |
//! | attributes against everyone else | `contrast` |

mod behaviour;
mod contrast;
mod grouped;
mod members;
mod outcome;
mod overlap;
mod reach;
mod sql;
mod tally;

pub use behaviour::{Against, Gap, Level, OutcomeProfile};
pub use contrast::{Contrast, ContrastOptions, LevelContrast, NumberContrast, Share, Summary};
pub use outcome::Outcome;
pub use overlap::Overlap;
pub use reach::Reach;
pub use sql::profile_sql;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    catalog::Family,
    error::{Detail, Error, Result},
    posterior::{Binary, Interval, Prior, Stats, estimate},
    rule::{AttributeSchema, Rule},
    segment::{Segment, Segments},
    value::{Table, Timestamp},
};
use members::Members;
use tally::{Sums, Tally, each};

/// What a profile is asked for; as a document without `schema` and `now`, absent fields at their defaults.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options<'a> {
    /// Outcomes by the name they get in the result.
    pub outcomes: BTreeMap<String, Outcome>,
    /// The store's attributes: without it nothing is known about targeting.
    #[serde(skip)]
    pub schema: Option<&'a AttributeSchema>,
    /// The instant that `within_days` counts back from.
    #[serde(skip)]
    pub now: Option<Timestamp>,
    /// Level of the credible intervals, in (0, 1).
    pub level: f64,
    /// The relative lift that an experiment on a segment should see.
    pub minimum_effect: f64,
    /// Visitors that the store has in a day, all segments together.
    pub visitors_per_day: Option<f64>,
    /// Or the days in which the visitors of the table came.
    pub days: Option<f64>,
    /// Or a column of timestamps that says when; its span gives the days.
    pub time: Option<String>,
    /// Contrasts of attributes, when they are wanted.
    pub contrasts: Option<ContrastOptions>,
}

impl Default for Options<'_> {
    /// No outcomes, no schema, 95% intervals, a lift of 10%, traffic unknown, no contrasts.
    fn default() -> Self {
        Self {
            outcomes: BTreeMap::new(),
            schema: None,
            now: None,
            level: 0.95,
            minimum_effect: 0.1,
            visitors_per_day: None,
            days: None,
            time: None,
            contrasts: None,
        }
    }
}

impl Options<'_> {
    /// Names of the columns that a profile of rows reads, sorted; `None` when every column may be one.
    ///
    /// # Errors
    /// [`Error::UnknownName`] and [`Error::Conflict`] for a segment that names one that is not there, or itself.
    ///
    /// # Example
    /// ```
    /// use stoa_core::profile::{Options, Outcome};
    /// use stoa_core::{rule::Rule, segment::{Segment, Segments}};
    /// let big = Segments::new(vec![Segment::new("big", Rule::parse_sql("spend > 100")?)?])?;
    /// let options = Options {
    ///     outcomes: [("conversion_rate".to_owned(), Outcome::new("bought"))].into(),
    ///     ..Options::default()
    /// };
    /// assert_eq!(options.columns(&big)?.unwrap(), ["bought", "spend"]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn columns(&self, segments: &Segments) -> Result<Option<Vec<String>>> {
        let mut columns: BTreeSet<String> =
            self.outcomes.values().map(|o| o.column.clone()).collect();
        columns.extend(self.time.clone());
        for segment in segments.iter() {
            columns.extend(segments.expand(&segment.rule)?.attributes());
        }
        if let Some(wanted) = &self.contrasts {
            match &wanted.attributes {
                Some(attributes) => columns.extend(attributes.iter().cloned()),
                None => return Ok(None),
            }
        }
        Ok(Some(columns.into_iter().collect()))
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

/// Profiles segments on a table of visitors, one row each.
///
/// Shapes: every attribute that a rule reads and every outcome is a column. Everyone else of a segment are the rows that
/// are not in it, unknown ones among them. Cost: one pass over each outcome for all segments, and one posterior and one
/// comparison per segment and outcome; contrasts sort each number once. Deterministic.
///
/// Many contrasts are looked at: each interval holds by itself, so of twenty that show nothing one excludes 0 at 95%.
/// [`Contrast::telling`] and the order it gives allow for their number.
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
    check(options)?;
    let outcomes = outcome::read(table, options)?;
    let per_day = reach::visitors_per_day(table.n_rows() as u64, Some(table), options)?;
    let expand = |segment: &Segment| {
        let found = expanded(segments, segment, options)
            .and_then(|rule| Ok((Members::new(&rule.truths(table, options.now)?), rule)));
        found.map_err(|error| error.at(&format!("segments.{}", segment.key)))
    };
    let mut split = Vec::new();
    let mut errors = Vec::new();
    for segment in segments.iter() {
        match expand(segment) {
            Ok((members, rule)) => split.push((rule, members)),
            Err(error) => errors.push(error),
        }
    }
    Error::collect(errors).map_or(Ok(()), Err)?;
    let (rules, members): (Vec<Rule>, Vec<Members>) = split.into_iter().unzip();
    let tally = Tally::of_rows(table.n_rows(), &members, &outcomes);
    let families = outcomes.into_iter().map(|o| (o.name, o.family)).collect();
    let mut found = Builder::new(segments, options, families, per_day).profile(&rules, &tally)?;
    if let Some(wanted) = &options.contrasts {
        let split: Vec<(Rule, Members)> = rules.into_iter().zip(members).collect();
        let contrasts = contrast::contrasts(table, &split, options, wanted)?;
        for (segment, contrasts) in found.segments.iter_mut().zip(contrasts) {
            segment.contrasts = Some(contrasts);
        }
    }
    Ok(found)
}

/// The same profile from the sums that [`profile_sql`]'s query gives: one row per pattern of memberships.
///
/// Equal to [`profile`] of the summed rows to 1e-12. Contrasts need rows: when they are asked for, a note says so.
///
/// # Errors
/// As [`profile`], for the columns of sums; [`Error::MissingField`] for an outcome whose family is neither given nor the
/// catalog's; [`Error::OutOfRange`] where the query counted values that a family does not have.
///
/// # Example
/// ```
/// use stoa_core::profile::{Options, Outcome, profile_sums};
/// use stoa_core::{rule::Rule, segment::{Segment, Segments}, value::{Column, Table}};
/// let column = |xs: &[f64]| Column::Number(xs.to_vec().into());
/// let sums = Table::new([
///     ("segment__repeat".to_owned(), Column::Boolean(vec![Some(true), Some(false), None])),
///     ("n".to_owned(), column(&[2.0, 1.0, 1.0])),
///     ("conversion_rate__hits".to_owned(), column(&[1.0, 0.0, 0.0])),
///     ("conversion_rate__refused".to_owned(), column(&[0.0, 0.0, 0.0])),
/// ])?;
/// let repeat = Segments::new(vec![Segment::new("repeat", Rule::parse_sql("orders_count >= 2")?)?])?;
/// let options = Options {
///     outcomes: [("conversion_rate".to_owned(), Outcome::new("bought"))].into(),
///     ..Options::default()
/// };
/// let profile = profile_sums(&sums, &repeat, &options)?;
/// assert_eq!((profile.n, profile.segments[0].unknown), (4, 1));
/// assert_eq!(profile.segments[0].outcomes["conversion_rate"].observed, Some(0.5));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn profile_sums(
    sums: &Table<'_>,
    segments: &Segments,
    options: &Options<'_>,
) -> Result<Profile> {
    check(options)?;
    let families = grouped::families(options)?;
    let rules: Result<Vec<Rule>> = segments
        .iter()
        .map(|segment| {
            let at = |error: Error| error.at(&format!("segments.{}", segment.key));
            expanded(segments, segment, options).map_err(at)
        })
        .collect();
    let tally = Tally::of_sums(sums, segments, &families)?;
    let per_day = reach::visitors_per_day(tally.n, None, options)?;
    let mut found = Builder::new(segments, options, families, per_day).profile(&rules?, &tally)?;
    if options.contrasts.is_some() {
        let note = "contrasts need the rows: sums by membership do not hold the attributes";
        found.notes.push(note.to_owned());
    }
    Ok(found)
}

fn check(options: &Options<'_>) -> Result<()> {
    if !(options.level > 0.0 && options.level < 1.0) {
        let rule = "must be between 0 and 1, both excluded";
        return Err(Error::OutOfRange(Detail::new("level", rule, options.level)));
    }
    let effect = options.minimum_effect;
    if !effect.is_finite() || effect.to_bits() << 1 == 0 {
        let rule = "must be a finite number other than 0";
        return Err(Error::OutOfRange(Detail::new(
            "minimum_effect",
            rule,
            effect,
        )));
    }
    Ok(())
}

/// A segment's rule without names of other segments, checked against the schema.
fn expanded(segments: &Segments, segment: &Segment, options: &Options<'_>) -> Result<Rule> {
    let rule = segments.expand(&segment.rule)?;
    if let Some(schema) = options.schema {
        rule.check(schema)?;
    }
    Ok(rule)
}

/// Sums to a profile.
struct Builder<'a> {
    segments: &'a Segments,
    options: &'a Options<'a>,
    families: Vec<(String, Family)>,
    per_day: Option<f64>,
}

/// One group of visitors, ready to be described.
struct Group<'a> {
    key: &'a str,
    rule: &'a Rule,
    n: u64,
    unknown: u64,
    inside: &'a [Sums],
    rest: Option<&'a [Sums]>,
}

impl<'a> Builder<'a> {
    fn new(
        segments: &'a Segments,
        options: &'a Options<'a>,
        families: Vec<(String, Family)>,
        per_day: Option<f64>,
    ) -> Self {
        Self {
            segments,
            options,
            families,
            per_day,
        }
    }

    fn profile(&self, rules: &[Rule], tally: &Tally) -> Result<Profile> {
        let all = Rule::All(Vec::new());
        let everyone = Group {
            key: "everyone",
            rule: &all,
            n: tally.n,
            unknown: 0,
            inside: &tally.everyone,
            rest: None,
        };
        let each_segment = self.segments.iter().zip(rules).zip(&tally.segments);
        let groups: Vec<Group<'_>> = each_segment
            .map(|((segment, rule), split)| Group {
                key: &segment.key,
                rule,
                n: split.n,
                unknown: split.unknown,
                inside: &split.inside,
                rest: Some(&split.rest),
            })
            .collect();
        let profiles: Result<Vec<_>> = each(&groups, |group| self.one(group, tally.n))
            .into_iter()
            .collect();
        let keys = self.segments.iter().map(|s| s.key.clone()).collect();
        Ok(Profile {
            n: tally.n,
            everyone: self.one(&everyone, tally.n)?,
            segments: profiles?,
            overlap: Overlap::new(keys, tally.shared.clone()),
            notes: Vec::new(),
        })
    }

    fn one(&self, group: &Group<'_>, n_rows: u64) -> Result<SegmentProfile> {
        let options = self.options;
        let missing = options.schema.map(|schema| schema.missing_for(group.rule));
        let share = group.n as f64 / (n_rows as f64).max(1.0);
        let per_day = self.per_day.map(|all| all * share);
        let mut outcomes = BTreeMap::new();
        let mut power = BTreeMap::new();
        for (k, (name, family)) in self.families.iter().enumerate() {
            let (inside, rest) = (&group.inside[k], group.rest.map(|rest| &rest[k]));
            let profile = OutcomeProfile::new(*family, inside, rest, options.level)?;
            outcomes.insert(name.clone(), profile);
            if outcome::testable(*family) {
                let reach = Reach::new(*family, inside, options.minimum_effect, per_day)?;
                power.insert(name.clone(), reach);
            }
        }
        let lifts = power.iter();
        let lifts = lifts.map(|(name, reach)| (name.clone(), reach.smallest_detectable_lift));
        Ok(SegmentProfile {
            key: group.key.to_owned(),
            description: group.rule.describe(options.schema),
            n: group.n,
            share,
            share_interval: self.share_interval(group, n_rows)?,
            unknown: group.unknown,
            targetable: missing.as_ref().map(Vec::is_empty),
            missing: missing.unwrap_or_default(),
            outcomes,
            smallest_detectable_lift: lifts.collect(),
            visitors_per_day: per_day,
            power,
            contrasts: None,
        })
    }

    /// Of a segment; everyone's share is 1.
    fn share_interval(&self, group: &Group<'_>, n_rows: u64) -> Result<Option<Interval>> {
        if n_rows == 0 || group.rest.is_none() {
            return Ok(None);
        }
        let members = Stats::Binary(Binary {
            n: n_rows,
            successes: group.n,
        });
        estimate(&members, &Prior::default())?.interval(self.options.level)
    }
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
