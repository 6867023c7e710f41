//! The best of several arms against the truth table and the project's own vectors, and what must hold for any data.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use serde_json::{Value, json};
use stoa_core::posterior::{BestArm, Binary, Prior, Stats, best_arm, best_arm_values, compare};
use stoa_tests::{
    read_json, shared, vectors,
    worst::{TOLERANCE, Worst},
};

/// Losses below this are nothing.
const LOSS_FLOOR: f64 = 1e-15;

fn check_case(worst: &mut Worst, case: &Value) {
    let name = case["id"].as_str().unwrap();
    let arms: Vec<Value> = case["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| json!({"n": arm["n"], "successes": arm["x"]}))
        .collect();
    let prior = json!({"alpha": case["prior"][0], "beta": case["prior"][1]});
    let found = best_arm_values("binary", &arms, &prior).unwrap();
    let want = |output: &str, i: usize| case["out"][output][i].as_f64().unwrap();
    for (i, arm) in found.arms.iter().enumerate() {
        let (p, loss) = (arm.prob_best.unwrap(), arm.expected_loss.unwrap());
        worst.see("p_best", name, p, want("p_best", i), TOLERANCE);
        // Stricter than the target, which scales by the posterior sd: relative to the loss itself.
        let known = want("exp_loss", i);
        let tolerance = (TOLERANCE * known).max(LOSS_FLOOR);
        worst.see("exp_loss", name, loss, known, tolerance);
    }
    let total: f64 = found.arms.iter().map(|arm| arm.prob_best.unwrap()).sum();
    worst.see("sum p_best", name, total, 1.0, 1e-12);
}

fn check_file(title: &str, file: &Value) {
    let mut worst = Worst::default();
    for case in file["cases"].as_array().unwrap() {
        check_case(&mut worst, case);
    }
    worst.finish(title).unwrap();
}

#[test]
fn chances_agree_with_the_truth_table() {
    if let Some(path) = shared("truth/k_multi_arm.json") {
        check_file("k_multi_arm", &read_json(&path).unwrap());
    }
}

#[test]
fn chances_agree_with_our_own_vectors() {
    check_file("best.json", &vectors("best.json").unwrap());
}

/// Two arms of every family: P(best) is the comparison's P(lift > 0), the losses are its losses.
#[test]
fn of_two_arms_it_says_what_compare_says() {
    let orders = |n, mean_log| json!({"n": n, "mean_log": mean_log, "var_log": 0.6});
    let visits = |orders, mean_log| json!({"visitors": 2000, "orders": orders, "mean_log": mean_log, "var_log": 0.6});
    let mean = |mean| json!({"n": 40, "mean": mean, "variance": 9.0});
    let count =
        |total: u64| json!({"n": 300, "total": total, "total_sq": total + total * total / 300});
    for (family, a, b) in [
        (
            "binary",
            json!({"n": 5, "successes": 0}),
            json!({"n": 5, "successes": 1}),
        ),
        (
            "binary",
            json!({"n": 10_000_000, "successes": 300_000}),
            json!({"n": 100, "successes": 4}),
        ),
        ("positive", orders(60, 4.0), orders(75, 4.2)),
        ("hurdle", visits(60, 4.0), visits(75, 4.1)),
        ("count", count(90), count(110)),
        ("mean", mean(-0.4), mean(0.6)),
    ] {
        let [x, y] = [&a, &b].map(|arm| Stats::from_value(family, arm).unwrap());
        let two = compare(&x, &y, &Prior::Default).unwrap();
        let best = best_arm(&[x, y], &Prior::Default).unwrap();
        assert_eq!((best.family, best.model), (two.family(), two.model()));
        let got = |i: usize| {
            let arm = best.arms[i];
            (arm.prob_best.unwrap(), arm.expected_loss.unwrap())
        };
        for (got, prob, loss) in [
            (got(0), two.prob_harm(), two.expected_loss_keep()),
            (got(1), two.prob_positive(), two.expected_loss_ship()),
        ] {
            assert!(
                (got.0 - prob).abs() < 1e-10,
                "{family}: {} for {prob}",
                got.0
            );
            let loss = loss.unwrap();
            assert!(
                (got.1 / loss - 1.0).abs() < 1e-9,
                "{family}: {} for {loss}",
                got.1
            );
        }
    }
}

fn rates(arms: &[(u64, u64)]) -> BestArm {
    let arm = |&(n, successes)| Stats::Binary(Binary { n, successes });
    let arms: Vec<Stats> = arms.iter().map(arm).collect();
    best_arm(&arms, &Prior::Default).unwrap()
}

#[test]
fn no_arm_is_too_small_too_large_or_too_far() {
    for arms in [
        vec![(1, 0), (1, 1), (1, 0)],
        vec![(10_000_000, 0), (10_000_000, 10_000_000), (5, 3)],
        vec![(1_000_000_000_000, 30_000_000_000), (100, 3), (10, 0)],
        vec![(1000, 30); 100],
    ] {
        let best = rates(&arms);
        let total: f64 = best.arms.iter().map(|arm| arm.prob_best.unwrap()).sum();
        assert!((total - 1.0).abs() < TOLERANCE, "{arms:?}: {total}");
        for arm in &best.arms {
            assert!(arm.expected_loss.unwrap() >= 0.0, "{arms:?}");
        }
    }
}

#[test]
fn what_cannot_be_said_is_withheld_or_refused() {
    let few = json!({"n": 3, "mean": 1.0, "variance": 1.0});
    let nothing = best_arm_values("mean", &[few.clone(), few], &Value::Null).unwrap();
    assert!(nothing.arms.iter().all(|arm| arm.prob_best.is_none()));
    assert_eq!(nothing.notes[0].code, "few_rows");
    let orders = json!({"n": 4, "mean_log": 4.0, "var_log": 0.5});
    let few = best_arm_values("positive", &[orders.clone(), orders], &Value::Null).unwrap();
    let first = few.arms[0];
    assert!(first.expected_loss.is_none() && (first.prob_best.unwrap() - 0.5).abs() < 1e-10);
    let arm = json!({"n": 9, "successes": 1});
    let code = |arms: &[Value]| {
        best_arm_values("binary", arms, &Value::Null)
            .unwrap_err()
            .code()
    };
    assert_eq!(code(std::slice::from_ref(&arm)), "out_of_range");
    assert_eq!(code(&vec![arm.clone(); 101]), "too_large");
    assert_eq!(code(&[arm, json!({"n": 0, "successes": 0})]), "empty_arm");
    let mixed = [
        Stats::Binary(Binary::default()),
        Stats::from_value("mean", &json!({"n": 9, "mean": 1.0, "variance": 1.0})).unwrap(),
    ];
    let refused = best_arm(&mixed, &Prior::Default).unwrap_err();
    assert_eq!(refused.detail().unwrap().field, "arms[1].family");
}
