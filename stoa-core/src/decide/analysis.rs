//! The whole readout of an experiment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::{
    SAMPLE_RATIO_ALPHA,
    evidence::Evidence,
    stats::{ExperimentStats, VariantStats},
    supported,
    verdict::{Measured, Verdict, judge, overall},
};
use crate::{
    catalog::{Category, Family, Metric},
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, MetricRole, StoreDocument},
    posterior::{Comparison, HurdlePrior, LogNormalPrior, Prior, compare},
    sequential::{Srm, srm},
};

/// Units of one variant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VariantCount {
    /// Key of the variant.
    pub key: String,
    /// Units exposed to it.
    pub n: u64,
    /// Share of all units.
    pub share: f64,
    /// Share it was promised.
    pub expected_share: f64,
}

/// The sample-ratio test and what it was held against.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleRatio {
    /// The test.
    #[serde(flatten)]
    pub test: Srm,
    /// Least p-value that passes.
    pub threshold: f64,
    /// Whether it passed.
    pub passed: bool,
}

/// Two treatments against each other.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// Metric compared.
    pub metric: String,
    /// The treatment in the role of control: the earlier of the two in the contract.
    pub control: String,
    /// The other.
    pub treatment: String,
    /// The comparison.
    pub comparison: Comparison,
}

/// Something the reader should know that is no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable name.
    pub code: String,
    /// Metric it speaks of, if one.
    pub metric: Option<String>,
    /// The note.
    pub sentence: String,
}

/// The readout of an experiment: counts, sample ratio, every comparison, verdicts.
#[derive(Debug, Clone, Serialize)]
pub struct Analysis {
    /// Key of the experiment.
    pub experiment: String,
    /// Key of the control.
    pub control: String,
    /// Units per variant, control first.
    pub variants: Vec<VariantCount>,
    /// Whether the arms hold their shares; judged before anything else.
    pub srm: SampleRatio,
    /// The contract's metrics and what each is there for.
    pub roles: Vec<MetricRole>,
    /// Each treatment against control: metric → treatment → comparison, which holds both arms.
    pub metrics: BTreeMap<String, BTreeMap<String, Comparison>>,
    /// Treatments against each other, each pair once.
    pub pairs: Vec<Pair>,
    /// One verdict per treatment.
    pub verdicts: BTreeMap<String, Verdict>,
    /// The experiment's verdict.
    pub verdict: Verdict,
    /// What a reader should know besides.
    pub notes: Vec<Note>,
}

/// Analyses an experiment from its statistics.
///
/// Every metric in the statistics is compared, every treatment with control and with every other treatment; verdicts
/// read the contract's metrics only. A metric whose family has no posterior in this version is a note, and a treatment
/// whose satisfaction is therefore not measured never ships.
///
/// # Errors
/// What the statistics' checks refuse; [`Error::MissingField`] for a metric of the contract that they lack.
///
/// # Example
/// ```
/// use stoa_core::decide::{Action, ExperimentStats, analyze};
/// use stoa_core::experiment::{Experiment, StoreDocument};
/// let store = StoreDocument::default();
/// let experiment = Experiment::from_value(&serde_json::json!({
///     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate"},
///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
/// }))?.check(&store)?;
/// let stats = ExperimentStats::from_value(&serde_json::json!({"experiment": "mail", "variants": [
///     {"key": "A", "n": 9000, "metrics": {"conversion_rate": {"n": 9000, "successes": 270},
///                                         "return_visit_rate": {"n": 9000, "successes": 2700}}},
///     {"key": "B", "n": 9005, "metrics": {"conversion_rate": {"n": 9005, "successes": 360},
///                                         "return_visit_rate": {"n": 9005, "successes": 2790}}}]}), &store)?;
/// let analysis = analyze(&stats, &experiment, &store)?;
/// assert_eq!(analysis.verdict.action, Action::Ship);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn analyze(
    stats: &ExperimentStats,
    experiment: &CheckedExperiment,
    store: &StoreDocument,
) -> Result<Analysis> {
    stats.check(experiment, store)?;
    let arms: Vec<&VariantStats> = experiment
        .variants
        .iter()
        .filter_map(|v| stats.variant(&v.key))
        .filter(|arm| arm.n > 0)
        .collect();
    let ratio = sample_ratio(stats, experiment)?;
    let mut readout = Readout::default();
    for metric in metrics_of(&arms, experiment, store)? {
        readout.read(metric, &arms, experiment)?;
    }
    let verdicts = verdicts(&readout, &arms, experiment, &ratio);
    let ranked: Vec<(&Verdict, f64)> = verdicts
        .iter()
        .map(|(key, verdict)| (verdict, revenue_gain(&readout, experiment, key)))
        .collect();
    let verdict = overall(&ranked);
    Ok(Analysis {
        experiment: experiment.key.clone(),
        control: arms.first().map(|arm| arm.key.clone()).unwrap_or_default(),
        variants: counts(stats, experiment, &ratio),
        roles: experiment.roles().to_vec(),
        notes: notes(experiment, &arms),
        srm: ratio,
        metrics: readout.metrics,
        pairs: readout.pairs,
        verdicts: verdicts.into_iter().collect(),
        verdict,
    })
}

impl Analysis {
    /// The readout as data: the same keys in every language.
    ///
    /// `experiment`, `control`, `variants` [{key, n, share, expected_share}], `srm` {observed, expected_share,
    /// statistic, df, p_value, log10_p, threshold, passed}, `roles` [{metric, role, minimum_effect, margin}],
    /// `metrics` {metric: {treatment: comparison}}, `pairs` [{metric, control, treatment, comparison}], `verdicts` {treatment: verdict}, `verdict` {action, variant, guarantee, proxy, reasons,
    /// sentence}, `notes` [{code, metric, sentence}].
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

#[derive(Default)]
struct Readout {
    metrics: BTreeMap<String, BTreeMap<String, Comparison>>,
    pairs: Vec<Pair>,
}

impl Readout {
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

fn sample_ratio(stats: &ExperimentStats, experiment: &CheckedExperiment) -> Result<SampleRatio> {
    let observed: Vec<u64> = experiment
        .variants
        .iter()
        .map(|v| stats.variant(&v.key).map_or(0, |arm| arm.n))
        .collect();
    let weights: Vec<f64> = experiment.variants.iter().map(|v| v.weight).collect();
    let test = srm(&observed, &weights).map_err(|e| e.at("srm"))?;
    let passed = test.p_value >= SAMPLE_RATIO_ALPHA;
    Ok(SampleRatio {
        test,
        threshold: SAMPLE_RATIO_ALPHA,
        passed,
    })
}

fn counts(
    stats: &ExperimentStats,
    experiment: &CheckedExperiment,
    ratio: &SampleRatio,
) -> Vec<VariantCount> {
    let total: u64 = ratio.test.observed.iter().sum();
    experiment
        .variants
        .iter()
        .zip(&ratio.test.expected_share)
        .map(|(variant, &expected_share)| {
            let n = stats.variant(&variant.key).map_or(0, |arm| arm.n);
            VariantCount {
                key: variant.key.clone(),
                n,
                share: n as f64 / total as f64,
                expected_share,
            }
        })
        .collect()
}

/// The contract's metrics that can be analysed, then the others that the statistics hold.
fn metrics_of<'s>(
    arms: &[&VariantStats],
    experiment: &'s CheckedExperiment,
    store: &'s StoreDocument,
) -> Result<Vec<&'s Metric>> {
    let mut metrics: Vec<&Metric> = Vec::new();
    let mut missing = Vec::new();
    for role in experiment
        .roles()
        .iter()
        .filter(|r| supported(r.metric.family))
    {
        let key = &role.metric.key;
        if metrics.iter().any(|m| m.key == *key) {
            continue;
        }
        metrics.push(&role.metric);
        // An arm without orders has no order values: a note, not a refusal.
        for arm in arms
            .iter()
            .filter(|_| role.metric.family != Family::Positive)
        {
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
fn prior_of(metric: &Metric, experiment: &CheckedExperiment) -> Result<Prior> {
    if let Some(written) = experiment.prior.get(&metric.key) {
        let field = format!("prior.{}", metric.key);
        let value = serde_json::to_value(written).unwrap_or_default();
        return Prior::from_value(metric.family.key(), &value).map_err(|e| e.at(&field));
    }
    let typical = experiment.plan.typical_order_value;
    let severity = LogNormalPrior {
        mean: typical
            .filter(|_| metric.category == Category::Revenue)
            .map(f64::ln),
        ..LogNormalPrior::default()
    };
    Ok(match metric.family {
        Family::Positive => Prior::Positive(severity),
        Family::Hurdle => Prior::Hurdle(HurdlePrior {
            severity,
            ..HurdlePrior::default()
        }),
        _ => Prior::Default,
    })
}

fn verdicts(
    readout: &Readout,
    arms: &[&VariantStats],
    experiment: &CheckedExperiment,
    ratio: &SampleRatio,
) -> Vec<(String, Verdict)> {
    let Some((control, treatments)) = arms.split_first() else {
        return Vec::new();
    };
    let verdict = |arm: &&VariantStats| {
        let measured: Vec<Measured<'_>> = experiment
            .roles()
            .iter()
            .map(|role| {
                let key = &role.metric.key;
                let comparison = readout.metrics.get(key).and_then(|m| m.get(&arm.key));
                Measured {
                    role,
                    evidence: comparison.map(|comparison| Evidence {
                        metric: &role.metric,
                        comparison,
                    }),
                    stats: [control.metrics.get(key), arm.metrics.get(key)],
                }
            })
            .collect();
        (
            arm.key.clone(),
            judge(experiment, ratio, &arm.key, &measured),
        )
    };
    treatments.iter().map(verdict).collect()
}

/// Posterior median of the revenue effect: what ranks treatments that got the same verdict.
fn revenue_gain(readout: &Readout, experiment: &CheckedExperiment, treatment: &str) -> f64 {
    let key = &experiment.metrics.revenue.metric;
    readout
        .metrics
        .get(key)
        .and_then(|m| m.get(treatment))
        .and_then(|c| c.relative().median())
        .unwrap_or(f64::NEG_INFINITY)
}

fn notes(experiment: &CheckedExperiment, arms: &[&VariantStats]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code: &str, metric: Option<&str>, sentence: String| {
        notes.push(Note {
            code: code.to_owned(),
            metric: metric.map(ToOwned::to_owned),
            sentence,
        });
    };
    for role in experiment.roles() {
        let metric = &role.metric;
        if !supported(metric.family) {
            let family = metric.family.key();
            let text = format!(
                "{} ({family}) is not analysed by this version.",
                metric.label()
            );
            note("unsupported_family", Some(&metric.key), text);
        }
    }
    let measured: BTreeSet<&String> = arms.iter().flat_map(|arm| arm.metrics.keys()).collect();
    for key in measured {
        for arm in arms.iter().filter(|arm| !arm.metrics.contains_key(key)) {
            let text = format!("{key} has no value in {}: it has no orders.", arm.key);
            note("no_orders", Some(key), text);
        }
    }
    if let Some(reason) = &experiment.metrics.satisfaction.proxy_reason {
        let proxy = &experiment.metrics.satisfaction.metric;
        let text = format!("Satisfaction is judged by proxy ({proxy}): {reason}");
        note("proxy", Some(proxy), text);
    }
    if arms.len() > 2 {
        let text = format!(
            "{} treatments are judged one by one; nothing corrects for choosing among them yet.",
            arms.len() - 1
        );
        note("many_treatments", None, text);
    }
    notes
}
