//! Profiles of segments: counts against the truth tables, estimates against closed forms, and the empty segment.

#[path = "profile/asked.rs"]
mod asked;

use stoa_core::{
    catalog::Family,
    power::{Baseline, PowerOptions, smallest_effect},
    profile::{
        ContrastOptions, Options, Outcome, OutcomeProfile, SegmentProfile, profile, profile_sql,
        profile_sums,
    },
    rule::{AttributeSchema, Dialect, Rule},
    segment::{Segment, Segments},
    value::{Column, Table, Timestamp},
};
use stoa_tests::hillstrom::{self, Hillstrom};

type Test = Result<(), Box<dyn std::error::Error>>;

fn outcomes(names: &[(&str, &str)]) -> std::collections::BTreeMap<String, Outcome> {
    names
        .iter()
        .map(|(name, column)| ((*name).to_owned(), Outcome::new(*column)))
        .collect()
}

#[test]
fn hillstrom_by_purchase_history() -> Test {
    let Some(data) = Hillstrom::read() else {
        return Ok(());
    };
    let options = Options {
        outcomes: outcomes(&[
            ("visit_rate", "site_visit"),
            ("conversion_rate", "conversion_rate"),
            ("average_order_value", "revenue_per_visitor"),
            ("revenue_per_visitor", "revenue_per_visitor"),
        ]),
        ..Options::default()
    };
    let found = profile(&data.table()?, &hillstrom::segments()?, &options)?;
    assert_eq!(found.everyone.n, 64_000);
    // 2262 + 3894 + 3238 visits, 122 + 267 + 189 orders
    check_rate(&found.everyone, "visit_rate", 9394, 64_000)?;
    check_rate(&found.everyone, "conversion_rate", 578, 64_000)?;
    let orders = &found.everyone.outcomes["average_order_value"];
    assert_eq!(orders.n, 578);
    let spent = 13_908.33 + 30_311.69 + 23_038.11;
    assert!((orders.observed.unwrap_or(0.0) - spent / 578.0).abs() < 1e-9);
    let (low, high) = orders.interval.map_or((0.0, 0.0), |i| (i.low, i.high));
    assert!(low < spent / 578.0 && spent / 578.0 < high);
    // Three disjoint groups that hold everyone.
    assert_eq!(found.segments.iter().map(|s| s.n).sum::<u64>(), 64_000);
    for (i, row) in found.overlap.n.iter().enumerate() {
        for (j, shared) in row.iter().enumerate() {
            assert_eq!(*shared, if i == j { found.segments[i].n } else { 0 });
        }
    }
    let revenue = found.everyone.smallest_detectable_lift["revenue_per_visitor"];
    let conversion = found.everyone.smallest_detectable_lift["conversion_rate"];
    assert!(revenue > conversion, "order values only add noise");
    Ok(())
}

/// Posterior mean of Beta(1 + s, 1 + n − s), and the lift that the power formula gives.
fn check_rate(segment: &SegmentProfile, name: &str, s: u32, n: u32) -> Test {
    let (s, n) = (f64::from(s), f64::from(n));
    let outcome = &segment.outcomes[name];
    let mean = outcome.mean.unwrap_or(f64::NAN);
    assert!(
        (mean - (s + 1.0) / (n + 2.0)).abs() < 1e-12,
        "{name}: {mean}"
    );
    let baseline = Baseline::Binary { rate: s / n };
    let lift = smallest_effect(&baseline, n / 2.0, &PowerOptions::default())?;
    assert_eq!(segment.smallest_detectable_lift[name], lift);
    Ok(())
}

fn small() -> Result<Table<'static>, stoa_core::error::Error> {
    Table::new([
        (
            "orders_count".to_owned(),
            Column::Number(vec![0.0, 3.0, f64::NAN].into()),
        ),
        (
            "spend".to_owned(),
            Column::Number(vec![0.0, 20.0, 0.0].into()),
        ),
        (
            "visit".to_owned(),
            Column::Boolean(vec![Some(true), Some(true), Some(false)]),
        ),
    ])
}

#[test]
fn an_empty_segment_says_so() -> Test {
    let segments = Segments::new(vec![
        Segment::new("whales", Rule::parse_sql("orders_count > 100")?)?,
        Segment::new("repeat", Rule::parse_sql("orders_count >= 2")?)?,
    ])?;
    let schema = AttributeSchema::from_json(
        r#"{"orders_count": {"type": "number", "label": "orders", "assignable": false}}"#,
    )?;
    let options = Options {
        outcomes: outcomes(&[
            ("visit_rate", "visit"),
            ("average_order_value", "spend"),
            ("revenue", "spend"),
        ]),
        schema: Some(&schema),
        ..Options::default()
    };
    let found = profile(&small()?, &segments, &options)?;
    let whales = &found.segments[0];
    assert_eq!((whales.n, whales.unknown), (0, 1));
    assert!(
        whales
            .outcomes
            .values()
            .all(|o| o.mean.is_none() && o.note.is_some())
    );
    assert!(
        whales
            .smallest_detectable_lift
            .values()
            .all(Option::is_none)
    );
    assert_eq!(whales.targetable, Some(false));
    assert_eq!(whales.missing, ["orders_count"]);
    let document = serde_json::to_value(&found)?;
    assert_eq!(document["segments"][1]["visit_rate"]["observed"], 1.0);
    assert!(document["segments"][0]["average_order_value"]["mean"].is_null());
    Ok(())
}

#[test]
fn bad_outcomes_are_refused_by_column_and_row() -> Test {
    let code = |name: &str, column: &str| -> Result<String, Box<dyn std::error::Error>> {
        let options = Options {
            outcomes: outcomes(&[(name, column)]),
            ..Options::default()
        };
        let refused = profile(&small()?, &Segments::default(), &options).err();
        Ok(refused.map_or_else(String::new, |e| format!("{} {}", e.code(), e)))
    };
    assert!(code("x", "orders_count")?.starts_with("not_finite orders_count[2]"));
    assert!(code("conversion_rate", "spend")?.starts_with("out_of_range spend[1]"));
    assert!(code("x", "spent")?.contains("did you mean `spend`?"));
    assert!(code("share", "spend")?.starts_with("conflict"));
    assert!(code("csat", "visit")?.starts_with("unsupported"));
    Ok(())
}

fn number(xs: &[f64]) -> Column<'static> {
    Column::Number(xs.to_vec().into())
}

/// Twelve visitors of a shop whose big spenders look around more.
fn shop() -> Result<Table<'static>, stoa_core::error::Error> {
    let spend = [
        250.0,
        300.0,
        120.0,
        500.0,
        180.0,
        20.0,
        0.0,
        0.0,
        40.0,
        0.0,
        10.0,
        f64::NAN,
    ];
    let depth = [9.0, 7.0, 8.0, 12.0, 9.0, 2.0, 1.0, 1.0, 3.0, 2.0, 1.0, 2.0];
    let bought = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    let profit = [
        5.0, -2.0, 3.0, 8.0, 1.0, 0.5, -1.0, -1.5, 0.0, 1.0, 0.25, -3.0,
    ];
    let country = [
        "CA", "US", "US", "US", "CA", "CA", "CA", "FR", "CA", "FR", "CA", "CA",
    ];
    let member = [1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 2].map(|b| (b < 2).then_some(b == 1));
    Table::new([
        ("spend".to_owned(), number(&spend)),
        ("depth".to_owned(), number(&depth)),
        ("bought".to_owned(), number(&bought)),
        ("profit".to_owned(), number(&profit)),
        (
            "country".to_owned(),
            Column::Text(country.map(Some).to_vec()),
        ),
        ("member".to_owned(), Column::Boolean(member.to_vec())),
    ])
}

fn big_and_canadian() -> Result<Segments, stoa_core::error::Error> {
    Segments::new(vec![
        Segment::new("big", Rule::parse_sql("spend > 100")?)?,
        Segment::new("canadian", Rule::parse_sql("country = 'CA'")?)?,
    ])
}

fn shop_options() -> Options<'static> {
    let mut outcomes = outcomes(&[("conversion_rate", "bought"), ("session_depth", "depth")]);
    let profit = Outcome {
        family: Some(Family::Mean),
        ..Outcome::new("profit")
    };
    outcomes.insert("profit".to_owned(), profit);
    Options {
        outcomes,
        ..Options::default()
    }
}

#[test]
fn a_segment_against_everyone_else_by_hand() -> Test {
    let found = profile(&shop()?, &big_and_canadian()?, &shop_options())?;
    let big = &found.segments[0];
    assert_eq!((big.n, big.unknown), (5, 1));
    let rate = &big.outcomes["conversion_rate"];
    // 3 of 5 bought here, 1 of 7 elsewhere: Beta(4, 3) against Beta(2, 7).
    let rest = rate.rest.as_ref().ok_or("no rest")?;
    assert_eq!((rest.n, rest.observed), (7, Some(1.0 / 7.0)));
    let against = rate.against_rest.as_ref().ok_or("no difference")?;
    let mean = against.difference.mean.ok_or("no mean")?;
    assert!((mean - (4.0 / 7.0 - 2.0 / 9.0)).abs() < 1e-12, "{mean}");
    assert!((against.prob_higher - prob_beta_higher(4, 3, 2, 7)).abs() < 1e-11);
    // 45 pages over 5 visits here, 12 over 7 elsewhere; 12 visits of 57 with squares of 443: not over-dispersed here.
    let depth = &big.outcomes["session_depth"];
    assert_eq!(depth.observed, Some(9.0));
    assert!((depth.mean.ok_or("no mean")? - 46.0 / 6.0).abs() < 1e-11);
    // Means of profit: 15/5 here, −3.75/7 elsewhere.
    let profit = &big.outcomes["profit"];
    let gap = profit.against_rest.as_ref().and_then(|a| a.difference.mean);
    assert!((gap.ok_or("no gap")? - (3.0 + 3.75 / 7.0)).abs() < 1e-11);
    assert_eq!(
        profit.against_rest.as_ref().and_then(|a| a.relative.mean),
        None
    );
    assert!(found.everyone.outcomes["profit"].against_rest.is_none());
    assert_eq!(found.overlap.n, [[5, 2], [2, 7]]);
    Ok(())
}

/// P(X > Y) for independent Beta with whole shapes: Σ_{i<a} B(c+i, b+d) / ((b+i)·B(1+i, b)·B(c, d)).
fn prob_beta_higher(a: u32, b: u32, c: u32, d: u32) -> f64 {
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    let beta = |p: u32, q: u32| factorial(p - 1) * factorial(q - 1) / factorial(p + q - 1);
    (0..a)
        .map(|i| beta(c + i, b + d) / (f64::from(b + i) * beta(1 + i, b) * beta(c, d)))
        .sum()
}

#[test]
fn power_and_days_are_those_of_the_plan() -> Test {
    let options = Options {
        minimum_effect: 0.5,
        visitors_per_day: Some(60.0),
        ..shop_options()
    };
    let found = profile(&shop()?, &big_and_canadian()?, &options)?;
    let big = &found.segments[0];
    let baseline = Baseline::Binary { rate: 0.6 };
    let options = PowerOptions::default();
    let size = stoa_core::power::power(&baseline, 0.5, &options)?;
    let reach = &big.power["conversion_rate"];
    assert_eq!(reach.n_per_arm, Some(size.n_per_arm));
    assert_eq!(big.visitors_per_day, Some(25.0));
    let time = stoa_core::power::duration(size.n_per_arm, 25.0, 1.0, 0.5)?;
    assert_eq!(reach.days_until, Some(time.days));
    // At its own sample size the power is the one asked for.
    for effect in [0.1, 0.4, -0.3] {
        let size = stoa_core::power::power(&baseline, effect, &options)?;
        let n = size.n_per_arm_exact;
        let chance = stoa_core::power::achieved_power(&baseline, effect, n, &options)?;
        assert!((chance - 0.8).abs() < 1e-9, "{chance}");
    }
    Ok(())
}

#[test]
fn contrasts_by_hand() -> Test {
    let options = Options {
        contrasts: Some(ContrastOptions::default()),
        ..shop_options()
    };
    let found = profile(&shop()?, &big_and_canadian()?, &options)?;
    let contrasts = found.segments[0].contrasts.as_ref().ok_or("none")?;
    let names: Vec<_> = contrasts.iter().map(|c| &c.attribute[..]).collect();
    // Outcomes are no attributes; the rule's own attribute comes last.
    assert_eq!(names, ["country", "member", "spend"]);
    assert!(contrasts[2].by_definition && !contrasts[1].by_definition);
    let numbers = contrasts[2].numbers.as_ref().ok_or("spend is a number")?;
    // Inside 250, 300, 120, 500, 180; elsewhere 20, 0, 0, 40, 0, 10 and one missing.
    assert_eq!(
        (numbers.inside.mean, numbers.inside.median),
        (Some(270.0), Some(250.0))
    );
    assert_eq!((numbers.rest.n, numbers.rest.median), (6, Some(5.0)));
    let missing = contrasts[2].missing.as_ref().ok_or("one is missing")?;
    assert_eq!(
        (missing.inside.share, missing.rest.share),
        (Some(0.0), Some(1.0 / 7.0))
    );
    // 4 of 5 members here, 1 of 6 elsewhere: Beta(5, 2) − Beta(2, 6).
    let member = &contrasts[1].levels[0];
    assert_eq!((&member.level[..], member.rest.n), ("true", 6));
    let mean = member.difference.mean.ok_or("no mean")?;
    assert!((mean - (5.0 / 7.0 - 2.0 / 8.0)).abs() < 1e-12);
    let levels: Vec<_> = contrasts[0].levels.iter().map(|l| &l.level[..]).collect();
    assert_eq!(levels, ["CA", "US", "FR"]);
    // US is 3 of 5 against 0 of 7: h = 2 asin √0.6 = 1.772154, its error √(1/5 + 1/7) = 0.585540. Seven contrasts (three
    // countries, member and its missing, spend and its missing): z of 0.025/7 = 2.690110. The rest could be chance.
    assert!((contrasts[0].telling - (1.772_154_248 - 2.690_110 * 0.585_540_044)).abs() < 1e-5);
    assert!(
        contrasts[1].telling.to_bits() == 0,
        "{}",
        contrasts[1].telling
    );
    let sentence = &contrasts[1].sentence;
    assert!(
        sentence.starts_with("member is true: 80% here, 16.7% among everyone else"),
        "{sentence}"
    );
    Ok(())
}

#[test]
fn sums_of_patterns_give_the_profile_of_their_rows() -> Test {
    let (table, segments, options) = (shop()?, big_and_canadian()?, shop_options());
    let by_rows = serde_json::to_value(profile(&table, &segments, &options)?)?;
    // The patterns, summed by hand from the rows above.
    let truth =
        |xs: &[u8]| Column::Boolean(xs.iter().map(|b| (*b < 2).then_some(*b == 1)).collect());
    // (big, canadian): yes yes · yes no · no yes · no no · unknown yes
    let patterns = Table::new([
        ("segment__big".to_owned(), truth(&[1, 1, 0, 0, 2])),
        ("segment__canadian".to_owned(), truth(&[1, 0, 1, 0, 1])),
        ("n".to_owned(), number(&[2.0, 3.0, 4.0, 2.0, 1.0])),
        ("conversion_rate__refused".to_owned(), number(&[0.0; 5])),
        (
            "conversion_rate__hits".to_owned(),
            number(&[1.0, 2.0, 0.0, 1.0, 0.0]),
        ),
        ("session_depth__refused".to_owned(), number(&[0.0; 5])),
        (
            "session_depth__hits".to_owned(),
            number(&[2.0, 3.0, 4.0, 2.0, 1.0]),
        ),
        (
            "session_depth__sum".to_owned(),
            number(&[18.0, 27.0, 7.0, 3.0, 2.0]),
        ),
        (
            "session_depth__sum_sq".to_owned(),
            number(&[162.0, 257.0, 15.0, 5.0, 4.0]),
        ),
        ("profit__refused".to_owned(), number(&[0.0; 5])),
        (
            "profit__hits".to_owned(),
            number(&[2.0, 2.0, 2.0, 1.0, 0.0]),
        ),
        (
            "profit__sum".to_owned(),
            number(&[6.0, 9.0, -0.25, -0.5, -3.0]),
        ),
        (
            "profit__sum_sq".to_owned(),
            number(&[26.0, 77.0, 1.3125, 3.25, 9.0]),
        ),
    ])?;
    let options = Options {
        contrasts: Some(ContrastOptions::default()),
        ..options
    };
    let mut by_sums = serde_json::to_value(profile_sums(&patterns, &segments, &options)?)?;
    assert!(
        by_sums["notes"][0]
            .as_str()
            .is_some_and(|note| note.contains("need the rows"))
    );
    by_sums["notes"] = serde_json::json!([]);
    near("", &by_rows, &by_sums);
    Ok(())
}

/// Equal but for 1e-12 of the numbers.
fn near(path: &str, a: &serde_json::Value, b: &serde_json::Value) {
    use serde_json::Value;
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            a.iter()
                .for_each(|(key, a)| near(&format!("{path}.{key}"), a, &b[key]));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            a.iter().zip(b).for_each(|(a, b)| near(path, a, b));
        }
        (Value::Number(_), Value::Number(_)) => {
            let [x, y] = [a, b].map(|v| v.as_f64().unwrap_or(f64::NAN));
            assert!(
                (x - y).abs() <= 1e-12 * x.abs().max(1.0),
                "{path}: {x} and {y}"
            );
        }
        _ => assert_eq!(a, b, "{path}"),
    }
}

#[test]
fn sums_that_cannot_be_are_refused() -> Test {
    let refused = |column: &str, xs: &[f64]| -> Result<String, Box<dyn std::error::Error>> {
        let mut columns = std::collections::BTreeMap::from([
            ("n".to_owned(), number(&[4.0, 2.0])),
            ("conversion_rate__refused".to_owned(), number(&[0.0, 0.0])),
            ("conversion_rate__hits".to_owned(), number(&[1.0, 1.0])),
        ]);
        columns.insert(column.to_owned(), number(xs));
        let options = Options {
            outcomes: outcomes(&[("conversion_rate", "bought")]),
            ..Options::default()
        };
        let error = profile_sums(&Table::new(columns)?, &Segments::default(), &options).err();
        Ok(error.map_or_else(String::new, |e| format!("{} {e}", e.code())))
    };
    assert!(refused("conversion_rate__refused", &[0.0, 3.0])?.contains("family does not have"));
    assert!(refused("conversion_rate__hits", &[1.0, 5.0])?.contains("must be at most n = 2"));
    assert!(refused("n", &[4.5, 2.0])?.starts_with("out_of_range n[0]"));
    let unknown = Options {
        outcomes: outcomes(&[("spent", "spend")]),
        ..Options::default()
    };
    let error = profile_sql("visitors", &Segments::default(), &unknown, Dialect::Duckdb);
    assert!(error.is_err_and(|e| e.code() == "missing_field"));
    Ok(())
}

#[test]
fn more_blocks_and_words_than_one_agree_with_plain_sums() -> Test {
    // 40,001 rows: three blocks, a word that is not full. x = row mod 7, members: row mod 3 = 0.
    let n: u32 = 40_001;
    let rows = || (0..n).map(f64::from);
    let table = Table::new([
        (
            "third".to_owned(),
            Column::Number(rows().map(|i| i % 3.0).collect()),
        ),
        (
            "x".to_owned(),
            Column::Number(rows().map(|i| i % 7.0).collect()),
        ),
    ])?;
    let third = Segments::new(vec![Segment::new("third", Rule::parse_sql("third = 0")?)?])?;
    let options = Options {
        outcomes: outcomes(&[("x", "x"), ("session_depth", "x")]),
        ..Options::default()
    };
    let found = profile(&table, &third, &options)?;
    let members = || (0..n).filter(|i| i % 3 == 0);
    let total: u32 = members().map(|i| i % 7).sum();
    let segment = &found.segments[0];
    assert_eq!(segment.n, u64::from(n.div_ceil(3)));
    let observed = segment.outcomes["x"].observed.ok_or("none")?;
    assert!((observed - f64::from(total) / f64::from(n.div_ceil(3))).abs() < 1e-13);
    let depth = &segment.outcomes["session_depth"];
    // Uniform on 0..=6: mean 3, variance 4, over-dispersed, so the moments model: ±1.96·2/√13,334.
    let width = depth.interval.map_or(0.0, |i| i.high - i.low);
    assert!(
        (width - 2.0 * 1.96 * 2.0 / 13_334_f64.sqrt()).abs() < 1e-4,
        "{width}"
    );
    Ok(())
}

#[test]
fn a_family_that_nobody_said_is_guessed_only_without_doubt_and_said() -> Test {
    let rows = |of: fn(u32) -> f64| Column::Number((0..5000).map(of).collect());
    let table = Table::new([
        ("rating".to_owned(), rows(|i| f64::from(i % 5 + 1))),
        ("profit".to_owned(), rows(|i| f64::from(i % 5) - 2.0)),
        ("returned".to_owned(), rows(|i| f64::from(i % 2))),
    ])?;
    let options = Options {
        outcomes: outcomes(&[
            ("rating", "rating"),
            ("profit", "profit"),
            ("returned", "returned"),
        ]),
        ..Options::default()
    };
    let found = profile(&table, &Segments::default(), &options)?;
    let outcome = |name: &str| &found.everyone.outcomes[name];
    assert_eq!(outcome("rating").family, Family::Mean);
    assert_eq!(outcome("returned").family, Family::Binary);
    // 1 to 5, each a thousand times: mean 3, variance 2, so ±1.96·√(2/5000) = ±0.0392.
    let rating = outcome("rating").interval.ok_or("no interval")?;
    assert!((rating.low - 2.9608).abs() < 1e-4 && (rating.high - 3.0392).abs() < 1e-4);
    assert_eq!(found.notes.len(), 3);
    assert!(found.notes[1].starts_with("rating is no metric of the catalog and is read as mean"));
    Ok(())
}

/// `b` by `s`: so many bought among those above 100, and so many of the others.
fn rates(
    inside: (u32, u32),
    rest: (u32, u32),
) -> Result<OutcomeProfile, Box<dyn std::error::Error>> {
    let rows = [(inside, 200.0), (rest, 1.0)].into_iter();
    let rows = rows.flat_map(|((bought, n), s)| (0..n).map(move |i| (s, f64::from(i < bought))));
    let (s, b): (Vec<f64>, Vec<f64>) = rows
        .map(|(s, bought)| (s, f64::from(u8::from(bought > 0.0))))
        .unzip();
    let table = Table::new([("s".to_owned(), number(&s)), ("b".to_owned(), number(&b))])?;
    let big = Segments::new(vec![Segment::new("big", Rule::parse_sql("s > 100")?)?])?;
    let options = Options {
        outcomes: outcomes(&[("conversion_rate", "b")]),
        ..Options::default()
    };
    let mut found = profile(&table, &big, &options)?;
    let outcome = found.segments[0].outcomes.remove("conversion_rate");
    Ok(outcome.ok_or("no outcome")?)
}

#[test]
fn rates_worlds_apart_keep_a_difference_below_one_and_a_ratio() -> Test {
    // 50 of 50 against 0 of 50: 1 − D is the sum of two Beta(1, 51); its quantiles by bisection of their convolution.
    let against = rates((50, 50), (0, 50))?.against_rest.ok_or("nothing")?;
    let gap = against.difference.interval.ok_or("no interval")?;
    assert!(
        (1.0 - gap.high - 0.004_741_690_739_166).abs() < 1e-10,
        "{gap:?}"
    );
    assert!(
        (1.0 - gap.low - 0.105_378_023_233_675).abs() < 1e-10,
        "{gap:?}"
    );
    // 7.1% of 50,000 against 3.0%.
    let against = rates((3550, 50_000), (1500, 50_000))?
        .against_rest
        .ok_or("nothing")?;
    let ratio = against.relative.interval.ok_or("no ratio")?;
    // ln(71/30) ± 1.96·√(1/3550 − 1/50000 + 1/1500 − 1/50000), to the width of the skew.
    let error = 1.96 * (1.0_f64 / 3550.0 + 1.0 / 1500.0 - 2.0 / 50_000.0).sqrt();
    let middle = (71.0_f64 / 30.0).ln();
    assert!(
        (ratio.low.ln_1p() - (middle - error)).abs() < 2e-3,
        "{ratio:?}"
    );
    assert!(
        (ratio.high.ln_1p() - (middle + error)).abs() < 2e-3,
        "{ratio:?}"
    );
    assert!(against.relative.mean.is_some());
    // A segment that the outcome itself defines, among 400,000: nothing is left out.
    let against = rates((40_000, 40_000), (0, 360_000))?
        .against_rest
        .ok_or("nothing")?;
    let gap = against.difference.interval.ok_or("no interval")?;
    assert!(gap.low > 0.9998 && gap.high < 1.0, "{gap:?}");
    assert!(
        against
            .relative
            .interval
            .is_some_and(|ratio| ratio.low > 60_000.0)
    );
    Ok(())
}
