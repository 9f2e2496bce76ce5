//! Getters over one row: what a panel or a test reads, without knowing columns.
//!
//! **Invariant:** borrows the store and holds an index, nothing else. A row that does not exist panics: rows come from
//! the store itself.

use super::{NO_SPAN, Range, SpanKind, SpanMarks, StatusCode, TraceStore, ValueList};
use crate::{
    ids::{SpanId, TraceId},
    strings::StrIdx,
    time::{Nanos, UnixNanos},
};

/// One span.
#[derive(Clone, Copy, Debug)]
pub struct SpanRef<'a> {
    pub(super) store: &'a TraceStore,
    pub(super) idx: u32,
}

impl<'a> SpanRef<'a> {
    fn at(self) -> usize {
        self.idx as usize
    }

    fn text(self, column: &[u32]) -> &'a str {
        self.store.str(StrIdx(column[self.at()]))
    }

    /// Its row.
    pub fn idx(self) -> u32 {
        self.idx
    }

    /// Its id.
    pub fn id(self) -> SpanId {
        SpanId(self.store.spans.span_id[self.at()])
    }

    /// Its parent's id as the input gave it; invalid when there was none.
    pub fn parent_id(self) -> SpanId {
        SpanId(self.store.spans.parent_span_id[self.at()])
    }

    /// Its parent's row.
    pub fn parent(self) -> Option<u32> {
        let parent = self.store.spans.parent[self.at()];
        (parent != NO_SPAN).then_some(parent)
    }

    /// The trace that it belongs to.
    pub fn trace(self) -> TraceRef<'a> {
        self.store.trace(self.store.trace_of(self.idx))
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        self.text(&self.store.spans.name)
    }

    /// The index of its service.
    pub fn service(self) -> u32 {
        self.store.service_of(self.idx)
    }

    /// The name of its service.
    pub fn service_name(self) -> &'a str {
        self.store.service_name(self.service())
    }

    /// Its role.
    pub fn kind(self) -> SpanKind {
        SpanKind::from_number(u64::from(self.store.spans.kind[self.at()])).unwrap_or_default()
    }

    /// Its status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_number(u64::from(self.store.spans.status[self.at()])).unwrap_or_default()
    }

    /// What the status says in words.
    pub fn status_message(self) -> &'a str {
        self.text(&self.store.spans.status_message)
    }

    /// The W3C `tracestate`.
    pub fn trace_state(self) -> &'a str {
        self.text(&self.store.spans.trace_state)
    }

    /// OTLP flags.
    pub fn flags(self) -> u32 {
        self.store.spans.flags[self.at()]
    }

    /// Its start; 0 when not given.
    pub fn start(self) -> UnixNanos {
        UnixNanos(self.store.spans.start[self.at()])
    }

    /// Its end as the input gave it.
    pub fn end(self) -> UnixNanos {
        UnixNanos(self.store.spans.end[self.at()])
    }

    /// End minus start, zero when that is negative.
    pub fn duration(self) -> Nanos {
        self.end().since(self.start())
    }

    /// How deep it stands; 0 for a root or an orphan.
    pub fn depth(self) -> u32 {
        self.store.spans.depth[self.at()]
    }

    /// How many spans are below it.
    pub fn descendants(self) -> u32 {
        self.store.spans.descendants[self.at()]
    }

    /// The rows of its children, by start.
    pub fn children(self) -> impl Iterator<Item = u32> + use<'a> {
        let descendants = &self.store.spans.descendants;
        let end = self.idx + 1 + self.descendants();
        let mut next = self.idx + 1;
        core::iter::from_fn(move || {
            (next < end).then(|| {
                let child = next;
                next += 1 + descendants[child as usize];
                child
            })
        })
    }

    /// What the data gave or lacked.
    pub fn marks(self) -> SpanMarks {
        SpanMarks(self.store.spans.marks[self.at()])
    }

    /// Its attributes.
    pub fn attributes(self) -> ValueList<'a> {
        let range = Range::from_pair(self.store.spans.attributes[self.at()]);
        ValueList::attributes(self.store, range)
    }

    /// Its events in the order of the input.
    pub fn events(self) -> impl ExactSizeIterator<Item = EventRef<'a>> {
        let store = self.store;
        let rows = Range::from_pair(store.spans.events[self.at()]).rows();
        rows.map(move |at| EventRef { store, at })
    }

    /// Its links in the order of the input.
    pub fn links(self) -> impl ExactSizeIterator<Item = LinkRef<'a>> {
        let store = self.store;
        let rows = Range::from_pair(store.spans.links[self.at()]).rows();
        rows.map(move |at| LinkRef { store, at })
    }

    /// How many attributes, events and links were dropped before the export.
    pub fn dropped(self) -> [u32; 3] {
        let spans = &self.store.spans;
        let found = spans.dropped_span.binary_search(&self.idx);
        found.map_or([0; 3], |at| spans.dropped[at])
    }

    /// Its resource.
    pub fn resource(self) -> ResourceRef<'a> {
        self.store.resource(self.store.spans.resource[self.at()])
    }

    /// Its instrumentation scope.
    pub fn scope(self) -> ScopeRef<'a> {
        self.store.scope(self.store.spans.scope[self.at()])
    }
}

/// One event of a span.
#[derive(Clone, Copy, Debug)]
pub struct EventRef<'a> {
    store: &'a TraceStore,
    at: usize,
}

impl<'a> EventRef<'a> {
    /// When it happened; 0 when not given.
    pub fn time(self) -> UnixNanos {
        UnixNanos(self.store.events.time[self.at])
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        self.store.str(StrIdx(self.store.events.name[self.at]))
    }

    /// The severity number if this is a log record that was written in the span, 0 where it gave none; `None` for an
    /// event.
    pub fn log(self) -> Option<u8> {
        self.store.events.log[self.at].checked_sub(1)
    }

    /// What a person calls it: its name, or what a log record without a name says.
    pub fn title(self) -> &'a str {
        self.store.str(super::logs::title(self.store, self.at))
    }

    /// Its attributes.
    pub fn attributes(self) -> ValueList<'a> {
        let range = Range::from_pair(self.store.events.attributes[self.at]);
        ValueList::attributes(self.store, range)
    }

    /// How many attributes were dropped before the export.
    pub fn dropped(self) -> u32 {
        self.store.events.dropped[self.at]
    }
}

/// One link of a span.
#[derive(Clone, Copy, Debug)]
pub struct LinkRef<'a> {
    store: &'a TraceStore,
    at: usize,
}

impl<'a> LinkRef<'a> {
    /// The linked trace.
    pub fn trace_id(self) -> TraceId {
        TraceId(self.store.links.trace_id[self.at])
    }

    /// The linked span.
    pub fn span_id(self) -> SpanId {
        SpanId(self.store.links.span_id[self.at])
    }

    /// The W3C `tracestate` of the linked span.
    pub fn trace_state(self) -> &'a str {
        self.store
            .str(StrIdx(self.store.links.trace_state[self.at]))
    }

    /// OTLP flags.
    pub fn flags(self) -> u32 {
        self.store.links.flags[self.at]
    }

    /// Its attributes.
    pub fn attributes(self) -> ValueList<'a> {
        let range = Range::from_pair(self.store.links.attributes[self.at]);
        ValueList::attributes(self.store, range)
    }

    /// How many attributes were dropped before the export.
    pub fn dropped(self) -> u32 {
        self.store.links.dropped[self.at]
    }
}

/// One resource: what produced the spans.
#[derive(Clone, Copy, Debug)]
pub struct ResourceRef<'a> {
    pub(super) store: &'a TraceStore,
    pub(super) idx: u32,
}

impl<'a> ResourceRef<'a> {
    /// Its row.
    pub fn idx(self) -> u32 {
        self.idx
    }

    /// The name of its service.
    pub fn service_name(self) -> &'a str {
        self.store
            .service_name(self.store.resources.service[self.idx as usize])
    }

    /// Its attributes.
    pub fn attributes(self) -> ValueList<'a> {
        let range = Range::from_pair(self.store.resources.attributes[self.idx as usize]);
        ValueList::attributes(self.store, range)
    }

    /// How many attributes were dropped before the export.
    pub fn dropped(self) -> u32 {
        self.store.resources.dropped[self.idx as usize]
    }

    /// The schema that its attributes follow.
    pub fn schema_url(self) -> &'a str {
        self.store
            .str(StrIdx(self.store.resources.schema_url[self.idx as usize]))
    }
}

/// One instrumentation scope: the library that made the spans.
#[derive(Clone, Copy, Debug)]
pub struct ScopeRef<'a> {
    pub(super) store: &'a TraceStore,
    pub(super) idx: u32,
}

impl<'a> ScopeRef<'a> {
    /// Its row.
    pub fn idx(self) -> u32 {
        self.idx
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        self.store
            .str(StrIdx(self.store.scopes.name[self.idx as usize]))
    }

    /// Its version.
    pub fn version(self) -> &'a str {
        self.store
            .str(StrIdx(self.store.scopes.version[self.idx as usize]))
    }

    /// Its attributes.
    pub fn attributes(self) -> ValueList<'a> {
        let range = Range::from_pair(self.store.scopes.attributes[self.idx as usize]);
        ValueList::attributes(self.store, range)
    }

    /// How many attributes were dropped before the export.
    pub fn dropped(self) -> u32 {
        self.store.scopes.dropped[self.idx as usize]
    }

    /// The schema that its spans follow.
    pub fn schema_url(self) -> &'a str {
        self.store
            .str(StrIdx(self.store.scopes.schema_url[self.idx as usize]))
    }
}

/// One trace.
#[derive(Clone, Copy, Debug)]
pub struct TraceRef<'a> {
    pub(super) store: &'a TraceStore,
    pub(super) idx: u32,
}

impl<'a> TraceRef<'a> {
    fn at(self) -> usize {
        self.idx as usize
    }

    /// Its row.
    pub fn idx(self) -> u32 {
        self.idx
    }

    /// Its id; invalid when the spans had none.
    pub fn id(self) -> TraceId {
        TraceId(self.store.traces.id[self.at()])
    }

    /// The rows of its spans.
    pub fn spans(self) -> core::ops::Range<u32> {
        let first = &self.store.traces.first_span;
        first[self.at()]..first[self.at() + 1]
    }

    /// How many spans it has.
    pub fn span_count(self) -> usize {
        self.spans().len()
    }

    /// The earliest start.
    pub fn start(self) -> UnixNanos {
        UnixNanos(self.store.traces.start[self.at()])
    }

    /// The latest end.
    pub fn end(self) -> UnixNanos {
        UnixNanos(self.store.traces.end[self.at()])
    }

    /// From the earliest start to the latest end.
    pub fn duration(self) -> Nanos {
        self.end().since(self.start())
    }

    /// The span that names it.
    pub fn root(self) -> SpanRef<'a> {
        self.store.span(self.store.traces.root[self.at()])
    }

    /// The rows of the spans without a parent here: root spans and orphans, by start; those that name the same
    /// missing parent together.
    pub fn roots(self) -> impl Iterator<Item = u32> + use<'a> {
        let descendants = &self.store.spans.descendants;
        let spans = self.spans();
        let mut next = spans.start;
        core::iter::from_fn(move || {
            (next < spans.end).then(|| {
                let root = next;
                next += 1 + descendants[root as usize];
                root
            })
        })
    }

    /// How many spans have status error.
    pub fn error_count(self) -> u32 {
        self.store.traces.errors[self.at()]
    }

    /// How many spans have a parent that is absent.
    pub fn orphan_count(self) -> u32 {
        self.store.traces.orphans[self.at()]
    }

    /// How many services take part.
    pub fn service_count(self) -> u32 {
        self.store.traces.services[self.at()]
    }
}
