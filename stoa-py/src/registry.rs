//! The compiled half of `stoa/_registry.py`: the fold over a log that Python keeps on disk.

use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict},
};
use stoa_core::{
    error::{Detail, Error, Result},
    experiment::Experiment,
    registry::{self, Action, Draft, Entry, Evidence, Registry, Version},
    segment::{Lifecycle, Provenance},
};

use crate::{
    convert::{Text, document, instant, to_python, value_to_python},
    discover::PyFoundSegment,
    engine::{all, shared_store},
    errors::{OrRaise, wrong_type},
    experiment::{PyExperiment, PyStore},
    rule::PyRule,
    schema::PyAttributeSchema,
    segment::PySegment,
};

/// A registry in memory: takes lines in, seals the next one, answers questions. Not thread-safe by itself.
#[pyclass(name = "RegistryLog", module = "stoa._stoa")]
#[derive(Debug, Default)]
pub(crate) struct PyRegistryLog(Registry);

#[pymethods]
impl PyRegistryLog {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Takes in what follows the first `bytes` bytes of the log; says what stands after its last line end.
    fn extend<'py>(
        &mut self,
        py: Python<'py>,
        more: &Bound<'py, PyBytes>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (log, more) = (&mut self.0, more.as_bytes());
        let ending = py.detach(|| log.extend(more)).or_raise(py)?;
        let Some(torn) = ending.torn else {
            return Ok(None);
        };
        let told = PyDict::new(py);
        told.set_item("offset", torn.offset)?;
        told.set_item("bytes", torn.bytes)?;
        told.set_item("whole", torn.whole)?;
        Ok(Some(told.into_any()))
    }

    /// Refuses a file that is shorter than what was read of it.
    fn check_length(&self, py: Python<'_>, length: u64) -> PyResult<()> {
        self.0.check_length(length).or_raise(py)
    }

    /// The next line, sealed and not yet taken in; `clock` is used, never before the last event, when `at` is None.
    #[pyo3(signature = (action, key, by, why, clock, at=None, simulated=false, **details))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields of an event")]
    fn next_line<'py>(
        &self,
        py: Python<'py>,
        action: &str,
        key: Text,
        by: Text,
        why: Text,
        clock: &Bound<'py, PyAny>,
        at: Option<&Bound<'py, PyAny>>,
        simulated: bool,
        details: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let given = match at {
            Some(at) => instant("at", at)?,
            None => self.0.not_before(instant("clock", clock)?),
        };
        let draft = Draft {
            time: given,
            actor: by.0,
            key: key.0,
            reason: why.0,
            simulated,
            action: Details { py, details }.action(action)?,
        };
        let event = py.detach(|| self.0.next(&draft)).or_raise(py)?;
        Ok(PyBytes::new(py, (event.to_line() + "\n").as_bytes()))
    }

    /// Length of the log as text.
    #[getter]
    fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    /// Hash of the last event.
    #[getter]
    fn head(&self) -> &str {
        self.0.head()
    }

    fn __len__(&self) -> usize {
        self.0.events().len()
    }

    /// The version an action means now: (pending, current), None for a key that is not there.
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn meant(&self, key: Text) -> (Option<u32>, Option<u32>) {
        let entry = self.0.get(&key.0);
        let number = |version: Option<&Version>| version.map(|v| v.version);
        (
            number(entry.and_then(Entry::pending)),
            number(entry.and_then(Entry::current)),
        )
    }

    /// One segment, as a dict.
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn entry<'py>(&self, py: Python<'py>, key: Text) -> PyResult<Bound<'py, PyAny>> {
        let entry = self.0.entry(&key.0).or_raise(py)?;
        value_to_python(py, &self.0.entry_value(entry))
    }

    /// Segments that stand there, by key.
    fn segments(
        &self,
        py: Python<'_>,
        lifecycle: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<PySegment>> {
        let lifecycle = lifecycle.map(stage).transpose()?;
        let found = py.detach(|| self.0.segments(lifecycle));
        let segment = |(entry, version): (&Entry, &Version)| PySegment(entry.segment(version));
        Ok(found.into_iter().map(segment).collect())
    }

    /// Records since an instant, as dicts.
    fn changelog<'py>(
        &self,
        py: Python<'py>,
        since: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let since = since.map(|given| instant("since", given)).transpose()?;
        to_python(py, &self.0.changelog(since))
    }

    /// What changed between two instants, as a dict.
    fn diff<'py>(
        &self,
        then: &Bound<'py, PyAny>,
        now: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (from, to) = (instant("then", then)?, instant("now", now)?);
        to_python(then.py(), &self.0.diff(from, to))
    }

    /// What waits for somebody, as dicts.
    fn open_questions<'py>(
        &self,
        py: Python<'py>,
        schema: Option<&PyAttributeSchema>,
    ) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.open_questions(schema.map(|s| &s.0)))
    }

    /// Every event, as dicts.
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.events())
    }

    /// The whole state, as a dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value_to_python(py, &self.0.to_value())
    }

    /// The bundle of some experiments, as canonical JSON.
    #[expect(clippy::needless_pass_by_value, reason = "extracted by PyO3")]
    fn bundle(
        &self,
        py: Python<'_>,
        experiments: Vec<PyRef<'_, PyExperiment>>,
        store: Option<&Bound<'_, PyAny>>,
        schema: Option<&PyAttributeSchema>,
    ) -> PyResult<String> {
        let store = match store {
            Some(_) => PyStore::given(store)?,
            None => shared_store(&experiments).or_raise(py)?,
        };
        let read = |(i, e): (usize, &PyRef<'_, PyExperiment>)| {
            Experiment::from_value(&e.document).map_err(|e| e.at(&format!("experiments[{i}]")))
        };
        let experiments = all(experiments.iter().enumerate().map(read).collect()).or_raise(py)?;
        let schema = schema.map(|schema| schema.0.clone());
        let bundle = self.0.bundle(experiments, store, schema).or_raise(py)?;
        Ok(bundle.to_json())
    }
}

/// What belongs to one kind of action.
struct Details<'a, 'py> {
    py: Python<'py>,
    details: Option<&'a Bound<'py, PyDict>>,
}

impl<'py> Details<'_, 'py> {
    fn get(&self, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = self.details.map(|all| all.get_item(name)).transpose()?;
        Ok(found.flatten().filter(|value| !value.is_none()))
    }

    fn action(&self, action: &str) -> PyResult<Action> {
        match action {
            "accept" => self.version().map(|version| Action::Accept { version }),
            "deploy" => self.version().map(|version| Action::Deploy { version }),
            "retire" => self.version().map(|version| Action::Retire { version }),
            "confirm" => Ok(Action::Confirm {
                version: self.version()?,
                evidence: self.evidence()?.unwrap_or_default(),
            }),
            "rename" => {
                let to = self.get("to")?;
                let to = to.map(|to| to.extract::<Text>()).transpose()?;
                Ok(Action::Rename {
                    to: to.map_or(String::new(), |to| to.0),
                })
            }
            _ => self.propose(),
        }
    }

    fn propose(&self) -> PyResult<Action> {
        let Some(given) = self.get("segment")? else {
            let detail = Detail::new("segment", "is required", "None");
            return Err(Error::MissingField(detail)).or_raise(self.py);
        };
        let evidence = self.evidence()?;
        if let Ok(rule) = given.cast::<PyRule>() {
            return Ok(Action::Propose {
                rule: rule.get().0.clone(),
                description: String::new(),
                evidence,
                provenance: None,
            });
        }
        if let Ok(found) = given.cast::<PyFoundSegment>() {
            let found = &*found.get().0;
            return Ok(Action::Propose {
                rule: found.rule.clone(),
                description: found.description.clone(),
                evidence: evidence.or_else(|| Some(Box::new(found.into()))),
                provenance: Some(Provenance {
                    by: None,
                    discovery: Some(found.experiment.clone()),
                }),
            });
        }
        let rule = "must be a FoundSegment, a Segment or a Rule";
        let segment = given.cast::<PySegment>();
        let segment = &segment
            .map_err(|_| wrong_type("segment", rule, &given))?
            .get()
            .0;
        Ok(Action::Propose {
            rule: segment.rule.clone(),
            description: segment.description.clone(),
            evidence,
            provenance: segment.provenance.clone(),
        })
    }

    fn version(&self) -> PyResult<Option<u32>> {
        let Some(given) = self.get("version")? else {
            return Ok(None);
        };
        let rule = "must be a whole number from 1";
        let version = given.extract().ok().filter(|v| *v > 0);
        version
            .map(Some)
            .ok_or_else(|| wrong_type("version", rule, &given))
    }

    fn evidence(&self) -> PyResult<Option<Box<Evidence>>> {
        let Some(given) = self.get("evidence")? else {
            return Ok(None);
        };
        let value = document("evidence", &given)?;
        let evidence = Evidence::from_value(&value).map_err(|e| e.at("evidence"));
        evidence.or_raise(self.py).map(|e| Some(Box::new(e)))
    }
}

fn stage(given: &Bound<'_, PyAny>) -> PyResult<Lifecycle> {
    let value = document("lifecycle", given)?;
    let shown = value.as_str().unwrap_or_default();
    let known = Lifecycle::ALL.into_iter().find(|l| l.key() == shown);
    let stage: Result<Lifecycle> = known.ok_or_else(|| {
        let rule = "must be proposed, accepted, deployed or retired";
        let detail = Detail::new("lifecycle", rule, &value);
        Error::UnknownName(detail.did_you_mean(shown, Lifecycle::ALL.map(Lifecycle::key)))
    });
    stage.or_raise(given.py())
}

/// The JSON Schema of one line of a registry's log, made from the core's types.
///
/// Example:
///     >>> import stoa
///     >>> "prev" in stoa.registry_json_schema()["required"]
///     True
#[pyfunction]
pub(crate) fn registry_json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    value_to_python(py, &registry::event_json_schema())
}
