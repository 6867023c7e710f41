//! What the test files share: where vectors and the optional truth tables live.

pub mod hillstrom;

pub mod simulation;

pub mod table;

pub mod uniformity;

pub mod worst;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Root of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// Reads a JSON file, or says which one could not be read.
///
/// # Errors
/// A message naming the file when it is absent or not JSON.
pub fn read_json(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// A file of the project's own shared vectors, `tests/vectors/NAME`.
///
/// # Errors
/// As [`read_json`].
pub fn vectors(name: &str) -> Result<Value, String> {
    read_json(&root().join("tests/vectors").join(name))
}

/// A file under `../shared`, which only the developers have; `None`, said on standard error, where it is absent.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/{name} is not on this machine");
    None
}
