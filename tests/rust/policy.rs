//! Policy trees against policytree 1.2.5 (`../shared/truth/forest`) and against trying every tree.
#![expect(clippy::unwrap_used, reason = "tests")]

use stoa_core::{
    forest::Features,
    num::random::Stream,
    policy::{PolicyOptions, PolicyTree},
};
use stoa_tests::{shared, table};

/// Rewards are means of numbers printed with 10 to 12 digits.
const TOLERANCE: f64 = 1e-8;

#[test]
fn rewards_equal_policytrees() {
    let Some(folder) = shared("truth/forest") else {
        return;
    };
    let reference = table::read(&folder.join("policytree.csv"));
    let names: Vec<String> = (1..=8).map(|j| format!("X{j}")).collect();
    for tag in ["nwA_2000", "wa28_2000"] {
        let data = table::read(&folder.join(format!("data_{tag}.csv.gz")));
        let scores = table::read(&folder.join(format!("policy_scores_{tag}.csv.gz")));
        let (control, treated) = (scores.numbers("control"), scores.numbers("treated"));
        let n = control.len() as f64;
        let cost = (treated.iter().sum::<f64>() - control.iter().sum::<f64>()) / n;
        let scores: Vec<[f64; 2]> = (0..1000).map(|i| [control[i], treated[i] - cost]).collect();
        let columns: Vec<Vec<f64>> = names
            .iter()
            .map(|name| data.numbers(name)[..1000].to_vec())
            .collect();
        let features = Features {
            names: &names,
            columns: &columns,
        };
        for depth in [1, 2] {
            let options = PolicyOptions {
                depth,
                ..PolicyOptions::default()
            };
            let tree = PolicyTree::fit(features, &scores, &options).unwrap();
            let row = (0..reference.n_rows())
                .find(|&row| {
                    reference.text("tag")[row] == tag
                        && (reference.numbers("depth")[row] - depth as f64).abs() < 0.5
                })
                .unwrap();
            let expected = reference.numbers("reward")[row];
            assert!(
                (tree.reward - expected).abs() < TOLERANCE,
                "{tag} {depth}: {} {expected}",
                tree.reward
            );
        }
    }
}

/// The best reward of depth two by trying every root and every pair of stumps.
fn brute(columns: &[Vec<f64>], gain: &[f64], fewest: usize) -> f64 {
    fn stump(columns: &[Vec<f64>], gain: &[f64], rows: &[usize], fewest: usize) -> f64 {
        let sum = |rows: &[usize]| rows.iter().map(|&i| gain[i]).sum::<f64>();
        let mut best = sum(rows).max(0.0);
        each_split(columns, rows, |left, right| {
            if left.len() >= fewest && right.len() >= fewest {
                best = best.max(sum(left).max(0.0) + sum(right).max(0.0));
            }
        });
        best
    }
    fn each_split(columns: &[Vec<f64>], rows: &[usize], mut visit: impl FnMut(&[usize], &[usize])) {
        for column in columns {
            for &at in rows {
                let (left, right): (Vec<usize>, Vec<usize>) =
                    rows.iter().partition(|&&i| column[i] <= column[at]);
                if !right.is_empty() {
                    visit(&left, &right);
                }
            }
        }
    }
    let rows: Vec<usize> = (0..gain.len()).collect();
    let mut best = stump(columns, gain, &rows, fewest);
    each_split(columns, &rows, |left, right| {
        if left.len() >= fewest && right.len() >= fewest {
            best =
                best.max(stump(columns, gain, left, fewest) + stump(columns, gain, right, fewest));
        }
    });
    best
}

#[test]
fn no_tree_of_depth_two_earns_more() {
    for case in 0..300 {
        let mut stream = Stream::new(11, case);
        let (n, p) = (4 + stream.below(9), 1 + stream.below(3));
        let distinct = 2 + stream.below(6);
        let columns: Vec<Vec<f64>> = (0..p)
            .map(|_| (0..n).map(|_| stream.below(distinct) as f64).collect())
            .collect();
        let gain: Vec<f64> = (0..n).map(|_| stream.below(21) as f64 - 10.0).collect();
        let scores: Vec<[f64; 2]> = gain.iter().map(|&g| [0.0, g]).collect();
        let names: Vec<String> = (0..p).map(|j| format!("x{j}")).collect();
        let min_leaf_size = 1 + stream.below(3);
        // Missing sorts below every value, so a tree over missing zeros is a tree over zeros.
        let missing = |x: &f64| {
            if case % 2 == 1 && *x < 0.5 {
                f64::NAN
            } else {
                *x
            }
        };
        let holed: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| column.iter().map(missing).collect())
            .collect();
        let features = Features {
            names: &names,
            columns: &holed,
        };
        let options = PolicyOptions {
            depth: 2,
            min_leaf_size,
        };
        let tree = PolicyTree::fit(features, &scores, &options).unwrap();
        let best = brute(&columns, &gain, min_leaf_size) / n as f64;
        assert!(
            (tree.reward - best).abs() < 1e-12,
            "case {case}: {} {best}",
            tree.reward
        );
        let mut said = vec![None; n];
        for leaf in tree.leaves() {
            for (row, inside) in leaf.members(&holed).into_iter().enumerate() {
                assert!(!inside || said[row].replace(leaf.action).is_none());
            }
        }
        let chosen = tree.predict(features).into_iter().map(Some);
        assert_eq!(said, chosen.collect::<Vec<_>>());
    }
}
