//! Eppo's flag configuration, as its server SDKs load it: flags with their allocations.

mod conditions;
mod splits;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use self::{conditions::Targeted, splits::Drawn};
use super::{
    MigrateOptions, Migration,
    gather::{Gather, Test, entries, key_of, renamed, unsupported},
    reach::{Reach, Takes},
};
use crate::{
    error::{Detail, Error, Result},
    experiment::{Experiment, Variant, shape},
    hash::HashScheme,
    value::Timestamp,
};

const BYSTANDERS: [&str; 4] = ["createdAt", "format", "environment", "flags"];

/// A flag; what is left out of it is refused as an unknown field.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(deny_unknown_fields, extend("required" = ["enabled", "variations", "allocations", "totalShards"]))]
struct Flag {
    key: String,
    enabled: bool,
    variation_type: String,
    variations: BTreeMap<String, Variation>,
    allocations: Vec<Value>,
    total_shards: u32,
    entity_id: Value,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
struct Variation {
    key: String,
    value: Value,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(deny_unknown_fields, extend("required" = ["key", "splits"]))]
struct Allocation {
    key: String,
    rules: Vec<conditions::EppoRule>,
    start_at: Option<String>,
    end_at: Option<String>,
    splits: Vec<splits::Split>,
    do_log: bool,
}

/// Reads the flag configuration of Eppo's server SDKs (`{"flags": …}`) as documents of running tests.
///
/// Every allocation that splits its subjects among variations becomes an experiment with the same salts and shards, so
/// every unit keeps its variant. Subjects whom earlier allocations of the flag take away are left out of the targeting.
/// The control is the variation named `control`, else the first split's, and a note says so.
///
/// # Errors
/// What is wrong with the configuration as a whole, or with surface, metrics and store. An allocation that no document
/// can say is in [`Migration::refused`]: patterns beyond plain text, versions, attributes of unknown type, salts that
/// differ from split to split, allocations behind a partial one, times without [`MigrateOptions::now`].
///
/// # Source
/// `evaluator.ts`, `rules.ts` and `sharders.ts` of `@eppo/js-client-sdk-common` 4.14.4 (MIT), read, not copied.
///
/// # Example
/// ```
/// use serde_json::json;
/// use stoa_core::migrate::{MigrateOptions, from_eppo};
/// let split = |key: &str, start: u32, end: u32| json!({"variationKey": key, "shards": [
///     {"salt": "shipping-traffic", "ranges": [{"start": 0, "end": 4000}]},
///     {"salt": "shipping-split", "ranges": [{"start": start, "end": end}]}]});
/// let config = json!({"format": "SERVER", "flags": {"shipping": {
///     "key": "shipping", "enabled": true, "variationType": "STRING", "totalShards": 10000,
///     "variations": {"control": {"key": "control", "value": "none"}, "offer": {"key": "offer", "value": "from 50"}},
///     "allocations": [{"key": "test", "doLog": true, "splits": [split("control", 0, 5000), split("offer", 5000, 10000)]}]
/// }}});
/// let metrics = json!({"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}});
/// let options = MigrateOptions::new("shipping_offer", &metrics)?;
/// let moved = from_eppo(&config, &options)?;
/// assert_eq!((moved.experiments[0].salt.as_str(), moved.experiments[0].allocation), ("shipping-split", 0.4));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn from_eppo(config: &Value, options: &MigrateOptions) -> Result<Migration> {
    let mut gather = Gather::new(options)?;
    let fields = entries("config", config)?;
    let format = fields.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| format != "SERVER") {
        let rule = "must be SERVER: in other formats names and values are hashed";
        return Err(unsupported("format", rule, format.unwrap_or_default()));
    }
    for field in fields.keys().filter(|k| !BYSTANDERS.contains(&k.as_str())) {
        gather.note(field, "is not read");
    }
    let missing = || Error::MissingField(Detail::new("flags", "is required", "nothing"));
    let flags = entries("flags", fields.get("flags").ok_or_else(missing)?)?;
    for (key, raw) in flags {
        let field = format!("flags.{key}");
        match shape::read::<Flag>(raw, shape::Unknown::Refuse) {
            Ok(Flag {
                total_shards: 0, ..
            }) => {
                let detail = Detail::new("totalShards", "must be at least 1", 0);
                gather.refuse(&field, Error::OutOfRange(detail));
            }
            Ok(flag) => read_flag(&mut gather, &field, key, &flag),
            Err(error) => gather.refuse(&field, error),
        }
    }
    Ok(gather.finish())
}

fn read_flag(gather: &mut Gather<'_>, field: &str, key: &str, flag: &Flag) {
    if !flag.enabled {
        return gather.note(field, "is not enabled, and not carried");
    }
    let mut reach = Reach::default();
    let mut tests = 0;
    for (i, raw) in flag.allocations.iter().enumerate() {
        let at = format!("{field}.allocations[{i}]");
        let read = shape::read::<Allocation>(raw, shape::Unknown::Refuse);
        let takes = read.and_then(|allocation| {
            if !runs(gather, &at, &allocation)? {
                return Ok(Takes::Nobody);
            }
            tests += usize::from(allocation.splits_subjects());
            take(gather, &at, key, flag, &allocation, &reach)
        });
        let takes = takes.unwrap_or_else(|error| {
            gather.refuse(&at, error);
            Takes::Unknown("it was refused".to_owned())
        });
        reach.push(&at, takes);
    }
    if tests == 0 {
        gather.note(
            field,
            "has no running test: a flag without one is not carried",
        );
    }
}

impl Allocation {
    /// Whether it is a test: its subjects get more than one variation.
    fn splits_subjects(&self) -> bool {
        let first = self.splits.first().map(|s| &s.variation_key);
        self.splits.iter().any(|s| Some(&s.variation_key) != first)
    }
}

/// Whether an allocation counts at the instant of the move.
fn runs(gather: &mut Gather<'_>, at: &str, allocation: &Allocation) -> Result<bool> {
    let instant = |field: &str, text: &Option<String>| {
        let Some(text) = text else { return Ok(None) };
        let read = Timestamp::parse(text).map_err(|e| e.at(field))?;
        let now = gather.options().now.ok_or_else(|| {
            unsupported(
                field,
                "needs the instant at which the test moves: give `now`",
                text,
            )
        })?;
        Ok(Some((read, now)))
    };
    let start = instant("startAt", &allocation.start_at)?;
    let end = instant("endAt", &allocation.end_at)?;
    if start.is_some_and(|(start, now)| now < start) {
        gather.note(at, "has not started, and is not carried");
        return Ok(false);
    }
    match end {
        Some((end, now)) if now > end => {
            gather.note(at, "is over, and not carried");
            return Ok(false);
        }
        Some((end, _)) => gather.note(at, format!("ends at {end}; nothing here ends it")),
        None => {}
    }
    Ok(true)
}

/// Takes an allocation in if it is a test, and says whom it keeps from those after it.
fn take(
    gather: &mut Gather<'_>,
    at: &str,
    key: &str,
    flag: &Flag,
    allocation: &Allocation,
    reach: &Reach,
) -> Result<Takes> {
    let targeted = conditions::read(&allocation.rules, gather.options().schema.as_ref())?;
    let drawn = splits::read(&allocation.splits, flag.total_shards)?;
    if allocation.splits_subjects() {
        let test = test(key, flag, allocation, &targeted, &drawn, reach);
        match test {
            Ok(test) => {
                let notes = notes(allocation, &targeted, &drawn);
                gather.take(at, test, notes);
            }
            Err(error) => gather.refuse(at, error),
        }
    } else {
        gather.note(at, "serves one variation: its subjects are left out of the tests after it, and get the control's payload here");
    }
    Ok(match (drawn.whole(), targeted) {
        (true, Targeted { no: Some(no), .. }) => Takes::AllBut(no),
        (true, Targeted { no: None, .. }) => Takes::Everyone,
        (false, _) => Takes::Some(drawn.layer),
    })
}

fn test(
    key: &str,
    flag: &Flag,
    allocation: &Allocation,
    targeted: &Targeted,
    drawn: &Drawn,
    reach: &Reach,
) -> Result<Test> {
    let (salt, buckets) = drawn.said(flag.total_shards)?;
    let variants = drawn
        .variants
        .iter()
        .zip(drawn.weights())
        .map(|(variant, weight)| {
            Ok(Variant {
                key: key_of(&variant.key),
                weight,
                payload: payload(flag, &variant.key)?,
            })
        });
    let name = format!("{key}-{}", allocation.key);
    let provenance = [
        ("source", "eppo"),
        ("flag", key),
        ("allocation", &allocation.key),
    ];
    Ok(Test {
        name,
        experiment: Experiment {
            salt,
            hash: HashScheme::Eppo,
            buckets,
            variants: variants.collect::<Result<_>>()?,
            allocation: drawn.traffic.as_ref().map_or(1.0, |t| t.share),
            targeting: reach.targeting(targeted.yes.clone(), drawn.layer.as_ref())?,
            provenance: provenance.map(|(k, v)| (k.to_owned(), json!(v))).into(),
            ..Experiment::default()
        },
        layer: drawn.layer.clone(),
    })
}

/// What a variation serves; JSON comes as text.
fn payload(flag: &Flag, key: &str) -> Result<Value> {
    let variation = flag.variations.get(key).ok_or_else(|| {
        let detail = Detail::new("splits", "must name a variation of the flag", key);
        Error::UnknownName(detail.did_you_mean(key, flag.variations.keys().map(String::as_str)))
    })?;
    match (&*flag.variation_type, &variation.value) {
        ("JSON", Value::String(text)) => serde_json::from_str(text).map_err(|e| {
            let field = format!("variations.{key}.value");
            Error::InvalidDocument(Detail::new(field, format!("must be JSON ({e})"), text))
        }),
        (_, value) => Ok(value.clone()),
    }
}

/// What a document leaves to its reader.
fn notes(allocation: &Allocation, targeted: &Targeted, drawn: &Drawn) -> Vec<String> {
    let mut notes: Vec<_> = drawn
        .variants
        .iter()
        .filter_map(|v| renamed(&v.key))
        .collect();
    if !drawn.has_named_control() {
        let first = drawn.variants.first().map_or("", |v| &v.key);
        notes.push(format!(
            "has no variation named control: {first}, its first split's, is taken as the control"
        ));
    }
    let mut note = |here: bool, message: &str| notes.extend(here.then(|| message.to_owned()));
    let id = "reads id, which is the subject there: give the unit's id as the attribute id too";
    note(targeted.reads_id, id);
    let log = "is not logged there (doLog is false); here every exposure counts";
    note(!allocation.do_log, log);
    let more = "logs more than variants (extraLogging), which is not carried";
    note(allocation.splits.iter().any(splits::Split::logs_more), more);
    notes
}
