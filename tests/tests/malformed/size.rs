//! Depth and size that overflow a careless reader.

use super::{check, check_error, graph, span};

#[test]
fn nesting_does_not_overflow() {
    const DEEP: usize = 100_000;
    check_error("arrays", "[".repeat(DEEP), "");
    check_error("objects", r#"{"a":"#.repeat(DEEP), "");
    check_error("closed arrays", "[".repeat(DEEP) + &"]".repeat(DEEP), "");
    check_error(
        "wrappers",
        r#"{"data":["#.repeat(DEEP) + &"]}".repeat(DEEP),
        "",
    );
    let value = r#"{"arrayValue":{"values":["#.repeat(DEEP) + &"]}}".repeat(DEEP);
    let json = span(&format!(
        r#""attributes":[{{"key":"k","value":{value}}}],"flags":1"#
    ));
    let store = check("a deep value", json, 1, "too_deep 1");
    assert_eq!(store.span(0).flags(), 1, "what stands behind it is read");
    let value = r#"{"kvlistValue":{"values":[{"key":"a","value":"#.repeat(DEEP)
        + "{}"
        + &"}]}}".repeat(DEEP);
    check(
        "a deep map",
        span(&format!(r#""attributes":[{{"key":"k","value":{value}}}]"#)),
        1,
        "too_deep 1",
    );
    let unknown = "[".repeat(DEEP) + &"]".repeat(DEEP);
    check(
        "a deep unknown field",
        span(&format!(r#""extra":{unknown}"#)),
        1,
        "",
    );
    let tag = format!(
        r#"{{"data":[{{"traceID":"1","spans":[{{"traceID":"1","spanID":"2","operationName":"n","startTime":1,"duration":1,
        "process":{{"serviceName":"s"}},"tags":[{{"key":"k","type":"string","value":{unknown}}}]}}]}}]}}"#
    );
    check("a deep Jaeger tag", tag, 1, "too_deep 1");
    let tags = format!(
        r#"[{{"traceId":"1","id":"2","timestamp":1,"duration":1,"localEndpoint":{{"serviceName":"s"}},"tags":{{"k":{unknown}}}}}]"#
    );
    check("a deep Zipkin tag", tags, 1, "too_deep 1");
}

#[test]
fn sizes_do_not_matter() {
    let attributes =
        (0..1_000_000).map(|at| format!(r#"{{"key":"k{at}","value":{{"intValue":"{at}"}}}}"#));
    let attributes = attributes.collect::<Vec<_>>().join(",");
    let store = check(
        "a million attributes",
        span(&format!(r#""attributes":[{attributes}]"#)),
        1,
        "",
    );
    assert_eq!(store.span(0).attributes().len(), 1_000_000);
    let key = "k".repeat(1 << 20);
    let value = "v".repeat(4 << 20);
    let json = span(&format!(
        r#""attributes":[{{"key":"{key}","value":{{"stringValue":"{value}"}}}}]"#
    ));
    let store = check("a large key and value", json, 1, "");
    assert_eq!(
        store.span(0).attributes().get_str(&key).map(str::len),
        Some(value.len())
    );
    let events = vec![r#"{"name":"e","timeUnixNano":"1"}"#; 100_000].join(",");
    check("events", span(&format!(r#""events":[{events}]"#)), 1, "");
    let lines = vec![graph(&[(1, 0)]); 20_000].join("\n");
    let store = check("lines", lines, 20_000, "duplicate_span_id 19999");
    assert_eq!(
        store.resources().service.len(),
        1,
        "equal resources are one"
    );
}
