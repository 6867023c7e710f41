//! What an experiment on one segment could see: today, and how many days it takes to see a stated effect.

use serde::Serialize;

use super::{
    Options,
    outcome::{baseline, units},
    tally::Sums,
};
use crate::{
    catalog::Family,
    error::{Detail, Error, Result},
    power::{PowerOptions, achieved_power, duration, power, smallest_effect},
    value::{Column, DAY, Table, ValueRef},
};

/// Fewest visitors that a test of two arms can have.
const FEWEST: u64 = 2;

/// Power of a 50:50 test within one segment, by the `power` room's formulas: one look, one-sided 5%.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reach {
    /// The relative lift asked about.
    pub minimum_effect: f64,
    /// Chance that a test on as many visitors as the segment has now would see it.
    pub power_now: Option<f64>,
    /// Visitors per arm that see it with 80% power.
    pub n_per_arm: Option<u64>,
    /// Days of the segment's traffic that bring them; absent when the traffic is not known.
    pub days_until: Option<u64>,
    /// Whole weeks that hold those days, in days.
    pub horizon_days: Option<u64>,
    /// Smallest relative lift that as many visitors as now would detect with 80% power.
    pub smallest_detectable_lift: Option<f64>,
    /// The same in words.
    pub sentence: String,
}

impl Reach {
    /// `per_day` are the segment's own visitors.
    pub(super) fn new(
        family: Family,
        sums: &Sums,
        minimum_effect: f64,
        per_day: Option<f64>,
    ) -> Result<Self> {
        let options = PowerOptions::default();
        let mut reach = Self {
            minimum_effect,
            power_now: None,
            n_per_arm: None,
            days_until: None,
            horizon_days: None,
            smallest_detectable_lift: None,
            sentence: String::new(),
        };
        let n = units(family, sums);
        if let Some(baseline) = baseline(family, sums).filter(|_| n >= FEWEST) {
            let per_arm = n as f64 / 2.0;
            reach.smallest_detectable_lift = smallest_effect(&baseline, per_arm, &options)?;
            // An effect that leads a rate beyond 1 is none, and no traffic finds it.
            if let Ok(size) = power(&baseline, minimum_effect, &options) {
                reach.n_per_arm = Some(size.n_per_arm);
                let chance = achieved_power(&baseline, minimum_effect, per_arm, &options)?;
                reach.power_now = Some(chance);
                if let Some(per_day) = per_day.filter(|per_day| *per_day > 0.0) {
                    let time = duration(size.n_per_arm, per_day, 1.0, 0.5)?;
                    reach.days_until = Some(time.days);
                    reach.horizon_days = Some(time.horizon_days);
                }
            }
        }
        reach.sentence = sentence(&reach, n);
        Ok(reach)
    }
}

fn sentence(reach: &Reach, n: u64) -> String {
    let percent = 100.0 * reach.minimum_effect;
    let Some((chance, per_arm)) = reach.power_now.zip(reach.n_per_arm) else {
        return format!("What a test on these {n} visitors would see cannot be said from them.");
    };
    let chance = 100.0 * chance;
    let now = format!(
        "A 50:50 test on {n} visitors would see a lift of {percent:+.0}% with a chance of {chance:.0}%"
    );
    match reach.days_until {
        Some(1) => format!("{now}; 80% takes {per_arm} an arm, 1 day of this traffic."),
        Some(days) => format!("{now}; 80% takes {per_arm} an arm, {days} days of this traffic."),
        None => format!("{now}; 80% takes {per_arm} an arm."),
    }
}

/// Visitors a day over everyone, by whichever way they were given.
///
/// # Errors
/// [`Error::Conflict`] for two ways at once, [`Error::OutOfRange`] for figures that are not positive.
pub(super) fn visitors_per_day(
    n: u64,
    table: Option<&Table<'_>>,
    options: &Options<'_>,
) -> Result<Option<f64>> {
    let given = [
        options.visitors_per_day.is_some(),
        options.days.is_some(),
        options.time.is_some(),
    ];
    if given.iter().filter(|given| **given).count() > 1 {
        let rule = "must be the only one of visitors_per_day, days and time";
        return Err(Error::Conflict(Detail::new(
            "visitors_per_day",
            rule,
            "more",
        )));
    }
    let positive = |field: &str, x: f64| {
        if x.is_finite() && x > 0.0 {
            return Ok(x);
        }
        Err(Error::OutOfRange(Detail::new(field, "must be > 0", x)))
    };
    if let Some(rate) = options.visitors_per_day {
        return positive("visitors_per_day", rate).map(Some);
    }
    if let Some(days) = options.days {
        return Ok(Some(n as f64 / positive("days", days)?));
    }
    match (&options.time, table) {
        (Some(name), Some(table)) => {
            let days = span(table.column(name)?);
            let rule = "must hold dates, or timestamps that span more than an instant";
            let days =
                days.ok_or_else(|| Error::OutOfRange(Detail::new(name, rule, "no such span")))?;
            Ok(Some(n as f64 / days))
        }
        (Some(name), None) => {
            let rule = "cannot be read from sums: give visitors_per_day or days";
            Err(Error::Unsupported(Detail::new("time", rule, name)))
        }
        (None, _) => Ok(None),
    }
}

/// Days from the first to the last instant of a column; dates count whole, both ends among them.
fn span(column: &Column<'_>) -> Option<f64> {
    let instants = (0..column.len()).filter_map(|row| match column.get(row) {
        ValueRef::Timestamp(at) => Some(at.micros),
        _ => None,
    });
    let (first, last, dates) = instants.fold((i64::MAX, i64::MIN, true), |found, at| {
        let (first, last, dates) = found;
        (first.min(at), last.max(at), dates && at % DAY == 0)
    });
    let between = last.checked_sub(first)?;
    let days = (between as f64 + if dates { DAY as f64 } else { 0.0 }) / DAY as f64;
    (between >= 0 && days > 0.0).then_some(days)
}
