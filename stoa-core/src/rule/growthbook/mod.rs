//! Targeting conditions of `GrowthBook` as rules: true for exactly the visitors for whom its SDK says true.
//!
//! Its logic has two values and is JavaScript's: what is missing is `null`, which is unequal to everything else, less
//! than 1 as a number and the word `null` to a regular expression. So each condition is translated twice, into where it
//! is true and where it is false, and a negation takes the other one: nothing unknown is ever negated. What a rule
//! cannot say exactly is refused by name. Semantics after the SDK's own source (`mongrule.ts`, MIT), read, not copied.

mod kinds;
mod operators;
mod pattern;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::kinds::Kind;
use super::{
    ast::{Literal, Operator, Rule},
    schema::AttributeSchema,
    shape,
};
use crate::{
    error::{Detail, Error, Result},
    value::document,
};

/// Names that every JavaScript object answers to, whatever its attributes.
const INHERITED: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];
const TOP: [&str; 5] = ["$and", "$or", "$nor", "$not", "$savedGroup"];

/// Where a condition is true, and where it is false; no visitor is in neither.
struct Both {
    yes: Rule,
    no: Rule,
}

/// What a condition says of an attribute that is there.
enum Known {
    Always,
    Never,
    /// One rule for each type the attribute may have, each true or false for all values of it.
    Where(Vec<Rule>),
}

/// The condition's attributes, with the type of each.
struct Reader {
    kinds: BTreeMap<String, Kind>,
}

impl Rule {
    /// Reads a targeting condition of `GrowthBook`, as JSON text; all problems are returned at once.
    ///
    /// The rule is true for exactly those visitors for whom the condition is, each attribute being missing or of one
    /// type: the schema's when one is given, else that of the values it is compared with. Texts in `$in` and `$nin` alone
    /// may be of a text or of a list; both are written. A path `a.b` is the attribute `a.b`: nested objects are
    /// flattened before they come here. The rule is in canonical form.
    ///
    /// # Errors
    /// [`Error::Unsupported`] with the JSON path and the reason for what a rule cannot say exactly: versions, sizes,
    /// saved groups, order among texts, regular expressions beyond plain text with `^` and `$`, and types that do not
    /// fit; [`Error::UnknownOperator`]; [`Error::UnknownName`] for an attribute the schema does not have;
    /// [`Error::WrongType`], [`Error::InvalidDocument`], [`Error::TooLarge`].
    ///
    /// # Source
    /// The JavaScript SDK `@growthbook/growthbook` 1.8.0, against which it is tested on generated conditions and rows.
    ///
    /// # Example
    /// ```
    /// use stoa_core::rule::Rule;
    /// let rule = Rule::from_growthbook(r#"{"country": {"$ne": "US"}, "orders": {"$gte": 2}}"#, None)?;
    /// assert_eq!(rule, Rule::parse_sql("(country <> 'US' OR country IS NULL) AND orders >= 2")?.canonical());
    /// let error = Rule::from_growthbook(r#"{"app": {"$vgt": "1.2.3"}}"#, None).unwrap_err();
    /// assert_eq!((error.code(), &*error.detail().unwrap().field), ("unsupported", "app.$vgt"));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn from_growthbook(text: &str, schema: Option<&AttributeSchema>) -> Result<Self> {
        let refuse =
            |e| Error::InvalidDocument(Detail::new("", format!("must be JSON ({e})"), text));
        shape::check_size(text)
            .and_then(|()| document::read_json(text).map_err(refuse)?)
            .map_err(|error| shape::rooted_at("condition", error))
            .and_then(|condition| Self::from_growthbook_value(&condition, schema))
    }

    /// [`Rule::from_growthbook`] of a JSON value.
    ///
    /// # Errors
    /// Those of [`Rule::from_growthbook`].
    pub fn from_growthbook_value(
        condition: &Value,
        schema: Option<&AttributeSchema>,
    ) -> Result<Self> {
        let read = || {
            shape::check_size(&condition.to_string())?;
            let kinds = Kind::of_all(condition, schema)?;
            let rule = Reader { kinds }.condition(condition, 1)?.yes.canonical();
            // The limits of a rule are those of its document.
            Self::part_from_value(&rule.to_value())
        };
        read().map_err(|error| shape::rooted_at("condition", error))
    }
}

impl Reader {
    /// All entries of a condition must hold.
    fn condition(&self, condition: &Value, depth: usize) -> Result<Both> {
        if depth > shape::MAX_DEPTH {
            let rule = format!("must nest at most {} deep", shape::MAX_DEPTH);
            return Err(Error::TooLarge(Detail::new("", rule, "more")));
        }
        let fields = object(condition)?;
        let parts = fields.iter().map(|(key, value)| {
            let part = if key.starts_with('$') {
                self.connective(key, value, depth)
            } else {
                check_path(key).and_then(|()| self.value(key, value, depth))
            };
            part.map_err(|error| error.at(key))
        });
        gather(parts).map(Both::all)
    }

    fn connective(&self, key: &str, value: &Value, depth: usize) -> Result<Both> {
        let each = || {
            let items = list(value)?;
            let parts = items.iter().enumerate();
            gather(parts.map(|(i, item)| {
                self.condition(item, depth + 1)
                    .map_err(|e| e.at(&format!("[{i}]")))
            }))
        };
        match key {
            "$and" => each().map(Both::all),
            "$or" => each().map(Both::or),
            "$nor" => each().map(Both::or).map(Both::not),
            "$not" => self.condition(value, depth + 1).map(Both::not),
            "$savedGroup" => Err(saved_group()),
            other => Err(Error::UnknownOperator(
                Detail::new("", "must be a condition's operator", other).did_you_mean(other, TOP),
            )),
        }
    }

    /// What is asked of one attribute: a value to equal, or operators that must all hold.
    fn value(&self, attr: &str, asked: &Value, depth: usize) -> Result<Both> {
        let kind = self.kinds.get(attr).copied().unwrap_or(Kind::Any);
        let fields = match asked {
            Value::Null => return operators::equal(attr, kind, asked),
            Value::Object(fields)
                if !fields.is_empty() && fields.keys().all(|k| k.starts_with('$')) =>
            {
                fields
            }
            Value::Array(_) | Value::Object(_) => {
                return Err(unsupported(
                    "compares the JSON text of a list or an object",
                    asked,
                ));
            }
            scalar => return operators::alike(attr, kind, scalar),
        };
        let parts = fields.iter().map(|(op, expected)| {
            let part = if op == "$not" && depth < shape::MAX_DEPTH {
                self.value(attr, expected, depth + 1).map(Both::not)
            } else {
                operators::operator(attr, kind, op, expected)
            };
            part.map_err(|error| error.at(op))
        });
        gather(parts).map(Both::all)
    }
}

impl Both {
    /// From what is said of a missing attribute and of one that is there.
    fn of(attr: &str, missing: bool, known: Known) -> Self {
        let presence = |op| compare(attr, op, Literal::None);
        let side = |with_missing: bool, mut parts: Vec<Rule>| {
            if with_missing {
                parts.push(presence(Operator::IsMissing));
            }
            Rule::Any(parts)
        };
        let present = || vec![presence(Operator::IsPresent)];
        let (yes, no) = match known {
            Known::Always => (present(), Vec::new()),
            Known::Never => (Vec::new(), present()),
            Known::Where(rules) => {
                let denied = rules.iter().cloned().map(|rule| Rule::Not(Box::new(rule)));
                let denied = denied.collect();
                (rules, denied)
            }
        };
        let everyone = |parts: &[Rule], missing| parts.first() == present().first() && missing;
        let whole = |missing, parts: Vec<Rule>| {
            if everyone(&parts, missing) {
                Rule::All(Vec::new())
            } else {
                side(missing, parts)
            }
        };
        Self {
            yes: whole(missing, yes),
            no: whole(!missing, no),
        }
    }

    fn all(parts: Vec<Self>) -> Self {
        let (yes, no) = parts.into_iter().map(|both| (both.yes, both.no)).unzip();
        Self {
            yes: Rule::All(yes),
            no: Rule::Any(no),
        }
    }

    /// An empty `$or` is true in the SDK.
    fn or(parts: Vec<Self>) -> Self {
        if parts.is_empty() {
            return Self::all(parts);
        }
        Self::all(parts.into_iter().map(Self::not).collect()).not()
    }

    fn not(self) -> Self {
        Self {
            yes: self.no,
            no: self.yes,
        }
    }
}

fn compare(attr: &str, op: Operator, value: Literal) -> Rule {
    Rule::Compare {
        attr: attr.to_owned(),
        op,
        value,
    }
}

/// All parts, or all their problems.
fn gather(parts: impl Iterator<Item = Result<Both>>) -> Result<Vec<Both>> {
    let (mut good, mut problems) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Ok(both) => good.push(both),
            Err(error) => problems.push(error),
        }
    }
    Error::collect(problems).map_or(Ok(good), Err)
}

fn object(value: &Value) -> Result<&Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| Error::WrongType(Detail::new("", "must be a condition, an object", value)))
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value
        .as_array()
        .ok_or_else(|| Error::WrongType(Detail::new("", "must be a list", value)))
}

/// The path of an attribute: its name, dots and all.
fn check_path(path: &str) -> Result<()> {
    shape::check_name(path).map_err(|error| {
        Error::OutOfRange(Detail {
            field: String::new(),
            ..error.detail().cloned().unwrap_or_default()
        })
    })?;
    let mut steps = path.split('.').skip(1);
    let of_list = |step: &str| step == "length" || step.bytes().all(|b| b.is_ascii_digit());
    if path.split('.').any(|step| INHERITED.contains(&step)) || steps.any(of_list) {
        return Err(unsupported(
            "asks for what every JavaScript object or list has",
            path,
        ));
    }
    Ok(())
}

fn saved_group() -> Error {
    unsupported(
        "names a saved group, whose members are not in the condition; write its list with $in",
        "a group",
    )
}

/// A valid condition that a rule cannot say exactly; the reason continues the path.
fn unsupported(reason: &str, found: impl ToString) -> Error {
    Error::Unsupported(Detail::new("", reason, found))
}
