//! The operators on one attribute: what each says of a missing one and of one that is there.

use serde_json::Value;

use super::{
    super::{
        ast::{Literal, Operator, Rule},
        shape,
    },
    Both, Known, compare,
    kinds::Kind,
    list,
    pattern::{self, Pattern},
    saved_group, unsupported,
};
use crate::error::{Detail, Error, Result};

/// Every operator on a value, for "did you mean".
const OPERATORS: [&str; 27] = [
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$exists",
    "$in",
    "$nin",
    "$ini",
    "$nini",
    "$inGroup",
    "$notInGroup",
    "$not",
    "$size",
    "$elemMatch",
    "$all",
    "$alli",
    "$regex",
    "$regexi",
    "$type",
    "$veq",
    "$vne",
    "$vgt",
    "$vgte",
    "$vlt",
    "$vlte",
];

pub(super) fn operator(attr: &str, kind: Kind, op: &str, expected: &Value) -> Result<Both> {
    match op {
        "$eq" => equal(attr, kind, expected),
        "$ne" => equal(attr, kind, expected).map(Both::not),
        "$lt" => ordered(attr, kind, Operator::Lt, expected),
        "$lte" => ordered(attr, kind, Operator::Lte, expected),
        "$gt" => ordered(attr, kind, Operator::Gt, expected),
        "$gte" => ordered(attr, kind, Operator::Gte, expected),
        "$exists" => Ok(exists(attr, truthy(expected))),
        "$in" => one_of(attr, kind, expected, false),
        "$nin" => one_of(attr, kind, expected, false).map(Both::not),
        "$ini" => one_of(attr, kind, expected, true),
        "$nini" => one_of(attr, kind, expected, true).map(Both::not),
        "$all" => all_of(attr, kind, expected, false),
        "$alli" => all_of(attr, kind, expected, true),
        "$elemMatch" => element(attr, kind, expected),
        "$regex" => regex(attr, kind, expected),
        "$type" => of_type(attr, kind, expected),
        "$regexi" => Err(unsupported("matches without regard to case", expected)),
        "$size" => Err(unsupported("counts the elements of a list", expected)),
        "$inGroup" | "$notInGroup" => Err(saved_group()),
        "$veq" | "$vne" | "$vgt" | "$vgte" | "$vlt" | "$vlte" => {
            Err(unsupported("compares versions", expected))
        }
        "$not" => Err(Error::TooLarge(Detail::new(
            "",
            format!("must nest at most {} deep", shape::MAX_DEPTH),
            "more",
        ))),
        other => Err(Error::UnknownOperator(
            Detail::new("", "must be an operator of a condition", other)
                .did_you_mean(other, OPERATORS),
        )),
    }
}

/// A value in place of operators, compared as `==` would: a missing attribute is the text `null` and the number 0.
pub(super) fn alike(attr: &str, kind: Kind, expected: &Value) -> Result<Both> {
    let missing = match expected {
        Value::String(text) => text == "null",
        Value::Number(n) => n.as_f64() == Some(0.0),
        _ => false,
    };
    let rule = checked(attr, Operator::Eq, &scalar(kind, expected)?)?;
    Ok(Both::of(attr, missing, Known::Where(vec![rule])))
}

/// `===`; a missing attribute equals null alone.
pub(super) fn equal(attr: &str, kind: Kind, expected: &Value) -> Result<Both> {
    if expected.is_null() {
        return Ok(exists(attr, false));
    }
    let rule = checked(attr, Operator::Eq, &scalar(kind, expected)?)?;
    Ok(Both::of(attr, false, Known::Where(vec![rule])))
}

/// Order among numbers; a missing attribute counts as 0.
fn ordered(attr: &str, kind: Kind, op: Operator, expected: &Value) -> Result<Both> {
    if expected.is_string() {
        return Err(unsupported(
            "orders texts, dates among them, by their UTF-16 units",
            expected,
        ));
    }
    let Literal::Number(bound) = scalar(kind, expected)? else {
        return Err(unsupported("orders what is no number", expected));
    };
    let missing = match op {
        Operator::Lt => 0.0 < bound,
        Operator::Lte => 0.0 <= bound,
        Operator::Gt => 0.0 > bound,
        _ => 0.0 >= bound,
    };
    let rule = checked(attr, op, &Literal::Number(bound))?;
    Ok(Both::of(attr, missing, Known::Where(vec![rule])))
}

fn exists(attr: &str, wanted: bool) -> Both {
    Both::of(
        attr,
        !wanted,
        if wanted { Known::Always } else { Known::Never },
    )
}

/// What JavaScript takes for true.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// One of the list, or for a list of texts one element of it.
fn one_of(attr: &str, kind: Kind, expected: &Value, any_case: bool) -> Result<Both> {
    let items = list(expected)?;
    let missing = items.iter().any(Value::is_null);
    let mut wanted = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate().filter(|(_, item)| !item.is_null()) {
        let found = match (kind, item, any_case) {
            (Kind::Text | Kind::Tags | Kind::TextOrTags, Value::String(text), true) => {
                spelled(text)
            }
            (Kind::Tags, Value::String(text), false) => Ok(vec![Literal::Text(text.clone())]),
            _ => scalar(kind, item).map(|literal| vec![literal]),
        };
        wanted.extend(found.map_err(|error| error.at(&format!("[{i}]")))?);
    }
    if wanted.is_empty() {
        return Ok(Both::of(attr, missing, Known::Never));
    }
    let ops: &[Operator] = match kind {
        Kind::Tags => &[Operator::HasAny],
        Kind::TextOrTags => &[Operator::In, Operator::HasAny],
        _ => &[Operator::In],
    };
    let operand = Literal::List(wanted);
    let rules = ops.iter().map(|op| checked(attr, *op, &operand));
    Ok(Both::of(
        attr,
        missing,
        Known::Where(rules.collect::<Result<_>>()?),
    ))
}

/// Each of the texts is an element; a missing attribute has none, not even of an empty list.
fn all_of(attr: &str, kind: Kind, expected: &Value, any_case: bool) -> Result<Both> {
    must_be_tags(kind, expected)?;
    let mut rules = Vec::new();
    for (i, item) in list(expected)?.iter().enumerate() {
        let spellings = match item {
            Value::String(text) if any_case => spelled(text),
            Value::String(text) => Ok(vec![Literal::Text(text.clone())]),
            other => Err(unsupported("must be text", other)),
        };
        let spellings = spellings.map_err(|error| error.at(&format!("[{i}]")))?;
        rules.push(checked(attr, Operator::HasAny, &Literal::List(spellings))?);
    }
    let known = match rules.len() {
        0 => Known::Always,
        _ => Known::Where(vec![together(attr, rules, any_case)]),
    };
    Ok(Both::of(attr, false, known))
}

/// Exact texts that must all be there are one comparison.
fn together(attr: &str, rules: Vec<Rule>, any_case: bool) -> Rule {
    if any_case {
        return Rule::All(rules);
    }
    let mut tags = Vec::new();
    for rule in rules {
        if let Rule::Compare {
            value: Literal::List(found),
            ..
        } = rule
        {
            tags.extend(found);
        }
    }
    compare(attr, Operator::HasAll, Literal::List(tags))
}

/// An element that equals a text, or one of several.
fn element(attr: &str, kind: Kind, expected: &Value) -> Result<Both> {
    must_be_tags(kind, expected)?;
    let refuse = || {
        unsupported(
            "asks more of an element than $eq or $in with texts",
            expected,
        )
    };
    let fields = expected
        .as_object()
        .filter(|fields| fields.len() == 1)
        .ok_or_else(refuse)?;
    let texts = match fields.iter().next() {
        Some((op, text @ Value::String(_))) if op == "$eq" => vec![text],
        Some((op, Value::Array(items))) if op == "$in" && items.iter().all(Value::is_string) => {
            items.iter().collect()
        }
        _ => return Err(refuse()),
    };
    if texts.is_empty() {
        return Ok(Both::of(attr, false, Known::Never));
    }
    let texts = texts
        .into_iter()
        .filter_map(Value::as_str)
        .map(|text| Literal::Text(text.to_owned()));
    let rule = checked(attr, Operator::HasAny, &Literal::List(texts.collect()))?;
    Ok(Both::of(attr, false, Known::Where(vec![rule])))
}

/// Plain text, anchored or not; a missing attribute is the text `null`.
fn regex(attr: &str, kind: Kind, expected: &Value) -> Result<Both> {
    let Value::String(written) = expected else {
        return Err(Error::WrongType(Detail::new("", "must be text", expected)));
    };
    if kind != Kind::Text {
        return Err(unsupported(
            &format!("matches an attribute that is {}", kind.words()),
            written,
        ));
    }
    let Some(Pattern { op, texts }) = pattern::plain(written) else {
        return Err(unsupported(
            "is a pattern beyond plain text with ^ and $, or ^(a|b)$",
            written,
        ));
    };
    let missing = texts.iter().any(|text| pattern::holds(op, "null", text));
    let literals = || texts.iter().cloned().map(Literal::Text);
    let operand = match op {
        Operator::In => Literal::List(literals().collect()),
        _ => literals().next().unwrap_or(Literal::None),
    };
    Ok(Both::of(
        attr,
        missing,
        Known::Where(vec![checked(attr, op, &operand)?]),
    ))
}

fn of_type(attr: &str, kind: Kind, expected: &Value) -> Result<Both> {
    let Value::String(name) = expected else {
        return Err(Error::WrongType(Detail::new("", "must be text", expected)));
    };
    let own = match kind {
        Kind::Boolean => "boolean",
        Kind::Number => "number",
        Kind::Text | Kind::Timestamp => "string",
        Kind::Tags => "array",
        Kind::Any | Kind::TextOrTags => "",
    };
    let known = match name.as_str() {
        "null" | "undefined" | "object" | "unknown" => Known::Never,
        _ if own.is_empty() => {
            return Err(unsupported(
                "needs a schema that says the attribute's type",
                name,
            ));
        }
        name if name == own => Known::Always,
        _ => Known::Never,
    };
    Ok(Both::of(attr, name == "null", known))
}

fn must_be_tags(kind: Kind, expected: &Value) -> Result<()> {
    if kind == Kind::Tags {
        return Ok(());
    }
    let reason = format!("asks for elements of an attribute that is {}", kind.words());
    Err(unsupported(&reason, expected))
}

/// The operand, of the attribute's type.
fn scalar(kind: Kind, value: &Value) -> Result<Literal> {
    match (kind, value) {
        (Kind::Boolean, Value::Bool(b)) => Ok(Literal::Boolean(*b)),
        (Kind::Number, Value::Number(n)) => Ok(Literal::Number(n.as_f64().unwrap_or(f64::NAN))),
        (Kind::Text | Kind::TextOrTags, Value::String(text)) => Ok(Literal::Text(text.clone())),
        _ => Err(unsupported(
            &format!("must suit the attribute, which is {}", kind.words()),
            value,
        )),
    }
}

/// A text in every case; refused where that is too many, or beyond ASCII.
fn spelled(text: &str) -> Result<Vec<Literal>> {
    let spellings = pattern::spellings(text).ok_or_else(|| {
        unsupported(
            "must have at most 6 letters, all ASCII, to be spelled out in either case",
            text,
        )
    })?;
    Ok(spellings.into_iter().map(Literal::Text).collect())
}

/// A well-formed comparison.
fn checked(attr: &str, op: Operator, value: &Literal) -> Result<Rule> {
    shape::normal(op, value).map(|value| compare(attr, op, value))
}
