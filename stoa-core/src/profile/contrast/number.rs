//! Numbers and instants of one segment against everyone else's.

use serde::Serialize;

use super::Strength;
use crate::{
    error::Result,
    posterior::{Mean, Prior, Stats, compare},
    profile::{behaviour::Gap, members::Members},
    value::{AttributeType, Column, DAY, ValueRef},
};

/// A number: mean and median of the members and of everyone else. Instants are days since 1970-01-01 UTC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NumberContrast {
    /// Whether the numbers are days since 1970-01-01 UTC.
    pub instants: bool,
    /// The segment.
    pub inside: Summary,
    /// Everyone else.
    pub rest: Summary,
    /// P(the segment's mean is higher); null for fewer than five rows on a side, or rows that do not differ.
    pub prob_higher: Option<f64>,
    /// Difference of the means, by Student's t.
    pub difference: Gap,
    /// Difference of the means over the pooled standard deviation; null when nothing varies.
    pub standardized: Option<f64>,
}

/// Centre of a number in a group, over the rows that have it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// Rows that have the number.
    pub n: u64,
    /// Mean.
    pub mean: Option<f64>,
    /// Median.
    pub median: Option<f64>,
}

/// The values of a column in ascending order, each with its row.
pub(super) struct Numbers {
    sorted: Vec<(f64, u32)>,
    instants: bool,
}

/// Mean, variance and median of a group.
#[derive(Default)]
struct Group {
    n: u64,
    mean: f64,
    variance: f64,
    median: f64,
}

impl Numbers {
    pub(super) fn read(column: &Column<'_>, mut absent: impl FnMut(usize)) -> Self {
        let instants = column.kind() == AttributeType::Timestamp;
        let mut sorted = Vec::with_capacity(column.len());
        let mut block = [0.0; 1024];
        for from in (0..column.len()).step_by(block.len()) {
            let values = &mut block[..1024.min(column.len() - from)];
            if instants {
                days(column, from, values);
            } else {
                column.fill_numbers(from, values);
            }
            for (i, x) in values.iter().enumerate() {
                match u32::try_from(from + i) {
                    Ok(row) if x.is_finite() => sorted.push((*x, row)),
                    _ => absent(from + i),
                }
            }
        }
        sort(&mut sorted);
        Self { sorted, instants }
    }

    pub(super) fn contrast(
        &self,
        members: &Members,
        level: f64,
        strengths: &mut Vec<Strength>,
    ) -> Result<Option<NumberContrast>> {
        let [rest, inside] = self.groups(members);
        if self.sorted.is_empty() {
            return Ok(None);
        }
        let mut contrast = NumberContrast {
            instants: self.instants,
            inside: inside.summary(),
            rest: rest.summary(),
            prob_higher: None,
            difference: Gap::NONE,
            standardized: None,
        };
        if inside.n > 0 && rest.n > 0 {
            let comparison = compare(&rest.stats(), &inside.stats(), &Prior::default())?;
            contrast.difference = Gap::new(comparison.absolute(), level)?;
            contrast.prob_higher = Some(comparison.prob_positive()).filter(|p| !p.is_nan());
            let strength = strength(&inside, &rest);
            contrast.standardized = strength.map(|s| s.size);
            strengths.extend(strength.filter(|_| contrast.prob_higher.is_some()));
        }
        Ok(Some(contrast))
    }

    /// Everyone else, then the members.
    fn groups(&self, members: &Members) -> [Group; 2] {
        // Sums around one value of the column keep the digits of a variance that is small beside the mean.
        let pivot = self.sorted.get(self.sorted.len() / 2).map_or(0.0, |x| x.0);
        let mut groups = [Group::default(), Group::default()];
        for (x, row) in &self.sorted {
            let group = &mut groups[usize::from(members.has(*row as usize))];
            let d = x - pivot;
            group.n += 1;
            group.mean += d;
            group.variance += d * d;
        }
        for group in &mut groups {
            let n = (group.n as f64).max(1.0);
            let mean = group.mean / n;
            group.variance = (group.variance / n - mean * mean).max(0.0);
            group.mean = mean + pivot;
        }
        self.medians(members, &mut groups);
        groups
    }

    fn medians(&self, members: &Members, groups: &mut [Group; 2]) {
        let mut seen = [0_u64; 2];
        for (x, row) in &self.sorted {
            let side = usize::from(members.has(*row as usize));
            let n = groups[side].n;
            // The middle, or half of each of the two in the middle.
            let middle = [(n - 1) / 2, n / 2];
            let share = middle.iter().filter(|at| **at == seen[side]).count();
            if share > 0 {
                groups[side].median += 0.5 * share as f64 * x;
            }
            seen[side] += 1;
        }
    }
}

impl Group {
    fn stats(&self) -> Stats {
        Stats::Mean(Mean {
            n: self.n,
            mean: self.mean,
            variance: self.variance,
        })
    }

    fn summary(&self) -> Summary {
        let known = self.n > 0;
        Summary {
            n: self.n,
            mean: known.then_some(self.mean),
            median: known.then_some(self.median),
        }
    }
}

/// Cohen's d with its large-sample error.
///
/// # Source
/// Hedges & Olkin (1985), *Statistical Methods for Meta-Analysis*, ch. 5, eq. 14.
fn strength(inside: &Group, rest: &Group) -> Option<Strength> {
    let (a, b) = (inside.n as f64, rest.n as f64);
    let pooled = ((inside.variance * a + rest.variance * b) / (a + b)).sqrt();
    let size = (inside.mean - rest.mean) / pooled;
    let error = (1.0 / a + 1.0 / b + size * size / (2.0 * (a + b))).sqrt();
    (pooled > 0.0).then_some(Strength { size, error })
}

fn days(column: &Column<'_>, from: usize, values: &mut [f64]) {
    for (x, row) in values.iter_mut().zip(from..) {
        *x = match column.get(row) {
            ValueRef::Timestamp(at) => at.micros as f64 / DAY as f64,
            _ => f64::NAN,
        };
    }
}

#[cfg(feature = "parallel")]
fn sort(values: &mut [(f64, u32)]) {
    use rayon::prelude::*;
    values.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}

#[cfg(not(feature = "parallel"))]
fn sort(values: &mut [(f64, u32)]) {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}
