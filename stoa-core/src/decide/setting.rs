//! What stays the same from look to look: the contract, and how each of its metrics is read.

use std::cell::OnceCell;

use super::{
    anytime::Planned,
    arms::Arms,
    calendar::Timing,
    comparisons::{Readout, prior_of},
    gauge::{Gauge, Posterior, Test},
    ratio::respondents,
    rule::Case,
    stats::{ExperimentStats, VariantStats},
};
use crate::{
    catalog::{Denominator, Family},
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, Guarantee, MetricRole, StoreDocument},
    posterior::Prior,
};

/// A contract made ready for looks.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) experiment: CheckedExperiment,
    pub(super) store: StoreDocument,
    /// One per metric of the contract.
    metrics: Vec<Reading>,
    pub(super) n_tracks: usize,
    pub(super) treatments: Vec<Treatment>,
    control: String,
    /// Each treatment's part of the plan's alpha.
    pub(super) alpha: f64,
}

/// How a metric of the contract is read.
#[derive(Debug)]
struct Reading {
    role: MetricRole,
    prior: Prior,
    track: usize,
}

/// A treatment that takes part.
#[derive(Debug)]
pub(super) struct Treatment {
    pub(super) key: String,
    /// Its share of it and control.
    share: f64,
    /// The share of both in all visitors.
    part: f64,
}

impl Setting {
    pub(super) fn new(experiment: &CheckedExperiment, store: &StoreDocument) -> Result<Self> {
        let mut metrics = Vec::new();
        // Metrics that every visitor has share the visitors, hence one track.
        let mut n_tracks = 1;
        for role in experiment.roles() {
            let own = role.metric.denominator != Denominator::Visitor;
            metrics.push(Reading {
                role: role.clone(),
                prior: prior_of(&role.metric, experiment)?,
                track: if own { n_tracks } else { 0 },
            });
            n_tracks += usize::from(own);
        }
        let treatments = treatments(experiment);
        let control = experiment.control();
        Ok(Self {
            metrics,
            n_tracks,
            alpha: experiment.plan.alpha / treatments.len().max(1) as f64,
            treatments,
            control: control.map(|v| v.key.clone()).unwrap_or_default(),
            experiment: experiment.clone(),
            store: store.clone(),
        })
    }

    /// One treatment at a look; `known`: comparisons that are there already.
    pub(super) fn case<'a>(
        &'a self,
        treatment: &'a Treatment,
        stats: &'a ExperimentStats,
        timing: Timing,
        known: Option<&'a Readout>,
    ) -> Result<Case<'a>> {
        Ok(Case {
            treatment: &treatment.key,
            plan: &self.experiment.plan,
            timing,
            n_treatments: self.treatments.len(),
            gauges: self.gauges(treatment, stats, known)?,
            shipped: false,
        })
    }

    /// The contract's metrics of one treatment.
    pub(super) fn gauges<'a>(
        &'a self,
        treatment: &'a Treatment,
        stats: &'a ExperimentStats,
        known: Option<&'a Readout>,
    ) -> Result<Vec<Gauge<'a>>> {
        let both = [stats.variant(&self.control), stats.variant(&treatment.key)];
        let readings = self.metrics.iter();
        readings
            .map(|reading| self.gauge(reading, treatment, both, known))
            .collect()
    }

    fn gauge<'a>(
        &'a self,
        reading: &'a Reading,
        treatment: &'a Treatment,
        both: [Option<&'a VariantStats>; 2],
        known: Option<&'a Readout>,
    ) -> Result<Gauge<'a>> {
        let metric = &reading.role.metric;
        let of = |arm: Option<&'a VariantStats>| arm.and_then(|arm| arm.metrics.get(&metric.key));
        let stats = both.map(of);
        let arms = Arms::new(stats, treatment.share, metric.direction)?;
        Ok(Gauge {
            role: &reading.role,
            stats,
            arms,
            test: self.test(reading, treatment),
            alpha: self.alpha,
            respondents: self.respondents(reading, arms.as_ref(), both)?,
            posterior: match known {
                Some(readout) => {
                    let found = readout.metrics.get(&metric.key);
                    Posterior::Found(found.and_then(|m| m.get(&treatment.key)))
                }
                None => Posterior::Pending(&reading.prior, Box::new(OnceCell::new())),
            },
        })
    }

    fn test(&self, reading: &Reading, treatment: &Treatment) -> Test {
        let plan = &self.experiment.plan;
        match plan.guarantee {
            Guarantee::Horizon => Test::Track(reading.track),
            Guarantee::Anytime => {
                let variants = self.treatments.len() + 1;
                let metric = &reading.role.metric;
                Test::Anytime(Planned::new(plan, metric, treatment.part, variants))
            }
        }
    }

    fn respondents(
        &self,
        reading: &Reading,
        arms: Option<&Arms>,
        both: [Option<&VariantStats>; 2],
    ) -> Result<Option<f64>> {
        let asked = reading.role.metric.denominator == Denominator::Respondent;
        match (arms.filter(|_| asked), both) {
            (Some(arms), [Some(control), Some(treatment)]) => {
                let revenue = &self.experiment.metrics.revenue.metric;
                respondents(arms.units(), [control, treatment], revenue)
            }
            _ => Ok(None),
        }
    }

    /// Information of each track: of any metric that reads it.
    pub(super) fn information(&self, gauges: &[Gauge<'_>]) -> Vec<f64> {
        let mut found = vec![0.0; self.n_tracks];
        for gauge in gauges {
            if let (Test::Track(k), Some(arms)) = (gauge.test, &gauge.arms) {
                found[k] = arms.information();
            }
        }
        found
    }

    /// Refuses an arm with visitors that lacks a metric which every visitor has.
    pub(super) fn check_metrics(&self, stats: &ExperimentStats) -> Result<()> {
        let judged = self.treatments.iter().map(|t| &t.key);
        let arms = judged
            .chain([&self.control])
            .filter_map(|key| stats.variant(key));
        let mut missing = Vec::new();
        for arm in arms.filter(|arm| arm.n > 0) {
            for MetricRole { metric, .. } in self.experiment.roles() {
                let everyone =
                    metric.denominator == Denominator::Visitor && metric.family != Family::Positive;
                if everyone && !arm.metrics.contains_key(&metric.key) {
                    let field = format!("variants.{}.metrics.{}", arm.key, metric.key);
                    let detail = Detail::new(field, "is required by the experiment", "nothing");
                    missing.push(Error::MissingField(detail));
                }
            }
        }
        Error::collect(missing).map_or(Ok(()), Err)
    }
}

fn treatments(experiment: &CheckedExperiment) -> Vec<Treatment> {
    let all: f64 = experiment.variants.iter().map(|v| v.weight).sum();
    let control = experiment.control().map_or(1.0, |v| v.weight);
    let others = experiment.variants.iter().skip(1);
    others
        .filter(|v| v.weight > 0.0)
        .map(|v| Treatment {
            key: v.key.clone(),
            share: v.weight / (control + v.weight),
            part: (control + v.weight) / all,
        })
        .collect()
}
