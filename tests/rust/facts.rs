//! A visitor read in one pass, given by position or looked up by name: the decisions are the same.

use proptest::prelude::*;
use serde_json::json;
use stoa_core::{
    assign::{Engine, Outcome, Visitor},
    value::ValueRef,
};

type Tried<T> = Result<T, TestCaseError>;

fn text(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Experiments for attributes whose names are also fields of the cache document, and for two segments that only a
/// cache knows.
fn engine() -> Tried<Engine> {
    let experiment = |key: &str, targeting: serde_json::Value| {
        json!({
            "key": key, "surface": "cart_page", "status": "running", "targeting": targeting,
            "variants": [{"key": "A"}, {"key": "B"}],
            "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
        })
    };
    let hidden =
        |key: &str| json!({"key": key, "rule": {"attr": "margin", "op": "gt", "value": 1}});
    let names = ["n", "a", "s", "v"].map(|name| json!({"attr": name, "op": "is_present"}));
    let bundle = json!({
        "schema": {
            "n": {"type": "number", "assignable": true}, "a": {"type": "string", "assignable": true},
            "s": {"type": "string", "assignable": true}, "v": {"type": "number", "assignable": true},
            "margin": {"type": "number"},
        },
        "segments": [hidden("vip"), hidden("b2b")],
        "experiments": [
            experiment("number", json!({"attr": "n", "op": "gte", "value": 1})),
            experiment("member", json!({"segment": "vip"})),
            experiment("either", json!({"any": [{"segment": "b2b"}, {"not": {"segment": "vip"}}]})),
            experiment("present", json!({"all": names})),
            experiment("version", json!({"attr": "v", "op": "eq", "value": 1})),
        ],
    });
    let engine = Engine::from_json(&bundle.to_string()).map_err(text)?;
    prop_assert!(
        engine.load_errors().is_empty(),
        "{:?}",
        engine.load_errors()
    );
    Ok(engine)
}

fn outcomes(engine: &Engine, visitor: &impl stoa_core::assign::Facts) -> Vec<Outcome> {
    (0..engine.keys().count())
        .map(|index| engine.outcome(index, "unit", visitor, None))
        .collect()
}

fn value() -> impl Strategy<Value = String> {
    let scalars = [
        "1",
        "1.0",
        "2",
        "0",
        "1e999",
        "null",
        "true",
        "\"x\"",
        "\"\\u00e9\"",
        "\"\\ud800\"",
        "[\"x\"]",
        "[1]",
    ];
    prop::sample::select(scalars.to_vec()).prop_map(str::to_owned)
}

/// Entries of `s`, in which HASH stands for the hash of the segments' rule.
fn memberships() -> impl Strategy<Value = String> {
    let entries = [
        "\"vip\":\"HASH\"",
        "\"vip\":\"!HASH\"",
        "\"b2b\":\"HASH\"",
        "\"b2b\":\"old\"",
        "\"else\":\"HASH\"",
        "\"v\\u0069p\":\"!HASH\"",
        "\"else\":1",
    ];
    prop::collection::vec(prop::sample::select(entries.to_vec()), 0..4)
        .prop_map(|entries| format!("{{{}}}", entries.join(",")))
}

fn flat() -> impl Strategy<Value = String> {
    let field = (
        prop::sample::select(vec!["n", "a", "s", "v", "z", "\\u006e"]),
        value(),
    );
    prop::collection::vec(field, 0..5).prop_map(|fields| {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", fields.join(","))
    })
}

/// Documents of both kinds, fields in any order and some of them twice.
fn document() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        (
            Just("v"),
            prop_oneof![3 => Just("1".to_owned()), 1 => value()]
        ),
        (Just("a"), prop_oneof![4 => flat(), 1 => value()]),
        (Just("s"), prop_oneof![4 => memberships(), 1 => value()]),
        (Just("n"), value()),
        (Just("later"), flat()),
    ];
    let whole = prop::collection::vec(field, 0..7).prop_map(|fields| {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", fields.join(","))
    });
    prop_oneof![8 => whole, 2 => flat(), 1 => value()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn one_pass_reads_what_a_document_says(document in document(), cut in 0..400_usize) {
        let engine = engine()?;
        let hash = engine.segment_hashes()["vip"].clone();
        let document = document.replace("HASH", &hash);
        // Some are torn.
        let bytes = &document.as_bytes()[..document.len().min(if cut < 40 { cut } else { usize::MAX })];
        let expected = outcomes(&engine, &Visitor::from_slice(bytes));
        prop_assert_eq!(outcomes(&engine, &engine.read(bytes)), expected, "{}", document);
    }

    #[test]
    fn arguments_are_found_by_their_place(n in prop::option::of(-2.0..3.0), v in prop::option::of(0..3_i32)) {
        let engine = engine()?;
        let visitor = Visitor::from_value(json!({"n": n, "v": v}));
        let value = |x: Option<f64>| x.map_or(ValueRef::Missing, ValueRef::Number);
        let positions = engine.positions(&["v", "elsewhere", "n"]);
        let arguments = [value(v.map(f64::from)), ValueRef::Number(9.0), value(n)];
        prop_assert_eq!(outcomes(&engine, &positions.of(&arguments)), outcomes(&engine, &visitor));
    }
}
