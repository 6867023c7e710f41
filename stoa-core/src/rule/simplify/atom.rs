//! Comparisons as sets of values, so that they can be intersected.

use super::super::{
    ast::{Literal, Operator, Rule},
    shape::{day_micros, days_of_micros},
};
use crate::value::Timestamp;

/// Comparisons of one attribute and one class are known for the same values: within a class, logic is that of sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// `is_missing` and `is_present`, never unknown.
    Presence,
    Boolean,
    Number,
    Text,
    /// Timestamps, which may be written as text.
    Instant,
    /// `within_days`, which moves with `now`.
    Recent,
    Tags,
    /// Membership of a segment; the name is the segment's.
    Segment,
}

/// One end of a range: the outermost key inside it, and how a rule writes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    pub(super) key: i64,
    pub(super) inclusive: bool,
    pub(super) value: Literal,
}

/// Where a part of a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    End,
    Anywhere,
}

/// The set of values for which a comparison is true, among those for which it is known. Lists are sorted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Atom {
    AtLeast(Bound),
    AtMost(Bound),
    /// Both ends included.
    Between(Bound, Bound),
    Outside(Bound, Bound),
    Keys(Vec<i64>, bool),
    Words(Vec<String>, bool),
    Part(Place, String, bool),
    /// At least one of the tags.
    AnyOf(Vec<String>, bool),
    AllOf(Vec<String>, bool),
    /// At most so many microseconds ago.
    Within(i64, bool),
    /// Missing when true, present when false.
    Missing(bool),
    /// In the segment, unless negated.
    Member(bool),
}

impl Atom {
    /// The set of a canonical leaf, with the name and class of what it compares; `None` for an ill-formed one.
    pub(super) fn of(leaf: &Rule) -> Option<(String, Class, Self)> {
        match leaf {
            Rule::Not(inner) => {
                Self::of(inner).map(|(name, class, atom)| (name, class, atom.negate()))
            }
            Rule::Segment(key) => Some((key.clone(), Class::Segment, Self::Member(false))),
            Rule::Compare { attr, op, value } => {
                Self::compared(*op, value).map(|(class, atom)| (attr.clone(), class, atom))
            }
            Rule::All(_) | Rule::Any(_) => None,
        }
    }

    fn compared(op: Operator, value: &Literal) -> Option<(Class, Self)> {
        use Operator as Op;
        Some(match op {
            Op::IsMissing => (Class::Presence, Self::Missing(true)),
            Op::IsPresent => (Class::Presence, Self::Missing(false)),
            Op::Eq | Op::Ne => one_of(std::slice::from_ref(value), op == Op::Ne)?,
            Op::In | Op::NotIn => one_of(list(value)?, op == Op::NotIn)?,
            Op::Lt | Op::Lte | Op::Gt | Op::Gte => {
                let (class, key) = key_of(value)?;
                let inclusive = matches!(op, Op::Lte | Op::Gte);
                let low = matches!(op, Op::Gt | Op::Gte);
                let inside = match (inclusive, low) {
                    (true, _) => key,
                    (false, true) => key.checked_add(1)?,
                    (false, false) => key.checked_sub(1)?,
                };
                let bound = Bound {
                    key: inside,
                    inclusive,
                    value: value.clone(),
                };
                (
                    class,
                    if low {
                        Self::AtLeast(bound)
                    } else {
                        Self::AtMost(bound)
                    },
                )
            }
            Op::Between => {
                let [low, high] = list(value)? else {
                    return None;
                };
                let ((class, low_key), (_, high_key)) = (key_of(low)?, key_of(high)?);
                let bound = |key, value: &Literal| Bound {
                    key,
                    inclusive: true,
                    value: value.clone(),
                };
                (
                    class,
                    Self::Between(bound(low_key, low), bound(high_key, high)),
                )
            }
            Op::StartsWith => (Class::Text, Self::Part(Place::Start, text(value)?, false)),
            Op::EndsWith => (Class::Text, Self::Part(Place::End, text(value)?, false)),
            Op::Contains => (
                Class::Text,
                Self::Part(Place::Anywhere, text(value)?, false),
            ),
            Op::Has => (Class::Tags, Self::AnyOf(vec![text(value)?], false)),
            Op::HasAny => (Class::Tags, Self::AnyOf(texts(list(value)?)?, false)),
            Op::HasAll => (Class::Tags, Self::AllOf(texts(list(value)?)?, false)),
            Op::WithinDays => match value {
                Literal::Number(days) => (Class::Recent, Self::Within(day_micros(*days), false)),
                _ => return None,
            },
        })
    }

    /// The complement.
    pub(super) fn negate(self) -> Self {
        match self {
            Self::AtLeast(bound) => Self::AtMost(beside(bound, -1)),
            Self::AtMost(bound) => Self::AtLeast(beside(bound, 1)),
            Self::Between(low, high) => Self::Outside(low, high),
            Self::Outside(low, high) => Self::Between(low, high),
            Self::Keys(keys, no) => Self::Keys(keys, !no),
            Self::Words(words, no) => Self::Words(words, !no),
            Self::Part(place, text, no) => Self::Part(place, text, !no),
            Self::AnyOf(tags, no) => Self::AnyOf(tags, !no),
            Self::AllOf(tags, no) => Self::AllOf(tags, !no),
            Self::Within(micros, no) => Self::Within(micros, !no),
            Self::Missing(missing) => Self::Missing(!missing),
            Self::Member(no) => Self::Member(!no),
        }
    }

    /// The canonical leaf that has this set.
    pub(super) fn rule(&self, name: &str, class: Class) -> Rule {
        use Operator as Op;
        let pick = |no: bool, yes: Op, denied: Op| if no { denied } else { yes };
        let pair =
            |low: &Bound, high: &Bound| Literal::List(vec![low.value.clone(), high.value.clone()]);
        let (op, value, negated) = match self {
            Self::AtLeast(b) => (pick(b.inclusive, Op::Gt, Op::Gte), b.value.clone(), false),
            Self::AtMost(b) => (pick(b.inclusive, Op::Lt, Op::Lte), b.value.clone(), false),
            Self::Between(low, high) => (Op::Between, pair(low, high), false),
            Self::Outside(low, high) => (Op::Between, pair(low, high), true),
            Self::Keys(keys, no) => {
                let items = keys.iter().map(|key| literal_of(class, *key)).collect();
                (pick(*no, Op::In, Op::NotIn), Literal::List(items), false)
            }
            Self::Words(words, no) => (pick(*no, Op::In, Op::NotIn), listed(words), false),
            Self::Part(place, text, no) => {
                let op = match place {
                    Place::Start => Op::StartsWith,
                    Place::End => Op::EndsWith,
                    Place::Anywhere => Op::Contains,
                };
                (op, Literal::Text(text.clone()), *no)
            }
            Self::AnyOf(tags, no) => (Op::HasAny, listed(tags), *no),
            Self::AllOf(tags, no) => (Op::HasAll, listed(tags), *no),
            Self::Within(micros, no) => (
                Op::WithinDays,
                Literal::Number(days_of_micros(*micros)),
                *no,
            ),
            Self::Missing(missing) => (
                pick(*missing, Op::IsPresent, Op::IsMissing),
                Literal::None,
                false,
            ),
            Self::Member(no) => {
                return super::super::canonical::leaf(&Rule::Segment(name.to_owned()), *no);
            }
        };
        let attr = name.to_owned();
        super::super::canonical::leaf(&Rule::Compare { attr, op, value }, negated)
    }

    /// What looking at it costs.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Keys(keys, _) => keys.len(),
            Self::Words(words, _) | Self::AnyOf(words, _) | Self::AllOf(words, _) => {
                words.iter().map(|word| word.len() + 1).sum()
            }
            Self::Part(_, text, _) => text.len() + 1,
            _ => 1,
        }
    }
}

/// The other side of a bound: what is not at least b is less than b.
fn beside(bound: Bound, step: i64) -> Bound {
    Bound {
        key: bound.key.saturating_add(step),
        inclusive: !bound.inclusive,
        value: bound.value,
    }
}

fn one_of(items: &[Literal], no: bool) -> Option<(Class, Atom)> {
    if let Some(words) = texts(items) {
        return Some((Class::Text, Atom::Words(words, no)));
    }
    let mut keys = Vec::with_capacity(items.len());
    for item in items {
        keys.push(match item {
            Literal::Boolean(b) => i64::from(*b),
            Literal::Number(_) => key_of(item)?.1,
            _ => return None,
        });
    }
    let class = match items.first()? {
        Literal::Boolean(_) => Class::Boolean,
        _ => Class::Number,
    };
    Some((class, Atom::Keys(keys, no)))
}

fn list(value: &Literal) -> Option<&[Literal]> {
    match value {
        Literal::List(items) => Some(items),
        _ => None,
    }
}

fn text(value: &Literal) -> Option<String> {
    match value {
        Literal::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn texts(items: &[Literal]) -> Option<Vec<String>> {
    items.iter().map(text).collect()
}

fn listed(words: &[String]) -> Literal {
    Literal::List(words.iter().cloned().map(Literal::Text).collect())
}

/// Numbers and instants as whole numbers in the same order, neighbours beside each other.
fn key_of(value: &Literal) -> Option<(Class, i64)> {
    match value {
        Literal::Number(x) => {
            // Of the magnitude's bits, which order as the magnitudes do; both zeros are 0.
            let magnitude = i64::try_from(x.abs().to_bits()).ok()?;
            Some((Class::Number, if *x < 0.0 { -magnitude } else { magnitude }))
        }
        Literal::Text(text) => Some((Class::Instant, Timestamp::parse(text).ok()?.micros)),
        _ => None,
    }
}

fn literal_of(class: Class, key: i64) -> Literal {
    if class == Class::Boolean {
        return Literal::Boolean(key != 0);
    }
    let magnitude = f64::from_bits(key.unsigned_abs());
    Literal::Number(if key < 0 { -magnitude } else { magnitude })
}
