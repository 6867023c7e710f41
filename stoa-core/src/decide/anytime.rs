//! What is fixed before the data so that evidence may be read at any time.

use crate::{
    catalog::{Denominator, Metric},
    experiment::Plan,
};

/// Expected visitors a day of each variant where the plan says nothing of traffic.
const VISITORS: f64 = 500.0;
/// Expected share of visitors who order, or who answer.
const ORDERING: f64 = 0.03;
/// What an order is worth where the plan does not say, in the metric's unit.
const ORDER_VALUE: f64 = 50.0;
/// Mean square of order values in units of their squared typical value: as much spread as size.
const SPREAD: f64 = 2.0;

/// What two arms are expected to have by the planned end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Planned {
    /// Units of the metric, both arms together.
    pub(super) units: f64,
    /// `Σx²/4` of a visitor's money, both arms together.
    pub(super) variance: f64,
}

impl Planned {
    /// `part`: the two arms' share of all visitors. `arms`: variants that take part.
    pub(super) fn new(plan: &Plan, metric: &Metric, part: f64, arms: usize) -> Self {
        let daily = plan.visitors_per_day.unwrap_or(VISITORS * arms as f64);
        let visitors = daily * part * plan.horizon_days as f64;
        let order = plan.typical_order_value.unwrap_or(ORDER_VALUE);
        let units = match metric.denominator {
            Denominator::Visitor => visitors,
            Denominator::Order | Denominator::Respondent => visitors * ORDERING,
        };
        Self {
            units,
            variance: 0.25 * visitors * ORDERING * SPREAD * order * order,
        }
    }

    /// Whether the plan leaves out something that the defaults above then stand for.
    pub(super) fn is_default(plan: &Plan) -> bool {
        plan.visitors_per_day.is_none() || plan.typical_order_value.is_none()
    }
}
