//! Counts ids of many salts until the processor time is spent, or all are counted: `make sim-assign`.
//!
//! `assign_hash STATE SECONDS SALTS IDS`: what is counted stands in STATE, so that the next run goes on; the findings go
//! to standard output as JSON.
#![expect(clippy::print_stdout, reason = "its output is the findings")]

use std::{env, fs, path::Path};

use cpu_time::ProcessTime;
use stoa_tests::uniformity::{Counts, findings, ramp, salts};

/// Ids that go through the ramp for each salt.
const RAMPED: u64 = 10_000;
/// Ids after which the counts are kept.
const KEPT: u64 = 500_000;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [state, seconds, n_salts, n_ids] = arguments.as_slice() else {
        return Err("usage: assign_hash STATE SECONDS SALTS IDS".to_owned());
    };
    let (n_salts, n_ids) = (number(n_salts)?, number(n_ids)?);
    let seconds = number::<f64>(seconds)?;
    let start = ProcessTime::now();
    let mut counts = begun(Path::new(state), n_salts);
    while counts.ids < n_ids && start.elapsed().as_secs_f64() < seconds {
        counts.count_block(n_ids);
        if counts.ids.is_multiple_of(KEPT) {
            keep(state, &counts)?;
        }
    }
    keep(state, &counts)?;
    let ramp = ramp(&counts.salts, 0..RAMPED.min(n_ids))?;
    let document = serde_json::json!({
        "salts": counts.salts.len(), "ids": counts.ids, "findings": findings(&counts), "ramp": ramp,
        "cpu_seconds": start.elapsed().as_secs_f64(),
    });
    println!("{document}");
    Ok(())
}

/// What an earlier run counted for the same salts, or nothing.
fn begun(state: &Path, n_salts: usize) -> Counts {
    let salts = salts(n_salts);
    let text = fs::read_to_string(state).ok();
    let counts: Option<Counts> = text.and_then(|text| serde_json::from_str(&text).ok());
    let same = counts.filter(|counts| counts.salts == salts);
    same.unwrap_or_else(|| Counts::new(salts))
}

/// Written beside and moved, so that a run that is killed leaves the state before.
fn keep(state: &str, counts: &Counts) -> Result<(), String> {
    let text = serde_json::to_string(counts).map_err(|e| e.to_string())?;
    let beside = format!("{state}.new");
    fs::write(&beside, text).map_err(|e| format!("{beside}: {e}"))?;
    fs::rename(&beside, state).map_err(|e| format!("{state}: {e}"))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}
