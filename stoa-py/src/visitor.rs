//! A visitor as Python gives them, read where they lie: of a dict only the attributes that rules come to.

use std::{borrow::Cow, cell::OnceCell};

use pyo3::{
    intern,
    prelude::*,
    types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyString},
};
use stoa_core::{
    assign::{Engine, Facts, Known, Visitor},
    value::{Value, ValueRef},
};

use crate::convert::{attribute, utf8, visitor};

/// A visitor: nothing, a dict, the cache's JSON, or anything else that offers a mapping.
pub(crate) enum Given<'a, 'py> {
    Nothing,
    Dict(Asked<'a, 'py>),
    Read(Known<'a>),
    Whole(Visitor),
}

impl<'a, 'py> Given<'a, 'py> {
    /// `names` are the engine's attributes, as Python strings.
    pub(crate) fn new(
        engine: &Engine,
        names: &'a [Py<PyString>],
        given: Option<&'a Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let Some(given) = given.filter(|given| !given.is_none()) else {
            return Ok(Self::Nothing);
        };
        if let Ok(dict) = given.cast_exact::<PyDict>() {
            // The cache's document is told apart by its object `a`.
            let cached = dict.get_item(intern!(given.py(), "a"))?;
            if cached.is_none_or(|a| plain(&a).is_some()) {
                return Ok(Self::Dict(Asked::new(dict, names)));
            }
        }
        if let Ok(bytes) = given.cast::<PyBytes>() {
            return Ok(Self::Read(engine.read(bytes.as_bytes())));
        }
        match given.cast::<PyString>().map(utf8) {
            Ok(Ok(Cow::Borrowed(text))) => Ok(Self::Read(engine.read(text.as_bytes()))),
            _ => visitor(Some(given)).map(Self::Whole),
        }
    }
}

impl Facts for Given<'_, '_> {
    fn value(&self, slot: usize, name: &str) -> ValueRef<'_> {
        match self {
            Self::Nothing => ValueRef::Missing,
            Self::Dict(asked) => asked.value(slot),
            Self::Read(known) => known.value(slot, name),
            Self::Whole(visitor) => visitor.value(slot, name),
        }
    }

    fn membership(&self, slot: usize, segment: &str, rule_hash: &str) -> Option<bool> {
        match self {
            Self::Nothing | Self::Dict(_) => None,
            Self::Read(known) => known.membership(slot, segment, rule_hash),
            Self::Whole(visitor) => visitor.membership(slot, segment, rule_hash),
        }
    }

    fn is_unreadable(&self) -> bool {
        match self {
            Self::Nothing | Self::Dict(_) => false,
            Self::Read(known) => known.is_unreadable(),
            Self::Whole(visitor) => visitor.is_unreadable(),
        }
    }
}

/// A dict of attributes; each is looked up when a rule first comes to it, and then kept.
pub(crate) struct Asked<'a, 'py> {
    dict: &'a Bound<'py, PyDict>,
    names: &'a [Py<PyString>],
    held: Cells<'py>,
}

/// So many attributes are kept without asking for memory.
const FEW: usize = 6;

/// What was found of each attribute, by slot.
enum Cells<'py> {
    Few([OnceCell<Held<'py>>; FEW]),
    Many(Box<[OnceCell<Held<'py>>]>),
}

impl<'py> Cells<'py> {
    fn new(n: usize) -> Self {
        match n {
            ..=FEW => Self::Few([const { OnceCell::new() }; FEW]),
            _ => Self::Many((0..n).map(|_| OnceCell::new()).collect()),
        }
    }

    fn get(&self, slot: usize) -> Option<&OnceCell<Held<'py>>> {
        match self {
            Self::Few(cells) => cells.get(slot),
            Self::Many(cells) => cells.get(slot),
        }
    }
}

impl<'a, 'py> Asked<'a, 'py> {
    fn new(dict: &'a Bound<'py, PyDict>, names: &'a [Py<PyString>]) -> Self {
        Self {
            dict,
            names,
            held: Cells::new(names.len()),
        }
    }

    fn value(&self, slot: usize) -> ValueRef<'_> {
        let held = self.held.get(slot);
        held.map_or(ValueRef::Missing, |cell| {
            cell.get_or_init(|| self.look(slot)).value()
        })
    }

    fn look(&self, slot: usize) -> Held<'py> {
        let name = self.names.get(slot).map(|name| name.bind(self.dict.py()));
        let found = name.map(|name| self.dict.get_item(name));
        match found {
            Some(Ok(Some(found))) => plain(&found).unwrap_or_else(|| Held::of_any(&found)),
            _ => Held::Plain(ValueRef::Missing),
        }
    }
}

/// A value of a dict, kept alive while rules look at it.
enum Held<'py> {
    Plain(ValueRef<'static>),
    Text(Bound<'py, PyString>),
    Owned(Value),
}

impl Held<'_> {
    /// Of a value that is no plain one; what cannot be read is of no type that rules know.
    fn of_any(found: &Bound<'_, PyAny>) -> Self {
        Self::Owned(attribute(found).unwrap_or_else(|_| Value::Other(serde_json::Value::Null)))
    }

    fn value(&self) -> ValueRef<'_> {
        match self {
            Self::Plain(value) => *value,
            // It was readable when it was kept.
            Self::Text(text) => text.to_str().map_or(ValueRef::Missing, ValueRef::Text),
            Self::Owned(value) => value.as_ref(),
        }
    }
}

/// A missing value, a boolean, a number or readable text; `None` for anything else.
fn plain<'py>(given: &Bound<'py, PyAny>) -> Option<Held<'py>> {
    if let Ok(text) = given.cast_exact::<PyString>() {
        return text.to_str().is_ok().then(|| Held::Text(text.clone()));
    }
    if let Some(number) = number(given) {
        let number = Some(number).filter(|x| x.is_finite());
        return Some(Held::Plain(
            number.map_or(ValueRef::Missing, ValueRef::Number),
        ));
    }
    if given.is_none() {
        return Some(Held::Plain(ValueRef::Missing));
    }
    let flag = given.cast_exact::<PyBool>().ok()?;
    Some(Held::Plain(ValueRef::Boolean(flag.is_true())))
}

/// The number that an `int` or a `float` is; what is too large for one is infinite.
fn number(given: &Bound<'_, PyAny>) -> Option<f64> {
    if given.is_exact_instance_of::<PyInt>() {
        // Most are small, and those are read faster.
        let small = given.extract::<i64>().map(|x| x as f64);
        return small
            .or_else(|_| given.extract())
            .ok()
            .or(Some(f64::INFINITY));
    }
    let float = given.cast_exact::<PyFloat>().ok()?;
    Some(float.value())
}
