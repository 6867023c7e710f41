//! A store whose truth is known: what its visitors do, and what an experiment on it has counted by each day.

use std::collections::BTreeMap;

use stoa_core::{
    decide::{ExperimentStats, VariantStats},
    experiment::{
        CheckedExperiment, Experiment, Metrics, Plan, RevenueGoal, SatisfactionGoal, Status,
        StoreDocument, Variant,
    },
    posterior::{Binary, Hurdle, Ordinal, Positive, Stats},
};

use super::Sampler;

/// Keys of the variants, control first.
const KEYS: [&str; 4] = ["A", "B", "C", "D"];
/// Key of every simulated experiment.
const EXPERIMENT: &str = "simulated";
/// The proxy for satisfaction.
const RETURNS: &str = "return_visit_rate";
/// Answers from 1 to 5.
const CSAT: &str = "csat";

/// What the experiment should raise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revenue {
    /// Share of visitors who order.
    Conversion,
    /// Money per visitor.
    PerVisitor,
}

impl Revenue {
    /// Key of the metric.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Conversion => "conversion_rate",
            Self::PerVisitor => "revenue_per_visitor",
        }
    }
}

/// Values of orders: log-normal, some of them from far larger customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Orders {
    /// Mean of the usual ones.
    pub mean: f64,
    /// Standard deviation of their logarithm.
    pub sigma: f64,
    /// Share of orders that are `times` as large.
    pub whales: f64,
    /// How much larger.
    pub times: f64,
}

impl Orders {
    /// Usual orders alone, $60 on average.
    #[must_use]
    pub fn usual(sigma: f64) -> Self {
        Self {
            mean: 60.0,
            sigma,
            whales: 0.0,
            times: 1.0,
        }
    }

    /// The logarithm of one order's value.
    fn ln_value(&self, draws: &mut Sampler) -> f64 {
        let ln_median = self.mean.ln() - 0.5 * self.sigma * self.sigma;
        let usual = ln_median + self.sigma * draws.normal();
        if self.whales > 0.0 && draws.uniform() < self.whales {
            return usual + self.times.ln();
        }
        usual
    }
}

/// What satisfaction is measured by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mood {
    /// A proxy that nobody can fail: so many visitors return, and nine tenths of them may be lost.
    Returns(f64),
    /// Buyers answer from 1 to 5.
    Answers {
        /// Share of buyers who do.
        response: f64,
        /// How their answers fall on 1 to 5.
        shares: [f64; 5],
    },
}

/// What the visitors of one arm do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arm {
    /// Share of visitors.
    pub share: f64,
    /// Chance that a visitor orders, once.
    pub conversion: f64,
    /// What is ordered.
    pub orders: Orders,
    /// How content they are.
    pub mood: Mood,
}

/// A store with an experiment on it; the control is the first arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Visitors a day over all arms.
    pub per_day: u64,
    /// What should rise.
    pub revenue: Revenue,
    /// Two to four arms.
    pub arms: Vec<Arm>,
}

impl Store {
    /// Two equal arms between which nothing differs, each with so many visitors a day.
    #[must_use]
    pub fn same(revenue: Revenue, conversion: f64, per_arm: u64) -> Self {
        let arm = Arm {
            share: 0.5,
            conversion,
            orders: Orders::usual(1.0),
            mood: Mood::Returns(0.8),
        };
        Self {
            per_day: 2 * per_arm,
            revenue,
            arms: vec![arm; 2],
        }
    }

    /// The experiment's contract.
    ///
    /// # Errors
    /// What the contract's checks refuse.
    pub fn contract(&self, plan: &Plan) -> Result<CheckedExperiment, String> {
        let variant = |(arm, key): (&Arm, &str)| Variant {
            key: key.to_owned(),
            weight: arm.share,
            ..Variant::default()
        };
        let proxy = matches!(
            self.arms.first(),
            Some(Arm {
                mood: Mood::Returns(_),
                ..
            })
        );
        let satisfaction = SatisfactionGoal {
            metric: if proxy { RETURNS } else { CSAT }.to_owned(),
            margin: proxy.then_some(0.9),
            proxy_reason: proxy.then(|| "a metric that passes at once".to_owned()),
        };
        let experiment = Experiment {
            key: EXPERIMENT.to_owned(),
            surface: "cart_page".to_owned(),
            status: Status::Running,
            variants: self.arms.iter().zip(KEYS).map(variant).collect(),
            metrics: Metrics {
                revenue: RevenueGoal {
                    metric: self.revenue.key().to_owned(),
                    ..RevenueGoal::default()
                },
                satisfaction,
                ..Metrics::default()
            },
            plan: Plan {
                visitors_per_day: Some(self.per_day as f64),
                typical_order_value: self.arms.first().map(|arm| arm.orders.mean),
                ..plan.clone()
            },
            ..Experiment::default()
        };
        let checked = experiment.check(&StoreDocument::default());
        checked.map_err(|e| e.to_string())
    }
}

/// What one arm has counted.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    visitors: u64,
    orders: u64,
    ln: f64,
    ln_sq: f64,
    sum: f64,
    sum_sq: f64,
    returned: u64,
    answers: [u64; 5],
}

impl Sums {
    fn visit(&mut self, arm: &Arm, visitors: u64, revenue: Revenue, draws: &mut Sampler) {
        let orders = draws.binomial(visitors, arm.conversion);
        self.visitors += visitors;
        self.orders += orders;
        if revenue == Revenue::PerVisitor {
            for _ in 0..orders {
                self.order(arm.orders.ln_value(draws));
            }
        }
        match arm.mood {
            Mood::Returns(rate) => self.returned += draws.binomial(visitors, rate),
            Mood::Answers { response, shares } => {
                let n = draws.binomial(orders, response);
                let answers = draws.multinomial(n, &shares);
                for (total, new) in self.answers.iter_mut().zip(answers) {
                    *total += new;
                }
            }
        }
    }

    fn order(&mut self, ln: f64) {
        let value = ln.exp();
        self.ln += ln;
        self.ln_sq += ln * ln;
        self.sum += value;
        self.sum_sq += value * value;
    }

    fn revenue(&self, revenue: Revenue) -> Stats {
        if revenue == Revenue::Conversion {
            return Stats::Binary(Binary {
                n: self.visitors,
                successes: self.orders,
            });
        }
        let n = (self.orders as f64).max(1.0);
        let mean_log = self.ln / n;
        let amounts = Positive {
            n: self.orders,
            mean_log,
            var_log: (self.ln_sq / n - mean_log * mean_log).max(0.0),
            sum: Some(self.sum),
            sum_sq: Some(self.sum_sq),
            ..Positive::default()
        };
        Stats::Hurdle(Hurdle::new(self.visitors, &amounts))
    }

    /// Key and statistics of satisfaction; nothing before the first answer.
    fn mood(&self, mood: Mood) -> Option<(&'static str, Stats)> {
        match mood {
            Mood::Returns(_) => {
                let returned = Binary {
                    n: self.visitors,
                    successes: self.returned,
                };
                Some((RETURNS, Stats::Binary(returned)))
            }
            Mood::Answers { .. } => {
                let answers = Ordinal {
                    counts: self.answers.to_vec(),
                    scores: Vec::new(),
                };
                (answers.n() > 0).then_some((CSAT, Stats::Ordinal(answers)))
            }
        }
    }
}

/// An experiment that is running: what it has counted so far.
#[derive(Debug, Clone)]
pub struct Running<'a> {
    store: &'a Store,
    sums: Vec<Sums>,
}

impl<'a> Running<'a> {
    /// On its first morning.
    #[must_use]
    pub fn new(store: &'a Store) -> Self {
        Self {
            sums: vec![Sums::default(); store.arms.len()],
            store,
        }
    }

    /// One day more: a coin for every visitor, and what each then does. A visitor's value is known on the same day.
    pub fn day(&mut self, draws: &mut Sampler) {
        let shares: Vec<f64> = self.store.arms.iter().map(|arm| arm.share).collect();
        let visitors = draws.multinomial(self.store.per_day, &shares);
        for ((sums, arm), visitors) in self.sums.iter_mut().zip(&self.store.arms).zip(visitors) {
            sums.visit(arm, visitors, self.store.revenue, draws);
        }
    }

    /// What a look on that day reads.
    #[must_use]
    pub fn stats(&self, day: u32) -> ExperimentStats {
        let revenue = self.store.revenue;
        let variant = |((sums, arm), key): ((&Sums, &Arm), &str)| {
            let mut metrics = BTreeMap::new();
            metrics.insert(revenue.key().to_owned(), sums.revenue(revenue));
            metrics.extend(
                sums.mood(arm.mood)
                    .map(|(key, stats)| (key.to_owned(), stats)),
            );
            VariantStats {
                key: key.to_owned(),
                n: sums.visitors,
                metrics,
            }
        };
        let arms = self.sums.iter().zip(&self.store.arms).zip(KEYS);
        ExperimentStats {
            experiment: EXPERIMENT.to_owned(),
            variants: arms.map(variant).collect(),
            day: Some(f64::from(day)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn sums_grow_to_what_the_store_is() {
        let mut store = Store::same(Revenue::PerVisitor, 0.05, 1_000);
        store.arms[0].mood = Mood::Answers {
            response: 0.5,
            shares: [0.1, 0.1, 0.2, 0.3, 0.3],
        };
        store.arms[1] = store.arms[0];
        let mut running = Running::new(&store);
        let mut draws = Sampler::new(1, 0);
        (0..100).for_each(|_| running.day(&mut draws));
        let stats = running.stats(100);
        let arm = stats.variant("B").unwrap();
        // 100,000 visitors, sd 224; 5,000 orders, sd 69; 2,500 answers, sd 35.
        assert!(arm.n.abs_diff(100_000) < 1_200);
        let Stats::Hurdle(sold) = &arm.metrics["revenue_per_visitor"] else {
            panic!("hurdle");
        };
        assert!(sold.orders.abs_diff(5_000) < 400);
        // Mean order $60, sd 79; var_log 1.
        let mean = sold.sum.unwrap() / sold.orders as f64;
        assert!((mean - 60.0).abs() < 6.0 && (sold.var_log - 1.0).abs() < 0.1);
        assert!(arm.metrics["csat"].units().abs_diff(2_500) < 200);
    }

    #[test]
    fn whales_are_as_rare_and_as_large_as_said() {
        let orders = Orders {
            whales: 0.01,
            times: 30.0,
            ..Orders::usual(0.1)
        };
        let mut draws = Sampler::new(2, 0);
        let large = (0..20_000)
            .filter(|_| orders.ln_value(&mut draws) > 600_f64.ln())
            .count();
        assert!(large.abs_diff(200) < 75);
    }

    #[test]
    fn the_contract_is_sound() {
        let store = Store::same(Revenue::Conversion, 0.03, 2_000);
        let contract = store.contract(&Plan::default()).unwrap();
        assert_eq!(contract.roles().len(), 2);
        assert_eq!(contract.plan.visitors_per_day, Some(4_000.0));
    }
}
