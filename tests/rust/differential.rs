//! Rules decided in every way there is, pair by pair, and printed and read back. Small here;
//! `tests/sql/rule_differential.py` runs the ignored tests for a million pairs and asks the databases too.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "rule/dress.rs"]
mod dress;
#[path = "rule/generate.rs"]
mod generate;
#[path = "rule/memory.rs"]
mod memory;

use std::collections::BTreeMap;

use dress::dressed;
use generate::NOW;
use memory::Memory;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde::Serialize;
use serde_json::{Value as Json, json};
use stoa_core::{
    error::Error,
    rule::{Compiled, Dialect, Rule, SqlOptions},
    segment::{Segment, Segments},
    value::{Attributes, Table, ValueRef},
};

/// The dialects whose SQL is read back as the rule that printed it.
const READ_BACK: [Dialect; 2] = [Dialect::Duckdb, Dialect::Postgres];
/// Each may name those before it: six of six levels and the rule expand to at most 42 levels, the language has 48.
const N_SEGMENTS: usize = 6;
/// Rows of a chunk, different for each column, so that their chunks never meet.
const CHUNKS: [usize; 7] = [250, 64, 1, 7, 63, 65, 100];
const LAYOUTS: [&str; 4] = ["offsets", "long offsets", "views", "dictionary"];

/// How often one way of deciding agreed with [`Rule::evaluate`].
#[derive(Debug, Default, Serialize)]
struct Tally {
    pairs: usize,
    #[serde(rename = "true")]
    yes: usize,
    #[serde(rename = "false")]
    no: usize,
    unknown: usize,
    differences: usize,
    examples: Vec<String>,
}

impl Tally {
    fn add(&mut self, found: Option<bool>, expected: Option<bool>, rule: &Rule, row: &str) {
        self.pairs += 1;
        match found {
            Some(true) => self.yes += 1,
            Some(false) => self.no += 1,
            None => self.unknown += 1,
        }
        if found != expected {
            self.differences += 1;
            if self.examples.len() < 5 {
                let rule = rule.to_json();
                self.examples
                    .push(format!("{found:?}, not {expected:?}: {rule} {row}"));
            }
        }
    }
}

fn runner(seed: u8) -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    TestRunner::new_with_rng(Config::default(), rng)
}

fn draw<T: std::fmt::Debug>(
    n: usize,
    strategy: &impl Strategy<Value = T>,
    runner: &mut TestRunner,
) -> Vec<T> {
    let one = |_| strategy.new_tree(runner).unwrap().current();
    (0..n).map(one).collect()
}

/// One comparison of every attribute by every operator that it takes.
fn one_of_each(runner: &mut TestRunner) -> Vec<Rule> {
    let mut found = BTreeMap::new();
    for rule in draw(3_000, &generate::leaf(), runner) {
        let rule = Rule::from_value(&rule.to_value()).unwrap();
        if let Rule::Compare { attr, op, .. } = &rule {
            found.insert((op.name(), attr.clone()), rule);
        }
    }
    found.into_values().collect()
}

/// What one seed draws.
struct Batch {
    segments: Segments,
    /// As written, some naming segments.
    rules: Vec<Rule>,
    /// The same with the segments' rules in place.
    expanded: Vec<Rule>,
    rows: Vec<Json>,
    odd_rows: Vec<Json>,
}

impl Batch {
    fn new(seed: u8, n_rules: usize, n_rows: usize) -> Self {
        let runner = &mut runner(seed);
        let keys: Vec<String> = (0..N_SEGMENTS).map(|i| format!("s{i}")).collect();
        let segments = keys.iter().enumerate().map(|(i, key)| {
            let rule = match i {
                0 => draw(1, &generate::rule(), runner),
                _ => draw(1, &generate::rule_naming(keys[..i].to_vec()), runner),
            };
            Segment::new(key, rule.into_iter().next().unwrap()).unwrap()
        });
        let segments = Segments::new(segments.collect()).unwrap();
        let mut rules = one_of_each(runner);
        let more = n_rules - rules.len();
        rules.extend(draw(more, &generate::rule_naming(keys), runner));
        let expanded = rules.iter().map(|rule| segments.expand(rule).unwrap());
        Self {
            expanded: expanded.collect(),
            rows: draw(n_rows, &generate::row(), runner),
            odd_rows: draw(n_rows, &generate::odd_row(), runner),
            segments,
            rules,
        }
    }

    /// What the tree answers, rule by rule.
    fn expected(&self, visitors: &[Attributes]) -> Vec<Vec<Option<bool>>> {
        let of = |rule: &Rule| {
            visitors
                .iter()
                .map(|v| rule.evaluate(v, Some(NOW)))
                .collect()
        };
        self.expanded.iter().map(of).collect()
    }

    /// Every native way of deciding the pairs, held against the tree.
    fn native(&self) -> BTreeMap<String, Tally> {
        let visitors = read(&self.rows);
        let expected = self.expected(&visitors);
        let mut found = BTreeMap::new();
        let mut tree = Tally::default();
        for ((rule, answer), _) in pairs(&self.expanded, &expected) {
            tree.add(answer, answer, rule, "");
        }
        found.insert("native, the tree itself".to_owned(), tree);
        found.insert(
            "native, segments by name".to_owned(),
            self.by_name(&visitors, &expected),
        );
        let plain: Vec<String> = self.rows.iter().map(Json::to_string).collect();
        let escaped: Vec<String> = self.rows.iter().map(|row| dressed(row, true)).collect();
        for (name, texts) in [("as written", &plain), ("every letter escaped", &escaped)] {
            let name = format!("native, compiled, JSON {name}");
            found.insert(name, self.compiled(texts, &expected));
        }
        for (layout, name) in LAYOUTS.into_iter().enumerate() {
            let name = format!("native, table, text in {name}");
            found.insert(name, self.table(layout, &expected));
        }
        let odd: Vec<String> = self.odd_rows.iter().map(Json::to_string).collect();
        let expected = self.expected(&read(&self.odd_rows));
        found.insert(
            "native, compiled, JSON of any type".to_owned(),
            self.compiled(&odd, &expected),
        );
        found
    }

    fn by_name(&self, visitors: &[Attributes], expected: &[Vec<Option<bool>>]) -> Tally {
        fn answer(segments: &Segments, rule: &Rule, visitor: &Attributes) -> Option<bool> {
            rule.evaluate_with(visitor, Some(NOW), &|key| {
                answer(segments, &segments.get(key)?.rule, visitor)
            })
        }
        let mut tally = Tally::default();
        for ((rule, expected), row) in pairs(&self.rules, expected) {
            let found = answer(&self.segments, rule, &visitors[row]);
            tally.add(found, expected, rule, &self.rows[row].to_string());
        }
        tally
    }

    fn compiled(&self, texts: &[String], expected: &[Vec<Option<bool>>]) -> Tally {
        let compiled = Compiled::new(&self.expanded);
        let mut tally = Tally::default();
        for (row, text) in texts.iter().enumerate() {
            let read = compiled.read_slice(text.as_bytes()).unwrap();
            let visitor = Attributes::from_json(text).unwrap();
            let slots: Vec<ValueRef<'_>> = compiled
                .attributes()
                .iter()
                .map(|name| visitor.get(name))
                .collect();
            for (i, rule) in self.expanded.iter().enumerate() {
                let found = compiled.evaluate_read(i, &read, Some(NOW));
                tally.add(found, expected[i][row], rule, text);
                if compiled.evaluate(i, &slots, Some(NOW)) != found {
                    tally.differences += 1;
                }
            }
        }
        tally
    }

    fn table(&self, layout: usize, expected: &[Vec<Option<bool>>]) -> Tally {
        let rows: Vec<&Json> = self.rows.iter().collect();
        let memory = Memory::new(&rows, &CHUNKS, layout);
        let table: Table<'_> = memory.table().unwrap();
        let mut tally = Tally::default();
        for (rule, expected) in self.expanded.iter().zip(expected) {
            let truths = rule.truths(&table, Some(NOW)).unwrap();
            assert_eq!(truths.len(), expected.len());
            for (row, found) in truths.answers().enumerate() {
                tally.add(found, expected[row], rule, &self.rows[row].to_string());
            }
        }
        tally
    }

    /// The batch for a database: its rows, and for each rule the SQL of every dialect and the tree's answers.
    fn written(&self) -> Json {
        let expected = self.expected(&read(&self.rows));
        let cases = self.expanded.iter().zip(&expected).map(|(rule, expected)| {
            let letter = |answer: &Option<bool>| match answer {
                Some(true) => '1',
                Some(false) => '0',
                None => '-',
            };
            // A dialect that cannot hold one of the names has no SQL.
            let sql = Dialect::ALL.map(|dialect| (dialect.name(), sql(rule, dialect).ok()));
            json!({
                "rule": rule,
                "sql": BTreeMap::from(sql),
                "answers": expected.iter().map(letter).collect::<String>(),
            })
        });
        let cases: Vec<Json> = cases.collect();
        json!({"rows": self.rows, "cases": cases, "native": self.native()})
    }
}

fn read(rows: &[Json]) -> Vec<Attributes> {
    let read = |row: &Json| Attributes::from_json(&row.to_string()).unwrap();
    rows.iter().map(read).collect()
}

/// Every rule with every row, and what is expected of the two.
fn pairs<'a>(
    rules: &'a [Rule],
    expected: &'a [Vec<Option<bool>>],
) -> impl Iterator<Item = ((&'a Rule, Option<bool>), usize)> {
    rules.iter().zip(expected).flat_map(|(rule, answers)| {
        let rows = answers.iter().enumerate();
        rows.map(move |(row, answer)| ((rule, *answer), row))
    })
}

fn sql(rule: &Rule, dialect: Dialect) -> Result<String, Error> {
    let options = SqlOptions {
        now: Some(NOW),
        ..SqlOptions::new(dialect)
    };
    rule.to_sql(&options)
}

/// JSON and SQL that are printed are read as the same rule, with the same hash.
fn read_back(n: usize, seed: u8) {
    let runner = &mut runner(seed);
    let (plain, naming) = (
        generate::rule(),
        generate::rule_naming(vec!["repeat".to_owned(), "vip".to_owned()]),
    );
    for i in 0..n {
        let rule = match i % 4 {
            0 => naming.new_tree(runner).unwrap().current(),
            _ => plain.new_tree(runner).unwrap().current(),
        };
        let again = Rule::from_json(&rule.to_json()).unwrap();
        assert_eq!(again, rule);
        assert_eq!(again.hash(), rule.hash());
        assert_eq!(Rule::from_value(&rule.to_value()).unwrap(), rule);
        if rule.segments().is_empty() {
            for dialect in READ_BACK {
                let sql = sql(&rule, dialect).unwrap();
                assert_eq!(Rule::parse_sql(&sql).unwrap(), rule, "{dialect}: {sql}");
            }
        }
    }
}

#[test]
fn every_native_way_decides_twenty_thousand_pairs_alike() {
    for (name, tally) in Batch::new(200, 200, 100).native() {
        assert_eq!(tally.pairs, 20_000, "{name}");
        assert_eq!(tally.differences, 0, "{name}: {:#?}", tally.examples);
        assert!(
            tally.yes.min(tally.no).min(tally.unknown) > 500,
            "{name}: {tally:?}"
        );
    }
}

#[test]
fn three_thousand_rules_are_read_back_as_they_were_printed() {
    read_back(3_000, 201);
}

#[test]
#[ignore = "tests/sql/rule_differential.py runs it"]
fn a_hundred_thousand_rules_are_read_back_as_they_were_printed() {
    read_back(100_000, 202);
}

/// `STOA_BATCH` is `{"seed", "rules", "rows", "path"}`.
#[test]
#[ignore = "writes a file; tests/sql/rule_differential.py runs it"]
fn write_a_batch() {
    let order = std::env::var("STOA_BATCH").expect("STOA_BATCH says which");
    let order: Json = serde_json::from_str(&order).unwrap();
    let count = |name: &str| usize::try_from(order[name].as_u64().unwrap()).unwrap();
    let seed = u8::try_from(count("seed")).unwrap();
    let batch = Batch::new(seed, count("rules"), count("rows"));
    let path = order["path"].as_str().unwrap();
    std::fs::write(path, batch.written().to_string()).unwrap();
}
