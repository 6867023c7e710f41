//! The two sides of a comparison: attributes, literals, instants.

use sqlparser::{
    ast::{BinaryOperator, DataType, Expr, Function, Spanned, UnaryOperator, Value},
    tokenizer::Span,
};

use super::{call, compare, reason, refuse};
use crate::{
    error::Result,
    rule::{
        ast::{Literal, Operator, Rule},
        shape::days_of_micros,
    },
};

/// One side of a comparison.
pub(super) enum Side {
    Attribute(String),
    /// `epoch_us(attribute)` or `date_part(epoch_microsecond, attribute)`, as `DuckDB`'s and Snowflake's SQL is printed.
    InstantOf(String),
    Literal(Literal),
    /// `epoch_us(TIMESTAMPTZ '…')` or `date_part(epoch_microsecond, CAST('…' AS TIMESTAMP_TZ))`.
    Instant(Literal),
}

pub(super) fn side(expr: &Expr) -> Result<Side> {
    match expr {
        Expr::Nested(inner) => side(inner),
        Expr::Identifier(name) => Ok(Side::Attribute(name.value.clone())),
        Expr::Function(function) => match counted(function) {
            Some(inner) => instant(function, inner),
            None => Err(call::unknown(function)),
        },
        other => literal(other).map(Side::Literal),
    }
}

/// What is counted in microseconds by `epoch_us(…)` or `date_part(epoch_microsecond, …)`.
pub(super) fn counted(function: &Function) -> Option<&Expr> {
    let arguments = call::arguments(function).ok()?;
    match (call::name_of(function).as_str(), arguments.as_slice()) {
        ("epoch_us", [inner]) => Some(inner),
        ("date_part", [Expr::Identifier(part), inner])
            if part.value.eq_ignore_ascii_case("epoch_microsecond") =>
        {
            Some(inner)
        }
        _ => None,
    }
}

fn instant(function: &Function, inner: &Expr) -> Result<Side> {
    match inner {
        Expr::Identifier(name) => Ok(Side::InstantOf(name.value.clone())),
        value if is_instant(value) => literal(value).map(Side::Instant),
        _ => Err(refuse(
            function.span(),
            "must count an attribute or a TIMESTAMPTZ literal",
            function,
        )),
    }
}

pub(super) fn literal(expr: &Expr) -> Result<Literal> {
    match expr {
        Expr::Nested(inner) => literal(inner),
        Expr::Value(v) => match &v.value {
            Value::Boolean(b) => Ok(Literal::Boolean(*b)),
            Value::Number(digits, _) => number(v.span, digits, 1.0),
            Value::SingleQuotedString(text)
            | Value::EscapedStringLiteral(text)
            | Value::UnicodeStringLiteral(text)
            | Value::NationalStringLiteral(text) => Ok(Literal::Text(text.clone())),
            Value::Null => Err(refuse(
                v.span,
                "must not compare with NULL, which is never true: write IS NULL",
                "NULL",
            )),
            other => Err(refuse(
                v.span,
                "must be a number, 'text', TRUE or FALSE",
                other,
            )),
        },
        Expr::UnaryOp { op, expr: operand } => match (op, operand.as_ref()) {
            (UnaryOperator::Minus, Expr::Value(v)) => match &v.value {
                Value::Number(digits, _) => number(v.span, digits, -1.0),
                other => Err(refuse(v.span, "must be a number after -", other)),
            },
            (UnaryOperator::Plus, operand) => literal(operand),
            _ => Err(refuse(expr.span(), "must be a literal", expr)),
        },
        Expr::TypedString(typed) => match &typed.value.value {
            Value::SingleQuotedString(text) => timestamp(expr, &typed.data_type, text),
            other => Err(refuse(expr.span(), "must be a literal", other)),
        },
        Expr::Cast {
            expr: inner,
            data_type,
            ..
        } => match (literal(inner)?, data_type) {
            (Literal::Text(digits), DataType::Float(_)) => number(expr.span(), &digits, 1.0),
            (Literal::Text(text), kind) if is_timestamp(kind) => timestamp(expr, kind, &text),
            _ => Err(refuse(expr.span(), reason(expr), expr)),
        },
        Expr::Identifier(name) => Err(refuse(
            expr.span(),
            "must be a literal, not an attribute; text goes in 'single quotes'",
            &name.value,
        )),
        Expr::Function(function) => Err(call::unknown(function)),
        Expr::BinaryOp { .. } => Err(refuse(
            expr.span(),
            "must be a literal: arithmetic is not part of rules",
            expr,
        )),
        other => Err(refuse(other.span(), reason(other), other)),
    }
}

fn number(span: Span, digits: &str, sign: f64) -> Result<Literal> {
    match digits.parse::<f64>() {
        Ok(x) if x.is_finite() => Ok(Literal::Number(sign * x)),
        _ => Err(refuse(span, "must be a finite number", digits)),
    }
}

/// `DATE '2026-01-31'`, `TIMESTAMP '2026-01-31 12:00:00'` and `TIMESTAMPTZ` as RFC 3339; without an offset it is UTC.
fn timestamp(expr: &Expr, kind: &DataType, text: &str) -> Result<Literal> {
    if *kind != DataType::Date && !is_timestamp(kind) {
        let reason = "must be DATE, TIMESTAMP or TIMESTAMPTZ before text";
        return Err(refuse(expr.span(), reason, expr));
    }
    let text = text.trim();
    let (date, time) = text.split_at_checked(10).unwrap_or((text, ""));
    let has_offset = time.contains(['Z', 'z', '+', '-']);
    let spelled = match (time, has_offset) {
        ("", _) => format!("{date}T00:00:00Z"),
        (time, false) => format!("{date}{time}Z"),
        (time, true) => format!("{date}{time}"),
    };
    Ok(Literal::Text(spelled))
}

/// `x BETWEEN low AND high`, or the printed form of `within_days`: `t BETWEEN now - age AND now`.
pub(super) fn between(span: Span, expr: &Expr, low: &Expr, high: &Expr) -> Result<Rule> {
    let operand = side(expr)?;
    if let Side::Attribute(attr) | Side::InstantOf(attr) = &operand
        && let Some((now, micros)) = before(low)
        && now.to_string() == high.to_string()
    {
        let days = Literal::Number(days_of_micros(micros));
        return compare(span, attr.clone(), Operator::WithinDays, &days);
    }
    match (operand, side(low)?, side(high)?) {
        (Side::Attribute(attr), Side::Literal(low), Side::Literal(high))
        | (Side::InstantOf(attr), Side::Instant(low), Side::Instant(high)) => {
            let bounds = Literal::List(vec![low, high]);
            compare(span, attr, Operator::Between, &bounds)
        }
        _ => Err(refuse(
            span,
            "must be an attribute BETWEEN two literals",
            format!("{expr} BETWEEN {low} AND {high}"),
        )),
    }
}

/// An instant and the microseconds before it: `now - age`, `BigQuery`'s `timestamp_sub(now, age)`, Spark's
/// `timestamp_micros(unix_micros(now) - age)`.
fn before(expr: &Expr) -> Option<(&Expr, i64)> {
    let (now, back) = match expr {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Minus,
            right,
        } => (left.as_ref(), right.as_ref()),
        Expr::Function(function) => match (
            call::name_of(function).as_str(),
            call::arguments(function).ok()?.as_slice(),
        ) {
            ("timestamp_sub", [now, back]) => (*now, *back),
            (
                "timestamp_micros",
                [
                    Expr::BinaryOp {
                        left,
                        op: BinaryOperator::Minus,
                        right,
                    },
                ],
            ) => (micros_of(left)?, right.as_ref()),
            _ => return None,
        },
        _ => return None,
    };
    let micros = age(back)?;
    is_instant(now).then_some((now, micros))
}

/// What is in `unix_micros(…)`.
fn micros_of(expr: &Expr) -> Option<&Expr> {
    let Expr::Function(function) = expr else {
        return None;
    };
    match (
        call::name_of(function).as_str(),
        call::arguments(function).ok()?.as_slice(),
    ) {
        ("unix_micros", [inner]) => Some(inner),
        _ => None,
    }
}

/// A timestamp literal, microseconds of one, or the warehouse's clock: `now()` is an argument of a rule, not a part.
fn is_instant(expr: &Expr) -> bool {
    match expr {
        Expr::TypedString(typed) => is_timestamp(&typed.data_type),
        Expr::Cast { data_type, .. } => is_timestamp(data_type),
        Expr::Function(function) => {
            let clock = matches!(
                call::name_of(function).as_str(),
                "now" | "current_timestamp"
            );
            clock || counted(function).is_some_and(is_instant)
        }
        _ => false,
    }
}

/// `TIMESTAMP` and `TIMESTAMPTZ`, and Snowflake's spelling of the second.
pub(super) fn is_timestamp(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(..)) || kind.to_string() == "TIMESTAMP_TZ"
}

/// Microseconds of `2592000000000` or `INTERVAL '720 hours'`.
fn age(expr: &Expr) -> Option<i64> {
    let text = |v: &Expr| match v {
        Expr::Value(v) => match &v.value {
            Value::Number(digits, _) => Some(digits.clone()),
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    let Expr::Interval(interval) = expr else {
        return text(expr)?.parse().ok();
    };
    let spelled = text(&interval.value)?;
    let spelled = match &interval.leading_field {
        Some(field) => format!("{spelled} {field}"),
        None => spelled,
    };
    let (count, unit) = spelled.split_once(' ')?;
    let unit = match unit.to_ascii_lowercase().trim_end_matches('s') {
        "day" => 86_400_000_000,
        "hour" => 3_600_000_000,
        "microsecond" => 1,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(unit)
}
