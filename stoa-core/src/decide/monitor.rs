//! A history of looks: what each said, and what is to be expected.

use serde::Serialize;
use serde_json::Value;

use super::{
    calendar::stopped,
    look::Look,
    outlook::{self, Finish},
    stats::ExperimentStats,
    verdict::Verdict,
    watch::Watch,
};
use crate::{
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, StoreDocument},
};

/// What every look of an experiment said, and its outlook.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Monitor {
    /// Key of the experiment.
    pub experiment: String,
    /// One per entry of the history.
    pub looks: Vec<Look>,
    /// The verdict of the last one.
    pub verdict: Verdict,
    /// When it is expected to be decided.
    pub finish: Finish,
    /// What would change the verdict, in a sentence.
    pub would_change: String,
}

/// Judges an experiment at every look of its history.
///
/// When to use: while an experiment runs, with the counts of each day (or of some days). When not: one reading of one
/// day; [`analyze`](super::analyze) takes the looks before it as planned.
///
/// Model: the rule of `analyze` at each look; with a horizon, the looks in the history share the plan's alpha, by the day
/// (O'Brien-Fleming type spending) and with the correlation of the units that each had. Shapes: counts so far, one entry
/// per look, in order of their days. Of a stopped experiment the last entry is the last look. An arm without visitors,
/// orders or answers yet is `continue`. Cost: milliseconds a look. Deterministic.
///
/// # Errors
/// [`Error::OutOfRange`] for no history or days that do not rise; what the statistics' checks refuse, by
/// `history[k]`.
///
/// # Source
/// docs/METHODS.md, Deciding; Lan & `DeMets` (1983), <https://doi.org/10.1093/biomet/70.3.659>.
///
/// # Example
/// ```
/// use stoa_core::decide::{Action, ExperimentStats, monitor};
/// use stoa_core::experiment::{Experiment, StoreDocument};
/// let store = StoreDocument::default();
/// let experiment = Experiment::from_value(&serde_json::json!({
///     "key": "mail", "surface": "lifecycle_email", "status": "running", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate"},
///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
/// }))?.check(&store)?;
/// let history: Result<Vec<_>, _> = (7..=9).map(|day: u64| {
///     let arm = |key: &str, s: u64| serde_json::json!({"key": key, "n": 900 * day, "metrics": {
///         "conversion_rate": {"n": 900 * day, "successes": s * day},
///         "return_visit_rate": {"n": 900 * day, "successes": 270 * day}}});
///     let variants = [arm("A", 27), arm("B", 31)];
///     ExperimentStats::from_value(&serde_json::json!({"experiment": "mail", "day": day, "variants": variants}), &store)
/// }).collect();
/// let monitor = monitor(&history?, &experiment, &store)?;
/// assert_eq!(monitor.verdict.action, Action::Continue);
/// assert!(monitor.finish.day.is_some_and(|day| (9.0..28.0).contains(&day)));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn monitor(
    history: &[ExperimentStats],
    experiment: &CheckedExperiment,
    store: &StoreDocument,
) -> Result<Monitor> {
    let mut watch = Watch::new(experiment, store)?;
    let mut looks = Vec::with_capacity(history.len());
    for (k, stats) in history.iter().enumerate() {
        let ended = stopped(experiment) && k + 1 == history.len();
        let look = watch.look_at(stats, ended);
        looks.push(look.map_err(|e| e.at(&format!("history[{k}]")))?);
    }
    let Some((last, stats)) = looks.last().zip(history.last()) else {
        let detail = Detail::new("history", "must hold at least one look", 0);
        return Err(Error::OutOfRange(detail));
    };
    let (finish, would_change) = outlook::of(&watch, stats, last)?;
    Ok(Monitor {
        experiment: experiment.key.clone(),
        verdict: last.verdict.clone(),
        looks,
        finish,
        would_change,
    })
}

impl Monitor {
    /// The history as data: the same keys in every language.
    ///
    /// | key | holds |
    /// |---|---|
    /// | `experiment` | its key |
    /// | `looks` | list of looks ([`Look::to_value`]) |
    /// | `verdict` | the last look's: `action`, `variant`, `guarantee`, `proxy`, `reasons`, `sentence` |
    /// | `finish` | `day` (null where none is in sight) and `sentence` |
    /// | `would_change` | a sentence |
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}
