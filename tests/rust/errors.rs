//! Bad input, refused alike in every language: code, field, rule, value and hint of `vectors/errors.json`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::{Value, json};
use stoa_core::{
    decide::{Columns, stats_from_rows},
    error::{Error, Problem},
    experiment::{Experiment, StoreDocument, problems, read_document},
    posterior::compare_values,
    registry::Registry,
    rule::Rule,
    value::{Column, Table},
};
use stoa_tests::{root, vectors};

/// A text of the vectors: written out, or described when it is large.
fn text(input: &Value) -> String {
    if let Some(text) = input.as_str() {
        return text.to_owned();
    }
    let part = |name: &str| input[name].as_str().unwrap_or_default();
    let times = usize::try_from(input["times"].as_u64().unwrap()).unwrap();
    part("prefix").to_owned() + &part("repeat").repeat(times) + part("suffix")
}

fn checked(document: &Value) -> Result<(), Error> {
    Experiment::from_value(document)?
        .check(&StoreDocument::default())
        .map(|_| ())
}

/// A column of the vectors: text when every value is text that is not "NaN", else numbers.
fn column(values: &[Value]) -> Column<'_> {
    let number = |v: &Value| match v.as_str() {
        Some("NaN") => Some(f64::NAN),
        _ => v.as_f64(),
    };
    match values.iter().map(number).collect::<Option<Vec<f64>>>() {
        Some(numbers) => Column::Number(numbers.into()),
        None => Column::Text(values.iter().map(Value::as_str).collect()),
    }
}

fn analyze(input: &Value) -> Result<(), Error> {
    let store = StoreDocument::default();
    let experiment = Experiment::from_value(&input["experiment"])?.check(&store)?;
    let columns = input["columns"].as_object().unwrap();
    let named = columns
        .iter()
        .map(|(name, values)| (name.clone(), column(values.as_array().unwrap())));
    let table = Table::new(named)?;
    stats_from_rows(&table, &experiment, &store, &Columns::default()).map(|_| ())
}

/// Lines of `registry.json`, one text in place of another, or text.
fn registry_log(input: &Value) -> String {
    let golden = vectors("registry.json").unwrap();
    let line = |i: &Value| golden["log"][usize::try_from(i.as_u64().unwrap()).unwrap()].clone();
    let lines = input["lines"].as_array().unwrap().iter().map(line);
    let log: String = lines
        .map(|l| l.as_str().unwrap().to_owned() + "\n")
        .collect();
    let log = log + input["text"].as_str().unwrap_or_default();
    match (input["replace"][0].as_str(), input["replace"][1].as_str()) {
        (Some(from), Some(to)) => log.replace(from, to),
        _ => log,
    }
}

/// Calls what `call` names in API.md's terms and returns what it refused.
fn refused(call: &str, input: &Value) -> Vec<Problem> {
    let done = match call {
        "rule_from_json" => Rule::from_json(&text(&input["text"])).map(|_| ()),
        "rule_parse" => Rule::parse_sql(&text(&input["text"])).map(|_| ()),
        "experiment_read" => read_document(&text(&input["text"])).and_then(|d| checked(&d)),
        "experiment" => {
            let found = problems(&input["document"], &StoreDocument::default());
            let first = checked(&input["document"]).unwrap_err().problems();
            assert!(found.iter().any(|p| Some(p) == first.first()), "{found:?}");
            return found;
        }
        "compare" => compare_values(
            input["family"].as_str().unwrap(),
            &input["control"],
            &input["treatment"],
            &input["prior"],
        )
        .map(|_| ()),
        "analyze" => analyze(input),
        "registry_read" => Registry::read(registry_log(input).as_bytes()).map(|_| ()),
        other => panic!("no such call: {other}"),
    };
    done.err().map(|e| e.problems()).unwrap_or_default()
}

#[test]
fn every_vector_is_refused_as_written() {
    for case in vectors("errors.json").unwrap()["cases"].as_array().unwrap() {
        let call = case["call"].as_str().unwrap();
        let found = refused(call, &case["input"]);
        let Some(first) = found.first() else {
            panic!("{} was accepted", case["name"]);
        };
        let mut facts = json!({"code": first.code, "field": first.detail.field, "rule": first.detail.rule,
                               "value": first.detail.value});
        if let Some(hint) = &first.detail.hint {
            facts["hint"] = json!(hint);
        }
        for key in ["code", "field", "rule", "value", "hint"] {
            assert_eq!(
                facts[key], case[key],
                "{}: {key} of {found:#?}",
                case["name"]
            );
        }
        assert!(
            first.message.starts_with(&first.detail.field),
            "{}",
            case["name"]
        );
    }
}

/// The codes as `error.rs` spells them: the arms of `code()`.
fn codes() -> Vec<String> {
    let source = std::fs::read_to_string(root().join("stoa-core/src/error.rs")).unwrap();
    let codes: Vec<String> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once("(_) => \""))
        .filter_map(|(_, rest)| Some(rest.split_once('"')?.0.to_owned()))
        .collect();
    assert!(codes.len() >= 17, "{codes:?}");
    codes
}

#[test]
fn the_page_of_errors_lists_every_code_once() {
    let page = std::fs::read_to_string(root().join("docs/ERRORS.md")).unwrap();
    let listed: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code)
        .collect();
    assert_eq!(
        listed,
        codes(),
        "docs/ERRORS.md lists the codes in the order of error.rs"
    );
}
