//! Every comparison an experiment's statistics allow.

use std::collections::BTreeMap;

use super::{analysis::Pair, evidence::Evidence, stats::VariantStats};
use crate::{
    catalog::{Category, Denominator, Family, Metric},
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, StoreDocument},
    posterior::{AmountPrior, Comparison, HurdlePrior, LogNormalPrior, Prior, compare},
};

/// Comparisons against control, and of treatments with each other.
#[derive(Default)]
pub(super) struct Readout {
    pub(super) metrics: BTreeMap<String, BTreeMap<String, Comparison>>,
    pub(super) pairs: Vec<Pair>,
}

impl Readout {
    /// Compares control and all treatments on every metric.
    pub(super) fn new(
        arms: &[&VariantStats],
        experiment: &CheckedExperiment,
        store: &StoreDocument,
    ) -> Result<Self> {
        let mut readout = Self::default();
        for metric in metrics_of(arms, experiment, store)? {
            readout.read(metric, arms, experiment)?;
        }
        Ok(readout)
    }

    /// P(the first treatment is better than the second) on a metric.
    pub(super) fn beats(&self, metric: &Metric, first: &str, second: &str) -> Option<f64> {
        self.pairs.iter().find_map(|pair| {
            let better = Evidence {
                metric,
                comparison: &pair.comparison,
            }
            .better();
            let of = (pair.control.as_str(), pair.treatment.as_str());
            match of {
                _ if pair.metric != metric.key => None,
                (control, treatment) if (treatment, control) == (first, second) => Some(better),
                (control, treatment) if (control, treatment) == (first, second) => {
                    Some(1.0 - better)
                }
                _ => None,
            }
        })
    }

    fn read(
        &mut self,
        metric: &Metric,
        arms: &[&VariantStats],
        experiment: &CheckedExperiment,
    ) -> Result<()> {
        let prior = prior_of(metric, experiment)?;
        let measured: Vec<_> = arms
            .iter()
            .filter_map(|arm| Some((&arm.key, arm.metrics.get(&metric.key)?)))
            .collect();
        let control = arms.first().map(|arm| &arm.key);
        for (i, (first, a)) in measured.iter().enumerate() {
            for (second, b) in &measured[i + 1..] {
                let comparison = compare(a, b, &prior)?;
                if Some(*first) == control {
                    let treatments = self.metrics.entry(metric.key.clone()).or_default();
                    treatments.insert((*second).clone(), comparison);
                } else {
                    self.pairs.push(Pair {
                        metric: metric.key.clone(),
                        control: (*first).clone(),
                        treatment: (*second).clone(),
                        comparison,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The contract's metrics, then the others that the statistics hold.
fn metrics_of<'s>(
    arms: &[&VariantStats],
    experiment: &'s CheckedExperiment,
    store: &'s StoreDocument,
) -> Result<Vec<&'s Metric>> {
    let mut metrics: Vec<&Metric> = Vec::new();
    let mut missing = Vec::new();
    for role in experiment.roles() {
        let key = &role.metric.key;
        if metrics.iter().any(|m| m.key == *key) {
            continue;
        }
        metrics.push(&role.metric);
        // An arm without orders has no order values, one without answers no ratings: a note, not a refusal.
        let per_visitor = role.metric.denominator == Denominator::Visitor;
        let needed = per_visitor && role.metric.family != Family::Positive;
        for arm in arms.iter().filter(|_| needed) {
            if !arm.metrics.contains_key(key) {
                let field = format!("variants.{}.metrics.{key}", arm.key);
                let detail = Detail::new(field, "is required by the experiment", "nothing");
                missing.push(Error::MissingField(detail));
            }
        }
    }
    Error::collect(missing).map_or(Ok(()), Err)?;
    for key in arms.iter().flat_map(|arm| arm.metrics.keys()) {
        if metrics.iter().all(|m| m.key != *key) {
            metrics.extend(store.metric(key));
        }
    }
    Ok(metrics)
}

/// The contract's prior of the metric, else the family's, centred on the plan's typical order value if it has one.
pub(super) fn prior_of(metric: &Metric, experiment: &CheckedExperiment) -> Result<Prior> {
    if let Some(written) = experiment.prior.get(&metric.key) {
        let field = format!("prior.{}", metric.key);
        let value = serde_json::to_value(written).unwrap_or_default();
        return Prior::from_value(metric.family.key(), &value).map_err(|e| e.at(&field));
    }
    let typical = experiment.plan.typical_order_value;
    let severity = AmountPrior::LogNormal(LogNormalPrior {
        mean: typical
            .filter(|_| metric.category == Category::Revenue)
            .map(f64::ln),
        ..LogNormalPrior::default()
    });
    Ok(match metric.family {
        Family::Positive => Prior::Positive(severity),
        Family::Hurdle => Prior::Hurdle(HurdlePrior {
            severity,
            ..HurdlePrior::default()
        }),
        _ => Prior::Default,
    })
}
