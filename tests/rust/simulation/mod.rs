//! What the methods promise, on stores whose truth is known: the verdict's error rates and the intervals' coverage.
//!
//! `make sim-decide` runs it all (tests/sim), `tests/rust/promise.rs` a little of it. Run i of a cell is the same run
//! wherever it is made.

mod cells;
mod coverage;
mod ledger;
mod promise;
mod sample;
mod store;

pub use cells::cells;
pub use coverage::{Family, Hits, LEVELS, Lifts, families};
pub use ledger::{Entry, Ledger, Part};
pub use promise::{Bar, Cell, Endings, Held, Measured, Rule};
pub use sample::Sampler;
pub use store::{Arm, Mood, Orders, Revenue, Running, Store};
