//! One decision with every check and its values: what `decide` asks, asked one check after the other and written down.
//!
//! The verdicts are those of [`Check::speaks`], so an explanation cannot tell another story than the decision.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Decision, Engine, Facts, MAX_UNIT_BYTES, Outcome, Reason,
    compile::{Entry, Slice},
    decide::{Case, Check, VisitorNow, is_unit},
    draw::Draw,
};
use crate::{
    experiment::{Experiment, Status},
    hash::{Digest, HashScheme},
    rule::Trace,
    value::Timestamp,
};

/// Why a visitor gets what they get: every check of a decision, in its order, with what it looked at.
///
/// Made by [`Engine::explain`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What [`Engine::decide`] says.
    pub decision: Decision,
    /// Who was decided about.
    pub unit: String,
    /// The checks. Those after the one that spoke decided nothing; they tell what they would have looked at. An
    /// experiment that is unknown or could not be loaded, or a unit that is none, leaves nothing more to check.
    pub checks: Vec<CheckTrace>,
}

/// One check of a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckTrace {
    /// Which check, and what it looked at.
    #[serde(flatten)]
    pub saw: Saw,
    /// What it says, had no other check spoken before; `None` leaves it to the next.
    pub says: Option<Verdict>,
    /// Whether it is the one that decided.
    pub spoke: bool,
}

/// A variant and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The variant's key; `None` when there is none to give.
    pub variant: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// What a check looked at; `check` is its name in documents, `saw` its values.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "check", content = "saw", rename_all = "snake_case")]
pub enum Saw {
    /// Whether the bundle has the experiment.
    Experiment {
        /// It does.
        known: bool,
    },
    /// Whether the experiment could be loaded; [`Engine::load_errors`] says why not.
    Load {
        /// It could.
        loaded: bool,
    },
    /// Whether the id can be one.
    Unit {
        /// Its length in UTF-8.
        bytes: usize,
        /// The longest that is allowed.
        at_most: usize,
    },
    /// The experiment's overrides.
    Override {
        /// The variant they name for this unit.
        variant: Option<String>,
    },
    /// Where the experiment is in its life.
    Status {
        /// As written.
        status: Status,
        /// The variant that stays.
        shipped: Option<String>,
    },
    /// The experiment required; `None` when none is.
    Prerequisite(Option<PrerequisiteTrace>),
    /// The group kept out; `None` when the experiment has none.
    Holdout(Option<SliceTrace>),
    /// The experiment's part of its layer; `None` when it has none.
    Layer(Option<SliceTrace>),
    /// What the visitor has been shown before.
    Sticky {
        /// Whether the experiment asks for it.
        sticky: bool,
        /// The variant shown.
        shown: Option<String>,
    },
    /// Who the experiment is for; `None` when for everyone.
    Targeting(Option<TargetingTrace>),
    /// The share of units that take part.
    Allocation {
        /// h(1) of the experiment's salt, in [0, 2^52).
        hash: u64,
        /// Below this, a unit takes part.
        below: u64,
    },
    /// The draw.
    Variant {
        /// h(0) of the experiment's salt, in [0, 2^52).
        hash: u64,
        /// The variants' ends, in their order: the first that lies above the hash is drawn.
        cuts: Vec<CutTrace>,
    },
    /// Both at once, of a test that began in another system.
    Buckets(BucketsTrace),
}

/// What a unit got in the experiment that is required of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrerequisiteTrace {
    /// The experiment required.
    pub experiment: String,
    /// Variants of it that may take part.
    pub variants: Vec<String>,
    /// What the unit got there, and why.
    pub got: Verdict,
}

/// Where a unit lies in another system's buckets, and who owns them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketsTrace {
    /// How units are hashed.
    pub scheme: HashScheme,
    /// What is hashed beside the unit.
    pub salt: String,
    /// The unit's bucket.
    pub bucket: u64,
    /// One past the last bucket.
    pub size: u64,
    /// Who takes part, where that has a salt of its own.
    pub traffic: Option<SliceTrace>,
    /// What each variant owns: the first run that holds the bucket is drawn.
    pub runs: Vec<RunTrace>,
}

/// A run of buckets and the variant that owns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunTrace {
    /// The variant's key.
    pub variant: String,
    /// First bucket of the run.
    pub from: u64,
    /// First bucket that no longer belongs to it.
    pub below: u64,
}

/// Where a unit lies in a hash space, and the slice that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SliceTrace {
    /// Key of the layer or holdout.
    pub key: String,
    /// What is hashed before the unit.
    pub salt: String,
    /// h(0) of the salt, in [0, 2^52); the bucket where another system's hash is used.
    pub hash: u64,
    /// One past the largest that it could be.
    pub size: u64,
    /// First hash of the slice.
    pub from: u64,
    /// First hash that no longer belongs to it.
    pub below: u64,
    /// Whether the unit lies in it.
    pub inside: bool,
}

/// What a targeting rule answered, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetingTrace {
    /// The rule in words.
    pub rule: String,
    /// What it came to; `None` when the attributes could not be read.
    pub trace: Option<Trace>,
}

/// A variant's end on the hash's scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CutTrace {
    /// The variant's key.
    pub variant: String,
    /// Hashes below this and not below the variant before are its own.
    pub below: u64,
}

impl Explanation {
    /// The check that decided.
    #[must_use]
    pub fn spoke(&self) -> Option<&CheckTrace> {
        self.checks.iter().find(|check| check.spoke)
    }

    /// The document, with [`Explanation::describe`] as its `description`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut document = json!(self);
        document["description"] = Value::from(self.describe());
        document
    }
}

impl Engine {
    /// Explains one decision: every check with its values, and which of them spoke.
    ///
    /// When to use: somebody asks why a visitor sees what they see. In a request, decide.
    ///
    /// # Example
    /// ```
    /// use stoa_core::assign::{Engine, Visitor};
    /// let engine = Engine::from_json(r#"{"experiments": [{
    ///     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    ///     "variants": [{"key": "A"}, {"key": "B"}], "targeting": {"attr": "orders_count", "op": "gte", "value": 2},
    ///     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
    /// }]}"#)?;
    /// let visitor = Visitor::from_json(r#"{"orders_count": 1}"#);
    /// let explanation = engine.explain("free_shipping", "visitor-1", &visitor, None);
    /// assert_eq!(explanation.decision, engine.decide("free_shipping", "visitor-1", &visitor, None));
    /// assert!(explanation.describe().contains("orders_count gte 2: found 1, false"));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn explain(
        &self,
        key: &str,
        unit: &str,
        visitor: &impl Facts,
        now: Option<Timestamp>,
    ) -> Explanation {
        let index = self.index_of(key).unwrap_or(usize::MAX);
        let entry = self.entries().get(index);
        let nowhere = Outcome {
            variant: None,
            reason: Reason::UnknownExperiment,
        };
        let known = Saw::Experiment {
            known: entry.is_some(),
        };
        let mut seen = vec![(known, entry.is_none().then_some(nowhere))];
        if let Some(entry) = entry {
            let person = self.person(visitor, now);
            self.explain_entry(entry, index, unit, &person, &mut seen);
        }
        let speaker = seen.iter().position(|(_, says)| says.is_some());
        let outcome = speaker.and_then(|i| seen[i].1).unwrap_or(nowhere);
        let verdict = |outcome| verdict(entry, outcome);
        let checks = seen
            .into_iter()
            .enumerate()
            .map(|(i, (saw, says))| CheckTrace {
                saw,
                says: says.map(verdict),
                spoke: Some(i) == speaker,
            });
        Explanation {
            decision: self.decision(key, outcome),
            unit: unit.to_owned(),
            checks: checks.collect(),
        }
    }

    /// The checks after the first: whether there is something to check, then all of [`Check::ALL`].
    fn explain_entry<F: Facts>(
        &self,
        entry: &Entry,
        index: usize,
        unit: &str,
        person: &VisitorNow<'_, F>,
        seen: &mut Vec<(Saw, Option<Outcome>)>,
    ) {
        let refused = |refused: bool, reason| {
            let variant = (!entry.arms.is_empty()).then_some(0);
            refused.then_some(Outcome { variant, reason })
        };
        let loaded = entry.ready.is_some();
        seen.push((Saw::Load { loaded }, refused(!loaded, Reason::LoadError)));
        let Some(ready) = &entry.ready else {
            return;
        };
        let length = Saw::Unit {
            bytes: unit.len(),
            at_most: MAX_UNIT_BYTES,
        };
        seen.push((length, refused(!is_unit(unit), Reason::InvalidUnit)));
        let Some(experiment) = self
            .bundle()
            .experiments
            .get(index)
            .filter(|_| is_unit(unit))
        else {
            return;
        };
        let case = Case {
            entries: self.entries(),
            index,
            ready,
            unit,
            person,
        };
        let explaining = Explaining {
            engine: self,
            experiment,
            entry,
            case,
        };
        for check in Check::ALL.iter().copied() {
            explaining.check(check, seen);
        }
    }
}

/// One unit before one experiment, with what the experiment was compiled from.
struct Explaining<'e, F> {
    engine: &'e Engine,
    experiment: &'e Experiment,
    entry: &'e Entry,
    case: Case<'e, VisitorNow<'e, F>>,
}

impl<F: Facts> Explaining<'_, F> {
    fn check(&self, check: Check, seen: &mut Vec<(Saw, Option<Outcome>)>) {
        let (case, ready) = (&self.case, self.case.ready);
        let says = check.speaks(case);
        let saw = match check {
            Check::Override => Saw::Override {
                variant: self.arm(ready.overrides.get(case.unit).copied()),
            },
            Check::Status => Saw::Status {
                status: self.experiment.status,
                shipped: self.experiment.shipped.clone(),
            },
            Check::Prerequisite => Saw::Prerequisite(self.prerequisite()),
            Check::Holdout => {
                let key = self.experiment.holdout.as_deref();
                Saw::Holdout(self.slice(key, ready.holdout.as_ref()))
            }
            Check::Layer => {
                let key = self.experiment.layer.as_ref().map(|l| l.key.as_str());
                Saw::Layer(self.slice(key, ready.layer.as_ref()))
            }
            Check::Sticky => Saw::Sticky {
                sticky: ready.sticky,
                shown: self.arm(says.and_then(|outcome| outcome.variant)),
            },
            Check::Targeting => Saw::Targeting(self.targeting()),
            Check::Draw => return self.draw(says, seen),
        };
        seen.push((saw, says));
    }

    fn arm(&self, variant: Option<u8>) -> Option<String> {
        let arm = self.entry.arms.get(usize::from(variant?))?;
        Some(arm.key.clone())
    }

    fn prerequisite(&self) -> Option<PrerequisiteTrace> {
        let required = self.case.ready.prerequisite.as_ref()?;
        let written = self.experiment.requires.as_ref()?;
        let entry = self.case.entries.get(required.experiment);
        Some(PrerequisiteTrace {
            experiment: written.experiment.clone(),
            variants: written.variants.clone(),
            got: verdict(entry, self.case.required(required)),
        })
    }

    fn slice(&self, key: Option<&str>, slice: Option<&Slice>) -> Option<SliceTrace> {
        let (key, slice) = (key?, slice?);
        Some(SliceTrace {
            key: key.to_owned(),
            salt: slice.space.salt().to_owned(),
            hash: slice.place(self.case.unit),
            size: slice.space.size(),
            from: slice.from,
            below: slice.to,
            inside: slice.holds(self.case.unit),
        })
    }

    fn targeting(&self) -> Option<TargetingTrace> {
        let targeting = self.case.ready.targeting.as_ref()?;
        let VisitorNow { served, facts, now } = *self.case.person;
        let schema = self.engine.bundle().schema.as_ref();
        Some(TargetingTrace {
            rule: targeting.rule(served)?.describe(schema),
            trace: targeting.trace(served, facts, now),
        })
    }

    fn draw(&self, says: Option<Outcome>, seen: &mut Vec<(Saw, Option<Outcome>)>) {
        match &self.case.ready.draw {
            Draw::Digest {
                salt,
                cuts,
                allocation,
            } => self.digest(salt.text(), cuts, *allocation, says, seen),
            Draw::Buckets {
                space,
                traffic,
                owners,
            } => {
                let runs = owners.iter().filter_map(|owner| {
                    Some(RunTrace {
                        variant: self.arm(Some(owner.variant))?,
                        from: owner.from,
                        below: owner.to,
                    })
                });
                let buckets = BucketsTrace {
                    scheme: space.scheme(),
                    salt: space.salt().to_owned(),
                    bucket: space.place(self.case.unit),
                    size: space.size(),
                    traffic: self.slice(Some("traffic"), traffic.as_ref()),
                    runs: runs.collect(),
                };
                seen.push((Saw::Buckets(buckets), says));
            }
        }
    }

    /// One digest decides both: whether the unit takes part, and with what.
    fn digest(
        &self,
        salt: &str,
        cuts: &[u64],
        allocation: u64,
        says: Option<Outcome>,
        seen: &mut Vec<(Saw, Option<Outcome>)>,
    ) {
        let digest = Digest::of(salt, self.case.unit);
        let (out, drawn) = match says {
            Some(outcome) if outcome.reason == Reason::NotAllocated => (says, None),
            _ => (None, says),
        };
        let allocated = Saw::Allocation {
            hash: digest.h::<1>(),
            below: allocation,
        };
        seen.push((allocated, out));
        let cuts = self
            .entry
            .arms
            .iter()
            .zip(cuts)
            .map(|(arm, below)| CutTrace {
                variant: arm.key.clone(),
                below: *below,
            });
        let variant = Saw::Variant {
            hash: digest.h::<0>(),
            cuts: cuts.collect(),
        };
        seen.push((variant, drawn));
    }
}

fn verdict(entry: Option<&Entry>, outcome: Outcome) -> Verdict {
    let arm = outcome
        .variant
        .and_then(|v| entry?.arms.get(usize::from(v)));
    Verdict {
        variant: arm.map(|arm| arm.key.clone()),
        reason: outcome.reason,
    }
}
