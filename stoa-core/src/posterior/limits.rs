//! How far apart the certainty of two arms may be: they share a lattice, which the sharper one makes fine and the
//! vaguer one makes long.

use crate::error::{Detail, Error, Result};

/// Most nodes of one arm's lattice; each takes some 150 bytes.
const MOST_NODES: f64 = 1e6;
/// Most products of nodes in one convolution: a few seconds of work.
const MOST_PRODUCTS: f64 = 1e9;

/// Refuses a lattice that would not fit, before it is made.
///
/// # Errors
/// [`Error::TooLarge`], naming the arm that is too vague.
pub(super) fn check_nodes(arm: &str, nodes: f64) -> Result<()> {
    if nodes <= MOST_NODES {
        return Ok(());
    }
    Err(too_large(arm, nodes, MOST_NODES))
}

/// Refuses a convolution of two lattices that would take too long.
///
/// # Errors
/// [`Error::TooLarge`], naming the arm.
pub(super) fn check_product(arm: &str, conversion: f64, severity: f64) -> Result<()> {
    let products = conversion * severity;
    if products <= MOST_PRODUCTS {
        return Ok(());
    }
    Err(too_large(arm, products, MOST_PRODUCTS))
}

fn too_large(arm: &str, needed: f64, most: f64) -> Error {
    let rule = format!(
        "must not be thousands of times less certain than what it is computed with (at most {most:e} lattice points)"
    );
    Error::TooLarge(Detail::new(arm, rule, format!("{needed:.1e} points")))
}
