//! Sections of spans with attributes of current and former names.

use throughline_model::{
    ids::{SpanId, TraceId},
    store::{
        TraceStore, Value,
        builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};

use super::*;

/// A span with attributes, and `resource.` before those of its resource. Numbers are numbers.
pub fn span(attributes: &[(&str, &str)]) -> TraceStore {
    let mut b = StoreBuilder::new();
    let list = |wanted: bool, b: &mut StoreBuilder| {
        let list = b.open_list();
        for (key, value) in attributes {
            let name = key.strip_prefix("resource.");
            if name.is_some() == wanted {
                let key = b.intern(name.unwrap_or(key));
                let value = match value.parse() {
                    Ok(number) => Value::Int(number),
                    Err(_) if *value == "true" => Value::Bool(true),
                    Err(_) => Value::Str(b.intern(value)),
                };
                b.push_value(key, value);
            }
        }
        b.close_attributes(list)
    };
    let of_resource = list(true, &mut b);
    let own = list(false, &mut b);
    let resource = b.resource(ResourceRecord {
        attributes: of_resource,
        ..ResourceRecord::default()
    });
    let scope = b.scope(ScopeRecord::default());
    b.push_span(SpanRecord {
        trace_id: TraceId(1),
        span_id: SpanId(1),
        start: UnixNanos(1),
        end: UnixNanos(2),
        attributes: own,
        ..SpanRecord::new(resource, scope)
    });
    b.finish()
}

fn check(attributes: &[(&str, &str)], expected: &[&str]) {
    let store = span(attributes);
    let mut words = Vec::new();
    for section in sections(store.span(0)) {
        words.push(format!("# {}", section.title));
        words.extend(
            section
                .lines
                .iter()
                .map(|(label, value)| format!("{label}: {value}")),
        );
        words.extend(section.statement);
    }
    assert_eq!(words, expected, "{attributes:?}");
}

#[test]
fn current_and_former_names_mean_the_same() {
    check(&[], &[]);
    check(&[("app.items", "3")], &[]);
    let http = [
        "# HTTP",
        "method: POST",
        "route: /cart",
        "status: 502",
        "sent: 2.05 kB",
    ];
    check(
        &[
            ("http.request.method", "POST"),
            ("http.route", "/cart"),
            ("http.response.status_code", "502"),
            ("http.request.body.size", "2048"),
        ],
        &http,
    );
    check(
        &[
            ("http.method", "POST"),
            ("http.route", "/cart"),
            ("http.status_code", "502"),
            ("http.request_content_length", "2048"),
        ],
        &http,
    );
    check(
        &[
            ("db.system", "postgresql"),
            ("db.statement", "select 1 from t"),
        ],
        &["# Database", "system: postgresql", "select 1\nfrom t"],
    );
    check(
        &[("db.system.name", "redis"), ("db.query.text", "GET user:7")],
        &["# Database", "system: redis"],
    );
    check(
        &[
            ("gen_ai.system", "x"),
            ("gen_ai.request.model", "m"),
            ("gen_ai.usage.prompt_tokens", "12345"),
            ("gen_ai.usage.output_tokens", "7"),
        ],
        &[
            "# Generative model",
            "provider: x",
            "model: m",
            "tokens in: 12\u{202f}345",
            "tokens out: 7",
        ],
    );
    check(
        &[
            ("faas.coldstart", "true"),
            ("resource.k8s.pod.name", "shop-1"),
            ("rpc.system", "grpc"),
            ("rpc.grpc.status_code", "14"),
        ],
        &[
            "# RPC",
            "system: grpc",
            "status: 14",
            "# Function",
            "cold start: yes",
            "# Kubernetes",
            "pod: shop-1",
        ],
    );
}
