//! Rules as sentences a person reads.
//!
//! Negation is pushed down to the comparisons, where English has words for it; De Morgan's laws hold in three-valued
//! logic too, so the sentence says exactly what the rule decides. The top level joins with commas, the next without,
//! anything deeper stands in parentheses.

use super::{
    ast::{Literal, Operator, Rule},
    schema::{Attribute, AttributeSchema},
};
use crate::value::{AttributeType, Timestamp};

impl Rule {
    /// The rule in plain English, as a clause about a visitor.
    ///
    /// A schema gives the words: a `phrase` like `bought at least {n} times` or `lives in {value}`, or a `label`. Without
    /// it the attribute's name is used.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::{AttributeSchema, Rule};
    /// let schema = AttributeSchema::from_json(r#"{
    ///     "orders_count": {"type": "number", "phrase": "bought at least {n} times"},
    ///     "country": {"type": "string", "phrase": "lives in {value}"}
    /// }"#)?;
    /// let rule = Rule::parse_sql("orders_count >= 2 AND country IN ('CA', 'US')")?;
    /// assert_eq!(rule.describe(Some(&schema)), "bought at least 2 times, and lives in CA or US");
    /// assert_eq!(rule.describe(None), "orders_count is at least 2, and country is CA or US");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn describe(&self, schema: Option<&AttributeSchema>) -> String {
        clause(self, schema, false, 0)
    }
}

fn clause(rule: &Rule, schema: Option<&AttributeSchema>, negated: bool, level: usize) -> String {
    match rule {
        Rule::Not(child) => clause(child, schema, !negated, level),
        Rule::Segment(key) if negated => format!("is not in segment {}", shown(key)),
        Rule::Segment(key) => format!("is in segment {}", shown(key)),
        Rule::Compare { attr, op, value } => {
            let op = if negated {
                Phrase::not(*op)
            } else {
                Phrase::of(*op)
            };
            comparison(attr, op, value, schema)
        }
        Rule::All(children) | Rule::Any(children) => {
            let all = matches!(rule, Rule::All(_)) != negated;
            match children.as_slice() {
                [] if all => "everyone".to_owned(),
                [] => "no one".to_owned(),
                [only] => clause(only, schema, negated, level),
                several => {
                    let parts: Vec<String> = several
                        .iter()
                        .map(|child| clause(child, schema, negated, level + 1))
                        .collect();
                    let joint = if all { "and" } else { "or" };
                    match level {
                        0 => parts.join(&format!(", {joint} ")),
                        1 => parts.join(&format!(" {joint} ")),
                        _ => format!("({})", parts.join(&format!(" {joint} "))),
                    }
                }
            }
        }
    }
}

/// An operator and whether it is denied; those with an opposite are never denied.
#[derive(Clone, Copy)]
struct Phrase {
    op: Operator,
    denied: bool,
}

impl Phrase {
    /// `ne` and `not_in` are the denials of `eq` and `in`, `is_missing` of `is_present`.
    fn of(op: Operator) -> Self {
        let (op, denied) = match op {
            Operator::Ne => (Operator::Eq, true),
            Operator::NotIn => (Operator::In, true),
            Operator::IsMissing => (Operator::IsPresent, true),
            op => (op, false),
        };
        Self { op, denied }
    }

    fn not(op: Operator) -> Self {
        let plain = Self::of(op);
        let (op, denied) = match plain.op {
            Operator::Lt => (Operator::Gte, false),
            Operator::Lte => (Operator::Gt, false),
            Operator::Gt => (Operator::Lte, false),
            Operator::Gte => (Operator::Lt, false),
            op => (op, !plain.denied),
        };
        Self { op, denied }
    }
}

fn comparison(
    attr: &str,
    phrase: Phrase,
    value: &Literal,
    schema: Option<&AttributeSchema>,
) -> String {
    let attribute = schema.and_then(|s| s.get(attr));
    let label = attribute.and_then(|a| a.label.as_deref()).unwrap_or(attr);
    if phrase.op == Operator::IsPresent {
        return presence(label, attribute, phrase.denied);
    }
    let in_words = attribute
        .and_then(|a| a.phrase.as_deref())
        .and_then(|template| from_template(template, phrase, value));
    in_words.unwrap_or_else(|| from_label(label, phrase, value))
}

fn presence(label: &str, attribute: Option<&Attribute>, denied: bool) -> String {
    let several = attribute.is_some_and(|a| a.kind == AttributeType::StringList)
        || (label.ends_with('s') && !label.ends_with("ss"));
    let vowel = label.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    match (denied, several, vowel) {
        (true, ..) => format!("has no {label}"),
        (false, true, _) => format!("has {label}"),
        (false, false, true) => format!("has an {label}"),
        (false, false, false) => format!("has a {label}"),
    }
}

/// `orders_count is at least 2`, `country is neither CA nor US`, `tags include course`.
fn from_label(label: &str, phrase: Phrase, value: &Literal) -> String {
    let Phrase { op, denied } = phrase;
    let verb = match (op, denied) {
        (Operator::StartsWith, false) => "starts with",
        (Operator::StartsWith, true) => "does not start with",
        (Operator::EndsWith, false) => "ends with",
        (Operator::EndsWith, true) => "does not end with",
        (Operator::Contains, false) => "contains",
        (Operator::Contains, true) => "does not contain",
        (Operator::Has | Operator::HasAny | Operator::HasAll, _) => {
            return format!("{label} {}", inclusion(op, denied, value));
        }
        (Operator::In, true) if several(value) => {
            return format!("{label} is {}", listed(value, "neither", "nor"));
        }
        (_, false) => "is",
        (_, true) => "is not",
    };
    format!("{label} {verb} {}", operand(op, value))
}

fn inclusion(op: Operator, denied: bool, value: &Literal) -> String {
    match (op, denied) {
        (Operator::HasAll, true) if several(value) => {
            format!("do not include all of {}", listed(value, "", "and"))
        }
        (Operator::HasAll, false) => format!("include {}", listed(value, "both", "and")),
        (Operator::HasAny, true) if several(value) => {
            format!("include {}", listed(value, "neither", "nor"))
        }
        (_, true) => format!("do not include {}", listed(value, "", "or")),
        (_, false) => format!("include {}", listed(value, "", "or")),
    }
}

/// Fills a phrase's placeholder; a phrase without one says what `true` means, and nothing of any other operand.
fn from_template(template: &str, phrase: Phrase, value: &Literal) -> Option<String> {
    let Phrase { op, denied } = phrase;
    let placeholder = PLACEHOLDERS.into_iter().find(|p| template.contains(p));
    let Some((before, after)) = placeholder.and_then(|p| template.split_once(p)) else {
        let said = |wanted| {
            if wanted == denied {
                deny(template)
            } else {
                template.to_owned()
            }
        };
        return truth(value).map(said);
    };
    // A phrase may be written for one comparison ("at least {n}"); the rule's own comparison takes its place.
    let before = COMPARISONS
        .iter()
        .find_map(|words| before.strip_suffix(words))
        .unwrap_or(before);
    let operand = match (op, value) {
        (Operator::Eq, Literal::Number(x)) => format!("exactly {}", number(*x)),
        (Operator::StartsWith, _) => format!("something starting with {}", listed(value, "", "or")),
        (Operator::EndsWith, _) => format!("something ending with {}", listed(value, "", "or")),
        (Operator::Contains, _) => format!("something containing {}", listed(value, "", "or")),
        (Operator::HasAll, _) => listed(value, "", "and"),
        _ => operand(op, value),
    };
    let sentence = format!("{before}{operand}{}", singular(after, value));
    Some(if denied { deny(&sentence) } else { sentence })
}

/// The one truth value that an operand names, alone or in a list.
fn truth(value: &Literal) -> Option<bool> {
    match value {
        Literal::Boolean(wanted) => Some(*wanted),
        Literal::List(items) => {
            let (first, rest) = items.split_first()?;
            truth(first).filter(|_| rest.iter().all(|item| item == first))
        }
        _ => None,
    }
}

/// Where the operand stands in a phrase.
const PLACEHOLDERS: [&str; 2] = ["{n}", "{value}"];

/// Whether a phrase can say comparisons of that type: the operand has one place in it, or the type is boolean, and no
/// other brace is in it.
pub(super) fn is_phrase(template: &str, kind: AttributeType) -> bool {
    let places = PLACEHOLDERS.map(|p| template.matches(p).count());
    let braces = template.matches(['{', '}']).count();
    match places.iter().sum::<usize>() {
        0 => braces == 0 && kind == AttributeType::Boolean,
        1 => braces == 2,
        _ => false,
    }
}

const COMPARISONS: [&str; 8] = [
    "at least ",
    "at most ",
    "more than ",
    "less than ",
    "fewer than ",
    "exactly ",
    "before ",
    "after ",
];

/// `1 times` is `1 time`.
fn singular(after: &str, value: &Literal) -> String {
    let Literal::Number(x) = value else {
        return after.to_owned();
    };
    let Some(rest) = after.strip_prefix(' ') else {
        return after.to_owned();
    };
    let (word, tail) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
    match word.strip_suffix('s') {
        Some(one) if (x - 1.0).abs() == 0.0 && !one.ends_with('s') => format!(" {one}{tail}"),
        _ => after.to_owned(),
    }
}

/// Denies a clause by its verb: `is not`, `does not live`, `has not bought`.
fn deny(clause: &str) -> String {
    let (verb, rest) = clause.split_at(clause.find(' ').unwrap_or(clause.len()));
    match verb {
        "is" | "was" | "are" | "were" | "will" | "must" | "should" | "does" | "did" => {
            format!("{verb} not{rest}")
        }
        "can" => format!("cannot{rest}"),
        "has" | "have" => format!("does not have{rest}"),
        "goes" => format!("does not go{rest}"),
        _ => match third_person(verb) {
            Some(stem) => format!("does not {stem}{rest}"),
            None => format!("has not {verb}{rest}"),
        },
    }
}

/// `lives` → `live`, `watches` → `watch`, `buys` → `buy`, `tries` → `try`.
fn third_person(verb: &str) -> Option<String> {
    if let Some(stem) = verb.strip_suffix("ies") {
        return Some(format!("{stem}y"));
    }
    for ending in ["ches", "shes", "sses", "xes", "zzes"] {
        if verb.ends_with(ending) {
            return verb.strip_suffix("es").map(str::to_owned);
        }
    }
    verb.strip_suffix('s')
        .filter(|stem| !stem.ends_with('s'))
        .map(str::to_owned)
}

/// What follows the verb: `at least 2`, `CA or US`, `within the last 30 days`.
fn operand(op: Operator, value: &Literal) -> String {
    let bound = match value {
        Literal::Text(text) => Timestamp::parse(text).ok(),
        _ => None,
    };
    match (op, bound) {
        (Operator::Lt, Some(t)) => format!("before {}", instant(t, true)),
        (Operator::Lte, Some(t)) => format!("at or before {}", instant(t, false)),
        (Operator::Gt, Some(t)) => format!("after {}", instant(t, false)),
        (Operator::Gte, Some(t)) if is_midnight(t) => format!("on or after {}", instant(t, true)),
        (Operator::Gte, Some(t)) => format!("at or after {}", instant(t, false)),
        (Operator::Lt, None) => format!("less than {}", scalar(value)),
        (Operator::Lte, None) => format!("at most {}", scalar(value)),
        (Operator::Gt, None) => format!("more than {}", scalar(value)),
        (Operator::Gte, None) => format!("at least {}", scalar(value)),
        (Operator::Between, _) => between(value),
        (Operator::WithinDays, _) => match value {
            Literal::Number(x) if (x - 1.0).abs() == 0.0 => "within the last day".to_owned(),
            other => format!("within the last {} days", scalar(other)),
        },
        _ => listed(value, "", "or"),
    }
}

fn between(value: &Literal) -> String {
    let Literal::List(bounds) = value else {
        return scalar(value);
    };
    let bounds: Vec<String> = bounds
        .iter()
        .map(|bound| match bound {
            Literal::Text(text) => {
                Timestamp::parse(text).map_or_else(|_| shown(text), |t| instant(t, false))
            }
            number => scalar(number),
        })
        .collect();
    format!("between {}", bounds.join(" and "))
}

fn several(value: &Literal) -> bool {
    matches!(value, Literal::List(items) if items.len() > 1)
}

/// `CA`, `CA or US`, `CA, US or MX`; `lead` stands before a list of two (`both a and b`) or of any length (`neither`).
fn listed(value: &Literal, lead: &str, joint: &str) -> String {
    let Literal::List(items) = value else {
        return scalar(value);
    };
    let words: Vec<String> = items.iter().map(scalar).collect();
    match words.as_slice() {
        [] => "nothing".to_owned(),
        [only] if lead == "neither" => format!("not {only}"),
        [only] => only.clone(),
        [first @ .., last] => {
            let lead = match lead {
                "" => "",
                "both" if first.len() > 1 => "all of ",
                "both" => "both ",
                _ => "neither ",
            };
            format!("{lead}{} {joint} {last}", first.join(", "))
        }
    }
}

fn scalar(value: &Literal) -> String {
    match value {
        Literal::None => "nothing".to_owned(),
        Literal::Boolean(b) => b.to_string(),
        Literal::Number(x) => number(*x),
        Literal::Text(text) if reads_as_other(text) => format!("{text:?}"),
        Literal::Text(text) => shown(text),
        Literal::List(_) => listed(value, "", "or"),
    }
}

fn number(x: f64) -> String {
    if x != 0.0 && !(1e-6..1e15).contains(&x.abs()) {
        format!("{x:e}")
    } else {
        x.to_string()
    }
}

/// Whether text would read as a number or a truth value, which match other visitors than the text does.
fn reads_as_other(text: &str) -> bool {
    let numeric = text.contains(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    numeric || ["true", "false"].contains(&text.to_ascii_lowercase().as_str())
}

/// Text as it is when it reads as a word, else in quotes with control characters escaped.
fn shown(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '/' | '+');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("{text:?}")
    }
}

fn is_midnight(t: Timestamp) -> bool {
    t.micros % 86_400_000_000 == 0
}

/// `2026-01-31` for a midnight where that says enough, else `2026-01-31 14:30 UTC`.
fn instant(t: Timestamp, date_alone: bool) -> String {
    let text = t.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    if date_alone && is_midnight(t) {
        return date.to_owned();
    }
    let time = time.trim_end_matches('Z');
    let time = time.strip_suffix(":00").unwrap_or(time);
    format!("{date} {time} UTC")
}
