//! Rows to sums, refusing what cannot be analysed before anything is summed.

use std::collections::BTreeMap;

use super::{
    columns::Columns,
    history::exposure_days,
    series::{Series, check_values, counts},
    stats::{ExperimentStats, VariantStats, empty_arm, unknown_variant},
};
use crate::{
    catalog::{self, Metric},
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, StoreDocument},
    value::Table,
};

/// Sums an experiment's rows: one row per exposed visitor.
///
/// The contract's metrics must be columns; any other metric of the catalog or the store whose column is there is summed
/// too. Every other column is an attribute and is left alone. Metrics per visitor take every row; metrics per order or
/// per answer take the rows that have one (an order value of 0 or a missing answer is none).
///
/// Where the plan winsorizes, orders above the control's quantile are taken as that: one of the control's own order
/// values, over all rows of the table, the same for every arm. The statistics carry it as `winsorized_at`.
///
/// With a column `exposed_at` (instants) the statistics have a day: how many UTC dates there are from the first exposure
/// to the last, both counted.
///
/// # Errors
/// All that are found, each with its column and row: [`Error::MissingColumn`]; [`Error::WrongType`] for ids or variants
/// that are no text; [`Error::Duplicate`] for a visitor seen twice; [`Error::UnknownName`] for a variant the experiment
/// does not have; [`Error::NotFinite`] and [`Error::OutOfRange`] for amounts and outcomes; [`Error::EmptyArm`].
///
/// # Example
/// ```
/// use stoa_core::{decide::{Columns, stats_from_rows}, experiment::{Experiment, StoreDocument}};
/// use stoa_core::value::{Column, Table};
/// let store = StoreDocument::default();
/// let experiment = Experiment::from_value(&serde_json::json!({
///     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate"},
///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
/// }))?.check(&store)?;
/// let table = Table::new([
///     ("visitor_id".to_owned(), Column::Text(vec![Some("u1"), Some("u2")])),
///     ("variant".to_owned(), Column::Text(vec![Some("A"), Some("B")])),
///     ("conversion_rate".to_owned(), Column::Number(vec![0.0, 1.0].into())),
///     ("return_visit_rate".to_owned(), Column::Boolean(vec![Some(true), Some(true)])),
/// ])?;
/// let stats = stats_from_rows(&table, &experiment, &store, &Columns::default())?;
/// assert_eq!(stats.variants[1].n, 1);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn stats_from_rows(
    table: &Table<'_>,
    experiment: &CheckedExperiment,
    store: &StoreDocument,
    columns: &Columns,
) -> Result<ExperimentStats> {
    CheckedRows::new(table, experiment, store, columns)?.sum(|_| true)
}

/// A table that passed every check and can be summed, whole or in part.
pub(crate) struct CheckedRows<'t> {
    pub(crate) experiment: &'t CheckedExperiment,
    /// Index of each row's variant.
    pub(crate) arms: Vec<usize>,
    pub(super) series: Vec<Series<'t>>,
    /// Day of each row's exposure, when the table says.
    days: Option<Vec<f64>>,
}

impl<'t> CheckedRows<'t> {
    pub(crate) fn new(
        table: &'t Table<'_>,
        experiment: &'t CheckedExperiment,
        store: &StoreDocument,
        columns: &Columns,
    ) -> Result<Self> {
        let metrics = wanted_metrics(table, experiment, store, columns)?;
        let mut errors = Vec::new();
        let mut keep = |result: Result<()>| errors.extend(result.err());
        keep(check_visitors(table, columns.name("visitor_id")));
        let mut arms = Vec::new();
        keep(read_arms(table, columns.name("variant"), experiment).map(|found| arms = found));
        let mut days = None;
        keep(exposure_days(table, columns.name("exposed_at")).map(|found| days = found));
        let mut read = Vec::new();
        for metric in metrics {
            let name = columns.metric(&metric, table);
            let column = table.column(name).and_then(|c| c.numbers(name));
            let checked = column.and_then(|values| {
                check_values(&metric, name, &values)?;
                Ok(values)
            });
            match checked {
                Ok(values) => read.push(Series::new(metric, values)),
                Err(error) => errors.push(error),
            }
        }
        Error::collect(errors).map_or(Ok(()), Err)?;
        if let Some(quantile) = experiment.plan.winsorize {
            for series in &mut read {
                series.cut(quantile, &arms);
            }
        }
        Ok(Self {
            experiment,
            arms,
            series: read,
            days,
        })
    }

    /// The day of the last exposure.
    pub(super) fn last_day(&self) -> Option<f64> {
        self.days.as_ref()?.iter().copied().reduce(f64::max)
    }

    /// Sums the rows exposed by the end of a day; an arm may be empty yet.
    pub(super) fn by(&self, day: f64) -> Result<ExperimentStats> {
        let days = self.days.as_deref().unwrap_or_default();
        let exposed = |row: usize| days.get(row).is_some_and(|exposed| *exposed <= day);
        let stats = self.sums(exposed)?;
        Ok(ExperimentStats {
            day: Some(day),
            ..stats
        })
    }

    /// Sums the rows for which `included` holds; every arm must have some.
    pub(super) fn sum(&self, included: impl Fn(usize) -> bool) -> Result<ExperimentStats> {
        let stats = self.sums(included)?;
        let weighted = self.experiment.variants.iter().zip(&stats.variants);
        let empty = weighted.map(|(variant, arm)| (arm, variant.weight > 0.0 && arm.n == 0));
        match empty.into_iter().find(|(_, empty)| *empty) {
            Some((arm, _)) => Err(empty_arm(&arm.key)),
            None => Ok(stats),
        }
    }

    fn sums(&self, included: impl Fn(usize) -> bool) -> Result<ExperimentStats> {
        let n_arms = self.experiment.variants.len();
        let mut rows_of = vec![Vec::new(); n_arms];
        for (row, &arm) in self.arms.iter().enumerate() {
            if included(row) {
                rows_of[arm].push(row);
            }
        }
        let mut variants = Vec::with_capacity(n_arms);
        for (variant, rows) in self.experiment.variants.iter().zip(&rows_of) {
            let mut metrics = BTreeMap::new();
            for series in &self.series {
                if let Some(stats) = series.summary(rows)? {
                    metrics.insert(series.metric.key.clone(), stats);
                }
            }
            variants.push(VariantStats {
                key: variant.key.clone(),
                n: rows.len() as u64,
                metrics,
            });
        }
        Ok(ExperimentStats {
            experiment: self.experiment.key.clone(),
            day: self.last_day(),
            variants,
        })
    }
}

/// The contract's metrics, then whatever else the table holds.
fn wanted_metrics(
    table: &Table<'_>,
    experiment: &CheckedExperiment,
    store: &StoreDocument,
    columns: &Columns,
) -> Result<Vec<Metric>> {
    let known = || catalog::metrics().iter().chain(&store.metrics);
    columns.check(known().map(|m| m.key.as_str()))?;
    let mut wanted: Vec<Metric> = Vec::new();
    let contract = experiment.roles().iter().map(|role| &role.metric);
    let present = known().filter(|m| table.get(columns.metric(m, table)).is_some());
    for metric in contract.chain(present) {
        if wanted.iter().all(|m| m.key != metric.key) {
            wanted.push(metric.clone());
        }
    }
    Ok(wanted)
}

/// A metric's value for each of some rows, which all must have one. Any family will do: a search needs values alone.
pub(crate) fn measured(
    table: &Table<'_>,
    store: &StoreDocument,
    columns: &Columns,
    key: &str,
    rows: &[u32],
) -> Result<Vec<f64>> {
    let known = || catalog::metrics().iter().chain(&store.metrics);
    let metric = known().find(|m| m.key == key).ok_or_else(|| {
        let rule = "must be a metric of the catalog or the store";
        let keys = known().map(|m| m.key.as_str());
        Error::UnknownName(Detail::new("metric", rule, key).did_you_mean(key, keys))
    })?;
    let name = columns.metric(metric, table);
    let values = table.column(name)?.numbers(name)?;
    check_values(metric, name, &values)?;
    let values: Vec<f64> = rows.iter().map(|&row| values[row as usize]).collect();
    if let Some(at) = values.iter().position(|&x| !counts(metric, x)) {
        let rule = "must be measured on every visitor to be searched";
        let found = format!("nothing in row {}", rows[at]);
        return Err(Error::Unsupported(Detail::new(key, rule, found)));
    }
    Ok(values)
}

/// Whether a column of the table plays a part in the experiment, so that it is no attribute known before.
pub(crate) fn plays_a_part(
    name: &str,
    table: &Table<'_>,
    store: &StoreDocument,
    columns: &Columns,
) -> bool {
    let mut metrics = catalog::metrics().iter().chain(&store.metrics);
    columns.is_role(name) || metrics.any(|m| columns.metric(m, table) == name)
}

fn check_visitors(table: &Table<'_>, name: &str) -> Result<()> {
    let ids = table.column(name)?.texts(name)?;
    let mut sorted = Vec::with_capacity(ids.len());
    for (row, id) in ids.iter().enumerate() {
        let Some(id) = id else {
            let detail = Detail::new(format!("{name}[{row}]"), "must not be missing", "null");
            return Err(Error::MissingField(detail));
        };
        sorted.push((*id, row));
    }
    sorted.sort_unstable();
    let repeated = sorted
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0)
        .min_by_key(|pair| pair[1].1);
    match repeated {
        None => Ok(()),
        Some(pair) => {
            let rule = format!(
                "must be one row per visitor; rows {} and {} repeat",
                pair[0].1, pair[1].1
            );
            Err(Error::Duplicate(Detail::new(name, rule, pair[0].0)))
        }
    }
}

fn read_arms(table: &Table<'_>, name: &str, experiment: &CheckedExperiment) -> Result<Vec<usize>> {
    let values = table.column(name)?.texts(name)?;
    let mut arms = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let found = value.unwrap_or("null");
        let arm = experiment.variants.iter().position(|v| v.key == found);
        arms.push(
            arm.ok_or_else(|| unknown_variant(experiment, &format!("{name}[{row}]"), found))?,
        );
    }
    let mut seen = vec![false; experiment.variants.len()];
    for &arm in &arms {
        seen[arm] = true;
    }
    let empty = experiment
        .variants
        .iter()
        .zip(seen)
        .find(|(variant, seen)| !seen && variant.weight > 0.0);
    match empty {
        Some((variant, _)) => Err(empty_arm(&variant.key)),
        None => Ok(arms),
    }
}
