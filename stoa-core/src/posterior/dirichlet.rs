//! Posterior of the mean score of an ordinal metric: level shares ~ Dirichlet(a), M = Σ wₖ·pₖ.
//!
//! M > t exactly when Σ (wₖ − t)·Gₖ > 0 for independent Gₖ ~ Gamma(aₖ, 1), whose characteristic function is
//! closed: its inversion gives the density of M at any t with its derivatives (`inversion`). Between two neighbouring
//! scores the density is analytic, at a score it may have a corner, so every gap between scores has a lattice of its
//! own, in the logit of the place within the gap (`pieces`).

use super::{
    arm::{Arm, Moments},
    beta::DROP,
    inversion::{Contour, jet},
    limits::check_nodes,
    pieces::{FARTHEST, Piece, Pieces},
};
use crate::{
    error::Result,
    num::{
        curve::{Curve, Jet},
        sums::sum,
    },
};

/// Nodes per standard deviation, on the steepest part of the lattice.
const NODES_PER_SD: f64 = 5.0;
/// Within so many standard deviations of the mean the lattice has to resolve the density.
const BULK: f64 = 3.0;
/// A logit is analytic within π of the real line; the density's own features set a finer step.
const COARSEST: f64 = 0.25;
/// Beside a score between others the lattice ends where e^(−28) = 7e-13 of a standard deviation is left.
const DEPTH: f64 = 28.0;
/// Halvings to find where the density becomes negligible.
const HALVINGS: usize = 40;

/// Dirichlet(a) over levels of distinct, ascending scores; at least two.
#[derive(Debug, Clone)]
pub(super) struct Dirichlet {
    pub(super) scores: Vec<f64>,
    pub(super) a: Vec<f64>,
}

impl Dirichlet {
    /// Merges levels of one score: their shares add up to a share with the sum of their parameters.
    pub(super) fn new(levels: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut levels: Vec<(f64, f64)> = levels.into_iter().collect();
        levels.sort_by(|x, y| x.0.total_cmp(&y.0));
        let (mut scores, mut a): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        for (score, weight) in levels {
            match (scores.last(), a.last_mut()) {
                (Some(last), Some(sum)) if score <= *last => *sum += weight,
                _ => {
                    scores.push(score);
                    a.push(weight);
                }
            }
        }
        Self { scores, a }
    }

    fn total(&self) -> f64 {
        sum(self.a.iter().copied())
    }

    /// Mean and standard deviation of the mean score.
    fn moments(&self) -> Moments {
        let (total, origin) = (self.total(), self.scores[0]);
        let weighted = |f: &dyn Fn(f64) -> f64| {
            sum(self.scores.iter().zip(&self.a).map(|(w, a)| a * f(*w))) / total
        };
        let mean = origin + weighted(&|w| w - origin);
        let variance = weighted(&|w| (w - mean) * (w - mean)) / (total + 1.0);
        Moments {
            mean: Some(mean),
            mean_inverse: None,
            mean_log: f64::NAN,
            sd: variance.sqrt(),
            sd_log: f64::NAN,
        }
    }

    /// The posterior on its own lattice.
    pub(super) fn arm(&self) -> Result<Arm> {
        let moments = self.moments();
        let (pieces, step) = self.lattice(&moments)?;
        let curve = Curve::new(0, step, self.jets(&pieces, step));
        Ok(Arm::in_pieces(pieces, curve, moments))
    }

    fn lattice(&self, moments: &Moments) -> Result<(Pieces, f64)> {
        let mean = moments.mean.unwrap_or(f64::NAN);
        let step = self.step(mean, moments.sd);
        let gaps = 0..self.scores.len() - 1;
        let ends: Vec<(usize, (f64, f64))> = gaps
            .filter_map(|gap| Some((gap, self.ends(gap, mean)?)))
            .collect();
        let nodes = ends
            .iter()
            .map(|(_, (low, high))| (high - low) / step + 2.0);
        check_nodes("counts", nodes.sum())?;
        Ok((Pieces::new(&self.scores, step, &ends), step))
    }

    fn jets(&self, pieces: &Pieces, step: f64) -> Vec<Jet> {
        let nodes = pieces.nodes();
        nodes.map(|(gap, x)| jet(self, gap, x, step)).collect()
    }

    /// Largest step that resolves the density around its mean in every gap.
    fn step(&self, mean: f64, sd: f64) -> f64 {
        let steepest = self.scores.windows(2).map(|gap| {
            let (low, high) = (gap[0], gap[1]);
            let inside = (mean - BULK * sd).max(low)..=(mean + BULK * sd).min(high);
            let nearest = (0.5 * (low + high)).min(*inside.end()).max(*inside.start());
            let slope = (nearest - low) * (high - nearest) / (high - low);
            if inside.is_empty() { 0.0 } else { slope }
        });
        (sd / (NODES_PER_SD * steepest.fold(0.0, f64::max))).min(COARSEST)
    }

    /// Where the density matters within a gap, in logits; `None` where it does not at all.
    fn ends(&self, gap: usize, mean: f64) -> Option<(f64, f64)> {
        let (low, high) = (self.scores[gap], self.scores[gap + 1]);
        let (least, most) = (
            -self.limit(gap, high - low),
            self.limit(gap + 1, high - low),
        );
        let peak = if mean <= low {
            least
        } else if mean >= high {
            most
        } else {
            ((mean - low) / (high - mean)).ln().clamp(least, most)
        };
        let matters =
            |x: f64| Contour::new(self, Piece::of(&self.scores, gap), x).log_bound() >= -DROP;
        let outwards = |end: f64| {
            if matters(end) {
                return end;
            }
            let (mut inside, mut outside) = (peak, end);
            for _ in 0..HALVINGS {
                let middle = 0.5 * (inside + outside);
                if matters(middle) {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            outside
        };
        matters(peak).then(|| (outwards(least), outwards(most)))
    }

    /// Farthest logit that can matter beside a score.
    ///
    /// Towards the lowest and the highest score the bound itself falls; beside any other the density is at most
    /// |t − w|^(r−1), with r the parameters of all other levels, and what is left beyond x falls like e^(−x·min(1, r)),
    /// from a peak that is as high as the gap is wide in standard deviations.
    fn limit(&self, level: usize, width: f64) -> f64 {
        if level == 0 || level + 1 == self.scores.len() {
            return FARTHEST;
        }
        let others = self.total() - self.a[level];
        let narrow = (width / self.moments().sd).ln().max(0.0);
        ((DEPTH + narrow) / others.min(1.0)).min(FARTHEST)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn model(a: &[f64]) -> Dirichlet {
        Dirichlet::new(a.iter().enumerate().map(|(k, a)| (k as f64, *a)))
    }

    /// The density is not normalised before the curve does it: its integral is 1 only if it is right everywhere.
    #[test]
    fn the_density_integrates_to_one() {
        for a in [
            &[1.0, 1.0][..],
            &[1.0, 1.0, 1.0],
            &[0.5, 0.5, 0.5],
            &[1.0; 5],
            &[2.0, 1.0, 3.0, 4.0, 5.0],
            &[1.0, 1.0, 1.0, 1001.0, 1.0],
            &[1.0, 1.0, 1.0, 1.0, 1e7],
            &[0.05, 0.05, 0.05, 300.0, 0.05],
            &[3.0, 1.0, 5e5, 1.0, 1e6],
            &[101.0, 1.0, 1.0, 1.0, 501.0],
            &[2.0, 1.0, 1e5, 2.0, 2.0],
            &[2.0, 1.0, 1e7, 2.0, 2.0],
            &[3.0, 1e6, 1.0, 4.0, 2.0],
            &[1.0, 20.0, 1e5, 1.0, 9.0],
            &[9.0, 1.0, 1e5, 20.0, 1.0],
            &[1.0, 1.0, 9.0, 1e9, 1.0, 30.0, 1.0],
            &[1e7; 5],
            &[1.0; 11],
        ] {
            let model = model(a);
            let (pieces, step) = model.lattice(&model.moments()).unwrap();
            let total: f64 = model.jets(&pieces, step).iter().map(|jet| jet[0]).sum();
            assert!((total - 1.0).abs() < 1e-9, "{a:?}: {:e}", total - 1.0);
        }
    }

    #[test]
    fn three_uniform_levels_by_hand() {
        // Dirichlet(1, 1, 1) on 0, 1, 2: a tent, P(M ≤ t) = t²/2 up to 1; sd² = (2/3)/4.
        let arm = model(&[1.0; 3]).arm().unwrap();
        for t in [1e-6_f64, 0.3, 0.9, 1.0] {
            let lower = arm.curve.at(arm.position(t)).lower;
            assert!((lower - t * t / 2.0).abs() < 1e-12, "{t}: {lower}");
        }
        assert!((arm.moments.sd - (1.0_f64 / 6.0).sqrt()).abs() < 1e-15);
        assert!((arm.unit(arm.curve.quantile(0.875)) - 1.5).abs() < 1e-11);
    }

    #[test]
    fn levels_of_one_score_are_one() {
        let merged = Dirichlet::new([(1.0, 2.0), (0.0, 1.0), (1.0, 3.0)]);
        assert_eq!(
            (merged.scores.len(), merged.a[1].to_bits()),
            (2, 5_f64.to_bits())
        );
    }
}
