//! Profiles of segments: counts against the truth tables, estimates against closed forms, and the empty segment.

use stoa_core::{
    power::{Baseline, PowerOptions, smallest_effect},
    profile::{Options, Outcome, SegmentProfile, profile},
    rule::{AttributeSchema, Rule},
    segment::{Segment, Segments},
    value::{Column, Table},
};
use stoa_tests::hillstrom::{self, Hillstrom};

type Test = Result<(), Box<dyn std::error::Error>>;

fn outcomes(names: &[(&str, &str)]) -> std::collections::BTreeMap<String, Outcome> {
    names
        .iter()
        .map(|(name, column)| ((*name).to_owned(), Outcome::new(*column)))
        .collect()
}

#[test]
fn hillstrom_by_purchase_history() -> Test {
    let Some(data) = Hillstrom::read() else {
        return Ok(());
    };
    let options = Options {
        outcomes: outcomes(&[
            ("visit_rate", "site_visit"),
            ("conversion_rate", "conversion_rate"),
            ("average_order_value", "revenue_per_visitor"),
            ("revenue_per_visitor", "revenue_per_visitor"),
        ]),
        ..Options::default()
    };
    let found = profile(&data.table()?, &hillstrom::segments()?, &options)?;
    assert_eq!(found.everyone.n, 64_000);
    // 2262 + 3894 + 3238 visits, 122 + 267 + 189 orders
    check_rate(&found.everyone, "visit_rate", 9394, 64_000)?;
    check_rate(&found.everyone, "conversion_rate", 578, 64_000)?;
    let orders = &found.everyone.outcomes["average_order_value"];
    assert_eq!(orders.n, 578);
    let spent = 13_908.33 + 30_311.69 + 23_038.11;
    assert!((orders.observed.unwrap_or(0.0) - spent / 578.0).abs() < 1e-9);
    let (low, high) = orders.interval.map_or((0.0, 0.0), |i| (i.low, i.high));
    assert!(low < spent / 578.0 && spent / 578.0 < high);
    // Three disjoint groups that hold everyone.
    assert_eq!(found.segments.iter().map(|s| s.n).sum::<u64>(), 64_000);
    for (i, row) in found.overlap.n.iter().enumerate() {
        for (j, shared) in row.iter().enumerate() {
            assert_eq!(*shared, if i == j { found.segments[i].n } else { 0 });
        }
    }
    let revenue = found.everyone.smallest_detectable_lift["revenue_per_visitor"];
    let conversion = found.everyone.smallest_detectable_lift["conversion_rate"];
    assert!(revenue > conversion, "order values only add noise");
    Ok(())
}

/// Posterior mean of Beta(1 + s, 1 + n − s), and the lift that the power formula gives.
fn check_rate(segment: &SegmentProfile, name: &str, s: u32, n: u32) -> Test {
    let (s, n) = (f64::from(s), f64::from(n));
    let outcome = &segment.outcomes[name];
    let mean = outcome.mean.unwrap_or(f64::NAN);
    assert!(
        (mean - (s + 1.0) / (n + 2.0)).abs() < 1e-12,
        "{name}: {mean}"
    );
    let baseline = Baseline::Binary { rate: s / n };
    let lift = smallest_effect(&baseline, n / 2.0, &PowerOptions::default())?;
    assert_eq!(segment.smallest_detectable_lift[name], lift);
    Ok(())
}

fn small() -> Result<Table<'static>, stoa_core::error::Error> {
    Table::new([
        (
            "orders_count".to_owned(),
            Column::Number(vec![0.0, 3.0, f64::NAN].into()),
        ),
        (
            "spend".to_owned(),
            Column::Number(vec![0.0, 20.0, 0.0].into()),
        ),
        (
            "visit".to_owned(),
            Column::Boolean(vec![Some(true), Some(true), Some(false)]),
        ),
    ])
}

#[test]
fn an_empty_segment_says_so() -> Test {
    let segments = Segments::new(vec![
        Segment::new("whales", Rule::parse_sql("orders_count > 100")?)?,
        Segment::new("repeat", Rule::parse_sql("orders_count >= 2")?)?,
    ])?;
    let schema = AttributeSchema::from_json(
        r#"{"orders_count": {"type": "number", "label": "orders", "assignable": false}}"#,
    )?;
    let options = Options {
        outcomes: outcomes(&[
            ("visit_rate", "visit"),
            ("average_order_value", "spend"),
            ("revenue", "spend"),
        ]),
        schema: Some(&schema),
        ..Options::default()
    };
    let found = profile(&small()?, &segments, &options)?;
    let whales = &found.segments[0];
    assert_eq!((whales.n, whales.unknown), (0, 1));
    assert!(
        whales
            .outcomes
            .values()
            .all(|o| o.mean.is_none() && o.note.is_some())
    );
    assert!(
        whales
            .smallest_detectable_lift
            .values()
            .all(Option::is_none)
    );
    assert_eq!(whales.targetable, Some(false));
    assert_eq!(whales.missing, ["orders_count"]);
    let document = serde_json::to_value(&found)?;
    assert_eq!(document["segments"][1]["visit_rate"]["observed"], 1.0);
    assert!(document["segments"][0]["average_order_value"]["mean"].is_null());
    Ok(())
}

#[test]
fn bad_outcomes_are_refused_by_column_and_row() -> Test {
    let code = |name: &str, column: &str| -> Result<String, Box<dyn std::error::Error>> {
        let options = Options {
            outcomes: outcomes(&[(name, column)]),
            ..Options::default()
        };
        let refused = profile(&small()?, &Segments::default(), &options).err();
        Ok(refused.map_or_else(String::new, |e| format!("{} {}", e.code(), e)))
    };
    assert!(code("x", "orders_count")?.starts_with("not_finite orders_count[2]"));
    assert!(code("conversion_rate", "spend")?.starts_with("out_of_range spend[1]"));
    assert!(code("x", "spent")?.contains("did you mean `spend`?"));
    assert!(code("share", "spend")?.starts_with("conflict"));
    assert!(code("csat", "visit")?.starts_with("unsupported"));
    Ok(())
}
