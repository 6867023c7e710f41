//! Assurance: the chance that an experiment succeeds, over what is believed of its effect.
//!
//! Power asks what happens if the effect is exactly the one hoped for. Assurance averages over a design prior: what past
//! experiments of its kind make likely ([`hierarchy`](crate::hierarchy) learns it).

use serde::{Deserialize, Serialize};

use super::{
    Baseline, PowerOptions,
    check::{finite, open_unit, positive, require},
};
use crate::{
    error::{Detail, Error, Result},
    num::{
        gamma::ln_beta,
        special::{normal_upper, normal_upper_quantile},
    },
    posterior::BetaPrior,
};

/// Most units per arm that are enumerated.
const MOST_UNITS: u64 = 100_000;

/// What is believed of an effect before the experiment: ln(treatment / control) ~ N(`mean_log_lift`, `sd_log_lift`²).
///
/// # Example
/// ```
/// use stoa_core::power::DesignPrior;
/// // As often a loss as a gain, and seldom more than 10% either way.
/// let usual = DesignPrior { mean_log_lift: 0.0, sd_log_lift: 0.05 };
/// assert!(usual.sd_log_lift > 0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesignPrior {
    /// Mean of the log lift; 0.05 is about +5%.
    pub mean_log_lift: f64,
    /// Its standard deviation, at least 0; 0 gives the power at the mean.
    pub sd_log_lift: f64,
}

/// Rates that are believed before the experiment, and how it is going to be judged.
///
/// # Example
/// See [`assurance_rates`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesignRates {
    /// Of the control's rate.
    pub control: BetaPrior,
    /// Of the treatment's rate.
    pub treatment: BetaPrior,
    /// The prior of either rate in the analysis that follows.
    #[serde(default)]
    pub analysis: BetaPrior,
    /// The experiment succeeds when P(treatment > control | data) exceeds this.
    #[serde(default = "usual_threshold")]
    pub threshold: f64,
}

fn usual_threshold() -> f64 {
    0.95
}

/// The chance that a test of `n_per_arm` units per arm claims a rise, over what is believed of the effect.
///
/// When to use: to say whether an experiment is worth its traffic. Not to size one for a minimum effect: that is
/// [`power`](super::power()).
///
/// Model: the estimate of the log lift is normal around it with variance se² = 2·v/(n·m²) for equal arms of n, m and v the
/// baseline's mean and variance per unit (delta method), and the test claims a rise at estimate/se > z; so the assurance
/// is Φ((μ − z·se)/√(se² + σ²)).
/// `options.power` and `options.formula` are not read; a two-sided test has the stricter z, and a fall does not count.
///
/// # Errors
/// As [`power`](super::power()); [`Error::OutOfRange`] unless `n_per_arm` > 0 and the sd is ≥ 0, or for a mean score of 0;
/// [`Error::Unsupported`] for more than one look or the guarantee `anytime`.
/// # Source
/// O'Hagan, Stevens & Campbell (2005), Assurance in clinical trial design, <https://doi.org/10.1002/pst.175>.
/// # Example
/// ```
/// use stoa_core::power::{Baseline, DesignPrior, PowerOptions, assurance};
/// let usual = DesignPrior { mean_log_lift: 0.0, sd_log_lift: 0.05 };
/// let chance = assurance(&Baseline::Binary { rate: 0.03 }, 56_000.0, &usual, &PowerOptions::default())?;
/// assert!((chance - 0.1776).abs() < 1e-4);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn assurance(
    baseline: &Baseline,
    n_per_arm: f64,
    design: &DesignPrior,
    options: &PowerOptions,
) -> Result<f64> {
    baseline.check()?;
    options.check()?;
    options.only_one_look()?;
    positive("n_per_arm", n_per_arm)?;
    finite("design.mean_log_lift", design.mean_log_lift)?;
    finite("design.sd_log_lift", design.sd_log_lift)?;
    let sd = design.sd_log_lift;
    require(sd >= 0.0, "design.sd_log_lift", "must be >= 0", sd)?;
    let mean = baseline.mean();
    let rule = "must not be 0 for a relative effect";
    require(mean != 0.0, "baseline.mean", rule, mean)?;
    let (a, b) = options.per_unit();
    let se = ((a + b) * baseline.variance(0.0) / n_per_arm).sqrt() / mean.abs();
    let z = normal_upper_quantile(options.level().ln());
    Ok(normal_upper((z * se - design.mean_log_lift) / se.hypot(sd)))
}

/// The chance that an experiment on a rate succeeds, by going through everything that `n_per_arm` units can show.
///
/// When to use: small experiments, where the normal form of [`assurance`] is rough. Not above 100,000 units per arm.
///
/// Model: rates from the design's Beta distributions, x and y successes of `n_per_arm` each (beta-binomial), success when
/// P(treatment > control | x, y) exceeds the threshold under the analysis prior. For every x the least y that succeeds is followed
/// along, P moving by one closed term a step. Cost: O(n), 1 ms at 1,000. Deterministic.
///
/// # Errors
/// [`Error::OutOfRange`] for a threshold outside (0, 1), a pseudo-count outside 0.01 … 1e12, or no unit;
/// [`Error::TooLarge`] above 100,000 units per arm; [`Error::NotFinite`].
/// # Source
/// Cook (2005), Exact calculation of beta inequalities (recurrences), UTMDABTR-005-05.
/// # Example
/// ```
/// use stoa_core::{posterior::BetaPrior, power::{DesignRates, assurance_rates}};
/// let design = DesignRates {
///     control: BetaPrior { alpha: 2.0, beta: 18.0 },
///     treatment: BetaPrior { alpha: 4.0, beta: 16.0 },
///     analysis: BetaPrior::default(),
///     threshold: 0.95,
/// };
/// assert!((assurance_rates(20, &design)? - 0.2632).abs() < 1e-4);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn assurance_rates(n_per_arm: u64, design: &DesignRates) -> Result<f64> {
    for (name, prior) in [
        ("control", design.control),
        ("treatment", design.treatment),
        ("analysis", design.analysis),
    ] {
        prior.check().map_err(|e| e.at(&format!("design.{name}")))?;
    }
    open_unit("design.threshold", design.threshold)?;
    if n_per_arm == 0 {
        let detail = Detail::new("n_per_arm", "must be >= 1", n_per_arm);
        return Err(Error::OutOfRange(detail));
    }
    if n_per_arm > MOST_UNITS {
        let rule = format!("must be at most {MOST_UNITS}");
        return Err(Error::TooLarge(Detail::new("n_per_arm", rule, n_per_arm)));
    }
    let control = beta_binomial(n_per_arm, &design.control);
    let treatment = beta_binomial(n_per_arm, &design.treatment);
    // beyond[y] = P(y or more successes in the treatment).
    let mut beyond = vec![0.0; treatment.len() + 1];
    for (y, p) in treatment.iter().enumerate().rev() {
        beyond[y] = beyond[y + 1] + p;
    }
    let mut judge = Judge::new(n_per_arm as f64, &design.analysis);
    let mut total = 0.0;
    let mut y = 0;
    for (x, p) in control.iter().enumerate() {
        if x > 0 {
            judge.control_success();
        }
        while y < treatment.len() && judge.prob <= design.threshold {
            judge.treatment_success();
            y += 1;
        }
        total += p * beyond[y];
    }
    Ok(total.clamp(0.0, 1.0))
}

/// Probabilities of 0, 1, …, n successes, by their ratios from the largest outwards.
fn beta_binomial(n: u64, prior: &BetaPrior) -> Vec<f64> {
    let units = n as f64;
    let mut log = 0.0;
    let mut logs = vec![0.0];
    for x in 0..n {
        let x = x as f64;
        let up = (units - x) * (prior.alpha + x);
        let down = (x + 1.0) * (prior.beta + units - x - 1.0);
        log += (up / down).ln();
        logs.push(log);
    }
    let peak = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - peak).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| w / total).collect()
}

/// P(treatment > control) as successes come in; ½ before the first.
struct Judge {
    control: (f64, f64),
    treatment: (f64, f64),
    prob: f64,
}

impl Judge {
    fn new(n: f64, prior: &BetaPrior) -> Self {
        let shapes = (prior.alpha, prior.beta + n);
        Self {
            control: shapes,
            treatment: shapes,
            prob: 0.5,
        }
    }

    /// A failure of the control becomes a success: P falls by h/α, then by h/(β−1), h of the shapes at each step.
    fn control_success(&mut self) {
        self.prob -= self.h() / self.control.0;
        self.control.0 += 1.0;
        self.control.1 -= 1.0;
        self.prob -= self.h() / self.control.1;
    }

    /// A failure of the treatment becomes a success.
    fn treatment_success(&mut self) {
        self.prob += self.h() / self.treatment.0;
        self.treatment.0 += 1.0;
        self.treatment.1 -= 1.0;
        self.prob += self.h() / self.treatment.1;
    }

    /// B(α+γ, β+δ) / (B(α, β)·B(γ, δ)).
    fn h(&self) -> f64 {
        let ((a, b), (c, d)) = (self.control, self.treatment);
        (ln_beta(a + c, b + d) - ln_beta(a, b) - ln_beta(c, d)).exp()
    }
}
