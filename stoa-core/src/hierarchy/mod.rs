//! Floor 5: many groups that are alike but not the same, each read with the help of the others.
//!
//! Segments of one experiment, or experiments of one kind: what a group says of itself is pulled towards what all say
//! together, the more so the less it says. How much is learnt from the data, by quadrature over the spread between the
//! groups; nothing is sampled. This room knows no segment and no experiment: it takes figures and gives distributions.
//!
//! | step | file |
//! |---|---|
//! | what is believed before | `prior` |
//! | estimates with standard errors | `effects` |
//! | rates | `grid`, `mixed`, `rates` |
//! | answers | `distribution` |
//! | what the past says of the next | `prior_from` |
//! | all of it from JSON | `values` |

mod distribution;
mod effects;
mod grid;
mod mixed;
mod prior;
mod prior_from;
mod rates;
mod values;

pub use distribution::Distribution;
pub use effects::{EffectHierarchy, GroupEffect, hierarchical_effects};
pub use prior::{EffectPrior, NormalPrior, SpreadPrior};
pub use prior_from::{prior_from_effects, prior_from_rates};
pub use rates::{Moments, RateHierarchy, RatePrior, hierarchical_rates};
pub use values::{Hierarchy, hierarchical_values, prior_from_values};
