//! What only shows when experiments stand side by side: shared salts, overlapping layers, prerequisites.

use std::collections::BTreeMap;

use super::{Experiment, Status, StoreDocument, check::Checks};
use crate::error::{Detail, Error, Result};

/// Checks what experiments must not do to each other.
///
/// Keys differ; all salts of experiments, layers and holdouts differ, because they all use the same slice of the hash;
/// running and paused experiments of a layer do not overlap; prerequisites exist, name variants that exist and lead to
/// no circle. Each experiment by itself is for [`Experiment::check`].
///
/// # Errors
/// Every problem, with paths such as `experiments[1].layer`.
///
/// # Example
/// ```
/// use stoa_core::experiment::{Experiment, StoreDocument, check_set};
/// let twin = |key: &str| Experiment { key: key.into(), salt: "same".into(), ..Experiment::default() };
/// let error = check_set(&[twin("one"), twin("two")], &StoreDocument::default()).unwrap_err();
/// assert_eq!(error.code(), "duplicate");
/// assert_eq!(error.problems()[0].detail.field, "experiments[1].salt");
/// ```
pub fn check_set(experiments: &[Experiment], store: &StoreDocument) -> Result<()> {
    let mut errors: Vec<Error> = store.errors().into_iter().map(|e| e.at("store")).collect();
    let store = store.clone().with_defaults();
    keys_and_salts(&mut errors, experiments, &store);
    layers(&mut errors, experiments);
    requires(&mut errors, experiments);
    Error::collect(errors).map_or(Ok(()), Err)
}

fn keys_and_salts(errors: &mut Vec<Error>, experiments: &[Experiment], store: &StoreDocument) {
    let mut owners: BTreeMap<&str, String> = BTreeMap::new();
    for (i, e) in experiments.iter().enumerate() {
        let path = format!("experiments[{i}].key");
        errors.unique(&path, &e.key, experiments[..i].iter().map(|e| &e.key));
    }
    let of_layers = store.layers.iter().map(|l| l.salt.as_str());
    let of_holdouts = store.holdouts.iter().map(|h| h.salt.as_str());
    let of_experiments = experiments.iter().map(|e| {
        let written = Some(e.salt.as_str()).filter(|s| !s.is_empty());
        written.unwrap_or(&e.key)
    });
    let all = paths("store.layers", of_layers)
        .chain(paths("store.holdouts", of_holdouts))
        .chain(paths("experiments", of_experiments));
    for (path, salt) in all {
        if let Some(owner) = owners.get(salt) {
            errors.push(Error::Duplicate(Detail::new(
                format!("{path}.salt"),
                format!("must differ from that of {owner}"),
                salt,
            )));
        } else {
            owners.insert(salt, path);
        }
    }
}

fn paths<'a>(
    list: &str,
    salts: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = (String, &'a str)> {
    salts
        .enumerate()
        .map(move |(i, salt)| (format!("{list}[{i}]"), salt))
}

fn layers(errors: &mut Vec<Error>, experiments: &[Experiment]) {
    let live = |e: &&Experiment| matches!(e.status, Status::Running | Status::Paused);
    for (i, e) in experiments.iter().enumerate().filter(|(_, e)| live(e)) {
        let Some(mine) = &e.layer else { continue };
        for other in experiments[..i].iter().filter(live) {
            let Some(theirs) = &other.layer else { continue };
            if mine.key == theirs.key && mine.from < theirs.to && theirs.from < mine.to {
                errors.push(Error::Conflict(Detail::new(
                    format!("experiments[{i}].layer"),
                    format!(
                        "must not overlap [{}, {}) of {}",
                        theirs.from, theirs.to, other.key
                    ),
                    format!("[{}, {})", mine.from, mine.to),
                )));
            }
        }
    }
}

fn requires(errors: &mut Vec<Error>, experiments: &[Experiment]) {
    for (i, e) in experiments.iter().enumerate() {
        let Some(requires) = &e.requires else {
            continue;
        };
        let path = format!("experiments[{i}].requires");
        let known = experiments.iter().map(|e| e.key.as_str());
        let field = format!("{path}.experiment");
        if !errors.known(
            &field,
            &requires.experiment,
            "an experiment of the set",
            known,
        ) {
            continue;
        }
        let other = experiments.iter().find(|o| o.key == requires.experiment);
        for (k, variant) in requires.variants.iter().enumerate() {
            let known = other
                .into_iter()
                .flat_map(|o| &o.variants)
                .map(|v| v.key.as_str());
            let what = format!("a variant of {}", requires.experiment);
            errors.known(&format!("{path}.variants[{k}]"), variant, &what, known);
        }
        if let Some(circle) = circle_from(e, experiments) {
            errors.push(Error::Cycle(Detail::new(
                field,
                "must not lead back to itself",
                circle.join(" → "),
            )));
        }
    }
}

/// The keys from an experiment through its prerequisites back to itself, if they lead there.
fn circle_from<'a>(start: &'a Experiment, all: &'a [Experiment]) -> Option<Vec<&'a str>> {
    let mut trail = vec![start.key.as_str()];
    let mut at = start;
    while let Some(requires) = &at.requires {
        at = all.iter().find(|e| e.key == requires.experiment)?;
        trail.push(&at.key);
        if at.key == start.key {
            return Some(trail);
        }
        if trail.len() > all.len() {
            return None;
        }
    }
    None
}
