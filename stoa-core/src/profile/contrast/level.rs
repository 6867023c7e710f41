//! Levels of one segment against everyone else's: booleans, text, members of lists.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Strength, attribute::Counts};
use crate::{
    error::Result,
    posterior::{Binary, Stats},
    profile::{
        behaviour::{Against, Gap},
        members::Members,
    },
    value::{Column, ValueRef},
};

/// A text with more levels than this is a name, not a group: its levels are not contrasted.
const MOST_LEVELS: usize = 4096;

/// One level: the share of the members who have it, and of everyone else.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelContrast {
    /// The value, `true` for a boolean, the member of a list, or `missing`.
    pub level: String,
    /// The segment.
    pub inside: Share,
    /// Everyone else.
    pub rest: Share,
    /// P(the segment's share is higher); null when a side has no row.
    pub prob_higher: Option<f64>,
    /// Difference of the shares, with the posterior's interval.
    pub difference: Gap,
    /// Ratio of the shares − 1.
    pub relative: Gap,
}

/// A share of the rows that have the attribute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// Rows that have it at all.
    pub n: u64,
    /// Share of them with this level.
    pub share: Option<f64>,
}

impl Share {
    fn new((with, n): (u64, u64)) -> Self {
        Self {
            n,
            share: (n > 0).then(|| with as f64 / n as f64),
        }
    }
}

impl LevelContrast {
    pub(super) fn new(
        text: &str,
        counts: Counts,
        level: f64,
        strengths: &mut Vec<Strength>,
    ) -> Result<Self> {
        let mut contrast = Self {
            level: text.to_owned(),
            inside: Share::new(counts.inside),
            rest: Share::new(counts.rest),
            prob_higher: None,
            difference: Gap::NONE,
            relative: Gap::NONE,
        };
        if let (Some(p), Some(q)) = (contrast.inside.share, contrast.rest.share) {
            let [inside, rest] = [counts.inside, counts.rest]
                .map(|(successes, n)| Stats::Binary(Binary { n, successes }));
            if let Some(against) = Against::of(&inside, &rest, level)? {
                contrast.prob_higher = Some(against.prob_higher);
                contrast.difference = against.difference;
                contrast.relative = against.relative;
            }
            strengths.push(strength(p, q, counts.inside.1 as f64, counts.rest.1 as f64));
        }
        Ok(contrast)
    }
}

/// Cohen's h, whose error does not hang on the shares.
///
/// # Source
/// Cohen (1988), *Statistical Power Analysis for the Behavioral Sciences*, ch. 6.
fn strength(p: f64, q: f64, n: f64, n_rest: f64) -> Strength {
    let angle = |share: f64| 2.0 * share.sqrt().min(1.0).asin();
    Strength {
        size: angle(p) - angle(q),
        error: (1.0 / n + 1.0 / n_rest).sqrt(),
    }
}

/// The most common levels of a column, one bitmap each.
pub(super) struct Coded<'t> {
    levels: Vec<(&'t str, Vec<u64>)>,
    /// Rows that have the attribute, one bit each.
    known: Vec<u64>,
    others: u64,
}

impl<'t> Coded<'t> {
    pub(super) fn read(
        column: &'t Column<'_>,
        n_levels: usize,
        mut absent: impl FnMut(usize),
    ) -> Self {
        let mut known = vec![0_u64; column.len().div_ceil(64)];
        let mut counts: BTreeMap<&'t str, u64> = BTreeMap::new();
        let mut count = |text: &'t str| {
            if counts.len() <= MOST_LEVELS || counts.contains_key(text) {
                *counts.entry(text).or_default() += 1;
            }
        };
        for row in 0..column.len() {
            let value = column.get(row);
            match value {
                ValueRef::Missing | ValueRef::Other => {
                    absent(row);
                    continue;
                }
                _ => for_each_level(value, &mut count),
            }
            known[row / 64] |= 1 << (row % 64);
        }
        let others = counts.len();
        let mut common: Vec<(&str, u64)> = counts.into_iter().collect();
        common.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        if others > MOST_LEVELS {
            common.clear();
        }
        common.truncate(n_levels);
        let others = (others - common.len()) as u64;
        let n_words = known.len();
        let index: BTreeMap<&str, usize> = common
            .iter()
            .enumerate()
            .map(|(i, (text, _))| (*text, i))
            .collect();
        let mut bitmaps = vec![vec![0_u64; n_words]; common.len()];
        for row in 0..column.len() {
            for_each_level(column.get(row), &mut |text| {
                if let Some(bitmap) = index.get(text).and_then(|i| bitmaps.get_mut(*i)) {
                    bitmap[row / 64] |= 1 << (row % 64);
                }
            });
        }
        let texts = common.into_iter().map(|(text, _)| text);
        Self {
            levels: texts.zip(bitmaps).collect(),
            known,
            others,
        }
    }

    /// Levels that are not shown.
    pub(super) fn others(&self) -> u64 {
        self.others
    }

    /// Every level with its rows among the members and among everyone else.
    pub(super) fn split(&self, members: &Members) -> Vec<(&str, Counts)> {
        let both = |words: &[u64]| -> (u64, u64) {
            let pairs = words.iter().zip(members.all());
            let inside: u64 = pairs.map(|(a, b)| u64::from((a & b).count_ones())).sum();
            let all: u64 = words.iter().map(|word| u64::from(word.count_ones())).sum();
            (inside, all - inside)
        };
        let (n, n_rest) = both(&self.known);
        self.levels
            .iter()
            .map(|(text, words)| {
                let (inside, rest) = both(words);
                let counts = Counts {
                    inside: (inside, n),
                    rest: (rest, n_rest),
                };
                (*text, counts)
            })
            .collect()
    }
}

/// Calls `visit` with every level of a value: `true` for a boolean that is, each member of a list once.
fn for_each_level<'v>(value: ValueRef<'v>, visit: &mut impl FnMut(&'v str)) {
    match value {
        ValueRef::Boolean(true) => visit("true"),
        ValueRef::Text(text) => visit(text),
        ValueRef::ListRef(members) => {
            for (i, member) in members.iter().enumerate() {
                if !members[..i].contains(member) {
                    visit(member);
                }
            }
        }
        _ => {}
    }
}
