//! Room `sequential`.
