//! Jaeger's third HTTP API: OTLP JSON under `/api/v3`, times and numbers exact.
//!
//! **Invariant:** parameters and shapes of answers; the questions themselves are in `query`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;
use throughline_model::export::otlp_resource_spans;
use throughline_model::ids::TraceId;

use super::Collector;
use super::params::{BadParam, Params};
use super::query::{Found, Search};

const DEFAULT_DEPTH: usize = 100;

pub fn router() -> Router<Arc<Collector>> {
    Router::new()
        .route("/api/v3/services", get(services))
        .route("/api/v3/operations", get(operations))
        .route("/api/v3/traces", get(search))
        .route("/api/v3/traces/{id}", get(trace))
        .route("/api/v3/{*rest}", get(unknown))
}

#[derive(Serialize)]
struct Answer<T> {
    result: T,
}

fn failure(status: StatusCode, message: &str) -> Response {
    let error = json!({ "httpCode": status.as_u16(), "message": message });
    (status, Json(json!({ "error": error }))).into_response()
}

async fn services(State(collector): State<Arc<Collector>>) -> Response {
    Json(json!({ "services": collector.services() })).into_response()
}

async fn operations(State(collector): State<Arc<Collector>>, params: Params) -> Response {
    let Some(service) = params.get(&["service"]) else {
        return failure(StatusCode::BAD_REQUEST, "parameter service is required");
    };
    let kind = params.get(&["spanKind", "span_kind"]);
    let operations = collector.operations(service, kind).into_iter();
    let list =
        operations.map(|operation| json!({ "name": operation.name, "spanKind": operation.kind }));
    Json(json!({ "operations": list.collect::<Vec<_>>() })).into_response()
}

async fn trace(State(collector): State<Arc<Collector>>, Path(id): Path<String>) -> Response {
    let Some(id) = TraceId::from_hex(id.as_bytes()) else {
        return failure(
            StatusCode::BAD_REQUEST,
            &format!("{id:?} is not a trace id of up to 32 hex digits"),
        );
    };
    traces(&collector.find(vec![id]).await)
}

async fn search(State(collector): State<Arc<Collector>>, params: Params) -> Response {
    match search_of(&params) {
        Ok(Some(search)) => traces(&collector.search(search).await),
        Ok(None) => failure(
            StatusCode::BAD_REQUEST,
            "query.startTimeMin and query.startTimeMax are required, such as 2026-01-31T12:00:00Z",
        ),
        Err(bad) => failure(StatusCode::BAD_REQUEST, &bad.to_string()),
    }
}

/// `None` when a required time is missing.
fn search_of(params: &Params) -> Result<Option<Search>, BadParam> {
    let start_min = params.time(&["query.startTimeMin", "query.start_time_min"])?;
    let start_max = params.time(&["query.startTimeMax", "query.start_time_max"])?;
    if start_min.is_none() || start_max.is_none() {
        return Ok(None);
    }
    let depth = params.number(&[
        "query.searchDepth",
        "query.search_depth",
        "query.numTraces",
        "query.num_traces",
    ])?;
    Ok(Some(Search {
        service: params
            .get(&["query.serviceName", "query.service_name"])
            .map(str::to_owned),
        operation: params
            .get(&["query.operationName", "query.operation_name"])
            .map(str::to_owned),
        start_min,
        start_max,
        duration_min: params.duration(&["query.durationMin", "query.duration_min"])?,
        duration_max: params.duration(&["query.durationMax", "query.duration_max"])?,
        tags: params.string_map(&["query.attributes"])?,
        limit: depth
            .and_then(|depth| usize::try_from(depth).ok())
            .unwrap_or(DEFAULT_DEPTH),
    }))
}

fn traces(found: &Found) -> Response {
    if found.traces.is_empty() {
        return failure(StatusCode::NOT_FOUND, "No traces found");
    }
    let result = otlp_resource_spans(&found.store, &found.traces);
    match serde_json::to_vec(&Answer { result }) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => failure(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn unknown(Path(rest): Path<String>) -> Response {
    failure(
        StatusCode::NOT_FOUND,
        &format!("there is no /api/v3/{rest}"),
    )
}
