//! The embedded collector: OTLP/HTTP in, Jaeger's HTTP APIs out, the viewer's files beside them.
//!
//! ```text
//! POST /v1/traces ─► receive ─► reading (import, facts) ─► keep (bounded memory)
//! GET  /api/…     ─► jaeger, jaeger_v3 ─► query ─► keep ─► reading ─► export
//! ```
//!
//! What is kept is the bytes as they came, decompressed; each query imports those that it needs.
//!
//! **Invariant:** no file and no clock decides what is kept, only memory; times come from the
//! spans.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use throughline_model::ids::TraceId;

use crate::files;

mod cors;
mod jaeger;
mod jaeger_v3;
mod keep;
mod params;
mod query;
mod reading;
mod receive;
#[cfg(test)]
mod tests;

use keep::Keep;

/// What the collector has and has seen; shared by all requests.
pub struct Collector {
    keep: Mutex<Keep>,
}

impl Collector {
    /// A collector that keeps at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            keep: Mutex::new(Keep::new(limit)),
        }
    }

    /// How many spans of a trace have arrived and are kept.
    pub fn span_count(&self, trace: TraceId) -> u64 {
        self.keep().span_count(trace)
    }

    fn keep(&self) -> MutexGuard<'_, Keep> {
        self.keep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All routes. `dist` is the viewer, served at `/`.
pub fn router(collector: Arc<Collector>, dist: Option<&Path>) -> Router {
    let api = Router::new()
        .merge(receive::router())
        .merge(jaeger::router())
        .merge(jaeger_v3::router())
        .with_state(collector)
        .layer(cors::layer());
    match dist {
        Some(dist) => api.fallback_service(files::folder(dist)),
        None => api,
    }
}
