//! Why a unit got what it got, and what that means for the analysis.

use serde::{Deserialize, Serialize};

/// Why a decision came out as it did; the variants stand in the order of the checks (DESIGN §5).
///
/// # Example
/// ```
/// use stoa_core::assign::{Exposure, Reason};
/// assert_eq!(Reason::Assigned.key(), "assigned");
/// assert_eq!(Reason::Forced.exposes(), Exposure::None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The bundle has no experiment of that key; there is no variant.
    UnknownExperiment,
    /// The experiment could not be loaded; the others serve.
    LoadError,
    /// The unit id is empty, absent or longer than [`super::MAX_UNIT_BYTES`].
    InvalidUnit,
    /// The experiment's overrides name the unit.
    Forced,
    /// The experiment is over, and this variant stays for everyone targeted.
    Shipped,
    /// The experiment is a draft, paused or stopped.
    NotRunning,
    /// The unit has none of the required variants of the required experiment.
    PrerequisiteUnmet,
    /// The unit belongs to the group kept out of experiments.
    InHoldout,
    /// The unit's place in the layer belongs to another experiment.
    OutsideLayer,
    /// The attributes could not be read, and the targeting needs them.
    BadAttributes,
    /// The targeting hangs on a cached membership of another version of the segment's rule.
    StaleSegment,
    /// The targeting rule is not true of the unit.
    NotTargeted,
    /// The unit lies outside the allocated share.
    NotAllocated,
    /// The unit takes part.
    Assigned,
}

impl Reason {
    /// Every reason, in the order of the checks; a reason's index here is its code in columns and bindings.
    pub const ALL: [Self; 14] = [
        Self::UnknownExperiment,
        Self::LoadError,
        Self::InvalidUnit,
        Self::Forced,
        Self::Shipped,
        Self::NotRunning,
        Self::PrerequisiteUnmet,
        Self::InHoldout,
        Self::OutsideLayer,
        Self::BadAttributes,
        Self::StaleSegment,
        Self::NotTargeted,
        Self::NotAllocated,
        Self::Assigned,
    ];

    /// The name in every document and language.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::UnknownExperiment => "unknown_experiment",
            Self::LoadError => "load_error",
            Self::InvalidUnit => "invalid_unit",
            Self::Forced => "forced",
            Self::Shipped => "shipped",
            Self::NotRunning => "not_running",
            Self::PrerequisiteUnmet => "prerequisite_unmet",
            Self::InHoldout => "in_holdout",
            Self::OutsideLayer => "outside_layer",
            Self::BadAttributes => "bad_attributes",
            Self::StaleSegment => "stale_segment",
            Self::NotTargeted => "not_targeted",
            Self::NotAllocated => "not_allocated",
            Self::Assigned => "assigned",
        }
    }

    /// Index in [`Reason::ALL`].
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// In which analysis the unit counts once it has seen its variant.
    #[must_use]
    pub const fn exposes(self) -> Exposure {
        match self {
            Self::Assigned => Exposure::Experiment,
            Self::InHoldout => Exposure::Holdout,
            _ => Exposure::None,
        }
    }

    /// Whether the variant was chosen for this unit rather than fallen back to: what a prerequisite accepts.
    #[must_use]
    pub const fn chosen(self) -> bool {
        matches!(self, Self::Forced | Self::Shipped | Self::Assigned)
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key())
    }
}

/// In which analysis a decision counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// In none.
    None,
    /// In the experiment's.
    Experiment,
    /// In the holdout's only.
    Holdout,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_agree_with_the_order() {
        for (code, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(reason.code()), code);
            assert_eq!(serde_json::json!(reason), reason.key());
        }
    }
}
