//! Assignment: one targeted two-variant decision with two attributes, the peers' case of METHODS, and its parts.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stoa_core::{
    assign::{Engine, Visitor},
    hash::Digest,
};

const UNIT: &str = "d8f16adf-cd61-4c38-1027-1e2f414c343c";
const BUNDLE: &str = r#"{"schema_version": 1, "experiments": [{
    "key": "free_shipping", "surface": "shipping_offer", "status": "running",
    "variants": [{"key": "A"}, {"key": "B", "payload": {"threshold": 50}}],
    "targeting": {"all": [{"attr": "orders_count", "op": "gte", "value": 2},
                          {"attr": "country", "op": "in", "value": ["CA", "US"]}]},
    "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
}]}"#;
const ATTRIBUTES: &str = r#"{"orders_count": 3, "country": "CA"}"#;

fn assign(c: &mut Criterion) {
    let Ok(engine) = Engine::from_json(BUNDLE) else {
        return;
    };
    let visitor = Visitor::from_json(ATTRIBUTES);
    let index = engine.index_of("free_shipping").unwrap_or_default();
    c.bench_function("assign/digest", |b| {
        b.iter(|| Digest::of("free_shipping", black_box(UNIT)));
    });
    c.bench_function("assign/visitor_from_json", |b| {
        b.iter(|| Visitor::from_json(black_box(ATTRIBUTES)));
    });
    c.bench_function("assign/outcome", |b| {
        b.iter(|| engine.outcome(index, black_box(UNIT), &visitor, None));
    });
    c.bench_function("assign/decide", |b| {
        b.iter(|| engine.decide("free_shipping", black_box(UNIT), &visitor, None));
    });
    let ids: Vec<String> = (0..100_000).map(|i| format!("visitor-{i}")).collect();
    let units: Vec<_> = ids.iter().map(|id| Some(id.as_str())).collect();
    let untargeted = BUNDLE.replace("\"targeting\"", "\"a_later_field\"");
    let Ok(engine) = Engine::from_json(&untargeted) else {
        return;
    };
    c.bench_function("assign/batch/100000", |b| {
        b.iter(|| engine.decide_batch("free_shipping", black_box(&units), None, None));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(1));
    targets = assign
}
criterion_main!(benches);
