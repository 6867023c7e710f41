//! `Engine` and its decisions.

use std::collections::BTreeMap;

use pyo3::{
    prelude::*,
    types::{PyBytes, PyString},
};
use stoa_core::{
    assign::{AssignmentSql, Batch, Bundle, Engine, Reason},
    error::{Detail, Error, Result},
    experiment::{Experiment, StoreDocument},
    rule::SqlOptions,
};

use crate::{
    argument::{Schema, SegmentList},
    convert::{Text, now, text, to_python, value_to_python, visitor},
    decision::PyDecision,
    errors::{OrRaise, wrong_type},
    experiment::{PyExperiment, PyStore},
    table::Frame,
    units::{Units, columns},
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
#[derive(Debug)]
pub(crate) struct PyEngine(Engine);

#[pymethods]
impl PyEngine {
    #[new]
    #[pyo3(signature = (experiments, segments=SegmentList(Vec::new()), *, store=None, schema=None))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn new(
        py: Python<'_>,
        experiments: Vec<PyRef<'_, PyExperiment>>,
        segments: SegmentList,
        store: Option<&Bound<'_, PyAny>>,
        schema: Option<Schema>,
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
        let schema = schema.map(|schema| schema.0.get().0.clone());
        let bundle = Bundle::new(experiments, segments.0, store, schema).or_raise(py)?;
        Engine::new(bundle).or_raise(py).map(Self)
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
        Engine::from_json(&text).or_raise(bundle.py()).map(Self)
    }

    /// The bundle as canonical JSON text: what a storefront loads.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> eng = stoa.Engine(experiments=[])
    ///     >>> stoa.Engine.from_json(eng.to_json()).version == eng.version
    ///     True
    fn to_json(&self) -> String {
        self.0.bundle().to_json()
    }

    /// The bundle as Python objects.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Engine(experiments=[]).bundle()["schema_version"]
    ///     1
    fn bundle<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.bundle().to_value())
    }

    /// Content hash of the bundle, which every decision carries.
    #[getter]
    fn version(&self) -> &str {
        self.0.version()
    }

    /// What could not be loaded: dicts with code, field, rule, value and message; [] when everything serves.
    #[getter]
    fn load_errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.load_errors())
    }

    /// Keys of the experiments, in the bundle's order.
    #[getter]
    fn experiments(&self) -> Vec<&str> {
        self.0.keys().collect()
    }

    /// Segment key → hash of its rule: what a cache stores beside a membership.
    #[getter]
    fn segment_hashes(&self) -> BTreeMap<String, String> {
        self.0.segment_hashes().clone()
    }

    /// Decides one experiment. Never raises for a visitor's data: what is wrong is in the reason.
    ///
    /// `attributes` is a mapping, or the cache's JSON as text or bytes. `unit` is text; numbers are refused.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> eng = stoa.Engine(experiments=[])
    ///     >>> eng.decide("free_shipping", "visitor-1").variant is None
    ///     True
    #[pyo3(signature = (experiment, unit, attributes=None, now=None))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn decide(
        &self,
        experiment: Text,
        unit: &Bound<'_, PyAny>,
        attributes: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyDecision> {
        let (unit, visitor, now) = (self::unit(unit)?, visitor(attributes)?, self::now(now)?);
        Ok(PyDecision(self.0.decide(
            &experiment.0,
            &unit,
            &visitor,
            now,
        )))
    }

    /// Decides every experiment that runs for the unit; as `decide`.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> stoa.Engine(experiments=[]).assign("visitor-1", {"orders_count": 3})
    ///     []
    #[pyo3(signature = (unit, attributes=None, now=None))]
    fn assign(
        &self,
        unit: &Bound<'_, PyAny>,
        attributes: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<PyDecision>> {
        let (unit, visitor, now) = (self::unit(unit)?, visitor(attributes)?, self::now(now)?);
        let decisions = self.0.assign(&unit, &visitor, now);
        Ok(decisions.into_iter().map(PyDecision).collect())
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
                    let batch = self.0.decide_batch(key, &units, table.as_ref(), now)?;
                    Ok(vec![batch])
                }
                None => self.0.assign_batch(&units, table.as_ref(), now),
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
        Ok(self
            .replay(py, experiment, dialect, unit, alias, now)?
            .variant)
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
        Ok(self
            .replay(py, experiment, dialect, unit, alias, now)?
            .reason)
    }

    fn __repr__(&self) -> String {
        let keys: Vec<&str> = self.0.keys().collect();
        format!("<Engine of {}>", keys.join(", "))
    }
}

impl PyEngine {
    fn replay(
        &self,
        py: Python<'_>,
        experiment: &str,
        dialect: &str,
        unit: &str,
        alias: Option<String>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<AssignmentSql> {
        let options = SqlOptions {
            dialect: dialect.parse().or_raise(py)?,
            alias,
            now: self::now(now)?,
            schema: self.0.bundle().schema.clone(),
        };
        self.0.replay_sql(experiment, unit, &options).or_raise(py)
    }
}

/// A unit's id; none is an id that no one has.
fn unit(given: &Bound<'_, PyAny>) -> PyResult<String> {
    if given.is_none() {
        return Ok(String::new());
    }
    let id = given.cast::<PyString>();
    text(id.map_err(|_| wrong_type("unit", "must be text", given))?)
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
