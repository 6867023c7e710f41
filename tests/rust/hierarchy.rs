//! Hierarchies against the truth tables and the project's own vectors, and what must hold for any data.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use serde_json::Value;
use stoa_core::hierarchy::{
    Distribution, EffectHierarchy, EffectPrior, GroupEffect, NormalPrior, SpreadPrior,
    hierarchical_effects,
};
use stoa_tests::{
    read_json, shared,
    worst::{TOLERANCE, Worst},
};

const QUANTILES: [f64; 3] = [0.025, 0.5, 0.975];

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Holds one distribution against a mean, an sd, three quantiles and P(> 0), each where the table has it.
fn check(worst: &mut Worst, name: &str, case: &str, got: &Distribution, want: [&Value; 4]) {
    let [mean, sd, quantiles, above] = want;
    // Where the table has a number for a moment that does not exist, the library has none.
    let scale = got.sd().unwrap_or_else(|| {
        0.5 * (got.quantile(0.84).unwrap() - got.quantile(0.16).unwrap())
    });
    let mut scaled = |output: &str, got: f64, want: f64| {
        let tolerance = TOLERANCE * want.abs().max(scale);
        worst.see(&format!("{name}.{output}"), case, got, want, tolerance);
    };
    for (output, got, want) in [("mean", got.mean(), mean), ("sd", got.sd(), sd)] {
        if let (Some(got), Some(want)) = (got, want.as_f64()) {
            scaled(output, got, want);
        }
    }
    if let Some(list) = quantiles.as_array() {
        for (q, want) in QUANTILES.into_iter().zip(list) {
            scaled(&format!("q{q}"), got.quantile(q).unwrap(), want.as_f64().unwrap());
        }
    }
    if let Some(want) = above.as_f64() {
        let got = got.prob_above(0.0).unwrap();
        worst.see(&format!("{name}.p_gt_0"), case, got, want, TOLERANCE);
    }
}

fn effects_of(case: &Value) -> EffectHierarchy {
    let groups: Vec<GroupEffect> = numbers(&case["y"])
        .into_iter()
        .zip(numbers(&case["se"]))
        .map(|(estimate, standard_error)| GroupEffect {
            estimate,
            standard_error,
        })
        .collect();
    let scale = case["tau_scale"].as_f64().unwrap_or(f64::NAN);
    let tau = match case["tau_prior"].as_str().unwrap() {
        "uniform" => SpreadPrior::Uniform,
        "halfnormal" => SpreadPrior::HalfNormal { scale },
        _ => SpreadPrior::HalfCauchy { scale },
    };
    let mu = case["mu_prior_normal_mean_sd"].as_array().map(|pair| NormalPrior {
        mean: pair[0].as_f64().unwrap(),
        sd: pair[1].as_f64().unwrap(),
    });
    hierarchical_effects(&groups, &EffectPrior { mu, tau }).unwrap()
}

fn check_effects(worst: &mut Worst, case: &Value) {
    let (name, out) = (case["id"].as_str().unwrap(), &case["out"]);
    let found = effects_of(case);
    let of = |q: &str| ["mean", "sd", "q"].map(|part| &out[format!("{q}_{part}")]);
    let [mean, sd, q] = of("mu");
    check(worst, "mu", name, &found.mu, [mean, sd, q, &out["p_mu_gt_0"]]);
    let [mean, sd, q] = of("tau");
    check(worst, "tau", name, &found.tau, [mean, sd, q, &Value::Null]);
    let [mean, sd, q] = of("theta");
    for (j, theta) in found.groups.iter().enumerate() {
        let want = [&mean[j], &sd[j], &q[j], &out["p_theta_gt_0"][j]];
        check(worst, "theta", name, theta, want);
    }
}

#[test]
fn effects_agree_with_the_truth_table() {
    let Some(path) = shared("truth/d_normal_hierarchical.json") else {
        return;
    };
    let mut worst = Worst::default();
    for case in read_json(&path).unwrap()["cases"].as_array().unwrap() {
        check_effects(&mut worst, case);
    }
    worst.finish("d_normal_hierarchical").unwrap();
}
