//! The rule that turns posteriors into one action, with every gate it looked at.

use serde::{Deserialize, Serialize};

use super::{
    analysis::SampleRatio,
    gates::{self, Measured, Money, Standing, Trend},
    sentence::{self, Words},
};
use crate::experiment::{CheckedExperiment, Role};

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
    let words = Words {
        treatment,
        measured,
        proxy: measured.iter().any(|m| m.role.role == Role::Proxy),
    };
    let mut reasons = vec![gates::sample_ratio(ratio)];
    let (action, sentence) = if ratio.passed {
        let money = gates::money(experiment, measured, &mut reasons);
        let standings: Vec<(Role, Standing)> = measured
            .iter()
            .filter(|m| m.role.role != Role::Revenue)
            .map(|m| (m.role.role, gates::guard(experiment, m, &mut reasons)))
            .collect();
        let (action, why) = decide(money, &standings);
        (action, sentence::verdict(&words, why, &reasons))
    } else {
        (Action::Invalid, sentence::invalid(&words, ratio))
    };
    Verdict {
        action,
        variant: Some(treatment.to_owned()),
        guarantee: "none".to_owned(),
        proxy: words.proxy,
        reasons,
        sentence,
    }
}

/// Why the rule ended where it did; each has its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    AllGates,
    DarkPattern,
    GuardrailDown,
    RevenueHarm,
    GuardedHarm,
    Futile,
    TradeOff,
    NotYet,
}

fn decide(money: Money, standings: &[(Role, Standing)]) -> (Action, Why) {
    let any = |wanted: Standing| standings.iter().any(|(_, s)| *s == wanted);
    let satisfaction = |wanted: Standing| {
        let of = |role: Role| role != Role::Guardrail;
        standings.iter().any(|(role, s)| of(*role) && *s == wanted)
    };
    let all_held = standings
        .iter()
        .all(|(_, s)| matches!(s, Standing::Better | Standing::NotWorse));
    match money.trend {
        Trend::Better if satisfaction(Standing::Worse) || satisfaction(Standing::Harmed) => {
            (Action::Investigate, Why::DarkPattern)
        }
        Trend::Better if any(Standing::Worse) || any(Standing::Harmed) => {
            (Action::Investigate, Why::GuardrailDown)
        }
        Trend::Better if money.enough_orders && money.affordable && all_held => {
            (Action::Ship, Why::AllGates)
        }
        Trend::Worse => (Action::Stop, Why::RevenueHarm),
        Trend::Unclear if any(Standing::Harmed) => (Action::Stop, Why::GuardedHarm),
        Trend::Unclear if money.futile && satisfaction(Standing::Better) => {
            (Action::Investigate, Why::TradeOff)
        }
        Trend::Unclear if money.futile => (Action::Stop, Why::Futile),
        Trend::Better | Trend::Unclear => (Action::Continue, Why::NotYet),
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
