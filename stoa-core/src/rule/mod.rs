//! Floor 2: segment rules: one definition, evaluated natively, rendered as SQL and as a sentence.

mod ast;

pub use ast::{Literal, Operator, Rule};
