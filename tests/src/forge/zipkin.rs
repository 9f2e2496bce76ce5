//! The dataset as Zipkin has it: microseconds, text tags, and the server's half under the client's id.
//!
//! **Invariant:** the two halves of `POST /checkout` are two records with one id, as Zipkin's own tracers report them.

use serde_json::{Value, json};
use throughline_model::otlp::{self, Kind, ResourceSpans, Span, Status};

use super::{CLICK, File, MAIL, shop};

/// The client of the shared span, whose id the server takes over.
const CLIENT: u64 = 0x00f0_67aa_0ba9_02b7;
/// The server's own id in the other formats.
const SERVER: u64 = 0xa2fb_4a1d_1a96_d312;

/// A list of spans in the second version.
pub fn zipkin_v2() -> Value {
    records(|resource, span| {
        let mut record = common(span);
        if let Some(kind) = kind(span.kind) {
            record["kind"] = kind.into();
        }
        record["localEndpoint"] = json!({ "serviceName": service(resource), "ipv4": "10.0.0.7" });
        if span.kind == Kind::Client {
            record["remoteEndpoint"] =
                json!({ "serviceName": "upstream", "ipv6": "2001:db8::1", "port": 8080 });
        }
        if span.span_id.0 == SERVER {
            record["shared"] = true.into();
        }
        record["tags"] = tags(span).into_iter().collect();
        record["annotations"] = span
            .events
            .iter()
            .map(|event| annotation(event.time.0, &event.name))
            .collect();
        record
    })
}

/// A list of spans in the first version.
pub fn zipkin_v1() -> Value {
    records(|resource, span| {
        let mut record = common(span);
        let endpoint = json!({ "serviceName": service(resource), "ipv4": "10.0.0.7" });
        let mut words: Vec<(u64, &str)> = span
            .events
            .iter()
            .map(|event| (event.time.0, event.name.as_ref()))
            .collect();
        match span.kind {
            Kind::Client => words.extend([(span.start.0, "cs"), (span.end.0, "cr")]),
            Kind::Server => words.extend([(span.start.0, "sr"), (span.end.0, "ss")]),
            Kind::Producer => words.push((span.start.0, "ms")),
            Kind::Consumer => words.push((span.start.0, "mr")),
            Kind::Unspecified | Kind::Internal => {}
        }
        let with_endpoint = |mut value: Value| {
            value["endpoint"] = endpoint.clone();
            value
        };
        let annotations = words
            .iter()
            .map(|&(time, word)| with_endpoint(annotation(time, word)));
        record["annotations"] = annotations.collect();
        let mut tags: Vec<Value> = tags(span)
            .into_iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        if matches!(span.kind, Kind::Internal) {
            tags.push(json!({ "key": "lc", "value": "shop" }));
        }
        record["binaryAnnotations"] = tags.into_iter().map(with_endpoint).collect();
        record
    })
}

pub(super) fn files() -> Vec<File> {
    let text = |value: &Value| format!("{value:#}\n").into_bytes();
    let file = |name: &'static str, bytes: Vec<u8>| File { name, bytes };
    let by_trace: Value = [CLICK, MAIL]
        .iter()
        .map(|trace| {
            let id = Value::from(trace.to_string());
            let all = zipkin_v2();
            let own = all
                .as_array()
                .into_iter()
                .flatten()
                .filter(|record| record["traceId"] == id);
            own.cloned().collect::<Value>()
        })
        .collect();
    vec![
        file("zipkin-v2/list.json", text(&zipkin_v2())),
        file("zipkin-v2/list-of-lists.json", text(&by_trace)),
        file(
            "zipkin-v2/dump.json",
            text(&json!({ "spans": zipkin_v2() })),
        ),
        file("zipkin-v1/list.json", text(&zipkin_v1())),
    ]
}

fn records(record: impl Fn(&ResourceSpans, &Span) -> Value) -> Value {
    let shop = shop();
    let spans = shop.iter().flat_map(|resource| {
        let own = resource.scopes.iter().flat_map(|scope| &scope.spans);
        own.map(move |span| (resource, span))
    });
    spans
        .map(|(resource, span)| record(resource, span))
        .collect()
}

fn common(span: &Span) -> Value {
    let shared = |id: u64| format!("{:016x}", if id == SERVER { CLIENT } else { id });
    let mut record = json!({
        "traceId": span.trace_id.to_string(),
        "id": shared(span.span_id.0),
        "name": span.name.to_lowercase(),
        "timestamp": span.start.0 / 1_000,
        "duration": span.end.since(span.start).0 / 1_000,
    });
    let parent = if span.span_id.0 == SERVER {
        0xeee1_9b7e_c3c1_b174
    } else {
        span.parent_span_id.0
    };
    if parent != 0 {
        record["parentId"] = shared(parent).into();
    }
    record
}

fn service(resource: &ResourceSpans) -> String {
    let mut attributes = resource.resource.attributes.iter();
    let found = attributes.find_map(|one| match &one.value {
        otlp::Value::String(name) if one.key == "service.name" => Some(name.to_string()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn kind(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Server => "SERVER",
        Kind::Client => "CLIENT",
        Kind::Producer => "PRODUCER",
        Kind::Consumer => "CONSUMER",
        Kind::Unspecified | Kind::Internal => return None,
    })
}

fn tags(span: &Span) -> Vec<(String, Value)> {
    let texts = span.attributes.iter().filter_map(|one| match &one.value {
        otlp::Value::String(text) => Some((one.key.to_string(), Value::from(text.as_ref()))),
        otlp::Value::Int(number) => Some((one.key.to_string(), Value::from(number.to_string()))),
        otlp::Value::Bool(value) => Some((one.key.to_string(), Value::from(value.to_string()))),
        _ => None,
    });
    let mut tags: Vec<_> = texts.collect();
    if let Status::Error(message) = &span.status {
        tags.push(("error".to_owned(), message.as_ref().into()));
    }
    tags
}

fn annotation(time: u64, word: &str) -> Value {
    json!({ "timestamp": time / 1_000, "value": word })
}
