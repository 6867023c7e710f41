//! One metric's values over all rows: what it may hold, and its sums over some of them.

use std::borrow::Cow;

use crate::{
    catalog::{Category, Denominator, Family, Metric},
    error::{Detail, Error, Result},
    posterior::{
        LARGEST_AMOUNT, LARGEST_AMOUNT_RULE, LARGEST_COUNT, Ordinal, Stats, cap, summarize_cut,
    },
};

/// A metric with a checked value for every row.
pub(super) struct Series<'t> {
    pub(super) metric: Metric,
    values: Cow<'t, [f64]>,
    /// What larger amounts are taken as.
    cap: Option<f64>,
}

impl<'t> Series<'t> {
    pub(super) fn new(metric: Metric, values: Cow<'t, [f64]>) -> Self {
        Self {
            metric,
            values,
            cap: None,
        }
    }

    /// Cuts amounts of money off at a quantile of the control's orders, if it has one.
    pub(super) fn cut(&mut self, quantile: f64, arms: &[usize]) {
        if is_cut(&self.metric) {
            let all = self.values.iter().zip(arms);
            let control = all.filter(|(x, arm)| **arm == 0 && **x > 0.0);
            self.cap = cap(control.map(|(x, _)| *x), quantile);
        }
    }

    /// The metric's statistics over some rows. No orders, no order values: the arm then lacks the metric, and the
    /// analysis says so.
    pub(super) fn summary(&self, rows: &[usize]) -> Result<Option<Stats>> {
        let observed = rows.iter().map(|&row| self.values[row]);
        let taken: Vec<f64> = observed.filter(|&x| counts(&self.metric, x)).collect();
        if taken.is_empty() {
            return Ok(None);
        }
        match self.metric.family {
            Family::Ordinal => Ok(Some(Stats::Ordinal(tally(&self.metric, &taken)))),
            family => summarize_cut(family.key(), &taken, self.cap).map(Some),
        }
    }
}

/// Whether a plan that winsorizes cuts this metric's amounts.
pub(super) fn is_cut(metric: &Metric) -> bool {
    let amounts = matches!(metric.family, Family::Positive | Family::Hurdle);
    amounts && metric.category == Category::Revenue
}

/// Whether a row's value is an observation of the metric.
pub(super) fn counts(metric: &Metric, x: f64) -> bool {
    match metric.family {
        Family::Positive => x > 0.0,
        _ => !x.is_nan(),
    }
}

/// Answers by level.
fn tally(metric: &Metric, answers: &[f64]) -> Ordinal {
    let mut counts = vec![0; metric.levels.len()];
    for level in answers.iter().filter_map(|x| level_of(metric, *x)) {
        counts[level] += 1;
    }
    Ordinal {
        counts,
        scores: metric.scores().to_vec(),
    }
}

fn level_of(metric: &Metric, x: f64) -> Option<usize> {
    metric.levels.iter().position(|level| same(*level, x))
}

fn same(x: f64, y: f64) -> bool {
    // Adding 0 turns −0 into 0.
    (x + 0.0).total_cmp(&(y + 0.0)).is_eq()
}

/// The first value that the metric's family cannot hold, by column and row.
pub(super) fn check_values(metric: &Metric, name: &str, values: &[f64]) -> Result<()> {
    let may_be_missing = metric.denominator != Denominator::Visitor;
    for (row, &x) in values.iter().enumerate() {
        let field = || format!("{name}[{row}]");
        if x.is_nan() && may_be_missing {
            continue;
        }
        if !x.is_finite() {
            let detail = Detail::new(field(), "must be a finite number", x);
            return Err(Error::NotFinite(detail));
        }
        if let Some(rule) = broken(metric, x) {
            return Err(Error::OutOfRange(Detail::new(field(), rule, x)));
        }
    }
    Ok(())
}

/// The rule of the metric's family that a number breaks.
fn broken(metric: &Metric, x: f64) -> Option<String> {
    let rule = match metric.family {
        Family::Binary if !same(x, 0.0) && !same(x, 1.0) => "must be 0 or 1",
        Family::Positive | Family::Hurdle if x < 0.0 => "must be >= 0",
        Family::Positive | Family::Hurdle if x > LARGEST_AMOUNT => LARGEST_AMOUNT_RULE,
        Family::Count if !(0.0..=LARGEST_COUNT).contains(&x) || !same(x, x.trunc()) => {
            "must be a whole number >= 0"
        }
        Family::Mean if x.abs() > LARGEST_AMOUNT => "must lie between -1e100 and 1e100",
        Family::Ordinal if level_of(metric, x).is_none() => {
            let levels: Vec<String> = metric.levels.iter().map(f64::to_string).collect();
            return Some(format!("must be one of {}", levels.join(", ")));
        }
        _ => return None,
    };
    Some(rule.to_owned())
}
