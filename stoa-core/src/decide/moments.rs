//! Mean and variance per unit, out of any family's statistics.

use crate::{error::Result, posterior::Stats, sequential::ArmRate};

/// Mean and population variance per unit of one arm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    pub(super) n: u64,
    pub(super) mean: f64,
    pub(super) variance: f64,
}

impl Moments {
    /// Of what statistics hold; amounts without sums are implied by their logarithms.
    pub(super) fn new(stats: &Stats) -> Result<Self> {
        Ok(match stats {
            Stats::Binary(s) => {
                let mean = s.successes as f64 / (s.n as f64).max(1.0);
                Moments {
                    n: s.n,
                    mean,
                    variance: mean * (1.0 - mean),
                }
            }
            Stats::Positive(s) => of_amounts(s.n, s.n, [s.mean_log, s.var_log], [s.sum, s.sum_sq]),
            Stats::Hurdle(s) => of_amounts(
                s.visitors,
                s.orders,
                [s.mean_log, s.var_log],
                [s.sum, s.sum_sq],
            ),
            Stats::Ordinal(s) => of_answers(&s.counts, s.scores()?),
            Stats::Count(s) => Moments {
                n: s.n,
                mean: s.mean(),
                variance: s.variance(),
            },
            Stats::Mean(s) => Moments {
                n: s.n,
                mean: s.mean,
                variance: s.variance,
            },
        })
    }
}

/// A rate with one success and one failure more, whose Wald interval holds its level in small samples.
///
/// Source: Agresti & Caffo (2000), <https://doi.org/10.1080/00031305.2000.10474560>.
pub(super) fn plus_four(rate: ArmRate) -> Moments {
    let n = rate.n.saturating_add(2);
    let mean = (rate.successes as f64 + 1.0) / n as f64;
    // The variance of their estimate has n + 2 below it, not one less.
    let variance = mean * (1.0 - mean) * (n as f64 - 1.0) / n as f64;
    Moments { n, mean, variance }
}

fn of_amounts(n: u64, orders: u64, log: [f64; 2], sums: [Option<f64>; 2]) -> Moments {
    let ([mean, variance], orders) = (log, orders as f64);
    let implied = |power: f64| {
        if orders > 0.0 {
            orders * (power * mean + 0.5 * power * power * variance).exp()
        } else {
            0.0
        }
    };
    let units = (n as f64).max(1.0);
    let mean = sums[0].unwrap_or_else(|| implied(1.0)) / units;
    let square = sums[1].unwrap_or_else(|| implied(2.0)) / units;
    Moments {
        n,
        mean,
        variance: (square - mean * mean).max(0.0),
    }
}

fn of_answers(counts: &[u64], scores: &[f64]) -> Moments {
    let n = counts.iter().fold(0_u64, |n, x| n.saturating_add(*x));
    let average = |f: &dyn Fn(f64) -> f64| {
        let terms = counts.iter().zip(scores);
        terms.map(|(x, w)| *x as f64 * f(*w)).sum::<f64>() / (n as f64).max(1.0)
    };
    let mean = average(&|w| w);
    Moments {
        n,
        mean,
        variance: average(&|w| (w - mean).powi(2)),
    }
}
