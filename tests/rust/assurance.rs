//! Assurance against the truth table and the project's own vectors.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use serde_json::Value;
use stoa_core::{
    posterior::BetaPrior,
    power::{Baseline, DesignPrior, DesignRates, PowerOptions, assurance, assurance_rates},
};
use stoa_tests::{
    read_json, shared, vectors,
    worst::{TOLERANCE, Worst},
};

fn normal(case: &Value) -> f64 {
    let number = |key: &str| case[key].as_f64().unwrap();
    let design = DesignPrior {
        mean_log_lift: number("design_mean_log_lift"),
        sd_log_lift: number("design_sd"),
    };
    let baseline = Baseline::Binary { rate: number("p0") };
    assurance(
        &baseline,
        number("n_per_arm"),
        &design,
        &PowerOptions::default(),
    )
    .unwrap()
}

fn exact(case: &Value) -> f64 {
    let beta = |key: &str| BetaPrior {
        alpha: case[key][0].as_f64().unwrap(),
        beta: case[key][1].as_f64().unwrap(),
    };
    let design = DesignRates {
        control: beta("design_beta_a"),
        treatment: beta("design_beta_b"),
        analysis: beta("analysis_prior"),
        threshold: 0.95,
    };
    assurance_rates(case["n_per_arm"].as_u64().unwrap(), &design).unwrap()
}

fn check(title: &str, cases: &Value) {
    let mut worst = Worst::default();
    for case in cases.as_array().unwrap() {
        let kind = case["kind"].as_str().unwrap();
        let got = if kind == "normal_closed_form" {
            normal(case)
        } else {
            exact(case)
        };
        let want = case["assurance"].as_f64().unwrap();
        worst.see(kind, &case["n_per_arm"].to_string(), got, want, TOLERANCE);
    }
    worst.finish(title).unwrap();
}

#[test]
fn assurance_agrees_with_the_truth_table() {
    if let Some(path) = shared("truth/i_power.json") {
        check("i_power.assurance", &read_json(&path).unwrap()["assurance"]);
    }
}

#[test]
fn assurance_agrees_with_our_own_vectors() {
    check(
        "assurance.json",
        &vectors("assurance.json").unwrap()["cases"],
    );
}

#[test]
fn what_cannot_be_assured_is_refused() {
    let baseline = Baseline::Binary { rate: 0.03 };
    let options = PowerOptions::default();
    let design = |sd_log_lift| DesignPrior {
        mean_log_lift: 0.0,
        sd_log_lift,
    };
    let code = |n, sd| {
        assurance(&baseline, n, &design(sd), &options)
            .unwrap_err()
            .code()
    };
    assert_eq!(code(0.0, 0.1), "out_of_range");
    assert_eq!(code(100.0, -0.1), "out_of_range");
    assert_eq!(code(100.0, f64::NAN), "not_finite");
    let rates = DesignRates {
        control: BetaPrior::default(),
        treatment: BetaPrior::default(),
        analysis: BetaPrior::default(),
        threshold: 0.95,
    };
    assert_eq!(
        assurance_rates(0, &rates).unwrap_err().code(),
        "out_of_range"
    );
    assert_eq!(
        assurance_rates(1 << 40, &rates).unwrap_err().code(),
        "too_large"
    );
}
