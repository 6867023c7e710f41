//! One segment of a search: its rule, and everything a reader needs to doubt it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Asked, crossfit::CrossFit, value::ValueDifference};
use crate::{
    decide::compare_group,
    error::Problem,
    forest::average_effect,
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
    /// Key of the experiment it was found in.
    pub experiment: String,
    /// Metric whose effect was searched.
    pub metric: String,
    /// The arm held against.
    pub control: String,
    /// The arm treated.
    pub treatment: String,
    /// Its rule.
    pub rule: Rule,
    /// The rule's hash, by which registry, warehouse and storefront know it.
    pub rule_hash: String,
    /// The rule in words.
    pub description: String,
    /// The rule as SQL, by dialect; one that cannot hold a name (docs/RULES.md) is left out.
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
    pub effect: Option<ValueDifference>,
    /// Every metric's comparison on the held-out rows.
    pub comparisons: BTreeMap<String, Comparison>,
    /// Why there are no comparisons, when there are none.
    pub problem: Option<Problem>,
    /// Redrawn searches that found it again.
    pub refound: usize,
    /// Redrawn searches in all.
    pub refits: usize,
    /// The first as a share of the second.
    pub stability: f64,
    /// How far to trust it.
    pub claim: Claim,
    /// Whether the storefront can evaluate it, when a schema says so.
    pub targetable: Option<bool>,
    /// Attributes that the storefront lacks.
    pub missing_attributes: Vec<String>,
}

impl FoundSegment {
    /// The comparison of the metric that was searched; absent where an arm is empty.
    #[must_use]
    pub fn gate(&self) -> Option<&Comparison> {
        self.comparisons.get(&self.metric)
    }

    /// The segment as data: the same keys in every language.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// What was learnt of one leaf by searching again.
pub(super) struct Again<'f> {
    /// Its rows in searches that left them out.
    pub(super) fresh: &'f CrossFit,
    /// Its place among the leaves.
    pub(super) at: usize,
    /// Redrawn searches that found it.
    pub(super) refound: usize,
    /// Redrawn searches in all.
    pub(super) refits: usize,
}

impl FoundSegment {
    pub(super) fn new(asked: &Asked<'_>, leaf: &PolicyLeaf, again: &Again<'_>) -> Self {
        let (search, schema) = (asked.search, asked.question.schema.as_ref());
        let rule = leaf.rule(search.design);
        let members = leaf.members(search.design.columns());
        let n = members.iter().filter(|m| **m).count();
        let held_out = &again.fresh.held_out[again.at];
        let score = |row: &u32| again.fresh.scores[*row as usize];
        let scores: Vec<f64> = held_out.iter().map(score).collect();
        let (comparisons, problem) = comparisons(asked, held_out);
        let stability = again.refound as f64 / again.refits as f64;
        let honest = stability >= STABLE && problem.is_none();
        let missing_attributes = schema.map(|s| s.missing_for(&rule)).unwrap_or_default();
        let [control, treatment] = asked.arms();
        Self {
            experiment: asked.rows.experiment.key.clone(),
            metric: asked.metric.to_owned(),
            control,
            treatment,
            rule_hash: rule.hash(),
            description: rule.describe(schema),
            sql: dialects(&rule),
            above: leaf.treats(),
            n,
            share: n as f64 / members.len() as f64,
            n_held_out: held_out.len(),
            folds_found: again.fresh.folds_found[again.at],
            effect: (scores.len() > 1).then(|| average_effect(&scores).into()),
            comparisons,
            problem,
            refound: again.refound,
            refits: again.refits,
            stability,
            claim: if honest {
                Claim::Honest
            } else {
                Claim::Exploratory
            },
            targetable: schema.map(|_| missing_attributes.is_empty()),
            missing_attributes,
            rule,
        }
    }
}

/// Every metric's comparison on the held-out rows, or why there is none.
fn comparisons(
    asked: &Asked<'_>,
    held_out: &[u32],
) -> (BTreeMap<String, Comparison>, Option<Problem>) {
    let group: Vec<u32> = held_out
        .iter()
        .map(|&row| asked.taken[row as usize])
        .collect();
    match compare_group(asked.rows, asked.pair, &group) {
        Ok(comparisons) => (comparisons, None),
        Err(error) => (BTreeMap::new(), error.problems().into_iter().next()),
    }
}

/// The rule as SQL of every dialect that can hold its names.
fn dialects(rule: &Rule) -> BTreeMap<String, String> {
    Dialect::ALL
        .into_iter()
        .filter_map(|dialect| {
            let sql = rule.to_sql(&SqlOptions::new(dialect)).ok()?;
            Some((dialect.name().to_owned(), sql))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Result, rule::Rule};

    #[test]
    fn a_name_that_one_dialect_cannot_hold_costs_that_dialect_alone() -> Result<()> {
        let rule = Rule::parse_sql(&format!("{} >= 2", "a".repeat(64)))?;
        let sql = dialects(&rule);
        let named: Vec<_> = sql.keys().map(String::as_str).collect();
        assert_eq!(named, ["bigquery", "duckdb", "snowflake", "spark"]);
        Ok(())
    }
}
