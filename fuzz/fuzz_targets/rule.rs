//! Bytes as a rule (JSON or SQL, the first line or all of them), a visitor's attributes and a segment (the rest).
//!
//! Nothing panics; what is understood prints as what is understood again; every way of deciding gives one answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;
use stoa_core::{
    rule::{Compiled, Dialect, Rule, SqlOptions},
    segment::{Segment, Segments},
    value::{Attributes, Column, Table, Timestamp},
};

/// 2026-02-01T00:00:00Z.
const NOW: Timestamp = Timestamp {
    micros: 1_769_904_000_000_000,
};
/// The dialects whose SQL is promised to be read back as the rule that printed it.
const READ_BACK: [Dialect; 2] = [Dialect::Duckdb, Dialect::Postgres];

fuzz_target!(|bytes: &[u8]| {
    let at = bytes
        .iter()
        .position(|b| *b == b'\n')
        .unwrap_or(bytes.len());
    let (first, rest) = (&bytes[..at], bytes.get(at + 1..).unwrap_or_default());
    let mut rules = Vec::new();
    for text in [first, bytes]
        .into_iter()
        .filter_map(|part| std::str::from_utf8(part).ok())
    {
        rules.extend(Rule::from_json(text));
        rules.extend(Rule::parse_sql(text));
    }
    rules.iter().for_each(reads_back);
    if let Ok(document) = serde_json::from_slice::<Json>(rest) {
        rules.extend(segment(&document));
    }
    decide(&rules, rest);
});

/// JSON and SQL are read as the rule that they were printed from.
fn reads_back(rule: &Rule) {
    let again = Rule::from_json(&rule.to_json()).expect("what is printed is read");
    assert_eq!(&again, rule);
    assert_eq!(again.hash(), rule.hash());
    assert!(!rule.describe(None).is_empty());
    for dialect in Dialect::ALL {
        let options = SqlOptions {
            now: Some(NOW),
            ..SqlOptions::new(dialect)
        };
        match rule.to_sql(&options) {
            Ok(sql) if READ_BACK.contains(&dialect) => {
                assert_eq!(Rule::parse_sql(&sql).as_ref(), Ok(rule), "{dialect}: {sql}");
            }
            Ok(sql) => assert!(!sql.is_empty()),
            Err(error) => assert!(!error.code().is_empty()),
        }
    }
}

/// The rule of a segment that is read, written, read again and expanded.
fn segment(document: &Json) -> Option<Rule> {
    let segment = Segment::from_value(document).ok()?;
    let written = serde_json::to_value(&segment).expect("a segment is JSON");
    assert_eq!(Segment::from_value(&written).as_ref(), Ok(&segment));
    reads_back(&segment.rule);
    let rule = segment.rule.clone();
    let set = Segments::new(vec![segment]).ok()?;
    set.expand(&rule).ok()
}

/// The tree, the compiled rules and a table of one row answer alike; readers of attributes refuse alike.
fn decide(rules: &[Rule], bytes: &[u8]) {
    let compiled = Compiled::new(rules);
    let read = compiled.read_slice(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return assert!(read.is_err());
    };
    let (visitor, read) = match (Attributes::from_json(text), read) {
        (Ok(visitor), Ok(read)) => (visitor, read),
        (visitor, read) => return assert_eq!(visitor.err(), read.err()),
    };
    for (i, rule) in rules.iter().enumerate() {
        for now in [None, Some(NOW)] {
            let expected = rule.evaluate(&visitor, now);
            assert_eq!(compiled.evaluate_read(i, &read, now), expected);
        }
        in_a_table(rule, &visitor);
    }
}

/// The one row as a table of text columns: what is text answers as it does alone.
fn in_a_table(rule: &Rule, visitor: &Attributes) {
    use stoa_core::value::ValueRef;
    let columns: Option<Vec<_>> = rule
        .attributes()
        .into_iter()
        .map(|name| {
            let column = match visitor.get(&name) {
                ValueRef::Number(x) => Column::Number(vec![x].into()),
                ValueRef::Text(text) => Column::Text(vec![Some(text)]),
                ValueRef::Missing => Column::Text(vec![None]),
                _ => return None,
            };
            Some((name, column))
        })
        .collect();
    let table = columns.and_then(|columns| Table::with_rows(columns, 1).ok());
    if let Some(Ok(answers)) = table.map(|table| rule.mask(&table, Some(NOW))) {
        assert_eq!(answers, [rule.evaluate(visitor, Some(NOW))]);
    }
}
