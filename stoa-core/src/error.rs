//! Floor 0: the one error type.
//!
//! Every refusal names the field (a JSON path or a column), the rule it broke and the value found, and carries a
//! `code` that is the same in Rust, Python and TypeScript. This module knows no domain: the rooms above choose the
//! variant and write the rule.

use serde::{Deserialize, Serialize};

/// Longest piece of a user's value that a message repeats, in characters.
const VALUE_SHOWN: usize = 80;

/// Result of everything in this crate that can refuse its input.
pub type Result<T> = std::result::Result<T, Error>;

/// What was wrong, where: the three facts every error holds, and a hint when there is a near miss.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Detail {
    /// JSON path, option or column: `metrics.satisfaction`, `prior.alpha`, `variants[1].weight`.
    pub field: String,
    /// The rule as a predicate that continues the field: `must be > 0`.
    pub rule: String,
    /// The value found, shortened.
    pub value: String,
    /// A near miss the caller may have meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Detail {
    /// A detail; the value is shortened to what a person can read.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over numbers and literals, not references to them"
    )]
    pub fn new(field: impl Into<String>, rule: impl Into<String>, value: impl ToString) -> Self {
        Self {
            field: field.into(),
            rule: rule.into(),
            value: shorten(&value.to_string()),
            hint: None,
        }
    }

    /// Adds "did you mean", when some known name is close to `wrong`.
    #[must_use]
    pub fn did_you_mean<'a>(
        mut self,
        wrong: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.hint = closest(wrong, known).map(|name| format!("did you mean `{name}`?"));
        self
    }
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A whole that has no name is spoken of by its rule alone.
        let place = [self.field.as_str(), &self.rule].join(" ");
        write!(f, "{}, got {}", place.trim_start(), self.value)?;
        self.hint
            .as_ref()
            .map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

/// Everything stoa refuses.
///
/// The variant is the kind of refusal, [`Error::code`] its stable name; [`Error::problems`] lists all of them when a
/// document had several.
///
/// # Example
/// ```
/// use stoa_core::error::{Detail, Error};
/// let error = Error::OutOfRange(Detail::new("prior.alpha", "must be > 0", -1));
/// assert_eq!(error.code(), "out_of_range");
/// assert_eq!(error.to_string(), "prior.alpha must be > 0, got -1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that is not the JSON or YAML it should be.
    #[error("{0}")]
    InvalidDocument(Detail),
    /// A field that the document does not have.
    #[error("{0}")]
    UnknownField(Detail),
    /// A field that must be there and is not.
    #[error("{0}")]
    MissingField(Detail),
    /// A value of another type than the field's.
    #[error("{0}")]
    WrongType(Detail),
    /// A value outside the range or format that its field allows.
    #[error("{0}")]
    OutOfRange(Detail),
    /// NaN or an infinity.
    #[error("{0}")]
    NotFinite(Detail),
    /// An operator that the rule language does not have.
    #[error("{0}")]
    UnknownOperator(Detail),
    /// SQL outside the rule language; the detail gives line and column.
    #[error("{0}")]
    UnsupportedSql(Detail),
    /// A name (surface, metric, segment, variant, experiment, family, dialect) that nothing known has.
    #[error("{0}")]
    UnknownName(Detail),
    /// A name or visitor that appears twice where it may appear once.
    #[error("{0}")]
    Duplicate(Detail),
    /// Segments or prerequisites that lead back to themselves.
    #[error("{0}")]
    Cycle(Detail),
    /// Input over a stated limit of size or depth.
    #[error("{0}")]
    TooLarge(Detail),
    /// An experiment that does not measure both revenue and satisfaction.
    #[error("{0}")]
    MissingMetric(Detail),
    /// A column that the table does not have.
    #[error("{0}")]
    MissingColumn(Detail),
    /// An arm without a single row.
    #[error("{0}")]
    EmptyArm(Detail),
    /// Parts of a request that contradict each other.
    #[error("{0}")]
    Conflict(Detail),
    /// A request that is valid but that this version does not answer.
    #[error("{0}")]
    Unsupported(Detail),
    /// A log whose lines do not follow from each other: one was changed, removed, moved or put in between.
    #[error("{0}")]
    BrokenChain(Detail),
    /// Several refusals of one document, in document order; never empty, never nested.
    #[error("{} problems: {}", .0.len(), joined(.0))]
    Several(Vec<Error>),
}

/// One refusal as data: the same keys in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable name of the kind of refusal.
    pub code: String,
    /// Where, which rule, what was found.
    #[serde(flatten)]
    pub detail: Detail,
    /// The sentence a person reads.
    pub message: String,
}

impl Error {
    /// One error out of all that were found; `None` when there is none.
    #[must_use]
    pub fn collect(mut errors: Vec<Self>) -> Option<Self> {
        match errors.len() {
            0 => None,
            1 => errors.pop(),
            _ => Some(Self::Several(
                errors.into_iter().flat_map(Self::flatten).collect(),
            )),
        }
    }

    /// Stable name of the kind; the first problem's when there are several.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidDocument(_) => "invalid_document",
            Self::UnknownField(_) => "unknown_field",
            Self::MissingField(_) => "missing_field",
            Self::WrongType(_) => "wrong_type",
            Self::OutOfRange(_) => "out_of_range",
            Self::NotFinite(_) => "not_finite",
            Self::UnknownOperator(_) => "unknown_operator",
            Self::UnsupportedSql(_) => "unsupported_sql",
            Self::UnknownName(_) => "unknown_name",
            Self::Duplicate(_) => "duplicate",
            Self::Cycle(_) => "cycle",
            Self::TooLarge(_) => "too_large",
            Self::MissingMetric(_) => "missing_metric",
            Self::MissingColumn(_) => "missing_column",
            Self::EmptyArm(_) => "empty_arm",
            Self::Conflict(_) => "conflict",
            Self::Unsupported(_) => "unsupported",
            Self::BrokenChain(_) => "broken_chain",
            Self::Several(errors) => errors.first().map_or("invalid_document", Self::code),
        }
    }

    /// Field, rule and value; the first problem's when there are several.
    #[must_use]
    pub fn detail(&self) -> Option<&Detail> {
        match self {
            Self::InvalidDocument(d)
            | Self::UnknownField(d)
            | Self::MissingField(d)
            | Self::WrongType(d)
            | Self::OutOfRange(d)
            | Self::NotFinite(d)
            | Self::UnknownOperator(d)
            | Self::UnsupportedSql(d)
            | Self::UnknownName(d)
            | Self::Duplicate(d)
            | Self::Cycle(d)
            | Self::TooLarge(d)
            | Self::MissingMetric(d)
            | Self::MissingColumn(d)
            | Self::EmptyArm(d)
            | Self::Conflict(d)
            | Self::Unsupported(d)
            | Self::BrokenChain(d) => Some(d),
            Self::Several(errors) => errors.first().and_then(Self::detail),
        }
    }

    /// All problems as data, at least one.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        match self {
            Self::Several(errors) => errors.iter().flat_map(Self::problems).collect(),
            one => vec![Problem {
                code: one.code().to_owned(),
                detail: one.detail().cloned().unwrap_or_default(),
                message: one.to_string(),
            }],
        }
    }

    /// The same error with `prefix` before its field: `rule` found inside `targeting` becomes `targeting.rule`.
    #[must_use]
    pub fn at(mut self, prefix: &str) -> Self {
        self.for_each_detail(&mut |detail| {
            detail.field = match detail.field.as_str() {
                "" => prefix.to_owned(),
                field if field.starts_with('[') => format!("{prefix}{field}"),
                field => format!("{prefix}.{field}"),
            };
        });
        self
    }

    fn for_each_detail(&mut self, change: &mut impl FnMut(&mut Detail)) {
        match self {
            Self::InvalidDocument(d)
            | Self::UnknownField(d)
            | Self::MissingField(d)
            | Self::WrongType(d)
            | Self::OutOfRange(d)
            | Self::NotFinite(d)
            | Self::UnknownOperator(d)
            | Self::UnsupportedSql(d)
            | Self::UnknownName(d)
            | Self::Duplicate(d)
            | Self::Cycle(d)
            | Self::TooLarge(d)
            | Self::MissingMetric(d)
            | Self::MissingColumn(d)
            | Self::EmptyArm(d)
            | Self::Conflict(d)
            | Self::Unsupported(d)
            | Self::BrokenChain(d) => change(d),
            Self::Several(errors) => errors.iter_mut().for_each(|e| e.for_each_detail(change)),
        }
    }

    fn flatten(self) -> Vec<Self> {
        match self {
            Self::Several(errors) => errors,
            one => vec![one],
        }
    }
}

/// The known name nearest to `wrong`, if it is near enough to be a slip of the keyboard.
#[must_use]
pub fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.6;
    // A name is a few dozen characters; a megabyte of rubbish has no near miss worth its cost.
    if wrong.len() > 200 {
        return None;
    }
    let lower = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            (
                strsim::normalized_damerau_levenshtein(&lower, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(VALUE_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn joined(errors: &[Error]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_problems_are_flat_and_lead_with_the_first() {
        let one = Error::MissingField(Detail::new("key", "is required", "nothing"));
        let two = Error::UnknownField(
            Detail::new("hypotesis", "is not a known field", "\"x\"")
                .did_you_mean("hypotesis", ["hypothesis", "surface"]),
        );
        let nested = Error::collect(vec![one.clone(), two.clone()]);
        let all = Error::collect(nested.into_iter().chain([two]).collect())
            .map(|e| e.at("experiments[0]"));
        let Some(all) = all else {
            unreachable!("two errors were given")
        };
        assert_eq!(all.code(), "missing_field");
        let problems = all.problems();
        assert_eq!(problems.len(), 3);
        assert_eq!(problems[1].detail.field, "experiments[0].hypotesis");
        assert_eq!(
            problems[1].detail.hint.as_deref(),
            Some("did you mean `hypothesis`?")
        );
    }

    #[test]
    fn a_long_value_is_shortened() {
        let detail = Detail::new("rule", "must be smaller", "x".repeat(10_000_000));
        assert_eq!(detail.value.chars().count(), VALUE_SHOWN + 1);
    }
}
