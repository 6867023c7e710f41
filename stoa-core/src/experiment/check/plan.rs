//! The checks of the registered plan.

use super::Checks;
use crate::{
    error::{Detail, Error},
    experiment::Plan,
};

/// Longest horizon, in days: 52 weeks.
const MAX_HORIZON: u64 = 364;

pub(super) fn check(errors: &mut Vec<Error>, plan: &Plan) {
    let days = plan.horizon_days;
    if days == 0 || !days.is_multiple_of(7) || days > MAX_HORIZON {
        errors.push(Error::OutOfRange(Detail::new(
            "plan.horizon_days",
            format!("must be whole weeks, from 7 to {MAX_HORIZON} days"),
            days,
        )));
    }
    errors.between(
        "plan.alpha",
        plan.alpha,
        "must be above 0 and below 0.5",
        |x| x > 0.0 && x < 0.5,
    );
    errors.between(
        "plan.loss_tolerance",
        plan.loss_tolerance,
        "must be above 0 and below 1: it is relative, 0.0025 is 0.25% of the control mean",
        |x| x > 0.0 && x < 1.0,
    );
    if let Some(visitors) = plan.visitors_per_day {
        errors.positive("plan.visitors_per_day", visitors);
    }
    if let Some(value) = plan.typical_order_value {
        errors.positive("plan.typical_order_value", value);
    }
    if let Some(quantile) = plan.winsorize {
        errors.between(
            "plan.winsorize",
            quantile,
            "must be a quantile, from 0.9 to below 1",
            |x| (0.9..1.0).contains(&x),
        );
    }
}
