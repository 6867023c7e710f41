//! The promise on few runs: what `make sim-decide` does with thousands for every store.
//!
//! Runs are numbered draws of fixed seeds: a bound is passed once and for all or never, until the code changes.

use stoa_tests::simulation::{Cell, Endings, Lifts, Part, cells, families};

type Outcome = Result<(), String>;

/// Runs of a cell where nothing may ship.
const NULL_RUNS: u64 = 400;
/// Runs of a cell with an effect.
const RUNS: u64 = 100;
/// Draws of a family.
const DRAWS: u64 = 200;

fn cell(name: &str) -> Result<Cell, String> {
    let found = cells().into_iter().find(|cell| cell.name == name);
    found.ok_or_else(|| format!("no cell {name}"))
}

fn endings(name: &str, runs: u64) -> Result<Endings, String> {
    let mut endings = Endings::default();
    cell(name)?.count(0..runs, &mut endings)?;
    Ok(endings)
}

/// At 5%, 20 of 400, give or take five standard deviations of 4.4; a rule without a gate ships 93.
#[test]
fn what_is_no_better_seldom_ships() -> Outcome {
    for name in [
        "conversion-null",
        "horizon-500-plain",
        "horizon-50-twentieth",
        "any-500-plain",
    ] {
        let found = endings(name, NULL_RUNS)?;
        assert!(found.shipped_ever <= 42, "{name}: {found:?}");
    }
    Ok(())
}

/// 86.9% of 100 with a standard deviation of 3.4.
#[test]
fn what_is_better_ships_early() -> Outcome {
    let found = endings("conversion-up", RUNS)?;
    assert!(found.shipped >= 70, "{found:?}");
    assert!(found.mean_day(RUNS).value <= 21.5, "{found:?}");
    Ok(())
}

#[test]
fn harm_and_too_few_answers_never_ship() -> Outcome {
    for name in ["conversion_rate-down", "few-answers", "no-answers"] {
        let found = endings(name, RUNS)?;
        assert!(found.shipped <= 1, "{name}: {found:?}");
    }
    Ok(())
}

/// METHODS measured 23.3%: 93 of 400, give or take five standard deviations of 8.5.
#[test]
fn the_simulated_store_is_that_of_the_methods() -> Outcome {
    let found = endings("naive", NULL_RUNS)?;
    assert!((50..=136).contains(&found.shipped), "{found:?}");
    Ok(())
}

/// Five standard deviations of the share inside either way: 3.5, 2.8 and 1.5 points.
#[test]
fn intervals_hold_what_they_say() -> Outcome {
    for family in families() {
        let mut lifts = Lifts::default();
        family.count(0..DRAWS, &mut lifts)?;
        for hits in [&lifts.relative, &lifts.absolute] {
            let off = |(found, level): (f64, f64)| (found - level).abs();
            let found = hits.coverage().map(|c| c.value);
            let near = hits.draws == 0
                || off((found[0], 0.50)) < 0.177
                    && off((found[1], 0.80)) < 0.142
                    && off((found[2], 0.95)) < 0.077;
            assert!(near && hits.rank_p() > 1e-6, "{}: {found:?}", family.name);
        }
        assert!(
            lifts.relative.draws + lifts.absolute.draws > 0,
            "{}",
            family.name
        );
    }
    Ok(())
}

#[test]
fn a_cell_is_the_same_however_its_runs_are_cut() -> Outcome {
    let whole = endings("horizon-50-tenth", 40)?;
    let mut parts = Endings::default();
    let cell = cell("horizon-50-tenth")?;
    cell.count(0..15, &mut parts)?;
    cell.count(15..40, &mut parts)?;
    assert_eq!(whole, parts);
    Ok(())
}

#[test]
fn every_part_has_a_name_of_its_own() {
    let mut names: Vec<String> = cells().into_iter().map(|cell| cell.name).collect();
    names.extend(families().iter().map(|family| family.name.to_owned()));
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
