//! Documents are checked as they come in; what fails is a refusal with its path in the source.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{MigrateOptions, Migration, MigrationNote};
use crate::{
    error::{Detail, Error, Result},
    experiment::{Experiment, Layer, LayerShare, Status, StoreDocument, Variant},
    hash::HashScheme,
};

/// Longest key of a document.
const MAX_KEY: usize = 64;

/// A part of a space that tests share out, as the source names it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) salt: String,
    pub(super) hash: HashScheme,
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Part {
    /// Whether no unit is in both.
    pub(super) fn apart_from(&self, other: &Self) -> bool {
        let same = self.salt == other.salt && self.hash == other.hash;
        same && (self.to <= other.from || other.to <= self.from)
    }
}

/// A test read from the source.
pub(super) struct Test {
    pub(super) name: String,
    pub(super) experiment: Experiment,
    pub(super) layer: Option<Part>,
}

/// Everything found so far.
pub(super) struct Gather<'o> {
    options: &'o MigrateOptions,
    done: Migration,
    salts: BTreeSet<String>,
}

impl<'o> Gather<'o> {
    /// # Errors
    /// What is wrong with surface, metrics or store, which every document shares.
    pub(super) fn new(options: &'o MigrateOptions) -> Result<Self> {
        let stand_in = |key: &str| Variant {
            key: key.to_owned(),
            ..Variant::default()
        };
        let bare = Experiment {
            key: "any".to_owned(),
            variants: vec![stand_in("a"), stand_in("b")],
            surface: options.surface.clone(),
            metrics: options.metrics.clone(),
            ..Experiment::default()
        };
        bare.check(&options.store)?;
        Ok(Self {
            options,
            done: Migration {
                experiments: Vec::new(),
                store: options.store.clone(),
                refused: Vec::new(),
                notes: Vec::new(),
            },
            salts: BTreeSet::new(),
        })
    }

    pub(super) fn options(&self) -> &'o MigrateOptions {
        self.options
    }

    pub(super) fn note(&mut self, field: &str, message: impl Into<String>) {
        self.done.notes.push(MigrationNote {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    pub(super) fn refuse(&mut self, field: &str, error: Error) {
        self.done.refused.extend(error.at(field).problems());
    }

    /// Takes a test in with what there is to say of it, or refuses it.
    pub(super) fn take(&mut self, field: &str, test: Test, notes: Vec<String>) {
        let renamed = renamed(&test.name);
        match self.checked(test) {
            Ok((experiment, store)) => {
                self.salts.insert(experiment.salt.clone());
                self.done.experiments.push(experiment);
                self.done.store = store;
                for message in renamed.into_iter().chain(notes) {
                    self.note(field, message);
                }
            }
            Err(error) => self.refuse(field, error),
        }
    }

    fn checked(&self, test: Test) -> Result<(Experiment, StoreDocument)> {
        let mut store = self.done.store.clone();
        let layer = test.layer.map(|part| share_of(&mut store, &part));
        let experiment = Experiment {
            key: key_of(&test.name),
            surface: self.options.surface.clone(),
            metrics: self.options.metrics.clone(),
            status: Status::Running,
            layer,
            ..test.experiment
        };
        let done = &self.done.experiments;
        if done.iter().any(|e| e.key == experiment.key) || self.salts.contains(&experiment.salt) {
            return Err(Error::Duplicate(Detail::new(
                "key",
                "must not be that of a test before it: two flags that follow one test are one experiment, its payloads holding both values",
                &test.name,
            )));
        }
        let checked = experiment.check(&store)?.into_inner();
        Ok((checked, store))
    }

    pub(super) fn finish(self) -> Migration {
        self.done
    }
}

/// The slice of a layer, which joins the store where it is new.
fn share_of(store: &mut StoreDocument, part: &Part) -> LayerShare {
    let same = |layer: &&Layer| layer.salt == part.salt && layer.hash == part.hash;
    let known = store.layers.iter().find(same).map(|l| l.key.clone());
    let key = known.unwrap_or_else(|| {
        let wanted = key_of(&part.name);
        let taken = |key: &str| store.layers.iter().any(|l| l.key == key);
        let mut numbered = (2..).map(|n| format!("{wanted:.60}_{n}"));
        let key = if taken(&wanted) {
            numbered.find(|key| !taken(key)).unwrap_or(wanted)
        } else {
            wanted
        };
        store.layers.push(Layer {
            key: key.clone(),
            salt: part.salt.clone(),
            hash: part.hash,
        });
        key
    });
    LayerShare {
        key,
        from: part.from,
        to: part.to,
    }
}

/// A key made of a name: what keys do not hold becomes `_`.
pub(super) fn key_of(name: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            c
        } else {
            '_'
        }
    };
    let key: String = name.chars().map(letter).collect();
    let starts = key.starts_with(|c: char| c.is_ascii_alphanumeric());
    let mut key = if starts { key } else { format!("x{key}") };
    key.truncate(MAX_KEY);
    key
}

/// What to say of a name that is no key.
pub(super) fn renamed(name: &str) -> Option<String> {
    let key = key_of(name);
    (key != name).then(|| {
        format!("{name} is called {key} here: keys are letters, digits, _ and -, at most 64")
    })
}

/// The refusal of something that a document cannot say.
pub(super) fn unsupported(field: &str, rule: impl Into<String>, found: impl ToString) -> Error {
    Error::Unsupported(Detail::new(field, rule, found))
}

/// The entries of an object.
pub(super) fn entries<'v>(
    field: &str,
    value: &'v Value,
) -> Result<&'v serde_json::Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| Error::WrongType(Detail::new(field, "must be an object", value)))
}

/// The items of a list; none of an absent one.
pub(super) fn items<'v>(field: &str, value: &'v Value) -> Result<&'v [Value]> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        other => Err(Error::WrongType(Detail::new(
            field,
            "must be a list",
            other,
        ))),
    }
}
