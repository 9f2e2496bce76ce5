//! cart: what each customer is about to buy.
//!
//! **Invariant:** knows article numbers and quantities, no prices.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use rusqlite::types::Value;

use super::Item;
use crate::db::{Db, Statement};
use crate::inbound::{Endpoint, Failure};
use crate::products::PRODUCTS;
use crate::simulate;

const SCHEMA: &str = "
    CREATE TABLE cart_items (
        cart TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
        PRIMARY KEY (cart, sku)
    ) WITHOUT ROWID;";

const SELECT: Statement = Statement {
    summary: "SELECT cart_items WHERE cart = ?",
    operation: "SELECT",
    table: "cart_items",
    sql: "SELECT sku, quantity FROM cart_items WHERE cart = ? AND quantity > 0 ORDER BY sku",
};

const CHANGE: Statement = Statement {
    summary: "INSERT cart_items",
    operation: "INSERT",
    table: "cart_items",
    sql: "INSERT INTO cart_items (cart, sku, quantity) VALUES (?1, ?2, max(0, ?3)) \
          ON CONFLICT (cart, sku) DO UPDATE SET quantity = max(0, quantity + ?3)",
};

/// The routes, on an empty table.
///
/// # Errors
/// SQLite's own.
pub fn router() -> rusqlite::Result<Router> {
    let db = Db::open("cart", SCHEMA)?;
    let read = Endpoint::new("GET /cart/{id}", "/cart/{id}", "cart::read");
    let change = Endpoint::new("POST /cart/{id}/items", "/cart/{id}/items", "cart::change");
    Ok(Router::new()
        .route(
            "/cart/{id}",
            read.traced(get(read_cart).with_state(db.clone())),
        )
        .route(
            "/cart/{id}/items",
            change.traced(post(change_item).with_state(db)),
        ))
}

async fn read_cart(
    State(db): State<Db>,
    Path(cart): Path<String>,
) -> Result<Json<Vec<Item>>, Failure> {
    simulate::work(40).await;
    fill_when_new(&db, &cart).map_err(|e| Failure::internal(e.to_string()))?;
    items(&db, cart).await.map(Json)
}

async fn change_item(
    State(db): State<Db>,
    Path(cart): Path<String>,
    Json(change): Json<Item>,
) -> Result<Json<Vec<Item>>, Failure> {
    let params = vec![
        Value::from(cart.clone()),
        Value::from(change.sku),
        Value::from(change.quantity),
    ];
    db.query(CHANGE, params, |_| Ok(())).await?;
    items(&db, cart).await.map(Json)
}

async fn items(db: &Db, cart: String) -> Result<Vec<Item>, Failure> {
    let item = |row: &rusqlite::Row<'_>| {
        Ok(Item {
            sku: row.get(0)?,
            quantity: row.get(1)?,
        })
    };
    db.query(SELECT, vec![Value::from(cart)], item).await
}

/// A visitor of a demo should not have to fill a cart first: it begins with one of everything.
fn fill_when_new(db: &Db, cart: &str) -> rusqlite::Result<()> {
    let connection = db.connection();
    let known: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM cart_items WHERE cart = ?)",
        [cart],
        |row| row.get(0),
    )?;
    if known {
        return Ok(());
    }
    let mut insert = connection.prepare("INSERT INTO cart_items VALUES (?, ?, 1)")?;
    for product in &PRODUCTS {
        insert.execute([cart, product.sku])?;
    }
    Ok(())
}
