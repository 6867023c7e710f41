//! Decisions for one visitor.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Bundle, Exposure, Facts, Known, Outcome, Positions, Reason,
    compile::{Context, Entry, check_chain, link},
    decide::{VisitorNow, outcome},
    load::{self, Loaded},
    read::read,
    targeting::{Served, Targeting},
};
use crate::{
    error::{Error, Problem, Result},
    rule::Rule,
    segment::Segments,
    value::Timestamp,
};

/// What a unit gets in one experiment, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The experiment's key.
    pub experiment: String,
    /// Key of the variant to show; `None` when nothing is known about the experiment.
    pub variant: Option<String>,
    /// The variant's payload, `null` when it has none.
    pub payload: Value,
    /// Why.
    pub reason: Reason,
    /// In which analysis the unit counts once it has seen the variant.
    pub exposes: Exposure,
    /// The bundle's content hash.
    pub version: String,
}

/// Decides for one bundle; immutable, so it can be shared between threads and swapped whole.
///
/// # Example
/// ```
/// use stoa_core::assign::{Engine, Reason, Visitor};
/// let engine = Engine::from_json(r#"{"schema_version": 1, "experiments": [{
///     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
///     "variants": [{"key": "A"}, {"key": "B", "payload": {"threshold": 50}}],
///     "targeting": {"attr": "orders_count", "op": "gte", "value": 2},
///     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
/// }]}"#)?;
/// let visitor = Visitor::from_json(r#"{"orders_count": 3}"#);
/// let decision = engine.decide("free_shipping", "visitor-1", &visitor, None);
/// assert_eq!(decision.reason, Reason::Assigned);
/// let stranger = engine.decide("free_shipping", "visitor-1", &Visitor::default(), None);
/// assert_eq!((stranger.variant.as_deref(), stranger.reason), (Some("A"), Reason::NotTargeted));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Engine {
    bundle: Bundle,
    entries: Vec<Entry>,
    index: HashMap<String, usize>,
    served: Served,
    problems: Vec<Problem>,
    segment_hashes: BTreeMap<String, String>,
}

impl Engine {
    /// An engine of a bundle, strictly: whatever does not fit refuses the whole.
    ///
    /// # Errors
    /// Every problem; a bundle made by [`Bundle::new`] has none but a chain of more than 32 prerequisites.
    pub fn new(bundle: Bundle) -> Result<Self> {
        let store = bundle.store();
        let checked = Bundle::new(bundle.experiments, bundle.segments, store, bundle.schema)?;
        let (engine, problems) = Self::assemble(Loaded::of(checked)?);
        Error::collect(problems).map_or(Ok(engine), Err)
    }

    /// Reads a served bundle tolerantly: fields of a later version are ignored, and an experiment that cannot be loaded
    /// answers [`Reason::LoadError`] while the others serve; see [`Engine::load_errors`].
    ///
    /// # Errors
    /// Only for the document as a whole: [`Error::InvalidDocument`] when it is no JSON object,
    /// [`Error::Unsupported`] for a layout this version cannot read, [`Error::Conflict`] when it is not what its content hash seals.
    pub fn from_json(text: &str) -> Result<Self> {
        load::read(text).map(Self::serve)
    }

    fn serve(loaded: Loaded) -> Self {
        let (mut engine, problems) = Self::assemble(loaded);
        engine.problems = problems.iter().flat_map(Error::problems).collect();
        engine
    }

    /// Compiles every part that can be; what cannot stands broken beside it, with all problems so far.
    fn assemble(loaded: Loaded) -> (Self, Vec<Error>) {
        let Loaded {
            bundle,
            segments,
            positions,
            broken,
            mut problems,
        } = loaded;
        let store = bundle.store();
        let context = Context {
            store: &store,
            segments: &segments,
            schema: bundle.schema.as_ref(),
        };
        let mut entries = Vec::with_capacity(bundle.experiments.len() + broken.len());
        let mut rules = Vec::new();
        let place = |i: usize| format!("experiments[{}]", positions[i]);
        for (i, experiment) in bundle.experiments.iter().enumerate() {
            let entry = Entry::compile(experiment, &context, &mut rules);
            entries.push(entry.unwrap_or_else(|e| {
                problems.push(e.at(&place(i)));
                Entry::broken_of(experiment)
            }));
        }
        let known: Vec<String> = entries.iter().map(|e| e.key.clone()).collect();
        entries.extend(broken.into_iter().filter(|e| !known.contains(&e.key)));
        for (i, experiment) in bundle.experiments.iter().enumerate() {
            if let Err(e) = link(&mut entries, i, experiment) {
                problems.push(e.at(&place(i)));
                entries[i] = Entry::broken_of(experiment);
            }
        }
        // All of a circle stand or fall together: look first, then set aside.
        let chains: Vec<_> = (0..bundle.experiments.len())
            .filter_map(|i| Some((i, check_chain(&entries, i).err()?)))
            .collect();
        for (i, e) in chains {
            problems.push(e.at(&place(i)));
            entries[i] = Entry::broken_of(&bundle.experiments[i]);
        }
        let keys = entries.iter().map(|e| e.key.clone());
        let engine = Self {
            index: keys.zip(0..).collect(),
            served: Served::new(rules, &segments),
            segment_hashes: segment_hashes(&bundle, &segments),
            bundle,
            entries,
            problems: Vec::new(),
        };
        (engine, problems)
    }

    /// The parts of the bundle that could be read.
    #[must_use]
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The bundle's content hash, which every decision carries.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.bundle.content_hash
    }

    /// What could not be loaded, each with its path in the bundle; empty when everything serves.
    #[must_use]
    pub fn load_errors(&self) -> &[Problem] {
        &self.problems
    }

    /// Keys of the experiments, in the bundle's order, those that could not be loaded last; the position is the
    /// experiment's index.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    /// Index of an experiment, for [`Engine::outcome`].
    #[must_use]
    pub fn index_of(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    /// Key and payload of each variant, control first; of an experiment that could not be loaded at most the control.
    pub fn variants(&self, index: usize) -> impl Iterator<Item = (&str, &Value)> {
        let arms = self.entries.get(index).map_or(&[][..], |entry| &entry.arms);
        arms.iter().map(|arm| (arm.key.as_str(), &arm.payload))
    }

    /// Segment key → hash of its rule with all segments inlined: what a cache stores beside a membership
    /// ([`Visitor::with_segments`](super::Visitor::with_segments)).
    #[must_use]
    pub fn segment_hashes(&self) -> &BTreeMap<String, String> {
        &self.segment_hashes
    }

    /// The attributes that targeting rules read of a visitor, sorted.
    #[must_use]
    pub fn attributes(&self) -> &[String] {
        self.served.compiled.attributes()
    }

    /// The attributes that deciding one experiment may read: those of its targeting and of the experiments it requires,
    /// sorted; none for an index out of range.
    #[must_use]
    pub fn attributes_of(&self, index: usize) -> Vec<&str> {
        let names = self.targetings(index).flat_map(|t| &t.attributes);
        let distinct: BTreeSet<_> = names.map(String::as_str).collect();
        distinct.into_iter().collect()
    }

    /// Whether deciding one experiment may depend on the time ([`Rule::needs_now`]); otherwise `now` is never looked at.
    #[must_use]
    pub fn needs_now(&self, index: usize) -> bool {
        self.targetings(index).any(|t| t.needs_now)
    }

    /// The targeting of an experiment and of its chain of prerequisites.
    fn targetings(&self, index: usize) -> impl Iterator<Item = &Targeting> {
        let ready = |index: usize| self.entries.get(index)?.ready.as_ref();
        let chain = std::iter::successors(ready(index), move |r| {
            ready(r.prerequisite.as_ref()?.experiment)
        });
        chain.filter_map(|r| r.targeting.as_ref())
    }

    /// Reads a visitor's attributes, or the cache document [`Visitor::from_slice`](super::Visitor::from_slice) knows, in
    /// one pass that keeps only what the rules ask for. Never fails: what cannot be read is remembered.
    ///
    /// # Example
    /// ```
    /// # use stoa_core::assign::{Engine, Reason};
    /// # let engine = Engine::from_json(r#"{"schema_version": 1}"#)?;
    /// let visitor = engine.read(br#"{"v": 1, "a": {"orders_count": 3}, "s": {}}"#);
    /// assert_eq!(engine.outcome(0, "u1", &visitor, None).reason, Reason::UnknownExperiment);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn read<'t>(&self, bytes: &'t [u8]) -> Known<'t> {
        read(&self.served, bytes)
    }

    /// Where the attributes of these names stand when they are given by position; of two of one name the last counts.
    #[must_use]
    pub fn positions(&self, names: &[&str]) -> Positions {
        Positions::new(&self.served.compiled, names)
    }

    /// Decides one experiment by index, without allocating; an index out of range is an unknown experiment.
    #[must_use]
    pub fn outcome(
        &self,
        index: usize,
        unit: &str,
        visitor: &impl Facts,
        now: Option<Timestamp>,
    ) -> Outcome {
        if index >= self.entries.len() {
            return Outcome {
                variant: None,
                reason: Reason::UnknownExperiment,
            };
        }
        let person = self.person(visitor, now);
        outcome(&self.entries, index, Some(unit), &person)
    }

    /// Decides one experiment. Never fails: what is wrong is in the reason.
    #[must_use]
    pub fn decide(
        &self,
        key: &str,
        unit: &str,
        visitor: &impl Facts,
        now: Option<Timestamp>,
    ) -> Decision {
        let index = self.index_of(key).unwrap_or(usize::MAX);
        self.decision(key, self.outcome(index, unit, visitor, now))
    }

    /// Decides every experiment, in the bundle's order, and leaves out those that are not running for this unit.
    ///
    /// Beside running experiments that gives shipped ones (the storefront must show what was shipped), forced variants
    /// of drafts (for testers), and those that could not be loaded.
    #[must_use]
    pub fn assign(
        &self,
        unit: &str,
        visitor: &impl Facts,
        now: Option<Timestamp>,
    ) -> Vec<Decision> {
        let outcomes = self.outcomes(unit, visitor, now);
        outcomes
            .map(|(index, outcome)| self.decision(&self.entries[index].key, outcome))
            .collect()
    }

    /// [`Engine::assign`] without words: the experiment's index and its outcome.
    pub fn outcomes(
        &self,
        unit: &str,
        visitor: &impl Facts,
        now: Option<Timestamp>,
    ) -> impl Iterator<Item = (usize, Outcome)> {
        (0..self.entries.len())
            .map(move |index| (index, self.outcome(index, unit, visitor, now)))
            .filter(|(index, outcome)| self.entries[*index].shows(outcome.reason))
    }

    pub(super) fn person<'v, F>(
        &'v self,
        facts: &'v F,
        now: Option<Timestamp>,
    ) -> VisitorNow<'v, F> {
        VisitorNow {
            served: &self.served,
            facts,
            now,
        }
    }

    /// An outcome of the experiment `key` in words: keys, payload, version.
    ///
    /// When to use: a binding that decides by index makes each decision once and gives it out again.
    #[must_use]
    pub fn decision(&self, key: &str, outcome: Outcome) -> Decision {
        let arm = outcome.variant.and_then(|v| {
            let entry = self.entries.get(self.index_of(key)?)?;
            entry.arms.get(usize::from(v))
        });
        Decision {
            experiment: key.to_owned(),
            variant: arm.map(|arm| arm.key.clone()),
            payload: arm.map_or(Value::Null, |arm| arm.payload.clone()),
            reason: outcome.reason,
            exposes: outcome.reason.exposes(),
            version: self.version().to_owned(),
        }
    }

    /// The outcome behind a decision, with its experiment's index: [`Engine::decision`] undone, for decisions of this
    /// engine or of one before. `None` when the experiment or the variant is gone.
    #[must_use]
    pub fn outcome_of(&self, decision: &Decision) -> Option<(usize, Outcome)> {
        let index = self.index_of(&decision.experiment)?;
        let place = |key: &String| self.variants(index).position(|(known, _)| known == key);
        let variant = match &decision.variant {
            None => None,
            Some(key) => Some(u8::try_from(place(key)?).ok()?),
        };
        let reason = decision.reason;
        Some((index, Outcome { variant, reason }))
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

fn segment_hashes(bundle: &Bundle, segments: &Segments) -> BTreeMap<String, String> {
    let hash = |key: &str| segments.expand(&Rule::Segment(key.to_owned()));
    let all = bundle.segments.iter();
    all.filter_map(|s| Some((s.key.clone(), hash(&s.key).ok()?.hash())))
        .collect()
}
