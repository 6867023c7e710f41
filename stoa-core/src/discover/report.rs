//! What a search says as a whole.

use serde::Serialize;
use serde_json::Value;

use super::{
    Asked, Found,
    crossfit::cross_fit,
    heterogeneity::Heterogeneity,
    options::DiscoverOptions,
    rounding::round_cuts,
    segment::{Again, FoundSegment},
    stability::refound,
    value::{PolicyValue, ValueDifference, policy_value},
};
use crate::{error::Result, policy::PolicyLeaf};

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
    pub average_effect: ValueDifference,
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

pub(super) fn report(asked: &Asked<'_>, found: Found) -> Result<Discovery> {
    let (search, options) = (asked.search, asked.search.options);
    let leaves = leaves(asked, &found)?;
    let refits = if leaves.is_empty() {
        0
    } else {
        2 * options.stability_pairs
    };
    let fresh = cross_fit(search, &leaves)?;
    let mut segments = Vec::with_capacity(leaves.len());
    if !leaves.is_empty() {
        let refound = refound(search, &leaves)?;
        for (at, (leaf, refound)) in leaves.iter().zip(refound).enumerate() {
            let again = Again {
                fresh: &fresh,
                at,
                refound,
                refits,
            };
            segments.push(FoundSegment::new(asked, leaf, &again));
        }
    }
    let effect = |s: &FoundSegment| s.effect.map_or(f64::NEG_INFINITY, |e| e.estimate);
    segments.sort_by(|a, b| effect(b).total_cmp(&effect(a)));
    let [control, treatment] = asked.arms();
    let mut discovery = Discovery {
        experiment: asked.rows.experiment.key.clone(),
        metric: asked.metric.to_owned(),
        control,
        treatment,
        n: search.y.len(),
        features: asked.question.features.clone(),
        average_effect: found.average.into(),
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

/// The segments to speak of. Without detectable heterogeneity none is claimed, so none is searched.
fn leaves(asked: &Asked<'_>, found: &Found) -> Result<Vec<PolicyLeaf>> {
    if !found.heterogeneity.detected {
        return Ok(Vec::new());
    }
    let search = asked.search;
    let mut leaves = search.segments(&search.everyone(), &found.scores)?;
    round_cuts(&mut leaves, search.design);
    Ok(leaves)
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
            Some(e) => format!("{:+.4} (95% interval {:+.4} to {:+.4}) where the visitor {} ({:.0}% of visitors, found again in {} of {} redrawn searches)", e.estimate, e.low, e.high, s.description, 100.0 * s.share, s.refound, d.refits),
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
