//! What makes a rule well formed, and its normal form: the checks every way in (JSON, SQL, hand-made syntax) shares.
//!
//! Normal form: timestamps in UTC at microseconds, `within_days` a whole number of microseconds, no negative zero. It
//! is what makes equal rules hash alike and SQL read back as the rule that printed it.

use super::ast::{Literal, Operator};
use crate::{
    error::{Detail, Error, Result},
    value::Timestamp,
};

/// Longest text of a rule, in bytes.
pub const MAX_BYTES: usize = 1_000_000;
/// Deepest nesting of `all`, `any` and `not`.
pub const MAX_DEPTH: usize = 48;
/// Most comparisons and connectives inside one rule; what joins them all is not counted.
pub const MAX_NODES: usize = 10_000;
/// Longest name of an attribute, in bytes.
pub(super) const MAX_NAME: usize = 255;
/// Largest operand of `within_days`: a century, so that its microseconds are exact in an f64.
pub(super) const MAX_DAYS: f64 = 36_525.0;
/// Smallest one: what rounds to a microsecond.
pub(super) const MIN_DAYS: f64 = 0.5 / DAY;
/// Microseconds in a day of 86,400 seconds; UTC has no other.
const DAY: f64 = 86_400e6;

/// Refuses text over [`MAX_BYTES`] before anything reads it.
pub(crate) fn check_size(text: &str) -> Result<()> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    Err(Error::TooLarge(Detail::new(
        "",
        format!("must be at most {MAX_BYTES} bytes"),
        format!("{} bytes", text.len()),
    )))
}

/// A problem of a whole text is at `rule`; inside another document it is at that document's field.
pub(crate) fn rooted(error: Error) -> Error {
    rooted_at("rule", error)
}

/// A problem of a whole text is at what the text is.
pub(crate) fn rooted_at(name: &str, error: Error) -> Error {
    let whole = error.detail().is_some_and(|d| d.field.is_empty());
    if whole && !matches!(error, Error::Several(_)) {
        error.at(name)
    } else {
        error
    }
}

/// Whether a rule of so many comparisons and connectives, its outermost among them, is over [`MAX_NODES`].
pub(crate) const fn exceeds(nodes: usize) -> bool {
    nodes > MAX_NODES + 1
}

/// Counts what has been read of one rule and stops it at the limits.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    nodes: usize,
}

impl Meter {
    pub(crate) fn enter(&mut self, depth: usize) -> Result<()> {
        self.nodes += 1;
        let refuse = |what: String| Err(Error::TooLarge(Detail::new("", what, "more")));
        if depth > MAX_DEPTH {
            return refuse(format!("must nest at most {MAX_DEPTH} deep"));
        }
        if exceeds(self.nodes) {
            return refuse(format!(
                "must have at most {MAX_NODES} conditions, with each AND, OR and NOT among them"
            ));
        }
        Ok(())
    }
}

/// An attribute's name as it may be written.
pub(crate) fn check_name(name: &str) -> Result<()> {
    check_named("attr", name)
}

/// A name, given as `field`, as it may be written.
pub(crate) fn check_named(field: &str, name: &str) -> Result<()> {
    let rule = if name.is_empty() {
        "must not be empty"
    } else if name.len() > MAX_NAME {
        "must be at most 255 bytes"
    } else if name.contains('\0') {
        "must not hold a NUL character"
    } else {
        return Ok(());
    };
    Err(Error::OutOfRange(Detail::new(field, rule, name)))
}

/// The operand in normal form.
///
/// # Errors
/// What is wrong with it, at field `value`.
pub(crate) fn normal(op: Operator, value: &Literal) -> Result<Literal> {
    if *value == Literal::None && !matches!(op, Operator::IsMissing | Operator::IsPresent) {
        return Err(Error::MissingField(Detail::new(
            "value",
            format!("is required by `{}`", op.name()),
            "nothing",
        )));
    }
    match op {
        Operator::IsMissing | Operator::IsPresent => match value {
            Literal::None => Ok(Literal::None),
            other => Err(Error::UnknownField(Detail::new(
                "value",
                format!("must be absent: `{}` takes none", op.name()),
                shown(other),
            ))),
        },
        Operator::Eq | Operator::Ne => scalar(value),
        Operator::In | Operator::NotIn => list(value, scalar),
        Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte => ordered(value),
        Operator::Between => match list(value, ordered)? {
            Literal::List(bounds) if bounds.len() == 2 => Ok(Literal::List(bounds)),
            _ => Err(out_of_range("must be [low, high]", value)),
        },
        Operator::StartsWith | Operator::EndsWith | Operator::Contains | Operator::Has => {
            text(value)
        }
        Operator::HasAny | Operator::HasAll => list(value, text),
        Operator::WithinDays => days(value),
    }
}

/// `within_days` as microseconds: the one conversion that evaluation and SQL share.
#[expect(clippy::cast_possible_truncation, reason = "at most 36,525 days")]
pub(crate) fn day_micros(days: f64) -> i64 {
    (days.clamp(0.0, MAX_DAYS) * DAY).round() as i64
}

/// The days that [`day_micros`] turns into `micros`.
pub(crate) fn days_of_micros(micros: i64) -> f64 {
    micros as f64 / DAY
}

fn scalar(value: &Literal) -> Result<Literal> {
    match value {
        Literal::Boolean(_) => Ok(value.clone()),
        Literal::Number(x) => number(*x),
        Literal::Text(_) => text(value),
        other => Err(wrong_type("must be a boolean, a number or text", other)),
    }
}

fn ordered(value: &Literal) -> Result<Literal> {
    match value {
        Literal::Number(x) => number(*x),
        Literal::Text(spelled) => {
            let instant = Timestamp::parse(spelled).map_err(|_| {
                out_of_range(
                    "must be a number or an RFC 3339 timestamp, like 2026-01-31T00:00:00Z",
                    value,
                )
            })?;
            printable(instant).map(|t| Literal::Text(t.to_string()))
        }
        other => Err(wrong_type(
            "must be a number or an RFC 3339 timestamp",
            other,
        )),
    }
}

/// Years every dialect can spell with four digits.
pub(crate) fn printable(t: Timestamp) -> Result<Timestamp> {
    const FIRST: i64 = -62_135_596_800_000_000; // 0001-01-01T00:00:00Z
    const LAST: i64 = 253_402_207_200_000_000; // 9999-12-30T22:00:00Z, the end of jiff's range
    if (FIRST..=LAST).contains(&t.micros) {
        return Ok(t);
    }
    Err(Error::OutOfRange(Detail::new(
        "value",
        "must lie in the years 1 to 9999",
        t,
    )))
}

fn text(value: &Literal) -> Result<Literal> {
    match value {
        Literal::Text(t) if t.contains('\0') => Err(out_of_range(
            "must not hold a NUL character, which PostgreSQL cannot store",
            value,
        )),
        Literal::Text(_) => Ok(value.clone()),
        other => Err(wrong_type("must be text", other)),
    }
}

fn number(x: f64) -> Result<Literal> {
    if !x.is_finite() {
        return Err(Error::NotFinite(Detail::new("value", "must be finite", x)));
    }
    // Adding zero turns -0.0 into 0.0 and leaves everything else.
    Ok(Literal::Number(x + 0.0))
}

fn days(value: &Literal) -> Result<Literal> {
    let Literal::Number(x) = value else {
        return Err(wrong_type("must be a number of days", value));
    };
    if x.is_nan() {
        return Err(Error::NotFinite(Detail::new("value", "must be finite", x)));
    }
    if !(*x > 0.0 && *x <= MAX_DAYS && day_micros(*x) > 0) {
        return Err(out_of_range(
            "must be a number of days in (0, 36525], at least a microsecond",
            value,
        ));
    }
    Ok(Literal::Number(days_of_micros(day_micros(*x))))
}

/// A list of one type, each element by `element`; an empty one is refused because dialects differ on `IN ()`.
fn list(value: &Literal, element: fn(&Literal) -> Result<Literal>) -> Result<Literal> {
    let Literal::List(items) = value else {
        return Err(wrong_type("must be a list", value));
    };
    if items.is_empty() {
        return Err(out_of_range(
            "must not be empty; no one is {\"any\": []}",
            value,
        ));
    }
    let mut normal = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let item = element(item).map_err(|e| within_list(e, i))?;
        if let Some(first) = normal.first()
            && kind(first) != kind(&item)
        {
            return Err(Error::WrongType(Detail::new(
                format!("value[{i}]"),
                format!("must be {} like the first", kind(first)),
                shown(&item),
            )));
        }
        normal.push(item);
    }
    Ok(Literal::List(normal))
}

/// An element's error names its place in the list instead of the list.
fn within_list(error: Error, i: usize) -> Error {
    let place = |d: Detail| Detail {
        field: format!("value[{i}]"),
        ..d
    };
    match error {
        Error::WrongType(d) => Error::WrongType(place(d)),
        Error::OutOfRange(d) => Error::OutOfRange(place(d)),
        Error::NotFinite(d) => Error::NotFinite(place(d)),
        Error::MissingField(d) => Error::MissingField(place(d)),
        other => other,
    }
}

fn wrong_type(rule: &str, found: &Literal) -> Error {
    Error::WrongType(Detail::new("value", rule, shown(found)))
}

fn out_of_range(rule: &str, found: &Literal) -> Error {
    Error::OutOfRange(Detail::new("value", rule, shown(found)))
}

/// The type of an operand, as messages name it.
pub(crate) fn kind(value: &Literal) -> &'static str {
    match value {
        Literal::None => "nothing",
        Literal::Boolean(_) => "a boolean",
        Literal::Number(_) => "a number",
        Literal::Text(_) => "text",
        Literal::List(_) => "a list",
    }
}

fn shown(value: &Literal) -> String {
    match value {
        Literal::None => "nothing".to_owned(),
        Literal::Boolean(b) => b.to_string(),
        Literal::Number(x) => x.to_string(),
        Literal::Text(t) => format!("{:?}", t.chars().take(100).collect::<String>()),
        Literal::List(items) => format!("a list of {}", items.len()),
    }
}
