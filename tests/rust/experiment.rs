//! The experiment contract against its vectors, its published schema, and documents nobody sane would write.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::{
    error::Problem,
    experiment::{
        Experiment, Role, StoreDocument, check_set, json_schema, problems, read_document,
    },
    rule, segment,
};
use stoa_tests::{root, vectors};

/// A sound experiment that uses every field of the contract.
fn full() -> Value {
    json!({
        "schema_version": 1, "key": "free_shipping", "hypothesis": "A lower threshold sells more.",
        "surface": "shipping_offer", "owner": "ana", "status": "stopped", "shipped": "B",
        "unit": "visitor_id", "salt": "fs-1", "hash": "sha256",
        "variants": [{"key": "A", "weight": 1, "payload": {"threshold": 80}}, {"key": "B", "weight": 0.5, "payload": null}],
        "allocation": 0.5, "targeting": {"attr": "orders_count", "op": "gte", "value": 2},
        "layer": {"key": "checkout", "from": 0.25, "to": 0.75}, "holdout": "forever",
        "requires": {"experiment": "other", "variants": ["A"]}, "overrides": {"tester-1": "B"}, "sticky": true,
        "metrics": {
            "revenue": {"metric": "revenue_per_visitor", "minimum_effect": 0.1},
            "satisfaction": {"metric": "csat", "margin": 0.1, "proxy_reason": null},
            "guardrails": [{"metric": "bounce_rate", "margin": 0.02}],
        },
        "plan": {"guarantee": "anytime", "horizon_days": 14, "looks": "weekly", "visitors_per_day": 4000, "alpha": 0.05,
                 "loss_tolerance": 0.0025, "typical_order_value": 60, "winsorize": 0.99},
        "prior": {"conversion_rate": {"alpha": 3, "beta": 97}, "csat": {"alpha": [1, 1, 1, 1, 1]},
                  "revenue_per_visitor": {"conversion": {"alpha": 3, "beta": 97}, "severity": {"mean": 4.1, "kappa": 1, "alpha": 2, "beta": 1}}},
        "provenance": {"by": "ana", "discovery": "d-17"},
    })
}

fn store() -> StoreDocument {
    StoreDocument::from_value(&json!({
        "layers": [{"key": "checkout"}], "holdouts": [{"key": "forever", "share": 0.05}],
        "metrics": [{"key": "visit", "category": "engagement", "family": "binary"}],
    }))
    .unwrap()
}

fn facts(problem: &Problem) -> Value {
    let mut facts =
        json!({"code": problem.code, "field": problem.detail.field, "value": problem.detail.value});
    if let Some(hint) = &problem.detail.hint {
        facts["hint"] = json!(hint);
    }
    facts
}

#[test]
fn every_vector_gives_exactly_its_problems() {
    for case in vectors("experiment.json").unwrap()["cases"]
        .as_array()
        .unwrap()
    {
        let name = &case["name"];
        let document = match case["text"].as_str() {
            Some(text) => read_document(text),
            None => Ok(case["document"].clone()),
        };
        let store = StoreDocument::from_value(case.get("store").unwrap_or(&json!({}))).unwrap();
        let found = match document {
            Ok(document) => problems(&document, &store),
            Err(error) => error.problems(),
        };
        let found: Vec<Value> = found.iter().map(facts).collect();
        assert_eq!(json!(found), case["problems"], "{name}: {found:#?}");
    }
}

#[test]
fn problems_and_check_agree_on_a_sound_document() {
    assert_eq!(problems(&full(), &store()), []);
    let experiment = Experiment::from_value(&full())
        .unwrap()
        .check(&store())
        .unwrap();
    let roles: Vec<_> = experiment
        .roles()
        .iter()
        .map(|r| (r.metric.key.as_str(), r.role))
        .collect();
    assert_eq!(
        roles,
        [
            ("revenue_per_visitor", Role::Revenue),
            ("csat", Role::Satisfaction),
            ("bounce_rate", Role::Guardrail)
        ]
    );
}

#[test]
fn a_document_survives_being_written_and_read_again() {
    let once = Experiment::from_value(&full()).unwrap();
    let written = serde_json::to_value(&once).unwrap();
    assert_eq!(Experiment::from_value(&written).unwrap(), once);
}

#[test]
fn serving_ignores_what_authoring_refuses() {
    let mut later = full();
    later["invented_later"] = json!(1);
    later["variants"][0]["colour"] = json!("red");
    assert_eq!(problems(&later, &store()).len(), 2);
    let served = Experiment::from_value_tolerant(&later)
        .unwrap()
        .check(&store());
    assert_eq!(
        served.unwrap().into_inner(),
        Experiment::from_value(&full()).unwrap()
    );
}

#[test]
fn a_struct_made_in_rust_is_checked_as_well() {
    let mut experiment = Experiment::from_value(&full()).unwrap();
    experiment.variants[1].weight = f64::NAN;
    experiment.allocation = f64::INFINITY;
    experiment.plan.alpha = f64::NAN;
    let error = experiment.check(&store()).unwrap_err();
    let found: Vec<_> = error
        .problems()
        .into_iter()
        .map(|p| (p.code, p.detail.field))
        .collect();
    let not_finite = |field: &str| ("not_finite".to_owned(), field.to_owned());
    assert_eq!(
        found,
        [
            not_finite("variants[1].weight"),
            not_finite("allocation"),
            not_finite("plan.alpha")
        ]
    );
}

#[test]
fn a_store_document_tells_all_that_is_wrong_with_it() {
    let document = json!({
        "layers": [{"key": "a"}, {"key": "a"}], "holdouts": [{"key": "h", "share": 1}, {"key": "", "share": 0.1}],
        "metrics": [
            {"key": "csat", "category": "satisfaction", "family": "binary"},
            {"key": "Smile", "category": "satisfaction", "family": "ordinal", "levels": [2, 1]},
            {"key": "mood", "category": "satisfaction", "family": "ordinal", "levels": [1, 2], "scores": [0]},
            {"key": "visit", "category": "engagement", "family": "binary", "levels": [0, 1]},
        ],
    });
    let error = StoreDocument::from_value(&document)
        .unwrap()
        .check()
        .unwrap_err();
    let found: Vec<_> = error
        .problems()
        .into_iter()
        .map(|p| format!("{} {}", p.code, p.detail.field))
        .collect();
    assert_eq!(
        found,
        [
            "duplicate layers[1].key",
            "out_of_range holdouts[0].share",
            "missing_field holdouts[1].key",
            "duplicate metrics[0].key",
            "out_of_range metrics[1].key",
            "out_of_range metrics[1].levels",
            "out_of_range metrics[2].scores",
            "conflict metrics[3].levels",
        ]
    );
    let typo =
        json!({"metrics": [{"key": "x", "family": "binray", "categry": "revenue", "column": 3}]});
    let problems = StoreDocument::from_value(&typo).unwrap_err().problems();
    let found: Vec<_> = problems
        .iter()
        .map(|p| format!("{} {}", p.code, p.detail.field))
        .collect();
    assert_eq!(
        found,
        [
            "unknown_field metrics[0].categry",
            "missing_field metrics[0].category",
            "wrong_type metrics[0].column",
            "unknown_name metrics[0].family",
        ]
    );
}

#[test]
fn experiments_of_one_layer_may_touch_but_not_overlap() {
    let slice = |key: &str, from: f64, to: f64, status: &str| {
        let mut document = full();
        document["key"] = json!(key);
        document["salt"] = json!(key);
        document["layer"] = json!({"key": "checkout", "from": from, "to": to});
        document["status"] = json!(status);
        document["requires"] = Value::Null;
        document["shipped"] = Value::Null;
        Experiment::from_value(&document).unwrap()
    };
    let touching = [
        slice("one", 0.0, 0.5, "running"),
        slice("two", 0.5, 1.0, "running"),
    ];
    assert_eq!(check_set(&touching, &store()), Ok(()));
    let sequel = [
        slice("one", 0.0, 0.5, "stopped"),
        slice("two", 0.0, 1.0, "running"),
    ];
    assert_eq!(check_set(&sequel, &store()), Ok(()));
    let overlapping = [
        slice("one", 0.0, 0.5, "running"),
        slice("two", 0.4, 1.0, "paused"),
    ];
    let error = check_set(&overlapping, &store()).unwrap_err();
    assert_eq!(error.code(), "conflict");
    assert_eq!(
        error.to_string(),
        "experiments[1].layer must not overlap [0, 0.5) of one, got [0.4, 1)"
    );
}

#[test]
fn prerequisites_exist_and_do_not_go_round() {
    let needs = |key: &str, other: &str, variant: &str| {
        let document = json!({"key": key, "requires": {"experiment": other, "variants": [variant]},
                              "variants": [{"key": "A"}, {"key": "B"}]});
        Experiment::from_value(&document).unwrap()
    };
    let codes = |set: &[Experiment]| -> Vec<(String, String)> {
        let error = check_set(set, &StoreDocument::default()).unwrap_err();
        error
            .problems()
            .into_iter()
            .map(|p| (p.code, p.detail.value))
            .collect()
    };
    let pair = |code: &str, value: &str| (code.to_owned(), value.to_owned());
    assert_eq!(
        codes(&[needs("one", "tow", "A")]),
        [pair("unknown_name", "tow")]
    );
    assert_eq!(
        codes(&[
            needs("one", "two", "C"),
            Experiment {
                requires: None,
                ..needs("two", "", "")
            }
        ]),
        [pair("unknown_name", "C")]
    );
    assert_eq!(
        codes(&[
            needs("one", "two", "A"),
            needs("two", "three", "A"),
            needs("three", "two", "B")
        ]),
        [
            pair("cycle", "two → three → two"),
            pair("cycle", "three → two → three")
        ]
    );
}

#[test]
fn salts_of_layers_holdouts_and_experiments_all_differ() {
    let store = StoreDocument::from_value(&json!({
        "layers": [{"key": "checkout"}, {"key": "other", "salt": "fs"}],
        "holdouts": [{"key": "forever", "share": 0.1, "salt": "layer.checkout"}],
    }))
    .unwrap();
    let experiments = ["fs", "free"].map(|key| Experiment {
        key: key.to_owned(),
        ..Experiment::default()
    });
    let error = check_set(&experiments, &store).unwrap_err();
    let found: Vec<_> = error.problems().into_iter().map(|p| p.message).collect();
    assert_eq!(
        found,
        [
            "store.holdouts[0].salt must differ from that of store.layers[0], got layer.checkout",
            "experiments[0].salt must differ from that of store.layers[1], got fs",
        ]
    );
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    for (name, schema) in [
        ("experiment", json_schema()),
        ("store", StoreDocument::json_schema()),
        ("rule", rule::json_schema()),
        ("attributes", rule::attributes_json_schema()),
        ("segment", segment::json_schema()),
    ] {
        let path = root().join(format!("docs/{name}.schema.json"));
        let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == made,
            "docs/{name}.schema.json is stale: run `UPDATE=1 cargo test -p stoa-tests --test experiment`"
        );
    }
}

#[test]
fn anchors_may_repeat_but_not_multiply() {
    assert_eq!(
        read_document("a: &x [1, 2]\nb: *x").unwrap(),
        json!({"a": [1, 2], "b": [1, 2]})
    );
    // Nine levels of nine references: 9^9 leaves if followed.
    let mut bomb = "l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..9 {
        let below = format!("*l{}", level - 1);
        let line = vec![below; 9].join(", ");
        bomb = format!("{bomb}l{level}: &l{level} [{line}]\n");
    }
    // One long text, repeated often: few events, many bytes.
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(900_000),
        vec!["*a"; 2_000].join(",")
    );
    for text in [bomb, long] {
        let code = read_document(&text).unwrap_err().code();
        assert!(["too_large", "invalid_document"].contains(&code), "{code}");
    }
}

#[test]
fn yaml_is_one_point_two() {
    let text = "country: NO\nanswers: [yes, off, y, True, ~]\nzip: 0755\nbig: 1_000\nhex: 0x1F\nday: 2026-01-31\nnot: .nan\n";
    assert_eq!(
        read_document(text).unwrap(),
        json!({"country": "NO", "answers": ["yes", "off", "y", true, null], "zip": "0755", "big": "1_000", "hex": 31,
               "day": "2026-01-31", "not": ".nan"})
    );
}

#[test]
fn json_and_yaml_read_the_same_numbers() {
    for number in [
        "0.1",
        "1e-6",
        "0.30000000000000004",
        "123456789.123456789",
        "5e-324",
    ] {
        let json = read_document(&format!("{{\"x\": {number}}}")).unwrap();
        let yaml = read_document(&format!("x: {number}")).unwrap();
        assert_eq!(json, yaml);
        assert_eq!(
            json["x"].as_f64().map(f64::to_bits),
            number.parse::<f64>().ok().map(f64::to_bits)
        );
    }
}

#[test]
fn deep_and_odd_text_is_refused_without_a_panic() {
    let too_deep = [
        "[".repeat(100_000),
        "- ".repeat(10_000),
        "? ".repeat(1_000),
        "{\"a\":".repeat(500),
    ];
    for text in too_deep {
        assert_eq!(read_document(&text).unwrap_err().code(), "too_large");
    }
    assert_eq!(read_document("a: &a [*a]").unwrap_err().code(), "cycle");
    for text in [
        "a: ".repeat(1_000),
        "<<: {a: 1}".to_owned(),
        "a: 1\n---\nb: 2".to_owned(),
        "\u{0}\u{1}".to_owned(),
        "key: [1, 2".to_owned(),
        "a: *missing".to_owned(),
        "? [1, 2]\n: 3".to_owned(),
    ] {
        let shown: String = text.chars().take(20).collect();
        match read_document(&text) {
            Err(error) => assert_eq!(error.code(), "invalid_document", "{shown}: {error}"),
            Ok(value) => panic!("{shown} was read as {value}"),
        }
    }
}

/// Any JSON a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![
            Just("csat"),
            Just("A"),
            Just(".nan"),
            Just("running"),
            Just("")
        ]
        .prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(
                prop_oneof![
                    Just("key".to_owned()),
                    Just("metric".to_owned()),
                    Just("weight".to_owned()),
                    Just("alpha".to_owned()),
                    "[a-z]{0,3}"
                ],
                inner,
                0..4
            )
            .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

/// Every place of a document as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, v)| places(v, &format!("{at}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, v)| places(v, &format!("{at}/{i}"), found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands wherever: no panic, and what `problems` passes is also read and checked.
    #[test]
    fn problems_and_check_agree_on_damaged_documents(place in any::<prop::sample::Index>(), damage in any_json()) {
        let mut document = full();
        let mut all = Vec::new();
        places(&document, "", &mut all);
        let pointer = place.get(&all).clone();
        if let Some(spot) = document.pointer_mut(&pointer) {
            *spot = damage;
        }
        let found = problems(&document, &store());
        let read = Experiment::from_value(&document).and_then(|e| e.check(&store()));
        prop_assert_eq!(found.is_empty(), read.is_ok(), "{}: {:?} {:?}", pointer, found, read.err());
        prop_assert!(found.iter().all(|p| !p.detail.field.is_empty() && p.code != "invalid_document"), "{:?}", found);
    }

    #[test]
    fn no_text_makes_reading_panic(text in "[-?:,{}\\[\\]&*!|>'\"%@` \n\ta-c0-9.~<]{0,60}") {
        let _ = read_document(&text);
    }
}
