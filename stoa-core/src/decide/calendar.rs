//! Where a look stands in the registered plan: whether it may use a boundary, and how much it may have spent.

use crate::{
    error::Result,
    experiment::{CheckedExperiment, Guarantee, Looks, Plan, Status},
    sequential::{Spending, spend},
};

/// Before this day nothing is decided: weekdays differ, and so do the first visitors.
pub(super) const FIRST_DAY: f64 = 7.0;

/// What the plan says of a look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// The experiment runs and nobody said for how long.
    Undated,
    /// No look is planned for this day.
    Between,
    /// A look that may spend.
    Planned,
    /// The last look: the plan is over, or the experiment was stopped.
    Last,
    /// The last look has been.
    After,
}

/// One look's place in the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Timing {
    pub(super) day: Option<f64>,
    pub(super) moment: Moment,
    pub(super) guarantee: Guarantee,
}

impl Timing {
    /// `ended`: nothing will come after this look. `over`: the last look was before it.
    pub(super) fn new(plan: &Plan, day: Option<f64>, ended: bool, over: bool) -> Self {
        let horizon = plan.guarantee == Guarantee::Horizon;
        let moment = match day {
            _ if horizon && over => Moment::After,
            _ if ended => Moment::Last,
            None if horizon => Moment::Undated,
            Some(day) if horizon && day >= plan.horizon_days as f64 => Moment::Last,
            Some(day) if horizon && !planned(plan, day) => Moment::Between,
            _ => Moment::Planned,
        };
        Self {
            day,
            moment,
            guarantee: plan.guarantee,
        }
    }

    /// Nothing is planned after this look.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.moment, Moment::Last | Moment::After)
    }

    /// This look may use a boundary that it had not before.
    pub(super) fn spends(&self) -> bool {
        self.guarantee == Guarantee::Horizon
            && matches!(self.moment, Moment::Planned | Moment::Last)
    }

    /// Whether waiting may already be called futile.
    pub(super) fn may_be_futile(&self) -> bool {
        self.is_final() || self.day.is_some_and(|day| day >= FIRST_DAY)
    }

    /// Share of the plan that is over; all of it at the last look.
    pub(super) fn fraction(&self, plan: &Plan) -> Option<f64> {
        if self.is_final() {
            return Some(1.0);
        }
        self.day
            .map(|day| (day / plan.horizon_days as f64).min(1.0))
    }

    /// What may have been spent of `alpha` by this look.
    pub(super) fn spent(&self, plan: &Plan, alpha: f64) -> Result<f64> {
        if self.is_final() {
            return Ok(alpha);
        }
        self.day.map_or(Ok(0.0), |day| spent_by(plan, alpha, day))
    }
}

/// Whether the experiment takes no more visitors.
pub(super) fn stopped(experiment: &CheckedExperiment) -> bool {
    experiment.status == Status::Stopped
}

/// What may have been spent of `alpha` by a day before the horizon.
pub(super) fn spent_by(plan: &Plan, alpha: f64, day: f64) -> Result<f64> {
    let fraction = day / plan.horizon_days as f64;
    let spent = spend(Spending::ObrienFleming, alpha, &[fraction], false)?;
    Ok(spent.first().copied().unwrap_or(0.0))
}

/// The planned days after `from` and before `to`.
pub(super) fn planned_days(plan: &Plan, from: f64, to: f64) -> impl Iterator<Item = f64> {
    let (first, step) = match plan.looks {
        Looks::Daily => (7, 1),
        Looks::Weekly => (7, 7),
    };
    (first..=plan.horizon_days)
        .step_by(step)
        .map(|day| day as f64)
        .filter(move |day| from < *day && *day < to)
}

/// The next planned look after a day, if the plan has one.
pub(super) fn next_look(plan: &Plan, day: f64) -> Option<f64> {
    planned_days(plan, day, f64::INFINITY).next()
}

fn planned(plan: &Plan, day: f64) -> bool {
    let week_begins = match plan.looks {
        Looks::Daily => true,
        // The whole day counts, so that an evening's look is the week's.
        Looks::Weekly => day.rem_euclid(FIRST_DAY) < 1.0,
    };
    day >= FIRST_DAY && week_begins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(plan: &Plan, day: f64) -> Moment {
        Timing::new(plan, Some(day), false, false).moment
    }

    #[test]
    fn looks_are_planned_by_the_day() {
        let daily = Plan::default();
        let weekly = Plan {
            looks: Looks::Weekly,
            ..Plan::default()
        };
        assert_eq!(moment(&daily, 6.9), Moment::Between);
        assert_eq!(moment(&daily, 8.0), Moment::Planned);
        assert_eq!(moment(&weekly, 8.0), Moment::Between);
        assert_eq!(moment(&weekly, 14.0), Moment::Planned);
        assert_eq!(moment(&weekly, 14.9), Moment::Planned);
        assert_eq!(moment(&weekly, 15.0), Moment::Between);
        assert_eq!(moment(&weekly, 27.9), Moment::Between);
        assert_eq!(moment(&weekly, 28.0), Moment::Last);
        assert_eq!(next_look(&weekly, 8.0), Some(14.0));
        assert_eq!(next_look(&daily, 28.0), None);
        assert_eq!(planned_days(&daily, 0.0, 28.0).count(), 21);
    }

    #[test]
    fn a_plan_without_an_end_needs_no_day() {
        let plan = Plan {
            guarantee: Guarantee::Anytime,
            ..Plan::default()
        };
        let timing = Timing::new(&plan, None, false, false);
        assert_eq!(timing.moment, Moment::Planned);
        assert!(!timing.spends() && !timing.may_be_futile());
        assert_eq!(
            Timing::new(&Plan::default(), None, false, false).moment,
            Moment::Undated
        );
    }
}
