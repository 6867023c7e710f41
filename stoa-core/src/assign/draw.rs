//! The last check: whether a targeted unit takes part, and in which variant.

use super::{Outcome, Reason, compile::Slice};
use crate::{
    error::Result,
    experiment::{Buckets, Experiment},
    hash::{HashScheme, Salt, Space, cuts, threshold, variant_of},
};

/// How an experiment draws, with every share as an integer.
#[derive(Debug, Clone)]
pub(super) enum Draw {
    /// One digest gives the allocation and the variant, independently.
    Digest {
        salt: Salt<String>,
        cuts: Vec<u64>,
        allocation: u64,
    },
    /// Another system's buckets: those who take part, and who owns which places; what nobody owns is not allocated.
    Buckets {
        space: Space,
        traffic: Option<Slice>,
        owners: Vec<Owner>,
    },
}

/// A half-open run of places and the variant that owns it; of two that overlap the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) variant: u8,
}

impl Draw {
    /// # Errors
    /// A number outside its range.
    pub(super) fn compile(experiment: &Experiment) -> Result<Self> {
        let weights: Vec<f64> = experiment.variants.iter().map(|v| v.weight).collect();
        let allocation = experiment.allocation;
        if experiment.hash == HashScheme::Sha256 {
            return Ok(Self::Digest {
                salt: Salt::new(experiment.salt.clone()),
                cuts: cuts(&weights).map_err(|e| e.at("variants"))?,
                allocation: threshold(allocation).map_err(|e| e.at("allocation"))?,
            });
        }
        let none = Buckets::default();
        let buckets = experiment.buckets.as_ref().unwrap_or(&none);
        let space = Space::new(experiment.hash, &experiment.salt, buckets.total_shards);
        let eppo = experiment.hash == HashScheme::Eppo;
        let traffic = (eppo && !buckets.traffic_salt.is_empty()).then(|| {
            let salt = &buckets.traffic_salt;
            let space = Space::new(experiment.hash, salt, buckets.total_shards);
            Slice::new(space, 0.0, allocation).map_err(|e| e.at("allocation"))
        });
        let shares = if !buckets.ranges.is_empty() {
            listed(buckets)
        } else if eppo {
            in_turn(&weights)
        } else {
            growthbook(&weights, allocation)
        };
        let owner = |(variant, from, to): (u8, f64, f64)| {
            Ok(Owner {
                from: space.edge(from)?,
                to: space.edge(to)?,
                variant,
            })
        };
        let owners = shares.into_iter().map(owner).collect::<Result<_>>();
        Ok(Self::Buckets {
            owners: owners.map_err(|e| e.at("variants"))?,
            traffic: traffic.transpose()?,
            space,
        })
    }

    /// The draw of a targeted unit.
    pub(super) fn of(&self, unit: &str) -> Outcome {
        match self {
            Self::Digest {
                salt,
                cuts,
                allocation,
            } => {
                let digest = salt.digest(unit);
                if digest.h::<1>() >= *allocation {
                    return Outcome::control(Reason::NotAllocated);
                }
                let variant = variant_of(cuts, digest.h::<0>());
                // Experiments have at most 100 variants.
                u8::try_from(variant).map_or(Outcome::control(Reason::LoadError), |v| {
                    Outcome::of(v, Reason::Assigned)
                })
            }
            Self::Buckets {
                space,
                traffic,
                owners,
            } => {
                let owner = || {
                    let place = space.place(unit);
                    owners.iter().find(|o| (o.from..o.to).contains(&place))
                };
                let inside = traffic.as_ref().is_none_or(|slice| slice.holds(unit));
                let owner = inside.then(owner).flatten();
                owner.map_or(Outcome::control(Reason::NotAllocated), |o| {
                    Outcome::of(o.variant, Reason::Assigned)
                })
            }
        }
    }
}

/// The ranges as they are written.
fn listed(buckets: &Buckets) -> Vec<(u8, f64, f64)> {
    let lists = (0..).zip(&buckets.ranges);
    let each = lists.flat_map(|(variant, list)| list.iter().map(move |r| (variant, r.from, r.to)));
    each.collect()
}

/// Each variant's share of the whole, one after the other.
fn in_turn(weights: &[f64]) -> Vec<(u8, f64, f64)> {
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    let each = (0..).zip(weights).map(|(variant, weight)| {
        let from = sum;
        sum += weight;
        (variant, from / total, (sum / total).min(1.0))
    });
    each.collect()
}

/// `getBucketRanges` of `GrowthBook`: a coverage below 1 takes from the end of each variant's range, so that raising it
/// moves nobody. Weights that are equal and do not add up to 1 are equal shares; the contract refuses other ones.
fn growthbook(weights: &[f64], coverage: f64) -> Vec<(u8, f64, f64)> {
    let total: f64 = weights.iter().sum();
    let even = 1.0 / weights.len() as f64;
    let stands = (0.99..=1.01).contains(&total);
    let mut sum = 0.0;
    let each = (0..).zip(weights).map(|(variant, weight)| {
        let weight = if stands { *weight } else { even };
        let from: f64 = sum;
        sum += weight;
        (variant, from.min(1.0), (from + coverage * weight).min(1.0))
    });
    each.collect()
}
