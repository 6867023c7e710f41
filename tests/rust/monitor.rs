//! Looks in a row: the boundaries that they use, what they cost, and that the cheap answer is the full one.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stoa_core::{
    decide::{Action, ExperimentStats, Look, Monitor, Watch, analyze, monitor},
    error::Error,
    experiment::{CheckedExperiment, Experiment, StoreDocument},
    sequential::{Spending, boundaries, spend},
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn experiment(status: &str, plan: &Value, variants: &Value) -> Result<CheckedExperiment, Error> {
    Experiment::from_value(&json!({
        "key": "test", "surface": "lifecycle_email", "status": status, "variants": variants, "plan": plan,
        "metrics": {"revenue": {"metric": "conversion_rate"},
                    "satisfaction": {"metric": "return_visit_rate", "proxy_reason": "no survey yet", "margin": 0.2}},
    }))?
    .check(&StoreDocument::default())
}

fn two() -> Value {
    json!([{"key": "A"}, {"key": "B"}])
}

/// Visitors, conversions and returning visitors of each arm, A first.
fn look(day: f64, arms: &[[u64; 3]]) -> Result<ExperimentStats, Error> {
    let variants: Vec<Value> = arms
        .iter()
        .zip(["A", "B", "C"])
        .map(|([n, conversions, returns], key)| {
            json!({"key": key, "n": n, "metrics": {
                "conversion_rate": {"n": n, "successes": conversions},
                "return_visit_rate": {"n": n, "successes": returns}}})
        })
        .collect();
    let stats = json!({"experiment": "test", "day": day, "variants": variants});
    ExperimentStats::from_value(&stats, &StoreDocument::default())
}

/// A thousand visitors a day and arm; conversions a day of A and B.
fn steady(days: &[u32], conversions: [u64; 2]) -> Result<Vec<ExperimentStats>, Error> {
    let arm = |day: u32, s: u64| {
        let day = u64::from(day);
        [1_000 * day, s * day, 300 * day]
    };
    days.iter()
        .map(|day| look(f64::from(*day), &conversions.map(|s| arm(*day, s))))
        .collect()
}

fn watched(history: &[ExperimentStats], plan: &Value) -> Result<Monitor, Error> {
    let experiment = experiment("running", plan, &two())?;
    monitor(history, &experiment, &StoreDocument::default())
}

fn boundary(look: &Look) -> Option<f64> {
    look.treatments[0].boundary
}

#[test]
fn the_looks_in_the_history_share_alpha() -> Outcome {
    let weeks: Vec<u32> = vec![7, 14, 21, 28];
    let found = watched(&steady(&weeks, [30, 31])?, &json!({}))?;
    let fractions: Vec<f64> = weeks.iter().map(|day| f64::from(*day) / 28.0).collect();
    let spent = spend(Spending::ObrienFleming, 0.05, &fractions, true)?;
    let wanted = boundaries(&fractions, &spent)?;
    for ((look, wanted), spent) in found.looks.iter().zip(wanted).zip(spent) {
        let edge = boundary(look).ok_or("every week has a boundary")?;
        assert!((edge - wanted).abs() < 1e-9, "{edge} for {wanted}");
        assert!(look.spent.is_some_and(|s| (s - spent).abs() < 1e-12));
    }
    assert!(found.looks[3].last && !found.looks[2].last);
    Ok(())
}

#[test]
fn one_reading_is_the_monitor_of_the_planned_looks() -> Outcome {
    let store = StoreDocument::default();
    for (plan, days) in [
        (json!({}), (7..=15).collect::<Vec<u32>>()),
        (json!({"looks": "weekly"}), vec![7, 14]),
        (json!({"horizon_days": 7}), vec![7]),
        (json!({"guarantee": "anytime"}), vec![15]),
    ] {
        let experiment = experiment("running", &plan, &two())?;
        for conversions in [[30, 30], [30, 36], [30, 22]] {
            let history = steady(&days, conversions)?;
            let last = history.last().ok_or("there is a look")?;
            let once = analyze(last, &experiment, &store)?;
            let many = monitor(&history, &experiment, &store)?;
            assert_eq!(
                once.verdict.action, many.verdict.action,
                "{plan} {conversions:?}"
            );
            assert_eq!(once.verdict.sentence, many.verdict.sentence);
            assert_eq!(once.verdict.reasons.len(), many.verdict.reasons.len());
        }
    }
    Ok(())
}

#[test]
fn nothing_is_decided_between_looks_or_without_a_day() -> Outcome {
    let weekly = json!({"looks": "weekly"});
    let found = watched(&steady(&[3, 7, 9, 14], [30, 60])?, &weekly)?;
    let codes = |look: &Look| -> Vec<String> {
        let reasons = look.verdict.reasons.iter();
        reasons.map(|r| r.code.clone()).collect()
    };
    for k in [0, 2] {
        let look = &found.looks[k];
        assert_eq!(look.verdict.action, Action::Continue);
        assert!(boundary(look).is_none() && look.spent.is_none());
        assert!(codes(look).contains(&"next_look".to_owned()), "{look:#?}");
    }
    assert_eq!(found.looks[1].verdict.action, Action::Ship);
    let mut undated = steady(&[14], [30, 60])?;
    undated[0].day = None;
    let found = watched(&undated, &json!({}))?;
    assert_eq!(found.verdict.action, Action::Continue);
    assert!(found.finish.day.is_none());
    assert!(
        found.verdict.sentence.contains("pass their day"),
        "{}",
        found.verdict.sentence
    );
    Ok(())
}

#[test]
fn after_the_last_look_nothing_new_ships() -> Outcome {
    let mut history = steady(&[7, 14, 21, 28], [30, 31])?;
    history.extend(steady(&[40], [30, 60])?);
    let found = watched(&history, &json!({}))?;
    assert_eq!(found.looks[3].verdict.action, Action::Stop);
    assert_eq!(found.looks[4].verdict.action, Action::Investigate);
    // What shipped stays shipped.
    let found = watched(&steady(&[7, 14, 21, 28, 29], [30, 60])?, &json!({}))?;
    assert_eq!(found.verdict.action, Action::Ship);
    Ok(())
}

#[test]
fn an_early_look_may_lack_visitors() -> Outcome {
    let history = [
        look(1.0, &[[0, 0, 0], [0, 0, 0]])?,
        look(2.0, &[[5, 0, 1], [0, 0, 0]])?,
        look(7.0, &[[50, 0, 10], [60, 0, 11]])?,
    ];
    let found = watched(&history, &json!({}))?;
    for look in &found.looks {
        assert_eq!(look.verdict.action, Action::Continue, "{look:#?}");
        assert!(!serde_json::to_string(&look.to_value())?.contains("NaN"));
    }
    assert!(found.looks[0].srm.is_none() && found.looks[1].treatments[0].z.is_none());
    Ok(())
}

#[test]
fn what_cannot_be_a_history_is_refused() -> Outcome {
    let refused = |history: &[ExperimentStats]| {
        let error = watched(history, &json!({})).err();
        error.map(|e| e.to_string()).unwrap_or_default()
    };
    assert_eq!(refused(&[]), "history must hold at least one look, got 0");
    let twice = [steady(&[8], [1, 2])?, steady(&[8], [1, 2])?].concat();
    let said = refused(&twice);
    assert!(
        said.starts_with("history[1].day must be after the look before"),
        "{said}"
    );
    let mut missing = steady(&[8], [1, 2])?;
    missing[0].variants[1].metrics.remove("conversion_rate");
    let said = refused(&missing);
    assert!(
        said.contains("history[0].variants.B.metrics.conversion_rate"),
        "{said}"
    );
    let bad = json!({"experiment": "test", "day": 0, "variants": []});
    let said = ExperimentStats::from_value(&bad, &StoreDocument::default()).err();
    assert_eq!(
        said.map(|e| e.to_string()).unwrap_or_default(),
        "day must be > 0, got 0"
    );
    Ok(())
}

#[test]
fn the_outlook_says_when_and_what() -> Outcome {
    let found = watched(&steady(&[7, 8], [30, 33])?, &json!({}))?;
    assert_eq!(found.verdict.action, Action::Continue);
    let day = found.finish.day.ok_or("a tenth more is seen in time")?;
    assert!((9.0..=28.0).contains(&day), "{}", found.finish.sentence);
    assert!(
        found.would_change.contains("more in B"),
        "{}",
        found.would_change
    );
    // The change that it names is a change.
    let more: u64 = found
        .would_change
        .split(' ')
        .next()
        .unwrap_or_default()
        .parse()?;
    for (extra, action) in [(more, Action::Ship), (more - 1, Action::Continue)] {
        let mut history = steady(&[7], [30, 33])?;
        history.push(look(
            8.0,
            &[[8_000, 240, 2_400], [8_000, 264 + extra, 2_400]],
        )?);
        assert_eq!(
            watched(&history, &json!({}))?.verdict.action,
            action,
            "{extra}"
        );
    }
    let flat = watched(&steady(&[7, 8], [30, 28])?, &json!({}))?;
    assert!(
        flat.finish.sentence.contains("futile"),
        "{}",
        flat.finish.sentence
    );
    let done = watched(&steady(&[14], [30, 60])?, &json!({}))?;
    assert_eq!(
        (done.finish.day, done.verdict.action),
        (Some(14.0), Action::Ship)
    );
    assert!(
        done.would_change.contains("fewer in B"),
        "{}",
        done.would_change
    );
    Ok(())
}

#[test]
fn treatments_share_alpha() -> Outcome {
    let variants = json!([{"key": "A"}, {"key": "B"}, {"key": "C"}]);
    let experiment = experiment("running", &json!({"horizon_days": 7}), &variants)?;
    let history = [look(
        7.0,
        &[[9_000, 270, 900], [9_000, 315, 900], [9_000, 400, 900]],
    )?];
    let found = monitor(&history, &experiment, &StoreDocument::default())?;
    // One look at 2.5%.
    let edge = boundary(&found.looks[0]).ok_or("the last look has a boundary")?;
    assert!((edge - 1.959_963_985).abs() < 1e-6, "{edge}");
    assert_eq!(found.verdict.variant.as_deref(), Some("C"));
    assert!(found.verdict.sentence.contains("and all treatments"));
    Ok(())
}

#[test]
fn evidence_at_any_time_needs_no_day() -> Outcome {
    let plan = json!({"guarantee": "anytime", "visitors_per_day": 2000, "typical_order_value": 50});
    let mut history = steady(&[14], [30, 45])?;
    let found = watched(&history, &plan)?;
    assert_eq!(found.verdict.action, Action::Ship, "{:#?}", found.verdict);
    assert_eq!(found.verdict.guarantee, "anytime");
    assert!(
        found.looks[0].treatments[0]
            .e_value
            .is_some_and(|e| e > 20.0)
    );
    history[0].day = None;
    assert_eq!(watched(&history, &plan)?.verdict.action, Action::Ship);
    let harmed = watched(&steady(&[14], [45, 30])?, &plan)?;
    assert_eq!(harmed.verdict.action, Action::Stop, "{:#?}", harmed.verdict);
    let open = watched(&steady(&[14], [30, 33])?, &plan)?;
    assert_eq!(open.verdict.action, Action::Continue, "{:#?}", open.verdict);
    Ok(())
}

/// Random counts that grow from look to look.
fn histories() -> impl Strategy<Value = Vec<[[u64; 3]; 2]>> {
    let gain = (40_u64..900, 0.0..0.12_f64, 0.1..0.6_f64);
    let arm = move || {
        gain.clone()
            .prop_map(|(n, p, q)| [n, share(n, p), share(n, q)])
    };
    proptest::collection::vec([arm(), arm()], 1..12).prop_map(|gains| {
        let mut so_far = [[0; 3]; 2];
        let grown = gains.into_iter().map(|gain| {
            for (sum, new) in so_far.iter_mut().flatten().zip(gain.iter().flatten()) {
                *sum += new;
            }
            so_far
        });
        grown.collect()
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count"
)]
fn share(n: u64, p: f64) -> u64 {
    (n as f64 * p) as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_cheap_answer_is_the_full_one(
        history in histories(), step in 1_u32..6, anytime in any::<bool>(), weekly in any::<bool>(),
    ) {
        let guarantee = if anytime { "anytime" } else { "horizon" };
        let looks = if weekly { "weekly" } else { "daily" };
        let plan = json!({"guarantee": guarantee, "looks": looks});
        let experiment = experiment("running", &plan, &two()).unwrap();
        let mut quick = Watch::new(&experiment, &StoreDocument::default()).unwrap();
        let mut full = quick.clone();
        for (k, arms) in (1_u32..).zip(history) {
            let stats = look(f64::from(k * step), &arms).unwrap();
            let actions = quick.action(&stats).unwrap();
            let look = full.look(&stats).unwrap();
            prop_assert_eq!(actions.overall, look.verdict.action);
            prop_assert_eq!(actions.treatments[0].1, look.treatments[0].verdict.action);
        }
    }
}
