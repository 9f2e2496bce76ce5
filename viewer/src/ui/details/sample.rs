//! Small stores for the tests of the details.
//!
//! **Invariant:** only compiled for tests.

use throughline_model::{
    ids::{SpanId, TraceId},
    store::{
        StatusCode, TraceStore, Value,
        builder::{EventRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    strings::StrIdx,
    time::UnixNanos,
};

/// A value to build.
#[derive(Clone)]
pub enum Sample {
    Empty,
    Str(&'static str),
    Text(String),
    Bool(bool),
    Int(i64),
    Double(f64),
    Bytes(&'static str),
    Array(Vec<Sample>),
    Map(Vec<(&'static str, Sample)>),
}

fn value(b: &mut StoreBuilder, sample: &Sample) -> Value {
    match sample {
        Sample::Empty => Value::Empty,
        Sample::Str(text) => Value::Str(b.intern(text)),
        Sample::Text(text) => Value::Str(b.intern(text)),
        Sample::Bool(value) => Value::Bool(*value),
        Sample::Int(value) => Value::Int(*value),
        Sample::Double(value) => Value::Double(*value),
        Sample::Bytes(text) => Value::Bytes(b.intern(text)),
        Sample::Array(values) => {
            let list = b.open_list();
            for sample in values {
                let value = value(b, sample);
                b.push_value(StrIdx::EMPTY, value);
            }
            b.close_array(list)
        }
        Sample::Map(values) => {
            let list = b.open_list();
            for (key, sample) in values {
                let key = b.intern(key);
                let value = value(b, sample);
                b.push_value(key, value);
            }
            b.close_map(list)
        }
    }
}

fn record(b: &mut StoreBuilder) -> SpanRecord {
    let resource = b.resource(ResourceRecord::default());
    let scope = b.scope(ScopeRecord::default());
    SpanRecord {
        trace_id: TraceId(1),
        span_id: SpanId(1),
        start: UnixNanos(10),
        end: UnixNanos(20),
        ..SpanRecord::new(resource, scope)
    }
}

/// One span with these attributes.
pub fn attributes(attributes: &[(&'static str, Sample)]) -> TraceStore {
    let mut b = StoreBuilder::new();
    let list = b.open_list();
    for (key, sample) in attributes {
        let key = b.intern(key);
        let value = value(&mut b, sample);
        b.push_value(key, value);
    }
    let attributes = b.close_attributes(list);
    let record = SpanRecord {
        attributes,
        ..record(&mut b)
    };
    b.push_span(record);
    b.finish()
}

/// One span with these events.
pub fn events(events: &[(&'static str, &[(&'static str, Sample)])]) -> TraceStore {
    let mut b = StoreBuilder::new();
    let mark = b.event_mark();
    for (name, attributes) in events {
        let list = b.open_list();
        for (key, sample) in *attributes {
            let key = b.intern(key);
            let value = value(&mut b, sample);
            b.push_value(key, value);
        }
        let attributes = b.close_attributes(list);
        let name = b.intern(name);
        b.push_event(EventRecord {
            name,
            attributes,
            ..EventRecord::default()
        });
    }
    let record = SpanRecord {
        events: b.events_since(mark),
        ..record(&mut b)
    };
    b.push_span(record);
    b.finish()
}

/// Spans of one trace by id, parent's id, start and end.
pub fn spans(spans: &[(u64, u64, u64, u64)]) -> TraceStore {
    let mut b = StoreBuilder::new();
    for &(id, parent, start, end) in spans {
        let record = SpanRecord {
            span_id: SpanId(id),
            parent_span_id: SpanId(parent),
            start: UnixNanos(start),
            end: UnixNanos(end),
            ..record(&mut b)
        };
        b.push_span(record);
    }
    b.finish()
}

/// One span with a status, and an exception event of this type and message.
pub fn with_error(
    status: StatusCode,
    message: &str,
    exception: Option<(&str, &str)>,
) -> TraceStore {
    let mut b = StoreBuilder::new();
    let mark = b.event_mark();
    if let Some((kind, text)) = exception {
        let list = b.open_list();
        for (key, text) in [("exception.type", kind), ("exception.message", text)] {
            let (key, text) = (b.intern(key), b.intern(text));
            b.push_value(key, Value::Str(text));
        }
        let attributes = b.close_attributes(list);
        b.push_event(EventRecord {
            attributes,
            ..EventRecord::default()
        });
    }
    let record = SpanRecord {
        status,
        status_message: b.intern(message),
        events: b.events_since(mark),
        ..record(&mut b)
    };
    b.push_span(record);
    b.finish()
}
