//! SQL text to rules: the conditions people write, and everything [`Rule::to_sql`] prints.
//!
//! `sqlparser` reads the text; this module keeps the part of SQL that the rule language can say exactly and refuses
//! the rest with its line and column.

mod call;
mod keyword;
mod lists;
mod operand;
mod places;
mod tokens;

use sqlparser::{
    ast::{BinaryOperator, Expr, Spanned, UnaryOperator, Value},
    dialect::GenericDialect,
    parser::{Parser, ParserError},
    tokenizer::{Location, Span, Token, TokenWithSpan},
};

use self::operand::{Side, literal};
use super::{
    ast::{Literal, Operator, Rule},
    shape::{self, Meter},
};
use crate::error::{Detail, Error, Result};

impl Rule {
    /// Reads a rule from SQL text.
    ///
    /// Names are attributes, quoted or not, and keep their case. Understood: comparisons of an attribute with a literal,
    /// `AND OR NOT`, `IN`, `BETWEEN`, `IS [NOT] NULL`, `LIKE` with a `%` at either end, `starts_with ends_with contains`,
    /// `list_contains list_has_any list_has_all` and their `PostgreSQL` operators, `within_days(a, 30)`,
    /// `segment('key')`, `TRUE`, `FALSE`, and what [`Rule::to_sql`] prints. The table in docs/RULES.md shows each.
    /// A backslash is a character, or begins an escape where names stand in backticks.
    ///
    /// # Errors
    /// [`Error::UnsupportedSql`] for everything else, with line and column and the reason; [`Error::TooLarge`] over the
    /// limits of [`Rule::from_json`].
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let rule = Rule::parse_sql("orders_count >= 2 AND NOT country IN ('CA', 'US')")?;
    /// assert_eq!(rule.describe(None), "orders_count is at least 2, and country is neither CA nor US");
    /// let error = Rule::parse_sql("id IN (SELECT id FROM vip)").unwrap_err();
    /// assert_eq!(error.code(), "unsupported_sql");
    /// assert_eq!(error.detail().map(|d| d.field.as_str()), Some("line 1, column 1"));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn parse_sql(text: &str) -> Result<Self> {
        Self::parse(text).map_err(shape::rooted)
    }

    fn parse(text: &str) -> Result<Self> {
        shape::check_size(text)?;
        let refused = |error| keyword::explain(error, text);
        Self::parse_tokens(tokens::tokens(text)?, text).map_err(refused)
    }

    fn parse_tokens(tokens: Vec<TokenWithSpan>, text: &str) -> Result<Self> {
        let dialect = GenericDialect {};
        let mut parser = Parser::new(&dialect)
            .with_recursion_limit(tokens::RECURSION)
            .with_tokens_with_locations(tokens);
        let expr = parser.parse_expr().map_err(|e| syntax(e, &parser, text))?;
        let rest = parser.peek_token();
        if rest.token != Token::EOF {
            let reason = "must be one condition, with nothing after it";
            return Err(refuse_at(rest.span.start, reason, &rest.token));
        }
        condition(expr, 1, &mut Meter::default())
    }
}

fn syntax(error: ParserError, parser: &Parser<'_>, text: &str) -> Error {
    let next = parser.peek_token();
    let at = match next.token {
        Token::EOF => end_of(text),
        _ => next.span.start,
    };
    match error {
        ParserError::RecursionLimitExceeded => tokens::too_deep(),
        ParserError::ParserError(reason) | ParserError::TokenizerError(reason) => {
            let reason = reason.split(" at Line:").next().unwrap_or_default();
            let reason = format!("must be a SQL condition ({})", reason.trim());
            refuse_at(at, &reason, next.token)
        }
    }
}

fn end_of(text: &str) -> Location {
    let last = text.rsplit('\n').next().unwrap_or_default();
    let lines = text.matches('\n').count() as u64;
    Location::new(lines + 1, last.chars().count() as u64 + 1)
}

/// A refusal at the place where `span` begins.
fn refuse(span: Span, reason: &str, found: impl ToString) -> Error {
    refuse_at(span.start, reason, found)
}

fn refuse_at(at: Location, reason: &str, found: impl ToString) -> Error {
    Error::UnsupportedSql(Detail::new(place(at), reason, found))
}

/// A place of the text, as errors name it.
fn place(at: Location) -> String {
    let (line, column) = (at.line.max(1), at.column.max(1));
    format!("line {line}, column {column}")
}

/// A comparison in normal form; what the operand breaks is told at `span`.
fn compare(span: Span, attr: String, op: Operator, value: &Literal) -> Result<Rule> {
    let well_formed = shape::check_name(&attr).and_then(|()| shape::normal(op, value));
    match well_formed {
        Ok(value) => Ok(Rule::Compare { attr, op, value }),
        Err(error) => {
            let detail = error.detail().cloned().unwrap_or_default();
            Err(refuse(span, &detail.rule, detail.value))
        }
    }
}

fn condition(expr: Expr, depth: usize, meter: &mut Meter) -> Result<Rule> {
    match expr {
        // Parentheses only group.
        Expr::Nested(inner) => condition(*inner, depth, meter),
        Expr::BinaryOp {
            op: BinaryOperator::And,
            ..
        } => chain(expr, &BinaryOperator::And, depth, meter).map(Rule::All),
        Expr::BinaryOp {
            op: BinaryOperator::Or,
            ..
        } => chain(expr, &BinaryOperator::Or, depth, meter).map(Rule::Any),
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => {
            meter.enter(depth)?;
            condition(*expr, depth + 1, meter).map(negate)
        }
        leaf => {
            meter.enter(depth)?;
            comparison(leaf)
        }
    }
}

fn negate(rule: Rule) -> Rule {
    Rule::Not(Box::new(rule))
}

/// `a AND b AND c` as one list; `a AND TRUE`, `a OR FALSE` is how a list of one is written.
fn chain(expr: Expr, op: &BinaryOperator, depth: usize, meter: &mut Meter) -> Result<Vec<Rule>> {
    meter.enter(depth)?;
    let mut operands = Vec::new();
    let mut rest = expr;
    loop {
        match rest {
            Expr::BinaryOp {
                left,
                op: joint,
                right,
            } if joint == *op => {
                operands.push(*right);
                rest = *left;
            }
            first => {
                operands.push(first);
                break;
            }
        }
    }
    operands.reverse();
    if operands.len() == 2 && is_boolean(&operands[1], *op == BinaryOperator::And) {
        operands.pop();
    }
    operands
        .into_iter()
        .map(|operand| condition(operand, depth + 1, meter))
        .collect()
}

fn is_boolean(expr: &Expr, wanted: bool) -> bool {
    matches!(expr, Expr::Value(v) if v.value == Value::Boolean(wanted))
}

fn comparison(expr: Expr) -> Result<Rule> {
    let span = expr.span();
    let negated = matches!(
        expr,
        Expr::Between { negated: true, .. } | Expr::Like { negated: true, .. }
    );
    let rule = match expr {
        Expr::Value(v) => match v.value {
            Value::Boolean(true) => Ok(Rule::All(Vec::new())),
            Value::Boolean(false) => Ok(Rule::Any(Vec::new())),
            other => Err(refuse(v.span, "must be a condition, not a value", other)),
        },
        Expr::Identifier(name) => compare(span, name.value, Operator::Eq, &Literal::Boolean(true)),
        Expr::IsNull(operand) => is_null(&operand, Operator::IsMissing),
        Expr::IsNotNull(operand) => is_null(&operand, Operator::IsPresent),
        Expr::InList {
            expr,
            list,
            negated,
        } => {
            let op = if negated {
                Operator::NotIn
            } else {
                Operator::In
            };
            if list.iter().any(is_dated) {
                return Err(refuse(span, NO_EQUAL_INSTANTS, Operator::In.name()));
            }
            let items = list.iter().map(literal).collect::<Result<_>>()?;
            compare(span, attribute(&expr)?, op, &Literal::List(items))
        }
        Expr::Between {
            expr, low, high, ..
        } => operand::between(span, &expr, &low, &high),
        Expr::BinaryOp { left, op, right } => binary(span, &left, &op, &right),
        Expr::AnyOp {
            left,
            compare_op: BinaryOperator::Eq,
            right,
            ..
        } => {
            let right = match *right {
                Expr::Nested(inner) => *inner,
                bare => bare,
            };
            compare(span, attribute(&right)?, Operator::Has, &literal(&left)?)
        }
        Expr::Like {
            any: false,
            expr,
            pattern,
            escape_char,
            ..
        } => call::like(span, &expr, &pattern, escape_char.as_deref()),
        Expr::InUnnest {
            expr,
            array_expr,
            negated: false,
        } => lists::element(span, &expr, &array_expr),
        Expr::Function(function) => call::function(span, &function),
        other => Err(refuse(span, reason(&other), &other)),
    }?;
    Ok(if negated { negate(rule) } else { rule })
}

fn is_null(operand: &Expr, op: Operator) -> Result<Rule> {
    compare(operand.span(), attribute(operand)?, op, &Literal::None)
}

fn attribute(expr: &Expr) -> Result<String> {
    match operand::side(expr)? {
        Side::Attribute(name) => Ok(name),
        _ => Err(refuse(expr.span(), "must be an attribute", expr)),
    }
}

fn binary(span: Span, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<Rule> {
    if let Some(rule) = lists::operator(span, left, op, right)? {
        return Ok(rule);
    }
    if let Some(rule) = call::text_operator(span, left, op, right)? {
        return Ok(rule);
    }
    let sign = op;
    let Some(op) = operator(sign) else {
        let reason = "must compare an attribute with a literal; arithmetic is not part of rules";
        return Err(refuse(span, reason, format!("{left} {sign} {right}")));
    };
    if matches!(op, Operator::Eq | Operator::Ne) && (is_dated(left) || is_dated(right)) {
        return Err(refuse(span, NO_EQUAL_INSTANTS, format!("{left}, {right}")));
    }
    match (operand::side(left)?, operand::side(right)?) {
        (Side::Attribute(attr), Side::Literal(value))
        | (Side::InstantOf(attr), Side::Instant(value)) => compare(span, attr, op, &value),
        (Side::Literal(value), Side::Attribute(attr))
        | (Side::Instant(value), Side::InstantOf(attr)) => {
            compare(span, attr, mirrored(op), &value)
        }
        (Side::Attribute(_), Side::Attribute(name)) => Err(refuse(
            right.span(),
            "must be a literal: rules do not compare attributes with each other; text goes in 'single quotes'",
            name,
        )),
        _ => Err(refuse(
            span,
            "must compare an attribute with a literal",
            format!("{left} {sign} {right}"),
        )),
    }
}

/// Why an instant stands only beside an order: equality compares booleans, numbers and text.
const NO_EQUAL_INSTANTS: &str = "must compare instants by <, <=, >, >= or BETWEEN";

/// Whether this is an instant, `DATE '…'`, or microseconds of one, `epoch_us(TIMESTAMPTZ '…')`.
fn is_dated(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_dated(inner),
        Expr::TypedString(_) => true,
        Expr::Cast { data_type, .. } => operand::is_timestamp(data_type),
        Expr::Function(function) => operand::counted(function).is_some(),
        _ => false,
    }
}

fn operator(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::Ne,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::Lte,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::Gte,
        _ => return None,
    })
}

/// The operator after its sides are exchanged.
fn mirrored(op: Operator) -> Operator {
    match op {
        Operator::Lt => Operator::Gt,
        Operator::Lte => Operator::Gte,
        Operator::Gt => Operator::Lt,
        Operator::Gte => Operator::Lte,
        same => same,
    }
}

fn reason(expr: &Expr) -> &'static str {
    match expr {
        Expr::InSubquery { .. } | Expr::Subquery(_) | Expr::Exists { .. } => {
            "must not use a sub-query: a rule reads one visitor's attributes"
        }
        Expr::ILike { .. } => "must not use ILIKE: rules compare text exactly, case included",
        Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => {
            "must name an attribute alone, without its table"
        }
        Expr::IsTrue(_) | Expr::IsNotTrue(_) | Expr::IsFalse(_) | Expr::IsNotFalse(_) => {
            "must not use IS TRUE or IS FALSE: write = TRUE, = FALSE, and IS NULL where a missing value matters"
        }
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => {
            "must not use IS DISTINCT FROM: write = or <>, and IS NULL where a missing value matters"
        }
        Expr::SimilarTo { .. } | Expr::RLike { .. } => "must not use regular expressions",
        Expr::Case { .. } => "must not use CASE: write AND, OR, NOT",
        _ => "is not part of the rule language",
    }
}
