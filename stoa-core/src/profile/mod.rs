//! Floor 6: who the segments are, before any experiment.
//!
//! Per segment: how many, what they do and how that differs from everyone else (posterior means and intervals), whether
//! the storefront can target them, what an experiment on them could see and when, what its members have in common, and
//! how segments overlap. It reads rows, or the sums of a warehouse; it claims no effect of anything.
//!
//! | step | file |
//! |---|---|
//! | what is asked, and which answer it has | `options`, `result` |
//! | an outcome's column, family and statistics | `outcome` |
//! | rows to sums, by segment and everyone else | `members`, `tally` |
//! | sums of a warehouse, and the query for them | `grouped`, `sql` |
//! | sums to posteriors, differences and power | `build`, `behaviour`, `reach` |
//! | attributes against everyone else | `contrast` |

mod behaviour;
mod build;
mod contrast;
mod grouped;
mod members;
mod options;
mod outcome;
mod overlap;
mod reach;
mod result;
mod sql;
mod tally;

pub use behaviour::{Against, Gap, Level, OutcomeProfile};
pub use contrast::{Contrast, ContrastOptions, LevelContrast, NumberContrast, Share, Summary};
pub use options::Options;
pub use outcome::Outcome;
pub use overlap::Overlap;
pub use reach::Reach;
pub use result::{Profile, SegmentProfile};
pub use sql::profile_sql;

use crate::{
    error::{Error, Result},
    rule::Rule,
    segment::Segments,
    value::Table,
};
use build::{Builder, expanded, located};
use members::Members;
use tally::Tally;

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
/// column and row, [`Error::Conflict`] for an outcome named like a key of the profile and for a segment called
/// `everyone`, and the rules' own refusals at `segments[i].rule`.
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
    options.check(segments)?;
    let outcomes = outcome::read(table, options)?;
    let per_day = reach::visitors_per_day(table.n_rows() as u64, Some(table), options)?;
    let mut split = Vec::new();
    let mut errors = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let found = expanded(segments, segment, options)
            .and_then(|rule| Ok((Members::new(&rule.truths(table, options.now)?), rule)));
        match found {
            Ok((members, rule)) => split.push((rule, members)),
            Err(error) => errors.push(located(error, i)),
        }
    }
    Error::collect(errors).map_or(Ok(()), Err)?;
    let (rules, members): (Vec<Rule>, Vec<Members>) = split.into_iter().unzip();
    let tally = Tally::of_rows(table.n_rows(), &members, &outcomes);
    let guessed: Vec<String> = outcomes.iter().filter_map(outcome::guessed).collect();
    let families = outcomes.into_iter().map(|o| (o.name, o.family)).collect();
    let mut found = Builder::new(segments, options, families, per_day).profile(&rules, &tally)?;
    found.notes.splice(0..0, guessed);
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
    options.check(segments)?;
    let families = grouped::families(options)?;
    let rules = segments.iter().enumerate().map(|(i, segment)| {
        expanded(segments, segment, options).map_err(|error| located(error, i))
    });
    let rules: Result<Vec<Rule>> = rules.collect();
    let tally = Tally::of_sums(sums, segments, &families)?;
    let per_day = reach::visitors_per_day(tally.n, None, options)?;
    let mut found = Builder::new(segments, options, families, per_day).profile(&rules?, &tally)?;
    if options.contrasts.is_some() {
        let note = "contrasts need the rows: sums by membership do not hold the attributes";
        found.notes.push(note.to_owned());
    }
    Ok(found)
}
