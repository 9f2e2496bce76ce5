//! Takes a finished store into a builder again, so that files opened later join the dataset.
//!
//! **Invariant:** what the store holds arrives unchanged; trees are made anew, because a later file can bring a parent
//! that was missing.

use super::{Range, SpanMarks, TraceStore, Value, Values, builder::*};
use crate::{
    ids::{SpanId, TraceId},
    issues::IssueKind,
    strings::StrIdx,
    time::UnixNanos,
};

impl StoreBuilder {
    /// Adds everything that a finished store holds.
    pub fn append(&mut self, store: &TraceStore) {
        let strings: Vec<u32> = store
            .strings
            .iter()
            .map(|(_, text)| self.intern(text).0)
            .collect();
        let map = |column: &[u32]| {
            column
                .iter()
                .map(|&old| StrIdx(strings[old as usize]))
                .collect::<Vec<_>>()
        };
        let (attribute_base, nested_base) = (
            self.attributes.key.len() as u32,
            self.nested.key.len() as u32,
        );
        copy_values(&store.nested, &strings, nested_base, &mut self.nested);
        copy_values(
            &store.attributes,
            &strings,
            nested_base,
            &mut self.attributes,
        );
        let attributes = |pair: [u32; 2]| shifted(pair, attribute_base);

        let schema_urls = map(&store.resources.schema_url);
        let resources: Vec<ResourceIdx> = (0..store.resources.service.len())
            .map(|at| {
                self.resource(ResourceRecord {
                    attributes: attributes(store.resources.attributes[at]),
                    dropped: store.resources.dropped[at],
                    schema_url: schema_urls[at],
                })
            })
            .collect();
        let (names, versions) = (map(&store.scopes.name), map(&store.scopes.version));
        let schema_urls = map(&store.scopes.schema_url);
        let scopes: Vec<ScopeIdx> = (0..names.len())
            .map(|at| {
                self.scope(ScopeRecord {
                    name: names[at],
                    version: versions[at],
                    attributes: attributes(store.scopes.attributes[at]),
                    dropped: store.scopes.dropped[at],
                    schema_url: schema_urls[at],
                })
            })
            .collect();
        let (event_base, link_base) = (self.event_mark(), self.link_mark());
        self.append_events(store, &map(&store.events.name), attributes);
        self.append_links(store, &map(&store.links.trace_state), attributes);
        self.append_sources(store);
        self.append_spans(
            store,
            &strings,
            &resources,
            &scopes,
            (attribute_base, event_base, link_base),
        );
    }

    fn append_events(
        &mut self,
        store: &TraceStore,
        names: &[StrIdx],
        attributes: impl Fn([u32; 2]) -> Range,
    ) {
        for (at, &name) in names.iter().enumerate() {
            self.push_event(EventRecord {
                time: UnixNanos(store.events.time[at]),
                name,
                attributes: attributes(store.events.attributes[at]),
                dropped: store.events.dropped[at],
                log: store.events.log[at],
            });
        }
    }

    fn append_links(
        &mut self,
        store: &TraceStore,
        states: &[StrIdx],
        attributes: impl Fn([u32; 2]) -> Range,
    ) {
        for (at, &trace_state) in states.iter().enumerate() {
            self.push_link(LinkRecord {
                trace_id: TraceId(store.links.trace_id[at]),
                span_id: SpanId(store.links.span_id[at]),
                trace_state,
                flags: store.links.flags[at],
                attributes: attributes(store.links.attributes[at]),
                dropped: store.links.dropped[at],
            });
        }
    }

    fn append_sources(&mut self, store: &TraceStore) {
        let base = self.sources.len() as u32;
        self.sources.extend(store.sources.iter().cloned());
        let mut issues = store.issues.clone();
        // These are found anew when the trees are made, and by `push_span`.
        for kind in [
            IssueKind::SelfParent,
            IssueKind::ParentCycle,
            IssueKind::MissingStart,
            IssueKind::MissingEnd,
            IssueKind::NegativeDuration,
            IssueKind::EmptySpanId,
            IssueKind::EmptyTraceId,
        ] {
            issues.clear(kind);
        }
        self.issues.append(&issues, base);
        self.issues.set_source(base);
    }

    fn append_spans(
        &mut self,
        store: &TraceStore,
        strings: &[u32],
        resources: &[ResourceIdx],
        scopes: &[ScopeIdx],
        (attribute_base, event_base, link_base): (u32, u32, u32),
    ) {
        let text = |column: &[u32], at: usize| StrIdx(strings[column[at] as usize]);
        for trace in 0..store.trace_count() as u32 {
            let trace = store.trace(trace);
            for row in trace.spans() {
                let (span, at, columns) = (store.span(row), row as usize, &store.spans);
                let no_end = span.marks().has(SpanMarks::NO_END);
                self.push_span(SpanRecord {
                    trace_id: trace.id(),
                    span_id: span.id(),
                    parent_span_id: SpanId(columns.parent_span_id[at]),
                    name: text(&columns.name, at),
                    kind: span.kind(),
                    start: span.start(),
                    end: if no_end { UnixNanos(0) } else { span.end() },
                    status: span.status(),
                    status_message: text(&columns.status_message, at),
                    trace_state: text(&columns.trace_state, at),
                    flags: columns.flags[at],
                    marks: SpanMarks(columns.marks[at] & SpanMarks::SHARED.0),
                    resource: resources[columns.resource[at] as usize],
                    scope: scopes[columns.scope[at] as usize],
                    attributes: shifted(columns.attributes[at], attribute_base),
                    events: shifted(columns.events[at], event_base),
                    links: shifted(columns.links[at], link_base),
                    dropped: span.dropped(),
                });
            }
        }
    }
}

fn shifted([start, len]: [u32; 2], base: u32) -> Range {
    Range {
        start: start + base,
        len,
    }
}

fn copy_values(from: &Values, strings: &[u32], nested_base: u32, to: &mut Values) {
    for row in 0..from.key.len() {
        let value = match Value::unpack(from.kind[row], from.payload[row]) {
            Value::Str(idx) => Value::Str(StrIdx(strings[idx.at()])),
            Value::Bytes(idx) => Value::Bytes(StrIdx(strings[idx.at()])),
            Value::Array(range) => Value::Array(shifted(range.pair(), nested_base)),
            Value::Map(range) => Value::Map(shifted(range.pair(), nested_base)),
            value => value,
        };
        let (kind, payload) = value.pack();
        to.key.push(strings[from.key[row] as usize]);
        to.kind.push(kind);
        to.payload.push(payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    #[test]
    fn a_store_taken_in_again_reads_the_same() {
        let store = sample::store();
        let mut builder = StoreBuilder::new();
        builder.append(&store);
        let again = builder.finish();
        assert_eq!(again, store);
    }

    #[test]
    fn a_later_file_brings_the_missing_parent() {
        let child = sample::draw("2 1 20 30 shop child");
        let parent = sample::draw("1 - 10 90 shop parent");
        assert_eq!(child.issues().count(IssueKind::MissingParent), 1);
        let mut builder = StoreBuilder::new();
        builder.append(&child);
        builder.append(&parent);
        let both = builder.finish();
        assert_eq!(both.trace_count(), 1);
        assert_eq!(
            both.span(0)
                .children()
                .map(|row| both.span(row).name())
                .collect::<Vec<_>>(),
            ["child"]
        );
        assert_eq!(both.issues().count(IssueKind::MissingParent), 0);
    }
}
