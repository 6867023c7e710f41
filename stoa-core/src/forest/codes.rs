//! Features as u8 codes: at most 254 quantile bins a feature and code 0 for missing.
//!
//! A feature with at most 254 distinct values keeps each of them, so nothing is lost on counts, flags and categories.

use crate::error::{Detail, Error, Result};

/// Bins of one feature, besides the one for missing.
const MAX_BINS: usize = 254;

/// Named numeric features, one column each; NaN is missing.
#[derive(Debug, Clone, Copy)]
pub struct Features<'a> {
    /// One name per column.
    pub names: &'a [String],
    /// Columns of equal length.
    pub columns: &'a [Vec<f64>],
}

/// Features coded for histograms, column by column, with the cut points that made the codes.
#[derive(Debug, Clone)]
pub struct Codes {
    n_rows: usize,
    by_feature: Vec<u8>,
    /// For each feature the upper edge of each bin, ascending: code c + 1 is a value in (edge[c−1], edge[c]].
    edges: Vec<Vec<f64>>,
}

impl Codes {
    /// Codes the features.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a column's length differs, [`Error::NotFinite`] for an infinity,
    /// [`Error::OutOfRange`] without any feature.
    pub fn new(features: Features<'_>) -> Result<Self> {
        let Some(first) = features.columns.first() else {
            return Err(Error::OutOfRange(Detail::new(
                "features",
                "must have at least one column",
                0,
            )));
        };
        let n_rows = first.len();
        let mut coded = Self {
            n_rows,
            by_feature: Vec::with_capacity(n_rows * features.columns.len()),
            edges: Vec::with_capacity(features.columns.len()),
        };
        for (name, column) in features.names.iter().zip(features.columns) {
            if column.len() != n_rows {
                let rule = format!("must have {n_rows} rows like the first feature");
                return Err(Error::Conflict(Detail::new(name, rule, column.len())));
            }
            if let Some(row) = column.iter().position(|x| x.is_infinite()) {
                let field = format!("{name}[{row}]");
                return Err(Error::NotFinite(Detail::new(
                    field,
                    "must be finite or missing",
                    column[row],
                )));
            }
            let edges = edges_of(column);
            coded
                .by_feature
                .extend(column.iter().map(|&x| code_of(&edges, x)));
            coded.edges.push(edges);
        }
        Ok(coded)
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of features.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.edges.len()
    }

    /// Codes of one feature, a row each.
    #[must_use]
    pub fn feature(&self, feature: usize) -> &[u8] {
        &self.by_feature[feature * self.n_rows..(feature + 1) * self.n_rows]
    }

    /// The largest value that code `code` of `feature` stands for; `None` for missing.
    #[must_use]
    pub fn edge(&self, feature: usize, code: u8) -> Option<f64> {
        self.edges[feature]
            .get(usize::from(code).checked_sub(1)?)
            .copied()
    }

    /// The same features of other rows, coded by these cut points.
    ///
    /// # Errors
    /// As [`Codes::new`], and [`Error::Conflict`] when the number of features differs.
    pub fn recode(&self, features: Features<'_>) -> Result<Self> {
        if features.columns.len() != self.n_features() {
            let rule = format!("must have {} columns like the forest", self.n_features());
            return Err(Error::Conflict(Detail::new(
                "features",
                rule,
                features.columns.len(),
            )));
        }
        let n_rows = features.columns.first().map_or(0, Vec::len);
        let by_feature = features
            .columns
            .iter()
            .zip(&self.edges)
            .flat_map(|(column, edges)| column.iter().map(|&x| code_of(edges, x)))
            .collect();
        Ok(Self {
            n_rows,
            by_feature,
            edges: self.edges.clone(),
        })
    }
}

/// Upper edges of the bins: every distinct value when there are few, quantiles of the rows otherwise.
fn edges_of(column: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut distinct = sorted.clone();
    // total_cmp keeps −0 before 0; as values they are one.
    distinct.dedup_by(|a, b| !(*a < *b || *b < *a));
    if distinct.len() <= MAX_BINS {
        return distinct;
    }
    let mut edges: Vec<f64> = (1..=MAX_BINS)
        .map(|k| sorted[(k * sorted.len()).div_ceil(MAX_BINS) - 1])
        .collect();
    edges.dedup_by(|a, b| !(*a < *b || *b < *a));
    edges
}

fn code_of(edges: &[f64], x: f64) -> u8 {
    if x.is_nan() {
        return 0;
    }
    // A value above all edges (only in other rows) belongs to the last bin.
    let bin = edges
        .partition_point(|edge| *edge < x)
        .min(edges.len().saturating_sub(1));
    u8::try_from(bin + 1).unwrap_or(u8::MAX)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn few_values_keep_their_own_bin_and_missing_is_zero() {
        let names = ["x".to_owned()];
        let columns = [vec![2.0, f64::NAN, -1.0, 2.0, 0.5]];
        let codes = Codes::new(Features {
            names: &names,
            columns: &columns,
        })
        .unwrap();
        assert_eq!(codes.feature(0), [3, 0, 1, 3, 2]);
        assert_eq!(codes.edge(0, 2), Some(0.5));
    }

    #[test]
    fn many_values_are_binned_evenly() {
        let names = ["x".to_owned()];
        let columns = [(0..25_400).map(f64::from).collect::<Vec<_>>()];
        let codes = Codes::new(Features {
            names: &names,
            columns: &columns,
        })
        .unwrap();
        let mut counts = [0_u32; 256];
        codes
            .feature(0)
            .iter()
            .for_each(|&c| counts[usize::from(c)] += 1);
        assert!(counts[1..=254].iter().all(|&n| n == 100));
    }
}
