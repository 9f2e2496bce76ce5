//! Log records beside, before and behind their spans, lost and broken off.

use super::{RESOURCE, import, issues, values};

/// The logs of the one span as `time level title attributes`, and the issues.
#[track_caller]
fn logs(json: &str, expected: &[&str], expected_issues: &str) {
    let (store, _) = import(json);
    let span = store.span(0);
    let seen: Vec<String> = span
        .events()
        .map(|event| {
            let severity = event.log().map_or("event".to_owned(), |it| it.to_string());
            let attributes = values(event.attributes());
            format!(
                "{} {severity} {} {attributes}",
                event.time().0,
                event.title()
            )
        })
        .collect();
    assert_eq!(seen, expected, "{json}");
    assert_eq!(issues(&store), expected_issues, "{json}");
}

#[test]
fn logs_become_entries_of_their_spans() {
    const IDS: &str = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#;
    let spans = format!(
        r#""resourceSpans":[{{{RESOURCE},"scopeSpans":[{{"spans":[{{{IDS},"startTimeUnixNano":"1","endTimeUnixNano":"9",
        "events":[{{"timeUnixNano":"3","name":"e"}}]}}]}}]}}]"#
    );
    let logs_of = |records: &str| {
        format!(
            r#""resourceLogs":[{{{RESOURCE},"scopeLogs":[{{"scope":{{"name":"com.Cart"}},"logRecords":[{records}]}}]}}]"#
        )
    };
    let full = format!(
        r#"{{"timeUnixNano":"5","observedTimeUnixNano":"6","severityNumber":13,"severityText":"WARN","body":{{"stringValue":"no stock"}},
        "attributes":[{{"key":"sku","value":{{"intValue":"7"}}}}],"droppedAttributesCount":2,"flags":1,{IDS}}}"#
    );
    let entry = r#"5 13 no stock observed_time_unix_nano=6 severity_text="WARN" body="no stock" sku=7 otel.scope.name="com.Cart""#;
    let one = logs_of(&full);
    // Before the spans, behind them, on other lines, without a wrapper, among the spans' own resource.
    let event = "3 event e ";
    logs(&format!("{{{spans},{one}}}"), &[event, entry], "");
    logs(&format!("{{{one},{spans}}}"), &[event, entry], "");
    logs(&format!("[{{{spans}}},{{{one}}}]"), &[event, entry], "");
    let bare = format!(
        r#"{{"scopeLogs":[{{"logRecords":[{full}],"scope":{{"name":"late"}}}}],{RESOURCE}}}"#
    );
    let nameless =
        r#"5 13 no stock observed_time_unix_nano=6 severity_text="WARN" body="no stock" sku=7"#;
    logs(&format!("[{{{spans}}},{bare}]"), &[event, nameless], "");
    let first = format!(r#"{{{RESOURCE},"scopeLogs":[{{"logRecords":[{full}]}}]}}"#);
    logs(&format!("[{{{spans}}},{first}]"), &[event, nameless], "");

    let check = |fields: &str, expected: &str, issues: &str| {
        let json = format!(
            "{{{spans},{}}}",
            logs_of(&format!("{{{fields}{IDS}}}")).replace(r#""scope":{"name":"com.Cart"},"#, "")
        );
        logs(&json, &[event, expected], issues);
    };
    check(r#""time_unix_nano":7,"event_name":"x","#, "7 0 x ", "");
    check(
        r#""observedTimeUnixNano":"8","severityNumber":"SEVERITY_NUMBER_ERROR2","#,
        "8 18  ",
        "",
    );
    check(
        r#""timeUnixNano":"4","severityNumber":99,"#,
        "4 0  ",
        "UnknownEnum×1",
    );
    check(
        r#""timeUnixNano":"4","body":{"kvlistValue":{"values":[{"key":"a","value":{"boolValue":true}}]}},"#,
        "4 0  body=(a=true)",
        "",
    );
    check("", "0 0  ", "");
    check(
        r#""timeUnixNano":"4","observedTimeUnixNano":"4","#,
        "4 0  ",
        "",
    );
    check(
        r#""observedTimeUnixNano":"6","timeUnixNano":"4","#,
        "4 0  observed_time_unix_nano=6",
        "",
    );
    check(
        r#""timeUnixNano":"4","observedTimeUnixNano":"18446744073709551615","#,
        "4 0  ",
        "",
    );

    // Without a span, of another one, not a record at all: said, never silent.
    let lost = [
        r#"{"timeUnixNano":"5","body":{"stringValue":"x"}}"#,
        r#"{"traceId":"","spanId":"","body":{"stringValue":"x"}}"#,
        r#"{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"0000000000000001"}"#,
    ];
    let json = format!("{{{spans},{}}}", logs_of(&lost.join(",")));
    logs(&json, &[event], "LogWithoutSpan×3");
    logs(
        &format!("{{{spans},{}}}", logs_of("7")),
        &[event],
        "WrongType×1",
    );
}

#[test]
fn of_the_resource_of_logs_only_what_differs_is_kept() {
    const IDS: &str = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#;
    let resource = |host: &str| {
        format!(
            r#""resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"cart"}}}},{{"key":"host.name","value":{{"stringValue":"{host}"}}}}]}}"#
        )
    };
    let spans = format!(
        r#"{{{},"scopeSpans":[{{"spans":[{{{IDS},"startTimeUnixNano":"1","endTimeUnixNano":"9"}}]}}]}}"#,
        resource("a")
    );
    let scopes = format!(r#""scopeLogs":[{{"logRecords":[{{{IDS},"timeUnixNano":"5"}}]}}]"#);
    let check = |logs: &str, expected: &str| {
        for json in [
            format!(r#"{{"resourceSpans":[{spans}],"resourceLogs":[{logs}]}}"#),
            format!(r#"{{"resourceLogs":[{logs}],"resourceSpans":[{spans}]}}"#),
            format!("[{spans},{logs}]"),
        ] {
            self::logs(&json, &[expected], "");
        }
    };
    let other = r#"5 0  resource.host.name="b""#;
    check(&format!("{{{},{scopes}}}", resource("a")), "5 0  ");
    check(&format!("{{{},{scopes}}}", resource("b")), other);
    check(&format!("{{{scopes},{}}}", resource("b")), other);
    check(&format!("{{{scopes}}}"), "5 0  ");
}

#[test]
fn logs_that_break_off_cost_themselves() {
    const IDS: &str = r#""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#;
    let record = format!(
        r#"{{"timeUnixNano":"5","body":{{"arrayValue":{{"values":[{{"stringValue":"x"}}]}}}},"attributes":[{{"key":"k","value":{{"intValue":"1"}}}}],{IDS}}}"#
    );
    let json = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{IDS},"startTimeUnixNano":"1","endTimeUnixNano":"9"}}]}}]}}],
        "resourceLogs":[{{"scopeLogs":[{{"logRecords":[{record},{record}]}}]}}]}}"#
    );
    let mut counts = Vec::new();
    for end in 0..=json.len() {
        let (store, _) = import(&json[..end]);
        assert_eq!(store.sources().len(), 0);
        counts.push(store.events().time.len());
    }
    assert!(counts.is_sorted());
    assert_eq!((counts.first(), counts.last()), (Some(&0), Some(&2)));
}
