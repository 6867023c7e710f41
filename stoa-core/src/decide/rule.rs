//! The rule: one treatment's claims in, one action out. It asks for as little as it needs.

use super::{
    calendar::{Moment, Timing},
    gauge::{Claim, Gauge, Standing, Trend},
    track::Track,
    verdict::Action,
};
use crate::{
    error::Result,
    experiment::{Plan, Role},
    posterior::{MIN_ORDERS, Stats},
};

/// One treatment at one look.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) treatment: &'a str,
    pub(super) plan: &'a Plan,
    pub(super) timing: Timing,
    /// Treatments that share the plan's alpha.
    pub(super) n_treatments: usize,
    /// Revenue first, then what must not get worse.
    pub(super) gauges: Vec<Gauge<'a>>,
    /// Whether it could ship at the last look or before.
    pub(super) shipped: bool,
}

/// Why the rule ended where it did; each has its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    AllGates,
    DarkPattern,
    GuardrailDown,
    /// Revenue is better and the last look leaves another gate shut.
    NotShown,
    /// All gates opened after the last look.
    TooLate,
    RevenueHarm,
    GuardedHarm,
    Futile,
    TradeOff,
    /// The last look leaves revenue open.
    Over,
    NotYet,
    NextLook,
    Undated,
}

/// INVESTIGATE if revenue is better and something guarded is worse; SHIP if revenue is better, affordable, from orders
/// enough, and nothing guarded is worse by more than its margin. STOP if revenue is worse, or a guarded metric is worse
/// by more than its margin while revenue is not better, or revenue can hardly reach its minimum effect, or the plan is
/// over; if satisfaction is then better, INVESTIGATE, with the price. CONTINUE otherwise.
pub(super) fn decide(case: &Case<'_>, tracks: &mut [Track]) -> Result<(Action, Why)> {
    let trend = match case.revenue() {
        Some(revenue) => revenue.trend(tracks)?,
        None => Trend::Unclear,
    };
    match trend {
        Trend::Better => revenue_up(case, tracks),
        Trend::Worse => Ok((Action::Stop, Why::RevenueHarm)),
        Trend::Unclear => revenue_open(case, tracks),
    }
}

fn revenue_up(case: &Case<'_>, tracks: &mut [Track]) -> Result<(Action, Why)> {
    let mut all_held = true;
    let mut down = None;
    for guard in case.guards() {
        match guard.standing(tracks)? {
            Standing::Better | Standing::NotWorse => {}
            Standing::Unclear => all_held = false,
            Standing::Worse | Standing::Harmed if guard.role.role == Role::Guardrail => {
                down = down.or(Some(Why::GuardrailDown));
            }
            Standing::Worse | Standing::Harmed => down = Some(Why::DarkPattern),
        }
    }
    if let Some(why) = down {
        return Ok((Action::Investigate, why));
    }
    let open = all_held && case.enough_orders() && case.affordable()?;
    Ok(match case.timing.moment {
        Moment::After if open && !case.shipped => (Action::Investigate, Why::TooLate),
        _ if open => (Action::Ship, Why::AllGates),
        _ if case.timing.is_final() => (Action::Investigate, Why::NotShown),
        _ => (Action::Continue, Why::NotYet),
    })
}

fn revenue_open(case: &Case<'_>, tracks: &mut [Track]) -> Result<(Action, Why)> {
    for guard in case.guards() {
        let harmed = guard.reaches(Claim::Harmed, tracks)?;
        if harmed && guard.standing(tracks)? == Standing::Harmed {
            return Ok((Action::Stop, Why::GuardedHarm));
        }
    }
    let futile = case.futile();
    if !futile && !case.timing.is_final() {
        let why = match case.timing.moment {
            Moment::Undated => Why::Undated,
            Moment::Between => Why::NextLook,
            _ => Why::NotYet,
        };
        return Ok((Action::Continue, why));
    }
    for guard in case.guards().filter(|g| g.role.role != Role::Guardrail) {
        let better = guard.reaches(Claim::Better, tracks)?;
        if better && guard.standing(tracks)? == Standing::Better {
            return Ok((Action::Investigate, Why::TradeOff));
        }
    }
    Ok((Action::Stop, if futile { Why::Futile } else { Why::Over }))
}

impl<'a> Case<'a> {
    pub(super) fn revenue(&self) -> Option<&Gauge<'a>> {
        self.gauges.iter().find(|g| g.role.role == Role::Revenue)
    }

    pub(super) fn guards(&self) -> impl Iterator<Item = &Gauge<'a>> {
        self.gauges.iter().filter(|g| g.role.role != Role::Revenue)
    }

    /// Chance that revenue exceeds its minimum effect; `None` where it is not known.
    pub(super) fn reach(&self) -> Option<f64> {
        let revenue = self.revenue()?;
        let minimum = revenue.role.minimum_effect.unwrap_or(0.0);
        revenue.arms.map(|arms| arms.reach(minimum))
    }

    pub(super) fn futile(&self) -> bool {
        let hopeless = self.reach().is_some_and(|p| p < super::FUTILE);
        hopeless && self.timing.may_be_futile()
    }

    /// Orders in the arm that has fewer; `None` for a metric that has none.
    pub(super) fn fewest_orders(&self) -> Option<u64> {
        let [control, treatment] = self.revenue()?.stats;
        let of = |stats: Option<&Stats>| stats.and_then(orders);
        of(control).zip(of(treatment)).map(|(a, b)| a.min(b))
    }

    pub(super) fn enough_orders(&self) -> bool {
        self.fewest_orders().is_none_or(|n| n >= MIN_ORDERS)
    }

    /// Expected loss of shipping, and the most that is tolerated.
    pub(super) fn loss(&self) -> Result<Option<(f64, f64)>> {
        let Some(evidence) = self.revenue().map(Gauge::evidence).transpose()?.flatten() else {
            return Ok(None);
        };
        let mean = evidence.comparison.control_mean();
        let tolerated = mean.map(|mean| self.plan.loss_tolerance * mean.abs());
        Ok(evidence.loss_of_shipping().zip(tolerated))
    }

    fn affordable(&self) -> Result<bool> {
        Ok(self.loss()?.is_some_and(|(loss, most)| loss <= most))
    }
}

/// Orders that an amount rests on.
fn orders(stats: &Stats) -> Option<u64> {
    match stats {
        Stats::Binary(_) | Stats::Ordinal(_) | Stats::Count(_) | Stats::Mean(_) => None,
        Stats::Positive(s) => Some(s.n),
        Stats::Hurdle(s) => Some(s.orders),
    }
}
