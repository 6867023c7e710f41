//! One turn of the loop in Rust, on data in memory: segment → experiment → assign → analyze → discover → register.
//!
//! `cargo run -p stoa-core --example loop`. `loop.py` tells the same story and prints the same lines, `loop.mjs` most.
#![expect(clippy::print_stdout, reason = "an example speaks to a person")]

use stoa_core::{
    assign::{Bundle, Engine, Visitor},
    decide::{Columns, analyze, stats_from_rows},
    discover::{DiscoverOptions, Discovery, FoundSegment, Question, discover},
    error::Result,
    experiment::{CheckedExperiment, Experiment, StoreDocument, read_document},
    hash::{Digest, SCALE},
    registry::{Action, Draft, Registry},
    rule::Rule,
    segment::{Segment, Segments},
    value::{Column, Table, Timestamp},
};

const CONTRACT: &str = "
key: free_shipping
hypothesis: Free shipping from $50 turns more visits into orders.
surface: shipping_offer
status: running
targeting: {segment: repeat_buyers}
variants:
  - {key: threshold_75}
  - {key: threshold_50}
metrics:
  revenue: {metric: revenue_per_visitor}
  satisfaction: {metric: return_visit_rate, proxy_reason: No survey runs yet.}
";
const VISITORS: usize = 20_000;
const FOUND: &str = "free_shipping_responders";

fn main() -> Result<()> {
    // 1 SEGMENT: a rule with a name; words and SQL come from the same rule.
    let rule = Rule::parse_sql("orders_count >= 2")?;
    println!("segment     repeat_buyers: {}", rule.describe(None));
    let segments = vec![Segment::new("repeat_buyers", rule.clone())?];

    // 2 EXPERIMENT: the contract, checked; a bundle is what a storefront loads.
    let store = StoreDocument::default();
    let experiment = Experiment::from_value(&read_document(CONTRACT)?)?;
    let bundle = Bundle::new(
        vec![experiment.clone()],
        segments.clone(),
        store.clone(),
        None,
    )?;
    let engine = Engine::new(bundle)?;

    // The visitors of 28 days: whatever differs between them is drawn from the hash of their id, so nothing here is random.
    let ids: Vec<String> = (0..VISITORS).map(|i| format!("visitor-{i}")).collect();
    let orders: Vec<f64> = ids
        .iter()
        .map(|id| (uniform("orders", id) * 5.0).floor())
        .collect();
    let baskets: Vec<f64> = ids
        .iter()
        .map(|id| (20.0 + 80.0 * uniform("usual basket", id)).floor())
        .collect();
    let attributes = Table::new([("orders_count".to_owned(), Column::Number(orders[..].into()))])?;
    let units: Vec<Option<&str>> = ids.iter().map(|id| Some(id.as_str())).collect();
    let batch = engine.decide_batch("free_shipping", &units, Some(&attributes), None)?;
    let members = Segments::new(segments)?
        .expand(&rule)?
        .mask(&attributes, None)?;
    let exposed: Vec<usize> = (0..VISITORS)
        .filter(|&i| members[i] == Some(true))
        .collect();
    println!(
        "assign      {} of {VISITORS} visitors take part",
        exposed.len()
    );

    // 3 ANALYZE: what they did, then what that says.
    let treated = |i: usize| batch.variant[i] == 1;
    // What the analysis does not know: the lower threshold helps only those who usually spend that much.
    let helped = |i: usize| treated(i) && baskets[i] >= 50.0;
    let bought = |i: usize| uniform("buys", &ids[i]) < if helped(i) { 0.12 } else { 0.05 };
    let value = |i: usize| (20.0 + 80.0 * uniform("order value", &ids[i])).round();
    let returned = |i: usize| uniform("returns", &ids[i]) < 0.3;
    let start = Timestamp::parse("2026-03-01T12:00:00Z")?;
    let exposed_at = |i: usize| {
        let days = i64::try_from(28 * i / VISITORS).unwrap_or(0);
        Timestamp {
            micros: start.micros + 86_400_000_000 * days,
        }
    };
    let column = |of: &dyn Fn(usize) -> f64| {
        Column::Number(exposed.iter().map(|&i| of(i)).collect::<Vec<f64>>().into())
    };
    let text =
        |of: &dyn Fn(usize) -> String| exposed.iter().map(|&i| of(i)).collect::<Vec<String>>();
    let variants = text(&|i| batch.variants[usize::from(treated(i))].clone());
    let rows = Table::new([
        (
            "visitor_id".to_owned(),
            Column::Text(exposed.iter().map(|&i| units[i]).collect()),
        ),
        (
            "variant".to_owned(),
            Column::Text(variants.iter().map(|v| Some(v.as_str())).collect()),
        ),
        (
            "exposed_at".to_owned(),
            Column::Timestamp(exposed.iter().map(|&i| Some(exposed_at(i))).collect()),
        ),
        (
            "revenue_per_visitor".to_owned(),
            column(&|i| if bought(i) { value(i) } else { 0.0 }),
        ),
        (
            "return_visit_rate".to_owned(),
            column(&|i| f64::from(u8::from(returned(i)))),
        ),
        ("orders_count".to_owned(), column(&|i| orders[i])),
        ("usual_basket".to_owned(), column(&|i| baskets[i])),
    ])?;
    let checked = experiment.clone().check(&store)?;
    let stats = stats_from_rows(&rows, &checked, &store, &Columns::default())?;
    let analysis = analyze(&stats, &checked, &store)?;
    let revenue = &analysis.metrics["revenue_per_visitor"]["threshold_50"];
    println!("analyze     P(lift > 0) = {:.4}", revenue.prob_positive());
    if let Some(loss) = revenue.expected_loss_ship() {
        println!("            expected loss of shipping: ${loss:.4} a visitor");
    }
    println!("verdict     {}", analysis.verdict.sentence);
    let found = responders(&rows, &checked, &store)?;
    let registry = register(&found.segments[0])?;
    again(&registry, &experiment, store)
}

/// 4 DISCOVER: who responds differently? Nobody named the segment; the search was repeated on half-samples.
fn responders(
    rows: &Table<'_>,
    checked: &CheckedExperiment,
    store: &StoreDocument,
) -> Result<Discovery> {
    let question = Question {
        features: vec!["orders_count".to_owned(), "usual_basket".to_owned()],
        options: DiscoverOptions {
            n_trees: 100,
            stability_pairs: 10,
            stability_trees: 50,
            ..DiscoverOptions::default()
        },
        ..Question::default()
    };
    let found = discover(rows, checked, store, &Columns::default(), &question)?;
    println!("discover    {}", found.sentence);
    Ok(found)
}

/// 5 REGISTER: what was found, and who decided what about it. A real shop keeps the log.
fn register(found: &FoundSegment) -> Result<Registry> {
    let steady = format!("found again in {} of {}", found.refound, found.refits);
    let proposed = Action::Propose {
        rule: found.rule.clone(),
        description: found.description.clone(),
        evidence: Some(Box::new(found.into())),
        provenance: None,
    };
    let steps = [
        ("ana", "", proposed),
        ("bo", steady.as_str(), Action::Accept { version: None }),
        ("bo", "", Action::Deploy { version: None }),
    ];
    let mut registry = Registry::default();
    for (actor, reason, action) in steps {
        let draft = Draft {
            time: Timestamp::parse("2026-03-01T09:00:00Z")?,
            actor: actor.to_owned(),
            key: FOUND.to_owned(),
            reason: reason.to_owned(),
            simulated: false,
            action,
        };
        registry.apply(registry.next(&draft)?)?;
    }
    for record in registry.changelog(None) {
        println!("register    {}", record.sentence);
    }
    Ok(registry)
}

/// 6 NEXT: the follow-up targets the segment by its name; the bundle is what a storefront loads.
fn again(registry: &Registry, experiment: &Experiment, store: StoreDocument) -> Result<()> {
    let follow_up = Experiment {
        key: "free_shipping_again".to_owned(),
        targeting: Some(Rule::Segment(FOUND.to_owned())),
        ..experiment.clone()
    };
    let engine = Engine::new(registry.bundle(vec![follow_up], store, None)?)?;
    let visitor = Visitor::from_json(r#"{"usual_basket": 60}"#);
    let decision = engine.decide("free_shipping_again", "visitor-1", &visitor, None);
    println!(
        "next        free_shipping_again: visitor-1 gets {} ({})",
        decision.variant.unwrap_or_default(),
        decision.reason
    );
    Ok(())
}

/// A number in [0, 1) that only the salt and the id decide.
#[expect(clippy::cast_precision_loss, reason = "both are at most 2^52")]
fn uniform(salt: &str, id: &str) -> f64 {
    Digest::of(salt, id).h::<0>() as f64 / SCALE as f64
}
