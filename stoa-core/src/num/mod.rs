//! Room `num`.
