//! How long queries take over a million spans: `cargo run --release --example query [spans]`.
//!
//! **Invariant:** the same trace at every run.

use std::time::Instant;

use throughline_model::{
    ids::{SpanId, TraceId},
    query,
    store::{
        SpanKind, StatusCode, TraceStore, Value,
        builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};

const QUERIES: [&str; 17] = [
    "cart",
    "200",
    "cart 200",
    "deadbeef",
    "zzzz",
    "name = \"op 7\"",
    "status = error AND duration > 2.5%",
    "self > 10us",
    "http.route = \"/item/77\"",
    "http.response.status_code >= 500",
    "http.response.status_code =~ \"5..\"",
    "http.route =~ \"7{2}$\"",
    "user.id =~ \"99$\"",
    "parent.status = error",
    "descendant.(service = \"svc 3\" AND status = error)",
    "ancestor.service = \"svc 3\" AND NOT child.kind = client",
    "root.name = \"op 0\" AND ancestor.parent.status = error",
];

fn main() {
    let spans = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let store = made(spans.unwrap_or(1_000_000));
    println!(
        "{} spans, {} strings",
        store.span_count(),
        store.strings().len()
    );
    for query in QUERIES {
        let started = Instant::now();
        let found = query::run(&store, store.trace(0).spans(), query).map(|rows| rows.len());
        println!(
            "{:>8.1} ms  {query}  {found:?}",
            started.elapsed().as_secs_f64() * 1e3
        );
    }
    for text in ["", "http", "http.route = ", "user.id = 5", "name = op"] {
        let started = Instant::now();
        let count = query::complete(&store, 0, text, text.len()).len();
        println!(
            "{:>8.1} ms  complete {text:?}  {count}",
            started.elapsed().as_secs_f64() * 1e3
        );
    }
}

/// One trace, about twelve deep, five attributes a span, one of them different for every span.
fn made(count: u64) -> TraceStore {
    let mut b = StoreBuilder::new();
    let scope = b.scope(ScopeRecord::default());
    let mut resources = Vec::new();
    for service in 0..20 {
        let list = b.open_list();
        let (key, name) = (
            b.intern("service.name"),
            b.intern(&format!("svc {service}")),
        );
        b.push_value(key, Value::Str(name));
        let attributes = b.close_attributes(list);
        resources.push(b.resource(ResourceRecord {
            attributes,
            ..ResourceRecord::default()
        }));
    }
    for at in 0..count {
        let list = b.open_list();
        let route = b.intern(&format!("/item/{}", at % 1_000));
        let user = b.intern(&format!(
            "user-{:x}",
            at.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ));
        let method = b.intern(["GET", "POST"][at as usize % 2]);
        for (key, value) in [
            ("http.route", Value::Str(route)),
            ("http.request.method", Value::Str(method)),
            (
                "http.response.status_code",
                Value::Int(200 + (at % 31) as i64 * 10),
            ),
            ("user.id", Value::Str(user)),
            ("retry", Value::Bool(at % 50 == 0)),
        ] {
            let key = b.intern(key);
            b.push_value(key, value);
        }
        let record = SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(at + 1),
            parent_span_id: SpanId(at.div_ceil(3)),
            name: b.intern(&format!("op {}", at % 200)),
            kind: SpanKind::from_number(at % 6).unwrap_or_default(),
            start: UnixNanos(1 + at * 100),
            end: UnixNanos(1 + at * 100 + (count - at) * 100),
            status: if at % 97 == 0 {
                StatusCode::Error
            } else {
                StatusCode::Unset
            },
            attributes: b.close_attributes(list),
            ..SpanRecord::new(resources[at as usize % 20], scope)
        };
        b.push_span(record);
    }
    b.finish()
}
