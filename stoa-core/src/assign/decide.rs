//! The checks, in the contract's order (DESIGN §5); the first that speaks decides.

use super::{
    Facts, MAX_UNIT_BYTES, Reason,
    compile::{Entry, Phase, Prerequisite, Ready},
    targeting::{Eligibility, Served, Targeting},
};
use crate::{
    hash::{Digest, variant_of},
    value::Timestamp,
};

/// A decision as small numbers: what the hot path returns, without allocating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// Index of the variant; `None` when there is none to give.
    pub variant: Option<u8>,
    /// Why.
    pub reason: Reason,
}

impl Outcome {
    pub(super) const fn of(variant: u8, reason: Reason) -> Self {
        Self {
            variant: Some(variant),
            reason,
        }
    }

    pub(super) const fn control(reason: Reason) -> Self {
        Self::of(0, reason)
    }

    /// The variant's index, −1 when there is none.
    #[must_use]
    pub fn index(self) -> i8 {
        self.variant
            .and_then(|v| i8::try_from(v).ok())
            .unwrap_or(-1)
    }
}

/// Whoever can answer targeting rules: one visitor, or a row of a table.
pub(super) trait Person {
    /// The answer of `targeting`, which belongs to the experiment of that index.
    fn eligible(&self, experiment: usize, targeting: &Targeting) -> Eligibility;
}

/// A visitor at an instant.
pub(super) struct VisitorNow<'v, F> {
    pub(super) served: &'v Served,
    pub(super) facts: &'v F,
    pub(super) now: Option<Timestamp>,
}

impl<F: Facts> Person for VisitorNow<'_, F> {
    fn eligible(&self, _experiment: usize, targeting: &Targeting) -> Eligibility {
        targeting.judge(self.served, self.facts, self.now)
    }
}

/// Whether text can be a unit id.
pub(super) fn is_unit(unit: &str) -> bool {
    !unit.is_empty() && unit.len() <= MAX_UNIT_BYTES
}

/// The decision of experiment `index` about one unit.
pub(super) fn outcome(
    entries: &[Entry],
    index: usize,
    unit: Option<&str>,
    person: &impl Person,
) -> Outcome {
    let entry = &entries[index];
    let Some(ready) = &entry.ready else {
        return Outcome {
            variant: (!entry.arms.is_empty()).then_some(0),
            reason: Reason::LoadError,
        };
    };
    let Some(unit) = unit.filter(|unit| is_unit(unit)) else {
        return Outcome::control(Reason::InvalidUnit);
    };
    if let Some(&variant) = ready.overrides.get(unit) {
        return Outcome::of(variant, Reason::Forced);
    }
    let eligible = || {
        let targeting = ready.targeting.as_ref();
        targeting.map_or(Eligibility::Targeted, |t| person.eligible(index, t))
    };
    match ready.phase {
        Phase::Running => {}
        Phase::Shipped(variant) if eligible() == Eligibility::Targeted => {
            return Outcome::of(variant, Reason::Shipped);
        }
        Phase::Shipped(_) | Phase::Idle => return Outcome::control(Reason::NotRunning),
    }
    let met = |p: &Prerequisite| {
        let required = outcome(entries, p.experiment, Some(unit), person);
        required.reason.chosen() && required.variant.is_some_and(|v| p.variants.contains(&v))
    };
    if !ready.prerequisite.as_ref().is_none_or(met) {
        return Outcome::control(Reason::PrerequisiteUnmet);
    }
    if ready.holdout.as_ref().is_some_and(|h| h.holds(unit)) {
        return Outcome::control(Reason::InHoldout);
    }
    if !ready.layer.as_ref().is_none_or(|l| l.holds(unit)) {
        return Outcome::control(Reason::OutsideLayer);
    }
    match eligible() {
        Eligibility::Unreadable => Outcome::control(Reason::BadAttributes),
        Eligibility::Stale => Outcome::control(Reason::StaleSegment),
        Eligibility::NotTargeted => Outcome::control(Reason::NotTargeted),
        Eligibility::Targeted => draw(ready, unit),
    }
}

/// The draw of a targeted unit: one digest gives the allocation and the variant, independently.
fn draw(ready: &Ready, unit: &str) -> Outcome {
    let digest = Digest::of(&ready.salt, unit);
    if digest.h::<1>() >= ready.allocation {
        return Outcome::control(Reason::NotAllocated);
    }
    let variant = variant_of(&ready.cuts, digest.h::<0>());
    // Experiments have at most 100 variants.
    u8::try_from(variant).map_or(Outcome::control(Reason::LoadError), |v| {
        Outcome::of(v, Reason::Assigned)
    })
}
