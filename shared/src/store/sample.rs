//! A small store with a bit of everything, for tests of this crate.
//!
//! **Invariant:** only compiled for tests.

use super::{
    SpanKind, StatusCode, TraceStore, Value, ValueList, ValueRef,
    builder::{EventRecord, LinkRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
};
use crate::{
    ids::{SpanId, TraceId},
    time::UnixNanos,
};

/// Numbers below what is asked for, that look random and are the same on every run; `seed` is not 0.
pub(crate) fn numbers(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    }
}

/// Builds a store from column-aligned text: `span parent start end service name`, one span a line, parent `-` = none.
pub(crate) fn draw(lines: &str) -> TraceStore {
    let mut b = StoreBuilder::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [span, parent, start, end, service, name] = words[..] else {
            panic!("six columns, not {line:?}");
        };
        let list = b.open_list();
        let key = b.intern("service.name");
        let value = Value::Str(b.intern(service));
        b.push_value(key, value);
        let attributes = b.close_attributes(list);
        let resource = b.resource(ResourceRecord {
            attributes,
            ..ResourceRecord::default()
        });
        let scope = b.scope(ScopeRecord::default());
        let (name, error) = match name.strip_suffix('!') {
            Some(name) => (name, StatusCode::Error),
            None => (name, StatusCode::Unset),
        };
        let kind = match name.split('.').next() {
            Some("client") => SpanKind::Client,
            Some("server") => SpanKind::Server,
            Some("producer") => SpanKind::Producer,
            Some("consumer") => SpanKind::Consumer,
            _ => SpanKind::Internal,
        };
        let record = SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(span.parse().unwrap()),
            parent_span_id: SpanId(parent.parse().unwrap_or(0)),
            name: b.intern(name),
            start: UnixNanos(start.parse().unwrap()),
            end: UnixNanos(end.parse().unwrap()),
            status: error,
            kind,
            ..SpanRecord::new(resource, scope)
        };
        b.push_span(record);
    }
    b.finish()
}

/// Two traces, every kind of value, an event, a link, dropped counts, an orphan, an issue and a source.
pub(crate) fn store() -> TraceStore {
    let mut b = StoreBuilder::new();
    b.begin_source(super::Source {
        name: "sample.json".into(),
        bytes: 9,
        ..Default::default()
    });
    let list = b.open_list();
    let (key, shop) = (b.intern("service.name"), b.intern("shop"));
    b.push_value(key, Value::Str(shop));
    let attributes = b.close_attributes(list);
    let resource = b.resource(ResourceRecord {
        attributes,
        ..ResourceRecord::default()
    });
    let scope_name = b.intern("http");
    let scope = b.scope(ScopeRecord {
        name: scope_name,
        ..ScopeRecord::default()
    });
    for (trace, span, parent) in [(1, 1, 0), (1, 2, 1), (1, 3, 2), (2, 1, 0), (2, 9, 77)] {
        let list = b.open_list();
        let keys = ["a", "b", "c", "d", "e", "f", "g"].map(|key| b.intern(key));
        for (key, value) in keys.into_iter().zip([
            Value::Str(shop),
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Double(0.5),
            Value::Bytes(shop),
            Value::Empty,
        ]) {
            b.push_value(key, value);
        }
        let outer = b.open_list();
        let inner = b.open_list();
        b.push_value(keys[0], Value::Int(5));
        let map = b.close_map(inner);
        b.push_value(crate::strings::StrIdx::EMPTY, map);
        let array = b.close_array(outer);
        b.push_value(keys[6], array);
        let attributes = b.close_attributes(list);
        let (events, links) = (b.event_mark(), b.link_mark());
        let name = b.intern("exception");
        b.push_event(EventRecord {
            time: UnixNanos(15),
            name,
            attributes,
            dropped: 1,
            log: u8::from(span == 2) * 10,
        });
        b.push_link(LinkRecord {
            trace_id: TraceId(2),
            span_id: SpanId(9),
            attributes,
            ..LinkRecord::default()
        });
        let record = SpanRecord {
            trace_id: TraceId(trace),
            span_id: SpanId(span),
            parent_span_id: SpanId(parent),
            name: b.intern("GET /cart"),
            start: UnixNanos(10 * span),
            end: UnixNanos(100),
            status: StatusCode::Error,
            attributes,
            events: b.events_since(events),
            links: b.links_since(links),
            dropped: [1, 0, u32::from(span == 3)],
            ..SpanRecord::new(resource, scope)
        };
        b.push_span(record);
    }
    b.finish()
}

/// Reads everything that can be read: nothing of it may panic.
pub(crate) fn walk(store: &TraceStore) -> usize {
    let mut seen = 0;
    for trace in 0..store.trace_count() as u32 {
        let trace = store.trace(trace);
        seen += trace.root().name().len() + trace.roots().count();
        for row in trace.spans() {
            let span = store.span(row);
            seen += span.name().len() + span.service_name().len() + span.children().count();
            seen += span.trace_state().len() + span.status_message().len() + span.dropped().len();
            seen += walk_values(span.attributes()) + walk_values(span.resource().attributes());
            seen += walk_values(span.scope().attributes()) + span.scope().name().len();
            seen += span
                .events()
                .map(|e| e.name().len() + walk_values(e.attributes()))
                .sum::<usize>();
            seen += span
                .links()
                .map(|l| l.trace_state().len() + walk_values(l.attributes()))
                .sum::<usize>();
        }
    }
    seen
}

fn walk_values(list: ValueList<'_>) -> usize {
    let values = list.iter().map(|(key, value)| {
        key.len()
            + match value {
                ValueRef::Str(text) | ValueRef::Bytes(text) => text.len(),
                ValueRef::Array(list) | ValueRef::Map(list) => walk_values(list),
                _ => 1,
            }
    });
    values.sum()
}
