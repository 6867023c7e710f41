//! Discovery on the Hillstrom experiment where the data are, and on small stores whose truth is known.
#![expect(clippy::unwrap_used, reason = "tests")]

use stoa_core::{
    decide::Columns,
    discover::{Claim, DiscoverOptions, Discovery, Question, discover},
    experiment::StoreDocument,
    num::random::Stream,
    rule::Rule,
    value::{Attributes, Column, Table},
};
use stoa_tests::hillstrom::{Hillstrom, experiment, store};

fn question(features: &[&str], metric: &str, options: DiscoverOptions) -> Question {
    Question {
        features: features.iter().map(|&f| f.to_owned()).collect(),
        metric: Some(metric.to_owned()),
        options,
        ..Question::default()
    }
}

/// Fewer trees and half-samples than the defaults: the test asks whether the search is right, not how sure it is.
fn quick() -> DiscoverOptions {
    DiscoverOptions {
        n_trees: 100,
        stability_pairs: 5,
        stability_trees: 50,
        ..DiscoverOptions::default()
    }
}

#[test]
fn the_womens_email_works_where_women_s_merchandise_was_bought() {
    let Some(data) = Hillstrom::read() else {
        return;
    };
    let table = data.table().unwrap();
    let (contract, store) = (experiment().unwrap(), store().unwrap());
    let features = [
        "recency", "history", "mens", "womens", "zip_code", "newbie", "channel",
    ];
    let search = |options, treatment: &str, control: &str| -> Discovery {
        let mut question = question(&features, "site_visit", options);
        question.treatment = Some(treatment.to_owned());
        question.control = Some(control.to_owned());
        discover(&table, &contract, &store, &Columns::default(), &question).unwrap()
    };
    let visits = search(quick(), "womens_email", "no_email");
    assert!(visits.heterogeneity.detected, "{}", visits.sentence);
    // ../shared/data/TRUTH.md: +7.4 points for buyers of women's only, +7.1 of both, +1.1 of men's only.
    for (segment, truth) in visits.segments.iter().zip([0.073, 0.011]) {
        assert_eq!(segment.rule.attributes(), ["womens"], "{}", visits.sentence);
        let effect = segment.effect.unwrap();
        assert!((effect.estimate - truth).abs() < 2.0 * effect.standard_error);
        assert!(segment.stability >= 0.8 && segment.claim == Claim::Honest);
        assert!(
            segment.comparisons["revenue_per_visitor"]
                .decomposition()
                .is_some()
        );
    }
    let options = DiscoverOptions {
        stability_pairs: 1,
        ..quick()
    };
    let choice = search(options, "womens_email", "mens_email");
    assert!(
        !choice.policy_value.against_none.distinguishable,
        "{}",
        choice.policy_value.sentence
    );
}

/// A store of 2,000 visitors with a conversion of 30% or 40%; `lift` is the effect for a visitor with so many orders.
fn simulated(seed: u64, lift: impl Fn(f64) -> f64) -> Discovery {
    let n = 2_000;
    let mut stream = Stream::new(seed, 0);
    let ids: Vec<String> = (0..n).map(|i| format!("v{i}")).collect();
    let orders: Vec<f64> = (0..n).map(|_| stream.below(10) as f64).collect();
    let noise: Vec<f64> = (0..n).map(|_| stream.below(100) as f64).collect();
    let country = (0..n).map(|_| Some(["CA", "DE", "US"][stream.below(3)]));
    let country: Vec<Option<&str>> = country.collect();
    let treated: Vec<bool> = (0..n).map(|_| stream.below(2) == 1).collect();
    let rate = |i: usize| 0.3 + if treated[i] { lift(orders[i]) } else { 0.0 };
    let converted: Vec<f64> = (0..n)
        .map(|i| f64::from(u8::from(stream.uniform() < rate(i))))
        .collect();
    let arms = treated
        .iter()
        .map(|&t| Some(if t { "B" } else { "A" }))
        .collect();
    let table = Table::new([
        (
            "visitor_id".to_owned(),
            Column::Text(ids.iter().map(|id| Some(id.as_str())).collect()),
        ),
        ("variant".to_owned(), Column::Text(arms)),
        ("orders_count".to_owned(), Column::Number(orders.into())),
        ("age".to_owned(), Column::Number(noise.into())),
        ("country".to_owned(), Column::Text(country)),
        (
            "conversion_rate".to_owned(),
            Column::Number(converted.clone().into()),
        ),
        (
            "return_visit_rate".to_owned(),
            Column::Number(converted.into()),
        ),
    ])
    .unwrap();
    let store = StoreDocument::default();
    let contract = stoa_core::experiment::Experiment::from_value(&serde_json::json!({
        "key": "planted", "surface": "cart_page", "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": {"revenue": {"metric": "conversion_rate"},
                    "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey"}},
    }))
    .unwrap()
    .check(&store)
    .unwrap();
    let question = question(
        &["orders_count", "age", "country"],
        "conversion_rate",
        quick(),
    );
    discover(&table, &contract, &store, &Columns::default(), &question).unwrap()
}

#[test]
fn a_planted_boundary_is_found_and_said_as_a_rule() {
    let found = simulated(3, |orders| if orders >= 5.0 { 0.3 } else { 0.0 });
    let best = &found.segments[0];
    assert_eq!(
        best.rule,
        Rule::parse_sql("orders_count >= 5").unwrap(),
        "{}",
        found.sentence
    );
    assert_eq!(best.sql["duckdb"], "\"orders_count\" >= 5");
    let visitor = Attributes::from_json(r#"{"orders_count": 7}"#).unwrap();
    assert_eq!(best.rule.evaluate(&visitor, None), Some(true));
    let effect = best.effect.unwrap();
    assert!((effect.estimate - 0.3).abs() < 3.0 * effect.standard_error);
    assert!(found.policy_value.against_none.distinguishable);
}

#[test]
fn a_constant_effect_rarely_claims_a_segment() {
    // Twelve stores at a 5% level: more than three claims have a chance of 0.2%.
    let claims = (0..12).filter(|&seed| !simulated(100 + seed, |_| 0.1).segments.is_empty());
    assert!(claims.count() <= 3);
}

#[test]
fn the_same_seed_gives_the_same_answer() {
    let lift = |orders: f64| 0.02 * orders;
    assert_eq!(simulated(5, lift).to_value(), simulated(5, lift).to_value());
}
