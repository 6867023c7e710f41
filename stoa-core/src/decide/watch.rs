//! An experiment that is looked at again and again: what earlier looks have spent is remembered, nothing else.

use std::sync::Arc;

use super::{
    SAMPLE_RATIO_ALPHA,
    calendar::{Moment, Timing, planned_days, spent_by, stopped},
    comparisons::Readout,
    gauge::Gauge,
    look::{Look, TreatmentLook},
    ratio::{SampleRatio, sample_ratio},
    rule::Case,
    setting::Setting,
    stats::ExperimentStats,
    track::Track,
    verdict::{self, Action, Verdict, overall},
};
use crate::{
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, Guarantee, StoreDocument},
};

/// What to do at one look: the experiment's action, and each treatment's in the contract's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    /// What to do with the experiment: of its treatments' actions the one that leads.
    pub overall: Action,
    /// Treatment and action.
    pub treatments: Vec<(String, Action)>,
}

/// Judges an experiment look by look, by the rule of [`analyze`](super::analyze).
///
/// When to use: to follow an experiment while it runs, or to simulate thousands of them; [`Watch::action`] finds
/// boundaries and posteriors only where a cheap statistic comes near. When not: a single reading; use `analyze`. A whole
/// history with its outlook is [`monitor`](super::monitor).
///
/// Looks come in order, each with all counts so far. The looks that were in fact taken share the plan's alpha; a stopped
/// experiment's look is its last. Cost: microseconds for most looks of [`Watch::action`], milliseconds near a boundary.
/// Deterministic. A clone goes on by itself.
///
/// # Example
/// ```
/// use stoa_core::decide::{Action, ExperimentStats, Watch};
/// use stoa_core::experiment::{Experiment, StoreDocument};
/// let store = StoreDocument::default();
/// let experiment = Experiment::from_value(&serde_json::json!({
///     "key": "mail", "surface": "lifecycle_email", "status": "running", "variants": [{"key": "A"}, {"key": "B"}],
///     "metrics": {"revenue": {"metric": "conversion_rate"},
///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
/// }))?.check(&store)?;
/// let mut watch = Watch::new(&experiment, &store)?;
/// let look = |day: u64, conversions: u64| {
///     let arm = |key: &str, s: u64| serde_json::json!({"key": key, "n": 1000 * day, "metrics": {
///         "conversion_rate": {"n": 1000 * day, "successes": s},
///         "return_visit_rate": {"n": 1000 * day, "successes": 300 * day}}});
///     let variants = [arm("A", 30 * day), arm("B", conversions)];
///     ExperimentStats::from_value(&serde_json::json!({"experiment": "mail", "day": day, "variants": variants}), &store)
/// };
/// // A fifth more conversions on day 7 would be enough at one look, not at the first of many.
/// assert_eq!(watch.action(&look(7, 252)?)?.overall, Action::Continue);
/// assert_eq!(watch.action(&look(14, 504)?)?.overall, Action::Ship);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Watch {
    pub(super) setting: Arc<Setting>,
    pub(super) seats: Vec<Seat>,
    day: Option<f64>,
    /// Least p of the sample ratio over the looks so far.
    ratio_p: f64,
    over: bool,
}

/// What is remembered of a treatment.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) tracks: Vec<Track>,
    pub(super) shipped: bool,
}

/// A look before its treatments are judged.
pub(super) struct Step {
    pub(super) timing: Timing,
    pub(super) ratio: Option<SampleRatio>,
}

impl Watch {
    /// A watch that has seen nothing. It owns what it needs.
    ///
    /// # Errors
    /// What the contract's priors are refused for.
    pub fn new(experiment: &CheckedExperiment, store: &StoreDocument) -> Result<Self> {
        let setting = Arc::new(Setting::new(experiment, store)?);
        let seat = Seat {
            tracks: vec![Track::default(); setting.n_tracks],
            shipped: false,
        };
        Ok(Self {
            seats: vec![seat; setting.treatments.len()],
            setting,
            day: None,
            ratio_p: 1.0,
            over: false,
        })
    }

    /// What to do at this look.
    ///
    /// An arm without visitors, or without orders or answers, is `continue`, not an error.
    ///
    /// # Errors
    /// What the statistics' checks refuse, [`Error::MissingField`] for a metric of the contract that every visitor has,
    /// and [`Error::OutOfRange`] for a day that is not after the look before.
    pub fn action(&mut self, stats: &ExperimentStats) -> Result<Actions> {
        let ended = stopped(&self.setting.experiment);
        let step = self.step(stats, ended, SAMPLE_RATIO_ALPHA)?;
        let treatments = self.each(stats, &step, None, |case, tracks| {
            let action = verdict::action(case, step.ratio.as_ref(), tracks)?;
            Ok((action, (case.treatment.to_owned(), action)))
        })?;
        let leading = treatments.iter().map(|(_, action)| *action);
        Ok(Actions {
            overall: leading
                .min_by_key(|action| action.rank())
                .unwrap_or(Action::Continue),
            treatments,
        })
    }

    /// The same with every reason.
    ///
    /// # Errors
    /// As [`Watch::action`].
    pub fn look(&mut self, stats: &ExperimentStats) -> Result<Look> {
        self.look_at(stats, stopped(&self.setting.experiment))
    }

    /// [`Watch::look`]; `ended`: no look will follow.
    pub(super) fn look_at(&mut self, stats: &ExperimentStats, ended: bool) -> Result<Look> {
        let step = self.step(stats, ended, SAMPLE_RATIO_ALPHA)?;
        let judged = self.judge(stats, &step, None)?;
        let ranked: Vec<(&Verdict, f64)> =
            judged.iter().map(|(t, gain)| (&t.verdict, *gain)).collect();
        let plan = &self.setting.experiment.plan;
        let verdict = overall(&ranked, plan.guarantee);
        let spends = step.timing.spends();
        Ok(Look {
            day: stats.day,
            units: stats
                .variants
                .iter()
                .fold(0, |n, arm| arm.n.saturating_add(n)),
            information: step.timing.fraction(plan),
            spent: if spends {
                Some(step.timing.spent(plan, plan.alpha)?)
            } else {
                None
            },
            last: step.timing.moment == Moment::Last,
            srm: step.ratio,
            treatments: judged.into_iter().map(|(treatment, _)| treatment).collect(),
            verdict,
        })
    }

    /// Reads what comes before the verdicts and remembers the look.
    pub(super) fn step(
        &mut self,
        stats: &ExperimentStats,
        ended: bool,
        threshold: f64,
    ) -> Result<Step> {
        let setting = Arc::clone(&self.setting);
        let (experiment, plan) = (&setting.experiment, &setting.experiment.plan);
        stats.check_arms(experiment, &setting.store)?;
        setting.check_metrics(stats)?;
        self.check_order(stats.day)?;
        let timing = Timing::new(plan, stats.day, ended, self.over);
        let running = (!timing.is_final() && stats.day.is_some()).then_some(self.ratio_p);
        let ratio = sample_ratio(threshold, stats, experiment, running)?;
        if let Some(p) = ratio.as_ref().and_then(|ratio| ratio.sequential_p) {
            self.ratio_p = p;
        }
        self.day = stats.day.or(self.day);
        self.over |= plan.guarantee == Guarantee::Horizon && timing.moment == Moment::Last;
        Ok(Step { timing, ratio })
    }

    /// The looks that were planned before this one, as if visitors had come evenly.
    pub(super) fn assume_planned(&mut self, stats: &ExperimentStats, step: &Step) -> Result<()> {
        let setting = Arc::clone(&self.setting);
        let plan = &setting.experiment.plan;
        let Some(day) = stats.day.filter(|_| step.timing.spends()) else {
            return Ok(());
        };
        let horizon = plan.horizon_days as f64;
        for (treatment, seat) in setting.treatments.iter().zip(&mut self.seats) {
            let gauges = setting.gauges(treatment, stats, None)?;
            let information = setting.information(&gauges);
            for earlier in planned_days(plan, 0.0, day.min(horizon)) {
                let spent = spent_by(plan, setting.alpha, earlier)?;
                for (track, information) in seat.tracks.iter_mut().zip(&information) {
                    track.arrive(information * earlier / day, spent);
                }
            }
        }
        Ok(())
    }

    /// Judges each treatment by `f`, which says its action and what to keep.
    fn each<T>(
        &mut self,
        stats: &ExperimentStats,
        step: &Step,
        known: Option<&Readout>,
        mut f: impl FnMut(&Case<'_>, &mut [Track]) -> Result<(Action, T)>,
    ) -> Result<Vec<T>> {
        let setting = Arc::clone(&self.setting);
        let mut kept = Vec::with_capacity(self.seats.len());
        for (treatment, seat) in setting.treatments.iter().zip(&mut self.seats) {
            let mut case = setting.case(treatment, stats, step.timing, known)?;
            case.shipped = seat.shipped;
            seat.arrive(&setting, &case)?;
            let (action, keep) = f(&case, &mut seat.tracks)?;
            seat.shipped |= action == Action::Ship;
            kept.push(keep);
        }
        Ok(kept)
    }

    /// Every treatment with all its reasons, and what it gains.
    pub(super) fn judge(
        &mut self,
        stats: &ExperimentStats,
        step: &Step,
        known: Option<&Readout>,
    ) -> Result<Vec<(TreatmentLook, f64)>> {
        self.each(stats, step, known, |case, tracks| {
            let verdict = verdict::judge(case, step.ratio.as_ref(), tracks)?;
            let evidence = case.revenue().map(Gauge::evidence).transpose()?.flatten();
            let gain = evidence.and_then(|e| e.gain());
            let action = verdict.action;
            let treatment = TreatmentLook::new(case, verdict, tracks)?;
            Ok((action, (treatment, gain.unwrap_or(f64::NEG_INFINITY))))
        })
    }

    fn check_order(&self, day: Option<f64>) -> Result<()> {
        match (self.day, day) {
            (Some(before), Some(day)) if day <= before => {
                let rule = format!("must be after the look before, on day {before}");
                Err(Error::OutOfRange(Detail::new("day", rule, day)))
            }
            _ => Ok(()),
        }
    }
}

impl Seat {
    /// Moves the tracks to this look.
    fn arrive(&mut self, setting: &Setting, case: &Case<'_>) -> Result<()> {
        if case.timing.spends() {
            let spent = case.timing.spent(case.plan, setting.alpha)?;
            let information = setting.information(&case.gauges);
            for (track, information) in self.tracks.iter_mut().zip(information) {
                track.arrive(information, spent);
            }
        } else if case.timing.moment != Moment::After {
            self.tracks.iter_mut().for_each(Track::close);
        }
        Ok(())
    }
}
