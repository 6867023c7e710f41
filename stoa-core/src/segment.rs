//! Floor 3: named segments, and rules that name them.
//!
//! A [`Segment`] is a rule with a key and a history; [`Segments`] is a checked set in which every name leads somewhere
//! and none leads back to itself. This room decides no membership: [`Segments::expand`] gives a rule that the room
//! `rule` can.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{Detail, Error, Result},
    rule::{MAX_DEPTH, MAX_NODES, Rule, exceeds, rooted_at},
    value::document::schema_of,
};

/// Where a segment stands in its life (DESIGN §8).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// Written down, not yet agreed.
    #[default]
    Proposed,
    /// Agreed.
    Accepted,
    /// Used by the storefront.
    Deployed,
    /// Kept for the record only.
    Retired,
}

impl Lifecycle {
    /// All of them, in the order of a segment's life.
    pub const ALL: [Self; 4] = [
        Self::Proposed,
        Self::Accepted,
        Self::Deployed,
        Self::Retired,
    ];

    /// Its name in documents.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Deployed => "deployed",
            Self::Retired => "retired",
        }
    }
}

/// Who or what a segment comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The person or program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The discovery, when it was searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovery: Option<String>,
}

/// A named group of visitors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Segment {
    /// Its name in `snake_case`.
    #[schemars(extend("pattern" = KEY))]
    pub key: String,
    /// Who belongs to it.
    pub rule: Rule,
    /// What a person should know about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Counts the rule's changes, from 1.
    #[serde(default = "first_version")]
    #[schemars(extend("minimum" = 1, "maximum" = u32::MAX))]
    pub version: u32,
    /// Where it stands.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
}

const fn first_version() -> u32 {
    1
}

/// What [`check_key`] takes.
const KEY: &str = "^[a-z][a-z0-9_]{0,63}$";

/// The JSON Schema of a segment's document, made from the Rust types; `docs/segment.schema.json` is its copy.
///
/// # Example
/// ```
/// let schema = stoa_core::segment::json_schema();
/// assert_eq!(schema["required"], serde_json::json!(["key", "rule"]));
/// ```
#[must_use]
pub fn json_schema() -> Value {
    schema_of::<Segment>()
}

const FIELDS: [&str; 6] = [
    "key",
    "rule",
    "description",
    "version",
    "lifecycle",
    "provenance",
];

impl Segment {
    /// A first version, proposed.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when the key is not `snake_case`.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{rule::Rule, segment::Segment};
    /// let repeat = Segment::new("repeat_na", Rule::parse_sql("orders_count >= 2")?)?;
    /// assert_eq!(repeat.version, 1);
    /// assert_eq!(Segment::new("Repeat NA", repeat.rule).unwrap_err().code(), "out_of_range");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn new(key: impl Into<String>, rule: Rule) -> Result<Self> {
        let key = key.into();
        check_key(&key)?;
        Ok(Self {
            key,
            rule,
            description: String::new(),
            version: first_version(),
            lifecycle: Lifecycle::default(),
            provenance: None,
        })
    }

    /// Reads a segment from a JSON value, strictly; all problems are returned at once.
    ///
    /// # Errors
    /// [`Error::UnknownField`], [`Error::MissingField`], [`Error::WrongType`], [`Error::OutOfRange`], and those of
    /// [`Rule::from_value`] under `rule`.
    pub fn from_value(value: &Value) -> Result<Self> {
        Self::part_from_value(value).map_err(|e| rooted_at("segment", e))
    }

    /// [`Segment::from_value`] of a part of another document, whose field names the whole.
    fn part_from_value(value: &Value) -> Result<Self> {
        let Value::Object(fields) = value else {
            return Err(wrong_type("", "must be an object with key and rule", value));
        };
        let mut problems: Vec<Error> = fields
            .iter()
            .filter(|(key, _)| !FIELDS.contains(&key.as_str()))
            .map(|(key, found)| {
                Error::UnknownField(
                    Detail::new(key, "is not a field of a segment", found)
                        .did_you_mean(key, FIELDS),
                )
            })
            .collect();
        let rule = required(fields.get("rule"), "rule")
            .and_then(|rule| Rule::part_from_value(rule).map_err(|e| e.at("rule")));
        let key = required(fields.get("key"), "key").and_then(|key| {
            let key = key
                .as_str()
                .ok_or_else(|| wrong_type("key", "must be text", key))?;
            check_key(key)
        });
        problems.extend(key.err());
        problems.extend(rule.err());
        problems.extend(
            [
                field::<String>(fields.get("description"), "description", "must be text"),
                fields.get("version").and_then(|v| read_version(v).err()),
                field::<Lifecycle>(
                    fields.get("lifecycle"),
                    "lifecycle",
                    "must be proposed, accepted, deployed or retired",
                ),
                field::<Option<Provenance>>(
                    fields.get("provenance"),
                    "provenance",
                    "must be an object with by and discovery only",
                ),
            ]
            .into_iter()
            .flatten(),
        );
        match Error::collect(problems) {
            Some(error) => Err(error),
            None => serde_json::from_value(value.clone())
                .map_err(|e| Error::InvalidDocument(Detail::new("", e.to_string(), value))),
        }
    }
}

/// A version as documents write it.
///
/// # Errors
/// [`Error::WrongType`] for what is no whole number, [`Error::OutOfRange`] outside 1 to 4294967295.
///
/// # Example
/// ```
/// use stoa_core::segment::read_version;
/// assert_eq!(read_version(&serde_json::json!(2))?, 2);
/// assert_eq!(read_version(&serde_json::json!(0)).unwrap_err().code(), "out_of_range");
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
pub fn read_version(value: &Value) -> Result<u32> {
    let rule = format!("must be a whole number from 1 to {}", u32::MAX);
    let whole = value.as_f64().is_some_and(|x| x.fract() == 0.0);
    match value.as_u64().map(u32::try_from) {
        Some(Ok(version)) if version > 0 => Ok(version),
        _ if whole => Err(Error::OutOfRange(Detail::new("version", rule, value))),
        _ => Err(wrong_type("version", &rule, value)),
    }
}

fn required<'v>(value: Option<&'v Value>, name: &str) -> Result<&'v Value> {
    value.ok_or_else(|| Error::MissingField(Detail::new(name, "is required", "nothing")))
}

/// The problem of an optional field, if it has one.
fn field<T: for<'de> Deserialize<'de>>(
    value: Option<&Value>,
    name: &str,
    rule: &str,
) -> Option<Error> {
    let value = value?;
    T::deserialize(value)
        .err()
        .map(|_| wrong_type(name, rule, value))
}

fn wrong_type(field: &str, rule: &str, found: &Value) -> Error {
    Error::WrongType(Detail::new(field, rule, found))
}

pub(crate) fn check_key(key: &str) -> Result<()> {
    let mut chars = key.chars();
    let snake = chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && key.len() <= 64;
    if snake {
        return Ok(());
    }
    Err(Error::OutOfRange(Detail::new(
        "key",
        "must be snake_case: a lower-case letter, then letters, digits and _, at most 64",
        key,
    )))
}

/// Where the search for cycles has been.
#[derive(Clone, Copy)]
enum Visit {
    Not,
    OnPath,
    Done,
}

/// Segments whose names are unique, known to each other and free of cycles.
///
/// # Example
/// ```
/// use stoa_core::{rule::Rule, segment::{Segment, Segments}};
/// let repeat = Segment::new("repeat", Rule::parse_sql("orders_count >= 2")?)?;
/// let local = Segment::new("repeat_ca", Rule::parse_sql("segment('repeat') AND country = 'CA'")?)?;
/// let segments = Segments::new(vec![repeat, local])?;
/// let rule = segments.expand(&Rule::parse_sql("segment('repeat_ca')")?)?;
/// assert_eq!(rule, Rule::parse_sql("(orders_count >= 2) AND country = 'CA'")?);
/// # Ok::<(), stoa_core::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Segments {
    in_order: Vec<Segment>,
    index: BTreeMap<String, usize>,
}

impl Segments {
    /// Checks a set of segments; all problems are returned at once, at `[i]`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a key that is not `snake_case`, [`Error::Duplicate`], [`Error::UnknownName`] for a segment
    /// that none of them is (with a near miss), [`Error::Cycle`] naming the way around (`a → b → a`).
    pub fn new(segments: Vec<Segment>) -> Result<Self> {
        let mut problems = Vec::new();
        let mut index = BTreeMap::new();
        for (i, segment) in segments.iter().enumerate() {
            let here = format!("[{i}]");
            problems.extend(check_key(&segment.key).err().map(|e| e.at(&here)));
            if index.insert(segment.key.clone(), i).is_some() {
                problems.push(
                    Error::Duplicate(Detail::new("key", "must be unique", &segment.key)).at(&here),
                );
            }
        }
        let set = Self {
            in_order: segments,
            index,
        };
        for (i, segment) in set.in_order.iter().enumerate() {
            let unknown = set.check_names(&segment.rule).err();
            problems.extend(unknown.map(|e| e.at("rule").at(&format!("[{i}]"))));
        }
        problems.extend(set.cycle());
        Error::collect(problems).map_or(Ok(set), Err)
    }

    /// Reads a set from a JSON list of segments, strictly; all problems are returned at once, at `segments[i]`.
    ///
    /// # Errors
    /// [`Error::WrongType`] for what is no list; those of [`Segment::from_value`], then those of [`Segments::new`].
    ///
    /// # Example
    /// ```
    /// use stoa_core::segment::Segments;
    /// let set = Segments::from_value(&serde_json::json!([{"key": "all", "rule": {"all": []}}]))?;
    /// assert_eq!(set.len(), 1);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn from_value(value: &Value) -> Result<Self> {
        let Value::Array(documents) = value else {
            return Err(wrong_type("segments", "must be a list of segments", value));
        };
        let (mut segments, mut problems) = (Vec::new(), Vec::new());
        for (i, document) in documents.iter().enumerate() {
            match Segment::part_from_value(document) {
                Ok(segment) => segments.push(segment),
                Err(error) => problems.push(error.at(&format!("segments[{i}]"))),
            }
        }
        match Error::collect(problems) {
            Some(error) => Err(error),
            None => Self::new(segments).map_err(|e| e.at("segments")),
        }
    }

    /// The segments in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Segment> {
        self.in_order.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.in_order.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// The segment of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Segment> {
        self.index.get(key).map(|i| &self.in_order[*i])
    }

    /// Whether every segment that a rule names is in the set.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for each that is not, with a near miss.
    pub fn check_names(&self, rule: &Rule) -> Result<()> {
        let problems = rule
            .segments()
            .iter()
            .filter(|key| !self.index.contains_key(*key))
            .map(|key| self.unknown(key))
            .collect();
        Error::collect(problems).map_or(Ok(()), Err)
    }

    /// The rule with every `{"segment": k}` replaced by k's rule, those within it too.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with a near miss; [`Error::TooLarge`] when the outcome passes the limits of one rule, 10,000
    /// conditions and 48 levels.
    pub fn expand(&self, rule: &Rule) -> Result<Rule> {
        self.check_names(rule)?;
        self.inline(rule, 1, &mut 0)
    }

    fn inline<'r>(&'r self, mut rule: &'r Rule, depth: usize, nodes: &mut usize) -> Result<Rule> {
        // A segment that is another one and nothing else adds no level; the set has no cycle, so this ends.
        while let Rule::Segment(key) = rule {
            rule = &self.get(key).ok_or_else(|| self.unknown(key))?.rule;
        }
        *nodes += 1;
        if exceeds(*nodes) || depth > MAX_DEPTH {
            return Err(Error::TooLarge(Detail::new(
                "segment",
                format!("must expand to at most {MAX_NODES} conditions, {MAX_DEPTH} deep"),
                "more",
            )));
        }
        let mut many = |children: &[Rule]| -> Result<Vec<Rule>> {
            children
                .iter()
                .map(|child| self.inline(child, depth + 1, nodes))
                .collect()
        };
        Ok(match rule {
            Rule::All(children) => Rule::All(many(children)?),
            Rule::Any(children) => Rule::Any(many(children)?),
            Rule::Not(child) => Rule::Not(Box::new(self.inline(child, depth + 1, nodes)?)),
            Rule::Segment(_) | Rule::Compare { .. } => rule.clone(),
        })
    }

    fn unknown(&self, key: &str) -> Error {
        let known = self.index.keys().map(String::as_str);
        Error::UnknownName(
            Detail::new("segment", "must be the key of a known segment", key)
                .did_you_mean(key, known),
        )
    }

    /// The first cycle, if there is one: a depth-first walk on a stack of its own.
    fn cycle(&self) -> Option<Error> {
        let mut seen = vec![Visit::Not; self.in_order.len()];
        for start in 0..self.in_order.len() {
            let mut path = vec![(start, self.neighbours(start))];
            while let Some((here, pending)) = path.last_mut() {
                seen[*here] = Visit::OnPath;
                let Some(next) = pending.pop() else {
                    seen[*here] = Visit::Done;
                    path.pop();
                    continue;
                };
                match seen[next] {
                    Visit::Not => path.push((next, self.neighbours(next))),
                    Visit::OnPath => return Some(self.cycle_error(&path, next)),
                    Visit::Done => {}
                }
            }
        }
        None
    }

    fn cycle_error(&self, path: &[(usize, Vec<usize>)], again: usize) -> Error {
        let around = path.iter().map(|(node, _)| *node);
        let around = around.skip_while(|node| *node != again).chain([again]);
        let names: Vec<&str> = around.map(|i| self.in_order[i].key.as_str()).collect();
        Error::Cycle(Detail::new(
            format!("[{again}].rule"),
            "must not lead back to its own segment",
            names.join(" → "),
        ))
    }

    fn neighbours(&self, i: usize) -> Vec<usize> {
        let named = self.in_order[i].rule.segments();
        let mut found: Vec<usize> = named
            .iter()
            .filter_map(|key| self.index.get(key).copied())
            .collect();
        found.reverse();
        found
    }
}
