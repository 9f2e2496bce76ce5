//! Trace formats that are recognised but not read, so that the error can name them.
//!
//! **Invariant:** a name and what gives the format away, nothing more. One line a format.

use super::shape::Keys;

/// The format of a JSON object with these keys.
pub(super) fn json(keys: &Keys<'_>) -> Option<&'static str> {
    let has = |key| keys.has(key);
    let all = |names: &[&str]| keys.has_all(names);
    let starts = |key, start: &str| {
        keys.text(key)
            .is_some_and(|text| text.starts_with(start.as_bytes()))
    };
    let is = |key, value: &str| keys.text(key).is_some_and(|text| text == value.as_bytes());
    let first = [
        (
            has("Traces") || has("Segments") || has("UnprocessedTraceIds"),
            "AWS X-Ray",
        ),
        (
            all(&["format", "version"]) && is("format", "json"),
            "AWS X-Ray",
        ),
        (
            starts("trace_id", "1-") || (has("subsegments") && has("start_time")),
            "AWS X-Ray",
        ),
        (
            all(&["start_time", "in_progress"]) || all(&["start_time", "end_time", "id", "name"]),
            "AWS X-Ray",
        ),
        (
            has("traceEvents") || all(&["ph", "ts"]) || all(&["ph", "pid"]),
            "a Chrome trace",
        ),
        (
            all(&["stackFrames", "samples"]) || has("$schema") && has("shared") && has("profiles"),
            "a CPU profile",
        ),
        (
            has("traceSegmentId")
                || all(&["segmentId", "spanId"])
                || has("queryTrace")
                || has("queryTraces"),
            "SkyWalking",
        ),
        (
            all(&["trace_id", "span_id", "resource", "service"]),
            "Datadog",
        ),
        (all(&["root_id", "spans"]), "Datadog"),
        (
            has("transaction_id")
                || has("processor")
                || (has("metadata") && keys_are(keys, &["metadata"])),
            "Elastic APM",
        ),
        (
            keys_are(keys, &["transaction"])
                || keys_are(keys, &["span"])
                || keys_are(keys, &["error"])
                || keys_are(keys, &["metricset"]),
            "Elastic APM",
        ),
        (has("hits") || has("_source"), "an Elasticsearch answer"),
        (
            all(&["common", "spans"]) || (all(&["trace.id", "id"]) && has("attributes")),
            "New Relic",
        ),
        (all(&["trace.id", "span.id"]), "Dynatrace"),
        (
            has("trace.trace_id") || has("trace.span_id") || all(&["samplerate", "data"]),
            "Honeycomb",
        ),
        (
            has("baseType") || starts("name", "Microsoft.ApplicationInsights") || has("iKey"),
            "Azure Application Insights",
        ),
        (
            has("displayName") && (has("spanId") || has("startTime")),
            "Google Cloud Trace",
        ),
        (
            starts("name", "projects/")
                || all(&["projectId", "traceId"])
                || has("batchWriteSpansRequest"),
            "Google Cloud Trace",
        ),
        (all(&["spanId", "labels"]), "Google Cloud Trace"),
        (
            all(&["Name", "SpanContext"]),
            "the OpenTelemetry Go console exporter's output",
        ),
        (
            all(&["name", "context", "parent_id"]) || starts("kind", "SpanKind."),
            "the OpenTelemetry Python console exporter's output",
        ),
        (
            all(&["traceId", "resource", "instrumentationScope"])
                || all(&["traceId", "id", "resource"]),
            "the OpenTelemetry JavaScript console exporter's output",
        ),
        (
            all(&["spanContext", "name"]),
            "spans of an OpenTelemetry JavaScript test",
        ),
        (
            all(&["contexts", "event_id"]) || is("type", "transaction") || has("sent_at"),
            "Sentry",
        ),
        (
            has("observations") || has("parentObservationId"),
            "Langfuse",
        ),
        (
            is("object", "trace") || is("object", "trace.span"),
            "OpenAI Agents",
        ),
        (
            has("span_records") || all(&["span_guid", "trace_guid"]),
            "Lightstep",
        ),
        (all(&["schema", "data"]), "a Grafana data frame"),
        (
            all(&["traceIdLow", "traceIdHigh"]) || all(&["process", "spans"]),
            "Jaeger's internal JSON",
        ),
        (
            has("operationName") && has("process") && has("traceId"),
            "Jaeger's internal JSON",
        ),
        (
            all(&["index"]) && keys_are(keys, &["index"]),
            "Elasticsearch bulk lines",
        ),
        (
            all(&["durationNano", "traceID"]) || has("list") && keys_are(keys, &["list"]),
            "SigNoz",
        ),
        (
            has("traceAttributes") || all(&["span_id", "parent_span_id"]),
            "span rows of a database",
        ),
    ];
    first.iter().find(|(fits, _)| *fits).map(|(_, name)| *name)
}

/// The format of text that is not JSON.
pub(super) fn text(bytes: &[u8]) -> Option<&'static str> {
    const SIGNS: &[(&str, &str)] = &[
        (
            "Spans\nResource",
            "the OpenTelemetry Rust console exporter's output",
        ),
        (
            "TraceId     :",
            "the OpenTelemetry Rust console exporter's output",
        ),
        ("ResourceSpans #", "the collector's debug exporter"),
        ("Span #0", "the collector's debug exporter"),
        ("Trace ID       :", "the collector's debug exporter"),
        ("ScopeSpans #", "the collector's debug exporter"),
        ("resource_spans {", "OTLP as protobuf text"),
        ("resource_spans: {", "OTLP as protobuf text"),
        ("resourceSpans:", "OTLP as YAML"),
        (
            "resource: {",
            "the OpenTelemetry JavaScript console exporter's output",
        ),
        (
            "traceId: '",
            "the OpenTelemetry JavaScript console exporter's output",
        ),
        ("segmentItems:", "SkyWalking"),
        ("traceSegmentId:", "SkyWalking"),
        ("TraceID,SpanID", "spans as CSV"),
        ("trace_id,span_id", "spans as CSV"),
        ("traceId,spanId", "spans as CSV"),
    ];
    let head = bytes.get(..4096).unwrap_or(bytes);
    let has = |sign: &str| {
        head.windows(sign.len())
            .any(|window| window == sign.as_bytes())
    };
    // A quoted sign is JSON's own text.
    SIGNS
        .iter()
        .find(|(sign, _)| has(sign))
        .map(|(_, name)| *name)
}

/// The format of bytes that are not text.
pub(super) fn binary(bytes: &[u8]) -> Option<&'static str> {
    // MessagePack: a list of lists of maps, or a list of strings and then the same by index.
    let inner = msgpack_list(msgpack_list(bytes)?)?;
    match inner.first()? {
        0x80..=0x8f | 0xde | 0xdf | 0xa0..=0xbf | 0xd9..=0xdb => Some("Datadog (MessagePack)"),
        _ => None,
    }
}

/// What a MessagePack list holds.
fn msgpack_list(bytes: &[u8]) -> Option<&[u8]> {
    match bytes.first()? {
        0x91..=0x9f => bytes.get(1..),
        0xdc => bytes.get(3..),
        0xdd => bytes.get(5..),
        _ => None,
    }
}

fn keys_are(keys: &Keys<'_>, names: &[&str]) -> bool {
    keys.has_all(names) && keys.len() == names.len()
}
