//! What a verdict is, and how those of several treatments become one.

use serde::{Deserialize, Serialize};

use super::{
    gates::{self, Judged},
    ratio::SampleRatio,
    rule::{Case, Why, decide},
    sentence::{self, Words},
    track::Track,
};
use crate::{
    error::Result,
    experiment::{Guarantee, Role},
};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Give the treatment to everyone.
    Ship,
    /// Keep collecting.
    Continue,
    /// Keep the control: the treatment harms, cannot reach the minimum effect, or has shown nothing by the last look.
    Stop,
    /// A person has to look: the metrics contradict each other, or the last look leaves one of them open.
    Investigate,
    /// The sample ratio is broken; no number of this experiment can be trusted.
    Invalid,
}

impl Action {
    /// Which treatment's action is the experiment's: the first of these.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Invalid => 0,
            Self::Ship => 1,
            Self::Investigate => 2,
            Self::Continue => 3,
            Self::Stop => 4,
        }
    }
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
    /// Which error guarantee holds over repeated looks, of the plan: `horizon` or `anytime`.
    pub guarantee: String,
    /// Whether satisfaction was judged by a declared proxy.
    pub proxy: bool,
    /// Every gate, in the order of the rule.
    pub reasons: Vec<Reason>,
    /// One plain sentence or two.
    pub sentence: String,
}

/// The action alone.
pub(super) fn action(
    case: &Case<'_>,
    ratio: Option<&SampleRatio>,
    tracks: &mut [Track],
) -> Result<Action> {
    if ratio.is_some_and(|ratio| !ratio.passed) {
        return Ok(Action::Invalid);
    }
    decide(case, tracks).map(|(action, _)| action)
}

/// The verdict of one treatment: INVALID if the sample ratio is broken, else what the rule says, with every gate.
pub(super) fn judge(
    case: &Case<'_>,
    ratio: Option<&SampleRatio>,
    tracks: &mut [Track],
) -> Result<Verdict> {
    let mut words = Words {
        case,
        proxy: case.gauges.iter().any(|g| g.role.role == Role::Proxy),
        down: Vec::new(),
    };
    let mut reasons: Vec<Reason> = ratio.map(gates::sample_ratio).into_iter().collect();
    let (action, sentence) = if let Some(ratio) = ratio.filter(|ratio| !ratio.passed) {
        (Action::Invalid, sentence::invalid(ratio))
    } else {
        let (action, why) = decide(case, tracks)?;
        let Judged { gates, down } = gates::all(case, why == Why::NotShown, tracks)?;
        reasons.extend(gates);
        words.down = down;
        (action, sentence::verdict(&words, why, &reasons))
    };
    Ok(Verdict {
        action,
        variant: Some(case.treatment.to_owned()),
        guarantee: guarantee(case.plan.guarantee).to_owned(),
        proxy: words.proxy,
        reasons,
        sentence,
    })
}

fn guarantee(guarantee: Guarantee) -> &'static str {
    match guarantee {
        Guarantee::Horizon => "horizon",
        Guarantee::Anytime => "anytime",
    }
}

/// The experiment's verdict out of its treatments', each with what it gains: the best that ships, else what has to be
/// looked at, else what is still open; it stops only when every treatment does.
pub(super) fn overall(verdicts: &[(&Verdict, f64)], promised: Guarantee) -> Verdict {
    let leading = verdicts.iter().min_by(|a, b| {
        // Among equals the one that earns more leads.
        let rank = a.0.action.rank().cmp(&b.0.action.rank());
        rank.then(b.1.total_cmp(&a.1))
    });
    let Some((leading, _)) = leading else {
        return Verdict {
            action: Action::Continue,
            variant: None,
            guarantee: guarantee(promised).to_owned(),
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
