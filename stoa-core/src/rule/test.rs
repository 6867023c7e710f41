//! One comparison, made ready: what every way of deciding a rule asks.

use std::{borrow::Cow, collections::HashSet};

use super::{
    ast::{Literal, Operator},
    shape::day_micros,
};
use crate::value::{Timestamp, ValueRef};

/// From this length on, a list is looked up by hash or by halving.
const LONG_LIST: usize = 8;

/// A comparison whose ranges are closed and whose timestamps are read.
#[derive(Debug, Clone)]
pub(super) enum Test<'r> {
    /// `is_missing` when true, `is_present` when false.
    Missing(bool),
    /// Is the value one of these? The flag negates.
    OneOf(Cow<'r, [Literal]>, bool),
    /// [`Test::OneOf`] of many texts.
    Words(HashSet<Box<[u8]>>, bool),
    /// [`Test::OneOf`] of many numbers, sorted.
    Sorted(Vec<f64>, bool),
    /// `low ≤ x ≤ high` for a number.
    Numbers(f64, f64),
    /// `low ≤ t ≤ high` in microseconds.
    Instants(i64, i64),
    /// At most so many microseconds before now, and not after.
    Within(i64),
    StartsWith(Cow<'r, str>),
    EndsWith(Cow<'r, str>),
    Contains(Cow<'r, str>),
    HasAny(Cow<'r, [Literal]>),
    HasAll(Cow<'r, [Literal]>),
}

impl<'r> Test<'r> {
    /// `None` for an ill-formed comparison, which is unknown for everyone.
    pub(super) fn new(op: Operator, value: &'r Literal) -> Option<Self> {
        use Operator as Op;
        let one = Cow::Borrowed(std::slice::from_ref(value));
        Some(match (op, value) {
            (Op::IsMissing, _) => Self::Missing(true),
            (Op::IsPresent, _) => Self::Missing(false),
            (Op::In, Literal::List(items)) => Self::OneOf(items.into(), false),
            (Op::NotIn, Literal::List(items)) => Self::OneOf(items.into(), true),
            (Op::HasAny, Literal::List(items)) => Self::HasAny(items.into()),
            (Op::HasAll, Literal::List(items)) => Self::HasAll(items.into()),
            (Op::Eq, _) => Self::OneOf(one, false),
            (Op::Ne, _) => Self::OneOf(one, true),
            (Op::Has, _) => Self::HasAny(one),
            (Op::StartsWith, Literal::Text(text)) => Self::StartsWith(text.into()),
            (Op::EndsWith, Literal::Text(text)) => Self::EndsWith(text.into()),
            (Op::Contains, Literal::Text(text)) => Self::Contains(text.into()),
            (Op::WithinDays, Literal::Number(days)) => Self::Within(day_micros(*days)),
            (Op::Between, Literal::List(bounds)) => match bounds.as_slice() {
                [low, high] => Self::range(Op::Gte, low)?.meet(Self::range(Op::Lte, high)?)?,
                _ => return None,
            },
            (Op::Lt | Op::Lte | Op::Gt | Op::Gte, bound) => Self::range(op, bound)?,
            _ => return None,
        })
    }

    /// An inequality as a closed range: `x < b` is `x ≤ b'` for the next value below b.
    fn range(op: Operator, bound: &Literal) -> Option<Self> {
        match bound {
            Literal::Number(b) => Some(match op {
                Operator::Lt => Self::Numbers(f64::NEG_INFINITY, b.next_down()),
                Operator::Lte => Self::Numbers(f64::NEG_INFINITY, *b),
                Operator::Gt => Self::Numbers(b.next_up(), f64::INFINITY),
                _ => Self::Numbers(*b, f64::INFINITY),
            }),
            Literal::Text(text) => {
                let t = Timestamp::parse(text).ok()?.micros;
                Some(match op {
                    Operator::Lt => Self::Instants(i64::MIN, t.saturating_sub(1)),
                    Operator::Lte => Self::Instants(i64::MIN, t),
                    Operator::Gt => Self::Instants(t.saturating_add(1), i64::MAX),
                    _ => Self::Instants(t, i64::MAX),
                })
            }
            _ => None,
        }
    }

    fn meet(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Numbers(low, _), Self::Numbers(_, high)) => Some(Self::Numbers(low, high)),
            (Self::Instants(low, _), Self::Instants(_, high)) => Some(Self::Instants(low, high)),
            _ => None,
        }
    }

    /// The same test, which outlives its rule and is quick about long lists.
    pub(super) fn kept(self) -> Test<'static> {
        let text = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let list = |items: Cow<'_, [Literal]>| Cow::Owned(items.into_owned());
        match self {
            Self::Missing(wanted) => Test::Missing(wanted),
            Self::OneOf(items, negated) => {
                long(&items, negated).unwrap_or_else(|| Test::OneOf(list(items), negated))
            }
            Self::Words(words, negated) => Test::Words(words, negated),
            Self::Sorted(numbers, negated) => Test::Sorted(numbers, negated),
            Self::Numbers(low, high) => Test::Numbers(low, high),
            Self::Instants(low, high) => Test::Instants(low, high),
            Self::Within(micros) => Test::Within(micros),
            Self::StartsWith(part) => Test::StartsWith(text(part)),
            Self::EndsWith(part) => Test::EndsWith(text(part)),
            Self::Contains(part) => Test::Contains(text(part)),
            Self::HasAny(items) => Test::HasAny(list(items)),
            Self::HasAll(items) => Test::HasAll(list(items)),
        }
    }

    /// The comparison's answer for one value. `within_days` without `now` is unknown.
    pub(super) fn apply(&self, value: ValueRef<'_>, now: Option<Timestamp>) -> Option<bool> {
        let missing = match value {
            ValueRef::Missing => true,
            ValueRef::Number(x) => x.is_nan(),
            _ => false,
        };
        if let Self::Missing(wanted) = self {
            return Some(missing == *wanted);
        }
        if missing {
            return None;
        }
        match (self, value) {
            (Self::Numbers(low, high), ValueRef::Number(x)) => Some(*low <= x && x <= *high),
            (Self::OneOf(items, negated), value) => {
                one_of(items, value).map(|found| found != *negated)
            }
            (Self::Words(words, negated), ValueRef::Text(text)) => {
                Some(words.contains(text.as_bytes()) != *negated)
            }
            (Self::Sorted(numbers, negated), ValueRef::Number(x)) => {
                Some(holds_number(numbers, x) != *negated)
            }
            (Self::StartsWith(part), ValueRef::Text(text)) => Some(text.starts_with(&**part)),
            (Self::EndsWith(part), ValueRef::Text(text)) => Some(text.ends_with(&**part)),
            (Self::Contains(part), ValueRef::Text(text)) => Some(text.contains(&**part)),
            (Self::HasAny(wanted), ValueRef::List(tags)) => Some(has_any(tags, wanted)),
            (Self::HasAny(wanted), ValueRef::ListRef(tags)) => Some(has_any(tags, wanted)),
            (Self::HasAll(wanted), ValueRef::List(tags)) => Some(has_all(tags, wanted)),
            (Self::HasAll(wanted), ValueRef::ListRef(tags)) => Some(has_all(tags, wanted)),
            (test, value) => {
                let (low, high) = test.instants(now)?;
                let micros = match value {
                    ValueRef::Timestamp(t) => t.micros,
                    ValueRef::Text(text) => Timestamp::parse(text).ok()?.micros,
                    _ => return None,
                };
                Some(low <= micros && micros <= high)
            }
        }
    }

    /// The closed range of microseconds that a test of instants accepts.
    pub(super) fn instants(&self, now: Option<Timestamp>) -> Option<(i64, i64)> {
        match self {
            Self::Instants(low, high) => Some((*low, *high)),
            Self::Within(micros) => now.map(|t| (t.micros.saturating_sub(*micros), t.micros)),
            _ => None,
        }
    }
}

/// A long list of one type, made for looking up.
fn long(items: &[Literal], negated: bool) -> Option<Test<'static>> {
    if items.len() < LONG_LIST {
        return None;
    }
    let words = items.iter().map(|item| text(item).map(Box::from));
    if let Some(words) = words.collect() {
        return Some(Test::Words(words, negated));
    }
    let numbers = items.iter().map(|item| match item {
        // Zero has two signs, which are equal.
        Literal::Number(x) => Some(x + 0.0),
        _ => None,
    });
    let mut numbers: Vec<f64> = numbers.collect::<Option<_>>()?;
    numbers.sort_by(f64::total_cmp);
    Some(Test::Sorted(numbers, negated))
}

/// Whether a sorted list holds `x`, which is a number.
pub(super) fn holds_number(sorted: &[f64], x: f64) -> bool {
    sorted
        .binary_search_by(|known| known.total_cmp(&(x + 0.0)))
        .is_ok()
}

/// The bytes of a literal that is text.
pub(super) fn text(literal: &Literal) -> Option<&[u8]> {
    match literal {
        Literal::Text(text) => Some(text.as_bytes()),
        _ => None,
    }
}

/// Membership by exact equality; unknown when the list holds another type than the value.
#[expect(clippy::float_cmp, reason = "SQL's equality is exact")]
fn one_of(items: &[Literal], value: ValueRef<'_>) -> Option<bool> {
    let same_type = matches!(
        (items.first()?, value),
        (Literal::Boolean(_), ValueRef::Boolean(_))
            | (Literal::Number(_), ValueRef::Number(_))
            | (Literal::Text(_), ValueRef::Text(_))
    );
    same_type.then(|| {
        items.iter().any(|item| match (item, value) {
            (Literal::Boolean(a), ValueRef::Boolean(b)) => *a == b,
            (Literal::Number(a), ValueRef::Number(b)) => *a == b,
            (Literal::Text(a), ValueRef::Text(b)) => a == b,
            _ => false,
        })
    })
}

fn has_any<S: AsRef<str>>(tags: &[S], wanted: &[Literal]) -> bool {
    wanted.iter().any(|tag| holds(tags, tag))
}

fn has_all<S: AsRef<str>>(tags: &[S], wanted: &[Literal]) -> bool {
    wanted.iter().all(|tag| holds(tags, tag))
}

fn holds<S: AsRef<str>>(tags: &[S], wanted: &Literal) -> bool {
    matches!(wanted, Literal::Text(wanted) if tags.iter().any(|tag| tag.as_ref() == wanted))
}
