//! `Engine` and its decisions.

use std::{borrow::Cow, collections::BTreeMap};

use pyo3::{
    prelude::*,
    types::{PyBytes, PyString},
};
use stoa_core::{
    assign::{
        AssignmentSql, Batch, Bundle, Engine, ExposureColumns, ExposureTable, Memory, Reason,
    },
    error::{Detail, Error, Result},
    experiment::{Experiment, StoreDocument},
    rule::SqlOptions,
};

use crate::{
    convert::{now, text, to_python, utf8, value_to_python},
    decision::{Decisions, PyDecision},
    errors::{OrRaise, wrong_type},
    experiment::{PyExperiment, PyStore},
    explanation::PyExplanation,
    replay::PyReplay,
    schema::PyAttributeSchema,
    segment::PySegment,
    table::Frame,
    units::{Units, columns},
    visitor::Given,
};

/// Decides who gets what: immutable, safe to share between threads, swapped whole.
///
/// Example:
///     >>> import stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
///     ...     "variants": [{"key": "A"}, {"key": "B", "payload": {"threshold": 50}}],
///     ...     "targeting": {"segment": "repeat"},
///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
///     >>> repeat = stoa.Segment("repeat", stoa.Rule.parse("orders_count >= 2"))
///     >>> eng = stoa.Engine(experiments=[e], segments=[repeat])
///     >>> d = eng.assign("visitor-1", {"orders_count": 3})
///     >>> d[0].experiment, d[0].reason
///     ('free_shipping', 'assigned')
#[pyclass(name = "Engine", module = "stoa", frozen)]
pub(crate) struct PyEngine {
    engine: Engine,
    /// Keys of the experiments, by index.
    keys: Vec<Py<PyString>>,
    /// The attributes that its rules read, by slot.
    names: Vec<Py<PyString>>,
    decisions: Decisions,
}

#[pymethods]
impl PyEngine {
    #[new]
    #[pyo3(signature = (experiments, segments=Vec::new(), *, store=None, schema=None))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn new(
        py: Python<'_>,
        experiments: Vec<PyRef<'_, PyExperiment>>,
        segments: Vec<PyRef<'_, PySegment>>,
        store: Option<&Bound<'_, PyAny>>,
        schema: Option<&PyAttributeSchema>,
    ) -> PyResult<Self> {
        let store = match store {
            Some(_) => PyStore::given(store)?,
            None => shared_store(&experiments).or_raise(py)?,
        };
        let documents = experiments.iter().enumerate();
        let read: Vec<_> = documents
            .map(|(i, e)| {
                Experiment::from_value(&e.document).map_err(|e| e.at(&format!("experiments[{i}]")))
            })
            .collect();
        let experiments = all(read).or_raise(py)?;
        let segments = segments.iter().map(|s| s.0.clone()).collect();
        let schema = schema.map(|schema| schema.0.clone());
        let bundle = Bundle::new(experiments, segments, store, schema).or_raise(py)?;
        Ok(Self::of(py, Engine::new(bundle).or_raise(py)?))
    }

    /// Reads a served bundle, as text or bytes, tolerantly: an experiment that cannot be loaded answers `load_error`,
    /// the others serve; `load_errors` says why.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> eng = stoa.Engine.from_json('{"schema_version": 1}')
    ///     >>> eng.decide("unheard_of", "visitor-1").reason
    ///     'unknown_experiment'
    #[staticmethod]
    fn from_json(bundle: &Bound<'_, PyAny>) -> PyResult<Self> {
        let rule = "must be JSON text or bytes";
        let text = if let Ok(given) = bundle.cast::<PyString>() {
            self::text(given)?
        } else {
            let bytes = bundle.cast::<PyBytes>().ok();
            let utf8 = bytes.and_then(|b| std::str::from_utf8(b.as_bytes()).ok());
            utf8.ok_or_else(|| wrong_type("bundle", rule, bundle))?
                .to_owned()
        };
        let engine = Engine::from_json(&text).or_raise(bundle.py())?;
        Ok(Self::of(bundle.py(), engine))
    }

    /// The bundle as canonical JSON text: what a storefront loads.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> eng = stoa.Engine(experiments=[])
    ///     >>> stoa.Engine.from_json(eng.to_json()).version == eng.version
    ///     True
    fn to_json(&self) -> String {
        self.engine.bundle().to_json()
    }

    /// The bundle as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Engine(experiments=[]).bundle()["schema_version"]
    ///     1
    fn bundle<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.engine.bundle().to_value())
    }

    /// Content hash of the bundle, which every decision carries.
    #[getter]
    fn version(&self) -> &str {
        self.engine.version()
    }

    /// What could not be loaded: dicts with code, field, rule, value and message; [] when everything serves.
    #[getter]
    fn load_errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.engine.load_errors())
    }

    /// Keys of the experiments, in the bundle's order.
    #[getter]
    fn experiments(&self) -> Vec<&str> {
        self.engine.keys().collect()
    }

    /// Segment key → hash of its rule: what a cache stores beside a membership.
    #[getter]
    fn segment_hashes(&self) -> BTreeMap<String, String> {
        self.engine.segment_hashes().clone()
    }

    /// Decides one experiment. Never raises for a visitor's data: what is wrong is in the reason.
    ///
    /// `attributes` is a mapping, of which only what the rules come to is read, or the cache's JSON as text or bytes.
    /// `unit` is text; numbers are refused. `memory` is what `remember` wrote for this visitor: in a sticky experiment
    /// the variant shown before stays.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> eng = stoa.Engine(experiments=[])
    ///     >>> eng.decide("free_shipping", "visitor-1").variant is None
    ///     True
    #[pyo3(signature = (experiment, unit, attributes=None, now=None, *, memory=None))]
    fn decide(
        &self,
        py: Python<'_>,
        experiment: &Bound<'_, PyString>,
        unit: Option<&Bound<'_, PyAny>>,
        attributes: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        memory: Option<&str>,
    ) -> PyResult<Py<PyDecision>> {
        let (unit, now) = (self::unit(unit)?, self::now(now)?);
        let given = Given::new(&self.engine, &self.names, attributes)?;
        let memory = self.memory(memory);
        let (key, index) = (utf8(experiment)?, self.index(experiment)?);
        let outcome = self.engine.outcome(index, &unit, &memory.with(&given), now);
        self.decisions.give(py, &self.engine, &key, index, outcome)
    }

    /// Decides every experiment that runs for the unit; as `decide`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Engine(experiments=[]).assign("visitor-1", {"orders_count": 3})
    ///     []
    #[pyo3(signature = (unit, attributes=None, now=None, *, memory=None))]
    fn assign(
        &self,
        py: Python<'_>,
        unit: Option<&Bound<'_, PyAny>>,
        attributes: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        memory: Option<&str>,
    ) -> PyResult<Vec<Py<PyDecision>>> {
        let (unit, now) = (self::unit(unit)?, self::now(now)?);
        let given = Given::new(&self.engine, &self.names, attributes)?;
        let memory = self.memory(memory);
        let facts = memory.with(&given);
        let keys: Vec<&str> = self.engine.keys().collect();
        self.engine
            .outcomes(&unit, &facts, now)
            .map(|(index, outcome)| {
                let key = keys[index];
                self.decisions.give(py, &self.engine, key, index, outcome)
            })
            .collect()
    }

    /// What to keep of a visitor after these decisions, in a cookie say: `before` with the variants that sticky
    /// experiments assigned, less what no longer counts. Give it back as `memory`. "" when there is nothing to keep.
    ///
    /// The text may stand in a cookie as it is; sign it, the engine does not.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running", "sticky": True,
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}], "targeting": {"attr": "orders_count", "op": "eq", "value": 0},
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> eng = stoa.Engine([e])
    ///     >>> first = eng.decide("free_shipping", "visitor-1", {"orders_count": 0})
    ///     >>> cookie = eng.remember("", [first])
    ///     >>> eng.decide("free_shipping", "visitor-1", {"orders_count": 1}).reason
    ///     'not_targeted'
    ///     >>> eng.decide("free_shipping", "visitor-1", {"orders_count": 1}, memory=cookie) == first
    ///     True
    #[pyo3(signature = (before, decisions))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn remember(&self, before: Option<&str>, decisions: Vec<PyRef<'_, PyDecision>>) -> String {
        let outcomes = decisions
            .iter()
            .filter_map(|d| self.engine.outcome_of(&d.0));
        self.engine.remember(before.unwrap_or_default(), outcomes)
    }

    /// Explains one decision: every check with its values, and which of them decided. Takes what `decide` takes.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}], "targeting": {"attr": "orders_count", "op": "gte", "value": 2},
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> why = stoa.Engine([e]).explain("free_shipping", "visitor-1", {"orders_count": 1})
    ///     >>> [check["saw"]["trace"]["comparisons"][0]["found"] for check in why.checks if check["spoke"]]
    ///     [1]
    #[pyo3(signature = (experiment, unit, attributes=None, now=None, *, memory=None))]
    fn explain(
        &self,
        experiment: &Bound<'_, PyString>,
        unit: Option<&Bound<'_, PyAny>>,
        attributes: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
        memory: Option<&str>,
    ) -> PyResult<PyExplanation> {
        let (key, unit, now) = (utf8(experiment)?, self::unit(unit)?, self::now(now)?);
        let given = Given::new(&self.engine, &self.names, attributes)?;
        let memory = self.memory(memory);
        let facts = memory.with(&given);
        Ok(PyExplanation(self.engine.explain(&key, &unit, &facts, now)))
    }

    /// Decides for many units at once, as columns: every experiment that runs for any of them, or the one named.
    ///
    /// `ids` is a list, array or series of text; `attributes` a data frame whose rows correspond. Segments are judged
    /// from its columns, never from a cache.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}], "targeting": {"attr": "spend", "op": "gt", "value": 100},
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> batch = stoa.Engine([e]).assign_batch(["u1", "u2"], attributes={"spend": [20, 250]})
    ///     >>> batch.reason
    ///     ['not_targeted', 'assigned']
    #[pyo3(signature = (ids, attributes=None, *, experiment=None, now=None))]
    fn assign_batch<'py>(
        &self,
        py: Python<'py>,
        ids: &Bound<'py, PyAny>,
        attributes: Option<&Bound<'py, PyAny>>,
        experiment: Option<&str>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (units, now) = (Units::import(ids)?, self::now(now)?);
        let frame = attributes.map(Frame::import).transpose()?;
        let decide = || {
            let table = frame.as_ref().map(|frame| frame.table(None)).transpose()?;
            let units = units.texts()?;
            match experiment {
                Some(key) => {
                    let batch = self.engine.decide_batch(key, &units, table.as_ref(), now)?;
                    Ok(vec![batch])
                }
                None => self.engine.assign_batch(&units, table.as_ref(), now),
            }
        };
        let batches: Vec<Batch> = py.detach(decide).or_raise(py)?;
        let columns: Vec<_> = batches.iter().map(|b| columns(py, b)).collect();
        let names = Reason::ALL.map(Reason::key);
        let module = py.import("stoa._batch")?;
        module.getattr("Batch")?.call1((ids, columns, names))
    }

    /// A SQL expression that gives the key of the variant served, for any table with the attributes and the unit.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> "sha256" in stoa.Engine([e]).assignment_sql("free_shipping", "duckdb", unit="visitor_id")
    ///     True
    #[pyo3(signature = (experiment, dialect="duckdb", *, unit="visitor_id", alias=None, now=None))]
    fn assignment_sql(
        &self,
        py: Python<'_>,
        experiment: &str,
        dialect: &str,
        unit: &str,
        alias: Option<String>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let options = self.sql_options(py, dialect, alias, now)?;
        Ok(self.sql(py, experiment, unit, &options)?.variant)
    }

    /// A SQL expression that gives the reason; as `assignment_sql`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> "'assigned'" in stoa.Engine([e]).reason_sql("free_shipping")
    ///     True
    #[pyo3(signature = (experiment, dialect="duckdb", *, unit="visitor_id", alias=None, now=None))]
    fn reason_sql(
        &self,
        py: Python<'_>,
        experiment: &str,
        dialect: &str,
        unit: &str,
        alias: Option<String>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let options = self.sql_options(py, dialect, alias, now)?;
        Ok(self.sql(py, experiment, unit, &options)?.reason)
    }

    /// Holds exposures against the engine: which rows record another variant than the engine gives?
    ///
    /// `df` has one row an exposure: `visitor_id`, `variant` and the attributes that the targeting reads; with a column
    /// `experiment` other experiments' rows are left out, with `exposed_at` `within_days` counts back from it and not
    /// from `now`. `columns={"visitor_id": "user"}` says where a role has another name. A sticky visitor whose
    /// attributes changed since differs too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "salt": "exp-1", "surface": "shipping_offer", "status": "running",
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> replay = stoa.Engine([e]).replay("free_shipping", {"visitor_id": ["u1", "u1"], "variant": ["B", "A"]})
    ///     >>> replay.sentence
    ///     '1 of 2 exposures of free_shipping is not what the engine says: 1 assigned.'
    ///     >>> [(d["row"], d["recorded"], d["variant"]) for d in replay.differences]
    ///     [(1, 'A', 'B')]
    #[pyo3(signature = (experiment, df, *, columns=None, now=None))]
    fn replay(
        &self,
        py: Python<'_>,
        experiment: &str,
        df: &Bound<'_, PyAny>,
        columns: Option<BTreeMap<String, String>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyReplay> {
        let (frame, now) = (Frame::import(df)?, self::now(now)?);
        let columns = ExposureColumns::new(columns.unwrap_or_default()).or_raise(py)?;
        let replay = py.detach(|| {
            let table = frame.table(None)?;
            let replay = self.engine.replay(experiment, &table, &columns, now);
            replay.map_err(|error| frame.explain(error))
        });
        replay.or_raise(py).map(PyReplay)
    }

    /// A SELECT of the rows that `replay` would list, for the table where it lies: visitor_id, recorded, variant, reason.
    ///
    /// `table` may be `schema.table`. `experiment_column` names the column by which rows of other experiments are left
    /// out. `within_days` counts back from `now`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    ///     ...     "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}})
    ///     >>> sql = stoa.Engine([e]).replay_sql("free_shipping", "duckdb", table="shop.exposures")
    ///     >>> '"shop"."exposures"' in sql
    ///     True
    #[pyo3(signature = (
        experiment, dialect="duckdb", *, table, unit="visitor_id", variant="variant", experiment_column=None, now=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn replay_sql(
        &self,
        py: Python<'_>,
        experiment: &str,
        dialect: &str,
        table: String,
        unit: &str,
        variant: &str,
        experiment_column: Option<String>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let exposures = ExposureTable {
            table,
            many_experiments: experiment_column.is_some(),
            columns: ExposureColumns {
                visitor_id: unit.to_owned(),
                variant: variant.to_owned(),
                experiment: experiment_column.unwrap_or_default(),
                ..ExposureColumns::default()
            },
        };
        let options = self.sql_options(py, dialect, None, now)?;
        let sql = self
            .engine
            .differences_sql(experiment, &exposures, &options);
        sql.or_raise(py)
    }

    fn __repr__(&self) -> String {
        let keys: Vec<&str> = self.engine.keys().collect();
        format!("<Engine of {}>", keys.join(", "))
    }
}

impl PyEngine {
    fn of(py: Python<'_>, engine: Engine) -> Self {
        let interned = |text: &str| PyString::intern(py, text).unbind();
        let names = engine.attributes().iter();
        Self {
            keys: engine.keys().map(interned).collect(),
            names: names.map(|name| interned(name)).collect(),
            decisions: Decisions::new(&engine),
            engine,
        }
    }

    fn memory(&self, memory: Option<&str>) -> Memory {
        memory.map_or_else(Memory::default, |text| self.engine.recall(text))
    }

    /// An experiment's index; that of an interned key is found by its identity.
    fn index(&self, key: &Bound<'_, PyString>) -> PyResult<usize> {
        if let Some(index) = self.keys.iter().position(|known| known.is(key)) {
            return Ok(index);
        }
        Ok(self.engine.index_of(&utf8(key)?).unwrap_or(usize::MAX))
    }

    fn sql(
        &self,
        py: Python<'_>,
        experiment: &str,
        unit: &str,
        options: &SqlOptions,
    ) -> PyResult<AssignmentSql> {
        let sql = self.engine.replay_sql(experiment, unit, options);
        sql.or_raise(py)
    }

    fn sql_options(
        &self,
        py: Python<'_>,
        dialect: &str,
        alias: Option<String>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<SqlOptions> {
        Ok(SqlOptions {
            dialect: dialect.parse().or_raise(py)?,
            alias,
            now: self::now(now)?,
            schema: self.engine.bundle().schema.clone(),
        })
    }
}

/// A unit's id; none is an id that no one has.
fn unit<'a>(given: Option<&'a Bound<'_, PyAny>>) -> PyResult<Cow<'a, str>> {
    let Some(given) = given else {
        return Ok(Cow::Borrowed(""));
    };
    let id = given.cast::<PyString>();
    utf8(id.map_err(|_| wrong_type("unit", "must be text", given))?)
}

/// The store that all experiments were read with.
pub(crate) fn shared_store(experiments: &[PyRef<'_, PyExperiment>]) -> Result<StoreDocument> {
    let mut stores: Vec<&StoreDocument> = experiments.iter().map(|e| &e.store).collect();
    stores.dedup();
    match stores[..] {
        [] => Ok(StoreDocument::default()),
        [one] => Ok(one.clone()),
        _ => {
            let detail = Detail::new("store", "must be one for all experiments", stores.len());
            Err(Error::Conflict(detail))
        }
    }
}

/// Every value, or every error.
pub(crate) fn all<T>(read: Vec<Result<T>>) -> Result<Vec<T>> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for one in read {
        match one {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    Error::collect(errors).map_or(Ok(values), Err)
}
