//! Floor 2: what a store has to experiment on and to measure, as plain data.
//!
//! Seven stages of a visit hold eighteen surfaces; four categories hold eleven metrics (DESIGN §4). Nothing here
//! decides anything: the contract of an experiment looks names up, and pages and tools show the labels.

mod metrics;
mod surfaces;

pub use metrics::{Category, Denominator, Direction, Family, Metric, metric, metrics};
pub use surfaces::{CapabilityLayer, Stage, Surface, surface, surfaces};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_has_the_sizes_of_the_design() {
        assert_eq!(Stage::ALL.len(), 7);
        assert_eq!(CapabilityLayer::ALL.len(), 4);
        assert_eq!(Category::ALL.len(), 4);
        assert_eq!(surfaces().len(), 18);
        assert_eq!(metrics().len(), 11);
        for stage in Stage::ALL {
            assert!(surfaces().iter().any(|s| s.stage == stage), "{stage:?}");
        }
        for layer in CapabilityLayer::ALL {
            assert!(surfaces().iter().any(|s| s.layer == layer), "{layer:?}");
        }
        for category in Category::ALL {
            assert!(
                metrics().iter().any(|m| m.category == category),
                "{category:?}"
            );
        }
    }

    #[test]
    fn keys_are_unique_and_surfaces_move_metrics_that_exist() {
        for (i, s) in surfaces().iter().enumerate() {
            assert!(surfaces()[..i].iter().all(|other| other.key != s.key));
            assert!(!s.metrics.is_empty() && !s.pitfall.is_empty());
            for key in s.metrics {
                assert!(metric(key).is_some(), "{} names {key}", s.key);
            }
        }
        for (i, m) in metrics().iter().enumerate() {
            assert!(metrics()[..i].iter().all(|other| other.key != m.key));
            assert!(!m.label.is_empty() && !m.description.is_empty());
        }
    }

    #[test]
    fn net_promoter_score_is_scored_by_its_three_groups() {
        let nps = metric("nps").map(Metric::scores).unwrap_or_default();
        assert_eq!(nps.iter().filter(|s| **s < 0.0).count(), 7); // 0–6 detract
        assert_eq!(nps.iter().filter(|s| **s > 0.0).count(), 2); // 9 and 10 promote
        assert_eq!(nps.len(), 11);
    }
}
