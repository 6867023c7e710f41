//! What an arm's posterior needs to know: sufficient statistics, one struct per family.

use serde::{Deserialize, Serialize};

use super::{
    fields::{finite, within},
    merge,
    ordinal::Ordinal,
    winsor,
};
use crate::error::{Detail, Error, Result};

/// Families of metric that this module has a posterior for.
pub const FAMILIES: [&str; 6] = ["binary", "positive", "hurdle", "ordinal", "count", "mean"];

/// An arm's sufficient statistics. Variances are population variances (divisor n).
///
/// # Example
/// ```
/// use stoa_core::posterior::Stats;
/// let arm = Stats::from_value("binary", &serde_json::json!({"n": 900, "successes": 81}))?;
/// assert_eq!(arm.family(), "binary");
/// let wrong = Stats::from_value("binary", &serde_json::json!({"n": 900, "sucesses": 81}));
/// assert!(wrong.is_err_and(|e| e.to_string().contains("did you mean `successes`?")));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum Stats {
    /// Yes or no per unit.
    Binary(Binary),
    /// A positive amount per order.
    Positive(Positive),
    /// An amount per visitor, nothing for most.
    Hurdle(Hurdle),
    /// An answer on ordered levels.
    Ordinal(Ordinal),
    /// A whole number of events per unit.
    Count(Count),
    /// A number per unit, of either sign.
    Mean(Mean),
}

/// Statistics of a yes-or-no metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binary {
    /// Units (visitors).
    pub n: u64,
    /// Units that answered yes.
    pub successes: u64,
}

/// Statistics of a positive amount, by the logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Positive {
    /// Amounts (orders).
    pub n: u64,
    /// Mean of the natural logarithm.
    pub mean_log: f64,
    /// Population variance of the natural logarithm.
    pub var_log: f64,
    /// Sum of the amounts, in the metric's unit; the log-normal model does not need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<f64>,
    /// Sum of the squared amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum_sq: Option<f64>,
    /// What every larger amount was taken as before summing; absent where none was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winsorized_at: Option<f64>,
    /// How many amounts were larger, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winsorized: Option<u64>,
}

/// Statistics of an amount per visitor where most pay nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hurdle {
    /// Visitors.
    pub visitors: u64,
    /// Visitors with an order.
    pub orders: u64,
    /// Mean of the natural logarithm of the order values; 0 without orders.
    #[serde(default)]
    pub mean_log: f64,
    /// Population variance of the natural logarithm of the order values.
    #[serde(default)]
    pub var_log: f64,
    /// Sum of the order values; the log-normal model does not need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<f64>,
    /// Sum of the squared order values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum_sq: Option<f64>,
    /// What every larger amount was taken as before summing; absent where none was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winsorized_at: Option<f64>,
    /// How many amounts were larger, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winsorized: Option<u64>,
}

/// Statistics of a count per unit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Units (visitors).
    pub n: u64,
    /// Events of all units.
    pub total: f64,
    /// Sum of the squared counts.
    pub total_sq: f64,
}

/// Statistics of a number per unit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mean {
    /// Units (visitors).
    pub n: u64,
    /// Mean over the units.
    pub mean: f64,
    /// Population variance between the units.
    pub variance: f64,
}

impl Count {
    /// Events per unit; 0 without a unit.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.total / (self.n as f64).max(1.0)
    }

    /// Population variance between the units.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        (self.total_sq / (self.n as f64).max(1.0) - mean * mean).max(0.0)
    }
}

impl Stats {
    /// Name of the family.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match self {
            Self::Binary(_) => "binary",
            Self::Positive(_) => "positive",
            Self::Hurdle(_) => "hurdle",
            Self::Ordinal(_) => "ordinal",
            Self::Count(_) => "count",
            Self::Mean(_) => "mean",
        }
    }

    /// Number of units: what the metric is per.
    #[must_use]
    pub fn units(&self) -> u64 {
        match self {
            Self::Binary(s) => s.n,
            Self::Positive(s) => s.n,
            Self::Hurdle(s) => s.visitors,
            Self::Ordinal(s) => s.n(),
            Self::Count(s) => s.n,
            Self::Mean(s) => s.n,
        }
    }

    /// Refuses statistics that no arm can have. An arm without a unit is one: [`compare`](super::compare) answers
    /// from the prior, if one is given.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for more successes than trials or a negative
    /// variance, [`Error::NotFinite`] for NaN and infinities.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Binary(s) => at_most("successes", s.successes, "n", s.n),
            Self::Positive(s) => {
                log_moments(s.mean_log, s.var_log)?;
                sums(s.sum, s.sum_sq)?;
                winsor::check(s)
            }
            Self::Hurdle(s) => {
                at_most("orders", s.orders, "visitors", s.visitors)?;
                log_moments(s.mean_log, s.var_log)?;
                sums(s.sum, s.sum_sq)?;
                winsor::check(&s.order_values())
            }
            Self::Ordinal(s) => s.check(),
            Self::Count(s) => {
                within("total", s.total, 0.0, 1e30)?;
                // Σx² ≥ Σx for whole numbers, and ≥ (Σx)²/n; rounding of a warehouse's sums is forgiven.
                let least = s.total.max(s.total * s.mean()) * (1.0 - 1e-9);
                within("total_sq", s.total_sq, least, 1e60)
            }
            Self::Mean(s) => {
                within("mean", s.mean, -1e100, 1e100)?;
                within("variance", s.variance, 0.0, 1e200)
            }
        }
    }

    /// The statistics of both sets of rows together. Merging commutes.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the families differ, the levels of an ordinal metric, or the amounts at which orders were
    /// cut off.
    /// # Source
    /// Chan, Golub & Le Veque (1979), Updating formulae and a pairwise algorithm for computing sample variances.
    /// # Example
    /// ```
    /// use stoa_core::posterior::{summarize, Stats};
    /// let (a, b) = (summarize("binary", &[1.0, 0.0])?, summarize("binary", &[1.0])?);
    /// assert_eq!(a.merge(&b)?, summarize("binary", &[1.0, 0.0, 1.0])?);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn merge(&self, other: &Self) -> Result<Self> {
        match (self, other) {
            (Self::Binary(a), Self::Binary(b)) => Ok(Self::Binary(Binary {
                n: a.n.saturating_add(b.n),
                successes: a.successes.saturating_add(b.successes),
            })),
            (Self::Positive(a), Self::Positive(b)) => merge::positive(a, b).map(Self::Positive),
            (Self::Hurdle(a), Self::Hurdle(b)) => {
                let orders = merge::positive(&a.order_values(), &b.order_values())?;
                Ok(Self::Hurdle(Hurdle::new(
                    a.visitors.saturating_add(b.visitors),
                    &orders,
                )))
            }
            (Self::Ordinal(a), Self::Ordinal(b)) => a.merge(b).map(Self::Ordinal),
            (Self::Count(a), Self::Count(b)) => Ok(Self::Count(Count {
                n: a.n.saturating_add(b.n),
                total: a.total + b.total,
                total_sq: a.total_sq + b.total_sq,
            })),
            (Self::Mean(a), Self::Mean(b)) => Ok(Self::Mean(merge::mean(a, b))),
            _ => Err(Error::Conflict(Detail::new(
                "family",
                format!("must be {} to merge", self.family()),
                other.family(),
            ))),
        }
    }
}

impl Hurdle {
    /// Visitors and the statistics of their order values.
    #[must_use]
    pub fn new(visitors: u64, orders: &Positive) -> Self {
        Self {
            visitors,
            orders: orders.n,
            mean_log: orders.mean_log,
            var_log: orders.var_log,
            sum: orders.sum,
            sum_sq: orders.sum_sq,
            winsorized_at: orders.winsorized_at,
            winsorized: orders.winsorized,
        }
    }

    /// The conversion part: did the visitor order?
    #[must_use]
    pub fn conversion(&self) -> Binary {
        Binary {
            n: self.visitors,
            successes: self.orders,
        }
    }

    /// The severity part: the values of the orders.
    #[must_use]
    pub fn order_values(&self) -> Positive {
        Positive {
            n: self.orders,
            mean_log: self.mean_log,
            var_log: self.var_log,
            sum: self.sum,
            sum_sq: self.sum_sq,
            winsorized_at: self.winsorized_at,
            winsorized: self.winsorized,
        }
    }
}

/// The family's name, when it is one of [`FAMILIES`].
pub(super) fn check_family(family: &str) -> Result<&'static str> {
    FAMILIES
        .into_iter()
        .find(|known| *known == family)
        .ok_or_else(|| {
            let rule = format!("must be one of {}", FAMILIES.join(", "));
            Error::UnknownName(Detail::new("family", rule, family).did_you_mean(family, FAMILIES))
        })
}

fn at_most(field: &str, x: u64, limit: &str, n: u64) -> Result<()> {
    if x <= n {
        return Ok(());
    }
    let rule = format!("must be at most {limit} = {n}");
    Err(Error::OutOfRange(Detail::new(field, rule, x)))
}

fn log_moments(mean_log: f64, var_log: f64) -> Result<()> {
    // exp(±300) is as far as any currency goes; beyond it a dollar figure leaves the floats.
    within("mean_log", mean_log, -300.0, 300.0)?;
    within("var_log", var_log, 0.0, 90_000.0)
}

fn sums(sum: Option<f64>, sum_sq: Option<f64>) -> Result<()> {
    sum.map_or(Ok(()), |x| finite("sum", x))?;
    sum_sq.map_or(Ok(()), |x| finite("sum_sq", x))
}
