//! Each format opens, and the rows say what the file holds: the same as the native importer says.

use throughline_model::store::TraceStore;
use throughline_tests::{browser::Page, files, forge, in_browsers, read, wrap};

in_browsers! {
    otlp_json, otlp_json_lines, otlp_dialects, otlp_protobuf, tempo, jaeger, zipkin_v1, zipkin_v2, gzip, zstd, zip,
    what_real_sdks_send,
}

fn corpus(name: &str) -> Vec<u8> {
    let path = files::corpus().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Opens a file of the corpus and holds every trace's rows against the native importer's.
fn check(page: &Page<'_>, name: &str) {
    check_bytes(page, &name.replace('/', "-"), &corpus(name));
}

fn check_bytes(page: &Page<'_>, name: &str, bytes: &[u8]) {
    let (store, imported) = read::read(bytes);
    assert!(
        imported.is_ok() && store.span_count() > 0,
        "{name}: {imported:?}"
    );
    let state = page.open_bytes(name, bytes);
    let dataset = &state["dataset"];
    assert_eq!(dataset["spans"], store.span_count() as u64, "{name}");
    assert_eq!(dataset["traces"], store.trace_count() as u64, "{name}");
    assert_eq!(dataset["services"], store.service_count() as u64, "{name}");
    assert_eq!(dataset["issues"], store.issues().total(), "{name}");
    for trace in 0..store.trace_count() as u32 {
        check_trace(page, name, &store, trace);
    }
}

fn check_trace(page: &Page<'_>, name: &str, store: &TraceStore, trace: u32) {
    let trace = store.trace(trace);
    let id = trace.id().to_string();
    page.open(&format!("?url=/files/{name}#trace={id}&view=waterfall"));
    let state = page.wait_for(&format!("{name}'s trace {id} is open"), |state| {
        state["trace"] == id.as_str()
    });
    assert_eq!(state["view"], "waterfall");
    assert_eq!(state["rows"], trace.span_count() as u64, "{name}");
    let start = trace.start().0.to_string();
    assert_eq!(state["range"]["start"], start, "{name}");
    let found = page.first_rows();
    assert!(
        found.len() >= trace.spans().len().min(20),
        "{name}: {} rows",
        found.len()
    );
    for (row, span) in found.iter().zip(trace.spans()) {
        let span = store.span(span);
        let shown = if span.name().is_empty() {
            "(no name)"
        } else {
            span.name()
        };
        let words = format!("{}{shown}", span.service_name());
        assert!(
            row.cells[0].starts_with(&words),
            "{name}: {row:?} is not {words}"
        );
        assert_eq!(row.cells[1], span.duration().to_string(), "{name}: {words}");
        assert_eq!(row.level, u64::from(span.depth()) + 1, "{name}: {words}");
        assert_eq!(
            row.expanded,
            (span.descendants() > 0).then_some(true),
            "{name}: {words}"
        );
    }
}

fn otlp_json(page: &Page<'_>) {
    check(page, "otlp-json/plain.json");
}

fn otlp_json_lines(page: &Page<'_>) {
    check(page, "otlp-json/lines-of-all-signals.jsonl");
}

fn otlp_dialects(page: &Page<'_>) {
    check(page, "otlp-json/base64-ids-enum-names.json");
    check(page, "otlp-json/snake-case.json");
    check(page, "otlp-json/jaeger-v3-result.json");
    check(page, "otlp-legacy/instrumentation-library.json");
}

fn otlp_protobuf(page: &Page<'_>) {
    check(page, "otlp-proto/plain.pb");
    check(page, "otlp-proto/length-framed.bin");
}

fn tempo(page: &Page<'_>) {
    check(page, "tempo-json/batches.json");
    check(page, "tempo-json/trace-v2.json");
}

fn jaeger(page: &Page<'_>) {
    check(page, "jaeger/api.json");
}

fn zipkin_v1(page: &Page<'_>) {
    check(page, "zipkin-v1/list.json");
}

fn zipkin_v2(page: &Page<'_>) {
    check(page, "zipkin-v2/list.json");
}

fn gzip(page: &Page<'_>) {
    let packed = wrap::gzip(&corpus("jaeger/api.json")).unwrap();
    check_bytes(page, "packed.gz", &packed);
}

fn zstd(page: &Page<'_>) {
    check_bytes(page, "packed.zst", &wrap::zstd(&forge::otlp_proto()));
}

fn zip(page: &Page<'_>) {
    let (json, zipkin) = (
        corpus("otlp-json/plain.json"),
        corpus("zipkin-v2/list.json"),
    );
    let packed = wrap::zip(&[("a.json", &json), ("folder/b.json", &zipkin)]).unwrap();
    check_bytes(page, "packed.zip", &packed);
}

fn what_real_sdks_send(page: &Page<'_>) {
    for name in [
        "sdk/js-otlp-http.pb",
        "sdk/python-otlp-http.pb.gz",
        "sdk/js-zipkin-v2.json",
    ] {
        check(page, name);
    }
}
