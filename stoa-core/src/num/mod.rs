//! Floor 0: numerical tools that know no model.
//!
//! [`curve`] holds a smooth density on a uniform lattice and answers its distribution function anywhere; [`solve`]
//! inverts distribution functions; [`boundary`] follows a Gaussian walk from look to look, [`spending`] says what it may use up; [`saddlepoint`] has the tails of
//! sums shared out by coins; [`special`] and [`gamma`] have what statrs lacks; [`sums`] adds without losing digits;
//! [`mixture`] has the tails of sums of normal densities; [`taylor`] finds derivatives;
//! [`random`] turns a seed into draws that stay the same across versions; [`fixed`] makes sums exact. Nothing here allocates more than its
//! result, and nothing panics.

pub mod boundary;
mod chebyshev;
pub mod curve;
pub mod fixed;
pub mod gamma;
pub mod mixture;
pub mod quadrature;
pub mod random;
pub mod saddlepoint;
pub mod solve;
pub mod special;
pub mod spending;
pub mod sums;
pub mod taylor;
