//! Verdicts in plain words.

use super::{
    analysis::SampleRatio,
    gates::Measured,
    verdict::{Reason, Why},
};
use crate::{
    catalog::{Family, Metric},
    experiment::Role,
};

const NO_GUARANTEE: &str = "There is no error guarantee yet.";
const DARK_PATTERN: &str =
    "a change that lifts revenue and hurts satisfaction is a dark pattern until shown otherwise";

/// What a sentence speaks of.
pub(super) struct Words<'a> {
    pub(super) treatment: &'a str,
    pub(super) measured: &'a [Measured<'a>],
    pub(super) proxy: bool,
}

/// The whole verdict: the numbers first, then what to do, then what it rests on.
pub(super) fn verdict(words: &Words<'_>, why: Why, reasons: &[Reason]) -> String {
    let mut parts = vec![headline(words), advice(words, why, reasons), caveats(words)];
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// What every verdict rests on, whatever it says.
fn caveats(words: &Words<'_>) -> String {
    if words.proxy {
        return format!("{} {NO_GUARANTEE}", proxy(words));
    }
    NO_GUARANTEE.to_owned()
}

/// "82% chance B is better; the risk of shipping a loser costs $0.03 a visitor": the cost of a loser times its chance,
/// which "a loser would cost" would not say.
fn headline(words: &Words<'_>) -> String {
    let revenue = words.measured.iter().find(|m| m.role.role == Role::Revenue);
    let Some((measured, evidence)) = revenue.and_then(|m| Some((m, m.evidence?))) else {
        return String::new();
    };
    let better = capitalised(&chance(evidence.better()));
    let Some(loss) = evidence.loss_of_shipping() else {
        return format!("{better} {} is better.", words.treatment);
    };
    let cost = per_unit(&measured.role.metric, loss);
    format!(
        "{better} {} is better; the risk of shipping a loser costs {cost}.",
        words.treatment
    )
}

fn advice(words: &Words<'_>, why: Why, reasons: &[Reason]) -> String {
    let treatment = words.treatment;
    match why {
        Why::AllGates => format!("Ship {treatment}: revenue is up and nothing guarded is worse."),
        Why::DarkPattern => format!(
            "Investigate: {} while revenue is up; {DARK_PATTERN}.",
            worse(words)
        ),
        Why::GuardrailDown => format!("Investigate: {} while revenue is up.", worse(words)),
        Why::RevenueHarm => "Stop: revenue is down.".to_owned(),
        Why::GuardedHarm => format!("Stop: {} by more than its margin.", worse(words)),
        Why::Futile => format!("Stop: {}.", said(reasons, "can_reach_minimum")),
        Why::TradeOff => format!(
            "Investigate: satisfaction is up and {}; {}.",
            said(reasons, "can_reach_minimum"),
            price(words)
        ),
        Why::NotYet => format!("Continue: {}.", open_gates(reasons)),
    }
}

/// Which guarded metrics are down.
fn worse(words: &Words<'_>) -> String {
    let down: Vec<String> = words
        .measured
        .iter()
        .filter(|m| m.role.role != Role::Revenue)
        .filter_map(|m| Some((m, m.evidence?)))
        .filter(|(_, evidence)| evidence.better() <= 1.0 - super::CREDIBLE)
        .map(|(m, _)| name(&m.role.metric))
        .collect();
    match down.len() {
        0 => "a guarded metric is worse".to_owned(),
        1 => format!("{} is worse", down[0]),
        _ => format!("{} are worse", down.join(" and ")),
    }
}

/// What a visitor costs or brings when satisfaction is bought.
fn price(words: &Words<'_>) -> String {
    let revenue = words.measured.iter().find(|m| m.role.role == Role::Revenue);
    let Some((measured, evidence)) = revenue.and_then(|m| Some((m, m.evidence?))) else {
        return "its price in revenue is not known".to_owned();
    };
    let Ok(Some(interval)) = evidence.comparison.absolute().interval(0.95) else {
        return "its price in revenue is not known".to_owned();
    };
    let metric = &measured.role.metric;
    format!(
        "the price in revenue lies between {} and {} (95%)",
        signed(metric, interval.low),
        signed(metric, interval.high)
    )
}

fn proxy(words: &Words<'_>) -> String {
    let proxy = words.measured.iter().find(|m| m.role.role == Role::Proxy);
    proxy.map_or_else(String::new, |m| {
        format!(
            "Satisfaction was judged by proxy ({}).",
            name(&m.role.metric)
        )
    })
}

fn said(reasons: &[Reason], code: &str) -> String {
    reasons
        .iter()
        .find(|r| r.code == code)
        .map_or_else(String::new, |r| r.sentence.clone())
}

fn open_gates(reasons: &[Reason]) -> String {
    let open: Vec<&str> = reasons
        .iter()
        .filter(|r| !r.passed)
        .map(|r| r.sentence.as_str())
        .collect();
    if open.is_empty() {
        return "more data will tell".to_owned();
    }
    format!("not sure enough yet ({})", open.join("; "))
}

pub(super) fn invalid(words: &Words<'_>, ratio: &SampleRatio) -> String {
    format!(
        "Invalid: {}; find out which visitors are missing before reading any number. {}",
        sample_ratio(ratio),
        caveats(words)
    )
}

pub(super) fn sample_ratio(ratio: &SampleRatio) -> String {
    let counts: Vec<String> = ratio.test.observed.iter().map(u64::to_string).collect();
    let shares: Vec<String> = ratio
        .test
        .expected_share
        .iter()
        .map(|s| percent(*s))
        .collect();
    let p = match ratio.test.p_value {
        p if p >= 1e-4 => format!("p = {}", figures(p)),
        _ => format!("p = 1e{:.0}", ratio.test.log10_p),
    };
    let judged = if ratio.passed {
        "the arms hold the shares they were promised"
    } else {
        "the arms do not hold the shares they were promised"
    };
    format!(
        "{judged}: {} at {} ({p}, limit {})",
        counts.join(", "),
        shares.join(", "),
        ratio.threshold
    )
}

/// A metric in the middle of a sentence: "conversion rate", but "NPS".
pub(super) fn name(metric: &Metric) -> String {
    let label = metric.label();
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

/// "82% chance"; never a rounded certainty.
pub(super) fn chance(p: f64) -> String {
    match p {
        p if p.is_nan() => "unknown chance".to_owned(),
        p if p > 0.999 => "over 99.9% chance".to_owned(),
        p if p > 0.99 => format!("{:.1}% chance", (p * 1000.0).floor() / 10.0),
        p if p < 0.001 => "under 0.1% chance".to_owned(),
        p if p < 0.01 => format!("{:.1}% chance", (p * 1000.0).ceil() / 10.0),
        p => format!("{:.0}% chance", p * 100.0),
    }
}

/// A share as a percentage with three significant figures.
pub(super) fn percent(x: f64) -> String {
    format!("{}%", figures(x * 100.0))
}

/// An amount in the metric's own unit: dollars, or percentage points of a rate.
pub(super) fn amount(metric: &Metric, x: f64) -> String {
    match metric.family {
        Family::Binary => tiny_or(x * 100.0, |x| format!("{x} percentage points")),
        Family::Positive | Family::Hurdle => tiny_or(x, |x| format!("${x}")),
        _ => figures(x),
    }
}

/// What is below anyone's interest is "under" it, not zero.
fn tiny_or(x: f64, unit: impl Fn(&str) -> String) -> String {
    const TINY: f64 = 1e-4;
    if x > 0.0 && x < TINY {
        return format!("under {}", unit("0.0001"));
    }
    unit(&decimals(x))
}

/// The same with what it is per.
pub(super) fn per_unit(metric: &Metric, x: f64) -> String {
    let per = match metric.family {
        Family::Binary => "",
        Family::Positive => " an order",
        _ => " a visitor",
    };
    format!("{}{per}", amount(metric, x))
}

fn signed(metric: &Metric, x: f64) -> String {
    let sign = if x < 0.0 { "−" } else { "+" };
    format!("{sign}{}", per_unit(metric, x.abs()))
}

/// Two decimals, or three significant figures below 0.1.
fn decimals(x: f64) -> String {
    if x.abs() < 0.1 {
        figures(x)
    } else {
        format!("{x:.2}")
    }
}

/// At least three significant figures, without trailing zeros and never with an exponent.
fn figures(x: f64) -> String {
    if x.abs() < f64::MIN_POSITIVE || !x.is_finite() {
        return format!("{}", x + 0.0);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0 to 12 decimals"
    )]
    let decimals = (2.0 - x.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn numbers_a_person_reads() {
        assert_eq!(chance(0.82), "82% chance");
        assert_eq!(chance(0.9999), "over 99.9% chance");
        assert_eq!(percent(0.05), "5%");
        assert_eq!(percent(1.0 / 3.0), "33.3%");
        assert_eq!(figures(0.000_123_4), "0.000123");
        assert_eq!(figures(1234.5), "1234");
        assert_eq!(decimals(-1.2), "-1.20");
        assert_eq!(decimals(0.031), "0.031");
        let revenue = catalog::metric("revenue_per_visitor").cloned();
        let revenue = revenue.unwrap_or_default();
        assert_eq!(per_unit(&revenue, 0.031), "$0.031 a visitor");
        assert_eq!(amount(&revenue, 1e-9), "under $0.0001");
        assert_eq!(amount(&revenue, 0.0), "$0");
        assert_eq!(capitalised("over"), "Over");
        assert_eq!(name(&revenue), "revenue per visitor");
        let label = "NPS of buyers".to_owned();
        assert_eq!(name(&Metric { label, ..revenue }), "NPS of buyers");
    }
}
