//! What a readout says of amounts that were cut off, or that the plan would have cut.

use super::{notes::Note, series::is_cut, stats::VariantStats};
use crate::{
    catalog::Metric,
    experiment::CheckedExperiment,
    posterior::{Positive, Stats, cut_words},
};

/// `winsorized`: the cap and how many orders of each arm it cut. `not_winsorized`: the plan asks for it, and the sums
/// of a metric of the contract were not cut.
pub(super) fn notes(experiment: &CheckedExperiment, arms: &[&VariantStats]) -> Vec<Note> {
    let mut keys: Vec<&String> = arms.iter().flat_map(|arm| arm.metrics.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let said = keys.into_iter().filter_map(|key| {
        let amounts: Vec<(&str, Positive)> = arms
            .iter()
            .filter_map(|arm| Some((arm.key.as_str(), amounts(arm.metrics.get(key)?)?)))
            .collect();
        match cut_words(&amounts) {
            Some(words) => Some(note("winsorized", key, &format!("{key}: {words}."))),
            None => asked(experiment, key).filter(|_| !amounts.is_empty()),
        }
    });
    said.collect()
}

fn amounts(stats: &Stats) -> Option<Positive> {
    match stats {
        Stats::Positive(stats) => Some(*stats),
        Stats::Hurdle(stats) => Some(stats.order_values()),
        Stats::Binary(_) | Stats::Ordinal(_) | Stats::Count(_) | Stats::Mean(_) => None,
    }
}

/// The plan asks for a cut of this metric, and there is none.
fn asked(experiment: &CheckedExperiment, key: &str) -> Option<Note> {
    let quantile = experiment.plan.winsorize?;
    let metrics: Vec<&Metric> = experiment.roles().iter().map(|r| &r.metric).collect();
    metrics.iter().find(|m| m.key == key && is_cut(m))?;
    let text = format!(
        "{key}: the plan cuts amounts off at the {quantile} quantile, but these were not cut."
    );
    Some(note("not_winsorized", key, &text))
}

fn note(code: &str, metric: &str, sentence: &str) -> Note {
    Note {
        code: code.to_owned(),
        metric: Some(metric.to_owned()),
        sentence: sentence.to_owned(),
    }
}
