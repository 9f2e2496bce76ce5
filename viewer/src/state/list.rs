//! The trace list: which traces show, and in what order.
//!
//! **Invariant:** pure; linear in the spans for a filter, `n log n` in the traces for the order. Equal traces keep the
//! order of the dataset, so that a list never jumps.

use std::cmp::Ordering;

use throughline_model::{order::sort_rows, store::TraceStore};

use super::{ListColumn, ListState};

/// The traces that pass the filter, in the order of the list.
///
/// Every word of the filter has to be in the name of the root span, in a service of the trace, or in the trace id.
/// Upper and lower case are the same.
pub fn list_rows(store: &TraceStore, list: &ListState) -> Vec<u32> {
    let words: Vec<Word> = list
        .filter
        .split_whitespace()
        .map(|word| Word::new(store, word))
        .collect();
    let mut rows: Vec<u32> = (0..store.trace_count() as u32)
        .filter(|&trace| words.iter().all(|word| word.is_in(store, trace)))
        .collect();
    let traces = store.traces();
    let length = |trace: u32| store.trace(trace).duration();
    match list.column {
        ListColumn::Root => sort(&mut rows, list, |a, b| {
            root_words(store, a).cmp(&root_words(store, b))
        }),
        ListColumn::Services => sort_by(&mut rows, list, |trace| traces.services[trace as usize]),
        ListColumn::Start => sort_by(&mut rows, list, |trace| traces.start[trace as usize]),
        ListColumn::Duration => sort_by(&mut rows, list, length),
        ListColumn::Spans => sort_by(&mut rows, list, |trace| store.trace(trace).span_count()),
        ListColumn::Errors => sort_by(&mut rows, list, |trace| traces.errors[trace as usize]),
    }
    rows
}

fn root_words(store: &TraceStore, trace: u32) -> (&str, &str) {
    let root = store.trace(trace).root();
    (root.service_name(), root.name())
}

fn sort_by<K: Ord>(rows: &mut [u32], list: &ListState, key: impl Fn(u32) -> K) {
    sort(rows, list, |a, b| key(a).cmp(&key(b)));
}

fn sort(rows: &mut [u32], list: &ListState, order: impl Fn(u32, u32) -> Ordering) {
    // Not a reversed list: equal traces stay in the order of the dataset either way.
    sort_rows(rows, &|a, b| {
        if list.descending {
            order(b, a)
        } else {
            order(a, b)
        }
    });
}

/// One word of the filter, with what can be known of it ahead.
struct Word {
    lower: String,
    services: Vec<bool>,
    any_service: bool,
    may_be_id: bool,
}

impl Word {
    fn new(store: &TraceStore, word: &str) -> Self {
        let lower = word.to_lowercase();
        let services: Vec<bool> = (0..store.service_count() as u32)
            .map(|service| contains(store.service_name(service), &lower))
            .collect();
        Self {
            any_service: services.contains(&true),
            may_be_id: lower.bytes().all(|byte| byte.is_ascii_hexdigit()),
            services,
            lower,
        }
    }

    fn is_in(&self, store: &TraceStore, trace: u32) -> bool {
        let trace = store.trace(trace);
        contains(trace.root().name(), &self.lower)
            || self.any_service
                && trace
                    .spans()
                    .any(|span| self.has_service(store.service_of(span)))
            || self.may_be_id && trace.id().to_string().contains(&self.lower)
    }

    fn has_service(&self, service: u32) -> bool {
        self.services
            .get(service as usize)
            .copied()
            .unwrap_or(false)
    }
}

/// `lower` is lower case already.
fn contains(text: &str, lower: &str) -> bool {
    text.to_lowercase().contains(lower)
}

#[cfg(test)]
mod tests {
    use throughline_model::{
        ids::{SpanId, TraceId},
        store::{
            StatusCode, Value,
            builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        },
        time::UnixNanos,
    };

    use super::*;

    /// Service, name, start and end; a name with `!` has an error.
    type Drawn<'a> = (&'a str, &'a str, u64, u64);

    /// Traces by id with their spans, the root first.
    fn store(traces: &[(u128, &[Drawn<'_>])]) -> TraceStore {
        let mut b = StoreBuilder::new();
        for &(id, spans) in traces {
            for (at, &(service, name, start, end)) in spans.iter().enumerate() {
                let list = b.open_list();
                let (key, value) = (b.intern("service.name"), b.intern(service));
                b.push_value(key, Value::Str(value));
                let attributes = b.close_attributes(list);
                let resource = b.resource(ResourceRecord {
                    attributes,
                    ..ResourceRecord::default()
                });
                let scope = b.scope(ScopeRecord::default());
                let record = SpanRecord {
                    trace_id: TraceId(id),
                    span_id: SpanId(at as u64 + 1),
                    parent_span_id: SpanId(u64::from(at > 0)),
                    name: b.intern(name),
                    start: UnixNanos(start),
                    end: UnixNanos(end),
                    status: if name.ends_with('!') {
                        StatusCode::Error
                    } else {
                        StatusCode::Unset
                    },
                    ..SpanRecord::new(resource, scope)
                };
                b.push_span(record);
            }
        }
        b.finish()
    }

    fn sample() -> TraceStore {
        store(&[
            (
                0xabc,
                &[("shop", "GET /cart", 100, 150), ("db", "SELECT", 110, 120)],
            ),
            (0xdef, &[("shop", "Check Out!", 300, 900)]),
            (
                0x123,
                &[
                    ("auth", "login", 200, 210),
                    ("db", "SELECT!", 201, 202),
                    ("cache", "GET", 203, 204),
                ],
            ),
        ])
    }

    #[test]
    fn every_column_orders() {
        let store = sample();
        let check = |column, descending, expected: [u32; 3]| {
            let list = ListState {
                column,
                descending,
                filter: String::new(),
            };
            assert_eq!(
                list_rows(&store, &list),
                expected,
                "{column:?} {descending}"
            );
        };
        check(ListColumn::Start, true, [1, 2, 0]);
        check(ListColumn::Start, false, [0, 2, 1]);
        check(ListColumn::Duration, true, [1, 0, 2]);
        check(ListColumn::Root, false, [2, 1, 0]);
        check(ListColumn::Root, true, [0, 1, 2]);
        check(ListColumn::Services, true, [2, 0, 1]);
        check(ListColumn::Spans, false, [1, 0, 2]);
        // Both have one error: the order of the dataset, either way.
        check(ListColumn::Errors, true, [1, 2, 0]);
        check(ListColumn::Errors, false, [0, 1, 2]);
    }

    #[test]
    fn every_word_has_to_be_there() {
        let store = sample();
        let check = |filter: &str, expected: &[u32]| {
            let list = ListState {
                column: ListColumn::Start,
                descending: false,
                filter: filter.into(),
            };
            assert_eq!(list_rows(&store, &list), expected, "{filter}");
        };
        check("", &[0, 2, 1]);
        check("  ", &[0, 2, 1]);
        check("SHOP", &[0, 1]);
        check("db", &[0, 2]);
        check("check out", &[1]);
        check("db cart", &[0]);
        check("select", &[]);
        check("def", &[1]);
        check("00000000000000000000000000000abc", &[0]);
        check("cache", &[2]);
        check("nothing", &[]);
    }

    #[test]
    fn an_empty_store_has_no_rows() {
        assert_eq!(
            list_rows(&TraceStore::default(), &ListState::default()),
            [0u32; 0]
        );
    }
}
