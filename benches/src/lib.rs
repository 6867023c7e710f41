//! The benches are in `benches/`; this library is empty because cargo needs a target to build.
