//! Functions, and the operators on text: `starts_with`, `within_days`, `LIKE` and their kin.

use sqlparser::{
    ast::{
        BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned,
    },
    tokenizer::Span,
};

use super::{attribute, compare, lists, literal, refuse};
use crate::{
    error::{Error, Result},
    rule::{
        ast::{Literal, Operator, Rule},
        shape::check_name,
    },
};

/// The function's name in lower case; empty when it is qualified or quoted apart.
pub(super) fn name_of(function: &Function) -> String {
    match function.name.0.as_slice() {
        [part] => part
            .as_ident()
            .map(|ident| ident.value.to_ascii_lowercase())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

/// Its arguments, when it has nothing else: no DISTINCT, FILTER, OVER.
pub(super) fn arguments(function: &Function) -> Result<Vec<&Expr>> {
    let plain = function.filter.is_none()
        && function.over.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && matches!(function.parameters, FunctionArguments::None);
    if plain
        && let FunctionArguments::List(list) = &function.args
        && list.duplicate_treatment.is_none()
        && list.clauses.is_empty()
    {
        let arguments: Option<Vec<&Expr>> = list
            .args
            .iter()
            .map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            })
            .collect();
        if let Some(arguments) = arguments {
            return Ok(arguments);
        }
    }
    Err(unknown(function))
}

pub(super) fn unknown(function: &Function) -> Error {
    refuse(
        function.span(),
        "must not call a function other than starts_with, ends_with, contains, list_contains, list_has_any, \
         list_has_all, within_days, segment",
        function,
    )
}

/// A call that is itself a condition.
pub(super) fn function(span: Span, function: &Function) -> Result<Rule> {
    let op = match name_of(function).as_str() {
        "starts_with" | "startswith" => Operator::StartsWith,
        "ends_with" | "endswith" => Operator::EndsWith,
        "contains" => Operator::Contains,
        "list_contains" | "list_has" | "array_contains" | "array_has" => Operator::Has,
        "list_has_any" | "array_has_any" | "arrays_overlap" => Operator::HasAny,
        "list_has_all" | "array_has_all" => Operator::HasAll,
        "within_days" => Operator::WithinDays,
        "segment" => return segment(function),
        "if" => return lists::unless_missing(span, function),
        _ => return Err(unknown(function)),
    };
    let arguments = arguments(function)?;
    let [subject, operand] = arguments.as_slice() else {
        let reason = "must have two arguments, an attribute and a literal";
        return Err(refuse(span, reason, function));
    };
    // Snowflake's array_contains has the element first, as a VARIANT.
    if op == Operator::Has
        && let Some(element) = lists::variant(subject)
    {
        return compare(span, attribute(operand)?, op, &literal(element)?);
    }
    let value = match op {
        Operator::HasAny | Operator::HasAll => lists::array(operand)?,
        _ => literal(operand)?,
    };
    compare(span, attribute(subject)?, op, &value)
}

fn segment(function: &Function) -> Result<Rule> {
    if let [key] = arguments(function)?.as_slice()
        && let Literal::Text(key) = literal(key)?
        && check_name(&key).is_ok()
    {
        return Ok(Rule::Segment(key));
    }
    let reason = "must have one argument, the key of a segment in 'single quotes'";
    Err(refuse(function.span(), reason, function))
}

/// `PostgreSQL`'s `right(a, 3) = 'abc'` (ends with) and `strpos(a, 'abc') > 0` (contains).
pub(super) fn text_operator(
    span: Span,
    left: &Expr,
    op: &BinaryOperator,
    right: &Expr,
) -> Result<Option<Rule>> {
    let Expr::Function(function) = left else {
        return Ok(None);
    };
    match (name_of(function).as_str(), op) {
        ("right", BinaryOperator::Eq) => {
            if let [subject, length] = arguments(function)?.as_slice()
                && let (Literal::Number(n), Literal::Text(text)) =
                    (literal(length)?, literal(right)?)
                && (n - text.chars().count() as f64).abs() < 0.5
            {
                let value = Literal::Text(text);
                return compare(span, attribute(subject)?, Operator::EndsWith, &value).map(Some);
            }
            let reason = "must be right(attribute, n) = 'text' with n the length of the text";
            Err(refuse(span, reason, function))
        }
        ("strpos", BinaryOperator::Gt) => {
            if let [subject, part] = arguments(function)?.as_slice()
                && literal(right)? == Literal::Number(0.0)
            {
                let value = literal(part)?;
                return compare(span, attribute(subject)?, Operator::Contains, &value).map(Some);
            }
            Err(refuse(
                span,
                "must be strpos(attribute, 'text') > 0",
                function,
            ))
        }
        _ => Ok(None),
    }
}

/// `LIKE 'x%'`, `'%x'`, `'%x%'` and `'x'`: a pattern that is a prefix, a suffix, a part or the whole.
pub(super) fn like(span: Span, expr: &Expr, pattern: &Expr, escape: Option<&Expr>) -> Result<Rule> {
    let Literal::Text(text) = literal(pattern)? else {
        return Err(refuse(
            pattern.span(),
            "must be a pattern in 'single quotes'",
            pattern,
        ));
    };
    let escape = match escape.map(literal).transpose()? {
        None => None,
        Some(Literal::Text(text)) if text.chars().count() == 1 => text.chars().next(),
        Some(_) => {
            return Err(refuse(
                span,
                "must have one character after ESCAPE",
                pattern,
            ));
        }
    };
    let Some((open, part, close)) = wildcard_ends(&text, escape) else {
        return Err(refuse(
            pattern.span(),
            "must have % only at its ends, no _, and name its escape character with ESCAPE",
            pattern,
        ));
    };
    let op = match (open, close) {
        (false, false) => Operator::Eq,
        (false, true) => Operator::StartsWith,
        (true, false) => Operator::EndsWith,
        (true, true) => Operator::Contains,
    };
    compare(span, attribute(expr)?, op, &Literal::Text(part))
}

/// A pattern as (any beginning?, the text between, any end?); `None` when it has wildcards elsewhere, or a backslash
/// that `PostgreSQL` and `DuckDB` read differently.
fn wildcard_ends(pattern: &str, escape: Option<char>) -> Option<(bool, String, bool)> {
    let mut part = String::new();
    let (mut open, mut close) = (false, false);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if close {
            // Something after a % that was not the first character.
            return None;
        }
        match c {
            c if Some(c) == escape => part.push(chars.next()?),
            '%' if part.is_empty() && !open => open = true,
            '%' => close = true,
            '_' => return None,
            '\\' if escape.is_none() => return None,
            c => part.push(c),
        }
    }
    // A lone % is both ends of an empty text.
    Some((open, part, close))
}
