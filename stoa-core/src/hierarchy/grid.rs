//! The posterior of what the rates have in common, as rows of nodes: one row per ln κ, nodes in logit m.
//!
//! The likelihood of a group, B(mκ+x, (1−m)κ+n−x) / B(mκ, (1−m)κ), is taken as a ratio of Beta densities at the group's
//! posterior mean: its terms are of the size of the result, from one visitor to 1e7 and from κ = 1e-10 to 1e13.

use std::sync::Arc;

use super::rates::RatePrior;
use crate::{num::gamma::ln_gamma_remainder, posterior::Binary};

/// Nodes per standard deviation are two: the trapezoid of a normal density then errs by exp(−8π²) = 5e-35.
const STEP_IN_SDS: f64 = 0.5;
/// Densities of a logit are analytic within π of the real line: this step leaves an error of exp(−2π²/0.4) = 4e-22.
const COARSEST: f64 = 0.4;
/// Nodes end where the weight has fallen to exp(−34) of the largest; so it is for the second moment of κ.
const DROP: f64 = 34.0;
/// ln κ is looked at between these.
const LOWEST: f64 = -25.0;
const HIGHEST: f64 = 60.0;
const LOOK: f64 = 0.5;

/// Nodes of one ln κ.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// ln κ.
    pub(super) u: f64,
    pub(super) step: f64,
    /// logit m and log weight of every node, the largest weight of all rows 0; each counts for its cell.
    pub(super) nodes: Vec<(f64, f64)>,
}

/// Both parameters' posterior.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    groups: &'a [Binary],
    prior: &'a RatePrior,
    pub(super) rows: Arc<Vec<Row>>,
}

/// Where a row peaks in logit m, how wide and how high.
#[derive(Debug, Clone, Copy)]
struct Peak {
    z: f64,
    sd: f64,
    log: f64,
}

impl<'a> Grid<'a> {
    pub(super) fn new(groups: &'a [Binary], prior: &'a RatePrior) -> Self {
        let mut grid = Self {
            groups,
            prior,
            rows: Arc::default(),
        };
        let looks = grid.look();
        let best = |weight: f64| {
            let of = |(u, peak): &(f64, Peak)| peak.mass() + weight * u;
            looks.iter().map(of).fold(f64::NEG_INFINITY, f64::max)
        };
        let (plain, squared) = (best(0.0), best(2.0));
        let matters = |(u, peak): &&(f64, Peak)| {
            peak.mass() >= plain - DROP || peak.mass() + 2.0 * u >= squared - DROP
        };
        let first = looks.iter().find(matters).map_or(0.0, |l| l.0) - LOOK;
        let last = looks.iter().rev().find(matters).map_or(0.0, |l| l.0) + LOOK;
        let step = grid.step();
        let mut at = looks.first().map_or(0.0, |l| l.1.z);
        let mut rows = Vec::new();
        let count = ((last - first) / step).ceil();
        for u in (0..)
            .map(f64::from)
            .take_while(|&k| k <= count)
            .map(|k| first + k * step)
        {
            let peak = grid.peak(u, at);
            at = peak.z;
            let least = plain.min(squared - 2.0 * u) - DROP;
            rows.extend(grid.row(u, peak, least));
        }
        grid.rows = Arc::new(centred(rows));
        grid
    }

    /// The data tell ln κ with a standard deviation of √(2/J) at best.
    fn step(&self) -> f64 {
        let information = 0.5 * self.groups.len() as f64 + self.prior.sd_log_kappa.powi(-2);
        (STEP_IN_SDS / information.sqrt()).min(COARSEST)
    }

    /// Every ln κ that the prior does not rule out, from the left.
    fn look(&self) -> Vec<(f64, Peak)> {
        let (mean, sd) = (self.prior.mean_log_kappa, self.prior.sd_log_kappa);
        let low = (mean - 40.0 * sd).max(LOWEST);
        let high = (mean + 40.0 * sd + 2.0 * sd * sd).min(HIGHEST);
        let every = LOOK.min(0.25 * sd);
        let mut at = self.start();
        std::iter::successors(Some(low), |u| Some(u + every))
            .take_while(|&u| u <= high + every)
            .map(|u| {
                let peak = self.peak(u, at);
                at = peak.z;
                (u, peak)
            })
            .collect()
    }

    /// logit of the pooled rate.
    fn start(&self) -> f64 {
        let yes: f64 = self.groups.iter().map(|g| g.successes as f64).sum();
        let all: f64 = self.groups.iter().map(|g| g.n as f64).sum();
        let (a, b) = (self.prior.alpha + yes, self.prior.beta + all - yes);
        (a / b).ln()
    }

    /// Newton's method on differences; near the peak is near enough.
    fn peak(&self, u: f64, start: f64) -> Peak {
        let (mut z, mut delta) = (start, 0.05);
        let mut peak = Peak {
            z,
            sd: 1.0,
            log: f64::NEG_INFINITY,
        };
        for _ in 0..60 {
            let [below, here, above] = [z - delta, z, z + delta].map(|z| self.log_weight(z, u));
            let slope = (above - below) / (2.0 * delta);
            let bend = (above - 2.0 * here + below) / (delta * delta);
            let sd = if bend < -1e-6 {
                1.0 / (-bend).sqrt()
            } else {
                3.0
            };
            peak = Peak { z, sd, log: here };
            let step = (slope * sd * sd).clamp(-2.0, 2.0);
            if step.abs() <= 0.1 * sd {
                break;
            }
            z = (z + step).clamp(-60.0, 60.0);
            delta = (0.2 * sd).min(0.2);
        }
        peak
    }

    fn row(&self, u: f64, peak: Peak, least: f64) -> Option<Row> {
        let step = (STEP_IN_SDS * peak.sd).min(COARSEST);
        // Weights are of cells: those of a wide row count more.
        let cell = step.ln();
        let walk = |direction: f64| {
            (1..4000)
                .map(move |k| peak.z + direction * step * f64::from(k))
                .map(|z| (z, self.log_weight(z, u) + cell))
                .take_while(|(_, log)| *log > least)
        };
        let mut nodes: Vec<(f64, f64)> = walk(-1.0).collect();
        nodes.reverse();
        nodes.push((peak.z, peak.log + cell));
        nodes.extend(walk(1.0));
        (peak.log + cell > least).then_some(Row { u, step, nodes })
    }

    /// Log density of (logit m, ln κ), not normalised.
    fn log_weight(&self, z: f64, u: f64) -> f64 {
        let common = Common::new(z, u.exp());
        let from_mean = (u - self.prior.mean_log_kappa) / self.prior.sd_log_kappa;
        let prior = self.prior.alpha * -(-z).exp().ln_1p() + self.prior.beta * -z.exp().ln_1p();
        let likelihood: f64 = self.groups.iter().map(|g| common.likelihood(g)).sum();
        prior - 0.5 * from_mean * from_mean + likelihood
    }
}

/// Rows whose largest weight is 0.
fn centred(mut rows: Vec<Row>) -> Vec<Row> {
    let all = rows.iter().flat_map(|row| &row.nodes);
    let top = all.fold(f64::NEG_INFINITY, |top, node| top.max(node.1));
    for node in rows.iter_mut().flat_map(|row| &mut row.nodes) {
        node.1 -= top;
    }
    rows
}

impl Peak {
    fn mass(&self) -> f64 {
        self.log + self.sd.ln()
    }
}

/// Beta(mκ, (1−m)κ): what every group's rate comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common {
    pub(super) m: f64,
    /// 1 − m, with its own digits.
    pub(super) rest: f64,
    pub(super) kappa: f64,
    norm: f64,
}

impl Common {
    pub(super) fn new(z: f64, kappa: f64) -> Self {
        let (m, rest) = (1.0 / (1.0 + (-z).exp()), 1.0 / (1.0 + z.exp()));
        Self {
            m,
            rest,
            kappa,
            norm: norm(m * kappa, rest * kappa),
        }
    }

    /// A group's shapes after its data.
    pub(super) fn shapes(&self, group: &Binary) -> (f64, f64) {
        let (yes, no) = (group.successes as f64, (group.n - group.successes) as f64);
        (self.m * self.kappa + yes, self.rest * self.kappa + no)
    }

    /// ln of the beta-binomial likelihood, over that at the group's own rate.
    pub(super) fn likelihood(&self, group: &Binary) -> f64 {
        let (n, yes) = (group.n as f64, group.successes as f64);
        let no = n - yes;
        let (a, b) = self.shapes(group);
        let total = a + b;
        // The posterior mean is m + d, and 1 − m − d.
        let d = (yes * self.rest - no * self.m) / total;
        let (own, own_rest) = ((yes + 0.5) / (n + 1.0), (no + 0.5) / (n + 1.0));
        let part = |count: f64, mean: f64, own: f64| {
            if count > 0.0 {
                count * (mean / own).ln()
            } else {
                0.0
            }
        };
        let data = part(yes, a / total, own) + part(no, b / total, own_rest);
        let before = self.m * self.kappa * ln_ratio(d, self.m, a / total)
            + self.rest * self.kappa * ln_ratio(-d, self.rest, b / total);
        data + before + self.norm - norm(a, b)
    }
}

/// ln of the density of Beta(a, b) on the logit scale at its own mean.
pub(super) fn norm(a: f64, b: f64) -> f64 {
    let half_ln_2_pi = 0.918_938_533_204_672_8;
    0.5 * (a.ln() + b.ln() - (a + b).ln()) - half_ln_2_pi + ln_gamma_remainder(a + b)
        - ln_gamma_remainder(a)
        - ln_gamma_remainder(b)
}

/// ln(`to` / `from`), where `to` = `from` + `gap`, from whichever has the digits.
fn ln_ratio(gap: f64, from: f64, to: f64) -> f64 {
    if gap.abs() < 0.5 * from {
        (gap / from).ln_1p()
    } else {
        (to / from).ln()
    }
}
