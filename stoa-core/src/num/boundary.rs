//! A Gaussian random walk that is looked at now and then: the upper boundary that it crosses with given probabilities,
//! and the probabilities of crossing a given boundary.
//!
//! At information `t` the statistic is `z = S/√t` with `S ~ N(θt, t)` and independent increments. Between looks the walk
//! is carried as `h(z)`, the chance of having crossed nothing before, given where it stands now: a number in [0, 1] that
//! is smooth everywhere, so that neither far tails nor looks that all but coincide cost digits. Given `z`, the walk stood at
//! `N(ρz, 1 − ρ²)` a look ago, `ρ² = t'/t`, whence `h(z) = E[h'(ρz + √(1−ρ²) Z); below the boundary]`.

use super::{
    chebyshev::{Cosines, Panel, cosines},
    quadrature::integrate,
    special::{normal_density, normal_upper, normal_upper_quantile},
};

/// Below this the walk stands with probability 1e-17.
const LOWEST: f64 = -8.5;
/// Above this it stands with probability 1e-349.
const HIGHEST: f64 = 40.0;
/// Standard deviations beyond which a normal density is nothing.
const REACH: f64 = 8.0;
/// A look that brings less information than this share counts as one that brought it.
const LEAST_NEW: f64 = 1e-10;
/// The last coefficients of a polynomial that is good enough are below this.
const SMOOTH: f64 = 1e-13;
/// `h` bends on no smaller scale than this share of what one look smooths.
const NARROWEST: f64 = 0.5;
/// Below where `h` is this, nothing was crossed.
const CERTAIN: f64 = 1.0 - 1e-14;
/// Widest panels of Gauss-Legendre, in standard deviations of the density under the integral.
const WIDEST: f64 = 4.0;

/// `h`: the chance of no crossing before this look, given where the walk stands at it.
#[derive(Debug, Clone)]
struct Survival {
    /// Up to here `h` is `flat`, above it the panels hold it, and beyond them it is 0.
    flat_to: f64,
    flat: f64,
    panels: Vec<Panel>,
}

impl Survival {
    /// At the first look.
    const SURE: Self = Self {
        flat_to: f64::INFINITY,
        flat: 1.0,
        panels: Vec::new(),
    };

    fn at(&self, z: f64) -> f64 {
        if z <= self.flat_to {
            return self.flat;
        }
        let next = self.panels.partition_point(|panel| panel.high < z);
        self.panels.get(next).map_or(0.0, |panel| panel.at(z))
    }

    /// `∫ h(u) N(u; mean, sd²) du` from −∞ to `edge`.
    fn mass_below(&self, edge: f64, mean: f64, sd: f64) -> f64 {
        let above = |u: f64| normal_upper((u - mean) / sd);
        let top = edge.min(mean + REACH * sd);
        if self.flat_to >= top {
            return self.flat * normal_upper((mean - edge.min(self.flat_to)) / sd);
        }
        // A density seen from beyond its middle falls off sooner.
        let beyond = ((mean - top) / sd).max(0.0);
        let bottom = mean - sd * (beyond * beyond + REACH * REACH).sqrt();
        let flat = if self.flat_to > bottom {
            self.flat * (1.0 - above(self.flat_to))
        } else {
            0.0
        };
        let weight = |u: f64| normal_density((u - mean) / sd) / sd;
        flat + self.integral(weight, bottom, top, sd)
    }

    /// `∫ h(z) φ(z) dz` from `edge` on: the chance of crossing `edge` now and nothing before.
    fn mass_above(&self, edge: f64) -> f64 {
        let top = (edge.max(0.0).powi(2) + REACH * REACH).sqrt();
        let flat = if self.flat_to > edge {
            self.flat * (normal_upper(edge) - normal_upper(self.flat_to))
        } else {
            0.0
        };
        let sd = 1.0 / edge.max(1.0);
        let bent = self.integral(normal_density, edge, top, sd);
        // Where `h` is all but 0, the polynomials' last digit may have either sign.
        (flat + bent).max(0.0)
    }

    /// `∫ h w`, panel by panel, where `h` is not flat.
    fn integral(&self, weight: impl Fn(f64) -> f64, low: f64, high: f64, sd: f64) -> f64 {
        let first = self.panels.partition_point(|panel| panel.high <= low);
        let met = self.panels[first..]
            .iter()
            .take_while(|panel| panel.low < high);
        met.map(|panel| {
            let (a, b) = (panel.low.max(low), panel.high.min(high));
            let f = |u: f64| panel.at(u) * weight(u);
            integrate(f, a, b, pieces((b - a) / (WIDEST * sd)))
        })
        .sum()
    }
}

/// Whole number of pieces, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded and positive"
)]
fn pieces(width: f64) -> u32 {
    width.ceil().clamp(1.0, 1e3) as u32
}

/// A Gaussian walk under repeated looks, one look after the other.
///
/// When to use: at every look of a running experiment, with the information it has by then; the looks before keep
/// their boundaries. For a whole plan at once use [`boundaries`]; for power use [`crossing`].
///
/// Model: `z_k ~ N(0, 1)`, `cov(z_j, z_k) = √(t_j/t_k)`. Units: any unit of information, only ratios count. A look with no
/// more information than the one before (or less, or NaN) counts as one that brought 1e-10 of it. Accuracy: crossing
/// probabilities to about 1e-13, 1e-9 where looks all but coincide. Cost: about a millisecond a look. Deterministic.
///
/// # Source
/// Armitage, `McPherson` & Rowe (1969), *Repeated significance tests on accumulating data*; Jennison & Turnbull (2000),
/// *Group Sequential Methods*, ch. 19. Here the recursion is run backwards, on the chance of no crossing so far.
///
/// # Example
/// ```
/// use stoa_core::num::boundary::Walk;
/// let mut walk = Walk::new();
/// // One look that may spend 5% is an ordinary one-sided test; a second one has less left.
/// assert!((walk.look(1.0, 0.05) - 1.644_853_626_951).abs() < 1e-12);
/// assert!(walk.look(2.0, 0.06) > 2.0);
/// ```
#[derive(Debug, Clone)]
pub struct Walk {
    information: f64,
    edge: f64,
    spent: f64,
    survival: Survival,
}

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

impl Walk {
    /// A walk that nobody has looked at.
    #[must_use]
    pub fn new() -> Self {
        Self {
            information: 0.0,
            edge: f64::INFINITY,
            spent: 0.0,
            survival: Survival::SURE,
        }
    }

    /// The boundary of the next look, such that `spent` is the chance of having crossed by then; ∞ where nothing is
    /// left to spend.
    pub fn look(&mut self, information: f64, spent: f64) -> f64 {
        self.arrive(information);
        let left = spent - self.spent;
        self.edge = f64::INFINITY;
        // NaN spends nothing.
        if left > 0.0 {
            self.edge = self.edge_of(left);
            self.spent = spent;
        }
        self.edge
    }

    /// The chance of crossing `boundary` at the next look and none before; NaN is a look without a boundary.
    pub fn cross(&mut self, information: f64, boundary: f64) -> f64 {
        self.arrive(information);
        self.edge = if boundary.is_nan() {
            f64::INFINITY
        } else {
            boundary
        };
        let crossed = self.survival.mass_above(self.edge.max(LOWEST));
        self.spent += crossed;
        crossed
    }

    /// Moves to the next look; what was crossed before becomes part of `h`.
    fn arrive(&mut self, information: f64) {
        let before = self.information;
        let new = (information - before).max(LEAST_NEW * before);
        self.information = before + new;
        if before > 0.0 {
            // Endless information leaves nothing of what was before.
            let gain = (new / self.information).min(1.0);
            self.survival = next(&self.survival, self.edge, gain);
        }
    }

    /// Where `left` lies above, by Newton's method on the scale of normal quantiles, inside a bracket.
    fn edge_of(&self, left: f64) -> f64 {
        let target = normal_upper_quantile(left.ln());
        let (mut low, mut high) = (LOWEST, HIGHEST);
        let mut edge = target.clamp(low, high);
        for _ in 0..200 {
            let mass = self.survival.mass_above(edge);
            let z = normal_upper_quantile(mass.ln());
            if z < target {
                low = edge;
            } else {
                high = edge;
            }
            let slope = normal_density(edge) * self.survival.at(edge) / normal_density(z);
            let newton = edge + (target - z) / slope;
            let inside = low <= newton && newton <= high;
            let moved = if inside { newton } else { 0.5 * (low + high) };
            let done = (moved - edge).abs() <= 4.0 * f64::EPSILON * edge.abs().max(1.0);
            edge = moved;
            if done {
                break;
            }
        }
        edge
    }
}

/// `h` a look later, `gain` being the share of the information that is new.
fn next(before: &Survival, edge: f64, gain: f64) -> Survival {
    let (rho, sd) = ((1.0 - gain).sqrt(), gain.sqrt());
    let h = |z: f64| before.mass_below(edge, rho * z, sd);
    if rho <= 0.0 {
        // Where the walk stands says nothing of where it stood.
        return Survival {
            flat: h(0.0),
            ..Survival::SURE
        };
    }
    let mut panels = Vec::new();
    let refine = Refine {
        h: &h,
        // What rounding leaves of a place that is divided by a small sd.
        noise: 8.0 * f64::EPSILON * edge.abs().clamp(-LOWEST, HIGHEST) / sd,
        narrowest: NARROWEST * sd,
        cosines: &cosines(),
    };
    for pair in knots(edge / rho, sd / rho).windows(2) {
        refine.add(&mut panels, pair[0], pair[1]);
    }
    let certain = panels
        .iter()
        .take_while(|panel| panel.at(panel.high) >= CERTAIN)
        .count();
    let flat_to = panels.drain(..certain).next_back().map(|panel| panel.high);
    Survival {
        flat_to: flat_to.unwrap_or(LOWEST),
        flat: flat_to.map_or_else(|| h(LOWEST), |_| 1.0),
        panels,
    }
}

/// Ends of panels that get finer towards `cut`, where the last boundary has left an edge as wide as `scale`.
fn knots(cut: f64, scale: f64) -> Vec<f64> {
    let high = (cut + (REACH + 0.5) * scale).clamp(LOWEST + 1.0, HIGHEST);
    let mut inner = vec![cut];
    let mut step = 2.0 * scale;
    let mut away = step;
    while away < HIGHEST - LOWEST {
        inner.extend([cut - away, cut + away]);
        step *= 1.5;
        away += step;
    }
    inner.retain(|knot| LOWEST < *knot && *knot < high);
    inner.extend([LOWEST, high]);
    inner.sort_by(f64::total_cmp);
    inner
}

/// How panels are halved until they hold `h`.
struct Refine<'a, H> {
    h: &'a H,
    noise: f64,
    narrowest: f64,
    cosines: &'a Cosines,
}

impl<H: Fn(f64) -> f64> Refine<'_, H> {
    fn add(&self, panels: &mut Vec<Panel>, low: f64, high: f64) {
        let panel = Panel::through(self.h, low, high, self.cosines);
        if high - low <= self.narrowest || panel.is_smooth(SMOOTH.max(self.noise)) {
            panels.push(panel);
        } else {
            let centre = 0.5 * (low + high);
            self.add(panels, low, centre);
            self.add(panels, centre, high);
        }
    }
}

/// Upper boundaries, one per look, that spend the given probability when there is no effect.
///
/// When to use: to plan looks or to judge a history of them. When not: looks without a plan of what they may spend; use
/// an e-process.
///
/// Model: `P(z_1 ≥ c_1 or … or z_k ≥ c_k) = spent_k` for every k, `z` as in [`Walk`].
/// Shapes: `information` and `spent` (cumulative) one per look, in order; what one has more of is left out. A look that
/// spends nothing new has the boundary ∞, and what it does not spend is not lost. Cost: a millisecond a look.
///
/// # Source
/// As [`Walk`]; Lan & `DeMets` (1983), *Discrete sequential boundaries for clinical trials*,
/// <https://doi.org/10.1093/biomet/70.3.659>.
///
/// # Example
/// ```
/// use stoa_core::num::boundary::boundaries;
/// // Two looks at half and all of the information.
/// let z = boundaries(&[0.5, 1.0], &[0.005_574_597, 0.05]);
/// assert!((z[0] - 2.538).abs() < 1e-3 && (z[1] - 1.662).abs() < 1e-3);
/// ```
#[must_use]
pub fn boundaries(information: &[f64], spent: &[f64]) -> Vec<f64> {
    let mut walk = Walk::new();
    let looks = information.iter().zip(spent);
    looks.map(|(t, spent)| walk.look(*t, *spent)).collect()
}

/// The chance of crossing each boundary first: at look k, and at none before. Their sum is the power.
///
/// Model: as [`Walk`] with `E z_k = drift √t_k`, so `drift` is the expected z at information 1. Shapes: as
/// [`boundaries`]. Accuracy: 1e-13.
///
/// # Source
/// As [`Walk`].
///
/// # Example
/// ```
/// use stoa_core::num::boundary::crossing;
/// let first = crossing(&[0.5, 1.0], &[2.538, 1.662], 0.0);
/// assert!((first.iter().sum::<f64>() - 0.05).abs() < 1e-4);
/// ```
#[must_use]
pub fn crossing(information: &[f64], boundaries: &[f64], drift: f64) -> Vec<f64> {
    let mut walk = Walk::new();
    let looks = information.iter().zip(boundaries);
    looks
        .map(|(&t, z)| {
            // A walk with a drift against a boundary is one without against a boundary that drifts away.
            walk.cross(t, z - drift * t.max(walk.information).sqrt())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_is_an_ordinary_test() {
        assert!((boundaries(&[7.0], &[0.05])[0] - 1.644_853_626_951_472_7).abs() < 1e-14);
        // Φ(drift − z)
        let power = crossing(&[1.0], &[1.959_963_984_540_054], 1.959_963_984_540_054);
        assert!((power[0] - 0.5).abs() < 1e-14);
    }

    #[test]
    fn nothing_is_nan() {
        let odd = [f64::NAN, 0.0, -1.0, 1.0, 1.0, f64::INFINITY];
        for t in odd {
            for s in odd {
                let z = boundaries(&[0.5, t, 2.0], &[0.01, s, 0.05]);
                assert!(z.iter().all(|z| !z.is_nan()), "{t} {s}: {z:?}");
                let p = crossing(&[0.5, t, 2.0], &[2.0, s, 2.0], 1.0);
                assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{t} {s}: {p:?}");
            }
        }
    }
}
