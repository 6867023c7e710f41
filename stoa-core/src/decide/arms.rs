//! Two arms of one metric as the tests read them: counts or means, whichever way the metric is better.

use super::{
    anytime::Planned,
    moments::{Moments, plus_four},
};
use crate::{
    catalog::Direction,
    error::Result,
    experiment::Margin,
    num::special::{normal_upper, normal_upper_quantile},
    posterior::Stats,
    sequential::{
        ArmRate, ArmSums, AsymptoticCs, Sides, conversion_ln_e, rate_z, revenue_ln_e,
        revenue_z_from_sums,
    },
};

/// Standard deviation of the log lift of conversion that an e-process is sharpest for.
const LOG_LIFT: f64 = 0.10;

/// What the values are, which decides how the coin that shares them out is read.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Yes or no.
    Rate([ArmRate; 2]),
    /// Amounts of which most are nothing: what a visitor brings.
    Amount,
    /// Anything else: values are read around their common mean.
    Value,
}

/// Control and treatment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arms {
    kind: Kind,
    moments: [Moments; 2],
    /// The treatment's share of the two, as promised.
    share: f64,
    /// 1 where more is better, −1 where less is.
    sign: f64,
}

impl Arms {
    /// The arms of `[control, treatment]`; `None` where one has no units, or sums that no float holds.
    pub(super) fn new(
        stats: [Option<&Stats>; 2],
        share: f64,
        direction: Direction,
    ) -> Result<Option<Self>> {
        let [Some(control), Some(treatment)] = stats else {
            return Ok(None);
        };
        let moments = [Moments::new(control)?, Moments::new(treatment)?];
        let usable = |arm: &Moments| {
            let squares = arm.n as f64 * (arm.variance + arm.mean * arm.mean);
            arm.n > 0 && squares.is_finite()
        };
        let kind = match (control, treatment) {
            (Stats::Binary(a), Stats::Binary(b)) => Kind::Rate([a, b].map(|s| ArmRate {
                n: s.n,
                successes: s.successes,
            })),
            (Stats::Hurdle(_), Stats::Hurdle(_)) => Kind::Amount,
            _ => Kind::Value,
        };
        let sign = match direction {
            Direction::Higher => 1.0,
            Direction::Lower => -1.0,
        };
        Ok(moments.iter().all(usable).then_some(Self {
            kind,
            moments,
            share,
            sign,
        }))
    }

    /// Units of both arms.
    pub(super) fn units(&self) -> [u64; 2] {
        self.moments.map(|arm| arm.n)
    }

    /// Information about the difference, in units: half the harmonic mean of the arms.
    pub(super) fn information(&self) -> f64 {
        let [a, b] = self.units().map(|n| n as f64);
        a * b / (a + b)
    }

    /// z of "the treatment is better".
    pub(super) fn better_z(&self) -> Result<f64> {
        match self.kind {
            Kind::Rate(rates) => {
                let [a, b] = self.hits(rates);
                rate_z(&a, &b, self.share)
            }
            Kind::Amount | Kind::Value => {
                let [a, b] = self.sums();
                revenue_z_from_sums(&a, &b, self.share)
            }
        }
    }

    /// z of "not worse by more than the margin".
    pub(super) fn not_worse_z(&self, margin: Margin) -> f64 {
        self.shifted(margin).z()
    }

    /// Chance, by the normal approximation, that the improvement exceeds a relative effect.
    pub(super) fn reach(&self, relative: f64) -> f64 {
        normal_upper(-self.reach_z(relative))
    }

    /// z of the same.
    pub(super) fn reach_z(&self, relative: f64) -> f64 {
        self.shifted(Margin {
            value: -relative,
            relative: true,
        })
        .z()
    }

    /// ln of the evidence that the treatment is better (`up`) or worse, at any time; `None` for what has a
    /// confidence sequence instead.
    pub(super) fn ln_e(&self, planned: &Planned, up: bool) -> Result<Option<f64>> {
        match self.kind {
            Kind::Rate(rates) => {
                let [a, b] = self.hits(rates).map(|rate| rate.successes);
                let ln_e = if up {
                    conversion_ln_e(a, b, self.share, LOG_LIFT)
                } else {
                    conversion_ln_e(b, a, 1.0 - self.share, LOG_LIFT)
                };
                ln_e.map(Some)
            }
            Kind::Amount => {
                let sign = if up { 1.0 } else { -1.0 };
                let [a, b] = self.sums().map(|sums| ArmSums {
                    sum: sign * sums.sum,
                    ..sums
                });
                revenue_ln_e(&a, &b, self.share, planned.variance).map(Some)
            }
            Kind::Value => Ok(None),
        }
    }

    /// Whether [`Arms::ln_e`] can exceed a limit at all: the likelihood ratio of the best lift bounds it.
    pub(super) fn may_have(&self, ln_e: f64, up: bool) -> bool {
        let Kind::Rate(rates) = self.kind else {
            return true;
        };
        let [a, b] = self.hits(rates).map(|rate| rate.successes as f64);
        let n = a + b;
        let part = |x: f64, share: f64| {
            if x > 0.0 {
                x * (x / (n * share)).ln()
            } else {
                0.0
            }
        };
        let favours = (b > n * self.share) == up;
        favours && part(b, self.share) + part(a, 1.0 - self.share) >= ln_e
    }

    /// How far the lower limit of a confidence sequence lies above "worse by the margin" (`up`), or the upper limit
    /// below it; in the metric's unit, positive when shown.
    pub(super) fn sequence(
        &self,
        margin: Margin,
        alpha: f64,
        planned: &Planned,
        up: bool,
    ) -> Result<f64> {
        let shift = self.shifted(margin);
        let [a, b] = self.units();
        let n = a.saturating_add(b);
        let sequence = AsymptoticCs::new(alpha, Sides::One, planned.units)?;
        let Some(error_sq) = shift.error_sq.filter(|e| *e > 0.0) else {
            return Ok(f64::NEG_INFINITY);
        };
        let width = sequence.half_width(n, (error_sq * n as f64).sqrt())?;
        let sign = if up { 1.0 } else { -1.0 };
        Ok(sign * shift.distance - width)
    }

    /// Answers in each arm that show a margin with power 80% when nothing differs: `2 sd² (1.645 + 0.841)² / margin²`.
    pub(super) fn answers_needed(&self, margin: Margin) -> Option<f64> {
        const BOTH_QUANTILES: f64 = 2.486;
        let [a, b] = self.moments;
        let units = (a.n as f64, b.n as f64);
        let variance = (a.variance * units.0 + b.variance * units.1) / (units.0 + units.1);
        let n = 2.0 * variance * (BOTH_QUANTILES / self.size(margin)).powi(2);
        (variance > 0.0 && n.is_finite()).then_some(n)
    }

    /// Answers in each arm without which a margin is not shown to hold at `alpha`, were nothing to differ: `2 sd² z² / margin²`,
    /// with the spread of the control, which nothing that a treatment does can change.
    pub(super) fn answers_least(&self, margin: Margin, alpha: f64) -> f64 {
        let z = normal_upper_quantile(alpha.ln());
        2.0 * self.moments[0].variance * (z / self.size(margin)).powi(2)
    }

    /// The margin in the metric's unit.
    fn size(&self, margin: Margin) -> f64 {
        if margin.relative {
            margin.value * self.moments[0].mean.abs()
        } else {
            margin.value
        }
    }

    /// The same arms after more of the same.
    pub(super) fn scaled(&self, factor: f64) -> Self {
        let rates = |rate: ArmRate| ArmRate {
            n: rounded(rate.n as f64 * factor),
            successes: rounded(rate.successes as f64 * factor),
        };
        Self {
            kind: match self.kind {
                Kind::Rate(both) => Kind::Rate(both.map(rates)),
                other => other,
            },
            moments: self.moments.map(|arm| Moments {
                n: rounded(arm.n as f64 * factor),
                ..arm
            }),
            ..*self
        }
    }

    /// The same arms with another number of orders in the treatment, at the present mean; `None` where a metric has
    /// no orders, or the treatment not as many visitors.
    pub(super) fn with_orders(&self, now: u64, then: u64) -> Option<Self> {
        let [control, treatment] = self.moments;
        if then > treatment.n || now == 0 || self.sign < 0.0 {
            return None;
        }
        let factor = then as f64 / now as f64;
        let square = (treatment.variance + treatment.mean * treatment.mean) * factor;
        let mean = treatment.mean * factor;
        let kind = match self.kind {
            Kind::Rate([a, b]) => Kind::Rate([
                a,
                ArmRate {
                    successes: then,
                    ..b
                },
            ]),
            Kind::Amount => Kind::Amount,
            Kind::Value => return None,
        };
        let treatment = Moments {
            mean,
            variance: (square - mean * mean).max(0.0),
            ..treatment
        };
        Some(Self {
            kind,
            moments: [control, treatment],
            ..*self
        })
    }

    /// Successes where more is better, failures where less is.
    fn hits(&self, rates: [ArmRate; 2]) -> [ArmRate; 2] {
        rates.map(|rate| ArmRate {
            successes: if self.sign > 0.0 {
                rate.successes
            } else {
                rate.n - rate.successes
            },
            ..rate
        })
    }

    /// Sums with more is better; values other than a visitor's money around their common mean.
    fn sums(&self) -> [ArmSums; 2] {
        let [a, b] = self.moments;
        let (m, n) = (a.n as f64, b.n as f64);
        let centre = match self.kind {
            Kind::Value => (a.mean * m + b.mean * n) / (m + n),
            _ => 0.0,
        };
        self.moments.map(|arm| {
            let (n, mean) = (arm.n as f64, arm.mean - centre);
            ArmSums {
                n: arm.n,
                sum: self.sign * n * mean,
                sum_sq: n * (arm.variance + mean * mean),
            }
        })
    }

    /// The treatment against a control that is moved by the margin.
    fn shifted(&self, margin: Margin) -> Shift {
        let [a, b] = match self.kind {
            Kind::Rate(rates) => rates.map(plus_four),
            _ => self.moments,
        };
        let (scale, step) = if margin.relative {
            (1.0 - self.sign * margin.value * a.mean.signum(), 0.0)
        } else {
            (1.0, margin.value)
        };
        let error_sq = |arm: Moments| (arm.n > 1).then(|| arm.variance / (arm.n as f64 - 1.0));
        let errors = error_sq(a).zip(error_sq(b));
        Shift {
            distance: self.sign * (b.mean - scale * a.mean) + step,
            error_sq: errors.map(|(a, b)| scale * scale * a + b),
        }
    }
}

/// A distance from a margin and its squared standard error.
struct Shift {
    distance: f64,
    error_sq: Option<f64>,
}

impl Shift {
    /// 0 where nothing is known of the spread: nothing is shown.
    fn z(&self) -> f64 {
        match self.error_sq {
            Some(error_sq) if error_sq > 0.0 => self.distance / error_sq.sqrt(),
            _ => 0.0,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts, rounded; a cast saturates"
)]
fn rounded(x: f64) -> u64 {
    x.round() as u64
}
