//! Floor 4, evidence wing: what the data say about a treatment, as distributions.
//!
//! Sufficient statistics in ([`Stats`]), posteriors out ([`Comparison`], [`Estimate`]). Everything is deterministic:
//! densities on lattices, summed; no Monte Carlo. This room knows no visitor, no experiment and no decision.
//!
//! | step | file |
//! |---|---|
//! | rows to statistics | `summarize`, `winsor`, `stats`, `read`, `ordinal`, `merge` |
//! | statistics and prior to an arm's curve | `beta`, `lognormal`, `amount`, `hurdle`, `gamma`, `student`, `average`, `dirichlet`, `inversion`, `pieces` |
//! | two arms to lifts and losses | `pair`, `apart`, `between`, `rate_lift`, `severity`, `effect`, `decomposition` |
//! | two numbers per unit: a pre-period, a denominator | `paired`, `cuped` |
//! | any number of arms to their chances | `contenders`, `best` |
//! | everything a reader asks | `comparison`, `estimate`, `summary` |

mod amount;
mod amount_prior;
mod apart;
mod arm;
mod average;
mod average_prior;
mod best;
mod beta;
mod between;
mod build;
mod comparison;
mod contenders;
mod cuped;
mod decomposition;
mod dirichlet;
mod effect;
mod estimate;
mod fields;
mod gamma;
mod hurdle;
mod inversion;
mod limits;
mod lognormal;
mod merge;
mod note;
mod ordinal;
mod pair;
mod paired;
mod pieces;
mod prior;
mod rate_lift;
mod read;
mod severity;
mod stats;
mod student;
mod summarize;
mod summary;
mod winsor;

pub use amount_prior::{AmountPrior, GammaPrior, LogNormalPrior};
pub use average_prior::{CountPrior, MeanPrior};
pub use best::{ArmChance, BestArm, best_arm, best_arm_values};
pub use build::MIN_ORDERS;
pub use comparison::{Comparison, Draws, Loss, compare, compare_values, compare_with_priors};
pub use cuped::{Cuped, Pooling, cuped, cuped_values, ratio, ratio_values};
pub use decomposition::{Decomposition, Part};
pub use effect::{Density, Effect, Interval};
pub use estimate::{Estimate, estimate};
pub use note::Note;
pub use ordinal::{Ordinal, OrdinalPrior};
pub use paired::Paired;
pub use prior::{BetaPrior, HurdlePrior, Prior, VARIANCE_BOUND};
pub use stats::{Binary, Count, FAMILIES, Hurdle, Mean, Positive, Stats};
pub use summarize::{LARGEST_AMOUNT, summarize};
pub(crate) use summarize::{LARGEST_AMOUNT_RULE, LARGEST_COUNT, summarize_cut};
pub(crate) use winsor::{cap, cut_words};
