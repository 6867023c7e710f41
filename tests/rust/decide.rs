//! The evidence side against independent numbers: sample ratio, power, the verdict, and real experiments.

use serde_json::{Value, json};
use stoa_core::{
    decide::{
        Action, Analysis, Columns, ExperimentStats, Reason, Verdict, analyze, analyze_segments,
        stats_from_rows,
    },
    error::Error,
    experiment::{CheckedExperiment, Experiment, Status, StoreDocument},
    posterior::{Comparison, Stats},
    power::{Alternative, Baseline, Formula, PowerOptions, power},
    sequential::{sequential_srm, srm},
    value::{Column, Table},
};
use stoa_tests::{
    hillstrom::{self, Hillstrom},
    read_json, shared,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Relative agreement of everything that has a closed form; the tables hold the nearest f64.
const CLOSED_FORM: f64 = 1e-9;

fn close(got: f64, wanted: f64, tolerance: f64, what: &str) {
    let error = (got - wanted).abs() / wanted.abs().max(f64::MIN_POSITIVE);
    assert!(
        error <= tolerance || got.to_bits() == wanted.to_bits(),
        "{what}: {got:e} for {wanted:e}, relative error {error:e}"
    );
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().map(number).collect()
}

fn counts(value: &Value) -> Vec<u64> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect()
}

fn cases<'a>(table: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    table[key].as_array().into_iter().flatten()
}

#[test]
fn sample_ratio_agrees_with_the_truth_table() -> Outcome {
    let Some(path) = shared("truth/g_srm.json") else {
        return Ok(());
    };
    let table = read_json(&path)?;
    for case in cases(&table, "chi_square") {
        let id = case["id"].as_str().unwrap_or_default();
        let test = srm(&counts(&case["counts"]), &numbers(&case["expected_share"]))?;
        close(test.statistic, number(&case["chi2"]), CLOSED_FORM, id);
        close(test.p_value, number(&case["p_value"]), CLOSED_FORM, id);
        close(test.log10_p, number(&case["log10_p"]), CLOSED_FORM, id);
        assert_eq!(Some(test.df), case["df"].as_u64(), "{id}");
    }
    Ok(())
}

#[test]
fn the_sequential_sample_ratio_agrees_with_the_truth_table() -> Outcome {
    let Some(path) = shared("truth/g_srm.json") else {
        return Ok(());
    };
    let table = read_json(&path)?;
    for case in cases(&table, "sequential") {
        let id = case["id"].as_str().unwrap_or_default();
        let batches: Vec<_> = cases(case, "batches").map(counts).collect();
        let prior = numbers(&case["dirichlet_alpha"]);
        let looks = sequential_srm(&numbers(&case["null_share"]), &prior, &batches)?;
        let wanted = numbers(&case["log_bayes_factor"]);
        assert_eq!(looks.len(), wanted.len(), "{id}");
        for (look, (ln_bf, p)) in looks
            .iter()
            .zip(wanted.iter().zip(numbers(&case["sequential_p"])))
        {
            assert!((look.log_bayes_factor - ln_bf).abs() <= 1e-9, "{id}");
            close(look.p_value, p, CLOSED_FORM, id);
        }
    }
    Ok(())
}

#[test]
fn sample_sizes_agree_with_the_truth_table() -> Outcome {
    let Some(path) = shared("truth/i_power.json") else {
        return Ok(());
    };
    let table = read_json(&path)?;
    for case in cases(&table, "sample_size") {
        let baseline = Baseline::Binary {
            rate: number(&case["p0"]),
        };
        let alternative = match case["alternative"].as_str() {
            Some("two-sided") => Alternative::TwoSided,
            _ => Alternative::OneSided,
        };
        for (formula, key) in [
            (Formula::Pooled, "n_per_arm_pooled"),
            (Formula::Unpooled, "n_per_arm_unpooled"),
            (Formula::Arcsine, "n_per_arm_arcsine"),
        ] {
            let options = PowerOptions {
                power: number(&case["power"]),
                alpha: number(&case["alpha"]),
                alternative,
                formula,
                ..PowerOptions::default()
            };
            let size = power(&baseline, number(&case["rel_lift"]), &options)?;
            close(size.n_per_arm_exact, number(&case[key]), CLOSED_FORM, key);
        }
    }
    Ok(())
}

/// METHODS B: probabilities, absolutely; losses relative to the posterior standard deviation at least; losses below
/// the floor are zero.
const TARGET: f64 = 1e-9;
const LOSS_FLOOR: f64 = 1e-15;

/// A comparison, or its mirror image, against a row of the truth table.
fn check_rates(truth: &Value, comparison: &Comparison, mirrored: bool, what: &str) {
    let (p, choose_t, choose_c) = if mirrored {
        (
            comparison.prob_harm(),
            comparison.expected_loss_keep(),
            comparison.expected_loss_ship(),
        )
    } else {
        (
            comparison.prob_positive(),
            comparison.expected_loss_ship(),
            comparison.expected_loss_keep(),
        )
    };
    let wanted = number(&truth["beta11_prob_t_gt_c"]);
    assert!((p - wanted).abs() <= TARGET, "{what}: P {p} for {wanted}");
    let sd = number(&truth["se_unpooled"]);
    for (loss, key) in [
        (choose_t, "beta11_exp_loss_choose_t"),
        (choose_c, "beta11_exp_loss_choose_c"),
    ] {
        let (got, wanted) = (loss.unwrap_or(f64::NAN), number(&truth[key]));
        let allowed = (TARGET * wanted.abs().max(sd)).max(LOSS_FLOOR);
        assert!(
            (got - wanted).abs() <= allowed,
            "{what} {key}: {got:e} for {wanted:e}"
        );
    }
}

fn rate(stats: &ExperimentStats, variant: &str, metric: &str) -> f64 {
    match stats.variant(variant).and_then(|v| v.metrics.get(metric)) {
        Some(Stats::Binary(s)) => s.successes as f64 / s.n as f64,
        _ => f64::NAN,
    }
}

#[test]
fn hillstrom_overall_agrees_with_the_truth() -> Outcome {
    let Some(data) = Hillstrom::read() else {
        return Ok(());
    };
    let (store, experiment) = (hillstrom::store()?, hillstrom::experiment()?);
    let stats = stats_from_rows(&data.table()?, &experiment, &store, &Columns::default())?;
    for arm in ["No E-Mail", "Mens E-Mail", "Womens E-Mail"] {
        let truth = &data.truth[format!("hillstrom/arm/{arm}")];
        let found = stats.variant(hillstrom::variant(arm));
        assert_eq!(found.map(|v| v.n), truth["n"].as_u64(), "{arm}");
        let Some(Stats::Hurdle(spend)) = found.and_then(|v| v.metrics.get("revenue_per_visitor"))
        else {
            return Err("spend is a hurdle metric".into());
        };
        assert_eq!(Some(spend.orders), truth["conversion"].as_u64(), "{arm}");
        close(
            spend.sum.unwrap_or(f64::NAN),
            number(&truth["spend_sum"]),
            1e-12,
            arm,
        );
    }
    let analysis = analyze(&stats, &experiment, &store)?;
    close(
        analysis.srm.test.p_value,
        number(&data.truth["hillstrom/srm"]["p"]),
        CLOSED_FORM,
        "srm",
    );
    for (metric, name) in [("site_visit", "visit"), ("conversion_rate", "conversion")] {
        let against_none = &analysis.metrics[metric];
        for (arm, key) in [("mens_email", "Mens"), ("womens_email", "Womens")] {
            let what = format!("hillstrom/{name}/{key}_vs_none");
            check_rates(&data.truth[&what], &against_none[arm], false, &what);
            let lift = rate(&stats, arm, metric) / rate(&stats, "no_email", metric) - 1.0;
            close(lift, number(&data.truth[&what]["rel_lift"]), 1e-12, &what);
        }
        let what = format!("hillstrom/{name}/Mens_vs_Womens");
        check_rates(&data.truth[&what], pair(&analysis, metric)?, false, &what);
    }
    // Both e-mails earn more and bring more visits; the men's earns most.
    assert_eq!(
        analysis.verdict.action,
        Action::Ship,
        "{:#?}",
        analysis.verdict
    );
    assert_eq!(analysis.verdict.variant.as_deref(), Some("mens_email"));
    for said in [
        "judged by proxy (site_visit)",
        "held to 5% over all planned looks",
    ] {
        assert!(
            analysis.verdict.sentence.contains(said),
            "{}",
            analysis.verdict.sentence
        );
    }
    Ok(())
}

/// The women's e-mail in the role of control, the men's of treatment.
fn pair<'a>(analysis: &'a Analysis, metric: &str) -> Result<&'a Comparison, String> {
    analysis
        .pairs
        .iter()
        .find(|p| p.metric == metric && p.control == "womens_email" && p.treatment == "mens_email")
        .map(|p| &p.comparison)
        .ok_or_else(|| format!("no pair for {metric}"))
}

#[test]
fn hillstrom_by_purchase_history_agrees_with_the_truth() -> Outcome {
    let Some(data) = Hillstrom::read() else {
        return Ok(());
    };
    let (store, experiment) = (hillstrom::store()?, hillstrom::experiment()?);
    let (table, segments) = (data.table()?, hillstrom::segments()?);
    let columns = Columns::default();
    let readouts = analyze_segments(&table, &experiment, &store, &columns, &segments, None)?;
    assert_eq!(readouts.iter().map(|r| r.n).sum::<u64>(), 64_000);
    for readout in &readouts {
        let Ok(analysis) = &readout.analysis else {
            return Err(format!("{} has no analysis", readout.segment).into());
        };
        let label = readout.segment.replace('_', " ");
        for arm in ["Mens E-Mail", "Womens E-Mail"] {
            let key = format!("hillstrom/hte/visit/{arm}/bought={label}");
            let truth = &data.truth[&key];
            let variant = hillstrom::variant(arm);
            let comparison = &analysis.metrics["site_visit"][variant];
            let (n_c, n_t) = (number(&truth["n_c"]), number(&truth["n_t"]));
            let (rate_c, rate_t) = (number(&truth["rate_c"]), number(&truth["rate_t"]));
            // The posterior mean of a rate under Beta(1, 1).
            let mean = |rate: f64, n: f64| (rate * n + 1.0) / (n + 2.0);
            let difference = mean(rate_t, n_t) - mean(rate_c, n_c);
            close(
                comparison.control_mean().unwrap_or(f64::NAN),
                mean(rate_c, n_c),
                TARGET,
                &key,
            );
            close(
                comparison.treatment_mean().unwrap_or(f64::NAN),
                mean(rate_t, n_t),
                TARGET,
                &key,
            );
            close(
                comparison.absolute().mean().unwrap_or(f64::NAN),
                difference,
                TARGET,
                &key,
            );
            let n = analysis
                .variants
                .iter()
                .find(|v| v.key == variant)
                .map(|v| v.n);
            assert_eq!(n, truth["n_t"].as_u64(), "{key}");
        }
        if readout.segment == "womens_only" {
            let key = "hillstrom/visit/womens_only/Womens_vs_Mens";
            check_rates(&data.truth[key], pair(analysis, "site_visit")?, true, key);
        }
        assert!(analysis.notes.iter().any(|n| n.code == "unpooled_segment"));
    }
    Ok(())
}

#[test]
fn rows_and_sums_give_the_same_analysis() -> Outcome {
    let Some(data) = Hillstrom::read() else {
        return Ok(());
    };
    let (store, experiment) = (hillstrom::store()?, hillstrom::experiment()?);
    let stats = stats_from_rows(&data.table()?, &experiment, &store, &Columns::default())?;
    let document: Value = serde_json::from_str(&serde_json::to_string(&stats)?)?;
    let summed = ExperimentStats::from_value(&document, &store)?;
    assert_eq!(stats, summed);
    let (a, b) = (
        analyze(&stats, &experiment, &store)?,
        analyze(&summed, &experiment, &store)?,
    );
    assert_eq!(a.to_value(), b.to_value());
    Ok(())
}

#[test]
fn cookie_cats_is_flagged() -> Outcome {
    // 44,700 and 45,489 players at 50:50, p = 0.0086.
    let analysis = two_arms(
        json!({"n": 44_700, "conversion_rate": [44_700, 20_034], "return_visit_rate": [44_700, 8_502]}),
        json!({"n": 45_489, "conversion_rate": [45_489, 20_119], "return_visit_rate": [45_489, 8_279]}),
    )?;
    let verdict = &analysis.verdict;
    assert_eq!(verdict.action, Action::Invalid);
    assert_eq!(verdict.reasons.len(), 1, "no other number decides");
    assert!(
        verdict.sentence.contains("44700, 45489"),
        "{}",
        verdict.sentence
    );
    Ok(())
}

fn contract(metrics: &Value) -> Result<(CheckedExperiment, StoreDocument), Error> {
    let store = StoreDocument::default();
    let document = json!({
        "key": "test", "surface": "lifecycle_email", "status": "stopped", "variants": [{"key": "A"}, {"key": "B"}],
        "metrics": metrics,
    });
    Ok((Experiment::from_value(&document)?.check(&store)?, store))
}

/// Conversion as revenue, return visits as proxy, bounce rate as guardrail where given.
fn two_arms(control: Value, treatment: Value) -> Result<Analysis, Error> {
    let proxy = json!({"metric": "return_visit_rate", "proxy_reason": "no survey yet"});
    let mut metrics = json!({"revenue": {"metric": "conversion_rate"}, "satisfaction": proxy});
    if control.get("bounce_rate").is_some() {
        metrics["guardrails"] = json!([{"metric": "bounce_rate"}]);
    }
    let (experiment, store) = contract(&metrics)?;
    let arm = |key: &str, counts: Value| {
        let metrics: serde_json::Map<_, _> = counts
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(metric, _)| *metric != "n")
            .map(|(metric, x)| (metric.clone(), json!({"n": x[0], "successes": x[1]})))
            .collect();
        json!({"key": key, "n": counts["n"], "metrics": metrics})
    };
    let stats = json!({"experiment": "test", "variants": [arm("A", control), arm("B", treatment)]});
    analyze(
        &ExperimentStats::from_value(&stats, &store)?,
        &experiment,
        &store,
    )
}

fn gate<'a>(verdict: &'a Verdict, code: &str) -> Option<&'a Reason> {
    verdict.reasons.iter().find(|r| r.code == code)
}

#[test]
fn every_action_has_its_case() -> Outcome {
    let n = 20_000;
    // conversions and returning visitors of A and B
    let cases = [
        ("ship", Action::Ship, [600, 720], [6_000, 6_050]),
        (
            "dark pattern",
            Action::Investigate,
            [600, 720],
            [6_000, 5_600],
        ),
        ("harm", Action::Stop, [600, 480], [6_000, 6_000]),
        ("guarded harm", Action::Stop, [600, 600], [6_000, 5_000]),
        (
            "better, but by too little to stop for",
            Action::Ship,
            [600, 720],
            [6_000, 6_000],
        ),
        ("not shown", Action::Stop, [600, 630], [6_000, 6_000]),
        (
            "satisfaction unclear",
            Action::Investigate,
            [60, 110],
            [60, 55],
        ),
    ];
    for (name, action, conversions, returns) in cases {
        let arm = |k: usize| json!({"n": n, "conversion_rate": [n, conversions[k]], "return_visit_rate": [n, returns[k]]});
        let verdict = two_arms(arm(0), arm(1))?.verdict;
        assert_eq!(verdict.action, action, "{name}: {verdict:#?}");
        assert_eq!(verdict.guarantee, "horizon");
        assert!(
            verdict.proxy && verdict.sentence.contains("by proxy"),
            "{name}"
        );
        assert!(
            verdict
                .sentence
                .contains("False wins are held to 5% over all planned looks."),
            "{name}"
        );
        let failed = verdict.reasons.iter().any(|r| !r.passed);
        assert_eq!(failed, action != Action::Ship, "{name}: {verdict:#?}");
    }
    Ok(())
}

/// The verdict of arms that ship at a last look, on a day of a running experiment.
fn running(day: Option<u64>) -> Result<Verdict, Error> {
    let proxy = json!({"metric": "return_visit_rate", "proxy_reason": "no survey yet"});
    let (stopped, store) =
        contract(&json!({"revenue": {"metric": "conversion_rate"}, "satisfaction": proxy}))?;
    let mut experiment = stopped.into_inner();
    experiment.status = Status::Running;
    let arm = |key: &str, s: u64| {
        json!({"key": key, "n": 20_000, "metrics": {
            "conversion_rate": {"n": 20_000, "successes": s},
            "return_visit_rate": {"n": 20_000, "successes": 6_000}}})
    };
    let stats =
        json!({"experiment": "test", "day": day, "variants": [arm("A", 600), arm("B", 690)]});
    let stats = ExperimentStats::from_value(&stats, &store)?;
    Ok(analyze(&stats, &experiment.check(&store)?, &store)?.verdict)
}

#[test]
fn the_day_decides_which_boundary_counts() -> Outcome {
    // z = 2.55
    for (day, action, code) in [
        (None, Action::Continue, "day"),
        (Some(3), Action::Continue, "next_look"),
        (Some(7), Action::Continue, "information"),
        (Some(21), Action::Ship, "information"),
        (Some(28), Action::Ship, "information"),
    ] {
        let verdict = running(day)?;
        assert_eq!(verdict.action, action, "{day:?}: {verdict:#?}");
        let said = gate(&verdict, code).ok_or(code)?;
        assert_eq!(said.passed, code == "information");
        let boundary = gate(&verdict, "boundary").and_then(|r| r.threshold);
        assert_eq!(boundary.is_some(), code == "information", "{day:?}");
    }
    Ok(())
}

#[test]
fn futility_stops_and_a_trade_off_is_priced() -> Outcome {
    let n = 400_000;
    let arm = |returns: u64| json!({"n": n, "conversion_rate": [n, 12_000], "return_visit_rate": [n, returns]});
    let flat = two_arms(arm(120_000), arm(120_000))?.verdict;
    assert_eq!(flat.action, Action::Stop, "{flat:#?}");
    assert_eq!(
        gate(&flat, "can_reach_minimum").map(|r| r.passed),
        Some(false)
    );
    let traded = two_arms(arm(120_000), arm(124_000))?.verdict;
    assert_eq!(traded.action, Action::Investigate, "{traded:#?}");
    assert!(
        traded.sentence.contains("price in revenue"),
        "{}",
        traded.sentence
    );
    Ok(())
}

#[test]
fn a_guardrail_that_should_fall_is_read_that_way() -> Outcome {
    let n = 20_000;
    let arm = |conversions: u64, bounces: u64| {
        json!({"n": n, "conversion_rate": [n, conversions], "return_visit_rate": [n, 6_000],
               "bounce_rate": [n, bounces]})
    };
    let falls = two_arms(arm(600, 8_000), arm(720, 7_000))?.verdict;
    assert_eq!(falls.action, Action::Ship, "{falls:#?}");
    let rises = two_arms(arm(600, 8_000), arm(720, 9_000))?.verdict;
    assert_eq!(rises.action, Action::Investigate, "{rises:#?}");
    assert!(
        rises
            .sentence
            .contains("bounce rate is worse while revenue is up"),
        "{}",
        rises.sentence
    );
    Ok(())
}

#[test]
fn satisfaction_that_cannot_be_measured_never_ships() -> Outcome {
    let goals =
        json!({"revenue": {"metric": "conversion_rate"}, "satisfaction": {"metric": "csat"}});
    let (experiment, store) = contract(&goals)?;
    let arm = |key: &str, s: u64| json!({"key": key, "n": 9_000, "metrics": {"conversion_rate": {"n": 9_000, "successes": s}}});
    let stats = json!({"experiment": "test", "variants": [arm("A", 270), arm("B", 400)]});
    let stats = ExperimentStats::from_value(&stats, &store)?;
    let analysis = analyze(&stats, &experiment, &store)?;
    assert_eq!(
        analysis.verdict.action,
        Action::Investigate,
        "{:#?}",
        analysis.verdict
    );
    assert!(analysis.notes.iter().any(|n| n.code == "no_values"));
    Ok(())
}

/// Conversions up by a third, ratings as given, at the last look.
fn rated(answers: [[u64; 5]; 2]) -> Result<Verdict, Error> {
    let goals =
        json!({"revenue": {"metric": "conversion_rate"}, "satisfaction": {"metric": "csat"}});
    let (experiment, store) = contract(&goals)?;
    let arm = |key: &str, s: u64, counts: [u64; 5]| {
        json!({"key": key, "n": 30_000, "metrics": {
            "conversion_rate": {"n": 30_000, "successes": s}, "csat": {"counts": counts}}})
    };
    let [a, b] = answers;
    let stats = json!({"experiment": "test", "variants": [arm("A", 900, a), arm("B", 1_200, b)]});
    let stats = ExperimentStats::from_value(&stats, &store)?;
    Ok(analyze(&stats, &experiment, &store)?.verdict)
}

#[test]
fn too_few_answers_never_ship_and_say_how_many_more() -> Outcome {
    let few = rated([[2, 1, 3, 5, 9], [2, 1, 3, 5, 9]])?;
    assert_eq!(few.action, Action::Investigate, "{few:#?}");
    let missing = gate(&few, "satisfaction_not_shown").ok_or("it says so")?;
    // Mean 3.9, variance 16.9 − 3.9² = 1.69: 2 · 2 · 1.69 · (2.486/0.1)² − 40 = 4,137.8
    let least = missing.value.ok_or("a number")?;
    assert!((least - 4_138.0).abs() < 0.5, "{least}");
    assert!(few.sentence.contains("more answers"), "{}", few.sentence);
    let many = rated([[200, 100, 300, 500, 900], [200, 100, 300, 500, 900]])?;
    assert_eq!(many.action, Action::Ship, "{many:#?}");
    let worse = rated([[100, 100, 200, 400, 800], [300, 200, 200, 400, 500]])?;
    assert_eq!(worse.action, Action::Investigate, "{worse:#?}");
    assert!(
        worse.sentence.contains("dark pattern"),
        "{}",
        worse.sentence
    );
    // Half of B's buyers keep silent: as well as the others rate it, nobody knows what they think.
    let silent = rated([[100, 100, 200, 400, 100], [30, 30, 60, 130, 150]])?;
    assert_eq!(
        gate(&silent, "respondents_ratio").map(|r| r.passed),
        Some(false)
    );
    assert_eq!(silent.action, Action::Investigate, "{silent:#?}");
    Ok(())
}

/// One row per visitor of a tiny experiment with revenue.
fn rows(
    ids: &[&'static str],
    arms: &[&'static str],
    spend: &[f64],
) -> Result<Table<'static>, Error> {
    let text = |rows: &[&'static str]| Column::Text(rows.iter().map(|t| Some(*t)).collect());
    Table::new([
        ("visitor_id".to_owned(), text(ids)),
        ("variant".to_owned(), text(arms)),
        (
            "revenue_per_visitor".to_owned(),
            Column::Number(spend.to_vec().into()),
        ),
        (
            "return_visit_rate".to_owned(),
            Column::Number(vec![1.0; ids.len()].into()),
        ),
    ])
}

fn refused(table: &Table<'_>, columns: &Columns) -> Result<(String, String, String), Error> {
    let proxy = json!({"metric": "return_visit_rate", "proxy_reason": "no survey yet"});
    let goals = json!({"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": proxy});
    let (experiment, store) = contract(&goals)?;
    let error = stats_from_rows(table, &experiment, &store, columns).err();
    let problem = error.and_then(|e| e.problems().into_iter().next());
    Ok(problem.map_or_else(Default::default, |p| {
        (p.code, p.detail.field, p.detail.value)
    }))
}

#[test]
fn bad_rows_are_refused_by_column_and_row() -> Outcome {
    let ids = ["u1", "u2", "u3"];
    let arms = ["A", "B", "B"];
    let fine = [0.0, 12.5, 0.0];
    let own = |code: &str, field: &str, value: &str| {
        (code.to_owned(), field.to_owned(), value.to_owned())
    };
    let none = Columns::default();
    assert_eq!(refused(&rows(&ids, &arms, &fine)?, &none)?.0, "");
    let table = rows(&ids, &arms, &[0.0, f64::NAN, 1.0])?;
    assert_eq!(
        refused(&table, &none)?,
        own("not_finite", "revenue_per_visitor[1]", "NaN")
    );
    let table = rows(&ids, &arms, &[0.0, 1.0, -2.0])?;
    assert_eq!(
        refused(&table, &none)?,
        own("out_of_range", "revenue_per_visitor[2]", "-2")
    );
    let table = rows(&["u1", "u2", "u1"], &arms, &fine)?;
    assert_eq!(
        refused(&table, &none)?,
        own("duplicate", "visitor_id", "u1")
    );
    let table = rows(&ids, &["A", "B", "b"], &fine)?;
    assert_eq!(
        refused(&table, &none)?,
        own("unknown_name", "variant[2]", "b")
    );
    let table = rows(&ids, &["A", "A", "A"], &fine)?;
    assert_eq!(refused(&table, &none)?, own("empty_arm", "variants.B", "0"));
    let table = rows(&ids, &arms, &fine)?;
    let renamed = |role: &str, name: &str| Columns::new([(role.to_owned(), name.to_owned())]);
    let found = refused(&table, &renamed("visitor_id", "visitorid"))?;
    assert_eq!(found, own("missing_column", "visitorid", "no such column"));
    let found = refused(&table, &renamed("revenue_per_visitr", "x"))?;
    assert_eq!(
        found,
        own(
            "unknown_name",
            "columns.revenue_per_visitr",
            "revenue_per_visitr"
        )
    );
    let found = refused(&table, &renamed("visitor_id", "revenue_per_visitor"))?;
    assert_eq!(found.0, "wrong_type", "ids are text");
    Ok(())
}
