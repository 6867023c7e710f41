//! The eleven metrics of the catalog, and the shape that a store's own metrics share with them.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a metric says about the store; the dual-metric rule looks at this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Money.
    #[default]
    Revenue,
    /// What visitors do before they buy.
    Engagement,
    /// Whether they come back.
    Retention,
    /// How content they are.
    Satisfaction,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 4] = [
        Self::Revenue,
        Self::Engagement,
        Self::Retention,
        Self::Satisfaction,
    ];

    /// What a person reads, in the middle of a sentence.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Engagement => "engagement",
            Self::Retention => "retention",
            Self::Satisfaction => "satisfaction",
        }
    }
}

/// The statistical model of a metric (DESIGN §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Happened or not.
    Binary,
    /// A positive amount, such as an order value.
    Positive,
    /// Mostly zero, else a positive amount.
    Hurdle,
    /// An answer on a few ordered levels.
    Ordinal,
    /// A whole number of events.
    Count,
    /// Anything else with a mean.
    #[default]
    Mean,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 6] = [
        Self::Binary,
        Self::Positive,
        Self::Hurdle,
        Self::Ordinal,
        Self::Count,
        Self::Mean,
    ];

    /// The stable name.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Positive => "positive",
            Self::Hurdle => "hurdle",
            Self::Ordinal => "ordinal",
            Self::Count => "count",
            Self::Mean => "mean",
        }
    }
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    #[default]
    Higher,
    /// Less is better.
    Lower,
}

/// What a metric is per.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// Everyone exposed.
    #[default]
    Visitor,
    /// Everyone exposed who ordered.
    Order,
    /// Everyone exposed who answered.
    Respondent,
}

/// One metric, of the catalog or of a store.
///
/// A store's own metric needs `key`, `category` and `family`; the rest has defaults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("required" = ["key", "category", "family"]))]
pub struct Metric {
    /// Stable name, `snake_case`.
    #[serde(default)]
    pub key: String,
    /// What a person reads; the key when left out.
    #[serde(default)]
    pub label: String,
    /// What it says about the store.
    pub category: Category,
    /// The model it is analysed with.
    pub family: Family,
    /// Which way is better.
    #[serde(default)]
    pub direction: Direction,
    /// What it is per.
    #[serde(default)]
    pub denominator: Denominator,
    /// Column that holds it; the key when left out.
    #[serde(default)]
    pub column: String,
    /// One sentence.
    #[serde(default)]
    pub description: String,
    /// Ordinal only: the possible answers, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<f64>,
    /// Ordinal only: what each level counts; the levels themselves when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<f64>,
}

impl Metric {
    /// The column that holds it.
    #[must_use]
    pub fn column(&self) -> &str {
        if self.column.is_empty() {
            &self.key
        } else {
            &self.column
        }
    }

    /// What a person reads.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.label.is_empty() {
            &self.key
        } else {
            &self.label
        }
    }

    /// What each level counts; empty unless the metric is ordinal.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        if self.scores.is_empty() {
            &self.levels
        } else {
            &self.scores
        }
    }

    /// Distance between the lowest and the highest score; `None` unless the metric is ordinal.
    #[must_use]
    pub fn score_range(&self) -> Option<f64> {
        let low = self.scores().iter().copied().reduce(f64::min)?;
        let high = self.scores().iter().copied().reduce(f64::max)?;
        Some(high - low)
    }
}

/// All metrics of the catalog.
///
/// # Example
/// ```
/// use stoa_core::catalog::{Category, Family, metric, metrics};
/// assert_eq!(metrics().len(), 11);
/// assert_eq!(metric("revenue_per_visitor").map(|m| m.family), Some(Family::Hurdle));
/// assert_eq!(metric("csat").map(|m| m.category), Some(Category::Satisfaction));
/// ```
#[must_use]
pub fn metrics() -> &'static [Metric] {
    &METRICS
}

/// The catalog's metric of that key.
#[must_use]
pub fn metric(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| m.key == key)
}

static METRICS: LazyLock<Vec<Metric>> =
    LazyLock::new(|| [revenue(), engagement(), retention(), satisfaction()].concat());

fn entry(category: Category, family: Family, key: &str, label: &str, text: &str) -> Metric {
    Metric {
        key: key.to_owned(),
        label: label.to_owned(),
        category,
        family,
        column: key.to_owned(),
        description: text.to_owned(),
        ..Metric::default()
    }
}

fn revenue() -> Vec<Metric> {
    use Category::Revenue;
    vec![
        entry(
            Revenue,
            Family::Hurdle,
            "revenue_per_visitor",
            "Revenue per visitor",
            "Money from a visitor after exposure, 0 for those who did not buy.",
        ),
        entry(
            Revenue,
            Family::Binary,
            "conversion_rate",
            "Conversion rate",
            "Share of visitors who ordered at least once after exposure.",
        ),
        Metric {
            denominator: Denominator::Order,
            ..entry(
                Revenue,
                Family::Positive,
                "average_order_value",
                "Average order value",
                "Money per order; compares buyers only, so read it beside the conversion rate.",
            )
        },
    ]
}

fn engagement() -> Vec<Metric> {
    use Category::Engagement;
    vec![
        entry(
            Engagement,
            Family::Binary,
            "add_to_cart_rate",
            "Add-to-cart rate",
            "Share of visitors who put something into the cart.",
        ),
        entry(
            Engagement,
            Family::Count,
            "session_depth",
            "Session depth",
            "Pages seen by a visitor in the session of exposure.",
        ),
        Metric {
            direction: Direction::Lower,
            ..entry(
                Engagement,
                Family::Binary,
                "bounce_rate",
                "Bounce rate",
                "Share of visitors who left after one page.",
            )
        },
    ]
}

fn retention() -> Vec<Metric> {
    use Category::Retention;
    vec![
        entry(
            Retention,
            Family::Binary,
            "repeat_purchase_rate",
            "Repeat purchase rate",
            "Share of visitors who ordered again after an earlier order.",
        ),
        entry(
            Retention,
            Family::Binary,
            "return_visit_rate",
            "Return visit rate",
            "Share of visitors who came back after the session of exposure.",
        ),
    ]
}

fn satisfaction() -> Vec<Metric> {
    use Category::Satisfaction;
    let mut nps_scores = vec![-100.0; 7];
    nps_scores.extend([0.0, 0.0, 100.0, 100.0]);
    vec![
        Metric {
            denominator: Denominator::Respondent,
            levels: (1..=5).map(f64::from).collect(),
            ..entry(
                Satisfaction,
                Family::Ordinal,
                "csat",
                "Customer satisfaction",
                "Mean answer from 1 (very unhappy) to 5 (very happy).",
            )
        },
        Metric {
            denominator: Denominator::Respondent,
            levels: (0..=10).map(f64::from).collect(),
            scores: nps_scores,
            ..entry(
                Satisfaction,
                Family::Ordinal,
                "nps",
                "Net promoter score",
                "Promoters (9 and 10) minus detractors (0 to 6), as points from -100 to 100.",
            )
        },
        Metric {
            direction: Direction::Lower,
            denominator: Denominator::Order,
            ..entry(
                Satisfaction,
                Family::Binary,
                "product_return_rate",
                "Product return rate",
                "Share of orders sent back, in part or whole.",
            )
        },
    ]
}
