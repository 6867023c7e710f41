//! Streams of randomness: `ChaCha8`, keyed by the seed, one stream per task.
//!
//! The draws are made from raw 64-bit words by the few lines below, so they stay the same when a library changes how
//! it draws. Neighbouring seeds share nothing, because the seed is the key and not an offset of the stream.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of random draws that depends on nothing but the seed and the stream's index.
///
/// # Example
/// ```
/// use stoa_core::num::random::Stream;
/// let draw = |seed, index| Stream::new(seed, index).below(1_000_000);
/// assert_eq!(draw(7, 0), draw(7, 0));
/// assert_ne!(draw(7, 0), draw(7, 1));
/// ```
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// Stream `index` of `seed`.
    #[must_use]
    pub fn new(seed: u64, index: u64) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(index);
        Self(rng)
    }

    /// A uniform integer in `0..bound`; 0 when `bound` is 0 (Lemire 2019, without rejection: bias below 2⁻³² for
    /// bounds up to 2³²).
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * (bound as u128);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Next uniform: the midpoint of one of 2^53 equal cells, so never 0 and never 1.
    ///
    /// # Example
    /// ```
    /// use stoa_core::num::random::Stream;
    /// let first = Stream::new(1, 0).uniform();
    /// assert!(first > 0.0 && first < 1.0);
    /// ```
    pub fn uniform(&mut self) -> f64 {
        const CELL: f64 = 1.0 / (1_u64 << 53) as f64;
        // The top cell's midpoint would round to 1.
        (((self.0.next_u64() >> 11) as f64 + 0.5) * CELL).min(1.0 - f64::EPSILON / 2.0)
    }

    /// A Poisson count by Knuth's product of uniforms, for means of a few dozen.
    pub fn poisson(&mut self, mean: f64) -> usize {
        let floor = (-mean).exp();
        let (mut product, mut count) = (self.uniform(), 0);
        while product > floor {
            product *= self.uniform();
            count += 1;
        }
        count
    }

    /// Moves a uniform sample of `size` items, without replacement, to the front of `items` (partial Fisher–Yates).
    pub fn choose<T>(&mut self, items: &mut [T], size: usize) {
        for i in 0..size.min(items.len()) {
            let j = i + self.below(items.len() - i);
            items.swap(i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_uniform() {
        let mut stream = Stream::new(1, 0);
        let mut hits = [0_u32; 10];
        for _ in 0..20_000 {
            let mut items: Vec<usize> = (0..10).collect();
            stream.choose(&mut items, 3);
            for &i in &items[..3] {
                hits[i] += 1;
            }
        }
        // 6,000 expected each, sd = sqrt(20000·0.3·0.7) = 65: five of them either way.
        assert!(hits.iter().all(|&h| h.abs_diff(6_000) < 325), "{hits:?}");
    }

    #[test]
    fn poisson_has_its_mean_and_variance() {
        let mut stream = Stream::new(2, 0);
        let draws: Vec<f64> = (0..20_000).map(|_| stream.poisson(20.0) as f64).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        // s.e. of the mean 0.03, of the variance 0.2.
        assert!((mean - 20.0).abs() < 0.15 && (variance - 20.0).abs() < 1.0);
    }
}
