//! One rule of a feature as a test.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    error::{Detail, Error, Result},
    experiment::{BucketRange, Buckets, Experiment, Variant},
    hash::HashScheme,
    migrate::{
        MigrateOptions,
        gather::{Part, Test, key_of, renamed, unsupported},
        reach::Reach,
    },
    rule::Rule,
};

/// A rule of a feature; what is left out of it is refused as an unknown field.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(super) struct FeatureRule {
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
    pub(super) variations: Option<Vec<Value>>,
    pub(super) weights: Vec<f64>,
    pub(super) coverage: Option<f64>,
    pub(super) ranges: Vec<Vec<f64>>,
    pub(super) range: Vec<f64>,
    meta: Vec<Meta>,
    namespace: Vec<Value>,
    pub(super) filters: Vec<Filter>,
    pub(super) condition: Value,
    pub(super) parent_conditions: Vec<Value>,
    force: Value,
    tracks: Vec<Value>,
    contextual_bandit_ref: String,
    contextual_variations: Vec<Value>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(super) struct Meta {
    key: String,
    name: String,
    passthrough: bool,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(super) struct Filter {
    seed: String,
    ranges: Vec<Vec<f64>>,
    hash_version: u64,
    attribute: String,
}

/// The test of a rule.
pub(super) fn test(
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

/// Whether a condition asks nothing.
pub(super) fn is_empty(condition: &Value) -> bool {
    condition.is_null() || condition.as_object().is_some_and(serde_json::Map::is_empty)
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
pub(super) fn part(rule: &FeatureRule) -> Result<Option<Part>> {
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
pub(super) fn notes(rule: &FeatureRule, test: &Test, last: bool, default: &Value) -> Vec<String> {
    let mut notes: Vec<_> = rule
        .meta
        .iter()
        .filter(|m| !m.key.is_empty())
        .filter_map(|m| renamed(&m.key))
        .collect();
    let hashed = attribute(&rule.hash_attribute);
    if hashed != "id" {
        notes.push(format!(
            "hashes {hashed}: its value is the unit to decide for"
        ));
    }
    let weights = test.experiment.variants.iter().map(|v| v.weight.to_bits());
    let given = rule.weights.iter().map(|w| w.to_bits());
    if rule.ranges.is_empty() && !rule.weights.is_empty() && !weights.eq(given) {
        notes.push(
            "has weights that GrowthBook does not use: shares are those it hands out".to_owned(),
        );
    }
    let versions = rule.bucket_version > 0 || rule.min_bucket_version > 0;
    if !rule.disable_sticky_bucketing && (versions || !rule.fallback_attribute.is_empty()) {
        notes.push("may keep visitors in sticky buckets: what those hold is not carried, only what is hashed".to_owned());
    }
    let control = test.experiment.control().map(|v| &v.payload);
    if !last || control != Some(default) {
        notes.push("gives visitors outside the test the feature's later rules and its default value; here they get the control's payload".to_owned());
    }
    notes
}
