//! An experiment that passed every check, with what its metrics are for.

use std::ops::Deref;

use serde::Serialize;

use super::Experiment;
use crate::catalog::Metric;

/// An experiment that passed every check: the only thing engines accept. Made by [`Experiment::check`] alone.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedExperiment {
    experiment: Experiment,
    roles: Vec<MetricRole>,
}

impl CheckedExperiment {
    pub(super) fn new(roles: Vec<MetricRole>, experiment: Experiment) -> Self {
        Self { experiment, roles }
    }

    /// Its metrics and what each is there for: revenue first, satisfaction second, then the guardrails.
    ///
    /// # Example
    /// ```
    /// use stoa_core::experiment::{Experiment, Role, StoreDocument};
    /// let document = serde_json::json!({
    ///     "key": "email", "surface": "lifecycle_email", "variants": [{"key": "none"}, {"key": "mens"}],
    ///     "metrics": {"revenue": {"metric": "revenue_per_visitor"},
    ///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
    /// });
    /// let experiment = Experiment::from_value(&document)?.check(&StoreDocument::default())?;
    /// let satisfaction = &experiment.roles()[1];
    /// assert_eq!(satisfaction.role, Role::Proxy);
    /// assert_eq!(satisfaction.margin.map(|m| (m.value, m.relative)), Some((0.05, true)));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn roles(&self) -> &[MetricRole] {
        &self.roles
    }

    /// The plain experiment, to change and check again.
    #[must_use]
    pub fn into_inner(self) -> Experiment {
        self.experiment
    }
}

impl Deref for CheckedExperiment {
    type Target = Experiment;

    fn deref(&self) -> &Experiment {
        &self.experiment
    }
}

/// What a metric is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Should go up.
    Revenue,
    /// Must not get worse.
    Satisfaction,
    /// Stands in for satisfaction, with a written reason.
    Proxy,
    /// Must not get worse either.
    Guardrail,
}

/// One metric of an experiment, its definition resolved and its defaults filled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricRole {
    /// The definition, of the catalog or the store.
    pub metric: Metric,
    /// What it is there for.
    pub role: Role,
    /// Of revenue: the smallest effect worth shipping, relative.
    pub minimum_effect: Option<f64>,
    /// Of the others: how much worse still counts as not worse.
    pub margin: Option<Margin>,
}

/// How much worse still counts as not worse.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Margin {
    /// Above 0, whichever way the metric is better.
    pub value: f64,
    /// A part of the control mean; else in the metric's own unit.
    pub relative: bool,
}
