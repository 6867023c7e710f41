//! The sufficient statistics of an experiment: all that an analysis reads.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    catalog::{Denominator, Family, Metric},
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, StoreDocument},
    posterior::{Ordinal, Stats},
};

/// Counts and sums per variant, whoever did the summing.
///
/// ```json
/// {"experiment": "free_shipping", "day": 14,
///  "variants": [{"key": "A", "n": 1000, "metrics": {
///     "revenue_per_visitor": {"visitors": 1000, "orders": 31, "mean_log": 4.1, "var_log": 0.6},
///     "return_visit_rate": {"n": 1000, "successes": 240}}}, …]}
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExperimentStats {
    /// Key of the experiment.
    pub experiment: String,
    /// Days since the experiment began, above 0: 14 at the end of the second week. A running experiment with a horizon
    /// is judged only when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<f64>,
    /// One entry per variant, in any order.
    pub variants: Vec<VariantStats>,
}

/// One variant's counts and sums.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VariantStats {
    /// Key of the variant.
    pub key: String,
    /// Units exposed to it.
    pub n: u64,
    /// Statistics by metric key; a metric per order is absent when there was no order.
    pub metrics: BTreeMap<String, Stats>,
}

impl ExperimentStats {
    /// Reads a document; each metric's family is the catalog's or the store's.
    ///
    /// # Errors
    /// [`Error::WrongType`], [`Error::MissingField`] and [`Error::UnknownField`] by path; [`Error::UnknownName`] for a
    /// metric nobody defines; [`Error::Conflict`] for ratings that do not fit the metric's levels; and what [`Stats`]
    /// refuses.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{decide::ExperimentStats, experiment::StoreDocument};
    /// let document = serde_json::json!({"experiment": "mail", "variants": [
    ///     {"key": "A", "n": 10, "metrics": {"conversion_rate": {"n": 10, "successes": 11}}}]});
    /// let refused = ExperimentStats::from_value(&document, &StoreDocument::default()).unwrap_err();
    /// assert_eq!(refused.to_string(), "variants[0].metrics.conversion_rate.successes must be at most n = 10, got 11");
    /// ```
    pub fn from_value(value: &Value, store: &StoreDocument) -> Result<Self> {
        let document = object(value, "stats", &["experiment", "day", "variants"])?;
        let experiment = text(document, "experiment")?;
        let day = day(document)?;
        let Some(Value::Array(entries)) = document.get("variants") else {
            let found = document.get("variants").unwrap_or(&Value::Null);
            let detail = Detail::new("variants", "must be a list", found);
            return Err(Error::WrongType(detail));
        };
        let mut variants = Vec::new();
        let mut errors = Vec::new();
        for (k, entry) in entries.iter().enumerate() {
            match VariantStats::from_value(entry, store) {
                Ok(variant) => variants.push(variant),
                Err(error) => errors.push(error.at(&format!("variants[{k}]"))),
            }
        }
        Error::collect(errors).map_or(Ok(()), Err)?;
        Ok(Self {
            experiment,
            day,
            variants,
        })
    }

    /// The statistics of two sets of visitors as those of all of them: parts of a day, or days of an experiment.
    ///
    /// No visitor may be in both. Merging commutes but for the order of variants. A metric that one part lacks (nobody
    /// ordered in it) is the other's.
    ///
    /// # Errors
    /// [`Error::Conflict`] for parts of different experiments, ratings on different levels, and amounts that were cut
    /// off at different caps; [`Error::Duplicate`] for a variant that a part holds twice.
    /// # Source
    /// As [`Stats::merge`].
    /// # Example
    /// ```
    /// use stoa_core::{decide::ExperimentStats, experiment::StoreDocument};
    /// let part = |n: u64, successes: u64| ExperimentStats::from_value(&serde_json::json!({
    ///     "experiment": "mail", "variants": [
    ///         {"key": "A", "n": n, "metrics": {"conversion_rate": {"n": n, "successes": successes}}}]}),
    ///     &StoreDocument::default());
    /// assert_eq!(part(10, 1)?.merge(&part(20, 3)?)?, part(30, 4)?);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn merge(&self, other: &Self) -> Result<Self> {
        if self.experiment != other.experiment {
            let rule = format!("must be {} to merge", self.experiment);
            let detail = Detail::new("experiment", rule, &other.experiment);
            return Err(Error::Conflict(detail));
        }
        for part in [self, other] {
            let errors = (0..part.variants.len()).filter_map(|k| part.repeated(k));
            Error::collect(errors.collect()).map_or(Ok(()), Err)?;
        }
        let mut merged = self.clone();
        // Both parts are known by the later day.
        merged.day = match (self.day, other.day) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        for variant in &other.variants {
            let known = merged.variants.iter_mut().find(|v| v.key == variant.key);
            match known {
                Some(known) => known.add(variant).map_err(|e| e.at("variants"))?,
                None => merged.variants.push(variant.clone()),
            }
        }
        Ok(merged)
    }

    /// Refuses a variant that is there before.
    fn repeated(&self, k: usize) -> Option<Error> {
        let key = &self.variants[k].key;
        let before = self.variants[..k].iter().any(|v| v.key == *key);
        let field = format!("variants[{k}].key");
        before.then(|| Error::Duplicate(Detail::new(field, "must appear once", key)))
    }

    /// The entry of a variant.
    #[must_use]
    pub fn variant(&self, key: &str) -> Option<&VariantStats> {
        self.variants.iter().find(|v| v.key == key)
    }

    /// As [`ExperimentStats::check_arms`], and refuses arms without a unit.
    pub(super) fn check(
        &self,
        experiment: &CheckedExperiment,
        store: &StoreDocument,
    ) -> Result<()> {
        let mut errors: Vec<Error> = self
            .check_arms(experiment, store)
            .err()
            .into_iter()
            .collect();
        let taking_part = experiment.variants.iter().filter(|v| v.weight > 0.0);
        let empty = taking_part.filter(|v| self.variant(&v.key).is_none_or(|arm| arm.n == 0));
        errors.extend(empty.map(|v| empty_arm(&v.key)));
        Error::collect(errors).map_or(Ok(()), Err)
    }

    /// Refuses statistics of another experiment, unknown or repeated variants, a day that is none, and metrics that
    /// disagree with the arm's units or their family.
    pub(super) fn check_arms(
        &self,
        experiment: &CheckedExperiment,
        store: &StoreDocument,
    ) -> Result<()> {
        if self.experiment != experiment.key {
            let rule = format!("must be {}, the experiment analysed", experiment.key);
            let detail = Detail::new("experiment", rule, &self.experiment);
            return Err(Error::Conflict(detail));
        }
        let mut errors: Vec<Error> = self
            .day
            .and_then(|day| check_day(day).err())
            .into_iter()
            .collect();
        for (k, variant) in self.variants.iter().enumerate() {
            let field = format!("variants[{k}].key");
            if experiment.variant(&variant.key).is_none() {
                errors.push(unknown_variant(experiment, &field, &variant.key));
            }
            errors.extend(self.repeated(k));
            for (key, stats) in &variant.metrics {
                let checked = check_metric(key, stats, variant.n, store);
                errors.extend(
                    checked
                        .err()
                        .map(|e| e.at(&format!("variants[{k}].metrics"))),
                );
            }
        }
        Error::collect(errors).map_or(Ok(()), Err)
    }
}

impl VariantStats {
    fn add(&mut self, other: &Self) -> Result<()> {
        self.n = self.n.saturating_add(other.n);
        for (key, stats) in &other.metrics {
            let both = match self.metrics.get(key) {
                None => stats.clone(),
                Some(known) => known
                    .merge(stats)
                    .map_err(|e| e.at(&format!("{}.metrics.{key}", self.key)))?,
            };
            self.metrics.insert(key.clone(), both);
        }
        Ok(())
    }

    fn from_value(value: &Value, store: &StoreDocument) -> Result<Self> {
        let fields = object(value, "", &["key", "n", "metrics"])?;
        let key = text(fields, "key")?;
        let n = fields.get("n").unwrap_or(&Value::Null);
        let n = n
            .as_u64()
            .ok_or_else(|| Error::WrongType(Detail::new("n", "must be a whole number >= 0", n)))?;
        let empty = Value::Object(Map::new());
        let found = fields.get("metrics").unwrap_or(&empty);
        let Value::Object(entries) = found else {
            let detail = Detail::new("metrics", "must be an object by metric key", found);
            return Err(Error::WrongType(detail));
        };
        let mut metrics = BTreeMap::new();
        let mut errors = Vec::new();
        for (key, entry) in entries {
            let read = known_metric(key, store)
                .and_then(|metric| stats_from(entry, metric).map_err(|e| e.at(key)));
            match read {
                Ok(stats) => drop(metrics.insert(key.clone(), stats)),
                Err(error) => errors.push(error.at("metrics")),
            }
        }
        Error::collect(errors).map_or(Ok(()), Err)?;
        Ok(Self { key, n, metrics })
    }
}

/// The metric of that key.
pub(super) fn known_metric<'s>(key: &str, store: &'s StoreDocument) -> Result<&'s Metric> {
    store.metric(key).ok_or_else(|| {
        let detail = Detail::new(key, "must be a metric of the catalog or the store", key);
        Error::UnknownName(detail.did_you_mean(key, store.metric_keys()))
    })
}

/// A metric's statistics; ratings take their scores from the metric.
fn stats_from(entry: &Value, metric: &Metric) -> Result<Stats> {
    let mut entry = Cow::Borrowed(entry);
    if metric.family == Family::Ordinal && entry.get("scores").is_none_or(Value::is_null) {
        let levels = metric.levels.len();
        if let Some(Value::Array(counts)) = entry.get("counts").filter(|c| !fits(c, levels)) {
            let rule = format!("must hold one number per level ({levels})");
            return Err(Error::Conflict(Detail::new("counts", rule, counts.len())));
        }
        if let Value::Object(fields) = entry.to_mut() {
            fields.insert("scores".to_owned(), Value::from(metric.scores().to_vec()));
        }
    }
    Stats::from_value(metric.family.key(), &entry)
}

fn fits(counts: &Value, levels: usize) -> bool {
    counts.as_array().is_some_and(|list| list.len() == levels)
}

fn check_metric(key: &str, stats: &Stats, n: u64, store: &StoreDocument) -> Result<()> {
    let metric = known_metric(key, store)?;
    stats.check().map_err(|e| e.at(key))?;
    if stats.family() != metric.family.key() {
        let rule = format!("must be of family {}", metric.family.key());
        return Err(Error::Conflict(Detail::new(key, rule, stats.family())));
    }
    if let Stats::Ordinal(answers) = stats {
        check_scores(answers, metric).map_err(|e| e.at(key))?;
    }
    let units = stats.units();
    let every_visitor = metric.denominator == Denominator::Visitor;
    if units > n || (every_visitor && units != n) {
        let rule = if every_visitor {
            format!("must count all {n} units of the variant")
        } else {
            format!("must count at most the {n} units of the variant")
        };
        return Err(Error::Conflict(Detail::new(key, rule, units)));
    }
    Ok(())
}

/// Refuses answers that are counted by other levels than the metric's.
fn check_scores(answers: &Ordinal, metric: &Metric) -> Result<()> {
    let (found, wanted) = (answers.scores()?, metric.scores());
    let differs = |(x, y): (&f64, &f64)| x.total_cmp(y).is_ne();
    if found.len() == wanted.len() && !found.iter().zip(wanted).any(differs) {
        return Ok(());
    }
    let rule = format!("must be {wanted:?}, as the metric has them");
    let detail = Detail::new("scores", rule, format!("{found:?}"));
    Err(Error::Conflict(detail))
}

pub(super) fn object<'v>(
    value: &'v Value,
    field: &str,
    known: &[&str],
) -> Result<&'v Map<String, Value>> {
    let Value::Object(map) = value else {
        return Err(Error::WrongType(Detail::new(
            field,
            "must be an object",
            value,
        )));
    };
    let unknown = map.keys().filter(|key| !known.contains(&key.as_str()));
    let errors = unknown.map(|key| {
        let rule = format!("is not a known field (known: {})", known.join(", "));
        let detail = Detail::new(key, rule, key);
        Error::UnknownField(detail.did_you_mean(key, known.iter().copied()))
    });
    Error::collect(errors.collect()).map_or(Ok(map), Err)
}

fn day(map: &Map<String, Value>) -> Result<Option<f64>> {
    let Some(found) = map.get("day").filter(|found| !found.is_null()) else {
        return Ok(None);
    };
    let wrong = || Error::WrongType(Detail::new("day", "must be a number of days", found));
    let day = found.as_f64().ok_or_else(wrong)?;
    check_day(day).map(|()| Some(day))
}

fn check_day(day: f64) -> Result<()> {
    if !day.is_finite() {
        let detail = Detail::new("day", "must be a finite number", day);
        return Err(Error::NotFinite(detail));
    }
    if day <= 0.0 {
        return Err(Error::OutOfRange(Detail::new("day", "must be > 0", day)));
    }
    Ok(())
}

fn text(map: &Map<String, Value>, key: &str) -> Result<String> {
    match map.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(found) => Err(Error::WrongType(Detail::new(key, "must be text", found))),
        None => Err(Error::MissingField(Detail::new(
            key,
            "is required",
            "nothing",
        ))),
    }
}

pub(super) fn empty_arm(variant: &str) -> Error {
    let field = format!("variants.{variant}");
    Error::EmptyArm(Detail::new(field, "must have at least one unit", 0))
}

pub(super) fn unknown_variant(experiment: &CheckedExperiment, field: &str, found: &str) -> Error {
    let known: Vec<&str> = experiment.variants.iter().map(|v| v.key.as_str()).collect();
    let rule = format!("must be a variant of {}", experiment.key);
    Error::UnknownName(Detail::new(field, rule, found).did_you_mean(found, known))
}
