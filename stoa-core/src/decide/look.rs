//! What one look said.

use serde::Serialize;
use serde_json::Value;

use super::{
    gauge::{BarKind, Claim},
    ratio::SampleRatio,
    rule::Case,
    track::Track,
    verdict::Verdict,
};
use crate::error::Result;

/// One look at an experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Look {
    /// Days since the experiment began.
    pub day: Option<f64>,
    /// Visitors so far, all variants together.
    pub units: u64,
    /// Share of the plan that is over: 1 at the last look.
    pub information: Option<f64>,
    /// Chance of a false win that all looks so far may have had; `None` where this look had no boundary.
    pub spent: Option<f64>,
    /// Whether it was the last look.
    pub last: bool,
    /// Whether the arms hold their shares; `None` before the first visitor.
    pub srm: Option<SampleRatio>,
    /// Each treatment, in the contract's order.
    pub treatments: Vec<TreatmentLook>,
    /// The experiment's verdict.
    pub verdict: Verdict,
}

/// One treatment at one look.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TreatmentLook {
    /// Key of the treatment.
    pub variant: String,
    /// z of its revenue, above 0 where it is better; `None` before both arms have visitors.
    pub z: Option<f64>,
    /// What z has to reach at this look; `None` where it has no boundary.
    pub boundary: Option<f64>,
    /// Evidence at any time that its revenue is better; `None` under the other guarantee.
    pub e_value: Option<f64>,
    /// What to do with it.
    pub verdict: Verdict,
}

impl Look {
    /// The look as data: the same keys in every language.
    ///
    /// | key | holds |
    /// |---|---|
    /// | `day`, `units`, `information`, `spent`, `last` | where the look stands in the plan; null where it has no day or boundary |
    /// | `srm` | as of the analysis ([`Analysis::to_value`](super::Analysis::to_value)), or null |
    /// | `treatments` | list of `variant`, `z`, `boundary`, `e_value` (null where there is none), `verdict` |
    /// | `verdict` | the experiment's: `action`, `variant`, `guarantee`, `proxy`, `reasons`, `sentence` |
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

impl TreatmentLook {
    pub(super) fn new(case: &Case<'_>, verdict: Verdict, tracks: &mut [Track]) -> Result<Self> {
        let mut look = Self {
            variant: case.treatment.to_owned(),
            z: None,
            boundary: None,
            e_value: None,
            verdict,
        };
        let Some(revenue) = case.revenue() else {
            return Ok(look);
        };
        look.z = revenue.arms.map(|arms| arms.better_z()).transpose()?;
        match revenue.bar(Claim::Better, tracks)? {
            Some(bar) if bar.kind == BarKind::Boundary => look.boundary = bar.needed,
            Some(bar) if bar.kind == BarKind::Evidence => {
                look.e_value = Some(bar.value.exp().min(f64::MAX));
            }
            _ => {}
        }
        Ok(look)
    }
}
