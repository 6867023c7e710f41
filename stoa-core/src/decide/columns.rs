//! Which column of the user's table plays which role.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    catalog::Metric,
    error::{Detail, Error, Result},
    value::Table,
};

const ROLES: [&str; 3] = ["visitor_id", "variant", "exposed_at"];

/// Role → column, for the columns that are not named after their role.
///
/// Roles are `visitor_id`, `variant`, `exposed_at` and every metric key.
///
/// # Example
/// ```
/// use stoa_core::decide::Columns;
/// let columns = Columns::new([("visitor_id".to_owned(), "user".to_owned())]);
/// assert_eq!(columns.name("visitor_id"), "user");
/// assert_eq!(columns.name("variant"), "variant");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Columns(BTreeMap<String, String>);

impl Columns {
    /// Columns renamed from role to name.
    #[must_use]
    pub fn new(renames: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(renames.into_iter().collect())
    }

    /// The column of a role.
    #[must_use]
    pub fn name<'a>(&'a self, role: &'a str) -> &'a str {
        self.0.get(role).map_or(role, String::as_str)
    }

    /// The column of a metric: renamed, else its own `column`, else its key.
    pub(super) fn metric<'a>(&'a self, metric: &'a Metric, table: &Table<'_>) -> &'a str {
        match self.0.get(&metric.key) {
            Some(renamed) => renamed,
            None if table.get(metric.column()).is_some() => metric.column(),
            None => &metric.key,
        }
    }

    /// Whether a column is the one of the ids, the variants or the exposures.
    pub(super) fn is_role(&self, column: &str) -> bool {
        ROLES.into_iter().any(|role| self.name(role) == column)
    }

    /// Refuses a rename of something that is no role.
    pub(super) fn check<'a>(&self, metrics: impl Iterator<Item = &'a str>) -> Result<()> {
        let known: Vec<&str> = ROLES.into_iter().chain(metrics).collect();
        match self.0.keys().find(|role| !known.contains(&role.as_str())) {
            None => Ok(()),
            Some(role) => Err(Error::UnknownName(
                Detail::new(
                    format!("columns.{role}"),
                    "must be visitor_id, variant, exposed_at or a metric",
                    role,
                )
                .did_you_mean(role, known),
            )),
        }
    }
}
