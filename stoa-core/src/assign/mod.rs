//! Room `assign`.
