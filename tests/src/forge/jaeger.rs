//! The dataset as Jaeger's API answers it: microseconds, tags, references, processes behind the spans.
//!
//! **Invariant:** loses what Jaeger loses (nanoseconds, dropped counts) and nothing else.

use serde_json::{Value, json};
use throughline_model::{
    ids::{SpanId, TraceId},
    otlp::{self, Attribute, Kind, ResourceSpans, Span, Status},
    time::UnixNanos,
};

use super::{CLICK, File, MAIL, shop};

/// The answer of `/api/traces`.
pub fn jaeger() -> Value {
    json!({ "data": [trace(CLICK), trace(MAIL)], "total": 0, "limit": 0, "offset": 0, "errors": null })
}

pub(super) fn files() -> Vec<File> {
    let text = |value: &Value| format!("{value:#}\n").into_bytes();
    let file = |name: &'static str, bytes: Vec<u8>| File { name, bytes };
    vec![
        file("jaeger/api.json", text(&jaeger())),
        file("jaeger/one-trace.json", text(&trace(CLICK))),
        file(
            "jaeger/array.json",
            text(&json!([trace(CLICK), trace(MAIL)])),
        ),
        file("jaeger/bare-spans.json", text(&bare_spans())),
    ]
}

fn trace(id: TraceId) -> Value {
    let mut spans = Vec::new();
    let mut processes = serde_json::Map::new();
    for (at, resource) in shop().iter().enumerate() {
        let own = of_trace(resource, id);
        if own.is_empty() {
            continue;
        }
        let process = format!("p{}", at + 1);
        spans.extend(
            own.iter()
                .map(|one| span(one, "processID", &Value::from(process.clone()))),
        );
        processes.insert(process, self::process(resource));
    }
    // Written in this order by Jaeger: the processes come last.
    json!({ "traceID": id.to_string(), "spans": spans, "processes": processes, "warnings": null })
}

/// A list of spans that each carry their process.
fn bare_spans() -> Value {
    let spans = shop();
    let spans = spans.iter().flat_map(|resource| {
        let process = process(resource);
        let own = resource.scopes.iter().flat_map(|scope| &scope.spans);
        own.map(move |one| span(one, "process", &process))
    });
    spans.collect()
}

fn of_trace(resource: &ResourceSpans, id: TraceId) -> Vec<Span> {
    let spans = resource.scopes.iter().flat_map(|scope| &scope.spans);
    spans.filter(|span| span.trace_id == id).cloned().collect()
}

fn process(resource: &ResourceSpans) -> Value {
    let attributes = &resource.resource.attributes;
    let service = attributes.iter().find(|one| one.key == "service.name");
    let tags: Vec<Value> = attributes
        .iter()
        .filter(|one| one.key != "service.name")
        .map(tag)
        .collect();
    json!({ "serviceName": service.map_or(Value::Null, |one| plain(&one.value)), "tags": tags })
}

fn span(span: &Span, process_key: &str, process: &Value) -> Value {
    let mut references = Vec::new();
    if span.parent_span_id.is_valid() {
        references.push(reference("CHILD_OF", span.trace_id, span.parent_span_id));
    }
    references.extend(
        span.links
            .iter()
            .map(|link| reference("FOLLOWS_FROM", link.trace_id, link.span_id)),
    );
    let mut tags: Vec<Value> = span.attributes.iter().map(tag).collect();
    let mut text =
        |key: &str, value: &str| tags.push(json!({ "key": key, "type": "string", "value": value }));
    text("otel.scope.name", "shop/http");
    text("otel.scope.version", "3.2");
    match span.kind {
        Kind::Unspecified => {}
        kind => text("span.kind", &format!("{kind:?}").to_lowercase()),
    }
    if !span.trace_state.is_empty() {
        text("w3c.tracestate", &span.trace_state);
    }
    match &span.status {
        Status::Unset => {}
        Status::Ok => text("otel.status_code", "OK"),
        Status::Error(message) => {
            text("otel.status_code", "ERROR");
            text("otel.status_description", message);
            tags.push(json!({ "key": "error", "type": "bool", "value": true }));
        }
    }
    let logs: Vec<Value> = span.events.iter().map(log).collect();
    let mut value = json!({
        "traceID": span.trace_id.to_string(),
        "spanID": span.span_id.to_string(),
        "operationName": span.name,
        "references": references,
        "startTime": micros(span.start),
        "duration": span.end.since(span.start).0 / 1_000,
        "tags": tags,
        "logs": logs,
        "flags": 1,
        "warnings": null,
    });
    value[process_key] = process.clone();
    value
}

fn reference(kind: &str, trace: TraceId, span: SpanId) -> Value {
    json!({ "refType": kind, "traceID": trace.to_string(), "spanID": span.to_string() })
}

fn log(event: &otlp::Event) -> Value {
    let mut fields = vec![json!({ "key": "event", "type": "string", "value": event.name })];
    fields.extend(event.attributes.iter().map(tag));
    json!({ "timestamp": micros(event.time), "fields": fields })
}

fn micros(time: UnixNanos) -> u64 {
    time.0 / 1_000
}

fn tag(attribute: &Attribute) -> Value {
    let kind = match &attribute.value {
        otlp::Value::Bool(_) => "bool",
        otlp::Value::Int(_) => "int64",
        otlp::Value::Double(_) => "float64",
        otlp::Value::Bytes(_) => "binary",
        _ => "string",
    };
    json!({ "key": attribute.key, "type": kind, "value": plain(&attribute.value) })
}

/// A value as Jaeger writes it: whole numbers that a double does not hold are in quotes.
fn plain(value: &otlp::Value) -> Value {
    const EXACT: u64 = 1 << 53;
    match value {
        otlp::Value::Empty => Value::Null,
        otlp::Value::String(text) => Value::from(text.as_ref()),
        otlp::Value::Bool(value) => Value::from(*value),
        otlp::Value::Int(value) if value.unsigned_abs() > EXACT => Value::from(value.to_string()),
        otlp::Value::Int(value) => Value::from(*value),
        otlp::Value::Double(value) => Value::from(*value),
        otlp::Value::Array(values) => values.iter().map(plain).collect(),
        otlp::Value::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.to_string(), plain(&entry.value)))
            .collect(),
        // The one value of the dataset that is bytes: 00 01 fe ff.
        otlp::Value::Bytes(_) => Value::from("AAH+/w=="),
    }
}
