//! One turn of the loop in Rust, on data in memory: segment → experiment → assign → analyze.
//!
//! `cargo run -p stoa-core --example loop`. `loop.py` and `loop.mjs` tell the same story and print the same lines.
#![expect(clippy::print_stdout, reason = "an example speaks to a person")]

use stoa_core::{
    assign::{Bundle, Engine},
    decide::{Columns, analyze, stats_from_rows},
    error::Result,
    experiment::{Experiment, StoreDocument, read_document},
    hash::{Digest, SCALE},
    rule::Rule,
    segment::{Segment, Segments},
    value::{Column, Table},
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

    // The visitors: whatever differs between them is drawn from the hash of their id, so nothing here is random.
    let ids: Vec<String> = (0..VISITORS).map(|i| format!("visitor-{i}")).collect();
    let orders: Vec<f64> = ids
        .iter()
        .map(|id| (uniform("orders", id) * 5.0).floor())
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
    let bought = |i: usize| uniform("buys", &ids[i]) < if treated(i) { 0.06 } else { 0.05 };
    let value = |i: usize| (20.0 + 80.0 * uniform("order value", &ids[i])).round();
    let returned = |i: usize| uniform("returns", &ids[i]) < 0.3;
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
            "revenue_per_visitor".to_owned(),
            column(&|i| if bought(i) { value(i) } else { 0.0 }),
        ),
        (
            "return_visit_rate".to_owned(),
            column(&|i| f64::from(u8::from(returned(i)))),
        ),
    ])?;
    let checked = experiment.check(&store)?;
    let stats = stats_from_rows(&rows, &checked, &store, &Columns::default())?;
    let analysis = analyze(&stats, &checked, &store)?;
    let revenue = &analysis.metrics["revenue_per_visitor"]["threshold_50"];
    println!("analyze     P(lift > 0) = {:.4}", revenue.prob_positive());
    if let Some(loss) = revenue.expected_loss_ship() {
        println!("            expected loss of shipping: ${loss:.4} a visitor");
    }
    println!("verdict     {}", analysis.verdict.sentence);
    Ok(())
}

/// A number in [0, 1) that only the salt and the id decide.
#[expect(clippy::cast_precision_loss, reason = "both are at most 2^52")]
fn uniform(salt: &str, id: &str) -> f64 {
    Digest::of(salt, id).h::<0>() as f64 / SCALE as f64
}
