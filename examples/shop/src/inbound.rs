//! Server spans: what an HTTP server's instrumentation does for each request of a route.
//!
//! **Invariant:** knows routes and spans, no service's meaning.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::HeaderExtractor;
use serde_json::json;

use crate::{semconv, telemetry};

/// What the spans of one route are called.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// The span name.
    pub name: &'static str,
    /// `http.route`.
    pub route: &'static str,
    /// `code.function.name` of the handler.
    pub function: &'static str,
    /// Puts messages into a queue: the span kind is producer, not server.
    pub produces: bool,
}

impl Endpoint {
    /// A route whose spans are of kind server.
    pub const fn new(name: &'static str, route: &'static str, function: &'static str) -> Self {
        Self {
            name,
            route,
            function,
            produces: false,
        }
    }

    /// A route that puts messages into a queue: its spans are of kind producer.
    pub const fn producer(self) -> Self {
        Self {
            produces: true,
            ..self
        }
    }

    /// `methods`, with one span per request around the handler.
    pub fn traced(self, methods: MethodRouter) -> MethodRouter {
        methods.layer(middleware::from_fn(move |request, next| {
            trace_request(self, request, next)
        }))
    }
}

/// An answer that is an error: status, and a sentence for whoever asked.
#[derive(Clone, Debug)]
pub struct Failure {
    /// 4xx or 5xx.
    pub status: StatusCode,
    /// What failed, and why.
    pub message: String,
}

impl Failure {
    /// The caller asked for something that cannot be.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            message: message.into(),
        }
    }

    /// A service behind this one failed.
    pub fn upstream(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_GATEWAY,
            message: message.into(),
        }
    }

    /// This service failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: message.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.message }));
        let mut response = (self.status, body).into_response();
        // The span wants the sentence too, and must not read it back out of the body.
        response.extensions_mut().insert(self);
        response
    }
}

async fn trace_request(endpoint: Endpoint, request: Request, next: Next) -> Response {
    let parent = global::get_text_map_propagator(|propagator| {
        propagator.extract(&HeaderExtractor(request.headers()))
    });
    let tracer = telemetry::tracer("shop.http.server");
    let kind = if endpoint.produces {
        SpanKind::Producer
    } else {
        SpanKind::Server
    };
    let span = SpanBuilder::from_name(endpoint.name)
        .with_kind(kind)
        .with_attributes(request_attributes(&endpoint, &request))
        .start_with_context(&tracer, &parent);
    let context = parent.with_span(span);

    let mut response = next.run(request).with_context(context.clone()).await;

    let span = context.span();
    let status = response.status();
    span.set_attribute(KeyValue::new(
        semconv::HTTP_STATUS,
        i64::from(status.as_u16()),
    ));
    if status.is_server_error() {
        let message = response.extensions().get::<Failure>();
        let message = message.map_or_else(|| status.to_string(), |failure| failure.message.clone());
        span.set_attribute(KeyValue::new(
            semconv::ERROR_TYPE,
            status.as_str().to_owned(),
        ));
        span.set_status(Status::error(message));
    }
    name_the_trace(&context, &mut response);
    span.end();
    response
}

fn request_attributes(endpoint: &Endpoint, request: &Request) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(semconv::HTTP_METHOD, request.method().to_string()),
        KeyValue::new(semconv::HTTP_ROUTE, endpoint.route),
        KeyValue::new(semconv::URL_PATH, request.uri().path().to_owned()),
        KeyValue::new(semconv::URL_SCHEME, "http"),
        KeyValue::new(semconv::CODE_FUNCTION, endpoint.function),
    ];
    let header = |name| {
        let value = request.headers().get(name);
        value.and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if let Some((host, port)) = header(header::HOST).and_then(|host| host.rsplit_once(':')) {
        attributes.push(KeyValue::new(semconv::SERVER_ADDRESS, host.to_owned()));
        attributes.extend(
            port.parse()
                .ok()
                .map(|port: i64| KeyValue::new(semconv::SERVER_PORT, port)),
        );
    }
    if let Some(agent) = header(header::USER_AGENT) {
        attributes.push(KeyValue::new(semconv::USER_AGENT, agent.to_owned()));
    }
    if let Some(ConnectInfo(client)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        attributes.push(KeyValue::new(
            semconv::CLIENT_ADDRESS,
            client.ip().to_string(),
        ));
    }
    if request.version() == Version::HTTP_11 {
        attributes.push(KeyValue::new(semconv::NETWORK_PROTOCOL_VERSION, "1.1"));
    }
    if let Some(id) = thread_id() {
        attributes.push(KeyValue::new(semconv::THREAD_ID, id));
    }
    attributes
}

/// Tells the caller which trace it was in, so that a page without instrumentation can link it.
fn name_the_trace(context: &Context, response: &mut Response) {
    let span = context.span();
    let span_context = span.span_context();
    let entry = format!(
        r#"traceparent;desc="00-{}-{}-{:02x}""#,
        span_context.trace_id(),
        span_context.span_id(),
        span_context.trace_flags().to_u8(),
    );
    if let Ok(value) = HeaderValue::from_str(&entry) {
        response.headers_mut().insert("server-timing", value);
    }
}

/// The thread's number; the standard library shows it only in its debug form, `ThreadId(7)`.
fn thread_id() -> Option<i64> {
    let shown = format!("{:?}", std::thread::current().id());
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}
