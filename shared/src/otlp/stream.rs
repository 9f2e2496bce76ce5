//! OTLP as protobuf, written as things become known: a span is bytes from its start
//! on, and a queue of spans is a run of bytes whose size is known exactly.
//!
//! The fields of a message may come in any order; repeated ones keep theirs.
//!
//! **Invariant**: writes what [`super::encode_traces`] would write for the same
//! values, up to the order of fields.

use alloc::vec::Vec;

use super::Kind;
use crate::ids::{SpanId, TraceId};
use crate::time::UnixNanos;
use crate::wire::{WireType, Writer};

/// How many bytes a span of a request takes, about.
const USUAL: usize = 384;

/// A span that is being written. What is in it is encoded already.
///
/// ```text
/// Span  1 bytes trace_id · 2 bytes span_id · 4 bytes parent_span_id · 5 string name · 6 SpanKind kind ·
///       7 fixed64 start_time_unix_nano · 8 fixed64 end_time_unix_nano · 9 repeated KeyValue attributes ·
///       11 repeated Event events · 13 repeated Link links · 15 Status status
/// ```
#[derive(Debug, Clone)]
pub struct SpanEncoder {
    out: Writer,
    /// The field that attributes are in.
    attributes: u32,
}

impl SpanEncoder {
    /// A span that starts. `parent` is zero for a root span.
    pub fn new(
        trace_id: TraceId,
        span_id: SpanId,
        parent: SpanId,
        name: &str,
        kind: Kind,
        start: UnixNanos,
    ) -> Self {
        // What most spans take, at once: to grow there is to copy what there is already.
        let mut out = Writer::from(Vec::with_capacity(USUAL));
        ids(&mut out, trace_id, span_id);
        if parent.is_valid() {
            id(&mut out, 4, &[parent.0]);
        }
        out.string(5, name);
        out.uint64(6, kind as u64);
        out.fixed64(7, start.0);
        Self { out, attributes: 9 }
    }

    /// A log record in place of a span: an event with a name, in the trace of the span that
    /// it happened in. It is complete with [`Self::finish_log`].
    ///
    /// ```text
    /// LogRecord  1 fixed64 time_unix_nano · 2 SeverityNumber severity_number · 6 repeated KeyValue attributes ·
    ///            8 fixed32 flags · 9 bytes trace_id · 10 bytes span_id · 12 string event_name
    /// ```
    pub fn log(
        trace_id: TraceId,
        span_id: SpanId,
        flags: u8,
        name: &str,
        severity: u8,
        time: UnixNanos,
    ) -> Self {
        let mut out = Writer::new();
        out.fixed64(1, time.0);
        out.uint64(2, u64::from(severity));
        out.fixed32(8, u32::from(flags));
        id(&mut out, 9, &[trace_id.high(), trace_id.low()]);
        id(&mut out, 10, &[span_id.0]);
        out.string(12, name);
        Self { out, attributes: 6 }
    }

    /// How many bytes it has so far. It is never empty.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.out.as_bytes().len()
    }

    /// The encoded log record.
    pub fn finish_log(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// Adds a text attribute.
    pub fn string(&mut self, key: &str, value: &str) {
        string_attribute(&mut self.out, self.attributes, key, value);
    }

    /// Adds an attribute that is a whole number.
    pub fn int(&mut self, key: &str, value: i64) {
        self.scalar(key, 3, value as u64);
    }

    /// Adds an attribute that is a float, by its bits.
    pub fn double_bits(&mut self, key: &str, bits: u64) {
        let attribute = self.out.open(self.attributes);
        self.out.string(1, key);
        let any = self.out.open(2);
        self.out.fixed64_present(4, bits);
        self.out.close(any);
        self.out.close(attribute);
    }

    /// Adds an attribute that is true or false.
    pub fn bool(&mut self, key: &str, value: bool) {
        self.scalar(key, 2, u64::from(value));
    }

    /// `AnyValue  2 bool bool_value · 3 int64 int_value`
    fn scalar(&mut self, key: &str, value_field: u32, value: u64) {
        let attribute = self.out.open(self.attributes);
        self.out.string(1, key);
        let any = self.out.open(2);
        self.out.uint64_present(value_field, value);
        self.out.close(any);
        self.out.close(attribute);
    }

    /// Adds an event: `Event  1 fixed64 time_unix_nano · 2 string name`
    pub fn event(&mut self, time: UnixNanos, name: &str) {
        let event = self.out.open(11);
        self.out.fixed64(1, time.0);
        self.out.string(2, name);
        self.out.close(event);
    }

    /// Adds a link to another span: `Link  1 bytes trace_id · 2 bytes span_id`
    pub fn link(&mut self, trace_id: TraceId, span_id: SpanId) {
        let link = self.out.open(13);
        ids(&mut self.out, trace_id, span_id);
        self.out.close(link);
    }

    /// Marks the span as failed: `Status  3 StatusCode code`
    pub fn fail(&mut self) {
        let status = self.out.open(15);
        self.out.uint64(3, 2);
        self.out.close(status);
    }

    /// The encoded span, complete with its end.
    pub fn finish(mut self, end: UnixNanos) -> Vec<u8> {
        self.out.fixed64(8, end.0);
        self.out.into_bytes()
    }
}

/// What stands around the spans of a request: one resource and one scope.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// An encoded `Resource`.
    resource: Writer,
    /// An encoded `InstrumentationScope`.
    scope: Writer,
}

impl Frame {
    /// A frame that says nothing yet.
    pub const fn new() -> Self {
        Self {
            resource: Writer::new(),
            scope: Writer::new(),
        }
    }

    /// Says what has made the spans. To be said once.
    pub fn scope(&mut self, name: &str, version: &str) {
        self.scope.string(1, name);
        self.scope.string(2, version);
    }

    /// Adds a text attribute to the resource. Keys must differ.
    pub fn describe(&mut self, key: &str, value: &str) {
        string_attribute(&mut self.resource, 1, key, value);
    }

    /// Appends an encoded span to a run of spans for [`Self::wrap`].
    pub fn append(spans: &mut Vec<u8>, span: &[u8]) {
        let mut out = Writer::from(core::mem::take(spans));
        out.bytes_present(2, span);
        *spans = out.into_bytes();
    }

    /// The export request with these spans, a run made by [`Self::append`]. One with log
    /// records has the same shape.
    ///
    /// ```text
    /// ExportTraceServiceRequest  1 repeated ResourceSpans resource_spans
    /// ResourceSpans              1 Resource resource · 2 repeated ScopeSpans scope_spans
    /// ScopeSpans                 1 InstrumentationScope scope · 2 repeated Span spans
    /// ```
    pub fn wrap(&self, spans: &[u8]) -> Vec<u8> {
        let mut out = Writer::new();
        let resource_spans = out.open(1);
        out.bytes_present(1, self.resource.as_bytes());
        let scope_spans = out.open(2);
        out.bytes_present(1, self.scope.as_bytes());
        out.raw(spans);
        out.close(scope_spans);
        out.close(resource_spans);
        out.into_bytes()
    }
}

/// The fields that `Span` and `Link` have in common.
fn ids(out: &mut Writer, trace_id: TraceId, span_id: SpanId) {
    id(out, 1, &[trace_id.high(), trace_id.low()]);
    id(out, 2, &[span_id.0]);
}

/// An id in network order, byte by byte: wasm has no instruction to turn a word round,
/// and what stands in for one is large.
fn id(out: &mut Writer, field: u32, words: &[u64]) {
    out.tag(field, WireType::Bytes);
    out.varint(8 * words.len() as u64);
    for word in words {
        for shift in 1..=8 {
            out.raw(&[(word >> (64 - 8 * shift)) as u8]);
        }
    }
}

/// `KeyValue  1 string key · 2 AnyValue value` with `AnyValue  1 string string_value`
fn string_attribute(out: &mut Writer, field: u32, key: &str, value: &str) {
    let attribute = out.open(field);
    out.string(1, key);
    let any = out.open(2);
    out.bytes_present(1, value.as_bytes());
    out.close(any);
    out.close(attribute);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otlp::{
        Attribute, Event, Link, Resource, ResourceSpans, Scope, ScopeSpans, Span, Status,
        encode_traces,
    };
    use crate::wire::Reader;

    /// The fields of a message as `number=value`, sorted so that their order does not
    /// matter; a field that holds a message of `messages` is opened.
    fn fields(bytes: &[u8], messages: &[u32]) -> Vec<String> {
        let mut reader = Reader::new(bytes);
        let mut lines = Vec::new();
        while let Some(field) = reader.next_field().unwrap() {
            match field.bytes() {
                Ok(bytes) if messages.contains(&field.number) => {
                    let inner = fields(bytes, messages);
                    lines.push(format!("{}={inner:?}", field.number));
                }
                _ => lines.push(format!("{}={:?}", field.number, field.payload)),
            }
        }
        lines.sort();
        lines
    }

    fn only_field(bytes: &[u8], number: u32) -> &[u8] {
        let mut reader = Reader::new(bytes);
        loop {
            let field = reader.next_field().unwrap().unwrap();
            if field.number == number {
                return field.bytes().unwrap();
            }
        }
    }

    #[test]
    fn both_ways_write_the_same() {
        let (trace_id, span_id, parent) = (TraceId(0x1234 << 64), SpanId(5), SpanId(6));
        let long = "x".repeat(300);
        let mut encoder = SpanEncoder::new(
            trace_id,
            span_id,
            parent,
            "GET /",
            Kind::Client,
            UnixNanos(7),
        );
        encoder.string("url.full", &long);
        encoder.string("empty", "");
        encoder.int("n", -1);
        encoder.int("zero", 0);
        encoder.bool("flag", false);
        encoder.event(UnixNanos(8), "paint");
        encoder.link(TraceId(1), SpanId(2));
        encoder.fail();
        let mut spans = Vec::new();
        Frame::append(&mut spans, &encoder.finish(UnixNanos(9)));
        let mut frame = Frame::new();
        frame.scope("scope", "1");
        frame.describe("service.name", "web");
        let streamed = frame.wrap(&spans);

        let span = Span {
            trace_id,
            span_id,
            parent_span_id: parent,
            name: "GET /".into(),
            kind: Kind::Client,
            start: UnixNanos(7),
            end: UnixNanos(9),
            attributes: vec![
                Attribute::new("url.full", long),
                Attribute::new("empty", ""),
                Attribute::new("n", -1),
                Attribute::new("zero", 0),
                Attribute::new("flag", false),
            ],
            events: vec![Event {
                time: UnixNanos(8),
                name: "paint".into(),
                ..Event::default()
            }],
            links: vec![Link {
                trace_id: TraceId(1),
                span_id: SpanId(2),
                ..Link::default()
            }],
            status: Status::Error("".into()),
            ..Span::default()
        };
        let whole = encode_traces(&[ResourceSpans {
            resource: Resource {
                attributes: vec![Attribute::new("service.name", "web")],
                ..Resource::default()
            },
            scopes: vec![ScopeSpans {
                scope: Scope {
                    name: "scope".into(),
                    version: "1".into(),
                    ..Scope::default()
                },
                spans: vec![span],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }]);

        let (streamed, whole) = (only_field(&streamed, 1), only_field(&whole, 1));
        assert_eq!(only_field(streamed, 1), only_field(whole, 1), "resource");
        let (streamed, whole) = (only_field(streamed, 2), only_field(whole, 2));
        assert_eq!(only_field(streamed, 1), only_field(whole, 1), "scope");
        let (streamed, whole) = (only_field(streamed, 2), only_field(whole, 2));
        let messages = [11, 13, 15];
        assert_eq!(fields(streamed, &messages), fields(whole, &messages));
        assert_eq!(streamed.len(), whole.len());
    }
}
