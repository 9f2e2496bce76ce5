//! checkout: takes a cart through price, stock, order, payment, delivery and the news of it.
//!
//! **Invariant:** orchestrates; owns no data.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::auth::Customer;
use super::order::Placed;
use super::payment::Charged;
use super::pricing::Priced;
use super::shipping::Quote;
use super::{Env, Item};
use crate::inbound::{Endpoint, Failure};
use crate::outbound::Outbound;
use crate::semconv;

/// What the visitor gets to see in the end.
#[derive(Deserialize, Serialize)]
pub struct Receipt {
    pub order: i64,
    pub items: usize,
    pub total_cents: i64,
    pub currency: String,
    pub payment_attempts: u32,
    pub delivery_days: u32,
}

pub fn router(env: &Env) -> Router {
    let endpoint = Endpoint::new("checkout", "/checkout", "checkout::check_out");
    Router::new().route(
        "/checkout",
        endpoint.traced(post(check_out).with_state(env.outbound.clone())),
    )
}

async fn check_out(
    State(shop): State<Outbound>,
    Json(Customer { customer }): Json<Customer>,
) -> Result<Json<Receipt>, Failure> {
    let items: Vec<Item> = shop.get("cart", &format!("/cart/{customer}")).await?;
    if items.is_empty() {
        return Err(Failure::refused("the cart is empty"));
    }
    let context = Context::current();
    let span = context.span();
    span.set_attribute(KeyValue::new(semconv::APP_CUSTOMER, customer.clone()));
    span.set_attribute(KeyValue::new(semconv::APP_ITEMS, count(&items)));

    let priced: Priced = shop
        .post("pricing", "/price", json!({ "items": items }))
        .await?;
    let _: Value = shop
        .post("inventory", "/reserve", json!({ "items": items }))
        .await?;
    let order = json!({ "customer": customer, "total_cents": priced.total_cents });
    let placed: Placed = shop.post("order", "/orders", order).await?;
    let charge = json!({
        "order": placed.order,
        "total_cents": priced.total_cents,
        "currency": priced.currency,
    });
    let charged: Charged = shop.post("payment", "/charge", charge).await?;
    let quote: Quote = shop
        .post("shipping", "/quote", json!({ "items": items.len() }))
        .await?;
    let news = json!({ "order": placed.order, "customer": customer });
    let _: Value = shop
        .post("notification", "/events/order.created", news)
        .await?;

    span.set_attribute(KeyValue::new(semconv::APP_ORDER, placed.order));
    Ok(Json(Receipt {
        order: placed.order,
        items: items.len(),
        total_cents: priced.total_cents,
        currency: priced.currency,
        payment_attempts: charged.attempts,
        delivery_days: quote.days,
    }))
}

fn count(items: &[Item]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}
