//! Floor 6: from an experiment's rows, or sums, to what to do.
//!
//! Steps: [`stats_from_rows`] turns rows into one [`ExperimentStats`] (a warehouse may sum instead), [`analyze`] checks
//! the sample ratio, compares every pair of arms on every metric and gives a [`Verdict`] per treatment and one for the
//! experiment, [`analyze_segments`] does the same inside each segment and pools their effects, [`monitor`]
//! and [`Watch`] at every look. False wins are held to the plan's alpha over all its looks, or at any time.
//!
//! | step | file |
//! |---|---|
//! | rows to sums | `columns`, `rows`, `series`, `history`, `stats` |
//! | a look's place in the plan, what it may spend | `calendar`, `track`, `anytime` |
//! | two arms to statistics, and to claims | `moments`, `arms`, `ratio`, `comparisons`, `evidence`, `gauge` |
//! | claims to one action, its reasons, its words | `rule`, `gates`, `sentence`, `verdict` |
//! | one reading, many looks, what to expect | `analysis`, `notes`, `winsorized`, `segments`, `pooled`, `group`, `setting`, `watch`, `look`, `monitor`, `outlook` |

mod analysis;
mod anytime;
mod arms;
mod calendar;
mod columns;
mod comparisons;
mod evidence;
mod gates;
mod gauge;
mod group;
mod history;
mod look;
mod moments;
mod monitor;
mod notes;
mod outlook;
mod pooled;
mod ratio;
mod rows;
mod rule;
mod segments;
mod sentence;
mod series;
mod setting;
mod stats;
mod track;
mod verdict;
mod watch;
mod winsorized;

pub use analysis::{Analysis, Pair, VariantCount, analyze};
pub use columns::Columns;
pub(crate) use group::compare_group;
pub use history::{history_from_rows, history_from_value};
pub use look::{Look, TreatmentLook};
pub use monitor::{Monitor, monitor};
pub use notes::Note;
pub use outlook::Finish;
pub use pooled::PooledEffect;
pub use ratio::SampleRatio;
pub use rows::stats_from_rows;
pub(crate) use rows::{CheckedRows, measured, plays_a_part};
pub use segments::{SegmentAnalysis, analyze_segments};
pub use stats::{ExperimentStats, VariantStats};
pub use verdict::{Action, Reason, Verdict};
pub use watch::{Actions, Watch};

/// Sample ratios less likely than this make an experiment invalid.
pub const SAMPLE_RATIO_ALPHA: f64 = 0.01;
/// How sure "better", "worse" and "harm" have to be.
pub const CREDIBLE: f64 = 0.95;
/// Below this chance of reaching the minimum effect, waiting is futile.
pub const FUTILE: f64 = 0.05;
