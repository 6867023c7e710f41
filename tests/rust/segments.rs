//! Segments of an experiment: their own readouts, and what pooling makes of their effects.

use stoa_core::{
    decide::{Columns, SegmentAnalysis, analyze_segments},
    experiment::{CheckedExperiment, Experiment, StoreDocument},
    hierarchy::{EffectPrior, GroupEffect, hierarchical_effects},
    segment::Segments,
    value::{Column, Table},
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const VISITORS: usize = 4000;

fn experiment(store: &StoreDocument) -> Result<CheckedExperiment, stoa_core::error::Error> {
    let document = serde_json::json!({
        "key": "mail", "surface": "lifecycle_email", "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"},
                    "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet"}},
    });
    Experiment::from_value(&document)?.check(store)
}

/// Visitor i belongs to group i mod 8; B sells more in group 0 only, and nobody of group 7 is in B.
fn readouts(groups: &[usize]) -> Result<Vec<SegmentAnalysis>, Box<dyn std::error::Error>> {
    let store = StoreDocument::default();
    let all = || 0..VISITORS;
    let (group, treated) = (|i: usize| i % 8, |i: usize| i % 8 != 7 && (i / 8) % 2 == 1);
    let spent = |i: usize| {
        let often = if group(i) == 0 && treated(i) { 7 } else { 13 };
        let amount = 20.0 + (i % 31) as f64;
        f64::from(u8::from((i / 16) % often == 1)) * amount
    };
    let ids: Vec<String> = all().map(|i| format!("u{i}")).collect();
    let text =
        |of: &dyn Fn(usize) -> &'static str| Column::Text(all().map(|i| Some(of(i))).collect());
    let number = |of: &dyn Fn(usize) -> f64| Column::Number(all().map(of).collect());
    let table = Table::new([
        (
            "visitor_id".to_owned(),
            Column::Text(ids.iter().map(|id| Some(id.as_str())).collect()),
        ),
        (
            "variant".to_owned(),
            text(&|i| if treated(i) { "B" } else { "A" }),
        ),
        ("group".to_owned(), number(&|i| group(i) as f64)),
        ("revenue_per_visitor".to_owned(), number(&spent)),
        (
            "return_visit_rate".to_owned(),
            number(&|i| f64::from(u8::from(i % 3 == 0))),
        ),
    ])?;
    let rule = |g: &usize| serde_json::json!({"key": format!("group_{g}"), "rule": {"attr": "group", "op": "eq", "value": g}});
    let segments = Segments::from_value(&groups.iter().map(rule).collect())?;
    let columns = Columns::default();
    Ok(analyze_segments(
        &table,
        &experiment(&store)?,
        &store,
        &columns,
        &segments,
        None,
    )?)
}

#[test]
fn effects_are_pooled_beside_their_own() -> Outcome {
    let found = readouts(&[0, 1, 2, 3, 4, 5, 6])?;
    let mut groups = Vec::new();
    for readout in &found {
        let Ok(analysis) = &readout.analysis else {
            return Err("no analysis".into());
        };
        let comparison = &analysis.metrics["revenue_per_visitor"]["B"];
        let pooled = &readout.pooled["revenue_per_visitor"]["B"];
        assert!(pooled.relative && pooled.segments == 7);
        assert!((pooled.estimate - comparison.mean_log_lift()).abs() < 1e-15);
        groups.push(GroupEffect {
            estimate: pooled.estimate,
            standard_error: pooled.standard_error,
        });
        assert_eq!(readout.to_value()["pooling"], "partial");
    }
    let hierarchy = hierarchical_effects(&groups, &EffectPrior::default())?;
    for (readout, theta) in found.iter().zip(&hierarchy.groups) {
        let pooled = &readout.pooled["revenue_per_visitor"]["B"];
        assert!((pooled.median - theta.median().exp_m1()).abs() < 1e-12);
        assert!((pooled.prob_positive - theta.prob_above(0.0)?).abs() < 1e-12);
        assert!((pooled.interval.high - theta.interval(0.95)?.high.exp_m1()).abs() < 1e-12);
        assert!(
            pooled.mean > pooled.median,
            "the exponential of something symmetric leans right"
        );
    }
    // The outlier is pulled towards the others, and stays the largest.
    let first = &found[0].pooled["revenue_per_visitor"]["B"];
    assert!(
        first.median < first.estimate.exp_m1() && first.pulled.is_some_and(|p| p > 0.0 && p < 1.0)
    );
    let larger = |r: &SegmentAnalysis| r.pooled["revenue_per_visitor"]["B"].median < first.median;
    assert!(found[1..].iter().all(larger));
    Ok(())
}

#[test]
fn what_cannot_be_pooled_is_not() -> Outcome {
    // Alone there is nothing to learn from; group 7 has no visitor in B.
    for groups in [vec![1], vec![7], vec![1, 7], vec![]] {
        let found = readouts(&groups)?;
        assert_eq!(found.len(), groups.len());
        for readout in &found {
            assert!(readout.pooled.is_empty(), "{groups:?}");
            assert_eq!(readout.to_value()["pooling"], "none");
        }
    }
    let found = readouts(&[1, 7, 2])?;
    assert_eq!(found[0].pooled["revenue_per_visitor"]["B"].segments, 2);
    assert!(found[1].pooled.is_empty() && found[1].analysis.is_err());
    Ok(())
}
