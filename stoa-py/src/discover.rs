//! `discover`: from rows to segments that respond differently.

use std::{collections::BTreeMap, sync::Arc};

use pyo3::prelude::*;
use stoa_core::{
    decide::Columns,
    discover::{Discovery, FoundSegment, Question, discover as discover_in},
};

use crate::{
    analysis::{read, shared},
    convert::{document, from_value, to_python},
    errors::OrRaise,
    experiment::PyExperiment,
    posterior::PyComparison,
    rule::PyRule,
    schema::PyAttributeSchema,
    table::Frame,
};

/// What a search found: whether the effect varies at all, where, and what acting on it would earn.
///
/// Example:
///     >>> import stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
///     >>> n = range(400)
///     >>> df = {"visitor_id": [f"u{i}" for i in n], "variant": ["AB"[i % 2] for i in n],
///     ...       "orders_count": [i // 2 % 10 for i in n], "return_visit_rate": [i % 3 % 2 for i in n],
///     ...       "conversion_rate": [int(i % 7 == 0 or i % 2 and i // 2 % 10 >= 5) for i in n]}
///     >>> g = stoa.discover(df, e, features=["orders_count"], n_trees=50, stability_pairs=2, stability_trees=50)
///     >>> g.heterogeneity.detected, len(g.segments), g.policy_value.against_none.distinguishable
///     (True, 2, True)
#[pyclass(name = "Discovery", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyDiscovery {
    found: Arc<Discovery>,
    segments: Vec<PyFoundSegment>,
}

#[pymethods]
impl PyDiscovery {
    /// Key of the experiment.
    #[getter]
    fn experiment(&self) -> &str {
        &self.found.experiment
    }

    /// Metric whose effect was searched.
    #[getter]
    fn metric(&self) -> &str {
        &self.found.metric
    }

    /// The arm held against.
    #[getter]
    fn control(&self) -> &str {
        &self.found.control
    }

    /// The arm treated.
    #[getter]
    fn treatment(&self) -> &str {
        &self.found.treatment
    }

    /// Rows searched: those of the two arms.
    #[getter]
    fn n(&self) -> usize {
        self.found.n
    }

    /// Attributes searched.
    #[getter]
    fn features(&self) -> Vec<String> {
        self.found.features.clone()
    }

    /// Average effect with its 95% interval, in the metric's unit per visitor.
    #[getter]
    fn average_effect<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let effect = to_python(py, &self.found.average_effect)?;
        read(py, "ValueDifference", effect)
    }

    /// Whether the effect varies at all, and how sure that is.
    #[getter]
    fn heterogeneity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        read(
            py,
            "Heterogeneity",
            to_python(py, &self.found.heterogeneity)?,
        )
    }

    /// The segments, largest effect first; none when no difference is detectable.
    #[getter]
    fn segments(&self) -> Vec<PyFoundSegment> {
        self.segments.clone()
    }

    /// What treating by a rule would earn, against treating everyone and no one.
    #[getter]
    fn policy_value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        read(py, "PolicyValue", to_python(py, &self.found.policy_value)?)
    }

    /// How often the whole search was redone on half of the rows.
    #[getter]
    fn refits(&self) -> usize {
        self.found.refits
    }

    /// The settings used, as a dict.
    #[getter]
    fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.found.options)
    }

    /// The answer in one sentence.
    #[getter]
    fn sentence(&self) -> &str {
        &self.found.sentence
    }

    /// The whole answer, with the keys that Rust writes too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
    ///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
    ///     >>> n = range(200)
    ///     >>> df = {"visitor_id": [f"u{i}" for i in n], "variant": ["AB"[i % 2] for i in n],
    ///     ...       "orders_count": [i // 2 % 10 for i in n], "return_visit_rate": [i % 3 % 2 for i in n],
    ///     ...       "conversion_rate": [int(i % 7 == 0) for i in n]}
    ///     >>> g = stoa.discover(df, e, features=["orders_count"], n_trees=20)
    ///     >>> g.to_dict()["segments"]
    ///     []
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = py.detach(|| self.found.to_value());
        to_python(py, &value)
    }

    /// The effect of every segment with its 95% interval, beside the average effect: an Altair chart.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
    ///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
    ///     >>> n = range(200)
    ///     >>> df = {"visitor_id": [f"u{i}" for i in n], "variant": ["AB"[i % 2] for i in n],
    ///     ...       "orders_count": [i // 2 % 10 for i in n], "return_visit_rate": [i % 3 % 2 for i in n],
    ///     ...       "conversion_rate": [int(i % 7 == 0) for i in n]}
    ///     >>> chart = stoa.discover(df, e, features=["orders_count"], n_trees=20).plot()
    ///     >>> "layer" in chart.to_dict()
    ///     True
    fn plot<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        py.import("stoa._discovery")?.call_method1("chart", (slf,))
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        py.import("stoa._discovery")?.call_method1("table", (slf,))
    }

    fn __repr__(&self) -> String {
        format!(
            "<Discovery in {}: {}>",
            self.found.experiment, self.found.sentence
        )
    }
}

/// One segment that a search found: its rule, its effect on data that did not choose it, how often it is found again.
///
/// Example:
///     >>> import stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
///     >>> n = range(400)
///     >>> df = {"visitor_id": [f"u{i}" for i in n], "variant": ["AB"[i % 2] for i in n],
///     ...       "orders_count": [i // 2 % 10 for i in n], "return_visit_rate": [i % 3 % 2 for i in n],
///     ...       "conversion_rate": [int(i % 7 == 0 or i % 2 and i // 2 % 10 >= 5) for i in n]}
///     >>> g = stoa.discover(df, e, features=["orders_count"], n_trees=50, stability_pairs=2, stability_trees=50)
///     >>> s = g.segments[0]
///     >>> s.rule == stoa.Rule.parse("orders_count >= 5"), s.description, s.stability
///     (True, 'orders_count is at least 5', 1.0)
#[pyclass(name = "FoundSegment", module = "stoa", frozen)]
#[derive(Debug, Clone)]
pub(crate) struct PyFoundSegment(pub(crate) Arc<FoundSegment>);

#[pymethods]
impl PyFoundSegment {
    /// Key of the experiment it was found in.
    #[getter]
    fn experiment(&self) -> &str {
        &self.0.experiment
    }

    /// Metric whose effect was searched.
    #[getter]
    fn metric(&self) -> &str {
        &self.0.metric
    }

    /// The arm held against.
    #[getter]
    fn control(&self) -> &str {
        &self.0.control
    }

    /// The arm treated.
    #[getter]
    fn treatment(&self) -> &str {
        &self.0.treatment
    }

    /// Who belongs to it.
    #[getter]
    fn rule(&self) -> PyRule {
        PyRule(self.0.rule.clone())
    }

    /// The rule's SHA-256, by which registry, warehouse and storefront know it.
    #[getter]
    fn rule_hash(&self) -> &str {
        &self.0.rule_hash
    }

    /// The rule as SQL: dialect → condition.
    #[getter]
    fn sql(&self) -> BTreeMap<String, String> {
        self.0.sql.clone()
    }

    /// The rule in words.
    #[getter]
    fn description(&self) -> &str {
        &self.0.description
    }

    /// Whether its members respond above the reference.
    #[getter]
    fn above(&self) -> bool {
        self.0.above
    }

    /// Members among the rows searched.
    #[getter]
    fn n(&self) -> usize {
        self.0.n
    }

    /// Share of the rows searched.
    #[getter]
    fn share(&self) -> f64 {
        self.0.share
    }

    /// Rows of the estimates: members by a search that never saw them.
    #[getter]
    fn n_held_out(&self) -> usize {
        self.0.n_held_out
    }

    /// Of the folds, how many found the segment without their rows.
    #[getter]
    fn folds_found(&self) -> usize {
        self.0.folds_found
    }

    /// Average effect on the held-out rows, with its 95% interval; None without such rows.
    #[getter]
    fn effect<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let effect = self.0.effect.as_ref();
        effect
            .map(|effect| read(py, "ValueDifference", to_python(py, effect)?))
            .transpose()
    }

    /// Every metric's Comparison on the held-out rows: metric → Comparison.
    #[getter]
    fn comparisons(&self) -> BTreeMap<&str, PyComparison> {
        let comparisons = self.0.comparisons.iter();
        comparisons
            .map(|(metric, c)| (metric.as_str(), shared(c)))
            .collect()
    }

    /// The Comparison of the metric that was searched, or None.
    #[getter]
    fn gate(&self) -> Option<PyComparison> {
        self.0.gate().map(shared)
    }

    /// Why there are no comparisons, as a dict; None when there are.
    #[getter]
    fn problem<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.problem)
    }

    /// Redrawn searches that found it again.
    #[getter]
    fn refound(&self) -> usize {
        self.0.refound
    }

    /// Redrawn searches in all.
    #[getter]
    fn refits(&self) -> usize {
        self.0.refits
    }

    /// Share of the redrawn searches that found it again; 0.8 or more to act on it.
    #[getter]
    fn stability(&self) -> f64 {
        self.0.stability
    }

    /// How far to trust it: exploratory or honest.
    #[getter]
    fn claim<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.claim)
    }

    /// Whether the storefront can evaluate it; None without a schema.
    #[getter]
    fn targetable(&self) -> Option<bool> {
        self.0.targetable
    }

    /// Attributes that the storefront lacks.
    #[getter]
    fn missing_attributes(&self) -> Vec<String> {
        self.0.missing_attributes.clone()
    }

    /// The segment as data, with the keys that Rust writes too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
    ///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
    ///     >>> n = range(400)
    ///     >>> df = {"visitor_id": [f"u{i}" for i in n], "variant": ["AB"[i % 2] for i in n],
    ///     ...       "orders_count": [i // 2 % 10 for i in n], "return_visit_rate": [i % 3 % 2 for i in n],
    ///     ...       "conversion_rate": [int(i % 7 == 0 or i % 2 and i // 2 % 10 >= 5) for i in n]}
    ///     >>> g = stoa.discover(df, e, features=["orders_count"], n_trees=50, stability_pairs=2, stability_trees=50)
    ///     >>> g.segments[0].to_dict()["rule"]
    ///     {'attr': 'orders_count', 'op': 'gte', 'value': 5}
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = py.detach(|| self.0.to_value());
        to_python(py, &value)
    }

    fn __repr__(&self) -> String {
        let FoundSegment {
            description,
            refound,
            refits,
            ..
        } = &*self.0;
        format!("<FoundSegment: {description}; found again in {refound} of {refits} searches>")
    }
}

/// The search itself; `stoa/_discovery.py` names its options.
#[pyfunction]
pub(crate) fn discover(
    rows: &Bound<'_, PyAny>,
    experiment: &PyExperiment,
    question: &Bound<'_, PyAny>,
    schema: Option<&PyAttributeSchema>,
    columns: Option<BTreeMap<String, String>>,
) -> PyResult<PyDiscovery> {
    let py = rows.py();
    let question: Question = from_value(py, "question", document("", question)?)?;
    let question = Question {
        schema: schema.map(|schema| schema.0.clone()),
        ..question
    };
    let frame = Frame::import(rows)?;
    let columns = Columns::new(columns.unwrap_or_default());
    let search = || {
        let (table, checked) = (frame.table(None)?, experiment.checked()?);
        discover_in(&table, &checked, &experiment.store, &columns, &question)
    };
    let found = py
        .detach(search)
        .map_err(|error| frame.explain(error))
        .or_raise(py)?;
    let segments = found.segments.iter().cloned();
    let segments = segments.map(|s| PyFoundSegment(Arc::new(s))).collect();
    let found = Arc::new(found);
    Ok(PyDiscovery { found, segments })
}
