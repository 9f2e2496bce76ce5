//! OTLP as protobuf. Above each encoder stand the fields of its message in
//! opentelemetry-proto v1.
//!
//! **Invariant**: fields are written in ascending order of their numbers, and a field
//! at its default value is left out.

use alloc::vec::Vec;

use super::{Attribute, Event, Link, Resource, ResourceSpans, Scope, Span, Status, Value};
use crate::wire::Writer;

/// An `ExportTraceServiceRequest`, the body of a POST to `/v1/traces`.
///
/// ```text
/// ExportTraceServiceRequest  1 repeated ResourceSpans resource_spans
/// ResourceSpans              1 Resource resource · 2 repeated ScopeSpans scope_spans · 3 string schema_url
/// ScopeSpans                 1 InstrumentationScope scope · 2 repeated Span spans · 3 string schema_url
/// ```
pub fn encode_traces(request: &[ResourceSpans]) -> Vec<u8> {
    let mut out = Writer::new();
    for resource_spans in request {
        out.message(1, |out| {
            out.message(1, |out| resource(out, &resource_spans.resource));
            for scope_spans in &resource_spans.scopes {
                out.message(2, |out| {
                    out.message(1, |out| scope(out, &scope_spans.scope));
                    for each in &scope_spans.spans {
                        out.message(2, |out| span(out, each));
                    }
                    out.string(3, &scope_spans.schema_url);
                });
            }
            out.string(3, &resource_spans.schema_url);
        });
    }
    out.into_bytes()
}

/// ```text
/// Resource  1 repeated KeyValue attributes · 2 uint32 dropped_attributes_count
/// ```
fn resource(out: &mut Writer, value: &Resource) {
    attributes(out, 1, &value.attributes);
    out.uint64(2, u64::from(value.dropped_attributes));
}

/// ```text
/// InstrumentationScope  1 string name · 2 string version · 3 repeated KeyValue attributes ·
///                       4 uint32 dropped_attributes_count
/// ```
fn scope(out: &mut Writer, value: &Scope) {
    out.string(1, &value.name);
    out.string(2, &value.version);
    attributes(out, 3, &value.attributes);
    out.uint64(4, u64::from(value.dropped_attributes));
}

/// ```text
/// Span  1 bytes trace_id (16) · 2 bytes span_id (8) · 3 string trace_state · 4 bytes parent_span_id (8 or 0) ·
///       5 string name · 6 SpanKind kind · 7 fixed64 start_time_unix_nano · 8 fixed64 end_time_unix_nano ·
///       9 repeated KeyValue attributes · 10 uint32 dropped_attributes_count ·
///       11 repeated Event events · 12 uint32 dropped_events_count ·
///       13 repeated Link links · 14 uint32 dropped_links_count · 15 Status status · 16 fixed32 flags
/// ```
fn span(out: &mut Writer, value: &Span) {
    out.bytes_present(1, &value.trace_id.to_bytes());
    out.bytes_present(2, &value.span_id.to_bytes());
    out.string(3, &value.trace_state);
    if value.parent_span_id.is_valid() {
        out.bytes_present(4, &value.parent_span_id.to_bytes());
    }
    out.string(5, &value.name);
    out.uint64(6, value.kind as u64);
    out.fixed64(7, value.start.0);
    out.fixed64(8, value.end.0);
    attributes(out, 9, &value.attributes);
    out.uint64(10, u64::from(value.dropped_attributes));
    for each in &value.events {
        out.message(11, |out| event(out, each));
    }
    out.uint64(12, u64::from(value.dropped_events));
    for each in &value.links {
        out.message(13, |out| link(out, each));
    }
    out.uint64(14, u64::from(value.dropped_links));
    if value.status != Status::Unset {
        out.message(15, |out| status(out, &value.status));
    }
    out.fixed32(16, value.flags);
}

/// ```text
/// Event  1 fixed64 time_unix_nano · 2 string name · 3 repeated KeyValue attributes ·
///        4 uint32 dropped_attributes_count
/// ```
fn event(out: &mut Writer, value: &Event) {
    out.fixed64(1, value.time.0);
    out.string(2, &value.name);
    attributes(out, 3, &value.attributes);
    out.uint64(4, u64::from(value.dropped_attributes));
}

/// ```text
/// Link  1 bytes trace_id (16) · 2 bytes span_id (8) · 3 string trace_state · 4 repeated KeyValue attributes ·
///       5 uint32 dropped_attributes_count · 6 fixed32 flags
/// ```
fn link(out: &mut Writer, value: &Link) {
    out.bytes_present(1, &value.trace_id.to_bytes());
    out.bytes_present(2, &value.span_id.to_bytes());
    out.string(3, &value.trace_state);
    attributes(out, 4, &value.attributes);
    out.uint64(5, u64::from(value.dropped_attributes));
    out.fixed32(6, value.flags);
}

/// ```text
/// Status  2 string message · 3 StatusCode code (1 is reserved)
/// ```
fn status(out: &mut Writer, value: &Status) {
    out.string(2, value.message());
    out.uint64(3, u64::from(value.code()));
}

/// ```text
/// KeyValue  1 string key · 2 AnyValue value
/// ```
fn attributes(out: &mut Writer, field: u32, attributes: &[Attribute]) {
    for attribute in attributes {
        out.message(field, |out| {
            out.string(1, &attribute.key);
            out.message(2, |out| value(out, &attribute.value));
        });
    }
}

/// ```text
/// AnyValue      oneof: 1 string string_value · 2 bool bool_value · 3 int64 int_value · 4 double double_value ·
///               5 ArrayValue array_value · 6 KeyValueList kvlist_value · 7 bytes bytes_value
/// ArrayValue    1 repeated AnyValue values
/// KeyValueList  1 repeated KeyValue values
/// ```
fn value(out: &mut Writer, any: &Value) {
    match any {
        Value::Empty => {}
        Value::String(text) => out.bytes_present(1, text.as_bytes()),
        Value::Bool(value) => out.uint64_present(2, u64::from(*value)),
        Value::Int(value) => out.uint64_present(3, *value as u64),
        Value::Double(value) => out.fixed64_present(4, value.to_bits()),
        Value::Array(values) => out.message(5, |out| {
            for each in values {
                out.message(1, |out| value(out, each));
            }
        }),
        Value::Map(entries) => out.message(6, |out| attributes(out, 1, entries)),
        Value::Bytes(bytes) => out.bytes_present(7, bytes),
    }
}
