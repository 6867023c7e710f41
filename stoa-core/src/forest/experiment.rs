//! What a forest is fitted to, and what it refuses.

use crate::error::{Detail, Error, Result};

/// Fewest rows a forest learns from.
const FEWEST: usize = 20;

/// The randomised experiment a forest is fitted to, one entry a row.
#[derive(Debug, Clone, Copy)]
pub struct Experiment<'a> {
    /// Outcomes, finite.
    pub y: &'a [f64],
    /// Treatment, 0 or 1.
    pub w: &'a [f64],
    /// Probability of treatment, the same for every row, in (0, 1).
    pub propensity: f64,
    /// E[Y | X] without regard to treatment, out of bag; estimated by a regression forest when absent.
    pub expected_outcome: Option<&'a [f64]>,
    /// The rows that may teach the forest, all when absent. Every other row is out of bag for every tree, so its
    /// effect and expected outcome are predictions from the chosen rows alone.
    pub training: Option<&'a [u32]>,
}

impl Experiment<'_> {
    /// Whether it describes `n` rows soundly.
    pub(super) fn check(&self, n: usize) -> Result<()> {
        let expected = self.expected_outcome;
        same_length("y", self.y.len(), n)?;
        same_length("treatment", self.w.len(), n)?;
        same_length("expected_outcome", expected.map_or(n, <[f64]>::len), n)?;
        finite("y", self.y)?;
        finite("expected_outcome", expected.unwrap_or(&[]))?;
        let binary = |w: f64| (w - 0.0).abs() <= 0.0 || (w - 1.0).abs() <= 0.0;
        if let Some(row) = self.w.iter().position(|&w| !binary(w)) {
            let field = format!("treatment[{row}]");
            return Err(Error::OutOfRange(Detail::new(
                field,
                "must be 0 or 1",
                self.w[row],
            )));
        }
        if !(self.propensity > 0.0 && self.propensity < 1.0) {
            let rule = "must lie strictly between 0 and 1";
            return Err(Error::OutOfRange(Detail::new(
                "propensity",
                rule,
                self.propensity,
            )));
        }
        Ok(())
    }

    /// Whether a forest has enough rows to learn from, in both arms.
    pub(super) fn check_training(&self, n: usize) -> Result<()> {
        let rows = self.training.unwrap_or(&[]);
        if let Some(row) = rows.iter().find(|row| **row as usize >= n) {
            let rule = format!("must be rows below {n}");
            return Err(Error::OutOfRange(Detail::new("training", rule, row)));
        }
        let n_training = self.training.map_or(n, <[u32]>::len);
        if n_training < FEWEST {
            let rule = format!("must have at least {FEWEST} rows to learn from");
            return Err(Error::OutOfRange(Detail::new("features", rule, n_training)));
        }
        for (arm, name) in [(0.0, "control"), (1.0, "treated")] {
            let belongs = |w: &f64| (w - arm).abs() < 0.5;
            let any = match self.training {
                Some(rows) => rows.iter().any(|&row| belongs(&self.w[row as usize])),
                None => self.w.iter().any(belongs),
            };
            if !any {
                let rule = "must have at least one row to learn from";
                return Err(Error::EmptyArm(Detail::new(name, rule, 0)));
            }
        }
        Ok(())
    }
}

pub(super) fn same_length(field: &str, found: usize, n: usize) -> Result<()> {
    if found == n {
        return Ok(());
    }
    let rule = format!("must have {n} rows like the others");
    Err(Error::Conflict(Detail::new(field, rule, found)))
}

pub(super) fn finite(field: &str, values: &[f64]) -> Result<()> {
    let Some(row) = values.iter().position(|x| !x.is_finite()) else {
        return Ok(());
    };
    let field = format!("{field}[{row}]");
    Err(Error::NotFinite(Detail::new(
        field,
        "must be finite",
        values[row],
    )))
}
