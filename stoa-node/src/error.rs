//! Errors cross the boundary as JSON in the message; `ts/error.ts` makes a `StoaError` of it.

use serde_json::json;
use stoa_core::error::Error;

/// The core's error as N-API carries it.
pub(crate) fn to_js(error: &Error) -> napi::Error {
    let payload = json!({ "message": error.to_string(), "problems": error.problems() });
    napi::Error::new(napi::Status::InvalidArg, payload.to_string())
}
