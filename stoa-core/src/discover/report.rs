//! What a search found, said with everything a reader needs to doubt it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    Found, Question,
    crossfit::{CrossFit, cross_fit},
    heterogeneity::Heterogeneity,
    options::DiscoverOptions,
    rounding::round_cuts,
    search::Search,
    stability::refound,
    value::{PolicyValue, policy_value},
};
use crate::{
    decide::{CheckedRows, compare_group},
    error::{Problem, Result},
    forest::{Mean, average_effect},
    policy::PolicyLeaf,
    posterior::Comparison,
    rule::{Dialect, Rule, SqlOptions},
};

/// Least share of redrawn searches that must find a segment again before anyone acts on it.
pub const STABLE: f64 = 0.8;

/// How far a discovered effect may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Searched for, and not stable or not estimated on fresh data.
    Exploratory,
    /// Estimated on data that did not choose it, and stable.
    Honest,
}

/// One segment that a search found.
#[derive(Debug, Clone, Serialize)]
pub struct FoundSegment {
    /// Its rule.
    pub rule: Rule,
    /// The rule's hash, by which registry, warehouse and storefront know it.
    pub rule_hash: String,
    /// The rule in words.
    pub description: String,
    /// The rule as SQL, by dialect.
    pub sql: BTreeMap<String, String>,
    /// Whether its members respond above the reference.
    pub above: bool,
    /// Members among the rows searched.
    pub n: usize,
    /// Share of the rows searched.
    pub share: f64,
    /// Rows of the estimates: members by a search that never saw them.
    pub n_held_out: usize,
    /// Of the folds, how many found the segment without their rows.
    pub folds_found: usize,
    /// Average effect on the held-out rows by doubly robust scores; absent without such rows.
    pub effect: Option<Mean>,
    /// Every metric's comparison on the held-out rows.
    pub comparisons: BTreeMap<String, Comparison>,
    /// Why there are no comparisons, when there are none.
    pub problem: Option<Problem>,
    /// Redrawn searches that found it again.
    pub refound: usize,
    /// The same as a share.
    pub stability: f64,
    /// How far to trust it.
    pub claim: Claim,
    /// Whether the storefront can evaluate it, when a schema says so.
    pub targetable: Option<bool>,
    /// Attributes that the storefront lacks.
    pub missing_attributes: Vec<String>,
}

/// Everything a search says.
#[derive(Debug, Clone, Serialize)]
pub struct Discovery {
    /// Key of the experiment.
    pub experiment: String,
    /// Metric whose effect was searched.
    pub metric: String,
    /// The arm held against.
    pub control: String,
    /// The arm treated.
    pub treatment: String,
    /// Rows searched.
    pub n: usize,
    /// Attributes searched.
    pub features: Vec<String>,
    /// Average effect by AIPW.
    pub average_effect: Mean,
    /// Whether the effect varies at all.
    pub heterogeneity: Heterogeneity,
    /// The segments, largest effect first; empty when no difference is detectable.
    pub segments: Vec<FoundSegment>,
    /// What treating by a rule would earn.
    pub policy_value: PolicyValue,
    /// How often the whole search was fitted again on half-samples.
    pub refits: usize,
    /// The settings used.
    pub options: DiscoverOptions,
    /// The answer in one sentence.
    pub sentence: String,
}

impl Discovery {
    /// The result as data: the same keys in every language.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

pub(super) fn report(
    search: &Search<'_>,
    rows: &CheckedRows<'_>,
    pair: [usize; 2],
    taken: &[u32],
    metric: &str,
    question: &Question,
    found: Found,
) -> Result<Discovery> {
    let options = search.options;
    let everyone: Vec<u32> = (0..u32::try_from(search.y.len()).unwrap_or(u32::MAX)).collect();
    // Without detectable heterogeneity no segment is claimed, so none is searched.
    let mut leaves = Vec::new();
    if found.heterogeneity.detected {
        leaves = search.segments(&everyone, &found.scores)?;
        round_cuts(&mut leaves, search.design);
    }
    let fresh = cross_fit(search, &leaves)?;
    let again = if leaves.is_empty() {
        Vec::new()
    } else {
        refound(search, &leaves)?
    };
    let refits = if leaves.is_empty() {
        0
    } else {
        2 * options.stability_pairs
    };
    let mut segments = Vec::new();
    for (at, leaf) in leaves.iter().enumerate() {
        let held_out: Vec<u32> = fresh.held_out[at]
            .iter()
            .map(|&row| taken[row as usize])
            .collect();
        let comparisons = compare_group(rows, pair, &held_out);
        segments.push(segment(
            search,
            leaf,
            question,
            Evidence {
                fresh: &fresh,
                at,
                comparisons,
                refound: again[at],
                refits,
            },
        )?);
    }
    let effect = |s: &FoundSegment| s.effect.map_or(f64::NEG_INFINITY, |e| e.estimate);
    segments.sort_by(|a, b| effect(b).total_cmp(&effect(a)));
    let variants = &rows.experiment.variants;
    let mut discovery = Discovery {
        experiment: rows.experiment.key.clone(),
        metric: metric.to_owned(),
        control: variants[pair[0]].key.clone(),
        treatment: variants[pair[1]].key.clone(),
        n: search.y.len(),
        features: question.features.clone(),
        average_effect: found.average,
        heterogeneity: found.heterogeneity,
        segments,
        policy_value: policy_value(&fresh.scores, &fresh.treated, options.cost),
        refits,
        options: options.clone(),
        sentence: String::new(),
    };
    discovery.sentence = sentence(&discovery);
    Ok(discovery)
}

/// What is known of one leaf besides its rule.
struct Evidence<'f> {
    fresh: &'f CrossFit,
    at: usize,
    comparisons: Result<BTreeMap<String, Comparison>>,
    refound: usize,
    refits: usize,
}

fn segment(
    search: &Search<'_>,
    leaf: &PolicyLeaf,
    question: &Question,
    evidence: Evidence<'_>,
) -> Result<FoundSegment> {
    let rule = leaf.rule(search.design);
    let n = leaf
        .members(&search.design.columns())
        .iter()
        .filter(|m| **m)
        .count();
    let held_out = &evidence.fresh.held_out[evidence.at];
    let scores: Vec<f64> = held_out
        .iter()
        .map(|&row| evidence.fresh.scores[row as usize])
        .collect();
    let (comparisons, problem) = match evidence.comparisons {
        Ok(comparisons) => (comparisons, None),
        Err(error) => (BTreeMap::new(), error.problems().into_iter().next()),
    };
    let stability = evidence.refound as f64 / evidence.refits as f64;
    let honest = stability >= STABLE && problem.is_none();
    let schema = question.schema.as_ref();
    let missing_attributes = schema.map(|s| s.missing_for(&rule)).unwrap_or_default();
    let mut sql = BTreeMap::new();
    for dialect in Dialect::ALL {
        sql.insert(
            dialect.name().to_owned(),
            rule.to_sql(&SqlOptions::new(dialect))?,
        );
    }
    Ok(FoundSegment {
        rule_hash: rule.hash(),
        description: rule.describe(schema),
        sql,
        above: leaf.treats(),
        n,
        share: n as f64 / search.y.len() as f64,
        n_held_out: held_out.len(),
        folds_found: evidence.fresh.folds_found[evidence.at],
        effect: (scores.len() > 1).then(|| average_effect(&scores)),
        comparisons,
        problem,
        refound: evidence.refound,
        stability,
        claim: if honest {
            Claim::Honest
        } else {
            Claim::Exploratory
        },
        targetable: schema.map(|_| missing_attributes.is_empty()),
        missing_attributes,
        rule,
    })
}

fn sentence(d: &Discovery) -> String {
    let test = &d.heterogeneity;
    if !test.detected {
        return format!(
            "No detectable difference between visitors in the effect of {} on {} (p = {:.2}); a difference of {:.4} between two halves would have been seen.",
            d.treatment, d.metric, test.p_value, test.smallest_detectable
        );
    }
    let named: Vec<String> = d
        .segments
        .iter()
        .map(|s| match s.effect {
            Some(e) => format!("{:+.4} ± {:.4} where the visitor {} ({:.0}% of visitors, found again in {} of {} redrawn searches)", e.estimate, 1.96 * e.standard_error, s.description, 100.0 * s.share, s.refound, d.refits),
            None => format!("unknown where the visitor {}", s.description),
        })
        .collect();
    if named.is_empty() {
        return format!(
            "The effect of {} on {} varies (p = {:.1e}), but no segment of at most {} questions captures it.",
            d.treatment, d.metric, test.p_value, d.options.depth
        );
    }
    format!(
        "The effect of {} on {} varies (p = {:.1e}): {}.",
        d.treatment,
        d.metric,
        test.p_value,
        named.join("; ")
    )
}
