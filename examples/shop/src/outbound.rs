//! HTTP to other processes: to the shop's own services with W3C trace context, to third parties
//! with a client span and without it.
//!
//! Calls between our own services make no client span: the callee's server span hangs directly
//! below the caller's, as it does behind a proxy or a mesh that only passes the context on.
//!
//! **Invariant:** knows addresses and spans, no service's meaning.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::HeaderInjector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::inbound::Failure;
use crate::{semconv, telemetry};

/// The client of one service process.
#[derive(Clone, Debug)]
pub struct Outbound {
    http: reqwest::Client,
    peers: Arc<BTreeMap<String, SocketAddr>>,
}

/// One request to a third party.
#[derive(Clone, Debug)]
pub struct ThirdParty<'a> {
    /// Whom to ask; also `peer.service` and `server.address`.
    pub peer: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub span_name: String,
    /// 0 for the first try.
    pub resend_count: u32,
    pub body: Option<&'a Value>,
}

/// Why a third party gave no usable answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ThirdPartyError {
    /// It answered with an error.
    #[error("{peer} answered {status}: {message}")]
    Status {
        peer: &'static str,
        status: u16,
        message: String,
    },
    /// It did not answer.
    #[error("{peer} cannot be reached: {reason}")]
    Unreachable { peer: &'static str, reason: String },
}

impl Outbound {
    /// A client that finds `peers`, by service name.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(peers: BTreeMap<String, SocketAddr>) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .user_agent(concat!("throughline-shop/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            http,
            peers: Arc::new(peers),
        })
    }

    /// `GET` from one of our services.
    pub async fn get<T: DeserializeOwned>(&self, service: &str, path: &str) -> Result<T, Failure> {
        self.call(service, Method::GET, path, None).await
    }

    /// `POST` to one of our services.
    pub async fn post<T: DeserializeOwned>(
        &self,
        service: &str,
        path: &str,
        body: impl Serialize,
    ) -> Result<T, Failure> {
        let body = serde_json::to_value(body).map_err(|e| Failure::internal(e.to_string()))?;
        self.call(service, Method::POST, path, Some(&body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        service: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Failure> {
        let url = self.url(service, path)?;
        let mut headers = HeaderMap::new();
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&Context::current(), &mut HeaderInjector(&mut headers));
        });
        let unreachable = |e: reqwest::Error| {
            Failure::upstream(format!("{service} cannot be reached: {}", root_cause(&e)))
        };
        let request = self.http.request(method, url).headers(headers);
        let request = body
            .into_iter()
            .fold(request, reqwest::RequestBuilder::json);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if !status.is_success() {
            let body: Value = response.json().await.unwrap_or_default();
            let why = body["error"].as_str().unwrap_or("no reason given");
            return Err(Failure::upstream(format!(
                "{service} answered {}: {why}",
                status.as_u16()
            )));
        }
        response.json().await.map_err(unreachable)
    }

    /// Asks a third party, in a client span of its own.
    pub async fn third_party(&self, call: ThirdParty<'_>) -> Result<Value, ThirdPartyError> {
        let peer = call.peer;
        let address =
            self.url(peer, call.path)
                .map_err(|failure| ThirdPartyError::Unreachable {
                    peer,
                    reason: failure.message,
                })?;
        let mut attributes = vec![
            KeyValue::new(semconv::HTTP_METHOD, call.method.to_string()),
            KeyValue::new(semconv::URL_FULL, format!("http://{peer}{}", call.path)),
            KeyValue::new(semconv::SERVER_ADDRESS, peer),
            KeyValue::new(semconv::PEER_SERVICE, peer),
        ];
        attributes.extend(
            self.peers
                .get(peer)
                .map(|to| KeyValue::new(semconv::SERVER_PORT, i64::from(to.port()))),
        );
        if call.resend_count > 0 {
            attributes.push(KeyValue::new(
                semconv::HTTP_RESEND_COUNT,
                i64::from(call.resend_count),
            ));
        }
        let tracer = telemetry::tracer("shop.http.client");
        let span = SpanBuilder::from_name(call.span_name)
            .with_kind(SpanKind::Client)
            .with_attributes(attributes)
            .start(&tracer);
        let context = Context::current_with_span(span);

        let request = self.http.request(call.method, address);
        let request = call
            .body
            .into_iter()
            .fold(request, reqwest::RequestBuilder::json);
        let answer = answer(peer, request).with_context(context.clone()).await;

        let span = context.span();
        let status = match &answer {
            Ok((status, _)) | Err(ThirdPartyError::Status { status, .. }) => Some(*status),
            Err(ThirdPartyError::Unreachable { .. }) => None,
        };
        span.set_attributes(
            status.map(|status| KeyValue::new(semconv::HTTP_STATUS, i64::from(status))),
        );
        if let Err(error) = &answer {
            let kind = status.map_or_else(|| "unreachable".to_owned(), |status| status.to_string());
            span.set_attribute(KeyValue::new(semconv::ERROR_TYPE, kind));
            span.add_event("exception", exception(error));
            span.set_status(Status::error(error.to_string()));
        }
        span.end();
        answer.map(|(_, body)| body)
    }

    fn url(&self, service: &str, path: &str) -> Result<String, Failure> {
        let address = self.peers.get(service);
        let address = address
            .ok_or_else(|| Failure::internal(format!("no address is known for {service}")))?;
        Ok(format!("http://{address}{path}"))
    }
}

async fn answer(
    peer: &'static str,
    request: reqwest::RequestBuilder,
) -> Result<(u16, Value), ThirdPartyError> {
    let unreachable = |e: reqwest::Error| ThirdPartyError::Unreachable {
        peer,
        reason: root_cause(&e),
    };
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    if status.is_success() {
        return Ok((status.as_u16(), response.json().await.map_err(unreachable)?));
    }
    Err(ThirdPartyError::Status {
        peer,
        status: status.as_u16(),
        message: response.text().await.unwrap_or_default(),
    })
}

/// The attributes of an `exception` event; its stack is the one frame that we know for certain.
#[track_caller]
fn exception(error: &ThirdPartyError) -> Vec<KeyValue> {
    let stack = format!(
        "{}::ThirdPartyError: {error}\n    at {}",
        module_path!(),
        Location::caller()
    );
    vec![
        KeyValue::new(
            semconv::EXCEPTION_TYPE,
            concat!(module_path!(), "::ThirdPartyError"),
        ),
        KeyValue::new(semconv::EXCEPTION_MESSAGE, error.to_string()),
        KeyValue::new(semconv::EXCEPTION_STACKTRACE, stack),
    ]
}

/// The innermost reason: "connection refused" says more than "error sending request".
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
