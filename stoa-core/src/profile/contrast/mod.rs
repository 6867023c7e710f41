//! What a segment has in common: every attribute of its members against everyone else's.
//!
//! | step | file |
//! |---|---|
//! | one attribute of all rows, ready to be split | `attribute` |
//! | numbers and instants of one segment | `number` |
//! | levels of one segment: booleans, text, members of lists | `level` |
//! | sentences | `words` |

mod attribute;
mod level;
mod number;
mod words;

pub use level::{LevelContrast, Share};
pub use number::{NumberContrast, Summary};

use serde::Serialize;

use super::{Options, members::Members, tally::each};
use crate::{
    error::{Error, Result},
    num::special::normal_quantile,
    rule::Rule,
    value::Table,
};
use attribute::Attribute;

/// Which attributes are contrasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContrastOptions {
    /// The attributes; absent: those of the schema that the table has, or without a schema every column that is no
    /// outcome and is not called `visitor_id`.
    pub attributes: Option<Vec<String>>,
    /// Most common levels of a text or list that are shown; the others are counted and left out.
    pub levels: usize,
}

impl Default for ContrastOptions {
    /// Every attribute, five levels.
    fn default() -> Self {
        Self {
            attributes: None,
            levels: 5,
        }
    }
}

/// One attribute: a segment against everyone else.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contrast {
    /// Name of the attribute.
    pub attribute: String,
    /// Whether the segment's own rule reads it, so that a difference is no finding.
    pub by_definition: bool,
    /// How far the standardized difference stays from 0: its interval's end nearest 0, at the level divided by the
    /// number of contrasts of this segment (Bonferroni). 0 when a difference could be chance among so many.
    pub telling: f64,
    /// Share of visitors of whom it is not known; absent when it is known of all.
    pub missing: Option<LevelContrast>,
    /// For numbers and instants.
    pub numbers: Option<NumberContrast>,
    /// For booleans, text and lists: the most common levels first.
    pub levels: Vec<LevelContrast>,
    /// Levels that are not shown.
    pub other_levels: u64,
    /// The same in words.
    pub sentence: String,
}

/// A standardized difference and its standard error.
#[derive(Debug, Clone, Copy)]
struct Strength {
    size: f64,
    error: f64,
}

/// The contrasts of every segment, the most telling first and those of the rule's own attributes last.
pub(super) fn contrasts(
    table: &Table<'_>,
    segments: &[(Rule, Members)],
    options: &Options<'_>,
    wanted: &ContrastOptions,
) -> Result<Vec<Vec<Contrast>>> {
    let names = names(table, options, wanted)?;
    let mut found: Vec<Vec<(Contrast, Vec<Strength>)>> =
        segments.iter().map(|_| Vec::new()).collect();
    // One attribute at a time, so that only one is held in memory.
    for name in &names {
        let attribute = Attribute::read(table.column(name)?, wanted.levels);
        let split = each(segments, |(rule, members)| {
            one(name, &attribute, rule, members, options)
        });
        for (contrasts, split) in found.iter_mut().zip(split) {
            contrasts.push(split?);
        }
    }
    Ok(found
        .into_iter()
        .map(|contrasts| ranked(contrasts, options.level))
        .collect())
}

/// The attributes to look at.
fn names(
    table: &Table<'_>,
    options: &Options<'_>,
    wanted: &ContrastOptions,
) -> Result<Vec<String>> {
    if let Some(names) = &wanted.attributes {
        let missing = names.iter().filter_map(|name| table.column(name).err());
        return Error::collect(missing.collect()).map_or(Ok(names.clone()), Err);
    }
    let measured = |name: &str| options.outcomes.values().any(|o| o.column == name);
    let known = |name: &str| match options.schema {
        Some(schema) => schema.0.contains_key(name),
        None => name != "visitor_id" && options.time.as_deref() != Some(name),
    };
    let names = table.names().filter(|name| known(name) && !measured(name));
    Ok(names.map(str::to_owned).collect())
}

fn one(
    name: &str,
    attribute: &Attribute<'_>,
    rule: &Rule,
    members: &Members,
    options: &Options<'_>,
) -> Result<(Contrast, Vec<Strength>)> {
    let level = options.level;
    let mut strengths = Vec::new();
    let missing = match attribute.missing(members) {
        Some(counts) => Some(LevelContrast::new(
            "missing",
            counts,
            level,
            &mut strengths,
        )?),
        None => None,
    };
    let numbers = match attribute.numbers() {
        Some(numbers) => numbers.contrast(members, level, &mut strengths)?,
        None => None,
    };
    let mut levels = Vec::new();
    let mut other_levels = 0;
    if let Some(coded) = attribute.levels() {
        for (text, counts) in coded.split(members) {
            levels.push(LevelContrast::new(text, counts, level, &mut strengths)?);
        }
        other_levels = coded.others();
    }
    let declared = options.schema.and_then(|schema| schema.0.get(name));
    let label = declared.and_then(|a| a.label.as_deref()).unwrap_or(name);
    let mut contrast = Contrast {
        attribute: name.to_owned(),
        by_definition: rule.attributes().iter().any(|read| read == name),
        telling: 0.0,
        missing,
        numbers,
        levels,
        other_levels,
        sentence: String::new(),
    };
    contrast.sentence = words::sentence(label, &contrast);
    Ok((contrast, strengths))
}

/// The contrasts with how telling they are, in order.
fn ranked(contrasts: Vec<(Contrast, Vec<Strength>)>, level: f64) -> Vec<Contrast> {
    let looked_at: usize = contrasts.iter().map(|(_, found)| found.len()).sum();
    let tail = (1.0 - level) / 2.0 / (looked_at as f64).max(1.0);
    let z = normal_quantile(1.0 - tail, tail);
    let beyond = |strength: &Strength| (strength.size.abs() - z * strength.error).max(0.0);
    let mut done: Vec<Contrast> = contrasts
        .into_iter()
        .map(|(contrast, found)| Contrast {
            telling: found.iter().map(beyond).fold(0.0, f64::max),
            ..contrast
        })
        .collect();
    done.sort_by(|a, b| {
        let telling = b.telling.total_cmp(&a.telling);
        a.by_definition.cmp(&b.by_definition).then(telling)
    });
    done
}
