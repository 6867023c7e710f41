//! Decisions for a table of units.

use super::{
    Engine, Outcome, Reason,
    compile::Entry,
    decide::{Person, outcome},
    targeting::{Eligibility, Targeting},
};
use crate::{
    error::{Detail, Error, Result},
    rule::Rule,
    value::{Attributes, Row, Table, Timestamp},
};

/// One experiment's decisions as columns, in the order of the units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The experiment's key.
    pub experiment: String,
    /// Keys of the variants that the indexes stand for, control first.
    pub variants: Vec<String>,
    /// Index of each unit's variant, −1 for none.
    pub variant: Vec<i8>,
    /// Why.
    pub reason: Vec<Reason>,
}

impl Engine {
    /// Decides one experiment for many units.
    ///
    /// A table holds every attribute, so segments are judged from its columns, as in the generated SQL, and never from
    /// a cache. Without a table nothing is known about the units. A unit of `None` is [`Reason::InvalidUnit`].
    /// Shapes: `units` and the rows of `table` correspond. Cost: about 0.1 µs a unit and hash; parallel with the feature
    /// `parallel`, and the same either way.
    ///
    /// # Errors
    /// [`Error::Conflict`] when units and rows differ in number; those of [`crate::rule::Rule::mask`] for a targeting
    /// that the table cannot answer.
    ///
    /// # Example
    /// ```
    /// # use stoa_core::assign::{Engine, Reason};
    /// let engine = Engine::from_json(r#"{"schema_version": 1}"#)?;
    /// let batch = engine.decide_batch("unheard_of", &[Some("u1")], None, None)?;
    /// assert_eq!((batch.variant[0], batch.reason[0]), (-1, Reason::UnknownExperiment));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn decide_batch(
        &self,
        key: &str,
        units: &[Option<&str>],
        table: Option<&Table<'_>>,
        now: Option<Timestamp>,
    ) -> Result<Batch> {
        match self.index_of(key) {
            Some(index) => self.batch(index, units, table, &Clock::At(now)),
            None => check_rows(units.len(), table).map(|()| Batch {
                experiment: key.to_owned(),
                variants: Vec::new(),
                variant: vec![-1; units.len()],
                reason: vec![Reason::UnknownExperiment; units.len()],
            }),
        }
    }

    /// [`Engine::decide_batch`] of a known experiment, at one instant or at one a row.
    pub(super) fn batch(
        &self,
        index: usize,
        units: &[Option<&str>],
        table: Option<&Table<'_>>,
        clock: &Clock,
    ) -> Result<Batch> {
        check_rows(units.len(), table)?;
        let entries = self.entries();
        let answers = Answers::new(entries, index, table, clock)?;
        let outcomes = map_rows(units.len(), |row| {
            let person = RowPerson {
                answers: &answers,
                row,
            };
            outcome(entries, index, units[row], &person)
        });
        let entry = &entries[index];
        Ok(Batch {
            experiment: entry.key.clone(),
            variants: entry.arms.iter().map(|a| a.key.clone()).collect(),
            variant: outcomes.iter().map(|o| o.index()).collect(),
            reason: outcomes.iter().map(|o| o.reason).collect(),
        })
    }

    /// Decides every experiment for many units, leaving out those that run for none of them, as [`Engine::assign`] does.
    ///
    /// # Errors
    /// As [`Engine::decide_batch`], with the experiment's key before the field.
    pub fn assign_batch(
        &self,
        units: &[Option<&str>],
        table: Option<&Table<'_>>,
        now: Option<Timestamp>,
    ) -> Result<Vec<Batch>> {
        let mut batches = Vec::new();
        for entry in self.entries() {
            let batch = self.decide_batch(&entry.key, units, table, now);
            let batch = batch.map_err(|e| e.at(&entry.key))?;
            if batch.reason.iter().any(|reason| entry.shows(*reason)) {
                batches.push(batch);
            }
        }
        Ok(batches)
    }
}

fn check_rows(n: usize, table: Option<&Table<'_>>) -> Result<()> {
    let Some(table) = table.filter(|table| table.n_rows() != n) else {
        return Ok(());
    };
    let rule = format!("must be {}, one for each row", table.n_rows());
    Err(Error::Conflict(Detail::new("units", rule, n)))
}

/// What `within_days` counts back from.
pub(super) enum Clock {
    /// One instant for all.
    At(Option<Timestamp>),
    /// One a row.
    Rows(Vec<Option<Timestamp>>),
}

impl Clock {
    /// The answers of a rule for the rows of a table.
    fn answers(&self, rule: &Rule, table: &Table<'_>) -> Result<Vec<Option<bool>>> {
        let instants = match self {
            Self::At(now) => return rule.mask(table, *now),
            Self::Rows(instants) => instants.iter().enumerate(),
        };
        // Refuses what the table cannot answer, at whatever instant.
        let mask = rule.mask(table, Some(Timestamp { micros: 0 }))?;
        if !rule.needs_now() {
            return Ok(mask);
        }
        let answer = |(row, now): (usize, &_)| rule.evaluate(&Row { table, row }, *now);
        Ok(instants.map(answer).collect())
    }
}

/// The targeting answers of an experiment and its chain of prerequisites, one column for each that has a rule.
struct Answers(Vec<(usize, Column)>);

enum Column {
    /// One answer for everyone: there is no table.
    Same(Option<bool>),
    /// One answer a row.
    Rows(Vec<Option<bool>>),
}

impl Answers {
    fn new(
        entries: &[Entry],
        start: usize,
        table: Option<&Table<'_>>,
        clock: &Clock,
    ) -> Result<Self> {
        let mut answers = Vec::new();
        let mut next = Some(start);
        while let Some(index) = next {
            let ready = entries[index].ready.as_ref();
            if let Some(targeting) = ready.and_then(|r| r.targeting.as_ref()) {
                let rule = &targeting.replay;
                let column = match table {
                    Some(table) => {
                        let answers = clock.answers(rule, table);
                        Column::Rows(answers.map_err(|e| e.at("targeting"))?)
                    }
                    // Nothing is known about anyone, so no instant matters.
                    None => Column::Same(rule.evaluate(&Attributes::default(), None)),
                };
                answers.push((index, column));
            }
            next = ready.and_then(|r| Some(r.prerequisite.as_ref()?.experiment));
        }
        Ok(Self(answers))
    }
}

struct RowPerson<'a> {
    answers: &'a Answers,
    row: usize,
}

impl Person for RowPerson<'_> {
    fn eligible(&self, experiment: usize, _targeting: &Targeting) -> Eligibility {
        // A chain of prerequisites is short: a scan.
        let column = self
            .answers
            .0
            .iter()
            .find(|(index, _)| *index == experiment);
        let answer = column.and_then(|(_, column)| match column {
            Column::Same(answer) => *answer,
            Column::Rows(rows) => rows[self.row],
        });
        answer.into()
    }
}

/// `f` of every row, in order.
#[cfg(feature = "parallel")]
fn map_rows(n: usize, f: impl Fn(usize) -> Outcome + Sync + Send) -> Vec<Outcome> {
    use rayon::prelude::*;
    /// Rows that are worth a task: about 0.4 ms.
    const TASK: usize = 4096;
    (0..n).into_par_iter().with_min_len(TASK).map(f).collect()
}

/// `f` of every row, in order.
#[cfg(not(feature = "parallel"))]
fn map_rows(n: usize, f: impl Fn(usize) -> Outcome) -> Vec<Outcome> {
    (0..n).map(f).collect()
}
