//! Both arms' order values, and what must be said about them.

use std::sync::Arc;

use super::{
    amount::{Amount, Typical},
    amount_prior::AmountPrior,
    build::{MIN_ORDERS, Two},
    effect::{Effect, Law},
    note::Note,
    pair::Pair,
    prior::VARIANCE_BOUND,
    stats::Positive,
    winsor,
};
use crate::error::{Detail, Error, Result};

/// P(σ² > bound) above which the log-normal model is doubted.
const WILD: f64 = 0.05;
const NAMES: Two<&str> = ["control", "treatment"];

/// Posteriors of both mean order values under one model.
pub(super) struct Severity {
    amounts: Two<Amount>,
    pub(super) model: &'static str,
    pub(super) step: f64,
    pub(super) beyond: Option<Two<f64>>,
    pub(super) in_dollars: bool,
    pub(super) notes: Vec<Note>,
}

impl Severity {
    pub(super) fn new(stats: Two<&Positive>, priors: Two<&AmountPrior>) -> Result<Self> {
        let model = priors[0].model();
        if priors[1].model() != model {
            let rule = format!("must be {model} as the control's");
            let detail = Detail::new("treatment_prior.model", rule, priors[1].model());
            return Err(Error::Conflict(detail));
        }
        winsor::check_same(stats[0], stats[1]).map_err(|e| e.at(NAMES[1]))?;
        let typical = Typical::of(&stats);
        let amount =
            |i: usize| Amount::posterior(stats[i], priors[i], typical).map_err(|e| e.at(NAMES[i]));
        let amounts = [amount(0)?, amount(1)?];
        let [a, b] = amounts.each_ref().map(Amount::prob_beyond_bound);
        let beyond = a.zip(b).map(|(a, b)| [a, b]);
        let mut notes = Vec::new();
        if priors.iter().any(|prior| prior.is_empirical()) {
            notes.push(empirical_mean(priors[0], typical));
        }
        let wild = |(arm, beyond)| wild_orders(arm, beyond);
        notes.extend(
            NAMES
                .into_iter()
                .zip(beyond.unwrap_or_default())
                .filter_map(wild),
        );
        notes.extend(few_orders(&stats));
        notes.extend(wide_bound(&priors));
        notes.extend(winsor::note(&[
            (NAMES[0], *stats[0]),
            (NAMES[1], *stats[1]),
        ]));
        Ok(Self {
            step: amounts[0].step().min(amounts[1].step()),
            in_dollars: (0..2).all(|i| Amount::in_dollars(stats[i], priors[i])),
            amounts,
            model,
            beyond,
            notes,
        })
    }

    pub(super) fn pair(&self) -> Result<Pair> {
        let arm = |i: usize| -> Result<_> {
            let arm = self.amounts[i].arm(self.step);
            arm.map(Arc::new).map_err(|e| e.at(NAMES[i]))
        };
        Ok(Pair::new(arm(0)?, arm(1)?, None))
    }

    /// The absolute lift, where dollars may be shown.
    pub(super) fn dollars(&self, pair: &Pair) -> Effect {
        let means = pair.control.moments.mean.zip(pair.treatment.moments.mean);
        match means.filter(|_| self.in_dollars) {
            Some((a, b)) => Effect::new(Law::Difference(pair.clone()), Some(b - a)),
            None => Effect::withheld(),
        }
    }
}

pub(super) fn empirical_mean(prior: &AmountPrior, typical: Typical) -> Note {
    let (typical, field) = match prior {
        AmountPrior::Gamma(_) => (typical.mean, "rate"),
        AmountPrior::LogNormal(_) | AmountPrior::Moments => (typical.mean_log.exp(), "mean"),
    };
    let text = format!(
        "empirical: the prior is centred on the typical order value of these data ({typical:.2}); give severity.{field} from a plan or a pre-period"
    );
    Note::new("empirical_prior_mean", text)
}

pub(super) fn wild_orders(arm: &str, beyond: f64) -> Option<Note> {
    (beyond > WILD).then(|| {
        let percent = 100.0 * beyond;
        let text = format!(
            "{arm}: P(variance of the log order value > bound) is {percent:.1}% before the bound is imposed; the orders are too few or too wild for the log-normal model, prefer the moments model"
        );
        Note::new("wild_orders", text)
    })
}

pub(super) fn few_orders(stats: &[&Positive]) -> Option<Note> {
    let fewest = stats.iter().map(|s| s.n).min().unwrap_or(0);
    (fewest < MIN_ORDERS).then(|| {
        let text = format!(
            "an arm has {fewest} orders; no dollar figures below {MIN_ORDERS}, the relative ones stand"
        );
        Note::new("few_orders", text)
    })
}

pub(super) fn wide_bound(priors: &[&AmountPrior]) -> Option<Note> {
    let bound = |prior: &AmountPrior| match prior {
        AmountPrior::LogNormal(prior) => prior.max_variance,
        AmountPrior::Gamma(_) | AmountPrior::Moments => 0.0,
    };
    let widest = priors
        .iter()
        .fold(0.0_f64, |widest, prior| widest.max(bound(prior)));
    (widest > VARIANCE_BOUND).then(|| {
        let text = format!(
            "max_variance is {widest}; above {VARIANCE_BOUND} the mean order value is not usable and no dollar figures are given"
        );
        Note::new("variance_bound", text)
    })
}
