//! OTLP as JSON, with the protocol's own departures from protobuf's JSON mapping:
//! ids in hex, enums as numbers, 64-bit integers as decimal strings, and
//! not-a-number and the infinities as the strings that protobuf gives them.
//!
//! **Invariant**: the same values as the protobuf encoding, in the same order; a
//! field at its default value is left out.

use alloc::string::String;
use core::fmt::Write;

use super::{Attribute, Event, Link, Resource, ResourceSpans, Scope, Span, Status, Value};

/// An `ExportTraceServiceRequest` as one JSON object on one line.
pub fn encode_traces_json(request: &[ResourceSpans]) -> String {
    let mut json = Json::default();
    json.object(|json| {
        json.key("resourceSpans");
        json.list(request, resource_spans);
    });
    json.text
}

/// JSON as it is being written. Commas follow from what the last byte was.
#[derive(Default)]
struct Json {
    text: String,
}

impl Json {
    fn separate(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }

    fn key(&mut self, key: &str) {
        self.string(key);
        self.text.push(':');
    }

    fn object(&mut self, body: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('{');
        body(self);
        self.text.push('}');
    }

    fn list<T>(&mut self, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.separate();
        self.text.push('[');
        for item in items {
            each(self, item);
        }
        self.text.push(']');
    }

    /// What `Display` prints, unquoted.
    fn raw(&mut self, value: impl core::fmt::Display) {
        self.separate();
        // Writing to a String cannot fail.
        write!(self.text, "{value}").ok();
    }

    fn quoted(&mut self, value: impl core::fmt::Display) {
        self.raw(format_args!("\"{value}\""));
    }

    fn string(&mut self, text: &str) {
        self.separate();
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                c if c < ' ' => {
                    write!(self.text, "\\u{:04x}", c as u32).ok();
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    fn string_field(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.key(key);
            self.string(text);
        }
    }

    fn number_field(&mut self, key: &str, value: u32) {
        if value != 0 {
            self.key(key);
            self.raw(value);
        }
    }

    fn nanos_field(&mut self, key: &str, value: u64) {
        if value != 0 {
            self.key(key);
            self.quoted(value);
        }
    }

    fn list_field<T>(&mut self, key: &str, items: &[T], each: impl Fn(&mut Self, &T)) {
        if !items.is_empty() {
            self.key(key);
            self.list(items, each);
        }
    }
}

fn resource_spans(json: &mut Json, value: &ResourceSpans) {
    json.object(|json| {
        json.key("resource");
        resource(json, &value.resource);
        json.key("scopeSpans");
        json.list(&value.scopes, |json, value| {
            json.object(|json| {
                json.key("scope");
                scope(json, &value.scope);
                json.key("spans");
                json.list(&value.spans, span);
                json.string_field("schemaUrl", &value.schema_url);
            });
        });
        json.string_field("schemaUrl", &value.schema_url);
    });
}

fn resource(json: &mut Json, value: &Resource) {
    json.object(|json| {
        json.list_field("attributes", &value.attributes, attribute);
        json.number_field("droppedAttributesCount", value.dropped_attributes);
    });
}

fn scope(json: &mut Json, value: &Scope) {
    json.object(|json| {
        json.string_field("name", &value.name);
        json.string_field("version", &value.version);
        json.list_field("attributes", &value.attributes, attribute);
        json.number_field("droppedAttributesCount", value.dropped_attributes);
    });
}

fn span(json: &mut Json, value: &Span) {
    json.object(|json| {
        json.key("traceId");
        json.quoted(value.trace_id);
        json.key("spanId");
        json.quoted(value.span_id);
        json.string_field("traceState", &value.trace_state);
        if value.parent_span_id.is_valid() {
            json.key("parentSpanId");
            json.quoted(value.parent_span_id);
        }
        json.string_field("name", &value.name);
        json.number_field("kind", value.kind as u32);
        json.nanos_field("startTimeUnixNano", value.start.0);
        json.nanos_field("endTimeUnixNano", value.end.0);
        json.list_field("attributes", &value.attributes, attribute);
        json.number_field("droppedAttributesCount", value.dropped_attributes);
        json.list_field("events", &value.events, event);
        json.number_field("droppedEventsCount", value.dropped_events);
        json.list_field("links", &value.links, link);
        json.number_field("droppedLinksCount", value.dropped_links);
        if value.status != Status::Unset {
            json.key("status");
            json.object(|json| {
                json.string_field("message", value.status.message());
                json.number_field("code", u32::from(value.status.code()));
            });
        }
        json.number_field("flags", value.flags);
    });
}

fn event(json: &mut Json, value: &Event) {
    json.object(|json| {
        json.nanos_field("timeUnixNano", value.time.0);
        json.string_field("name", &value.name);
        json.list_field("attributes", &value.attributes, attribute);
        json.number_field("droppedAttributesCount", value.dropped_attributes);
    });
}

fn link(json: &mut Json, value: &Link) {
    json.object(|json| {
        json.key("traceId");
        json.quoted(value.trace_id);
        json.key("spanId");
        json.quoted(value.span_id);
        json.string_field("traceState", &value.trace_state);
        json.list_field("attributes", &value.attributes, attribute);
        json.number_field("droppedAttributesCount", value.dropped_attributes);
        json.number_field("flags", value.flags);
    });
}

fn attribute(json: &mut Json, attribute: &Attribute) {
    json.object(|json| {
        json.key("key");
        json.string(&attribute.key);
        json.key("value");
        value(json, &attribute.value);
    });
}

fn value(json: &mut Json, any: &Value) {
    json.object(|json| match any {
        Value::Empty => {}
        Value::String(text) => {
            json.key("stringValue");
            json.string(text);
        }
        Value::Bool(value) => {
            json.key("boolValue");
            json.raw(value);
        }
        Value::Int(value) => {
            json.key("intValue");
            json.quoted(value);
        }
        Value::Double(value) => {
            json.key("doubleValue");
            double(json, *value);
        }
        Value::Array(values) => {
            json.key("arrayValue");
            json.object(|json| json.list_field("values", values, value));
        }
        Value::Map(entries) => {
            json.key("kvlistValue");
            json.object(|json| json.list_field("values", entries, attribute));
        }
        Value::Bytes(bytes) => {
            json.key("bytesValue");
            json.quoted(Base64(bytes));
        }
    });
}

fn double(json: &mut Json, value: f64) {
    if value.is_finite() {
        // Debug keeps the fraction of whole numbers and turns to exponents for large
        // ones, which keeps 1e300 from becoming three hundred digits.
        json.raw(format_args!("{value:?}"));
    } else if value.is_nan() {
        json.string("NaN");
    } else {
        json.string(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
}

/// Bytes that print as standard base64 with padding.
struct Base64<'a>(&'a [u8]);

impl core::fmt::Display for Base64<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for chunk in self.0.chunks(3) {
            let bits = chunk
                .iter()
                .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for i in 0..4 {
                let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
                f.write_char(if i <= chunk.len() { digit as char } else { '=' })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{SpanId, TraceId};
    use crate::otlp::{Kind, ScopeSpans};
    use crate::time::UnixNanos;

    fn check(any: impl Into<Value>, expected: &str) {
        let mut json = Json::default();
        value(&mut json, &any.into());
        assert_eq!(json.text, expected);
    }

    #[test]
    fn values() {
        check(Value::Empty, "{}");
        check("", r#"{"stringValue":""}"#);
        check("a\"b\\\n\u{1}é", r#"{"stringValue":"a\"b\\\n\u0001é"}"#);
        check(false, r#"{"boolValue":false}"#);
        check(i64::MIN, r#"{"intValue":"-9223372036854775808"}"#);
        check(1.0, r#"{"doubleValue":1.0}"#);
        check(1e300, r#"{"doubleValue":1e300}"#);
        check(f64::NAN, r#"{"doubleValue":"NaN"}"#);
        check(f64::NEG_INFINITY, r#"{"doubleValue":"-Infinity"}"#);
        check(
            Value::Array(vec![1i64.into(), "x".into()]),
            r#"{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"}]}}"#,
        );
        check(
            Value::Map(vec![Attribute::new("k", true)]),
            r#"{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}}]}}"#,
        );
        check(Value::Array(vec![]), r#"{"arrayValue":{}}"#);
    }

    #[test]
    fn bytes_are_base64() {
        check(Value::Bytes(vec![]), r#"{"bytesValue":""}"#);
        check(Value::Bytes(b"M".to_vec()), r#"{"bytesValue":"TQ=="}"#);
        check(Value::Bytes(b"Ma".to_vec()), r#"{"bytesValue":"TWE="}"#);
        check(Value::Bytes(b"Man".to_vec()), r#"{"bytesValue":"TWFu"}"#);
        check(Value::Bytes(vec![0xff; 4]), r#"{"bytesValue":"/////w=="}"#);
    }

    #[test]
    fn a_whole_request() {
        let span = Span {
            trace_id: TraceId(0x5b8e_fff7_9803_8103_d269_b633_813f_c60c),
            span_id: SpanId(0xeee1_9b7e_c3c1_b174),
            parent_span_id: SpanId(1),
            name: "GET /".into(),
            kind: Kind::Client,
            start: UnixNanos(1_544_712_660_000_000_001),
            end: UnixNanos(1_544_712_661_000_000_002),
            attributes: vec![Attribute::new("n", 7i64)],
            events: vec![Event {
                time: UnixNanos(5),
                name: "e".into(),
                ..Event::default()
            }],
            links: vec![Link {
                trace_id: TraceId(1),
                span_id: SpanId(2),
                flags: 1,
                ..Link::default()
            }],
            status: Status::Error("no".into()),
            flags: 257,
            ..Span::default()
        };
        let request = [ResourceSpans {
            resource: Resource {
                attributes: vec![Attribute::new("service.name", "web")],
                dropped_attributes: 1,
            },
            scopes: vec![ScopeSpans {
                scope: Scope {
                    name: "s".into(),
                    ..Scope::default()
                },
                spans: vec![span],
                schema_url: "u".into(),
            }],
            ..ResourceSpans::default()
        }];
        assert_eq!(
            encode_traces_json(&request),
            concat!(
                r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","#,
                r#""value":{"stringValue":"web"}}],"droppedAttributesCount":1},"#,
                r#""scopeSpans":[{"scope":{"name":"s"},"spans":[{"#,
                r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","#,
                r#""parentSpanId":"0000000000000001","name":"GET /","kind":3,"#,
                r#""startTimeUnixNano":"1544712660000000001","endTimeUnixNano":"1544712661000000002","#,
                r#""attributes":[{"key":"n","value":{"intValue":"7"}}],"#,
                r#""events":[{"timeUnixNano":"5","name":"e"}],"#,
                r#""links":[{"traceId":"00000000000000000000000000000001","#,
                r#""spanId":"0000000000000002","flags":1}],"#,
                r#""status":{"message":"no","code":2},"flags":257}],"schemaUrl":"u"}]}]}"#,
            )
        );
    }
}
