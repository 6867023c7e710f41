//! Experiments made ready: keys become indexes, shares become integers on the hash's scale.

use std::collections::HashMap;

use serde_json::Value;

use super::{Reason, draw::Draw, targeting::Targeting};
use crate::{
    error::{Detail, Error, Result},
    experiment::{Experiment, Status, StoreDocument},
    hash::{HashScheme, Space},
    rule::{AttributeSchema, Rule},
    segment::Segments,
};

/// Longest chain of prerequisites: deciding follows it, so it is bounded.
const MAX_CHAIN: usize = 32;

/// A variant as decisions give it out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arm {
    pub(super) key: String,
    pub(super) payload: Value,
}

/// An experiment of the engine, served or set aside.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Control first; of a broken experiment the control alone, if it could be read.
    pub(super) arms: Vec<Arm>,
    /// `None` when it could not be loaded.
    pub(super) ready: Option<Ready>,
}

/// What deciding needs of an experiment.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) phase: Phase,
    pub(super) salt: String,
    pub(super) draw: Draw,
    pub(super) overrides: HashMap<String, u8>,
    pub(super) prerequisite: Option<Prerequisite>,
    pub(super) holdout: Option<Slice>,
    pub(super) layer: Option<Slice>,
    pub(super) sticky: bool,
    pub(super) targeting: Option<Targeting>,
}

/// Where an experiment is in its life, as far as deciding goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    Idle,
    Shipped(u8),
}

/// Indexes of the required experiment and of its accepted variants.
#[derive(Debug, Clone)]
pub(super) struct Prerequisite {
    pub(super) experiment: usize,
    pub(super) variants: Vec<u8>,
}

/// A half-open slice of a salt's hash space: a part of a layer, a holdout, or another system's traffic.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    pub(super) space: Space,
    pub(super) from: u64,
    pub(super) to: u64,
}

impl Slice {
    pub(super) fn new(space: Space, from: f64, to: f64) -> Result<Self> {
        Ok(Self {
            from: space.edge(from)?,
            to: space.edge(to)?,
            space,
        })
    }

    /// Where a unit lies.
    pub(super) fn place(&self, unit: &str) -> u64 {
        self.space.place(unit)
    }

    pub(super) fn holds(&self, unit: &str) -> bool {
        (self.from..self.to).contains(&self.place(unit))
    }
}

/// What experiments lean on.
pub(super) struct Context<'b> {
    pub(super) store: &'b StoreDocument,
    pub(super) segments: &'b Segments,
    pub(super) schema: Option<&'b AttributeSchema>,
}

impl Entry {
    /// An experiment that could not be loaded.
    pub(super) fn broken(key: String, control: Option<Arm>) -> Self {
        Self {
            key,
            arms: control.into_iter().collect(),
            ready: None,
        }
    }

    /// A readable experiment that does not fit the bundle.
    pub(super) fn broken_of(experiment: &Experiment) -> Self {
        Self::broken(experiment.key.clone(), arms(experiment).into_iter().next())
    }

    /// Whether a unit that got `reason` is told about the experiment: not while it does not run for them.
    pub(super) fn shows(&self, reason: Reason) -> bool {
        let idle = self.ready.as_ref().is_some_and(|r| r.phase == Phase::Idle);
        match reason {
            Reason::NotRunning => false,
            Reason::InvalidUnit => !idle,
            _ => true,
        }
    }

    /// Everything but the prerequisite, which needs the other entries: see [`link`]. Adds the rule that the storefront
    /// judges to `served`.
    ///
    /// # Errors
    /// A name that nothing in the bundle has, or a number outside its range.
    pub(super) fn compile(
        experiment: &Experiment,
        context: &Context<'_>,
        served: &mut Vec<Rule>,
    ) -> Result<Self> {
        let variants = &experiment.variants;
        let index = |key: &str| position(variants.iter().map(|v| v.key.as_str()), key);
        let overrides = experiment
            .overrides
            .iter()
            .map(|(unit, variant)| Ok((unit.clone(), index(variant)?)))
            .collect::<Result<_>>()
            .map_err(|e| e.at("overrides"))?;
        let targeting = experiment
            .targeting
            .as_ref()
            .map(|rule| Targeting::compile(rule, context.segments, context.schema, served))
            .transpose()
            .map_err(|e| e.at("targeting"))?;
        Ok(Self {
            key: experiment.key.clone(),
            arms: arms(experiment),
            ready: Some(Ready {
                phase: phase(experiment, index)?,
                salt: experiment.salt.clone(),
                draw: Draw::compile(experiment)?,
                overrides,
                prerequisite: None,
                holdout: holdout(experiment, context.store)?,
                layer: layer(experiment, context.store)?,
                sticky: experiment.sticky,
                targeting,
            }),
        })
    }
}

/// The variants as decisions give them out.
fn arms(experiment: &Experiment) -> Vec<Arm> {
    let variants = experiment.variants.iter();
    variants
        .map(|v| Arm {
            key: v.key.clone(),
            payload: v.payload.clone(),
        })
        .collect()
}

fn phase(experiment: &Experiment, index: impl Fn(&str) -> Result<u8>) -> Result<Phase> {
    Ok(match (experiment.status, &experiment.shipped) {
        (Status::Running, _) => Phase::Running,
        (Status::Stopped, Some(key)) => Phase::Shipped(index(key).map_err(|e| e.at("shipped"))?),
        _ => Phase::Idle,
    })
}

fn holdout(experiment: &Experiment, store: &StoreDocument) -> Result<Option<Slice>> {
    let Some(key) = &experiment.holdout else {
        return Ok(None);
    };
    let known = store.holdouts.iter().map(|h| h.key.as_str());
    let found = store.holdout(key);
    let holdout = found.ok_or_else(|| unknown("holdout", "a holdout of the bundle", key, known))?;
    let space = Space::new(HashScheme::Sha256, &holdout.salt, None);
    Slice::new(space, 0.0, holdout.share).map(Some)
}

fn layer(experiment: &Experiment, store: &StoreDocument) -> Result<Option<Slice>> {
    let Some(share) = &experiment.layer else {
        return Ok(None);
    };
    let known = store.layers.iter().map(|l| l.key.as_str());
    let found = store.layer(&share.key);
    let layer =
        found.ok_or_else(|| unknown("layer", "a layer of the bundle", &share.key, known))?;
    let space = Space::new(layer.hash, &layer.salt, None);
    Slice::new(space, share.from, share.to)
        .map(Some)
        .map_err(|e| e.at("layer"))
}

/// Resolves the prerequisite of `experiment`, entry `at`, among all entries.
///
/// # Errors
/// An unknown experiment or variant.
pub(super) fn link(entries: &mut [Entry], at: usize, experiment: &Experiment) -> Result<()> {
    let Some(requires) = &experiment.requires else {
        return Ok(());
    };
    let known = entries.iter().map(|e| e.key.as_str());
    let other = entries.iter().position(|e| e.key == requires.experiment);
    let other = other.ok_or_else(|| {
        let what = "an experiment of the bundle";
        unknown("requires.experiment", what, &requires.experiment, known)
    })?;
    let required = &entries[other];
    // A broken experiment decides nothing, whatever its variants were called.
    let variants = if required.ready.is_none() {
        Vec::new()
    } else {
        let index = |key: &String| position(required.arms.iter().map(|a| a.key.as_str()), key);
        let indexes = requires.variants.iter().map(index).collect::<Result<_>>();
        indexes.map_err(|e| e.at("requires.variants"))?
    };
    if let Some(ready) = &mut entries[at].ready {
        ready.prerequisite = Some(Prerequisite {
            experiment: other,
            variants,
        });
    }
    Ok(())
}

/// Refuses a chain of prerequisites that leads back to `start`, or is too long to follow.
///
/// # Errors
/// [`Error::Cycle`] or [`Error::TooLarge`].
pub(super) fn check_chain(entries: &[Entry], start: usize) -> Result<()> {
    let mut at = start;
    for _ in 0..MAX_CHAIN {
        let ready = entries[at].ready.as_ref();
        let Some(prerequisite) = ready.and_then(|r| r.prerequisite.as_ref()) else {
            return Ok(());
        };
        at = prerequisite.experiment;
        if at == start {
            return Err(Error::Cycle(Detail::new(
                "requires.experiment",
                "must not lead back to itself",
                &entries[start].key,
            )));
        }
    }
    Err(Error::TooLarge(Detail::new(
        "requires.experiment",
        format!("must be a chain of at most {MAX_CHAIN}"),
        &entries[start].key,
    )))
}

/// Index of a variant. Experiments have at most 100, which fits the signed byte of a column.
fn position<'a>(keys: impl Iterator<Item = &'a str> + Clone, key: &str) -> Result<u8> {
    let found = keys.clone().position(|k| k == key);
    found
        .and_then(|k| u8::try_from(k).ok())
        .ok_or_else(|| unknown("", "a variant", key, keys))
}

fn unknown<'a>(
    field: &str,
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Error {
    let detail = Detail::new(field, format!("must name {what}"), name);
    Error::UnknownName(detail.did_you_mean(name, known))
}
