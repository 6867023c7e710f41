//! What a plan can reach, in words.

use super::{MetricReach, PlanReach, PowerOptions};
use crate::{
    catalog::{Denominator, Metric},
    experiment::{MetricRole, Role},
};

pub(super) fn plan(found: &PlanReach) -> String {
    let mut parts: Vec<&str> = found.metrics.iter().map(|m| m.sentence.as_str()).collect();
    let unknown = match found.not_expected.len() {
        0 => String::new(),
        _ => format!(
            "Nothing is expected of {}, so nothing is said of it.",
            found.not_expected.join(", ")
        ),
    };
    parts.extend(Some(unknown.as_str()).filter(|text| !text.is_empty()));
    parts.join(" ")
}

pub(super) fn metric(found: &MetricReach, role: &MetricRole, options: &PowerOptions) -> String {
    let label = role.metric.label();
    let Some(power) = found.power else {
        return format!(
            "{label}: how soon its margin is shown cannot be said of evidence at any time."
        );
    };
    let now = format!(
        "{label}: by day {} {} with a chance of {}",
        options.horizon_days,
        happens(found, &role.metric),
        chance(power)
    );
    if found.can {
        return format!("{now}.");
    }
    format!(
        "{now}, where {} is asked for; {}.",
        chance(options.power),
        instead(found, &role.metric)
    )
}

/// What is hoped for.
fn happens(found: &MetricReach, metric: &Metric) -> String {
    let wanted = shown(found.role, metric, found.wanted);
    if found.role == Role::Revenue {
        return format!("a change of {wanted} is seen");
    }
    let (n, units) = (found.n_per_arm, units(metric));
    format!("{n:.0} {units} an arm show that it is not worse by more than {wanted}")
}

/// What the traffic can do, and how long what is hoped for takes.
fn instead(found: &MetricReach, metric: &Metric) -> String {
    let verb = match found.role {
        Role::Revenue => "seen",
        _ => "shown",
    };
    let least = match found.smallest {
        Some(x) => format!(
            "the smallest that is {verb} so often is {}",
            shown(found.role, metric, x)
        ),
        None => format!("nothing possible is {verb} so often"),
    };
    let Some(days) = found.days_needed else {
        return least;
    };
    let wanted = shown(found.role, metric, found.wanted);
    format!("{least}, and {wanted} takes {days} days")
}

/// An effect with its sign in percent; a margin in the metric's unit.
fn shown(role: Role, metric: &Metric, x: f64) -> String {
    if role == Role::Revenue {
        let sign = if x < 0.0 { "-" } else { "+" };
        return format!("{sign}{}%", figure(100.0 * x.abs()));
    }
    if metric.family == crate::catalog::Family::Binary {
        return format!("{} points", figure(100.0 * x));
    }
    figure(x)
}

fn units(metric: &Metric) -> &'static str {
    match metric.denominator {
        Denominator::Visitor => "visitors",
        Denominator::Order => "orders",
        Denominator::Respondent => "answers",
    }
}

fn chance(p: f64) -> String {
    match 100.0 * p {
        p if p < 1.0 => "less than 1%".to_owned(),
        p if p > 99.0 => "more than 99%".to_owned(),
        p => format!("{p:.0}%"),
    }
}

/// Two digits, more before the point.
fn figure(x: f64) -> String {
    let digits = match x.abs() {
        x if x >= 9.95 => 0,
        x if x >= 0.995 => 1,
        x if x >= 0.0995 => 2,
        _ => 3,
    };
    let text = format!("{x:.digits$}");
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}
