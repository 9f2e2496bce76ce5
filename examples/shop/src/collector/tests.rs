//! The collector over real HTTP: a rig for all tests of it, and those of CORS and of the viewer's files.

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use axum::http::HeaderMap;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use throughline_model::ids::{SpanId, TraceId};
use throughline_model::otlp::{
    Attribute, Kind, Resource, ResourceSpans, ScopeSpans, Span, Status, encode_traces,
};
use throughline_model::otlp::{Value as OtlpValue, encode_traces_json};
use throughline_model::time::UnixNanos;
use tokio::net::TcpListener;

use super::{Collector, router};

mod asking;
mod receiving;

const JSON: (&str, &str) = ("content-type", "application/json");
const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
const GZIP: (&str, &str) = ("content-encoding", "gzip");
/// Names and values.
type Headers<'a> = &'a [(&'a str, &'a str)];

const SECOND: u64 = 1_000_000_000;

/// A collector that listens, and a client for it.
struct Rig {
    base: String,
    http: reqwest::Client,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Rig {
    async fn start(limit: usize, dist: Option<&Path>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = router(Arc::new(Collector::new(limit)), dist);
        tokio::spawn(axum::serve(listener, router).into_future());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base, http }
    }

    /// With the spans of a small shop: trace 1 has an error in cart, trace 2 is of gateway only.
    async fn with_traces() -> Self {
        let rig = Self::start(1 << 20, None).await;
        let gateway = spans("gateway", vec![span(1, 1, 0, 1, 3), span(2, 5, 0, 10, 11)]);
        let mut failed = span(1, 2, 1, 2, 3);
        failed.status = Status::Error("no stock".into());
        failed.attributes = vec![attribute("http.route", "/cart")];
        for body in [gateway, spans("cart", vec![failed])] {
            assert_eq!(
                rig.post("/v1/traces", &[PROTOBUF], encode_traces(&body))
                    .await
                    .status,
                200
            );
        }
        rig
    }

    async fn post(&self, path: &str, headers: Headers<'_>, body: impl Into<Vec<u8>>) -> Reply {
        let mut request = self
            .http
            .post(format!("{}{path}", self.base))
            .body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::of(request).await
    }

    async fn get(&self, path: &str) -> Reply {
        Reply::of(self.http.get(format!("{}{path}", self.base))).await
    }

    /// The trace ids that a search finds, in order.
    async fn found(&self, query: &str) -> Vec<u128> {
        let reply = self.get(&format!("/api/traces?{query}")).await.json();
        let traces = reply["data"].as_array().cloned().unwrap_or_default();
        let id = |trace: &Value| {
            TraceId::from_hex(trace["traceID"].as_str().unwrap().as_bytes())
                .unwrap()
                .0
        };
        traces.iter().map(id).collect()
    }
}

impl Reply {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap().to_vec();
        Self {
            status,
            headers,
            body,
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

/// Ids and seconds.
fn span(trace: u128, id: u64, parent: u64, start: u64, end: u64) -> Span {
    Span {
        trace_id: TraceId(trace),
        span_id: SpanId(id),
        parent_span_id: SpanId(parent),
        name: format!("span {id}").into(),
        kind: Kind::Server,
        start: UnixNanos(start * SECOND + 1),
        end: UnixNanos(end * SECOND + 1),
        ..Span::default()
    }
}

fn spans(service: &'static str, spans: Vec<Span>) -> Vec<ResourceSpans> {
    let resource = Resource {
        attributes: vec![attribute("service.name", service)],
        ..Resource::default()
    };
    let scopes = vec![ScopeSpans {
        spans,
        ..ScopeSpans::default()
    }];
    vec![ResourceSpans {
        resource,
        scopes,
        ..ResourceSpans::default()
    }]
}

fn attribute(key: &'static str, value: &'static str) -> Attribute {
    Attribute {
        key: key.into(),
        value: OtlpValue::String(value.into()),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn pages_of_this_machine_may_export_and_read() {
    let rig = Rig::start(1 << 20, None).await;
    let preflight = |origin: &'static str| {
        let request = rig
            .http
            .request(reqwest::Method::OPTIONS, format!("{}/v1/traces", rig.base));
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", "POST");
        Reply::of(request.header(
            "access-control-request-headers",
            "content-type,content-encoding",
        ))
    };
    let reply = preflight("http://127.0.0.1:4319").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "http://127.0.0.1:4319"
    );
    assert_eq!(
        reply.header("access-control-allow-headers"),
        "content-type,content-encoding"
    );
    assert!(
        reply
            .header("access-control-allow-methods")
            .contains("POST")
    );
    assert_eq!(reply.header("access-control-max-age"), "7200");
    assert_eq!(
        preflight("https://example.com")
            .await
            .header("access-control-allow-origin"),
        ""
    );

    let origin = ("origin", "http://localhost:8080");
    let reply = rig
        .post("/v1/traces", &[JSON, origin], b"{}".to_vec())
        .await;
    assert_eq!(reply.header("access-control-allow-origin"), origin.1);
    let reply = rig
        .post("/v1/traces", &[JSON, origin], b"nonsense".to_vec())
        .await;
    assert_eq!(
        reply.header("access-control-allow-origin"),
        origin.1,
        "also where it is refused"
    );
}

#[tokio::test]
async fn the_viewer_is_served_with_the_right_types() {
    let dist = std::env::temp_dir().join(format!("throughline-shop-{}", std::process::id()));
    std::fs::create_dir_all(dist.join("rum")).unwrap();
    for file in [
        "index.html",
        "app.js",
        "app_bg.wasm",
        "app.css",
        "rum/throughline.js",
    ] {
        std::fs::write(dist.join(file), file).unwrap();
    }
    let rig = Rig::start(1 << 20, Some(&dist)).await;
    let cases = [
        ("/", 200, "text/html; charset=utf-8"),
        ("/app.js", 200, "text/javascript; charset=utf-8"),
        ("/app_bg.wasm", 200, "application/wasm"),
        ("/app.css", 200, "text/css"),
        ("/rum/throughline.js", 200, "text/javascript; charset=utf-8"),
        ("/missing.js", 404, ""),
        ("/..%2f..%2fetc%2fpasswd", 404, ""),
    ];
    for (path, status, content_type) in cases {
        let reply = rig.get(path).await;
        assert_eq!(reply.status, status, "{path}");
        assert!(
            reply.header("content-type").starts_with(content_type),
            "{path}"
        );
        assert_eq!(reply.header("cache-control"), "no-cache", "{path}");
    }
    assert_eq!(
        rig.get("/api/services").await.status,
        200,
        "the API is beside it"
    );
    std::fs::remove_dir_all(dist).unwrap();
}
