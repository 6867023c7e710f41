//! Python values to JSON values and serde values to Python: dicts, lists and scalars, never text in between, so that
//! every float keeps its bits.

use std::borrow::Cow;

use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    types::{
        PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Number, Value};
use stoa_core::{
    assign::Visitor,
    error::{Detail, Error},
    value::{self, Attributes, Timestamp},
};

use crate::errors::{OrRaise, raise, wrong_type};

/// Deepest nesting read; the core has its own, tighter limits on documents.
const DEEPEST: usize = 512;
/// Longest path named when something is nested too deep, in characters.
const DEEPEST_FIELD: usize = 80;

/// How values that JSON cannot spell are met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// A document refuses them.
    Document,
    /// A visitor's data is never an error: NaN is missing, an object of no known type unknown to every rule.
    Visitor,
}

/// A JSON document given as Python objects; `field` comes before its paths in errors, if it is part of something.
pub(crate) fn document(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Value> {
    to_json(field, given, Reading::Document, 0)
}

/// A list of JSON documents.
pub(crate) fn documents(field: &str, given: &[Bound<'_, PyAny>]) -> PyResult<Vec<Value>> {
    let each = given.iter().enumerate();
    each.map(|(i, one)| document(&format!("{field}[{i}]"), one))
        .collect()
}

/// A visitor's attributes: a mapping, or nothing.
pub(crate) fn attributes(given: Option<&Bound<'_, PyAny>>) -> PyResult<Attributes> {
    let Some(given) = given else {
        return Ok(Attributes::default());
    };
    let value = to_json("attributes", given, Reading::Visitor, 0)?;
    let mut read: Attributes = serde_json::from_value(value)
        .map_err(|_| wrong_type("attributes", "must be a mapping", given))?;
    for (name, value) in &mut read.0 {
        // JSON has no infinity, a column has: such an attribute came through as missing.
        if *value == value::Value::Missing
            && let Some(x) = given.get_item(name).ok().and_then(|x| x.extract().ok())
            && f64::is_infinite(x)
        {
            *value = value::Value::Number(x);
        }
    }
    Ok(read)
}

/// A visitor as the engine sees them: a mapping of attributes, or the cache's JSON as text or bytes, or nothing.
pub(crate) fn visitor(given: Option<&Bound<'_, PyAny>>) -> PyResult<Visitor> {
    let Some(given) = given else {
        return Ok(Visitor::default());
    };
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(Visitor::from_slice(bytes.as_bytes()));
    }
    if let Ok(json) = given.cast::<PyString>() {
        return Ok(Visitor::from_json(&text(json)?));
    }
    to_json("attributes", given, Reading::Visitor, 0).map(Visitor::from_value)
}

/// One attribute of a visitor, whatever it is.
pub(crate) fn attribute(given: &Bound<'_, PyAny>) -> PyResult<value::Value> {
    let json = to_json("attributes", given, Reading::Visitor, 1)?;
    serde_json::from_value(json).map_err(|_| wrong_type("attributes", "must be readable", given))
}

/// The argument `now`: RFC 3339 text or an aware datetime.
pub(crate) fn now(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Timestamp>> {
    given.map(|given| instant("now", given)).transpose()
}

/// An instant: RFC 3339 text or an aware datetime.
pub(crate) fn instant(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let text = scalar_text(given)
        .ok_or_else(|| wrong_type(field, "must be RFC 3339 text or an aware datetime", given))?;
    let rule = "must be RFC 3339 with a time zone";
    let refused = |_| Error::OutOfRange(Detail::new(field, rule, &text));
    let read = Timestamp::parse(&text).map_err(refused);
    read.or_raise(given.py())
}

/// A serde document out of JSON; only for documents whose reading has no messages of its own in the core.
pub(crate) fn from_value<T: DeserializeOwned>(
    py: Python<'_>,
    field: &str,
    value: Value,
) -> PyResult<T> {
    let shown = value.to_string();
    serde_json::from_value(value).map_err(|error| {
        let detail = Detail::new(field, format!("must be readable ({error})"), shown);
        raise(py, &Error::InvalidDocument(detail))
    })
}

/// A Python string without lone surrogates: each becomes U+FFFD, as UTF-8 encoders do.
pub(crate) fn mended<'py>(given: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    if given.to_str().is_ok() {
        return Ok(given.clone());
    }
    let units = given.call_method1("encode", ("utf-16-le", "surrogatepass"))?;
    Ok(units
        .call_method1("decode", ("utf-16-le", "replace"))?
        .cast_into()?)
}

/// An argument that is text, mended.
#[derive(Debug)]
pub(crate) struct Text(pub(crate) String);

impl<'a, 'py> FromPyObject<'a, 'py> for Text {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match given.cast::<PyString>() {
            Ok(string) => text(&string).map(Self),
            Err(_) => Err(wrong_type("argument", "must be text", &given)),
        }
    }
}

/// A count given as any whole number.
pub(crate) fn count(py: Python<'_>, field: &str, given: i128) -> PyResult<u64> {
    u64::try_from(given).map_err(|_| {
        let rule = "must be a whole number from 0 to 2^64 - 1";
        raise(py, &Error::OutOfRange(Detail::new(field, rule, given)))
    })
}

/// Text of a Python string.
pub(crate) fn text(given: &Bound<'_, PyString>) -> PyResult<String> {
    mended(given)?.extract()
}

/// Text of a Python string, where it lies unless it had to be mended.
pub(crate) fn utf8<'a>(given: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    match given.to_str() {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => text(given).map(Cow::Owned),
    }
}

/// Anything serde can write, as Python objects.
pub(crate) fn to_python<'py>(
    py: Python<'py>,
    value: &impl Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    let value = serde_json::to_value(value).map_err(|error| {
        let detail = Detail::new("result", "must be writable as JSON", error);
        raise(py, &Error::InvalidDocument(detail))
    })?;
    value_to_python(py, &value)
}

/// A JSON value as Python objects.
pub(crate) fn value_to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(flag) => flag.into_bound_py_any(py),
        Value::Number(number) => number_to_python(py, number),
        Value::String(text) => text.into_bound_py_any(py),
        Value::Array(items) => {
            let items: PyResult<Vec<_>> =
                items.iter().map(|item| value_to_python(py, item)).collect();
            PyList::new(py, items?)?.into_bound_py_any(py)
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (name, field) in fields {
                dict.set_item(name, value_to_python(py, field)?)?;
            }
            Ok(dict.into_any())
        }
    }
}

fn number_to_python<'py>(py: Python<'py>, number: &Number) -> PyResult<Bound<'py, PyAny>> {
    if let Some(whole) = number.as_u64() {
        return whole.into_bound_py_any(py);
    }
    if let Some(whole) = number.as_i64() {
        return whole.into_bound_py_any(py);
    }
    number.as_f64().into_bound_py_any(py)
}

fn to_json(
    field: &str,
    given: &Bound<'_, PyAny>,
    reading: Reading,
    depth: usize,
) -> PyResult<Value> {
    if depth > DEEPEST {
        return too_deep(given.py(), field, reading);
    }
    if given.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = given.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if let Ok(string) = given.cast::<PyString>() {
        return text(string).map(Value::String);
    }
    if given.is_instance_of::<PyInt>() {
        return integer(field, given, reading);
    }
    if let Ok(float) = given.cast::<PyFloat>() {
        return number(field, float, reading);
    }
    if let Ok(dict) = given.cast::<PyDict>() {
        return object(field, dict, reading, depth);
    }
    if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        return array(field, given, reading, depth);
    }
    foreign(field, given, reading, depth)
}

/// Values of other libraries by what they offer: a class of this package, a numpy scalar or array, a datetime.
fn foreign(
    field: &str,
    given: &Bound<'_, PyAny>,
    reading: Reading,
    depth: usize,
) -> PyResult<Value> {
    if reading == Reading::Visitor && depth > 0 && is_numpy_instant(given) {
        let micros = given.call_method1("astype", ("datetime64[us]",))?;
        return to_json(field, &micros.call_method0("tolist")?, reading, depth + 1);
    }
    for method in ["to_dict", "tolist"] {
        if given.hasattr(method)? {
            return to_json(field, &given.call_method0(method)?, reading, depth + 1);
        }
    }
    if given.cast::<PyMapping>().is_ok() {
        let dict = given.py().get_type::<PyDict>().call1((given,))?;
        return to_json(field, &dict, reading, depth + 1);
    }
    if reading == Reading::Visitor
        && depth > 0
        && let Some(value) = cell(given)?
    {
        return Ok(value);
    }
    // An attribute of no known type is unknown; attributes that are no mapping at all are no attributes.
    let otherwise = (reading == Reading::Visitor).then(|| match depth {
        0 => Value::Array(Vec::new()),
        _ => Value::Object(Map::new()),
    });
    scalar_text(given)
        .map(Value::String)
        .or(otherwise)
        .ok_or_else(|| {
            let field = if field.is_empty() { "document" } else { field };
            wrong_type(
                field,
                "must be JSON: a mapping, list, string, number, boolean or None",
                given,
            )
        })
}

/// Whether numpy holds an instant in it: a scalar or an array of `datetime64`.
fn is_numpy_instant(given: &Bound<'_, PyAny>) -> bool {
    let kind = given
        .getattr("dtype")
        .and_then(|dtype| dtype.getattr("kind"));
    kind.is_ok_and(|kind| kind.eq("M").unwrap_or(false))
}

/// A value of a table's row as the table's column has it: a Decimal is a number, `NaT` and `NA` are missing, a date is its
/// midnight and a datetime without a zone is UTC.
fn cell(given: &Bound<'_, PyAny>) -> PyResult<Option<Value>> {
    let missing = !given.eq(given).unwrap_or(false);
    if missing {
        return Ok(Some(Value::Null));
    }
    if let Ok(x) = given.extract::<f64>() {
        return Ok(Some(Number::from_f64(x).map_or(Value::Null, Value::Number)));
    }
    let module = given.py().import("datetime")?;
    if given.is_instance(&module.getattr("datetime")?)? {
        let utc = module.getattr("timezone")?.getattr("utc")?;
        return Ok(in_utc(given, &utc).ok().map(Value::String));
    }
    if given.is_instance(&module.getattr("date")?)? {
        return Ok(scalar_text(given).map(|day| Value::String(format!("{day}T00:00:00Z"))));
    }
    Ok(None)
}

/// RFC 3339 text of a datetime; one without a zone is UTC.
fn in_utc(given: &Bound<'_, PyAny>, utc: &Bound<'_, PyAny>) -> PyResult<String> {
    let naive = given.getattr("tzinfo")?.is_none();
    let zoned = if naive {
        let zone = PyDict::new(given.py());
        zone.set_item("tzinfo", utc)?;
        given.call_method("replace", (), Some(&zone))?
    } else {
        given.call_method1("astimezone", (utc,))?
    };
    zoned.call_method0("isoformat")?.extract()
}

fn scalar_text(given: &Bound<'_, PyAny>) -> Option<String> {
    if let Ok(string) = given.cast::<PyString>() {
        return text(string).ok();
    }
    given.call_method0("isoformat").ok()?.extract().ok()
}

fn integer(field: &str, given: &Bound<'_, PyAny>, reading: Reading) -> PyResult<Value> {
    if let Ok(whole) = given.extract::<i64>() {
        return Ok(Value::from(whole));
    }
    if let Ok(whole) = given.extract::<u64>() {
        return Ok(Value::from(whole));
    }
    match (given.extract::<f64>(), reading) {
        (Ok(float), _) => Ok(Value::from(float)),
        (Err(_), Reading::Visitor) => Ok(Value::Null),
        (Err(_), Reading::Document) => {
            let detail = Detail::new(field, "must be finite", "a whole number above 1.8e308");
            Err(raise(given.py(), &Error::NotFinite(detail)))
        }
    }
}

/// A document that deep is refused, a visitor's value that deep unknown; a dict that holds itself is either.
fn too_deep(py: Python<'_>, field: &str, reading: Reading) -> PyResult<Value> {
    if reading == Reading::Visitor {
        return Ok(Value::Object(Map::new()));
    }
    // The path repeats itself; its beginning says where.
    let field: String = field.chars().take(DEEPEST_FIELD).collect();
    let rule = format!("must nest at most {DEEPEST} deep");
    Err(raise(
        py,
        &Error::TooLarge(Detail::new(field, rule, "more")),
    ))
}

fn number(field: &str, given: &Bound<'_, PyFloat>, reading: Reading) -> PyResult<Value> {
    match (Number::from_f64(given.value()), reading) {
        (Some(finite), _) => Ok(Value::Number(finite)),
        (None, Reading::Visitor) => Ok(Value::Null),
        (None, Reading::Document) => {
            let detail = Detail::new(field, "must be finite", given.value());
            Err(raise(given.py(), &Error::NotFinite(detail)))
        }
    }
}

fn object(
    field: &str,
    given: &Bound<'_, PyDict>,
    reading: Reading,
    depth: usize,
) -> PyResult<Value> {
    let mut fields = Map::new();
    for (name, item) in given.iter() {
        let name = name
            .cast::<PyString>()
            .map_err(|_| wrong_type(field, "must have strings as keys", &name))
            .and_then(text)?;
        let path = match field {
            "" => name.clone(),
            within => format!("{within}.{name}"),
        };
        fields.insert(name, to_json(&path, &item, reading, depth + 1)?);
    }
    Ok(Value::Object(fields))
}

fn array(field: &str, given: &Bound<'_, PyAny>, reading: Reading, depth: usize) -> PyResult<Value> {
    let items: PyResult<Vec<Value>> = given
        .try_iter()?
        .enumerate()
        .map(|(i, item)| to_json(&format!("{field}[{i}]"), &item?, reading, depth + 1))
        .collect();
    items.map(Value::Array)
}

/// A numpy array of `n` bools, which `fill` writes as 0 and 1.
pub(crate) fn numpy_bools(
    py: Python<'_>,
    n: usize,
    fill: impl FnOnce(&mut [u8]) + Send,
) -> PyResult<Bound<'_, PyAny>> {
    // Over a bytearray, so that the array is writable.
    let bytes = PyByteArray::new_with(py, n, |out| {
        py.detach(|| fill(out));
        Ok(())
    })?;
    py.import("numpy")?
        .call_method1("frombuffer", (bytes, "bool"))
}

/// A numpy array of float64.
pub(crate) fn numpy_floats<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyAny>> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_ne_bytes()).collect();
    let bytes = PyByteArray::new(py, &bytes);
    py.import("numpy")?
        .call_method1("frombuffer", (bytes, "float64"))
}

/// Numbers given as a list, an array or a series.
pub(crate) fn floats(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let listed = given
        .call_method0("tolist")
        .unwrap_or_else(|_| given.clone());
    listed
        .extract()
        .map_err(|_| wrong_type(field, "must be numbers", given))
}

/// A named tuple of `stoa/_results.py`.
pub(crate) fn record<'py>(
    py: Python<'py>,
    name: &str,
    fields: impl pyo3::call::PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    py.import("stoa._results")?.getattr(name)?.call1(fields)
}
