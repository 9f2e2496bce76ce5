//! pricing: what a cart costs today.
//!
//! The fault it carries: three rate APIs that do not need each other's answers are asked one after
//! the other.
//!
//! **Invariant:** owns the price list's use, no cart and no stock.

use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};

use super::{Env, Item};
use crate::inbound::{Endpoint, Failure};
use crate::outbound::{Outbound, ThirdParty};
use crate::{products, semconv};

/// What to price.
#[derive(Deserialize)]
struct Request {
    items: Vec<Item>,
}

/// What it comes to.
#[derive(Deserialize, Serialize)]
pub struct Priced {
    pub total_cents: i64,
    pub currency: String,
}

const RATES: [&str; 3] = ["rates-a", "rates-b", "rates-c"];

pub fn router(env: &Env) -> Router {
    let endpoint = Endpoint::new("price items", "/price", "pricing::price_items");
    Router::new().route(
        "/price",
        endpoint.traced(post(price_items).with_state(env.outbound.clone())),
    )
}

async fn price_items(
    State(outbound): State<Outbound>,
    Json(Request { items }): Json<Request>,
) -> Result<Json<Priced>, Failure> {
    let mut total_cents = sum(&items).ok_or_else(|| Failure::refused("an article has no price"))?;
    for peer in RATES {
        let rate = outbound.third_party(ThirdParty {
            peer,
            method: Method::GET,
            path: "/v1/rates",
            span_name: format!("GET {peer} /v1/rates"),
            resend_count: 0,
            body: None,
        });
        let rate = rate.await.map_err(|e| Failure::upstream(e.to_string()))?;
        let permille = rate["permille"].as_i64().unwrap_or(1000);
        total_cents = total_cents.saturating_mul(permille) / 1000;
    }
    let currency = "EUR";
    let context = Context::current();
    context.span().set_attributes([
        KeyValue::new(
            semconv::APP_ITEMS,
            i64::try_from(items.len()).unwrap_or(i64::MAX),
        ),
        KeyValue::new(semconv::APP_CURRENCY, currency),
        KeyValue::new(semconv::APP_TOTAL, total_cents),
    ]);
    Ok(Json(Priced {
        total_cents,
        currency: currency.to_owned(),
    }))
}

/// The list price of all items; `None` when one is not on the list.
fn sum(items: &[Item]) -> Option<i64> {
    items.iter().try_fold(0_i64, |sum, item| {
        let price = products::find(&item.sku)?.price_cents;
        sum.checked_add(price.checked_mul(item.quantity)?)
    })
}

#[cfg(test)]
mod tests {
    use super::{Item, sum};

    #[test]
    fn a_cart_is_the_sum_of_its_lines() {
        let check = |lines: &[(&str, i64)], expected: Option<i64>| {
            let items: Vec<Item> = lines
                .iter()
                .map(|(sku, quantity)| Item {
                    sku: (*sku).to_owned(),
                    quantity: *quantity,
                })
                .collect();
            assert_eq!(sum(&items), expected, "{lines:?}");
        };
        check(&[], Some(0));
        check(&[("MUG-01", 2), ("KEY-08", 1)], Some(4550));
        check(&[("MUG-01", 1), ("NOPE", 1)], None);
        check(&[("MUG-01", i64::MAX)], None);
    }
}
