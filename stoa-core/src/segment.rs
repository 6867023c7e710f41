//! Room `segment`.
