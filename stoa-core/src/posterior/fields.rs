//! Reading a small JSON object strictly: unknown keys, wrong types and ranges become typed errors.

use serde_json::{Map, Value};

use crate::error::{Detail, Error, Result};

/// The largest count a 64-bit float holds exactly, 2^53; JavaScript's limit too.
const MAX_COUNT: f64 = 9_007_199_254_740_992.0;

/// A JSON object whose keys are all known.
pub(crate) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// Refuses anything but an object, and every key outside `known`.
    pub(crate) fn new(value: &'a Value, known: &[&str]) -> Result<Self> {
        let Value::Object(map) = value else {
            return Err(Error::WrongType(Detail::new(
                "",
                "must be an object",
                value,
            )));
        };
        let unknown = map
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()))
            .map(|(key, found)| {
                let rule = format!("is not a known field (known: {})", known.join(", "));
                Error::UnknownField(
                    Detail::new(key, rule, found).did_you_mean(key, known.iter().copied()),
                )
            })
            .collect();
        Error::collect(unknown).map_or(Ok(Self(map)), Err)
    }

    /// A field's raw value; `null` is absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A number, when it is there.
    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>> {
        self.get(key)
            .map(|value| {
                value
                    .as_f64()
                    .ok_or_else(|| Error::WrongType(Detail::new(key, "must be a number", value)))
            })
            .transpose()
    }

    /// A number that must be there.
    pub(crate) fn required(&self, key: &str) -> Result<f64> {
        self.number(key)?.ok_or_else(|| missing(key))
    }

    /// A list that must be there.
    pub(super) fn required_list(&self, key: &str) -> Result<&'a [Value]> {
        match self.get(key) {
            Some(Value::Array(list)) => Ok(list),
            Some(found) => Err(Error::WrongType(Detail::new(key, "must be a list", found))),
            None => Err(missing(key)),
        }
    }

    /// A list of numbers, when it is there.
    pub(super) fn numbers(&self, key: &str) -> Result<Option<Vec<f64>>> {
        if self.get(key).is_none() {
            return Ok(None);
        }
        let list = self.required_list(key)?.iter().enumerate();
        let number = |(k, value): (usize, &Value)| {
            let wrong = || Detail::new(format!("{key}[{k}]"), "must be a number", value);
            value.as_f64().ok_or_else(|| Error::WrongType(wrong()))
        };
        list.map(number).collect::<Result<_>>().map(Some)
    }

    /// A whole number that must be there, not below 0.
    pub(crate) fn count(&self, key: &str) -> Result<u64> {
        whole(key, self.get(key).ok_or_else(|| missing(key))?)
    }
}

/// A whole number, not below 0.
pub(super) fn whole(key: &str, value: &Value) -> Result<u64> {
    let whole = value.as_u64();
    if let Some(count) = whole.filter(|&n| n <= 1 << 53) {
        return Ok(count);
    }
    let number = value
        .as_f64()
        .ok_or_else(|| Error::WrongType(Detail::new(key, "must be a number", value)))?;
    if number < 0.0 {
        return Err(Error::OutOfRange(Detail::new(key, "must be >= 0", value)));
    }
    if number.fract() != 0.0 || number > MAX_COUNT || whole.is_some() {
        let rule = "must be a whole number of at most 2^53";
        return Err(Error::OutOfRange(Detail::new(key, rule, value)));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number in 0..=2^53"
    )]
    Ok(number as u64)
}

fn missing(key: &str) -> Error {
    Error::MissingField(Detail::new(key, "is required", "nothing"))
}

/// Refuses NaN and infinities.
pub(super) fn finite(field: &str, x: f64) -> Result<()> {
    if x.is_finite() {
        return Ok(());
    }
    Err(Error::NotFinite(Detail::new(
        field,
        "must be a finite number",
        x,
    )))
}

/// Refuses NaN, infinities and everything outside `low..=high`.
pub(super) fn within(field: &str, x: f64, low: f64, high: f64) -> Result<()> {
    finite(field, x)?;
    if (low..=high).contains(&x) {
        return Ok(());
    }
    let rule = format!("must lie between {low} and {high}");
    Err(Error::OutOfRange(Detail::new(field, rule, x)))
}
