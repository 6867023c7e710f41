//! Floor 5: tests that may be looked at, again and again.
//!
//! Now: the sample-ratio test, once ([`srm`]) and at every look ([`sequential_srm`]). It judges counts of units only;
//! what a mismatch does to a verdict is `decide`'s business.

mod srm;

pub use srm::{SequentialSrm, Srm, SrmLook, sequential_srm, srm};
