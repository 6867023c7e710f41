//! What the storefront loads: the deployed segments, and the experiments that target them.

use std::collections::{BTreeMap, BTreeSet};

use super::Registry;
use crate::{
    assign::Bundle,
    error::{Detail, Error, Result},
    experiment::{Experiment, StoreDocument},
    rule::{AttributeSchema, Rule},
    segment::{Lifecycle, Segment},
};

impl Registry {
    /// The bundle of some experiments, whose segments are those deployed and those that they name.
    ///
    /// A former key that a rule still names is in it too, with the rule of the segment it leads to.
    ///
    /// # Errors
    /// [`Error::Conflict`] for an experiment that targets a segment which is not deployed; every problem of
    /// [`Bundle::new`].
    pub fn bundle(
        &self,
        experiments: Vec<Experiment>,
        store: StoreDocument,
        schema: Option<AttributeSchema>,
    ) -> Result<Bundle> {
        let mut problems = Vec::new();
        let mut named = BTreeSet::new();
        for (i, experiment) in experiments.iter().enumerate() {
            let names = experiment.targeting.as_ref().map(Rule::segments);
            for name in names.unwrap_or_default() {
                let refused = self.not_deployed(&name);
                problems.extend(refused.map(|e| e.at(&format!("experiments[{i}]"))));
                named.insert(name);
            }
        }
        if let Some(error) = Error::collect(problems) {
            return Err(error);
        }
        Bundle::new(experiments, self.served(named), store, schema)
    }

    /// Why a segment may not be targeted.
    fn not_deployed(&self, name: &str) -> Option<Error> {
        let Some(entry) = self.get(name) else {
            return Some(self.unknown("targeting", name));
        };
        let stands = entry.current()?.lifecycle;
        (stands != Lifecycle::Deployed).then(|| {
            let rule = format!("must name deployed segments, `{name}` is {}", stands.key());
            Error::Conflict(Detail::new("targeting", rule, name))
        })
    }

    /// Segments deployed, those named, and those that these name in turn; each under the key it is named by.
    fn served(&self, named: BTreeSet<String>) -> Vec<Segment> {
        let deployed = self.entries.iter().filter(|e| e.deployed.is_some());
        let mut pending: Vec<String> = deployed.map(|e| e.key.clone()).chain(named).collect();
        let mut served = BTreeMap::new();
        while let Some(key) = pending.pop() {
            let Some(entry) = self.get(&key).filter(|_| !served.contains_key(&key)) else {
                continue;
            };
            let Some(version) = entry.current() else {
                continue;
            };
            pending.extend(version.rule.segments());
            let segment = Segment {
                key: key.clone(),
                ..entry.segment(version)
            };
            served.insert(key, segment);
        }
        served.into_values().collect()
    }
}
