//! Floor 2: segment rules: one definition, evaluated natively, rendered as SQL and as a sentence.
//!
//! A rule is written as JSON ([`Rule::from_json`], canonical) or as SQL text ([`Rule::parse_sql`]); it answers for a
//! visitor ([`Rule::evaluate`]), for a table ([`Rule::mask`]), as a `WHERE` condition ([`Rule::to_sql`]) and in words
//! ([`Rule::describe`]), and the four agree. It refuses what it cannot say exactly; it never guesses. Segments named
//! inside a rule are looked up one floor up, in the room `segment`.

mod ast;
mod batch;
mod canonical;
mod compiled;
mod evaluate;
mod growthbook;
mod json;
mod json_schema;
mod parse;
mod read;
mod schema;
mod shape;
mod simplify;
mod sql;
mod test;
mod trace;
mod tree;
mod words;

pub use ast::{Literal, Operator, Rule};
pub use batch::Truths;
pub use compiled::Compiled;
pub use json_schema::{attributes_json_schema, json_schema};
pub use read::Reading;

pub(crate) use compiled::Slots;
pub(crate) use read::{Attribute as Attributed, Fields, Held, Skipped};
pub use schema::{Attribute, AttributeSchema};
pub use shape::{MAX_BYTES, MAX_DEPTH, MAX_NODES};

pub(crate) use shape::{exceeds, rooted_at};
pub use simplify::{Finding, FindingKind, Simplified};
pub use sql::{Dialect, SqlOptions};
pub use trace::{ComparisonTrace, MembershipTrace, Trace};
