//! Rules decided for one visitor, in SQL's three-valued logic.

use super::{
    ast::{Literal, Operator, Rule},
    test::Test,
};
use crate::value::{Source, Timestamp};

impl Rule {
    /// Whether the rule holds for one visitor: `None` is *unknown*, and only `Some(true)` matches.
    ///
    /// A comparison with a missing attribute, or one of another type than the comparison's, is unknown. A
    /// `within_days` without `now`, and a `{"segment": k}`, are unknown too; see [`Rule::evaluate_with`].
    ///
    /// Cost: one look-up of an attribute per comparison reached; nothing is allocated. To decide the same rules again
    /// and again, make a [`Compiled`](super::Compiled) of them.
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
        let compare = |attr: &str, op, operand: &_| {
            let test = Test::new(op, operand)?;
            test.apply(&visitor.get(attr), now)
        };
        walk(self, &compare, segment)
    }
}

/// The answer of a rule whose comparisons and memberships others answer; what no longer matters is not asked.
pub(super) fn walk(
    rule: &Rule,
    compare: &impl Fn(&str, Operator, &Literal) -> Option<bool>,
    member: &impl Fn(&str) -> Option<bool>,
) -> Option<bool> {
    let child = |rule: &Rule| walk(rule, compare, member);
    match rule {
        Rule::All(children) => fold(children, false, child),
        Rule::Any(children) => fold(children, true, child),
        Rule::Not(denied) => child(denied).map(std::ops::Not::not),
        Rule::Segment(key) => member(key),
        Rule::Compare { attr, op, value } => compare(attr, *op, value),
    }
}

/// Kleene's conjunction (`decisive` false) or disjunction (`decisive` true), stopping at the first decisive child.
#[expect(
    clippy::inline_always,
    reason = "a comparison is decided in this loop, without a call"
)]
#[inline(always)]
pub(super) fn fold<T>(
    children: &[T],
    decisive: bool,
    judge: impl Fn(&T) -> Option<bool>,
) -> Option<bool> {
    let mut answer = Some(!decisive);
    for child in children {
        match judge(child) {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}
