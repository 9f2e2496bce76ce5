//! Small literals of each thing that OTLP JSON does somewhere.

mod logs;

use crate::{
    import::{Format, Limits, Silent, session::Session},
    issues::IssueKind,
    json::Reader,
    store::{TraceStore, ValueList, ValueRef, builder::StoreBuilder},
};

fn import(json: &str) -> (TraceStore, Option<Format>) {
    let mut builder = StoreBuilder::new();
    let mut observer = Silent;
    let mut session = Session::new(&mut builder, &mut observer, Limits::default());
    let mut reader = Reader::new(json.as_bytes());
    if let Err(error) = super::read(&mut session, &mut reader) {
        session
            .builder
            .issues
            .add(IssueKind::SyntaxError, Some(error.offset));
    }
    reader.notes.drain_into(&mut session.builder.issues);
    let format = session.format();
    (builder.finish(), format)
}

fn values(list: ValueList<'_>) -> String {
    let value = |value: ValueRef<'_>| match value {
        ValueRef::Array(list) => format!("[{}]", values(list)),
        ValueRef::Map(list) => format!("({})", values(list)),
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

fn issues(store: &TraceStore) -> String {
    let all: Vec<String> = store
        .issues()
        .iter()
        .map(|issue| format!("{:?}×{}", issue.kind, issue.count))
        .collect();
    all.join(" ")
}

const RESOURCE: &str =
    r#""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]}"#;

/// One span with `fields` besides its ids and times.
fn span(fields: &str) -> TraceStore {
    import(&format!(
        r#"{{"resourceSpans":[{{{RESOURCE},"scopeSpans":[{{"spans":[{{"traceId":"5b8efff798038103d269b633813fc60c",
        "spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1000","endTimeUnixNano":"3000"{fields}}}]}}]}}]}}"#
    ))
    .0
}

#[test]
fn every_wrapper_gives_the_same_span() {
    let spans = r#"[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"get","startTimeUnixNano":"1000","endTimeUnixNano":"3000"}]"#;
    let scopes =
        format!(r#""scopeSpans":[{{"scope":{{"name":"lib","version":"1"}},"spans":{spans}}}]"#);
    let bare = format!("{{{RESOURCE},{scopes}}}");
    let behind = format!(
        r#"{{"scopeSpans":[{{"spans":{spans},"scope":{{"name":"lib","version":"1"}}}}],{RESOURCE}}}"#
    );
    let request = format!(r#"{{"resourceSpans":[{bare}]}}"#);
    for json in [
        bare.clone(),
        format!("[{bare}]"),
        request.clone(),
        format!("[[{request}]]"),
        format!(r#"{{"resource_spans":[{bare}]}}"#),
        format!(r#"{{"batches":[{bare}]}}"#),
        format!(r#"{{"result":{request}}}"#),
        format!(r#"{{"metrics":{{"a":1}},"trace":{request},"status":"x"}}"#),
        format!(r#"{{"logs":[],"meta":{{}},"traces":{request}}}"#),
        format!(r#"{{"data":{request}}}"#),
        format!(r#"{{"resourceSpans":[{behind}]}}"#),
        request
            .replace("scopeSpans", "instrumentationLibrarySpans")
            .replace("\"scope\"", "\"instrumentationLibrary\""),
        request
            .replace("scopeSpans", "scope_spans")
            .replace("traceId", "trace_id")
            .replace("spanId", "span_id")
            .replace("startTimeUnixNano", "start_time_unix_nano")
            .replace("endTimeUnixNano", "end_time_unix_nano")
            .replace("stringValue", "string_value"),
        request.replace(
            "{\"stringValue\":\"cart\"}",
            "{\"Value\":{\"StringValue\":\"cart\"}}",
        ),
        request
            .replace(':', " :\n\t")
            .replace(',', " , ")
            .replace('}', " }"),
        request
            .replace("\"1000\"", "1000")
            .replace("\"3000\"", "3000"),
        request
            .replace(
                "5b8efff798038103d269b633813fc60c",
                "W47/95gDgQPSabYzgT/GDA==",
            )
            .replace("eee19b7ec3c1b174", "7uGbfsPBsXQ="),
    ] {
        let (store, format) = import(&json);
        assert_eq!(
            (store.span_count(), format),
            (1, Some(Format::OtlpJson)),
            "{json}"
        );
        let span = store.span(0);
        assert_eq!(
            (span.name(), span.service_name()),
            ("get", "cart"),
            "{json}"
        );
        assert_eq!(
            (span.scope().name(), span.scope().version()),
            ("lib", "1"),
            "{json}"
        );
        assert_eq!((span.start().0, span.end().0), (1000, 3000), "{json}");
        assert_eq!(
            span.trace().id().to_string(),
            "5b8efff798038103d269b633813fc60c",
            "{json}"
        );
        assert_eq!(span.id().to_string(), "eee19b7ec3c1b174", "{json}");
        assert_eq!(issues(&store), "", "{json}");
    }
}

#[test]
fn fields_are_read_in_every_spelling() {
    let check = |fields: &str, expected: &str, expected_issues: &str| {
        let store = span(fields);
        let span = store.span(0);
        let seen = format!(
            "{} {} {:?} {:?} {:?} {}",
            span.kind().name(),
            span.status().name(),
            span.status_message(),
            span.trace_state(),
            span.dropped(),
            span.flags()
        );
        assert_eq!(seen, expected, "{fields}");
        assert_eq!(issues(&store), expected_issues, "{fields}");
    };
    let plain = "unspecified unset \"\" \"\" [0, 0, 0] 0";
    check("", plain, "");
    check(r#","unknown":{"a":[1]}"#, plain, "");
    check(
        r#","attributes":null,"events":null,"links":null,"status":null,"name":null,"kind":null"#,
        plain,
        "",
    );
    check(r#","kind":3"#, "client unset \"\" \"\" [0, 0, 0] 0", "");
    check(r#","kind":"3""#, "client unset \"\" \"\" [0, 0, 0] 0", "");
    check(
        r#","kind":"SPAN_KIND_SERVER""#,
        "server unset \"\" \"\" [0, 0, 0] 0",
        "",
    );
    check(
        r#","kind":"consumer""#,
        "consumer unset \"\" \"\" [0, 0, 0] 0",
        "",
    );
    check(
        r#","kind":"SPAN_KIND_INVALID_TYPE""#,
        plain,
        "UnknownEnum×1",
    );
    check(r#","kind":-1"#, plain, "UnknownEnum×1");
    check(r#","kind":{"a":1}"#, plain, "WrongType×1");
    check(
        r#","status":{"code":2,"message":"no \"stock\""}"#,
        "unspecified error \"no \\\"stock\\\"\" \"\" [0, 0, 0] 0",
        "",
    );
    check(
        r#","status":{"code":"STATUS_CODE_OK"}"#,
        "unspecified ok \"\" \"\" [0, 0, 0] 0",
        "",
    );
    check(
        r#","status":{"code":"Error"}"#,
        "unspecified error \"\" \"\" [0, 0, 0] 0",
        "",
    );
    check(
        r#","status":{"deprecatedCode":"DEPRECATED_STATUS_CODE_UNKNOWN_ERROR"}"#,
        "unspecified error \"\" \"\" [0, 0, 0] 0",
        "",
    );
    check(
        r#","status":{"deprecatedCode":"DEPRECATED_STATUS_CODE_OK"}"#,
        plain,
        "",
    );
    check(
        r#","status":{"code":1,"deprecatedCode":2}"#,
        "unspecified ok \"\" \"\" [0, 0, 0] 0",
        "",
    );
    check(
        r#","traceState":"a=1,b=2","flags":257,"droppedAttributesCount":1,"droppedEventsCount":"2","droppedLinksCount":3"#,
        "unspecified unset \"\" \"a=1,b=2\" [1, 2, 3] 257",
        "",
    );
    check(r#","droppedAttributesCount":-1"#, plain, "BadNumber×1");
    check(r#","name":17"#, plain, "WrongType×1");
    check(
        r#","kind":3,"#,
        "client unset \"\" \"\" [0, 0, 0] 0",
        "LenientJson×1",
    );
}

#[test]
fn values_keep_their_types() {
    let check = |value: &str, expected: &str, expected_issues: &str| {
        let store = span(&format!(r#","attributes":[{{"key":"k","value":{value}}}]"#));
        assert_eq!(
            values(store.span(0).attributes()),
            format!("k={expected}"),
            "{value}"
        );
        assert_eq!(issues(&store), expected_issues, "{value}");
    };
    check(r#"{"stringValue":"a\nb"}"#, "\"a\\nb\"", "");
    check(
        r#"{"stringValue":"\ud83e"}"#,
        "\"\u{fffd}\"",
        "LoneSurrogate×1",
    );
    check(r#"{"stringValue":null}"#, "empty", "");
    check(
        r#"{"intValue":"9223372036854775807"}"#,
        "9223372036854775807",
        "",
    );
    check(
        r#"{"intValue":-9223372036854775808}"#,
        "-9223372036854775808",
        "",
    );
    check(
        r#"{"intValue":"18446744073709551615"}"#,
        "\"18446744073709551615\"",
        "BadNumber×1",
    );
    check(
        r#"{"intValue":18446744073709551615}"#,
        "\"18446744073709551615\"",
        "BadNumber×1",
    );
    check(r#"{"boolValue":true}"#, "true", "");
    check(r#"{"boolValue":"false"}"#, "false", "");
    check(r#"{"doubleValue":1.5}"#, "1.5", "");
    check(r#"{"doubleValue":"NaN"}"#, "NaN", "");
    check(r#"{"doubleValue":-Infinity}"#, "-inf", "LenientJson×1");
    check(r#"{"bytesValue":"AQID"}"#, "b\"AQID\"", "");
    check(r#"{"bytesValue":"-_8"}"#, "b\"+/8=\"", "");
    check(r#"{"bytesValue":"?"}"#, "b\"?\"", "WrongType×1");
    check(r#"{"bytesValue":[1,2,3]}"#, "b\"AQID\"", "WrongType×1");
    check(
        r#"{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"},{}]}}"#,
        "[=1 =\"x\" =empty]",
        "",
    );
    check(r#"{"arrayValue":{}}"#, "[]", "");
    check(r#"{"arrayValue":[{"intValue":1}]}"#, "[=1]", "WrongType×1");
    check(
        r#"{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"boolValue":true}]}}},{"key":"b"}]}}"#,
        "(a=[=true] b=empty)",
        "",
    );
    check("{}", "empty", "");
    check("null", "empty", "");
    check("\"plain\"", "\"plain\"", "WrongType×1");
    check("[1,{\"a\":null}]", "[=1 =(a=empty)]", "WrongType×1");
    check(r#"{"Value":{"IntValue":5}}"#, "5", "");
    check(r#"{"unheardOf":5}"#, "empty", "");
}

#[test]
fn odd_attribute_lists_are_read() {
    let check = |list: &str, expected: &str, expected_issues: &str| {
        let store = span(&format!(r#","attributes":{list}"#));
        assert_eq!(values(store.span(0).attributes()), expected, "{list}");
        assert_eq!(issues(&store), expected_issues, "{list}");
    };
    check("[]", "", "");
    check(r#"[{"value":{"intValue":1},"key":"late"}]"#, "late=1", "");
    check(r#"[{"key":"a\u0062","value":{"intValue":1}}]"#, "ab=1", "");
    check(
        r#"[{"key":"a","value":{"intValue":1}},{"key":"a","value":{"intValue":2}}]"#,
        "a=1 a=2",
        "",
    );
    check(
        r#"[{"key":"a","value":{"intValue":1},"keyStrindex":3}]"#,
        "a=1",
        "",
    );
    check(
        r#"{"a":"x","b":7,"c":{"stringValue":"y"},"d":{"e":1.5}}"#,
        "a=\"x\" b=7 c=\"y\" d=(e=1.5)",
        "WrongType×1",
    );
    check("[null,7]", "", "WrongType×1");
    check("7", "", "WrongType×1");
}

#[test]
fn deep_values_are_cut() {
    let deep = format!(
        "{}{{}}{}",
        r#"{"arrayValue":{"values":["#.repeat(100_000),
        "]}}".repeat(100_000)
    );
    let store = span(&format!(
        r#","attributes":[{{"key":"k","value":{deep}}},{{"key":"z","value":{{"intValue":1}}}}]"#
    ));
    assert_eq!(store.span(0).attributes().len(), 2);
    assert_eq!(issues(&store), "TooDeep×1");
}

#[test]
fn events_and_links_are_kept() {
    let store = span(
        r#","events":[{"timeUnixNano":"1500","name":"retry","attributes":[{"key":"n","value":{"intValue":2}}],
            "droppedAttributesCount":4},{}],
          "links":[{"traceId":"5B8EFFF798038103D269B633813FC60D","spanId":"EEE19B7EC3C1B175","traceState":"a=1","flags":256,
            "attributes":[{"key":"why","value":{"stringValue":"batch"}}],"droppedAttributesCount":5}]"#,
    );
    let events: Vec<String> = store
        .span(0)
        .events()
        .map(|it| {
            format!(
                "{} {} {} {}",
                it.time().0,
                it.name(),
                values(it.attributes()),
                it.dropped()
            )
        })
        .collect();
    assert_eq!(events, ["1500 retry n=2 4", "0   0"]);
    let links: Vec<String> = store
        .span(0)
        .links()
        .map(|it| {
            let ids = format!("{}/{}", it.trace_id(), it.span_id());
            format!(
                "{ids} {} {} {} {}",
                it.trace_state(),
                it.flags(),
                values(it.attributes()),
                it.dropped()
            )
        })
        .collect();
    assert_eq!(
        links,
        ["5b8efff798038103d269b633813fc60d/eee19b7ec3c1b175 a=1 256 why=\"batch\" 5"]
    );
}

#[test]
fn resources_and_scopes_are_whole() {
    let (store, _) = import(
        r#"{"resourceSpans":[{"schemaUrl":"https://a","scopeSpans":[{"schemaUrl":"https://b","spans":[{}],
            "scope":{"name":"lib","version":"2","attributes":[{"key":"s","value":{"intValue":1}}],"droppedAttributesCount":6}}],
            "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}],"droppedAttributesCount":7}}]}"#,
    );
    let (resource, scope) = (store.span(0).resource(), store.span(0).scope());
    assert_eq!(
        (
            resource.schema_url(),
            resource.dropped(),
            resource.service_name()
        ),
        ("https://a", 7, "cart")
    );
    assert_eq!(
        (
            scope.schema_url(),
            scope.dropped(),
            values(scope.attributes())
        ),
        ("https://b", 6, "s=1".to_owned())
    );
}

#[test]
fn broken_spans_cost_only_themselves() {
    let good = r#"{"traceId":"1","spanId":"2","startTimeUnixNano":5,"endTimeUnixNano":6}"#;
    let check = |spans: &str, count: usize, expected_issues: &str| {
        let (store, _) = import(&format!(
            r#"{{"resourceSpans":[{{{RESOURCE},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
        ));
        assert_eq!(
            (store.span_count(), issues(&store).as_str()),
            (count, expected_issues),
            "{spans}"
        );
    };
    check(&format!(r#"{{"traceId":oops}},{good}"#), 1, "SyntaxError×1");
    check(
        &format!(
            r#"{good},{{"name" "x"}},{}"#,
            good.replace("\"2\"", "\"3\"")
        ),
        2,
        "SyntaxError×1",
    );
    check(
        &format!("{good}\n{}", good.replace("\"2\"", "\"3\"")),
        2,
        "LenientJson×1",
    );
    check(&format!("null,7,{good}"), 1, "WrongType×1");
    // Its ids and its start are there: kept, and told.
    check(
        r#"{"traceId":"1","spanId":"2","startTimeUnixNano":5,"endTimeUnixNano":6,"name":oops}"#,
        1,
        "SyntaxError×1",
    );
}

#[test]
fn what_breaks_off_keeps_what_was_read() {
    let whole = format!(
        r#"{{"resourceSpans":[{{{RESOURCE},"scopeSpans":[{{"spans":[{{"traceId":"1","spanId":"2","startTimeUnixNano":5,
        "endTimeUnixNano":6,"attributes":[{{"key":"a","value":{{"stringValue":"b"}}}}]}},{{"traceId":"1","spanId":"3","#
    );
    let mut counts = Vec::new();
    for end in 0..whole.len() {
        let (store, _) = import(&whole[..end]);
        assert_eq!(store.issues().count(IssueKind::SyntaxError), 1, "{end}");
        counts.push(store.span_count());
    }
    assert!(counts.is_sorted());
    assert_eq!((counts.first(), counts.last()), (Some(&0), Some(&1)));
}

#[test]
fn other_signals_are_counted() {
    let (store, format) =
        import(r#"{"resourceLogs":[{"a":1}],"resourceMetrics":[],"resourceProfiles":[{}]}"#);
    assert_eq!((store.span_count(), format), (0, None));
    assert_eq!(issues(&store), "OtherSignal×1");
}

#[test]
fn search_hits_give_spans_with_parents() {
    let set = r#"{"spans":[{"spanID":"b","name":"get","startTimeUnixNano":"10","durationNanos":"5","attributes":[
        {"key":"span:parentID","value":{"stringValue":"a"}},{"key":"service.name","value":{"stringValue":"cart"}}]},
        {"spanID":"a","startTimeUnixNano":"8","durationNanos":"9"}],"matched":2}"#;
    for json in [
        format!(r#"{{"traceID":"9","spanSet":{set}}}"#),
        format!(r#"{{"spanSet":{set},"traceID":"9"}}"#),
        format!(r#"{{"traceID":"9","spanSet":{set},"spanSets":[{set}]}}"#),
        format!(r#"{{"traces":[{{"traceID":"9","spanSets":[{set}]}}],"metrics":{{}}}}"#),
    ] {
        let (store, format) = import(&json);
        assert_eq!(
            (store.span_count(), format),
            (2, Some(Format::TempoSearch)),
            "{json}"
        );
        let child = store.span(1);
        assert_eq!(
            (child.parent(), child.name(), child.service_name()),
            (Some(0), "get", "cart")
        );
        assert_eq!(
            (child.start().0, child.end().0, child.trace().id().0),
            (10, 15, 9)
        );
    }
}
