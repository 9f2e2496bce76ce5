//! shipping: how long the delivery will take.
//!
//! **Invariant:** knows parcels, no customers and no money.

use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};

use crate::inbound::Endpoint;
use crate::{semconv, simulate};

/// What to ship.
#[derive(Deserialize)]
struct Request {
    items: u32,
}

/// How long it takes.
#[derive(Deserialize, Serialize)]
pub struct Quote {
    pub days: u32,
}

pub fn router() -> Router {
    let endpoint = Endpoint::new("quote", "/quote", "shipping::quote");
    Router::new().route("/quote", endpoint.traced(post(quote)))
}

async fn quote(Json(Request { items }): Json<Request>) -> Json<Quote> {
    simulate::work(8).await;
    let context = Context::current();
    context
        .span()
        .set_attribute(KeyValue::new(semconv::APP_ITEMS, i64::from(items)));
    Json(Quote {
        days: 2 + items / 10,
    })
}
