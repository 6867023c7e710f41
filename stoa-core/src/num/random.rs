//! Uniform numbers from a seed, the same on every machine and in every version.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Uniforms in (0, 1) from `ChaCha8` keyed by `seed`; the stream is the index of the task.
#[derive(Debug, Clone)]
pub struct Uniforms(ChaCha8Rng);

impl Uniforms {
    /// The uniforms of one task.
    #[must_use]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Next uniform: the midpoint of one of 2^53 equal cells, so never 0 and never 1.
    ///
    /// # Example
    /// ```
    /// use stoa_core::num::random::Uniforms;
    /// let first = Uniforms::new(1, 0).next_uniform();
    /// assert!(first > 0.0 && first < 1.0);
    /// ```
    pub fn next_uniform(&mut self) -> f64 {
        const CELL: f64 = 1.0 / (1_u64 << 53) as f64;
        // The top cell's midpoint would round to 1.
        (((self.0.next_u64() >> 11) as f64 + 0.5) * CELL).min(1.0 - f64::EPSILON / 2.0)
    }
}
