//! Rules as a user meets them: the shared vectors, the properties that make native, SQL and words one rule, the limits.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

#[path = "rule/generate.rs"]
#[expect(dead_code, reason = "tests/rust/differential.rs uses the rest")]
mod generate;

use proptest::{prelude::*, test_runner::Config};
use serde_json::{Value as Json, json};
use stoa_core::{
    error::Error,
    rule::{AttributeSchema, Dialect, Literal, Operator, Rule, SqlOptions},
    segment::{Segment, Segments},
    value::{Attributes, Column, Table, Timestamp, Value},
};

use generate::{BOOLEAN, INSTANT, LIST, NOW, NUMBERS, TEXTS};

fn options(dialect: Dialect, now: Option<Timestamp>) -> SqlOptions {
    SqlOptions {
        now,
        ..SqlOptions::new(dialect)
    }
}

fn vectors() -> Json {
    serde_json::from_str(include_str!("../vectors/rule.json")).unwrap()
}

fn cases<'v>(vectors: &'v Json, section: &str) -> &'v [Json] {
    let cases = vectors[section].as_array().unwrap();
    assert!(!cases.is_empty(), "{section}");
    cases
}

fn now_of(case: &Json) -> Option<Timestamp> {
    case.get("now")
        .and_then(Json::as_str)
        .map(|t| Timestamp::parse(t).unwrap())
}

#[test]
fn vectors_evaluate() {
    let vectors = vectors();
    for case in cases(&vectors, "evaluate") {
        let rule = Rule::from_value(&case["rule"]).unwrap();
        let visitor = Attributes::from_json(&case["attributes"].to_string()).unwrap();
        let answer = rule.evaluate(&visitor, now_of(case));
        assert_eq!(json!(answer), case["expected"], "{}", case["name"]);
    }
}

#[test]
fn vectors_parse() {
    let vectors = vectors();
    for case in cases(&vectors, "parse") {
        let rule = Rule::parse_sql(case["sql"].as_str().unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
        assert_eq!(rule.to_value(), case["rule"], "{}", case["name"]);
    }
}

#[test]
fn vectors_print() {
    let vectors = vectors();
    for case in cases(&vectors, "print") {
        let rule = Rule::from_value(&case["rule"]).unwrap();
        for dialect in Dialect::ALL {
            let sql = rule.to_sql(&options(dialect, now_of(case)));
            // A dialect that cannot hold the name has null.
            let printed = sql.as_ref().map_or(Json::Null, |sql| json!(sql));
            assert_eq!(
                printed,
                case[dialect.name()],
                "{} in {dialect}",
                case["name"]
            );
            match sql {
                Ok(sql) => assert_eq!(Rule::parse_sql(&sql).unwrap(), read_back(&rule, dialect)),
                Err(error) => assert_eq!(error.code(), "out_of_range"),
            }
        }
    }
}

/// The rule with each text and each name changed.
fn changed(rule: &Rule, name: &dyn Fn(&str) -> String, text: &dyn Fn(&str) -> String) -> Rule {
    fn literal(value: &Literal, text: &dyn Fn(&str) -> String) -> Literal {
        match value {
            Literal::Text(t) => Literal::Text(text(t)),
            Literal::List(items) => Literal::List(items.iter().map(|i| literal(i, text)).collect()),
            other => other.clone(),
        }
    }
    let all = |rules: &[Rule]| rules.iter().map(|r| changed(r, name, text)).collect();
    match rule {
        Rule::All(rules) => Rule::All(all(rules)),
        Rule::Any(rules) => Rule::Any(all(rules)),
        Rule::Not(rule) => Rule::Not(Box::new(changed(rule, name, text))),
        Rule::Segment(key) => Rule::Segment(key.clone()),
        Rule::Compare { attr, op, value } => Rule::Compare {
            attr: name(attr),
            op: *op,
            value: literal(value, text),
        },
    }
}

/// What is printed is read back as the same rule; but Snowflake's doubled backslash as two (docs/RULES.md).
fn read_back(rule: &Rule, dialect: Dialect) -> Rule {
    if dialect == Dialect::Snowflake {
        return changed(rule, &str::to_owned, &|text| text.replace('\\', "\\\\"));
    }
    rule.clone()
}

/// The rule with names the dialect can hold.
fn held(rule: &Rule, dialect: Dialect) -> Rule {
    if dialect == Dialect::Bigquery {
        let name = |name: &str| name.replace(['"', ';', '\\'], "#");
        return changed(rule, &name, &str::to_owned);
    }
    rule.clone()
}

#[test]
fn vectors_describe() {
    let vectors = vectors();
    let schema = AttributeSchema::from_value(&vectors["schema"]).unwrap();
    for case in cases(&vectors, "describe") {
        let rule = Rule::from_value(&case["rule"]).unwrap();
        assert_eq!(
            json!(rule.describe(None)),
            case["plain"],
            "{}",
            case["name"]
        );
        assert_eq!(
            json!(rule.describe(Some(&schema))),
            case["with_schema"],
            "{}",
            case["name"]
        );
    }
}

#[test]
fn vectors_canonical() {
    let vectors = vectors();
    for case in cases(&vectors, "canonical") {
        let rule = Rule::from_json(case["json"].as_str().unwrap()).unwrap();
        assert_eq!(json!(rule.to_json()), case["canonical"], "{}", case["name"]);
        assert_eq!(json!(rule.hash()), case["hash"], "{}", case["name"]);
        assert_eq!(Rule::from_json(&rule.to_json()).unwrap(), rule);
    }
}

#[test]
fn vectors_refuse() {
    let vectors = vectors();
    let rule = |document: &Json| Rule::from_value(document).unwrap();
    let schema = AttributeSchema::from_value(&vectors["schema"]).unwrap();
    for case in cases(&vectors, "refuse") {
        let text = |kind: &str| case.get(kind).and_then(Json::as_str);
        let error = match (text("json"), text("sql"), case.get("schema")) {
            (Some(text), ..) => Rule::from_json(text).err(),
            (_, Some(text), _) => Rule::parse_sql(text).err(),
            (.., Some(document)) => AttributeSchema::from_value(document).err(),
            _ => rule(&case["check"]).check(&schema).err(),
        };
        let error = error.unwrap_or_else(|| panic!("{} is accepted", case["name"]));
        let found: Vec<Json> = error
            .problems()
            .into_iter()
            .map(|p| json!({"code": p.code, "field": p.detail.field, "hint": p.detail.hint}))
            .collect();
        assert_eq!(json!(found), case["problems"], "{}: {error}", case["name"]);
    }
}

fn table(rows: &[Json]) -> Table<'_> {
    let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    let text = |name: &'static str| rows.iter().map(move |row| row[name].as_str());
    let numbers = NUMBERS.map(|name| {
        let xs: Vec<f64> = column(name)
            .iter()
            .map(|x| x.as_f64().unwrap_or(f64::NAN))
            .collect();
        (name.to_owned(), Column::Number(xs.into()))
    });
    let texts = TEXTS.map(|name| (name.to_owned(), Column::Text(text(name).collect())));
    let flags = column(BOOLEAN).iter().map(Json::as_bool).collect();
    let instants = text(INSTANT)
        .map(|t| t.map(|t| Timestamp::parse(t).unwrap()))
        .collect();
    let lists = rows
        .iter()
        .map(|row| {
            row[LIST]
                .as_array()
                .map(|tags| tags.iter().filter_map(Json::as_str).collect())
        })
        .collect();
    let others = [
        (BOOLEAN.to_owned(), Column::Boolean(flags)),
        (INSTANT.to_owned(), Column::Timestamp(instants)),
        (LIST.to_owned(), Column::List(lists)),
    ];
    Table::new(numbers.into_iter().chain(texts).chain(others)).unwrap()
}

fn answers(rule: &Rule, rows: &[Json]) -> Vec<Option<bool>> {
    rows.iter()
        .map(|row| rule.evaluate(&Attributes::from_json(&row.to_string()).unwrap(), Some(NOW)))
        .collect()
}

proptest! {
    #![proptest_config(Config { cases: 1_000, ..Config::default() })]

    #[test]
    fn printing_and_parsing_is_the_identity(rule in generate::rule()) {
        for dialect in Dialect::ALL {
            let rule = held(&rule, dialect);
            let sql = rule.to_sql(&options(dialect, Some(NOW))).unwrap();
            let read = Rule::parse_sql(&sql).map_err(|e| TestCaseError::fail(format!("{sql}: {e}")))?;
            prop_assert_eq!(&read, &read_back(&rule, dialect), "{}", sql);
        }
        let again = Rule::from_json(&rule.to_json()).unwrap();
        prop_assert_eq!(again.hash(), rule.hash());
        prop_assert_eq!(again, rule);
    }

    #[test]
    fn a_mask_is_evaluation_row_by_row(rule in generate::rule(), rows in prop::collection::vec(generate::row(), 1..20)) {
        prop_assert_eq!(rule.mask(&table(&rows), Some(NOW)).unwrap(), answers(&rule, &rows));
    }

    #[test]
    fn negation_swaps_and_words_never_fail(rule in generate::rule(), rows in prop::collection::vec(generate::row(), 1..5)) {
        let negated = Rule::Not(Box::new(rule.clone()));
        let swapped: Vec<_> = answers(&rule, &rows).into_iter().map(|a| a.map(|a| !a)).collect();
        prop_assert_eq!(answers(&negated, &rows), swapped);
        prop_assert!(!negated.describe(None).is_empty());
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = (Rule::parse_sql(&text), Rule::from_json(&text));
    }

    #[test]
    fn any_sql_like_text_is_read_or_refused(
        words in prop::collection::vec(prop::sample::select(vec![
            "a", "b", "AND", "OR", "NOT", "(", ")", "=", "<", "'x'", "1", "-", "NULL", "IS", "IN", ",", "BETWEEN", "LIKE",
            "'%'", "TRUE", "FALSE", "[", "]", "ARRAY", "SELECT", "CASE", "WHEN", "END", "INTERVAL", "epoch_us", "::", ".",
            "TIMESTAMP", "ANY", "segment", "right", "strpos", "within_days", "@>", "&&", "*", "--", ";", "IF", "UNNEST",
            "array_size", "array_except", "array_intersect", "array", "date_part", "epoch_microsecond", "CAST", "AS",
            "FLOAT", "VARIANT", "`a`", "'\\'", "timestamp_micros", "unix_micros", "timestamp_sub", "array_contains",
        ]), 0..24),
    ) {
        if let Ok(rule) = Rule::parse_sql(&words.join(" ")) {
            // What is read is well formed.
            prop_assert_eq!(Rule::from_value(&rule.to_value()).unwrap(), rule);
        }
    }
}

/// Places of a chain of conditions where it is part of one.
const INSIDE_ONE_CONDITION: [&str; 27] = [
    "(#a) IS NULL",
    "((#a)) = 1",
    "1 = (#a)",
    "f(#a)",
    "b BETWEEN 1 AND (#a)",
    "b BETWEEN (b AND b) AND (#a)",
    "b BETWEEN (#a) AND 1",
    "CASE WHEN #a THEN 1 END",
    "(SELECT 1 WHERE #a)",
    "EXISTS (SELECT #a)",
    "x -> #a",
    "(x, y) -> #a",
    "(b, #a)",
    "(#a, b)",
    "[#a]",
    "b[#a]",
    "{'k': #a}",
    "b IN (#a)",
    "- (#a)",
    "(#a)::int",
    "NOT (#a) IS NULL",
    "b = ANY(#a)",
    "CAST(#a AS FLOAT)",
    "b LIKE (#a)",
    "(#a) BETWEEN 1 AND 2",
    "b AND (b OR (#a) = 1)",
    "IF(t IS NOT NULL, #a, NULL)",
];

/// Small stacks and big inputs: every limit is an error, none an overflow.
#[test]
fn limits_hold_on_a_small_stack() {
    let check = || {
        let too_large = |result: Result<Rule, Error>| {
            let error = result.unwrap_err();
            assert_eq!(error.code(), "too_large", "{error}");
        };
        too_large(Rule::from_json(&"x".repeat(10_000_000)));
        too_large(Rule::parse_sql(&"x".repeat(10_000_000)));
        for depth in [60, 127, 1_000, 100_000] {
            let not = format!(
                "{}{{\"all\":[]}}{}",
                "{\"not\":".repeat(depth),
                "}".repeat(depth)
            );
            too_large(Rule::from_json(&not));
            too_large(Rule::parse_sql(&format!("{}TRUE", "NOT ".repeat(depth))));
        }
        for depth in [1_000, 100_000] {
            let nested = format!("{}a = 1{}", "(".repeat(depth), ")".repeat(depth));
            too_large(Rule::parse_sql(&nested));
        }
        too_large(Rule::parse_sql(&vec!["a = 1"; 20_000].join(" AND ")));
        for chain in [
            "a - ",
            "a::int + ",
            "a = ",
            "a || ",
            "a IS NULL = ",
            "a AND b OR ",
            "- ",
            "a.",
            "a[1]",
            "f(",
            "a - f(a, b) - ",
            "a XOR ",
            "CASE a WHEN ",
        ] {
            assert!(
                Rule::parse_sql(&format!("{}a", chain.repeat(900_000 / chain.len()))).is_err(),
                "{chain}"
            );
            assert!(
                Rule::parse_sql(&format!("{}a", chain.repeat(9_000))).is_err(),
                "{chain}"
            );
        }
        assert!(Rule::parse_sql(&format!("{}a = (", "a AND ".repeat(19_999))).is_err());
        assert!(Rule::parse_sql(&format!("{}a = (", "a OR ".repeat(19_999))).is_err());
        for chain in ["a AND ".repeat(19_000), "a OR ".repeat(19_000)] {
            for around in INSIDE_ONE_CONDITION {
                let text = around.replace('#', &chain);
                assert!(Rule::parse_sql(&text).is_err(), "{around}");
            }
        }
        let wide = vec!["a = 1 AND b BETWEEN 1 AND 2"; 3_000].join(" OR ");
        let read = Rule::parse_sql(&format!("NOT (c = 1 OR (({wide})))")).unwrap();
        assert_eq!(read.comparisons_len(), 6_001);
        for begin in [
            "contains(",
            "IF(t IS NOT NULL, ",
            "array_size(",
            "t = date_part(",
        ] {
            let long = format!("{begin}{}a, 'x')", "'x' IN UNNEST(t) OR ".repeat(19_999));
            assert!(Rule::parse_sql(&long).is_err(), "{begin}");
        }
        let wide = vec!["a = 1"; 9_000].join(" OR ");
        assert_eq!(Rule::parse_sql(&wide).unwrap().comparisons_len(), 9_000);
    };
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(check)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn the_largest_rule_has_as_many_conditions_as_the_limit_says() {
    let most = stoa_core::rule::MAX_NODES;
    let of = |n: usize| vec!["a = 1"; n].join(" AND ");
    let largest = rule_of(&of(most));
    assert_eq!(largest.comparisons_len(), most);
    assert_eq!(Rule::from_json(&largest.to_json()).unwrap(), largest);
    let everyone = Segments::new(vec![segment("s", &of(most))]).unwrap();
    assert_eq!(everyone.expand(&rule_of("segment('s')")).unwrap(), largest);
    let error = Rule::parse_sql(&of(most + 1)).unwrap_err();
    assert_eq!(error.code(), "too_large");
    let Rule::All(mut conditions) = largest else {
        panic!("written with AND")
    };
    conditions.push(rule_of("a = 1"));
    let over = Rule::All(conditions);
    assert_eq!(
        Rule::from_json(&over.to_json()).unwrap_err().code(),
        "too_large"
    );
    assert_eq!(
        Segments::default().expand(&over).unwrap_err().code(),
        "too_large"
    );
}

#[test]
fn a_refusal_names_what_was_given() {
    let literals = Rule::parse_sql("1 = 1").unwrap_err();
    assert_eq!(literals.detail().unwrap().value, "1 = 1");
    let long = rule_of(&format!(
        "list_has_any(t, [{}])",
        vec!["'x'"; 100].join(", ")
    ));
    let long = long.to_sql(&SqlOptions::new(Dialect::Bigquery)).unwrap();
    let error = Rule::parse_sql(&long).unwrap_err();
    assert_eq!(
        error.detail().unwrap().rule,
        "must have conditions of at most 384 words and signs, lists aside"
    );
    let alias = SqlOptions {
        alias: Some(String::new()),
        ..SqlOptions::default()
    };
    let error = rule_of("a = 1").to_sql(&alias).unwrap_err();
    assert_eq!(error.to_string(), "alias must not be empty, got ");
    let error = Rule::from_value(&json!(null)).unwrap_err();
    assert_eq!(error.to_string(), "rule must be an object, got null");
    let error = Segment::from_value(&json!(null)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "segment must be an object with key and rule, got null"
    );
    let version =
        json!({"key": "a", "rule": {"all": []}, "version": 18_446_744_073_709_551_615_u64});
    let error = Segment::from_value(&version).unwrap_err();
    assert_eq!(
        error.detail().unwrap().rule,
        "must be a whole number from 1 to 4294967295"
    );
}

trait Count {
    fn comparisons_len(&self) -> usize;
}

impl Count for Rule {
    fn comparisons_len(&self) -> usize {
        match self {
            Self::All(children) | Self::Any(children) => {
                children.iter().map(Self::comparisons_len).sum()
            }
            Self::Not(child) => child.comparisons_len(),
            Self::Segment(_) | Self::Compare { .. } => 1,
        }
    }
}

#[test]
fn the_deepest_rule_survives_every_way_out_and_in() {
    let levels = stoa_core::rule::MAX_DEPTH - 1;
    let deep = (0..levels).fold(Rule::parse_sql("tags @> ARRAY['a']").unwrap(), |rule, i| {
        if i % 2 == 0 {
            Rule::Any(vec![rule.clone(), rule_of("a = 1")])
        } else {
            Rule::Not(Box::new(rule))
        }
    });
    let deep_all = (0..levels).fold(rule_of("a = 1"), |rule, _| Rule::All(vec![rule]));
    for rule in [deep, deep_all] {
        assert_eq!(Rule::from_json(&rule.to_json()).unwrap(), rule);
        for dialect in Dialect::ALL {
            let sql = rule.to_sql(&options(dialect, None)).unwrap();
            assert_eq!(Rule::parse_sql(&sql).unwrap(), rule);
        }
        let deeper = Rule::Not(Box::new(rule));
        assert_eq!(
            Rule::from_json(&deeper.to_json()).unwrap_err().code(),
            "too_large"
        );
        assert_eq!(
            deeper
                .to_sql(&options(Dialect::Duckdb, None))
                .unwrap_err()
                .code(),
            "too_large"
        );
    }
}

fn rule_of(sql: &str) -> Rule {
    Rule::parse_sql(sql).unwrap()
}

#[test]
fn a_long_list_is_read_back_in_every_dialect() {
    let numbers: Vec<f64> = (0..5_000).map(|i| f64::from(i) + 0.5).collect();
    let texts: Vec<String> = (0..5_000).map(|i| format!("tag {i}")).collect();
    let rule = |texts: &[String]| {
        let document = json!({"all": [
            {"attr": "n", "op": "in", "value": numbers},
            {"attr": "t", "op": "has_any", "value": texts},
            {"attr": "t", "op": "has_all", "value": texts},
        ]});
        Rule::from_value(&document).unwrap()
    };
    for dialect in Dialect::ALL {
        // BigQuery joins a test for each text: too deep a tree for a long list.
        let bigquery = dialect == Dialect::Bigquery;
        let rule = rule(&texts[..if bigquery { 70 } else { texts.len() }]);
        let sql = rule.to_sql(&options(dialect, None)).unwrap();
        assert_eq!(Rule::parse_sql(&sql).unwrap(), rule, "{dialect}");
    }
    let long = rule(&texts).to_sql(&options(Dialect::Bigquery, None));
    assert_eq!(
        Rule::parse_sql(&long.unwrap()).unwrap_err().code(),
        "too_large"
    );
}

#[test]
fn sql_needs_now_and_expanded_segments_and_names_that_fit() {
    let code = |rule: &Rule, dialect| rule.to_sql(&options(dialect, None)).unwrap_err().code();
    assert_eq!(
        code(&rule_of("within_days(t, 3)"), Dialect::Duckdb),
        "missing_field"
    );
    assert_eq!(
        code(&rule_of("segment('x')"), Dialect::Duckdb),
        "unsupported"
    );
    let long = rule_of(&format!("{} = 1", "n".repeat(64)));
    assert_eq!(code(&long, Dialect::Postgres), "out_of_range");
    assert!(long.to_sql(&options(Dialect::Duckdb, None)).is_ok());
    for unfit in ["a.b", "a`b", "a\\b", "a[0]", "a\nb", "price ($)"] {
        let rule = Rule::Compare {
            attr: unfit.to_owned(),
            op: Operator::IsMissing,
            value: Literal::None,
        };
        assert_eq!(code(&rule, Dialect::Bigquery), "out_of_range", "{unfit}");
        assert!(rule.to_sql(&options(Dialect::Spark, None)).is_ok());
    }
    let setting = rule_of("\"${env:HOME}\" = 1");
    assert_eq!(code(&setting, Dialect::Spark), "out_of_range");
    assert!(setting.to_sql(&options(Dialect::Snowflake, None)).is_ok());
    let error = "postgresql".parse::<Dialect>().unwrap_err();
    assert_eq!(
        (error.code(), error.detail().unwrap().hint.as_deref()),
        ("unknown_name", Some("did you mean `postgres`?"))
    );
}

#[test]
fn sql_uses_the_alias_and_the_schema_s_columns() {
    let schema = AttributeSchema::from_value(
        &json!({"orders": {"type": "number", "column": "n \"orders\""}}),
    )
    .unwrap();
    let options = SqlOptions {
        alias: Some("v".to_owned()),
        schema: Some(schema),
        ..SqlOptions::new(Dialect::Postgres)
    };
    assert_eq!(
        rule_of("orders > 0.5").to_sql(&options).unwrap(),
        r#""v"."n ""orders""" > 0.5"#
    );
    assert_eq!(
        rule_of("order > 0.5").to_sql(&options).unwrap_err().code(),
        "unknown_name"
    );
}

#[test]
fn hand_made_rules_are_refused_not_printed() {
    let compare = |op, value| Rule::Compare {
        attr: "a".to_owned(),
        op,
        value,
    };
    let sql = |rule: Rule| rule.to_sql(&options(Dialect::Duckdb, Some(NOW)));
    assert_eq!(
        sql(compare(Operator::Eq, Literal::Number(f64::NAN)))
            .unwrap_err()
            .code(),
        "not_finite"
    );
    assert_eq!(
        sql(compare(Operator::Eq, Literal::Text("\0".to_owned())))
            .unwrap_err()
            .code(),
        "out_of_range"
    );
    assert_eq!(
        sql(compare(Operator::Between, Literal::Boolean(true)))
            .unwrap_err()
            .code(),
        "wrong_type"
    );
    assert_eq!(
        sql(compare(Operator::Eq, Literal::None))
            .unwrap_err()
            .code(),
        "missing_field"
    );
    let visitor = Attributes([("a".to_owned(), Value::Number(1.0))].into());
    assert_eq!(
        compare(Operator::Between, Literal::Boolean(true)).evaluate(&visitor, None),
        None
    );
}

#[test]
fn a_mask_refuses_what_the_table_cannot_answer() {
    let rows = [json!({"orders_count": 1})];
    let rule = rule_of("order_count > 1 AND segment('x') AND within_days(\"last seen\", 3)");
    let error = rule.mask(&table(&rows), None).unwrap_err();
    let codes: Vec<String> = error.problems().into_iter().map(|p| p.code).collect();
    assert_eq!(codes, ["missing_column", "missing_field", "unsupported"]);
    assert_eq!(
        error.detail().unwrap().hint.as_deref(),
        Some("did you mean `orders_count`?")
    );
}

fn segment(key: &str, sql: &str) -> Segment {
    Segment::new(key, rule_of(sql)).unwrap()
}

#[test]
fn segments_refuse_duplicates_strangers_and_cycles_all_at_once() {
    let error = Segments::new(vec![
        segment("a", "segment('b')"),
        segment("b", "NOT segment('c')"),
        segment("c", "x = 1 OR segment('a')"),
        segment("c2", "segment('cc')"),
        segment("c2", "TRUE"),
    ])
    .unwrap_err();
    let found: Vec<(String, String, String)> = error
        .problems()
        .into_iter()
        .map(|p| (p.code, p.detail.field, p.detail.value))
        .collect();
    let expected = [
        ("duplicate", "[4].key", "c2"),
        ("unknown_name", "[3].rule.segment", "cc"),
        ("cycle", "[0].rule", "a → b → c → a"),
    ];
    assert_eq!(
        found,
        expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
    );
    let own = Segments::new(vec![segment("a", "segment('a')")]).unwrap_err();
    assert_eq!(own.detail().unwrap().value, "a → a");
}

#[test]
fn expansion_is_bounded() {
    let doubling = (1..40).map(|i| {
        let before = format!("segment('s{}')", i - 1);
        segment(&format!("s{i}"), &format!("{before} AND {before}"))
    });
    let set = Segments::new(
        std::iter::once(segment("s0", "a = 1"))
            .chain(doubling)
            .collect(),
    )
    .unwrap();
    assert_eq!(
        set.expand(&rule_of("segment('s39')")).unwrap_err().code(),
        "too_large"
    );
    assert_eq!(
        set.expand(&rule_of("segment('s3')"))
            .unwrap()
            .comparisons_len(),
        8
    );
    let chain: Vec<Segment> = (0..60_000)
        .map(|i| {
            segment(
                &format!("s{i}"),
                &if i == 0 {
                    "a = 1".to_owned()
                } else {
                    format!("segment('s{}')", i - 1)
                },
            )
        })
        .collect();
    let last = rule_of("segment('s59999')");
    assert_eq!(
        Segments::new(chain).unwrap().expand(&last).unwrap(),
        rule_of("a = 1")
    );
}

#[test]
fn a_segment_document_is_read_strictly() {
    let good = json!({"key": "repeat", "rule": {"attr": "n", "op": "gte", "value": 2}, "provenance": {"by": "ana"}});
    let segment = Segment::from_value(&good).unwrap();
    assert_eq!(
        (segment.version, segment.rule.describe(None)),
        (1, "n is at least 2".to_owned())
    );
    let bad = json!({"key": "Repeat", "rul": 1, "rule": {"attr": "n", "op": "gt3"}, "version": -1});
    let problems: Vec<String> = Segment::from_value(&bad)
        .unwrap_err()
        .problems()
        .into_iter()
        .map(|p| p.detail.field)
        .collect();
    assert_eq!(problems, ["rul", "key", "rule.op", "version"]);
    let unborn = json!({"key": "repeat", "rule": {"all": []}, "version": 0});
    let error = Segment::from_value(&unborn).unwrap_err();
    assert_eq!(error.code(), "out_of_range");
}
