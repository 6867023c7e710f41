//! Hierarchies of JSON values, which is what the bindings hand over.

use serde_json::Value;

use super::{
    distribution::Distribution,
    effects::{EffectHierarchy, GroupEffect, hierarchical_effects},
    prior::{EffectPrior, NormalPrior, SpreadPrior},
    prior_from::{prior_from_effects, prior_from_rates},
    rates::{RateHierarchy, RatePrior, hierarchical_rates},
};
use crate::{
    error::{Detail, Error, Result},
    posterior::{Binary, Fields, Stats},
};

/// A posterior of either hierarchy.
///
/// # Example
/// See [`hierarchical_values`].
#[derive(Debug, Clone)]
pub struct Hierarchy {
    /// The true value of every group, in the order given.
    pub groups: Vec<Distribution>,
    /// That of a group that is still to come.
    pub new_group: Distribution,
    /// Name, mean and sd of what the groups have in common and of how far they lie apart: `mu` and `tau` of effects; `m`,
    /// `kappa` and `log_kappa` of rates. `None` where a moment does not exist.
    pub common: Vec<(&'static str, Option<f64>, Option<f64>)>,
}

impl From<EffectHierarchy> for Hierarchy {
    fn from(found: EffectHierarchy) -> Self {
        let named = [("mu", found.mu), ("tau", found.tau)].into_iter();
        Self {
            groups: found.groups,
            new_group: found.new_group,
            common: named.map(|(name, of)| (name, of.mean(), of.sd())).collect(),
        }
    }
}

impl From<RateHierarchy> for Hierarchy {
    fn from(found: RateHierarchy) -> Self {
        let (m, kappa, log_kappa) = (found.m, found.kappa, found.log_kappa);
        let named = [("m", m), ("kappa", kappa), ("log_kappa", log_kappa)].into_iter();
        Self {
            groups: found.groups,
            new_group: found.new_group,
            common: named
                .map(|(name, of)| (name, Some(of.mean), Some(of.sd)))
                .collect(),
        }
    }
}

/// [`hierarchical_effects`] or [`hierarchical_rates`] of JSON values.
///
/// Shapes: family `effect` with groups `{estimate, standard_error}` and a prior `{mu: {mean, sd}, tau: {kind, scale}}`, or
/// `binary` with groups `{n, successes}` and a prior `{alpha, beta, mean_log_kappa, sd_log_kappa}`; every field of a prior
/// may be absent.
///
/// # Errors
/// As theirs, with `groups[i].` or `prior.` before the field; [`Error::UnknownName`] for another family; unknown or
/// mistyped fields.
/// # Example
/// ```
/// use serde_json::{Value, json};
/// use stoa_core::hierarchy::hierarchical_values;
/// let segments = [json!({"n": 900, "successes": 27}), json!({"n": 40, "successes": 5})];
/// let found = hierarchical_values("binary", &segments, &Value::Null)?;
/// // Five of forty is pulled towards three in a hundred.
/// assert!(found.groups[1].mean().unwrap() < 0.1);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn hierarchical_values(family: &str, groups: &[Value], prior: &Value) -> Result<Hierarchy> {
    Ok(match Asked::read(family, groups, prior)? {
        Asked::Effects(groups, prior) => hierarchical_effects(&groups, &prior)?.into(),
        Asked::Rates(groups, prior) => hierarchical_rates(&groups, &prior)?.into(),
    })
}

/// [`prior_from_effects`] or [`prior_from_rates`] of JSON values, as the JSON that a `prior` takes.
///
/// Shapes and errors: as [`hierarchical_values`].
///
/// # Errors
/// As [`hierarchical_values`].
/// # Example
/// ```
/// use serde_json::{Value, json};
/// use stoa_core::hierarchy::prior_from_values;
/// let past = [json!({"n": 1000, "successes": 30}), json!({"n": 1000, "successes": 36})];
/// let next = prior_from_values("binary", &past, &Value::Null)?;
/// assert!(next["alpha"].as_f64() > Some(1.0));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn prior_from_values(family: &str, history: &[Value], prior: &Value) -> Result<Value> {
    let learnt = match Asked::read(family, history, prior)? {
        Asked::Effects(groups, prior) => serde_json::to_value(prior_from_effects(&groups, &prior)?),
        Asked::Rates(groups, prior) => serde_json::to_value(prior_from_rates(&groups, &prior)?),
    };
    Ok(learnt.unwrap_or(Value::Null))
}

enum Asked {
    Effects(Vec<GroupEffect>, EffectPrior),
    Rates(Vec<Binary>, RatePrior),
}

impl Asked {
    fn read(family: &str, groups: &[Value], prior: &Value) -> Result<Self> {
        const FAMILIES: [&str; 2] = ["effect", "binary"];
        match family {
            "effect" => Ok(Self::Effects(each(groups, effect)?, effect_prior(prior)?)),
            "binary" => Ok(Self::Rates(each(groups, rate)?, rate_prior(prior)?)),
            _ => {
                let detail = Detail::new("family", "must be effect or binary", family);
                Err(Error::UnknownName(detail.did_you_mean(family, FAMILIES)))
            }
        }
    }
}

fn each<T>(groups: &[Value], read: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    let (mut known, mut errors) = (Vec::with_capacity(groups.len()), Vec::new());
    for (i, group) in groups.iter().enumerate() {
        match read(group) {
            Ok(group) => known.push(group),
            Err(error) => errors.push(error.at(&format!("groups[{i}]"))),
        }
    }
    Error::collect(errors).map_or(Ok(known), Err)
}

fn rate(group: &Value) -> Result<Binary> {
    let fields = Fields::new(group, &["n", "successes"])?;
    let (n, successes) = (fields.count("n")?, fields.count("successes")?);
    let rate = Binary { n, successes };
    Stats::Binary(rate).check()?;
    Ok(rate)
}

fn effect(group: &Value) -> Result<GroupEffect> {
    let fields = Fields::new(group, &["estimate", "standard_error"])?;
    Ok(GroupEffect {
        estimate: fields.required("estimate")?,
        standard_error: fields.required("standard_error")?,
    })
}

fn rate_prior(prior: &Value) -> Result<RatePrior> {
    let default = RatePrior::default();
    if prior.is_null() {
        return Ok(default);
    }
    let read = || {
        let known = ["alpha", "beta", "mean_log_kappa", "sd_log_kappa"];
        let fields = Fields::new(prior, &known)?;
        let or = |key: &str, default: f64| Ok(fields.number(key)?.unwrap_or(default));
        Ok(RatePrior {
            alpha: or("alpha", default.alpha)?,
            beta: or("beta", default.beta)?,
            mean_log_kappa: or("mean_log_kappa", default.mean_log_kappa)?,
            sd_log_kappa: or("sd_log_kappa", default.sd_log_kappa)?,
        })
    };
    read().map_err(|e: Error| e.at("prior"))
}

fn effect_prior(prior: &Value) -> Result<EffectPrior> {
    if prior.is_null() {
        return Ok(EffectPrior::default());
    }
    let read = || {
        let fields = Fields::new(prior, &["mu", "tau"])?;
        Ok(EffectPrior {
            mu: fields
                .get("mu")
                .map(mean_prior)
                .transpose()
                .map_err(|e| e.at("mu"))?,
            tau: fields
                .get("tau")
                .map_or(Ok(SpreadPrior::default()), spread)
                .map_err(|e| e.at("tau"))?,
        })
    };
    read().map_err(|e: Error| e.at("prior"))
}

fn mean_prior(mu: &Value) -> Result<NormalPrior> {
    let fields = Fields::new(mu, &["mean", "sd"])?;
    Ok(NormalPrior {
        mean: fields.required("mean")?,
        sd: fields.required("sd")?,
    })
}

fn spread(tau: &Value) -> Result<SpreadPrior> {
    const KINDS: [&str; 3] = ["uniform", "half_normal", "half_cauchy"];
    let fields = Fields::new(tau, &["kind", "scale"])?;
    let kind = fields.get("kind").unwrap_or(&Value::Null);
    let scale = || fields.required("scale");
    match kind.as_str() {
        Some("uniform") => Ok(SpreadPrior::Uniform),
        Some("half_normal") => Ok(SpreadPrior::HalfNormal { scale: scale()? }),
        Some("half_cauchy") => Ok(SpreadPrior::HalfCauchy { scale: scale()? }),
        found => {
            let rule = "must be uniform, half_normal or half_cauchy";
            let detail = Detail::new("kind", rule, kind);
            Err(Error::UnknownName(
                detail.did_you_mean(found.unwrap_or_default(), KINDS),
            ))
        }
    }
}
