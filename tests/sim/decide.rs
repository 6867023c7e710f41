//! Simulates the cells of the promise until the processor time is spent, or all have their runs: `make sim-decide`.
//!
//! `sim_decide FOLDER SEAL SECONDS [CELL…]`: what is counted stands in FOLDER, a file for each cell, so that the next run
//! goes on, unless SEAL, the mark of the code, has changed; the findings go to standard output as JSON.
#![expect(clippy::print_stdout, reason = "its output is the findings")]

use std::env;

use cpu_time::ProcessTime;
use serde_json::{Value, json};
use stoa_tests::simulation::{Cell, Endings, Entry, Ledger, cells};

fn main() -> Result<(), String> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, seal, seconds, wanted @ ..] = arguments.as_slice() else {
        return Err("usage: sim_decide FOLDER SEAL SECONDS [CELL…]".to_owned());
    };
    let seconds: f64 = seconds
        .parse()
        .map_err(|_| format!("{seconds} is no number"))?;
    let ledger = Ledger::new(folder, seal)?;
    let start = ProcessTime::now();
    let asked = |cell: &Cell| wanted.is_empty() || wanted.contains(&cell.name);
    let rows: Result<Vec<Value>, String> = cells()
        .iter()
        .filter(|cell| asked(cell))
        .map(|cell| Ok(row(cell, &ledger.fill(cell, start, seconds)?)))
        .collect();
    println!("{}", json!(rows?));
    Ok(())
}

fn row(cell: &Cell, entry: &Entry<Endings>) -> Value {
    json!({
        "name": cell.name, "said": cell.said, "guarantee": cell.plan.guarantee, "rule": cell.rule,
        "runs": entry.runs, "wanted": cell.runs, "endings": entry.tally,
        "shipped": entry.tally.shipped(entry.runs), "mean_day": entry.tally.mean_day(entry.runs),
        "held": cell.held(entry), "cpu_seconds": entry.cpu_seconds,
    })
}
