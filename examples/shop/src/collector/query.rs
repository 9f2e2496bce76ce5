//! Questions to the collector that both of Jaeger's APIs ask.
//!
//! **Invariant:** knows no HTTP; the two APIs differ in how they ask and how they write answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use throughline_model::ids::TraceId;
use throughline_model::import::ImportError;
use throughline_model::store::{SpanRef, StatusCode, TraceStore, ValueRef};

use super::keep::{Facts, Operation};
use super::{Collector, reading};

/// How many traces are imported at a time while searching.
const CHUNK: usize = 200;

/// Which traces to find. A trace fits when one of its spans fits all of it, as in Jaeger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    pub service: Option<String>,
    pub operation: Option<String>,
    /// Span start, in nanoseconds since the epoch.
    pub start_min: Option<u64>,
    pub start_max: Option<u64>,
    /// Span duration in nanoseconds.
    pub duration_min: Option<u64>,
    pub duration_max: Option<u64>,
    /// Attributes of the span, its resource or its events, as text.
    pub tags: Vec<(String, String)>,
    /// How many traces at most, the latest first.
    pub limit: usize,
}

/// Traces found: a store that may hold more, and the rows of those that were asked for.
pub struct Found {
    pub store: TraceStore,
    pub traces: Vec<u32>,
}

/// Calls between two services.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    pub parent: String,
    pub child: String,
    pub call_count: u64,
}

impl Collector {
    /// All service names, sorted.
    pub fn services(&self) -> Vec<Arc<str>> {
        let keep = self.keep();
        let services: BTreeSet<Arc<str>> = keep
            .operations()
            .into_iter()
            .map(|operation| operation.service.clone())
            .collect();
        services.into_iter().collect()
    }

    /// The operations of a service, of one kind if given, sorted.
    pub fn operations(&self, service: &str, kind: Option<&str>) -> Vec<Operation> {
        let keep = self.keep();
        let all = keep
            .operations()
            .into_iter()
            .filter(|operation| &*operation.service == service);
        all.filter(|operation| kind.is_none_or(|kind| operation.kind == kind))
            .cloned()
            .collect()
    }

    /// The traces with these ids, as far as they are kept.
    pub async fn find(&self, ids: Vec<TraceId>) -> Found {
        let bodies = self.keep().bodies_of(&ids);
        in_background(move || {
            let store = reading::import(&bodies);
            let traces = ids.iter().filter_map(|id| store.find_trace(*id)).collect();
            Found { store, traces }
        })
        .await
    }

    /// The latest traces that fit.
    pub async fn search(&self, search: Search) -> Found {
        let mut candidates: Vec<(u64, TraceId)> = {
            let keep = self.keep();
            let possible = keep.traces().filter(|(_, facts)| search.may_fit(facts));
            possible.map(|(id, facts)| (facts.start, id)).collect()
        };
        candidates.sort_unstable_by(|a, b| b.cmp(a));
        let mut fitting: Vec<TraceId> = Vec::new();
        for chunk in candidates.chunks(CHUNK) {
            let ids = chunk.iter().map(|(_, id)| *id).collect();
            let found = self.find(ids).await;
            let fits = |trace: &u32| {
                let spans = found.store.trace(*trace).spans();
                spans
                    .into_iter()
                    .any(|span| search.fits(found.store.span(span)))
            };
            let ids = found
                .traces
                .iter()
                .filter(|trace| fits(trace))
                .map(|trace| found.store.trace(*trace).id());
            fitting.extend(ids);
            if fitting.len() >= search.limit {
                break;
            }
        }
        fitting.truncate(search.limit);
        self.find(fitting).await
    }

    /// Calls between services in the traces that overlap a time range (nanoseconds).
    pub async fn dependencies(&self, from: u64, to: u64) -> Vec<Dependency> {
        let ids: Vec<TraceId> = {
            let keep = self.keep();
            let inside = keep
                .traces()
                .filter(|(_, facts)| facts.start <= to && facts.end >= from);
            inside.map(|(id, _)| id).collect()
        };
        let found = self.find(ids).await;
        let mut calls: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for &trace in &found.traces {
            for span in found.store.trace(trace).spans() {
                let span = found.store.span(span);
                let parent = span
                    .parent()
                    .map(|parent| found.store.span(parent).service_name());
                if let Some(parent) = parent.filter(|parent| *parent != span.service_name()) {
                    *calls.entry((parent, span.service_name())).or_default() += 1;
                }
            }
        }
        let dependency = |((parent, child), call_count): ((&str, &str), u64)| Dependency {
            parent: parent.to_owned(),
            child: child.to_owned(),
            call_count,
        };
        calls.into_iter().map(dependency).collect()
    }
}

impl Search {
    /// Whether a trace with these facts can have a span that fits.
    fn may_fit(&self, facts: &Facts) -> bool {
        let named = |operation: &Operation| {
            self.service
                .as_deref()
                .is_none_or(|service| &*operation.service == service)
                && self
                    .operation
                    .as_deref()
                    .is_none_or(|name| &*operation.name == name)
        };
        facts.operations.iter().any(named)
            && self.start_min.is_none_or(|min| facts.end >= min)
            && self.start_max.is_none_or(|max| facts.start <= max)
            && self
                .duration_min
                .is_none_or(|min| facts.end.saturating_sub(facts.start) >= min)
    }

    fn fits(&self, span: SpanRef<'_>) -> bool {
        let (start, duration) = (span.start().0, span.duration().0);
        self.service
            .as_deref()
            .is_none_or(|service| span.service_name() == service)
            && self
                .operation
                .as_deref()
                .is_none_or(|name| span.name() == name)
            && self.start_min.is_none_or(|min| start >= min)
            && self.start_max.is_none_or(|max| start <= max)
            && self.duration_min.is_none_or(|min| duration >= min)
            && self.duration_max.is_none_or(|max| duration <= max)
            && self
                .tags
                .iter()
                .all(|(key, value)| has_tag(span, key, value))
    }
}

fn has_tag(span: SpanRef<'_>, key: &str, value: &str) -> bool {
    if key == "error" {
        return (span.status() == StatusCode::Error) == (value == "true");
    }
    let lists = [span.attributes(), span.resource().attributes()];
    let events = span.events().map(|event| event.attributes());
    let mut values = lists
        .into_iter()
        .chain(events)
        .filter_map(|list| list.get(key));
    values.any(|found| is_text(found, value)) || (key == "span.kind" && span.kind().name() == value)
}

fn is_text(value: ValueRef<'_>, text: &str) -> bool {
    match value {
        ValueRef::Str(found) | ValueRef::Bytes(found) => found == text,
        ValueRef::Bool(found) => text.parse() == Ok(found),
        ValueRef::Int(found) => text.parse() == Ok(found),
        ValueRef::Double(found) => text.parse() == Ok(found),
        ValueRef::Empty | ValueRef::Array(_) | ValueRef::Map(_) => false,
    }
}

/// Imports take milliseconds to a second; the thread that serves requests must not wait for them.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// The facts of an import that is too long for the serving thread.
pub async fn read(body: Bytes) -> Result<reading::Read, ImportError> {
    in_background(move || reading::read(&body)).await
}
