//! The whole readout of an experiment.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    SAMPLE_RATIO_ALPHA,
    calendar::stopped,
    comparisons::Readout,
    look::TreatmentLook,
    notes::{Note, notes},
    ratio::SampleRatio,
    sentence::chance,
    stats::{ExperimentStats, VariantStats, empty_arm},
    verdict::{Action, Verdict, overall},
    watch::Watch,
};
use crate::{
    error::Result,
    experiment::{CheckedExperiment, MetricRole, Role, StoreDocument},
    posterior::Comparison,
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
/// Under a horizon the verdict needs to know which look this is: the `day` of the statistics while the experiment runs
/// (the planned looks before it are taken to have been, with visitors coming evenly), or its status `stopped`, which
/// makes this the last look. Without either, the action is `continue` and the reason `day`. A history of looks is for
/// [`monitor`](super::monitor).
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
/// let stats = ExperimentStats::from_value(&serde_json::json!({"experiment": "mail", "day": 28, "variants": [
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
    let control = arms.first().map(|arm| arm.key.clone()).unwrap_or_default();
    let readout = Readout::new(&arms, experiment, store)?;
    let mut watch = Watch::new(experiment, store)?;
    let step = watch.step(stats, stopped(experiment), sample_ratio_alpha)?;
    watch.assume_planned(stats, &step)?;
    let judged = watch.judge(stats, &step, Some(&readout))?;
    let verdict = overall_verdict(&readout, experiment, &judged);
    let srm = step.ratio.ok_or_else(|| empty_arm(&control))?;
    let of_treatment = |(t, _): (TreatmentLook, f64)| (t.variant, t.verdict);
    Ok(Analysis {
        experiment: experiment.key.clone(),
        control,
        variants: counts(stats, experiment, &srm),
        roles: experiment.roles().to_vec(),
        notes: notes(experiment, &arms),
        srm,
        metrics: readout.metrics,
        pairs: readout.pairs,
        verdicts: judged.into_iter().map(of_treatment).collect(),
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
    /// | `srm` | `observed`, `expected_share`, `statistic`, `df`, `p_value`, `log10_p`, `sequential_p`, `threshold`, `passed`; where `sequential_p` is not null it is what was held against the threshold |
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

/// The leading treatment's verdict; when others may ship too, how sure it is that the leader beats them.
fn overall_verdict(
    readout: &Readout,
    experiment: &CheckedExperiment,
    judged: &[(TreatmentLook, f64)],
) -> Verdict {
    let ranked: Vec<(&Verdict, f64)> = judged.iter().map(|(t, gain)| (&t.verdict, *gain)).collect();
    let mut verdict = overall(&ranked, experiment.plan.guarantee);
    if verdict.action != Action::Ship {
        return verdict;
    }
    let revenue = experiment.roles().iter().find(|r| r.role == Role::Revenue);
    let leader = verdict.variant.clone().unwrap_or_default();
    let ships = |t: &&TreatmentLook| t.verdict.action == Action::Ship && t.variant != leader;
    for rival in judged.iter().map(|(t, _)| t).filter(ships) {
        let rival = &rival.variant;
        if let Some(p) = revenue.and_then(|role| readout.beats(&role.metric, &leader, rival)) {
            let sentence = format!(" {rival} may ship too; {} {leader} is better.", chance(p));
            verdict.sentence.push_str(&sentence);
        }
    }
    verdict
}
