//! Rules decided for one visitor, in SQL's three-valued logic.

use super::{ast::Rule, test::Test};
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
        let judge = |rule: &Self| rule.evaluate_with(visitor, now, segment);
        match self {
            Self::All(children) => fold(children, false, judge),
            Self::Any(children) => fold(children, true, judge),
            Self::Not(child) => judge(child).map(std::ops::Not::not),
            Self::Segment(key) => segment(key),
            Self::Compare { attr, op, value } => {
                Test::new(*op, value)?.apply(&visitor.get(attr), now)
            }
        }
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
