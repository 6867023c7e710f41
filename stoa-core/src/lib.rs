//! The experimentation loop of a single store, as a pure library.
//!
//! A house with floors: a module imports only from lower floors, and `tests/rust/floors.rs` fails when a stair goes
//! down. No clock, no I/O, no global randomness: time and seeds are arguments.
//!
//! | floor | rooms |
//! |---|---|
//! | 0 | [`error`], [`num`] |
//! | 1 | [`value`], [`hash`] |
//! | 2 | [`rule`], [`catalog`] |
//! | 3 | [`segment`], [`experiment`] |
//! | 4 | [`assign`] (runtime wing) and [`posterior`], [`forest`] (evidence wing), which never meet |
//! | 5 | [`sequential`], [`power`], [`policy`], [`migrate`], [`hierarchy`] |
//! | 6 | [`profile`], [`decide`] |
//! | 7 | [`discover`] |
//! | 8 | [`registry`] |
#![forbid(unsafe_code)]

pub mod assign;
pub mod catalog;
pub mod decide;
pub mod discover;
pub mod error;
pub mod experiment;
pub mod forest;
pub mod hash;
pub mod hierarchy;
pub mod migrate;
pub mod num;
pub mod policy;
pub mod posterior;
pub mod power;
pub mod profile;
pub mod registry;
pub mod rule;
pub mod segment;
pub mod sequential;
pub mod value;

/// The README's Rust example, run as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
