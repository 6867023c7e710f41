//! Rules decided for one visitor, in SQL's three-valued logic.

use super::{
    ast::{Literal, Operator, Rule},
    shape::day_micros,
};
use crate::value::{Source, Timestamp, ValueRef};

impl Rule {
    /// Whether the rule holds for one visitor: `None` is *unknown*, and only `Some(true)` matches.
    ///
    /// A comparison with a missing attribute, or one of another type than the comparison's, is unknown. A
    /// `within_days` without `now`, and a `{"segment": k}`, are unknown too; see [`Rule::evaluate_with`].
    ///
    /// Cost: one look-up of an attribute per comparison reached; nothing is allocated.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{rule::Rule, value::Attributes};
    /// let rule = Rule::parse_sql("orders_count >= 2 OR country = 'CA'")?;
    /// let visitor = Attributes::from_json(r#"{"country": "US"}"#)?;
    /// assert_eq!(rule.evaluate(&visitor, None), None);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn evaluate(&self, visitor: &impl Source, now: Option<Timestamp>) -> Option<bool> {
        self.evaluate_with(visitor, now, &|_| None)
    }

    /// [`Rule::evaluate`] with an answer for every `{"segment": key}`: a cached membership, say.
    #[must_use]
    pub fn evaluate_with(
        &self,
        visitor: &impl Source,
        now: Option<Timestamp>,
        segment: &impl Fn(&str) -> Option<bool>,
    ) -> Option<bool> {
        match self {
            Self::All(children) => fold(children, false, |child| {
                child.evaluate_with(visitor, now, segment)
            }),
            Self::Any(children) => fold(children, true, |child| {
                child.evaluate_with(visitor, now, segment)
            }),
            Self::Not(child) => child
                .evaluate_with(visitor, now, segment)
                .map(std::ops::Not::not),
            Self::Segment(key) => segment(key),
            Self::Compare { attr, op, value } => {
                Test::new(*op, value, now).and_then(|test| test.apply(visitor.get(attr)))
            }
        }
    }
}

/// Kleene's conjunction (`decisive` false) or disjunction (`decisive` true), stopping at the first decisive child.
fn fold(
    children: &[Rule],
    decisive: bool,
    evaluate: impl Fn(&Rule) -> Option<bool>,
) -> Option<bool> {
    let mut answer = Some(!decisive);
    for child in children {
        match evaluate(child) {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

/// One comparison, made ready: ranges are closed, timestamps are read, `now` is known.
#[derive(Debug, Clone, Copy)]
pub(super) enum Test<'r> {
    /// `is_missing` when true, `is_present` when false.
    Missing(bool),
    /// Is the value one of these? The flag negates.
    OneOf(&'r [Literal], bool),
    /// `low ≤ x ≤ high` for a number.
    Numbers(f64, f64),
    /// `low ≤ t ≤ high` in microseconds.
    Instants(i64, i64),
    StartsWith(&'r str),
    EndsWith(&'r str),
    Contains(&'r str),
    HasAny(&'r [Literal]),
    HasAll(&'r [Literal]),
}

impl<'r> Test<'r> {
    /// `None` for a comparison that is unknown for everyone: `within_days` without `now`, or an ill-formed one.
    pub(super) fn new(op: Operator, value: &'r Literal, now: Option<Timestamp>) -> Option<Self> {
        use Operator as Op;
        Some(match (op, value) {
            (Op::IsMissing, _) => Self::Missing(true),
            (Op::IsPresent, _) => Self::Missing(false),
            (Op::In, Literal::List(items)) => Self::OneOf(items, false),
            (Op::NotIn, Literal::List(items)) => Self::OneOf(items, true),
            (Op::HasAny, Literal::List(items)) => Self::HasAny(items),
            (Op::HasAll, Literal::List(items)) => Self::HasAll(items),
            (Op::Eq, one) => Self::OneOf(std::slice::from_ref(one), false),
            (Op::Ne, one) => Self::OneOf(std::slice::from_ref(one), true),
            (Op::Has, one) => Self::HasAny(std::slice::from_ref(one)),
            (Op::StartsWith, Literal::Text(text)) => Self::StartsWith(text),
            (Op::EndsWith, Literal::Text(text)) => Self::EndsWith(text),
            (Op::Contains, Literal::Text(text)) => Self::Contains(text),
            (Op::WithinDays, Literal::Number(days)) => {
                let now = now?.micros;
                Self::Instants(now.saturating_sub(day_micros(*days)), now)
            }
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

    /// The comparison's answer for one value.
    pub(super) fn apply(&self, value: ValueRef<'_>) -> Option<bool> {
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
            (Self::OneOf(items, negated), value) => {
                one_of(items, value).map(|found| found != *negated)
            }
            (Self::Numbers(low, high), ValueRef::Number(x)) => Some(*low <= x && x <= *high),
            (Self::Instants(low, high), ValueRef::Timestamp(t)) => {
                Some((*low..=*high).contains(&t.micros))
            }
            (Self::Instants(low, high), ValueRef::Text(text)) => Timestamp::parse(text)
                .ok()
                .map(|t| (*low..=*high).contains(&t.micros)),
            (Self::StartsWith(part), ValueRef::Text(text)) => Some(text.starts_with(part)),
            (Self::EndsWith(part), ValueRef::Text(text)) => Some(text.ends_with(part)),
            (Self::Contains(part), ValueRef::Text(text)) => Some(text.contains(part)),
            (Self::HasAny(wanted), ValueRef::List(tags)) => {
                Some(wanted.iter().any(|w| holds(tags, w)))
            }
            (Self::HasAny(wanted), ValueRef::ListRef(tags)) => {
                Some(wanted.iter().any(|w| holds(tags, w)))
            }
            (Self::HasAll(wanted), ValueRef::List(tags)) => {
                Some(wanted.iter().all(|w| holds(tags, w)))
            }
            (Self::HasAll(wanted), ValueRef::ListRef(tags)) => {
                Some(wanted.iter().all(|w| holds(tags, w)))
            }
            _ => None,
        }
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

fn holds<S: AsRef<str>>(tags: &[S], wanted: &Literal) -> bool {
    matches!(wanted, Literal::Text(wanted) if tags.iter().any(|tag| tag.as_ref() == wanted))
}
