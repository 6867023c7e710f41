//! `analyze`: from rows, or sums, to what to do.

use std::{collections::BTreeMap, sync::Arc};

use pyo3::{
    prelude::*,
    types::{PyDict, PyList, PyTuple},
};
use stoa_core::{
    decide::{self, Analysis, Columns, ExperimentStats, SegmentAnalysis},
    posterior::Comparison,
};

use crate::{
    argument::SegmentList,
    convert::{document, now, record, to_python},
    errors::OrRaise,
    experiment::PyExperiment,
    posterior::PyComparison,
    table::Frame,
};

/// The readout of an experiment: counts, sample ratio, every comparison, verdicts.
///
/// Example:
///     >>> import stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
///     >>> arm = lambda key, orders, visits: {"key": key, "n": 9000, "metrics": {
///     ...     "conversion_rate": {"n": 9000, "successes": orders},
///     ...     "return_visit_rate": {"n": 9000, "successes": visits}}}
///     >>> arms = [arm("A", 270, 2700), arm("B", 360, 2790)]
///     >>> a = stoa.analyze({"experiment": "mail", "day": 28, "variants": arms}, e)
///     >>> a.verdict.action, a.srm.passed, a.metrics["conversion_rate"]["B"].prob_positive > 0.99
///     ('ship', True, True)
#[pyclass(name = "Analysis", module = "stoa", frozen)]
#[derive(Debug)]
pub(crate) struct PyAnalysis(Arc<Analysis>);

#[pymethods]
impl PyAnalysis {
    /// Key of the experiment.
    #[getter]
    fn experiment(&self) -> &str {
        &self.0.experiment
    }

    /// Key of the control.
    #[getter]
    fn control(&self) -> &str {
        &self.0.control
    }

    /// Units per variant, control first.
    #[getter]
    fn variants<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let counts = self.0.variants.iter();
        counts
            .map(|count| read(py, "VariantCount", to_python(py, count)?))
            .collect()
    }

    /// The sample-ratio test; when it fails, no number means anything.
    #[getter]
    fn srm<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        read(py, "SampleRatio", to_python(py, &self.0.srm)?)
    }

    /// Each treatment against control: metric → treatment → Comparison.
    #[getter]
    fn metrics(&self) -> BTreeMap<&str, BTreeMap<&str, PyComparison>> {
        let metrics = self.0.metrics.iter();
        metrics
            .map(|(metric, arms)| {
                let by_arm = arms.iter().map(|(arm, c)| (arm.as_str(), shared(c)));
                (metric.as_str(), by_arm.collect())
            })
            .collect()
    }

    /// Treatments against each other, each pair once, as dicts with metric, control, treatment and comparison.
    #[getter]
    fn pairs<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let pairs = self.0.pairs.iter();
        pairs
            .map(|p| {
                let comparison = shared(&p.comparison);
                record(
                    py,
                    "Pair",
                    (&p.metric, &p.control, &p.treatment, comparison),
                )
            })
            .collect()
    }

    /// The experiment's verdict.
    #[getter]
    fn verdict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        read(py, "Verdict", to_python(py, &self.0.verdict)?)
    }

    /// One verdict per treatment.
    #[getter]
    fn verdicts<'py>(&self, py: Python<'py>) -> PyResult<BTreeMap<&str, Bound<'py, PyAny>>> {
        let verdicts = self.0.verdicts.iter();
        verdicts
            .map(|(arm, verdict)| Ok((arm.as_str(), read(py, "Verdict", to_python(py, verdict)?)?)))
            .collect()
    }

    /// The contract's metrics and what each is there for, as dicts.
    #[getter]
    fn roles<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.roles)
    }

    /// What a reader should know besides: dicts with code, metric and sentence.
    #[getter]
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.notes)
    }

    /// The whole readout, with the keys that Rust and TypeScript write too.
    ///
    /// Example:
    ///     >>> import stoa
    ///     >>> e = stoa.Experiment.from_dict({
    ///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
    ///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
    ///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
    ///     >>> rate = {"n": 90, "successes": 9}
    ///     >>> arm = {"n": 90, "metrics": {"conversion_rate": rate, "return_visit_rate": rate}}
    ///     >>> a = stoa.analyze({"experiment": "mail", "variants": [arm | {"key": "A"}, arm | {"key": "B"}]}, e)
    ///     >>> a.to_dict()["verdict"]["action"] == a.verdict.action
    ///     True
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = py.detach(|| self.0.to_value());
        to_python(py, &value)
    }

    fn __repr__(&self) -> String {
        format!(
            "<Analysis of {}: {}>",
            self.0.experiment, self.0.verdict.sentence
        )
    }
}

/// Reads out an experiment: `rows` is a data frame with one row per exposed visitor, or a dict of statistics.
///
/// Columns: `visitor_id`, `variant`, one per metric key (revenue per visitor is 0 for non-buyers), everything else
/// attributes; `columns={"visitor_id": "user"}` says where a role has another name. Statistics: `{"experiment": key,
/// "variants": [{"key", "n", "metrics": {metric: statistics of its family}}]}`. The same numbers come out.
///
/// Example:
///     >>> import pandas as pd, stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
///     >>> df = pd.DataFrame({"user": ["u1", "u2", "u3", "u4"], "variant": ["A", "B", "A", "B"],
///     ...                    "conversion_rate": [0, 1, 0, 0], "return_visit_rate": [1, 1, 0, 1]})
///     >>> stoa.analyze(df, e, columns={"visitor_id": "user"}).verdict.action
///     'continue'
#[pyfunction]
#[pyo3(signature = (rows, experiment, *, columns=None))]
pub(crate) fn analyze(
    rows: &Bound<'_, PyAny>,
    experiment: &PyExperiment,
    columns: Option<BTreeMap<String, String>>,
) -> PyResult<PyAnalysis> {
    let py = rows.py();
    let store = &experiment.store;
    if rows.is_instance_of::<PyDict>() {
        let given = document("stats", rows)?;
        let analyze = || {
            let stats = ExperimentStats::from_value(&given, store)?;
            decide::analyze(&stats, &experiment.checked()?, store)
        };
        return py
            .detach(analyze)
            .or_raise(py)
            .map(|a| PyAnalysis(Arc::new(a)));
    }
    let frame = Frame::import(rows)?;
    let columns = Columns::new(columns.unwrap_or_default());
    let analyze = || {
        let checked = experiment.checked()?;
        let stats = decide::stats_from_rows(&frame.table(None)?, &checked, store, &columns)?;
        decide::analyze(&stats, &checked, store)
    };
    py.detach(analyze)
        .map_err(|error| frame.explain(error))
        .or_raise(py)
        .map(|a| PyAnalysis(Arc::new(a)))
}

/// The statistics `analyze` makes of rows, as a dict: what a warehouse would sum.
///
/// Example:
///     >>> import pandas as pd, stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
///     >>> df = pd.DataFrame({"visitor_id": ["u1", "u2"], "variant": ["A", "B"],
///     ...                    "conversion_rate": [0, 1], "return_visit_rate": [1, 1]})
///     >>> stoa.experiment_stats(df, e)["variants"][1]["metrics"]["conversion_rate"]["successes"]
///     1
#[pyfunction]
#[pyo3(signature = (rows, experiment, *, columns=None))]
pub(crate) fn experiment_stats<'py>(
    rows: &Bound<'py, PyAny>,
    experiment: &PyExperiment,
    columns: Option<BTreeMap<String, String>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = rows.py();
    let frame = Frame::import(rows)?;
    let columns = Columns::new(columns.unwrap_or_default());
    let sum = || {
        let (table, checked) = (frame.table(None)?, experiment.checked()?);
        decide::stats_from_rows(&table, &checked, &experiment.store, &columns)
    };
    to_python(
        py,
        &py.detach(sum)
            .map_err(|error| frame.explain(error))
            .or_raise(py)?,
    )
}

/// The fields of `Monitor`, as a dict.
#[pyfunction]
pub(crate) fn monitor<'py>(
    history: &Bound<'py, PyAny>,
    experiment: &PyExperiment,
    columns: Option<BTreeMap<String, String>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = history.py();
    let store = &experiment.store;
    let looks = history
        .cast::<PyDict>()
        .is_ok_and(|d| d.contains("looks").unwrap_or(false));
    if looks || history.is_instance_of::<PyList>() || history.is_instance_of::<PyTuple>() {
        let given = document("history", history)?;
        let judged = || {
            let history = decide::history_from_value(&given, store)?;
            decide::monitor(&history, &experiment.checked()?, store)
        };
        return to_python(py, &py.detach(judged).or_raise(py)?);
    }
    let frame = Frame::import(history)?;
    let columns = Columns::new(columns.unwrap_or_default());
    let judged = || {
        let (table, checked) = (frame.table(None)?, experiment.checked()?);
        let history = decide::history_from_rows(&table, &checked, store, &columns)?;
        decide::monitor(&history, &checked, store)
    };
    let found = py.detach(judged).map_err(|error| frame.explain(error));
    to_python(py, &found.or_raise(py)?)
}

/// Reads an experiment inside each segment, by its own visitors alone: exploratory, and wide where they are few.
///
/// Example:
///     >>> import pandas as pd, stoa
///     >>> e = stoa.Experiment.from_dict({
///     ...     "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
///     ...     "metrics": {"revenue": {"metric": "conversion_rate"},
///     ...                 "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}}})
///     >>> df = pd.DataFrame({"visitor_id": ["u1", "u2"], "variant": ["A", "B"], "spend": [150, 20],
///     ...                    "conversion_rate": [0, 1], "return_visit_rate": [1, 1]})
///     >>> big = stoa.Segment("big", stoa.Rule.parse("spend > 100"))
///     >>> [(s.segment, s.n, s.problem["code"]) for s in stoa.analyze_segments(df, e, [big])]
///     [('big', 1, 'empty_arm')]
#[pyfunction]
#[pyo3(signature = (rows, experiment, segments, *, columns=None, now=None))]
pub(crate) fn analyze_segments<'py>(
    rows: &Bound<'py, PyAny>,
    experiment: &PyExperiment,
    segments: SegmentList,
    columns: Option<BTreeMap<String, String>>,
    now: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let py = rows.py();
    let (frame, now, segments) = (Frame::import(rows)?, self::now(now)?, segments.set(py)?);
    let columns = Columns::new(columns.unwrap_or_default());
    let analyze = || {
        let (table, checked) = (frame.table(None)?, experiment.checked()?);
        let store = &experiment.store;
        decide::analyze_segments(&table, &checked, store, &columns, &segments, now)
    };
    let readouts = py
        .detach(analyze)
        .map_err(|error| frame.explain(error))
        .or_raise(py)?;
    readouts
        .into_iter()
        .map(|readout| segment_analysis(py, readout))
        .collect()
}

fn segment_analysis(py: Python<'_>, readout: SegmentAnalysis) -> PyResult<Bound<'_, PyAny>> {
    let (analysis, problem) = match readout.analysis {
        Ok(analysis) => (Some(PyAnalysis(Arc::new(analysis))), None),
        Err(problem) => (None, Some(to_python(py, &problem)?)),
    };
    let SegmentAnalysis {
        segment,
        description,
        n,
        unknown,
        pooled,
        ..
    } = readout;
    let pooled = to_python(py, &pooled)?;
    record(
        py,
        "SegmentAnalysis",
        (segment, description, n, unknown, analysis, problem, pooled),
    )
}

/// A comparison that Python holds for itself.
pub(crate) fn shared(comparison: &Comparison) -> PyComparison {
    PyComparison(Arc::new(comparison.clone()))
}

/// A public record of the package from its document.
pub(crate) fn read<'py>(
    py: Python<'py>,
    name: &str,
    fields: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import("stoa")?.getattr(name)?;
    class.call((), Some(&fields.cast_into()?))
}
