//! Functions of the hot path: arguments to a visitor, an outcome to a small number.

use std::sync::Arc;

use napi::{
    Env,
    bindgen_prelude::{Either, Unknown},
};
use serde_json::Value;
use stoa_core::{
    assign::{Engine, Facts, Known, Memory, Outcome, Placed, Positions, Reason, Visitor},
    error::{Detail, Error, Result},
    value::{Timestamp, ValueRef},
};

use crate::{
    convert::{self, OrThrow, now},
    raw::{Argument, Call, function},
};

/// Codes of one variant lie side by side, one for each reason: first those without a variant.
const REASONS: u32 = 16;
const _: () = assert!(Reason::ALL.len() <= REASONS as usize);

/// A decision as one small number.
pub(crate) fn code(outcome: Outcome) -> u32 {
    let variant = outcome.variant.map_or(0, |v| u32::from(v) + 1);
    variant * REASONS + u32::from(outcome.reason.code())
}

/// The decision of a code.
pub(crate) fn outcome(code: u32) -> Option<Outcome> {
    let reason = Reason::ALL.get((code % REASONS) as usize)?;
    let variant = (code / REASONS).checked_sub(1);
    Some(Outcome {
        variant: variant.map(u8::try_from).transpose().ok()?,
        reason: *reason,
    })
}

/// Index of the variant that a unit takes part with, −1 when in none.
pub(crate) fn taken(outcome: Outcome) -> i8 {
    if outcome.reason.chosen() {
        outcome.index()
    } else {
        -1
    }
}

/// Attributes of one call that need no memory of their own.
const FEW: usize = 8;

/// How a function is given a visitor.
pub(crate) struct Given {
    attributes: Attributes,
    /// Whether `now` and `memory` may follow the attributes; else what follows them does not count.
    timed: bool,
}

enum Attributes {
    /// One argument: JSON as text or as bytes.
    Document,
    /// One argument for each name.
    Placed(Positions, usize),
}

impl Given {
    pub(crate) fn new(engine: &Engine, names: Option<&[String]>, timed: bool) -> Self {
        let attributes = match names {
            None => Attributes::Document,
            Some(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                Attributes::Placed(engine.positions(&names), names.len())
            }
        };
        Self { attributes, timed }
    }

    /// Instant and memory, when the attributes end before argument `last`.
    fn rest(
        &self,
        engine: &Engine,
        call: Call<'_>,
        last: usize,
    ) -> napi::Result<(Option<Timestamp>, Option<Memory>)> {
        if !self.timed {
            return Ok((None, None));
        }
        let now = match call.get(last) {
            Argument::Missing => None,
            given => instant(given).or_throw()?,
        };
        Ok((now, call.text(last + 1).map(|text| engine.recall(text))))
    }
}

impl Attributes {
    /// Arguments that hold them.
    fn len(&self) -> usize {
        match self {
            Self::Document => 1,
            Self::Placed(_, n) => *n,
        }
    }
}

/// A visitor of one call.
struct Asked<'c> {
    facts: Read<'c>,
    memory: Option<Memory>,
}

enum Read<'c> {
    Known(Known<'c>),
    Placed(Placed<'c>),
}

impl Facts for Asked<'_> {
    fn value(&self, slot: usize, name: &str) -> ValueRef<'_> {
        match &self.facts {
            Read::Known(known) => known.value(slot, name),
            Read::Placed(placed) => placed.value(slot, name),
        }
    }

    fn membership(&self, slot: usize, segment: &str, rule_hash: &str) -> Option<bool> {
        match &self.facts {
            Read::Known(known) => known.membership(slot, segment, rule_hash),
            Read::Placed(placed) => placed.membership(slot, segment, rule_hash),
        }
    }

    fn is_unreadable(&self) -> bool {
        matches!(&self.facts, Read::Known(known) if known.is_unreadable())
    }

    fn remembered(&self, experiment: usize) -> Option<u8> {
        let memory = self.memory.as_ref()?;
        memory.with(&Known::default()).remembered(experiment)
    }
}

/// A function `(unit, …attributes, now?, memory?)` that gives `answer` of the outcome.
pub(crate) fn decider<'env>(
    env: &'env Env,
    engine: &Arc<Engine>,
    index: usize,
    given: Given,
    answer: impl Fn(Outcome) -> i32 + 'static,
) -> napi::Result<Unknown<'env>> {
    let engine = Arc::clone(engine);
    function(env, c"decide", move |call| {
        ask(&engine, &given, call, 0, |unit, visitor, now| {
            answer(engine.outcome(index, unit, visitor, now))
        })
    })
}

/// A function `(codes, unit, …attributes, now?, memory?)` that writes index and code of every experiment that has
/// something to say about the unit, one after the other, and gives how many there are.
pub(crate) fn assigner<'env>(
    env: &'env Env,
    engine: &Arc<Engine>,
    given: Given,
) -> napi::Result<Unknown<'env>> {
    let engine = Arc::clone(engine);
    function(env, c"assign", move |call| {
        ask(&engine, &given, call, 1, |unit, visitor, now| {
            let mut found = 0;
            let outcomes = engine.outcomes(unit, visitor, now).inspect(|_| found += 1);
            let pair = |(index, outcome)| [u32::try_from(index).unwrap_or(u32::MAX), code(outcome)];
            call.fill(0, outcomes.flat_map(pair));
            found
        })
    })
}

/// A function `(variants, units, attributes?, now?)` that writes the index of each unit's variant, −1 when it takes part
/// in none, and gives how many there are; attributes are the text of a JSON array, one item a unit.
pub(crate) fn batcher<'env>(
    env: &'env Env,
    engine: &Arc<Engine>,
    index: usize,
) -> napi::Result<Unknown<'env>> {
    let engine = Arc::clone(engine);
    function(env, c"assignBatch", move |call| {
        let now = instant(call.get(3)).or_throw()?;
        let n = call.length(1);
        let mut visitors = match call.get(2) {
            Argument::Text(text) => visitors(text, n).or_throw()?,
            _ => Vec::new(),
        }
        .into_iter();
        let mut variants = Vec::with_capacity(n);
        call.each_text(1, |unit| {
            let visitor = visitors.next().unwrap_or_default();
            let unit = unit.unwrap_or_default();
            variants.push(taken(engine.outcome(index, unit, &visitor, now)));
        });
        call.fill(0, variants.into_iter());
        Ok(i32::try_from(n).unwrap_or(i32::MAX))
    })
}

fn visitors(text: &str, n: usize) -> Result<Vec<Visitor>> {
    let documents: Vec<Value> = convert::document("attributes", text)?;
    if documents.len() != n {
        let rule = format!("must have {n} items, one for each id");
        let detail = Detail::new("attributes", rule, documents.len());
        return Err(Error::Conflict(detail));
    }
    Ok(documents.into_iter().map(Visitor::from_value).collect())
}

/// Reads the arguments from `first` on and hands them to `then`.
fn ask<R>(
    engine: &Engine,
    given: &Given,
    call: Call<'_>,
    first: usize,
    then: impl FnOnce(&str, &Asked<'_>, Option<Timestamp>) -> R,
) -> napi::Result<R> {
    let unit = call.text(first).unwrap_or_default();
    let last = first + 1 + given.attributes.len();
    let (now, memory) = given.rest(engine, call, last)?;
    let (mut few, mut many) = ([ValueRef::Missing; FEW], Vec::new());
    let facts = match &given.attributes {
        Attributes::Document => Read::Known(document(engine, call.document(first + 1))),
        Attributes::Placed(positions, n) => {
            let values = few.get_mut(..*n).unwrap_or_else(|| {
                many.resize(*n, ValueRef::Missing);
                &mut many
            });
            for (i, place) in values.iter_mut().enumerate() {
                *place = value(call.get(first + 1 + i));
            }
            Read::Placed(positions.of(values))
        }
    };
    Ok(then(unit, &Asked { facts, memory }, now))
}

fn instant(argument: Argument<'_>) -> Result<Option<Timestamp>> {
    now(match argument {
        Argument::Number(millis) => Some(Either::A(millis)),
        Argument::Text(text) => Some(Either::B(text.to_owned())),
        _ => None,
    })
}

/// What no reader takes for attributes is read as empty text, which is unreadable.
fn document<'c>(engine: &Engine, argument: Argument<'c>) -> Known<'c> {
    match argument {
        Argument::Missing => Known::default(),
        Argument::Text(text) => engine.read(text.as_bytes()),
        Argument::Bytes(bytes) => engine.read(bytes),
        _ => engine.read(&[]),
    }
}

/// An attribute as JSON would carry it: a number that is not finite is null there.
fn value(argument: Argument<'_>) -> ValueRef<'_> {
    match argument {
        Argument::Boolean(truth) => ValueRef::Boolean(truth),
        Argument::Number(number) if number.is_finite() => ValueRef::Number(number),
        Argument::Missing | Argument::Number(_) => ValueRef::Missing,
        Argument::Text(text) => ValueRef::Text(text),
        Argument::Bytes(_) | Argument::Other => ValueRef::Other,
    }
}
