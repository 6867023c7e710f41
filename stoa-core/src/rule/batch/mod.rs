//! Rules decided for a whole table, column by column, 4,096 rows at a time.
//!
//! Truth is two bitmaps, *true* and *false*; a row in neither is unknown. Kleene's AND and OR are then two word
//! operations for 64 rows, NOT swaps the bitmaps, and a bitmap of Arrow is used as it lies.

mod block;
mod leaf;
mod numbers;
mod plan;
mod text;
mod truths;

pub use truths::Truths;

use super::{ast::Rule, compiled::Compiled};
use crate::{
    error::{Detail, Error, Result},
    value::{Column, Table, Timestamp},
};
use plan::Plan;

impl Rule {
    /// The rule's answer for every row of a table, in the table's order; `None` is unknown.
    ///
    /// [`Rule::truths`] is the same in a quarter of the memory.
    ///
    /// # Errors
    /// Those of [`Rule::truths`].
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
        Ok(self.truths(table, now)?.answers().collect())
    }

    /// The rule's answer for every row of a table, as bitmaps.
    ///
    /// Attributes are the columns of the same name. Rows are decided in parallel with the feature `parallel`; the
    /// answer is the same either way.
    ///
    /// # Errors
    /// All at once: [`Error::MissingColumn`] for an attribute without a column (with a near miss);
    /// [`Error::MissingField`] for `within_days` without `now`; [`Error::Unsupported`] for a `{"segment": k}`, which
    /// must be expanded first.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{rule::Rule, value::{Column, Table}};
    /// let country = Column::Text(vec![Some("CA"), Some("US"), None]);
    /// let table = Table::new([("country".to_owned(), country)])?;
    /// let truths = Rule::parse_sql("country = 'CA'")?.truths(&table, None)?;
    /// assert_eq!((truths.n_true(), truths.get(2)), (1, None));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn truths(&self, table: &Table<'_>, now: Option<Timestamp>) -> Result<Truths> {
        self.refuse_unanswerable(table, now)?;
        let compiled = Compiled::new([self]);
        let columns: Vec<&Column<'_>> = compiled
            .attributes()
            .iter()
            .map(|name| table.column(name))
            .collect::<Result<_>>()?;
        let plans = compiled.nodes().iter();
        let plans: Vec<Plan<'_>> = plans.map(|node| Plan::new(node, &columns, now)).collect();
        Ok(Truths::fill(table.n_rows(), |from, n, block| {
            for plan in &plans {
                plan.fill(from, n, &block::ALL, block);
            }
        }))
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
