//! Moves the cuts of a tree to numbers a person would say.
//!
//! Per cut and jointly for all leaves: the fewest significant digits for which no leaf changes by more than 1% of its
//! members. "At least 3 orders" instead of "at least 2.9871".

use crate::{forest::Design, policy::PolicyLeaf};

/// Largest change of a leaf's membership, as a share of its members.
const TOLERANCE: f64 = 0.01;

/// An f64 never needs more digits.
const MOST_DIGITS: usize = 17;

/// Rounds every numeric cut of the leaves, one cut after the other.
pub(super) fn round_cuts(leaves: &mut [PolicyLeaf], design: &Design) {
    let mut cuts: Vec<(usize, f64)> = Vec::new();
    for condition in leaves.iter().flat_map(|leaf| &leaf.path) {
        let known = |(feature, value): &(usize, f64)| {
            *feature == condition.feature && value.to_bits() == condition.value.to_bits()
        };
        if design.is_number(condition.feature) && !cuts.iter().any(known) {
            cuts.push((condition.feature, condition.value));
        }
    }
    let before: Vec<Vec<bool>> = leaves
        .iter()
        .map(|leaf| leaf.members(design.columns()))
        .collect();
    for (feature, value) in cuts {
        let rounded = (1..=MOST_DIGITS)
            .map(|digits| significant(value, digits))
            .find(|&candidate| {
                let moved = moved(leaves, feature, value, candidate);
                moved
                    .iter()
                    .zip(&before)
                    .all(|(leaf, before)| close(before, &leaf.members(design.columns())))
            });
        if let Some(candidate) = rounded {
            leaves.clone_from_slice(&moved(leaves, feature, value, candidate));
        }
    }
}

fn moved(leaves: &[PolicyLeaf], feature: usize, from: f64, to: f64) -> Vec<PolicyLeaf> {
    let mut leaves = leaves.to_vec();
    for condition in leaves.iter_mut().flat_map(|leaf| &mut leaf.path) {
        if condition.feature == feature && condition.value.to_bits() == from.to_bits() {
            condition.value = to;
        }
    }
    leaves
}

fn close(before: &[bool], after: &[bool]) -> bool {
    let members = before.iter().filter(|m| **m).count() as f64;
    let changed = before.iter().zip(after).filter(|(a, b)| a != b).count() as f64;
    changed <= TOLERANCE * members
}

/// `x` to so many significant digits, through its decimal form, so that 0.3 is the f64 nearest 0.3.
fn significant(x: f64, digits: usize) -> f64 {
    format!("{x:.*e}", digits - 1).parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits_are_decimal() {
        let close = |a: f64, b: f64| a.to_bits() == b.to_bits();
        assert!(close(significant(0.299_87, 1), 0.3));
        assert!(close(significant(1_234.5, 2), 1_200.0));
        assert!(close(significant(-7.0, 3), -7.0));
    }
}
