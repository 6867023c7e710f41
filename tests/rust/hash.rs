//! The hash on few ids: what `make sim-assign` does with ten million for a thousand salts.

use std::collections::BTreeSet;

use stoa_tests::uniformity::{Counts, Ramp, findings, ramp, salts};

/// The hash is fixed, so these p-values are too: a bound is passed once and for all or never.
const LEAST_P: f64 = 0.001;

#[test]
fn slices_salts_and_experiments_are_independent() {
    for finding in findings(&Counts::of(salts(60), 40_000)) {
        assert!(finding.ks_p > LEAST_P, "{finding:?}");
        // The smallest of n uniform p-values is below LEAST_P/n once in a thousand times.
        assert!(
            finding.smallest_p * finding.tests as f64 > LEAST_P,
            "{finding:?}"
        );
    }
}

#[test]
fn twins_differ_in_one_character() {
    let salts = salts(1_000);
    for pair in salts.chunks(2) {
        let differing = pair[0].chars().zip(pair[1].chars()).filter(|(a, b)| a != b);
        assert_eq!(
            (differing.count(), pair[0].len()),
            (1, pair[1].len()),
            "{pair:?}"
        );
    }
    assert_eq!(salts.iter().collect::<BTreeSet<_>>().len(), salts.len());
}

#[test]
fn raising_the_allocation_moves_no_one() -> Result<(), String> {
    let Ramp {
        visitors,
        first,
        last,
        moved,
        left,
    } = ramp(&salts(10), 0..2_000)?;
    assert_eq!((visitors, last, moved, left), (20_000, 20_000, 0, 0));
    // 1% of 20,000 is 200, give or take four standard deviations of 14.
    assert!((144..=256).contains(&first), "{first}");
    Ok(())
}
