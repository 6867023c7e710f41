//! Floor 1: the one hash, and the integers it is compared with.
//!
//! `digest = SHA-256("{salt}:{unit}")` over UTF-8, written in lower-case hex; slice `h(k)` is hex digits 13k+1 … 13k+13
//! as an integer in [0, 2^52). Shares and weights become integer cut points on the same scale, exactly, so that any
//! language and any warehouse that has SHA-256 replays an assignment. Only this module computes cut points: bundles of
//! other languages and generated SQL carry integers. The scheme is a contract; the schemes of other systems, for tests
//! that began there, have other names (`scheme`).

mod scheme;

use std::cmp::Ordering;

use sha2::{Digest as _, Sha256, block_api::compress256};

use crate::error::{Detail, Error, Result};

pub use scheme::{HashScheme, Space};

/// One past the largest slice: 2^52, so that every slice is exact as an f64 too.
pub const SCALE: u64 = 1 << 52;
/// Smallest weight that is not zero.
pub const MIN_WEIGHT: f64 = 1e-6;
/// Largest weight.
pub const MAX_WEIGHT: f64 = 1e6;
/// Largest number of weights; with their range it keeps every sum below 2^120.
pub const MAX_WEIGHTS: usize = 1 << 16;

/// Hex digits in a slice.
const SLICE_DIGITS: usize = 13;
/// Whole slices in the 64 hex digits of a digest.
const SLICES: usize = 4;
/// A weight of at least 1e-6 is a multiple of 2^-72: its leading bit is 2^-20 or higher, and 52 bits follow it.
const WEIGHT_BITS: i32 = 72;

/// Most bytes that one block of SHA-256 holds beside their padding.
const ONE_BLOCK: usize = 55;
/// SHA-256 of nothing yet: FIPS 180-4, 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Text whose hash names a unit within one experiment, layer or holdout.
///
/// A Rust string is valid Unicode. Languages whose strings may hold a lone surrogate replace it by U+FFFD before they
/// call, as UTF-8 encoders do.
///
/// # Example
/// ```
/// use stoa_core::hash::Digest;
/// let digest = Digest::of("exp-1", "u1");
/// assert_eq!(digest.h::<0>(), 3_422_863_056_982_560);
/// assert_eq!(digest.h::<1>(), 602_842_203_563_073);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

/// A salt, made ready for unit after unit.
#[derive(Debug, Clone)]
pub(crate) struct Salt<T> {
    text: T,
    /// The salt, a colon, and zeros, if they leave room for a unit in one block.
    block: Option<[u8; 64]>,
}

impl<T: AsRef<str>> Salt<T> {
    pub(crate) fn new(text: T) -> Self {
        let salt = text.as_ref().as_bytes();
        let block = (salt.len() < ONE_BLOCK).then(|| {
            let mut block = [0; 64];
            block[..salt.len()].copy_from_slice(salt);
            block[salt.len()] = b':';
            block
        });
        Self { text, block }
    }

    pub(crate) fn text(&self) -> &str {
        self.text.as_ref()
    }

    /// SHA-256 of the salt, a colon and `unit`.
    #[inline]
    pub(crate) fn digest(&self, unit: &str) -> Digest {
        if let Some(digest) = self.in_one_block(unit.as_bytes()) {
            return digest;
        }
        let mut hasher = Sha256::new();
        hasher.update(self.text());
        hasher.update(b":");
        hasher.update(unit);
        Digest(hasher.finalize().into())
    }

    /// The same where the text fits into one block, as it mostly does: padded here, so that nothing is buffered.
    #[inline]
    fn in_one_block(&self, unit: &[u8]) -> Option<Digest> {
        let start = self.text().len() + 1;
        let end = start + unit.len();
        if end > ONE_BLOCK {
            return None;
        }
        // FIPS 180-4, 5.1.1: the text, a set bit, zeros, and the length in bits.
        let mut block = self.block?;
        block[start..end].copy_from_slice(unit);
        block[end] = 0x80;
        block[56..].copy_from_slice(&(8 * end as u64).to_be_bytes());
        let mut state = INITIAL;
        compress256(&mut state, &[block]);
        let mut digest = [0; 32];
        for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        Some(Digest(digest))
    }
}

impl Digest {
    /// SHA-256 of `salt`, a colon and `unit`; nothing is allocated.
    #[must_use]
    pub fn of(salt: &str, unit: &str) -> Self {
        Salt::new(salt).digest(unit)
    }

    /// Slice `K` of the digest, `K` from 0 to 3, uniform in [0, [`SCALE`]); the slices are independent of each other.
    #[must_use]
    pub fn h<const K: usize>(&self) -> u64 {
        const { assert!(K < SLICES, "a digest has four slices") };
        // Thirteen digits from any digit on lie within eight bytes.
        let first_digit = SLICE_DIGITS * K;
        let (bytes, _) = self.0[first_digit / 2..]
            .split_first_chunk()
            .unwrap_or((&[0; 8], &[]));
        let odd = if first_digit.is_multiple_of(2) { 0 } else { 4 };
        u64::from_be_bytes(*bytes) << odd >> (64 - 4 * SLICE_DIGITS)
    }
}

/// SHA-256 of a text in lower-case hex: what rules, bundles and configs are identified by.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Cut points of weights: variant k owns slices in [cut(k−1), cut(k)), the last cut is [`SCALE`].
///
/// Model: `cut(k) = round(2^52 · (w_0 + … + w_k) / Σw)`, half up, on the exact values of the f64 weights; weights need
/// not sum to one, and a zero weight owns nothing.
/// Shapes: one cut for each weight.
///
/// # Errors
/// [`Error::NotFinite`] for NaN or an infinity; [`Error::OutOfRange`] when there is no weight, all are zero, or one lies
/// outside 0 and [1e-6, 1e6]; [`Error::TooLarge`] above 65,536 weights.
///
/// # Example
/// ```
/// use stoa_core::hash::{SCALE, cuts};
/// assert_eq!(cuts(&[1.0, 1.0, 0.0, 2.0])?, [SCALE / 4, SCALE / 2, SCALE / 2, SCALE]);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn cuts(weights: &[f64]) -> Result<Vec<u64>> {
    if weights.len() > MAX_WEIGHTS {
        return Err(Error::TooLarge(Detail::new(
            "weights",
            format!("must be at most {MAX_WEIGHTS}"),
            weights.len(),
        )));
    }
    let scaled = weights
        .iter()
        .enumerate()
        .map(|(k, &weight)| scale_weight(weight).map_err(|e| e.at(&format!("weights[{k}]"))))
        .collect::<Result<Vec<u128>>>()?;
    let total: u128 = scaled.iter().sum();
    if total == 0 {
        return Err(Error::OutOfRange(Detail::new(
            "weights",
            "must hold at least one above 0",
            format!("{weights:?}"),
        )));
    }
    let cumulated = scaled.iter().scan(0, |sum, weight| {
        *sum += weight;
        Some(*sum)
    });
    Ok(cumulated.map(|sum| round_share(sum, total)).collect())
}

/// Cut point of a share of everyone: a unit is inside when its slice is below it.
///
/// Model: `round(2^52 · share)`, half up, on the exact value of the f64.
///
/// # Errors
/// [`Error::NotFinite`] or [`Error::OutOfRange`] unless the share lies in [0, 1].
///
/// # Example
/// ```
/// use stoa_core::hash::{SCALE, threshold};
/// assert_eq!(threshold(0.25)?, SCALE / 4);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn threshold(share: f64) -> Result<u64> {
    check_range(share, 0.0, 1.0, "must be between 0 and 1").map_err(|e| e.at("share"))?;
    // Scaling by a power of two is exact, and so is the floor: this is the q of `round_share`.
    let q = (share * 2f64.powi(53)).floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "q is a whole number in [0, 2^53]"
    )]
    let q = q as u64;
    Ok((q + 1) >> 1)
}

/// Index of the variant that owns `slice`: the first whose cut lies above it.
///
/// # Example
/// ```
/// use stoa_core::hash::{SCALE, cuts, variant_of};
/// assert_eq!(variant_of(&cuts(&[1.0, 1.0])?, SCALE / 2), 1);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[must_use]
pub fn variant_of(cuts: &[u64], slice: u64) -> usize {
    // A handful of cuts: a scan beats a binary search.
    cuts.iter()
        .position(|&cut| slice < cut)
        .unwrap_or(cuts.len().saturating_sub(1))
}

/// The weight as a whole number of 2^-72, which is exact in its allowed range.
fn scale_weight(weight: f64) -> Result<u128> {
    // ±0.0 alone: a subnormal is no zero.
    if weight.partial_cmp(&0.0) == Some(Ordering::Equal) {
        return Ok(0);
    }
    check_range(
        weight,
        MIN_WEIGHT,
        MAX_WEIGHT,
        "must be 0 or between 1e-6 and 1e6",
    )?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number below 2^92"
    )]
    let scaled = (weight * 2f64.powi(WEIGHT_BITS)) as u128;
    Ok(scaled)
}

/// `round(2^52 · part / whole)`, half up, for `part <= whole` and `whole < 2^127`: the quotient's 53 bits by shifting and
/// subtracting, then its last bit rounds the others.
fn round_share(part: u128, whole: u128) -> u64 {
    let mut rest = part;
    let mut q = 0_u64;
    if rest >= whole {
        rest -= whole;
        q = 1;
    }
    for _ in 0..53 {
        rest <<= 1;
        q <<= 1;
        if rest >= whole {
            rest -= whole;
            q |= 1;
        }
    }
    (q + 1) >> 1
}

fn check_range(value: f64, low: f64, high: f64, rule: &str) -> Result<()> {
    if !value.is_finite() {
        return Err(Error::NotFinite(Detail::new("", "must be finite", value)));
    }
    if !(low..=high).contains(&value) {
        return Err(Error::OutOfRange(Detail::new("", rule, value)));
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn slices_are_the_hex_digits() {
        // SHA-256("abc:") cannot be done by hand; the digits are, from any digest.
        let digest = Digest::of("a", "b");
        let hex = sha256_hex("a:b");
        let slice = |k: usize| u64::from_str_radix(&hex[13 * k..13 * k + 13], 16).unwrap();
        assert_eq!(digest.h::<0>(), slice(0));
        assert_eq!(digest.h::<1>(), slice(1));
        assert_eq!(digest.h::<2>(), slice(2));
        assert_eq!(digest.h::<3>(), slice(3));
    }

    #[test]
    fn one_block_or_more_the_digest_is_the_same() {
        for length in 0..=130 {
            let unit = "é€u".chars().cycle().take(length).collect::<String>();
            let digest = Digest::of("salt", &unit);
            let hex = sha256_hex(&format!("salt:{unit}"));
            let slice = |k: usize| u64::from_str_radix(&hex[13 * k..13 * k + 13], 16).unwrap();
            assert_eq!(
                (digest.h::<0>(), digest.h::<3>()),
                (slice(0), slice(3)),
                "{length}"
            );
        }
    }

    #[test]
    fn sha256_of_abc_is_the_standards() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex("abc"), expected);
    }

    #[test]
    fn halves_round_up() {
        // 2^52 · (2^-53) = 1/2, which rounds up to 1; just below it rounds to 0.
        assert_eq!(threshold(2f64.powi(-53)).unwrap(), 1);
        assert_eq!(threshold(2f64.powi(-53).next_down()).unwrap(), 0);
        assert_eq!(threshold(1.0f64.next_down()).unwrap(), SCALE);
        assert_eq!(threshold(f64::from_bits(1)).unwrap(), 0);
        // 2^52 / 3 = 1501199875790165.33…, 2^53 / 3 = 3002399751580330.67…
        let thirds = [1_501_199_875_790_165, 3_002_399_751_580_331, SCALE];
        assert_eq!(cuts(&[1.0; 3]).unwrap(), thirds);
    }

    #[test]
    fn the_extremes_of_the_range_fit() {
        let many = vec![MAX_WEIGHT; MAX_WEIGHTS];
        assert_eq!(cuts(&many).unwrap()[MAX_WEIGHTS / 2 - 1], SCALE / 2);
        // 2^52 · 1e-6/(1e6+1e-6) = 4503.59…
        assert_eq!(cuts(&[MIN_WEIGHT, MAX_WEIGHT]).unwrap(), [4504, SCALE]);
    }

    #[test]
    fn a_zero_weight_owns_nothing() {
        let cut = cuts(&[0.0, 1.0, 0.0]).unwrap();
        assert_eq!(cut, [0, SCALE, SCALE]);
        assert_eq!(variant_of(&cut, 0), 1);
        assert_eq!(variant_of(&cut, SCALE - 1), 1);
    }

    #[test]
    fn bad_weights_are_named() {
        let message = |weights: &[f64]| cuts(weights).unwrap_err().to_string();
        let rule = "must be 0 or between 1e-6 and 1e6";
        assert_eq!(message(&[1.0, -1.0]), format!("weights[1] {rule}, got -1"));
        assert_eq!(
            message(&[1e-7]),
            format!("weights[0] {rule}, got 0.0000001")
        );
        assert_eq!(message(&[f64::NAN]), "weights[0] must be finite, got NaN");
        assert_eq!(cuts(&[]).unwrap_err().code(), "out_of_range");
        assert_eq!(cuts(&[0.0, -0.0]).unwrap_err().code(), "out_of_range");
        assert_eq!(threshold(1.5).unwrap_err().code(), "out_of_range");
    }
}
