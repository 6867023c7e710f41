//! Rules decided for a whole table, column by column.
//!
//! Truth is a byte, false 0, unknown 1, true 2: Kleene's AND is the minimum, OR the maximum, NOT `2 − x`, each a loop
//! over bytes that the compiler vectorises.

use std::{collections::HashSet, ops::Range};

use super::{
    ast::{Literal, Operator, Rule},
    evaluate::Test,
};
use crate::{
    error::{Detail, Error, Result},
    value::{Column, Table, Timestamp},
};

const FALSE: u8 = 0;
const UNKNOWN: u8 = 1;
const TRUE: u8 = 2;
/// Rows decided together: their truths stay in the first-level cache.
const BLOCK: usize = 4096;
/// From this length on a list of text is looked up by hash.
const LONG_LIST: usize = 8;

impl Rule {
    /// The rule's answer for every row of a table, in the table's order; `None` is unknown.
    ///
    /// Attributes are the columns of the same name. Rows are decided in parallel with the feature `parallel`; the
    /// answer is the same either way.
    ///
    /// # Errors
    /// All at once: [`Error::MissingColumn`] for an attribute without a column (with a near miss); [`Error::MissingField`] for
    /// `within_days` without `now`; [`Error::Unsupported`] for a `{"segment": k}`, which must be expanded first.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{rule::Rule, value::{Column, Table}};
    /// let orders = Column::Number(vec![1.0, 2.0, f64::NAN].into());
    /// let table = Table::new([("orders_count".to_owned(), orders)])?;
    /// let mask = Rule::parse_sql("orders_count >= 2")?.mask(&table, None)?;
    /// assert_eq!(mask, [Some(false), Some(true), None]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn mask(&self, table: &Table<'_>, now: Option<Timestamp>) -> Result<Vec<Option<bool>>> {
        self.refuse_unanswerable(table, now)?;
        let plan = Plan::new(self, table, now);
        let mut answers = vec![None; table.n_rows()];
        for_each_block(&mut answers, |start, block| {
            let mut truths = vec![UNKNOWN; block.len()];
            plan.fill(start..start + block.len(), &mut truths);
            for (answer, truth) in block.iter_mut().zip(truths) {
                *answer = match truth {
                    FALSE => Some(false),
                    TRUE => Some(true),
                    _ => None,
                };
            }
        });
        Ok(answers)
    }

    fn refuse_unanswerable(&self, table: &Table<'_>, now: Option<Timestamp>) -> Result<()> {
        let mut problems: Vec<Error> = self
            .attributes()
            .iter()
            .filter_map(|name| table.column(name).err())
            .collect();
        if now.is_none() && self.needs_now() {
            let detail = Detail::new("now", "is required: the rule uses within_days", "nothing");
            problems.push(Error::MissingField(detail));
        }
        for key in self.segments() {
            problems.push(Error::Unsupported(Detail::new(
                "segment",
                "must be expanded to its rule before a table is masked",
                key,
            )));
        }
        Error::collect(problems).map_or(Ok(()), Err)
    }
}

#[cfg(feature = "parallel")]
fn for_each_block(
    answers: &mut [Option<bool>],
    decide: impl Fn(usize, &mut [Option<bool>]) + Sync,
) {
    use rayon::prelude::*;
    answers
        .par_chunks_mut(BLOCK)
        .enumerate()
        .for_each(|(i, block)| decide(i * BLOCK, block));
}

#[cfg(not(feature = "parallel"))]
fn for_each_block(answers: &mut [Option<bool>], decide: impl Fn(usize, &mut [Option<bool>])) {
    for (i, block) in answers.chunks_mut(BLOCK).enumerate() {
        decide(i * BLOCK, block);
    }
}

/// A rule whose names are resolved to columns and whose operands are ready.
enum Plan<'r> {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Unknown,
    /// `low ≤ x ≤ high`, the commonest test, without a branch per row.
    Numbers(&'r [f64], f64, f64),
    /// Membership in a long list of text; the flag negates.
    LongList(&'r [Option<&'r str>], HashSet<&'r str>, bool),
    Test(&'r Column<'r>, Test<'r>),
}

impl<'r> Plan<'r> {
    fn new(rule: &'r Rule, table: &'r Table<'_>, now: Option<Timestamp>) -> Self {
        let many = |rules: &'r [Rule]| rules.iter().map(|r| Self::new(r, table, now)).collect();
        match rule {
            Rule::All(children) => Self::All(many(children)),
            Rule::Any(children) => Self::Any(many(children)),
            Rule::Not(child) => Self::Not(Box::new(Self::new(child, table, now))),
            Rule::Segment(_) => Self::Unknown,
            Rule::Compare { attr, op, value } => match table.get(attr) {
                Some(column) => Self::comparison(column, *op, value, now),
                None => Self::Unknown,
            },
        }
    }

    fn comparison(
        column: &'r Column<'r>,
        op: Operator,
        value: &'r Literal,
        now: Option<Timestamp>,
    ) -> Self {
        match (Test::new(op, value, now), column) {
            (None, _) => Self::Unknown,
            (Some(Test::Numbers(low, high)), Column::Number(xs)) => Self::Numbers(xs, low, high),
            (Some(Test::OneOf(items, negated)), Column::Text(rows)) if items.len() >= LONG_LIST => {
                let texts: Option<HashSet<&str>> = items.iter().map(text).collect();
                texts.map_or(Self::Unknown, |texts| Self::LongList(rows, texts, negated))
            }
            (Some(test), column) => Self::Test(column, test),
        }
    }

    /// Writes the truth of `rows` to `out`, which is as long.
    fn fill(&self, rows: Range<usize>, out: &mut [u8]) {
        match self {
            Self::All(children) => combine(children, rows, out, TRUE, u8::min),
            Self::Any(children) => combine(children, rows, out, FALSE, u8::max),
            Self::Not(child) => {
                child.fill(rows, out);
                for truth in out {
                    *truth = TRUE - *truth;
                }
            }
            Self::Unknown => out.fill(UNKNOWN),
            Self::Numbers(xs, low, high) => {
                for (truth, x) in out.iter_mut().zip(&xs[rows]) {
                    let inside = u8::from(*low <= *x) * u8::from(*x <= *high);
                    *truth = if x.is_nan() { UNKNOWN } else { inside * TRUE };
                }
            }
            Self::LongList(texts, set, negated) => {
                for (truth, text) in out.iter_mut().zip(&texts[rows]) {
                    *truth = code(text.map(|text| set.contains(text) != *negated));
                }
            }
            Self::Test(column, test) => {
                for (truth, row) in out.iter_mut().zip(rows) {
                    *truth = code(test.apply(column.get(row)));
                }
            }
        }
    }
}

fn combine(
    children: &[Plan<'_>],
    rows: Range<usize>,
    out: &mut [u8],
    unit: u8,
    meet: impl Fn(u8, u8) -> u8,
) {
    let Some((first, rest)) = children.split_first() else {
        return out.fill(unit);
    };
    first.fill(rows.clone(), out);
    let mut other = vec![UNKNOWN; out.len()];
    for child in rest {
        child.fill(rows.clone(), &mut other);
        for (truth, other) in out.iter_mut().zip(&other) {
            *truth = meet(*truth, *other);
        }
    }
}

fn code(answer: Option<bool>) -> u8 {
    match answer {
        Some(false) => FALSE,
        None => UNKNOWN,
        Some(true) => TRUE,
    }
}

fn text(literal: &Literal) -> Option<&str> {
    match literal {
        Literal::Text(text) => Some(text),
        _ => None,
    }
}
