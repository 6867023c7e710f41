//! Reads the CSV files of `../shared`, plain or gzipped.

use std::{collections::BTreeMap, io::Read, path::Path};

/// Columns of text by name.
#[derive(Debug, Default)]
pub struct Table {
    columns: BTreeMap<String, Vec<String>>,
}

/// Reads a file.
///
/// # Panics
/// When the file is not there or not text; tests ask first whether it is.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its file")]
pub fn read(path: &Path) -> Table {
    let file = std::fs::File::open(path).unwrap();
    let mut text = String::new();
    if path.extension().is_some_and(|e| e == "gz") {
        flate2::read::GzDecoder::new(file)
            .read_to_string(&mut text)
            .unwrap();
    } else {
        std::io::BufReader::new(file)
            .read_to_string(&mut text)
            .unwrap();
    }
    let mut lines = text.lines().map(cells);
    let names = lines.next().unwrap_or_default();
    let mut table = Table::default();
    for cells in lines {
        for (name, cell) in names.iter().zip(cells) {
            table.columns.entry(name.clone()).or_default().push(cell);
        }
    }
    table
}

/// A quoted cell may hold a comma: `"7) $1,000 +"`.
fn cells(line: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match (c, quoted) {
            ('"', _) => quoted = !quoted,
            (',', false) => found.push(String::new()),
            _ => found.last_mut().into_iter().for_each(|cell| cell.push(c)),
        }
    }
    found
}

impl Table {
    /// All columns by name.
    #[must_use]
    pub fn into_columns(self) -> BTreeMap<String, Vec<String>> {
        self.columns
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.values().next().map_or(0, Vec::len)
    }

    /// A column as text, empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &[String] {
        self.columns.get(name).map_or(&[], Vec::as_slice)
    }

    /// A column as numbers, NaN where a cell is none.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        self.text(name)
            .iter()
            .map(|cell| cell.trim().parse().unwrap_or(f64::NAN))
            .collect()
    }
}
