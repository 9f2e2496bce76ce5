//! Which spans of the open trace the selected one is linked with.
//!
//! **Invariant:** found when asked for, for one span at a time, and no more than can be drawn.

use std::sync::Arc;

use throughline_model::{analysis::links::linking_to, store::TraceStore};

use super::UiState;

/// So many links are drawn in each direction.
const MOST: usize = 64;

/// A link between two spans of one trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bond {
    /// The span that has the link.
    pub from: u32,
    /// The span that it names.
    pub to: u32,
}

/// The links of one span.
#[derive(Clone, Debug, Default)]
pub(super) struct Bonds {
    span: Option<u32>,
    found: Arc<Vec<Bond>>,
}

impl UiState {
    /// The selected span, if it may have links to draw.
    pub fn linked(&self) -> Option<u32> {
        let (store, span) = (self.store()?, self.selection?);
        let (row, ids) = (store.span(span), &store.links().span_id);
        (row.links().len() > 0 || ids.contains(&row.id().0)).then_some(span)
    }

    /// The links of the selected span inside the open trace, once they are found.
    pub fn bonds(&self) -> &Arc<Vec<Bond>> {
        static NONE: std::sync::OnceLock<Arc<Vec<Bond>>> = std::sync::OnceLock::new();
        match self.bonds.span == self.selection {
            true => &self.bonds.found,
            false => NONE.get_or_init(Arc::default),
        }
    }

    pub(super) fn find_bonds(&mut self) {
        let found = self.store().zip(self.linked());
        let found = found.map_or_else(Vec::new, |(store, span)| of_span(store, span));
        self.bonds = Bonds {
            span: self.selection,
            found: Arc::new(found),
        };
    }
}

/// The links of a span into its own trace, and of that trace to the span; none to itself.
#[inline(never)]
fn of_span(store: &TraceStore, span: u32) -> Vec<Bond> {
    let row = store.span(span);
    let (trace, spans) = (row.trace().id(), row.trace().spans());
    let own = row.links().filter(|link| link.trace_id() == trace);
    let wanted: Vec<u64> = own.map(|link| link.span_id().0).take(MOST).collect();
    let ids = &store.spans().span_id;
    let named = spans
        .clone()
        .filter(|&to| !wanted.is_empty() && wanted.contains(&ids[to as usize]));
    let to = named.take(MOST).map(|to| Bond { from: span, to });
    let from = linking_to(store, span).into_iter();
    let from = from.filter(|from| spans.contains(from)).take(MOST);
    let from = from.map(|from| Bond { from, to: span });
    to.chain(from).filter(|bond| bond.from != bond.to).collect()
}

#[cfg(test)]
mod tests {
    use throughline_model::{
        ids::{SpanId, TraceId},
        store::builder::{LinkRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        time::UnixNanos,
    };

    use super::*;

    #[test]
    fn links_inside_the_trace_are_found_both_ways() {
        // Trace, span, and where its links lead.
        let spans = [
            (1, 1, vec![]),
            (1, 2, vec![(1, 1), (2, 1), (1, 1)]),
            (1, 3, vec![(1, 9), (1, 2), (1, 3)]),
            (2, 1, vec![(1, 1)]),
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
        let check = |span: u32, expected: &[(u32, u32)]| {
            let found = of_span(&store, span).into_iter();
            let found: Vec<(u32, u32)> = found.map(|bond| (bond.from, bond.to)).collect();
            assert_eq!(found, expected, "{span}");
        };
        check(0, &[(1, 0)]);
        check(1, &[(1, 0), (2, 1)]);
        check(2, &[(2, 1)]);
        check(3, &[]);
    }
}
