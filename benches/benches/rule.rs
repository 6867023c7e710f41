//! Bench of `rule`.
fn main() {}
