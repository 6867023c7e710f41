//! Reads the CSV files of `../shared`, plain or gzipped: their cells hold no quoted commas.

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
    let mut lines = text.lines().map(|line| {
        line.split(',')
            .map(|cell| cell.trim_matches('"').to_owned())
    });
    let names: Vec<String> = lines.next().into_iter().flatten().collect();
    let mut table = Table::default();
    for cells in lines {
        for (name, cell) in names.iter().zip(cells) {
            table.columns.entry(name.clone()).or_default().push(cell);
        }
    }
    table
}

impl Table {
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
