//! Who links to a span.
//!
//! **Invariant:** linear in links, and in spans where there is one.

use crate::store::{Range, TraceStore};

/// The spans of all traces that have a link to this span, ascending.
pub fn linking_to(store: &TraceStore, span: u32) -> Vec<u32> {
    let links = store.links();
    let target = store.span(span);
    let (trace, id) = (target.trace().id().0, target.id().0);
    let leads_here = |&at: &usize| links.span_id[at] == id && links.trace_id[at] == trace;
    let found: Vec<usize> = (0..links.span_id.len()).filter(leads_here).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let mut spans = Vec::new();
    for (from, pair) in (0..).zip(&store.spans().links) {
        let rows = Range::from_pair(*pair).rows();
        let next = found.partition_point(|&at| at < rows.start);
        if found.get(next).is_some_and(|&at| at < rows.end) {
            spans.push(from);
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{SpanId, TraceId},
        store::builder::{LinkRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        time::UnixNanos,
    };

    #[test]
    fn links_are_followed_backwards() {
        // Trace, span, and where its links lead.
        let spans = [
            (1, 1, vec![]),
            (1, 2, vec![(1, 1), (2, 1)]),
            (1, 3, vec![(1, 9), (1, 1)]),
            (2, 1, vec![(1, 1), (1, 1)]),
            (2, 2, vec![]),
        ];
        let mut b = StoreBuilder::new();
        let resource = b.resource(ResourceRecord::default());
        let scope = b.scope(ScopeRecord::default());
        for (trace, span, links) in spans {
            let mark = b.link_mark();
            for (trace, span) in links {
                b.push_link(LinkRecord {
                    trace_id: TraceId(trace),
                    span_id: SpanId(span),
                    ..LinkRecord::default()
                });
            }
            b.push_span(SpanRecord {
                trace_id: TraceId(trace),
                span_id: SpanId(span),
                start: UnixNanos(span),
                end: UnixNanos(span + 1),
                links: b.links_since(mark),
                ..SpanRecord::new(resource, scope)
            });
        }
        let store = b.finish();
        let from: Vec<Vec<u32>> = (0..5).map(|span| linking_to(&store, span)).collect();
        assert_eq!(from, [vec![1, 2, 3], vec![], vec![], vec![1], vec![]]);
    }
}
