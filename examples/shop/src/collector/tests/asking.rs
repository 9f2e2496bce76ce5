//! What the collector gives back, in the shapes of Jaeger's two APIs.

use super::*;

#[tokio::test]
async fn one_trace_is_put_together_from_many_requests() {
    let rig = Rig::with_traces().await;
    let trace = rig.get("/api/traces/1").await.json();
    let spans = trace["data"][0]["spans"].as_array().unwrap();
    let names: Vec<&str> = spans
        .iter()
        .map(|span| span["operationName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["span 1", "span 2"]);
    assert_eq!(spans[1]["references"][0]["spanID"], "0000000000000001");
}

#[tokio::test]
async fn lists_have_the_shapes_of_jaeger() {
    let rig = Rig::with_traces().await;
    let list = |data: Value, total: u64| json!({ "data": data, "total": total, "limit": 0, "offset": 0, "errors": null });
    let operation = |name: &str| json!({ "name": name, "spanKind": "server" });
    let call = json!([{ "parent": "gateway", "child": "cart", "callCount": 1 }]);
    let cases = [
        ("/api/services", list(json!(["cart", "gateway"]), 2)),
        (
            "/api/services/gateway/operations",
            list(json!(["span 1", "span 5"]), 2),
        ),
        (
            "/api/operations?service=cart",
            list(json!([operation("span 2")]), 1),
        ),
        (
            "/api/operations?service=cart&spanKind=client",
            list(json!([]), 0),
        ),
        (
            "/api/dependencies?endTs=5000&lookback=5000",
            list(call.clone(), 1),
        ),
        (
            "/api/dependencies?endTs=5000&lookback=5000&service=cart",
            list(call, 1),
        ),
        ("/api/dependencies", list(json!([]), 0)),
        (
            "/api/v3/services",
            json!({ "services": ["cart", "gateway"] }),
        ),
        (
            "/api/v3/operations?service=cart",
            json!({ "operations": [operation("span 2")] }),
        ),
    ];
    for (path, expected) in cases {
        let reply = rig.get(path).await;
        assert_eq!((reply.status, reply.json()), (200, expected), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_shape_of_each_api() {
    let rig = Rig::with_traces().await;
    let cases = [
        ("/api/traces/ff", 404, "/errors/0/msg", "trace not found"),
        ("/api/traces/xyz", 400, "/errors/0/msg", "trace id"),
        ("/api/traces", 400, "/errors/0/msg", "service"),
        (
            "/api/traces?service=cart&limit=many",
            400,
            "/errors/0/msg",
            "limit",
        ),
        (
            "/api/traces?service=cart&minDuration=5",
            400,
            "/errors/0/msg",
            "minDuration",
        ),
        (
            "/api/traces?service=cart&tag=novalue",
            400,
            "/errors/0/msg",
            "tag",
        ),
        ("/api/operations", 400, "/errors/0/msg", "service"),
        ("/api/nothing", 404, "/errors/0/msg", "nothing"),
        (
            "/api/v3/traces/ff",
            404,
            "/error/message",
            "No traces found",
        ),
        ("/api/v3/traces/xyz", 400, "/error/message", "trace id"),
        (
            "/api/v3/traces?query.serviceName=cart",
            400,
            "/error/message",
            "startTimeMin",
        ),
        (
            "/api/v3/trace-summaries",
            404,
            "/error/message",
            "trace-summaries",
        ),
    ];
    for (path, status, pointer, part) in cases {
        let reply = rig.get(path).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
        let json = reply.json();
        let message = json
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default();
        assert!(message.contains(part), "{path}: {json}");
    }
}

#[tokio::test]
async fn a_search_finds_what_fits_the_latest_first() {
    let rig = Rig::with_traces().await;
    let cases: [(&str, &[u128]); 16] = [
        ("service=gateway", &[2, 1]),
        ("service=gateway&limit=1", &[2]),
        ("service=cart", &[1]),
        ("service=nobody", &[]),
        ("service=gateway&operation=span%201", &[1]),
        ("service=gateway&operation=span%202", &[]),
        ("service=gateway&start=5000000", &[2]),
        ("service=gateway&end=5000000", &[1]),
        ("service=gateway&minDuration=1.5s", &[1]),
        ("service=gateway&maxDuration=1500ms", &[2]),
        ("service=cart&tag=http.route:/cart", &[1]),
        ("service=cart&tags=%7B%22http.route%22:%22/other%22%7D", &[]),
        ("service=cart&tags=%7B%22error%22:%22true%22%7D", &[1]),
        ("service=gateway&tag=error:true", &[]),
        ("traceID=2&traceID=1", &[2, 1]),
        ("traceID=ff", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(rig.found(query).await, expected, "{query}");
    }
    let range = "query.startTimeMin=1970-01-01T00:00:00Z&query.startTimeMax=1970-01-01T00:01:00Z";
    let reply = rig
        .get(&format!("/api/v3/traces?{range}&query.serviceName=cart"))
        .await
        .json();
    let resources = reply
        .pointer("/result/resourceSpans")
        .and_then(Value::as_array)
        .unwrap();
    assert_eq!(resources.len(), 2, "both services of trace 1: {reply}");
}
