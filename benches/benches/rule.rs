//! Rules: one visitor, a table of a million rows, and reading SQL.
#![expect(clippy::unwrap_used, reason = "a bench stops at its first error")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stoa_core::{
    rule::{Dialect, Rule, SqlOptions},
    value::{Attributes, Column, Table},
};

const SQL: &str = "orders_count >= 2 AND (country IN ('CA', 'US') OR list_contains(tags, 'course')) AND email IS NOT NULL";
const VISITOR: &str =
    r#"{"orders_count": 3, "country": "MX", "tags": ["news", "course"], "email": "a@b.c"}"#;
const COUNTRIES: [&str; 4] = ["CA", "US", "MX", "FR"];
const ROWS: usize = 1_000_000;

fn one_visitor(c: &mut Criterion) {
    let rule = Rule::parse_sql(SQL).unwrap();
    let visitor = Attributes::from_json(VISITOR).unwrap();
    c.bench_function("rule/evaluate/4-comparisons", |b| {
        b.iter(|| black_box(&rule).evaluate(black_box(&visitor), None));
    });
    c.bench_function("rule/parse_sql/4-comparisons", |b| {
        b.iter(|| Rule::parse_sql(black_box(SQL)).unwrap());
    });
    let options = SqlOptions::new(Dialect::Duckdb);
    c.bench_function("rule/to_sql/4-comparisons", |b| {
        b.iter(|| black_box(&rule).to_sql(&options).unwrap());
    });
}

fn a_table(c: &mut Criterion) {
    let orders: Vec<f64> = (0..ROWS).map(|i| (i % 5) as f64).collect();
    let countries = (0..ROWS).map(|i| Some(COUNTRIES[i % 4])).collect();
    let table = Table::new([
        ("orders_count".to_owned(), Column::Number(orders.into())),
        ("country".to_owned(), Column::Text(countries)),
    ])
    .unwrap();
    let rule = Rule::parse_sql("orders_count >= 2 AND country IN ('CA', 'US')").unwrap();
    let mut group = c.benchmark_group("rule/mask");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.sample_size(20);
    group.bench_function("1000000-rows/2-comparisons", |b| {
        b.iter(|| black_box(&rule).mask(&table, None).unwrap());
    });
    group.finish();
}

criterion_group!(benches, one_visitor, a_table);
criterion_main!(benches);
