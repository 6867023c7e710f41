//! The always-valid tests of the literature and the split of conversions, against the truth table and our own copy of it.

use serde_json::Value;
use stoa_core::sequential::{
    AsymptoticCs, Sides, beta_binomial_ln_e, conversion_ln_e, msprt_normal, running_p,
};
use stoa_tests::{read_json, shared, vectors};

use super::{TOLERANCE, Worst, cases, number, whole};

fn check_always_valid(table: &Value) {
    let mut worst = [(); 4].map(|()| Worst::default());
    for case in cases(table, "msprt_normal") {
        check_msprt(case, &mut worst[0]);
    }
    for case in cases(table, "asymptotic_cs") {
        check_asymptotic(case, &mut worst[1]);
    }
    for case in cases(table, "beta_binomial_one_sample") {
        check_beta_binomial(case, &mut worst[2]);
    }
    for case in cases(table, "conversion_split_one_sided") {
        let (share, sd) = (&case["share_b"], &case["halfnormal_sd_log_lift"]);
        for step in cases(case, "steps") {
            let (a, b) = (whole(&step["conv_a"]), whole(&step["conv_b"]));
            let got = conversion_ln_e(a, b, number(share), number(sd)).unwrap();
            let what = format!("{a} and {b} conversions");
            worst[3].see(got, number(&step["log_e"]), TOLERANCE, &what);
        }
    }
    let names = ["msprt", "asymptotic", "beta-binomial", "conversion split"];
    for (worst, name) in worst.iter().zip(names) {
        worst.finish(name);
    }
}

fn check_msprt(case: &Value, worst: &mut Worst) {
    let (variance, tau) = (number(&case["V"]), number(&case["tau"]));
    let null = number(&case["theta0"]);
    let mut ln_e = Vec::new();
    for step in cases(case, "steps") {
        let (n, mean) = (whole(&step["n"]), number(&step["xbar"]));
        let look = msprt_normal(n, mean, variance, tau, null, 0.05).unwrap();
        let want = number(&step["log_lambda"]);
        worst.see(look.ln_lambda, want, TOLERANCE, "ln lambda");
        let want = number(&step["cs_halfwidth_alpha05"]);
        worst.see(look.half_width, want, TOLERANCE, "half width");
        ln_e.push(look.ln_lambda);
        let p = running_p(&ln_e)[ln_e.len() - 1];
        worst.see(p, number(&step["p_always_valid"]), TOLERANCE, "p");
    }
}

fn check_asymptotic(case: &Value, worst: &mut Worst) {
    let (n, sigma) = (whole(&case["n"]), number(&case["sigma"]));
    for (sides, rho_sq, width) in [
        (Sides::Two, "rho2_two_sided", "halfwidth_two_sided"),
        (Sides::One, "rho2_one_sided", "width_one_sided"),
    ] {
        let best = number(&case["t_opt"]);
        let cs = AsymptoticCs::new(number(&case["alpha"]), sides, best).unwrap();
        worst.see(cs.rho_sq(), number(&case[rho_sq]), TOLERANCE, rho_sq);
        let got = cs.half_width(n, sigma).unwrap();
        worst.see(got, number(&case[width]), TOLERANCE, width);
    }
}

fn check_beta_binomial(case: &Value, worst: &mut Worst) {
    let [p0, a, b] = ["p0", "a", "b"].map(|key| number(&case[key]));
    let mut ln_e = Vec::new();
    for step in cases(case, "steps") {
        let (n, s) = (whole(&step["n"]), whole(&step["s"]));
        let got = beta_binomial_ln_e(n, s, p0, a, b).unwrap();
        worst.see(got, number(&step["log_e"]), TOLERANCE, "ln e");
        ln_e.push(got);
        let p = running_p(&ln_e)[ln_e.len() - 1];
        worst.see(p, number(&step["p_running"]), TOLERANCE, "p");
    }
}

#[test]
fn always_valid_tests_agree_with_our_own_vectors() {
    check_always_valid(&vectors("sequential.json").unwrap());
}

#[test]
fn always_valid_tests_agree_with_the_truth_table() {
    let Some(path) = shared("truth/h_always_valid.json") else {
        return;
    };
    check_always_valid(&read_json(&path).unwrap());
}
