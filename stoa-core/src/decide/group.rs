//! One treatment against control in a group of rows.

use std::collections::BTreeMap;

use super::{comparisons::prior_of, rows::CheckedRows, stats::empty_arm};
use crate::{
    error::Result,
    posterior::{Comparison, compare},
};

/// Every metric's comparison of two arms over the rows of a group; a metric that an arm lacks is left out.
///
/// # Errors
/// [`crate::error::Error::EmptyArm`] when an arm has no row in the group, and what the posteriors refuse.
pub(crate) fn compare_group(
    rows: &CheckedRows<'_>,
    [control, treatment]: [usize; 2],
    group: &[u32],
) -> Result<BTreeMap<String, Comparison>> {
    let of_arm = |arm: usize| -> Result<Vec<usize>> {
        let rows_of: Vec<usize> = group
            .iter()
            .map(|&row| row as usize)
            .filter(|&row| rows.arms[row] == arm)
            .collect();
        if rows_of.is_empty() {
            return Err(empty_arm(&rows.experiment.variants[arm].key));
        }
        Ok(rows_of)
    };
    let (control, treatment) = (of_arm(control)?, of_arm(treatment)?);
    let mut comparisons = BTreeMap::new();
    for series in &rows.series {
        let metric = &series.metric;
        let both = series.summary(&control)?.zip(series.summary(&treatment)?);
        if let Some((a, b)) = both {
            let prior = prior_of(metric, rows.experiment)?;
            comparisons.insert(metric.key.clone(), compare(&a, &b, &prior)?);
        }
    }
    Ok(comparisons)
}
