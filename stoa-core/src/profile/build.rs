//! Sums to a profile, segment by segment.

use std::collections::BTreeMap;

use super::{
    Options, Overlap, Profile, Reach, SegmentProfile,
    behaviour::OutcomeProfile,
    outcome,
    result::EVERYONE,
    tally::{Sums, Tally, each},
};
use crate::{
    catalog::Family,
    error::{Error, Result},
    posterior::{Binary, Interval, Prior, Stats, estimate},
    rule::Rule,
    segment::{Segment, Segments},
};

/// A segment's rule without names of other segments, checked against the schema.
pub(super) fn expanded(
    segments: &Segments,
    segment: &Segment,
    options: &Options<'_>,
) -> Result<Rule> {
    let rule = segments.expand(&segment.rule)?;
    if let Some(schema) = options.schema {
        rule.check(schema)?;
    }
    Ok(rule)
}

/// The error of a segment's rule, at its path; a column and the instant are arguments of their own.
pub(super) fn located(error: Error, segment: usize) -> Error {
    match error {
        Error::MissingColumn(_) => error,
        Error::MissingField(ref detail) if detail.field == "now" => error,
        Error::Several(errors) => {
            let errors = errors.into_iter().map(|error| located(error, segment));
            Error::Several(errors.collect())
        }
        other => other.at(&format!("segments[{segment}].rule")),
    }
}

/// Sums to a profile.
pub(super) struct Builder<'a> {
    segments: &'a Segments,
    options: &'a Options<'a>,
    families: Vec<(String, Family)>,
    per_day: Option<f64>,
}

/// One group of visitors, ready to be described.
struct Group<'a> {
    key: &'a str,
    rule: &'a Rule,
    n: u64,
    unknown: u64,
    inside: &'a [Sums],
    rest: Option<&'a [Sums]>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        segments: &'a Segments,
        options: &'a Options<'a>,
        families: Vec<(String, Family)>,
        per_day: Option<f64>,
    ) -> Self {
        Self {
            segments,
            options,
            families,
            per_day,
        }
    }

    pub(super) fn profile(&self, rules: &[Rule], tally: &Tally) -> Result<Profile> {
        let all = Rule::All(Vec::new());
        let everyone = Group {
            key: EVERYONE,
            rule: &all,
            n: tally.n,
            unknown: 0,
            inside: &tally.everyone,
            rest: None,
        };
        let each_segment = self.segments.iter().zip(rules).zip(&tally.segments);
        let groups: Vec<Group<'_>> = each_segment
            .map(|((segment, rule), split)| Group {
                key: &segment.key,
                rule,
                n: split.n,
                unknown: split.unknown,
                inside: &split.inside,
                rest: Some(&split.rest),
            })
            .collect();
        let profiles: Result<Vec<_>> = each(&groups, |group| self.one(group, tally.n))
            .into_iter()
            .collect();
        let keys = self.segments.iter().map(|s| s.key.clone()).collect();
        Ok(Profile {
            n: tally.n,
            everyone: self.one(&everyone, tally.n)?,
            segments: profiles?,
            overlap: Overlap::new(keys, tally.shared.clone()),
            notes: self.powerless(),
        })
    }

    fn one(&self, group: &Group<'_>, n_rows: u64) -> Result<SegmentProfile> {
        let options = self.options;
        let missing = options.schema.map(|schema| schema.missing_for(group.rule));
        let share = group.n as f64 / (n_rows as f64).max(1.0);
        let per_day = self.per_day.map(|all| all * share);
        let mut outcomes = BTreeMap::new();
        let mut power = BTreeMap::new();
        for (k, (name, family)) in self.families.iter().enumerate() {
            let (inside, rest) = (&group.inside[k], group.rest.map(|rest| &rest[k]));
            let profile = OutcomeProfile::new(*family, inside, rest, options.level)?;
            outcomes.insert(name.clone(), profile);
            if outcome::testable(*family) {
                let reach = Reach::new(*family, inside, options.minimum_effect, per_day)?;
                power.insert(name.clone(), reach);
            }
        }
        let lifts = power.iter();
        let lifts = lifts.map(|(name, reach)| (name.clone(), reach.smallest_detectable_lift));
        Ok(SegmentProfile {
            key: group.key.to_owned(),
            description: group.rule.describe(options.schema),
            n: group.n,
            share,
            share_interval: self.share_interval(group, n_rows)?,
            unknown: group.unknown,
            targetable: missing.as_ref().map(Vec::is_empty),
            missing: missing.unwrap_or_default(),
            outcomes,
            smallest_detectable_lift: lifts.collect(),
            visitors_per_day: per_day,
            power,
            contrasts: None,
        })
    }

    /// Of a segment; everyone's share is 1.
    fn share_interval(&self, group: &Group<'_>, n_rows: u64) -> Result<Option<Interval>> {
        if n_rows == 0 || group.rest.is_none() {
            return Ok(None);
        }
        let members = Stats::Binary(Binary {
            n: n_rows,
            successes: group.n,
        });
        estimate(&members, &Prior::default())?.interval(self.options.level)
    }

    /// What is said of the outcomes that no test is planned on.
    fn powerless(&self) -> Vec<String> {
        let without = self.families.iter();
        let without = without.filter(|(_, family)| !outcome::testable(*family));
        let note = |(name, _): &(String, Family)| {
            format!(
                "{name} has no power: it is counted by orders, and a test is planned by visitors"
            )
        };
        without.map(note).collect()
    }
}
