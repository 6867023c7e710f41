//! Floor 5: how many visitors an experiment needs, or what it can see with the visitors there are.
//!
//! The normal approximation to a fixed-horizon test of two equal arms. Sequential looks and `assurance`, the chance over
//! what is believed of the effect, build on this; nothing here reads data.

mod assurance;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

pub use assurance::{DesignPrior, DesignRates, assurance, assurance_rates};

use crate::{
    error::{Detail, Error, Result},
    num::special::normal_upper,
};

/// What the metric looks like in the control arm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case", deny_unknown_fields)]
pub enum Baseline {
    /// A rate, such as conversion.
    Binary {
        /// Share of units with the outcome, in (0, 1).
        rate: f64,
    },
    /// An average per unit.
    Mean {
        /// Mean per unit; not 0, since effects are relative.
        mean: f64,
        /// Variance between units.
        variance: f64,
    },
    /// Revenue per visitor: most visitors are 0, the others spend an order value.
    Hurdle {
        /// Share of visitors who order, in (0, 1).
        conversion_rate: f64,
        /// Mean order value, > 0.
        mean_order_value: f64,
        /// Standard deviation between order values.
        sd_order_value: f64,
    },
}

/// Which direction counts as a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    /// Only a rise (or, for a negative effect, only a fall): what a decision to ship tests.
    #[default]
    OneSided,
    /// Either direction.
    TwoSided,
}

/// Which textbook formula a rate uses; means and revenue always use the unpooled one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// Pooled variance under no difference, unpooled under the alternative.
    #[default]
    Pooled,
    /// Unpooled variance under both.
    Unpooled,
    /// Variance-stabilised rates, 2·asin√p.
    Arcsine,
}

/// Error rates and form of the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowerOptions {
    /// Chance to detect the effect when it is there.
    pub power: f64,
    /// Chance to see one that is not there.
    pub alpha: f64,
    /// One direction or both.
    pub alternative: Alternative,
    /// Formula for a rate.
    pub formula: Formula,
    /// Times the data are judged; this version sizes for one look, at the end.
    pub looks: u32,
}

impl Default for PowerOptions {
    /// Power 80% at one-sided 5%: the test that decides whether to ship.
    fn default() -> Self {
        Self {
            power: 0.8,
            alpha: 0.05,
            alternative: Alternative::OneSided,
            formula: Formula::Pooled,
            looks: 1,
        }
    }
}

/// Size of an experiment of two equal arms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleSize {
    /// Units per arm as the formula gives them.
    pub n_per_arm_exact: f64,
    /// The same, rounded up.
    pub n_per_arm: u64,
    /// Expected mean of the control.
    pub control_mean: f64,
    /// Expected mean of the treatment: control mean × (1 + effect).
    pub treatment_mean: f64,
}

/// How long an experiment of that size runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duration {
    /// Units over all arms.
    pub n_total: u64,
    /// Days of traffic, rounded up.
    pub days: u64,
    /// Whole weeks that hold those days: what a plan registers, since weekdays differ.
    pub horizon_days: u64,
}

impl Baseline {
    /// Reads a baseline of the named family: `{"rate": 0.03}`, or a bare number for a rate.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a family without a power formula, [`Error::InvalidDocument`] for other fields, and
    /// what [`power`] refuses.
    ///
    /// # Example
    /// ```
    /// use stoa_core::power::Baseline;
    /// let baseline = Baseline::from_value("binary", &serde_json::json!(0.03))?;
    /// assert_eq!(baseline, Baseline::Binary { rate: 0.03 });
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn from_value(family: &str, value: &serde_json::Value) -> Result<Self> {
        const FAMILIES: [&str; 3] = ["binary", "mean", "hurdle"];
        if !FAMILIES.contains(&family) {
            let detail = Detail::new("family", "must be binary, mean or hurdle", family);
            return Err(Error::UnknownName(detail.did_you_mean(family, FAMILIES)));
        }
        let mut document = match value {
            serde_json::Value::Object(fields) => fields.clone(),
            serde_json::Value::Number(_) if family == "binary" => {
                [("rate".to_owned(), value.clone())].into_iter().collect()
            }
            other => {
                let detail = Detail::new("baseline", "must be an object of numbers", other);
                return Err(Error::WrongType(detail));
            }
        };
        document.insert("family".to_owned(), family.into());
        let baseline: Self = serde_json::from_value(document.into()).map_err(|e| {
            let rule = format!("must be the fields of family {family} ({e})");
            Error::InvalidDocument(Detail::new("baseline", rule, value))
        })?;
        baseline.check()?;
        Ok(baseline)
    }

    /// Expected value per unit in the control arm.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Binary { rate } => rate,
            Self::Mean { mean, .. } => mean,
            Self::Hurdle {
                conversion_rate,
                mean_order_value,
                ..
            } => conversion_rate * mean_order_value,
        }
    }

    fn check(&self) -> Result<()> {
        match *self {
            Self::Binary { rate } => open_unit("baseline.rate", rate),
            Self::Mean { mean, variance } => {
                finite("baseline.mean", mean)?;
                finite("baseline.variance", variance)?;
                require(mean != 0.0, "baseline.mean", "must not be 0", mean)?;
                require(variance > 0.0, "baseline.variance", "must be > 0", variance)
            }
            Self::Hurdle {
                conversion_rate,
                mean_order_value,
                sd_order_value,
            } => {
                open_unit("baseline.conversion_rate", conversion_rate)?;
                finite("baseline.mean_order_value", mean_order_value)?;
                finite("baseline.sd_order_value", sd_order_value)?;
                let (mean, sd) = (mean_order_value, sd_order_value);
                require(mean > 0.0, "baseline.mean_order_value", "must be > 0", mean)?;
                require(sd >= 0.0, "baseline.sd_order_value", "must be >= 0", sd)
            }
        }
    }

    /// Variance per unit when the mean is multiplied by `1 + effect`; revenue moves through conversion, since a change
    /// on the page moves who buys far more than what an order holds.
    fn variance(&self, effect: f64) -> f64 {
        match *self {
            Self::Binary { rate } => {
                let p = rate * (1.0 + effect);
                p * (1.0 - p)
            }
            Self::Mean { variance, .. } => variance,
            Self::Hurdle {
                conversion_rate,
                mean_order_value: m,
                sd_order_value: s,
            } => {
                let p = conversion_rate * (1.0 + effect);
                p * (s * s + (1.0 - p) * m * m)
            }
        }
    }

    /// The largest effect that leaves a rate below 1.
    fn largest_effect(&self) -> f64 {
        match *self {
            Self::Binary { rate: p }
            | Self::Hurdle {
                conversion_rate: p, ..
            } => 1.0 / p - 1.0,
            Self::Mean { .. } => f64::INFINITY,
        }
    }
}

/// Visitors per arm that a test needs to see a relative effect.
///
/// Model: with `z_α`, `z_β` the normal quantiles of the test level and the power, p₀, p₁ the rates, p̄ their mean,
/// v₀, v₁ the variances per unit and d = baseline · effect, the visitors per arm are
/// ```text
/// pooled    (z_α √(2 p̄ (1−p̄)) + z_β √(p₀(1−p₀) + p₁(1−p₁)))² / d²
/// unpooled  (z_α + z_β)² (v₀ + v₁) / d²
/// arcsine   2 ((z_α + z_β) / (2 asin√p₁ − 2 asin√p₀))²
/// ```
/// Units: `minimum_effect` is relative, 0.1 is +10%; negative for a metric that should fall.
///
/// # Errors
/// [`Error::OutOfRange`] for an effect of 0 or one that leads a rate out of (0, 1), a level or power outside (0, 1), a
/// power not above the level; [`Error::NotFinite`] for NaN.
///
/// # Source
/// Fleiss, Levin & Paik (2003), *Statistical Methods for Rates and Proportions*, ch. 4; Cohen (1988), ch. 6 (arcsine).
///
/// # Example
/// ```
/// use stoa_core::power::{Baseline, PowerOptions, power};
/// let size = power(&Baseline::Binary { rate: 0.03 }, 0.1, &PowerOptions::default())?;
/// assert_eq!(size.n_per_arm, 41_914);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn power(
    baseline: &Baseline,
    minimum_effect: f64,
    options: &PowerOptions,
) -> Result<SampleSize> {
    baseline.check()?;
    options.check()?;
    check_effect(baseline, minimum_effect)?;
    let exact = n_per_arm(baseline, minimum_effect, options);
    Ok(SampleSize {
        n_per_arm_exact: exact,
        n_per_arm: ceil("minimum_effect", exact)?,
        control_mean: baseline.mean(),
        treatment_mean: baseline.mean() * (1.0 + minimum_effect),
    })
}

/// Chance that a test of `n_per_arm` visitors per arm sees a relative effect: [`power`]'s formula solved for the power.
///
/// `options.power` is not read.
///
/// # Errors
/// As [`power`]; [`Error::OutOfRange`] unless `n_per_arm` > 0.
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
    n_per_arm_available: f64,
    options: &PowerOptions,
) -> Result<f64> {
    baseline.check()?;
    options.check()?;
    check_effect(baseline, minimum_effect)?;
    finite("n_per_arm", n_per_arm_available)?;
    let n = n_per_arm_available;
    require(n > 0.0, "n_per_arm", "must be > 0", n)?;
    let shift = Shift::new(baseline, minimum_effect, options);
    let (z_alpha, _) = options.z();
    let z = (shift.size * n.sqrt() - z_alpha * shift.null) / shift.alternative;
    Ok(normal_upper(-z))
}

/// The smallest relative rise that `n_per_arm` visitors per arm can see with the options' power; `None` when no rise
/// that the metric allows is large enough.
///
/// Found by bisection of [`power`]'s formula, to 1e-12 relative, so the two agree.
///
/// # Errors
/// As [`power`]; [`Error::OutOfRange`] unless `n_per_arm` > 0.
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
    n_per_arm_available: f64,
    options: &PowerOptions,
) -> Result<Option<f64>> {
    baseline.check()?;
    options.check()?;
    finite("n_per_arm", n_per_arm_available)?;
    let n = n_per_arm_available;
    require(n > 0.0, "n_per_arm", "must be > 0", n)?;
    let enough = |effect: f64| n_per_arm(baseline, effect, options) <= n;
    let most = baseline.largest_effect();
    let (mut low, mut high) = (0.0, most.min(1.0));
    while !enough(high) {
        if high >= most || high > 1e12 {
            return Ok(None);
        }
        low = high;
        high = (high * 2.0).min(most);
    }
    while high - low > 1e-12 * high {
        let middle = low + (high - low) / 2.0;
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Some(high))
}

/// Days and whole weeks that traffic needs to fill every arm.
///
/// Units: `visitors_per_day` are eligible visitors, `allocation` the share of them that enters, `smallest_share` the
/// share of those in the smallest arm (0.5 for two equal arms).
///
/// # Errors
/// [`Error::OutOfRange`] unless visitors > 0, and allocation and share are in (0, 1].
///
/// # Example
/// ```
/// let time = stoa_core::power::duration(41_914, 4_000.0, 1.0, 0.5)?;
/// assert_eq!((time.days, time.horizon_days), (21, 21));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn duration(
    n_per_arm: u64,
    visitors_per_day: f64,
    allocation: f64,
    smallest_share: f64,
) -> Result<Duration> {
    finite("visitors_per_day", visitors_per_day)?;
    require(
        visitors_per_day > 0.0,
        "visitors_per_day",
        "must be > 0",
        visitors_per_day,
    )?;
    for (field, share) in [
        ("allocation", allocation),
        ("smallest_share", smallest_share),
    ] {
        finite(field, share)?;
        require(
            share > 0.0 && share <= 1.0,
            field,
            "must be in (0, 1]",
            share,
        )?;
    }
    let n_total = n_per_arm as f64 / smallest_share;
    let days = ceil(
        "visitors_per_day",
        n_total / (visitors_per_day * allocation),
    )?;
    Ok(Duration {
        n_total: ceil("n_per_arm", n_total)?,
        days,
        horizon_days: days.div_ceil(7).saturating_mul(7),
    })
}

impl PowerOptions {
    fn check(&self) -> Result<()> {
        open_unit("alpha", self.alpha)?;
        open_unit("power", self.power)?;
        if self.looks != 1 {
            let rule = "must be 1: this version sizes for one look, at the end";
            return Err(Error::Unsupported(Detail::new("looks", rule, self.looks)));
        }
        require(
            self.power > self.alpha,
            "power",
            "must be greater than alpha",
            self.power,
        )
    }

    fn z(&self) -> (f64, f64) {
        let level = match self.alternative {
            Alternative::OneSided => self.alpha,
            Alternative::TwoSided => self.alpha / 2.0,
        };
        let normal = Normal::standard();
        (-normal.inverse_cdf(level), normal.inverse_cdf(self.power))
    }
}

fn n_per_arm(baseline: &Baseline, effect: f64, options: &PowerOptions) -> f64 {
    let (z_alpha, z_beta) = options.z();
    let shift = Shift::new(baseline, effect, options);
    let root = (z_alpha * shift.null + z_beta * shift.alternative) / shift.size;
    root * root
}

/// What the test statistic of one visitor per arm looks like: it sees the effect when `size`·√n exceeds
/// `z_α`·`null` + `z_β`·`alternative`.
struct Shift {
    size: f64,
    null: f64,
    alternative: f64,
}

impl Shift {
    fn new(baseline: &Baseline, effect: f64, options: &PowerOptions) -> Self {
        let spread = (baseline.variance(0.0) + baseline.variance(effect)).sqrt();
        let (size, null, alternative) = match (baseline, options.formula) {
            (Baseline::Binary { rate }, Formula::Pooled) => {
                let mean = rate * (1.0 + effect / 2.0);
                let pooled = (2.0 * mean * (1.0 - mean)).sqrt();
                (baseline.mean() * effect, pooled, spread)
            }
            (Baseline::Binary { rate }, Formula::Arcsine) => {
                let angle = |p: f64| 2.0 * p.sqrt().min(1.0).asin();
                let root = std::f64::consts::SQRT_2;
                (angle(rate * (1.0 + effect)) - angle(*rate), root, root)
            }
            _ => (baseline.mean() * effect, spread, spread),
        };
        Self {
            size: size.abs(),
            null,
            alternative,
        }
    }
}

fn check_effect(baseline: &Baseline, effect: f64) -> Result<()> {
    finite("minimum_effect", effect)?;
    require(effect != 0.0, "minimum_effect", "must not be 0", effect)?;
    let rule = "must leave the treatment's rate between 0 and 1";
    let possible = match baseline {
        Baseline::Mean { .. } => true,
        _ => effect > -1.0 && effect < baseline.largest_effect(),
    };
    require(possible, "minimum_effect", rule, effect)
}

fn require(holds: bool, field: &str, rule: &str, value: f64) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::OutOfRange(Detail::new(field, rule, value)))
}

fn finite(field: &str, value: f64) -> Result<()> {
    if value.is_finite() {
        return Ok(());
    }
    let detail = Detail::new(field, "must be a finite number", value);
    Err(Error::NotFinite(detail))
}

fn open_unit(field: &str, value: f64) -> Result<()> {
    finite(field, value)?;
    let rule = "must be between 0 and 1, both excluded";
    require(value > 0.0 && value < 1.0, field, rule, value)
}

/// Rounds up to a count.
///
/// # Errors
/// [`Error::OutOfRange`] at `field` when no count is large enough.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 <= n <= 2^53"
)]
fn ceil(field: &str, n: f64) -> Result<u64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let rule = "must lead to a number of at most 2^53";
    require(n <= MOST, field, rule, n)?;
    Ok(n.ceil() as u64)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

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
