//! Verdicts in plain words.

use super::{
    evidence::Evidence,
    gauge::Gauge,
    ratio::SampleRatio,
    rule::{Case, Why},
    verdict::Reason,
};
use crate::{
    catalog::{Family, Metric},
    experiment::{Guarantee, Margin, Role},
};

const DARK_PATTERN: &str =
    "a change that lifts revenue and hurts satisfaction is a dark pattern until shown otherwise";

/// What a sentence speaks of.
pub(super) struct Words<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) proxy: bool,
    /// Guarded metrics that are worse.
    pub(super) down: Vec<String>,
}

/// The whole verdict: the numbers first, then what to do, then what it rests on.
pub(super) fn verdict(words: &Words<'_>, why: Why, reasons: &[Reason]) -> String {
    let mut parts = vec![headline(words), advice(words, why, reasons), caveats(words)];
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// What every verdict rests on, whatever it says.
fn caveats(words: &Words<'_>) -> String {
    let promise = promise(words.case);
    if words.proxy {
        return format!("{} {promise}", proxy(words));
    }
    promise
}

/// The registered guarantee: "False wins are held to 5% over all planned looks."
fn promise(case: &Case<'_>) -> String {
    let alpha = percent(case.plan.alpha);
    let over = match case.plan.guarantee {
        Guarantee::Horizon => "over all planned looks",
        Guarantee::Anytime => "however often one looks",
    };
    let all = if case.n_treatments > 1 {
        " and all treatments"
    } else {
        ""
    };
    format!("False wins are held to {alpha} {over}{all}.")
}

fn revenue<'a>(words: &'a Words<'_>) -> Option<(&'a Metric, Evidence<'a>)> {
    let gauge: &'a Gauge<'_> = words.case.revenue()?;
    let evidence = gauge.evidence().ok().flatten()?;
    Some((&gauge.role.metric, evidence))
}

/// "82% chance B is better; the risk of shipping a loser costs $0.03 a visitor": the cost of a loser times its chance,
/// which "a loser would cost" would not say.
fn headline(words: &Words<'_>) -> String {
    let Some((metric, evidence)) = revenue(words) else {
        return String::new();
    };
    let treatment = words.case.treatment;
    let better = capitalised(&chance(evidence.better()));
    let Some(loss) = evidence.loss_of_shipping() else {
        return format!("{better} {treatment} is better.");
    };
    let cost = per_unit(metric, loss);
    format!("{better} {treatment} is better; the risk of shipping a loser costs {cost}.")
}

fn advice(words: &Words<'_>, why: Why, reasons: &[Reason]) -> String {
    let treatment = words.case.treatment;
    let hopes = || said(reasons, "can_reach_minimum");
    match why {
        Why::AllGates => format!("Ship {treatment}: revenue is up and nothing guarded is worse."),
        Why::DarkPattern => {
            let worse = worse(words);
            format!("Investigate: {worse} while revenue is up; {DARK_PATTERN}.")
        }
        Why::GuardrailDown => format!("Investigate: {} while revenue is up.", worse(words)),
        Why::NotShown => {
            let shut = shut(reasons);
            format!("Investigate: revenue is up, but the last look leaves something open ({shut}).")
        }
        Why::TooLate => "Investigate: all is shown, but only after the last look.".to_owned(),
        Why::RevenueHarm => "Stop: revenue is down.".to_owned(),
        Why::GuardedHarm => format!("Stop: {} by more than its margin.", worse(words)),
        Why::Futile => format!("Stop: {}.", hopes()),
        Why::TradeOff => {
            let price = price(words);
            format!("Investigate: satisfaction is up and {}; {price}.", hopes())
        }
        Why::Over => format!("Stop: the last look does not show that {treatment} is better."),
        Why::NotYet => format!("Continue: {}.", open_gates(reasons)),
        Why::NextLook => format!("Continue: {}.", said(reasons, "next_look")),
        Why::Undated => format!("Continue: {}; pass their day.", said(reasons, "day")),
    }
}

/// Which guarded metrics are down.
fn worse(words: &Words<'_>) -> String {
    match words.down.as_slice() {
        [] => "a guarded metric is worse".to_owned(),
        [one] => format!("{one} is worse"),
        several => format!("{} are worse", several.join(" and ")),
    }
}

/// What a visitor costs or brings when satisfaction is bought.
fn price(words: &Words<'_>) -> String {
    let unknown = || "its price in revenue is not known".to_owned();
    let Some((metric, evidence)) = revenue(words) else {
        return unknown();
    };
    let Ok(Some(interval)) = evidence.comparison.absolute().interval(0.95) else {
        return unknown();
    };
    format!(
        "the price in revenue lies between {} and {} (95%)",
        signed(metric, interval.low),
        signed(metric, interval.high)
    )
}

fn proxy(words: &Words<'_>) -> String {
    let proxy = words.case.guards().find(|g| g.role.role == Role::Proxy);
    proxy.map_or_else(String::new, |guard| {
        let proxy = name(&guard.role.metric);
        format!("Satisfaction was judged by proxy ({proxy}).")
    })
}

fn said(reasons: &[Reason], code: &str) -> String {
    reasons
        .iter()
        .find(|r| r.code == code)
        .map_or_else(String::new, |r| r.sentence.clone())
}

/// The gates that are shut, in words.
fn shut(reasons: &[Reason]) -> String {
    let shut = reasons.iter().filter(|r| !r.passed);
    let said: Vec<&str> = shut.map(|r| r.sentence.as_str()).collect();
    said.join("; ")
}

fn open_gates(reasons: &[Reason]) -> String {
    match shut(reasons) {
        said if said.is_empty() => "more data will tell".to_owned(),
        said => format!("not sure enough yet ({said})"),
    }
}

pub(super) fn invalid(ratio: &SampleRatio) -> String {
    format!(
        "Invalid: {}; find out which visitors are missing before reading any number.",
        ratio_words(ratio)
    )
}

/// Counts, shares and p of the sample ratio.
pub(super) fn ratio_words(ratio: &SampleRatio) -> String {
    let counts: Vec<String> = ratio.test.observed.iter().map(u64::to_string).collect();
    let shares: Vec<String> = ratio
        .test
        .expected_share
        .iter()
        .map(|s| percent(*s))
        .collect();
    let p = match (ratio.p_value(), ratio.sequential_p) {
        (p, _) if p >= 1e-4 => format!("p = {}", figures(p)),
        (_, None) => format!("p = 1e{:.0}", ratio.test.log10_p),
        (_, Some(_)) => "p below 0.0001".to_owned(),
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

/// A margin in words: a part of control, or an amount.
pub(super) fn margin_words(metric: &Metric, margin: Margin) -> String {
    if margin.relative {
        format!("{} of control", percent(margin.value))
    } else {
        amount(metric, margin.value)
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
pub(super) fn figures(x: f64) -> String {
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
