//! The whole readout of an experiment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::{
    SAMPLE_RATIO_ALPHA,
    comparisons::Readout,
    gates::Measured,
    sentence::chance,
    stats::{ExperimentStats, VariantStats},
    verdict::{Action, Verdict, judge, overall},
    winsorized,
};
use crate::{
    catalog::Direction,
    error::Result,
    experiment::{CheckedExperiment, MetricRole, Role, StoreDocument},
    posterior::Comparison,
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
/// read the contract's metrics only. A treatment whose satisfaction is not measured never ships.
///
/// # Errors
/// What the statistics' checks refuse; [`crate::error::Error::MissingField`] for a metric of the contract that they
/// lack.
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
    analyze_at(SAMPLE_RATIO_ALPHA, stats, experiment, store)
}

/// [`analyze`] with a limit of its own for the sample ratio.
pub(super) fn analyze_at(
    sample_ratio_alpha: f64,
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
    let ratio = sample_ratio(sample_ratio_alpha, stats, experiment)?;
    let readout = Readout::new(&arms, experiment, store)?;
    let verdicts = verdicts(&readout, &arms, experiment, &ratio);
    let verdict = overall_verdict(&readout, experiment, &verdicts);
    Ok(Analysis {
        experiment: experiment.key.clone(),
        control: arms.first().map(|arm| arm.key.clone()).unwrap_or_default(),
        variants: counts(stats, experiment, &ratio),
        roles: experiment.roles().to_vec(),
        notes: notes(experiment, &arms),
        srm: ratio,
        metrics: readout.metrics,
        pairs: readout.pairs,
        verdicts,
        verdict,
    })
}

impl Analysis {
    /// The readout as data: the same keys in every language.
    ///
    /// | key | holds |
    /// |---|---|
    /// | `experiment`, `control` | keys |
    /// | `variants` | list of `key`, `n`, `share`, `expected_share` |
    /// | `srm` | `observed`, `expected_share`, `statistic`, `df`, `p_value`, `log10_p`, `threshold`, `passed` |
    /// | `roles` | list of `metric`, `role`, `minimum_effect`, `margin` |
    /// | `metrics` | metric → treatment → comparison with control ([`Comparison::to_value`]) |
    /// | `pairs` | list of `metric`, `control`, `treatment`, `comparison` |
    /// | `verdicts` | treatment → verdict |
    /// | `verdict` | `action`, `variant`, `guarantee`, `proxy`, `reasons`, `sentence` |
    /// | `notes` | list of `code`, `metric`, `sentence` |
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

fn sample_ratio(
    threshold: f64,
    stats: &ExperimentStats,
    experiment: &CheckedExperiment,
) -> Result<SampleRatio> {
    let observed: Vec<u64> = experiment
        .variants
        .iter()
        .map(|v| stats.variant(&v.key).map_or(0, |arm| arm.n))
        .collect();
    let weights: Vec<f64> = experiment.variants.iter().map(|v| v.weight).collect();
    let test = srm(&observed, &weights).map_err(|e| e.at("srm"))?;
    Ok(SampleRatio {
        passed: test.p_value >= threshold,
        test,
        threshold,
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

fn verdicts(
    readout: &Readout,
    arms: &[&VariantStats],
    experiment: &CheckedExperiment,
    ratio: &SampleRatio,
) -> BTreeMap<String, Verdict> {
    let Some((control, treatments)) = arms.split_first() else {
        return BTreeMap::new();
    };
    let judged = |arm: &&VariantStats| {
        let roles = experiment.roles().iter();
        let measured: Vec<Measured<'_>> = roles
            .map(|role| readout.measured(role, control, arm))
            .collect();
        let verdict = judge(experiment, ratio, &arm.key, &measured);
        (arm.key.clone(), verdict)
    };
    treatments.iter().map(judged).collect()
}

/// The leading treatment's verdict; when others may ship too, how sure it is that the leader beats them.
fn overall_verdict(
    readout: &Readout,
    experiment: &CheckedExperiment,
    verdicts: &BTreeMap<String, Verdict>,
) -> Verdict {
    let revenue = experiment.roles().iter().find(|r| r.role == Role::Revenue);
    // Posterior median of the improvement in revenue: what ranks treatments that got the same verdict.
    let gain = |treatment: &String| {
        let improvement = revenue.and_then(|role| {
            let comparison = readout.metrics.get(&role.metric.key)?.get(treatment)?;
            let lift = comparison.relative().median()?;
            Some(match role.metric.direction {
                Direction::Higher => lift,
                Direction::Lower => -lift,
            })
        });
        improvement.unwrap_or(f64::NEG_INFINITY)
    };
    let ranked: Vec<(&Verdict, f64)> = verdicts.iter().map(|(k, v)| (v, gain(k))).collect();
    let mut verdict = overall(&ranked);
    if verdict.action != Action::Ship {
        return verdict;
    }
    let leader = verdict.variant.clone().unwrap_or_default();
    let rivals = verdicts
        .iter()
        .filter(|(key, v)| v.action == Action::Ship && **key != leader);
    for (rival, _) in rivals {
        if let Some(p) = revenue.and_then(|role| readout.beats(&role.metric, &leader, rival)) {
            let sentence = format!(" {rival} may ship too; {} {leader} is better.", chance(p));
            verdict.sentence.push_str(&sentence);
        }
    }
    verdict
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
    let contract = experiment.roles().iter().map(|role| &role.metric.key);
    let measured = arms.iter().flat_map(|arm| arm.metrics.keys());
    let keys: BTreeSet<&String> = contract.chain(measured).collect();
    for key in keys {
        for arm in arms.iter().filter(|arm| !arm.metrics.contains_key(key)) {
            let text = format!(
                "{key} has no value in {}, so it is not compared there.",
                arm.key
            );
            note("no_values", Some(key), text);
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
    notes.extend(winsorized::notes(experiment, arms));
    notes
}
