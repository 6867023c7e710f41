//! The same readout inside each segment.

use serde_json::{Value, json};

use super::{
    SAMPLE_RATIO_ALPHA,
    analysis::{Analysis, analyze_at},
    columns::Columns,
    rows::CheckedRows,
};
use crate::{
    error::{Error, Problem, Result},
    experiment::{CheckedExperiment, StoreDocument},
    segment::Segments,
    value::{Table, Timestamp},
};

/// One segment's readout, from its own visitors alone.
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
}

/// Reads an experiment inside each segment: the visitors for whom the segment's rule is true.
///
/// Nothing is pooled: each segment is judged by its own visitors, so small ones have wide posteriors, and with many
/// segments some look good by chance. Each readout carries a note that says so. The limit of the sample ratio is
/// divided by the number of segments, so that looking at many of them raises no alarm by itself.
///
/// # Errors
/// What the rows' and rules' checks refuse. A segment without visitors in some arm is no error of the whole: its
/// `analysis` says which arm is empty.
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
        });
    }
    Ok(readouts)
}

impl SegmentAnalysis {
    /// The readout as data: `segment`, `description`, `n`, `unknown`, `pooling` ("none"), `analysis` (of
    /// [`Analysis::to_value`], or null) and `problem` {code, field, rule, value, message} when there is none.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({
            "segment": self.segment,
            "description": self.description,
            "n": self.n,
            "unknown": self.unknown,
            "pooling": "none",
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
            "One of {n_segments} segments, judged by its own visitors without pooling: exploratory."
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
