//! A group's rate: a mixture of Beta distributions over the grid, as one curve in logit p for every κ.

use std::sync::{Arc, OnceLock};

use super::grid::{Common, Row, norm};
use crate::{
    num::{
        curve::{Curve, Jet, Point, jet_of_exp},
        solve,
    },
    posterior::Binary,
};

/// Rows and nodes below this share change no probability by 1e-10.
const LEAST: f64 = 1e-13;
/// Most nodes that replace one node of a row where the rates given (m, κ) are narrower than the row's step.
const MOST_FINER: f64 = 16.0;
/// A Beta density's standard deviation, in steps of the nodes it is summed over: exp(−2π²·1.4²) = 2e-17.
const SDS_PER_STEP: f64 = 1.4;
/// The curve ends where the density has fallen to exp(−34) of its peak, or here.
const DROP: f64 = 34.0;
const FARTHEST: f64 = 400.0;

/// One Beta distribution: shapes, and log of its weighted density at the anchor.
struct Part {
    a: f64,
    b: f64,
    weight: f64,
    log: f64,
}

/// A group's rate, whose curves are made when something is asked that needs them.
#[derive(Debug, Clone)]
pub(super) struct Mixed {
    rows: Arc<Vec<Row>>,
    group: Binary,
    curves: OnceLock<Vec<(f64, Curve)>>,
}

impl Mixed {
    pub(super) fn new(rows: Arc<Vec<Row>>, group: Binary) -> Self {
        Self {
            rows,
            group,
            curves: OnceLock::new(),
        }
    }

    /// Both tails and the density at a logit.
    pub(super) fn at(&self, x: f64) -> Point {
        let mut sum = Point::default();
        for (share, curve) in self.curves() {
            sum.add(*share, curve.at(x));
        }
        sum
    }

    /// The logit below which the probability is `q`; it lies between those of the curves.
    pub(super) fn quantile(&self, q: f64) -> f64 {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut start, mut heaviest) = (0.0, 0.0);
        for (share, curve) in self.curves() {
            let x = curve.quantile(q);
            (low, high) = (low.min(x), high.max(x));
            if *share > heaviest {
                (start, heaviest) = (x, *share);
            }
        }
        solve::quantile(|x| self.at(x), q, start, (low - 1e-9, high + 1e-9))
    }

    fn curves(&self) -> &[(f64, Curve)] {
        self.curves.get_or_init(|| {
            let weight = |row: &Row| -> f64 { row.nodes.iter().map(|node| node.1.exp()).sum() };
            let total: f64 = self.rows.iter().map(weight).sum();
            self.rows
                .iter()
                .map(|row| (weight(row) / total, row))
                .filter(|(share, _)| *share > LEAST)
                .map(|(share, row)| (share, curve_of(row, &self.group)))
                .collect()
        })
    }
}

/// The group's rate given κ.
fn curve_of(row: &Row, group: &Binary) -> Curve {
    let top = row.nodes.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (a, b) = Common::new(top.map_or(0.0, |node| node.0), row.u.exp()).shapes(group);
    let anchor = (a / (a + b), b / (a + b));
    let mut parts = Vec::new();
    let spread = parts_of(row, group, anchor, &mut parts);
    curve(&parts, anchor, 0.25 * spread)
}

/// Adds a row's Beta distributions; returns the spread of the row's mixture in logit p, roughly.
fn parts_of(row: &Row, group: &Binary, anchor: (f64, f64), parts: &mut Vec<Part>) -> f64 {
    let top = row.nodes.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let z = top.map_or(0.0, |node| node.0);
    let width = |kappa: f64| {
        let (a, b) = Common::new(z, kappa).shapes(group);
        (1.0 / a + 1.0 / b).sqrt()
    };
    let (mut kappa, mut finer) = (row.u.exp(), 1.0);
    let pull = kappa / (kappa + group.n as f64);
    let needed = |kappa: f64| pull * row.step * SDS_PER_STEP / width(kappa);
    let spread = width(kappa).hypot(2.0 * row.step * pull);
    // Far beyond, the density is a straight line in 1/κ: two values of κ stand for the row's.
    let mut beyond = 0.0;
    if needed(kappa) > 1.0 {
        finer = needed(kappa).ceil().min(MOST_FINER);
        if needed(kappa) > MOST_FINER {
            let excess = (needed(kappa) / MOST_FINER).powi(2);
            kappa /= excess;
            beyond = 1.0 / excess - 1.0;
        }
    }
    let highest = top.map_or(0.0, |node| node.1);
    for (z, log) in refined(row, finer) {
        let weight = (log - highest).exp() / finer;
        if weight < LEAST {
            continue;
        }
        let mut add = |kappa: f64, share: f64| {
            parts.push(part(Common::new(z, kappa), group, anchor, weight * share));
        };
        add(kappa, 1.0 - beyond);
        if beyond < 0.0 {
            add(0.5 * kappa, beyond);
        }
    }
    spread
}

fn part(common: Common, group: &Binary, anchor: (f64, f64), weight: f64) -> Part {
    let (a, b) = common.shapes(group);
    let total = a + b;
    let (m, rest) = (a / total, b / total);
    let log = a * (anchor.0 / m).ln() + b * (anchor.1 / rest).ln() + norm(a, b);
    Part { a, b, weight, log }
}

/// The row's nodes, and between them what a polynomial through eight neighbours of the log weight says.
fn refined(row: &Row, finer: f64) -> Vec<(f64, f64)> {
    let nodes = &row.nodes;
    if finer <= 1.0 || nodes.len() < 8 {
        return nodes.clone();
    }
    let mut fine = Vec::new();
    for k in 0..nodes.len() - 1 {
        let first = k.saturating_sub(3).min(nodes.len() - 8);
        let stencil = &nodes[first..first + 8];
        let mut t = 0.0;
        while t < finer {
            let z = nodes[k].0 + row.step * t / finer;
            fine.push((z, lagrange(stencil, (k - first) as f64 + t / finer)));
            t += 1.0;
        }
    }
    fine
}

/// The polynomial through values at 0, 1, …, 7, at `x`.
fn lagrange(stencil: &[(f64, f64)], x: f64) -> f64 {
    let factor = |i: usize, j: usize| (x - j as f64) / (i as f64 - j as f64);
    let basis = |i: usize| -> f64 { (0..8).filter(|&j| j != i).map(|j| factor(i, j)).product() };
    stencil
        .iter()
        .enumerate()
        .map(|(i, node)| node.1 * basis(i))
        .sum()
}

/// The mixture's density in logit p, outwards from the anchor to where it is nothing.
fn curve(parts: &[Part], anchor: (f64, f64), step: f64) -> Curve {
    let step = step.min(0.4);
    let centre = (anchor.0 / anchor.1).ln();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a logit in ±50 over a step above 1e-7"
    )]
    let middle = (centre / step).round() as i64;
    let jet = |k: i64| jet(parts, anchor, k as f64 * step, step);
    let peak = jet(middle)[0];
    let walk = |direction: i64| {
        let mut found: Vec<Jet> = Vec::new();
        let mut k = middle + direction;
        let mut top = peak;
        while (k as f64 * step).abs() < FARTHEST {
            let jet = jet(k);
            found.push(jet);
            top = top.max(jet[0]);
            if jet[0] <= top * (-DROP).exp() {
                break;
            }
            k += direction;
        }
        found
    };
    let mut jets = walk(-1);
    jets.reverse();
    let first = middle - i64::try_from(jets.len()).unwrap_or(0);
    jets.push(jet(middle));
    jets.extend(walk(1));
    Curve::new(first, step, jets)
}

fn jet(parts: &[Part], anchor: (f64, f64), x: f64, step: f64) -> Jet {
    let (p, q) = (1.0 / (1.0 + (-x).exp()), 1.0 / (1.0 + x.exp()));
    let delta = x - (anchor.0 / anchor.1).ln();
    // ln(p / anchor) and ln(q / 1 − anchor), with their digits where x is near.
    let ln_q = -(anchor.0 * delta.exp_m1()).ln_1p();
    let ln_p = -(anchor.1 * (-delta).exp_m1()).ln_1p();
    let mut sum = [0.0; 5];
    for part in parts {
        let log = part.log + part.a * ln_p + part.b * ln_q;
        if log < -50.0 {
            continue;
        }
        let bend = -(part.a + part.b) * p * q;
        let derivatives = [
            part.a * q - part.b * p,
            bend,
            bend * (q - p),
            bend * (1.0 - 6.0 * p * q),
        ];
        let jet = jet_of_exp(part.weight * log.exp(), step, derivatives);
        for (s, c) in sum.iter_mut().zip(jet) {
            *s += c;
        }
    }
    sum
}
