//! One arm's mean order value under the model its prior names.

use super::{
    amount_prior::{AmountPrior, GammaPrior},
    arm::{Arm, Moments, Scale},
    beta::{DROP, span},
    build::MIN_ORDERS,
    limits::check_nodes,
    lognormal::{LogNormal, Mixture},
    prior::VARIANCE_BOUND,
    stats::Positive,
    student::Student,
};
use crate::{
    error::{Detail, Error, Result},
    num::{
        curve::{Curve, jet_of_exp},
        special::{digamma, trigamma},
    },
};

/// Nodes per standard deviation of the log mean.
const NODES_PER_SD: f64 = 4.0;
/// exp(−e^x) is analytic within π/2 of the real line: a convolution over every second node has an error of
/// exp(−π²/0.25) = 7e-18.
const COARSEST: f64 = 0.125;
/// Largest sum of amounts: the mean of a few still has a square.
const LARGEST_SUM: f64 = 1e120;

/// What the data of all arms say of an amount, for priors that say nothing of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typical {
    pub(super) mean_log: f64,
    pub(super) mean: f64,
}

impl Typical {
    /// Pooled means; an amount of 1 without an order, where only relative figures are given and it does not matter.
    pub(super) fn of(stats: &[&Positive]) -> Self {
        let orders: f64 = stats.iter().map(|s| s.n as f64).sum();
        let logs: f64 = stats.iter().map(|s| s.n as f64 * s.mean_log).sum();
        let total: f64 = stats.iter().filter_map(|s| s.sum).sum();
        Self {
            mean_log: if orders > 0.0 { logs / orders } else { 0.0 },
            mean: if orders > 0.0 { total / orders } else { 1.0 },
        }
    }
}

/// The posterior of the mean amount.
#[derive(Debug, Clone)]
pub(super) enum Amount {
    LogNormal(LogNormal, Mixture),
    Gamma(InverseGamma),
    Moments(Student),
}

impl Amount {
    pub(super) fn posterior(
        stats: &Positive,
        prior: &AmountPrior,
        typical: Typical,
    ) -> Result<Self> {
        match prior {
            AmountPrior::LogNormal(prior) => {
                let centre = prior.mean.unwrap_or(typical.mean_log);
                let model = LogNormal::posterior(stats, prior, centre);
                Ok(Self::LogNormal(model, model.mixture()?))
            }
            AmountPrior::Gamma(prior) => {
                InverseGamma::posterior(stats, prior, typical.mean).map(Self::Gamma)
            }
            AmountPrior::Moments => moments(stats).map(Self::Moments),
        }
    }

    /// Whether dollar figures may be given of it.
    pub(super) fn in_dollars(stats: &Positive, prior: &AmountPrior) -> bool {
        let bounded = match prior {
            AmountPrior::LogNormal(prior) => prior.max_variance <= VARIANCE_BOUND,
            AmountPrior::Gamma(_) | AmountPrior::Moments => true,
        };
        stats.n >= MIN_ORDERS && bounded
    }

    /// P(v > bound) before the bound is imposed, for the model that has one.
    pub(super) fn prob_beyond_bound(&self) -> Option<f64> {
        match self {
            Self::LogNormal(model, _) => Some(model.prob_beyond_bound()),
            Self::Gamma(_) | Self::Moments(_) => None,
        }
    }

    /// Largest step that resolves the density of the log mean.
    pub(super) fn step(&self) -> f64 {
        match self {
            Self::LogNormal(_, mixture) => mixture.step(),
            Self::Gamma(gamma) => gamma.step(),
            Self::Moments(student) => student.log_step(),
        }
    }

    /// The posterior on multiples of `step` in the log mean.
    pub(super) fn arm(&self, step: f64) -> Result<Arm> {
        match self {
            Self::LogNormal(_, mixture) => {
                check_nodes("", mixture.nodes(step))?;
                Ok(mixture.arm(step))
            }
            Self::Gamma(gamma) => gamma.arm(step),
            Self::Moments(student) => student.positive_arm(step),
        }
    }
}

/// m = b/λ for λ ~ Gamma(a, 1): the mean of Gamma amounts of a known shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct InverseGamma {
    a: f64,
    b: f64,
}

impl InverseGamma {
    /// Conjugate update: shape a₀ + k·n, rate b₀ + Σx, and m = k/λ.
    fn posterior(stats: &Positive, prior: &GammaPrior, typical: f64) -> Result<Self> {
        let sum = match (stats.n, stats.sum) {
            (0, _) => 0.0,
            (_, Some(sum)) => positive("sum", sum)?,
            (_, None) => return Err(needs("sum", "gamma")),
        };
        let shape = prior.gamma_shape;
        Ok(Self {
            a: prior.shape.unwrap_or(1.0 + shape) + shape * stats.n as f64,
            b: shape * (prior.rate.unwrap_or(typical) + sum),
        })
    }

    fn moments(self) -> Moments {
        let mean = (self.a > 1.0).then(|| self.b / (self.a - 1.0));
        let mean_log = self.b.ln() - digamma(self.a);
        let scale = mean.unwrap_or_else(|| mean_log.exp());
        let sd = if self.a > 2.0 {
            scale / (self.a - 2.0).sqrt()
        } else {
            scale
        };
        Moments {
            mean,
            mean_inverse: Some(self.a / self.b),
            mean_log,
            sd,
            sd_log: trigamma(self.a).sqrt(),
        }
    }

    fn step(self) -> f64 {
        (trigamma(self.a).sqrt() / NODES_PER_SD).min(COARSEST)
    }

    fn arm(self, step: f64) -> Result<Arm> {
        let centre = (self.b / self.a).ln();
        // −a·δ − a·(e^−δ − 1), 0 at the mode.
        let log_density = |x: f64| {
            let delta = x - centre;
            -self.a * (delta + (-delta).exp_m1())
        };
        let reach = (2.0 * DROP / self.a).sqrt();
        check_nodes("", (2.0 * reach + DROP / self.a) / step)?;
        let (first, last) = span(centre, step, log_density);
        let jets = (first..=last).map(|k| {
            let x = k as f64 * step;
            let e = self.a * (centre - x).exp();
            jet_of_exp(log_density(x).exp(), step, [e - self.a, -e, e, -e])
        });
        let curve = Curve::new(first, step, jets.collect());
        Ok(Arm::new(Scale::Log, curve, self.moments()))
    }
}

/// Student's t on the mean of the amounts.
fn moments(stats: &Positive) -> Result<Student> {
    let sum = positive("sum", stats.sum.ok_or_else(|| needs("sum", "moments"))?)?;
    let sum_sq = stats.sum_sq.ok_or_else(|| needs("sum_sq", "moments"))?;
    let n = stats.n as f64;
    let mean = sum / n;
    let variance = positive("sum_sq", sum_sq)? / n - mean * mean;
    Student::new(stats.n, mean, variance).ok_or_else(|| {
        let rule =
            format!("must be at least {MIN_ORDERS} orders that differ for the moments model");
        Error::Unsupported(Detail::new("n", rule, stats.n))
    })
}

fn needs(field: &str, model: &str) -> Error {
    let rule = format!("is required by the {model} model");
    Error::MissingField(Detail::new(field, rule, "nothing"))
}

fn positive(field: &str, x: f64) -> Result<f64> {
    if x > 0.0 && x <= LARGEST_SUM {
        return Ok(x);
    }
    let rule = format!("must lie above 0 and be at most {LARGEST_SUM:e} with an order");
    Err(Error::OutOfRange(Detail::new(field, rule, x)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn one_exponential_order_by_hand() {
        // One order of 3 under Gamma(1, 2): λ ~ Gamma(2, 5), P(1/λ > t) = P(λ < 1/t) = 1 − (1 + 5/t)·e^(−5/t).
        let stats = Positive {
            n: 1,
            sum: Some(3.0),
            ..Positive::default()
        };
        let prior = GammaPrior {
            shape: Some(1.0),
            rate: Some(2.0),
            gamma_shape: 1.0,
        };
        let gamma = InverseGamma::posterior(&stats, &prior, 1.0).unwrap();
        let arm = gamma.arm(gamma.step()).unwrap();
        for t in [0.5_f64, 3.0, 40.0] {
            let want = 1.0 - (1.0 + 5.0 / t) * (-5.0 / t).exp();
            let got = arm.curve.at(t.ln()).upper;
            assert!((got - want).abs() < 1e-11, "{got} {want}");
        }
        assert!((arm.moments.mean.unwrap() - 5.0).abs() < 1e-12);
    }

    #[test]
    fn an_order_of_the_typical_value_is_the_default_prior() {
        // Shape 2 + 2, rate 10 + 50: mean 60/3 = 20, which is (10 + 50)/(1 + 2).
        let stats = Positive {
            n: 2,
            sum: Some(50.0),
            ..Positive::default()
        };
        let gamma = InverseGamma::posterior(&stats, &GammaPrior::default(), 10.0).unwrap();
        assert!((gamma.moments().mean.unwrap() - 20.0).abs() < 1e-12);
        let refused = InverseGamma::posterior(
            &Positive { sum: None, ..stats },
            &GammaPrior::default(),
            10.0,
        );
        assert_eq!(refused.unwrap_err().code(), "missing_field");
    }
}
