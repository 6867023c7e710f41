//! Counts so far at every look: from a document, or from rows that carry the instant of their exposure.

use serde_json::Value;

use super::{
    calendar::planned_days,
    columns::Columns,
    rows::CheckedRows,
    stats::{ExperimentStats, object},
};
use crate::{
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, StoreDocument},
    value::{Table, Timestamp, ValueRef},
};

const DAY_MICROS: i64 = 86_400_000_000;

/// Reads a history: a list of statistics ([`ExperimentStats::from_value`]), or `{"looks": [...]}` of them.
///
/// # Errors
/// [`Error::WrongType`] for anything else; what the statistics are refused for, by `history[k]`.
///
/// # Example
/// ```
/// use stoa_core::{decide::history_from_value, experiment::StoreDocument};
/// let arm = |key: &str| serde_json::json!({"key": key, "n": 0});
/// let first = serde_json::json!({"experiment": "mail", "day": 1, "variants": [arm("A"), arm("B")]});
/// let history = history_from_value(&serde_json::json!([first]), &StoreDocument::default())?;
/// assert_eq!(history[0].day, Some(1.0));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn history_from_value(value: &Value, store: &StoreDocument) -> Result<Vec<ExperimentStats>> {
    let looks = match value {
        Value::Object(_) => object(value, "history", &["looks"])?.get("looks"),
        _ => Some(value),
    };
    let Some(Value::Array(looks)) = looks else {
        let detail = Detail::new("history", "must be a list of statistics", value);
        return Err(Error::WrongType(detail));
    };
    let (mut history, mut errors) = (Vec::with_capacity(looks.len()), Vec::new());
    for (k, look) in looks.iter().enumerate() {
        match ExperimentStats::from_value(look, store) {
            Ok(stats) => history.push(stats),
            Err(error) => errors.push(error.at(&format!("history[{k}]"))),
        }
    }
    Error::collect(errors).map_or(Ok(history), Err)
}

/// The counts at every planned look so far, from one row per visitor with the column `exposed_at`.
///
/// When to use: to follow a running experiment from its table ([`monitor`](super::monitor)). When not: outcomes that go on
/// growing long after the exposure; keep each day's sums instead, since a row holds what is known today.
///
/// Model: day 1 is the UTC date of the first exposure; the look of day d holds the visitors exposed by its end. The last
/// day in the table is a look whether planned or not. Else as [`stats_from_rows`](super::stats_from_rows).
///
/// # Errors
/// As [`stats_from_rows`](super::stats_from_rows); [`Error::MissingColumn`] without `exposed_at`, [`Error::MissingField`]
/// and [`Error::WrongType`] for a row of it that is no instant.
///
/// # Example
/// ```
/// use stoa_core::{decide::{Columns, history_from_rows}, experiment::{Experiment, StoreDocument}};
/// use stoa_core::value::{Column, Table};
/// let store = StoreDocument::default();
/// let experiment = Experiment::from_value(&serde_json::json!({
///     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate"},
///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
/// }))?.check(&store)?;
/// let table = Table::new([
///     ("visitor_id".to_owned(), Column::Text(vec![Some("u1"), Some("u2"), Some("u3")])),
///     ("variant".to_owned(), Column::Text(vec![Some("A"), Some("B"), Some("B")])),
///     ("exposed_at".to_owned(), Column::Text(vec![
///         Some("2026-03-01T23:00:00Z"), Some("2026-03-04T01:00:00Z"), Some("2026-03-09T12:00:00Z")])),
///     ("conversion_rate".to_owned(), Column::Number(vec![0.0, 1.0, 0.0].into())),
///     ("return_visit_rate".to_owned(), Column::Boolean(vec![Some(true), Some(true), Some(false)])),
/// ])?;
/// let history = history_from_rows(&table, &experiment, &store, &Columns::default())?;
/// assert_eq!(history.iter().map(|look| look.day.unwrap()).collect::<Vec<_>>(), [7.0, 8.0, 9.0]);
/// assert_eq!(history[0].variants[1].n, 1);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn history_from_rows(
    table: &Table<'_>,
    experiment: &CheckedExperiment,
    store: &StoreDocument,
    columns: &Columns,
) -> Result<Vec<ExperimentStats>> {
    let name = columns.name("exposed_at");
    // Its absence is refused before anything is read.
    table.column(name)?;
    let rows = CheckedRows::new(table, experiment, store, columns)?;
    let Some(last) = rows.last_day() else {
        return Ok(Vec::new());
    };
    let planned = planned_days(&experiment.plan, 0.0, last);
    planned.chain([last]).map(|day| rows.by(day)).collect()
}

/// The day of each row's exposure, 1 on the UTC date of the first; `None` without that column.
pub(super) fn exposure_days(table: &Table<'_>, name: &str) -> Result<Option<Vec<f64>>> {
    let Some(column) = table.get(name) else {
        return Ok(None);
    };
    let instants = (0..table.n_rows()).map(|row| instant(name, row, column.get(row)));
    let dates = instants.map(|found| Ok(found?.micros.div_euclid(DAY_MICROS)));
    let dates: Vec<i64> = dates.collect::<Result<_>>()?;
    let first = dates.iter().copied().min().unwrap_or_default();
    let days = dates.iter().map(|date| (date - first + 1) as f64);
    Ok(Some(days.collect()))
}

fn instant(name: &str, row: usize, value: ValueRef<'_>) -> Result<Timestamp> {
    let field = || format!("{name}[{row}]");
    match value {
        ValueRef::Timestamp(instant) => Ok(instant),
        ValueRef::Text(text) => Timestamp::parse(text).map_err(|_| {
            let rule = "must be an instant, such as 2026-01-31T00:00:00Z";
            Error::WrongType(Detail::new(field(), rule, text))
        }),
        ValueRef::Missing => {
            let detail = Detail::new(field(), "must not be missing", "null");
            Err(Error::MissingField(detail))
        }
        _ => Err(Error::WrongType(Detail::new(
            field(),
            "must be an instant",
            "another type",
        ))),
    }
}
