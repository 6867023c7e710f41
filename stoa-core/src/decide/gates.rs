//! The gates of the rule, one by one: each leaves a reason and says how its metric stands.

use super::{
    CREDIBLE, FUTILE,
    analysis::SampleRatio,
    evidence::Evidence,
    sentence::{amount, chance, name, per_unit, percent, sample_ratio as ratio_words},
    verdict::Reason,
};
use crate::{
    catalog::Metric,
    experiment::{CheckedExperiment, Margin, MetricRole, Role},
    posterior::{MIN_ORDERS, Stats},
};

/// One metric of the contract and its posterior, when there is one.
pub(super) struct Measured<'a> {
    pub(super) role: &'a MetricRole,
    pub(super) evidence: Option<Evidence<'a>>,
    /// Statistics of control and treatment.
    pub(super) stats: [Option<&'a Stats>; 2],
}

/// Where revenue goes, beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trend {
    Better,
    Worse,
    Unclear,
}

/// What the revenue metric says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Money {
    pub(super) trend: Trend,
    pub(super) affordable: bool,
    pub(super) enough_orders: bool,
    pub(super) futile: bool,
}

/// What a metric that must not get worse did: `Better` and `NotWorse` hold its margin, `Harmed` is worse by more than
/// it beyond doubt, `Worse` is worse beyond doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Better,
    NotWorse,
    Unclear,
    Worse,
    Harmed,
    Unmeasured,
}

pub(super) fn sample_ratio(ratio: &SampleRatio) -> Reason {
    Reason {
        code: "sample_ratio".to_owned(),
        metric: None,
        value: Some(ratio.test.p_value),
        threshold: Some(ratio.threshold),
        passed: ratio.passed,
        sentence: ratio_words(ratio),
    }
}

/// `enough_orders`, `revenue_better`, `expected_loss`, `can_reach_minimum`.
pub(super) fn money(
    experiment: &CheckedExperiment,
    measured: &[Measured<'_>],
    reasons: &mut Vec<Reason>,
) -> Money {
    let mut money = Money {
        trend: Trend::Unclear,
        affordable: false,
        enough_orders: true,
        futile: false,
    };
    let Some(revenue) = measured.iter().find(|m| m.role.role == Role::Revenue) else {
        return money;
    };
    let metric = &revenue.role.metric;
    if let Some(n) = fewest_orders(&revenue.stats) {
        money.enough_orders = n >= MIN_ORDERS;
        let text = format!("the smaller arm has {n} orders; money is judged from {MIN_ORDERS} on");
        let found = (Some(n as f64), Some(MIN_ORDERS as f64));
        reasons.push(reason(
            "enough_orders",
            metric,
            found,
            money.enough_orders,
            text,
        ));
    }
    let Some(evidence) = revenue.evidence else {
        let text = format!("{} could not be compared", name(metric));
        let found = (None, Some(CREDIBLE));
        reasons.push(reason("revenue_better", metric, found, false, text));
        return money;
    };
    money.trend = trend(evidence, reasons);
    money.affordable = loss_gate(experiment, evidence, reasons);
    money.futile = futility_gate(revenue.role, evidence, reasons);
    money
}

fn trend(evidence: Evidence<'_>, reasons: &mut Vec<Reason>) -> Trend {
    let better = evidence.better();
    let passed = better >= CREDIBLE;
    let text = format!("{} that revenue is better", chance(better));
    let found = (Some(better), Some(CREDIBLE));
    reasons.push(reason(
        "revenue_better",
        evidence.metric,
        found,
        passed,
        text,
    ));
    if passed {
        Trend::Better
    } else if better <= 1.0 - CREDIBLE {
        Trend::Worse
    } else {
        Trend::Unclear
    }
}

fn loss_gate(
    experiment: &CheckedExperiment,
    evidence: Evidence<'_>,
    reasons: &mut Vec<Reason>,
) -> bool {
    let metric = evidence.metric;
    let loss = evidence.loss_of_shipping();
    let mean = evidence.comparison.control_mean();
    let tolerated = mean.map(|mean| experiment.plan.loss_tolerance * mean.abs());
    let affordable = loss.zip(tolerated).is_some_and(|(loss, most)| loss <= most);
    let text = match loss.zip(tolerated) {
        Some((loss, most)) => format!(
            "the risk of shipping a loser costs {}, where {} is tolerated",
            per_unit(metric, loss),
            amount(metric, most)
        ),
        None => "the expected loss could not be computed".to_owned(),
    };
    reasons.push(reason(
        "expected_loss",
        metric,
        (loss, tolerated),
        affordable,
        text,
    ));
    affordable
}

fn futility_gate(role: &MetricRole, evidence: Evidence<'_>, reasons: &mut Vec<Reason>) -> bool {
    let minimum = role.minimum_effect.unwrap_or(0.0);
    let reach = evidence.better_by(minimum);
    let futile = reach.is_some_and(|p| p < FUTILE);
    let text = format!(
        "{} that revenue improves by the minimum effect of {} or more",
        chance(reach.unwrap_or(f64::NAN)),
        percent(minimum)
    );
    let found = (reach, Some(FUTILE));
    reasons.push(reason(
        "can_reach_minimum",
        &role.metric,
        found,
        !futile,
        text,
    ));
    futile
}

/// `satisfaction_not_worse` or `guardrail_not_worse`.
pub(super) fn guard(
    experiment: &CheckedExperiment,
    guarded: &Measured<'_>,
    reasons: &mut Vec<Reason>,
) -> Standing {
    let code = match guarded.role.role {
        Role::Guardrail => "guardrail_not_worse",
        _ => "satisfaction_not_worse",
    };
    let metric = &guarded.role.metric;
    let needed = 1.0 - experiment.plan.alpha;
    let measured = guarded
        .evidence
        .zip(guarded.role.margin)
        .and_then(|(evidence, margin)| Some((evidence, margin, evidence.not_worse(margin)?)));
    let Some((evidence, margin, not_worse)) = measured else {
        let text = format!("{} could not be measured", name(metric));
        reasons.push(reason(code, metric, (None, Some(needed)), false, text));
        return Standing::Unmeasured;
    };
    let better = evidence.better();
    let standing = if not_worse >= needed && better >= CREDIBLE {
        Standing::Better
    } else if not_worse >= needed {
        Standing::NotWorse
    } else if not_worse <= 1.0 - CREDIBLE {
        Standing::Harmed
    } else if better <= 1.0 - CREDIBLE {
        Standing::Worse
    } else {
        Standing::Unclear
    };
    let text = format!(
        "{} that {} is not worse by more than {}",
        chance(not_worse),
        name(metric),
        margin_words(metric, margin)
    );
    let found = (Some(not_worse), Some(needed));
    reasons.push(reason(code, metric, found, not_worse >= needed, text));
    standing
}

fn margin_words(metric: &Metric, margin: Margin) -> String {
    if margin.relative {
        format!("{} of control", percent(margin.value))
    } else {
        amount(metric, margin.value)
    }
}

fn reason(
    code: &str,
    metric: &Metric,
    (value, threshold): (Option<f64>, Option<f64>),
    passed: bool,
    sentence: String,
) -> Reason {
    Reason {
        code: code.to_owned(),
        metric: Some(metric.key.clone()),
        value: value.filter(|x| x.is_finite()),
        threshold,
        passed,
        sentence,
    }
}

/// Orders in the arm that has fewer; `None` for a metric that has none.
fn fewest_orders(stats: &[Option<&Stats>; 2]) -> Option<u64> {
    let orders = |stats: &Stats| match stats {
        Stats::Binary(_) | Stats::Ordinal(_) | Stats::Count(_) | Stats::Mean(_) => None,
        Stats::Positive(s) => Some(s.n),
        Stats::Hurdle(s) => Some(s.orders),
    };
    match stats {
        [Some(control), Some(treatment)] => orders(control).min(orders(treatment)),
        _ => None,
    }
}
