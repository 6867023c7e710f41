//! Smooth functions held as polynomials on intervals.

/// Points of one polynomial.
const POINTS: usize = 16;

/// A polynomial on an interval, by Chebyshev coefficients.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub(super) low: f64,
    pub(super) high: f64,
    terms: [f64; POINTS],
}

impl Panel {
    /// The polynomial through `h` at Chebyshev's points.
    pub(super) fn through(h: &impl Fn(f64) -> f64, low: f64, high: f64, cosines: &Cosines) -> Self {
        let (centre, half) = (0.5 * (low + high), 0.5 * (high - low));
        let mut terms = [0.0; POINTS];
        for row in cosines {
            let value = h(centre + half * row[1]) * 2.0 / POINTS as f64;
            for (term, cosine) in terms.iter_mut().zip(row) {
                *term += value * cosine;
            }
        }
        terms[0] *= 0.5;
        Self { low, high, terms }
    }

    /// Whether the last coefficients are nothing.
    pub(super) fn is_smooth(&self, nothing: f64) -> bool {
        let last = &self.terms[POINTS - 2..];
        last.iter().all(|term| term.abs() < nothing)
    }

    /// The value at `z`, by Clenshaw's recurrence.
    pub(super) fn at(&self, z: f64) -> f64 {
        let x = (2.0 * z - self.low - self.high) / (self.high - self.low);
        let (mut b, mut c) = (0.0, 0.0);
        for term in self.terms[1..].iter().rev() {
            (b, c) = (2.0 * x * b - c + term, b);
        }
        x * b - c + self.terms[0]
    }
}

/// cos(kθ) for each angle θ of Chebyshev's points (rows) and each k.
pub(super) type Cosines = [[f64; POINTS]; POINTS];

pub(super) fn cosines() -> Cosines {
    let angle = |i: usize| std::f64::consts::PI * (i as f64 + 0.5) / POINTS as f64;
    std::array::from_fn(|i| std::array::from_fn(|k| (k as f64 * angle(i)).cos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_is_held_to_the_last_digits() {
        let panel = Panel::through(&f64::exp, -1.0, 2.0, &cosines());
        assert!(panel.is_smooth(1e-10));
        for z in [-1.0, -0.3, 0.0, 1.7, 2.0] {
            assert!((panel.at(z) - z.exp()).abs() < 1e-13, "{z}");
        }
        let kink = Panel::through(&f64::abs, -1.0, 2.0, &cosines());
        assert!(!kink.is_smooth(1e-10));
    }
}
