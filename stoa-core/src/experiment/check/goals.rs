//! The checks of what an experiment is judged by: revenue and satisfaction, both, and guardrails.

use super::{Checks, METRIC};
use crate::{
    catalog::{Category, Family, Metric},
    error::{Detail, Error},
    experiment::{
        Experiment, Margin, MetricRole, Metrics, Role, SatisfactionGoal, StoreDocument,
        shape::listed,
    },
};

/// Relative margin of a proxy or guardrail that has none written (METHODS C).
const RELATIVE_MARGIN: f64 = 0.05;
/// Margin of an ordinal answer as a part of its range: 0.10 of CSAT's 4 points, 5 of NPS's 200 (METHODS C).
const ORDINAL_MARGIN: f64 = 0.025;
/// Margin of a rate of discontent, such as returns: 1.0 point (METHODS C).
const RATE_MARGIN: f64 = 0.01;

pub(super) fn check(errors: &mut Vec<Error>, metrics: &Metrics, store: &StoreDocument) {
    revenue(errors, metrics, store);
    satisfaction(errors, &metrics.satisfaction, store);
    for (i, guardrail) in metrics.guardrails.iter().enumerate() {
        let path = format!("metrics.guardrails[{i}]");
        let field = format!("{path}.metric");
        if !errors.present(&field, &guardrail.metric) {
            continue;
        }
        if errors.known(&field, &guardrail.metric, METRIC, store.metric_keys())
            && let Some(metric) = store.metric(&guardrail.metric)
        {
            margin(errors, &path, metric, guardrail.margin);
        }
        let others = [&metrics.revenue.metric, &metrics.satisfaction.metric];
        let earlier = metrics.guardrails[..i].iter().map(|g| &g.metric);
        errors.unique(&field, &guardrail.metric, others.into_iter().chain(earlier));
    }
}

fn revenue(errors: &mut Vec<Error>, metrics: &Metrics, store: &StoreDocument) {
    let goal = &metrics.revenue;
    if let Some(metric) = slot(errors, "metrics.revenue", &goal.metric, store)
        && metric.category != Category::Revenue
    {
        let allowed = of_category(store, Category::Revenue);
        errors.push(wrong_category(
            "metrics.revenue.metric",
            metric,
            &allowed,
            "",
        ));
    }
    errors.between(
        "metrics.revenue.minimum_effect",
        goal.minimum_effect,
        "must be above 0 and at most 1: it is relative, 0.05 is +5%",
        |x| x > 0.0 && x <= 1.0,
    );
}

fn satisfaction(errors: &mut Vec<Error>, goal: &SatisfactionGoal, store: &StoreDocument) {
    let Some(metric) = slot(errors, "metrics.satisfaction", &goal.metric, store) else {
        return;
    };
    let reason = goal.proxy_reason.as_deref().unwrap_or_default();
    match metric.category {
        Category::Satisfaction => {}
        Category::Engagement | Category::Retention => {
            if reason.trim().is_empty() {
                errors.push(Error::MissingField(Detail::new(
                    "metrics.satisfaction.proxy_reason",
                    format!(
                        "is required: {} is {}, so it can only stand in for satisfaction with a written reason",
                        metric.key,
                        metric.category.label()
                    ),
                    "nothing",
                )));
            }
        }
        Category::Revenue => {
            let allowed = of_category(store, Category::Satisfaction);
            let proxy = ", or an engagement or retention metric with a proxy_reason";
            errors.push(wrong_category(
                "metrics.satisfaction.metric",
                metric,
                &allowed,
                proxy,
            ));
            return;
        }
    }
    margin(errors, "metrics.satisfaction", metric, goal.margin);
}

/// The metric of a slot that must be filled.
fn slot<'s>(
    errors: &mut Vec<Error>,
    path: &str,
    key: &str,
    store: &'s StoreDocument,
) -> Option<&'s Metric> {
    if key.trim().is_empty() {
        errors.push(Error::MissingMetric(Detail::new(
            path,
            "is required: every experiment measures revenue and satisfaction",
            "nothing",
        )));
        return None;
    }
    errors.known(&format!("{path}.metric"), key, METRIC, store.metric_keys());
    store.metric(key)
}

fn of_category(store: &StoreDocument, category: Category) -> Vec<&str> {
    store
        .metric_keys()
        .filter(|key| store.metric(key).is_some_and(|m| m.category == category))
        .collect()
}

fn wrong_category(path: &str, metric: &Metric, allowed: &[&str], or: &str) -> Error {
    Error::OutOfRange(Detail::new(
        path,
        format!("must be {}{or}", listed(allowed)),
        format!("{} ({})", metric.key, metric.category.label()),
    ))
}

fn margin(errors: &mut Vec<Error>, path: &str, metric: &Metric, written: Option<f64>) {
    let field = format!("{path}.margin");
    let Some(x) = written else {
        if default_margin(metric).is_none() {
            let rule = format!(
                "is required: a {} metric has no default margin",
                metric.family.key()
            );
            errors.push(Error::MissingField(Detail::new(field, rule, "nothing")));
        }
        return;
    };
    let (limit, unit) = if metric.category != Category::Satisfaction {
        (1.0, "relative, 0.05 is 5%".to_owned())
    } else if let Some(range) = metric.score_range() {
        (range, "in points of the score".to_owned())
    } else if metric.family == Family::Binary {
        (1.0, "a difference of rates, 0.01 is one point".to_owned())
    } else {
        (f64::INFINITY, "in the metric's unit".to_owned())
    };
    let rule = if limit.is_finite() {
        format!("must be above 0 and below {limit}: it is {unit}")
    } else {
        format!("must be > 0: it is {unit}")
    };
    errors.between(&field, x, &rule, |x| x > 0.0 && x < limit);
}

/// The margin of a metric that has none written; `None` when there is no sensible one.
fn default_margin(metric: &Metric) -> Option<f64> {
    match (metric.category, metric.family) {
        (Category::Satisfaction, Family::Ordinal) => {
            metric.score_range().map(|range| range * ORDINAL_MARGIN)
        }
        (Category::Satisfaction, Family::Binary) => Some(RATE_MARGIN),
        (Category::Satisfaction, _) => None,
        _ => Some(RELATIVE_MARGIN),
    }
}

/// What each metric is there for, revenue first, satisfaction second; of an experiment without problems.
pub(in crate::experiment) fn roles(
    experiment: &Experiment,
    store: &StoreDocument,
) -> Vec<MetricRole> {
    let Metrics {
        revenue,
        satisfaction,
        guardrails,
    } = &experiment.metrics;
    let mut roles = Vec::new();
    if let Some(metric) = store.metric(&revenue.metric) {
        roles.push(MetricRole {
            metric: metric.clone(),
            role: Role::Revenue,
            minimum_effect: Some(revenue.minimum_effect),
            margin: None,
        });
    }
    let mut no_worse = |key: &str, role: Option<Role>, written: Option<f64>| {
        let Some(metric) = store.metric(key) else {
            return;
        };
        let satisfied = metric.category == Category::Satisfaction;
        let measured = if satisfied {
            Role::Satisfaction
        } else {
            Role::Proxy
        };
        roles.push(MetricRole {
            metric: metric.clone(),
            role: role.unwrap_or(measured),
            minimum_effect: None,
            margin: written
                .or_else(|| default_margin(metric))
                .map(|value| Margin {
                    value,
                    relative: !satisfied,
                }),
        });
    };
    no_worse(&satisfaction.metric, None, satisfaction.margin);
    for guardrail in guardrails {
        no_worse(&guardrail.metric, Some(Role::Guardrail), guardrail.margin);
    }
    roles
}
