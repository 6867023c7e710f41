//! Power of plans with looks: the project's own vectors, METHODS' store, a simulation of the gate, and what a contract can reach.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]
#![expect(clippy::print_stdout, reason = "shown with --nocapture")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stoa_core::{
    experiment::{CheckedExperiment, Experiment, Guarantee, Looks, StoreDocument},
    num::random::Stream,
    power::{
        Baseline, Expected, LookPlan, PowerOptions, achieved_power, non_inferiority, power, reach,
        reach_values, smallest_effect, smallest_margin, stopping,
    },
    sequential::{ArmSums, Spending, boundaries, conversion_z, revenue_ln_e, spend},
};
use stoa_tests::{vectors, worst::Worst};

/// Both recursions are exact to about 1e-12.
const SAME: f64 = 1e-10;
const CONVERSION: Baseline = Baseline::Binary { rate: 0.03 };
/// METHODS' store: 2,000 visitors a day and arm, four weeks.
const STORE: f64 = 56_000.0;

fn with(looks: Looks) -> PowerOptions {
    PowerOptions {
        looks: LookPlan::On(looks),
        ..PowerOptions::default()
    }
}

fn options_of(case: &Value) -> PowerOptions {
    let mut fields = case.as_object().unwrap().clone();
    for other in ["name", "baseline", "effect", "n_per_arm", "out"] {
        fields.remove(other);
    }
    serde_json::from_value(fields.into()).unwrap()
}

#[test]
fn plans_agree_with_our_own_vectors() {
    let mut worst = Worst::default();
    for case in vectors("power.json").unwrap()["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let number = |key: &str| case[key].as_f64().unwrap();
        let baseline: Baseline = serde_json::from_value(case["baseline"].clone()).unwrap();
        let options = options_of(case);
        let (effect, n) = (number("effect"), number("n_per_arm"));
        let found = stopping(&baseline, effect, n, &options).unwrap();
        let out = &case["out"];
        for (k, look) in found.looks.iter().enumerate() {
            let mut same = |output: &str, got: f64, want: &Value| {
                worst.see(output, name, got, want.as_f64().unwrap(), SAME);
            };
            same("passed", look.passed, &out["passed"][k]);
            same("boundary", look.boundary.unwrap(), &out["boundaries"][k]);
        }
        let want = out["expected_share"].as_f64().unwrap();
        worst.see("expected_share", name, found.expected_share, want, SAME);
        let chance = achieved_power(&baseline, effect, n, &options).unwrap();
        worst.see("power", name, chance, found.power, SAME);
    }
    worst.finish("power.json").unwrap();
}

/// METHODS C's figures come from simulations of some thousand runs: half a point of power, a tenth of a day.
#[test]
fn the_store_of_methods_is_reproduced() {
    for (looks, chance, day) in [(Looks::Daily, 0.869, 18.7), (Looks::Weekly, 0.880, 21.1)] {
        let found = stopping(&CONVERSION, 0.1, STORE, &with(looks)).unwrap();
        assert!((found.power - chance).abs() < 0.006, "{}", found.power);
        assert!(
            (found.expected_day - day).abs() < 0.25,
            "{}",
            found.expected_day
        );
    }
    // Log-normal order values. With sigma 1.5 sums of a few hundred orders are far from normal: METHODS has 25%.
    for (sigma, chance, tolerance) in [
        (0.5_f64, 0.78, 0.015),
        (1.0, 0.50, 0.015),
        (1.5, 0.25, 0.045),
    ] {
        let revenue = Baseline::Hurdle {
            conversion_rate: 0.03,
            mean_order_value: 60.0,
            sd_order_value: 60.0 * (sigma * sigma).exp_m1().sqrt(),
        };
        let found = achieved_power(&revenue, 0.1, STORE, &with(Looks::Daily)).unwrap();
        assert!((found - chance).abs() < tolerance, "{sigma}: {found}");
    }
}

/// METHODS C: about 1,600 answers of CSAT and 3,400 of NPS an arm.
#[test]
fn answers_of_methods_are_reproduced() {
    let csat = Baseline::Ordinal {
        mean: 4.1,
        sd: 1.12,
    };
    let nps = Baseline::Ordinal {
        mean: 0.0,
        sd: 81.5,
    };
    let daily = with(Looks::Daily);
    for (baseline, margin, answers) in [(csat, 0.10, 1600.0), (nps, 5.0, 3400.0)] {
        let size = non_inferiority(&baseline, margin, &daily).unwrap();
        assert!(
            (size.n_per_arm_exact / answers - 1.0).abs() < 0.05,
            "{size:?}"
        );
        let back = smallest_margin(&baseline, size.n_per_arm_exact, &daily).unwrap();
        assert!((back / margin - 1.0).abs() < 1e-10);
        assert!((size.stopping.power - 0.8).abs() < 1e-10);
    }
    // 2.56·sd·√(2/n)
    let margin = smallest_margin(&nps, 3400.0, &daily).unwrap();
    assert!((margin / (81.5 * (2.0_f64 / 3400.0).sqrt()) - 2.56).abs() < 0.005);
}

/// Trials until a success, and their number up to `n`: a binomial count.
fn binomial(stream: &mut Stream, n: f64, rate: f64) -> u64 {
    let (mut at, mut count) = (0.0, 0);
    loop {
        at += (stream.uniform().ln() / (-rate).ln_1p()).ceil();
        if at > n {
            return count;
        }
        count += 1;
    }
}

/// One simulated store of METHODS, +10% from the first day on: the day on which each gate passes, 28 and false if none does.
fn simulated(stream: &mut Stream, edges: &[f64]) -> [(bool, f64); 2] {
    let arm = |successes: u64| ArmSums {
        n: 0,
        sum: successes as f64,
        sum_sq: successes as f64,
    };
    let planned = 0.25 * 2.0 * STORE * 0.03;
    let (mut a, mut b) = (0, 0);
    let mut found = [(false, 28.0); 2];
    for day in 1..=28_u32 {
        a += binomial(stream, 2000.0, 0.03);
        b += binomial(stream, 2000.0, 0.033);
        if day < 7 {
            continue;
        }
        let z = conversion_z(a + b, b, 0.5).unwrap();
        let ln_e = revenue_ln_e(&arm(a), &arm(b), 0.5, planned).unwrap();
        let passes = [z >= edges[day as usize - 7], ln_e >= 20_f64.ln()];
        for (gate, passes) in found.iter_mut().zip(passes) {
            if passes && !gate.0 {
                *gate = (true, f64::from(day));
            }
        }
    }
    found
}

/// The gates themselves on simulated stores: power and day are those of the plan, within the simulation's error and what the
/// normal approximation leaves (1.5 points, 0.2 days).
#[test]
fn simulated_gates_keep_the_plan() {
    const RUNS: u32 = 3000;
    let fractions: Vec<f64> = (7..=28).map(|day| f64::from(day) / 28.0).collect();
    let spent = spend(Spending::ObrienFleming, 0.05, &fractions, true).unwrap();
    let edges = boundaries(&fractions, &spent).unwrap();
    let mut stream = Stream::new(6, 0);
    let stores: Vec<_> = (0..RUNS).map(|_| simulated(&mut stream, &edges)).collect();
    let anytime = PowerOptions {
        guarantee: Guarantee::Anytime,
        ..with(Looks::Daily)
    };
    for (gate, options) in [with(Looks::Daily), anytime].iter().enumerate() {
        let of = |value: &dyn Fn((bool, f64)) -> f64| {
            stores.iter().map(|store| value(store[gate])).sum::<f64>() / f64::from(RUNS)
        };
        let passed = of(&|(passed, _)| f64::from(u8::from(passed)));
        let day = of(&|(_, day)| day);
        let plan = stopping(&CONVERSION, 0.1, STORE, options).unwrap();
        let (power, expected) = (plan.power, plan.expected_day);
        println!("simulated {passed} on day {day}, planned {power} on day {expected}");
        // Standard errors: at most √(¼/3000) = 0.009 and 6/√3000 = 0.11; three of them, and the approximation.
        assert!((passed - power).abs() < 0.027 + 0.015);
        assert!((day - expected).abs() < 0.33 + 0.2);
    }
}

#[test]
fn sizes_and_effects_invert_each_other() {
    let money = Baseline::Hurdle {
        conversion_rate: 0.03,
        mean_order_value: 60.0,
        sd_order_value: 80.0,
    };
    let weekly = with(Looks::Weekly);
    let pocock = PowerOptions {
        spending: Spending::Pocock,
        treatments: 3,
        treatment_share: 0.2,
        ..weekly
    };
    let anytime = PowerOptions {
        guarantee: Guarantee::Anytime,
        ..weekly
    };
    let fixed = power(&CONVERSION, 0.4, &PowerOptions::default()).unwrap();
    for options in [PowerOptions::default(), weekly, pocock, anytime] {
        for (baseline, effect) in [(CONVERSION, 0.4), (money, 0.15)] {
            let size = power(&baseline, effect, &options).unwrap();
            let n = size.n_per_arm_exact;
            let chance = achieved_power(&baseline, effect, n, &options).unwrap();
            assert!((chance - 0.8).abs() < 1e-10, "{options:?}: {chance}");
            let seen = smallest_effect(&baseline, n, &options).unwrap().unwrap();
            assert!((seen / effect - 1.0).abs() < 1e-9, "{options:?}: {seen}");
            assert!((size.stopping.power - 0.8).abs() < 1e-10);
        }
        let size = power(&CONVERSION, 0.4, &options).unwrap();
        assert!(size.n_control >= fixed.n_control, "no demand is for free");
    }
}

#[test]
fn treatments_share_the_level_and_arms_the_units() {
    let three = PowerOptions {
        treatments: 3,
        ..with(Looks::Weekly)
    };
    let found = stopping(&CONVERSION, 0.1, STORE, &three).unwrap();
    assert!((found.looks[3].false_alarm - 0.05 / 3.0).abs() < 1e-12);
    // METHODS' check: the last weekly boundary at a third of 5% is 2.18.
    assert!((found.looks[3].boundary.unwrap() - 2.18).abs() < 0.01);
    let small = PowerOptions {
        treatment_share: 0.1,
        ..PowerOptions::default()
    };
    let size = power(&CONVERSION, 0.1, &small).unwrap();
    assert_eq!(size.n_treatment, size.n_per_arm);
    assert!(size.n_control.abs_diff(9 * size.n_treatment) <= 9);
}

#[test]
fn evidence_at_any_time_keeps_its_level() {
    let options = PowerOptions {
        guarantee: Guarantee::Anytime,
        ..with(Looks::Daily)
    };
    let found = stopping(&CONVERSION, 0.1, STORE, &options).unwrap();
    let last = found.looks.last().unwrap();
    // METHODS C: 0.7% at most in 28 looks; power 63% for the sister process on conversions.
    assert!(last.false_alarm < 0.01, "{}", last.false_alarm);
    assert!((found.power - 0.55).abs() < 0.12, "{}", found.power);
    let code = non_inferiority(&CONVERSION, 0.01, &options)
        .unwrap_err()
        .code();
    assert_eq!(code, "unsupported");
}

#[test]
fn what_is_no_plan_is_refused() {
    let field = |options: PowerOptions| {
        let error = power(&CONVERSION, 0.1, &options).unwrap_err();
        (error.code(), error.detail().unwrap().field.clone())
    };
    let usual = PowerOptions::default();
    let looks = |looks| PowerOptions {
        looks: LookPlan::Equal(looks),
        ..usual
    };
    let refused = |field: &str| ("out_of_range", field.to_owned());
    assert_eq!(field(looks(0)), refused("looks"));
    assert_eq!(field(looks(1001)), refused("looks"));
    assert_eq!(
        field(PowerOptions {
            treatments: 0,
            ..usual
        }),
        refused("treatments")
    );
    assert_eq!(
        field(PowerOptions {
            treatment_share: 1.0,
            ..usual
        }),
        refused("treatment_share")
    );
    assert_eq!(
        field(PowerOptions {
            horizon_days: 10,
            ..usual
        }),
        refused("horizon_days")
    );
    let nps = Baseline::Ordinal {
        mean: 0.0,
        sd: 70.0,
    };
    assert_eq!(
        power(&nps, 0.1, &usual)
            .unwrap_err()
            .detail()
            .unwrap()
            .field,
        "baseline.mean"
    );
    assert_eq!(
        smallest_effect(&nps, 100.0, &usual).unwrap_err().code(),
        "out_of_range"
    );
    let text = serde_json::from_value::<PowerOptions>(json!({"looks": "hourly"})).unwrap_err();
    assert_eq!(
        text.to_string(),
        "looks must be a number of looks, \"daily\" or \"weekly\""
    );
}

#[test]
fn no_size_or_effect_is_too_small_or_too_large() {
    let weekly = with(Looks::Weekly);
    let anytime = PowerOptions {
        guarantee: Guarantee::Anytime,
        treatment_share: 1e-9,
        ..weekly
    };
    let mean = |variance| Baseline::Mean {
        mean: -2.0,
        variance,
    };
    let rate = |rate| Baseline::Binary { rate };
    for options in [PowerOptions::default(), weekly, anytime] {
        for baseline in [rate(1e-12), rate(1.0 - 1e-12), mean(1e-30), mean(1e30)] {
            for n in [1e-300, 1.0, 1e300] {
                for effect in [1e-13, -0.5, 1e-300] {
                    let chance = achieved_power(&baseline, effect, n, &options).unwrap();
                    assert!((0.0..=1.0).contains(&chance), "{baseline:?} {n} {effect}");
                    if let Ok(size) = power(&baseline, effect, &options) {
                        assert!(size.stopping.expected_share <= 1.0 && size.n_per_arm_exact > 0.0);
                    }
                }
                if let Some(seen) = smallest_effect(&baseline, n, &options).unwrap() {
                    assert!(seen > 0.0 && seen.is_finite(), "{baseline:?} {n}");
                }
            }
        }
    }
}

fn contract(plan: &Value) -> CheckedExperiment {
    let document = json!({
        "key": "free_shipping", "surface": "shipping_offer",
        "variants": [{"key": "A", "weight": 2.0}, {"key": "B"}, {"key": "C", "weight": 0.0}],
        "metrics": {"revenue": {"metric": "revenue_per_visitor", "minimum_effect": 0.1},
                    "satisfaction": {"metric": "csat"},
                    "guardrails": [{"metric": "product_return_rate"}, {"metric": "bounce_rate"}]},
        "plan": plan,
    });
    let store = StoreDocument::default();
    Experiment::from_value(&document)
        .unwrap()
        .check(&store)
        .unwrap()
}

#[test]
fn a_contract_says_what_it_can_reach() {
    let experiment = contract(&json!({"looks": "weekly", "visitors_per_day": 6000}));
    let today = json!({
        "revenue_per_visitor": {"conversion_rate": 0.03, "mean_order_value": 60, "sd_order_value": 60},
        "csat": {"mean": 4.1, "sd": 1.13, "per_visitor": 0.01},
        "bounce_rate": 0.4,
    });
    let found = reach_values(&experiment, &today).unwrap();
    assert_eq!(found.not_expected, ["product_return_rate"]);
    let [money, csat, bounce] = &found.metrics[..] else {
        unreachable!()
    };
    // A third of 6,000 visitors a day, 28 days, in the smaller arm.
    assert!((money.n_per_arm - 56_000.0).abs() < 1e-6 && (csat.n_per_arm - 560.0).abs() < 1e-9);
    assert!(!money.can && !csat.can && bounce.can && !found.can);
    let options = PowerOptions::of(&experiment);
    assert!((options.treatment_share - 1.0 / 3.0).abs() < 1e-15 && options.treatments == 1);
    for metric in [money, csat] {
        let (needed, took) = (metric.n_needed.unwrap(), metric.days_needed.unwrap());
        let per_day = metric.n_per_arm / 28.0;
        let days = (needed as f64 / per_day).ceil();
        assert!((took as f64 - days).abs() < 0.5);
        assert!(metric.smallest.unwrap() > metric.wanted && took > 28);
    }
    assert!(
        csat.sentence
            .starts_with("Customer satisfaction: by day 28 560 answers an arm show that it is not worse by more than 0.1 with a chance of")
    );
    assert!((bounce.wanted - 0.02).abs() < 1e-15);
    assert!(
        found
            .sentence
            .ends_with("Nothing is expected of product_return_rate, so nothing is said of it.")
    );
}

#[test]
fn reach_refuses_what_it_cannot_say() {
    let refused = |plan: Value, expected: Value| {
        let error = reach_values(&contract(&plan), &expected).unwrap_err();
        (error.code(), error.detail().unwrap().field.clone())
    };
    let plan = json!({"looks": "weekly", "visitors_per_day": 100});
    assert_eq!(
        refused(json!({}), json!({})),
        ("missing_field", "plan.visitors_per_day".to_owned())
    );
    assert_eq!(
        refused(plan.clone(), json!({"nps": 3})),
        ("unknown_name", "expected.nps".to_owned())
    );
    assert_eq!(
        refused(plan.clone(), json!({"csat": {"mean": 4, "sd": 0}})),
        ("out_of_range", "expected.csat.baseline.sd".to_owned())
    );
    assert_eq!(
        refused(
            plan,
            json!({"csat": {"mean": 4, "sd": 1, "per_visitor": 0}})
        ),
        ("out_of_range", "expected.csat.per_visitor".to_owned())
    );
}

#[test]
fn any_time_leaves_margins_open() {
    let experiment =
        contract(&json!({"guarantee": "anytime", "looks": "weekly", "visitors_per_day": 9e5}));
    let csat = Expected {
        baseline: Baseline::Ordinal {
            mean: 4.1,
            sd: 1.13,
        },
        per_visitor: 0.03,
    };
    let money = Baseline::Mean {
        mean: 2.0,
        variance: 300.0,
    };
    let today = BTreeMap::from([
        ("csat".to_owned(), csat),
        ("revenue_per_visitor".to_owned(), money.into()),
    ]);
    let found = reach(&experiment, &today).unwrap();
    assert!(found.metrics[0].can && found.metrics[1].power.is_none() && !found.can);
}
