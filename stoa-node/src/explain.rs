//! A decision explained, as JSON text that `ts/explain.ts` reads.

use napi::bindgen_prelude::Either;
use stoa_core::{assign::Engine, value::Timestamp};

use crate::convert::JsonText;

pub(crate) fn explain(
    engine: &Engine,
    key: &str,
    unit: &str,
    attributes: &JsonText<'_>,
    at: Option<Timestamp>,
    memory: &str,
) -> String {
    let visitor = match attributes {
        None => engine.read(b"null"),
        Some(Either::A(text)) => engine.read(text.as_bytes()),
        Some(Either::B(bytes)) => engine.read(bytes),
    };
    let memory = engine.recall(memory);
    let explanation = engine.explain(key, unit, &memory.with(&visitor), at);
    explanation.to_value().to_string()
}
