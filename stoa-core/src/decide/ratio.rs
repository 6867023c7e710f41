//! Do the arms hold their shares: visitors first, then those of them who answered.

use serde::Serialize;

use super::stats::{ExperimentStats, VariantStats};
use crate::{
    error::Result,
    experiment::CheckedExperiment,
    posterior::Stats,
    sequential::{SequentialSrm, Srm, srm},
};

/// Dirichlet parameters of the shares "if they are not the promised ones", all arms together: departures of about a
/// point from one half, which is what redirects, robots and lost events do.
const CONCENTRATION: f64 = 2_500.0;

/// The sample-ratio test and what it was held against.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleRatio {
    /// The test.
    #[serde(flatten)]
    pub test: Srm,
    /// The p-value that may be read at every look, while the experiment runs; it then decides, not the test's own.
    pub sequential_p: Option<f64>,
    /// Least p-value that passes.
    pub threshold: f64,
    /// Whether it passed.
    pub passed: bool,
}

impl SampleRatio {
    /// The p-value that decides.
    pub(super) fn p_value(&self) -> f64 {
        self.sequential_p.unwrap_or(self.test.p_value)
    }
}

/// The test at one look: once and for all (`running` absent), or one of many; `running` is then the least p-value of
/// the looks before. `None` before the first visitor.
pub(super) fn sample_ratio(
    threshold: f64,
    stats: &ExperimentStats,
    experiment: &CheckedExperiment,
    running: Option<f64>,
) -> Result<Option<SampleRatio>> {
    let variants = experiment.variants.iter();
    let (observed, weights): (Vec<u64>, Vec<f64>) = variants
        .map(|v| (stats.variant(&v.key).map_or(0, |arm| arm.n), v.weight))
        .unzip();
    if observed.iter().all(|n| *n == 0) {
        return Ok(None);
    }
    let test = srm(&observed, &weights).map_err(|e| e.at("srm"))?;
    let sequential_p = match running {
        Some(least) => Some(sequential_p(&test)?.min(least)),
        None => None,
    };
    Ok(Some(SampleRatio {
        passed: sequential_p.unwrap_or(test.p_value) >= threshold,
        test,
        sequential_p,
        threshold,
    }))
}

/// The Bayes factor reads all visitors so far, so their order does not matter.
fn sequential_p(test: &Srm) -> Result<f64> {
    let promised = test.observed.iter().zip(&test.expected_share);
    let (counts, shares): (Vec<u64>, Vec<f64>) =
        promised.filter(|(_, share)| **share > 0.0).unzip();
    let prior: Vec<f64> = shares.iter().map(|share| CONCENTRATION * share).collect();
    let look = SequentialSrm::new(&shares, &prior)?.update(&counts)?;
    Ok(look.p_value)
}

/// p of the ratio in which control and treatment answered: the larger one under "as many as there are visitors" and
/// "as many as there are orders", and 1 between the two; `None` where it cannot be asked.
pub(super) fn respondents(
    answers: [u64; 2],
    arms: [&VariantStats; 2],
    revenue: &str,
) -> Result<Option<f64>> {
    let mut likeliest: Option<f64> = None;
    let mut sides = Vec::new();
    let orders = arms.map(|arm| arm.metrics.get(revenue).map_or(0, orders));
    let answered = |[a, b]: [u64; 2]| b as f64 / (a as f64 + b as f64);
    for base in [arms.map(|arm| arm.n), orders] {
        let possible = answers.iter().zip(&base).all(|(n, base)| n <= base);
        if !possible || base.contains(&0) || answers == [0, 0] {
            continue;
        }
        let test = srm(&answers, &base.map(|n| n as f64))?;
        likeliest = Some(likeliest.map_or(test.p_value, |p: f64| p.max(test.p_value)));
        sides.push(answered(answers) >= answered(base));
    }
    let between = sides.contains(&true) && sides.contains(&false);
    Ok(likeliest.map(|p| if between { 1.0 } else { p }))
}

/// Orders that a revenue metric counts.
fn orders(stats: &Stats) -> u64 {
    match stats {
        Stats::Binary(s) => s.successes,
        Stats::Positive(s) => s.n,
        Stats::Hurdle(s) => s.orders,
        Stats::Ordinal(_) | Stats::Count(_) | Stats::Mean(_) => 0,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::posterior::Binary;

    fn arm(n: u64, successes: u64) -> VariantStats {
        let rate = Stats::Binary(Binary { n, successes });
        VariantStats {
            key: "A".to_owned(),
            n,
            metrics: [("conversion_rate".to_owned(), rate)].into(),
        }
    }

    fn p(answers: [u64; 2], orders: [u64; 2]) -> f64 {
        let arms = orders.map(|orders| arm(10_000, orders));
        let arms = [&arms[0], &arms[1]];
        respondents(answers, arms, "conversion_rate")
            .unwrap()
            .unwrap()
    }

    #[test]
    fn answers_may_follow_visitors_or_orders() {
        assert!(
            p([1_000, 1_500], [1_000, 1_500]) > 0.99,
            "all buyers answer"
        );
        assert!(p([500, 500], [1_000, 1_500]) > 0.99, "visitors answer");
        assert!(p([1_000, 1_250], [1_000, 1_500]) > 0.99, "both do");
        assert!(
            p([1_000, 700], [1_000, 1_000]) < 1e-6,
            "the unhappy keep silent"
        );
        // 600 of 1,000 and 500 of 1,000: (550−500)²/550 · 2 = 9.09, p = 0.0026.
        assert!((p([600, 500], [1_000, 1_000]) - 0.002_569).abs() < 1e-5);
    }
}
