//! Statistics of two sets of rows as those of all rows.

use super::{
    stats::{Mean, Positive},
    winsor,
};
use crate::error::Result;

pub(super) fn positive(a: &Positive, b: &Positive) -> Result<Positive> {
    winsor::check_same(a, b)?;
    let n = a.n.saturating_add(b.n);
    if n == 0 {
        return Ok(*a);
    }
    let (share_a, share_b) = (a.n as f64 / n as f64, b.n as f64 / n as f64);
    let gap = a.mean_log - b.mean_log;
    let add = |x: Option<f64>, y: Option<f64>| Some(x? + y?);
    Ok(Positive {
        n,
        mean_log: a.mean_log * share_a + b.mean_log * share_b,
        var_log: a.var_log * share_a + b.var_log * share_b + gap * gap * share_a * share_b,
        sum: add(a.sum, b.sum),
        sum_sq: add(a.sum_sq, b.sum_sq),
        winsorized_at: a.winsorized_at,
        winsorized: a
            .winsorized
            .zip(b.winsorized)
            .map(|(x, y)| x.saturating_add(y)),
    })
}

pub(super) fn mean(a: &Mean, b: &Mean) -> Mean {
    let n = a.n.saturating_add(b.n);
    if n == 0 {
        return *a;
    }
    let (share_a, share_b) = (a.n as f64 / n as f64, b.n as f64 / n as f64);
    let gap = a.mean - b.mean;
    Mean {
        n,
        mean: a.mean * share_a + b.mean * share_b,
        variance: a.variance * share_a + b.variance * share_b + gap * gap * share_a * share_b,
    }
}
