//! Room `hash`.
