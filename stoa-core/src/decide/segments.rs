//! The same readout inside each segment.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    SAMPLE_RATIO_ALPHA,
    analysis::{Analysis, analyze_at},
    columns::Columns,
    pooled::{Pooled, PooledEffect, pool},
    rows::CheckedRows,
};
use crate::{
    error::{Error, Problem, Result},
    experiment::{CheckedExperiment, StoreDocument},
    segment::Segments,
    value::{Table, Timestamp},
};

/// One segment's readout, from its own visitors alone, and beside it what the other segments make of its effects.
#[derive(Debug, Clone)]
pub struct SegmentAnalysis {
    /// Key of the segment.
    pub segment: String,
    /// The rule in words.
    pub description: String,
    /// Exposed visitors in it.
    pub n: u64,
    /// Exposed visitors of whom it is not known.
    pub unknown: u64,
    /// The readout, if every arm has visitors in it.
    pub analysis: std::result::Result<Analysis, Problem>,
    /// Effects with partial pooling, metric → treatment; without a verdict. Empty where no other segment can be read.
    pub pooled: BTreeMap<String, BTreeMap<String, PooledEffect>>,
}

/// Reads an experiment inside each segment: the visitors for whom the segment's rule is true.
///
/// When to use: to see where an effect differs. When not: to decide for one segment; with many of them some look good by
/// chance, and no verdict corrects for that.
///
/// Each `analysis` is judged by the segment's own visitors, so small ones have wide posteriors, and carries a note that
/// says so. `pooled` reads the same effects with partial pooling.
/// Model: estimates yⱼ = E ln(treatment / control) with their standard deviations, as in
/// [`hierarchical_effects`](crate::hierarchy::hierarchical_effects) with a half-normal(0.1) spread; where a metric has no ratio, differences, with
/// the median standard deviation as the scale. Segments count as disjoint: visitors of two segments pull twice.
/// The limit of the sample ratio is divided by the number of segments, so that looking at many of them raises no alarm by
/// itself. Cost: the readouts, and some milliseconds for each metric and treatment of 20 segments.
///
/// # Errors
/// What the rows' and rules' checks refuse. A segment without visitors in some arm is no error of the whole: its
/// `analysis` says which arm is empty, and the others are pooled without it.
///
/// # Source
/// Gelman et al. (2013), *Bayesian Data Analysis*, 3rd ed., §5.4.
///
/// # Example
/// ```
/// use stoa_core::decide::{Columns, analyze_segments};
/// use stoa_core::experiment::{Experiment, StoreDocument};
/// use stoa_core::segment::Segments;
/// use stoa_core::value::{Column, Table};
/// let store = StoreDocument::default();
/// let experiment = Experiment::from_value(&serde_json::json!({
///     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate"},
///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
/// }))?.check(&store)?;
/// // 400 visitors; in B the new ones buy more often.
/// let ids: Vec<String> = (0..400).map(|i| format!("u{i}")).collect();
/// let bought = |i: usize| f64::from(u8::from(i % 7 == 0 || i % 8 == 1));
/// let table = Table::new([
///     ("visitor_id".to_owned(), Column::Text(ids.iter().map(|id| Some(id.as_str())).collect())),
///     ("variant".to_owned(), Column::Text((0..400).map(|i| Some(["A", "B"][i % 2])).collect())),
///     ("orders".to_owned(), Column::Number((0..400).map(|i| (i / 2 % 4) as f64).collect())),
///     ("conversion_rate".to_owned(), Column::Number((0..400).map(bought).collect())),
///     ("return_visit_rate".to_owned(), Column::Number(vec![1.0; 400].into())),
/// ])?;
/// let segments = Segments::from_value(&serde_json::json!([
///     {"key": "new", "rule": {"attr": "orders", "op": "lt", "value": 2}},
///     {"key": "known", "rule": {"attr": "orders", "op": "gte", "value": 2}},
/// ]))?;
/// let found = analyze_segments(&table, &experiment, &store, &Columns::default(), &segments, None)?;
/// let pooled = &found[0].pooled["conversion_rate"]["B"];
/// assert!(pooled.relative && pooled.interval.low < pooled.median);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn analyze_segments(
    table: &Table<'_>,
    experiment: &CheckedExperiment,
    store: &StoreDocument,
    columns: &Columns,
    segments: &Segments,
    now: Option<Timestamp>,
) -> Result<Vec<SegmentAnalysis>> {
    let rows = CheckedRows::new(table, experiment, store, columns)?;
    // One false alarm in a hundred over all segments, not in each.
    let sample_ratio_alpha = SAMPLE_RATIO_ALPHA / segments.len().max(1) as f64;
    let mut readouts = Vec::new();
    for segment in segments.iter() {
        let rule = segments.expand(&segment.rule)?;
        let mask = rule
            .mask(table, now)
            .map_err(|e| e.at(&format!("segments.{}", segment.key)))?;
        let count = |wanted: Option<bool>| mask.iter().filter(|m| **m == wanted).count() as u64;
        let analysis = rows
            .sum(|row| mask[row] == Some(true))
            .and_then(|stats| analyze_at(sample_ratio_alpha, &stats, experiment, store))
            .map(|analysis| labelled(analysis, segments.len()))
            .map_err(|e| problem(&e));
        readouts.push(SegmentAnalysis {
            segment: segment.key.clone(),
            description: rule.describe(None),
            n: count(Some(true)),
            unknown: count(None),
            analysis,
            pooled: Pooled::new(),
        });
    }
    pool(&mut readouts);
    Ok(readouts)
}

impl SegmentAnalysis {
    /// The readout as data: `segment`, `description`, `n`, `unknown`, `pooling` ("partial", or "none" where nothing could
    /// be pooled), `pooled` (metric → treatment → effect), `analysis` (of [`Analysis::to_value`], or null) and `problem`
    /// {code, field, rule, value, message} when there is none.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "segment": self.segment,
            "description": self.description,
            "n": self.n,
            "unknown": self.unknown,
            "pooling": if self.pooled.is_empty() { "none" } else { "partial" },
            "pooled": self.pooled,
            "analysis": self.analysis.as_ref().ok().map(Analysis::to_value),
            "problem": self.analysis.as_ref().err(),
        })
    }
}

fn labelled(mut analysis: Analysis, n_segments: usize) -> Analysis {
    analysis.notes.push(super::Note {
        code: "unpooled_segment".to_owned(),
        metric: None,
        sentence: format!(
            "One of {n_segments} segments, judged by its own visitors without pooling: exploratory. Its effects as pooled with the other segments' stand beside."
        ),
    });
    analysis
}

fn problem(error: &Error) -> Problem {
    error
        .problems()
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem {
            code: error.code().to_owned(),
            detail: error.detail().cloned().unwrap_or_default(),
            message: error.to_string(),
        })
}
