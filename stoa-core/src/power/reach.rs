//! What a contract can find with the traffic that its plan expects.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    Baseline, Expected, PowerOptions, Stopping,
    check::{ceil, require},
    duration,
    gate::{Gate, Shift},
    options::Arms,
    size::smallest,
    words,
};
use crate::{
    catalog::Direction,
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, Guarantee, MetricRole, Role},
};

/// What an experiment can find by its horizon, metric by metric.
///
/// # Example
/// See [`reach`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanReach {
    /// Key of the experiment.
    pub experiment: String,
    /// Days to its last look.
    pub horizon_days: u64,
    /// Chance that is asked for.
    pub wanted_power: f64,
    /// Whether every metric below is likely enough to show what it should.
    pub can: bool,
    /// The contract's metrics of which something is expected, in its order.
    pub metrics: Vec<MetricReach>,
    /// Its other metrics, of which nothing can be said.
    pub not_expected: Vec<String>,
    /// All of this in words.
    pub sentence: String,
}

/// What the traffic can show of one metric.
///
/// # Example
/// See [`reach`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricReach {
    /// Key of the metric.
    pub metric: String,
    /// What it is there for.
    pub role: Role,
    /// Visitors, orders or answers of the smaller arm at the horizon.
    pub n_per_arm: f64,
    /// What is to be shown: of revenue the relative effect, of the others the margin in the metric's unit.
    pub wanted: f64,
    /// Chance that it is shown at any look, if revenue moves by so much and the others do not; absent where the plan's
    /// guarantee has no test of it.
    pub power: Option<f64>,
    /// Whether that is the chance asked for, or more.
    pub can: bool,
    /// The smallest effect or margin that has the chance asked for; absent where none has.
    pub smallest: Option<f64>,
    /// Units of the smaller arm that what is to be shown needs.
    pub n_needed: Option<u64>,
    /// Days that bring them, the visitors a day being as they are.
    pub days_needed: Option<u64>,
    /// Whole weeks that hold those days, in days.
    pub horizon_needed: Option<u64>,
    /// Mean day on which it is shown, those on which it never is counted as the last.
    pub expected_day: Option<f64>,
    /// The same in words.
    pub sentence: String,
}

/// Whether a store's traffic can find what the contract wants to know, by the plan it registers; if not, what it can find, and
/// how long it would take.
///
/// When to use: before an experiment starts. When not: without a figure of what the store sees today; a contract alone does
/// not have it.
///
/// Model: [`power`](super::power()) and [`non_inferiority`](super::non_inferiority()) under [`PowerOptions::of`] the contract, 80% power, with
/// `plan.visitors_per_day` · `horizon_days` · share visitors in the smaller arm. Days for what is out of reach keep the
/// plan's looks, drawn out over the longer time. Shapes: `expected` by metric key, any of the contract's.
/// Cost: a third of a second for each metric of a plan with daily looks. Deterministic.
///
/// # Errors
/// [`Error::MissingField`] without `plan.visitors_per_day`; [`Error::UnknownName`] for a metric that the contract does not
/// have; [`Error::OutOfRange`] without a treatment that gets visitors, or for a relative effect or margin of a mean of 0; and what
/// [`power`](super::power()) refuses.
///
/// # Example
/// ```
/// use std::collections::BTreeMap;
/// use stoa_core::{experiment::{Experiment, StoreDocument}, power::{Baseline, Expected, reach}};
/// let document = serde_json::json!({
///     "key": "free_shipping", "surface": "shipping_offer", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate", "minimum_effect": 0.05}, "satisfaction": {"metric": "csat"}},
///     "plan": {"looks": "weekly", "visitors_per_day": 4000},
/// });
/// let experiment = Experiment::from_value(&document)?.check(&StoreDocument::default())?;
/// let csat = Expected { baseline: Baseline::Ordinal { mean: 4.1, sd: 1.13 }, per_visitor: 0.03 };
/// let today = BTreeMap::from([
///     ("conversion_rate".to_owned(), Baseline::Binary { rate: 0.03 }.into()),
///     ("csat".to_owned(), csat),
/// ]);
/// let found = reach(&experiment, &today)?;
/// assert!(!found.can && found.metrics[1].can);
/// assert_eq!(found.metrics[0].sentence, "Conversion rate: by day 28 a change of +5% is seen with a chance of 41%, where \
///     80% is asked for; the smallest that is seen so often is +8.8%, and +5% takes 85 days.");
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn reach(
    experiment: &CheckedExperiment,
    expected: &BTreeMap<String, Expected>,
) -> Result<PlanReach> {
    let traffic = Traffic::of(experiment)?;
    check_expected(experiment, expected)?;
    let mut metrics = Vec::new();
    let mut not_expected = Vec::new();
    for role in experiment.roles() {
        let key = &role.metric.key;
        let Some(today) = expected.get(key) else {
            not_expected.push(key.clone());
            continue;
        };
        let found = traffic.metric(role, today);
        metrics.push(found.map_err(|e| e.at(&format!("expected.{key}")))?);
    }
    let mut found = PlanReach {
        experiment: experiment.key.clone(),
        horizon_days: traffic.options.horizon_days,
        wanted_power: traffic.options.power,
        can: metrics.iter().all(|metric| metric.can),
        metrics,
        not_expected,
        sentence: String::new(),
    };
    found.sentence = words::plan(&found);
    Ok(found)
}

fn check_expected(
    experiment: &CheckedExperiment,
    expected: &BTreeMap<String, Expected>,
) -> Result<()> {
    let keys = || experiment.roles().iter().map(|r| r.metric.key.as_str());
    for (key, expected) in expected {
        let field = format!("expected.{key}");
        if !keys().any(|known| known == key) {
            let rule = format!("must be a metric of {}", experiment.key);
            let detail = Detail::new(field, rule, key).did_you_mean(key, keys());
            return Err(Error::UnknownName(detail));
        }
        expected.check().map_err(|e| e.at(&field))?;
    }
    Ok(())
}

/// [`reach`] on a JSON object by metric key, each with its baseline's fields and `per_visitor`: what the bindings call.
///
/// # Errors
/// As [`reach`] and [`Expected::from_value`].
///
/// # Example
/// ```
/// use stoa_core::{experiment::{Experiment, StoreDocument}, power::reach_values};
/// let document = serde_json::json!({
///     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate"}, "satisfaction": {"metric": "nps"}},
///     "plan": {"looks": "weekly", "visitors_per_day": 300},
/// });
/// let experiment = Experiment::from_value(&document)?.check(&StoreDocument::default())?;
/// let today = serde_json::json!({"conversion_rate": 0.03, "nps": {"mean": 30, "sd": 70, "per_visitor": 0.01}});
/// let found = reach_values(&experiment, &today)?;
/// assert!(found.metrics.iter().all(|metric| !metric.can));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn reach_values(experiment: &CheckedExperiment, expected: &Value) -> Result<PlanReach> {
    let Value::Object(fields) = expected else {
        let detail = Detail::new("expected", "must be an object by metric key", expected);
        return Err(Error::WrongType(detail));
    };
    let mut read = BTreeMap::new();
    for (key, value) in fields {
        let role = experiment.roles().iter().find(|r| r.metric.key == *key);
        // An unknown metric is refused by name below, whatever its fields.
        let family = role.map_or("mean", |role| role.metric.family.key());
        let found = Expected::from_value(family, value);
        if role.is_some() {
            let found = found.map_err(|e| e.at(&format!("expected.{key}")))?;
            read.insert(key.clone(), found);
        } else {
            let anything = Baseline::Binary { rate: 0.5 };
            read.insert(key.clone(), anything.into());
        }
    }
    reach(experiment, &read)
}

/// The plan's visitors and gate.
struct Traffic {
    options: PowerOptions,
    gate: Gate,
    /// Visitors of the smaller arm in a day.
    per_day: f64,
}

impl Traffic {
    fn of(experiment: &CheckedExperiment) -> Result<Self> {
        let visitors = experiment.plan.visitors_per_day.ok_or_else(|| {
            let rule = "is required to say what the traffic can reach";
            Error::MissingField(Detail::new("plan.visitors_per_day", rule, "nothing"))
        })?;
        let runs = experiment.variants.iter().skip(1).any(|v| v.weight > 0.0);
        let rule = "must have a treatment with a weight above 0";
        require(runs, "variants", rule, experiment.variants.len())?;
        let options = PowerOptions::of(experiment);
        options.check()?;
        let arms = Arms::of(experiment);
        Ok(Self {
            gate: Gate::new(&options),
            per_day: visitors * arms.control.min(arms.treatment),
            options,
        })
    }

    fn metric(&self, role: &MetricRole, expected: &Expected) -> Result<MetricReach> {
        let days = self.options.horizon_days as f64;
        let per_day = self.per_day * expected.per_visitor;
        let mut found = MetricReach {
            metric: role.metric.key.clone(),
            role: role.role,
            n_per_arm: per_day * days,
            wanted: wanted(role, &expected.baseline)?,
            power: None,
            can: false,
            smallest: None,
            n_needed: None,
            days_needed: None,
            horizon_needed: None,
            expected_day: None,
            sentence: String::new(),
        };
        let of_revenue = role.role == Role::Revenue;
        if of_revenue || self.options.guarantee == Guarantee::Horizon {
            let shift = self.shift(of_revenue, &found, &expected.baseline)?;
            self.fill(&mut found, &shift, per_day);
            found.smallest = self.smallest(of_revenue, &found, &expected.baseline);
        }
        found.sentence = words::metric(&found, role, &self.options);
        Ok(found)
    }

    fn shift(&self, of_revenue: bool, found: &MetricReach, baseline: &Baseline) -> Result<Shift> {
        if of_revenue {
            baseline.check_effect(found.wanted)?;
            return Ok(Shift::new(baseline, found.wanted, &self.options));
        }
        Ok(Shift::of_margin(baseline, found.wanted, &self.options))
    }

    /// Power, units and days of what is to be shown.
    fn fill(&self, found: &mut MetricReach, shift: &Shift, per_day: f64) {
        let stopping = Stopping::new(&self.gate, shift, found.n_per_arm, &self.options);
        let needed = self.gate.units(shift);
        found.power = Some(stopping.power);
        found.can = stopping.power >= self.options.power;
        found.expected_day = Some(stopping.expected_day);
        found.n_needed = ceil("n_needed", needed).ok();
        let time = found.n_needed.map(|n| duration(n, per_day, 1.0, 1.0));
        if let Some(Ok(time)) = time {
            found.days_needed = Some(time.days);
            found.horizon_needed = Some(time.horizon_days);
        }
    }

    fn smallest(&self, of_revenue: bool, found: &MetricReach, baseline: &Baseline) -> Option<f64> {
        let n = found.n_per_arm;
        if of_revenue {
            let sign = found.wanted.signum();
            return smallest(&self.gate, baseline, n, sign, &self.options);
        }
        let one = Shift::of_margin(baseline, 1.0, &self.options);
        Some((self.gate.units(&one) / n).sqrt()).filter(|margin| margin.is_finite())
    }
}

/// The effect or the margin that a metric of the contract has to show.
fn wanted(role: &MetricRole, baseline: &Baseline) -> Result<f64> {
    if let Some(effect) = role.minimum_effect {
        return Ok(match role.metric.direction {
            Direction::Higher => effect,
            Direction::Lower => -effect,
        });
    }
    let margin = role.margin.map_or(0.0, |margin| {
        let unit = if margin.relative {
            baseline.mean().abs()
        } else {
            1.0
        };
        margin.value * unit
    });
    let rule = "must not be 0 for a relative margin";
    require(margin > 0.0, "baseline.mean", rule, baseline.mean())?;
    Ok(margin)
}
