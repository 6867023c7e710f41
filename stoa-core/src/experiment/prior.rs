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

/// Prior of both parts of a hurdle metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
struct HurdlePrior {
    /// Of the share of buyers.
    conversion: BetaPrior,
    /// Of the log order value.
    severity: LogNormalPrior,
}

/// Dirichlet prior of an ordinal metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["alpha"]))]
struct OrdinalPrior {
    /// One number per level, lowest level first.
    alpha: Vec<f64>,
}

/// What the published schema says of `prior`: metric key to one of the shapes.
pub(super) fn schema(generator: &mut SchemaGenerator) -> Schema {
    let shapes = [
        generator.subschema_for::<BetaPrior>(),
        generator.subschema_for::<LogNormalPrior>(),
        generator.subschema_for::<HurdlePrior>(),
        generator.subschema_for::<OrdinalPrior>(),
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
        Family::Positive => {
            let prior = read::<LogNormalPrior>(prior, &mut errors);
            check_log("", &prior, &mut errors);
        }
        Family::Hurdle => {
            let prior = read::<HurdlePrior>(prior, &mut errors);
            check_beta("conversion.", &prior.conversion, &mut errors);
            check_log("severity.", &prior.severity, &mut errors);
        }
        Family::Ordinal => {
            let prior = read::<OrdinalPrior>(prior, &mut errors);
            check_levels(&prior.alpha, metric, &mut errors);
        }
        Family::Count | Family::Mean => {
            let name = metric.family.key();
            let rule = format!("must be left out: {name} metrics take no informative prior");
            errors.push(Error::Unsupported(Detail::new("", rule, prior)));
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

fn check_beta(at: &str, prior: &BetaPrior, errors: &mut Vec<Error>) {
    for (name, x) in [("alpha", prior.alpha), ("beta", prior.beta)] {
        if let Some(x) = x {
            errors.positive(&format!("{at}{name}"), x);
        }
    }
}

fn check_log(at: &str, prior: &LogNormalPrior, errors: &mut Vec<Error>) {
    if let Some(mean) = prior.mean {
        errors.finite(&format!("{at}mean"), mean);
    }
    for (name, x) in [
        ("kappa", prior.kappa),
        ("alpha", prior.alpha),
        ("beta", prior.beta),
        ("max_variance", prior.max_variance),
    ] {
        if let Some(x) = x {
            errors.positive(&format!("{at}{name}"), x);
        }
    }
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
