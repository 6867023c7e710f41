//! Discovery on the Hillstrom experiment, and under no heterogeneity.
#![expect(clippy::unwrap_used, reason = "tests")]

use stoa_core::{
    decide::Columns,
    discover::{Claim, DiscoverOptions, Discovery, Question, discover},
};
use stoa_tests::hillstrom::{Hillstrom, experiment, store};

fn search(treatment: &str, control: &str, metric: &str) -> Option<Discovery> {
    let data = Hillstrom::read()?;
    let options = DiscoverOptions {
        n_trees: 400,
        stability_pairs: 10,
        stability_trees: 100,
        ..DiscoverOptions::default()
    };
    let question = Question {
        features: ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]
            .map(str::to_owned)
            .to_vec(),
        metric: Some(metric.to_owned()),
        treatment: Some(treatment.to_owned()),
        control: Some(control.to_owned()),
        schema: None,
        options,
    };
    let table = data.table().unwrap();
    let found = discover(&table, &experiment().unwrap(), &store().unwrap(), &Columns::default(), &question);
    Some(found.unwrap())
}

#[test]
fn womens_email_depends_on_purchase_history() {
    for (t, c, m) in [("womens_email", "no_email", "site_visit"), ("mens_email", "no_email", "site_visit"), ("womens_email", "mens_email", "site_visit"), ("womens_email", "no_email", "revenue_per_visitor")] {
        let start = std::time::Instant::now();
        let Some(d) = search(t, c, m) else { return };
        println!("== {t} {c} {m} {:?}\n{}\n{}\n{:?}", start.elapsed(), d.sentence, d.policy_value.sentence, d.heterogeneity);
        for s in &d.segments {
            println!("  {} n={} held={} folds={} eff={:?} stab={} {:?}", s.sql["duckdb"], s.n, s.n_held_out, s.folds_found, s.effect, s.stability, s.claim == Claim::Honest);
        }
    }
}
