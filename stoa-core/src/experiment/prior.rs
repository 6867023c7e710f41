//! The shapes an informative prior may have, and the checks of its numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Checks;
use crate::{
    catalog::{Family, Metric},
    error::{Detail, Error},
};

/// An informative prior as written, one shape per family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PriorSpec {
    /// Of a hurdle metric: both parts.
    Hurdle {
        /// Of the share of buyers.
        conversion: BetaPrior,
        /// Of the log order value.
        severity: NormalInverseGamma,
    },
    /// Of a positive metric.
    Positive(NormalInverseGamma),
    /// Of a binary metric.
    Binary(BetaPrior),
    /// Of an ordinal metric: one number per level.
    Ordinal {
        /// Dirichlet parameters, lowest level first.
        alpha: Vec<f64>,
    },
}

/// Beta prior of a rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BetaPrior {
    /// Prior successes.
    pub alpha: f64,
    /// Prior failures.
    pub beta: f64,
}

/// Normal-Inverse-Gamma prior of a log amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NormalInverseGamma {
    /// Prior mean of the log amount.
    pub mean: f64,
    /// How many orders that mean is worth.
    pub kappa: f64,
    /// Shape of the prior of the log variance.
    pub alpha: f64,
    /// Scale of the prior of the log variance.
    pub beta: f64,
}

/// What is wrong with one prior: its shape against the metric's family, then its numbers.
pub(super) fn check(path: &str, prior: &PriorSpec, metric: &Metric) -> Vec<Error> {
    let mut errors = Vec::new();
    match (metric.family, prior) {
        (Family::Binary, PriorSpec::Binary(beta)) => check_beta(path, beta, &mut errors),
        (Family::Positive, PriorSpec::Positive(log)) => check_log(path, log, &mut errors),
        (
            Family::Hurdle,
            PriorSpec::Hurdle {
                conversion,
                severity,
            },
        ) => {
            check_beta(&format!("{path}.conversion"), conversion, &mut errors);
            check_log(&format!("{path}.severity"), severity, &mut errors);
        }
        (Family::Ordinal, PriorSpec::Ordinal { alpha }) => {
            check_levels(path, alpha, metric, &mut errors);
        }
        (family, _) => errors.push(wrong_shape(path, family, prior)),
    }
    errors
}

fn check_beta(path: &str, prior: &BetaPrior, errors: &mut Vec<Error>) {
    errors.positive(&format!("{path}.alpha"), prior.alpha);
    errors.positive(&format!("{path}.beta"), prior.beta);
}

fn check_log(path: &str, prior: &NormalInverseGamma, errors: &mut Vec<Error>) {
    errors.finite(&format!("{path}.mean"), prior.mean);
    errors.positive(&format!("{path}.kappa"), prior.kappa);
    errors.positive(&format!("{path}.alpha"), prior.alpha);
    errors.positive(&format!("{path}.beta"), prior.beta);
}

fn check_levels(path: &str, alpha: &[f64], metric: &Metric, errors: &mut Vec<Error>) {
    if alpha.len() != metric.levels.len() {
        errors.push(Error::OutOfRange(Detail::new(
            format!("{path}.alpha"),
            format!("must have one number per level ({})", metric.levels.len()),
            alpha.len(),
        )));
    }
    for (i, a) in alpha.iter().enumerate() {
        errors.positive(&format!("{path}.alpha[{i}]"), *a);
    }
}

/// The keys a prior of that family has, as a person writes them; `None` when the family takes no prior.
pub(super) fn keys_of(family: Family) -> Option<&'static str> {
    match family {
        Family::Binary => Some("{alpha, beta}"),
        Family::Positive => Some("{mean, kappa, alpha, beta}"),
        Family::Hurdle => Some("{conversion: {alpha, beta}, severity: {mean, kappa, alpha, beta}}"),
        Family::Ordinal => Some("{alpha: [one number per level]}"),
        Family::Count | Family::Mean => None,
    }
}

fn wrong_shape(path: &str, family: Family, prior: &PriorSpec) -> Error {
    let found = serde_json::to_string(prior).unwrap_or_default();
    let name = family.key();
    match keys_of(family) {
        Some(keys) => Error::WrongType(Detail::new(
            path,
            format!("must be a {name} prior, {keys}"),
            found,
        )),
        None => Error::Unsupported(Detail::new(
            path,
            format!("must be left out: {name} metrics take no informative prior"),
            found,
        )),
    }
}
