//! How other systems place a unit, bit for bit, so that a running test moves here and nobody changes variant.

use md5::{Digest as _, Md5};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Digest, SCALE, check_range, threshold};
use crate::error::Result;

/// Buckets of `GrowthBook`'s first hash.
const GROWTHBOOK_V1: u64 = 1_000;
/// Buckets of `GrowthBook`'s second hash, and shards of Eppo's.
const TEN_THOUSAND: u64 = 10_000;

/// How units are hashed; a change would be a new name.
///
/// # Source
/// `@growthbook/growthbook` 1.8.0 and `@eppo/js-client-sdk-common` 4.14.4 (both MIT), read, not copied, and run beside
/// this code: docs/MIGRATION.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HashScheme {
    /// SHA-256 of `salt:unit`, which every warehouse can replay.
    #[default]
    Sha256,
    /// `GrowthBook`'s `hashVersion` 1: FNV-1a of the unit and the salt, 1,000 buckets. For tests that began there.
    GrowthbookV1,
    /// `GrowthBook`'s `hashVersion` 2: FNV-1a of the FNV-1a of salt and unit, 10,000 buckets. For tests that began there.
    GrowthbookV2,
    /// Eppo's: MD5 of `salt-unit`, 10,000 shards. For tests that began there.
    Eppo,
}

impl HashScheme {
    /// Whether it is as it should be left out of a document.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(crate) const fn is_own(&self) -> bool {
        matches!(self, Self::Sha256)
    }
}

/// Where units lie under one scheme and salt: whole numbers from 0 to below its size.
///
/// # Example
/// ```
/// use stoa_core::hash::{HashScheme, Space};
/// let space = Space::new(HashScheme::GrowthbookV2, "seed", None);
/// assert_eq!((space.place("b"), space.size()), (2_696, 10_000));
/// assert_eq!(space.edge(0.25)?, 2_500);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    scheme: HashScheme,
    salt: String,
    size: u64,
}

impl Space {
    /// The space of a salt. `total_shards` is Eppo's alone, 10,000 when left out.
    #[must_use]
    pub fn new(scheme: HashScheme, salt: &str, total_shards: Option<u32>) -> Self {
        let size = match scheme {
            HashScheme::Sha256 => SCALE,
            HashScheme::GrowthbookV1 => GROWTHBOOK_V1,
            HashScheme::GrowthbookV2 => TEN_THOUSAND,
            HashScheme::Eppo => total_shards
                .filter(|n| *n > 0)
                .map_or(TEN_THOUSAND, u64::from),
        };
        Self {
            scheme,
            salt: salt.to_owned(),
            size,
        }
    }

    /// How units are hashed.
    #[must_use]
    pub fn scheme(&self) -> HashScheme {
        self.scheme
    }

    /// What is hashed beside the unit.
    #[must_use]
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// One past the largest place.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where a unit lies; nothing is allocated.
    #[must_use]
    pub fn place(&self, unit: &str) -> u64 {
        match self.scheme {
            HashScheme::Sha256 => Digest::of(&self.salt, unit).h::<0>(),
            HashScheme::GrowthbookV1 => u64::from(fnv([unit, &self.salt])) % self.size,
            HashScheme::GrowthbookV2 => {
                u64::from(fnv_of_decimal(fnv([&self.salt, unit]))) % self.size
            }
            HashScheme::Eppo => u64::from(md5_head(&self.salt, unit)) % self.size,
        }
    }

    /// The first place that is not below a share of everyone: of SHA-256 the rounded one of [`threshold`], of the others
    /// the one that comparing `place / size` with the share as f64s gives, which is how those systems compare.
    ///
    /// # Errors
    /// [`crate::error::Error::NotFinite`] or [`crate::error::Error::OutOfRange`] unless the share lies in [0, 1].
    pub fn edge(&self, share: f64) -> Result<u64> {
        if self.scheme == HashScheme::Sha256 {
            return threshold(share);
        }
        check_range(share, 0.0, 1.0, "must be between 0 and 1").map_err(|e| e.at("share"))?;
        let below = |place: u64| (place as f64) / (self.size as f64) < share;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of at most 2^32 places"
        )]
        let near = (share * self.size as f64) as u64;
        // The product is rounded: the edge is at most one place away.
        let first = near.saturating_sub(1);
        Ok((first..self.size).find(|k| !below(*k)).unwrap_or(self.size))
    }
}

/// FNV-1a of 32 bits over the UTF-16 code units of texts joined, as `GrowthBook`'s JavaScript does: a unit beyond ASCII
/// enters as a whole, not byte by byte.
fn fnv<const N: usize>(texts: [&str; N]) -> u32 {
    let units = texts.into_iter().flat_map(str::encode_utf16);
    units.fold(FNV_OFFSET, |hash, unit| fnv_step(hash, u32::from(unit)))
}

/// FNV-1a of a number written in decimal.
fn fnv_of_decimal(number: u32) -> u32 {
    let mut power = 1;
    while number / power > 9 {
        power *= 10;
    }
    let mut hash = FNV_OFFSET;
    while power > 0 {
        hash = fnv_step(hash, u32::from(b'0') + number / power % 10);
        power /= 10;
    }
    hash
}

const FNV_OFFSET: u32 = 0x811c_9dc5;

/// Fowler, Noll and Vo, variant 1a (draft-eastlake-fnv, §2.2 and §5).
const fn fnv_step(hash: u32, unit: u32) -> u32 {
    (hash ^ unit).wrapping_mul(0x0100_0193)
}

/// The first four bytes of the MD5 of `salt-unit`, the first byte highest.
fn md5_head(salt: &str, unit: &str) -> u32 {
    let mut hasher = Md5::new();
    hasher.update(salt.as_bytes());
    hasher.update(b"-");
    hasher.update(unit.as_bytes());
    let digest: [u8; 16] = hasher.finalize().into();
    let [a, b, c, d, ..] = digest;
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn fnv_is_the_drafts() {
        // draft-eastlake-fnv, appendix C: FNV-1a of "", "a" and "foobar".
        assert_eq!(fnv([""]), 0x811c_9dc5);
        assert_eq!(fnv(["a"]), 0xe40c_292c);
        assert_eq!(fnv(["foo", "bar"]), 0xbf9c_f968);
        assert_eq!(fnv_of_decimal(0), fnv(["0"]));
        assert_eq!(fnv_of_decimal(90), fnv(["90"]));
        assert_eq!(fnv_of_decimal(u32::MAX), fnv(["4294967295"]));
    }

    #[test]
    fn md5_is_that_of_salt_hyphen_unit() {
        // printf 'salt-unit' | md5sum: 4683f5babb727bd4aeb06c1c9e35f148
        assert_eq!(md5_head("salt", "unit"), 0x4683_f5ba);
    }

    #[test]
    fn edges_are_where_the_quotients_are() {
        for size in [1, 3, 1_000, 10_000, u32::MAX] {
            let space = Space::new(HashScheme::Eppo, "", Some(size));
            for k in [0, 1, size / 3, size / 2, size - 1, size] {
                let share = f64::from(k) / f64::from(size);
                assert_eq!(space.edge(share).unwrap(), u64::from(k), "{k} of {size}");
                let above = share.next_up().min(1.0);
                let next = if k == size { size } else { k + 1 };
                assert_eq!(space.edge(above).unwrap(), u64::from(next), "{k} of {size}");
            }
        }
        // 0.1 + 0.2 is a little more than 0.3, so bucket 3,000 lies below it.
        let tenths = Space::new(HashScheme::GrowthbookV2, "", None);
        assert_eq!(tenths.edge(0.1 + 0.2).unwrap(), 3_001);
        assert!(tenths.edge(1.1).is_err() && tenths.edge(f64::NAN).is_err());
    }
}
