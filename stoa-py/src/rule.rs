//! `Rule`.

use std::hash::{Hash, Hasher};

use pyo3::{prelude::*, types::PyString};
use stoa_core::rule::{Rule, Simplified, SqlOptions, Truths};

use crate::{
    argument::{Alias, Json, Schema, SegmentList, Sql, Target},
    convert::{attributes, document, now, numpy_bools, record, text, to_python, value_to_python},
    errors::OrRaise,
    table::Frame,
};

/// Who belongs: one definition, evaluated on attributes and data frames, rendered as SQL and as a sentence.
///
/// Equal rules have equal hashes, and `sha256` names a rule's content for ever.
///
/// Example:
///     >>> import stoa
///     >>> r = stoa.Rule.parse("orders_count >= 2 AND country IN ('CA','US')")
///     >>> r.matches({"orders_count": 3, "country": "CA"})
///     True
///     >>> r == stoa.Rule.from_dict(r.to_dict())
///     True
#[pyclass(name = "Rule", module = "stoa", frozen, eq, hash)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyRule(pub(crate) Rule);

impl Hash for PyRule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash().hash(state);
    }
}

impl PyRule {
    /// The answers for a data frame, worked out without the interpreter's lock.
    fn truths(&self, df: &Bound<'_, PyAny>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Truths> {
        let py = df.py();
        let (frame, now) = (Frame::import(df)?, self::now(now)?);
        let answer = || {
            let wanted = self.0.attributes();
            frame.require(&wanted)?;
            self.0.truths(&frame.table(Some(&wanted))?, now)
        };
        py.detach(answer).or_raise(py)
    }
}

#[pymethods]
impl PyRule {
    /// Reads SQL text: comparisons, IN, BETWEEN, LIKE on plain text, IS NULL, AND, OR, NOT.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.parse("channel = 'Web' OR spend > 100").attributes()
    ///     ['channel', 'spend']
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn parse(py: Python<'_>, sql: Sql) -> PyResult<Self> {
        Rule::parse_sql(&sql.0).or_raise(py).map(Self)
    }

    /// Reads the canonical document, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.from_dict({"attr": "orders_count", "op": "gte", "value": 2}).attributes()
    ///     ['orders_count']
    #[staticmethod]
    #[pyo3(signature = (document, /))]
    fn from_dict(document: &Bound<'_, PyAny>) -> PyResult<Self> {
        let value = self::document("", document)?;
        Rule::from_value(&value).or_raise(document.py()).map(Self)
    }

    /// Reads the canonical document, as JSON text.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.from_json('{"all": []}').matches({})   # everyone
    ///     True
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn from_json(py: Python<'_>, text: Json) -> PyResult<Self> {
        Rule::from_json(&text.0).or_raise(py).map(Self)
    }

    /// Reads a GrowthBook targeting condition, given as a dict or as JSON text: true for exactly the same visitors.
    ///
    /// A schema says the attributes' types; without one they are those of the values compared. What a rule cannot say
    /// exactly raises `StoaError` with code `unsupported`, all problems at once.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> rule = stoa.Rule.from_growthbook({"country": {"$ne": "US"}})
    ///     >>> rule.matches({"country": "CA"}), rule.matches({})   # a missing country is not "US" either
    ///     (True, True)
    #[staticmethod]
    #[pyo3(signature = (condition, schema=None))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn from_growthbook(condition: &Bound<'_, PyAny>, schema: Option<Schema>) -> PyResult<Self> {
        let schema = schema.as_ref().map(|schema| &schema.0.get().0);
        let rule = match condition.cast::<PyString>() {
            Ok(json) => Rule::from_growthbook(&text(json)?, schema),
            Err(_) => Rule::from_growthbook_value(&document("", condition)?, schema),
        };
        rule.or_raise(condition.py()).map(Self)
    }

    /// Whether the rule is true of a visitor; unknown is not a match.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.parse("spend > 100").matches({"spend": None})
    ///     False
    #[pyo3(signature = (attributes, now=None))]
    fn matches(
        &self,
        attributes: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        Ok(self.evaluate(attributes, now)? == Some(true))
    }

    /// The three-valued answer: True, False, or None where a missing attribute leaves it unknown.
    ///
    /// `now` (RFC 3339 text or an aware datetime) is what `within_days` counts back from.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> r = stoa.Rule.parse("spend > 100 AND country = 'CA'")
    ///     >>> r.evaluate({"country": "CA"}) is None, r.evaluate({"country": "US"})
    ///     (True, False)
    #[pyo3(signature = (attributes, now=None))]
    fn evaluate(
        &self,
        attributes: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<bool>> {
        Ok(self
            .0
            .evaluate(&self::attributes(Some(attributes))?, self::now(now)?))
    }

    /// A numpy array of bool, one per row of a data frame: True where the rule is true.
    ///
    /// `df` is anything with an Arrow stream: pandas, polars, pyarrow, a DuckDB relation; or a dict of lists.
    ///
    /// Example:
    ///     >>> import pandas as pd, stoa
    ///     >>> df = pd.DataFrame({"spend": [20.0, 250.0, None]})
    ///     >>> stoa.Rule.parse("spend > 100").mask(df)
    ///     array([False,  True, False])
    #[pyo3(signature = (df, now=None))]
    fn mask<'py>(
        &self,
        df: &Bound<'py, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let truths = self.truths(df, now)?;
        numpy_bools(df.py(), truths.len(), |out| truths.write_true(out))
    }

    /// The three-valued answer for every row: a list of True, False and None.
    ///
    /// Example:
    ///     >>> import pandas as pd, stoa
    ///     >>> df = pd.DataFrame({"spend": [20.0, 250.0, None]})
    ///     >>> stoa.Rule.parse("spend > 100").evaluate_batch(df)
    ///     [False, True, None]
    #[pyo3(signature = (df, now=None))]
    fn evaluate_batch(
        &self,
        df: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Option<bool>>> {
        Ok(self.truths(df, now)?.answers().collect())
    }

    /// The rule as a SQL condition, TRUE, FALSE or NULL exactly where `evaluate` says True, False or None.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.parse("spend > 100").to_sql("postgres", alias="v")
    ///     '"v"."spend" > 100'
    #[pyo3(
        signature = (dialect=Target::default(), *, alias=None, now=None, schema=None),
        text_signature = "($self, dialect='duckdb', *, alias=None, now=None, schema=None)"
    )]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn to_sql(
        &self,
        py: Python<'_>,
        dialect: Target,
        alias: Option<Alias>,
        now: Option<&Bound<'_, PyAny>>,
        schema: Option<Schema>,
    ) -> PyResult<String> {
        let options = SqlOptions {
            dialect: dialect.0.parse().or_raise(py)?,
            alias: alias.map(|alias| alias.0),
            now: self::now(now)?,
            schema: schema.map(|schema| schema.0.get().0.clone()),
        };
        self.0.to_sql(&options).or_raise(py)
    }

    /// The rule as a person says it, in the schema's words when there is one.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> schema = stoa.AttributeSchema({"spend": {"type": "number", "phrase": "spent at least {n} dollars"}})
    ///     >>> stoa.Rule.parse("spend >= 100").describe(schema)
    ///     'spent at least 100 dollars'
    #[pyo3(signature = (schema=None))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn describe(&self, schema: Option<Schema>) -> String {
        self.0
            .describe(schema.as_ref().map(|schema| &schema.0.get().0))
    }

    /// Names of the attributes it reads, sorted.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.parse("spend > 100 AND channel = 'Web'").attributes()
    ///     ['channel', 'spend']
    fn attributes(&self) -> Vec<String> {
        self.0.attributes()
    }

    /// Keys of the segments it names, sorted.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.from_dict({"not": {"segment": "repeat_na"}}).segments()
    ///     ['repeat_na']
    fn segments(&self) -> Vec<String> {
        self.0.segments()
    }

    /// Raises `StoaError` when an attribute is unknown to the schema or compared with another type; else nothing.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> schema = stoa.AttributeSchema({"spend": {"type": "number"}})
    ///     >>> stoa.Rule.parse("spend > 100").check(schema)
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn check(&self, py: Python<'_>, schema: Schema) -> PyResult<()> {
        self.0.check(&schema.0.get().0).or_raise(py)
    }

    /// The same rule with every segment it names written out.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
    ///     >>> stoa.Rule.from_dict({"segment": "big"}).expand([big]) == big.rule
    ///     True
    fn expand(&self, py: Python<'_>, segments: SegmentList) -> PyResult<Self> {
        segments.set(py)?.expand(&self.0).or_raise(py).map(Self)
    }

    /// The one form that all ways of writing the rule share: equal forms, equal meaning.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> a, b = stoa.Rule.parse("NOT (n < 2 OR n IS NULL)"), stoa.Rule.parse("n IS NOT NULL AND n >= 2")
    ///     >>> a.canonical() == b.canonical()
    ///     True
    fn canonical(&self) -> Self {
        Self(self.0.canonical())
    }

    /// A `Simplified`: the rule that gives the same answers in fewer words, and what was found on the way.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> simple = stoa.Rule.parse("orders >= 2 AND orders >= 5").simplify()
    ///     >>> str(simple.rule), [(f.kind, f.path) for f in simple.findings]
    ///     ('orders is at least 5', [('redundant', 'all[0]')])
    fn simplify<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let Simplified { rule, findings } = py.detach(|| self.0.simplify());
        let findings: PyResult<Vec<_>> = findings
            .into_iter()
            .map(|found| {
                let kind = to_python(py, &found.kind)?;
                let fields = (kind, found.path, Self(found.rule), found.message);
                record(py, "Finding", fields)
            })
            .collect();
        record(py, "Simplified", (Self(rule), findings?))
    }

    /// The canonical document, as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.parse("spend > 100").to_dict()
    ///     {'attr': 'spend', 'op': 'gt', 'value': 100}
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.to_value())
    }

    /// The canonical document, as JSON text: what `sha256` is taken of.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Rule.from_json(stoa.Rule.parse("spend > 100").to_json()).attributes()
    ///     ['spend']
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// SHA-256 of the canonical JSON, in hex: the rule's identity in caches and registries.
    #[getter]
    fn sha256(&self) -> String {
        self.0.hash()
    }

    fn __repr__(&self) -> String {
        format!("Rule.from_json({:?})", self.0.to_json())
    }

    fn __str__(&self) -> String {
        self.0.describe(None)
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let faces = slf.py().import("stoa._rule_faces")?;
        faces.call_method1("html", (slf,))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((
            slf.get_type().getattr("from_json")?,
            (slf.get().0.to_json(),),
        ))
    }
}
