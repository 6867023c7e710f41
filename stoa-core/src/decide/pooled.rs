//! What the segments say together: each one's effect, pulled towards the others as far as the data say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Analysis, SegmentAnalysis};
use crate::{
    hierarchy::{Distribution, EffectPrior, GroupEffect, SpreadPrior, hierarchical_effects},
    posterior::{Comparison, Effect, Interval},
};

/// Level of the interval.
const LEVEL: f64 = 0.95;
/// Half the distance between these quantiles is a standard deviation of a normal distribution, however wide the tails are.
const AROUND: [f64; 2] = [0.158_655_253_931_457_05, 0.841_344_746_068_542_9];

/// One segment's effect on one metric, read with the help of the other segments.
///
/// # Example
/// See [`analyze_segments`](super::analyze_segments).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PooledEffect {
    /// Whether `mean`, `median` and `interval` are relative to control (0.1 is +10%), or in the metric's unit.
    pub relative: bool,
    /// Segments that were pooled.
    pub segments: usize,
    /// What the segment says by itself, on the scale that is pooled: ln(treatment / control) or the difference.
    pub estimate: f64,
    /// Its standard deviation.
    pub standard_error: f64,
    /// Posterior mean.
    pub mean: f64,
    /// Posterior median.
    pub median: f64,
    /// 95% interval.
    pub interval: Interval,
    /// P(treatment > control).
    pub prob_positive: f64,
    /// The part of the way from its own estimate to what the segments have in common: 0 is unpooled, 1 wholly pooled; absent
    /// where both are the same.
    pub pulled: Option<f64>,
}

/// Pooled effects by metric and treatment.
pub(super) type Pooled = BTreeMap<String, BTreeMap<String, PooledEffect>>;

/// Fills `pooled` of every readout: each metric and treatment by itself, over the segments that have it.
pub(super) fn pool(readouts: &mut [SegmentAnalysis]) {
    let analyses = || readouts.iter().filter_map(|r| r.analysis.as_ref().ok());
    let keys: BTreeSet<(String, String)> = analyses().flat_map(keys_of).collect();
    for (metric, treatment) in keys {
        let found: Vec<(usize, Group)> = readouts
            .iter()
            .enumerate()
            .filter_map(|(i, readout)| {
                let comparison = readout.analysis.as_ref().ok()?;
                let comparison = comparison.metrics.get(&metric)?.get(&treatment)?;
                Some((i, Group::of(comparison)?))
            })
            .collect();
        // Segments of one metric share a scale; where some lack the relative one, those are left out.
        let relative = found.iter().any(|(_, group)| group.relative);
        let alike: Vec<(usize, Group)> = found
            .into_iter()
            .filter(|(_, group)| group.relative == relative)
            .collect();
        for (i, effect) in pooled(&alike) {
            let of_metric = readouts[i].pooled.entry(metric.clone()).or_default();
            of_metric.insert(treatment.clone(), effect);
        }
    }
}

fn keys_of(analysis: &Analysis) -> impl Iterator<Item = (String, String)> {
    analysis.metrics.iter().flat_map(|(metric, treatments)| {
        let of = |treatment: &String| (metric.clone(), treatment.clone());
        treatments.keys().map(of)
    })
}

/// One segment's own figures.
#[derive(Debug, Clone, Copy)]
struct Group {
    relative: bool,
    effect: GroupEffect,
}

impl Group {
    /// `None` where neither lift is given.
    fn of(comparison: &Comparison) -> Option<Self> {
        if let Some([low, high]) = around(comparison.relative()) {
            let effect = GroupEffect {
                estimate: comparison.mean_log_lift(),
                standard_error: 0.5 * (high.ln_1p() - low.ln_1p()),
            };
            return Self::sound(true, effect);
        }
        let absolute = comparison.absolute();
        let [low, high] = around(absolute)?;
        let effect = GroupEffect {
            estimate: absolute.mean()?,
            standard_error: 0.5 * (high - low),
        };
        Self::sound(false, effect)
    }

    fn sound(relative: bool, effect: GroupEffect) -> Option<Self> {
        let sound = effect.estimate.is_finite()
            && effect.standard_error.is_finite()
            && effect.standard_error > 0.0;
        sound.then_some(Self { relative, effect })
    }
}

fn around(effect: &Effect) -> Option<[f64; 2]> {
    let at = |q: f64| effect.quantile(q).ok().flatten();
    Some([at(AROUND[0])?, at(AROUND[1])?])
}

/// Effects by the index of their readout; none where there is nothing to pool.
fn pooled(found: &[(usize, Group)]) -> Vec<(usize, PooledEffect)> {
    let groups: Vec<GroupEffect> = found.iter().map(|(_, group)| group.effect).collect();
    let Some((_, first)) = found.first().filter(|_| found.len() > 1) else {
        return Vec::new();
    };
    let tau = if first.relative {
        SpreadPrior::default()
    } else {
        SpreadPrior::HalfNormal {
            scale: middle(groups.iter().map(|g| g.standard_error)),
        }
    };
    let Ok(hierarchy) = hierarchical_effects(&groups, &EffectPrior { mu: None, tau }) else {
        return Vec::new();
    };
    let common = hierarchy.mu.mean();
    let each = found.iter().zip(&hierarchy.groups);
    each.filter_map(|(&(i, group), theta)| Some((i, effect(group, theta, common, found.len())?)))
        .collect()
}

fn effect(
    group: Group,
    theta: &Distribution,
    common: Option<f64>,
    segments: usize,
) -> Option<PooledEffect> {
    let own = group.effect.estimate;
    let interval = theta.interval(LEVEL).ok()?;
    let plain = |x: f64| if group.relative { x.exp_m1() } else { x };
    let mean = if group.relative {
        theta.mean_of_exp()? - 1.0
    } else {
        theta.mean()?
    };
    let way = common.map_or(0.0, |common| common - own);
    Some(PooledEffect {
        relative: group.relative,
        segments,
        estimate: own,
        standard_error: group.effect.standard_error,
        mean,
        median: plain(theta.median()),
        interval: Interval {
            level: LEVEL,
            low: plain(interval.low),
            high: plain(interval.high),
        },
        prob_positive: theta.prob_above(0.0).ok()?,
        pulled: (way != 0.0).then_some((theta.mean()? - own) / way),
    })
}

/// The median.
fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(1.0)
}
