//! What the benches of long computations share: CPU seconds, a table, and the same figures as JSON.
//!
//! Criterion times calls of microseconds; a forest runs for seconds on all threads, so its cost is the processor time of
//! the whole process, user and system, over all threads.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::{fs, io, path::Path, time::Instant};

use cpu_time::ProcessTime;
use serde::Serialize;

/// What one computation cost, beside its bar and its peers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What ran: `forest/10000x20/500-trees`.
    pub id: String,
    /// Processor seconds over all threads, the least of the runs.
    pub cpu_seconds: f64,
    /// Seconds on the wall in that run.
    pub wall_seconds: f64,
    /// Most processor seconds allowed, where there is a bar.
    pub bar_cpu_seconds: Option<f64>,
    /// What peers need for the same, as published or measured elsewhere.
    pub peers: String,
}

/// Runs something `runs` times.
pub fn measure<T>(
    id: &str,
    runs: usize,
    bar: Option<f64>,
    peers: &str,
    run: impl Fn() -> T,
) -> Row {
    let mut row = Row {
        id: id.to_owned(),
        cpu_seconds: f64::INFINITY,
        wall_seconds: 0.0,
        bar_cpu_seconds: bar,
        peers: peers.to_owned(),
    };
    for _ in 0..runs {
        let (cpu, wall) = (ProcessTime::now(), Instant::now());
        std::hint::black_box(run());
        let (cpu, wall) = (cpu.elapsed().as_secs_f64(), wall.elapsed().as_secs_f64());
        if cpu < row.cpu_seconds {
            (row.cpu_seconds, row.wall_seconds) = (cpu, wall);
        }
    }
    row
}

/// Prints the table and writes it to `target/bench/NAME.json`.
///
/// # Errors
/// When the file cannot be written.
pub fn report(name: &str, rows: &[Row]) -> io::Result<()> {
    println!(
        "{:<44} {:>9} {:>9} {:>6}  peers",
        "", "CPU s", "wall s", "bar"
    );
    for row in rows {
        let bar = row
            .bar_cpu_seconds
            .map_or(String::new(), |bar| bar.to_string());
        let Row {
            id,
            cpu_seconds,
            wall_seconds,
            peers,
            ..
        } = row;
        println!("{id:<44} {cpu_seconds:>9.3} {wall_seconds:>9.3} {bar:>6}  {peers}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    fs::create_dir_all(&folder)?;
    let document = serde_json::json!({"name": name, "rows": rows});
    fs::write(
        folder.join(format!("{name}.json")),
        format!("{document:#}\n"),
    )
}
