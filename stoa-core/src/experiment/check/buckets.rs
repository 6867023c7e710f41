//! The checks of buckets that came from another system: what is written must be what that system does with it.

use super::Checks;
use crate::{
    error::{Detail, Error},
    experiment::{BucketRange, Buckets, Experiment},
    hash::HashScheme,
};

/// How far from 1 weights may add up before `GrowthBook` gives equal shares instead.
const NEAR_ONE: std::ops::RangeInclusive<f64> = 0.99..=1.01;
/// How far a weight may lie from the share of its ranges.
const SAME_SHARE: f64 = 1e-6;

pub(super) fn check(errors: &mut Vec<Error>, experiment: &Experiment) {
    let none = Buckets::default();
    let buckets = experiment.buckets.as_ref().unwrap_or(&none);
    match experiment.hash {
        HashScheme::Sha256 => {
            if experiment.buckets.is_some() {
                let rule = "must be left out: sha256 places by salt, allocation and weights alone";
                errors.push(Error::Conflict(Detail::new("buckets", rule, "an object")));
            }
            return;
        }
        HashScheme::GrowthbookV1 | HashScheme::GrowthbookV2 => {
            growthbook(errors, experiment, buckets);
        }
        HashScheme::Eppo => eppo(errors, experiment, buckets),
    }
    if !buckets.ranges.is_empty() {
        ranges(errors, experiment, &buckets.ranges);
    }
}

fn growthbook(errors: &mut Vec<Error>, experiment: &Experiment, buckets: &Buckets) {
    let rule = "must be left out: it is for hash eppo";
    if !buckets.traffic_salt.is_empty() {
        let detail = Detail::new("buckets.traffic_salt", rule, &buckets.traffic_salt);
        errors.push(Error::Conflict(detail));
    }
    if let Some(shards) = buckets.total_shards {
        let detail = Detail::new("buckets.total_shards", rule, shards);
        errors.push(Error::Conflict(detail));
    }
    if !buckets.ranges.is_empty() {
        if experiment.allocation < 1.0 {
            let rule = "must be 1: the ranges say who takes part";
            let detail = Detail::new("allocation", rule, experiment.allocation);
            errors.push(Error::Conflict(detail));
        }
        return;
    }
    let weights: Vec<f64> = experiment.variants.iter().map(|v| v.weight).collect();
    let equal = weights.windows(2).all(|w| w[0].to_bits() == w[1].to_bits());
    if !equal && !NEAR_ONE.contains(&weights.iter().sum()) {
        errors.push(Error::OutOfRange(Detail::new(
            "variants",
            "must have weights that are equal or add up to 1 (0.99 to 1.01): GrowthBook gives equal shares otherwise",
            format!("weights {weights:?}"),
        )));
    }
}

fn eppo(errors: &mut Vec<Error>, experiment: &Experiment, buckets: &Buckets) {
    if buckets.traffic_salt.is_empty() && experiment.allocation < 1.0 {
        errors.push(Error::MissingField(Detail::new(
            "buckets.traffic_salt",
            "is required when the allocation is below 1",
            "nothing",
        )));
    }
    if buckets.total_shards == Some(0) {
        let detail = Detail::new("buckets.total_shards", "must be at least 1", 0);
        errors.push(Error::OutOfRange(detail));
    }
}

fn ranges(errors: &mut Vec<Error>, experiment: &Experiment, ranges: &[Vec<BucketRange>]) {
    let n = experiment.variants.len();
    if ranges.len() != n {
        let rule = format!("must be one list for each variant ({n})");
        let detail = Detail::new("buckets.ranges", rule, ranges.len());
        errors.push(Error::OutOfRange(detail));
        return;
    }
    let n_before = errors.len();
    for (i, list) in ranges.iter().enumerate() {
        for (k, range) in list.iter().enumerate() {
            one(errors, &format!("buckets.ranges[{i}][{k}]"), *range);
        }
    }
    if errors.len() == n_before {
        apart(errors, ranges);
        shares(errors, experiment, ranges);
    }
}

fn one(errors: &mut Vec<Error>, path: &str, range: BucketRange) {
    let (from, to) = (format!("{path}.from"), format!("{path}.to"));
    let sound = errors.share(&from, range.from) & errors.share(&to, range.to);
    if sound && range.from >= range.to {
        let rule = format!("must be above its from ({})", range.from);
        errors.push(Error::OutOfRange(Detail::new(to, rule, range.to)));
    }
}

fn apart(errors: &mut Vec<Error>, ranges: &[Vec<BucketRange>]) {
    let mut all: Vec<_> = ranges.iter().flatten().collect();
    all.sort_by(|a, b| a.from.total_cmp(&b.from));
    if let Some(pair) = all.windows(2).find(|w| w[1].from < w[0].to) {
        errors.push(Error::Conflict(Detail::new(
            "buckets.ranges",
            format!("must not overlap [{}, {})", pair[0].from, pair[0].to),
            format!("[{}, {})", pair[1].from, pair[1].to),
        )));
    }
}

/// The sample ratio is judged by the weights, so they must be what the ranges hand out.
fn shares(errors: &mut Vec<Error>, experiment: &Experiment, ranges: &[Vec<BucketRange>]) {
    let width = |list: &Vec<BucketRange>| list.iter().map(BucketRange::width).sum::<f64>();
    let whole: f64 = ranges.iter().map(width).sum();
    let total: f64 = experiment.variants.iter().map(|v| v.weight).sum();
    for (i, (variant, list)) in experiment.variants.iter().zip(ranges).enumerate() {
        let (given, owned) = (variant.weight / total, width(list) / whole);
        if (given - owned).abs() > SAME_SHARE {
            errors.push(Error::Conflict(Detail::new(
                format!("variants[{i}].weight"),
                format!("must be the share of its ranges, {owned} of all weights"),
                variant.weight,
            )));
        }
    }
}
