//! The compiled engine as one document, for an evaluator where native code cannot run (`stoa-node/edge`): keys are
//! indexes, shares are integers, segments are resolved, rules are trees. It only has to be followed, check by check.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Engine, MAX_UNIT_BYTES, Reason,
    compile::{Arm, Entry, Phase, Prerequisite, Ready, Slice},
    draw::Draw,
    memory::run,
    targeting::{Served, Targeting},
};
use crate::hash::HashScheme;

/// The layout that this version writes; an evaluator refuses one it does not know.
const FORMAT: u32 = 1;

/// An engine's compiled plan. Made by [`Engine::plan`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Plan(Value);

impl Plan {
    /// The plan as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.to_string()
    }

    /// The plan as a document.
    #[must_use]
    pub fn to_value(&self) -> &Value {
        &self.0
    }
}

impl Engine {
    /// What the storefront's edge loads instead of the bundle: everything compiled, nothing about any visitor.
    ///
    /// Shapes: every integer is at most 2^53, so a double holds it. The plan carries the bundle's version; make it anew
    /// from each bundle, with the version of stoa whose edge module reads it.
    ///
    /// # Example
    /// ```
    /// use stoa_core::assign::Engine;
    /// let engine = Engine::from_json(r#"{"schema_version": 1}"#)?;
    /// assert_eq!(engine.plan().to_value()["version"], engine.version());
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn plan(&self) -> Plan {
        let reason = |r: &Reason| json!({"key": r, "exposes": r.exposes(), "chosen": r.chosen()});
        let segment = |(key, hash): (&String, &String)| json!({"key": key, "hash": hash});
        let entries = self.entries().iter().enumerate();
        let experiment = |(index, entry)| planned(entry, &self.attributes_of(index), self.served());
        Plan(json!({
            "format": FORMAT,
            "version": self.version(),
            "unit_bytes": MAX_UNIT_BYTES,
            "reasons": Reason::ALL.iter().map(reason).collect::<Vec<_>>(),
            "attributes": self.attributes(),
            "segments": self.served().segments().map(segment).collect::<Vec<_>>(),
            "experiments": entries.map(experiment).collect::<Vec<_>>(),
            "problems": self.load_errors(),
        }))
    }
}

fn planned(entry: &Entry, attributes: &[&str], served: &Served) -> Value {
    let arm = |arm: &Arm| json!({"key": arm.key, "payload": arm.payload});
    json!({
        "key": entry.key,
        "variants": entry.arms.iter().map(arm).collect::<Vec<_>>(),
        "attributes": attributes,
        "ready": entry.ready.as_ref().map(|ready| checks(ready, run(entry).as_deref(), served)),
    })
}

/// What each check looks at.
fn checks(ready: &Ready, run: Option<&str>, served: &Served) -> Value {
    let overrides = ready.overrides.iter();
    let overrides: Map<_, _> = overrides.map(|(u, v)| (u.clone(), json!(v))).collect();
    let requires = |p: &Prerequisite| json!({"experiment": p.experiment, "variants": p.variants});
    let targeting = |t: &Targeting| json!({"reads": t.reads(), "rule": t.tree(served)});
    json!({
        "phase": match ready.phase {
            Phase::Running => json!("running"),
            Phase::Idle => json!("idle"),
            Phase::Shipped(variant) => json!({"shipped": variant}),
        },
        "overrides": overrides,
        "requires": ready.prerequisite.as_ref().map(requires),
        "holdout": ready.holdout.as_ref().map(slice),
        "layer": ready.layer.as_ref().map(slice),
        "run": run,
        "targeting": ready.targeting.as_ref().map(targeting),
        "draw": draw(&ready.draw),
    })
}

/// An evaluator sets aside what hashes in a way that it cannot: of another system's buckets it is told no more.
fn draw(of: &Draw) -> Value {
    match of {
        Draw::Digest {
            salt,
            cuts,
            allocation,
        } => {
            json!({"hash": HashScheme::Sha256, "salt": salt.text(), "cuts": cuts, "allocation": allocation})
        }
        Draw::Buckets { space, .. } => {
            json!({"hash": space.scheme(), "salt": space.salt(), "cuts": [], "allocation": 0})
        }
    }
}

fn slice(of: &Slice) -> Value {
    json!({"hash": of.space.scheme(), "salt": of.space.salt(), "from": of.from, "to": of.to})
}
