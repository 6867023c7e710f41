//! Running tests of other systems as documents.

use napi_derive::napi;
use stoa_core::{
    error::Result,
    experiment::read_document,
    migrate::{self, MigrateOptions},
};

use crate::{
    convert::{Instant, OrThrow, json, now, to_text},
    experiment::read_store,
    rule::read_schema,
};

/// What moved of a `GrowthBook` payload and what did not, as JSON text.
#[napi(catch_unwind)]
pub fn from_growthbook(
    payload: String,
    surface: String,
    metrics: String,
    store: Option<String>,
    schema: Option<String>,
) -> napi::Result<String> {
    let options = options(&surface, &metrics, store.as_deref(), schema.as_deref()).or_throw()?;
    let payload = read_document(&payload).or_throw()?;
    let moved = migrate::from_growthbook(&payload, &options).or_throw()?;
    to_text(&moved).or_throw()
}

/// What moved of an Eppo configuration and what did not, as JSON text.
#[napi(catch_unwind)]
pub fn from_eppo(
    config: String,
    surface: String,
    metrics: String,
    store: Option<String>,
    schema: Option<String>,
    #[napi(ts_arg_type = "number | string | undefined")] at: Instant,
) -> napi::Result<String> {
    let options = options(&surface, &metrics, store.as_deref(), schema.as_deref()).or_throw()?;
    let options = MigrateOptions {
        now: now(at).or_throw()?,
        ..options
    };
    let config = read_document(&config).or_throw()?;
    let moved = migrate::from_eppo(&config, &options).or_throw()?;
    to_text(&moved).or_throw()
}

fn options(
    surface: &str,
    metrics: &str,
    store: Option<&str>,
    schema: Option<&str>,
) -> Result<MigrateOptions> {
    Ok(MigrateOptions {
        store: read_store(store)?,
        schema: read_schema(schema)?,
        ..MigrateOptions::new(surface, &json("metrics", metrics)?)?
    })
}
