//! An explanation as lines that a person reads.

use std::fmt::Write as _;

use serde_json::Value;

use super::explain::{
    BucketsTrace, CheckTrace, CutTrace, Explanation, PrerequisiteTrace, Saw, SliceTrace,
    TargetingTrace, Verdict,
};
use crate::{hash::SCALE, rule::Trace};

/// Characters of an id that are shown.
const SHOWN: usize = 64;

impl Explanation {
    /// Readable lines, one a check: `>` stands before the one that decided.
    #[must_use]
    pub fn describe(&self) -> String {
        let unit: String = self.unit.chars().take(SHOWN).collect();
        let variant = self.decision.variant.as_deref().unwrap_or("no variant");
        let (key, reason) = (&self.decision.experiment, self.decision.reason);
        let mut text = format!("{key} for {unit:?}: {variant}, {reason}\n");
        let mut settled = false;
        for check in &self.checks {
            let mark = if check.spoke { '>' } else { ' ' };
            let (name, saw) = line(check);
            let after = if settled { " (not reached)" } else { "" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{mark} {name:<12} {saw}{after}");
            if let Saw::Targeting(Some(TargetingTrace {
                trace: Some(trace), ..
            })) = &check.saw
            {
                reached(trace, &mut text);
            }
            settled = settled || check.spoke;
        }
        text
    }
}

/// A check's name and what it saw.
fn line(check: &CheckTrace) -> (&'static str, String) {
    match &check.saw {
        Saw::Experiment { known: true } => ("experiment", "known".to_owned()),
        Saw::Experiment { known: false } => ("experiment", "not in the bundle".to_owned()),
        Saw::Load { loaded: true } => ("load", "loaded".to_owned()),
        Saw::Load { loaded: false } => ("load", "could not be loaded".to_owned()),
        Saw::Unit { bytes, at_most } => ("unit", format!("{bytes} bytes, 1 to {at_most} allowed")),
        Saw::Override { variant } => ("override", named(variant.as_deref())),
        Saw::Status { status, shipped } => {
            let shipped = shipped.as_ref().map(|key| format!(", shipped {key}"));
            let status = format!("{status:?}").to_lowercase();
            ("status", status + &shipped.unwrap_or_default())
        }
        Saw::Prerequisite(required) => ("prerequisite", optional(required.as_ref(), got)),
        Saw::Holdout(slice) => ("holdout", optional(slice.as_ref(), place)),
        Saw::Layer(slice) => ("layer", optional(slice.as_ref(), place)),
        Saw::Sticky { sticky: false, .. } => ("sticky", "not asked for".to_owned()),
        Saw::Sticky { shown, .. } => ("sticky", named(shown.as_deref())),
        Saw::Targeting(None) => ("targeting", "everyone".to_owned()),
        Saw::Targeting(Some(targeting)) => ("targeting", answer_of(targeting)),
        Saw::Allocation { hash, below } => {
            let side = if hash < below { "below" } else { "not below" };
            let share = share(*below, SCALE);
            (
                "allocation",
                format!("h(1) = {hash} is {side} {below} ({share})"),
            )
        }
        Saw::Variant { hash, cuts } => ("variant", drawn(*hash, cuts)),
        Saw::Buckets(buckets) => ("buckets", owned(buckets)),
    }
}

fn optional<T>(given: Option<&T>, say: impl Fn(&T) -> String) -> String {
    given.map_or_else(|| "none".to_owned(), say)
}

fn named(variant: Option<&str>) -> String {
    variant.unwrap_or("none for this unit").to_owned()
}

fn got(required: &PrerequisiteTrace) -> String {
    let PrerequisiteTrace {
        experiment,
        variants,
        got: Verdict { variant, reason },
    } = required;
    let variant = variant.as_deref().unwrap_or("no variant");
    let accepted = variants.join(" or ");
    format!("{experiment} gives {variant}, {reason}; {accepted} may take part")
}

fn place(slice: &SliceTrace) -> String {
    let side = if slice.inside { "inside" } else { "outside" };
    let SliceTrace {
        key,
        hash,
        size,
        from,
        below,
        ..
    } = slice;
    let name = if *size == SCALE { "h(0)" } else { "bucket" };
    format!(
        "{key}: {name} = {hash} is {side} {from} to {below} ({} to {})",
        share(*from, *size),
        share(*below, *size)
    )
}

/// Who owns which buckets, and where the unit lies.
fn owned(buckets: &BucketsTrace) -> String {
    let BucketsTrace {
        bucket,
        size,
        traffic,
        runs,
        ..
    } = buckets;
    let traffic = traffic.iter().map(place);
    let drawn = format!("bucket {bucket} of {size}");
    let runs = runs
        .iter()
        .map(|run| format!("{} from {} to {}", run.variant, run.from, run.below));
    let parts = traffic.chain([drawn]).chain(runs);
    parts.collect::<Vec<_>>().join("; ")
}

fn answer_of(targeting: &TargetingTrace) -> String {
    let answer = match &targeting.trace {
        Some(trace) => answer(trace.answer),
        None => "the attributes could not be read",
    };
    format!("{answer}: {}", targeting.rule)
}

/// What a rule came to, a line each.
fn reached(trace: &Trace, text: &mut String) {
    let indent = " ".repeat(15);
    for seen in &trace.comparisons {
        let operand = match &seen.operand {
            Value::Null => String::new(),
            operand => format!(" {operand}"),
        };
        let found = match &seen.found {
            Value::Null => "nothing".to_owned(),
            found => found.to_string(),
        };
        let (name, op, answer) = (&seen.attribute, seen.operator, answer(seen.answer));
        let _ = writeln!(
            text,
            "{indent}{name} {op}{operand}: found {found}, {answer}"
        );
    }
    for seen in &trace.memberships {
        let _ = writeln!(text, "{indent}in {}: {}", seen.segment, answer(seen.answer));
    }
}

fn drawn(hash: u64, cuts: &[CutTrace]) -> String {
    let cuts = cuts
        .iter()
        .map(|cut| format!("{} below {}", cut.variant, cut.below));
    format!("h(0) = {hash}; {}", cuts.collect::<Vec<_>>().join(", "))
}

fn answer(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "true",
        Some(false) => "false",
        None => "unknown",
    }
}

/// A place in the hash space as a percentage.
fn share(place: u64, size: u64) -> String {
    let share = 100.0 * place as f64 / size as f64;
    let text = format!("{share:.4}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}
