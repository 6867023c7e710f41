//! What a profile is asked: traffic, names of a query, options, and what is refused at which path.

use serde_json::json;

use super::*;

fn chosen(names: &[(&str, &str, Family)]) -> std::collections::BTreeMap<String, Outcome> {
    let outcome = |(name, column, family): &(&str, &str, Family)| {
        let family = Some(*family);
        let outcome = Outcome {
            family,
            ..Outcome::new(*column)
        };
        ((*name).to_owned(), outcome)
    };
    names.iter().map(outcome).collect()
}

#[test]
fn dates_count_whole_days() -> Test {
    let days = |instants: &[&str]| -> Result<Option<f64>, Box<dyn std::error::Error>> {
        let at: Result<Vec<_>, _> = instants
            .iter()
            .map(|at| Timestamp::parse(at).map(Some))
            .collect();
        let table = Table::new([("at".to_owned(), Column::Timestamp(at?))])?;
        let options = Options {
            time: Some("at".to_owned()),
            ..Options::default()
        };
        let found = profile(&table, &Segments::default(), &options)?;
        Ok(found.everyone.visitors_per_day)
    };
    // Three visitors on three dates, on one date, and within half a day.
    let date = |day: u32| format!("2026-03-0{day}T00:00:00Z");
    assert_eq!(days(&[&date(1), &date(3), &date(2)])?, Some(1.0));
    assert_eq!(days(&[&date(4)])?, Some(1.0));
    assert_eq!(
        days(&["2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z"])?,
        Some(4.0)
    );
    assert!(days(&["2026-03-01T12:00:00Z"]).is_err());
    Ok(())
}

#[test]
fn long_names_are_not_cut_and_are_found_again() -> Test {
    let key = |end: char| format!("{}{end}", "s".repeat(60));
    let segments = Segments::new(vec![
        Segment::new(key('a'), Rule::parse_sql("x > 1")?)?,
        Segment::new(key('b'), Rule::parse_sql("x > 2")?)?,
    ])?;
    let long = "o".repeat(70);
    let options = Options {
        outcomes: chosen(&[(&long, "x", Family::Mean)]),
        ..Options::default()
    };
    let query = profile_sql("visitors", &segments, &options, Dialect::Postgres)?;
    let names = query.split('"').skip(1).step_by(2);
    assert!(names.clone().all(|name| name.len() <= 63), "{query}");
    let mut read: Vec<&str> = query
        .split(" FROM (")
        .next()
        .unwrap_or_default()
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    read.retain(|name| !name.starts_with("value__"));
    read.dedup();
    assert_eq!(read.len(), 7, "{query}");
    // Two rows: (1.5) and (3): refused, hits, sum, sum of squares.
    let columns = [[0.0, 0.0], [1.0, 1.0], [1.5, 3.0], [2.25, 9.0]];
    let mut sums = vec![
        (
            read[0].to_owned(),
            Column::Boolean(vec![Some(true), Some(true)]),
        ),
        (
            read[1].to_owned(),
            Column::Boolean(vec![Some(false), Some(true)]),
        ),
        ("n".to_owned(), number(&[1.0, 1.0])),
    ];
    sums.extend(
        read[3..]
            .iter()
            .zip(&columns)
            .map(|(name, xs)| ((*name).to_owned(), number(xs))),
    );
    let found = profile_sums(&Table::new(sums)?, &segments, &options)?;
    assert_eq!((found.segments[0].n, found.segments[1].n), (2, 1));
    assert_eq!(found.everyone.outcomes[&long].observed, Some(2.25));
    Ok(())
}

#[test]
fn names_that_a_query_cannot_hold_are_refused() -> Test {
    let refused =
        |table: &str, name: &str, dialect| -> Result<String, Box<dyn std::error::Error>> {
            let options = Options {
                outcomes: chosen(&[(name, "x", Family::Mean)]),
                ..Options::default()
            };
            let error = profile_sql(table, &Segments::default(), &options, dialect).err();
            Ok(error.map_or_else(String::new, |e| format!("{} {e}", e.code())))
        };
    assert!(refused("", "x", Dialect::Duckdb)?.starts_with("out_of_range table must not be empty"));
    assert!(
        refused("a..b", "x", Dialect::Duckdb)?.starts_with("out_of_range table must not be empty")
    );
    assert!(refused("v\0", "x", Dialect::Postgres)?.contains("table must not hold a NUL"));
    assert!(
        refused("v", "a.b", Dialect::Bigquery)?
            .starts_with("out_of_range outcomes.a.b must hold none of")
    );
    assert_eq!(refused("v", "a.b", Dialect::Duckdb)?, "");
    let two = Options {
        outcomes: chosen(&[("Rate", "x", Family::Mean), ("rate", "x", Family::Mean)]),
        ..Options::default()
    };
    let query = |dialect| profile_sql("v", &Segments::default(), &two, dialect);
    assert!(query(Dialect::Duckdb).is_err_and(|e| e.code() == "conflict"));
    assert!(query(Dialect::Postgres).is_ok());
    Ok(())
}

#[test]
fn everyone_is_no_segment() -> Test {
    let segments = Segments::new(vec![Segment::new(
        "everyone",
        Rule::parse_sql("spend > 100")?,
    )?])?;
    let error = profile(&shop()?, &segments, &Options::default())
        .err()
        .ok_or("accepted")?;
    assert_eq!(error.code(), "conflict");
    assert!(
        error.to_string().starts_with("segments[0].key must not be"),
        "{error}"
    );
    Ok(())
}

#[test]
fn options_are_refused_where_they_are_written() -> Test {
    let refused = |document: serde_json::Value| {
        let error = Options::from_value(&document).err();
        error.map_or_else(String::new, |e| format!("{} {e}", e.code()))
    };
    let cases = [
        (
            json!({"level": "x"}),
            r#"wrong_type level must be a number, got "x""#,
        ),
        (
            json!({"outcomes": {"a": {"column": "x", "family": "binry"}}}),
            "out_of_range outcomes.a.family must be binary, positive, hurdle, count or mean, got binry; did you mean `binary`?",
        ),
        (
            json!({"outcomes": {"a": {"colum": "x"}}}),
            r#"unknown_field outcomes.a.colum must be column or family, got "x"; did you mean `column`?"#,
        ),
        (
            json!({"outcomes": {"a": {"family": "mean"}}}),
            "missing_field outcomes.a.column is required beside a family, got nothing",
        ),
        (
            json!({"outcomes": "bought"}),
            r#"wrong_type outcomes must be an object of columns by outcome, got "bought""#,
        ),
        (
            json!({"levels": -1}),
            "wrong_type levels must be a whole number >= 0, got -1",
        ),
        (json!({"time": 3}), "wrong_type time must be text, got 3"),
        (
            json!({"contrasts": "rev"}),
            r#"wrong_type contrasts must be true, false or a list of attributes, got "rev""#,
        ),
        (
            json!({"contrasts": ["a", 3]}),
            "wrong_type contrasts[1] must be text, got 3",
        ),
        (
            json!({"levl": 0.9}),
            "unknown_field levl must be an option of a profile, got 0.9; did you mean `level`?",
        ),
    ];
    for (document, message) in cases {
        assert_eq!(refused(document), message);
    }
    let read =
        Options::from_value(&json!({"contrasts": true, "levels": 3, "level": 0.9, "time": null}))?;
    let wanted = read.contrasts.ok_or("no contrasts")?;
    assert_eq!((wanted.attributes, wanted.levels), (None, 3));
    assert!(
        Options::from_value(&json!({"contrasts": false}))?
            .contrasts
            .is_none()
    );
    Ok(())
}

#[test]
fn what_is_missing_is_named() -> Test {
    let refused = |table: &Table<'_>, segments: Segments, names: &[(&str, &str)]| {
        let options = Options {
            outcomes: outcomes(names),
            ..Options::default()
        };
        let error = profile(table, &segments, &options).err();
        error.map_or_else(String::new, |e| e.to_string())
    };
    let none = Segments::default();
    let text = refused(
        &small()?,
        none.clone(),
        &[("revenue_per_visitor", "orders_count")],
    );
    assert!(
        text.starts_with("orders_count[2] must be a number in every row"),
        "{text}"
    );
    assert!(
        text.ends_with("got a missing value (NULL or NaN)"),
        "{text}"
    );
    let rule = |text: &str| Segments::new(vec![Segment::new("x", Rule::parse_sql(text)?)?]);
    let text = refused(&shop()?, rule("within_days(spend, 3)")?, &[]);
    assert!(text.starts_with("now "), "{text}");
    // A sum that is missing where rows were summed.
    let sums = Table::new([
        ("n".to_owned(), number(&[4.0])),
        ("revenue_per_visitor__refused".to_owned(), number(&[0.0])),
        ("revenue_per_visitor__hits".to_owned(), number(&[2.0])),
        ("revenue_per_visitor__sum".to_owned(), number(&[f64::NAN])),
        ("revenue_per_visitor__sum_sq".to_owned(), number(&[9.0])),
        ("revenue_per_visitor__sum_log".to_owned(), number(&[1.0])),
        ("revenue_per_visitor__sum_log_sq".to_owned(), number(&[1.0])),
    ])?;
    let options = Options {
        outcomes: outcomes(&[("revenue_per_visitor", "revenue")]),
        ..Options::default()
    };
    let error = profile_sums(&sums, &none, &options)
        .err()
        .ok_or("accepted")?;
    let text = error.to_string();
    assert!(
        text.starts_with("revenue_per_visitor__sum[0] must be a number: it is the sum of 4 rows"),
        "{text}"
    );
    Ok(())
}

#[test]
fn a_metric_without_power_is_named() -> Test {
    let options = Options {
        outcomes: outcomes(&[("average_order_value", "spend")]),
        ..Options::default()
    };
    let found = profile(&small()?, &Segments::default(), &options)?;
    assert!(found.everyone.power.is_empty());
    assert!(
        found.notes[0].starts_with("average_order_value has no power"),
        "{:?}",
        found.notes
    );
    Ok(())
}

#[test]
fn a_rule_is_refused_at_its_path() -> Test {
    let schema = AttributeSchema::from_json(r#"{"spend": {"type": "number"}}"#)?;
    let options = Options {
        schema: Some(&schema),
        ..Options::default()
    };
    let segments = Segments::new(vec![
        Segment::new("big", Rule::parse_sql("spend > 100")?)?,
        Segment::new("wrong", Rule::parse_sql("spend = 'x'")?)?,
    ])?;
    let error = profile(&shop()?, &segments, &options)
        .err()
        .ok_or("accepted")?;
    let field = error
        .detail()
        .map(|detail| detail.field.clone())
        .unwrap_or_default();
    assert!(field.starts_with("segments[1].rule"), "{field}");
    Ok(())
}
