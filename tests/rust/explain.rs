//! An explanation tells the same story as the decision, and its values are those of the contract.

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::{
    assign::{Engine, Explanation, Facts, Saw, Visitor},
    value::Timestamp,
};

type Tried<T = ()> = Result<T, String>;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn vectors() -> Tried<(Engine, Option<Timestamp>, Value)> {
    let document = stoa_tests::vectors("assignment.json")?;
    let engine = Engine::from_json(&document["bundle"].to_string()).map_err(text)?;
    let now = Timestamp::parse(document["now"].as_str().ok_or("now")?).map_err(text)?;
    Ok((engine, Some(now), document))
}

/// What must hold of any explanation beside the decision of the same visitor.
fn check(
    engine: &Engine,
    key: &str,
    unit: &str,
    visitor: &impl Facts,
    now: Option<Timestamp>,
) -> Tried<Explanation> {
    let explained = engine.explain(key, unit, visitor, now);
    let decision = engine.decide(key, unit, visitor, now);
    let story = explained.describe();
    if explained.decision != decision {
        return Err(format!("{decision:?}, but\n{story}"));
    }
    let first = explained
        .checks
        .iter()
        .position(|check| check.says.is_some());
    if first != explained.checks.iter().position(|check| check.spoke) {
        return Err(format!("another check spoke:\n{story}"));
    }
    let spoken = explained.spoke().and_then(|check| check.says.as_ref());
    let spoken = spoken.ok_or("no check spoke")?;
    if (&spoken.variant, spoken.reason) != (&decision.variant, decision.reason) {
        return Err(format!("{spoken:?} is not {decision:?}"));
    }
    for check in &explained.checks {
        // Where a rule was asked, the answer written down is the one that was acted on.
        if let Saw::Targeting(Some(targeting)) = &check.saw {
            let answer = targeting.trace.as_ref().and_then(|trace| trace.answer);
            if (answer == Some(true)) != check.says.is_none() {
                return Err(format!("targeting says {:?}:\n{story}", check.says));
            }
        }
    }
    Ok(explained)
}

#[test]
fn every_decision_of_the_vectors_is_explained() -> Tried {
    let (engine, now, document) = vectors()?;
    for case in document["decisions"].as_array().ok_or("decisions")? {
        let visitor = match &case["attributes"] {
            Value::String(text) => Visitor::from_json(text),
            other => Visitor::from_value(other.clone()),
        };
        let key = case["experiment"].as_str().ok_or("experiment")?;
        let unit = case["unit"].as_str().ok_or("unit")?;
        let explained = check(&engine, key, unit, &visitor, now)?;
        assert_eq!(json!(explained.decision.reason), case["reason"], "{case}");
    }
    Ok(())
}

fn experiment(key: &str, more: &Value) -> Value {
    let mut document = json!({
        "key": key, "surface": "cart_page", "status": "running",
        "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    });
    if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more.clone()) {
        document.extend(more);
    }
    document
}

/// One experiment for each thing a check can look at, one of them all at once.
fn everything() -> Tried<Engine> {
    let rule = json!({"any": [
        {"all": [{"attr": "n", "op": "gte", "value": 2}, {"attr": "c", "op": "in", "value": ["CA", "US"]}]},
        {"segment": "vip"},
        {"not": {"attr": "t", "op": "has", "value": "new"}},
    ]});
    let all = json!({
        "targeting": rule, "sticky": true, "allocation": 0.5, "holdout": "kept", "overrides": {"tester": "B"},
        "layer": {"key": "cart", "from": 0.25, "to": 0.75}, "requires": {"experiment": "first", "variants": ["B"]},
    });
    let bundle = json!({
        "schema": {
            "n": {"type": "number", "assignable": true}, "c": {"type": "string", "assignable": true},
            "t": {"type": "string_list", "assignable": true}, "margin": {"type": "number"},
        },
        "segments": [{"key": "vip", "rule": {"attr": "margin", "op": "gt", "value": 1}}],
        "layers": [{"key": "cart"}], "holdouts": [{"key": "kept", "share": 0.25}],
        "experiments": [
            experiment("first", &json!({})),
            experiment("all", &all),
            experiment("over", &json!({"status": "stopped", "shipped": "B", "targeting": {"attr": "n", "op": "gte", "value": 1}})),
            experiment("draft", &json!({"status": "draft"})),
            experiment("broken", &json!({"holdout": "nowhere"})),
        ],
    });
    let engine = Engine::from_json(&bundle.to_string()).map_err(text)?;
    assert_eq!(engine.load_errors().len(), 1, "{:?}", engine.load_errors());
    Ok(engine)
}

#[test]
fn the_values_are_those_of_the_contract() -> Tried {
    let engine = everything()?;
    let visitor = Visitor::from_json(r#"{"n": 3, "c": "DE", "t": ["new"]}"#);
    let explained = check(&engine, "all", "u1", &visitor, None)?.to_value();
    let saw = |name: &str| {
        let checks = explained["checks"].as_array().into_iter().flatten();
        let mut named = checks.filter(|check| check["check"] == name);
        named
            .next()
            .map(|check| check["saw"].clone())
            .unwrap_or_default()
    };
    // Each comparison until the answer is settled: the `all` fails, nobody judged the membership, the tag is there.
    assert_eq!(
        saw("targeting")["trace"],
        json!({
            "answer": null,
            "comparisons": [
                {"attribute": "n", "operator": "gte", "operand": 2, "found": 3, "answer": true},
                {"attribute": "c", "operator": "in", "operand": ["CA", "US"], "found": "DE", "answer": false},
                {"attribute": "t", "operator": "has", "operand": "new", "found": ["new"], "answer": true},
            ],
            "memberships": [{"segment": "vip", "answer": null}],
        })
    );
    // The layer's slice is [2^50, 3·2^50); its salt is its key.
    let quarter = 1_u64 << 50;
    assert_eq!(
        (
            saw("layer")["from"].as_u64(),
            saw("layer")["below"].as_u64()
        ),
        (Some(quarter), Some(3 * quarter))
    );
    assert_eq!(saw("holdout")["below"], json!(quarter));
    assert_eq!(saw("allocation")["below"], json!(2 * quarter));
    assert_eq!(saw("override"), json!({"variant": null}));
    assert_eq!(saw("status"), json!({"status": "running", "shipped": null}));
    assert_eq!(saw("prerequisite")["variants"], json!(["B"]));
    assert_eq!(saw("sticky"), json!({"sticky": true, "shown": null}));
    let names: Vec<_> = explained["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| c["check"].clone())
        .collect();
    assert_eq!(
        json!(names),
        json!([
            "experiment",
            "load",
            "unit",
            "override",
            "status",
            "prerequisite",
            "holdout",
            "layer",
            "sticky",
            "targeting",
            "allocation",
            "variant"
        ])
    );
    Ok(())
}

#[test]
fn the_hashes_are_those_of_the_vectors() -> Tried {
    // salt exp-1, unit u1: h(0) and h(1) by hand in tests/vectors/assignment.json.
    let bundle = json!({"experiments": [experiment("one", &json!({"salt": "exp-1"}))]});
    let engine = Engine::from_json(&bundle.to_string()).map_err(text)?;
    let explained = check(&engine, "one", "u1", &Visitor::default(), None)?;
    assert_eq!(
        explained.describe(),
        "one for \"u1\": B, assigned
  experiment   known
  load         loaded
  unit         2 bytes, 1 to 1024 allowed
  override     none for this unit
  status       running
  prerequisite none
  holdout      none
  layer        none
  sticky       not asked for
  targeting    everyone
  allocation   h(1) = 602842203563073 is below 4503599627370496 (100%)
> variant      h(0) = 3422863056982560; A below 2251799813685248, B below 4503599627370496
"
    );
    Ok(())
}

#[test]
fn what_cannot_be_checked_is_not() -> Tried {
    let engine = everything()?;
    let last = |key: &str, unit: &str| -> Tried<Value> {
        let explained = check(&engine, key, unit, &Visitor::default(), None)?;
        Ok(explained.to_value()["checks"]
            .as_array()
            .and_then(|all| all.last().cloned())
            .unwrap_or_default())
    };
    assert_eq!(
        last("nowhere", "u")?["says"],
        json!({"variant": null, "reason": "unknown_experiment"})
    );
    assert_eq!(last("broken", "u")?["check"], "load");
    assert_eq!(
        last("all", "")?["says"],
        json!({"variant": "A", "reason": "invalid_unit"})
    );
    Ok(())
}

#[test]
fn what_was_shown_before_is_told() -> Tried {
    let bundle = json!({"experiments": [experiment("one", &json!({
        "sticky": true, "targeting": {"attr": "n", "op": "eq", "value": 0}
    }))]});
    let engine = Engine::from_json(&bundle.to_string()).map_err(text)?;
    let new = Visitor::from_json(r#"{"n": 0}"#);
    let cookie = engine.remember("", [(0, engine.outcome(0, "u1", &new, None))]);
    let (memory, bought) = (engine.recall(&cookie), Visitor::from_json(r#"{"n": 1}"#));
    let explained = check(&engine, "one", "u1", &memory.with(&bought), None)?;
    let spoke = explained.spoke().ok_or("nothing spoke")?;
    assert_eq!(
        spoke.saw,
        Saw::Sticky {
            sticky: true,
            shown: explained.decision.variant.clone()
        }
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_story_is_the_decision(
        key in prop::sample::select(vec!["first", "all", "over", "draft", "broken", "nowhere"]),
        unit in prop_oneof![8 => "[a-zé]{0,6}", 1 => Just("tester".to_owned()), 1 => "[a-z]{1020,1028}"],
        n in prop::option::of(0..4_i32),
        c in prop::sample::select(vec!["null", "\"CA\"", "\"DE\"", "7"]),
        t in prop::sample::select(vec!["null", "[]", "[\"new\"]", "{}"]),
        vip in prop::sample::select(vec!["", "\"vip\":\"HASH\"", "\"vip\":\"!HASH\"", "\"vip\":\"old\""]),
        shown in prop::sample::select(vec!["", "A", "B"]),
        torn in 0..12_u8,
    ) {
        let engine = everything().map_err(TestCaseError::fail)?;
        let document = format!("{{\"v\":1,\"a\":{{\"n\":{},\"c\":{c},\"t\":{t}}},\"s\":{{{vip}}}}}", json!(n));
        let document = document.replace("HASH", &engine.segment_hashes()["vip"]);
        let bytes = &document.as_bytes()[usize::from(torn == 0)..];
        let run = &stoa_core::hash::sha256_hex("all")[..8];
        let memory = engine.recall(&format!("all.{run}.{shown}"));
        let read = engine.read(bytes);
        check(&engine, key, &unit, &memory.with(&read), None).map_err(TestCaseError::fail)?;
        check(&engine, key, &unit, &Visitor::from_slice(bytes), None).map_err(TestCaseError::fail)?;
    }
}
