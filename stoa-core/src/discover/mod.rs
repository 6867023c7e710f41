//! Floor 7: where the effect differs, found without a hypothesis and said with its uncertainty.
//!
//! One search: nuisances, a causal forest, doubly robust scores, and the shallow exact tree that divides the visitors
//! who respond above a reference from the others. Around it the honesty: a test of whether the effect varies at all
//! (`heterogeneity`), estimates on data that did not choose the segment (`crossfit`), the whole search redrawn on
//! half-samples (`stability`), and what acting on it would earn (`value`).

mod crossfit;
mod heterogeneity;
mod options;
mod report;
mod rounding;
mod search;
mod segment;
mod stability;
mod value;

use serde::Deserialize;

use crate::{
    decide::{CheckedRows, Columns, measured, plays_a_part},
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, StoreDocument},
    forest::{Design, Mean, average_effect},
    rule::AttributeSchema,
    value::Table,
};
use search::Search;

pub use heterogeneity::Heterogeneity;
pub use options::DiscoverOptions;
pub use report::Discovery;
pub use segment::{Claim, FoundSegment, STABLE};
pub use value::{PolicyValue, ValueDifference};

/// What to look for.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    /// Attributes to search, as columns of the table.
    pub features: Vec<String>,
    /// The metric whose effect may differ; the contract's revenue metric when absent.
    pub metric: Option<String>,
    /// The variant treated; the first after control when absent.
    pub treatment: Option<String>,
    /// The variant it is held against; the experiment's control when absent.
    pub control: Option<String>,
    /// Says which attributes the storefront can evaluate, and has the words for them.
    #[serde(skip)]
    pub schema: Option<AttributeSchema>,
    /// The search's settings.
    pub options: DiscoverOptions,
}

/// Searches an experiment's rows for segments that respond differently.
///
/// When to use: after an experiment, to propose segments for the next. Not to decide on the same data: a segment found
/// here is at most *honest*, and becomes *confirmed* only in a later experiment.
///
/// Cost: 4 + folds + 2·pairs forests. Deterministic for a seed.
///
/// # Errors
/// What the rows' checks refuse; [`Error::UnknownName`] for a metric or variant; [`Error::MissingColumn`] for a feature;
/// [`Error::Conflict`] for a feature that the experiment measures; [`Error::Unsupported`] for a feature of another type,
/// or a metric not measured on every visitor.
///
/// # Source
/// Wager & Athey (2018); Zhou, Athey & Wager (2023); Wager (2024); Shah & Samworth (2013) for the half-samples.
pub fn discover(
    table: &Table<'_>,
    experiment: &CheckedExperiment,
    store: &StoreDocument,
    columns: &Columns,
    question: &Question,
) -> Result<Discovery> {
    let options = &question.options;
    options.check().map_err(|e| e.at("options"))?;
    let rows = CheckedRows::new(table, experiment, store, columns)?;
    let pair = arms(experiment, question)?;
    let metric = question
        .metric
        .as_deref()
        .unwrap_or(&experiment.metrics.revenue.metric);
    let taken: Vec<u32> = (0_u32..)
        .zip(&rows.arms)
        .filter(|(_, arm)| pair.contains(arm))
        .map(|(row, _)| row)
        .collect();
    let y = measured(table, store, columns, metric, &taken)?;
    let treated = taken.iter().map(|&row| rows.arms[row as usize] == pair[1]);
    let w: Vec<f64> = treated
        .map(|treated| f64::from(u8::from(treated)))
        .collect();
    let weights = pair.map(|arm| experiment.variants[arm].weight);
    check_features(table, store, columns, &question.features)?;
    let design = Design::new(table, &question.features)?.take(&taken);
    let binned = search::binned(&design)?;
    let search = Search {
        design: &design,
        binned: &binned,
        y: &y,
        w: &w,
        propensity: weights[1] / (weights[0] + weights[1]),
        options,
    };
    let fitted = search.fit(&search.everyone(), options.n_trees)?;
    let found = Found {
        average: average_effect(&fitted.scores),
        heterogeneity: heterogeneity::test(&search)?,
        scores: fitted.scores,
    };
    let asked = Asked {
        search: &search,
        rows: &rows,
        pair,
        taken: &taken,
        metric,
        question,
    };
    report::report(&asked, found)
}

/// A question with everything that its answer is made of.
struct Asked<'a> {
    search: &'a Search<'a>,
    rows: &'a CheckedRows<'a>,
    /// Places of control and treatment among the variants.
    pair: [usize; 2],
    /// The rows of these two arms.
    taken: &'a [u32],
    metric: &'a str,
    question: &'a Question,
}

impl Asked<'_> {
    /// Keys of control and treatment.
    fn arms(&self) -> [String; 2] {
        let variants = &self.rows.experiment.variants;
        self.pair.map(|arm| variants[arm].key.clone())
    }
}

/// What the main fit says before any segment is named.
struct Found {
    average: Mean,
    heterogeneity: Heterogeneity,
    scores: Vec<f64>,
}

fn arms(experiment: &CheckedExperiment, question: &Question) -> Result<[usize; 2]> {
    let position = |field: &str, key: Option<&str>, default: usize| match key {
        None => Ok(default),
        Some(key) => experiment
            .variants
            .iter()
            .position(|v| v.key == key)
            .ok_or_else(|| {
                let keys = experiment.variants.iter().map(|v| v.key.as_str());
                let detail = Detail::new(field, "must be a variant of the experiment", key);
                Error::UnknownName(detail.did_you_mean(key, keys))
            }),
    };
    let control = position("control", question.control.as_deref(), 0)?;
    let treatment = position("treatment", question.treatment.as_deref(), 1)?;
    if control == treatment {
        let detail = Detail::new(
            "treatment",
            "must differ from the control",
            &experiment.variants[control].key,
        );
        return Err(Error::Conflict(detail));
    }
    Ok([control, treatment])
}

/// An outcome among the features would find itself.
fn check_features(
    table: &Table<'_>,
    store: &StoreDocument,
    columns: &Columns,
    features: &[String],
) -> Result<()> {
    let outcome = |name: &&String| plays_a_part(name, table, store, columns);
    let rule = "must be known before the experiment, not be measured by it";
    let errors = features.iter().filter(outcome);
    let errors = errors.map(|name| Error::Conflict(Detail::new("features", rule, name)));
    Error::collect(errors.collect()).map_or(Ok(()), Err)
}
