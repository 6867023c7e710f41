//! How many units an effect needs, and what so many units see.

use serde::{Deserialize, Serialize};

use super::{
    Baseline, PowerOptions,
    check::{ceil, positive},
    gate::{Gate, Shift, rising_root},
};
use crate::{error::Result, num::boundary::crossing};

/// Effects beyond this are none.
const MOST_EFFECT: f64 = 1e12;

/// Size of an experiment: two arms compared.
///
/// # Example
/// See [`power`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleSize {
    /// Units in the smaller arm as the formula gives them.
    pub n_per_arm_exact: f64,
    /// The same, rounded up; with equal arms the units of each.
    pub n_per_arm: u64,
    /// Units of the control, rounded up.
    pub n_control: u64,
    /// Units of the treatment, rounded up.
    pub n_treatment: u64,
    /// Expected mean of the control.
    pub control_mean: f64,
    /// Expected mean of the treatment: control mean × (1 + effect); the control's when it is a margin that is to be shown.
    pub treatment_mean: f64,
    /// When an experiment of that size is over.
    pub stopping: Stopping,
}

/// When an experiment passes its gate, if the effect is the one asked about.
///
/// # Example
/// See [`stopping`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// Chance to pass at any look.
    pub power: f64,
    /// Mean share of the plan that is over when it stops; one that never passes stops at the end.
    pub expected_share: f64,
    /// The same in days of the options' horizon.
    pub expected_day: f64,
    /// Every look, in order.
    pub looks: Vec<LookChance>,
}

/// One look of a plan.
///
/// # Example
/// See [`stopping`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LookChance {
    /// Share of the plan that is over, 1 at the last look.
    pub share: f64,
    /// The same in days of the options' horizon.
    pub day: f64,
    /// What z must reach; absent where nothing may be spent yet.
    pub boundary: Option<f64>,
    /// Chance to have passed by now.
    pub passed: f64,
    /// The same when there is no effect: the chance of a false alarm so far.
    pub false_alarm: f64,
}

/// Units per arm that a test needs to see a relative effect, and when it is over.
///
/// When to use: before an experiment, with the plan it is going to be judged by ([`PowerOptions::of`]). When not: whether
/// a store's traffic is enough; ask [`reach`](super::reach()).
///
/// Model: at information t (the share of the plan) z has mean d√(nt)/s₀ and variance s₁²/s₀², and passes at the boundary c(t) of the
/// options' spending; n gives the crossings of all looks together the power asked for. With one look that is the textbook's
/// ```text
/// pooled    (z_α √(2 p̄ (1−p̄)) + z_β √(p₀(1−p₀) + p₁(1−p₁)))² / d²
/// unpooled  (z_α + z_β)² (v₀ + v₁) / d²
/// arcsine   2 ((z_α + z_β) / (2 asin√p₁ − 2 asin√p₀))²
/// ```
/// with p₀, p₁ the rates, p̄ their mean, v₀, v₁ the variances per unit, d = baseline · effect; unequal arms weigh each v by the
/// units its arm has. Guarantee `anytime`: the e-process of `sequential::revenue_ln_e` as a boundary of the same walk, at the
/// options' looks and no later; the formula is not read. Approximations and how far they are off: docs/METHODS.md, Power.
/// Units: `minimum_effect` is relative, 0.1 is +10%; negative for a metric that should fall. Cost: a microsecond for one
/// look, about ten milliseconds for each look of many. Deterministic.
///
/// # Errors
/// `OutOfRange` for an effect of 0 or one that leads a rate out of (0, 1), a level, power or share outside (0, 1), a
/// power not above the level, more than 1,000 looks, a horizon that is not whole weeks; `NotFinite` for NaN.
///
/// # Source
/// Fleiss, Levin & Paik (2003), *Statistical Methods for Rates and Proportions*, ch. 4; Cohen (1988), ch. 6 (arcsine);
/// Jennison & Turnbull (2000), *Group Sequential Methods*, ch. 7 and 19.
///
/// # Example
/// ```
/// use stoa_core::{experiment::Looks, power::{Baseline, LookPlan, PowerOptions, power}};
/// let conversion = Baseline::Binary { rate: 0.03 };
/// let size = power(&conversion, 0.1, &PowerOptions::default())?;
/// assert_eq!(size.n_per_arm, 41_914);
/// // Looking every day from day 7 costs 6% more, and is over on day 20 of 28 on average.
/// let daily = PowerOptions { looks: LookPlan::On(Looks::Daily), ..PowerOptions::default() };
/// let size = power(&conversion, 0.1, &daily)?;
/// assert!(size.n_per_arm < 45_000 && size.stopping.expected_day < 20.5);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn power(
    baseline: &Baseline,
    minimum_effect: f64,
    options: &PowerOptions,
) -> Result<SampleSize> {
    check(baseline, options)?;
    baseline.check_effect(minimum_effect)?;
    let shift = Shift::new(baseline, minimum_effect, options);
    let mean = baseline.mean();
    sized(
        "minimum_effect",
        &shift,
        (mean, mean * (1.0 + minimum_effect)),
        options,
    )
}

/// The chance that a test of `n_per_arm` units per arm sees a relative effect: [`power`]'s formula solved for the power.
///
/// `n_per_arm` are the units of the smaller arm; `options.power` is not read.
///
/// # Errors
/// As [`power`]; `OutOfRange` unless `n_per_arm` > 0.
///
/// # Example
/// ```
/// use stoa_core::power::{Baseline, PowerOptions, achieved_power};
/// let chance = achieved_power(&Baseline::Binary { rate: 0.03 }, 0.1, 41_914.0, &PowerOptions::default())?;
/// assert!((chance - 0.8).abs() < 1e-5);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn achieved_power(
    baseline: &Baseline,
    minimum_effect: f64,
    n_per_arm: f64,
    options: &PowerOptions,
) -> Result<f64> {
    check(baseline, options)?;
    baseline.check_effect(minimum_effect)?;
    positive("n_per_arm", n_per_arm)?;
    let shift = Shift::new(baseline, minimum_effect, options);
    Ok(Gate::new(options).power(&shift, n_per_arm))
}

/// When a test of `n_per_arm` units per arm is over, look by look.
///
/// Model: as [`power`]; only passing the gate stops, so a rule that also stops for futility or harm is over sooner.
/// `n_per_arm` are the units that the smaller arm has at the end; `options.power` is not read.
///
/// # Errors
/// As [`achieved_power`].
///
/// # Example
/// ```
/// use stoa_core::{experiment::Looks, power::{Baseline, LookPlan, PowerOptions, stopping}};
/// // 2,000 visitors a day and arm for four weeks, looked at every Sunday.
/// let weekly = PowerOptions { looks: LookPlan::On(Looks::Weekly), ..PowerOptions::default() };
/// let plan = stopping(&Baseline::Binary { rate: 0.03 }, 0.1, 56_000.0, &weekly)?;
/// assert_eq!(plan.looks.len(), 4);
/// assert!((plan.power - 0.88).abs() < 0.01 && (plan.looks[3].false_alarm - 0.05).abs() < 1e-12);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn stopping(
    baseline: &Baseline,
    minimum_effect: f64,
    n_per_arm: f64,
    options: &PowerOptions,
) -> Result<Stopping> {
    check(baseline, options)?;
    baseline.check_effect(minimum_effect)?;
    positive("n_per_arm", n_per_arm)?;
    let shift = Shift::new(baseline, minimum_effect, options);
    Ok(Stopping::new(
        &Gate::new(options),
        &shift,
        n_per_arm,
        options,
    ))
}

/// The smallest relative rise that `n_per_arm` units per arm can see with the options' power; `None` when no rise
/// that the metric allows is large enough.
///
/// The root of [`power`]'s formula, so the two agree to 1e-10. `n_per_arm` are the units of the smaller arm.
///
/// # Errors
/// As [`power`]; `OutOfRange` unless `n_per_arm` > 0.
///
/// # Example
/// ```
/// use stoa_core::power::{Baseline, PowerOptions, smallest_effect};
/// let seen = smallest_effect(&Baseline::Binary { rate: 0.03 }, 41_914.0, &PowerOptions::default())?;
/// assert!((seen.unwrap() - 0.1).abs() < 1e-5);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn smallest_effect(
    baseline: &Baseline,
    n_per_arm: f64,
    options: &PowerOptions,
) -> Result<Option<f64>> {
    check(baseline, options)?;
    // Any effect will do to refuse a mean that has none.
    baseline.check_effect(0.5 * baseline.largest_effect().min(1.0))?;
    positive("n_per_arm", n_per_arm)?;
    let gate = Gate::new(options);
    Ok(smallest(&gate, baseline, n_per_arm, 1.0, options))
}

/// The smallest effect of the sign of `sign` that n units of the smaller arm see; `None` when no possible one is large enough.
pub(super) fn smallest(
    gate: &Gate,
    baseline: &Baseline,
    n: f64,
    sign: f64,
    options: &PowerOptions,
) -> Option<f64> {
    let near = Shift::of_margin(baseline, 1.0, options);
    let guess = gate.about() * near.null / (n.sqrt() * baseline.mean().abs());
    let at = |effect: f64| gate.surplus(&Shift::new(baseline, sign * effect, options), n);
    let most = if sign > 0.0 {
        baseline.largest_effect().min(MOST_EFFECT)
    } else {
        baseline.largest_fall()
    };
    rising_root(at, guess, most).map(|effect| sign * effect)
}

pub(super) fn check(baseline: &Baseline, options: &PowerOptions) -> Result<()> {
    baseline.check()?;
    options.check()
}

/// The experiment that sees a shift; what no count can hold is refused at `field`.
pub(super) fn sized(
    field: &str,
    shift: &Shift,
    (control_mean, treatment_mean): (f64, f64),
    options: &PowerOptions,
) -> Result<SampleSize> {
    let gate = Gate::new(options);
    let exact = gate.units(shift);
    // Units of the smaller arm per unit of each.
    let (a, b) = options.per_unit();
    Ok(SampleSize {
        n_per_arm_exact: exact,
        n_per_arm: ceil(field, exact)?,
        n_control: ceil(field, exact / a)?,
        n_treatment: ceil(field, exact / b)?,
        control_mean,
        treatment_mean,
        stopping: Stopping::new(&gate, shift, exact, options),
    })
}

impl Stopping {
    pub(super) fn new(gate: &Gate, shift: &Shift, n: f64, options: &PowerOptions) -> Self {
        let days = options.horizon_days as f64;
        let no_effect = crossing(&gate.fractions, &gate.boundaries, 0.0);
        let (mut passed, mut false_alarm, mut expected) = (0.0, 0.0, 0.0);
        let mut looks = Vec::with_capacity(gate.fractions.len());
        for (k, first) in gate.first(shift, n).into_iter().enumerate() {
            let share = gate.fractions[k];
            passed = f64::min(passed + first, 1.0);
            false_alarm = f64::min(false_alarm + no_effect[k], 1.0);
            expected += first * share;
            looks.push(LookChance {
                share,
                day: share * days,
                boundary: Some(gate.boundaries[k]).filter(|z| z.is_finite()),
                passed,
                false_alarm,
            });
        }
        let expected_share = expected + (1.0 - passed);
        Self {
            power: passed,
            expected_share,
            expected_day: expected_share * days,
            looks,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{
        super::{Formula, duration},
        *,
    };

    #[test]
    fn the_smallest_effect_inverts_the_sample_size() {
        let options = PowerOptions::default();
        let hurdle = Baseline::Hurdle {
            conversion_rate: 0.03,
            mean_order_value: 60.0,
            sd_order_value: 80.0,
        };
        let mean = Baseline::Mean {
            mean: 3.0,
            variance: 16.0,
        };
        for baseline in [Baseline::Binary { rate: 0.2 }, hurdle, mean] {
            let size = power(&baseline, 0.07, &options).unwrap();
            let seen = smallest_effect(&baseline, size.n_per_arm_exact, &options).unwrap();
            assert!((seen.unwrap() - 0.07).abs() < 1e-10, "{baseline:?}");
        }
    }

    #[test]
    fn two_visitors_see_nothing() {
        let options = PowerOptions::default();
        let rate = Baseline::Binary { rate: 0.5 };
        assert_eq!(smallest_effect(&rate, 1.0, &options).unwrap(), None);
    }

    #[test]
    fn revenue_without_spread_of_orders_is_conversion() {
        // var = p(1−p)m²: the same relative spread as the rate itself, unpooled.
        let options = PowerOptions {
            formula: Formula::Unpooled,
            ..PowerOptions::default()
        };
        let revenue = Baseline::Hurdle {
            conversion_rate: 0.03,
            mean_order_value: 50.0,
            sd_order_value: 0.0,
        };
        let a = power(&revenue, 0.1, &options).unwrap().n_per_arm_exact;
        let b = power(&Baseline::Binary { rate: 0.03 }, 0.1, &options).unwrap();
        assert!((a / b.n_per_arm_exact - 1.0).abs() < 1e-12);
    }

    #[test]
    fn refusals() {
        let options = PowerOptions::default();
        let rate = Baseline::Binary { rate: 0.5 };
        assert_eq!(
            power(&rate, 1.0, &options).unwrap_err().code(),
            "out_of_range"
        );
        assert_eq!(
            power(&rate, f64::NAN, &options).unwrap_err().code(),
            "not_finite"
        );
        let error = Baseline::from_value("binry", &serde_json::json!(0.1)).unwrap_err();
        assert_eq!(error.code(), "unknown_name");
    }

    #[test]
    fn a_size_beyond_all_counts_is_refused() {
        let rare = Baseline::Binary { rate: 1e-12 };
        let refused = power(&rare, 1e-6, &PowerOptions::default()).unwrap_err();
        assert_eq!(refused.detail().unwrap().field, "minimum_effect");
        assert!(duration(1_000, 100.0, 1e-300, 0.5).is_err());
    }
}
