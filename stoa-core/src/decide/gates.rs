//! The gates of the rule, one by one: each leaves a reason.

use super::{
    CREDIBLE, FUTILE,
    calendar::{Moment, next_look},
    evidence::Evidence,
    gauge::{Bar, BarKind, Claim, Gauge, RESPONDENTS_ALPHA, Standing},
    ratio::SampleRatio,
    rule::Case,
    sentence::{amount, chance, figures, margin_words, name, per_unit, percent, ratio_words},
    track::Track,
    verdict::Reason,
};
use crate::{
    catalog::Metric,
    error::Result,
    experiment::{Guarantee, MetricRole, Role},
    posterior::MIN_ORDERS,
};

/// Every gate but the sample ratio, and the names of guarded metrics that are worse.
pub(super) struct Judged {
    pub(super) gates: Vec<Reason>,
    pub(super) down: Vec<String>,
}

pub(super) fn sample_ratio(ratio: &SampleRatio) -> Reason {
    Reason {
        code: "sample_ratio".to_owned(),
        metric: None,
        value: Some(ratio.p_value()),
        threshold: Some(ratio.threshold),
        passed: ratio.passed,
        sentence: ratio_words(ratio),
    }
}

/// In the order of the rule. `not_shown`: the last look leaves shut what is guarded, so say what is missing.
pub(super) fn all(case: &Case<'_>, not_shown: bool, tracks: &mut [Track]) -> Result<Judged> {
    let mut judged = Judged {
        gates: Vec::new(),
        down: Vec::new(),
    };
    judged.gates.extend(information(case));
    money(case, tracks, &mut judged.gates)?;
    for guard in case.guards() {
        let standing = guard.standing(tracks)?;
        if matches!(standing, Standing::Worse | Standing::Harmed) {
            judged.down.push(name(&guard.role.metric));
        }
        let held = matches!(standing, Standing::Better | Standing::NotWorse);
        guarded(guard, held, tracks, &mut judged.gates)?;
        let satisfaction = guard.role.role != Role::Guardrail;
        if satisfaction && !held && not_shown {
            judged.gates.push(answers(guard));
        }
    }
    Ok(judged)
}

/// `day`, `next_look` or `information`: whether this look may use a boundary.
fn information(case: &Case<'_>) -> Option<Reason> {
    let timing = &case.timing;
    if timing.guarantee == Guarantee::Anytime {
        return None;
    }
    let horizon = case.plan.horizon_days;
    let said = timing.day.map(|day| format!("day {}", figures(day)));
    let (code, passed, text) = match (timing.moment, said) {
        (Moment::Undated, _) => {
            let text = "the statistics do not say on which day of the experiment they were taken";
            ("day", false, text.to_owned())
        }
        (Moment::Between, Some(day)) => {
            let next = next_look(case.plan, timing.day.unwrap_or(0.0));
            let text = match next {
                Some(next) => format!("the next planned look is on day {next}, this is {day}"),
                None => format!("no look is planned for {day}"),
            };
            ("next_look", false, text)
        }
        (Moment::After, _) => {
            let text = format!("the last look, on day {horizon}, has been");
            ("information", case.shipped, text)
        }
        (_, Some(day)) if timing.day.is_some_and(|day| day <= horizon as f64) => {
            ("information", true, format!("{day} of {horizon}"))
        }
        _ => ("information", true, "this is the last look".to_owned()),
    };
    Some(Reason {
        code: code.to_owned(),
        metric: None,
        value: timing.fraction(case.plan),
        threshold: Some(1.0),
        passed,
        sentence: text,
    })
}

/// `enough_orders`, `boundary` or its like, `revenue_better`, `expected_loss`, `can_reach_minimum`.
fn money(case: &Case<'_>, tracks: &mut [Track], reasons: &mut Vec<Reason>) -> Result<()> {
    let Some(revenue) = case.revenue() else {
        return Ok(());
    };
    let metric = &revenue.role.metric;
    if let Some(n) = case.fewest_orders() {
        let text = format!("the smaller arm has {n} orders; money is judged from {MIN_ORDERS} on");
        let found = (Some(n as f64), Some(MIN_ORDERS as f64));
        let passed = case.enough_orders();
        reasons.push(reason("enough_orders", metric, found, passed, text));
    }
    let bar = revenue.bar(Claim::Better, tracks)?;
    reasons.extend(bar.map(|bar| bar_reason(metric, bar)));
    let Some(evidence) = revenue.evidence()? else {
        let text = format!("{} could not be compared", name(metric));
        let found = (None, Some(CREDIBLE));
        reasons.push(reason("revenue_better", metric, found, false, text));
        return Ok(());
    };
    reasons.push(revenue_better(revenue, evidence, tracks)?);
    reasons.push(loss(case, evidence)?);
    reasons.extend(futility(case, revenue.role));
    Ok(())
}

/// `boundary`, `e_value` or `confidence_limit`.
fn bar_reason(metric: &Metric, bar: Bar) -> Reason {
    let passed = bar.needed.is_some_and(|needed| bar.value >= needed);
    let label = name(metric);
    let (code, value, needed, text) = match (bar.kind, bar.needed) {
        (BarKind::Boundary, Some(needed)) => {
            let (z, edge) = (figures(bar.value), figures(needed));
            let text = format!("z of {label} is {z}, where this look asks for {edge}");
            ("boundary", bar.value, Some(needed), text)
        }
        (BarKind::Boundary, None) => {
            let text = format!("z of {label} is {}, without a boundary", figures(bar.value));
            ("boundary", bar.value, None, text)
        }
        (BarKind::Evidence, needed) => {
            let (e, least) = (bar.value.exp(), needed.map(f64::exp));
            let asked = figures(least.unwrap_or(f64::NAN));
            let text = format!(
                "the evidence for a better {label} is {}, of {asked} that it takes",
                figures(e)
            );
            ("e_value", e, least, text)
        }
        (BarKind::Limit, needed) => {
            let text = if passed {
                format!("the limit of {label} that holds at any time is beyond its margin")
            } else {
                format!("the limit of {label} that holds at any time is not beyond its margin")
            };
            ("confidence_limit", bar.value, needed, text)
        }
    };
    reason(code, metric, (Some(value), needed), passed, text)
}

fn revenue_better(
    revenue: &Gauge<'_>,
    evidence: Evidence<'_>,
    tracks: &mut [Track],
) -> Result<Reason> {
    let allowed = revenue.doubt_allowed(Claim::Better, tracks);
    let needed = allowed.map_or(CREDIBLE, |doubt| 1.0 - doubt);
    let better = evidence.better();
    let passed = revenue.credible(Claim::Better, tracks)?;
    let text = format!("{} that revenue is better", chance(better));
    let found = (Some(better), Some(needed));
    let metric = evidence.metric;
    Ok(reason("revenue_better", metric, found, passed, text))
}

fn loss(case: &Case<'_>, evidence: Evidence<'_>) -> Result<Reason> {
    let metric = evidence.metric;
    let found = case.loss()?;
    let affordable = found.is_some_and(|(loss, most)| loss <= most);
    let text = match found {
        Some((loss, most)) => format!(
            "the risk of shipping a loser costs {}, where {} is tolerated",
            per_unit(metric, loss),
            amount(metric, most)
        ),
        None => "the expected loss could not be computed".to_owned(),
    };
    let found = (found.map(|f| f.0), found.map(|f| f.1));
    Ok(reason("expected_loss", metric, found, affordable, text))
}

fn futility(case: &Case<'_>, role: &MetricRole) -> Option<Reason> {
    let reach = case.reach()?;
    let text = format!(
        "{} that revenue improves by the minimum effect of {} or more",
        chance(reach),
        percent(role.minimum_effect.unwrap_or(0.0))
    );
    let found = (Some(reach), Some(FUTILE));
    let passed = !case.futile();
    Some(reason(
        "can_reach_minimum",
        &role.metric,
        found,
        passed,
        text,
    ))
}

/// `boundary` or its like of the margin, `satisfaction_not_worse` or `guardrail_not_worse`, `respondents_ratio`.
fn guarded(
    guard: &Gauge<'_>,
    held: bool,
    tracks: &mut [Track],
    reasons: &mut Vec<Reason>,
) -> Result<()> {
    let code = match guard.role.role {
        Role::Guardrail => "guardrail_not_worse",
        _ => "satisfaction_not_worse",
    };
    let metric = &guard.role.metric;
    let allowed = guard.doubt_allowed(Claim::NotWorse, tracks);
    let needed = 1.0 - allowed.unwrap_or(guard.alpha);
    let margin = guard.margin();
    let not_worse = guard.evidence()?.and_then(|e| e.not_worse(margin));
    if let Some(not_worse) = not_worse {
        let bar = guard.bar(Claim::NotWorse, tracks)?;
        reasons.extend(bar.map(|bar| bar_reason(metric, bar)));
        let (chance, label) = (chance(not_worse), name(metric));
        let margin = margin_words(metric, margin);
        let text = format!("{chance} that {label} is not worse by more than {margin}");
        let found = (Some(not_worse), Some(needed));
        reasons.push(reason(code, metric, found, held, text));
    } else {
        let text = format!("{} could not be measured", name(metric));
        reasons.push(reason(code, metric, (None, Some(needed)), false, text));
    }
    if let Some((answers, least)) = guard.answers() {
        let found = (Some(answers), Some(least));
        let (label, margin) = (name(metric), margin_words(metric, margin));
        let text = format!(
            "the smaller arm has {answers} answers on {label}; a margin of {margin} is judged from {least} on"
        );
        reasons.push(reason(
            "enough_answers",
            metric,
            found,
            answers >= least,
            text,
        ));
    }
    if let Some(p) = guard.respondents {
        let found = (Some(p), Some(RESPONDENTS_ALPHA));
        let (label, fair) = (name(metric), guard.fair());
        let text = if fair {
            format!("the answers on {label} come from both arms as its visitors or orders do")
        } else {
            format!("the arms did not answer on {label} alike, so who answered may decide it")
        };
        reasons.push(reason("respondents_ratio", metric, found, fair, text));
    }
    Ok(())
}

/// `satisfaction_not_shown`: how many answers more would show it, at twice what power 80% takes.
fn answers(guard: &Gauge<'_>) -> Reason {
    let metric = &guard.role.metric;
    let label = name(metric);
    let missing = missing_answers(guard);
    let text = match missing {
        Some(missing) if missing > 0.0 => {
            format!("{label} was not shown to be no worse: about {missing} more answers would")
        }
        Some(_) => {
            format!("{label} was not shown to be no worse, and more answers are not what it lacks")
        }
        None => format!("{label} was not shown to be no worse: there are hardly any answers"),
    };
    let code = "satisfaction_not_shown";
    reason(code, metric, (missing, Some(0.0)), false, text)
}

/// Answers of both arms together that are missing; `None` without any spread to tell from.
pub(super) fn missing_answers(guard: &Gauge<'_>) -> Option<f64> {
    let arms = guard.arms?;
    let needed = 2.0 * arms.answers_needed(guard.margin())?;
    let there: f64 = arms.units().iter().map(|n| *n as f64).sum();
    Some((needed - there).max(0.0).ceil())
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
        threshold: threshold.filter(|x| x.is_finite()),
        passed,
        sentence,
    }
}
