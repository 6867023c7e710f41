//! Floor 6: from an experiment's rows, or sums, to what to do.
//!
//! Steps: [`stats_from_rows`] turns rows into one [`ExperimentStats`] (a warehouse may sum instead), [`analyze`] checks
//! the sample ratio, compares every pair of arms on every metric and gives a [`Verdict`] per treatment and one for the
//! experiment, [`analyze_segments`] does the same inside each segment. This first verdict controls no error rate over
//! repeated looks and says so.

mod analysis;
mod columns;
mod comparisons;
mod evidence;
mod gates;
mod group;
mod rows;
mod segments;
mod sentence;
mod series;
mod stats;
mod verdict;
mod winsorized;

pub use analysis::{Analysis, Note, Pair, SampleRatio, VariantCount, analyze};
pub use columns::Columns;
pub(crate) use group::compare_group;
pub use rows::stats_from_rows;
pub(crate) use rows::{CheckedRows, measured, plays_a_part};
pub use segments::{SegmentAnalysis, analyze_segments};
pub use stats::{ExperimentStats, VariantStats};
pub use verdict::{Action, Reason, Verdict};

/// Sample ratios less likely than this make an experiment invalid.
pub const SAMPLE_RATIO_ALPHA: f64 = 0.01;
/// How sure "better", "worse" and "harm" have to be.
pub const CREDIBLE: f64 = 0.95;
/// Below this chance of reaching the minimum effect, waiting is futile.
pub const FUTILE: f64 = 0.05;
