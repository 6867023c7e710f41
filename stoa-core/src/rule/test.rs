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
    /// Is the value this boolean?
    Is(bool),
    /// [`Test::OneOf`] of a single text.
    Word(Box<str>, bool),
    /// [`Test::HasAny`] of a single text.
    Tag(Box<str>),
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
            // All of one is any of one.
            (Op::HasAll, Literal::List(items)) if items.len() == 1 => Self::HasAny(items.into()),
            (Op::HasAll, Literal::List(items)) => Self::HasAll(items.into()),
            (Op::Eq, Literal::Boolean(b)) => Self::Is(*b),
            (Op::Ne, Literal::Boolean(b)) => Self::Is(!b),
            (Op::Eq, Literal::Number(x)) => Self::Numbers(*x, *x),
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

    /// The same test, which outlives its rule and is quick about single texts and long lists.
    pub(super) fn kept(self) -> Test<'static> {
        let text = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let list = |items: Cow<'_, [Literal]>| Cow::Owned(items.into_owned());
        match self {
            Self::Missing(wanted) => Test::Missing(wanted),
            Self::Is(wanted) => Test::Is(wanted),
            Self::Word(word, negated) => Test::Word(word, negated),
            Self::Tag(word) => Test::Tag(word),
            Self::OneOf(items, negated) => match &*items {
                [Literal::Text(word)] => Test::Word(word.as_str().into(), negated),
                _ => long(&items, negated).unwrap_or_else(|| Test::OneOf(list(items), negated)),
            },
            Self::Words(words, negated) => Test::Words(words, negated),
            Self::Sorted(numbers, negated) => Test::Sorted(numbers, negated),
            Self::Numbers(low, high) => Test::Numbers(low, high),
            Self::Instants(low, high) => Test::Instants(low, high),
            Self::Within(micros) => Test::Within(micros),
            Self::StartsWith(part) => Test::StartsWith(text(part)),
            Self::EndsWith(part) => Test::EndsWith(text(part)),
            Self::Contains(part) => Test::Contains(text(part)),
            Self::HasAny(items) => match &*items {
                [Literal::Text(word)] => Test::Tag(word.as_str().into()),
                _ => Test::HasAny(list(items)),
            },
            Self::HasAll(items) => Test::HasAll(list(items)),
        }
    }

    /// The comparison's answer for one value. `within_days` without `now` is unknown, and so is every comparison with a
    /// missing value or with one of another type.
    #[expect(
        clippy::inline_always,
        reason = "the commonest tests, in the loop over a rule's comparisons"
    )]
    #[inline(always)]
    pub(super) fn apply(&self, value: &ValueRef<'_>, now: Option<Timestamp>) -> Option<bool> {
        match (self, value) {
            (Self::Numbers(low, high), ValueRef::Number(x)) if !x.is_nan() => {
                Some(*low <= *x && *x <= *high)
            }
            (Self::Missing(wanted), value) => Some(is_missing(*value) == *wanted),
            (Self::Instants(low, high), ValueRef::Timestamp(t)) => {
                Some(*low <= t.micros && t.micros <= *high)
            }
            (Self::Is(wanted), ValueRef::Boolean(x)) => Some(x == wanted),
            (Self::OneOf(items, negated), value) => Some(one_of(items, value)? != *negated),
            (Self::Word(word, negated), ValueRef::Text(x)) => Some(same(x, word) != *negated),
            (Self::Tag(word), ValueRef::List(tags)) => Some(tags.iter().any(|tag| same(tag, word))),
            (other, value) => other.apply_slowly(*value, now),
        }
    }

    #[inline(never)]
    fn apply_slowly(&self, value: ValueRef<'_>, now: Option<Timestamp>) -> Option<bool> {
        Some(match (self, value) {
            (Self::Words(words, negated), ValueRef::Text(text)) => {
                words.contains(text.as_bytes()) != *negated
            }
            (Self::Sorted(numbers, negated), value) => {
                holds_number(numbers, number(value)?) != *negated
            }
            (Self::Instants(..) | Self::Within(_), value) => {
                let ((low, high), t) = (self.instants(now)?, instant(value)?);
                low <= t && t <= high
            }
            (Self::StartsWith(part), ValueRef::Text(text)) => text.starts_with(&**part),
            (Self::EndsWith(part), ValueRef::Text(text)) => text.ends_with(&**part),
            (Self::Contains(part), ValueRef::Text(text)) => text.contains(&**part),
            (Self::HasAny(wanted), ValueRef::List(tags)) => has_any(tags, wanted),
            (Self::HasAny(wanted), ValueRef::ListRef(tags)) => has_any(tags, wanted),
            (Self::Tag(word), ValueRef::ListRef(tags)) => tags.iter().any(|tag| same(tag, word)),
            (Self::HasAll(wanted), ValueRef::List(tags)) => has_all(tags, wanted),
            (Self::HasAll(wanted), ValueRef::ListRef(tags)) => has_all(tags, wanted),
            _ => return None,
        })
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

#[inline]
fn is_missing(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Missing => true,
        ValueRef::Number(x) => x.is_nan(),
        _ => false,
    }
}

/// A number that is one.
#[inline]
fn number(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Number(x) if !x.is_nan() => Some(x),
        _ => None,
    }
}

/// Microseconds of an instant, typed or spelt.
#[inline]
fn instant(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Timestamp(t) => Some(t.micros),
        ValueRef::Text(text) => Timestamp::parse(text).ok().map(|t| t.micros),
        _ => None,
    }
}

/// Equality of text that is mostly short: the first and the last bytes as one number each, and only what is longer
/// than both is compared by a call.
#[inline]
fn same(x: &str, y: &str) -> bool {
    let (x, y) = (x.as_bytes(), y.as_bytes());
    match x.len() {
        n if n != y.len() => false,
        0 => true,
        n @ 1..4 => x[0] == y[0] && x[n / 2] == y[n / 2] && x[n - 1] == y[n - 1],
        4..8 => ends::<4>(x) == ends::<4>(y),
        8..=16 => ends::<8>(x) == ends::<8>(y),
        _ => x == y,
    }
}

/// The first and the last `N` bytes.
#[inline]
fn ends<const N: usize>(bytes: &[u8]) -> (Option<&[u8; N]>, Option<&[u8; N]>) {
    (bytes.first_chunk(), bytes.last_chunk())
}

/// Membership by exact equality; unknown when the list holds another type than the value.
#[expect(clippy::float_cmp, reason = "SQL's equality is exact")]
#[inline]
fn one_of(items: &[Literal], value: &ValueRef<'_>) -> Option<bool> {
    let mut items = items.iter();
    match (items.as_slice().first()?, value) {
        (Literal::Text(_), ValueRef::Text(x)) => {
            Some(items.any(|item| matches!(item, Literal::Text(y) if same(x, y))))
        }
        (Literal::Number(_), value) => {
            let x = number(*value)?;
            Some(items.any(|item| matches!(item, Literal::Number(y) if x == *y)))
        }
        (Literal::Boolean(_), ValueRef::Boolean(x)) => {
            Some(items.any(|item| matches!(item, Literal::Boolean(y) if x == y)))
        }
        _ => None,
    }
}

#[inline]
fn has_any<S: AsRef<str>>(tags: &[S], wanted: &[Literal]) -> bool {
    wanted.iter().any(|tag| holds(tags, tag))
}

fn has_all<S: AsRef<str>>(tags: &[S], wanted: &[Literal]) -> bool {
    wanted.iter().all(|tag| holds(tags, tag))
}

#[inline]
fn holds<S: AsRef<str>>(tags: &[S], wanted: &Literal) -> bool {
    matches!(wanted, Literal::Text(wanted) if tags.iter().any(|tag| same(tag.as_ref(), wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_when_every_byte_is() {
        for n in 0..40 {
            let text: String = ('a'..='z').cycle().take(n).collect();
            assert!(same(&text, &text.clone()), "{n}");
            assert!(!same(&text, &format!("{text}x")), "{n}");
            for i in 0..n {
                let mut other = text.clone();
                other.replace_range(i..=i, "-");
                assert!(!same(&text, &other), "{n} {i}");
            }
        }
    }
}
