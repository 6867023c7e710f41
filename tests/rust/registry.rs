//! The registry: every transition, what a change of the log is found by, and that reading it back gives the same state.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Instant;

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::{
    assign::Engine,
    experiment::{Experiment, StoreDocument},
    registry::{
        Action, ClaimLevel, Draft, Event, Evidence, QuestionKind, Registry, event_json_schema,
    },
    rule::Rule,
    segment::Lifecycle,
    value::Timestamp,
};
use stoa_tests::{root, vectors};

fn at(second: u64) -> Timestamp {
    Timestamp {
        micros: 1_772_000_000_000_000 + i64::try_from(second).unwrap() * 1_000_000,
    }
}

fn rule(n: u64) -> Rule {
    Rule::parse_sql(&format!("orders_count >= {n}")).unwrap()
}

fn draft(second: u64, key: &str, action: Action) -> Draft {
    Draft {
        time: at(second),
        actor: "ana".into(),
        key: key.into(),
        reason: "because".into(),
        simulated: false,
        action,
    }
}

const ACCEPT: Action = Action::Accept { version: None };
const DEPLOY: Action = Action::Deploy { version: None };
const RETIRE: Action = Action::Retire { version: None };

fn confirm(experiment: &str) -> Action {
    let evidence = Evidence {
        experiment: Some(experiment.into()),
        ..Evidence::default()
    };
    Action::Confirm {
        version: None,
        evidence: Box::new(evidence),
    }
}

fn found(n: u64, evidence: &Value) -> Action {
    Action::Propose {
        rule: rule(n),
        description: String::new(),
        evidence: Some(Box::new(Evidence::from_value(evidence).unwrap())),
        provenance: None,
    }
}

/// Does an action now, or says the code it was refused with.
fn act(registry: &mut Registry, key: &str, action: Action) -> Result<(), &'static str> {
    let second = registry.events().len() as u64;
    let event = registry
        .next(&draft(second, key, action))
        .map_err(|e| e.code())?;
    registry.apply(event).map_err(|e| e.code())
}

fn log(registry: &Registry) -> String {
    registry
        .events()
        .iter()
        .map(|e| e.to_line() + "\n")
        .collect()
}

fn stands(registry: &Registry, key: &str) -> (Lifecycle, u32) {
    let version = registry.get(key).unwrap().current().unwrap();
    (version.lifecycle, version.version)
}

#[test]
fn every_transition_is_that_of_the_table() {
    // From each stage, what each action leads to; None where it is refused.
    use Lifecycle::{Accepted, Deployed, Proposed, Retired};
    let table = [
        (
            Proposed,
            [Some(Accepted), None, Some(Retired), Some(Proposed)],
        ),
        (
            Accepted,
            [None, Some(Deployed), Some(Retired), Some(Accepted)],
        ),
        (Deployed, [None, None, Some(Retired), Some(Deployed)]),
        (Retired, [None, None, None, None]),
    ];
    for (stage, outcomes) in table {
        for (action, outcome) in [ACCEPT, DEPLOY, RETIRE, confirm("later")]
            .into_iter()
            .zip(outcomes)
        {
            let mut registry = Registry::default();
            act(&mut registry, "a", Action::propose(rule(2))).unwrap();
            let path: &[Action] = match stage {
                Proposed => &[],
                Accepted => &[ACCEPT],
                Deployed => &[ACCEPT, DEPLOY],
                Retired => &[RETIRE],
            };
            for step in path {
                act(&mut registry, "a", step.clone()).unwrap();
            }
            assert_eq!(stands(&registry, "a").0, stage);
            let done = act(&mut registry, "a", action.clone());
            assert_eq!(
                done.err(),
                outcome.is_none().then_some("conflict"),
                "{stage:?} {action:?}"
            );
            assert_eq!(stands(&registry, "a").0, outcome.unwrap_or(stage));
        }
    }
}

#[test]
fn a_new_rule_waits_while_the_old_one_stays_deployed() {
    let mut registry = Registry::default();
    let propose = |n| Action::propose(rule(n));
    act(&mut registry, "a", propose(2)).unwrap();
    assert_eq!(act(&mut registry, "a", propose(2)), Err("duplicate"));
    act(&mut registry, "a", ACCEPT).unwrap();
    act(&mut registry, "a", DEPLOY).unwrap();
    assert_eq!(act(&mut registry, "a", propose(2)), Err("duplicate"));
    act(&mut registry, "a", propose(3)).unwrap();
    assert_eq!(stands(&registry, "a"), (Lifecycle::Deployed, 1));
    let seen = Action::Accept { version: Some(2) };
    act(&mut registry, "a", propose(4)).unwrap();
    assert_eq!(
        act(&mut registry, "a", seen),
        Err("conflict"),
        "nobody accepts a rule they have not read"
    );
    assert_eq!(registry.segments(Some(Lifecycle::Proposed))[0].1.version, 3);
    act(&mut registry, "a", ACCEPT).unwrap();
    act(&mut registry, "a", DEPLOY).unwrap();
    assert_eq!(stands(&registry, "a"), (Lifecycle::Deployed, 3));
    let stages: Vec<_> = registry
        .get("a")
        .unwrap()
        .versions
        .iter()
        .map(|v| v.lifecycle)
        .collect();
    assert_eq!(
        stages,
        [Lifecycle::Retired, Lifecycle::Retired, Lifecycle::Deployed]
    );
    act(&mut registry, "a", RETIRE).unwrap();
    act(&mut registry, "a", propose(4)).unwrap();
    assert_eq!(stands(&registry, "a"), (Lifecycle::Proposed, 4));
}

#[test]
fn a_claim_is_confirmed_by_another_experiment_and_nothing_else() {
    let mut registry = Registry::default();
    let claimed = json!({"experiment": "spring", "claim": "confirmed"});
    assert_eq!(act(&mut registry, "a", found(2, &claimed)), Err("conflict"));
    let wrong_rule = json!({"experiment": "spring", "rule_hash": rule(3).hash()});
    assert_eq!(
        act(&mut registry, "a", found(2, &wrong_rule)),
        Err("conflict")
    );
    let honest = json!({"experiment": "spring", "claim": "honest", "rule_hash": rule(2).hash()});
    act(&mut registry, "a", found(2, &honest)).unwrap();
    assert_eq!(act(&mut registry, "a", confirm("spring")), Err("conflict"));
    let nothing = Action::Confirm {
        version: None,
        evidence: Box::default(),
    };
    assert_eq!(act(&mut registry, "a", nothing), Err("missing_field"));
    let claim = |r: &Registry| r.get("a").unwrap().current().unwrap().claim;
    assert_eq!(claim(&registry), Some(ClaimLevel::Honest));
    act(&mut registry, "a", confirm("autumn")).unwrap();
    assert_eq!(claim(&registry), Some(ClaimLevel::Confirmed));
    act(&mut registry, "a", Action::propose(rule(3))).unwrap();
    assert_eq!(claim(&registry), None, "another rule, another claim");
}

#[test]
fn names_are_kept_apart_and_lead_on() {
    let mut registry = Registry::default();
    let rename = |to: &str| Action::Rename { to: to.into() };
    for key in ["a", "b"] {
        act(&mut registry, key, Action::propose(rule(2))).unwrap();
    }
    for hostile in ["A", "a b", "../x", "'; DROP", "", "é"] {
        assert_eq!(
            act(&mut registry, hostile, Action::propose(rule(2))),
            Err("out_of_range")
        );
        assert_eq!(
            act(&mut registry, "a", rename(hostile)),
            Err("out_of_range")
        );
    }
    assert_eq!(act(&mut registry, "a", rename("b")), Err("duplicate"));
    act(&mut registry, "a", rename("c")).unwrap();
    assert_eq!(registry.get("a").unwrap().key, "c");
    assert_eq!(
        act(&mut registry, "b", rename("a")),
        Err("duplicate"),
        "a former key is not free"
    );
    act(&mut registry, "a", ACCEPT).unwrap();
    assert_eq!(registry.events().last().unwrap().key, "c");
    act(&mut registry, "c", rename("a")).unwrap();
    assert_eq!(
        (
            registry.get("c").unwrap().key.as_str(),
            registry.entries().len()
        ),
        ("a", 2)
    );
    assert_eq!(
        act(&mut registry, "unheard_of", ACCEPT),
        Err("unknown_name")
    );
}

#[test]
fn rules_that_name_segments_lead_somewhere_and_not_back() {
    let named = |sql: &str| Action::propose(Rule::parse_sql(sql).unwrap());
    let mut registry = Registry::default();
    assert_eq!(
        act(&mut registry, "a", named("segment('b')")),
        Err("unknown_name")
    );
    assert_eq!(act(&mut registry, "a", named("segment('a')")), Err("cycle"));
    act(&mut registry, "b", Action::propose(rule(2))).unwrap();
    act(&mut registry, "a", named("segment('b')")).unwrap();
    assert_eq!(act(&mut registry, "b", named("segment('a')")), Err("cycle"));
    act(&mut registry, "a", ACCEPT).unwrap();
    act(&mut registry, "a", DEPLOY).unwrap();
    assert_eq!(
        act(&mut registry, "b", RETIRE),
        Err("conflict"),
        "a deployed segment names it"
    );
    act(&mut registry, "a", RETIRE).unwrap();
    act(&mut registry, "b", RETIRE).unwrap();
}

fn experiment(targeting: &str) -> Experiment {
    Experiment::from_value(&json!({
        "key": "free_shipping", "surface": "shipping_offer", "status": "running", "targeting": {"segment": targeting},
        "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    }))
    .unwrap()
}

#[test]
fn a_bundle_has_the_deployed_segments_and_those_they_name() {
    let mut registry = Registry::default();
    act(&mut registry, "base", Action::propose(rule(2))).unwrap();
    let by_name = Rule::parse_sql("segment('base') AND country = 'CA'").unwrap();
    act(&mut registry, "local", Action::propose(by_name)).unwrap();
    act(&mut registry, "other", Action::propose(rule(9))).unwrap();
    let store = StoreDocument::default;
    for stage in ["proposed", "accepted"] {
        let error = registry
            .bundle(vec![experiment("local")], store(), None)
            .unwrap_err();
        let said = format!(
            "experiments[0].targeting must name deployed segments, `local` is {stage}, got local"
        );
        assert_eq!((error.code(), error.to_string()), ("conflict", said));
        act(
            &mut registry,
            "local",
            if stage == "proposed" { ACCEPT } else { DEPLOY },
        )
        .unwrap();
    }
    act(
        &mut registry,
        "base",
        Action::Rename {
            to: "ground".into(),
        },
    )
    .unwrap();
    let bundle = registry
        .bundle(vec![experiment("local")], store(), None)
        .unwrap();
    let keys: Vec<_> = bundle.segments.iter().map(|s| s.key.as_str()).collect();
    assert_eq!(
        keys,
        ["base", "local"],
        "under the name that the rule has for it"
    );
    let unknown = registry
        .bundle(vec![experiment("locl")], store(), None)
        .unwrap_err();
    assert_eq!(
        unknown.detail().unwrap().hint.as_deref(),
        Some("did you mean `local`?")
    );
    let engine = Engine::new(bundle).unwrap();
    let visitor = stoa_core::assign::Visitor::from_json(r#"{"orders_count": 3, "country": "CA"}"#);
    let decision = engine.decide("free_shipping", "u1", &visitor, None);
    assert_eq!(decision.reason.key(), "assigned");
}

/// A log of 50 events with everything in it.
fn fifty() -> Registry {
    let mut registry = Registry::default();
    for n in 0..8_u64 {
        let key = format!("segment_{n}");
        let effect =
            json!({"estimate": 0.1 + n as f64 / 7.0, "low": -0.25, "high": 1e-7, "level": 0.95});
        let evidence =
            json!({"experiment": "spring", "effect": effect, "n": 12_345, "stability": 0.93});
        act(&mut registry, &key, found(n, &evidence)).unwrap();
        act(&mut registry, &key, ACCEPT).unwrap();
        act(&mut registry, &key, DEPLOY).unwrap();
        act(&mut registry, &key, confirm("autumn é \u{2028} \"quoted\"")).unwrap();
        act(&mut registry, &key, Action::propose(rule(n + 100))).unwrap();
        act(
            &mut registry,
            &key,
            Action::Rename {
                to: format!("renamed_{n}"),
            },
        )
        .unwrap();
    }
    act(&mut registry, "segment_0", RETIRE).unwrap();
    act(
        &mut registry,
        "segment_1",
        Action::Retire { version: Some(2) },
    )
    .unwrap();
    assert_eq!(registry.events().len(), 50);
    registry
}

#[test]
fn every_changed_byte_is_found_or_is_a_torn_end() {
    let registry = fifty();
    let whole = log(&registry).into_bytes();
    let read = Registry::read(&whole).unwrap();
    assert_eq!((&read.0, read.1.torn), (&registry, None));
    assert_eq!(registry.bytes(), whole.len() as u64);
    // The chain above a line is the same whatever is changed in it: fold it once, then try the line's every byte.
    let mut above = Registry::default();
    let mut begin = 0;
    for line in whole.split_inclusive(|b| *b == b'\n') {
        for at in 0..line.len() {
            for byte in [line[at] ^ 1, line[at] ^ 0x20, b'\n', b' ', 0, 0xff] {
                if byte == line[at] {
                    continue;
                }
                let mut changed = whole[begin..].to_vec();
                changed[at] = byte;
                let mut registry = above.clone();
                match registry.extend(&changed) {
                    Err(error) => {
                        assert_eq!(error.code(), "broken_chain", "{error}");
                        let line = format!("line {}", above.events().len() + 1);
                        let field = &error.detail().unwrap().field;
                        // A line end that is gone, or one too many, shows in this line; a break in the next at last.
                        assert!(field.starts_with(&line), "{field}, changed in {line}");
                    }
                    Ok(ending) => assert!(ending.torn.is_some() && at + 1 == line.len()),
                }
            }
        }
        above.extend(line).unwrap();
        begin += line.len();
    }
}

#[test]
fn lines_removed_moved_or_repeated_are_found_and_a_cut_end_is_torn() {
    let registry = fifty();
    let text = log(&registry);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let refused = |lines: &[&str], line: usize| {
        let error = Registry::read(lines.concat().as_bytes()).unwrap_err();
        assert_eq!(error.code(), "broken_chain");
        assert_eq!(error.detail().unwrap().field, format!("line {line}.seq"));
    };
    for i in 0..lines.len() - 1 {
        let removed: Vec<_> = [&lines[..i], &lines[i + 1..]].concat();
        refused(&removed, i + 1);
        let mut swapped = lines.clone();
        swapped.swap(i, i + 1);
        refused(&swapped, i + 1);
        let repeated = [&lines[..=i], &lines[i..]].concat();
        refused(&repeated, i + 2);
    }
    let end = text.len();
    let begin = end - lines[49].len();
    for cut in begin + 1..end {
        let (read, ending) = Registry::read(&text.as_bytes()[..cut]).unwrap();
        let torn = ending.torn.unwrap();
        assert_eq!(
            (read.events().len(), torn.offset, torn.bytes),
            (49, begin as u64, (cut - begin) as u64)
        );
        assert_eq!(
            torn.whole,
            cut == end - 1,
            "an event without its line end is whole"
        );
    }
}

#[test]
fn a_forged_line_is_refused_by_what_it_says() {
    let registry = fifty();
    let seal = |change: &dyn Fn(&mut Value)| {
        // Somebody who recomputes the hash still cannot say what the lifecycle does not allow.
        let mut value = registry.events()[49].to_value();
        change(&mut value);
        serde_json::from_value::<Event>(value).unwrap()
    };
    let text = log(&registry);
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    let (mut early, _) = Registry::read(&text.as_bytes()[..last]).unwrap();
    for (field, forged) in [
        ("seq", seal(&|v| v["seq"] = json!(49))),
        ("prev", seal(&|v| v["prev"] = json!(""))),
        ("hash", seal(&|v| v["actor"] = json!("eve"))),
        ("hash", seal(&|v| v["simulated"] = json!(true))),
    ] {
        let error = early.apply(forged).unwrap_err();
        assert_eq!(
            (error.code(), error.detail().unwrap().field.as_str()),
            ("broken_chain", field)
        );
    }
    let later = log(&registry).replacen("\"schema_version\":1", "\"schema_version\":2", 1);
    assert_eq!(
        Registry::read(later.as_bytes()).unwrap_err().code(),
        "unsupported"
    );
}

#[test]
fn times_do_not_go_backwards_and_texts_have_limits() {
    let mut registry = Registry::default();
    registry
        .apply(
            registry
                .next(&draft(10, "a", Action::propose(rule(2))))
                .unwrap(),
        )
        .unwrap();
    let early = registry.next(&draft(9, "a", ACCEPT)).unwrap_err();
    assert_eq!(
        (early.code(), early.detail().unwrap().field.as_str()),
        ("conflict", "time")
    );
    assert_eq!(registry.not_before(at(9)), at(10));
    assert_eq!(registry.not_before(at(11)), at(11));
    let said = |actor: &str, reason: String| {
        let draft = Draft {
            actor: actor.into(),
            reason,
            ..draft(10, "a", ACCEPT)
        };
        registry.next(&draft).map_err(|e| e.code())
    };
    assert_eq!(said(" ", String::new()).unwrap_err(), "missing_field");
    assert_eq!(said("ana", "x".repeat(1_000_000)).unwrap_err(), "too_large");
    assert_eq!(
        said(&"x".repeat(257), String::new()).unwrap_err(),
        "too_large"
    );
    let hostile = "a\nb\r\u{2028}\u{0}\u{85}</script>\"";
    let event = said(hostile, hostile.into()).unwrap();
    assert_eq!(event.to_line().lines().count(), 1);
    let mut again = registry.clone();
    again.extend((event.to_line() + "\n").as_bytes()).unwrap();
    assert_eq!(again.events()[1].reason, hostile);
}

#[test]
fn questions_and_differences_say_what_happened() {
    let mut registry = Registry::default();
    let evidence =
        json!({"experiment": "spring", "missing_attributes": ["mood"], "targetable": false});
    act(&mut registry, "a", found(2, &evidence)).unwrap(); // second 0
    act(&mut registry, "b", Action::propose(rule(3))).unwrap();
    act(&mut registry, "a", ACCEPT).unwrap();
    act(&mut registry, "a", DEPLOY).unwrap(); // second 3
    act(&mut registry, "c", Action::propose(rule(4))).unwrap();
    act(&mut registry, "b", Action::propose(rule(5))).unwrap();
    act(&mut registry, "c", RETIRE).unwrap();
    act(&mut registry, "b", Action::Rename { to: "bee".into() }).unwrap();
    let open = registry.open_questions(None);
    let kinds: Vec<_> = open.iter().map(|q| (q.key.as_str(), q.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("a", QuestionKind::Unconfirmed),
            ("a", QuestionKind::NotTargetable),
            ("bee", QuestionKind::Undecided),
        ]
    );
    assert_eq!(
        open[1].sentence,
        "a (version 1), whose visitor orders_count is at least 2, cannot be targeted: the storefront lacks mood."
    );
    let diff = registry.diff(at(3), at(100));
    assert_eq!(diff.added, ["c"]);
    assert_eq!(
        (
            diff.changed.len(),
            &diff.changed[0].rule_then,
            &diff.changed[0].rule_now
        ),
        (1, &rule(3), &rule(5))
    );
    assert_eq!(
        (diff.renamed[0].from.as_str(), diff.renamed[0].to.as_str()),
        ("b", "bee")
    );
    assert!(diff.moved.is_empty() && diff.retired.is_empty());
    let diff = registry.diff(at(0), at(3));
    assert_eq!(
        (diff.moved[0].from, diff.moved[0].to),
        (Lifecycle::Proposed, Lifecycle::Deployed)
    );
    let since = registry.changelog(Some(at(6)));
    assert_eq!(since[0].sentence, "ana retired c. Reason: because");
    assert_eq!(since.len(), 2);
}

proptest! {
    /// Whatever is done, the log reads back to the same state, in one piece or in two.
    #[test]
    fn what_is_accepted_reads_back(
        actions in prop::collection::vec((0_u64..4, 0_u64..6, 0_u64..4), 1..60),
        cut in 0.0..1.0_f64,
    ) {
        let mut registry = Registry::default();
        for (key, action, n) in actions {
            let key = format!("k{key}");
            let action = match action {
                0 => Action::propose(rule(n)),
                1 => ACCEPT,
                2 => DEPLOY,
                3 => RETIRE,
                4 => confirm("later"),
                _ => Action::Rename { to: format!("k{n}") },
            };
            let before = registry.clone();
            if act(&mut registry, &key, action).is_err() {
                prop_assert_eq!(&before, &registry);
            }
        }
        let text = log(&registry).into_bytes();
        let (again, ending) = Registry::read(&text).unwrap();
        prop_assert_eq!(&again, &registry);
        prop_assert!(ending.torn.is_none());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the text")]
        let cut = (text.len() as f64 * cut) as usize;
        let (mut first, _) = Registry::read(&text[..cut]).unwrap();
        let from = usize::try_from(first.bytes()).unwrap();
        first.extend(&text[from..]).unwrap();
        prop_assert_eq!(&first, &registry);
        let end = registry.events().len() as u64;
        prop_assert_eq!(registry.at(at(end)), registry);
    }
}

#[test]
fn the_golden_log_is_read_and_written_byte_by_byte() {
    let golden = vectors("registry.json").unwrap();
    let lines: Vec<&str> = golden["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l.as_str().unwrap())
        .collect();
    let text = lines.join("\n") + "\n";
    let (registry, ending) = Registry::read(text.as_bytes()).unwrap();
    assert!(ending.torn.is_none());
    assert_eq!(log(&registry), text);
    assert_eq!(json!(registry.head()), golden["head"]);
    let experiment = Experiment::from_value(&golden["experiment"]).unwrap();
    let bundle = registry
        .bundle(vec![experiment], StoreDocument::default(), None)
        .unwrap();
    let served: Value = serde_json::from_str(&bundle.to_json()).unwrap();
    assert_eq!(served, golden["bundle"]);
    let sentences: Vec<String> = registry
        .changelog(None)
        .into_iter()
        .map(|r| r.sentence)
        .collect();
    assert_eq!(json!(sentences), golden["sentences"]);
}

#[test]
fn the_published_schema_is_that_of_the_type() {
    let path = root().join("docs/registry.schema.json");
    let made = serde_json::to_string_pretty(&event_json_schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == made,
        "docs/registry.schema.json is stale: run `UPDATE=1 cargo test -p stoa-tests --test registry`"
    );
}

/// Ten times as many events take about ten times as long, not a hundred: an append looks at no other event.
#[test]
fn ten_thousand_events_are_not_quadratic() {
    let build = |n: u64| {
        let begun = Instant::now();
        let mut registry = Registry::default();
        for i in 0..n {
            // One key with ever more versions, and ever more keys: both grow.
            let key = if i % 2 == 0 {
                "one".to_owned()
            } else {
                format!("k{i}")
            };
            act(&mut registry, &key, Action::propose(rule(i))).unwrap();
        }
        let text = log(&registry);
        let read = Registry::read(text.as_bytes()).unwrap();
        assert_eq!(read.0.events().len() as u64, n);
        begun.elapsed().as_secs_f64()
    };
    let small = (0..3).map(|_| build(1_000)).fold(f64::INFINITY, f64::min);
    let large = build(10_000);
    assert!(
        large < 50.0 * small,
        "{small} s for 1,000 events, {large} s for 10,000"
    );
}
