//! The shapes an informative prior may have, one per family, and the checks of its numbers.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    check::Checks,
    shape::{self, Unknown},
};
use crate::{
    catalog::{Family, Metric},
    error::{Detail, Error},
};

/// Beta prior of a rate; what is left out has the posterior's default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
struct BetaPrior {
    /// Prior successes.
    alpha: Option<f64>,
    /// Prior failures.
    beta: Option<f64>,
}

/// Normal-Inverse-Gamma prior of a log amount; what is left out has the posterior's default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
struct LogNormalPrior {
    /// Name of the model; this one when left out.
    model: Option<LogNormalModel>,
    /// Prior mean of the log amount.
    mean: Option<f64>,
    /// How many orders that mean is worth.
    kappa: Option<f64>,
    /// Shape of the prior of the log variance.
    alpha: Option<f64>,
    /// Scale of the prior of the log variance.
    beta: Option<f64>,
    /// Largest log variance believed possible.
    max_variance: Option<f64>,
}

/// Gamma prior of the rate of Gamma amounts; what is left out has the posterior's default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["model"]))]
struct GammaPrior {
    /// Name of the model.
    model: Option<GammaModel>,
    /// Shape of the rate.
    shape: Option<f64>,
    /// Rate of the rate, in the metric's unit.
    rate: Option<f64>,
    /// Known shape of the amounts; 1 is the exponential distribution.
    gamma_shape: Option<f64>,
}

/// Student's t on the mean of the amounts, which takes no prior.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["model"]))]
struct MomentsPrior {
    /// Name of the model.
    model: Option<MomentsModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum LogNormalModel {
    LogNormal,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum GammaModel {
    Gamma,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum MomentsModel {
    Moments,
}

/// Prior of both parts of a hurdle metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
struct HurdlePrior {
    /// Of the share of buyers.
    conversion: BetaPrior,
    /// Of the order value, in the shape of its model.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "amount")]
    severity: Value,
}

/// Dirichlet prior of an ordinal metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["alpha"]))]
struct OrdinalPrior {
    /// One number per level, lowest level first.
    alpha: Vec<f64>,
}

/// Gamma prior of the rate of a count; what is left out has the posterior's default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
struct CountPrior {
    /// Events seen before.
    shape: Option<f64>,
    /// Units seen before.
    rate: Option<f64>,
}

/// Normal-Inverse-Gamma prior of a mean, in the metric's unit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["mean", "beta"]))]
struct MeanPrior {
    /// Prior mean.
    mean: Option<f64>,
    /// How many units that mean is worth.
    kappa: Option<f64>,
    /// Shape of the prior of the variance, 2 or more.
    alpha: Option<f64>,
    /// Scale of the prior of the variance.
    beta: Option<f64>,
}

/// The shapes of a prior of an amount.
fn amount(generator: &mut SchemaGenerator) -> Schema {
    let shapes = [
        generator.subschema_for::<LogNormalPrior>(),
        generator.subschema_for::<GammaPrior>(),
        generator.subschema_for::<MomentsPrior>(),
    ];
    json_schema!({"anyOf": shapes})
}

/// What the published schema says of `prior`: metric key to one of the shapes.
pub(super) fn schema(generator: &mut SchemaGenerator) -> Schema {
    let shapes = [
        generator.subschema_for::<BetaPrior>(),
        generator.subschema_for::<LogNormalPrior>(),
        generator.subschema_for::<GammaPrior>(),
        generator.subschema_for::<MomentsPrior>(),
        generator.subschema_for::<HurdlePrior>(),
        generator.subschema_for::<OrdinalPrior>(),
        generator.subschema_for::<CountPrior>(),
        generator.subschema_for::<MeanPrior>(),
    ];
    json_schema!({"type": "object", "additionalProperties": {"anyOf": shapes}})
}

/// What is wrong with one prior: its shape against the metric's family, then its numbers.
pub(super) fn check(path: &str, prior: &Value, metric: &Metric) -> Vec<Error> {
    let mut errors = Vec::new();
    match metric.family {
        Family::Binary => {
            let prior = read::<BetaPrior>(prior, &mut errors);
            check_beta("", &prior, &mut errors);
        }
        Family::Positive => errors.extend(check_amount(prior)),
        Family::Hurdle => {
            let prior = read::<HurdlePrior>(prior, &mut errors);
            check_beta("conversion.", &prior.conversion, &mut errors);
            if !prior.severity.is_null() {
                let found = check_amount(&prior.severity).into_iter();
                errors.extend(found.map(|error| error.at("severity")));
            }
        }
        Family::Ordinal => {
            let prior = read::<OrdinalPrior>(prior, &mut errors);
            check_levels(&prior.alpha, metric, &mut errors);
        }
        Family::Count => {
            let prior = read::<CountPrior>(prior, &mut errors);
            positive(&[("shape", prior.shape), ("rate", prior.rate)], &mut errors);
        }
        Family::Mean => {
            let prior = read::<MeanPrior>(prior, &mut errors);
            check_mean(&prior, &mut errors);
        }
    }
    errors.into_iter().map(|error| error.at(path)).collect()
}

fn read<T: JsonSchema + serde::de::DeserializeOwned + Default>(
    prior: &Value,
    errors: &mut Vec<Error>,
) -> T {
    let (read, found) = shape::read_all::<T>(prior, Unknown::Refuse);
    errors.extend(found);
    read.unwrap_or_default()
}

/// Every number that is given is above 0.
fn positive(numbers: &[(&str, Option<f64>)], errors: &mut Vec<Error>) {
    for (name, x) in numbers {
        if let Some(x) = x {
            errors.positive(name, *x);
        }
    }
}

fn check_beta(at: &str, prior: &BetaPrior, errors: &mut Vec<Error>) {
    let (alpha, beta) = (format!("{at}alpha"), format!("{at}beta"));
    positive(
        &[(alpha.as_str(), prior.alpha), (beta.as_str(), prior.beta)],
        errors,
    );
}

/// A prior of an amount, by the model it names.
fn check_amount(prior: &Value) -> Vec<Error> {
    const MODELS: [&str; 3] = ["log_normal", "gamma", "moments"];
    let mut errors = Vec::new();
    match prior.get("model").and_then(Value::as_str) {
        Some("gamma") => {
            let prior = read::<GammaPrior>(prior, &mut errors);
            let numbers = [
                ("shape", prior.shape),
                ("rate", prior.rate),
                ("gamma_shape", prior.gamma_shape),
            ];
            positive(&numbers, &mut errors);
        }
        Some("moments") => {
            read::<MomentsPrior>(prior, &mut errors);
        }
        None | Some("log_normal") => {
            let prior = read::<LogNormalPrior>(prior, &mut errors);
            check_log(&prior, &mut errors);
        }
        Some(other) => {
            let rule = format!("must be {}", shape::listed(&MODELS));
            let detail = Detail::new("model", rule, other).did_you_mean(other, MODELS);
            errors.push(Error::UnknownName(detail));
        }
    }
    errors
}

fn check_log(prior: &LogNormalPrior, errors: &mut Vec<Error>) {
    if let Some(mean) = prior.mean {
        errors.finite("mean", mean);
    }
    let numbers = [
        ("kappa", prior.kappa),
        ("alpha", prior.alpha),
        ("beta", prior.beta),
        ("max_variance", prior.max_variance),
    ];
    positive(&numbers, errors);
}

fn check_mean(prior: &MeanPrior, errors: &mut Vec<Error>) {
    for (name, x) in [("mean", prior.mean), ("beta", prior.beta)] {
        if x.is_none() {
            let detail = Detail::new(name, "is required", "nothing");
            errors.push(Error::MissingField(detail));
        }
    }
    if let Some(mean) = prior.mean {
        errors.finite("mean", mean);
    }
    if let Some(alpha) = prior.alpha {
        errors.between("alpha", alpha, "must be >= 2", |x| x >= 2.0);
    }
    positive(&[("kappa", prior.kappa), ("beta", prior.beta)], errors);
}

fn check_levels(alpha: &[f64], metric: &Metric, errors: &mut Vec<Error>) {
    if alpha.len() != metric.levels.len() {
        let rule = format!("must have one number per level ({})", metric.levels.len());
        errors.push(Error::OutOfRange(Detail::new("alpha", rule, alpha.len())));
    }
    for (i, a) in alpha.iter().enumerate() {
        errors.positive(&format!("alpha[{i}]"), *a);
    }
}
