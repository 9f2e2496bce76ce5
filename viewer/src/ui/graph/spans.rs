//! Which of many spans are listed: the longest.
//!
//! **Invariant:** linear in the spans but for the ones that are listed.

use throughline_model::{order::sort_rows_by_key, store::TraceStore};

/// The rows of the `most` longest spans, longest first; of equal ones the first in the trace first.
pub(super) fn longest(store: &TraceStore, mut rows: Vec<u32>, most: usize) -> Vec<u32> {
    sort_rows_by_key(&mut rows, |row| {
        (std::cmp::Reverse(store.span(row).duration()), row)
    });
    rows.truncate(most);
    rows
}

#[cfg(test)]
mod tests {
    use throughline_model::{
        ids::{SpanId, TraceId},
        store::builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        time::UnixNanos,
    };

    use super::*;

    fn store(durations: &[u64]) -> TraceStore {
        let mut b = StoreBuilder::new();
        let resource = b.resource(ResourceRecord::default());
        let scope = b.scope(ScopeRecord::default());
        for (at, length) in (0u64..).zip(durations) {
            b.push_span(SpanRecord {
                trace_id: TraceId(1),
                span_id: SpanId(at + 1),
                start: UnixNanos(100 + at),
                end: UnixNanos(100 + at + length),
                ..SpanRecord::new(resource, scope)
            });
        }
        b.finish()
    }

    #[test]
    fn the_longest_come_first() {
        let store = store(&[5, 9, 1, 9, 7]);
        let check = |most: usize, expected: &[u32]| {
            assert_eq!(longest(&store, (0..5).collect(), most), expected, "{most}");
        };
        check(9, &[1, 3, 4, 0, 2]);
        check(5, &[1, 3, 4, 0, 2]);
        check(3, &[1, 3, 4]);
        check(1, &[1]);
        assert_eq!(longest(&store, Vec::new(), 3), [0; 0]);
    }
}
