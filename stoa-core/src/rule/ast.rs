//! The abstract syntax of a rule. JSON is canonical (DESIGN §3); this is its shape in memory.

/// A rule of the segment language.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// True when all are; `All([])` is everyone.
    All(Vec<Rule>),
    /// True when at least one is; `Any([])` is no one.
    Any(Vec<Rule>),
    /// Negation; not unknown is unknown.
    Not(Box<Rule>),
    /// Membership of another segment, by key.
    Segment(String),
    /// One comparison of one attribute.
    Compare {
        /// The attribute's name.
        attr: String,
        /// The operator.
        op: Operator,
        /// What it is compared with; [`Literal::None`] for `is_missing` and `is_present`.
        value: Literal,
    },
}

/// The operators of DESIGN §3; snake_case of the name is the JSON spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each is its JSON spelling, listed in the guide"
)]
pub enum Operator {
    Eq,
    Ne,
    In,
    NotIn,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    IsMissing,
    IsPresent,
    StartsWith,
    EndsWith,
    Contains,
    Has,
    HasAny,
    HasAll,
    WithinDays,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// No operand.
    None,
    /// True or false.
    Boolean(bool),
    /// A finite number.
    Number(f64),
    /// Text; for `lt lte gt gte between` it is an RFC 3339 timestamp.
    Text(String),
    /// The operands of `in`, `not_in`, `between` (two), `has_any`, `has_all`.
    List(Vec<Literal>),
}
