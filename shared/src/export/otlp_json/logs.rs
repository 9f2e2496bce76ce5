//! The log records of spans, under the resource of their span.
//!
//! **Invariant:** undoes what the importer did: what a record says and how it calls its severity are no attributes any more.

use serde::Serialize;

use super::{
    super::{
        List, Text,
        values::{AnyValue, Attributes},
    },
    Resource, is_zero,
};
use crate::{
    ids::{SpanId, TraceId},
    store::{
        EventRef, SpanRef, TraceStore, ValueRef,
        builder::{BODY, SEVERITY_TEXT},
    },
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a, L> {
    resource: Resource<'a>,
    scope_logs: [ScopeLogs<L>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<L> {
    log_records: L,
}

/// The logs of spans of one resource.
pub(super) fn resource_logs(store: &TraceStore, rows: Vec<u32>) -> impl Serialize {
    let first = rows.first().copied().unwrap_or_default();
    let logs = move || {
        rows.clone().into_iter().flat_map(move |row| {
            let span = store.span(row);
            span.events().filter_map(move |event| record(span, event))
        })
    };
    ResourceLogs {
        resource: Resource::of(store.span(first).resource()),
        scope_logs: [ScopeLogs {
            log_records: List(logs),
        }],
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    time_unix_nano: Text<u64>,
    #[serde(skip_serializing_if = "is_none")]
    severity_number: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<AnyValue<'a>>,
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes_count: u32,
    trace_id: Text<TraceId>,
    span_id: Text<SpanId>,
    #[serde(skip_serializing_if = "str::is_empty")]
    event_name: &'a str,
}

fn record<'a>(span: SpanRef<'a>, event: EventRef<'a>) -> Option<Record<'a>> {
    let severity_number = event.log()?;
    let mut attributes = event.attributes();
    let mut severity_text = None;
    let mut body = None;
    while let Some((key, value)) = attributes.iter().next() {
        match (key, value) {
            (SEVERITY_TEXT, ValueRef::Str(text)) if severity_text.is_none() => {
                severity_text = Some(text);
            }
            (BODY, value) if body.is_none() => body = Some(AnyValue(value)),
            _ => break,
        }
        attributes = attributes.behind_first();
    }
    Some(Record {
        time_unix_nano: Text(event.time().0),
        severity_number,
        severity_text,
        body,
        attributes: Attributes(attributes),
        dropped_attributes_count: event.dropped(),
        trace_id: Text(span.trace().id()),
        span_id: Text(span.id()),
        event_name: event.name(),
    })
}

fn is_none(severity: &u8) -> bool {
    *severity == 0
}
