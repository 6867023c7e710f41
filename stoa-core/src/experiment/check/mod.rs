//! What a contract means: every check of names, ranges and contradictions, all reported at once.

mod buckets;
mod goals;
mod plan;
mod tools;

use serde_json::Value;

use super::{CheckedExperiment, Experiment, LayerShare, Status, StoreDocument, prior, shape};
use crate::{
    catalog,
    error::{Detail, Error, Problem, Result},
    value::document::join,
};

pub(super) use goals::roles;
pub(super) use tools::{Checks, key_problem, safe_key, snake_case};

/// What a metric key has to name.
const METRIC: &str = "a metric of the catalog or the store";
/// An answer of a batch is one signed byte per unit, so there are no more variants than that.
const MAX_VARIANTS: usize = 100;
/// Weights other than 0 lie here, so that cut points are exact (METHODS, assignment).
const WEIGHTS: (f64, f64) = (1e-6, 1e6);

/// Everything that is wrong with a written experiment: its shape, then its meaning. Empty when it is sound.
///
/// # Example
/// ```
/// use stoa_core::experiment::{StoreDocument, problems, read_document};
/// let document = read_document("
/// key: free_shipping
/// surface: shipping_ofer
/// variants: [{key: A}, {key: B, wieght: 2}]
/// metrics: {revenue: {metric: revenue_per_visitor}}
/// ")?;
/// let found = problems(&document, &StoreDocument::default());
/// let fields: Vec<_> = found.iter().map(|p| (p.code.as_str(), p.detail.field.as_str())).collect();
/// assert_eq!(fields, [
///     ("unknown_field", "variants[1].wieght"),
///     ("unknown_name", "surface"),
///     ("missing_metric", "metrics.satisfaction"),
/// ]);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[must_use]
pub fn problems(document: &Value, store: &StoreDocument) -> Vec<Problem> {
    let (read, mut errors) = shape::read_all::<Experiment>(document, shape::Unknown::Refuse);
    match read {
        Ok(experiment) => {
            let meaning = errors_of(&experiment.with_defaults(), store);
            let news: Vec<Error> = meaning
                .into_iter()
                .filter(|error| !errors.iter().any(|said| explains(said, error)))
                .collect();
            errors.extend(news);
        }
        Err(error) if errors.is_empty() => errors.push(error),
        Err(_) => {}
    }
    let rooted = errors.into_iter().map(shape::rooted).collect();
    Error::collect(rooted).map_or_else(Vec::new, |error| error.problems())
}

impl Experiment {
    /// Checks everything that the contract asks; the only door to a [`CheckedExperiment`].
    ///
    /// # Errors
    /// Every problem of the experiment and of the store document it leans on.
    pub fn check(self, store: &StoreDocument) -> Result<CheckedExperiment> {
        let experiment = self.with_defaults();
        let mut errors = errors_of(&experiment, store);
        errors.extend(store.errors().into_iter().map(|e| e.at("store")));
        match Error::collect(errors) {
            Some(error) => Err(error),
            None => Ok(CheckedExperiment::new(
                roles(&experiment, store),
                experiment,
            )),
        }
    }
}

fn errors_of(experiment: &Experiment, store: &StoreDocument) -> Vec<Error> {
    let mut errors = Vec::new();
    errors.version(experiment.schema_version);
    key_problem(&mut errors, "key", &experiment.key, safe_key);
    surface(&mut errors, &experiment.surface);
    unit_and_salt(&mut errors, experiment);
    variants(&mut errors, experiment);
    errors.share("allocation", experiment.allocation);
    buckets::check(&mut errors, experiment);
    if let Some(slice) = &experiment.layer {
        layer(&mut errors, slice, store);
    }
    if let Some(key) = &experiment.holdout {
        let known = store.holdouts.iter().map(|h| h.key.as_str());
        errors.known("holdout", key, "a holdout of the store", known);
    }
    named_variants(&mut errors, experiment);
    requires(&mut errors, experiment);
    goals::check(&mut errors, &experiment.metrics, store);
    plan::check(&mut errors, &experiment.plan);
    for (key, spec) in &experiment.prior {
        let path = join("prior", key);
        errors.known(&path, key, METRIC, store.metric_keys());
        if let Some(metric) = store.metric(key) {
            errors.extend(prior::check(&path, spec, metric));
        }
    }
    errors
}

fn surface(errors: &mut Vec<Error>, key: &str) {
    if errors.present("surface", key) {
        let known = catalog::surfaces().iter().map(|s| s.key);
        errors.known("surface", key, "a surface of the catalog", known);
    }
}

fn unit_and_salt(errors: &mut Vec<Error>, experiment: &Experiment) {
    if experiment.unit != "visitor_id" {
        errors.push(Error::UnknownName(
            Detail::new("unit", "must be visitor_id", &experiment.unit)
                .did_you_mean(&experiment.unit, ["visitor_id"]),
        ));
    }
    if experiment.salt.len() > 200 {
        errors.push(Error::TooLarge(Detail::new(
            "salt",
            "must be at most 200 bytes",
            &experiment.salt,
        )));
    }
}

fn variants(errors: &mut Vec<Error>, experiment: &Experiment) {
    let all = &experiment.variants;
    match all.len() {
        0 => errors.push(Error::MissingField(Detail::new(
            "variants",
            "must be at least 2, control first",
            "nothing",
        ))),
        1 => errors.push(Error::OutOfRange(Detail::new(
            "variants",
            "must be at least 2, control first",
            1,
        ))),
        n if n > MAX_VARIANTS => errors.push(Error::TooLarge(Detail::new(
            "variants",
            format!("must be at most {MAX_VARIANTS}"),
            n,
        ))),
        _ => {}
    }
    for (i, variant) in all.iter().enumerate() {
        let key = format!("variants[{i}].key");
        key_problem(errors, &key, &variant.key, safe_key);
        errors.unique(&key, &variant.key, all[..i].iter().map(|v| &v.key));
        errors.between(
            &format!("variants[{i}].weight"),
            variant.weight,
            "must be 0, or from 1e-6 to 1e6",
            |w| w.to_bits() == 0 || (WEIGHTS.0..=WEIGHTS.1).contains(&w),
        );
    }
    weights_together(errors, experiment);
}

fn weights_together(errors: &mut Vec<Error>, experiment: &Experiment) {
    let weights: Vec<f64> = experiment.variants.iter().map(|v| v.weight).collect();
    let zero = |w: &f64| w.abs() <= 0.0;
    if !weights.is_empty() && weights.iter().all(zero) {
        errors.push(Error::OutOfRange(Detail::new(
            "variants",
            "must have a weight above 0",
            format!("weights {weights:?}"),
        )));
    } else if weights.first().is_some_and(zero) {
        errors.push(Error::OutOfRange(Detail::new(
            "variants[0].weight",
            "must be above 0: the first variant is the control, and everything is compared with it",
            0,
        )));
    }
}

fn layer(errors: &mut Vec<Error>, slice: &LayerShare, store: &StoreDocument) {
    if errors.present("layer.key", &slice.key) {
        let known = store.layers.iter().map(|l| l.key.as_str());
        errors.known("layer.key", &slice.key, "a layer of the store", known);
    }
    let sound = errors.share("layer.from", slice.from) & errors.share("layer.to", slice.to);
    if sound && slice.from >= slice.to {
        errors.push(Error::OutOfRange(Detail::new(
            "layer.to",
            format!("must be above layer.from ({})", slice.from),
            slice.to,
        )));
    }
}

/// Variants that other fields name: shipped and overrides.
fn named_variants(errors: &mut Vec<Error>, experiment: &Experiment) {
    let known = || experiment.variants.iter().map(|v| v.key.as_str());
    if let Some(key) = &experiment.shipped {
        errors.known("shipped", key, "a variant", known());
        if experiment.status != Status::Stopped {
            errors.push(Error::Conflict(Detail::new(
                "shipped",
                "must be left out until status is stopped",
                key,
            )));
        }
    }
    for (unit, key) in &experiment.overrides {
        if unit.is_empty() {
            errors.push(Error::MissingField(Detail::new(
                "overrides",
                "must name a unit",
                "\"\"",
            )));
        }
        errors.known(&join("overrides", unit), key, "a variant", known());
    }
}

/// The prerequisite by itself; whether it exists is for [`super::check_set`].
fn requires(errors: &mut Vec<Error>, experiment: &Experiment) {
    let Some(requires) = &experiment.requires else {
        return;
    };
    if errors.present("requires.experiment", &requires.experiment)
        && requires.experiment == experiment.key
    {
        errors.push(Error::Cycle(Detail::new(
            "requires.experiment",
            "must be another experiment",
            &requires.experiment,
        )));
    }
    if requires.variants.is_empty() {
        errors.push(Error::MissingField(Detail::new(
            "requires.variants",
            "must name at least one variant",
            "nothing",
        )));
    }
    for (i, key) in requires.variants.iter().enumerate() {
        let path = format!("requires.variants[{i}]");
        errors.present(&path, key);
        errors.unique(&path, key, requires.variants[..i].iter());
    }
}

/// Whether a refusal of the shape already says what `later` found in the stand-in for the refused value.
fn explains(said: &Error, later: &Error) -> bool {
    let (Some(said_of), Some(later_of)) = (said.detail(), later.detail()) else {
        return false;
    };
    let unknown = matches!(said, Error::UnknownField(_));
    let missing = matches!(later, Error::MissingField(_) | Error::MissingMetric(_));
    within(&later_of.field, &said_of.field)
        || (missing && !unknown && within(&said_of.field, &later_of.field))
}

/// Whether `field` is `outer` or lies inside it; everything lies inside the document.
fn within(field: &str, outer: &str) -> bool {
    field
        .strip_prefix(outer)
        .is_some_and(|rest| outer.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}
