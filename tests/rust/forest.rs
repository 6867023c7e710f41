//! The forest against grf 2.6.1 on the same inputs (`../shared/truth/forest`).
#![expect(clippy::unwrap_used, reason = "tests")]

use stoa_core::{
    forest::{
        CausalForest, Experiment, Features, ForestOptions, average_effect, doubly_robust,
        group_effects,
    },
    num::random::Stream,
};
use stoa_tests::{shared, table};

/// The reference files hold ten to twelve digits.
const TOLERANCE: f64 = 1e-8;

/// Spread between two forests of grf that differ in nothing but far-apart seeds, per data set.
const NOISE_FLOOR: [(&str, f64); 2] = [("nwA_2000", 0.0254), ("wa28_2000", 0.0278)];

fn rms(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / a.len() as f64).sqrt()
}

struct Case {
    columns: Vec<Vec<f64>>,
    names: Vec<String>,
    data: table::Table,
    reference: table::Table,
    summary: table::Table,
}

fn case(tag: &str) -> Option<Case> {
    let folder = shared("truth/forest")?;
    let data = table::read(&folder.join(format!("data_{tag}.csv.gz")));
    let names: Vec<String> = (1..=20).map(|j| format!("X{j}")).collect();
    Some(Case {
        columns: names.iter().map(|name| data.numbers(name)).collect(),
        names,
        data,
        reference: table::read(&folder.join(format!("oob_{tag}.csv.gz"))),
        summary: table::read(&folder.join("summary.csv")),
    })
}

impl Case {
    fn summary(&self, tag: &str, stat: &str) -> (f64, f64) {
        let row = (0..self.summary.n_rows())
            .find(|&i| self.summary.text("tag")[i] == tag && self.summary.text("stat")[i] == stat)
            .unwrap();
        (
            self.summary.numbers("estimate")[row],
            self.summary.numbers("se")[row],
        )
    }
}

#[test]
fn effects_are_within_the_noise_of_another_seed() {
    for (tag, floor) in NOISE_FLOOR {
        let Some(case) = case(tag) else { return };
        let (y, w) = (case.data.numbers("Y"), case.data.numbers("W"));
        let expected = case.reference.numbers("Y.hat");
        let experiment = Experiment {
            y: &y,
            w: &w,
            propensity: 0.5,
            expected_outcome: Some(&expected),
            training: None,
        };
        let features = Features {
            names: &case.names,
            columns: &case.columns,
        };
        let forest = CausalForest::fit(features, experiment, &ForestOptions::default()).unwrap();
        let difference = rms(&forest.effects.mean, &case.reference.numbers("tau.hat"));
        assert!(
            difference < 1.5 * floor,
            "{tag}: {difference} against {floor}"
        );
        let sd = |v: &[f64]| v.iter().map(|v| v.sqrt()).sum::<f64>() / v.len() as f64;
        let ratio = sd(&forest.effects.variance) / sd(&case.reference.numbers("variance"));
        assert!(
            (ratio - 1.0).abs() < 0.1,
            "{tag}: standard errors {ratio} of grf's"
        );
    }
}

#[test]
fn scores_and_averages_equal_grfs() {
    for (tag, _) in NOISE_FLOOR {
        let Some(case) = case(tag) else { return };
        let (y, w) = (case.data.numbers("Y"), case.data.numbers("W"));
        let (tau, expected) = (
            case.reference.numbers("tau.hat"),
            case.reference.numbers("Y.hat"),
        );
        let experiment = Experiment {
            y: &y,
            w: &w,
            propensity: 0.5,
            expected_outcome: Some(&expected),
            training: None,
        };
        let scores = doubly_robust(&tau, &experiment, &expected).unwrap();
        for (score, reference) in scores.iter().zip(case.reference.numbers("aipw")) {
            assert!(
                (score - reference).abs() < TOLERANCE,
                "{tag}: {score} {reference}"
            );
        }
        let (ate, error) = case.summary(tag, "ATE.all");
        let mean = average_effect(&scores);
        assert!((mean.estimate - ate).abs() < TOLERANCE, "{tag}");
        assert!((mean.standard_error - error).abs() < TOLERANCE, "{tag}");
        let mut order: Vec<usize> = (0..tau.len()).collect();
        order.sort_by(|&a, &b| tau[a].total_cmp(&tau[b]));
        let mut quartile = vec![0; tau.len()];
        order
            .iter()
            .enumerate()
            .for_each(|(at, &row)| quartile[row] = at * 4 / tau.len());
        for group in group_effects(&scores, &quartile).unwrap() {
            let (estimate, error) = case.summary(tag, &format!("GATE.q{}", group.group + 1));
            let found = group.effect;
            assert!(
                (found.estimate - estimate).abs() < TOLERANCE,
                "{tag} {group:?} {estimate}"
            );
            assert!(
                (found.standard_error - error).abs() < TOLERANCE,
                "{tag} {group:?} {error}"
            );
        }
    }
}

#[test]
fn a_seed_gives_the_same_bits_at_any_thread_count_and_another_seed_other_ones() {
    let columns: Vec<Vec<f64>> = (0..3)
        .map(|j| {
            (0..300)
                .map(|i| f64::from((i * (7 + j) + j) % 31))
                .collect()
        })
        .collect();
    let names: Vec<String> = (0..3).map(|j| format!("x{j}")).collect();
    let w: Vec<f64> = (0..300).map(|i| f64::from(i % 2)).collect();
    let y: Vec<f64> = (0..300)
        .map(|i| columns[0][i] * w[i] + columns[1][i])
        .collect();
    let fit = |seed| {
        let data = Experiment {
            y: &y,
            w: &w,
            propensity: 0.5,
            expected_outcome: None,
            training: None,
        };
        let options = ForestOptions {
            n_trees: 80,
            n_outcome_trees: Some(40),
            seed,
            ..ForestOptions::default()
        };
        CausalForest::fit(
            Features {
                names: &names,
                columns: &columns,
            },
            data,
            &options,
        )
        .unwrap()
    };
    let on_threads = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap().install(|| fit(1))
    };
    assert_eq!(on_threads(1), on_threads(3));
    assert_ne!(fit(1).effects, fit(2).effects);
}

/// Features, treatment, outcome and true effect of a simulated store.
struct Store {
    columns: Vec<Vec<f64>>,
    w: Vec<f64>,
    y: Vec<f64>,
    tau: Vec<f64>,
}

/// A store of 4,000 visitors of whom 4% convert: `lift` is the effect of the treatment for a visitor with feature x₀.
fn sparse(lift: impl Fn(f64) -> f64) -> Store {
    let mut stream = Stream::new(17, 0);
    let columns: Vec<Vec<f64>> = (0..5)
        .map(|_| (0..4_000).map(|_| stream.uniform()).collect())
        .collect();
    let w: Vec<f64> = (0..4_000).map(|_| stream.below(2) as f64).collect();
    let tau: Vec<f64> = columns[0].iter().map(|&x| lift(x)).collect();
    let y = w.iter().zip(&tau).map(|(w, tau)| {
        let converts = stream.uniform() < 0.04 + w * tau;
        f64::from(u8::from(converts))
    });
    let y = y.collect();
    Store { columns, w, y, tau }
}

fn fitted(store: &Store, shrink: bool) -> CausalForest {
    let Store { columns, w, y, .. } = store;
    let names: Vec<String> = (0..5).map(|j| format!("x{j}")).collect();
    let data = Experiment {
        y,
        w,
        propensity: 0.5,
        expected_outcome: None,
        training: None,
    };
    let options = ForestOptions {
        n_trees: 200,
        n_outcome_trees: Some(100),
        shrink,
        ..ForestOptions::default()
    };
    let names = &names;
    CausalForest::fit(Features { names, columns }, data, &options).unwrap()
}

#[test]
fn shrinking_beats_the_raw_effects_of_a_sparse_outcome_and_leaves_real_differences() {
    for (case, least, most, lift) in [
        ("constant", 0.0, 0.2, (|_| 0.02) as fn(f64) -> f64),
        ("two kinds", 0.6, 1.0, |x| if x > 0.5 { 0.4 } else { 0.0 }),
    ] {
        let store = sparse(lift);
        let (raw, shrunk) = (fitted(&store, false), fitted(&store, true));
        let b = shrunk.effects.shrinkage.unwrap();
        assert!((least..=most).contains(&b), "{case}: {b}");
        let truth = &store.tau;
        let [raw_error, error] = [&raw, &shrunk].map(|forest| rms(&forest.effects.mean, truth));
        assert!(error < 1.1 * raw_error, "{case}: {error} {raw_error}");
        assert!(
            b > 0.5 || error < 0.5 * raw_error,
            "{case}: {error} {raw_error}"
        );
        // Averages are made of the effects before shrinking.
        assert_eq!(raw.scores, shrunk.scores);
        assert_eq!(raw.effects.shrinkage, None);
    }
}
