//! Assignment against the vectors that the three languages share, and what must hold for every unit.

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::{
    assign::{Bundle, Engine, Exposure, Reason, Visitor},
    experiment::{Experiment, StoreDocument},
    hash::{Digest, cuts, threshold, variant_of},
    rule::{Dialect, SqlOptions},
    value::{Attributes, Column, Table, Timestamp},
};

type Outcome<T = ()> = Result<T, String>;

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

fn cases<'v>(document: &'v Value, name: &str) -> Outcome<&'v Vec<Value>> {
    document[name].as_array().ok_or(format!("no {name}"))
}

/// Hash, cuts and draw of every case.
fn check_cases(document: &Value, expected: usize) -> Outcome {
    let cases = cases(document, "cases")?;
    for case in cases {
        let digest = Digest::of(
            case["salt"].as_str().ok_or("salt")?,
            case["unit"].as_str().ok_or("unit")?,
        );
        let weights: Vec<f64> = serde_json::from_value(case["weights"].clone()).map_err(text)?;
        let cuts = cuts(&weights).map_err(text)?;
        let allocation = threshold(case["allocation"].as_f64().ok_or("allocation")?);
        assert_eq!(json!(digest.h::<0>()), case["h0"], "{case}");
        assert_eq!(json!(digest.h::<1>()), case["h1"], "{case}");
        assert_eq!(json!(cuts), case["cuts"], "{case}");
        assert_eq!(
            json!(variant_of(&cuts, digest.h::<0>())),
            case["variant"],
            "{case}"
        );
        let allocated = digest.h::<1>() < allocation.map_err(text)?;
        assert_eq!(json!(allocated), case["allocated"], "{case}");
    }
    assert_eq!(cases.len(), expected);
    Ok(())
}

#[test]
fn hash_and_cuts_are_those_of_the_vectors() -> Outcome {
    check_cases(&stoa_tests::vectors("assignment.json")?, 200)
}

#[test]
fn hash_and_cuts_are_those_of_the_truth() -> Outcome {
    let Some(path) = stoa_tests::shared("truth/assignment_vectors.json") else {
        return Ok(());
    };
    check_cases(&stoa_tests::read_json(&path)?, 200)
}

/// The vectors' visitor: text as it came from a cache, an object, or null.
fn visitor(attributes: &Value) -> Visitor {
    match attributes {
        Value::String(text) => Visitor::from_json(text),
        other => Visitor::from_value(other.clone()),
    }
}

#[test]
fn decisions_are_those_of_the_vectors() -> Outcome {
    let document = stoa_tests::vectors("assignment.json")?;
    let engine = Engine::from_json(&document["bundle"].to_string()).map_err(text)?;
    let now = Timestamp::parse(document["now"].as_str().ok_or("now")?).map_err(text)?;
    let mut seen = std::collections::BTreeSet::new();
    for case in cases(&document, "decisions")? {
        let decision = engine.decide(
            case["experiment"].as_str().ok_or("experiment")?,
            case["unit"].as_str().ok_or("unit")?,
            &visitor(&case["attributes"]),
            Some(now),
        );
        assert_eq!(json!(decision.variant), case["variant"], "{case}");
        assert_eq!(json!(decision.reason), case["reason"], "{case}");
        assert_eq!(decision.exposes, decision.reason.exposes());
        seen.insert(decision.reason);
    }
    assert_eq!(
        seen.len(),
        Reason::ALL.len(),
        "every reason is met: {seen:?}"
    );
    Ok(())
}

fn experiment(changes: Value) -> Value {
    let mut document = json!({
        "key": "one", "surface": "cart_page", "status": "running",
        "variants": [{"key": "A"}, {"key": "B", "payload": {"x": 1}}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    });
    if let (Some(document), Value::Object(changes)) = (document.as_object_mut(), changes) {
        document.extend(changes);
    }
    document
}

fn engine(experiments: &[Value]) -> Outcome<Engine> {
    Engine::from_json(&json!({"experiments": experiments}).to_string()).map_err(text)
}

#[test]
fn a_bad_experiment_does_not_stop_the_others() -> Outcome {
    let engine = engine(&[
        experiment(json!({"key": "heavy", "variants": [{"key": "A", "weight": -1}, {"key": "B"}]})),
        experiment(json!({"key": "lost", "holdout": "nowhere"})),
        experiment(json!({"key": "round", "requires": {"experiment": "trip", "variants": ["B"]}})),
        experiment(json!({"key": "trip", "requires": {"experiment": "round", "variants": ["B"]}})),
        experiment(json!({"key": "twin", "salt": "one"})),
        experiment(json!({"later": {"field": 1}, "salt": "one"})),
        json!(7),
        experiment(
            json!({"key": "odd", "targeting": {"attr": "n", "op": "resembles", "value": 1}}),
        ),
    ])?;
    let reason = |key: &str| engine.decide(key, "u1", &Visitor::default(), None).reason;
    for key in ["heavy", "lost", "round", "trip", "odd"] {
        assert_eq!(reason(key), Reason::LoadError, "{key}");
        let control = engine.decide(key, "u1", &Visitor::default(), None).variant;
        assert_eq!(control.as_deref(), Some("A"), "{key}");
    }
    // Of two that share a salt the first serves.
    assert_eq!(reason("twin"), Reason::Assigned);
    assert_eq!(reason("one"), Reason::LoadError);
    let fields: Vec<_> = engine
        .load_errors()
        .iter()
        .map(|p| &p.detail.field)
        .collect();
    assert_eq!(fields.len(), 7, "{fields:#?}");
    for i in [0, 1, 2, 3, 5, 6, 7] {
        let path = format!("experiments[{i}]");
        assert!(
            fields.iter().any(|f| f.starts_with(&path)),
            "{path} in {fields:#?}"
        );
    }
    Ok(())
}

#[test]
fn bad_segments_and_store_parts_are_set_aside() -> Outcome {
    let bundle = json!({
        "segments": [
            {"key": "outer", "rule": {"segment": "inner"}},
            {"key": "inner", "rule": {"attr": "n", "op": "gt", "value": 1}, "later": 1},
            {"key": "loop_a", "rule": {"segment": "loop_b"}},
            {"key": "loop_b", "rule": {"segment": "loop_a"}},
            {"rule": 3},
        ],
        "holdouts": [{"key": "h", "share": 7}, {"key": "g", "share": 0.5}],
        "schema": {"n": {"type": "number", "assignable": true, "later": 1}, "m": {"type": "matrix"}},
        "experiments": [
            experiment(json!({"targeting": {"segment": "outer"}, "holdout": "g"})),
            experiment(json!({"key": "two", "targeting": {"segment": "loop_a"}})),
            experiment(json!({"key": "three", "holdout": "h"})),
        ],
    });
    let engine = Engine::from_json(&bundle.to_string()).map_err(text)?;
    let known = Visitor::from_json(r#"{"n": 2}"#);
    assert!(
        ["assigned", "in_holdout"].contains(&engine.decide("one", "u", &known, None).reason.key())
    );
    assert_eq!(
        engine.decide("two", "u", &known, None).reason,
        Reason::LoadError
    );
    assert_eq!(
        engine.decide("three", "u", &known, None).reason,
        Reason::LoadError
    );
    assert_eq!(engine.bundle().segments.len(), 2);
    assert_eq!(engine.load_errors().len(), 7, "{:#?}", engine.load_errors());
    Ok(())
}

#[test]
fn a_document_that_is_no_bundle_is_refused() {
    let code = |text: &str| Engine::from_json(text).err().map(|e| e.code());
    assert_eq!(code("{"), Some("invalid_document"));
    assert_eq!(code("[]"), Some("invalid_document"));
    assert_eq!(code(r#"{"schema_version": 99}"#), Some("unsupported"));
    assert_eq!(code(r#"{"content_hash": "0"}"#), Some("conflict"));
}

#[test]
fn a_sealed_bundle_survives_other_languages() -> Outcome {
    let experiments = vec![Experiment::from_value(&experiment(json!({}))).map_err(text)?];
    let bundle = Bundle::new(experiments, vec![], StoreDocument::default(), None).map_err(text)?;
    let written = bundle.to_json();
    let engine = Engine::from_json(&written).map_err(text)?;
    assert_eq!(engine.bundle(), &bundle);
    assert_eq!(engine.version(), bundle.content_hash);
    assert_eq!(Engine::new(bundle.clone()).map_err(text)?.bundle(), &bundle);
    // JavaScript writes 1 where Rust writes 1.0, and keys in its own order.
    let pretty = serde_json::to_string_pretty(&bundle.to_value()).map_err(text)?;
    assert!(Engine::from_json(&pretty).is_ok());
    assert!(Engine::from_json(&written.replace("\"allocation\":1", "\"allocation\":0")).is_err());
    Ok(())
}

#[test]
fn authoring_is_strict_and_names_every_problem() -> Outcome {
    let read = |changes| Experiment::from_value(&experiment(changes)).map_err(text);
    let targeting = json!({"targeting": {"segment": "nobody"}});
    let experiments = vec![
        read(targeting)?,
        read(json!({"key": "two", "allocation": 2}))?,
    ];
    let error = Bundle::new(experiments, vec![], StoreDocument::default(), None)
        .err()
        .ok_or("accepted")?;
    let fields: Vec<_> = error
        .problems()
        .into_iter()
        .map(|p| p.detail.field)
        .collect();
    assert!(
        fields
            .iter()
            .any(|f| f.starts_with("experiments[0].targeting")),
        "{fields:?}"
    );
    assert!(
        fields.iter().any(|f| f == "experiments[1].allocation"),
        "{fields:?}"
    );
    Ok(())
}

#[test]
fn assign_lists_what_runs_for_the_unit() -> Outcome {
    let engine = engine(&[
        experiment(json!({})),
        experiment(json!({"key": "draft", "status": "draft", "overrides": {"me": "B"}})),
        experiment(json!({"key": "over", "status": "stopped", "shipped": "B"})),
        experiment(json!({"key": "paused", "status": "paused"})),
    ])?;
    let listed = |unit: &str| {
        let decisions = engine.assign(unit, &Visitor::default(), None);
        decisions
            .into_iter()
            .map(|d| (d.experiment, d.reason.key()))
            .collect::<Vec<_>>()
    };
    let of = |list: &[(&str, &'static str)]| {
        list.iter()
            .map(|(k, r)| ((*k).to_owned(), *r))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        listed("you"),
        of(&[("one", "assigned"), ("over", "shipped")])
    );
    assert_eq!(
        listed("me"),
        of(&[
            ("one", "assigned"),
            ("draft", "forced"),
            ("over", "shipped")
        ])
    );
    let shown = engine.decide("over", "you", &Visitor::default(), None);
    assert_eq!(
        (shown.payload, shown.exposes),
        (json!({"x": 1}), Exposure::None)
    );
    Ok(())
}

#[test]
fn a_batch_is_the_same_decisions() -> Outcome {
    let engine = engine(&[
        experiment(json!({"targeting": {"attr": "n", "op": "gte", "value": 2}, "allocation": 0.7})),
        experiment(json!({"key": "then", "requires": {"experiment": "one", "variants": ["B"]}})),
        experiment(json!({"key": "off", "status": "paused"})),
    ])?;
    let ids: Vec<String> = (0..10_000).map(|i| format!("unit-{i}")).collect();
    let units: Vec<_> = ids
        .iter()
        .map(|id| (id != "unit-7").then_some(id.as_str()))
        .collect();
    let n: Vec<f64> = (0..10_000)
        .map(|i| {
            if i % 5 == 0 {
                f64::NAN
            } else {
                f64::from(i % 4)
            }
        })
        .collect();
    let table = Table::new([("n".to_owned(), Column::Number(n.clone().into()))]).map_err(text)?;
    let batches = engine
        .assign_batch(&units, Some(&table), None)
        .map_err(text)?;
    assert_eq!(batches.len(), 2);
    for batch in batches {
        for (i, id) in ids.iter().enumerate() {
            let visitor = match n[i] {
                x if x.is_nan() => Visitor::default(),
                x => Visitor::from_value(json!({ "n": x })),
            };
            let one = engine.decide(
                &batch.experiment,
                if i == 7 { "" } else { id },
                &visitor,
                None,
            );
            let variant = usize::try_from(batch.variant[i])
                .ok()
                .map(|v| &batch.variants[v]);
            assert_eq!(
                (one.variant.as_ref(), one.reason),
                (variant, batch.reason[i]),
                "{id}"
            );
        }
    }
    let missing = engine.decide_batch("one", &units[..1], Some(&Table::default()), None);
    assert_eq!(missing.err().map(|e| e.code()), Some("conflict"));
    let other = Table::new([("m".to_owned(), Column::Number(vec![1.0].into()))]).map_err(text)?;
    let missing = engine.decide_batch("one", &units[..1], Some(&other), None);
    assert_eq!(missing.err().map(|e| e.code()), Some("missing_column"));
    Ok(())
}

#[test]
fn sql_cannot_be_escaped_from() -> Outcome {
    let engine = engine(&[experiment(json!({
        "salt": "it's; --", "variants": [{"key": "A"}, {"key": "B"}], "overrides": {"o'brien": "B"},
    }))])?;
    for dialect in Dialect::ALL {
        let (quote, unit) = match dialect {
            Dialect::Bigquery | Dialect::Spark => ("\\'", "`a'b`"),
            _ => ("''", "\"a'b\""),
        };
        let sql = engine.assignment_sql("one", dialect, "a'b").map_err(text)?;
        let texts = ["'it's; --:'", "'o'brien'"].map(|t| {
            t.replace("t's", &format!("t{quote}s"))
                .replace("o'", &format!("o{quote}"))
        });
        for literal in texts.iter().map(String::as_str).chain([unit]) {
            assert!(sql.contains(literal), "{literal} in {sql}");
        }
    }
    let sql = engine.assignment_sql("one", Dialect::Postgres, "a\"b");
    assert!(sql.map_err(text)?.contains("\"a\"\"b\""));
    for (dialect, name) in [
        (Dialect::Postgres, "n".repeat(64)),
        (Dialect::Bigquery, "a`b".into()),
    ] {
        let error = engine.assignment_sql("one", dialect, &name).err();
        let found = error.and_then(|e| Some((e.code(), e.detail()?.field.clone())));
        assert_eq!(
            found,
            Some(("out_of_range", "unit".to_owned())),
            "{dialect}"
        );
    }
    let options = SqlOptions {
        alias: Some("v".to_owned()),
        ..SqlOptions::default()
    };
    let aliased = engine.replay_sql("one", "id", &options).map_err(text)?;
    assert!(
        aliased.reason.starts_with("CASE WHEN \"v\".\"id\" IS NULL"),
        "{}",
        aliased.reason
    );
    assert_eq!(
        engine
            .assignment_sql("one", Dialect::Duckdb, "")
            .err()
            .map(|e| e.code()),
        Some("out_of_range")
    );
    Ok(())
}

/// An index of the drawn variant, or none when the unit is outside the allocation.
fn draw(unit: &str, weights: [f64; 2], allocation: f64) -> Option<usize> {
    let digest = Digest::of("salt", unit);
    let inside = digest.h::<1>() < threshold(allocation).ok()?;
    inside.then_some(variant_of(&cuts(&weights).ok()?, digest.h::<0>()))
}

proptest! {
    #[test]
    fn raising_a_weight_moves_no_unit_out_of_that_arm(
        unit in "\\PC{1,20}", a in 1e-6..1e6, b in 1e-6..1e6, more in 1.0..1e3,
    ) {
        let raised = f64::min(b * more, 1e6);
        if draw(&unit, [a, b], 1.0) == Some(1) {
            prop_assert_eq!(draw(&unit, [a, raised], 1.0), Some(1));
        }
    }

    #[test]
    fn raising_the_allocation_moves_no_one_between_variants(
        unit in "\\PC{1,20}", a in 1e-6..1e6, b in 1e-6..1e6, low in 0.0..1.0, more in 0.0..1.0,
    ) {
        let high = low + (1.0 - low) * more;
        if let Some(variant) = draw(&unit, [a, b], low) {
            prop_assert_eq!(draw(&unit, [a, b], high), Some(variant));
        }
    }

    #[test]
    fn the_order_of_attributes_does_not_matter(
        unit in "[a-z]{1,8}", n in 0..5, country in "(CA|US|FR)", spare in "\\PC{0,5}",
    ) {
        let targeting = json!({"all": [
            {"attr": "n", "op": "gte", "value": 2}, {"attr": "country", "op": "in", "value": ["CA", "US"]},
        ]});
        let engine = engine(&[experiment(json!({"targeting": targeting}))]).map_err(TestCaseError::fail)?;
        let (country, spare) = (json!(country), json!(spare));
        let one = format!(r#"{{"n": {n}, "country": {country}, "spare": {spare}}}"#);
        let other = format!(r#"{{"spare": {spare}, "country": {country}, "n": {n}}}"#);
        let decide = |text: &str| engine.decide("one", &unit, &Visitor::from_json(text), None);
        prop_assert_eq!(decide(&one), decide(&other));
        let owned = Attributes::from_json(&other).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(decide(&one), engine.decide("one", &unit, &Visitor::new(owned), None));
    }

    #[test]
    fn nothing_about_a_visitor_throws(key in "\\PC{0,8}", unit in "\\PC{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let engine = engine(&[experiment(json!({"targeting": {"attr": "n", "op": "gte", "value": 2}}))])
            .map_err(TestCaseError::fail)?;
        let visitor = Visitor::from_slice(&bytes);
        let expected = if key == "one" { Some("A".to_owned()) } else { None };
        let decision = engine.decide(&key, &unit, &visitor, None);
        prop_assert!(decision.variant == expected || decision.reason == Reason::Assigned);
    }
}
