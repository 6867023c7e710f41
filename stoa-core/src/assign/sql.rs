//! The whole decision as SQL: the checks of `decide`, each a WHEN, with the core's integers as literals.
//!
//! Variant and reason are two renderings of one list of arms, so they cannot disagree. A warehouse holds every
//! attribute: segments are inlined, and the reasons `bad_attributes` and `stale_segment` cannot occur.

use std::collections::BTreeSet;

use super::{
    Engine, MAX_UNIT_BYTES, Outcome, Reason,
    compile::{Entry, Phase, Prerequisite, Ready, Slice},
    draw::Draw,
};
use crate::{
    error::{Detail, Error, Result},
    hash::{HashScheme, SCALE, Space},
    rule::{Dialect, SqlOptions},
};

/// A decision as two SQL expressions over the same row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentSql {
    /// Gives the key of the variant served, exactly [`super::Decision::variant`].
    pub variant: String,
    /// Gives the reason, exactly [`super::Decision::reason`].
    pub reason: String,
}

impl Engine {
    /// A SQL expression that gives the key of the variant an experiment serves, for any table with the attributes.
    ///
    /// `unit_column` names a text column. Column names come from the bundle's schema.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for an experiment the bundle lacks; [`Error::OutOfRange`] for a name the dialect cannot
    /// hold; those of [`crate::rule::Rule::to_sql`]: a targeting with `within_days` needs [`Engine::replay_sql`].
    pub fn assignment_sql(&self, key: &str, dialect: Dialect, unit_column: &str) -> Result<String> {
        let options = self.sql_options(dialect);
        self.replay_sql(key, unit_column, &options)
            .map(|sql| sql.variant)
    }

    /// A SQL expression that gives the reason; see [`Engine::assignment_sql`].
    ///
    /// # Errors
    /// As [`Engine::assignment_sql`].
    pub fn reason_sql(&self, key: &str, dialect: Dialect, unit_column: &str) -> Result<String> {
        let options = self.sql_options(dialect);
        self.replay_sql(key, unit_column, &options)
            .map(|sql| sql.reason)
    }

    /// Both expressions, with a table alias, an instant for `within_days`, or another schema.
    ///
    /// # Errors
    /// As [`Engine::assignment_sql`].
    ///
    /// # Example
    /// ```
    /// # use stoa_core::{assign::Engine, rule::SqlOptions};
    /// let engine = Engine::from_json(r#"{"schema_version": 1}"#)?;
    /// let error = engine.replay_sql("unheard_of", "visitor_id", &SqlOptions::default()).unwrap_err();
    /// assert_eq!(error.code(), "unknown_name");
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    pub fn replay_sql(
        &self,
        key: &str,
        unit_column: &str,
        options: &SqlOptions,
    ) -> Result<AssignmentSql> {
        let index = self.known_index(key)?;
        let writer = Writer {
            entries: self.entries(),
            options,
            unit: unit_name(unit_column, options)?,
        };
        let cases = writer.cases(index)?;
        let arms = &self.entries()[index].arms;
        let variant = |outcome: Outcome| {
            let arm = outcome.variant.and_then(|v| arms.get(usize::from(v)));
            arm.map_or("NULL".to_owned(), |arm| options.dialect.text(&arm.key))
        };
        Ok(AssignmentSql {
            variant: cases.render(variant),
            reason: cases.render(|outcome| options.dialect.text(outcome.reason.key())),
        })
    }

    /// The index of an experiment.
    pub(super) fn known_index(&self, key: &str) -> Result<usize> {
        self.index_of(key).ok_or_else(|| {
            let detail = Detail::new("experiment", "must be an experiment of the bundle", key);
            Error::UnknownName(detail.did_you_mean(key, self.keys()))
        })
    }

    fn sql_options(&self, dialect: Dialect) -> SqlOptions {
        SqlOptions {
            schema: self.bundle().schema.clone(),
            ..SqlOptions::new(dialect)
        }
    }
}

/// Conditions in order with what each decides, and what is left when none holds.
struct Cases {
    when: Vec<(String, Outcome)>,
    otherwise: Outcome,
}

impl Cases {
    fn always(outcome: Outcome) -> Self {
        Self {
            when: Vec::new(),
            otherwise: outcome,
        }
    }

    /// One CASE expression; last arms that say what ELSE says are left out.
    fn render(&self, text: impl Fn(Outcome) -> String) -> String {
        let otherwise = text(self.otherwise);
        let mut arms: Vec<_> = self.when.iter().map(|(c, o)| (c, text(*o))).collect();
        while arms.last().is_some_and(|(_, value)| *value == otherwise) {
            arms.pop();
        }
        if arms.is_empty() {
            return otherwise;
        }
        let arms = arms
            .into_iter()
            .map(|(condition, value)| format!("WHEN {condition} THEN {value}"));
        let arms: Vec<_> = arms.collect();
        format!("CASE {} ELSE {otherwise} END", arms.join(" "))
    }
}

struct Writer<'e> {
    entries: &'e [Entry],
    options: &'e SqlOptions,
    /// The unit's column, quoted.
    unit: String,
}

impl Writer<'_> {
    /// The checks of [`super::decide::outcome`], in its order.
    fn cases(&self, index: usize) -> Result<Cases> {
        let entry = &self.entries[index];
        let Some(ready) = &entry.ready else {
            return Ok(Cases::always(Outcome {
                variant: (!entry.arms.is_empty()).then_some(0),
                reason: Reason::LoadError,
            }));
        };
        let mut when = vec![(self.invalid_unit(), Outcome::control(Reason::InvalidUnit))];
        self.overrides(ready, &mut when)?;
        let targeted = self.targeted(ready)?;
        let otherwise = match ready.phase {
            Phase::Idle => Outcome::control(Reason::NotRunning),
            Phase::Shipped(variant) => {
                let condition = targeted.unwrap_or_else(|| "TRUE".to_owned());
                when.push((condition, Outcome::of(variant, Reason::Shipped)));
                Outcome::control(Reason::NotRunning)
            }
            Phase::Running => {
                self.gates(ready, targeted, &mut when)?;
                self.draw(&ready.draw, &mut when)?
            }
        };
        Ok(Cases { when, otherwise })
    }

    fn invalid_unit(&self) -> String {
        let unit = &self.unit;
        let length = self.options.dialect.byte_length(unit);
        format!("{unit} IS NULL OR {unit} = '' OR {length} > {MAX_UNIT_BYTES}")
    }

    fn overrides(&self, ready: &Ready, when: &mut Vec<(String, Outcome)>) -> Result<()> {
        let variants: BTreeSet<u8> = ready.overrides.values().copied().collect();
        for variant in variants {
            let units = ready.overrides.iter().filter(|(_, v)| **v == variant);
            let mut units: Vec<_> = units.collect();
            units.sort_unstable();
            let texts = units.iter().map(|(unit, _)| self.text(unit));
            let texts = texts.collect::<Result<Vec<_>>>()?;
            let condition = format!("{} IN ({})", self.unit, texts.join(", "));
            when.push((condition, Outcome::of(variant, Reason::Forced)));
        }
        Ok(())
    }

    /// What keeps a unit out of a running experiment.
    fn gates(
        &self,
        ready: &Ready,
        targeted: Option<String>,
        when: &mut Vec<(String, Outcome)>,
    ) -> Result<()> {
        let mut gate = |condition, reason| when.push((condition, Outcome::control(reason)));
        if let Some(prerequisite) = &ready.prerequisite {
            let met = self.met(prerequisite)?;
            gate(format!("NOT ({met})"), Reason::PrerequisiteUnmet);
        }
        if let Some(holdout) = &ready.holdout {
            gate(self.inside(holdout)?, Reason::InHoldout);
        }
        if let Some(layer) = &ready.layer {
            gate(
                format!("NOT ({})", self.inside(layer)?),
                Reason::OutsideLayer,
            );
        }
        if let Some(targeted) = targeted {
            // Unknown is not targeted.
            gate(
                format!("NOT COALESCE({targeted}, FALSE)"),
                Reason::NotTargeted,
            );
        }
        Ok(())
    }

    /// The draw, and what is left when none of its conditions holds.
    fn draw(&self, draw: &Draw, when: &mut Vec<(String, Outcome)>) -> Result<Outcome> {
        let out = Outcome::control(Reason::NotAllocated);
        match draw {
            Draw::Digest {
                salt,
                cuts,
                allocation,
            } => {
                if *allocation < SCALE {
                    let h1 = self.slice(salt.text(), 1)?;
                    when.push((format!("{h1} >= {allocation}"), out));
                }
                Ok(Self::variants(&self.slice(salt.text(), 0)?, cuts, when))
            }
            Draw::Buckets {
                space,
                traffic,
                owners,
            } => {
                if let Some(traffic) = traffic {
                    when.push((format!("NOT ({})", self.inside(traffic)?), out));
                }
                let place = self.place(space)?;
                for owner in owners.iter().filter(|o| o.from < o.to) {
                    let condition = between(&place, owner.from, owner.to);
                    when.push((condition, Outcome::of(owner.variant, Reason::Assigned)));
                }
                Ok(out)
            }
        }
    }

    /// Variants of weight zero are left out, and the last one is what remains.
    fn variants(h0: &str, cuts: &[u64], when: &mut Vec<(String, Outcome)>) -> Outcome {
        let mut low = 0;
        let mut last = Outcome::control(Reason::Assigned);
        for (variant, &cut) in (0..).zip(cuts) {
            if cut > low {
                last = Outcome::of(variant, Reason::Assigned);
                when.push((format!("{h0} < {cut}"), last));
            }
            low = cut;
        }
        when.pop();
        last
    }

    /// A condition, never NULL: the required experiment gives the unit an accepted variant.
    fn met(&self, prerequisite: &Prerequisite) -> Result<String> {
        let cases = self.cases(prerequisite.experiment)?;
        Ok(cases.render(|outcome| {
            let accepted = |v| prerequisite.variants.contains(&v);
            let met = outcome.reason.chosen() && outcome.variant.is_some_and(accepted);
            if met { "TRUE" } else { "FALSE" }.to_owned()
        }))
    }

    /// The targeting rule as a condition that may be NULL; `None` for everyone.
    fn targeted(&self, ready: &Ready) -> Result<Option<String>> {
        let targeting = ready.targeting.as_ref();
        targeting
            .map(|t| t.replay.to_sql(self.options))
            .transpose()
            .map_err(|e| e.at("targeting"))
    }

    fn inside(&self, slice: &Slice) -> Result<String> {
        Ok(between(&self.place(&slice.space)?, slice.from, slice.to))
    }

    /// Where the unit lies in a space, as an integer.
    fn place(&self, space: &Space) -> Result<String> {
        let dialect = self.options.dialect;
        match space.scheme() {
            HashScheme::Sha256 => self.slice(space.salt(), 0),
            HashScheme::Eppo => {
                let text = format!(
                    "{} || {}",
                    self.text(&format!("{}-", space.salt()))?,
                    self.unit
                );
                Ok(dialect.md5_remainder(&text, space.size()))
            }
            HashScheme::GrowthbookV1 | HashScheme::GrowthbookV2 => {
                Err(Error::Unsupported(Detail::new(
                    "hash",
                    format!(
                        "cannot be written in {dialect}: no warehouse has GrowthBook's hash; decide with assign_batch and load the answers"
                    ),
                    "growthbook",
                )))
            }
        }
    }

    /// Slice `k` of the unit's digest as an integer.
    fn slice(&self, salt: &str, k: usize) -> Result<String> {
        let text = format!("{} || {}", self.text(&format!("{salt}:"))?, self.unit);
        Ok(self.options.dialect.digest_slice(&text, 13 * k + 1))
    }

    /// A text literal; NUL is refused, which no `PostgreSQL` text holds.
    fn text(&self, text: &str) -> Result<String> {
        if text.contains('\0') {
            return Err(Error::OutOfRange(Detail::new(
                "text",
                "must not hold NUL characters",
                text.replace('\0', "\\0"),
            )));
        }
        Ok(self.options.dialect.text(text))
    }
}

/// A condition on a place within `[from, to)`.
fn between(place: &str, from: u64, to: u64) -> String {
    match from {
        0 => format!("{place} < {to}"),
        from => format!("{place} >= {from} AND {place} < {to}"),
    }
}

/// The unit's column, quoted, after the alias.
fn unit_name(column: &str, options: &SqlOptions) -> Result<String> {
    options.column(column).map_err(|error| match error {
        Error::OutOfRange(detail) => Error::OutOfRange(Detail {
            field: "unit".to_owned(),
            ..detail
        }),
        other => other,
    })
}
