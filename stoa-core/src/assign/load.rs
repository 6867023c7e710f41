//! A served bundle read tolerantly: what cannot be read is set aside with its problem, the rest serves.

use serde_json::Value;

use super::{
    Bundle,
    bundle::{SCHEMA_VERSION, content_hash},
    compile::{Arm, Entry},
};
use crate::{
    error::{Detail, Error, Result},
    experiment::{Experiment, StoreDocument, check_set},
    rule::{Attribute, AttributeSchema},
    segment::{Segment, Segments},
};

/// What an engine is assembled from.
pub(super) struct Loaded {
    /// The parts that could be read.
    pub(super) bundle: Bundle,
    /// Its segments as a set.
    pub(super) segments: Segments,
    /// Where each of its experiments stood in the document.
    pub(super) positions: Vec<usize>,
    /// Experiments that could not be read, as far as their key is known.
    pub(super) broken: Vec<Entry>,
    /// Everything that was wrong.
    pub(super) problems: Vec<Error>,
}

impl Loaded {
    /// A bundle that was checked.
    ///
    /// # Errors
    /// Those of the segments, which a checked bundle does not have.
    pub(super) fn of(bundle: Bundle) -> Result<Self> {
        Ok(Self {
            segments: Segments::new(bundle.segments.clone())?,
            positions: (0..bundle.experiments.len()).collect(),
            broken: Vec::new(),
            problems: Vec::new(),
            bundle,
        })
    }
}

/// Reads a bundle's text.
///
/// # Errors
/// Only what concerns the document as a whole; see [`super::Engine::from_json`].
pub(super) fn read(text: &str) -> Result<Loaded> {
    let document: Value = serde_json::from_str(text).map_err(|e| {
        let rule = format!("must be JSON ({e})");
        Error::InvalidDocument(Detail::new("bundle", rule, text))
    })?;
    check_whole(&document)?;
    let mut problems = shapes(&document);
    let store = store(&document, &mut problems);
    let segments = segments(&document, &mut problems);
    let schema = schema(&document, &mut problems);
    let mut broken = Vec::new();
    let mut read = Vec::new();
    for (i, raw) in items(&document, "experiments").enumerate() {
        match experiment(raw, &store) {
            Ok(experiment) => read.push((i, experiment)),
            Err(e) => {
                problems.push(e.at(&format!("experiments[{i}]")));
                broken.extend(broken_entry(raw));
            }
        }
    }
    let (positions, experiments) = compatible(read, &store, &mut problems, &mut broken);
    let listed = segments.iter().cloned().collect();
    let mut bundle = Bundle::sealed(experiments, listed, store, schema);
    if let Some(sealed) = document.get("content_hash").and_then(Value::as_str) {
        sealed.clone_into(&mut bundle.content_hash);
    }
    Ok(Loaded {
        bundle,
        segments,
        positions,
        broken,
        problems,
    })
}

/// The document is an object of a known layout, and what its hash sealed.
fn check_whole(document: &Value) -> Result<()> {
    if !document.is_object() {
        let detail = Detail::new("bundle", "must be a JSON object", document);
        return Err(Error::InvalidDocument(detail));
    }
    let version = document.get("schema_version");
    if version.is_some_and(|v| v.as_f64() != Some(SCHEMA_VERSION as f64)) {
        let rule = format!("must be {SCHEMA_VERSION}");
        let found = version.unwrap_or(&Value::Null);
        return Err(Error::Unsupported(Detail::new(
            "schema_version",
            rule,
            found,
        )));
    }
    if let Some(sealed) = document.get("content_hash") {
        let computed = content_hash(document);
        if sealed.as_str() != Some(&computed) {
            let rule = format!("must be that of the bundle's content, {computed}");
            return Err(Error::Conflict(Detail::new("content_hash", rule, sealed)));
        }
    }
    Ok(())
}

/// What should be a list and is none: its content is lost.
fn shapes(document: &Value) -> Vec<Error> {
    let parts = ["experiments", "segments", "layers", "holdouts", "metrics"];
    let problem = |name: &str| match document.get(name) {
        None if name == "experiments" => {
            let rule = "is required, a list, empty when there are none";
            Some(Error::MissingField(Detail::new(name, rule, Value::Null)))
        }
        Some(part) if !part.is_array() => {
            Some(Error::WrongType(Detail::new(name, "must be a list", part)))
        }
        _ => None,
    };
    parts.into_iter().filter_map(problem).collect()
}

/// The elements of a list, none when it is absent.
fn items<'d>(document: &'d Value, name: &str) -> impl Iterator<Item = &'d Value> {
    let list = document.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// Layers, holdouts and metrics, each taken in if the store stays valid with it.
fn store(document: &Value, problems: &mut Vec<Error>) -> StoreDocument {
    let mut store = StoreDocument::default();
    for part in ["layers", "holdouts", "metrics"] {
        for (i, raw) in items(document, part).enumerate() {
            let one = serde_json::json!({ part: [raw] });
            let grown = StoreDocument::from_value_tolerant(&one).and_then(|one| {
                let mut grown = store.clone();
                grown.layers.extend(one.layers);
                grown.holdouts.extend(one.holdouts);
                grown.metrics.extend(one.metrics);
                check_set(&[], &grown).map(|()| grown)
            });
            match grown {
                Ok(grown) => store = grown,
                Err(e) => problems.push(misfit(&format!("{part}[{i}]"), &e)),
            }
        }
    }
    store
}

/// The segments that can be read and name only each other, in the document's order.
fn segments(document: &Value, problems: &mut Vec<Error>) -> Segments {
    let mut waiting = Vec::new();
    for (i, raw) in items(document, "segments").enumerate() {
        match serde_json::from_value::<Segment>(raw.clone()) {
            Ok(segment) => waiting.push((i, segment)),
            Err(e) => problems.push(unreadable(&format!("segments[{i}]"), &e, raw)),
        }
    }
    let mut set = Segments::default();
    // Each round takes in what leans only on segments already in; cycles and strangers stay outside.
    loop {
        let before = waiting.len();
        waiting.retain(|(_, segment): &(usize, Segment)| {
            let grown = set.iter().chain([segment]).cloned().collect();
            Segments::new(grown).map(|grown| set = grown).is_err()
        });
        if waiting.len() == before {
            break;
        }
    }
    for (i, segment) in waiting {
        let grown = set.iter().chain([&segment]).cloned().collect();
        problems.extend(
            Segments::new(grown)
                .err()
                .map(|e| misfit(&format!("segments[{i}]"), &e)),
        );
    }
    set
}

/// The attributes whose description can be read.
fn schema(document: &Value, problems: &mut Vec<Error>) -> Option<AttributeSchema> {
    let raw = document.get("schema").filter(|raw| !raw.is_null())?;
    let mut schema = AttributeSchema::default();
    for (name, raw) in raw.as_object().into_iter().flatten() {
        match tolerant_attribute(raw) {
            Ok(attribute) => drop(schema.0.insert(name.clone(), attribute)),
            Err(e) => problems.push(unreadable(&format!("schema.{name}"), &e, raw)),
        }
    }
    Some(schema)
}

/// An attribute without the fields of a later version.
fn tolerant_attribute(raw: &Value) -> serde_json::Result<Attribute> {
    const FIELDS: [&str; 5] = ["type", "label", "phrase", "assignable", "column"];
    let mut known = raw.clone();
    if let Some(fields) = known.as_object_mut() {
        fields.retain(|name, _| FIELDS.contains(&name.as_str()));
    }
    serde_json::from_value(known)
}

/// A part that was tried beside the others: the places that `error` names are those of the trial, so they only appear in words.
fn misfit(field: &str, error: &Error) -> Error {
    let problems = error.problems();
    let found: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
    Error::Conflict(Detail::new(
        field,
        "must fit the rest of the bundle",
        found.join("; "),
    ))
}

fn unreadable(field: &str, reason: &serde_json::Error, found: &Value) -> Error {
    Error::InvalidDocument(Detail::new(
        field,
        format!("must be readable ({reason})"),
        found,
    ))
}

fn experiment(raw: &Value, store: &StoreDocument) -> Result<Experiment> {
    let experiment = Experiment::from_value_tolerant(raw)?;
    Ok(experiment.check(store)?.into_inner())
}

/// What can still be said about an experiment that could not be read.
fn broken_entry(raw: &Value) -> Option<Entry> {
    let key = raw.get("key")?.as_str()?.to_owned();
    let control = raw.pointer("/variants/0").and_then(|variant| {
        Some(Arm {
            key: variant.get("key")?.as_str()?.to_owned(),
            payload: variant.get("payload").cloned().unwrap_or_default(),
        })
    });
    Some(Entry::broken(key, control))
}

/// The experiments that can stand side by side: of two that share a key, a salt or a place in a layer the first serves.
/// Prerequisites are resolved later, among served and broken ones alike.
fn compatible(
    read: Vec<(usize, Experiment)>,
    store: &StoreDocument,
    problems: &mut Vec<Error>,
    broken: &mut Vec<Entry>,
) -> (Vec<usize>, Vec<Experiment>) {
    let alone = |e: &Experiment| Experiment {
        requires: None,
        ..e.clone()
    };
    let everyone: Vec<_> = read.iter().map(|(_, e)| alone(e)).collect();
    if check_set(&everyone, store).is_ok() {
        return read.into_iter().unzip();
    }
    let mut served: Vec<Experiment> = Vec::new();
    let mut kept = Vec::new();
    for (i, experiment) in read {
        served.push(alone(&experiment));
        match check_set(&served, store) {
            Ok(()) => kept.push((i, experiment)),
            Err(e) => {
                served.pop();
                problems.push(misfit(&format!("experiments[{i}]"), &e));
                broken.push(Entry::broken_of(&experiment));
            }
        }
    }
    kept.into_iter().unzip()
}
