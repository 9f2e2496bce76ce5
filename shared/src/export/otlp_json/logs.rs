//! The log records of spans, each under its own resource.
//!
//! **Invariant:** undoes what the importer did: what a record says, when it was observed, how it calls its severity and what
//! made it are no attributes any more.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    super::{
        List, Text,
        values::{AnyValue, Attributes, KeyValue},
    },
    is_zero,
};
use crate::{
    ids::{SpanId, TraceId},
    store::{
        EventRef, ResourceRef, SpanRef, TraceStore, ValueList, ValueRef,
        builder::{BODY, OBSERVED, RESOURCE_PREFIX, SEVERITY_TEXT},
    },
};

/// The logs of some spans by what made them; `None` where there are none.
pub(super) fn resource_logs<'a>(
    store: &'a TraceStore,
    rows: &[u32],
) -> Option<impl Serialize + use<'a>> {
    // Few logs were made by anything but what has made their span, so what differs is told apart by how it is written.
    let mut groups: BTreeMap<(u32, String), Vec<Log<'a>>> = BTreeMap::new();
    for span in rows.iter().map(|&row| store.span(row)) {
        for log in span.events().filter_map(|event| Log::of(span, event)) {
            let differing: Vec<_> = log.differing().collect();
            let differing = match differing.is_empty() {
                true => String::new(),
                false => serde_json::to_string(&differing).unwrap_or_default(),
            };
            let made_by = (span.resource().idx(), differing);
            groups.entry(made_by).or_default().push(log);
        }
    }
    if groups.is_empty() {
        return None;
    }
    Some(List(move || {
        let groups = groups.clone().into_values();
        groups.filter_map(|logs| Some(group(logs.first()?.clone(), logs)))
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<R, L> {
    resource: Resource<R>,
    scope_logs: [ScopeLogs<L>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource<R> {
    attributes: R,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<L> {
    log_records: L,
}

/// Logs that were made by the same as the first of them.
fn group<'a>(first: Log<'a>, logs: Vec<Log<'a>>) -> impl Serialize + use<'a> {
    let resource: ResourceRef<'a> = first.span.resource();
    let attributes = move || {
        let replaced = first.clone();
        let kept = resource
            .attributes()
            .iter()
            .filter(move |(key, _)| replaced.differing().all(|other| other.key != *key))
            .map(|(key, value)| KeyValue::of(key, value));
        kept.chain(first.clone().differing().collect::<Vec<_>>())
    };
    ResourceLogs {
        resource: Resource {
            attributes: List(attributes),
            dropped_attributes_count: resource.dropped(),
        },
        scope_logs: [ScopeLogs {
            log_records: List(move || logs.clone().into_iter().map(Log::record)),
        }],
    }
}

/// A log, with what the importer has put in front of its attributes.
#[derive(Clone)]
struct Log<'a> {
    span: SpanRef<'a>,
    event: EventRef<'a>,
    severity_number: u8,
    observed: Option<i64>,
    severity_text: Option<&'a str>,
    body: Option<ValueRef<'a>>,
    /// How many attributes are of its resource; they come first.
    differing: usize,
    attributes: ValueList<'a>,
}

impl<'a> Log<'a> {
    fn of(span: SpanRef<'a>, event: EventRef<'a>) -> Option<Self> {
        let mut log = Self {
            span,
            event,
            severity_number: event.log()?,
            observed: None,
            severity_text: None,
            body: None,
            differing: 0,
            attributes: event.attributes(),
        };
        for (behind, (key, value)) in event.attributes().iter().enumerate() {
            match (key, value) {
                _ if behind == log.differing && key.starts_with(RESOURCE_PREFIX) => {
                    log.differing += 1;
                }
                (OBSERVED, ValueRef::Int(nanos)) if behind == log.differing => {
                    log.observed = Some(nanos);
                }
                (SEVERITY_TEXT, ValueRef::Str(text)) if log.severity_text.is_none() => {
                    log.severity_text = Some(text);
                }
                (BODY, value) if log.body.is_none() => log.body = Some(value),
                _ => break,
            }
            log.attributes = log.attributes.behind_first();
        }
        Some(log)
    }

    fn differing(&self) -> impl Iterator<Item = KeyValue<'a>> + use<'a> {
        let of_resource = self.event.attributes().iter().take(self.differing);
        of_resource.map(|(key, value)| {
            KeyValue::of(key.strip_prefix(RESOURCE_PREFIX).unwrap_or(key), value)
        })
    }

    fn record(self) -> Record<'a> {
        Record {
            time_unix_nano: Text(self.event.time().0),
            observed_time_unix_nano: self.observed.map(Text),
            severity_number: self.severity_number,
            severity_text: self.severity_text,
            body: self.body.map(AnyValue),
            attributes: Attributes(self.attributes),
            dropped_attributes_count: self.event.dropped(),
            trace_id: Text(self.span.trace().id()),
            span_id: Text(self.span.id()),
            event_name: self.event.name(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    time_unix_nano: Text<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_time_unix_nano: Option<Text<i64>>,
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

fn is_none(severity: &u8) -> bool {
    *severity == 0
}
