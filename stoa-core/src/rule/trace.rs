//! A rule decided for one visitor, with everything it came to on the way.

use std::cell::RefCell;

use serde::Serialize;
use serde_json::Value;

use super::{
    ast::{Literal, Operator, Rule},
    evaluate::walk,
    json::{literal_value, number_value},
    test::Test,
};
use crate::value::{Source, Timestamp, ValueRef};

/// What a rule answered for one visitor, and why: what it came to before the answer was settled, in its order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// The answer; `None` is unknown.
    pub answer: Option<bool>,
    /// The comparisons reached.
    pub comparisons: Vec<ComparisonTrace>,
    /// The memberships asked for.
    pub memberships: Vec<MembershipTrace>,
}

/// One comparison that a rule came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonTrace {
    /// The attribute.
    pub attribute: String,
    /// How it is compared: `gte`, `in` …
    pub operator: &'static str,
    /// With what.
    pub operand: Value,
    /// The value found: `null` when missing, `{}` when of no type that rules know.
    pub found: Value,
    /// The comparison's answer; `None` is unknown.
    pub answer: Option<bool>,
}

/// One membership that a rule asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MembershipTrace {
    /// The segment.
    pub segment: String,
    /// Whether the visitor is in it; `None` is unknown.
    pub answer: Option<bool>,
}

impl Rule {
    /// [`Rule::evaluate_with`], and what it looked at.
    ///
    /// When to use: to explain one answer. Nothing is saved by it, so decide by [`Rule::evaluate`].
    ///
    /// # Example
    /// ```
    /// use stoa_core::{rule::Rule, value::Attributes};
    /// let rule = Rule::parse_sql("orders_count >= 2 AND country = 'CA'")?;
    /// let trace = rule.trace(&Attributes::from_json(r#"{"orders_count": 1}"#)?, None, &|_| None);
    /// assert_eq!(trace.answer, Some(false));
    /// // The first comparison settles it.
    /// assert_eq!((trace.comparisons.len(), &trace.comparisons[0].found), (1, &serde_json::json!(1)));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn trace(
        &self,
        visitor: &impl Source,
        now: Option<Timestamp>,
        segment: &impl Fn(&str) -> Option<bool>,
    ) -> Trace {
        let comparisons = RefCell::<Vec<_>>::default();
        let memberships = RefCell::<Vec<_>>::default();
        let compare = |attr: &str, op: Operator, operand: &Literal| {
            let value = visitor.get(attr);
            let answer = Test::new(op, operand).and_then(|test| test.apply(&value, now));
            comparisons.borrow_mut().push(ComparisonTrace {
                attribute: attr.to_owned(),
                operator: op.name(),
                operand: literal_value(operand),
                found: found(value),
                answer,
            });
            answer
        };
        let member = |key: &str| {
            let answer = segment(key);
            memberships.borrow_mut().push(MembershipTrace {
                segment: key.to_owned(),
                answer,
            });
            answer
        };
        let answer = walk(self, &compare, &member);
        Trace {
            answer,
            comparisons: comparisons.into_inner(),
            memberships: memberships.into_inner(),
        }
    }
}

fn found(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Boolean(truth) => Value::Bool(truth),
        ValueRef::Number(x) if x.is_finite() => number_value(x),
        ValueRef::Missing | ValueRef::Number(_) => Value::Null,
        ValueRef::Text(text) => Value::from(text),
        ValueRef::Timestamp(instant) => Value::from(instant.to_string()),
        ValueRef::List(tags) => Value::from(tags),
        ValueRef::ListRef(tags) => tags.iter().copied().collect(),
        ValueRef::Other => Value::Object(serde_json::Map::new()),
    }
}
