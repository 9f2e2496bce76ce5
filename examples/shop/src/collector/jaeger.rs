//! Jaeger's first HTTP API, the one its own page uses: `/api/traces`, `/api/services`, …
//!
//! **Invariant:** parameters and shapes of answers; the questions themselves are in `query`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;
use throughline_model::export::jaeger_traces;
use throughline_model::ids::TraceId;

use super::Collector;
use super::params::{BadParam, Params};
use super::query::{Found, Search};

const DEFAULT_LIMIT: usize = 100;
const DEFAULT_LOOKBACK_MS: u64 = 24 * 60 * 60 * 1000;

pub fn router() -> Router<Arc<Collector>> {
    Router::new()
        .route("/api/services", get(services))
        .route("/api/services/{service}/operations", get(operations_of))
        .route("/api/operations", get(operations))
        .route("/api/traces", get(search))
        .route("/api/traces/{id}", get(trace))
        .route("/api/dependencies", get(dependencies))
        .route("/api/{*rest}", get(unknown))
}

/// The frame of every answer. Jaeger counts in `total` for some lists and leaves it 0 for others;
/// here it is always the number of items.
#[derive(Serialize)]
struct Answer<T> {
    data: T,
    total: usize,
    limit: usize,
    offset: usize,
    errors: Option<()>,
}

fn answer<T: Serialize>(data: T, total: usize) -> Response {
    let answer = Answer {
        data,
        total,
        limit: 0,
        offset: 0,
        errors: None,
    };
    match serde_json::to_vec(&answer) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => failure(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn failure(status: StatusCode, message: &str) -> Response {
    let errors = json!([{ "code": status.as_u16(), "msg": message }]);
    (
        status,
        Json(json!({ "data": null, "total": 0, "limit": 0, "offset": 0, "errors": errors })),
    )
        .into_response()
}

impl IntoResponse for BadParam {
    fn into_response(self) -> Response {
        failure(StatusCode::BAD_REQUEST, &self.to_string())
    }
}

async fn services(State(collector): State<Arc<Collector>>) -> Response {
    let services = collector.services();
    answer(&services, services.len())
}

async fn operations_of(
    State(collector): State<Arc<Collector>>,
    Path(service): Path<String>,
) -> Response {
    let mut names: Vec<_> = collector
        .operations(&service, None)
        .into_iter()
        .map(|operation| operation.name)
        .collect();
    names.dedup();
    answer(&names, names.len())
}

async fn operations(State(collector): State<Arc<Collector>>, params: Params) -> Response {
    let Some(service) = params.get(&["service"]) else {
        return failure(StatusCode::BAD_REQUEST, "parameter 'service' is required");
    };
    let kind = params.get(&["spanKind"]);
    let operations = collector.operations(service, kind);
    let list = operations
        .iter()
        .map(|operation| json!({ "name": operation.name, "spanKind": operation.kind }));
    answer(list.collect::<Vec<_>>(), operations.len())
}

async fn trace(State(collector): State<Arc<Collector>>, Path(id): Path<String>) -> Response {
    let Some(id) = TraceId::from_hex(id.as_bytes()) else {
        return failure(
            StatusCode::BAD_REQUEST,
            &format!("{id:?} is not a trace id of up to 32 hex digits"),
        );
    };
    let found = collector.find(vec![id]).await;
    if found.traces.is_empty() {
        return failure(StatusCode::NOT_FOUND, "trace not found");
    }
    traces(&found)
}

async fn search(
    State(collector): State<Arc<Collector>>,
    params: Params,
) -> Result<Response, BadParam> {
    let ids: Vec<&str> = params.all(&["traceID"]).collect();
    if !ids.is_empty() {
        let ids = ids
            .into_iter()
            .filter_map(|id| TraceId::from_hex(id.as_bytes()));
        return Ok(traces(&collector.find(ids.collect()).await));
    }
    if params.get(&["service"]).is_none() {
        return Ok(failure(
            StatusCode::BAD_REQUEST,
            "parameter 'service' is required",
        ));
    }
    Ok(traces(&collector.search(search_of(&params)?).await))
}

fn search_of(params: &Params) -> Result<Search, BadParam> {
    let micros = |names: &[&str]| {
        Ok(params
            .number(names)?
            .map(|micros| micros.saturating_mul(1000)))
    };
    let mut tags = params.string_map(&["tags"])?;
    for tag in params.all(&["tag"]) {
        let bad = || BadParam {
            name: "tag".to_owned(),
            value: tag.to_owned(),
            expected: "a key and a value such as http.route:/cart",
        };
        let (key, value) = tag.split_once(':').ok_or_else(bad)?;
        tags.push((key.to_owned(), value.to_owned()));
    }
    Ok(Search {
        service: params.get(&["service"]).map(str::to_owned),
        operation: params.get(&["operation"]).map(str::to_owned),
        start_min: micros(&["start"])?,
        start_max: micros(&["end"])?,
        duration_min: params.duration(&["minDuration"])?,
        duration_max: params.duration(&["maxDuration"])?,
        tags,
        limit: params
            .number(&["limit"])?
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(DEFAULT_LIMIT),
    })
}

fn traces(found: &Found) -> Response {
    answer(
        jaeger_traces(&found.store, &found.traces),
        found.traces.len(),
    )
}

async fn dependencies(
    State(collector): State<Arc<Collector>>,
    params: Params,
) -> Result<Response, BadParam> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(u64::MAX);
    let end = params.number(&["endTs"])?.unwrap_or(now);
    let lookback = params.number(&["lookback"])?.unwrap_or(DEFAULT_LOOKBACK_MS);
    let nanos = |millis: u64| millis.saturating_mul(1_000_000);
    let mut calls = collector
        .dependencies(nanos(end.saturating_sub(lookback)), nanos(end))
        .await;
    if let Some(service) = params.get(&["service"]) {
        calls.retain(|call| call.parent == service || call.child == service);
    }
    Ok(answer(&calls, calls.len()))
}

/// A path under `/api` that is none must not look like the viewer's page.
async fn unknown(Path(rest): Path<String>) -> Response {
    failure(StatusCode::NOT_FOUND, &format!("there is no /api/{rest}"))
}
