//! Bench of `policy`: the exact tree of depth two, every value distinct.

use std::io;

use stoa_benches::{Row, measure, report};
use stoa_core::{
    forest::Features,
    num::random::Stream,
    policy::{PolicyOptions, PolicyTree},
};

const P: usize = 20;

fn tree(n: usize, bar: Option<f64>, peers: &str) -> Row {
    let mut stream = Stream::new(7, 0);
    let columns: Vec<Vec<f64>> = (0..P)
        .map(|_| (0..n).map(|_| stream.uniform()).collect())
        .collect();
    let names: Vec<String> = (0..P).map(|j| format!("x{j}")).collect();
    let scores: Vec<[f64; 2]> = (0..n)
        .map(|i| [0.0, columns[0][i] - 0.5 + 4.0 * (stream.uniform() - 0.5)])
        .collect();
    let features = Features {
        names: &names,
        columns: &columns,
    };
    let options = PolicyOptions::default();
    measure(&format!("policy/{n}x{P}/depth-2"), 3, bar, peers, || {
        PolicyTree::fit(features, &scores, &options)
    })
}

fn main() -> io::Result<()> {
    let rows = [
        tree(5_000, Some(1.0), ""),
        tree(20_000, None, "policytree 1.2.5: about 1,500"),
    ];
    report("policy", &rows)
}
