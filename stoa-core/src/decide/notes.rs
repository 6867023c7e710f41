//! What a reader should know besides the numbers.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{anytime::Planned, sentence::percent, stats::VariantStats, winsorized};
use crate::{
    experiment::{CheckedExperiment, Guarantee},
    posterior::Stats,
};

/// Something the reader should know that is no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable name.
    pub code: String,
    /// Metric it speaks of, if one.
    pub metric: Option<String>,
    /// The note.
    pub sentence: String,
}

/// In the order of the contract, then of the statistics.
pub(super) fn notes(experiment: &CheckedExperiment, arms: &[&VariantStats]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code: &str, metric: Option<&str>, sentence: String| {
        notes.push(Note {
            code: code.to_owned(),
            metric: metric.map(ToOwned::to_owned),
            sentence,
        });
    };
    let contract = experiment.roles().iter().map(|role| &role.metric.key);
    let measured = arms.iter().flat_map(|arm| arm.metrics.keys());
    let keys: BTreeSet<&String> = contract.chain(measured).collect();
    for key in keys {
        for arm in arms.iter().filter(|arm| !arm.metrics.contains_key(key)) {
            let text = format!(
                "{key} has no value in {}, so it is not compared there.",
                arm.key
            );
            note("no_values", Some(key), text);
        }
    }
    if let Some(reason) = &experiment.metrics.satisfaction.proxy_reason {
        let proxy = &experiment.metrics.satisfaction.metric;
        let text = format!("Satisfaction is judged by proxy ({proxy}): {reason}");
        note("proxy", Some(proxy), text);
    }
    for (code, metric, text) in of_the_gate(experiment, arms) {
        note(code, metric, text);
    }
    notes.extend(winsorized::notes(experiment, arms));
    notes
}

/// What the error gate had to assume, or to share out.
fn of_the_gate<'a>(
    experiment: &'a CheckedExperiment,
    arms: &[&VariantStats],
) -> Vec<(&'static str, Option<&'a str>, String)> {
    let mut notes = Vec::new();
    for role in experiment.roles() {
        let key = role.metric.key.as_str();
        let implied = |arm: &&VariantStats| arm.metrics.get(key).is_some_and(lacks_sums);
        if arms.iter().any(implied) {
            let text = format!(
                "{key} came without its sum and sum of squares: the gate takes those that its logarithms imply."
            );
            notes.push(("implied_sums", Some(key), text));
        }
    }
    let plan = &experiment.plan;
    if plan.guarantee == Guarantee::Anytime && Planned::is_default(plan) {
        let text = "The plan does not say visitors_per_day and typical_order_value: evidence at any time is \
                    sharpest for 500 visitors a day and variant, 3% of them with an order of 50.";
        notes.push(("default_scale", None, text.to_owned()));
    }
    let treatments = arms.len().saturating_sub(1);
    if treatments > 1 {
        let (each, all) = (percent(plan.alpha / treatments as f64), percent(plan.alpha));
        let text = format!(
            "Each of {treatments} treatments is held to {each}, so that a false win of any of them is held to {all}."
        );
        notes.push(("many_treatments", None, text));
    }
    notes
}

/// Whether the statistics of amounts lack what a test of means reads.
fn lacks_sums(stats: &Stats) -> bool {
    match stats {
        Stats::Positive(s) => s.sum.is_none() || s.sum_sq.is_none(),
        Stats::Hurdle(s) => s.orders > 0 && (s.sum.is_none() || s.sum_sq.is_none()),
        _ => false,
    }
}
