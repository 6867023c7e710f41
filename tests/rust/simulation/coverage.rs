//! Do intervals hold what they say? Parameters are drawn from the prior, data from the parameters; then the posterior's
//! quantile of the true lift is uniform, and an interval of 80% holds the truth in 80% of draws.
//!
//! Source: Cook, Gelman & Rubin (2006), *Validation of software for Bayesian models using posterior quantiles*.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use stoa_core::{
    error::{Detail, Error, Result},
    num::gamma::ln_gamma_upper,
    posterior::{
        AmountPrior, BetaPrior, Binary, CountPrior, Effect, GammaPrior, Hurdle, HurdlePrior,
        LogNormalPrior, MeanPrior, Ordinal, OrdinalPrior, Prior, Stats, compare, summarize,
    },
};

use super::{Measured, Part, Sampler, promise::share};

/// Levels of the intervals.
pub const LEVELS: [f64; 3] = [0.50, 0.80, 0.95];
/// How far coverage may lie from its level.
const TOLERANCE: f64 = 0.01;
/// Least p-value of a rank histogram.
const LEAST_P: f64 = 0.001;
/// Cells of the rank histogram.
const CELLS: usize = 20;
/// One draw in so many is asked for its intervals too, which cost far more than a rank.
const ASKED: u64 = 20;
/// Draws of each family.
const DRAWS: u64 = 20_000;

/// A model with a prior, and how to draw an arm from it.
#[derive(Debug, Clone)]
pub struct Family {
    /// Stable name, fit for a file.
    pub name: &'static str,
    /// The prior, for a reader.
    pub said: &'static str,
    prior: Prior,
    /// An arm's true quantity, and the statistics of its data.
    arm: fn(&mut Sampler) -> Result<(f64, Stats)>,
}

/// How often intervals of one effect held the truth, and where in the posterior it lay.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hits {
    /// Draws that had an interval.
    pub draws: u64,
    /// Of them, with the truth inside, one count per level.
    pub inside: [u64; LEVELS.len()],
    /// Posterior quantiles of the truth, in cells of equal width.
    pub ranks: [u64; CELLS],
}

/// Both ways of saying the lift.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Lifts {
    /// Treatment / control − 1.
    pub relative: Hits,
    /// Treatment − control.
    pub absolute: Hits,
}

impl Part for Family {
    type Tally = Lifts;

    fn name(&self) -> &str {
        self.name
    }

    fn runs(&self) -> u64 {
        DRAWS
    }

    fn count(&self, runs: Range<u64>, tally: &mut Lifts) -> std::result::Result<(), String> {
        for run in runs {
            let drawn = self.draw(run, tally);
            drawn.map_err(|e| format!("{}, draw {run}: {e}", self.name))?;
        }
        Ok(())
    }
}

impl Family {
    fn draw(&self, run: u64, tally: &mut Lifts) -> Result<()> {
        let seed = self.name.bytes().map(u64::from).sum();
        let mut draws = Sampler::new(seed, run);
        let (a, control) = (self.arm)(&mut draws)?;
        let (b, treatment) = (self.arm)(&mut draws)?;
        let posterior = compare(&control, &treatment, &self.prior)?;
        let asked = run.is_multiple_of(ASKED);
        for (hits, effect, truth) in [
            (&mut tally.relative, posterior.relative(), b / a - 1.0),
            (&mut tally.absolute, posterior.absolute(), b - a),
        ] {
            let Some(rank) = effect.prob_below(truth) else {
                continue;
            };
            if asked {
                agree(effect, truth, rank)?;
            }
            hits.see(rank);
        }
        Ok(())
    }
}

/// An interval holds the truth when the truth's rank lies between its ends' ranks.
fn inside(rank: f64, level: f64) -> bool {
    (rank - 0.5).abs() <= 0.5 * level
}

/// Refuses intervals that say otherwise than the rank.
fn agree(effect: &Effect, truth: f64, rank: f64) -> Result<()> {
    for level in LEVELS {
        let interval = effect.interval(level)?;
        let holds = interval.is_some_and(|i| i.low <= truth && truth <= i.high);
        if holds != inside(rank, level) {
            let rule = format!("must hold a lift of rank {rank} or not, as its level says");
            let found = format!("{interval:?} for {truth}");
            return Err(Error::Conflict(Detail::new("interval", rule, found)));
        }
    }
    Ok(())
}

impl Hits {
    fn see(&mut self, rank: f64) {
        for (level, count) in LEVELS.iter().zip(&mut self.inside) {
            *count += u64::from(inside(rank, *level));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a probability times 20"
        )]
        let cell = (rank * CELLS as f64) as usize;
        self.ranks[cell.min(CELLS - 1)] += 1;
        self.draws += 1;
    }

    /// Share of draws whose interval held the truth, one per level.
    #[must_use]
    pub fn coverage(&self) -> [Measured; LEVELS.len()] {
        self.inside.map(|inside| share(inside, self.draws))
    }

    /// Chance of a rank histogram at least as uneven, when the posterior is right (Pearson's test); 1 without draws.
    #[must_use]
    pub fn rank_p(&self) -> f64 {
        let mean = self.draws as f64 / CELLS as f64;
        let off = |count: &u64| (*count as f64 - mean).powi(2) / mean.max(1.0);
        let distance: f64 = self.ranks.iter().map(off).sum();
        ln_gamma_upper((CELLS - 1) as f64 / 2.0, distance / 2.0).exp()
    }

    /// Whether coverage and ranks are what they should be.
    #[must_use]
    pub fn met(&self) -> bool {
        let near = |(found, level): (Measured, &f64)| (found.value - level).abs() <= TOLERANCE;
        self.coverage().into_iter().zip(&LEVELS).all(near) && self.rank_p() > LEAST_P
    }
}

/// Every family and model that has a proper prior.
#[must_use]
pub fn families() -> Vec<Family> {
    [rates(), amounts_of_money(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn rates() -> Vec<Family> {
    vec![
        family("binary", "Beta(1, 1)", Prior::Default, |s| {
            let truth = s.uniform();
            Ok(successes(s, truth))
        }),
        family("binary-informed", "Beta(3, 97)", Prior::Binary(RATE), |s| {
            let truth = s.beta(RATE.alpha, RATE.beta);
            Ok(successes(s, truth))
        }),
    ]
}

fn amounts_of_money() -> Vec<Family> {
    vec![
        family(
            "positive",
            "log-normal: mean 4, κ 1, α 2, β 1, v ≤ 4",
            Prior::Positive(AmountPrior::LogNormal(LOG_AMOUNT)),
            amount,
        ),
        family(
            "positive-gamma",
            "Gamma(2, λ), λ ~ Gamma(3, 60)",
            Prior::Positive(AmountPrior::Gamma(GAMMA_AMOUNT)),
            gamma_amount,
        ),
        family(
            "hurdle",
            "Beta(3, 97) and the log-normal",
            revenue(AmountPrior::LogNormal(LOG_AMOUNT)),
            |s| per_visitor(s, log_orders),
        ),
        family(
            "hurdle-gamma",
            "Beta(3, 97) and the Gamma",
            revenue(AmountPrior::Gamma(GAMMA_AMOUNT)),
            |s| per_visitor(s, gamma_orders),
        ),
    ]
}

fn others() -> Vec<Family> {
    vec![
        family("csat", "Dirichlet(1, 1, 1, 1, 1)", Prior::Default, |s| {
            answers(s, &[1.0; 5])
        }),
        family(
            "nps",
            "Dirichlet(½, …), 11 levels",
            Prior::Ordinal(OrdinalPrior {
                alpha: vec![0.5; 11],
            }),
            |s| answers(s, &[0.5; 11]),
        ),
        family("count", "λ ~ Gamma(1, 1)", Prior::Default, |s| {
            count(s, CountPrior::default())
        }),
        family(
            "count-informed",
            "λ ~ Gamma(4, 2)",
            Prior::Count(EVENTS),
            |s| count(s, EVENTS),
        ),
        family(
            "mean",
            "normal: mean 30, κ 2, α 3, β 50",
            Prior::Mean(NUMBER),
            mean,
        ),
    ]
}

fn family(
    name: &'static str,
    said: &'static str,
    prior: Prior,
    arm: fn(&mut Sampler) -> Result<(f64, Stats)>,
) -> Family {
    Family {
        name,
        said,
        prior,
        arm,
    }
}

const RATE: BetaPrior = BetaPrior {
    alpha: 3.0,
    beta: 97.0,
};
const LOG_AMOUNT: LogNormalPrior = LogNormalPrior {
    mean: Some(4.0),
    kappa: 1.0,
    alpha: 2.0,
    beta: 1.0,
    max_variance: 4.0,
};
const GAMMA_AMOUNT: GammaPrior = GammaPrior {
    shape: Some(3.0),
    rate: Some(60.0),
    gamma_shape: 2.0,
};

const EVENTS: CountPrior = CountPrior {
    shape: 4.0,
    rate: 2.0,
};
const NUMBER: MeanPrior = MeanPrior {
    mean: 30.0,
    kappa: 2.0,
    alpha: 3.0,
    beta: 50.0,
};

fn revenue(severity: AmountPrior) -> Prior {
    Prior::Hurdle(HurdlePrior {
        conversion: RATE,
        severity,
    })
}

fn successes(draws: &mut Sampler, rate: f64) -> (f64, Stats) {
    let n = draws.size(5.0, 5_000.0);
    let successes = draws.binomial(n, rate);
    (rate, Stats::Binary(Binary { n, successes }))
}

/// Mean of an amount, and `n` of them.
type Orders = fn(&mut Sampler, usize) -> (f64, Vec<f64>);

fn log_orders(draws: &mut Sampler, n: usize) -> (f64, Vec<f64>) {
    let prior = LOG_AMOUNT;
    let variance = loop {
        let v = prior.beta / draws.gamma(prior.alpha);
        if v <= prior.max_variance {
            break v;
        }
    };
    let mean = prior.mean.unwrap_or_default() + (variance / prior.kappa).sqrt() * draws.normal();
    let values = (0..n).map(|_| (mean + variance.sqrt() * draws.normal()).exp());
    let values = values.collect();
    ((mean + 0.5 * variance).exp(), values)
}

fn gamma_orders(draws: &mut Sampler, n: usize) -> (f64, Vec<f64>) {
    let prior = GAMMA_AMOUNT;
    let rate = draws.gamma(prior.shape.unwrap_or_default()) / prior.rate.unwrap_or(1.0);
    let values = (0..n).map(|_| draws.gamma(prior.gamma_shape) / rate);
    let values = values.collect();
    (prior.gamma_shape / rate, values)
}

fn amount(draws: &mut Sampler) -> Result<(f64, Stats)> {
    amounts(draws, log_orders)
}

fn gamma_amount(draws: &mut Sampler) -> Result<(f64, Stats)> {
    amounts(draws, gamma_orders)
}

fn amounts(draws: &mut Sampler, orders: Orders) -> Result<(f64, Stats)> {
    let n = whole(draws.size(2.0, 300.0));
    let (truth, values) = orders(draws, n);
    Ok((truth, summarize("positive", &values)?))
}

fn per_visitor(draws: &mut Sampler, orders: Orders) -> Result<(f64, Stats)> {
    let rate = draws.beta(RATE.alpha, RATE.beta);
    let visitors = draws.size(50.0, 5_000.0);
    let n = draws.binomial(visitors, rate);
    let (mean, values) = orders(draws, whole(n));
    let bought = match values.as_slice() {
        [] => Hurdle {
            visitors,
            sum: Some(0.0),
            sum_sq: Some(0.0),
            ..Hurdle::default()
        },
        values => match summarize("positive", values)? {
            Stats::Positive(amounts) => Hurdle::new(visitors, &amounts),
            other => return Ok((rate * mean, other)),
        },
    };
    Ok((rate * mean, Stats::Hurdle(bought)))
}

fn answers(draws: &mut Sampler, alpha: &[f64]) -> Result<(f64, Stats)> {
    let shares = draws.dirichlet(alpha);
    let n = draws.size(5.0, 1_000.0);
    let answers = Ordinal {
        counts: draws.multinomial(n, &shares),
        scores: Vec::new(),
    };
    let truth = shares.iter().zip(answers.scores()?).map(|(p, w)| p * w);
    Ok((truth.sum(), Stats::Ordinal(answers)))
}

fn count(draws: &mut Sampler, prior: CountPrior) -> Result<(f64, Stats)> {
    let rate = draws.gamma(prior.shape) / prior.rate;
    let rows: Vec<f64> = (0..draws.size(5.0, 300.0))
        .map(|_| draws.poisson(rate) as f64)
        .collect();
    Ok((rate, summarize("count", &rows)?))
}

fn mean(draws: &mut Sampler) -> Result<(f64, Stats)> {
    let variance = NUMBER.beta / draws.gamma(NUMBER.alpha);
    let mean = NUMBER.mean + (variance / NUMBER.kappa).sqrt() * draws.normal();
    let rows: Vec<f64> = (0..draws.size(2.0, 300.0))
        .map(|_| mean + variance.sqrt() * draws.normal())
        .collect();
    Ok((mean, summarize("mean", &rows)?))
}

fn whole(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
