//! JavaScript values to the core's and back: text and numbers, nothing that knows a domain.

use std::panic::AssertUnwindSafe;

use napi::bindgen_prelude::{BufferSlice, Either};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use stoa_core::{
    error::{Detail, Error, Result},
    value::{Attributes, Timestamp},
};

use crate::error::to_js;

/// JSON text, or the same as UTF-8 bytes; nothing when the visitor is not known.
pub(crate) type JsonText<'a> = Option<Either<String, BufferSlice<'a>>>;

/// An instant: milliseconds since 1970, or RFC 3339 text.
pub(crate) type Instant = Option<Either<f64, String>>;

/// Turns results of the core into results N-API understands.
pub(crate) trait OrThrow<T> {
    /// The value, or the error on its way to becoming a `StoaError`.
    fn or_throw(self) -> napi::Result<T>;
}

impl<T> OrThrow<T> for Result<T> {
    fn or_throw(self) -> napi::Result<T> {
        self.map_err(|error| to_js(&error))
    }
}

/// Runs work of the thread pool, where N-API catches no panic and the process would end.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    std::panic::catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| napi::Error::from_reason("stoa panicked; please report what was asked"))?
        .or_throw()
}

/// A visitor's attributes; those of an unknown visitor are none.
pub(crate) fn attributes(given: &JsonText<'_>) -> Result<Attributes> {
    match given {
        None => Ok(Attributes::default()),
        Some(Either::A(text)) => Attributes::from_json(text),
        Some(Either::B(bytes)) => Attributes::from_json(&String::from_utf8_lossy(bytes)),
    }
}

/// The argument `now`.
pub(crate) fn now(given: Instant) -> Result<Option<Timestamp>> {
    match given {
        None => Ok(None),
        Some(Either::A(millis)) => Ok(Some(from_millis(millis))),
        Some(Either::B(text)) => Timestamp::parse(&text).map(Some).map_err(|e| e.at("now")),
    }
}

/// A JSON document of this type; `field` names it in errors.
pub(crate) fn document<T: DeserializeOwned>(field: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let rule = format!("must be a document of the right shape ({error})");
        Error::InvalidDocument(Detail::new(field, rule, text))
    })
}

/// Anything serde can write, as JSON text.
pub(crate) fn to_text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| {
        Error::InvalidDocument(Detail::new("result", "must be writable as JSON", error))
    })
}

/// Any JSON value; `field` names it in errors.
pub(crate) fn json(field: &str, text: &str) -> Result<Value> {
    document(field, text)
}

// A JavaScript date is a whole number of milliseconds within ±8.64e15.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a whole number of microseconds below 2^63; the cast saturates"
)]
fn from_millis(millis: f64) -> Timestamp {
    Timestamp {
        micros: (millis * 1_000.0) as i64,
    }
}
