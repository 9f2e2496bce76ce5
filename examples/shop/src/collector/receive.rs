//! OTLP over HTTP: traces are kept, logs and metrics are counted.
//!
//! Answers are those of the protocol: in the encoding of the request, with `partial_success` where
//! something was left out, and a status message where nothing could be taken.
//!
//! **Invariant:** the protocol's rules; what is in a body is `reading`'s business.

use std::io::Read as _;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use flate2::read::MultiGzDecoder;
use serde_json::json;
use throughline_model::import::Format;
use throughline_model::wire::Writer;

use super::keep::Counts;
use super::{Collector, query};

/// Bytes of a request as sent.
const SENT_LIMIT: usize = 16 << 20;
/// Bytes of a request when unpacked.
const UNPACKED_LIMIT: usize = 64 << 20;

pub fn router() -> Router<Arc<Collector>> {
    let count_logs =
        |state, headers, body| count(state, headers, body, |counts| counts.log_requests += 1);
    let count_metrics =
        |state, headers, body| count(state, headers, body, |counts| counts.metric_requests += 1);
    Router::new()
        .route("/v1/traces", post(traces))
        .route("/v1/logs", post(count_logs))
        .route("/v1/metrics", post(count_metrics))
        .route("/api/status", get(status))
        .layer(DefaultBodyLimit::max(SENT_LIMIT))
}

/// How a request is encoded, and so its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Json,
    Protobuf,
}

/// Why nothing of a request was taken.
#[derive(Debug)]
struct Refusal {
    encoding: Encoding,
    status: StatusCode,
    message: String,
}

type Sent = Result<Bytes, BytesRejection>;

async fn traces(
    State(collector): State<Arc<Collector>>,
    headers: HeaderMap,
    body: Sent,
) -> Result<Response, Refusal> {
    let (encoding, body) = unpack(&headers, body)?;
    collector.keep().counts.trace_requests += 1;
    if is_empty(encoding, &body) {
        return Ok(accepted(encoding, 0, ""));
    }
    let refused = |message: String| Refusal {
        encoding,
        status: StatusCode::BAD_REQUEST,
        message,
    };
    let read = query::read(body.clone())
        .await
        .map_err(|error| refused(error.to_string()))?;
    let wanted = match encoding {
        Encoding::Json => Format::OtlpJson,
        Encoding::Protobuf => Format::OtlpProto,
    };
    if let Some(format) = read.format.filter(|format| *format != wanted) {
        let (wanted, format) = (wanted.label(), format.label());
        return Err(refused(format!(
            "the content type says {wanted}, but the body is {format}"
        )));
    }
    collector.keep().add(body, read.traces);
    Ok(accepted(encoding, read.rejected, &read.warning))
}

async fn count(
    State(collector): State<Arc<Collector>>,
    headers: HeaderMap,
    body: Sent,
    add: fn(&mut Counts),
) -> Result<Response, Refusal> {
    let (encoding, _) = unpack(&headers, body)?;
    add(&mut collector.keep().counts);
    Ok(accepted(encoding, 0, ""))
}

async fn status(State(collector): State<Arc<Collector>>) -> Response {
    let keep = collector.keep();
    let (used, limit) = keep.usage();
    let counts = keep.counts;
    Json(json!({
        "traces": keep.trace_count(),
        "spansReceived": counts.spans,
        "tracesEvicted": counts.evicted_traces,
        "requests": {
            "traces": counts.trace_requests,
            "logs": counts.log_requests,
            "metrics": counts.metric_requests,
        },
        "memory": { "used": used, "limit": limit },
    }))
    .into_response()
}

/// The encoding and the body without its compression.
fn unpack(headers: &HeaderMap, body: Sent) -> Result<(Encoding, Bytes), Refusal> {
    let header = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .trim()
    };
    let content_type = header(header::CONTENT_TYPE);
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let (encoding, known) = match essence.as_str() {
        "application/json" => (Encoding::Json, true),
        "application/x-protobuf" => (Encoding::Protobuf, true),
        _ => (Encoding::Json, false),
    };
    let refusal = |status, message| Refusal {
        encoding,
        status,
        message,
    };
    if !known {
        let message = format!(
            "content type {content_type:?} is not taken: send application/x-protobuf or application/json"
        );
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(encoding, "as sent", SENT_LIMIT),
        status => refusal(status, rejection.body_text()),
    })?;
    match header(header::CONTENT_ENCODING)
        .to_ascii_lowercase()
        .as_str()
    {
        "" | "identity" => Ok((encoding, body)),
        "gzip" | "x-gzip" => {
            let mut unpacked = Vec::new();
            let limit = u64::try_from(UNPACKED_LIMIT).unwrap_or(u64::MAX);
            let read = MultiGzDecoder::new(&*body)
                .take(limit + 1)
                .read_to_end(&mut unpacked);
            read.map_err(|error| {
                refusal(
                    StatusCode::BAD_REQUEST,
                    format!("the body is not valid gzip: {error}"),
                )
            })?;
            if unpacked.len() > UNPACKED_LIMIT {
                return Err(too_large(encoding, "unpacked", UNPACKED_LIMIT));
            }
            Ok((encoding, Bytes::from(unpacked)))
        }
        other => {
            let message = format!("content encoding {other:?} is not taken: send gzip, or none");
            Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
        }
    }
}

fn too_large(encoding: Encoding, how: &str, limit: usize) -> Refusal {
    Refusal {
        encoding,
        status: StatusCode::PAYLOAD_TOO_LARGE,
        message: format!(
            "the body is larger {how} than {} MiB: send smaller batches",
            limit >> 20
        ),
    }
}

/// Whether the body is a request with nothing in it: no byte, or an object without a member.
fn is_empty(encoding: Encoding, body: &Bytes) -> bool {
    match encoding {
        Encoding::Protobuf => body.is_empty(),
        Encoding::Json => {
            let mut marks = body.iter().filter(|byte| !byte.is_ascii_whitespace());
            (marks.next(), marks.next(), marks.next()) == (Some(&b'{'), Some(&b'}'), None)
        }
    }
}

/// An `ExportTraceServiceResponse`; logs and metrics have the same shape.
fn accepted(encoding: Encoding, rejected: u64, warning: &str) -> Response {
    let all_well = rejected == 0 && warning.is_empty();
    let message = match rejected {
        0 => warning.to_owned(),
        _ => format!("{rejected} spans have no usable id; {warning}")
            .trim_end_matches("; ")
            .to_owned(),
    };
    match encoding {
        Encoding::Json if all_well => answer(StatusCode::OK, encoding, b"{}".to_vec()),
        Encoding::Json => {
            let partial = json!({ "rejectedSpans": rejected.to_string(), "errorMessage": message });
            answer(
                StatusCode::OK,
                encoding,
                json!({ "partialSuccess": partial })
                    .to_string()
                    .into_bytes(),
            )
        }
        Encoding::Protobuf => {
            let mut writer = Writer::new();
            if !all_well {
                writer.message(1, |partial| {
                    partial.uint64(1, rejected);
                    partial.string(2, &message);
                });
            }
            answer(StatusCode::OK, encoding, writer.into_bytes())
        }
    }
}

impl IntoResponse for Refusal {
    /// A `google.rpc.Status`: a code and a message.
    fn into_response(self) -> Response {
        /// `INVALID_ARGUMENT`.
        const CODE: u64 = 3;
        let body = match self.encoding {
            Encoding::Json => json!({ "code": CODE, "message": self.message })
                .to_string()
                .into_bytes(),
            Encoding::Protobuf => {
                let mut writer = Writer::new();
                writer.uint64(1, CODE);
                writer.string(2, &self.message);
                writer.into_bytes()
            }
        };
        answer(self.status, self.encoding, body)
    }
}

fn answer(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response {
    let content_type = match encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => "application/x-protobuf",
    };
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}
