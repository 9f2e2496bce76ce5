//! Hostile and broken inputs, class by class: each gives spans with counted issues, or a clear error, and always ends.
//!
//! An expectation is the number of spans, and every issue with its count.

mod cut;
mod graph;
mod packed;
mod protobuf;
mod size;
mod text;
mod time;

use throughline_model::store::TraceStore;
use throughline_tests::{forge, read};

/// Imports and compares the number of spans and the issues, as `kind count` in the order of names.
fn check(name: &str, bytes: impl AsRef<[u8]>, spans: usize, issues: &str) -> TraceStore {
    let (store, result) = read::read(bytes.as_ref());
    let found = read::issues(&store)
        .into_iter()
        .map(|(kind, count)| format!("{kind} {count}"));
    let found = found.collect::<Vec<_>>().join(", ");
    assert_eq!(
        (store.span_count(), found.as_str()),
        (spans, issues),
        "{name}: {result:?}"
    );
    assert_eq!(result.is_ok(), spans > 0, "{name}: {result:?}");
    store
}

/// Imports what has no spans; the sentence has to name the file and say `reason`.
fn check_error(name: &str, bytes: impl AsRef<[u8]>, reason: &str) {
    let (store, results) = read::read_all([("bad.json", bytes.as_ref())]);
    let sentence = match results.first() {
        Some(Err(error)) => error.to_string(),
        other => panic!("{name}: {other:?}"),
    };
    assert!(
        sentence.contains("bad.json") && sentence.contains(reason),
        "{name}: {sentence}"
    );
    assert_eq!(store.span_count(), 0, "{name}");
}

/// An OTLP request with spans given as the JSON of their fields besides the trace id.
fn request(spans: impl IntoIterator<Item = String>) -> String {
    let spans: Vec<String> = spans
        .into_iter()
        .map(|fields| format!(r#"{{"traceId":"{TRACE}",{fields}}}"#))
        .collect();
    format!(
        r#"{{"resourceSpans":[{{"resource":{SERVICE},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    )
}

const TRACE: &str = "5b8efff798038103d269b633813fc60c";
const SERVICE: &str = r#"{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]}"#;
const TIMES: &str =
    r#""startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000002""#;

/// A span by its id and parent, 0 = none.
fn node(id: u64, parent: u64) -> String {
    let parent = if parent == 0 {
        String::new()
    } else {
        format!(r#","parentSpanId":"{parent:016x}""#)
    };
    format!(r#""spanId":"{id:016x}"{parent},"name":"n",{TIMES}"#)
}

fn graph(edges: &[(u64, u64)]) -> String {
    request(edges.iter().map(|&(id, parent)| node(id, parent)))
}

/// One span with further fields.
fn span(fields: &str) -> String {
    request([format!(r#"{},{fields}"#, node(1, 0))])
}

fn depths(store: &TraceStore) -> Vec<u32> {
    store.spans().depth.clone()
}

#[test]
fn a_bad_input_leaves_the_others_alone() {
    let good = forge::otlp_proto();
    let inputs = [
        ("good", good.as_slice()),
        ("bad", b"\x89PNG\r\n\x1a\n".as_slice()),
        ("cut", &good[..200]),
    ];
    let (store, results) = read::read_all(inputs);
    assert_eq!(
        results.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert!(store.span_count() > 7);
    let sources: Vec<_> = store.issues().iter().map(|issue| issue.source).collect();
    assert!(
        sources.contains(&2),
        "the cut is counted for the file that is cut: {sources:?}"
    );
}
