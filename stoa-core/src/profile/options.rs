//! What is asked: the options of a profile, and how a document spells them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{ContrastOptions, Outcome, outcome, result::EVERYONE};
use crate::{
    error::{Detail, Error, Result},
    rule::AttributeSchema,
    segment::Segments,
    value::Timestamp,
};

/// Fields of a document of options.
const FIELDS: [&str; 8] = [
    "outcomes",
    "level",
    "minimum_effect",
    "visitors_per_day",
    "days",
    "time",
    "contrasts",
    "levels",
];

/// What a profile is asked for.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// Outcomes by the name they get in the result.
    pub outcomes: BTreeMap<String, Outcome>,
    /// The store's attributes: without it nothing is known about targeting.
    pub schema: Option<&'a AttributeSchema>,
    /// The instant that `within_days` counts back from.
    pub now: Option<Timestamp>,
    /// Level of the credible intervals, in (0, 1).
    pub level: f64,
    /// The relative lift that an experiment on a segment should see.
    pub minimum_effect: f64,
    /// Visitors that the store has in a day, all segments together.
    pub visitors_per_day: Option<f64>,
    /// Or the days in which the visitors of the table came.
    pub days: Option<f64>,
    /// Or a column of timestamps that says when; its span gives the days. Dates (instants all at midnight, UTC) count
    /// whole, the first and the last among them.
    pub time: Option<String>,
    /// Contrasts of attributes, when they are wanted.
    pub contrasts: Option<ContrastOptions>,
}

impl Default for Options<'_> {
    /// No outcomes, no schema, 95% intervals, a lift of 10%, traffic unknown, no contrasts.
    fn default() -> Self {
        Self {
            outcomes: BTreeMap::new(),
            schema: None,
            now: None,
            level: 0.95,
            minimum_effect: 0.1,
            visitors_per_day: None,
            days: None,
            time: None,
            contrasts: None,
        }
    }
}

impl Options<'_> {
    /// Names of the columns that a profile of rows reads, sorted; `None` when every column may be one.
    ///
    /// # Errors
    /// [`Error::UnknownName`] and [`Error::Conflict`] for a segment that names one that is not there, or itself.
    ///
    /// # Example
    /// ```
    /// use stoa_core::profile::{Options, Outcome};
    /// use stoa_core::{rule::Rule, segment::{Segment, Segments}};
    /// let big = Segments::new(vec![Segment::new("big", Rule::parse_sql("spend > 100")?)?])?;
    /// let options = Options {
    ///     outcomes: [("conversion_rate".to_owned(), Outcome::new("bought"))].into(),
    ///     ..Options::default()
    /// };
    /// assert_eq!(options.columns(&big)?.unwrap(), ["bought", "spend"]);
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn columns(&self, segments: &Segments) -> Result<Option<Vec<String>>> {
        let mut columns: BTreeSet<String> =
            self.outcomes.values().map(|o| o.column.clone()).collect();
        columns.extend(self.time.clone());
        for segment in segments.iter() {
            columns.extend(segments.expand(&segment.rule)?.attributes());
        }
        if let Some(wanted) = &self.contrasts {
            match &wanted.attributes {
                Some(attributes) => columns.extend(attributes.iter().cloned()),
                None => return Ok(None),
            }
        }
        Ok(Some(columns.into_iter().collect()))
    }

    /// The options of a document without `schema` and `now`; absent and null fields are at their defaults.
    ///
    /// `outcomes`: {name: column or {column, family}}. `contrasts`: false, true, or names of attributes; `levels`: how
    /// many of an attribute they show. The others are the fields of that name.
    ///
    /// # Errors
    /// All that are found, each at its field: [`Error::UnknownField`] with a near miss, [`Error::WrongType`],
    /// [`Error::MissingField`] for an outcome without a column, [`Error::OutOfRange`] for a family that is none.
    ///
    /// # Example
    /// ```
    /// use serde_json::json;
    /// use stoa_core::profile::Options;
    /// let refused = Options::from_value(&json!({"level": "x"})).unwrap_err();
    /// assert_eq!(refused.to_string(), r#"level must be a number, got "x""#);
    /// ```
    pub fn from_value(document: &Value) -> Result<Self> {
        let mut asked = Asked::new(document)?;
        let fallback = Self::default();
        let options = Self {
            outcomes: asked
                .read("outcomes", outcome::from_value)
                .unwrap_or_default(),
            schema: None,
            now: None,
            level: asked.read("level", number).unwrap_or(fallback.level),
            minimum_effect: asked
                .read("minimum_effect", number)
                .unwrap_or(fallback.minimum_effect),
            visitors_per_day: asked.read("visitors_per_day", number),
            days: asked.read("days", number),
            time: asked.read("time", text),
            contrasts: asked.contrasts(),
        };
        Error::collect(asked.problems).map_or(Ok(options), Err)
    }

    /// What no table is needed to refuse.
    pub(super) fn check(&self, segments: &Segments) -> Result<()> {
        let mut problems = Vec::new();
        if !(self.level > 0.0 && self.level < 1.0) {
            let rule = "must be between 0 and 1, both excluded";
            problems.push(Error::OutOfRange(Detail::new("level", rule, self.level)));
        }
        let effect = self.minimum_effect;
        if !effect.is_finite() || effect.to_bits() << 1 == 0 {
            let rule = "must be a finite number other than 0";
            let detail = Detail::new("minimum_effect", rule, effect);
            problems.push(Error::OutOfRange(detail));
        }
        if let Some(i) = segments.iter().position(|segment| segment.key == EVERYONE) {
            let rule = "must not be the profile's own key for all visitors";
            let detail = Detail::new(format!("segments[{i}].key"), rule, EVERYONE);
            problems.push(Error::Conflict(detail));
        }
        Error::collect(problems).map_or(Ok(()), Err)
    }
}

/// A document of options, with what is wrong with it so far.
struct Asked<'d> {
    fields: &'d Map<String, Value>,
    problems: Vec<Error>,
}

impl<'d> Asked<'d> {
    fn new(document: &'d Value) -> Result<Self> {
        let fields = document.as_object();
        let fields = fields.ok_or_else(|| wrong_type("options", "must be an object", document))?;
        let unknown = fields
            .iter()
            .filter(|(name, _)| !FIELDS.contains(&&name[..]));
        let problems = unknown.map(|(name, value)| {
            let detail = Detail::new(name, "must be an option of a profile", value);
            Error::UnknownField(detail.did_you_mean(name, FIELDS))
        });
        Ok(Self {
            fields,
            problems: problems.collect(),
        })
    }

    /// A field's value, if it is there and right.
    fn read<T>(&mut self, name: &str, read: impl Fn(&str, &Value) -> Result<T>) -> Option<T> {
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        read(name, value)
            .map_err(|error| self.problems.push(error))
            .ok()
    }

    fn contrasts(&mut self) -> Option<ContrastOptions> {
        let levels = self.read("levels", whole);
        let wanted = self.read("contrasts", wanted)??;
        Some(ContrastOptions {
            levels: levels.unwrap_or(wanted.levels),
            ..wanted
        })
    }
}

fn number(field: &str, value: &Value) -> Result<f64> {
    value
        .as_f64()
        .ok_or_else(|| wrong_type(field, "must be a number", value))
}

fn whole(field: &str, value: &Value) -> Result<usize> {
    let whole = value.as_u64().and_then(|n| usize::try_from(n).ok());
    whole.ok_or_else(|| wrong_type(field, "must be a whole number >= 0", value))
}

/// Text.
pub(super) fn text(field: &str, value: &Value) -> Result<String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| wrong_type(field, "must be text", value))
}

/// The attributes named, or all where `true`; nothing where `false`.
fn wanted(field: &str, value: &Value) -> Result<Option<ContrastOptions>> {
    match value {
        Value::Bool(wanted) => Ok(wanted.then(ContrastOptions::default)),
        Value::Array(names) => {
            let names = names.iter().enumerate();
            let names = names.map(|(i, name)| text(&format!("{field}[{i}]"), name));
            Ok(Some(ContrastOptions {
                attributes: Some(names.collect::<Result<_>>()?),
                ..ContrastOptions::default()
            }))
        }
        _ => Err(wrong_type(
            field,
            "must be true, false or a list of attributes",
            value,
        )),
    }
}

/// A value of another type than the field's.
pub(super) fn wrong_type(field: &str, rule: &str, found: &Value) -> Error {
    Error::WrongType(Detail::new(field, rule, found))
}
