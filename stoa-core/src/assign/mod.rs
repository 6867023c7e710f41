//! Floor 4, runtime wing: which variant a unit gets, and why (DESIGN §5).
//!
//! | file | step |
//! |---|---|
//! | `bundle` | what the storefront loads: written strictly, sealed with a hash |
//! | `load` | the same read tolerantly: a bad part is set aside, the others serve |
//! | `compile` | keys become indexes, shares become integers, segments become rules |
//! | `visitor` | who a decision is about, as a document |
//! | `facts` | the same as rules ask for it: by name, by position, by slot |
//! | `read` | a cache's bytes into slots, in one pass |
//! | `targeting` | who an experiment is for: rules, and segments only the cache knows |
//! | `memory` | what sticky experiments have shown, from request to request |
//! | `decide` | the checks, in the contract's order |
//! | `draw` | the last of them: stoa's own draw, or that of the system where a test began |
//! | `engine` | decisions for one visitor |
//! | `explain`, `describe` | one decision with every check and its values, as a document and as lines |
//! | `batch` | decisions for a table of them |
//! | `replay` | recorded exposures held against the decisions |
//! | `sql` | the same decision as SQL |
//!
//! The engine is immutable: a new config is a new engine. It never throws for a visitor's data, keeps nothing about
//! visitors, reads no clock and knows no statistics.

mod batch;
mod bundle;
mod compile;
mod decide;
mod describe;
mod draw;
mod engine;
mod explain;
mod facts;
mod load;
mod memory;
mod read;
mod reason;
mod replay;
mod sql;
mod targeting;
mod visitor;

pub use batch::Batch;
pub use bundle::Bundle;
pub use decide::Outcome;
pub use engine::{Decision, Engine};
pub use explain::{
    BucketsTrace, CheckTrace, CutTrace, Explanation, PrerequisiteTrace, RunTrace, Saw, SliceTrace,
    TargetingTrace, Verdict,
};
pub use facts::{Facts, Known, Placed, Positions};
pub use memory::{Memory, Recalled};
pub use reason::{Exposure, Reason};
pub use replay::{Difference, ExposureColumns, ExposureTable, ReasonCount, Replay};
pub use sql::AssignmentSql;
pub use visitor::Visitor;

/// Longest unit id, in bytes of UTF-8; a longer one is [`Reason::InvalidUnit`].
pub const MAX_UNIT_BYTES: usize = 1024;
