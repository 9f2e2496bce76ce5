//! Orders against the standard library's sort, and cells of every kind.

use super::*;
use crate::{
    ids::{SpanId, TraceId},
    store::{
        SpanKind,
        builder::{EventRecord, ResourceRecord, ScopeRecord, SpanRecord, StoreBuilder},
        sample,
    },
};

#[test]
fn columns_have_names() {
    let check = |name: &str, expected: Option<Column>| {
        assert_eq!(Column::of_name(name), expected, "{name}");
        if let Some(column) = expected {
            assert_eq!(Column::of_name(&column.name()), Some(column));
        }
    };
    check("", None);
    check(".", None);
    check("duration", Some(Column::Duration));
    check(".duration", Some(Column::Attribute("duration".into())));
    check(" http.route ", Some(Column::Attribute("http.route".into())));
    check(".http.route", Some(Column::Attribute("http.route".into())));
    for name in Column::own_names() {
        assert_eq!(Column::of_name(name).unwrap().name(), name);
    }
}

/// Spans whose attribute `x` has these values; each has an event of its number.
fn with_values(values: &[Option<Value>], texts: &[&str]) -> TraceStore {
    let mut b = StoreBuilder::new();
    let resource = b.resource(ResourceRecord::default());
    let scope = b.scope(ScopeRecord::default());
    for (at, value) in values.iter().enumerate() {
        let list = b.open_list();
        let key = b.intern("x");
        match value {
            Some(Value::Str(text)) => {
                let text = b.intern(texts[text.0 as usize]);
                b.push_value(key, Value::Str(text));
            }
            Some(value) => b.push_value(key, *value),
            None => {}
        }
        let attributes = b.close_attributes(list);
        let name = b.intern(&format!("e{at}"));
        let mark = b.event_mark();
        b.push_event(EventRecord {
            time: UnixNanos(100 - at as u64),
            name,
            ..EventRecord::default()
        });
        b.push_span(SpanRecord {
            trace_id: TraceId(1),
            span_id: SpanId(at as u64 + 1),
            start: UnixNanos(at as u64 + 1),
            end: UnixNanos(at as u64 + 5),
            attributes,
            events: b.events_since(mark),
            kind: SpanKind::Client,
            ..SpanRecord::new(resource, scope)
        });
    }
    b.finish()
}

fn check(values: &[Option<Value>], texts: &[&str], up: &[u32], down: &[u32]) {
    let store = with_values(values, texts);
    if values.is_empty() {
        return assert_eq!(store.trace_count(), 0);
    }
    let rows = rows(&store, Of::Spans, store.trace(0).spans());
    let column = Column::Attribute("x".into());
    assert_eq!(order(&store, &rows, &column, false), up);
    assert_eq!(order(&store, &rows, &column, true), down);
}

#[test]
fn what_is_missing_comes_last_and_numbers_before_texts() {
    let text = |at| Some(Value::Str(StrIdx(at)));
    check(&[], &[], &[], &[]);
    check(&[None, None], &[], &[0, 1], &[0, 1]);
    check(
        &[
            text(0),
            None,
            Some(Value::Int(7)),
            text(1),
            Some(Value::Int(-7)),
        ],
        &["b", "a"],
        &[4, 2, 3, 0, 1],
        &[0, 3, 2, 4, 1],
    );
    check(
        &[
            Some(Value::Double(0.5)),
            Some(Value::Int(-1)),
            Some(Value::Double(-0.5)),
            Some(Value::Int(1)),
        ],
        &[],
        &[1, 2, 0, 3],
        &[3, 0, 2, 1],
    );
    // No digit of a whole number is lost.
    check(
        &[
            Some(Value::Int(9_007_199_254_740_993)),
            Some(Value::Int(9_007_199_254_740_992)),
        ],
        &[],
        &[1, 0],
        &[0, 1],
    );
    // The same beginning, and one that ends there.
    check(
        &[text(0), text(1), text(2), text(0)],
        &["beginning-b", "beginning-a", "beginnin"],
        &[2, 1, 0, 3],
        &[0, 3, 1, 2],
    );
}

#[test]
fn keys_nobody_has_leave_the_order() {
    let store = with_values(&[None, None], &[]);
    let rows = rows(&store, Of::Spans, store.trace(0).spans());
    let column = Column::Attribute("nobody".into());
    assert_eq!(order(&store, &rows, &column, true), [0, 1]);
}

#[test]
fn events_are_rows_of_their_own() {
    let store = with_values(&[Some(Value::Int(1)), Some(Value::Int(2))], &[]);
    let rows = rows(&store, Of::Events, store.trace(0).spans());
    assert_eq!(rows.len(), 2);
    let names: Vec<String> = order(&store, &rows, &Column::Start, false)
        .into_iter()
        .map(|at| match cell(&store, rows[at as usize], &Column::Event) {
            Cell::Text(name) => name.to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["e1", "e0"]);
    // What an event lacks its span may have.
    let value = cell(&store, rows[0], &Column::Attribute("x".into()));
    assert!(matches!(value, Cell::Value(ValueRef::Int(1))), "{value:?}");
}

#[test]
fn what_has_no_duration_comes_last() {
    let store = sample::draw("1 - 5 9 s a\n 2 1 8 6 s b\n 3 1 6 6 s c\n 4 1 7 0 s d");
    let rows = rows(&store, Of::Spans, 0..4);
    let said = |at: usize| match cell(&store, rows[at], &Column::Duration) {
        Cell::Length(length) => length.to_string(),
        Cell::NoLength(why) => why.to_owned(),
        other => format!("{other:?}"),
    };
    let names: Vec<String> = (0..4)
        .map(|at| format!("{} {}", store.span(rows[at].span).name(), said(at)))
        .collect();
    assert_eq!(
        names,
        ["a 4 ns", "c 0 ns", "d no end", "b ends before it starts"]
    );
    for column in [Column::Duration, Column::SelfTime] {
        let last = |descending| order(&store, &rows, &column, descending)[2..].to_vec();
        assert_eq!([last(false), last(true)], [[2, 3], [2, 3]], "{column:?}");
    }
}

#[test]
fn random_orders_agree_with_the_standard_sort() {
    let mut next = sample::numbers(88_172_645_463_325_252);
    for round in 0..60 {
        let lines: Vec<String> = (1..=next(80) + 1)
            .map(|id| {
                let start = next(1 << (round % 40)) + 1;
                format!(
                    "{id} {} {start} {} s{} n{}",
                    next(id),
                    start + next(900),
                    next(5),
                    next(9)
                )
            })
            .collect();
        let store = sample::draw(&lines.join("\n"));
        let rows = rows(&store, Of::Spans, store.trace(0).spans());
        for column in Column::own_names().filter_map(Column::of_name) {
            for descending in [false, true] {
                let key = |at: &u32| -> (Option<String>, u64) {
                    match cell(&store, rows[*at as usize], &column) {
                        Cell::Text(text) if column != Column::Kind && column != Column::Status => {
                            (Some(text.to_owned()), 0)
                        }
                        Cell::Text(_) | Cell::Value(_) => (None, 0),
                        Cell::Missing | Cell::NoLength(_) => (None, 0),
                        Cell::Time(time) => (None, time.0),
                        Cell::Length(length) => (None, length.0),
                        Cell::Count(count) => (None, count),
                        Cell::Id(id) => (None, id.0),
                    }
                };
                let mut expected: Vec<u32> = (0..rows.len() as u32).collect();
                expected.sort_by(|a, b| match descending {
                    false => key(a).cmp(&key(b)),
                    true => key(b).cmp(&key(a)),
                });
                assert_eq!(
                    order(&store, &rows, &column, descending),
                    expected,
                    "{column:?}"
                );
            }
        }
    }
}

/// A span whose events have these names and, with `=`, this attribute.
fn with_events(events: &[&str]) -> TraceStore {
    let mut b = StoreBuilder::new();
    let resource = b.resource(ResourceRecord::default());
    let scope = b.scope(ScopeRecord::default());
    let mark = b.event_mark();
    for event in events {
        let (name, attribute) = event.split_once(' ').unwrap_or((event, ""));
        let list = b.open_list();
        if let Some((key, text)) = attribute.split_once('=') {
            let (key, text) = (b.intern(key), b.intern(text));
            b.push_value(key, Value::Str(text));
        }
        let attributes = b.close_attributes(list);
        let name = b.intern(name);
        b.push_event(EventRecord {
            time: UnixNanos(1),
            name,
            attributes,
            ..EventRecord::default()
        });
    }
    b.push_span(SpanRecord {
        trace_id: TraceId(1),
        span_id: SpanId(1),
        start: UnixNanos(1),
        end: UnixNanos(2),
        events: b.events_since(mark),
        ..SpanRecord::new(resource, scope)
    });
    b.finish()
}

#[test]
fn events_are_as_grave_as_they_say() {
    let check = |event: &str, expected: Option<&str>, severity: u64| {
        let store = with_events(&[event]);
        let found = level::of(store.span(0).events().next().unwrap());
        assert_eq!(found, expected, "{event}");
        assert_eq!(found.map_or(0, level::severity), severity, "{event}");
    };
    check("cache.miss", None, 0);
    check("exception", Some("error"), 17);
    check("failed exception.type=Timeout", Some("error"), 17);
    check("exception level=warning", Some("warning"), 13);
    check("log log.severity=INFO", Some("INFO"), 9);
    check("log severity_text=Fatal2", Some("Fatal2"), 21);
    check("log level=loud", Some("loud"), 0);
    check("log level=", None, 0);
}

#[test]
fn events_are_ordered_by_how_grave_they_are() {
    let store = with_events(&[
        "a level=info",
        "b",
        "exception",
        "c level=debug",
        "d level=?",
    ]);
    let rows = rows(&store, Of::Events, 0..1);
    let order = |descending| order(&store, &rows, &Column::Level, descending);
    assert_eq!(order(true), [2, 0, 3, 4, 1]);
    assert_eq!(order(false), [4, 3, 0, 2, 1]);
    assert_eq!(
        super::order(&store, &rows, &Column::Attributes, true),
        [0, 1, 2, 3, 4]
    );
    let list = cell(&store, rows[0], &Column::Attributes);
    assert!(matches!(list, Cell::Value(ValueRef::Map(list)) if list.len() == 1));
    let lone = Row {
        span: 0,
        event: None,
    };
    assert!(matches!(cell(&store, lone, &Column::Level), Cell::Missing));
    assert!(
        matches!(cell(&store, lone, &Column::Attributes), Cell::Value(ValueRef::Map(list)) if list.is_empty())
    );
}
