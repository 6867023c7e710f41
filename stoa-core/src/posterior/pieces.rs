//! The line cut at the scores of an ordinal metric: one lattice per gap, laid end to end.
//!
//! Node k of the whole lattice lies at k·step like any curve's. Within the gap from w to w + W it stands for
//! w + W·logistic(x), with x a multiple of the step; a gap's first node follows the last of the gap below. Between
//! these two lies next to no probability.

use super::arm::logistic;

/// Farthest logit: e^(−650) leaves room for a quotient of scores beside the last normal float.
pub(super) const FARTHEST: f64 = 650.0;

/// A gap between two neighbouring scores.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Index of the score below.
    pub(super) gap: usize,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A gap's part of the lattice.
#[derive(Debug, Clone, Copy)]
struct Block {
    piece: Piece,
    /// Multiple of the step at the first node.
    first: i64,
    /// Index of the first node within the whole.
    base: i64,
    len: i64,
}

/// The gaps that matter, ascending and without a hole.
#[derive(Debug, Clone)]
pub(super) struct Pieces {
    scores: Vec<f64>,
    step: f64,
    blocks: Vec<Block>,
}

impl Piece {
    pub(super) fn of(scores: &[f64], gap: usize) -> Self {
        Self {
            gap,
            low: scores[gap],
            high: scores[gap + 1],
        }
    }

    pub(super) fn width(self) -> f64 {
        self.high - self.low
    }

    /// The score at logit `x`, from the nearer end.
    fn score(self, x: f64) -> f64 {
        if x < 0.0 {
            self.low + self.width() * logistic(x)
        } else {
            self.high - self.width() * logistic(-x)
        }
    }
}

impl Pieces {
    /// Lattices of one step over the given gaps, each between its two ends in logits.
    pub(super) fn new(scores: &[f64], step: f64, ends: &[(usize, (f64, f64))]) -> Self {
        let mut base = 0;
        let blocks = ends.iter().map(|&(gap, (low, high))| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked against the most nodes before"
            )]
            let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
            let block = Block {
                piece: Piece::of(scores, gap),
                first,
                base,
                len: last - first + 1,
            };
            base += block.len;
            block
        });
        Self {
            blocks: blocks.collect(),
            scores: scores.to_vec(),
            step,
        }
    }

    /// Gap and logit of every node.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.blocks.iter().flat_map(|block| {
            (0..block.len).map(|i| (block.piece.gap, (block.first + i) as f64 * self.step))
        })
    }

    /// Gap and logit at a point of the lattice.
    pub(super) fn place(&self, x: f64) -> Option<(Piece, f64)> {
        let position = x / self.step;
        let holds = |block: &&Block| block.base as f64 <= position;
        let block = self
            .blocks
            .iter()
            .rev()
            .find(holds)
            .or(self.blocks.first())?;
        let within = position - block.base as f64;
        Some((block.piece, (block.first as f64 + within) * self.step))
    }

    /// The score at a point of the lattice.
    pub(super) fn score(&self, x: f64) -> f64 {
        self.place(x).map_or(f64::NAN, |(piece, x)| piece.score(x))
    }

    /// Derivative of the score by the lattice's own coordinate.
    pub(super) fn slope(&self, x: f64) -> f64 {
        self.place(x).map_or(f64::NAN, |(piece, x)| {
            piece.width() * logistic(x) * logistic(-x)
        })
    }

    /// The point of the lattice where logit `x` of a gap lies; infinite where it has no node.
    pub(super) fn at(&self, gap: usize, x: f64) -> f64 {
        let Some(i) = self.blocks.iter().position(|b| b.piece.gap == gap) else {
            let below = self.blocks.first().is_some_and(|b| gap < b.piece.gap);
            return if below {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            };
        };
        let block = &self.blocks[i];
        let mut within = x / self.step - block.first as f64;
        if i > 0 {
            within = within.max(0.0);
        }
        if i + 1 < self.blocks.len() {
            within = within.min(block.len as f64);
        }
        (block.base as f64 + within) * self.step
    }

    /// The point of the lattice where the score is `y`.
    pub(super) fn position(&self, y: f64) -> f64 {
        let above = self.scores.partition_point(|w| *w <= y);
        if above == 0 {
            return f64::NEG_INFINITY;
        }
        if above == self.scores.len() {
            return f64::INFINITY;
        }
        let piece = Piece::of(&self.scores, above - 1);
        self.at(piece.gap, ((y - piece.low) / (piece.high - y)).ln())
    }

    pub(super) fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// Every `stride`-th node, and both ends of every gap.
    pub(super) fn knots(&self, stride: usize) -> impl Iterator<Item = f64> + '_ {
        self.blocks.iter().flat_map(move |block| {
            let inner = (0..block.len).step_by(stride);
            inner
                .chain([block.len - 1, block.len])
                .map(|i| (block.base + i) as f64 * self.step)
        })
    }
}
