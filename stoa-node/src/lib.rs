//! stoa for Node.js: converts values and errors, and decides nothing.
//!
//! JSON text crosses the boundary, numbers and strings directly; the TypeScript in `ts/` gives the public shapes. Every
//! function catches panics, so that a request survives whatever happens here.
#![expect(
    clippy::needless_pass_by_value,
    reason = "N-API hands arguments over by value"
)]
#![expect(
    clippy::missing_errors_doc,
    reason = "ts/ documents what each call refuses"
)]
#![expect(clippy::must_use_candidate, reason = "the caller is JavaScript")]

pub mod analysis;
pub mod background;
mod convert;
pub mod engine;
mod error;
pub mod experiment;
mod explain;
mod fast;
pub mod migrate;
pub mod monitor;
pub mod plan;
pub mod posterior;
mod raw;
pub mod rule;

use napi_derive::napi;

/// Version of the engine, the same as the package's.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
