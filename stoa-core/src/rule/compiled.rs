//! Rules made ready to be decided many times: names become slots, operands become tests.

use super::{
    ast::Rule,
    evaluate::fold,
    read::{Reading, read},
    test::Test,
};
use crate::{
    error::Result,
    value::{Timestamp, ValueRef, not_attributes},
};

/// Up to this many names are compared one after the other.
const FEW: usize = 16;

/// One rule or many, compiled together: an attribute has one slot, whichever rules read it.
///
/// When to use: the same rules decide visitor after visitor. For one visitor [`Rule::evaluate`] is simpler, for a
/// table [`Rule::mask`] is faster. The answers are the same.
///
/// Cost: one comparison of the value in a slot per test reached; nothing is allocated. A list of eight or more is
/// looked up by hash or by halving.
///
/// # Example
/// ```
/// use stoa_core::{rule::{Compiled, Rule}, value::ValueRef};
/// let rules = [Rule::parse_sql("orders_count >= 2")?, Rule::parse_sql("country = 'CA' OR orders_count = 0")?];
/// let compiled = Compiled::new(&rules);
/// assert_eq!(compiled.attributes(), ["country", "orders_count"]);
///
/// let visitor = compiled.read_json(r#"{"orders_count": 3, "email": "a@b.c"}"#)?;
/// assert_eq!(compiled.evaluate_read(0, &visitor, None), Some(true));
/// assert_eq!(compiled.evaluate_read(1, &visitor, None), None);
/// assert_eq!(compiled.evaluate(1, &[ValueRef::Text("CA")], None), Some(true));
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Sorted, each once.
    attributes: Vec<String>,
    /// Sorted, each once.
    segments: Vec<String>,
    rules: Vec<Node>,
}

/// What is known of one visitor, by the slots of some compiled rules.
pub(crate) trait Slots {
    /// Asks something of the value of an attribute, where it lies.
    fn look<T>(&self, slot: usize, ask: impl FnOnce(&ValueRef<'_>) -> T) -> T;

    /// Whether the visitor is in a segment; unknown where nobody judged it.
    fn member(&self, _segment: usize) -> Option<bool> {
        None
    }
}

impl Slots for &[ValueRef<'_>] {
    #[inline]
    fn look<T>(&self, slot: usize, ask: impl FnOnce(&ValueRef<'_>) -> T) -> T {
        ask(self.get(slot).unwrap_or(&ValueRef::Missing))
    }
}

impl Slots for Reading<'_> {
    fn look<T>(&self, slot: usize, ask: impl FnOnce(&ValueRef<'_>) -> T) -> T {
        ask(&self.get(slot))
    }
}

/// A rule whose names are slots.
#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Box<[Node]>),
    Any(Box<[Node]>),
    Not(Box<Node>),
    /// Membership of a segment, by its slot.
    Member(usize),
    /// An ill-formed comparison.
    Unknown,
    Test(usize, Test<'static>),
}

impl Compiled {
    /// Compiles rules; the rule at index `i` is decided by `evaluate(i, …)`, which knows no memberships: a
    /// `{"segment": k}` is unknown, so expand rules first ([`Segments::expand`](crate::segment)).
    #[must_use]
    pub fn new<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Self {
        let rules: Vec<&Rule> = rules.into_iter().collect();
        let attributes = distinct(rules.iter().flat_map(|rule| rule.attributes()));
        let segments = distinct(rules.iter().flat_map(|rule| rule.segments()));
        let nodes = rules
            .iter()
            .map(|rule| Node::new(rule, &attributes, &segments))
            .collect();
        Self {
            rules: nodes,
            attributes,
            segments,
        }
    }

    /// The attributes that the rules read, sorted: the one at index `i` is what slot `i` holds.
    #[must_use]
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// The slot of an attribute, `None` when no rule reads it.
    #[must_use]
    pub fn slot(&self, attribute: &str) -> Option<usize> {
        if self.attributes.len() <= FEW {
            return self.attributes.iter().position(|name| name == attribute);
        }
        self.attributes
            .binary_search_by(|name| name.as_str().cmp(attribute))
            .ok()
    }

    /// The answer of rule `rule` for a visitor whose attributes lie in the order of [`Compiled::attributes`]; a slot
    /// past the end is missing, and a rule past the end is unknown.
    #[must_use]
    pub fn evaluate(
        &self,
        rule: usize,
        values: &[ValueRef<'_>],
        now: Option<Timestamp>,
    ) -> Option<bool> {
        self.judge(rule, &values, now)
    }

    /// [`Compiled::evaluate`] of a visitor that [`Compiled::read_json`] of the same rules read.
    #[must_use]
    pub fn evaluate_read(
        &self,
        rule: usize,
        visitor: &Reading<'_>,
        now: Option<Timestamp>,
    ) -> Option<bool> {
        self.judge(rule, visitor, now)
    }

    /// Reads a visitor's flat JSON object in one pass: what the rules do not read is checked and skipped, and text
    /// without escapes is borrowed.
    ///
    /// # Errors
    /// Those of [`Attributes::from_json`](crate::value::Attributes::from_json), for the same texts.
    pub fn read_json<'t>(&self, text: &'t str) -> Result<Reading<'t>> {
        read(self, text).map_err(|e| not_attributes(&e, text))
    }

    /// [`Compiled::read_json`] of bytes straight from a cache; invalid UTF-8 is refused.
    ///
    /// # Errors
    /// As [`Compiled::read_json`].
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::{Compiled, Rule};
    /// let compiled = Compiled::new([&Rule::parse_sql("tags @> ARRAY['vip']")?]);
    /// let visitor = compiled.read_slice(br#"{"tags": ["vip", "news"]}"#)?;
    /// assert_eq!(compiled.evaluate_read(0, &visitor, None), Some(true));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn read_slice<'t>(&self, bytes: &'t [u8]) -> Result<Reading<'t>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.read_json(text),
            Err(e) => Err(not_attributes(&e, &String::from_utf8_lossy(bytes))),
        }
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.rules
    }

    /// Keys of the segments that the rules name, sorted: the one at index `i` has slot `i`.
    pub(crate) fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The answer of rule `rule`, unknown past the end.
    pub(crate) fn judge(
        &self,
        rule: usize,
        visitor: &impl Slots,
        now: Option<Timestamp>,
    ) -> Option<bool> {
        self.rules.get(rule)?.judge(visitor, now)
    }
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl Node {
    fn new(rule: &Rule, attributes: &[String], segments: &[String]) -> Self {
        let one = |rule: &Rule| Self::new(rule, attributes, segments);
        match rule {
            Rule::All(children) => Self::All(children.iter().map(one).collect()),
            Rule::Any(children) => Self::Any(children.iter().map(one).collect()),
            Rule::Not(child) => Self::Not(Box::new(one(child))),
            Rule::Segment(key) => segments
                .binary_search(key)
                .map_or(Self::Unknown, Self::Member),
            Rule::Compare { attr, op, value } => {
                match (attributes.binary_search(attr), Test::new(*op, value)) {
                    (Ok(slot), Some(test)) => Self::Test(slot, test.kept()),
                    _ => Self::Unknown,
                }
            }
        }
    }

    fn judge(&self, visitor: &impl Slots, now: Option<Timestamp>) -> Option<bool> {
        let (children, decisive) = match self {
            Self::All(children) => (&**children, false),
            Self::Any(children) => (&**children, true),
            Self::Not(child) => return child.judge(visitor, now).map(std::ops::Not::not),
            Self::Member(segment) => return visitor.member(*segment),
            Self::Unknown => return None,
            Self::Test(..) => (std::slice::from_ref(self), false),
        };
        fold(children, decisive, |child| match child {
            Self::Test(slot, test) => visitor.look(*slot, |value| test.apply(value, now)),
            nested => nested.judge(visitor, now),
        })
    }
}
