//! Treatment against control: everything a reader asks of two arms.

use serde_json::Value;

use super::{
    average,
    build::{self, Built},
    decomposition::Decomposition,
    effect::{Effect, open_unit},
    note::Note,
    pair::{LossScale, Pair},
    prior::Prior,
    stats::{Stats, check_family},
};
use crate::{
    error::{Detail, Error, Result},
    num::random::Stream,
};

/// The posterior of treatment against control. Every figure is deterministic, by quadrature; nothing is sampled
/// except by [`Comparison::sample`].
#[derive(Debug, Clone)]
pub struct Comparison {
    pub(super) family: &'static str,
    model: &'static str,
    pub(super) pair: Pair,
    absolute: Effect,
    relative: Effect,
    mean_log_lift: f64,
    variance_beyond_bound: Option<[f64; 2]>,
    decomposition: Option<Decomposition>,
    notes: Vec<Note>,
}

/// Draws from both arms' posteriors; row i of one goes with row i of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// The control's quantity, in the metric's unit.
    pub control: Vec<f64>,
    /// The treatment's.
    pub treatment: Vec<f64>,
}

/// Distribution of what shipping the treatment loses per unit: max(control − treatment, 0).
#[derive(Debug, Clone, Copy)]
pub struct Loss<'a>(&'a Comparison);

/// Posterior of a treatment against its control.
///
/// When to use: to read one metric of one experiment. Not a stopping rule: its guarantee lives in `decide`.
///
/// Models (METHODS, Posteriors). binary: θ ~ Beta(α, β), s ~ Bin(n, θ). positive: ln y ~ N(μ, v) under a
/// Normal-Inverse-Gamma prior with v ≤ 4; the quantity is exp(μ + v/2); gamma or moments on request
/// ([`AmountPrior`](super::AmountPrior)). hurdle: the product of both. ordinal: the mean score under Dirichlet(1) on the
/// levels; its lift has no relative form. count: λ ~ Γ(1, 1),
/// x ~ Poisson(λ), or Student's t on the mean, cut at 0, where either arm is over-dispersed. mean: Student's t, under
/// 1/σ or a [`MeanPrior`](super::MeanPrior); a lift relative to it only where the control is surely above 0.
/// Statistics: one per arm, one family. Cost: about 0.1 ms for binary, below 1 ms for hurdle. Deterministic.
///
/// # Errors
/// What [`Stats::check`] and [`Prior::check`] refuse, with `control.`, `treatment.` or `prior.` before the field;
/// [`Error::Conflict`] when the families differ; [`Error::EmptyArm`] for an arm without a unit and no prior.
/// # Example
/// ```
/// use stoa_core::posterior::{compare, Binary, Prior, Stats};
/// let control = Stats::Binary(Binary { n: 900, successes: 81 });
/// let treatment = Stats::Binary(Binary { n: 905, successes: 99 });
/// let c = compare(&control, &treatment, &Prior::Default)?;
/// assert!(c.prob_positive() > 0.90 && c.prob_positive() < 0.92);
/// assert!(c.expected_loss_ship() < c.expected_loss_keep());
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn compare(control: &Stats, treatment: &Stats, prior: &Prior) -> Result<Comparison> {
    prior.check().map_err(|e| e.at("prior"))?;
    compare_with_priors(control, treatment, prior, prior)
}

/// As [`compare`], with a prior of its own for each arm.
///
/// # Errors
/// As [`compare`].
pub fn compare_with_priors(
    control: &Stats,
    treatment: &Stats,
    control_prior: &Prior,
    treatment_prior: &Prior,
) -> Result<Comparison> {
    control.check().map_err(|e| e.at("control"))?;
    treatment.check().map_err(|e| e.at("treatment"))?;
    for (prior, name) in [
        (control_prior, "control_prior"),
        (treatment_prior, "treatment_prior"),
    ] {
        prior.check().map_err(|e| e.at(name))?;
    }
    control_prior
        .check_units(control)
        .map_err(|e| e.at("control"))?;
    treatment_prior
        .check_units(treatment)
        .map_err(|e| e.at("treatment"))?;
    let (a, b) = (control_prior, treatment_prior);
    let built = match (control, treatment) {
        (Stats::Binary(x), Stats::Binary(y)) => {
            build::binary([x, y], [&a.for_binary()?, &b.for_binary()?])?
        }
        (Stats::Positive(x), Stats::Positive(y)) => {
            build::positive([x, y], [&a.for_positive()?, &b.for_positive()?])?
        }
        (Stats::Hurdle(x), Stats::Hurdle(y)) => {
            let (a, b) = (a.for_hurdle()?, b.for_hurdle()?);
            let conversion = [&a.conversion, &b.conversion];
            build::hurdle([x, y], conversion, [&a.severity, &b.severity])?
        }
        (Stats::Ordinal(x), Stats::Ordinal(y)) => {
            x.check_same(y).map_err(|e| e.at("treatment"))?;
            let levels = x.counts.len();
            build::ordinal([x, y], [&a.for_ordinal(levels)?, &b.for_ordinal(levels)?])?
        }
        (Stats::Count(x), Stats::Count(y)) => {
            average::count([x, y], [&a.for_count()?, &b.for_count()?])?
        }
        (Stats::Mean(x), Stats::Mean(y)) => {
            average::mean([x, y], [a.for_mean()?.as_ref(), b.for_mean()?.as_ref()])?
        }
        _ => {
            let rule = format!("must be of the control's family, {}", control.family());
            let detail = Detail::new("treatment.family", rule, treatment.family());
            return Err(Error::Conflict(detail));
        }
    };
    Ok(Comparison::new(control.family(), built))
}

/// [`compare`] on JSON values with API.md's keys; what the bindings call.
///
/// # Errors
/// As [`compare`], and unknown or mistyped fields.
/// # Example
/// ```
/// use serde_json::{json, Value};
/// use stoa_core::posterior::compare_values;
/// let (a, b) = (json!({"n": 900, "successes": 81}), json!({"n": 90, "successes": 99}));
/// let refused = compare_values("binary", &a, &b, &Value::Null).unwrap_err();
/// assert_eq!(refused.to_string(), "treatment.successes must be at most n = 90, got 99");
/// ```
pub fn compare_values(
    family: &str,
    control: &Value,
    treatment: &Value,
    prior: &Value,
) -> Result<Comparison> {
    let family = check_family(family)?;
    let control = Stats::from_value(family, control).map_err(|e| e.at("control"));
    let treatment = Stats::from_value(family, treatment).map_err(|e| e.at("treatment"));
    let prior = Prior::from_value(family, prior).map_err(|e| e.at("prior"));
    match (control, treatment, prior) {
        (Ok(control), Ok(treatment), Ok(prior)) => compare(&control, &treatment, &prior),
        (a, b, c) => {
            let errors = [a.err(), b.err(), c.err()].into_iter().flatten().collect();
            Err(Error::collect(errors).unwrap_or_else(|| {
                Error::InvalidDocument(Detail::new("", "must be statistics of two arms", family))
            }))
        }
    }
}

impl Comparison {
    fn new(family: &'static str, built: Built) -> Self {
        Self {
            family,
            model: built.model,
            pair: built.pair,
            absolute: built.absolute,
            relative: built.relative,
            mean_log_lift: built.mean_log_lift,
            variance_beyond_bound: built.variance_beyond_bound,
            decomposition: built.decomposition,
            notes: built.notes,
        }
    }

    /// Family of the metric.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.family
    }

    /// Name of the model behind the figures.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// What a reader must know beside the numbers.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// P(treatment > control).
    #[must_use]
    pub fn prob_positive(&self) -> f64 {
        self.signed().prob_above(0.0).unwrap_or(f64::NAN)
    }

    /// P(treatment < control).
    #[must_use]
    pub fn prob_harm(&self) -> f64 {
        self.signed().prob_below(0.0).unwrap_or(f64::NAN)
    }

    /// P(lift > t), of the relative lift or of the absolute one; `None` where dollars are withheld.
    ///
    /// # Errors
    /// [`Error::NotFinite`] when `t` is.
    pub fn prob_above(&self, t: f64, relative: bool) -> Result<Option<f64>> {
        super::fields::finite("t", t)?;
        Ok(self.effect(relative).prob_above(t))
    }

    /// P(lift < t); as [`Comparison::prob_above`].
    ///
    /// # Errors
    /// [`Error::NotFinite`] when `t` is.
    pub fn prob_below(&self, t: f64, relative: bool) -> Result<Option<f64>> {
        super::fields::finite("t", t)?;
        Ok(self.effect(relative).prob_below(t))
    }

    /// Treatment − control, in the metric's unit.
    #[must_use]
    pub fn absolute(&self) -> &Effect {
        &self.absolute
    }

    /// Treatment / control − 1.
    #[must_use]
    pub fn relative(&self) -> &Effect {
        &self.relative
    }

    /// The effect whose sign is asked for: a mean or a score of either sign has no relative one.
    fn signed(&self) -> &Effect {
        self.effect(!matches!(self.family, "mean" | "ordinal"))
    }

    fn effect(&self, relative: bool) -> &Effect {
        if relative {
            &self.relative
        } else {
            &self.absolute
        }
    }

    /// Posterior mean of ln(treatment / control).
    #[must_use]
    pub fn mean_log_lift(&self) -> f64 {
        self.mean_log_lift
    }

    /// Posterior mean of the control, in the metric's unit.
    #[must_use]
    pub fn control_mean(&self) -> Option<f64> {
        self.pair.control.moments.mean.filter(|_| self.in_units())
    }

    /// Posterior mean of the treatment, in the metric's unit.
    #[must_use]
    pub fn treatment_mean(&self) -> Option<f64> {
        self.pair.treatment.moments.mean.filter(|_| self.in_units())
    }

    /// Whether figures in the metric's unit are given.
    fn in_units(&self) -> bool {
        self.absolute.mean().is_some()
    }

    /// Expected loss per unit of shipping the treatment: E[(control − treatment)⁺]; `None` where dollars are withheld.
    #[must_use]
    pub fn expected_loss_ship(&self) -> Option<f64> {
        self.in_units()
            .then(|| Pair::loss(&self.pair.treatment, &self.pair.control, LossScale::Unit))
    }

    /// Expected loss per unit of keeping the control: E[(treatment − control)⁺]; `None` where dollars are withheld.
    #[must_use]
    pub fn expected_loss_keep(&self) -> Option<f64> {
        self.in_units()
            .then(|| Pair::loss(&self.pair.control, &self.pair.treatment, LossScale::Unit))
    }

    /// Expected loss of shipping in log units: E[(ln control − ln treatment)⁺].
    #[must_use]
    pub fn log_loss_ship(&self) -> f64 {
        Pair::loss(&self.pair.treatment, &self.pair.control, LossScale::Log)
    }

    /// Expected loss of keeping in log units: E[(ln treatment − ln control)⁺].
    #[must_use]
    pub fn log_loss_keep(&self) -> f64 {
        Pair::loss(&self.pair.control, &self.pair.treatment, LossScale::Log)
    }

    /// Expected share of the control's value lost by shipping: E[(1 − treatment / control)⁺].
    #[must_use]
    pub fn relative_loss_ship(&self) -> f64 {
        self.relative.relative_loss().unwrap_or(f64::NAN)
    }

    /// Distribution of the loss of shipping.
    #[must_use]
    pub fn loss(&self) -> Loss<'_> {
        Loss(self)
    }

    /// Expected loss of shipping over so many units (visitors; orders for an order value), in the metric's unit.
    #[must_use]
    pub fn risk(&self, visitors: u64) -> Option<f64> {
        self.expected_loss_ship().map(|loss| loss * visitors as f64)
    }

    /// Frequency and severity, for a hurdle metric.
    #[must_use]
    pub fn decomposition(&self) -> Option<&Decomposition> {
        self.decomposition.as_ref()
    }

    /// P(variance of the log order value > bound) of control and treatment before the bound is imposed.
    #[must_use]
    pub fn variance_beyond_bound(&self) -> Option<[f64; 2]> {
        self.variance_beyond_bound
    }

    /// `n` draws from each arm's posterior, by inversion of its distribution function.
    ///
    /// Same seed, same draws, on every machine: stream 0 of `ChaCha8` is the control, stream 1 the treatment.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 100 million draws; [`Error::Unsupported`] where dollars are withheld.
    pub fn sample(&self, n: usize, seed: u64) -> Result<Draws> {
        const MOST: usize = 100_000_000;
        if n > MOST {
            let rule = format!("must be at most {MOST}");
            return Err(Error::TooLarge(Detail::new("n", rule, n)));
        }
        if !self.in_units() {
            let rule = "cannot give draws in the metric's unit: dollar figures are withheld";
            return Err(Error::Unsupported(Detail::new("sample", rule, self.family)));
        }
        let draw = |arm: &super::arm::Arm, stream| {
            let mut uniforms = Stream::new(seed, stream);
            (0..n)
                .map(|_| arm.unit(arm.curve.quantile(uniforms.uniform())))
                .collect()
        };
        Ok(Draws {
            control: draw(&self.pair.control, 0),
            treatment: draw(&self.pair.treatment, 1),
        })
    }
}

impl Loss<'_> {
    /// Mean: the expected loss of shipping.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.0.expected_loss_ship()
    }

    /// Probability of any loss.
    #[must_use]
    pub fn prob(&self) -> f64 {
        self.0.prob_harm()
    }

    /// The loss per unit that is not exceeded with probability `q`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < q < 1.
    pub fn quantile(&self, q: f64) -> Result<Option<f64>> {
        open_unit("q", q)?;
        let lift = self.0.absolute.quantile(1.0 - q)?;
        Ok(lift.map(|lift| (-lift).max(0.0)))
    }
}
