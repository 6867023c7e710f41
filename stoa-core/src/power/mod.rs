//! Floor 5: how many units an experiment needs, or what it can see with the units there are.
//!
//! A plan of looks and the boundaries it is going to be judged by, on the normal approximation of the statistics that
//! `sequential` has: rates by their score test, amounts and answers by Welch's. Nothing here reads data.
//!
//! | step | file |
//! |---|---|
//! | what the metric looks like, and how it is judged | `baseline`, `options` |
//! | looks, boundaries, and what z does | `gate` |
//! | effects: units, power, when it is over | `size` |
//! | margins: answers that show nothing got worse | `margin` |
//! | days | `duration` |
//! | a contract and its store's traffic | `expected`, `reach`, `words` |
//! | the chance over what is believed of the effect | `assurance` |

mod assurance;
mod baseline;
mod check;
mod duration;
mod expected;
mod gate;
mod margin;
mod options;
mod reach;
mod size;
mod words;

pub use assurance::{DesignPrior, DesignRates, assurance, assurance_rates};
pub use baseline::Baseline;
pub use duration::{Duration, duration};
pub use expected::Expected;
pub use margin::{non_inferiority, smallest_margin};
pub use options::{Alternative, Formula, LookPlan, PowerOptions};
pub use reach::{MetricReach, PlanReach, reach, reach_values};
pub use size::{
    LookChance, SampleSize, Stopping, achieved_power, power, smallest_effect, stopping,
};
