//! An experiment whose allocation is raised step by step.

use std::ops::Range;

use serde::Serialize;
use serde_json::json;
use stoa_core::assign::{Engine, Outcome, Reason, Visitor};

use super::counts::ids;

/// From 1% to everyone.
const STEPS: [f64; 7] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];

/// What happened to visitors while the allocation rose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Ramp {
    /// Visitors decided about, at every step, in every experiment.
    pub visitors: u64,
    /// Of them, who took part at the first step.
    pub first: u64,
    /// Who took part at the last.
    pub last: u64,
    /// Who got another variant at a later step.
    pub moved: u64,
    /// Who no longer took part at a later step.
    pub left: u64,
}

/// Raises the allocation of each salt's experiment for these ids.
///
/// # Errors
/// When an engine cannot be made.
pub fn ramp(salts: &[String], range: Range<u64>) -> Result<Ramp, String> {
    let ids: Vec<String> = ids(range).collect();
    let mut seen = Ramp::default();
    for salt in salts {
        let engines = STEPS.map(|allocation| engine(salt, allocation));
        let engines = engines.into_iter().collect::<Result<Vec<_>, _>>()?;
        for id in &ids {
            seen.add(engines.iter().map(|engine| variant(engine, id)));
        }
    }
    Ok(seen)
}

impl Ramp {
    /// Adds one visitor's variants, step by step.
    fn add(&mut self, steps: impl Iterator<Item = Option<u8>>) {
        let steps: Vec<Option<u8>> = steps.collect();
        let pairs = || steps.iter().zip(&steps[1..]);
        let moved = pairs().any(|(now, next)| now.zip(*next).is_some_and(|(a, b)| a != b));
        let left = pairs().any(|(now, next)| now.is_some() && next.is_none());
        let there = |step: Option<&Option<u8>>| u64::from(step.is_some_and(Option::is_some));
        self.visitors += 1;
        self.first += there(steps.first());
        self.last += there(steps.last());
        self.moved += u64::from(moved);
        self.left += u64::from(left);
    }
}

fn engine(salt: &str, allocation: f64) -> Result<Engine, String> {
    let bundle = json!({"experiments": [{
        "key": "one", "salt": salt, "surface": "cart_page", "status": "running", "allocation": allocation,
        "variants": [{"key": "A", "weight": 2}, {"key": "B", "weight": 1}, {"key": "C", "weight": 1}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    }]});
    Engine::from_json(&bundle.to_string()).map_err(|e| e.to_string())
}

/// The variant of someone who takes part.
fn variant(engine: &Engine, id: &str) -> Option<u8> {
    let Outcome { variant, reason } = engine.outcome(0, id, &Visitor::default(), None);
    variant.filter(|_| reason == Reason::Assigned)
}
