//! What is said of clocks.

use std::sync::Arc;

use throughline_model::{
    ids::{SpanId, TraceId},
    store::{
        SpanKind, Value,
        builder::{ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
    },
    time::UnixNanos,
};

use super::*;
use crate::state::{Dataset, Origin};

#[test]
fn few_or_contradicting_calls_are_not_relied_on() {
    let check = |agree, calls, expected| assert_eq!(confidence(agree, calls), expected);
    check(9, 9, "reliable");
    check(2, 2, "likely");
    check(95, 100, "likely");
    check(1, 1, "one call alone says so");
    check(5, 9, "doubtful: calls contradict each other");
}

const MS: u64 = 1_000_000;

/// Spans by id, parent, host, kind, start and end in milliseconds after the first second.
fn state(spans: &[(u64, u64, &str, SpanKind, u64, u64)]) -> UiState {
    let mut b = StoreBuilder::new();
    let scope = b.scope(ScopeRecord::default());
    for &(id, parent, host, kind, start, end) in spans {
        let list = b.open_list();
        for (key, value) in [("service.name", "s"), ("host.name", host)] {
            let (key, value) = (b.intern(key), b.intern(value));
            b.push_value(key, Value::Str(value));
        }
        let attributes = b.close_attributes(list);
        let resource = b.resource(ResourceRecord {
            attributes,
            ..ResourceRecord::default()
        });
        b.push_span(SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(id),
            parent_span_id: SpanId(parent),
            kind,
            start: UnixNanos((1_000 + start) * MS),
            end: UnixNanos((1_000 + end) * MS),
            ..SpanRecord::new(resource, scope)
        });
    }
    let mut state = UiState::default();
    state.apply(Command::LoadDone(Arc::new(Dataset {
        name: "x".into(),
        store: Arc::new(b.finish()),
        origin: Origin::Local,
    })));
    state
}

use SpanKind::{Client, Consumer, Internal, Server};

#[test]
fn every_clock_of_the_trace_is_listed_with_its_reason() {
    let mut state = state(&[
        (1, 0, "A", Server, 1000, 2000),
        (2, 1, "A", Client, 1100, 1200),
        (3, 2, "B", Server, 820, 880),
        (4, 1, "A", Client, 1300, 1330),
        (5, 4, "C", Server, 1800, 1840),
        (6, 1, "D", Consumer, 2100, 2200),
        (7, 0, "E", Internal, 1000, 1100),
    ]);
    let expected = [
        [
            "s on B",
            "+300 ms ± 20.0 ms",
            "all of 1 call with s on A fit then; one call alone says so",
        ],
        [
            "s on A",
            "0",
            "the root span's clock: the others are compared with it",
        ],
        [
            "s on C",
            "not known",
            "1 call with other clocks, but no server's time fits into its client's: it is longer, or a time is missing; begins up to 470 ms outside of its parent",
        ],
        [
            "s on D",
            "not known",
            "no call of a client to a server; 1 span beside other clocks, which may be asynchronous; begins up to 100 ms outside of its parent",
        ],
        [
            "s on E",
            "not known",
            "no span of it stands above or below one of another clock",
        ],
    ];
    assert_eq!(lines(&state), expected.map(|line| line.map(str::to_owned)));
    assert_eq!(pill(&state).as_deref(), Some("clocks differ by 300 ms"));
    let row = (0..7).find(|&span| {
        state
            .store()
            .is_some_and(|store| store.span(span).id() == SpanId(3))
    });
    assert_eq!(row.and_then(|row| moved_words(&state, row)), None);
    state.apply(Command::ShowTimes(Times::Moved));
    assert_eq!(
        row.and_then(|row| moved_words(&state, row)).as_deref(),
        Some("moved by +300 ms in the waterfall (s on B)")
    );
    assert_eq!(moved_words(&state, 0), None);
    assert_eq!(pill(&state).as_deref(), Some("times moved by up to 300 ms"));
}

#[test]
fn clocks_that_agree_are_not_mentioned() {
    let state = state(&[
        (1, 0, "A", Client, 1000, 2000),
        (2, 1, "B", Server, 1100, 1200),
    ]);
    assert_eq!(pill(&state), None);
}
