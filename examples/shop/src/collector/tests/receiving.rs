//! What the collector takes and what it refuses.

use super::*;

#[tokio::test]
async fn every_encoding_of_otlp_is_taken() {
    let rig = Rig::start(1 << 20, None).await;
    let request = |trace| spans("gateway", vec![span(trace, 1, 0, 1, 2)]);
    let json = |trace| encode_traces_json(&request(trace)).into_bytes();
    let protobuf = |trace| encode_traces(&request(trace));
    let charset = ("content-type", "Application/JSON; charset=utf-8");
    let identity = ("content-encoding", "identity");
    let cases: [(Headers<'_>, Vec<u8>, &str); 6] = [
        (&[JSON], json(1), "{}"),
        (&[PROTOBUF], protobuf(2), ""),
        (&[JSON, GZIP], gzip(&json(3)), "{}"),
        (&[PROTOBUF, GZIP], gzip(&protobuf(4)), ""),
        (&[charset], json(5), "{}"),
        (&[PROTOBUF, identity], protobuf(6), ""),
    ];
    for (nth, (headers, body, expected)) in cases.into_iter().enumerate() {
        let reply = rig.post("/v1/traces", headers, body).await;
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, expected),
            "{headers:?}"
        );
        let sent = headers[0].1.to_ascii_lowercase();
        assert!(
            sent.starts_with(reply.header("content-type")),
            "{headers:?}: {}",
            reply.header("content-type")
        );
        let trace = rig
            .get(&format!("/api/v3/traces/{:032x}", nth + 1))
            .await
            .json();
        let start = trace.pointer("/result/resourceSpans/0/scopeSpans/0/spans/0/startTimeUnixNano");
        assert_eq!(start, Some(&json!("1000000001")), "{headers:?}");
    }
}

#[tokio::test]
async fn requests_with_nothing_in_them_are_in_order() {
    let rig = Rig::start(1 << 20, None).await;
    let cases: [(&str, _, &[u8]); 7] = [
        ("/v1/traces", JSON, b"{}"),
        ("/v1/traces", JSON, b" { } "),
        ("/v1/traces", JSON, br#"{"resourceSpans":[]}"#),
        ("/v1/traces", PROTOBUF, b""),
        ("/v1/logs", JSON, br#"{"resourceLogs":[]}"#),
        ("/v1/logs", PROTOBUF, b""),
        ("/v1/metrics", PROTOBUF, b""),
    ];
    for (path, content_type, body) in cases {
        let reply = rig.post(path, &[content_type], body).await;
        assert_eq!(
            reply.status,
            200,
            "{path} {}: {}",
            String::from_utf8_lossy(body),
            reply.text()
        );
    }
    let requests = json!({ "traces": 4, "logs": 2, "metrics": 1 });
    assert_eq!(rig.get("/api/status").await.json()["requests"], requests);
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_with_the_reason() {
    let rig = Rig::start(1 << 20, None).await;
    let good = encode_traces_json(&spans("gateway", vec![span(1, 1, 0, 1, 2)])).into_bytes();
    let text = ("content-type", "text/plain");
    let brotli = ("content-encoding", "br");
    let jaeger =
        br#"{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"a",
        "references":[],"startTime":1,"duration":1,"tags":[],"logs":[],"processID":"p1"}],
        "processes":{"p1":{"serviceName":"s"}}}]}"#;
    let bomb = gzip(&vec![b' '; 65 << 20]);
    let cases: [(Headers<'_>, Vec<u8>, u16, &str); 10] = [
        (&[JSON], b"not json at all".to_vec(), 400, "request body"),
        (
            &[JSON],
            br#"{"hello":"world"}"#.to_vec(),
            400,
            "resourceSpans",
        ),
        (&[PROTOBUF], vec![0xff; 64], 400, "request body"),
        (&[JSON], jaeger.to_vec(), 400, "Jaeger"),
        (&[PROTOBUF], good.clone(), 400, "JSON"),
        (&[JSON, GZIP], good.clone(), 400, "gzip"),
        (&[text], good.clone(), 415, "text/plain"),
        (&[JSON, brotli], good, 415, "br"),
        (&[JSON], vec![b' '; 17 << 20], 413, "16 MiB"),
        (&[JSON, GZIP], bomb, 413, "64 MiB"),
    ];
    for (headers, body, status, part) in cases {
        let reply = rig.post("/v1/traces", headers, body).await;
        assert_eq!(reply.status, status, "{headers:?}: {}", reply.text());
        assert!(reply.text().contains(part), "{headers:?}: {}", reply.text());
        if headers[0] == JSON {
            assert!(reply.json()["message"].is_string(), "{}", reply.text());
        }
    }
    assert_eq!(rig.get("/api/status").await.json()["traces"], 0);
}

#[tokio::test]
async fn spans_without_ids_are_counted_as_rejected() {
    let rig = Rig::start(1 << 20, None).await;
    let body = spans("gateway", vec![span(0, 1, 0, 1, 2), span(7, 2, 0, 1, 2)]);
    let reply = rig
        .post("/v1/traces", &[JSON], encode_traces_json(&body))
        .await;
    let partial = &reply.json()["partialSuccess"];
    assert_eq!(partial["rejectedSpans"], "1", "{}", reply.text());
    assert!(
        partial["errorMessage"].as_str().unwrap().contains("id"),
        "{}",
        reply.text()
    );
    assert_eq!(rig.get("/api/v3/traces/7").await.status, 200);
    // In protobuf: field 1, a message with rejected_spans = 1 first.
    let reply = rig
        .post("/v1/traces", &[PROTOBUF], encode_traces(&body))
        .await;
    assert_eq!(
        (reply.body[0], &reply.body[2..4]),
        (0x0a, &[0x08, 0x01][..]),
        "{:?}",
        reply.body
    );
}

#[tokio::test]
async fn memory_is_bounded_and_the_oldest_traces_go_first() {
    let rig = Rig::start(20_000, None).await;
    for trace in 1..=100 {
        let body = encode_traces(&spans("gateway", vec![span(trace, 1, 0, 1, 2)]));
        assert_eq!(rig.post("/v1/traces", &[PROTOBUF], body).await.status, 200);
    }
    let status = rig.get("/api/status").await.json();
    let used = status["memory"]["used"].as_u64().unwrap();
    assert!(used <= 20_000 && used > 10_000, "{status}");
    assert_eq!(status["spansReceived"], 100);
    let left = status["traces"].as_u64().unwrap();
    assert_eq!(status["tracesEvicted"].as_u64(), Some(100 - left));
    for (trace, expected) in [(1, 404), (100 - left, 404), (101 - left, 200), (100, 200)] {
        let reply = rig.get(&format!("/api/v3/traces/{trace:x}")).await;
        assert_eq!(reply.status, expected, "trace {trace}, {left} left");
    }
}
