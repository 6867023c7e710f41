//! The evidence side against independent numbers: sample ratio, power, the verdict, and real experiments.

use serde_json::Value;
use stoa_core::{
    power::{Alternative, Baseline, Formula, PowerOptions, power},
    sequential::{sequential_srm, srm},
};
use stoa_tests::{read_json, shared};

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
            };
            let size = power(&baseline, number(&case["rel_lift"]), &options)?;
            close(size.n_per_arm_exact, number(&case[key]), CLOSED_FORM, key);
        }
    }
    Ok(())
}
