//! Adjustment by a pre-period against the truth table, ratios of sums, and clusters.
#![expect(clippy::unwrap_used, reason = "a test that fails must say where")]

use serde_json::{Value, json};
use stoa_core::posterior::{Cuped, Paired, Pooling, cuped, cuped_values, ratio};

/// Of the figure, or of the standard error for differences; the table is exact rational arithmetic.
const CLOSE: f64 = 1e-12;

fn near(what: &str, got: f64, want: &Value, scale: f64) -> f64 {
    let want = want.as_f64().unwrap();
    let error = (got - want).abs() / want.abs().max(scale);
    assert!(error < CLOSE, "{what}: {got} for {want}, {error:e}");
    error
}

/// The largest error of an adjustment's figures.
fn check(found: &Cuped, want: &Value) -> f64 {
    let sample =
        |arm: &stoa_core::posterior::Mean| arm.variance * arm.n as f64 / (arm.n as f64 - 1.0);
    let se = found.standard_error.unwrap();
    [
        ("theta", found.theta, 0.0),
        ("adj_mean_a", found.control.mean, 0.0),
        ("adj_mean_b", found.treatment.mean, 0.0),
        ("adj_var_a", sample(&found.control), 0.0),
        ("adj_var_b", sample(&found.treatment), 0.0),
        ("adj_diff", found.difference, se),
        ("adj_se", se, 0.0),
        ("unadj_diff", found.unadjusted_difference, se),
        ("unadj_se", found.unadjusted_standard_error.unwrap(), 0.0),
        ("variance_reduction", found.variance_reduction, 1.0),
    ]
    .into_iter()
    .map(|(key, got, scale)| near(key, got, &want[key], scale))
    .fold(0.0, f64::max)
}

/// Arms of the truth's rows: (y, x) each.
fn truth_rows() -> Option<[(Vec<f64>, Vec<f64>); 2]> {
    let path = stoa_tests::shared("truth/j_cuped_data.csv")?;
    let text = std::fs::read_to_string(path).unwrap();
    let mut arms = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let arm = &mut arms[fields[0].parse::<usize>().unwrap()];
        arm.0.push(fields[2].parse().unwrap());
        arm.1.push(fields[1].parse().unwrap());
    }
    Some(arms)
}

#[test]
#[expect(clippy::print_stdout, reason = "shown with --nocapture")]
fn the_truth_table_from_rows_sums_and_parts() {
    let Some([a, b]) = truth_rows() else { return };
    let out = stoa_tests::read_json(&stoa_tests::shared("truth/j_cuped.json").unwrap()).unwrap();
    let sums = |(y, x): &(Vec<f64>, Vec<f64>)| {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        json!({"n": y.len(), "sum": y.iter().sum::<f64>(), "sum_sq": dot(y, y),
               "x_sum": x.iter().sum::<f64>(), "x_sum_sq": dot(x, x), "cross": dot(y, x)})
    };
    let halves = |(y, x): &(Vec<f64>, Vec<f64>)| {
        let part = |y: &[f64], x: &[f64]| Paired::from_rows(y, x).unwrap();
        part(&y[..300], &x[..300]).merge(&part(&y[300..], &x[300..]))
    };
    let rows = |(y, x): &(Vec<f64>, Vec<f64>)| Paired::from_rows(y, x).unwrap();
    let warehouse = |arm: &(Vec<f64>, Vec<f64>)| Paired::from_value(&sums(arm)).unwrap();
    let mut worst: f64 = 0.0;
    for (pooling, key) in [
        (Pooling::AllRows, "pooled_all_rows"),
        (Pooling::WithinArms, "pooled_within_arm"),
    ] {
        let want = &out["out"][key];
        for (a, b) in [
            (rows(&a), rows(&b)),
            (halves(&a), halves(&b)),
            (warehouse(&a), warehouse(&b)),
        ] {
            worst = worst.max(check(&cuped(&a, &b, pooling).unwrap(), want));
        }
    }
    println!("j_cuped: largest error {worst:e}");
}

/// The project's own copy of the table, from its sums.
#[test]
fn own_vectors() {
    let vectors = stoa_tests::vectors("cuped.json").unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let found = cuped_values(&case["control"], &case["treatment"], &case["pooling"]).unwrap();
        check(&found, &case["out"]);
        let comparison = &found.comparison;
        assert_eq!(comparison.family(), "mean");
        let gap = comparison.absolute().mean().unwrap();
        assert!((gap - found.difference).abs() < 1e-15);
        // Half of the 95% interval is 1.96 standard errors, with a thousand degrees of freedom.
        let interval = comparison.absolute().interval(0.95).unwrap().unwrap();
        let half = 0.5 * (interval.high - interval.low) / found.standard_error.unwrap();
        assert!((half - 1.961).abs() < 2e-3, "{half}");
    }
}

#[test]
fn a_covariate_that_says_nothing_changes_nothing() {
    let arm = |mean: f64| Paired {
        n: 50,
        mean,
        variance: 4.0,
        x_mean: 3.0,
        x_variance: 0.0,
        covariance: 0.0,
    };
    let found = cuped(&arm(1.0), &arm(1.5), Pooling::AllRows).unwrap();
    assert!(found.theta.abs() < 1e-15 && found.variance_reduction.abs() < 1e-15);
    assert!((found.difference - 0.5).abs() < 1e-15);
}

#[test]
fn a_covariate_that_says_everything_leaves_no_noise_and_no_posterior() {
    let (y, x) = (
        [1.0, 2.0, 3.0, 4.0, 5.0, 9.0],
        [2.0, 4.0, 6.0, 8.0, 10.0, 18.0],
    );
    let arm = Paired::from_rows(&y, &x).unwrap();
    let found = cuped(&arm, &arm, Pooling::WithinArms).unwrap();
    assert!((found.theta - 0.5).abs() < 1e-15 && found.standard_error.unwrap() < 1e-7);
    assert!(found.to_value()["comparison"].is_object());
}

#[test]
fn a_ratio_of_ones_is_a_mean() {
    let y = [3.0, 0.0, 8.0, 1.0, 4.0, 4.0];
    let arm = Paired::from_rows(&y, &[1.0; 6]).unwrap();
    let mean = arm.ratio().unwrap();
    assert!((mean.mean - arm.mean).abs() < 1e-15 && (mean.variance - arm.variance).abs() < 1e-12);
}

/// Every visitor ten times over, as orders: the naive variance is a tenth of what it should be.
#[test]
fn clusters_are_as_certain_as_their_number() {
    let y = [30.0, 10.0, 80.0, 10.0, 40.0, 40.0, 70.0];
    let once = Paired::from_rows(&y, &[1.0; 7]).unwrap().ratio().unwrap();
    let tenfold = Paired::from_rows(&y.map(|x| 10.0 * x), &[10.0; 7]).unwrap();
    let clustered = tenfold.ratio().unwrap();
    assert!((once.mean - clustered.mean).abs() < 1e-12);
    assert!((once.variance - clustered.variance).abs() < 1e-9 * once.variance);
    assert_eq!(once.n, clustered.n);
}

#[test]
fn refusals_name_arm_and_field() {
    let of = |n: u64, covariance: f64, x_mean: f64| Paired {
        n,
        mean: 1.0,
        variance: 1.0,
        x_mean,
        x_variance: 1.0,
        covariance,
    };
    let good = of(9, 0.5, 1.0);
    let field =
        |error: stoa_core::error::Error| (error.code(), error.detail().unwrap().field.clone());
    let refused = |bad: Paired| field(cuped(&good, &bad, Pooling::AllRows).unwrap_err());
    assert_eq!(
        refused(of(0, 0.5, 1.0)),
        ("empty_arm", "treatment.n".to_owned())
    );
    assert_eq!(
        refused(of(9, 1.5, 1.0)),
        ("out_of_range", "treatment.covariance".to_owned())
    );
    assert_eq!(
        refused(of(9, f64::NAN, 1.0)),
        ("not_finite", "treatment.covariance".to_owned())
    );
    let none = field(ratio(&of(9, 0.5, 0.0), &good).unwrap_err());
    assert_eq!(none, ("out_of_range", "control.x_mean".to_owned()));
    let arm =
        json!({"n": 9, "mean": 1, "variance": 1, "x_mean": 1, "x_variance": 1, "covariance": 0.5});
    let named = cuped_values(&arm, &arm, &json!("rows")).unwrap_err();
    assert_eq!(field(named), ("unknown_name", "pooling".to_owned()));
    let short = Paired::from_rows(&[1.0, 2.0], &[1.0]).unwrap_err();
    assert_eq!(field(short), ("conflict", "x".to_owned()));
}
