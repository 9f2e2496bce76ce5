//! Sections of spans with attributes of current and former names.

use throughline_model::{
    ids::{SpanId, TraceId},
    store::{
        SpanKind, TraceStore, Value,
        builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};

use super::*;
use crate::ui::details::sample::{self, Sample};

/// A span with attributes, and `resource.` before those of its resource. Numbers are numbers.
pub fn span(attributes: &[(&str, &str)]) -> TraceStore {
    span_of(SpanKind::Unspecified, attributes)
}

/// The same of a kind.
fn span_of(kind: SpanKind, attributes: &[(&str, &str)]) -> TraceStore {
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
        kind,
        ..SpanRecord::new(resource, scope)
    });
    b.finish()
}

fn check(attributes: &[(&str, &str)], expected: &[&str]) {
    check_of(SpanKind::Unspecified, attributes, expected);
}

fn check_of(kind: SpanKind, attributes: &[(&str, &str)], expected: &[&str]) {
    let store = span_of(kind, attributes);
    let mut words = Vec::new();
    for section in sections(store.span(0)) {
        words.push(format!("# {}", section.title));
        words.extend(section.lines.iter().map(|said| {
            let mark = if said.wrong { " !" } else { "" };
            format!("{}: {}{mark}", said.label, said.text)
        }));
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
        "status: 502 !",
        "request body: 2.05 kB",
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
        &["# Database", "system: redis", "GET user:7"],
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
            "status: 14 UNAVAILABLE !",
            "# Function",
            "cold start: yes",
            "# Kubernetes",
            "pod: shop-1",
        ],
    );
}

#[test]
fn sizes_and_statuses_are_those_of_the_side() {
    let sizes = [
        ("http.request.body.size", "1000"),
        ("http.response.body.size", "123456"),
        ("http.response.status_code", "404"),
    ];
    let client = [
        "# HTTP",
        "status: 404 !",
        "sent: 1.00 kB",
        "received: 123 kB",
    ];
    check_of(SpanKind::Client, &sizes, &client);
    let server = ["# HTTP", "status: 404", "received: 1.00 kB", "sent: 123 kB"];
    check_of(SpanKind::Server, &sizes, &server);
    let grpc = |kind, key, status, expected| {
        let attributes = [("rpc.system", "grpc"), (key, status)];
        check_of(kind, &attributes, &["# RPC", "system: grpc", expected]);
    };
    let (old, new) = ("rpc.grpc.status_code", "rpc.response.status_code");
    grpc(SpanKind::Client, old, "14", "status: 14 UNAVAILABLE !");
    grpc(SpanKind::Client, new, "NOT_FOUND", "status: 5 NOT_FOUND !");
    grpc(SpanKind::Server, new, "NOT_FOUND", "status: 5 NOT_FOUND");
    grpc(SpanKind::Server, old, "13", "status: 13 INTERNAL !");
    grpc(SpanKind::Client, old, "0", "status: 0 OK");
    grpc(SpanKind::Client, old, "99", "status: 99");
    check_of(
        SpanKind::Client,
        &[
            ("rpc.system", "jsonrpc"),
            ("rpc.response.status_code", "14"),
        ],
        &["# RPC", "system: jsonrpc", "status: 14"],
    );
}

#[test]
fn a_function_says_all_of_itself() {
    check(
        &[
            ("faas.trigger", "http"),
            ("faas.coldstart", "true"),
            ("faas.max_memory", "134217728"),
            ("resource.faas.name", "thumb"),
            ("resource.faas.version", "12"),
        ],
        &[
            "# Function",
            "name: thumb",
            "version: 12",
            "trigger: http",
            "cold start: yes",
            "memory: 134 MB",
        ],
    );
}

#[test]
fn a_model_says_what_it_was_asked_and_what_it_cost() {
    check(
        &[
            ("gen_ai.request.model", "m"),
            ("gen_ai.response.model", "m-2"),
            ("gen_ai.usage.input_tokens", "1234"),
            ("gen_ai.usage.cache_read.input_tokens", "1000"),
            ("gen_ai.usage.cost", "0.5"),
            ("gen_ai.response.finish_reasons", "tool_calls"),
            ("gen_ai.request.temperature", "0.7"),
        ],
        &[
            "# Generative model",
            "model: m-2",
            "asked for: m",
            "tokens in: 1\u{202f}234",
            "of them cached: 1\u{202f}000",
            "cost: 0.5 (currency not given)",
            "ended by: tool_calls (it asks for tools)",
            "temperature: 0.7",
        ],
    );
    check(
        &[("llm.model_name", "m"), ("llm.cost.total", "2")],
        &["# Generative model", "model: m", "cost: 2 USD"],
    );
    let store = sample::attributes(&[(
        "gen_ai.response.finish_reasons",
        Sample::Array(vec![Sample::Str("stop"), Sample::Str("x")]),
    )]);
    assert_eq!(
        says(store.span(0), "Generative model", "ended by").as_deref(),
        Some("stop (it was done), x")
    );
}

#[test]
fn a_million_attributes_are_not_looked_through() {
    let many = |before: usize| {
        let mut attributes = vec![("app.x", "1"); before];
        attributes.push(("http.route", "/a"));
        says(span(&attributes).span(0), "HTTP", "route")
    };
    assert_eq!(many(READ - 1).as_deref(), Some("/a"));
    assert_eq!(many(READ), None);
}
