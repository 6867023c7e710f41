//! Floor 4, evidence wing: what the data say about a treatment, as distributions.
//!
//! Sufficient statistics in ([`Stats`]), posteriors out ([`Comparison`], [`Estimate`]). Everything is deterministic:
//! densities on lattices, summed; no Monte Carlo. This room knows no visitor, no experiment and no decision.
//!
//! | step | file |
//! |---|---|
//! | rows to statistics | `summarize`, `stats` |
//! | statistics and prior to an arm's curve | `beta`, `lognormal`, `hurdle`, `gamma`, `student` |
//! | two arms to lifts and losses | `pair`, `rate_lift`, `effect`, `decomposition` |
//! | any number of arms to their chances | `contenders`, `best` |
//! | everything a reader asks | `comparison`, `estimate`, `summary` |

mod apart;
mod arm;
mod best;
mod beta;
mod build;
mod comparison;
mod contenders;
mod decomposition;
mod effect;
mod estimate;
mod fields;
mod gamma;
mod hurdle;
mod limits;
mod lognormal;
mod note;
mod pair;
mod prior;
mod rate_lift;
mod stats;
mod student;
mod summarize;
mod summary;

pub use best::{ArmChance, BestArm, best_arm, best_arm_values};
pub use build::MIN_ORDERS;
pub use comparison::{Comparison, Draws, Loss, compare, compare_values, compare_with_priors};
pub use decomposition::{Decomposition, Part};
pub use effect::{Density, Effect, Interval};
pub use estimate::{Estimate, estimate};
pub use note::Note;
pub use prior::{BetaPrior, HurdlePrior, LogNormalPrior, Prior, VARIANCE_BOUND};
pub use stats::{Binary, Count, FAMILIES, Hurdle, Mean, Positive, Stats};
pub use summarize::{LARGEST_AMOUNT, summarize};
pub(crate) use summarize::{LARGEST_AMOUNT_RULE, LARGEST_COUNT};
