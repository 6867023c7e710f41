//! Room `num`.

pub mod gamma;
