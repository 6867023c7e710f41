//! The rule that turns posteriors into one action, with every gate it looked at.

use serde::{Deserialize, Serialize};

use super::{
    CREDIBLE, FUTILE,
    analysis::SampleRatio,
    evidence::Evidence,
    sentence::{self, Words},
};
use crate::{
    experiment::{CheckedExperiment, Margin, MetricRole, Role},
    posterior::{MIN_ORDERS, Stats},
};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Give the treatment to everyone.
    Ship,
    /// Keep collecting.
    Continue,
    /// Keep the control: the treatment harms, or cannot reach the minimum effect.
    Stop,
    /// A person has to look: the metrics contradict each other.
    Investigate,
    /// The sample ratio is broken; no number of this experiment can be trusted.
    Invalid,
}

/// One gate of the rule: what was asked, what was found, whether it passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable name of the gate.
    pub code: String,
    /// Metric it reads, if it reads one.
    pub metric: Option<String>,
    /// What was found; absent when it could not be measured.
    pub value: Option<f64>,
    /// What it was held against.
    pub threshold: Option<f64>,
    /// Whether the gate is open for shipping.
    pub passed: bool,
    /// The same in words.
    pub sentence: String,
}

/// What to do with one treatment, or with the experiment, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What to do.
    pub action: Action,
    /// The treatment it speaks of; of an experiment's verdict, the treatment it is about.
    pub variant: Option<String>,
    /// Which error guarantee holds over repeated looks; `none` in this version.
    pub guarantee: String,
    /// Whether satisfaction was judged by a declared proxy.
    pub proxy: bool,
    /// Every gate, in the order of the rule.
    pub reasons: Vec<Reason>,
    /// One plain sentence or two.
    pub sentence: String,
}

/// One metric of the contract and its posterior, when there is one.
pub(super) struct Measured<'a> {
    pub(super) role: &'a MetricRole,
    pub(super) evidence: Option<Evidence<'a>>,
    /// Statistics of control and treatment.
    pub(super) stats: [Option<&'a Stats>; 2],
}

/// What a metric that must not get worse did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    NotWorse,
    Worse,
    Harmed,
    Unclear,
    Unmeasured,
}

/// The verdict of one treatment.
///
/// INVALID if the sample ratio is broken. With revenue better (P ≥ 0.95), INVESTIGATE if satisfaction or a guardrail is
/// credibly worse; SHIP if the expected loss is within tolerance, there are orders enough, and satisfaction and all
/// guardrails are not worse. STOP if revenue is credibly worse, or a guarded metric is worse by more than its margin
/// while revenue is not better, or revenue can hardly reach its minimum effect; if satisfaction is then credibly
/// better, INVESTIGATE, with the price. CONTINUE otherwise.
pub(super) fn judge(
    experiment: &CheckedExperiment,
    ratio: &SampleRatio,
    treatment: &str,
    measured: &[Measured<'_>],
) -> Verdict {
    let proxy = measured.iter().any(|m| m.role.role == Role::Proxy);
    let mut reasons = vec![ratio_reason(ratio)];
    let verdict = |action, reasons, sentence| Verdict {
        action,
        variant: Some(treatment.to_owned()),
        guarantee: "none".to_owned(),
        proxy,
        reasons,
        sentence,
    };
    if !ratio.passed {
        let sentence = sentence::invalid(ratio);
        return verdict(Action::Invalid, reasons, sentence);
    }
    let revenue = measured.iter().find(|m| m.role.role == Role::Revenue);
    let money = revenue
        .map(|m| money_gates(experiment, m))
        .unwrap_or_default();
    reasons.extend(money.reasons.iter().cloned());
    let mut standings = Vec::new();
    for guarded in measured.iter().filter(|m| m.role.role != Role::Revenue) {
        let (standing, reason) = guard(experiment, guarded);
        standings.push((guarded.role.role, standing));
        reasons.push(reason);
    }
    let satisfied = measured
        .iter()
        .find(|m| matches!(m.role.role, Role::Satisfaction | Role::Proxy))
        .and_then(|m| m.evidence)
        .is_some_and(|e| e.better() >= CREDIBLE);
    let (action, why) = decide(&money, &standings, satisfied);
    let words = Words {
        treatment,
        measured,
        proxy,
    };
    let sentence = sentence::verdict(&words, why, &reasons);
    verdict(action, reasons, sentence)
}

/// Why the rule ended where it did; each has its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    AllGates,
    DarkPattern,
    RevenueHarm,
    GuardedHarm,
    Futile,
    TradeOff,
    SatisfactionUnmeasured,
    FewOrders,
    NotYet,
}

fn decide(money: &Money, standings: &[(Role, Standing)], satisfied: bool) -> (Action, Why) {
    let any = |wanted: Standing| standings.iter().any(|(_, s)| *s == wanted);
    let down = any(Standing::Worse) || any(Standing::Harmed);
    if money.better && down {
        return (Action::Investigate, Why::DarkPattern);
    }
    if money.better && money.enough_orders && money.affordable && !any(Standing::Unclear) {
        let why = if any(Standing::Unmeasured) {
            (Action::Continue, Why::SatisfactionUnmeasured)
        } else {
            (Action::Ship, Why::AllGates)
        };
        return why;
    }
    if money.worse {
        return (Action::Stop, Why::RevenueHarm);
    }
    if any(Standing::Harmed) {
        return (Action::Stop, Why::GuardedHarm);
    }
    if money.futile && satisfied {
        return (Action::Investigate, Why::TradeOff);
    }
    if money.futile {
        return (Action::Stop, Why::Futile);
    }
    let why = if money.enough_orders {
        Why::NotYet
    } else {
        Why::FewOrders
    };
    (Action::Continue, why)
}

/// What the revenue metric says.
#[derive(Default)]
struct Money {
    reasons: Vec<Reason>,
    better: bool,
    worse: bool,
    affordable: bool,
    enough_orders: bool,
    futile: bool,
}

fn money_gates(experiment: &CheckedExperiment, revenue: &Measured<'_>) -> Money {
    let key = &revenue.role.metric.key;
    let orders = fewest_orders(&revenue.stats);
    let enough_orders = orders.is_none_or(|n| n >= MIN_ORDERS);
    let mut reasons = Vec::new();
    if let Some(n) = orders {
        let text = format!("the smaller arm has {n} orders; money is judged from {MIN_ORDERS} on");
        let (value, threshold) = (Some(n as f64), Some(MIN_ORDERS as f64));
        reasons.push(reason(
            "enough_orders",
            key,
            value,
            threshold,
            enough_orders,
            text,
        ));
    }
    let Some(evidence) = revenue.evidence else {
        let text = format!("{} could not be compared", revenue.role.metric.label());
        reasons.push(reason(
            "revenue_better",
            key,
            None,
            Some(CREDIBLE),
            false,
            text,
        ));
        return Money {
            reasons,
            ..Money::default()
        };
    };
    let better = evidence.better();
    let text = format!("{} that revenue is better", sentence::chance(better));
    let passed = better >= CREDIBLE;
    reasons.push(reason(
        "revenue_better",
        key,
        Some(better),
        Some(CREDIBLE),
        passed,
        text,
    ));

    let (affordable, loss) = loss_gate(experiment, revenue, evidence);
    reasons.push(loss);
    let minimum = revenue.role.minimum_effect.unwrap_or(0.0);
    let reach = evidence.better_by(minimum);
    let futile = reach.is_some_and(|p| p < FUTILE);
    let text = format!(
        "{} that revenue improves by the minimum effect of {}",
        sentence::chance(reach.unwrap_or(f64::NAN)),
        sentence::percent(minimum)
    );
    reasons.push(reason(
        "can_reach_minimum",
        key,
        reach,
        Some(FUTILE),
        !futile,
        text,
    ));
    Money {
        reasons,
        better: passed,
        worse: better <= 1.0 - CREDIBLE,
        affordable,
        enough_orders,
        futile,
    }
}

fn loss_gate(
    experiment: &CheckedExperiment,
    revenue: &Measured<'_>,
    evidence: Evidence<'_>,
) -> (bool, Reason) {
    let metric = &revenue.role.metric;
    let loss = evidence.loss_of_shipping();
    let mean = evidence.comparison.control_mean();
    let tolerated = mean.map(|mean| experiment.plan.loss_tolerance * mean.abs());
    let affordable = loss.zip(tolerated).is_some_and(|(loss, most)| loss <= most);
    let text = match loss.zip(tolerated) {
        Some((loss, most)) => format!(
            "shipping a loser would cost {} a visitor in expectation; {} is tolerated",
            sentence::amount(metric, loss),
            sentence::amount(metric, most)
        ),
        None => "the expected loss could not be computed".to_owned(),
    };
    let key = &metric.key;
    (
        affordable,
        reason("expected_loss", key, loss, tolerated, affordable, text),
    )
}

fn guard(experiment: &CheckedExperiment, guarded: &Measured<'_>) -> (Standing, Reason) {
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
        let text = format!("{} could not be measured", metric.label());
        let reason = reason(code, &metric.key, None, Some(needed), false, text);
        return (Standing::Unmeasured, reason);
    };
    let standing = if not_worse >= needed {
        Standing::NotWorse
    } else if not_worse <= 1.0 - CREDIBLE {
        Standing::Harmed
    } else if evidence.better() <= 1.0 - CREDIBLE {
        Standing::Worse
    } else {
        Standing::Unclear
    };
    let text = format!(
        "{} that {} is not worse by more than {}",
        sentence::chance(not_worse),
        metric.label().to_lowercase(),
        margin_words(guarded.role, margin)
    );
    let passed = standing == Standing::NotWorse;
    let reason = reason(
        code,
        &metric.key,
        Some(not_worse),
        Some(needed),
        passed,
        text,
    );
    (standing, reason)
}

fn margin_words(role: &MetricRole, margin: Margin) -> String {
    if margin.relative {
        format!("{} of control", sentence::percent(margin.value))
    } else {
        sentence::amount(&role.metric, margin.value)
    }
}

fn ratio_reason(ratio: &SampleRatio) -> Reason {
    Reason {
        code: "sample_ratio".to_owned(),
        metric: None,
        value: Some(ratio.test.p_value),
        threshold: Some(ratio.threshold),
        passed: ratio.passed,
        sentence: sentence::sample_ratio(ratio),
    }
}

fn reason(
    code: &str,
    metric: &str,
    value: Option<f64>,
    threshold: Option<f64>,
    passed: bool,
    sentence: String,
) -> Reason {
    Reason {
        code: code.to_owned(),
        metric: Some(metric.to_owned()),
        value,
        threshold,
        passed,
        sentence,
    }
}

/// Orders in the arm that has fewer; `None` for a metric that has none.
fn fewest_orders(stats: &[Option<&Stats>; 2]) -> Option<u64> {
    let orders = |stats: &Stats| match stats {
        Stats::Binary(_) => None,
        Stats::Positive(s) => Some(s.n),
        Stats::Hurdle(s) => Some(s.orders),
    };
    match stats {
        [Some(control), Some(treatment)] => orders(control).min(orders(treatment)),
        _ => None,
    }
}

/// The experiment's verdict out of its treatments': the best that ships, else what has to be looked at, else what is
/// still open; it stops only when every treatment does.
pub(super) fn overall(verdicts: &[(&Verdict, f64)]) -> Verdict {
    const ORDER: [Action; 5] = [
        Action::Invalid,
        Action::Ship,
        Action::Investigate,
        Action::Continue,
        Action::Stop,
    ];
    let rank = |verdict: &Verdict| ORDER.iter().position(|a| *a == verdict.action);
    let leading = verdicts.iter().min_by(|a, b| {
        // Among equals the one that earns more leads.
        rank(a.0).cmp(&rank(b.0)).then(b.1.total_cmp(&a.1))
    });
    let Some((leading, _)) = leading else {
        return Verdict {
            action: Action::Continue,
            variant: None,
            guarantee: "none".to_owned(),
            proxy: false,
            reasons: Vec::new(),
            sentence: "There is no treatment to judge.".to_owned(),
        };
    };
    let mut verdict = (*leading).clone();
    if verdict.action == Action::Invalid {
        verdict.variant = None;
    }
    verdict
}
