//! The checks, in the contract's order (DESIGN §5); the first that speaks decides.

use super::{
    Facts, MAX_UNIT_BYTES, Reason,
    compile::{Entry, Phase, Prerequisite, Ready},
    targeting::{Eligibility, Served, Targeting},
};
use crate::value::Timestamp;

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

    /// The variant of a sticky experiment that the person has been shown before.
    fn remembered(&self, _experiment: usize) -> Option<u8> {
        None
    }
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

    fn remembered(&self, experiment: usize) -> Option<u8> {
        self.facts.remembered(experiment)
    }
}

/// Whether text can be a unit id.
pub(super) fn is_unit(unit: &str) -> bool {
    !unit.is_empty() && unit.len() <= MAX_UNIT_BYTES
}

/// The checks in the contract's order, as a list and one after the other: a loop over the list would look each one up.
macro_rules! checks {
    ($($check:ident),+) => {
        /// The checks of an experiment that could be loaded, of a unit that is one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Check {
            $($check),+
        }

        impl Check {
            /// In the contract's order; the last one always speaks.
            pub(super) const ALL: &[Self] = &[$(Self::$check),+];

            /// What the first check decides that speaks.
            fn first<P: Person>(case: &Case<'_, P>) -> Option<Outcome> {
                $(if let Some(outcome) = Self::$check.speaks(case) {
                    return Some(outcome);
                })+
                None
            }
        }
    };
}

checks!(
    Override,
    Status,
    Prerequisite,
    Holdout,
    Layer,
    Sticky,
    Targeting,
    Draw
);

impl Check {
    /// What the check decides; `None` leaves it to the next.
    #[expect(
        clippy::inline_always,
        reason = "each is a few instructions of the hot path"
    )]
    #[inline(always)]
    pub(super) fn speaks<P: Person>(self, case: &Case<'_, P>) -> Option<Outcome> {
        let Case { ready, unit, .. } = case;
        match self {
            Self::Override => {
                let forced = ready.overrides.get(*unit)?;
                Some(Outcome::of(*forced, Reason::Forced))
            }
            Self::Status => case.status(),
            Self::Prerequisite => {
                let unmet = ready.prerequisite.as_ref().is_some_and(|p| !case.meets(p));
                unmet.then_some(Outcome::control(Reason::PrerequisiteUnmet))
            }
            Self::Holdout => {
                let inside = ready.holdout.as_ref().is_some_and(|h| h.holds(unit));
                inside.then_some(Outcome::control(Reason::InHoldout))
            }
            Self::Layer => {
                let outside = ready.layer.as_ref().is_some_and(|l| !l.holds(unit));
                outside.then_some(Outcome::control(Reason::OutsideLayer))
            }
            Self::Sticky => {
                let shown = ready.sticky.then(|| case.person.remembered(case.index))?;
                shown.map(|variant| Outcome::of(variant, Reason::Assigned))
            }
            Self::Targeting => case.eligible().refusal(),
            Self::Draw => Some(ready.draw.of(unit)),
        }
    }
}

/// One unit before one experiment.
pub(super) struct Case<'c, P> {
    pub(super) entries: &'c [Entry],
    pub(super) index: usize,
    pub(super) ready: &'c Ready,
    pub(super) unit: &'c str,
    pub(super) person: &'c P,
}

impl<P: Person> Case<'_, P> {
    fn status(&self) -> Option<Outcome> {
        match self.ready.phase {
            Phase::Running => None,
            Phase::Shipped(variant) if self.eligible() == Eligibility::Targeted => {
                Some(Outcome::of(variant, Reason::Shipped))
            }
            Phase::Shipped(_) | Phase::Idle => Some(Outcome::control(Reason::NotRunning)),
        }
    }

    /// The outcome of the required experiment.
    pub(super) fn required(&self, prerequisite: &Prerequisite) -> Outcome {
        let unit = Some(self.unit);
        outcome(self.entries, prerequisite.experiment, unit, self.person)
    }

    fn meets(&self, prerequisite: &Prerequisite) -> bool {
        let required = self.required(prerequisite);
        let accepted = |variant| prerequisite.variants.contains(&variant);
        required.reason.chosen() && required.variant.is_some_and(accepted)
    }

    pub(super) fn eligible(&self) -> Eligibility {
        let targeting = self.ready.targeting.as_ref();
        targeting.map_or(Eligibility::Targeted, |t| {
            self.person.eligible(self.index, t)
        })
    }
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
    let case = Case {
        entries,
        index,
        ready,
        unit,
        person,
    };
    Check::first(&case).unwrap_or(Outcome::control(Reason::LoadError))
}
