//! Bench of `posterior`.
fn main() {}
