//! One line of the log: an event, sealed by its hash and bound to the line before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evidence::Evidence;
use crate::{
    error::{Detail, Error, Result},
    hash::sha256_hex,
    rule::Rule,
    segment::Provenance,
    value::{Timestamp, canonical::canonical_json},
};

/// Version of the layout of an event.
pub(super) const SCHEMA_VERSION: u64 = 1;
/// Longest name of an actor, in bytes.
const MAX_ACTOR_BYTES: usize = 256;
/// Longest reason and longest description, in bytes.
const MAX_TEXT_BYTES: usize = 1 << 16;
/// Longest line, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 1 << 21;

/// What happened to a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Change {
    /// A rule was written down as the next version of a segment.
    Proposed {
        /// Who belongs to it.
        rule: Rule,
        /// What a person should know about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        description: String,
        /// Counts the segment's proposals, from 1.
        version: u32,
        /// What its effect rests on, when it was searched for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<Box<Evidence>>,
        /// Who or what it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provenance: Option<Provenance>,
    },
    /// A version was agreed to.
    Accepted {
        /// Which one.
        version: u32,
    },
    /// A version went to the storefront; the one deployed before is retired by it.
    Deployed {
        /// Which one.
        version: u32,
    },
    /// A segment, or one version of it, is kept for the record only.
    Retired {
        /// Which version; every one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u32>,
    },
    /// A later experiment found the effect again.
    Confirmed {
        /// Which version.
        version: u32,
        /// What it rests on.
        evidence: Box<Evidence>,
    },
    /// The segment has another key; the old one still leads to it.
    Renamed {
        /// The new key.
        to: String,
    },
}

impl Change {
    /// Its name in the log.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "proposed",
            Self::Accepted { .. } => "accepted",
            Self::Deployed { .. } => "deployed",
            Self::Retired { .. } => "retired",
            Self::Confirmed { .. } => "confirmed",
            Self::Renamed { .. } => "renamed",
        }
    }

    /// The version it speaks of, when it speaks of one.
    #[must_use]
    pub const fn version(&self) -> Option<u32> {
        match self {
            Self::Proposed { version, .. }
            | Self::Accepted { version }
            | Self::Deployed { version }
            | Self::Confirmed { version, .. } => Some(*version),
            Self::Retired { version } => *version,
            Self::Renamed { .. } => None,
        }
    }
}

/// One line of the log.
///
/// Its text is the canonical JSON of these fields (keys sorted, no spaces), so a line has one spelling only; `hash` is
/// the SHA-256 of that text without `hash` itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Version of this layout.
    pub schema_version: u64,
    /// Its place in the log, from 1.
    pub seq: u64,
    /// When, in UTC with six digits of a second; never before the event above.
    #[serde(with = "micros")]
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Who.
    pub actor: String,
    /// Key of the segment at that time.
    pub key: String,
    /// Why; empty when nobody said.
    pub reason: String,
    /// What.
    #[serde(flatten)]
    pub change: Change,
    /// Whether it belongs to a simulation; written only when it does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// Hash of the event above; empty in the first.
    pub prev: String,
    /// SHA-256, in hex, of everything else.
    pub hash: String,
}

impl Event {
    /// The line, without its end.
    ///
    /// # Example
    /// ```
    /// use stoa_core::{registry::{Action, Draft, Registry}, rule::Rule, value::Timestamp};
    /// let draft = Draft {
    ///     time: Timestamp::parse("2026-03-01T09:30:00Z")?,
    ///     actor: "ana".into(),
    ///     key: "repeat".into(),
    ///     reason: String::new(),
    ///     simulated: false,
    ///     action: Action::propose(Rule::parse_sql("orders_count >= 2")?),
    /// };
    /// let line = Registry::default().next(&draft)?.to_line();
    /// assert!(line.starts_with(r#"{"actor":"ana","event":"proposed","hash":""#));
    /// # Ok::<(), stoa_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn to_line(&self) -> String {
        canonical_json(&self.to_value())
    }

    /// The event as data.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// SHA-256, in hex, of the canonical JSON of everything but `hash`.
    pub(super) fn seal(&self) -> String {
        let mut rest = self.to_value();
        if let Some(fields) = rest.as_object_mut() {
            fields.remove("hash");
        }
        sha256_hex(&canonical_json(&rest))
    }

    /// Reads a line; what it says is not judged.
    pub(super) fn from_line(line: &str) -> Result<Self> {
        let refuse = |rule: String| Error::BrokenChain(Detail::new("", rule, line));
        let value: Value =
            serde_json::from_str(line).map_err(|e| refuse(format!("must be JSON ({e})")))?;
        if value["schema_version"].as_u64() > Some(SCHEMA_VERSION) {
            let rule = format!("must be an event of schema version {SCHEMA_VERSION}");
            let found = value["schema_version"].to_string();
            return Err(Error::Unsupported(Detail::new("", rule, found)));
        }
        let event: Self = serde_json::from_value(value)
            .map_err(|e| refuse(format!("must be an event as it was written ({e})")))?;
        if event.to_line() != line {
            let hint = if line.ends_with('\r') {
                "; a carriage return was added, git's autocrlf does that"
            } else {
                ""
            };
            return Err(refuse(format!("must be spelled as it was written{hint}")));
        }
        Ok(event)
    }

    /// Whether its texts are within their limits.
    pub(super) fn check_texts(&self) -> Result<()> {
        if self.actor.trim().is_empty() {
            let detail = Detail::new(
                "actor",
                "must name who does it",
                format!("{:?}", self.actor),
            );
            return Err(Error::MissingField(detail));
        }
        let mut texts = vec![
            ("actor", &self.actor, MAX_ACTOR_BYTES),
            ("reason", &self.reason, MAX_TEXT_BYTES),
        ];
        if let Change::Proposed { description, .. } = &self.change {
            texts.push(("description", description, MAX_TEXT_BYTES));
        }
        for (field, text, most) in texts {
            if text.len() > most {
                let rule = format!("must be at most {most} bytes");
                let found = format!("{} bytes", text.len());
                return Err(Error::TooLarge(Detail::new(field, rule, found)));
            }
        }
        Ok(())
    }
}

/// Times with six digits of a second, always.
mod micros {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use crate::value::Timestamp;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    pub(super) fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{time:.6}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        Timestamp::parse(&text).map_err(D::Error::custom)
    }
}
