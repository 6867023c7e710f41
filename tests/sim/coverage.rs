//! Draws of every family until the processor time is spent, or all have their draws: `make sim-decide`.
//!
//! `sim_coverage FOLDER SEAL SECONDS [FAMILY…]`: as `sim_decide`.
#![expect(clippy::print_stdout, reason = "its output is the findings")]

use std::env;

use cpu_time::ProcessTime;
use serde_json::{Value, json};
use stoa_tests::simulation::{Entry, Family, Hits, LEVELS, Ledger, Lifts, families};

fn main() -> Result<(), String> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, seal, seconds, wanted @ ..] = arguments.as_slice() else {
        return Err("usage: sim_coverage FOLDER SEAL SECONDS [FAMILY…]".to_owned());
    };
    let seconds: f64 = seconds
        .parse()
        .map_err(|_| format!("{seconds} is no number"))?;
    let ledger = Ledger::new(folder, seal)?;
    let start = ProcessTime::now();
    let asked = |family: &Family| wanted.is_empty() || wanted.iter().any(|w| w == family.name);
    let rows: Result<Vec<Value>, String> = families()
        .iter()
        .filter(|family| asked(family))
        .map(|family| Ok(row(family, &ledger.fill(family, start, seconds)?)))
        .collect();
    println!("{}", json!(rows?));
    Ok(())
}

fn row(family: &Family, entry: &Entry<Lifts>) -> Value {
    let of = |hits: &Hits| {
        json!({
            "draws": hits.draws, "coverage": hits.coverage(), "rank_p": hits.rank_p(), "met": hits.met(),
        })
    };
    json!({
        "name": family.name, "said": family.said, "draws": entry.runs, "levels": LEVELS,
        "relative": of(&entry.tally.relative), "absolute": of(&entry.tally.absolute),
        "cpu_seconds": entry.cpu_seconds,
    })
}
