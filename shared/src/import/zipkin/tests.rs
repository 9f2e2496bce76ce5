//! Small literals of each thing that Zipkin JSON does.

use crate::{
    import::{Format, Limits, Silent, session::Session},
    issues::IssueKind,
    json::Reader,
    store::{SpanMarks, SpanRef, TraceStore, ValueList, ValueRef, builder::StoreBuilder},
};

fn import_as(json: &str) -> (TraceStore, Option<Format>) {
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
    let format = session.format();
    (builder.finish(), format)
}

fn import(json: &str) -> TraceStore {
    import_as(json).0
}

fn values(list: ValueList<'_>) -> String {
    let value = |value: ValueRef<'_>| match value {
        ValueRef::Array(list) | ValueRef::Map(list) => format!("({})", values(list)),
        ValueRef::Str(text) => text.to_owned(),
        ValueRef::Int(value) => value.to_string(),
        ValueRef::Bool(value) => value.to_string(),
        other => format!("{other:?}"),
    };
    let all: Vec<String> = list
        .iter()
        .map(|(key, it)| format!("{key}={}", value(it)))
        .collect();
    all.join(" ")
}

fn line(span: SpanRef<'_>) -> String {
    let kind = span.kind().name();
    format!(
        "{} {} {kind} {}..{}",
        span.service_name(),
        span.name(),
        span.start().0,
        span.end().0
    )
}

/// A record with ids, times and the given fields.
fn record(fields: &str) -> TraceStore {
    import(&format!(
        r#"[{{"traceId":"a","id":"b","name":"get","timestamp":10,"duration":5,{fields}}}]"#
    ))
}

#[test]
fn every_wrapper_gives_the_same_spans() {
    let one = r#"{"traceId":"000000000000000a","id":"000000000000000b","kind":"SERVER","name":"get","timestamp":10,"duration":5,"localEndpoint":{"serviceName":"web"}}"#;
    for json in [
        one.to_owned(),
        format!("[{one}]"),
        format!("[[{one}]]"),
        format!(r#"{{"traces":[[{one}]],"count":1}}"#),
        format!(r#"{{"spans":[{one}]}}"#),
        format!("{one}\n"),
    ] {
        let (store, format) = import_as(&json);
        assert_eq!(
            (store.span_count(), format),
            (1, Some(Format::ZipkinV2)),
            "{json}"
        );
        assert_eq!(line(store.span(0)), "web get server 10000..15000", "{json}");
        assert!(store.issues().is_empty(), "{json}");
    }
}

#[test]
fn endpoints_become_resource_and_attributes() {
    let store = import(
        r#"[{"traceId":"a","id":"1","localEndpoint":{"serviceName":"web","ipv4":"10.0.0.1","port":80},
             "remoteEndpoint":{"serviceName":"db","ipv6":"::1","port":5432}},
            {"traceId":"a","id":"2","parentId":"1","localEndpoint":{"serviceName":"web","ipv4":"10.0.0.1","port":80}},
            {"traceId":"a","id":"3","parentId":"1","localEndpoint":{"serviceName":"web","ipv4":"10.0.0.2","ipv6":"::2","port":0}}]"#,
    );
    let root = store.span(0);
    assert_eq!(
        values(root.resource().attributes()),
        "service.name=web network.local.address=10.0.0.1 network.local.port=80"
    );
    assert_eq!(
        values(root.attributes()),
        "peer.service=db network.peer.address=::1 network.peer.port=5432"
    );
    assert_eq!(
        values(store.span(2).resource().attributes()),
        "service.name=web network.local.address=10.0.0.2 network.local.address.ipv6=::2"
    );
    assert_eq!(
        (store.resources().service.len(), store.service_count()),
        (2, 1)
    );
}

#[test]
fn tags_stay_and_errors_are_seen() {
    let check = |tags: &str, status: &str, message: &str, left: &str| {
        let store = record(&format!(r#""tags":{tags}"#));
        let span = store.span(0);
        assert_eq!(
            (span.status().name(), span.status_message()),
            (status, message),
            "{tags}"
        );
        assert_eq!(values(span.attributes()), left, "{tags}");
    };
    check(
        r#"{"http.path":"/","n":"1"}"#,
        "unset",
        "",
        "http.path=/ n=1",
    );
    check(
        r#"{"error":"timeout"}"#,
        "error",
        "timeout",
        "error=timeout",
    );
    check(r#"{"error":""}"#, "error", "", "error=");
    check(r#"{"error":"true"}"#, "error", "", "error=true");
    check(r#"{"error":"false"}"#, "unset", "", "error=false");
    check(
        r#"{"otel.status_code":"ERROR","error":"boom"}"#,
        "error",
        "boom",
        "error=boom",
    );
    check(r#"{"otel.status_code":"OK"}"#, "ok", "", "");
    check(
        r#"{"n":7,"deep":{"a":[true]}}"#,
        "unset",
        "",
        "n=7 deep=(a=(=true))",
    );
    check("null", "unset", "", "");
}

#[test]
fn shared_spans_are_two_records() {
    let client = r#"{"traceId":"a","id":"2","parentId":"1","kind":"CLIENT","name":"call","timestamp":2,"duration":6,"localEndpoint":{"serviceName":"web"}}"#;
    let server = r#"{"traceId":"a","id":"2","parentId":"1","kind":"SERVER","shared":true,"name":"serve","timestamp":3,"duration":4,"localEndpoint":{"serviceName":"cart"}}"#;
    let below = r#"{"traceId":"a","id":"3","parentId":"2","name":"below","timestamp":4,"duration":1,"localEndpoint":{"serviceName":"cart"}}"#;
    let root = r#"{"traceId":"a","id":"1","name":"root","timestamp":1,"duration":9,"localEndpoint":{"serviceName":"web"}}"#;
    for order in [[root, client, server, below], [below, server, client, root]] {
        let store = import(&format!("[{}]", order.join(",")));
        let names: Vec<_> = (0..4)
            .map(|row| (store.span(row).name(), store.span(row).depth()))
            .collect();
        assert_eq!(
            names,
            [("root", 0), ("call", 1), ("serve", 2), ("below", 3)]
        );
        assert!(store.span(2).marks().has(SpanMarks::SHARED));
        assert!(store.issues().is_empty());
    }
}

#[test]
fn annotations_become_events() {
    let store = record(
        r#""annotations":[{"timestamp":11,"value":"retry"},{"timestamp":12,"value":"again"}],"debug":true"#,
    );
    let events: Vec<_> = store
        .span(0)
        .events()
        .map(|event| (event.time().0, event.name()))
        .collect();
    assert_eq!(events, [(11_000, "retry"), (12_000, "again")]);
    assert_eq!(values(store.span(0).attributes()), "zipkin.debug=true");
}

#[test]
fn the_first_version_says_it_with_annotations() {
    let check = |fields: &str, expected: &str, attributes: &str, events: usize| {
        let (store, format) = import_as(&format!(
            r#"{{"traceId":"a","id":"b","name":"get",{fields}}}"#
        ));
        let span = store.span(0);
        assert_eq!(format, Some(Format::ZipkinV1), "{fields}");
        assert_eq!(line(span), expected, "{fields}");
        assert_eq!(values(span.attributes()), attributes, "{fields}");
        assert_eq!(span.events().len(), events, "{fields}");
    };
    let at = |time: u32, word: &str, service: &str| {
        format!(
            r#"{{"timestamp":{time},"value":"{word}","endpoint":{{"serviceName":"{service}"}}}}"#
        )
    };
    let (cs, cr) = (at(10, "cs", "web"), at(20, "cr", "web"));
    let (sr, ss) = (at(12, "sr", "cart"), at(18, "ss", "cart"));
    check(
        &format!(r#""annotations":[{cs},{cr}]"#),
        "web get client 10000..20000",
        "",
        2,
    );
    check(
        &format!(r#""annotations":[{sr},{ss}]"#),
        "cart get server 12000..18000",
        "",
        2,
    );
    check(
        &format!(r#""annotations":[{cs},{sr},{ss},{cr}]"#),
        "web get client 10000..20000",
        "",
        4,
    );
    check(
        &format!(r#""annotations":[{cs}]"#),
        "web get client 10000..10000",
        "",
        1,
    );
    check(
        &format!(r#""timestamp":9,"duration":20,"annotations":[{cs},{cr}]"#),
        "web get client 9000..29000",
        "",
        2,
    );
    check(
        &format!(r#""annotations":[{}]"#, at(5, "ms", "shop")),
        "shop get producer 5000..5000",
        "",
        1,
    );
    check(
        r#""timestamp":9,"duration":1,"binaryAnnotations":[{"key":"lc","value":"sql","endpoint":{"serviceName":"db"}}]"#,
        "db get internal 9000..10000",
        "lc=sql",
        0,
    );
    check(
        &format!(
            r#""annotations":[{cs},{cr}],"binaryAnnotations":[{{"key":"sa","value":true,"endpoint":{{"serviceName":"cart","port":80}}}},
            {{"key":"ca","value":true,"endpoint":{{"serviceName":"web","port":1234}}}},{{"key":"http.path","value":"/","endpoint":{{"serviceName":"web"}}}}]"#
        ),
        "web get client 10000..20000",
        "ca=(service.name=web network.local.port=1234) http.path=/ peer.service=cart network.peer.port=80",
        2,
    );
    check(
        &format!(
            r#""annotations":[{cs},{sr},{ss},{cr}],"binaryAnnotations":[{{"key":"error","value":"x","endpoint":{{"serviceName":"cart"}}}}]"#
        ),
        "web get client 10000..20000",
        "error=x zipkin.tag_services=(error=cart)",
        4,
    );
}

#[test]
fn odd_records_are_kept() {
    let check = |json: &str, marks: SpanMarks, issue: IssueKind| {
        let store = import(json);
        assert_eq!(store.span(0).marks(), marks, "{json}");
        assert_eq!(store.issues().count(issue), 1, "{json}");
    };
    let local = r#""localEndpoint":{"serviceName":"s"}"#;
    check(
        &format!(r#"[{{"traceId":"a","id":"1",{local},"timestamp":3}}]"#),
        SpanMarks::NO_END,
        IssueKind::MissingEnd,
    );
    check(
        &format!(r#"[{{"traceId":"a","id":"1",{local},"duration":3}}]"#),
        SpanMarks::NO_START,
        IssueKind::MissingStart,
    );
    check(
        &format!(
            r#"[{{"traceId":"a","id":"1",{local},"timestamp":1,"duration":3,"kind":"ROBOT"}}]"#
        ),
        SpanMarks::default(),
        IssueKind::UnknownEnum,
    );
    check(
        &format!(
            r#"[{{"traceId":"a","id":"1","parentId":"1",{local},"timestamp":1,"duration":3}}]"#
        ),
        SpanMarks::default(),
        IssueKind::SelfParent,
    );
    let opaque = import(
        r#"[{"traceId":"trace one","id":"x.1"},{"traceId":"trace one","id":"y","parentId":"x.1"}]"#,
    );
    assert_eq!(
        (opaque.trace_count(), opaque.span(1).parent()),
        (1, Some(0))
    );
    assert_eq!(
        values(opaque.span(0).attributes()),
        "zipkin.trace_id=trace one zipkin.span_id=x.1"
    );
}

#[test]
fn a_broken_record_does_not_lose_its_neighbours() {
    let check = |json: &str, spans: usize| assert_eq!(import(json).span_count(), spans, "{json}");
    let whole = r#"{"traceId":"a","id":"1"}"#;
    check(&format!(r#"[{whole},{{"traceId":"a","id" 5}},{whole}]"#), 2);
    check(&format!(r#"[[{whole}],[{whole},{{"traceId":"a","na"#), 2);
    check(&format!(r#"[{whole},7,null,{{}},{{"x":{{}}}}]"#), 1);
    check(&"[".repeat(100_000), 0);
    check(&format!("{}{}", "{\"x\":".repeat(50), whole), 0);
}
