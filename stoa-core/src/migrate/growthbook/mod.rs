//! The payload that `GrowthBook`'s SDKs load: features with their rules.

mod rule;

use serde_json::{Value, json};

use self::rule::{FeatureRule, is_empty, notes, part, test};
use super::{
    MigrateOptions, Migration,
    gather::{Gather, entries, items, unsupported},
    reach::{Reach, Takes},
};
use crate::{error::Result, experiment::shape, rule::Rule};

/// Fields of the answer that have nothing to decide with.
const BYSTANDERS: [&str; 5] = [
    "status",
    "dateUpdated",
    "features",
    "savedGroups",
    "experiments",
];

/// Reads the payload of `GrowthBook`'s SDK (`{"features": …}`, or the features alone) as documents of running tests.
///
/// Every rule with variations becomes an experiment of the same seed, coverage, weights, namespace and condition, hashed
/// as there, so every unit keeps its variant. Visitors whom earlier rules of the feature take away are left out of the
/// targeting. Give as unit what the rule hashes (`hashAttribute`; a note says which).
///
/// # Errors
/// What is wrong with the payload as a whole, or with surface, metrics and store. A rule that no document can say is in
/// [`Migration::refused`]: prerequisites, bandits, holdouts, several namespaces, conditions that
/// [`Rule::from_growthbook`] refuses, rules behind a partial rollout.
///
/// # Source
/// `core.ts` and `util.ts` of `@growthbook/growthbook` 1.8.0 (MIT), read, not copied.
///
/// # Example
/// ```
/// use serde_json::json;
/// use stoa_core::migrate::{MigrateOptions, from_growthbook};
/// let payload = json!({"features": {"shipping": {"defaultValue": "none", "rules": [
///     {"key": "free-shipping", "hashVersion": 2, "seed": "f3a", "coverage": 0.4, "variations": ["none", "from 50"]}
/// ]}}});
/// let metrics = json!({"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}});
/// let options = MigrateOptions::new("shipping_offer", &metrics)?;
/// let moved = from_growthbook(&payload, &options)?;
/// assert_eq!((moved.experiments[0].salt.as_str(), moved.experiments[0].allocation), ("f3a", 0.4));
/// assert!(moved.refused.is_empty() && moved.notes.is_empty());
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn from_growthbook(payload: &Value, options: &MigrateOptions) -> Result<Migration> {
    let mut gather = Gather::new(options)?;
    let fields = entries("payload", payload)?;
    if let Some(sealed) = fields.get("encryptedFeatures").filter(|v| v.is_string()) {
        let rule = "must be decrypted first: read what the SDK holds after it has loaded";
        return Err(unsupported("encryptedFeatures", rule, sealed));
    }
    let features = match fields.get("features") {
        Some(features) => {
            let strange = fields.keys().filter(|k| !BYSTANDERS.contains(&k.as_str()));
            for field in strange {
                gather.note(field, "is not read");
            }
            entries("features", features)?
        }
        None => fields,
    };
    for (id, feature) in features {
        let field = format!("features.{id}");
        if let Err(error) = read_feature(&mut gather, &field, id, feature) {
            gather.refuse(&field, error);
        }
    }
    for (i, _) in items(
        "experiments",
        fields.get("experiments").unwrap_or(&Value::Null),
    )?
    .iter()
    .enumerate()
    {
        let rule =
            "must be a feature's rule: it changes pages in the browser, by script or redirect";
        let field = format!("experiments[{i}]");
        gather.refuse(&field, unsupported("", rule, "a visual or redirect test"));
    }
    Ok(gather.finish())
}

fn read_feature(gather: &mut Gather<'_>, field: &str, id: &str, feature: &Value) -> Result<()> {
    let fields = entries("", feature)?;
    let rules = items("rules", fields.get("rules").unwrap_or(&Value::Null))?;
    let default = fields.get("defaultValue").unwrap_or(&Value::Null);
    let is_test = |rule: &&Value| rule.get("variations").is_some() && rule.get("force").is_none();
    if !rules.iter().any(|rule| is_test(&rule)) {
        gather.note(field, "has no test: a flag without one is not carried");
    }
    let mut reach = Reach::default();
    for (i, raw) in rules.iter().enumerate() {
        let at = format!("{field}.rules[{i}]");
        let last = i + 1 == rules.len();
        let read = shape::read::<FeatureRule>(raw, shape::Unknown::Refuse);
        let takes = match read {
            Ok(rule) if raw.get("force").is_some() => {
                if rules[i..].iter().any(|rule| is_test(&rule)) {
                    gather.note(&at, "forces a value: its visitors are left out of the tests after it, and get the control's payload here");
                }
                forced(&rule, raw, gather.options())
            }
            Ok(rule) => {
                let takes = taken(&rule, gather.options());
                match test(&rule, raw, id, &reach, gather.options()) {
                    Ok(test) => {
                        let notes = notes(&rule, &test, last, default);
                        gather.take(&at, test, notes);
                    }
                    Err(error) => gather.refuse(&at, error),
                }
                takes
            }
            Err(error) => {
                gather.refuse(&at, error);
                Takes::Unknown("it was refused".to_owned())
            }
        };
        reach.push(&at, takes);
    }
    Ok(())
}

/// Whom a rule that forces a value takes away.
fn forced(rule: &FeatureRule, raw: &Value, options: &MigrateOptions) -> Takes {
    if !rule.parent_conditions.is_empty() {
        return Takes::Unknown("a prerequisite".to_owned());
    }
    if rule.coverage.is_some_and(|c| c <= 0.0) && rule.range.is_empty() {
        return Takes::Nobody;
    }
    let partial = rule.coverage.is_some_and(|c| c < 1.0) || !rule.range.is_empty();
    if partial || !rule.filters.is_empty() || raw.get("coverage") == Some(&Value::Null) {
        return Takes::Some(None);
    }
    everyone_matching(&rule.condition, options)
}

/// Whom a test takes away.
fn taken(rule: &FeatureRule, options: &MigrateOptions) -> Takes {
    if rule.variations.is_none() || rule.coverage.is_some_and(|c| c <= 0.0) {
        return Takes::Nobody;
    }
    let whole =
        (rule.weights.iter().sum::<f64>() - 1.0).abs() < f64::EPSILON || rule.weights.is_empty();
    let partial = rule.coverage.is_some_and(|c| c < 1.0) || !rule.ranges.is_empty() || !whole;
    match part(rule) {
        Ok(Some(part)) => Takes::Some(Some(part)),
        Ok(None) if partial || !rule.parent_conditions.is_empty() => Takes::Some(None),
        Ok(None) => everyone_matching(&rule.condition, options),
        Err(_) => Takes::Unknown("its filters".to_owned()),
    }
}

fn everyone_matching(condition: &Value, options: &MigrateOptions) -> Takes {
    if is_empty(condition) {
        return Takes::Everyone;
    }
    let not = json!({ "$not": condition });
    match Rule::from_growthbook_value(&not, options.schema.as_ref()) {
        Ok(rule) => Takes::AllBut(rule),
        Err(error) => Takes::Unknown(error.to_string()),
    }
}
