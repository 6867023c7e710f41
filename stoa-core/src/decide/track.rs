//! The looks that one metric has had, and the boundary of the present one, found only when it is asked for.

use crate::num::{boundary::Walk, special::normal_upper_quantile};

/// Looks at one amount of information after the other. Cloning is cheap until a boundary has been asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Track {
    /// Information and what may have been spent, look by look.
    looks: Vec<(f64, f64)>,
    /// How many of them the walk has made.
    walked: usize,
    walk: Walk,
    edge: f64,
    open: bool,
}

impl Track {
    /// A look that may spend; without any information it is none.
    pub(super) fn arrive(&mut self, information: f64, spent: f64) {
        self.open = information > 0.0;
        if self.open {
            self.looks.push((information, spent));
        }
    }

    /// A look that may not.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// The boundary of this look; `None` where it has none. A millisecond for each look since the last time.
    pub(super) fn boundary(&mut self) -> Option<f64> {
        if !self.open {
            return None;
        }
        while let Some((information, spent)) = self.looks.get(self.walked) {
            self.edge = self.walk.look(*information, *spent);
            self.walked += 1;
        }
        Some(self.edge).filter(|edge| edge.is_finite())
    }

    /// Whether `z` reaches the boundary. All that was ever spent bounds it from below, so most looks need no walk.
    pub(super) fn reached(&mut self, z: f64) -> bool {
        let Some((_, spent)) = self.looks.last().filter(|_| self.open) else {
            return false;
        };
        z >= normal_upper_quantile(spent.ln()) && self.boundary().is_some_and(|edge| z >= edge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::boundary::boundaries;

    #[test]
    fn a_boundary_asked_for_late_is_the_same() {
        let looks = [(1.0, 0.01), (2.0, 0.03), (3.0, 0.05)];
        let mut track = Track::default();
        for (information, spent) in looks {
            track.arrive(information, spent);
            assert!(!track.reached(1.0));
        }
        let edges = boundaries(&looks.map(|l| l.0), &looks.map(|l| l.1));
        assert_eq!(track.walked, 0, "no z was near");
        assert_eq!(track.boundary().map(f64::to_bits), Some(edges[2].to_bits()));
        assert!(track.reached(edges[2]) && !track.reached(edges[2] - 1e-9));
        track.close();
        assert!(track.boundary().is_none() && !track.reached(40.0));
    }

    #[test]
    fn nothing_seen_has_no_boundary() {
        let mut track = Track::default();
        assert!(track.boundary().is_none());
        track.arrive(0.0, 0.05);
        assert!(!track.reached(40.0));
    }
}
