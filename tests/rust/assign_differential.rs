//! Bundles and visitors with the engine's decisions, for every other language to repeat: `tests/assign/differential.py`
//! runs `write_visits` and hands them round. Here the engine's own ways of reading a visitor are held against each other.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "assign/draw.rs"]
mod draw;
#[path = "rule/generate.rs"]
mod generate;
#[path = "assign/visits.rs"]
mod visits;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
};

use draw::Draw;
use serde_json::{Value as Json, json};
use stoa_core::{
    assign::{Engine, Facts, Outcome, Reason, Visitor},
    value::Timestamp,
};
use visits::Given;

/// The same instant as the rules' own: their edges lie around it.
const NOW: Timestamp = generate::NOW;

/// One bundle, its visitors and what the engine says of each in every experiment.
fn bundle(draw: &mut Draw, n_visits: usize) -> Json {
    let (document, replayed) = draw::bundle(draw);
    let engine = Engine::from_json(&document.to_string()).unwrap();
    let variants = |i| engine.variants(i).map(|(key, _)| key).collect::<Vec<_>>();
    let keys: Vec<&str> = engine.keys().collect();
    let variants: Vec<_> = (0..keys.len()).map(variants).collect();
    let visits: Vec<Json> = (0..n_visits)
        .map(|row| visit(draw, &engine, replayed, row))
        .collect();
    json!({
        "bundle": document, "replayed": replayed, "now": NOW.to_string(), "keys": keys, "variants": variants,
        "plan": engine.plan(), "reasons": Reason::ALL, "visits": visits,
    })
}

fn visit(draw: &mut Draw, engine: &Engine, replayed: bool, row: usize) -> Json {
    let unit = visits::unit(draw, row);
    let given = visits::given(draw, engine, replayed);
    let memory = visits::memory(draw, engine);
    let by_name = given
        .bytes()
        .map_or_else(Visitor::default, Visitor::from_slice);
    let outcomes = decided(engine, &unit, &by_name, memory.as_deref());
    let in_one_pass = engine.read(given.bytes().unwrap_or(b"null"));
    let again = decided(engine, &unit, &in_one_pass, memory.as_deref());
    assert_eq!(outcomes, again, "{unit:?} {:?}", given.bytes());
    let shown = engine.outcomes(&unit, &by_name, Some(NOW));
    let shown: Vec<usize> = shown.map(|(index, _)| index).collect();
    let kept = engine.remember(
        memory.as_deref().unwrap_or_default(),
        outcomes.iter().copied().enumerate(),
    );
    let mut visit = json!({
        "unit": unit, "kind": given.kind(), "memory": memory, "kept": kept,
        "answers": outcomes.into_iter().map(answer).collect::<Vec<_>>(),
    });
    if memory.is_none() {
        visit["shown"] = json!(shown);
    }
    match (&given, given.bytes()) {
        (Given::Bytes(_), Some(bytes)) => visit["hex"] = json!(hex(bytes)),
        (_, Some(bytes)) => visit["text"] = json!(std::str::from_utf8(bytes).unwrap()),
        _ => {}
    }
    visit
}

fn decided(
    engine: &Engine,
    unit: &str,
    visitor: &impl Facts,
    memory: Option<&str>,
) -> Vec<Outcome> {
    let n = engine.keys().count();
    let memory = memory.map(|text| engine.recall(text));
    let one = |index| match &memory {
        Some(memory) => engine.outcome(index, unit, &memory.with(visitor), Some(NOW)),
        None => engine.outcome(index, unit, visitor, Some(NOW)),
    };
    (0..n).map(one).collect()
}

/// Variant and reason as numbers.
fn answer(outcome: Outcome) -> Json {
    json!([outcome.index(), outcome.reason.code()])
}

fn hex(bytes: &[u8]) -> String {
    let one = |hex: String, byte: &u8| hex + &format!("{byte:02x}");
    bytes.iter().fold(String::new(), one)
}

#[test]
fn every_reason_is_met_and_both_readers_decide_alike() {
    let draw = &mut Draw::new(0);
    let mut met = BTreeMap::new();
    for _ in 0..40 {
        for visit in bundle(draw, 100)["visits"].as_array().unwrap() {
            for answer in visit["answers"].as_array().unwrap() {
                let reason = Reason::ALL[usize::try_from(answer[1].as_u64().unwrap()).unwrap()];
                *met.entry(reason).or_insert(0) += 1;
            }
        }
    }
    let expected = &Reason::ALL[1..];
    assert!(met.keys().eq(expected), "{met:?}");
    assert!(met.values().all(|&n| n >= 20), "{met:?}");
}

/// `STOA_VISITS` is `{"seed", "bundles", "visits", "path"}`; writes one bundle a line.
#[test]
#[ignore = "writes a file; tests/assign/differential.py runs it"]
fn write_visits() {
    let order = std::env::var("STOA_VISITS").expect("STOA_VISITS says which");
    let order: Json = serde_json::from_str(&order).unwrap();
    let count = |name: &str| usize::try_from(order[name].as_u64().unwrap()).unwrap();
    let draw = &mut Draw::new(u8::try_from(count("seed")).unwrap());
    let mut file = BufWriter::new(File::create(order["path"].as_str().unwrap()).unwrap());
    for _ in 0..count("bundles") {
        writeln!(file, "{}", bundle(draw, count("visits"))).unwrap();
    }
    file.flush().unwrap();
}
