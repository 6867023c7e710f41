//! Tests that began in `GrowthBook` or Eppo: every id keeps the variant that the real SDK gave it, and what cannot be
//! carried is refused by name.
#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value as Json, json};
use stoa_core::{
    assign::{Bundle, Engine, Reason, Visitor},
    experiment::Experiment,
    migrate::{MigrateOptions, Migration, from_eppo, from_growthbook},
    rule::{AttributeSchema, Dialect},
    value::Timestamp,
};
use stoa_tests::vectors;

fn options() -> MigrateOptions {
    let metrics =
        json!({"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}});
    MigrateOptions {
        surface: "shipping_offer".to_owned(),
        metrics: serde_json::from_value(metrics).unwrap(),
        ..MigrateOptions::default()
    }
}

fn moved(case: &Json) -> Migration {
    let read = match case["source"].as_str().unwrap() {
        "growthbook" => from_growthbook,
        _ => from_eppo,
    };
    read(&case["config"], &options()).unwrap()
}

fn engine(moved: Migration) -> Engine {
    let bundle = Bundle::new(moved.experiments, Vec::new(), moved.store, None).unwrap();
    Engine::new(bundle).unwrap()
}

#[test]
fn every_id_keeps_its_variant() {
    let vectors = vectors("migration.json").unwrap();
    let visitors = vectors["visitors"].as_array().unwrap();
    let ids = vectors["ids"].as_array().unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let name = format!("{} {}", case["scheme"], case["name"]);
        let moved = moved(case);
        assert!(moved.refused.is_empty(), "{name}: {:?}", moved.refused);
        let mut expected = serde_json::to_value(&moved.experiments[0]).unwrap();
        let fields = case["experiment"].as_object().unwrap().clone();
        expected.as_object_mut().unwrap().extend(fields);
        let expected: Experiment = serde_json::from_value(expected).unwrap();
        assert_eq!(moved.experiments[0], expected, "{name}");
        let layer = moved.experiments[0].layer.as_ref().map(|share| {
            let layer = moved.store.layer(&share.key).unwrap();
            (json!([layer.salt, layer.hash]), share.from, share.to)
        });
        let expected = case.get("layer").map(|l| {
            let number = |field: &str| l[field].as_f64().unwrap();
            (json!([l["salt"], l["hash"]]), number("from"), number("to"))
        });
        assert_eq!(layer, expected, "{name}");
        let engine = engine(moved);
        let expected = case["answers"].as_str().unwrap();
        let answer = |(k, id): (usize, &Json)| {
            let mut attributes = visitors[k % visitors.len()].clone();
            attributes["id"] = id.clone();
            let visitor = Visitor::from_json(&attributes.to_string());
            let outcome = engine.outcome(0, id.as_str().unwrap(), &visitor, None);
            match (outcome.reason, outcome.variant) {
                (Reason::Assigned, Some(variant)) => char::from(b'0' + variant),
                _ => '.',
            }
        };
        let found: String = ids.iter().enumerate().map(answer).collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// Path, code and rule of each refusal.
fn refusals(moved: &Migration) -> Vec<(String, String)> {
    let refused = moved.refused.iter();
    refused
        .map(|p| (p.code.clone(), p.detail.field.clone()))
        .collect()
}

fn rules(rules: &Json) -> Migration {
    let payload = json!({"features": {"flag": {"defaultValue": "a", "rules": rules}}});
    from_growthbook(&payload, &options()).unwrap()
}

#[test]
fn rules_that_no_document_can_say_are_refused_by_name() {
    let refused = |rule: Json| {
        let mut whole = json!({"key": "test", "variations": ["a", "b"]});
        let fields = rule.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(fields);
        let moved = rules(&json!([whole]));
        assert!(moved.experiments.is_empty(), "{whole}");
        let [(code, field)] = &refusals(&moved)[..] else {
            unreachable!("{whole}: {:?}", moved.refused)
        };
        let path = field.strip_prefix("features.flag.rules[0]").unwrap();
        format!("{code} {path}")
    };
    let expected = [
        (json!({"hashVersion": 3}), "unsupported .hashVersion"),
        (
            json!({"parentConditions": [{"id": "other"}]}),
            "unsupported .parentConditions",
        ),
        (
            json!({"contextualBanditRef": "b"}),
            "unsupported .contextualBanditRef",
        ),
        (
            json!({"meta": [{"passthrough": true}, {}]}),
            "unsupported .meta",
        ),
        (json!({"coverage": null}), "unsupported .coverage"),
        (json!({"weigths": [0.5, 0.5]}), "unknown_field .weigths"),
        (json!({"weights": "even"}), "wrong_type .weights"),
        (
            json!({"condition": {"app": {"$vgt": "1.2"}}}),
            "unsupported .condition.app.$vgt",
        ),
        (
            json!({"namespace": ["pricing", 0.5, 0.5]}),
            "out_of_range .layer.to",
        ),
        (
            json!({"namespace": ["pricing", "0", 1]}),
            "unsupported .namespace",
        ),
        (
            json!({"filters": [{"seed": "s", "ranges": [[0, 0.1], [0.2, 0.3]]}]}),
            "unsupported .filters[0].ranges",
        ),
        (
            json!({"filters": [{"seed": "s", "ranges": [[0, 0.1]], "attribute": "device"}]}),
            "unsupported .filters[0].attribute",
        ),
        (json!({"filters": [{}, {}]}), "unsupported .filters"),
        (json!({"ranges": [[0, 0.5]]}), "out_of_range .ranges"),
        (
            json!({"ranges": [[0, 0.5], [0.4, 1]]}),
            "conflict .buckets.ranges",
        ),
        (json!({"variations": ["a"]}), "out_of_range .variants"),
    ];
    for (rule, found) in expected {
        assert_eq!(refused(rule.clone()), found, "{rule}");
    }
}

#[test]
fn what_stands_before_a_test_is_left_out_of_it_or_refuses_it() {
    let test = json!({"key": "test", "variations": ["a", "b"]});
    let before = |first: Json| rules(&json!([first, test]));
    let forced = before(json!({"force": "b", "condition": {"country": "CA"}}));
    let rule = forced.experiments[0].targeting.as_ref().unwrap();
    assert_eq!(rule.describe(None), "has no country, or country is not CA");
    assert_eq!(forced.notes.len(), 1);

    let nobody = before(json!({"force": "b", "coverage": 0}));
    assert_eq!(nobody.experiments[0].targeting, None);
    for first in [
        json!({"force": "b"}),
        json!({"force": "b", "coverage": 0.5}),
        json!({"key": "other", "variations": ["a", "b"], "coverage": 0.5}),
        json!({"force": "b", "condition": {"app": {"$vgt": "1.2"}}}),
    ] {
        let moved = before(first.clone());
        let fields = refusals(&moved);
        assert!(
            fields.contains(&("unsupported".into(), "features.flag.rules[1]".into())),
            "{first}: {fields:?}"
        );
    }

    // Slices of one namespace do not meet, so the second test is reached by all of its own.
    let slice = |key: &str, from: f64, to: f64| json!({"key": key, "variations": ["a", "b"], "namespace": ["pricing", from, to]});
    let apart = rules(&json!([slice("one", 0.0, 0.5), slice("two", 0.5, 1.0)]));
    assert_eq!((apart.experiments.len(), apart.store.layers.len()), (2, 1));
    let meeting = rules(&json!([slice("one", 0.0, 0.6), slice("two", 0.5, 1.0)]));
    assert_eq!(meeting.experiments.len(), 1);

    let twice = rules(&json!([slice("one", 0.0, 0.5), slice("one", 0.5, 1.0)]));
    assert_eq!(
        refusals(&twice),
        [("duplicate".into(), "features.flag.rules[1].key".into())]
    );
}

/// A flag whose one allocation, changed by `change`, splits in halves.
fn flag(change: impl FnOnce(&mut Json)) -> Json {
    let split = |key: &str, start: u32, end: u32| {
        json!({"variationKey": key, "shards": [
            {"salt": "traffic", "ranges": [{"start": 0, "end": 4000}]},
            {"salt": "split", "ranges": [{"start": start, "end": end}]}]})
    };
    let splits = [split("on", 0, 5000), split("off", 5000, 10000)];
    let mut flag = json!({"key": "flag", "enabled": true, "variationType": "BOOLEAN", "totalShards": 10000,
        "variations": {"on": {"key": "on", "value": true}, "off": {"key": "off", "value": false}},
        "allocations": [{"key": "test", "doLog": true, "splits": splits}]});
    change(&mut flag);
    json!({"format": "SERVER", "flags": {"flag": flag}})
}

#[test]
fn allocations_that_no_document_can_say_are_refused_by_name() {
    let refused = |at: &'static str, value: Json| {
        let config = flag(|flag| match flag.pointer_mut(at) {
            Some(place) => *place = value,
            None => flag["allocations"][0][at] = value,
        });
        let moved = from_eppo(&config, &options()).unwrap();
        assert!(moved.experiments.is_empty(), "{config}");
        let (code, field) = refusals(&moved).swap_remove(0);
        format!("{code} {}", field.strip_prefix("flags.flag").unwrap())
    };
    let rule = |attribute: &str, operator: &str, value: Json| json!([{"conditions": [{"attribute": attribute, "operator": operator, "value": value}]}]);
    let path = ".allocations[0]";
    let condition = format!("{path}.rules[0].conditions[0]");
    let salt = "/allocations/0/splits/1/shards/1/salt";
    for (at, value, code, field) in [
        (
            salt,
            json!("other"),
            "unsupported",
            format!("{path}.splits[1].shards"),
        ),
        (
            "startAt",
            json!("2026-01-01T00:00:00Z"),
            "unsupported",
            format!("{path}.startAt"),
        ),
        (
            "rules",
            rule("app", "MATCHES", json!("1\\.\\d")),
            "unsupported",
            format!("{condition}.value"),
        ),
        (
            "rules",
            rule("app", "GTE", json!("1.2.3")),
            "unsupported",
            format!("{condition}.value"),
        ),
        (
            "rules",
            rule("paid", "ONE_OF", json!(["true"])),
            "unsupported",
            format!("{path}.rules"),
        ),
        (
            "rules",
            rule("app", "MATCH", json!("a")),
            "unknown_operator",
            format!("{condition}.operator"),
        ),
        (
            "audience",
            json!({}),
            "unknown_field",
            format!("{path}.audience"),
        ),
        ("/totalShards", json!(0), "out_of_range", String::new()),
        (
            "/allocations/0/splits/0/variationKey",
            json!("onn"),
            "unknown_name",
            format!("{path}.splits"),
        ),
    ] {
        let found = refused(at, value.clone());
        assert!(
            found.starts_with(&format!("{code} {field}")),
            "{at} {value}: {found}"
        );
    }
}

#[test]
fn eppos_conditions_mean_what_they_mean_there() {
    let schema = r#"{"country": {"type": "string"}, "paid": {"type": "boolean"}, "orders": {"type": "number"}}"#;
    let options = MigrateOptions {
        schema: Some(AttributeSchema::from_json(schema).unwrap()),
        now: Some(Timestamp::parse("2026-06-01T00:00:00Z").unwrap()),
        ..options()
    };
    let targeted = |conditions: Json| {
        let config = flag(|flag| {
            flag["allocations"][0]["rules"] = json!([{"conditions": conditions}]);
            flag["allocations"][0]["endAt"] = json!("2026-12-01T00:00:00.000Z");
        });
        let moved = from_eppo(&config, &options).unwrap();
        assert_eq!(moved.refused, []);
        moved.experiments[0].targeting.clone().unwrap()
    };
    // Where the condition is true, among these visitors; one of them knows nothing.
    let visitors = [
        json!({"country": "CA", "paid": true, "orders": 2}),
        json!({"country": "US", "paid": false, "orders": 5}),
        json!({}),
    ];
    let one = |attribute: &str, operator: &str, value: Json| json!([{"attribute": attribute, "operator": operator, "value": value}]);
    for (conditions, expected) in [
        (one("country", "ONE_OF", json!(["CA", "true"])), "100"),
        (one("country", "NOT_ONE_OF", json!(["CA"])), "010"),
        (one("country", "MATCHES", json!("^C")), "100"),
        (one("country", "NOT_MATCHES", json!("^C")), "010"),
        (one("country", "IS_NULL", json!(true)), "001"),
        (one("country", "IS_NULL", json!(false)), "110"),
        (one("paid", "ONE_OF", json!(["true", "yes"])), "100"),
        (one("paid", "NOT_ONE_OF", json!(["true"])), "010"),
        (one("orders", "NOT_ONE_OF", json!(["2", "2.0"])), "010"),
        (one("orders", "GTE", json!(2)), "110"),
        (one("orders", "LT", json!(5)), "100"),
        (json!([]), "111"),
    ] {
        let rule = targeted(conditions.clone());
        let holds = |visitor: &Json| {
            let attributes = stoa_core::value::Attributes::from_json(&visitor.to_string()).unwrap();
            if rule.evaluate(&attributes, None) == Some(true) {
                '1'
            } else {
                '0'
            }
        };
        assert_eq!(
            visitors.iter().map(holds).collect::<String>(),
            expected,
            "{conditions}"
        );
    }
}

#[test]
fn eppos_hash_is_replayed_in_sql_and_growthbooks_is_refused() {
    let moved = from_eppo(&flag(|_| ()), &options()).unwrap();
    let sql = engine(moved)
        .assignment_sql("flag-test", Dialect::Duckdb, "id")
        .unwrap();
    assert_eq!(
        sql,
        "CASE WHEN \"id\" IS NULL OR \"id\" = '' OR strlen(\"id\") > 1024 THEN 'on' \
         WHEN NOT (mod(CAST('0x' || substr(md5('traffic-' || \"id\"), 1, 8) AS BIGINT), 10000) < 4000) THEN 'on' \
         WHEN mod(CAST('0x' || substr(md5('split-' || \"id\"), 1, 8) AS BIGINT), 10000) < 5000 THEN 'on' \
         WHEN mod(CAST('0x' || substr(md5('split-' || \"id\"), 1, 8) AS BIGINT), 10000) >= 5000 \
         AND mod(CAST('0x' || substr(md5('split-' || \"id\"), 1, 8) AS BIGINT), 10000) < 10000 THEN 'off' ELSE 'on' END"
    );
    let moved = rules(&json!([{"key": "test", "variations": ["a", "b"]}]));
    let error = engine(moved)
        .assignment_sql("test", Dialect::Duckdb, "id")
        .unwrap_err();
    assert_eq!(
        (error.code(), &*error.detail().unwrap().field),
        ("unsupported", "hash")
    );
}

#[test]
fn raising_the_allocation_moves_nobody() {
    let vectors = vectors("migration.json").unwrap();
    let ids = vectors["ids"].as_array().unwrap();
    for (hash, buckets) in [
        ("growthbook_v1", Json::Null),
        ("growthbook_v2", Json::Null),
        ("eppo", json!({"traffic_salt": "traffic"})),
    ] {
        let engine = |allocation: f64| {
            let experiment = json!({
                "key": "test", "surface": "cart_page", "status": "running", "hash": hash, "buckets": buckets,
                "allocation": allocation, "variants": [{"key": "a", "weight": 0.3}, {"key": "b", "weight": 0.7}],
                "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
            });
            let bundle = json!({"experiments": [experiment]}).to_string();
            let engine = Engine::from_json(&bundle).unwrap();
            assert_eq!(engine.load_errors(), []);
            engine
        };
        let whole = engine(1.0);
        let everyone = |engine: &Engine, id: &Json| {
            engine.outcome(0, id.as_str().unwrap(), &Visitor::default(), None)
        };
        for allocation in [0.0, 0.01, 0.37, 0.9] {
            let partial = engine(allocation);
            let inside = ids.iter().filter(|id| {
                let outcome = everyone(&partial, id);
                let inside = outcome.reason == Reason::Assigned;
                assert!(!inside || outcome == everyone(&whole, id), "{hash} {id}");
                inside
            });
            // Five standard errors of a share of 2,000, at most.
            let share = inside.count() as f64 / ids.len() as f64;
            assert!(
                (share - allocation).abs() < 0.056,
                "{hash} {allocation}: {share}"
            );
        }
    }
}

#[test]
fn an_explanation_shows_the_buckets() {
    let engine = engine(from_eppo(&flag(|_| ()), &options()).unwrap());
    let last_line = |unit: &str| {
        let explained = engine.explain("flag-test", unit, &Visitor::default(), None);
        let text = explained.describe();
        text.lines().last().unwrap().to_owned()
    };
    // printf 'traffic-u1' | md5sum begins 0dc80e45, 'split-u1' 280b918a; 'traffic-u2' and 'split-u2' leave 3739 and 4231.
    let owned = "on from 0 to 5000; off from 5000 to 10000";
    let traffic = |bucket: u32, side: &str| {
        format!("> buckets      traffic: bucket = {bucket} is {side} 0 to 4000 (0% to 40%)")
    };
    let out = format!(
        "{}; bucket 6794 of 10000; {owned}",
        traffic(4661, "outside")
    );
    assert_eq!(last_line("u1"), out);
    let inside = format!("{}; bucket 4231 of 10000; {owned}", traffic(3739, "inside"));
    assert_eq!(last_line("u2"), inside);
}
