//! The same profile from sums: one row per pattern of memberships, as a warehouse's GROUP BY gives them.
//!
//! The columns are named here once, for the query that writes them and for the reader.

use super::{
    Options,
    outcome::needs_logs,
    result::refuse_reserved,
    tally::{Split, Sums, Tally},
};
use crate::{
    catalog::Family,
    error::{Detail, Error, Result},
    hash::sha256_hex,
    segment::Segments,
    value::{Column, Table, ValueRef},
};

/// Column of the visitors of a pattern.
pub(super) const N: &str = "n";

/// Column of a segment's truth: true, false or null.
pub(super) fn member(key: &str) -> String {
    fitting(format!("segment__{key}"))
}

/// A name that no dialect cuts: a longer one is its beginning and what tells it from others.
fn fitting(name: String) -> String {
    const LONGEST: usize = 63;
    const BEGINNING: usize = 44;
    if name.len() <= LONGEST {
        return name;
    }
    let mut end = BEGINNING;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}__{}", &name[..end], &sha256_hex(&name)[..16])
}

/// What is summed of an outcome, by the end of its column's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Rows that a profile of rows would refuse.
    Refused,
    /// Rows above 0.
    Hits,
    Sum,
    SumSq,
    SumLog,
    SumLogSq,
}

impl Part {
    /// What a family needs.
    pub(super) fn of(family: Family) -> &'static [Self] {
        match family {
            Family::Binary => &[Self::Refused, Self::Hits],
            _ if needs_logs(family) => &[
                Self::Refused,
                Self::Hits,
                Self::Sum,
                Self::SumSq,
                Self::SumLog,
                Self::SumLogSq,
            ],
            _ => &[Self::Refused, Self::Hits, Self::Sum, Self::SumSq],
        }
    }

    /// The column of this sum of an outcome.
    pub(super) fn column(self, outcome: &str) -> String {
        let end = match self {
            Self::Refused => "refused",
            Self::Hits => "hits",
            Self::Sum => "sum",
            Self::SumSq => "sum_sq",
            Self::SumLog => "sum_log",
            Self::SumLogSq => "sum_log_sq",
        };
        fitting(format!("{outcome}__{end}"))
    }
}

/// The outcomes with their families, which no query can guess.
pub(super) fn families(options: &Options<'_>) -> Result<Vec<(String, Family)>> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (name, outcome) in &options.outcomes {
        let family = refuse_reserved(name).and_then(|()| outcome.known_family(name));
        match family {
            Ok(Some(family)) => found.push((name.clone(), family)),
            Ok(None) => {
                let rule = "is required to profile from sums, unless the catalog has a metric of that name";
                let field = format!("outcomes.{name}.family");
                errors.push(Error::MissingField(Detail::new(field, rule, "nothing")));
            }
            Err(error) => errors.push(error),
        }
    }
    Error::collect(errors).map_or(Ok(found), Err)
}

impl Tally {
    /// Adds the patterns of a table of sums.
    pub(super) fn of_sums(
        table: &Table<'_>,
        segments: &Segments,
        outcomes: &[(String, Family)],
    ) -> Result<Self> {
        let patterns = Patterns::read(table, segments, outcomes)?;
        let rows: Vec<usize> = (0..table.n_rows()).collect();
        let total = |k: usize, keep: &dyn Fn(usize) -> bool| {
            let kept: Vec<&Sums> = rows
                .iter()
                .filter(|row| keep(**row))
                .map(|row| &patterns.sums[k][*row])
                .collect();
            Sums::total(&kept.into_iter().copied())
        };
        let count = |keep: &dyn Fn(usize) -> bool| -> u64 {
            let kept = rows.iter().filter(|row| keep(**row));
            kept.map(|row| patterns.n[*row]).sum()
        };
        let has = |i: usize, row: usize| patterns.members[i][row] == Some(true);
        let all = 0..patterns.members.len();
        let split = |i: usize| Split {
            n: count(&|row| has(i, row)),
            unknown: count(&|row| patterns.members[i][row].is_none()),
            inside: (0..outcomes.len())
                .map(|k| total(k, &|row| has(i, row)))
                .collect(),
            rest: (0..outcomes.len())
                .map(|k| total(k, &|row| !has(i, row)))
                .collect(),
        };
        let shared = |i: usize| {
            all.clone()
                .map(|j| count(&|row| has(i, row) && has(j, row)))
                .collect()
        };
        Ok(Self {
            n: count(&|_| true),
            everyone: (0..outcomes.len()).map(|k| total(k, &|_| true)).collect(),
            segments: all.clone().map(split).collect(),
            shared: all.clone().map(shared).collect(),
        })
    }
}

/// A table of sums, read.
struct Patterns {
    n: Vec<u64>,
    /// By segment and row.
    members: Vec<Vec<Option<bool>>>,
    /// By outcome and row.
    sums: Vec<Vec<Sums>>,
}

impl Patterns {
    fn read(table: &Table<'_>, segments: &Segments, outcomes: &[(String, Family)]) -> Result<Self> {
        let mut errors = Vec::new();
        let mut keep = |error: Error| errors.push(error);
        let n = counts(table, N).map_err(&mut keep).unwrap_or_default();
        let keys = segments.iter().map(|segment| member(&segment.key));
        let members = keys.map(|name| truths(table, &name).map_err(&mut keep).unwrap_or_default());
        let members = members.collect();
        let sums = outcomes.iter().map(|(name, family)| {
            let read = sums(table, name, *family, &n);
            read.map_err(&mut keep).unwrap_or_default()
        });
        let sums = sums.collect();
        Error::collect(errors).map_or(Ok(Self { n, members, sums }), Err)
    }
}

fn sums(table: &Table<'_>, name: &str, family: Family, n: &[u64]) -> Result<Vec<Sums>> {
    let parts = Part::of(family);
    let refused = counts(table, &Part::Refused.column(name))?;
    if let Some(refused) = refused.iter().copied().find(|refused| *refused > 0) {
        let rule = "must be 0: the outcome holds values that its family does not have";
        let field = Part::Refused.column(name);
        return Err(Error::OutOfRange(Detail::new(field, rule, refused)));
    }
    let hits = counts(table, &Part::Hits.column(name))?;
    let column = |part: Part, over: &[u64]| -> Result<Vec<f64>> {
        if parts.contains(&part) {
            return numbers(table, &part.column(name), over);
        }
        Ok(vec![0.0; n.len()])
    };
    let (sum, sum_sq) = (column(Part::Sum, n)?, column(Part::SumSq, n)?);
    let (sum_log, sum_log_sq) = (column(Part::SumLog, &hits)?, column(Part::SumLogSq, &hits)?);
    let row = |(row, n): (usize, &u64)| {
        let hits = hits[row];
        if hits > *n {
            let rule = format!("must be at most n = {n}");
            let field = format!("{}[{row}]", Part::Hits.column(name));
            return Err(Error::OutOfRange(Detail::new(field, rule, hits)));
        }
        let rate = (family == Family::Binary).then_some(hits as f64);
        Ok(Sums {
            n: *n,
            hits,
            sum: rate.unwrap_or(sum[row]),
            sum_sq: rate.unwrap_or(sum_sq[row]),
            sum_log: sum_log[row],
            sum_log_sq: sum_log_sq[row],
        })
    };
    n.iter().enumerate().map(row).collect()
}

fn truths(table: &Table<'_>, name: &str) -> Result<Vec<Option<bool>>> {
    let column = table.column(name)?;
    let truth = |row| match column.get(row) {
        ValueRef::Boolean(truth) => Ok(Some(truth)),
        ValueRef::Missing => Ok(None),
        _ => Err(column.refused(name, "must hold true, false or nothing")),
    };
    (0..column.len()).map(truth).collect()
}

/// Sums, each over so many rows: the sum of no row is null in SQL, and 0 here.
fn numbers(table: &Table<'_>, name: &str, over: &[u64]) -> Result<Vec<f64>> {
    let column: &Column<'_> = table.column(name)?;
    let refused = |row: usize, rule: &str, x: &dyn std::fmt::Display| {
        Error::NotFinite(Detail::new(format!("{name}[{row}]"), rule, x))
    };
    let number = |(row, x): (usize, &f64)| match (column.get(row), over.get(row)) {
        (ValueRef::Missing, None | Some(0)) => Ok(0.0),
        (ValueRef::Missing, Some(n)) => {
            let rule = format!("must be a number: it is the sum of {n} rows");
            Err(refused(row, &rule, &"a missing value (NULL or NaN)"))
        }
        _ if x.is_finite() => Ok(*x),
        _ => Err(refused(row, "must be a finite number", x)),
    };
    let numbers = column.numbers(name)?;
    numbers.iter().enumerate().map(number).collect()
}

fn counts(table: &Table<'_>, name: &str) -> Result<Vec<u64>> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let whole = |(row, x): (usize, &f64)| {
        if !(0.0..=MOST).contains(x) || x.fract().to_bits() != 0 {
            let field = format!("{name}[{row}]");
            let rule = "must be a whole number of at most 2^53";
            return Err(Error::OutOfRange(Detail::new(field, rule, x)));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number in 0..=2^53"
        )]
        Ok(*x as u64)
    };
    numbers(table, name, &[])?
        .iter()
        .enumerate()
        .map(whole)
        .collect()
}
