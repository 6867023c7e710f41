//! Room `power`.
