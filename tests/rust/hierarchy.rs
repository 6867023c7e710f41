//! Hierarchies against the truth tables and the project's own vectors, and what must hold for any data.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use serde_json::Value;
use stoa_core::{
    hierarchy::{
        Distribution, EffectHierarchy, EffectPrior, GroupEffect, Moments, NormalPrior, RatePrior,
        SpreadPrior, hierarchical_effects, hierarchical_rates,
    },
    posterior::Binary,
};
use stoa_tests::{
    read_json, shared, vectors,
    worst::{TOLERANCE, Worst},
};

/// The table's own refinement error for its largest case is 1e-9.
const LARGE: f64 = 1e-8;
/// E[κ²] of that case has a log-normal tail, of which the table lacks 6e-8 of the sd of κ: our grid, cut near ln κ = 23,
/// has the table's figure; uncut it has this.
const LARGE_KAPPA_SD: f64 = 1e-7;
const QUANTILES: [f64; 3] = [0.025, 0.5, 0.975];

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Holds one distribution against a mean, an sd, three quantiles and P(> 0), each where the table has it.
fn check(worst: &mut Worst, name: &str, case: &str, got: &Distribution, want: [&Value; 4]) {
    let [mean, sd, quantiles, above] = want;
    // Where the table has a number for a moment that does not exist, the library has none.
    let scale = got
        .sd()
        .unwrap_or_else(|| 0.5 * (got.quantile(0.84).unwrap() - got.quantile(0.16).unwrap()));
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
            scaled(
                &format!("q{q}"),
                got.quantile(q).unwrap(),
                want.as_f64().unwrap(),
            );
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
    let mu = case["mu_prior_normal_mean_sd"]
        .as_array()
        .map(|pair| NormalPrior {
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
    check(
        worst,
        "mu",
        name,
        &found.mu,
        [mean, sd, q, &out["p_mu_gt_0"]],
    );
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

fn check_rates(worst: &mut Worst, case: &Value) {
    let (name, out) = (case["id"].as_str().unwrap(), &case["out"]);
    let groups: Vec<Binary> = numbers(&case["x"])
        .iter()
        .zip(case["n"].as_array().unwrap())
        .zip(case["x"].as_array().unwrap())
        .map(|((_, n), x)| Binary {
            n: n.as_u64().unwrap(),
            successes: x.as_u64().unwrap(),
        })
        .collect();
    let prior = |key: &str| case["prior"][key].as_f64().unwrap();
    let found = hierarchical_rates(
        &groups,
        &RatePrior {
            alpha: prior("am"),
            beta: prior("bm"),
            mean_log_kappa: prior("mlk"),
            sd_log_kappa: prior("slk"),
        },
    )
    .unwrap();
    let large = name == "seg6_large";
    let target = if large { LARGE } else { TOLERANCE };
    let mut both = |output: &str, got: Moments, mean: &Value, sd: &Value, sd_target: f64| {
        let (mean, sd) = (mean.as_f64().unwrap(), sd.as_f64().unwrap());
        let scale = mean.abs().max(sd);
        worst.see(
            &format!("{output}.mean"),
            name,
            got.mean,
            mean,
            target * scale,
        );
        worst.see(&format!("{output}.sd"), name, got.sd, sd, sd_target * sd);
    };
    let kappa_target = if large { LARGE_KAPPA_SD } else { target };
    for (output, got, sd_target) in [
        ("m", found.m, target),
        ("log_kappa", found.log_kappa, target),
        ("kappa", found.kappa, kappa_target),
    ] {
        both(output, got, &out[output][0], &out[output][1], sd_target);
    }
    for (j, p) in found.groups.iter().enumerate() {
        let got = Moments {
            mean: p.mean().unwrap(),
            sd: p.sd().unwrap(),
        };
        both("p", got, &out["p_mean"][j], &out["p_sd"][j], target);
    }
}

#[test]
fn rates_agree_with_the_truth_table() {
    let Some(path) = shared("truth/e_beta_binomial_hierarchical.json") else {
        return;
    };
    let mut worst = Worst::default();
    for case in read_json(&path).unwrap()["cases"].as_array().unwrap() {
        check_rates(&mut worst, case);
    }
    worst.finish("e_beta_binomial_hierarchical").unwrap();
}

#[test]
fn hierarchies_agree_with_our_own_vectors() {
    let file = vectors("hierarchy.json").unwrap();
    let mut worst = Worst::default();
    for case in file["effects"].as_array().unwrap() {
        check_effects(&mut worst, case);
    }
    for case in file["rates"].as_array().unwrap() {
        check_rates(&mut worst, case);
    }
    worst.finish("hierarchy.json").unwrap();
}

/// The mean of a rate from its distribution, ∫ P(p > x) dx, is the one from the grid.
#[test]
fn a_rates_distribution_has_its_moments() {
    let segments = [(400, 5), (900, 50), (700, 12), (1000, 80)];
    let groups = segments.map(|(n, successes)| Binary { n, successes });
    let found = hierarchical_rates(&groups, &RatePrior::default()).unwrap();
    for p in &found.groups {
        let (end, steps) = (p.quantile(1.0 - 1e-11).unwrap(), 4000);
        let step = end / f64::from(steps);
        let above = |i| p.prob_above((f64::from(i) + 0.5) * step).unwrap();
        let mean: f64 = (0..steps).map(above).sum::<f64>() * step;
        assert!((mean / p.mean().unwrap() - 1.0).abs() < 1e-8, "{mean}");
        let q = p.quantile(0.025).unwrap();
        assert!((p.prob_above(q).unwrap() - 0.975).abs() < 1e-9);
    }
}

fn effects(groups: &[(f64, f64)], tau: SpreadPrior) -> EffectHierarchy {
    let group = |&(estimate, standard_error): &(f64, f64)| GroupEffect {
        estimate,
        standard_error,
    };
    let groups: Vec<GroupEffect> = groups.iter().map(group).collect();
    hierarchical_effects(&groups, &EffectPrior { mu: None, tau }).unwrap()
}

#[test]
fn no_scale_is_too_small_or_too_large() {
    let scales = [1e-12, 1.0, 1e12];
    for unit in scales {
        for prior in scales {
            for tau in [
                SpreadPrior::HalfNormal { scale: prior },
                SpreadPrior::HalfCauchy { scale: prior },
                SpreadPrior::Uniform,
            ] {
                for groups in [[1.0, 1.0, 1.0], [1.0, 3.0, -1.0], [1e9, 1e9, 1e9]] {
                    let found = effects(&groups.map(|y| (y * unit, unit)), tau);
                    for d in found.groups.iter().chain([&found.mu, &found.tau]) {
                        let ends = d.interval(0.95).unwrap();
                        let fine = ends.low.is_finite() && ends.high.is_finite();
                        assert!(fine && ends.low < ends.high, "{unit} {tau:?} {groups:?}");
                    }
                    assert!(found.groups[0].mean().unwrap().is_finite());
                }
            }
        }
    }
}

/// With a spread that is known to be nothing the groups are one: the mean weighted by precision.
#[test]
fn groups_that_cannot_differ_are_pooled() {
    let tiny = SpreadPrior::HalfNormal { scale: 1e-12 };
    let found = effects(&[(0.0, 1.0), (3.0, 0.5)], tiny);
    // (0·1 + 3·4)/(1 + 4) and 1/√5.
    for d in [&found.groups[0], &found.groups[1], &found.mu] {
        assert!((d.mean().unwrap() - 2.4).abs() < 1e-12);
        assert!((d.sd().unwrap() - 0.2_f64.sqrt()).abs() < 1e-12);
    }
}

#[test]
fn moments_that_do_not_exist_are_not_given() {
    let three = effects(&[(0.0, 1.0), (1.0, 1.0), (2.0, 1.0)], SpreadPrior::Uniform);
    assert!(three.tau.mean().is_none() && three.mu.sd().is_none());
    assert!(three.groups[0].sd().is_some());
}

#[test]
fn what_is_no_hierarchy_is_refused() {
    let group = |standard_error| GroupEffect {
        estimate: 0.1,
        standard_error,
    };
    let code = |groups: &[GroupEffect], prior: &EffectPrior| {
        let error = hierarchical_effects(groups, prior).unwrap_err();
        (error.code(), error.detail().unwrap().field.clone())
    };
    let usual = EffectPrior::default();
    let field = |name: &str| ("out_of_range", name.to_owned());
    assert_eq!(
        code(&[group(0.0)], &usual),
        field("groups[0].standard_error")
    );
    assert_eq!(code(&[], &usual), field("groups"));
    let uniform = EffectPrior {
        mu: None,
        tau: SpreadPrior::Uniform,
    };
    assert_eq!(code(&[group(0.1), group(0.2)], &uniform), field("groups"));
    let wrong = Binary { n: 5, successes: 6 };
    let error = hierarchical_rates(&[wrong], &RatePrior::default()).unwrap_err();
    assert_eq!(error.detail().unwrap().field, "groups[0].successes");
}

#[test]
fn rates_of_any_size_are_answered() {
    for groups in [
        vec![(1, 0)],
        vec![(1, 1), (1, 0)],
        vec![(0, 0), (10_000_000, 300_000)],
        vec![(10_000_000, 0), (10_000_000, 10_000_000)],
    ] {
        let rates: Vec<Binary> = groups
            .iter()
            .map(|&(n, successes)| Binary { n, successes })
            .collect();
        let found = hierarchical_rates(&rates, &RatePrior::default()).unwrap();
        for p in &found.groups {
            let (mean, ends) = (p.mean().unwrap(), p.interval(0.95).unwrap());
            let ordered = 0.0 <= ends.low && ends.low < ends.high && ends.high <= 1.0;
            assert!(
                ordered && mean > 0.0 && mean < 1.0,
                "{groups:?}: {mean} {ends:?}"
            );
        }
    }
}
