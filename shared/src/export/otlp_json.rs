//! Traces as OTLP JSON, spans grouped by resource and scope.
//!
//! **Invariant:** nothing is lost that the store holds; ids in hex, kinds and status codes as numbers, times as decimal
//! strings of nanoseconds; a field at its default value is left out.

mod logs;

use serde::Serialize;

use logs::resource_logs;

use super::{List, Text, unless_empty, values::Attributes};
use crate::store::{EventRef, LinkRef, SpanRef, StatusCode, TraceStore, ValueList};

/// The given traces (rows of `store`) as a value that serialises as `{"resourceSpans":[…]}`. Several traces share one
/// list, as in any OTLP request.
pub fn otlp_resource_spans<'a>(store: &'a TraceStore, traces: &[u32]) -> impl Serialize + use<'a> {
    let mut rows: Vec<u32> = traces
        .iter()
        .flat_map(|&trace| store.trace(trace).spans())
        .collect();
    let origin = |row: u32| {
        let span = store.span(row);
        (span.resource().idx(), span.scope().idx())
    };
    rows.sort_by_key(|&row| origin(row));
    let resource_logs = resource_logs(store, &rows);
    Request {
        resource_spans: Groups {
            store,
            rows,
            same: |span| span.resource().idx(),
            each: resource_spans,
        },
        resource_logs,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<T, L> {
    resource_spans: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_logs: Option<L>,
}

/// Runs of rows with the same key, each written by `each`.
struct Groups<'a, E> {
    store: &'a TraceStore,
    rows: Vec<u32>,
    same: fn(SpanRef<'a>) -> u32,
    each: fn(&'a TraceStore, Vec<u32>) -> E,
}

impl<E: Serialize> Serialize for Groups<'_, E> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let key = |row: &u32| (self.same)(self.store.span(*row));
        let runs = || {
            self.rows
                .chunk_by(|a, b| key(a) == key(b))
                .map(|run| (self.each)(self.store, run.to_vec()))
        };
        List(runs).serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a, T> {
    resource: Resource<'a>,
    scope_spans: T,
    #[serde(skip_serializing_if = "str::is_empty")]
    schema_url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource<'a> {
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes_count: u32,
}

fn resource_spans(store: &TraceStore, rows: Vec<u32>) -> impl Serialize {
    let resource = store
        .span(rows.first().copied().unwrap_or_default())
        .resource();
    ResourceSpans {
        resource: Resource {
            attributes: Attributes(resource.attributes()),
            dropped_attributes_count: resource.dropped(),
        },
        scope_spans: Groups {
            store,
            rows,
            same: |span| span.scope().idx(),
            each: scope_spans,
        },
        schema_url: resource.schema_url(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeSpans<'a, T> {
    scope: Scope<'a>,
    spans: T,
    #[serde(skip_serializing_if = "str::is_empty")]
    schema_url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Scope<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes_count: u32,
}

fn scope_spans(store: &TraceStore, rows: Vec<u32>) -> impl Serialize {
    let scope = store
        .span(rows.first().copied().unwrap_or_default())
        .scope();
    ScopeSpans {
        scope: Scope {
            name: scope.name(),
            version: scope.version(),
            attributes: attributes(scope.attributes()),
            dropped_attributes_count: scope.dropped(),
        },
        spans: List(move || rows.clone().into_iter().map(|row| span(store.span(row)))),
        schema_url: scope.schema_url(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a, E, L> {
    trace_id: Text<crate::ids::TraceId>,
    span_id: Text<crate::ids::SpanId>,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace_state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<Text<crate::ids::SpanId>>,
    #[serde(skip_serializing_if = "is_zero")]
    flags: u32,
    name: &'a str,
    kind: u8,
    start_time_unix_nano: Text<u64>,
    end_time_unix_nano: Text<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<E>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_events_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<L>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_links_count: u32,
    status: Status<'a>,
}

#[derive(Serialize)]
struct Status<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "is_unset")]
    code: u8,
}

fn span(span: SpanRef<'_>) -> impl Serialize {
    let events = move || span.events().filter(|event| event.log().is_none());
    let [
        dropped_attributes_count,
        dropped_events_count,
        dropped_links_count,
    ] = span.dropped();
    Span {
        trace_id: Text(span.trace().id()),
        span_id: Text(span.id()),
        trace_state: span.trace_state(),
        parent_span_id: span
            .parent_id()
            .is_valid()
            .then_some(Text(span.parent_id())),
        flags: span.flags(),
        name: span.name(),
        kind: span.kind() as u8,
        start_time_unix_nano: Text(span.start().0),
        end_time_unix_nano: Text(span.end().0),
        attributes: attributes(span.attributes()),
        dropped_attributes_count,
        events: unless_empty(events().count(), move || events().map(event)),
        dropped_events_count,
        links: unless_empty(span.links().len(), move || span.links().map(link)),
        dropped_links_count,
        status: Status {
            message: span.status_message(),
            code: span.status() as u8,
        },
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    time_unix_nano: Text<u64>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes_count: u32,
}

fn event(event: EventRef<'_>) -> impl Serialize {
    Event {
        time_unix_nano: Text(event.time().0),
        name: event.name(),
        attributes: attributes(event.attributes()),
        dropped_attributes_count: event.dropped(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link<'a> {
    trace_id: Text<crate::ids::TraceId>,
    span_id: Text<crate::ids::SpanId>,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace_state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes_count: u32,
    #[serde(skip_serializing_if = "is_zero")]
    flags: u32,
}

fn link(link: LinkRef<'_>) -> impl Serialize {
    Link {
        trace_id: Text(link.trace_id()),
        span_id: Text(link.span_id()),
        trace_state: link.trace_state(),
        attributes: attributes(link.attributes()),
        dropped_attributes_count: link.dropped(),
        flags: link.flags(),
    }
}

fn attributes(list: ValueList<'_>) -> Option<Attributes<'_>> {
    (!list.is_empty()).then_some(Attributes(list))
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn is_unset(code: &u8) -> bool {
    *code == StatusCode::Unset as u8
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::otlp_resource_spans;
    use crate::store::{TraceStore, sample};

    fn check(store: &TraceStore, traces: &[u32], pointer: &str, expected: impl Into<Value>) {
        let written = serde_json::to_value(otlp_resource_spans(store, traces)).unwrap();
        assert_eq!(
            written.pointer(pointer),
            Some(&expected.into()),
            "{pointer} of {written:#}"
        );
    }

    #[test]
    fn spans_stand_under_their_resource_and_scope() {
        let store =
            sample::draw("1 - 10 20 gateway a\n 2 1 12 18 cart b!\n 3 1 18 19 gateway client.c");
        let name =
            |service: &str| json!([{ "key": "service.name", "value": { "stringValue": service } }]);
        check(
            &store,
            &[0],
            "/resourceSpans/0/resource/attributes",
            name("gateway"),
        );
        check(
            &store,
            &[0],
            "/resourceSpans/1/resource/attributes",
            name("cart"),
        );
        check(
            &store,
            &[0],
            "/resourceSpans/0/scopeSpans/0/scope",
            json!({}),
        );
        let trace = "00000000000000000000000000000001";
        check(
            &store,
            &[0],
            "/resourceSpans/0/scopeSpans/0/spans",
            json!([
                {
                    "traceId": trace, "spanId": "0000000000000001", "name": "a", "kind": 1,
                    "startTimeUnixNano": "10", "endTimeUnixNano": "20", "status": {},
                },
                {
                    "traceId": trace, "spanId": "0000000000000003", "parentSpanId": "0000000000000001",
                    "name": "client.c", "kind": 3, "startTimeUnixNano": "18", "endTimeUnixNano": "19", "status": {},
                },
            ]),
        );
        check(
            &store,
            &[0],
            "/resourceSpans/1/scopeSpans/0/spans/0/status",
            json!({ "code": 2 }),
        );
        check(&store, &[], "/resourceSpans", json!([]));
    }

    #[test]
    fn every_kind_of_value_is_written_with_its_type() {
        let span = "/resourceSpans/0/scopeSpans/0/spans/2";
        let at = |part: &str| format!("{span}{part}");
        let store = sample::store();
        let attribute = |key: &str, value: Value| json!({ "key": key, "value": value });
        let nested =
            json!({ "kvlistValue": { "values": [attribute("a", json!({ "intValue": "5" }))] } });
        let attributes = json!([
            attribute("a", json!({ "stringValue": "shop" })),
            attribute("b", json!({ "boolValue": true })),
            attribute("c", json!({ "intValue": "-9223372036854775808" })),
            attribute("d", json!({ "doubleValue": 0.5 })),
            attribute("e", json!({ "bytesValue": "shop" })),
            attribute("f", json!({})),
            attribute("g", json!({ "arrayValue": { "values": [nested] } })),
        ]);
        check(&store, &[0, 1], &at("/attributes"), attributes.clone());
        check(&store, &[0, 1], &at("/droppedAttributesCount"), json!(1));
        check(&store, &[0, 1], &at("/droppedLinksCount"), json!(1));
        check(&store, &[0, 1], &at("/events/0/timeUnixNano"), json!("15"));
        check(
            &store,
            &[0, 1],
            &at("/events/0/attributes"),
            attributes.clone(),
        );
        check(
            &store,
            &[0, 1],
            &at("/events/0/droppedAttributesCount"),
            json!(1),
        );
        check(
            &store,
            &[0, 1],
            &at("/links/0/spanId"),
            json!("0000000000000009"),
        );
        check(&store, &[0, 1], &at("/links/0/attributes"), attributes);
    }

    #[test]
    fn only_the_asked_traces_are_written() {
        let store = sample::store();
        let spans = |traces: &[u32]| {
            let text = serde_json::to_string(&otlp_resource_spans(&store, traces)).unwrap();
            text.matches(r#""kind":"#).count()
        };
        assert_eq!(
            [spans(&[]), spans(&[0]), spans(&[1]), spans(&[0, 1])],
            [0, 3, 2, 5]
        );
    }

    #[test]
    fn doubles_without_a_json_number_are_strings() {
        let check = |value: f64, expected: &str| {
            assert_eq!(
                serde_json::to_string(&super::super::values::Double(value)).unwrap(),
                expected
            );
        };
        check(f64::NAN, r#""NaN""#);
        check(f64::INFINITY, r#""Infinity""#);
        check(f64::NEG_INFINITY, r#""-Infinity""#);
        check(-0.25, "-0.25");
    }
}
