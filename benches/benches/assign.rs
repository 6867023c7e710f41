//! Bench of `assign`.
fn main() {}
