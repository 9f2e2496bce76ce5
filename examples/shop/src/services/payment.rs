//! payment: charges the customer through the acquirer, which fails now and then; one retry.
//!
//! **Invariant:** the only service that talks to the acquirer.

use std::time::Duration;

use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Env;
use crate::inbound::{Endpoint, Failure};
use crate::outbound::{Outbound, ThirdParty};
use crate::semconv;

const RETRIES: u32 = 1;
const BACKOFF: Duration = Duration::from_millis(8);

/// Whom to charge for what.
#[derive(Deserialize)]
struct Request {
    order: i64,
    total_cents: i64,
    currency: String,
}

/// How it went.
#[derive(Deserialize, Serialize)]
pub struct Charged {
    pub attempts: u32,
}

pub fn router(env: &Env) -> Router {
    let endpoint = Endpoint::new("charge", "/charge", "payment::charge");
    Router::new().route(
        "/charge",
        endpoint.traced(post(charge).with_state(env.outbound.clone())),
    )
}

async fn charge(
    State(outbound): State<Outbound>,
    Json(request): Json<Request>,
) -> Result<Json<Charged>, Failure> {
    let context = Context::current();
    let span = context.span();
    span.set_attributes([
        KeyValue::new(semconv::APP_ORDER, request.order),
        KeyValue::new(semconv::APP_TOTAL, request.total_cents),
        KeyValue::new(semconv::APP_CURRENCY, request.currency.clone()),
    ]);
    let body = json!({
        "reference": request.order,
        "amount": request.total_cents,
        "currency": request.currency,
    });
    let mut attempt = 0;
    loop {
        let tried = outbound.third_party(ThirdParty {
            peer: "acquirer",
            method: Method::POST,
            path: "/charges",
            span_name: span_name(attempt),
            resend_count: attempt,
            body: Some(&body),
        });
        let Err(error) = tried.await else {
            return Ok(Json(Charged {
                attempts: attempt + 1,
            }));
        };
        if attempt == RETRIES {
            return Err(Failure::upstream(error.to_string()));
        }
        attempt += 1;
        span.add_event(
            "retry",
            vec![
                KeyValue::new("app.retry.attempt", i64::from(attempt)),
                KeyValue::new("app.retry.reason", error.to_string()),
            ],
        );
        tokio::time::sleep(BACKOFF).await;
    }
}

fn span_name(attempt: u32) -> String {
    match attempt {
        0 => "POST /charges".to_owned(),
        n => format!("POST /charges (retry {n})"),
    }
}
