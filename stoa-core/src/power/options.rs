//! How an experiment is going to be judged.

use serde::{Deserialize, Serialize};

use super::check::{open_unit, require};
use crate::{
    error::{Detail, Error, Result},
    experiment::{CheckedExperiment, Guarantee, Looks},
    num::spending::Spending,
};

/// Most looks of a plan.
const MOST_LOOKS: u32 = 1000;
/// Longest plan, in days, as a contract may register it.
const LONGEST: u64 = 364;

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

/// When the data are judged: a number of looks at equal distances, the last at the end, or the words of a plan.
///
/// # Example
/// ```
/// use stoa_core::{experiment::Looks, power::LookPlan};
/// let read = |text| serde_json::from_str::<LookPlan>(text);
/// assert_eq!(read("1")?, LookPlan::Equal(1));
/// assert_eq!(read("\"daily\"")?, LookPlan::On(Looks::Daily));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "looks must be a number of looks, \"daily\" or \"weekly\""
)]
pub enum LookPlan {
    /// So many looks at equal distances; 1 is one look, at the end.
    Equal(u32),
    /// Every day from day 7, or every seventh day, up to the horizon.
    On(Looks),
}

/// Error rates and form of the test.
///
/// # Example
/// ```
/// use stoa_core::{experiment::Looks, power::{LookPlan, PowerOptions}};
/// let daily = PowerOptions { looks: LookPlan::On(Looks::Daily), ..PowerOptions::default() };
/// assert_eq!((daily.horizon_days, daily.treatments), (28, 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowerOptions {
    /// Chance to detect the effect when it is there.
    pub power: f64,
    /// Chance to see one that is not there, over all looks and treatments.
    pub alpha: f64,
    /// One direction or both.
    pub alternative: Alternative,
    /// Formula for a rate.
    pub formula: Formula,
    /// When the data are judged.
    pub looks: LookPlan,
    /// How the chance of a false alarm is spread over the looks.
    pub spending: Spending,
    /// Days from the first visitor to the last look; whole weeks, 7 to 364.
    pub horizon_days: u64,
    /// What holds the chance of a false alarm: spending over the looks, or evidence that may be read at any time.
    pub guarantee: Guarantee,
    /// Treatments that are compared with the control; each is tested at `alpha` / `treatments`.
    pub treatments: u32,
    /// The treatment's part of the units of the two arms compared, in (0, 1).
    pub treatment_share: f64,
}

impl Default for PowerOptions {
    /// Power 80% at one-sided 5%, one look at the end, two equal arms: the test that decides whether to ship.
    fn default() -> Self {
        Self {
            power: 0.8,
            alpha: 0.05,
            alternative: Alternative::OneSided,
            formula: Formula::Pooled,
            looks: LookPlan::Equal(1),
            spending: Spending::default(),
            horizon_days: 28,
            guarantee: Guarantee::Horizon,
            treatments: 1,
            treatment_share: 0.5,
        }
    }
}

impl PowerOptions {
    /// The options that a contract registers: its level, looks, horizon and guarantee, and of its treatments the one with
    /// the smallest share, which has the least power.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{experiment::{Experiment, StoreDocument}, power::PowerOptions};
    /// let document = serde_json::json!({
    ///     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}, {"key": "C"}],
    ///     "metrics": {"revenue": {"metric": "conversion_rate"},
    ///                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
    /// });
    /// let experiment = Experiment::from_value(&document)?.check(&StoreDocument::default())?;
    /// let options = PowerOptions::of(&experiment);
    /// assert_eq!((options.treatments, options.treatment_share), (2, 0.5));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn of(experiment: &CheckedExperiment) -> Self {
        let plan = &experiment.plan;
        let arms = Arms::of(experiment);
        Self {
            alpha: plan.alpha,
            looks: LookPlan::On(plan.looks),
            horizon_days: plan.horizon_days,
            guarantee: plan.guarantee,
            treatments: arms.treatments,
            treatment_share: arms.treatment / (arms.control + arms.treatment),
            ..Self::default()
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        open_unit("alpha", self.alpha)?;
        open_unit("power", self.power)?;
        open_unit("treatment_share", self.treatment_share)?;
        self.check_looks()?;
        let rule = "must be at least 1";
        require(self.treatments >= 1, "treatments", rule, self.treatments)?;
        let rule = "must be greater than alpha";
        require(self.power > self.alpha, "power", rule, self.power)
    }

    fn check_looks(&self) -> Result<()> {
        if let LookPlan::Equal(looks) = self.looks {
            require(looks >= 1, "looks", "must be at least 1", looks)?;
            let rule = format!("must be at most {MOST_LOOKS}");
            require(looks <= MOST_LOOKS, "looks", &rule, looks)?;
        }
        let days = self.horizon_days;
        let whole = days.is_multiple_of(7) && (7..=LONGEST).contains(&days);
        let rule = format!("must be whole weeks, from 7 to {LONGEST} days");
        require(whole, "horizon_days", &rule, days)
    }

    /// Refuses what has a formula for one look alone.
    pub(super) fn only_one_look(&self) -> Result<()> {
        if self.looks == LookPlan::Equal(1) && self.guarantee == Guarantee::Horizon {
            return Ok(());
        }
        let rule = "must be 1, with guarantee horizon: assurance is of one look, at the end";
        let found = serde_json::to_string(&self.looks).unwrap_or_default();
        Err(Error::Unsupported(Detail::new("looks", rule, found)))
    }

    /// Chance of a false alarm on one side, for one treatment.
    pub(super) fn level(&self) -> f64 {
        let sides = match self.alternative {
            Alternative::OneSided => 1.0,
            Alternative::TwoSided => 2.0,
        };
        self.alpha / sides / f64::from(self.treatments)
    }

    /// Shares of the plan that are over at each look; the last is 1.
    pub(super) fn fractions(&self) -> Vec<f64> {
        let of = |whole: f64, parts: &[u64]| parts.iter().map(|k| *k as f64 / whole).collect();
        let days = self.horizon_days;
        match self.looks {
            LookPlan::Equal(looks) => {
                let all: Vec<u64> = (1..=u64::from(looks)).collect();
                of(f64::from(looks), &all)
            }
            LookPlan::On(Looks::Daily) => {
                let all: Vec<u64> = (7..=days).collect();
                of(days as f64, &all)
            }
            LookPlan::On(Looks::Weekly) => {
                let all: Vec<u64> = (1..=days / 7).map(|week| 7 * week).collect();
                of(days as f64, &all)
            }
        }
    }

    /// What one unit of the smaller arm stands for: units of the smaller arm per unit of the control and of the
    /// treatment, 1 and 1 for equal arms.
    pub(super) fn per_unit(&self) -> (f64, f64) {
        let (control, treatment) = (1.0 - self.treatment_share, self.treatment_share);
        let smaller = control.min(treatment);
        (smaller / control, smaller / treatment)
    }
}

/// Weights of the control and of the smallest treatment, as shares of all variants.
pub(super) struct Arms {
    pub(super) control: f64,
    pub(super) treatment: f64,
    pub(super) treatments: u32,
}

impl Arms {
    /// A checked contract has a control and a treatment whose weights are above 0.
    pub(super) fn of(experiment: &CheckedExperiment) -> Self {
        let weights: Vec<f64> = experiment.variants.iter().map(|v| v.weight).collect();
        let total: f64 = weights.iter().sum();
        let (control, treatments) = weights
            .split_first()
            .map_or((0.5, &[][..]), |(c, t)| (*c, t));
        let running = treatments.iter().copied().filter(|w| *w > 0.0);
        Self {
            control: control / total,
            treatment: running.clone().fold(total, f64::min) / total,
            treatments: u32::try_from(running.count()).unwrap_or(u32::MAX).max(1),
        }
    }
}
