//! Which of several arms is best, and what choosing each of them costs.
//!
//! Arms are independent, so with F their distribution functions and f their densities, P(i is best) = ∫ fᵢ Π_{j≠i} Fⱼ and
//! E[max] − E[i] = ∫ Fᵢ (1 − Π_{j≠i} Fⱼ), a positive integrand in which small losses keep their digits.

use serde::Serialize;
use serde_json::Value;

use super::{
    contenders::{Contenders, contenders},
    note::Note,
    prior::Prior,
    stats::{Stats, check_family},
};
use crate::{
    error::{Detail, Error, Result},
    num::{curve::Point, quadrature},
};

/// Most arms that are compared at once.
const MOST_ARMS: usize = 100;
/// Nodes of an arm's lattice from one cut of the integral to the next: two standard deviations, which 16 points of
/// Gauss-Legendre resolve to the last digits.
const NODES_PER_PANEL: usize = 8;

/// Every arm's chance to be best, and what choosing it costs.
///
/// # Example
/// See [`best_arm`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestArm {
    /// Family of the metric.
    pub family: &'static str,
    /// Name of the model behind the figures.
    pub model: &'static str,
    /// One per arm, in the order given.
    pub arms: Vec<ArmChance>,
    /// What a reader must know beside the numbers.
    pub notes: Vec<Note>,
}

/// One arm among several.
///
/// # Example
/// ```
/// use stoa_core::posterior::{best_arm, Binary, Prior, Stats};
/// let arm = |successes| Stats::Binary(Binary { n: 1000, successes });
/// let chances = best_arm(&[arm(30), arm(36)], &Prior::Default)?.arms;
/// assert!(chances[1].expected_loss < chances[0].expected_loss);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArmChance {
    /// Posterior mean, in the metric's unit; absent where such figures are withheld.
    pub mean: Option<f64>,
    /// Probability that this arm is the best of all; absent where an arm has no posterior.
    pub prob_best: Option<f64>,
    /// Expected gap to the best arm when this one is chosen, per unit, in the metric's unit; absent as `mean`.
    pub expected_loss: Option<f64>,
}

/// Which of several arms is best: P(best) of each, and the expected loss of choosing it.
///
/// When to use: more than one treatment. Not a stopping rule, and not corrected for the number of arms.
///
/// Models: those of [`compare`](super::compare); arms independent, the same prior for each. More is better: for a metric that should
/// fall, ask for its complement. Shapes: two arms or more, one family, control first by habit only. Units: losses are per unit
/// (visitor, order) in the metric's unit. Cost: below 1 ms for four rates. Deterministic; the probabilities add up to 1.
///
/// # Errors
/// What [`Stats::check`] and [`Prior::check`] refuse, with `arms[i].` or `prior.` before the field; [`Error::OutOfRange`] for
/// fewer than two arms, [`Error::TooLarge`] for more than 100; [`Error::Conflict`] when families differ;
/// [`Error::EmptyArm`] for an arm without a unit and no prior.
/// # Example
/// ```
/// use stoa_core::posterior::{best_arm, Binary, Prior, Stats};
/// let arm = |successes| Stats::Binary(Binary { n: 1000, successes });
/// let best = best_arm(&[arm(30), arm(36), arm(28), arm(33)], &Prior::Default)?;
/// assert!((best.arms[1].prob_best.unwrap() - 0.521).abs() < 1e-3);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn best_arm(arms: &[Stats], prior: &Prior) -> Result<BestArm> {
    prior.check().map_err(|e| e.at("prior"))?;
    check(arms)?;
    for (i, stats) in arms.iter().enumerate() {
        let place = |e: Error| e.at(&format!("arms[{i}]"));
        stats.check().map_err(place)?;
        prior.check_units(stats).map_err(place)?;
    }
    let family = arms[0].family();
    let contenders = contenders(arms, prior)?;
    Ok(BestArm {
        family,
        model: contenders.model,
        arms: chances(&contenders, arms.len()),
        notes: contenders.notes,
    })
}

/// [`best_arm`] on JSON values with API.md's keys; what the bindings call.
///
/// # Errors
/// As [`best_arm`], and unknown or mistyped fields.
/// # Example
/// ```
/// use serde_json::{json, Value};
/// use stoa_core::posterior::best_arm_values;
/// let arms = [json!({"n": 900, "successes": 81}), json!({"n": 90, "successes": 99})];
/// let refused = best_arm_values("binary", &arms, &Value::Null).unwrap_err();
/// assert_eq!(refused.to_string(), "arms[1].successes must be at most n = 90, got 99");
/// ```
pub fn best_arm_values(family: &str, arms: &[Value], prior: &Value) -> Result<BestArm> {
    let family = check_family(family)?;
    let (mut read, mut errors) = (Vec::with_capacity(arms.len()), Vec::new());
    for (i, arm) in arms.iter().enumerate() {
        match Stats::from_value(family, arm) {
            Ok(stats) => read.push(stats),
            Err(e) => errors.push(e.at(&format!("arms[{i}]"))),
        }
    }
    let prior = Prior::from_value(family, prior).map_err(|e| e.at("prior"));
    match (prior, Error::collect(errors)) {
        (Ok(prior), None) => best_arm(&read, &prior),
        (Ok(_), Some(error)) | (Err(error), None) => Err(error),
        (Err(prior), Some(arms)) => Err(Error::collect(vec![arms, prior.clone()]).unwrap_or(prior)),
    }
}

fn check(arms: &[Stats]) -> Result<()> {
    if arms.len() < 2 {
        let detail = Detail::new("arms", "must be at least 2", arms.len());
        return Err(Error::OutOfRange(detail));
    }
    if arms.len() > MOST_ARMS {
        let rule = format!("must be at most {MOST_ARMS}");
        return Err(Error::TooLarge(Detail::new("arms", rule, arms.len())));
    }
    let family = arms[0].family();
    let other = arms.iter().position(|stats| stats.family() != family);
    other.map_or(Ok(()), |i| {
        let rule = format!("must be of the first arm's family, {family}");
        let field = format!("arms[{i}].family");
        Err(Error::Conflict(Detail::new(field, rule, arms[i].family())))
    })
}

fn chances(contenders: &Contenders, n: usize) -> Vec<ArmChance> {
    if contenders.arms.is_empty() {
        let nothing = ArmChance {
            mean: None,
            prob_best: None,
            expected_loss: None,
        };
        return vec![nothing; n];
    }
    let in_units = contenders.in_units;
    integrals(contenders)
        .into_iter()
        .zip(&contenders.arms)
        .map(|((prob_best, loss), arm)| ArmChance {
            mean: arm.moments.mean.filter(|_| in_units),
            prob_best: Some(prob_best.clamp(0.0, 1.0)),
            expected_loss: in_units.then_some(loss),
        })
        .collect()
}

/// P(best) and expected loss of every arm.
fn integrals(contenders: &Contenders) -> Vec<(f64, f64)> {
    let arms = &contenders.arms;
    let mut sums = vec![(0.0, 0.0); arms.len()];
    let mut points = vec![Point::default(); arms.len()];
    let mut others = vec![0.0; arms.len()];
    for panel in cuts(contenders).windows(2) {
        for (x, width) in quadrature::nodes(panel[0], panel[1]) {
            for (point, arm) in points.iter_mut().zip(arms) {
                *point = arm.curve.at(x);
            }
            all_but_one(&points, &mut others);
            let unit = width * arms[0].slope(x);
            for ((sum, point), log) in sums.iter_mut().zip(&points).zip(&others) {
                sum.0 += width * point.density * log.exp();
                sum.1 -= unit * point.lower * log.exp_m1();
            }
        }
    }
    sums
}

/// ln Π_{j≠i} Fⱼ for every i.
fn all_but_one(points: &[Point], logs: &mut [f64]) {
    // Whichever tail is the smaller one has the digits.
    let ln = |p: &Point| {
        if p.upper < 0.5 {
            (-p.upper).ln_1p()
        } else {
            p.lower.ln()
        }
    };
    let mut before = 0.0;
    for (log, point) in logs.iter_mut().zip(points) {
        *log = before;
        before += ln(point);
    }
    let mut after = 0.0;
    for (log, point) in logs.iter_mut().zip(points).rev() {
        *log += after;
        after += ln(point);
    }
}

/// Where the integral is cut: every few nodes of every arm.
fn cuts(contenders: &Contenders) -> Vec<f64> {
    let mut cuts: Vec<f64> = contenders
        .arms
        .iter()
        .flat_map(|arm| {
            let inner = arm.curve.nodes().step_by(NODES_PER_PANEL);
            inner.chain([arm.curve.range().1])
        })
        .collect();
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    cuts
}
