//! The abstract syntax of a rule. JSON is canonical (DESIGN §3); this is its shape in memory.

use std::collections::BTreeSet;

use crate::error::{Detail, Error, Result};

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

/// The operators of DESIGN §3; `snake_case` of the name is the JSON spelling.
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

impl Operator {
    /// Every operator, in the order of the guide.
    pub const ALL: [Self; 18] = [
        Self::Eq,
        Self::Ne,
        Self::In,
        Self::NotIn,
        Self::Lt,
        Self::Lte,
        Self::Gt,
        Self::Gte,
        Self::Between,
        Self::IsMissing,
        Self::IsPresent,
        Self::StartsWith,
        Self::EndsWith,
        Self::Contains,
        Self::Has,
        Self::HasAny,
        Self::HasAll,
        Self::WithinDays,
    ];

    /// The JSON spelling.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::In => "in",
            Self::NotIn => "not_in",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Between => "between",
            Self::IsMissing => "is_missing",
            Self::IsPresent => "is_present",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::Contains => "contains",
            Self::Has => "has",
            Self::HasAny => "has_any",
            Self::HasAll => "has_all",
            Self::WithinDays => "within_days",
        }
    }

    /// The operator of that JSON spelling.
    ///
    /// # Errors
    /// [`Error::UnknownOperator`], with a near miss.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Operator;
    /// let error = Operator::from_name("startswith").unwrap_err();
    /// assert_eq!(error.code(), "unknown_operator");
    /// assert!(error.to_string().ends_with("did you mean `starts_with`?"));
    /// ```
    pub fn from_name(name: &str) -> Result<Self> {
        if let Some(known) = Self::ALL.into_iter().find(|op| op.name() == name) {
            return Ok(known);
        }
        let mut detail = Detail::new("op", "must be an operator of the rule language", name)
            .did_you_mean(name, Self::ALL.map(Self::name));
        if let Some(meant) = Self::of_symbol(name) {
            detail.hint = Some(format!("did you mean `{}`?", meant.name()));
        }
        Err(Error::UnknownOperator(detail))
    }

    /// What people who think in another language type.
    fn of_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "=" | "==" | "===" | "equals" => Self::Eq,
            "!=" | "<>" | "!==" => Self::Ne,
            "<" => Self::Lt,
            "<=" | "le" => Self::Lte,
            ">" => Self::Gt,
            ">=" | "ge" => Self::Gte,
            "is_null" | "not_exists" => Self::IsMissing,
            "is_not_null" | "exists" => Self::IsPresent,
            _ => return None,
        })
    }
}

impl Rule {
    /// The comparisons in document order.
    pub(crate) fn comparisons(&self) -> Vec<(&str, Operator, &Literal)> {
        let mut found = Vec::new();
        let mut pending = vec![self];
        while let Some(rule) = pending.pop() {
            match rule {
                Self::All(children) | Self::Any(children) => pending.extend(children.iter().rev()),
                Self::Not(child) => pending.push(child),
                Self::Segment(_) => {}
                Self::Compare { attr, op, value } => found.push((attr.as_str(), *op, value)),
            }
        }
        found
    }

    /// Names of the attributes it reads, sorted, each once; those behind a `{"segment": k}` are not among them.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let rule = Rule::parse_sql("orders_count >= 2 AND country IN ('CA', 'US')")?;
    /// assert_eq!(rule.attributes(), ["country", "orders_count"]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn attributes(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.comparisons().iter().map(|c| c.0).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Keys of the segments it names, sorted, each once.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let rule = Rule::from_json(r#"{"not": {"segment": "wholesale"}}"#)?;
    /// assert_eq!(rule.segments(), ["wholesale"]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        let mut pending = vec![self];
        while let Some(rule) = pending.pop() {
            match rule {
                Self::All(children) | Self::Any(children) => pending.extend(children),
                Self::Not(child) => pending.push(child),
                Self::Segment(key) => {
                    found.insert(key.clone());
                }
                Self::Compare { .. } => {}
            }
        }
        found.into_iter().collect()
    }

    /// Whether its answer depends on the time: it compares with `within_days`.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// assert!(Rule::parse_sql("within_days(last_order_at, 30)")?.needs_now());
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn needs_now(&self) -> bool {
        self.comparisons()
            .iter()
            .any(|(_, op, _)| *op == Operator::WithinDays)
    }
}
