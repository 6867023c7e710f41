//! Floor 5: tests that may be looked at, again and again.
//!
//! The sample-ratio test, once ([`srm`]) and at every look ([`sequential_srm`]); with a registered horizon, what each look
//! may spend ([`spend`]), the [`boundaries`] that spend it and the statistics that are held against them ([`revenue_z`],
//! [`conversion_z`], [`rate_z`], [`welch_z`]); without one, evidence that holds at any time ([`revenue_ln_e`],
//! [`conversion_ln_e`]) and the textbook's always-valid tests. Nothing here decides: what a crossing or a mismatch does to a
//! verdict is `decide`'s business.

mod always_valid;
mod check;
mod eprocess;
mod spending;
mod srm;
mod statistic;

pub use crate::num::spending::Spending;
pub use always_valid::{
    AsymptoticCs, MsprtLook, Sides, beta_binomial_ln_e, msprt_normal, running_p,
};
pub use eprocess::{conversion_ln_e, revenue_ln_e};
pub use spending::{boundaries, crossing, spend};
pub use srm::{SequentialSrm, Srm, SrmLook, sequential_srm, srm};
pub use statistic::{
    ArmRate, ArmSums, conversion_z, rate_z, revenue_z, revenue_z_from_sums, welch_z,
};
