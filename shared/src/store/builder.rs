//! Fills a store: importers push what they read, in any order, and `finish` makes the trees.
//!
//! An importer writes values to an open list while it reads, then closes it:
//!
//! ```text
//! let list = b.open_list();
//! b.push_value(key, Value::Int(7));        // and nested lists in between
//! let attributes = b.close_attributes(list);
//! b.push_span(SpanRecord { attributes, .. });
//! ```
//!
//! A resource or scope that the input describes later (or never) is reserved first and defined when it is known.
//!
//! **Invariant:** takes anything: duplicate ids, absent parents, circles, any number of spans. It never fails and
//! never recurses; what is wrong is counted in [`StoreBuilder::issues`].

mod growth;
mod outline;

use hashbrown::HashMap;

use super::{
    Events, Links, Range, Resources, Scopes, Source, SpanKind, SpanMarks, Spans, StatusCode,
    TraceStore, Traces, Value, Values, arrange, logs::Logs,
};
use crate::{
    ids::{SpanId, TraceId},
    issues::{IssueKind, IssueLog},
    strings::{Interner, StrIdx},
    time::UnixNanos,
};

pub use super::logs::{
    BODY, LogRecord, LogResource, OBSERVED, RESOURCE_PREFIX, SCOPE_NAME, SEVERITY_TEXT,
};
pub use growth::Growth;
pub use outline::Outline;

/// A resource of the builder; its row in the finished store can differ, because equal resources become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceIdx(pub(super) u32);

/// A scope of the builder; its row in the finished store can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeIdx(pub(super) u32);

/// Where an open list of values begins.
#[derive(Debug)]
#[must_use = "an open list has to be closed"]
pub struct ListMark(usize);

/// Everything about a span but its own attributes' values.
#[derive(Clone, Copy, Debug)]
pub struct SpanRecord {
    /// 0 = none given.
    pub trace_id: TraceId,
    /// 0 = none given.
    pub span_id: SpanId,
    /// 0 = no parent.
    pub parent_span_id: SpanId,
    /// Span name.
    pub name: StrIdx,
    /// Role.
    pub kind: SpanKind,
    /// 0 = not given.
    pub start: UnixNanos,
    /// As the input gave it; 0 = not given.
    pub end: UnixNanos,
    /// Status.
    pub status: StatusCode,
    /// Status in words.
    pub status_message: StrIdx,
    /// W3C `tracestate`.
    pub trace_state: StrIdx,
    /// OTLP flags.
    pub flags: u32,
    /// [`SpanMarks::SHARED`] for the server's half of a shared span; the rest is found by the builder.
    pub marks: SpanMarks,
    /// What made it.
    pub resource: ResourceIdx,
    /// The library that made it.
    pub scope: ScopeIdx,
    /// From [`StoreBuilder::close_attributes`].
    pub attributes: Range,
    /// From [`StoreBuilder::events_since`].
    pub events: Range,
    /// From [`StoreBuilder::links_since`].
    pub links: Range,
    /// Dropped attributes, events, links.
    pub dropped: [u32; 3],
}

impl SpanRecord {
    /// A span with nothing but its origin; for `..` in struct literals.
    pub const fn new(resource: ResourceIdx, scope: ScopeIdx) -> Self {
        Self {
            trace_id: TraceId::INVALID,
            span_id: SpanId::INVALID,
            parent_span_id: SpanId::INVALID,
            name: StrIdx::EMPTY,
            kind: SpanKind::Unspecified,
            start: UnixNanos(0),
            end: UnixNanos(0),
            status: StatusCode::Unset,
            status_message: StrIdx::EMPTY,
            trace_state: StrIdx::EMPTY,
            flags: 0,
            marks: SpanMarks(0),
            resource,
            scope,
            attributes: Range { start: 0, len: 0 },
            events: Range { start: 0, len: 0 },
            links: Range { start: 0, len: 0 },
            dropped: [0; 3],
        }
    }
}

/// What describes a resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResourceRecord {
    /// From [`StoreBuilder::close_attributes`]; `service.name` in it names the service.
    pub attributes: Range,
    /// Dropped attributes.
    pub dropped: u32,
    /// Schema URL.
    pub schema_url: StrIdx,
}

/// What describes a scope.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopeRecord {
    /// Name of the library.
    pub name: StrIdx,
    /// Its version.
    pub version: StrIdx,
    /// From [`StoreBuilder::close_attributes`].
    pub attributes: Range,
    /// Dropped attributes.
    pub dropped: u32,
    /// Schema URL.
    pub schema_url: StrIdx,
}

/// One event of a span that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventRecord {
    /// 0 = not given.
    pub time: UnixNanos,
    /// Event name.
    pub name: StrIdx,
    /// From [`StoreBuilder::close_attributes`].
    pub attributes: Range,
    /// Dropped attributes.
    pub dropped: u32,
    /// 0 for an event; for a log record of a finished store its severity number and one.
    pub log: u8,
}

/// One link of a span that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkRecord {
    /// The linked trace.
    pub trace_id: TraceId,
    /// The linked span.
    pub span_id: SpanId,
    /// W3C `tracestate`.
    pub trace_state: StrIdx,
    /// OTLP flags.
    pub flags: u32,
    /// From [`StoreBuilder::close_attributes`].
    pub attributes: Range,
    /// Dropped attributes.
    pub dropped: u32,
}

/// A store that is being filled.
#[derive(Debug, Default)]
pub struct StoreBuilder {
    /// What was wrong so far.
    pub issues: IssueLog,
    pub(super) strings: Interner,
    pub(super) trace_ids: Vec<u128>,
    pub(super) trace_rows: HashMap<u128, u32>,
    pub(super) last_trace: Option<(u128, u32)>,
    /// The span columns in the order of arrival; `parent`, `depth` and `descendants` are filled by `finish`.
    pub(super) spans: Spans,
    pub(super) span_trace: Vec<u32>,
    pub(super) resources: Resources,
    pub(super) resource_defined: Vec<bool>,
    pub(super) scopes: Scopes,
    pub(super) attributes: Values,
    pub(super) nested: Values,
    pub(super) events: Events,
    pub(super) links: Links,
    pub(super) logs: Logs,
    pub(super) sources: Vec<Source>,
    open: Vec<(u32, Value)>,
    outline: Outline,
}

impl StoreBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a source (a file); what follows belongs to it. Gives its index.
    pub fn begin_source(&mut self, source: Source) -> u32 {
        let idx = self.sources.len() as u32;
        self.sources.push(source);
        self.issues.set_source(idx);
        idx
    }

    /// The current source, to fill in what was found out about it.
    pub fn source_mut(&mut self) -> Option<&mut Source> {
        self.sources.last_mut()
    }

    /// The handle of a string.
    pub fn intern(&mut self, text: &str) -> StrIdx {
        self.strings.intern(text)
    }

    /// The handle of the text that `bytes` are; `None` when they are not UTF-8.
    #[inline]
    pub fn intern_bytes(&mut self, bytes: &[u8]) -> Option<StrIdx> {
        self.strings.intern_bytes(bytes)
    }

    /// True when the string of a handle is these bytes.
    #[inline]
    pub fn is(&self, idx: StrIdx, bytes: &[u8]) -> bool {
        self.strings.is(idx, bytes)
    }

    /// The string of a handle.
    pub fn str(&self, idx: StrIdx) -> &str {
        self.strings.get(idx)
    }

    /// How many spans have been pushed.
    pub fn span_count(&self) -> usize {
        self.spans.start.len()
    }

    /// How many traces have been seen.
    pub fn trace_count(&self) -> usize {
        self.trace_ids.len()
    }

    /// Begins a list of values.
    pub fn open_list(&mut self) -> ListMark {
        ListMark(self.open.len())
    }

    /// Adds to the innermost open list; arrays take an empty key.
    pub fn push_value(&mut self, key: StrIdx, value: Value) {
        self.open.push((key.0, value));
    }

    /// The values of an open list so far.
    pub fn open_values(&self, list: &ListMark) -> impl Iterator<Item = (StrIdx, Value)> {
        let rows = self.open.get(list.0..).unwrap_or_default();
        rows.iter().map(|&(key, value)| (StrIdx(key), value))
    }

    /// Ends a list that is the attributes of something.
    pub fn close_attributes(&mut self, list: ListMark) -> Range {
        move_rows(&mut self.open, list, &mut self.attributes)
    }

    /// Ends a list that is an array inside another list.
    pub fn close_array(&mut self, list: ListMark) -> Value {
        Value::Array(move_rows(&mut self.open, list, &mut self.nested))
    }

    /// Ends a list that is a map inside another list.
    pub fn close_map(&mut self, list: ListMark) -> Value {
        Value::Map(move_rows(&mut self.open, list, &mut self.nested))
    }

    /// Forgets a list, for a part that turned out unreadable.
    #[expect(clippy::needless_pass_by_value, reason = "a list ends once")]
    pub fn discard_list(&mut self, list: ListMark) {
        self.open.truncate(list.0);
    }

    /// How many events there are: the mark for [`Self::events_since`].
    pub fn event_mark(&self) -> u32 {
        self.events.time.len() as u32
    }

    /// Adds an event of the span that is being read.
    pub fn push_event(&mut self, event: EventRecord) {
        self.events.push(event);
    }

    /// How many log records wait for their spans.
    pub fn log_count(&self) -> usize {
        self.logs.span.len()
    }

    /// The events pushed since the mark.
    pub fn events_since(&self, mark: u32) -> Range {
        Range {
            start: mark,
            len: self.event_mark().saturating_sub(mark),
        }
    }

    /// How many links there are: the mark for [`Self::links_since`].
    pub fn link_mark(&self) -> u32 {
        self.links.span_id.len() as u32
    }

    /// Adds a link of the span that is being read.
    pub fn push_link(&mut self, link: LinkRecord) {
        self.links.trace_id.push(link.trace_id.0);
        self.links.span_id.push(link.span_id.0);
        self.links.trace_state.push(link.trace_state.0);
        self.links.flags.push(link.flags);
        self.links.attributes.push(link.attributes.pair());
        self.links.dropped.push(link.dropped);
    }

    /// The links pushed since the mark.
    pub fn links_since(&self, mark: u32) -> Range {
        Range {
            start: mark,
            len: self.link_mark().saturating_sub(mark),
        }
    }

    /// A resource that will be defined later. One that never is has no attributes.
    pub fn reserve_resource(&mut self) -> ResourceIdx {
        let idx = self.resources.service.len() as u32;
        self.resources.service.push(0);
        self.resources.attributes.push([0, 0]);
        self.resources.dropped.push(0);
        self.resources.schema_url.push(0);
        self.resource_defined.push(false);
        ResourceIdx(idx)
    }

    /// Describes a reserved resource; a second time replaces the first.
    pub fn define_resource(&mut self, resource: ResourceIdx, record: ResourceRecord) {
        let at = resource.0 as usize;
        self.resources.attributes[at] = record.attributes.pair();
        self.resources.dropped[at] = record.dropped;
        self.resources.schema_url[at] = record.schema_url.0;
        self.resource_defined[at] = true;
    }

    /// True once the resource has been described.
    pub fn is_resource_defined(&self, resource: ResourceIdx) -> bool {
        self.resource_defined[resource.0 as usize]
    }

    /// A resource that is known at once.
    pub fn resource(&mut self, record: ResourceRecord) -> ResourceIdx {
        let idx = self.reserve_resource();
        self.define_resource(idx, record);
        idx
    }

    /// A scope that will be defined later. One that never is has no name.
    pub fn reserve_scope(&mut self) -> ScopeIdx {
        let idx = self.scopes.name.len() as u32;
        self.scopes.name.push(0);
        self.scopes.version.push(0);
        self.scopes.attributes.push([0, 0]);
        self.scopes.dropped.push(0);
        self.scopes.schema_url.push(0);
        ScopeIdx(idx)
    }

    /// Describes a reserved scope; a second time replaces the first.
    pub fn define_scope(&mut self, scope: ScopeIdx, record: ScopeRecord) {
        let at = scope.0 as usize;
        self.scopes.name[at] = record.name.0;
        self.scopes.version[at] = record.version.0;
        self.scopes.attributes[at] = record.attributes.pair();
        self.scopes.dropped[at] = record.dropped;
        self.scopes.schema_url[at] = record.schema_url.0;
    }

    /// A scope that is known at once.
    pub fn scope(&mut self, record: ScopeRecord) -> ScopeIdx {
        let idx = self.reserve_scope();
        self.define_scope(idx, record);
        idx
    }

    /// Adds a span.
    #[inline(never)]
    pub fn push_span(&mut self, span: SpanRecord) {
        let trace = self.trace_row(span.trace_id.0);
        let mut marks = span.marks;
        let mut end = span.end.0;
        if !span.trace_id.is_valid() {
            self.issues.add(IssueKind::EmptyTraceId, None);
        }
        if !span.span_id.is_valid() {
            self.issues.add(IssueKind::EmptySpanId, None);
        }
        if span.start.0 == 0 {
            marks = marks.with(SpanMarks::NO_START);
            self.issues.add(IssueKind::MissingStart, None);
        }
        if end == 0 {
            marks = marks.with(SpanMarks::NO_END);
            end = span.start.0;
            self.issues.add(IssueKind::MissingEnd, None);
        } else if end < span.start.0 {
            marks = marks.with(SpanMarks::NEGATIVE);
            self.issues.add(IssueKind::NegativeDuration, None);
        }
        if span.dropped != [0; 3] {
            self.spans.dropped_span.push(self.span_count() as u32);
            self.spans.dropped.push(span.dropped);
        }
        let spans = &mut self.spans;
        spans.start.push(span.start.0);
        spans.end.push(end);
        spans.span_id.push(span.span_id.0);
        spans.parent_span_id.push(span.parent_span_id.0);
        spans.name.push(span.name.0);
        spans.resource.push(span.resource.0);
        spans.scope.push(span.scope.0);
        spans.trace_state.push(span.trace_state.0);
        spans.status_message.push(span.status_message.0);
        spans.flags.push(span.flags);
        spans.kind.push(span.kind as u8);
        spans.status.push(span.status as u8);
        spans.marks.push(marks.0);
        spans.attributes.push(span.attributes.pair());
        spans.events.push(span.events.pair());
        spans.links.push(span.links.pair());
        self.span_trace.push(trace);
    }

    /// Makes the trees and ends building.
    pub fn finish(self) -> TraceStore {
        arrange::arrange(self)
    }

    fn trace_row(&mut self, id: u128) -> u32 {
        if let Some((last, row)) = self.last_trace
            && last == id
        {
            return row;
        }
        let next = self.trace_ids.len() as u32;
        let row = *self.trace_rows.entry(id).or_insert(next);
        if row == next {
            self.trace_ids.push(id);
        }
        self.last_trace = Some((id, row));
        row
    }
}

impl Events {
    pub(super) fn push(&mut self, event: EventRecord) {
        self.time.push(event.time.0);
        self.name.push(event.name.0);
        self.attributes.push(event.attributes.pair());
        self.dropped.push(event.dropped);
        self.log.push(event.log);
    }
}

/// What `finish` hands to the store besides the spans.
impl StoreBuilder {
    pub(super) fn into_store(self, traces: Traces, spans: Spans, services: Vec<u32>) -> TraceStore {
        TraceStore {
            strings: self.strings.finish(),
            services,
            resources: self.resources,
            scopes: self.scopes,
            traces,
            spans,
            attributes: self.attributes,
            nested: self.nested,
            events: self.events,
            links: self.links,
            issues: self.issues,
            sources: self.sources,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "a list ends once")]
#[inline(never)]
fn move_rows(open: &mut Vec<(u32, Value)>, list: ListMark, table: &mut Values) -> Range {
    let start = table.key.len() as u32;
    let rows = open.get(list.0..).unwrap_or_default();
    // A column at a time: each grows at most once.
    table.key.extend(rows.iter().map(|(key, _)| key));
    table
        .kind
        .extend(rows.iter().map(|(_, value)| value.pack().0));
    table
        .payload
        .extend(rows.iter().map(|(_, value)| value.pack().1));
    open.truncate(list.0);
    Range {
        start,
        len: table.key.len() as u32 - start,
    }
}
