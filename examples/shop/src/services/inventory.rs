//! inventory: keeps what is in stock and reserves it.
//!
//! The fault it carries: one query per article of the cart (N + 1) against a database that is a
//! network round trip away. SQLite itself is in the process, so that trip is simulated.
//!
//! **Invariant:** knows stock, no prices and no customers.

use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use rusqlite::types::Value;
use serde::Deserialize;
use serde_json::json;

use super::Item;
use crate::db::{Db, Statement};
use crate::inbound::{Endpoint, Failure};
use crate::products::PRODUCTS;
use crate::semconv;

const ROUND_TRIP: Duration = Duration::from_millis(49);

const SCHEMA: &str = "CREATE TABLE stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL);";

const SELECT: Statement = Statement {
    summary: "SELECT stock WHERE sku = ?",
    operation: "SELECT",
    table: "stock",
    sql: "SELECT quantity FROM stock WHERE sku = ?",
};

/// What to reserve.
#[derive(Deserialize)]
struct Request {
    items: Vec<Item>,
}

/// The routes, on a full warehouse.
///
/// # Errors
/// SQLite's own.
pub fn router() -> rusqlite::Result<Router> {
    let db = Db::open("inventory", SCHEMA)?.at_distance(ROUND_TRIP);
    for product in &PRODUCTS {
        db.connection()
            .execute("INSERT INTO stock VALUES (?, 1000)", [product.sku])?;
    }
    let endpoint = Endpoint::new("reserve items", "/reserve", "inventory::reserve_items");
    Ok(Router::new().route(
        "/reserve",
        endpoint.traced(post(reserve_items).with_state(db)),
    ))
}

async fn reserve_items(
    State(db): State<Db>,
    Json(Request { items }): Json<Request>,
) -> Result<Json<serde_json::Value>, Failure> {
    Context::current().span().set_attribute(KeyValue::new(
        semconv::APP_ITEMS,
        i64::try_from(items.len()).unwrap_or(i64::MAX),
    ));
    for item in &items {
        let sku = vec![Value::from(item.sku.clone())];
        let rows: Vec<i64> = db.query(SELECT, sku, |row| row.get(0)).await?;
        let in_stock = rows.first().copied().unwrap_or(0);
        if in_stock < item.quantity {
            let sku = &item.sku;
            return Err(Failure::refused(format!(
                "only {in_stock} of {sku} are left"
            )));
        }
    }
    Ok(Json(json!({ "reserved": items.len() })))
}
