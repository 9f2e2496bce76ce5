//! Traces as Jaeger's JSON, the shape of its `/api/traces`.
//!
//! Jaeger has microseconds and flat tags: nanoseconds are cut off, arrays and maps become one JSON text, and an integer
//! that JavaScript would round is a string.
//!
//! **Invariant:** what Jaeger has a place for goes there (span kind, status, scope, links as references); nothing is
//! invented.

use std::collections::BTreeMap;

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};

use super::{List, Text, values};
use crate::{
    ids::{SpanId, TraceId},
    store::{
        EventRef, ResourceRef, SpanKind, SpanRef, StatusCode, TraceRef, TraceStore, ValueList,
        ValueRef,
    },
    time::UnixNanos,
};

/// The largest integer up to which JavaScript knows every one.
const EXACT_IN_JAVASCRIPT: u64 = 1 << 53;

/// The given traces (rows of `store`) as a value that serialises as a list of Jaeger's traces.
pub fn jaeger_traces<'a>(store: &'a TraceStore, traces: &'a [u32]) -> impl Serialize + use<'a> {
    List(move || {
        traces
            .iter()
            .map(move |&row| trace(store, store.trace(row)))
    })
}

#[derive(Serialize)]
struct Trace<S, P> {
    #[serde(rename = "traceID")]
    trace_id: Text<TraceId>,
    spans: S,
    processes: P,
    warnings: (),
}

fn trace<'a>(store: &'a TraceStore, trace: TraceRef<'a>) -> impl Serialize + use<'a> {
    let spans = move || trace.spans().map(move |row| store.span(row));
    Trace {
        trace_id: Text(trace.id()),
        spans: List(move || spans().map(span)),
        processes: Processes(
            spans()
                .map(|span| (span.resource().idx(), span.resource()))
                .collect(),
        ),
        warnings: (),
    }
}

struct Processes<'a>(BTreeMap<u32, ResourceRef<'a>>);

impl Serialize for Processes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for resource in self.0.values() {
            map.serialize_entry(&process_id(*resource), &process(*resource))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Process<'a, T> {
    service_name: &'a str,
    tags: T,
}

fn process_id(resource: ResourceRef<'_>) -> Text<String> {
    Text(format!("p{}", resource.idx() + 1))
}

fn process(resource: ResourceRef<'_>) -> impl Serialize {
    let others = move || tags(resource.attributes()).filter(|tag| tag.key != "service.name");
    Process {
        service_name: resource.service_name(),
        tags: List(others),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a, R, T, L> {
    #[serde(rename = "traceID")]
    trace_id: Text<TraceId>,
    #[serde(rename = "spanID")]
    span_id: Text<SpanId>,
    flags: u32,
    operation_name: &'a str,
    references: R,
    start_time: u64,
    duration: u64,
    tags: T,
    logs: L,
    #[serde(rename = "processID")]
    process_id: Text<String>,
    warnings: (),
}

fn span(span: SpanRef<'_>) -> impl Serialize {
    let trace_id = span.trace().id();
    let parent = span.parent_id();
    let parent = parent.is_valid().then_some((trace_id, parent));
    let references = move || {
        let child_of = parent.into_iter().map(|to| reference("CHILD_OF", to));
        let others = span.links().map(|link| (link.trace_id(), link.span_id()));
        // The link of a consumer to its own parent is said already.
        child_of.chain(
            others
                .filter(move |to| Some(*to) != parent)
                .map(|to| reference("FOLLOWS_FROM", to)),
        )
    };
    Span {
        trace_id: Text(trace_id),
        span_id: Text(span.id()),
        flags: span.flags() & 0xff,
        operation_name: span.name(),
        references: List(references),
        start_time: micros(span.start()),
        duration: span.duration().0 / 1_000,
        tags: List(move || tags(span.attributes()).chain(own_tags(span))),
        logs: List(move || span.events().map(log)),
        process_id: process_id(span.resource()),
        warnings: (),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    ref_type: &'static str,
    #[serde(rename = "traceID")]
    trace_id: Text<TraceId>,
    #[serde(rename = "spanID")]
    span_id: Text<SpanId>,
}

fn reference(ref_type: &'static str, (trace_id, span_id): (TraceId, SpanId)) -> Reference {
    Reference {
        ref_type,
        trace_id: Text(trace_id),
        span_id: Text(span_id),
    }
}

#[derive(Serialize)]
struct Log<F> {
    timestamp: u64,
    fields: F,
}

fn log(event: EventRef<'_>) -> impl Serialize {
    let name = Tag {
        key: "event",
        value: ValueRef::Str(event.title()),
    };
    Log {
        timestamp: micros(event.time()),
        fields: List(move || core::iter::once(name).chain(tags(event.attributes()))),
    }
}

/// One tag: a key, a type and a value of that type.
#[derive(Clone, Copy)]
struct Tag<'a> {
    key: &'a str,
    value: ValueRef<'a>,
}

impl Serialize for Tag<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("key", self.key)?;
        let mut typed = |kind: &str| map.serialize_entry("type", kind);
        match self.value {
            ValueRef::Empty => {
                typed("string")?;
                map.serialize_entry("value", "")?;
            }
            ValueRef::Str(text) => {
                typed("string")?;
                map.serialize_entry("value", text)?;
            }
            ValueRef::Bool(value) => {
                typed("bool")?;
                map.serialize_entry("value", &value)?;
            }
            ValueRef::Int(value) => {
                typed("int64")?;
                if value.unsigned_abs() <= EXACT_IN_JAVASCRIPT {
                    map.serialize_entry("value", &value)?;
                } else {
                    map.serialize_entry("value", &Text(value))?;
                }
            }
            ValueRef::Double(value) => {
                typed("float64")?;
                map.serialize_entry("value", &values::Double(value))?;
            }
            ValueRef::Bytes(base64) => {
                typed("binary")?;
                map.serialize_entry("value", base64)?;
            }
            ValueRef::Array(_) | ValueRef::Map(_) => {
                typed("string")?;
                let text = serde_json::to_string(&Plain(self.value)).map_err(S::Error::custom)?;
                map.serialize_entry("value", &text)?;
            }
        }
        map.end()
    }
}

fn tags(list: ValueList<'_>) -> impl Iterator<Item = Tag<'_>> {
    list.iter().map(|(key, value)| Tag { key, value })
}

/// What OTLP has fields for and Jaeger has well-known tags for.
fn own_tags(span: SpanRef<'_>) -> impl Iterator<Item = Tag<'_>> {
    let kind = match span.kind() {
        SpanKind::Unspecified => "",
        kind => kind.name(),
    };
    let status = match span.status() {
        StatusCode::Unset => "",
        StatusCode::Ok => "OK",
        StatusCode::Error => "ERROR",
    };
    let texts = [
        ("span.kind", kind),
        ("otel.scope.name", span.scope().name()),
        ("otel.scope.version", span.scope().version()),
        ("otel.status_code", status),
        ("otel.status_description", span.status_message()),
        ("w3c.tracestate", span.trace_state()),
    ];
    let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
    let error = (span.status() == StatusCode::Error).then_some(Tag {
        key: "error",
        value: ValueRef::Bool(true),
    });
    texts
        .map(|(key, text)| Tag {
            key,
            value: ValueRef::Str(text),
        })
        .chain(error)
}

/// A value as JSON that a person would write.
struct Plain<'a>(ValueRef<'a>);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ValueRef::Empty => serializer.serialize_unit(),
            ValueRef::Str(text) | ValueRef::Bytes(text) => serializer.serialize_str(text),
            ValueRef::Bool(value) => serializer.serialize_bool(value),
            ValueRef::Int(value) => serializer.serialize_i64(value),
            ValueRef::Double(value) => values::Double(value).serialize(serializer),
            ValueRef::Array(list) => {
                List(|| list.iter().map(|(_, value)| Plain(value))).serialize(serializer)
            }
            ValueRef::Map(list) => {
                serializer.collect_map(list.iter().map(|(key, value)| (key, Plain(value))))
            }
        }
    }
}

fn micros(time: UnixNanos) -> u64 {
    time.0 / 1_000
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::jaeger_traces;
    use crate::store::{TraceStore, sample};

    fn check(store: &TraceStore, pointer: &str, expected: impl Into<Value>) {
        let written = serde_json::to_value(jaeger_traces(store, &[0])).unwrap();
        assert_eq!(
            written.pointer(pointer),
            Some(&expected.into()),
            "{pointer} of {written:#}"
        );
    }

    #[test]
    fn a_trace_has_spans_and_processes() {
        let store =
            sample::draw("1 - 10000 25999 gateway server.a\n 2 1 12000 18000 cart client.b!");
        let trace = "00000000000000000000000000000001";
        check(&store, "/0/traceID", json!(trace));
        check(
            &store,
            "/0/processes",
            json!({ "p1": { "serviceName": "gateway", "tags": [] }, "p2": { "serviceName": "cart", "tags": [] } }),
        );
        check(
            &store,
            "/0/spans/0",
            json!({
                "traceID": trace, "spanID": "0000000000000001", "flags": 0, "operationName": "server.a",
                "references": [], "startTime": 10, "duration": 15, "logs": [], "processID": "p1", "warnings": null,
                "tags": [{ "key": "span.kind", "type": "string", "value": "server" }],
            }),
        );
        check(
            &store,
            "/0/spans/1/references",
            json!([{ "refType": "CHILD_OF", "traceID": trace, "spanID": "0000000000000001" }]),
        );
        check(
            &store,
            "/0/spans/1/tags",
            json!([
                { "key": "span.kind", "type": "string", "value": "client" },
                { "key": "otel.status_code", "type": "string", "value": "ERROR" },
                { "key": "error", "type": "bool", "value": true },
            ]),
        );
    }

    #[test]
    fn values_keep_their_type_as_far_as_jaeger_has_it() {
        let store = sample::store();
        let tags = json!([
            { "key": "a", "type": "string", "value": "shop" },
            { "key": "b", "type": "bool", "value": true },
            { "key": "c", "type": "int64", "value": "-9223372036854775808" },
            { "key": "d", "type": "float64", "value": 0.5 },
            { "key": "e", "type": "binary", "value": "shop" },
            { "key": "f", "type": "string", "value": "" },
            { "key": "g", "type": "string", "value": "[{\"a\":5}]" },
        ]);
        for (at, tag) in tags.as_array().unwrap().iter().enumerate() {
            check(&store, &format!("/0/spans/0/tags/{at}"), tag.clone());
            check(
                &store,
                &format!("/0/spans/0/logs/0/fields/{}", at + 1),
                tag.clone(),
            );
        }
        check(&store, "/0/spans/0/logs/0/timestamp", json!(0));
        check(
            &store,
            "/0/spans/0/references/0/refType",
            json!("FOLLOWS_FROM"),
        );
        check(
            &store,
            "/0/spans/1/references/1/spanID",
            json!("0000000000000009"),
        );
    }
}
