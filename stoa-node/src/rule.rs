//! Segment rules.

use napi_derive::napi;
use stoa_core::{
    error::Result,
    rule::{self, AttributeSchema, Dialect, Rule, Simplified, SqlOptions},
    segment::{self, Segments},
};

use crate::convert::{Instant, JsonText, OrThrow, attributes, json, now, to_text};

/// A rule, kept in native memory.
#[napi(js_name = "Rule")]
#[derive(Debug)]
pub struct NativeRule(Rule);

#[napi]
impl NativeRule {
    /// Reads SQL text.
    #[napi(factory, catch_unwind)]
    pub fn parse_sql(text: String) -> napi::Result<Self> {
        Rule::parse_sql(&text).map(Self).or_throw()
    }

    /// Reads JSON text.
    #[napi(factory, catch_unwind, js_name = "fromJSON")]
    pub fn from_json(text: String) -> napi::Result<Self> {
        Rule::from_json(&text).map(Self).or_throw()
    }

    /// Reads a `GrowthBook` condition, given as JSON text.
    #[napi(factory, catch_unwind)]
    pub fn from_growthbook(condition: String, schema: Option<String>) -> napi::Result<Self> {
        let schema = read_schema(schema.as_deref()).or_throw()?;
        let rule = Rule::from_growthbook(&condition, schema.as_ref());
        rule.map(Self).or_throw()
    }

    /// The form that all ways of writing it share.
    #[napi(catch_unwind)]
    #[must_use]
    pub fn canonical(&self) -> NativeRule {
        Self(self.0.canonical())
    }

    /// The same answers in fewer words.
    #[napi(catch_unwind)]
    pub fn simplify(&self) -> NativeSimplified {
        NativeSimplified(self.0.simplify())
    }

    /// True, false, or null for unknown.
    #[napi(catch_unwind)]
    pub fn evaluate(
        &self,
        #[napi(ts_arg_type = "string | Uint8Array | undefined")] visitor: JsonText<'_>,
        #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
    ) -> napi::Result<Option<bool>> {
        let visitor = attributes(&visitor).or_throw()?;
        Ok(self.0.evaluate(&visitor, now(at).or_throw()?))
    }

    /// A condition for `WHERE`.
    #[napi(catch_unwind, js_name = "toSQL")]
    pub fn to_sql(
        &self,
        dialect: String,
        alias: Option<String>,
        #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
        schema: Option<String>,
    ) -> napi::Result<String> {
        let options = SqlOptions {
            dialect: dialect.parse::<Dialect>().or_throw()?,
            alias,
            now: now(at).or_throw()?,
            schema: read_schema(schema.as_deref()).or_throw()?,
        };
        self.0.to_sql(&options).or_throw()
    }

    /// The rule in words.
    #[napi(catch_unwind)]
    pub fn describe(&self, schema: Option<String>) -> napi::Result<String> {
        let schema = read_schema(schema.as_deref()).or_throw()?;
        Ok(self.0.describe(schema.as_ref()))
    }

    /// Refuses what the schema does not allow.
    #[napi(catch_unwind)]
    pub fn check(&self, schema: String) -> napi::Result<()> {
        let schema = AttributeSchema::from_json(&schema).or_throw()?;
        self.0.check(&schema).or_throw()
    }

    /// Attributes that the storefront's cache does not hold.
    #[napi(catch_unwind)]
    pub fn missing_for(&self, schema: String) -> napi::Result<Vec<String>> {
        let schema = AttributeSchema::from_json(&schema).or_throw()?;
        Ok(schema.missing_for(&self.0))
    }

    /// Names of the attributes it reads.
    #[napi(catch_unwind)]
    pub fn attributes(&self) -> Vec<String> {
        self.0.attributes()
    }

    /// Keys of the segments it names.
    #[napi(catch_unwind)]
    pub fn segments(&self) -> Vec<String> {
        self.0.segments()
    }

    /// The rule with every segment it names written out; `segments` is JSON text of a list.
    #[napi(catch_unwind)]
    pub fn expand(&self, segments: String) -> napi::Result<NativeRule> {
        let documents = json("segments", &segments).or_throw()?;
        let set = Segments::from_value(&documents).or_throw()?;
        set.expand(&self.0).map(Self).or_throw()
    }

    /// Canonical JSON text.
    #[napi(catch_unwind, js_name = "toJSON")]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// SHA-256 of the canonical JSON, in hex.
    #[napi(catch_unwind)]
    pub fn hash(&self) -> String {
        self.0.hash()
    }
}

/// A simplified rule with what was found, kept in native memory.
#[napi(js_name = "Simplified")]
#[derive(Debug)]
pub struct NativeSimplified(Simplified);

#[napi]
impl NativeSimplified {
    /// The simpler rule.
    #[napi(catch_unwind)]
    pub fn rule(&self) -> NativeRule {
        NativeRule(self.0.rule.clone())
    }

    /// What was found, as JSON text.
    #[napi(catch_unwind)]
    pub fn findings(&self) -> napi::Result<String> {
        to_text(&self.0.findings).or_throw()
    }
}

/// The JSON Schema of a rule, as JSON text.
#[napi(catch_unwind)]
pub fn rule_json_schema() -> String {
    rule::json_schema().to_string()
}

/// The JSON Schema of a segment, as JSON text.
#[napi(catch_unwind)]
pub fn segment_json_schema() -> String {
    segment::json_schema().to_string()
}

/// The JSON Schema of what is known about attributes, as JSON text.
#[napi(catch_unwind)]
pub fn attributes_json_schema() -> String {
    rule::attributes_json_schema().to_string()
}

/// The schema given as JSON.
pub(crate) fn read_schema(text: Option<&str>) -> Result<Option<AttributeSchema>> {
    text.map(AttributeSchema::from_json).transpose()
}
