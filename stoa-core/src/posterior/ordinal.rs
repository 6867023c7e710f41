//! Answers on a few ordered levels: counts, and what each level scores.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    dirichlet::Dirichlet,
    fields::{Fields, whole, within},
};
use crate::error::{Detail, Error, Result};

const MOST_LEVELS: usize = 101;
/// Largest score, far beyond any scale of answers.
const LARGEST_SCORE: f64 = 1e6;
/// Scores of the five levels of a satisfaction question.
const CSAT: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 5.0];
/// Scores of the answers 0 to 10 of a net promoter question: detractors, passives, promoters.
const NPS: [f64; 11] = [
    -100.0, -100.0, -100.0, -100.0, -100.0, -100.0, -100.0, 0.0, 0.0, 100.0, 100.0,
];

/// Statistics of a metric on ordered levels.
///
/// # Example
/// ```
/// use stoa_core::posterior::Ordinal;
/// let nps = Ordinal { counts: vec![0, 1, 0, 2, 1, 3, 2, 9, 14, 12, 20], scores: vec![] };
/// assert_eq!(nps.scores()?[9], 100.0);
/// let four = Ordinal { counts: vec![1, 2, 3, 4], scores: vec![] };
/// assert!(four.scores().is_err_and(|e| e.code() == "missing_field"));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordinal {
    /// Answers of each level, lowest level first.
    pub counts: Vec<u64>,
    /// What each level counts; left out, five levels score 1 to 5 and eleven −100, 0 or 100 (net promoters).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<f64>,
}

impl Ordinal {
    /// What each level counts, given or by default.
    ///
    /// # Errors
    /// [`Error::MissingField`] without scores for a number of levels that has no default.
    pub fn scores(&self) -> Result<&[f64]> {
        match self.counts.len() {
            _ if !self.scores.is_empty() => Ok(&self.scores),
            5 => Ok(&CSAT),
            11 => Ok(&NPS),
            levels => {
                let rule = "is required unless there are 5 levels or 11";
                let found = format!("nothing for {levels} levels");
                Err(Error::MissingField(Detail::new("scores", rule, found)))
            }
        }
    }

    /// Answers of all levels.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().fold(0, |n, x| n.saturating_add(*x))
    }

    pub(super) fn read(fields: &Fields<'_>) -> Result<Self> {
        let counts = fields.required_list("counts")?;
        let counts: Result<Vec<u64>> = counts
            .iter()
            .enumerate()
            .map(|(k, count)| whole(&format!("counts[{k}]"), count))
            .collect();
        Ok(Self {
            counts: counts?,
            scores: fields.numbers("scores")?.unwrap_or_default(),
        })
    }

    pub(super) fn check(&self) -> Result<()> {
        if !(2..=MOST_LEVELS).contains(&self.counts.len()) {
            let rule = format!("must hold between 2 and {MOST_LEVELS} levels");
            let detail = Detail::new("counts", rule, self.counts.len());
            return Err(Error::OutOfRange(detail));
        }
        let scores = self.scores()?;
        if scores.len() != self.counts.len() {
            let rule = format!("must hold one number per level ({})", self.counts.len());
            return Err(Error::OutOfRange(Detail::new("scores", rule, scores.len())));
        }
        for (k, score) in scores.iter().enumerate() {
            let field = format!("scores[{k}]");
            within(&field, *score, -LARGEST_SCORE, LARGEST_SCORE)?;
        }
        let ends = scores
            .iter()
            .fold((f64::MAX, f64::MIN), |(l, h), w| (l.min(*w), h.max(*w)));
        if ends.0 < ends.1 {
            return Ok(());
        }
        let found = format!("{} for every level", ends.0);
        let rule = "must not be the same for every level";
        Err(Error::OutOfRange(Detail::new("scores", rule, found)))
    }

    /// Refuses arms that are not answers to the same question.
    pub(super) fn check_same(&self, other: &Self) -> Result<()> {
        if self.counts.len() != other.counts.len() {
            let rule = format!("must hold {} levels as the control's", self.counts.len());
            let detail = Detail::new("counts", rule, other.counts.len());
            return Err(Error::Conflict(detail));
        }
        let (ours, theirs) = (self.scores()?, other.scores()?);
        let differs = |(x, y): (&f64, &f64)| x.total_cmp(y).is_ne();
        match ours.iter().zip(theirs).position(differs) {
            None => Ok(()),
            Some(k) => {
                let rule = format!("must be {} as the control's", ours[k]);
                let detail = Detail::new(format!("scores[{k}]"), rule, theirs[k]);
                Err(Error::Conflict(detail))
            }
        }
    }

    pub(super) fn merge(&self, other: &Self) -> Result<Self> {
        self.check_same(other)?;
        let counts = self.counts.iter().zip(&other.counts);
        Ok(Self {
            counts: counts.map(|(x, y)| x.saturating_add(*y)).collect(),
            scores: self.scores.clone(),
        })
    }

    /// Posterior of the shares under Dirichlet(alpha).
    pub(super) fn posterior(&self, alpha: &[f64]) -> Result<Dirichlet> {
        let a = self.counts.iter().zip(alpha).map(|(n, a)| a + *n as f64);
        Ok(Dirichlet::new(self.scores()?.iter().copied().zip(a)))
    }
}

/// Dirichlet prior of the shares of the levels.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdinalPrior {
    /// Pseudo-count of each level, lowest level first.
    pub alpha: Vec<f64>,
}

impl OrdinalPrior {
    /// Weakest pseudo-count of a level: far below it everything lies beside the scores, closer than floats can tell.
    const LEAST: f64 = 0.05;
    const MOST: f64 = 1e12;

    pub(super) fn read(value: &Value) -> Result<Self> {
        let fields = Fields::new(value, &["alpha"])?;
        fields.required_list("alpha")?;
        let alpha = fields.numbers("alpha")?.unwrap_or_default();
        let prior = Self { alpha };
        prior.check().map(|()| prior)
    }

    pub(super) fn check(&self) -> Result<()> {
        self.alpha
            .iter()
            .enumerate()
            .try_for_each(|(k, a)| within(&format!("alpha[{k}]"), *a, Self::LEAST, Self::MOST))
    }

    /// One number per level, or a refusal.
    pub(super) fn of(&self, levels: usize) -> Result<Vec<f64>> {
        if self.alpha.len() == levels {
            return Ok(self.alpha.clone());
        }
        let rule = format!("must hold one number per level ({levels})");
        let detail = Detail::new("prior.alpha", rule, self.alpha.len());
        Err(Error::Conflict(detail))
    }
}
