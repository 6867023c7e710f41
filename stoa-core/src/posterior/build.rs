//! From statistics to arms and effects: one strategy per family.

use std::sync::Arc;

use super::{
    amount_prior::AmountPrior,
    arm::{Arm, Moments},
    beta::{self, Beta},
    decomposition::{Decomposition, Part},
    effect::{Effect, Law},
    hurdle,
    limits::{check_nodes, check_product},
    note::Note,
    ordinal::Ordinal,
    pair::Pair,
    prior::BetaPrior,
    rate_lift::{self, LiftScale},
    severity::Severity,
    stats::{Binary, Hurdle, Positive},
};
use crate::{error::Result, num::curve::difference};

/// Fewest orders an arm needs before a dollar figure is given.
pub const MIN_ORDERS: u64 = 5;
/// Nodes from which sums over a shared lattice cost more than integrals over two.
const MOST_SHARED: f64 = 4096.0;
/// exp(−700) is the last normal float.
const FARTHEST_DROP: f64 = 700.0;

/// Control and treatment of anything.
pub(super) type Two<T> = [T; 2];

/// Two arms with the laws of their lifts.
pub(super) struct Built {
    pub(super) model: &'static str,
    pub(super) pair: Pair,
    pub(super) absolute: Effect,
    pub(super) relative: Effect,
    pub(super) mean_log_lift: f64,
    pub(super) variance_beyond_bound: Option<Two<f64>>,
    pub(super) decomposition: Option<Decomposition>,
    pub(super) notes: Vec<Note>,
}

pub(super) fn binary(stats: Two<&Binary>, priors: Two<&BetaPrior>) -> Result<Built> {
    let [a, b] = betas(stats, priors);
    let pair = rates(a, b, f64::INFINITY)?;
    let (ma, mb) = (&pair.control.moments, &pair.treatment.moments);
    let mut notes = Vec::new();
    if mb.mean.zip(ma.mean_inverse).is_none() {
        notes.push(infinite_mean());
    }
    Ok(Built {
        model: "beta_binomial",
        absolute: Effect::new(
            rate_lift::curve(a, b, LiftScale::Absolute)
                .map_or_else(|| Law::Difference(pair.clone()), Law::Shift),
            ma.mean.zip(mb.mean).map(|(a, b)| b - a),
        ),
        relative: Effect::new(rate_ratio([a, b], &pair), ratio_mean(ma, mb)),
        mean_log_lift: mb.mean_log - ma.mean_log,
        variance_beyond_bound: None,
        decomposition: None,
        pair,
        notes,
    })
}

pub(super) fn positive(stats: Two<&Positive>, priors: Two<&AmountPrior>) -> Result<Built> {
    let severity = Severity::new(stats, priors)?;
    let pair = severity.pair()?;
    Ok(Built {
        model: severity.model,
        absolute: severity.dollars(&pair),
        relative: log_ratio(&pair),
        mean_log_lift: pair.treatment.moments.mean_log - pair.control.moments.mean_log,
        variance_beyond_bound: severity.beyond,
        decomposition: None,
        pair,
        notes: severity.notes,
    })
}

pub(super) fn hurdle(
    stats: Two<&Hurdle>,
    conversion: Two<&BetaPrior>,
    severity: Two<&AmountPrior>,
) -> Result<Built> {
    let orders = stats.map(Hurdle::order_values);
    let mut severity = Severity::new([&orders[0], &orders[1]], severity)?;
    let conversions = stats.map(Hurdle::conversion);
    let [a, b] = betas([&conversions[0], &conversions[1]], conversion);
    let rates = rates(a, b, 2.0 * severity.step)?;
    let amounts = severity.pair()?;
    let step = [a, b]
        .map(|rate| hurdle::step(rate, severity.step))
        .into_iter()
        .fold(f64::INFINITY, f64::min);
    let arm = |name: &str, p: &Arm, m: &Arm| -> Result<Arc<Arm>> {
        check_product(name, p.curve.len() as f64, m.curve.len() as f64)?;
        Ok(Arc::new(hurdle::arm(p, m, step)))
    };
    let pair = Pair::new(
        arm("control", &rates.control, &amounts.control)?,
        arm("treatment", &rates.treatment, &amounts.treatment)?,
        None,
    );
    let relative = log_ratio(&pair);
    if relative.mean().is_none() {
        severity.notes.push(infinite_mean());
    }
    let frequency = rate_ratio([a, b], &rates);
    let decomposition = decompose(frequency, &rates, &amounts, severity.in_dollars);
    Ok(Built {
        model: hurdle_model(severity.model),
        absolute: severity.dollars(&pair),
        relative,
        mean_log_lift: decomposition.mean_log_lift(),
        variance_beyond_bound: severity.beyond,
        decomposition: Some(decomposition),
        pair,
        notes: severity.notes,
    })
}

pub(super) fn ordinal([a, b]: Two<&Ordinal>, priors: Two<&[f64]>) -> Result<Built> {
    let arm = |stats: &Ordinal, alpha: &[f64], name: &str| {
        let arm = stats.posterior(alpha)?.arm();
        arm.map(Arc::new).map_err(|e| e.at(name))
    };
    let pair = Pair::new(
        arm(a, priors[0], "control")?,
        arm(b, priors[1], "treatment")?,
        None,
    );
    let means = pair.control.moments.mean.zip(pair.treatment.moments.mean);
    Ok(Built {
        model: "dirichlet",
        absolute: Effect::new(Law::Difference(pair.clone()), means.map(|(a, b)| b - a)),
        relative: Effect::withheld(),
        mean_log_lift: f64::NAN,
        variance_beyond_bound: None,
        decomposition: None,
        pair,
        notes: Vec::new(),
    })
}

fn betas(stats: Two<&Binary>, priors: Two<&BetaPrior>) -> Two<Beta> {
    [0, 1].map(|i| Beta::posterior(stats[i], priors[i]))
}

/// The relative lift of a rate: one curve where it is smooth, point by point where not.
fn rate_ratio([a, b]: Two<Beta>, pair: &Pair) -> Law {
    rate_lift::curve(a, b, LiftScale::Relative)
        .map_or_else(|| Law::Ratio(pair.clone()), Law::LogRatio)
}

/// Both rates on one lattice, long enough that even arms far apart overlap; each on its own where one would be endless.
///
/// No step is longer than `longest`.
fn rates(a: Beta, b: Beta, longest: f64) -> Result<Pair> {
    let ((sd_a, mean_a), (sd_b, mean_b)) = (a.logit(), b.logit());
    let apart = (mean_a - mean_b) / sd_a.hypot(sd_b);
    let drop = (beta::DROP + 0.5 * apart * apart).min(FARTHEST_DROP);
    let own = [a, b].map(|rate| rate.step().min(longest));
    let shared = own[0].min(own[1]);
    let most = a.nodes(shared, drop).max(b.nodes(shared, drop));
    let [step_a, step_b] = if most > MOST_SHARED { own } else { [shared; 2] };
    check_nodes("control", a.nodes(step_a, drop))?;
    check_nodes("treatment", b.nodes(step_b, drop))?;
    let shapes = Some((a.b, b.b));
    Ok(Pair::new(
        Arc::new(a.arm(step_a, drop)),
        Arc::new(b.arm(step_b, drop)),
        shapes,
    ))
}

pub(super) fn log_ratio(pair: &Pair) -> Effect {
    Effect::new(
        Law::LogRatio(difference(&pair.control.curve, &pair.treatment.curve)),
        ratio_mean(&pair.control.moments, &pair.treatment.moments),
    )
}

/// E[B]·E[1/A] − 1, where finite.
fn ratio_mean(control: &Moments, treatment: &Moments) -> Option<f64> {
    let (mean, inverse) = treatment.mean.zip(control.mean_inverse)?;
    Some(mean * inverse - 1.0)
}

fn decompose(frequency: Law, rates: &Pair, amounts: &Pair, in_dollars: bool) -> Decomposition {
    let means = |pair: &Pair| pair.control.moments.mean.zip(pair.treatment.moments.mean);
    let dollars =
        means(rates)
            .zip(means(amounts))
            .filter(|_| in_dollars)
            .map(|((p_a, p_b), (m_a, m_b))| {
                let by_frequency = 0.5 * (p_b - p_a) * (m_a + m_b);
                // The rest of the total, so that the two parts add up to it.
                (by_frequency, (p_b * m_b - p_a * m_a) - by_frequency)
            });
    let frequency = Effect::new(
        frequency,
        ratio_mean(&rates.control.moments, &rates.treatment.moments),
    );
    let gap = |pair: &Pair| pair.treatment.moments.mean_log - pair.control.moments.mean_log;
    Decomposition {
        frequency: Part::new(frequency, gap(rates), dollars.map(|d| d.0)),
        severity: Part::new(log_ratio(amounts), gap(amounts), dollars.map(|d| d.1)),
    }
}

/// The model of both parts, by that of the amounts.
pub(super) fn hurdle_model(amounts: &str) -> &'static str {
    match amounts {
        "gamma" => "beta_binomial_gamma",
        "moments" => "beta_binomial_moments",
        _ => "beta_binomial_log_normal",
    }
}

pub(super) fn infinite_mean() -> Note {
    Note::new(
        "infinite_mean",
        "the mean relative lift is infinite, for the control's rate may be 0; read the median and the interval",
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{
        super::{amount_prior::LogNormalPrior, prior::HurdlePrior},
        *,
    };

    fn two(a: (f64, f64), b: (f64, f64)) -> Built {
        let prior = |(alpha, beta)| BetaPrior { alpha, beta };
        let none = Binary::default();
        binary([&none, &none], [&prior(a), &prior(b)]).unwrap()
    }

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-12, "got {got}, want {want}");
    }

    #[test]
    fn two_uniform_rates_by_hand() {
        let both = two((1.0, 1.0), (1.0, 1.0));
        let at = |effect: &Effect, q| effect.quantile(q).unwrap().unwrap();
        near(both.relative.prob_above(0.0).unwrap(), 0.5);
        // P(B/A ≤ c) = c/2 up to 1, 1 − 1/(2c) above.
        near(at(&both.relative, 0.025), 0.05 - 1.0);
        near(at(&both.relative, 0.975) / 19.0, 1.0);
        // P(B − A > t) = (1 − t)²/2 for t ≥ 0; density 1 − |t|.
        near(at(&both.absolute, 0.975), 1.0 - 0.05_f64.sqrt());
        near(both.absolute.prob_above(0.5).unwrap(), 0.125);
        near(both.absolute.prob_below(-0.9).unwrap(), 0.005);
        // E[(A − B)⁺] = 1/6; E[(1 − B/A)⁺] = ∫ c/2 dc = 1/4; E[1/A] is infinite.
        let loss = Pair::loss(
            &both.pair.treatment,
            &both.pair.control,
            super::super::pair::LossScale::Unit,
        );
        near(loss, 1.0 / 6.0);
        near(both.relative.relative_loss().unwrap(), 0.25);
        assert!(both.relative.mean().is_none());
        assert_eq!(both.notes[0].code, "infinite_mean");
    }

    #[test]
    fn one_failure_against_one_success_by_hand() {
        // A ~ Beta(1, 2): density 2(1−a). B ~ Beta(2, 1): density 2b.
        let both = two((1.0, 2.0), (2.0, 1.0));
        // P(B < A) = ∫ 2(1−a)·a² da = 2(1/3 − 1/4) = 1/6.
        near(both.relative.prob_below(0.0).unwrap(), 1.0 / 6.0);
        // E[(A−B)⁺] = ∫ 2(1−a)·a³/3 da = (2/3)(1/4 − 1/5) = 1/30.
        let loss = Pair::loss(
            &both.pair.treatment,
            &both.pair.control,
            super::super::pair::LossScale::Unit,
        );
        near(loss, 1.0 / 30.0);
        // E[(1−B/A)⁺] = ∫ 2(1−a)·a²/3 da = (2/3)(1/3 − 1/4) = 1/18.
        near(both.relative.relative_loss().unwrap(), 1.0 / 18.0);
        near(both.absolute.mean().unwrap(), 1.0 / 3.0);
    }

    #[test]
    fn kinked_and_plain_sums_agree_where_both_hold() {
        let rates = |n: u64, x: u64| Binary { n, successes: x };
        let prior = BetaPrior::default();
        let plain = binary([&rates(500, 150), &rates(400, 130)], [&prior, &prior]).unwrap();
        let mut kinked = plain.pair.clone();
        kinked.smooth = false;
        for t in [-0.05, 0.0, 0.02, 0.1] {
            let (a, b) = (plain.pair.difference(t), kinked.difference(t));
            near(a.lower, b.lower);
            assert!((a.density / b.density - 1.0).abs() < 1e-10);
        }
    }

    #[test]
    fn dollars_need_five_orders_and_wild_orders_are_named() {
        let orders = |n, var_log| Positive {
            n,
            mean_log: 4.0,
            var_log,
            ..Positive::default()
        };
        let prior = AmountPrior::default();
        let few = positive([&orders(4, 0.5), &orders(50, 0.5)], [&prior, &prior]).unwrap();
        assert!(few.absolute.median().is_none() && few.relative.median().is_some());
        let codes: Vec<_> = few.notes.iter().map(|note| note.code).collect();
        assert_eq!(codes, ["empirical_prior_mean", "few_orders"]);
        let wild = positive([&orders(50, 5.0), &orders(50, 0.5)], [&prior, &prior]).unwrap();
        assert!(wild.notes.iter().any(|note| note.code == "wild_orders"));
        // α = 2 + 25, β = 1 + 125: P(v > 4) = P(Gamma(27) < 126/4) = 1 − Σ_(k<27) e^(−31.5)·31.5^k/k!
        let [control, treatment] = wild.variance_beyond_bound.unwrap();
        near(control, 0.812_048_551_785_195_3);
        assert!(treatment < 1e-12);
    }

    #[test]
    fn rare_events_among_a_trillion_keep_their_digits() {
        // Beta(2, n) and Beta(3, n) are Gamma(2) and Gamma(3) to 1e-12: P(G₃ > G₂) = P(Beta(2, 3) < 1/2) = 11/16.
        let rates = |n: u64, x: u64| Binary { n, successes: x };
        let prior = BetaPrior::default();
        let n = 1_000_000_000_000;
        for (stats, expected) in [
            ([rates(n, 1), rates(n, 2)], 11.0 / 16.0),
            ([rates(n, n - 1), rates(n, n - 2)], 5.0 / 16.0),
        ] {
            let built = binary([&stats[0], &stats[1]], [&prior, &prior]).unwrap();
            let got = built.relative.prob_above(0.0).unwrap();
            assert!((got - expected).abs() < 1e-11, "got {got}");
        }
    }

    #[test]
    fn arms_too_far_apart_in_certainty_are_too_large() {
        let sure = AmountPrior::LogNormal(LogNormalPrior {
            kappa: 1e12,
            mean: Some(4.0),
            ..LogNormalPrior::default()
        });
        let orders = Positive {
            n: 50,
            mean_log: 4.0,
            var_log: 0.5,
            ..Positive::default()
        };
        let refused = positive([&orders, &orders], [&sure, &sure]).err().unwrap();
        assert_eq!(refused.code(), "too_large");
        assert_eq!(refused.detail().unwrap().field, "control");
    }

    #[test]
    fn equal_arms_without_an_order_are_even() {
        let prior = HurdlePrior::default();
        for visitors in [1, 100, 10_000_000] {
            for orders in [0, 1, 2, 10, 24, 26, 60] {
                let arm = Hurdle {
                    visitors: visitors + orders,
                    orders,
                    ..Hurdle::default()
                };
                let built =
                    hurdle([&arm, &arm], [&prior.conversion; 2], [&prior.severity; 2]).unwrap();
                let above = built.relative.prob_above(0.0).unwrap();
                assert!((above - 0.5).abs() < 1e-10, "{visitors} {orders}: {above}");
            }
        }
    }
}
