//! Rules over memory as Arrow lays it: every layout, width and unit answers as the same row does alone.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "rule/generate.rs"]
#[expect(dead_code, reason = "tests/rust/differential.rs uses the rest")]
mod generate;
#[path = "rule/memory.rs"]
mod memory;

use generate::{NOW, NUMBERS, TEXTS};
use memory::Memory;
use proptest::{prelude::*, test_runner::Config};
use serde_json::{Value as Json, json};
use stoa_core::{
    rule::Rule,
    value::{
        AttributeType, Attributes, Chunk, Chunks, Column, Integers, Row, Source, Table, TimeUnit,
        Timestamp, Values,
    },
};

fn rule_of(sql: &str) -> Rule {
    Rule::parse_sql(sql).unwrap()
}

proptest! {
    #![proptest_config(Config { cases: 300, ..Config::default() })]

    #[test]
    fn memory_of_every_layout_answers_as_its_rows_do(
        rule in generate::rule(),
        rows in prop::collection::vec(generate::row(), 1..20),
        lengths in prop::collection::vec(prop::sample::select(vec![1, 7, 64, 1_000, 4_096, 5_000]), 6),
        layout in 0_usize..4,
    ) {
        let many: Vec<&Json> = rows.iter().cycle().take(4_500 + rows.len()).collect();
        let memory = Memory::new(&many, &lengths, layout);
        let table = memory.table().unwrap();
        let expected: Vec<Option<bool>> = rows
            .iter()
            .map(|row| rule.evaluate(&Attributes::from_json(&row.to_string()).unwrap(), Some(NOW)))
            .collect();
        let truths = rule.truths(&table, Some(NOW)).unwrap();
        for (i, answer) in truths.answers().enumerate() {
            prop_assert_eq!(answer, expected[i % rows.len()], "row {} of {}", i, rule.to_json());
        }
        let matches = truths.answers().filter(|answer| *answer == Some(true)).count();
        prop_assert_eq!(truths.n_true(), matches);
        for row in [0, 1, many.len() - 1] {
            let row = Row { table: &table, row };
            prop_assert_eq!(rule.evaluate(&row, Some(NOW)), truths.get(row.row));
        }
    }
}

fn checked(column: Column<'_>, kind: &str, rules: &[&str]) {
    let n_rows = column.len();
    let table = Table::new([("x".to_owned(), column)]).unwrap();
    for sql in rules {
        let rule = rule_of(sql);
        let truths = rule.truths(&table, Some(NOW)).unwrap();
        for row in 0..n_rows {
            let alone = rule.evaluate(&Row { table: &table, row }, Some(NOW));
            let value = Row { table: &table, row };
            assert_eq!(
                truths.get(row),
                alone,
                "{kind}: {sql} for {:?}",
                value.get("x")
            );
        }
    }
}

fn column(kind: AttributeType, values: Values<'_>) -> Column<'_> {
    Column::Chunks(Chunks::new(kind, vec![Chunk::new(values, None).unwrap()]).unwrap())
}

#[test]
fn every_width_of_number_answers_as_its_rows_do() {
    let list: Vec<String> = (0..20).map(|i| (i * 3).to_string()).collect();
    let long = format!("x IN ({})", list.join(","));
    let rules = [
        "x >= 2",
        "x < 3",
        "x BETWEEN -1 AND 100",
        "x = 0",
        "x <> 127",
        "x IN (1, 3, 127)",
        "x NOT IN (0, 9)",
        &long,
        "x IS NULL",
        "x IS NOT NULL",
        "x = 'a'",
        "x > '2026-01-01T00:00:00Z'",
        "x >= 9007199254740993",
        "NOT (x > 1 OR x = 0)",
    ];
    macro_rules! width {
        ($variant:ident, $type:ty) => {
            let xs = [
                0,
                1,
                2,
                3,
                9,
                100,
                126,
                127,
                <$type>::MIN,
                <$type>::MAX,
                <$type>::MAX - 1,
                <$type>::MIN + 1,
            ];
            checked(
                column(
                    AttributeType::Number,
                    Values::Integers(Integers::$variant(&xs)),
                ),
                stringify!($type),
                &rules,
            );
        };
    }
    width!(I8, i8);
    width!(I16, i16);
    width!(I32, i32);
    width!(I64, i64);
    width!(U8, u8);
    width!(U16, u16);
    width!(U32, u32);
    width!(U64, u64);
    let doubles = [
        0.0,
        -0.0,
        1.0,
        2.0,
        3.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        9_007_199_254_740_992.0,
        -1.0,
    ];
    checked(
        column(AttributeType::Number, Values::Doubles(&doubles)),
        "f64",
        &rules,
    );
    let singles = [
        0.0,
        -0.0,
        1.0,
        2.0,
        3.0,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        0.1,
        -1.0,
    ];
    checked(
        column(AttributeType::Number, Values::Singles(&singles)),
        "f32",
        &rules,
    );
    checked(Column::Number(doubles.to_vec().into()), "owned", &rules);
    checked(
        column(AttributeType::Number, Values::Missing(5)),
        "missing",
        &rules,
    );
}

#[test]
fn every_unit_of_time_answers_as_its_rows_do() {
    let rules = [
        "x >= '2026-01-01T00:00:00Z'",
        "x < '1970-01-01T00:00:00.000001Z'",
        "x > '1969-12-31T23:59:59.999999Z'",
        "x BETWEEN '1970-01-01T00:00:00Z' AND '1970-01-01T00:00:01.5Z'",
        "within_days(x, 30)",
        "x IS NULL",
        "x IS NOT NULL",
        "x = 5",
    ];
    let mut counts: Vec<i64> = [0, 1, 999, 1_000, 1_001, 1_500_000, NOW.micros]
        .into_iter()
        .flat_map(|x| [x, -x, x * 1_000, x / 1_000, x / 1_000_000])
        .collect();
    counts.extend([
        i64::MIN,
        i64::MAX,
        i64::MAX / 1_000,
        i64::MAX / 1_000 + 1,
        i64::MIN / 1_000_000,
    ]);
    for unit in [
        TimeUnit::Second,
        TimeUnit::Millisecond,
        TimeUnit::Microsecond,
        TimeUnit::Nanosecond,
    ] {
        checked(
            column(AttributeType::Timestamp, Values::Instants(&counts, unit)),
            "instants",
            &rules,
        );
    }
    let days = [
        0,
        1,
        -1,
        20_484,
        20_454,
        i32::MAX,
        i32::MIN,
        106_751_991,
        106_751_992,
    ];
    checked(
        column(AttributeType::Timestamp, Values::Days(&days)),
        "days",
        &rules,
    );
    let micros = |t: i64| Some(Timestamp { micros: t });
    checked(
        Column::Timestamp(counts.iter().map(|t| micros(*t)).chain([None]).collect()),
        "owned",
        &rules,
    );
}

/// Text of 15, 16 and 17 bytes, which are compared in different ways, at the end of its memory and before it.
#[test]
fn every_length_of_text_answers_as_its_rows_do() {
    let base = "abcdefghijklmnopqrstuvwxyz";
    let mut texts: Vec<Json> = (0..20).map(|n| json!(base[..n])).collect();
    texts.extend([
        json!(null),
        json!("2026-01-31T00:00:00Z"),
        json!("ünï 東"),
        json!("\0"),
        json!("a\0"),
    ]);
    let rows: Vec<Json> = texts
        .iter()
        .map(|text| json!({TEXTS[0]: text, NUMBERS[0]: 1}))
        .collect();
    let rows: Vec<&Json> = rows.iter().collect();
    let all: Vec<String> = (0..20).map(|n| format!("'{}'", &base[..n])).collect();
    let mut rules: Vec<String> = all.iter().map(|text| format!("country = {text}")).collect();
    rules.extend((0..20).map(|n| format!("country LIKE '{}%'", &base[..n])));
    rules.extend((0..20).map(|n| format!("country LIKE '%{}'", &base[n / 2..n])));
    rules.extend((0..20).map(|n| format!("country LIKE '%{}%'", &base[n / 2..n])));
    rules.push(format!("country NOT IN ({})", all[..3].join(",")));
    rules.push(format!("country IN ({})", all.join(",")));
    rules.extend(
        [
            "country IS NULL",
            "country IS NOT NULL",
            "within_days(country, 3)",
            "country > 3",
        ]
        .map(str::to_owned),
    );
    for (layout, length) in [(0, 100), (1, 3), (2, 100), (3, 100), (2, 5)] {
        let memory = Memory::new(&rows, &[length], layout + 2);
        let table = memory.table().unwrap();
        for sql in &rules {
            let rule = rule_of(sql);
            let truths = rule.truths(&table, Some(NOW)).unwrap();
            for (i, row) in rows.iter().enumerate() {
                let visitor = Attributes::from_json(&row.to_string()).unwrap();
                assert_eq!(
                    truths.get(i),
                    rule.evaluate(&visitor, Some(NOW)),
                    "{sql} for {row}"
                );
            }
        }
    }
}
