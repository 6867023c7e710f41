//! Lists: `@>` and its kin, array constructors, and the forms that `BigQuery`, Snowflake and Spark have for them.

use sqlparser::{
    ast::{BinaryOperator, DataType, Expr, Function, Spanned},
    tokenizer::Span,
};

use super::{attribute, call, compare, is_boolean, literal, refuse};
use crate::{
    error::Result,
    rule::ast::{Literal, Operator, Rule},
};

/// `['a', 'b']`, `ARRAY['a', 'b']`, with or without a cast to a list of text; Spark's `array('a')`, Snowflake's
/// `array_construct('a')`, each text of it once or more.
pub(super) fn array(expr: &Expr) -> Result<Literal> {
    match expr {
        Expr::Nested(inner) => array(inner),
        Expr::Cast {
            expr,
            data_type: DataType::Array(_),
            ..
        } => array(expr),
        Expr::Array(array) => {
            let items = array.elem.iter().map(literal).collect::<Result<_>>()?;
            Ok(Literal::List(items))
        }
        Expr::Function(function) => match (
            call::name_of(function).as_str(),
            call::arguments(function)?.as_slice(),
        ) {
            ("array" | "array_construct", texts) => {
                let items = texts
                    .iter()
                    .map(|text| literal(text))
                    .collect::<Result<_>>()?;
                Ok(Literal::List(items))
            }
            ("array_distinct", [inner]) => array(inner),
            _ => Err(call::unknown(function)),
        },
        other => Err(refuse(
            other.span(),
            "must be a list of texts, like ['a', 'b']",
            other,
        )),
    }
}

fn is_array(expr: &Expr) -> bool {
    array(expr).is_ok()
}

/// `PostgreSQL`'s `tags @> ARRAY[…]`, `tags && ARRAY[…]`, `ARRAY['a'] <@ tags`.
pub(super) fn operator(
    span: Span,
    left: &Expr,
    op: &BinaryOperator,
    right: &Expr,
) -> Result<Option<Rule>> {
    if let (Expr::Function(function), BinaryOperator::Eq) = (left, op)
        && call::name_of(function) == "array_size"
    {
        return sized(span, function, right).map(Some);
    }
    let (subject, operand, op) = match op {
        BinaryOperator::AtArrow => (left, right, Operator::HasAll),
        BinaryOperator::PGOverlap if is_array(left) => (right, left, Operator::HasAny),
        BinaryOperator::PGOverlap => (left, right, Operator::HasAny),
        BinaryOperator::ArrowAt => (right, left, Operator::HasAll),
        _ => return Ok(None),
    };
    let value = array(operand)?;
    let one = matches!(&value, Literal::List(items) if items.len() == 1);
    // The side tells `has` from `has_all` of one: `ARRAY['a'] <@ tags` is how `has` is printed.
    if let Literal::List(items) = &value
        && one
        && std::ptr::eq(subject, right)
        && op == Operator::HasAll
    {
        return compare(span, attribute(subject)?, Operator::Has, &items[0]).map(Some);
    }
    compare(span, attribute(subject)?, op, &value).map(Some)
}

/// Nothing wanted is left over, `array_size(array_except(array_construct('a'), tags)) = 0`; or all is found,
/// `array_size(array_intersect(tags, array('a', 'b'))) = 2` with as many as there are different texts.
fn sized(span: Span, function: &Function, count: &Expr) -> Result<Rule> {
    let reason = "must be array_size(array_except([…], attribute)) = 0, or array_size(array_intersect(attribute, […])) = n \
                  with n the number of different texts";
    let refusal = || refuse(span, reason, function);
    let arguments = call::arguments(function)?;
    let [Expr::Function(inner)] = arguments.as_slice() else {
        return Err(refusal());
    };
    let operands = call::arguments(inner)?;
    let (subject, value, expected) = match (call::name_of(inner).as_str(), operands.as_slice()) {
        ("array_except", [wanted, subject]) => (subject, array(wanted)?, 0),
        ("array_intersect", [subject, wanted]) => {
            let value = array(wanted)?;
            let different = distinct(&value);
            (subject, value, different)
        }
        _ => return Err(refusal()),
    };
    if literal(count)? != Literal::Number(expected as f64) {
        return Err(refusal());
    }
    compare(span, attribute(subject)?, Operator::HasAll, &value)
}

fn distinct(value: &Literal) -> usize {
    let Literal::List(items) = value else {
        return 0;
    };
    let texts = items.iter().filter_map(|item| match item {
        Literal::Text(text) => Some(text),
        _ => None,
    });
    texts.collect::<std::collections::BTreeSet<_>>().len()
}

/// The element in `CAST('a' AS VARIANT)` or `'a'::VARIANT`.
pub(super) fn variant(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Cast {
            expr, data_type, ..
        } if data_type.to_string().eq_ignore_ascii_case("variant") => Some(expr),
        _ => None,
    }
}

/// `'a' IN UNNEST(tags)`.
pub(super) fn element(span: Span, text: &Expr, list: &Expr) -> Result<Rule> {
    compare(span, attribute(list)?, Operator::Has, &literal(text)?)
}

/// `BigQuery`'s `IF(tags IS NOT NULL, 'a' IN UNNEST(tags) OR 'b' IN UNNEST(tags), NULL)`: an `IN UNNEST` that is unknown
/// where the list is missing. A single test is `has`; with `OR` it is `has_any`, with `AND` `has_all`.
pub(super) fn unless_missing(span: Span, function: &Function) -> Result<Rule> {
    let refusal = || {
        let reason = "must be IF(attribute IS NOT NULL, 'text' IN UNNEST(attribute), NULL)";
        refuse(span, reason, function)
    };
    let arguments = call::arguments(function)?;
    let [Expr::IsNotNull(subject), tests, Expr::Value(otherwise)] = arguments.as_slice() else {
        return Err(refusal());
    };
    let (op, items) = elements(subject, tests).ok_or_else(refusal)?;
    if otherwise.value != sqlparser::ast::Value::Null {
        return Err(refusal());
    }
    let mut items = items
        .iter()
        .map(|item| literal(item))
        .collect::<Result<Vec<_>>>()?;
    let value = match (op, items.as_slice()) {
        (Operator::Has, [_]) => items.remove(0),
        _ => Literal::List(items),
    };
    compare(span, attribute(subject)?, op, &value)
}

/// The operator that joins tests of one list's elements, and what they look for.
fn elements<'e>(subject: &Expr, tests: &'e Expr) -> Option<(Operator, Vec<&'e Expr>)> {
    let op = match tests {
        Expr::BinaryOp {
            op: BinaryOperator::Or,
            ..
        } => Operator::HasAny,
        Expr::BinaryOp {
            op: BinaryOperator::And,
            ..
        } => Operator::HasAll,
        _ => Operator::Has,
    };
    let mut found = Vec::new();
    let mut rest = tests;
    loop {
        let (left, test) = match rest {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Or,
                right,
            } if op == Operator::HasAny => (Some(left), right.as_ref()),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } if op == Operator::HasAll => (Some(left), right.as_ref()),
            first => (None, first),
        };
        match test {
            Expr::InUnnest {
                expr,
                array_expr,
                negated: false,
            } if array_expr.to_string() == subject.to_string() => found.push(expr.as_ref()),
            unit if found.is_empty()
                && left.is_some()
                && is_boolean(unit, op == Operator::HasAll) => {}
            _ => return None,
        }
        match left {
            Some(left) => rest = left,
            None => break,
        }
    }
    found.reverse();
    Some((op, found))
}
