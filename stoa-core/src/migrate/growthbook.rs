//! The payload that `GrowthBook`'s SDKs load: features with their rules.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    MigrateOptions, Migration,
    gather::{Gather, Part, Test, entries, items, key_of, unsupported},
    reach::{Reach, Takes},
};
use crate::{
    error::{Detail, Error, Result},
    experiment::{BucketRange, Buckets, Experiment, Variant, shape},
    hash::HashScheme,
    rule::Rule,
};

/// Fields of the answer that have nothing to decide with.
const BYSTANDERS: [&str; 5] = [
    "status",
    "dateUpdated",
    "features",
    "savedGroups",
    "experiments",
];

/// A rule of a feature; what is left out of it is refused as an unknown field.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct FeatureRule {
    id: String,
    name: String,
    phase: String,
    key: String,
    seed: String,
    hash_attribute: String,
    hash_version: u64,
    fallback_attribute: String,
    disable_sticky_bucketing: bool,
    bucket_version: u64,
    min_bucket_version: u64,
    variations: Option<Vec<Value>>,
    weights: Vec<f64>,
    coverage: Option<f64>,
    ranges: Vec<Vec<f64>>,
    range: Vec<f64>,
    meta: Vec<Meta>,
    namespace: Vec<Value>,
    filters: Vec<Filter>,
    condition: Value,
    parent_conditions: Vec<Value>,
    force: Value,
    tracks: Vec<Value>,
    contextual_bandit_ref: String,
    contextual_variations: Vec<Value>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
struct Meta {
    key: String,
    name: String,
    passthrough: bool,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Filter {
    seed: String,
    ranges: Vec<Vec<f64>>,
    hash_version: u64,
    attribute: String,
}

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
                        notes(gather, &at, &rule, &test, last, default);
                        gather.take(&at, test);
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

fn is_empty(condition: &Value) -> bool {
    condition.is_null() || condition.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The test of a rule.
fn test(
    rule: &FeatureRule,
    raw: &Value,
    id: &str,
    reach: &Reach,
    options: &MigrateOptions,
) -> Result<Test> {
    carriable(rule, raw)?;
    let name = if rule.key.is_empty() { id } else { &rule.key };
    let seed = if rule.seed.is_empty() {
        name
    } else {
        &rule.seed
    };
    let own = (!is_empty(&rule.condition))
        .then(|| Rule::from_growthbook_value(&rule.condition, options.schema.as_ref()))
        .transpose()
        .map_err(|error| match error.detail() {
            // A problem of the whole condition is already there.
            Some(detail) if detail.field == "condition" => error,
            _ => error.at("condition"),
        })?;
    let layer = part(rule)?;
    let (weights, buckets) = weights(rule)?;
    let values = rule.variations.iter().flatten();
    let variants = values.zip(weights).enumerate().map(|(i, (value, weight))| {
        let key = rule.meta.get(i).map(|m| m.key.as_str()).unwrap_or_default();
        Variant {
            key: if key.is_empty() {
                i.to_string()
            } else {
                key_of(key)
            },
            weight,
            payload: value.clone(),
        }
    });
    let provenance = [
        ("source", "growthbook"),
        ("feature", id),
        ("rule", &rule.id),
    ];
    let provenance = provenance
        .into_iter()
        .chain([("name", rule.name.as_str()), ("phase", &rule.phase)]);
    let provenance = provenance.filter(|(_, text)| !text.is_empty());
    Ok(Test {
        name: name.to_owned(),
        experiment: Experiment {
            salt: seed.to_owned(),
            hash: version("hashVersion", rule.hash_version, 1)?,
            buckets,
            variants: variants.collect(),
            allocation: rule.coverage.unwrap_or(1.0).clamp(0.0, 1.0),
            targeting: reach.targeting(own, layer.as_ref())?,
            provenance: provenance.map(|(k, v)| (k.to_owned(), json!(v))).collect(),
            ..Experiment::default()
        },
        layer,
    })
}

/// Refuses what decides and has no place in a document.
fn carriable(rule: &FeatureRule, raw: &Value) -> Result<()> {
    let mut errors = Vec::new();
    let mut refuse = |here: bool, field: &str, why: &str| {
        if here {
            let found = raw.get(field).cloned().unwrap_or_default();
            errors.push(unsupported(field, why, found));
        }
    };
    let bandit = !rule.contextual_bandit_ref.is_empty() || !rule.contextual_variations.is_empty();
    refuse(
        bandit,
        "contextualBanditRef",
        "must be left out: a bandit changes its weights",
    );
    let parents = !rule.parent_conditions.is_empty();
    refuse(
        parents,
        "parentConditions",
        "must be left out: a test here requires variants of an experiment, not values of a flag",
    );
    let passing = rule.meta.iter().any(|m| m.passthrough);
    refuse(
        passing,
        "meta",
        "must not pass visitors on to the next rule",
    );
    let untyped = raw.get("coverage") == Some(&Value::Null);
    refuse(untyped, "coverage", "must be a number: null lets nobody in");
    refuse(
        !rule.tracks.is_empty(),
        "tracks",
        "must be left out: the payload was evaluated for one visitor",
    );
    refuse(
        !rule.range.is_empty(),
        "range",
        "must be left out of a test",
    );
    refuse(
        rule.variations.is_none(),
        "variations",
        "must be a list: a rule without it is skipped",
    );
    Error::collect(errors).map_or(Ok(()), Err)
}

/// The scheme of a hash version; 0 stands for none.
fn version(field: &str, version: u64, default: u64) -> Result<HashScheme> {
    match if version == 0 { default } else { version } {
        1 => Ok(HashScheme::GrowthbookV1),
        2 => Ok(HashScheme::GrowthbookV2),
        other => Err(unsupported(field, "must be 1 or 2", other)),
    }
}

/// Weights as they are handed out, and ranges where the rule lists them.
fn weights(rule: &FeatureRule) -> Result<(Vec<f64>, Option<Buckets>)> {
    let n = rule.variations.as_ref().map_or(0, Vec::len);
    if rule.ranges.is_empty() {
        let total: f64 = rule.weights.iter().sum();
        let stand = rule.weights.len() == n && (0.99..=1.01).contains(&total);
        let even = vec![1.0; n];
        return Ok((if stand { rule.weights.clone() } else { even }, None));
    }
    if rule.ranges.len() != n {
        let rule_text = format!("must be one for each variation ({n})");
        let detail = Detail::new("ranges", rule_text, rule.ranges.len());
        return Err(Error::OutOfRange(detail));
    }
    if rule.coverage.is_some_and(|c| c < 1.0) {
        // The SDK looks at neither coverage nor weights when there are ranges.
        let why = "must be left out beside ranges, which say who takes part";
        return Err(unsupported(
            "coverage",
            why,
            rule.coverage.unwrap_or_default(),
        ));
    }
    let pair = |range: &Vec<f64>| match range[..] {
        [from, to] => Ok(BucketRange { from, to }),
        _ => Err(Error::OutOfRange(Detail::new(
            "ranges",
            "must be pairs",
            format!("{range:?}"),
        ))),
    };
    let pairs = rule.ranges.iter().map(pair).collect::<Result<Vec<_>>>()?;
    let widths = pairs.iter().map(BucketRange::width).collect();
    let owned = |range: BucketRange| {
        if range.from < range.to {
            vec![range]
        } else {
            Vec::new()
        }
    };
    let ranges = pairs.into_iter().map(owned).collect();
    Ok((
        widths,
        Some(Buckets {
            ranges,
            ..Buckets::default()
        }),
    ))
}

/// The slice of a space that a namespace or a filter keeps a rule to; filters win, as in the SDK.
fn part(rule: &FeatureRule) -> Result<Option<Part>> {
    match (&rule.filters[..], &rule.namespace[..]) {
        ([], []) => Ok(None),
        ([], [Value::String(name), Value::Number(from), Value::Number(to)]) => Ok(Some(Part {
            salt: format!("__{name}"),
            name: name.clone(),
            hash: HashScheme::GrowthbookV1,
            from: from.as_f64().unwrap_or_default(),
            to: to.as_f64().unwrap_or_default(),
        })),
        ([], other) => Err(unsupported(
            "namespace",
            "must be a name and two numbers",
            json!(other),
        )),
        ([filter], _) => {
            let [range] = &filter.ranges[..] else {
                return Err(unsupported(
                    "filters[0].ranges",
                    "must be one range",
                    json!(filter.ranges),
                ));
            };
            let [from, to] = range[..] else {
                return Err(unsupported(
                    "filters[0].ranges[0]",
                    "must be two numbers",
                    json!(range),
                ));
            };
            if attribute(&filter.attribute) != attribute(&rule.hash_attribute) {
                let why = "must be the attribute that the rule hashes";
                return Err(unsupported("filters[0].attribute", why, &filter.attribute));
            }
            Ok(Some(Part {
                salt: filter.seed.clone(),
                name: filter.seed.clone(),
                hash: version("filters[0].hashVersion", filter.hash_version, 2)?,
                from,
                to,
            }))
        }
        (several, _) => Err(unsupported("filters", "must be at most one", several.len())),
    }
}

fn attribute(written: &str) -> &str {
    if written.is_empty() { "id" } else { written }
}

/// What a document leaves to its reader.
fn notes(
    gather: &mut Gather<'_>,
    at: &str,
    rule: &FeatureRule,
    test: &Test,
    last: bool,
    default: &Value,
) {
    let hashed = attribute(&rule.hash_attribute);
    if hashed != "id" {
        gather.note(
            at,
            format!("hashes {hashed}: its value is the unit to decide for"),
        );
    }
    if rule.weights
        != test
            .experiment
            .variants
            .iter()
            .map(|v| v.weight)
            .collect::<Vec<_>>()
        && !rule.weights.is_empty()
    {
        gather.note(
            at,
            "has weights that GrowthBook does not use: shares are those it hands out",
        );
    }
    if !rule.disable_sticky_bucketing
        && (rule.bucket_version > 0
            || rule.min_bucket_version > 0
            || !rule.fallback_attribute.is_empty())
    {
        gather.note(at, "may keep visitors in sticky buckets: what those hold is not carried, only what is hashed");
    }
    let control = test.experiment.control().map(|v| &v.payload);
    if !last || control != Some(default) {
        gather.note(at, "gives visitors outside the test the feature's later rules and its default value; here they get the control's payload");
    }
}
