//! Small literals of each thing that Jaeger JSON does.

use crate::{
    import::{Limits, Silent, session::Session},
    issues::IssueKind,
    json::Reader,
    store::{SpanMarks, TraceStore, ValueList, ValueRef, builder::StoreBuilder},
};

fn import(json: &str) -> TraceStore {
    let mut builder = StoreBuilder::new();
    let mut observer = Silent;
    let mut session = Session::new(&mut builder, &mut observer, Limits::default());
    let mut reader = Reader::new(json.as_bytes());
    while reader.next_top_value() {
        if super::read(&mut session, &mut reader).is_err() {
            break;
        }
    }
    reader.notes.drain_into(&mut session.builder.issues);
    builder.finish()
}

fn values(list: ValueList<'_>) -> String {
    let value = |value: ValueRef<'_>| match value {
        ValueRef::Array(list) | ValueRef::Map(list) => format!("({})", values(list)),
        ValueRef::Empty => "empty".to_owned(),
        ValueRef::Str(text) => format!("{text:?}"),
        ValueRef::Bytes(text) => format!("b{text:?}"),
        ValueRef::Bool(value) => value.to_string(),
        ValueRef::Int(value) => value.to_string(),
        ValueRef::Double(value) => format!("{value:?}"),
    };
    let all: Vec<String> = list
        .iter()
        .map(|(key, it)| format!("{key}={}", value(it)))
        .collect();
    all.join(" ")
}

/// One span with `fields` besides its ids; gives it with its trace.
fn span(fields: &str) -> TraceStore {
    import(&format!(
        r#"{{"traceID":"1","spans":[{{"traceID":"1","spanID":"2","startTime":1000,"duration":5{fields}}}],
            "processes":{{"p1":{{"serviceName":"cart","tags":[{{"key":"host","type":"string","value":"a"}}]}}}}}}"#
    ))
}

#[test]
fn every_wrapper_gives_the_same_span() {
    let trace = r#"{"traceID":"a1","spans":[{"traceID":"a1","spanID":"b","operationName":"get","startTime":7,"duration":3,"processID":"p"}],"processes":{"p":{"serviceName":"s"}}}"#;
    let bare = r#"{"traceID":"a1","spanID":"b","operationName":"get","startTime":7,"duration":3,"process":{"serviceName":"s"}}"#;
    for json in [
        trace.to_owned(),
        format!("[{trace}]"),
        format!(r#"{{"data":[{trace}],"total":0,"errors":null}}"#),
        format!(r#"{{"data":{trace},"id":"x"}}"#),
        format!("[{bare}]"),
        bare.to_owned(),
    ] {
        let store = import(&json);
        assert_eq!(store.span_count(), 1, "{json}");
        let span = store.span(0);
        assert_eq!((span.name(), span.service_name()), ("get", "s"), "{json}");
        assert_eq!((span.start().0, span.end().0), (7_000, 10_000), "{json}");
        assert_eq!(span.trace().id().0, 0xa1, "{json}");
        assert!(store.issues().is_empty(), "{json}");
    }
}

#[test]
fn tags_keep_their_types() {
    let check = |tag: &str, expected: &str, issues: u64| {
        let store = span(&format!(r#","processID":"p1","tags":[{{{tag}}}]"#));
        assert_eq!(values(store.span(0).attributes()), expected, "{tag}");
        assert_eq!(store.issues().total(), issues, "{tag}");
    };
    check(r#""key":"k","type":"string","value":"v""#, r#"k="v""#, 0);
    check(r#""value":"7","key":"k","type":"int64""#, "k=7", 0);
    check(
        r#""key":"k","type":"int64","value":9223372036854775807"#,
        "k=9223372036854775807",
        0,
    );
    check(
        r#""key":"k","type":"int64","value":"-9223372036854775808""#,
        "k=-9223372036854775808",
        0,
    );
    check(
        r#""key":"k","type":"int64","value":18446744073709551615"#,
        r#"k="18446744073709551615""#,
        1,
    );
    check(
        r#""key":"k","type":"int64","value":"many""#,
        r#"k="many""#,
        1,
    );
    check(r#""key":"k","type":"int64","value":7.0"#, "k=7", 0);
    check(r#""key":"k","type":"float64","value":7"#, "k=7.0", 0);
    check(r#""key":"k","type":"float64","value":"NaN""#, "k=NaN", 0);
    check(r#""key":"k","type":"bool","value":true"#, "k=true", 0);
    check(r#""key":"k","type":"bool","value":"false""#, "k=false", 0);
    check(
        r#""key":"k","type":"binary","value":"AAAwOQ==""#,
        r#"k=b"AAAwOQ==""#,
        0,
    );
    check(
        r#""key":"k","type":"string","value":{"a":[1,null,{"b":2.5}]}"#,
        "k=(a=(=1 =empty =(b=2.5)))",
        0,
    );
    check(r#""key":"k","type":"string","value":12"#, "k=12", 0);
    check(r#""key":"k","type":"decimal","value":"1""#, r#"k="1""#, 1);
    check(r#""key":"k","value":null"#, "k=empty", 0);
}

#[test]
fn tags_become_fields_when_the_field_says_it_all() {
    // kind, status, status message, what is left
    let check = |tags: &[(&str, &str)], expected: (&str, &str, &str), left: &str| {
        let tags: Vec<String> = tags
            .iter()
            .map(|(key, value)| format!(r#"{{"key":"{key}","value":{value}}}"#))
            .collect();
        let store = span(&format!(r#","processID":"p1","tags":[{}]"#, tags.join(",")));
        let span = store.span(0);
        assert_eq!(
            (
                span.kind().name(),
                span.status().name(),
                span.status_message()
            ),
            expected,
            "{tags:?}"
        );
        assert_eq!(values(span.attributes()), left, "{tags:?}");
    };
    check(&[("span.kind", r#""server""#)], ("server", "unset", ""), "");
    check(
        &[("span.kind", r#""robot""#)],
        ("unspecified", "unset", ""),
        r#"span.kind="robot""#,
    );
    check(
        &[("span.kind", r#""client""#), ("span.kind", r#""server""#)],
        ("client", "unset", ""),
        r#"span.kind="server""#,
    );
    check(&[("error", "true")], ("unspecified", "error", ""), "");
    check(
        &[("error", "false")],
        ("unspecified", "unset", ""),
        "error=false",
    );
    check(
        &[("error", r#""true""#)],
        ("unspecified", "error", ""),
        r#"error="true""#,
    );
    check(
        &[("error", r#""timeout""#)],
        ("unspecified", "unset", ""),
        r#"error="timeout""#,
    );
    check(
        &[
            ("otel.status_code", r#""ERROR""#),
            ("otel.status_description", r#""no route""#),
            ("error", "true"),
        ],
        ("unspecified", "error", "no route"),
        "",
    );
    check(
        &[("otel.status_code", r#""OK""#)],
        ("unspecified", "ok", ""),
        "",
    );
    check(
        &[("otel.status_code", r#""OK""#), ("error", "true")],
        ("unspecified", "error", ""),
        r#"otel.status_code="OK""#,
    );
}

#[test]
fn scope_and_trace_state_come_from_tags() {
    let store = span(
        r#","processID":"p1","flags":3,"tags":[{"key":"otel.scope.name","value":"http"},
        {"key":"otel.library.version","value":"1.2"},{"key":"w3c.tracestate","value":"a=1"}]"#,
    );
    let span = store.span(0);
    assert_eq!(
        (
            span.scope().name(),
            span.scope().version(),
            span.trace_state()
        ),
        ("http", "1.2", "a=1")
    );
    assert_eq!(
        (span.flags(), values(span.attributes()).as_str()),
        (1, "jaeger.flags=3")
    );
    assert_eq!(
        values(span.resource().attributes()),
        r#"service.name="cart" host="a""#
    );
}

#[test]
fn references_give_a_parent_and_links() {
    // Spans 2 and 3 are roots, span 4 has the references; its parent and its links are expected.
    let check = |references: &str, parent: u64, links: &[(u64, &str)]| {
        let json = format!(
            r#"[{{"traceID":"1","spans":[{{"spanID":"4","traceID":"1","startTime":5,"duration":1,{references}}},
            {{"spanID":"2","traceID":"1","startTime":1,"duration":9}},{{"spanID":"3","traceID":"1","startTime":2,"duration":1}}]}}]"#
        );
        let store = import(&json);
        let rows = store.trace(0).spans();
        let span = rows
            .map(|row| store.span(row))
            .find(|span| span.id().0 == 4)
            .unwrap();
        assert_eq!(span.parent_id().0, parent, "{references}");
        let found: Vec<_> = span
            .links()
            .map(|link| {
                (
                    link.span_id().0,
                    link.attributes().get_str("opentracing.ref_type").unwrap(),
                )
            })
            .collect();
        assert_eq!(found, links, "{references}");
    };
    let references = |list: &[(&str, &str, &str)]| {
        let list: Vec<String> = list
            .iter()
            .map(|(kind, trace, span)| {
                format!(r#"{{"refType":"{kind}","traceID":"{trace}","spanID":"{span}"}}"#)
            })
            .collect();
        format!(r#""references":[{}]"#, list.join(","))
    };
    check(r#""references":null"#, 0, &[]);
    check(&references(&[("CHILD_OF", "1", "2")]), 2, &[]);
    check(
        &references(&[("FOLLOWS_FROM", "1", "3"), ("CHILD_OF", "1", "2")]),
        2,
        &[(3, "follows_from")],
    );
    check(
        &references(&[("CHILD_OF", "ff", "9"), ("CHILD_OF", "1", "2")]),
        2,
        &[(9, "child_of")],
    );
    check(
        &references(&[("FOLLOWS_FROM", "1", "3")]),
        3,
        &[(3, "follows_from")],
    );
    check(
        &references(&[("FOLLOWS_FROM", "1", "8"), ("FOLLOWS_FROM", "1", "3")]),
        3,
        &[(8, "follows_from"), (3, "follows_from")],
    );
    check(
        &references(&[("CHILD_OF", "1", "4"), ("CHILD_OF", "1", "3")]),
        3,
        &[(4, "child_of")],
    );
    check(&references(&[("CHILD_OF", "1", "4")]), 4, &[]);
    check(&references(&[("CHILD_OF", "1", "77")]), 0x77, &[]);
    check(&references(&[("CHILD_OF", "0000", "0000")]), 0, &[]);
    check(
        &references(&[("CHILD_OF", "00000000000000aa0000000000000001", "2")]),
        2,
        &[],
    );
    check(r#""parentSpanID":"3""#, 3, &[]);
    check(
        &format!(
            r#"{},"parentSpanID":"3""#,
            references(&[("CHILD_OF", "1", "2")])
        ),
        2,
        &[],
    );
}

#[test]
fn logs_become_events() {
    let check = |fields: &str, name: &str, left: &str| {
        let store = span(&format!(
            r#","processID":"p1","logs":[{{"timestamp":1001.5,"fields":[{fields}]}}]"#
        ));
        let event = store.span(0).events().next().unwrap();
        assert_eq!(
            (event.time().0, event.name()),
            (1_001_500, name),
            "{fields}"
        );
        assert_eq!(values(event.attributes()), left, "{fields}");
    };
    check(
        r#"{"key":"event","value":"retry"},{"key":"n","type":"int64","value":2}"#,
        "retry",
        "n=2",
    );
    check(r#"{"key":"message","value":"hi"}"#, "hi", r#"message="hi""#);
    check(r#"{"key":"event","value":5}"#, "", "event=5");
    check("", "", "");
}

#[test]
fn opaque_ids_stay_visible_and_still_connect() {
    let store = import(
        r#"{"spans":[{"traceID":"order-7","spanID":"root!","startTime":1,"duration":9},
        {"traceID":"order-7","spanID":"b","startTime":2,"duration":1,"references":[{"refType":"CHILD_OF","traceID":"order-7","spanID":"root!"}]}]}"#,
    );
    assert_eq!(store.span(1).parent(), Some(0));
    assert_eq!(
        values(store.span(0).attributes()),
        r#"jaeger.trace_id="order-7" jaeger.span_id="root!""#
    );
    assert_eq!(
        values(store.span(1).attributes()),
        r#"jaeger.trace_id="order-7" jaeger.parent_span_id="root!""#
    );
    assert!(store.issues().count(IssueKind::OpaqueId) >= 4);
}

#[test]
fn processes_may_be_absent_late_or_inline() {
    let check = |fields: &str, service: &str, broken: u64| {
        let store = span(fields);
        assert_eq!(store.span(0).service_name(), service, "{fields}");
        assert_eq!(
            store.issues().count(IssueKind::BrokenReference),
            broken,
            "{fields}"
        );
    };
    check(r#","processID":"p1""#, "cart", 0);
    check(r#","processID":"p9""#, "unknown_service", 1);
    check(
        r#","processID":"p9","process":{"serviceName":"inline"}"#,
        "inline",
        0,
    );
    check(
        r#","process":{"serviceName":"inline"},"processID":"p9""#,
        "inline",
        0,
    );
    check("", "unknown_service", 0);
}

#[test]
fn odd_spans_are_kept() {
    let check = |fields: &str, marks: SpanMarks, end: u64| {
        let store = import(&format!(r#"[{{"traceID":"1","spanID":"2",{fields}}}]"#));
        let span = store.span(0);
        assert_eq!((span.marks(), span.end().0), (marks, end), "{fields}");
    };
    check(
        r#""startTime":10,"duration":null"#,
        SpanMarks::NO_END,
        10_000,
    );
    check(
        r#""startTime":10,"duration":-3"#,
        SpanMarks::NEGATIVE,
        7_000,
    );
    check(r#""startTime":0,"duration":3"#, SpanMarks::NO_START, 3_000);
    check(
        r#""startTime":"10","duration":"3""#,
        SpanMarks::default(),
        13_000,
    );
    let warned = span(r#","warnings":["clock skew"]"#);
    assert_eq!(
        values(warned.span(0).attributes()),
        r#"jaeger.warnings=(="clock skew")"#
    );
    assert!(span(r#","warnings":[]"#).span(0).attributes().is_empty());
}

#[test]
fn a_broken_span_does_not_lose_its_neighbours() {
    let check = |json: &str, spans: usize| assert_eq!(import(json).span_count(), spans, "{json}");
    let whole = r#"{"spanID":"1","traceID":"1"}"#;
    check(
        &format!(r#"{{"data":[{{"spans":[{whole},{{"spanID" 5}},{whole}]}}]}}"#),
        2,
    );
    check(&format!(r#"{{"data":[{{"spans":[{whole},{{"spanID":"#), 1);
    check(&format!(r#"[{whole},7,null,[{whole}]]"#), 2);
    check(&"[".repeat(100_000), 0);
}
