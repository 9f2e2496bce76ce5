//! catalog: the articles, as the page shows them.
//!
//! **Invariant:** reads only.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::db::{Db, Statement};
use crate::inbound::{Endpoint, Failure};
use crate::products::PRODUCTS;

const SCHEMA: &str = "
    CREATE TABLE products (
        sku TEXT PRIMARY KEY, name TEXT NOT NULL, about TEXT NOT NULL,
        price_cents INTEGER NOT NULL, icon TEXT NOT NULL
    );";

const SELECT: Statement = Statement {
    summary: "SELECT products",
    operation: "SELECT",
    table: "products",
    sql: "SELECT sku, name, about, price_cents, icon FROM products ORDER BY rowid",
};

/// One article.
#[derive(Deserialize, Serialize)]
pub struct Article {
    pub sku: String,
    pub name: String,
    pub about: String,
    pub price_cents: i64,
    pub icon: String,
}

/// The routes, on a full catalog.
///
/// # Errors
/// SQLite's own.
pub fn router() -> rusqlite::Result<Router> {
    let db = Db::open("catalog", SCHEMA)?;
    for product in &PRODUCTS {
        let row = (
            product.sku,
            product.name,
            product.about,
            product.price_cents,
            product.icon,
        );
        db.connection()
            .execute("INSERT INTO products VALUES (?, ?, ?, ?, ?)", row)?;
    }
    let endpoint = Endpoint::new("list products", "/products", "catalog::list_products");
    Ok(Router::new().route(
        "/products",
        endpoint.traced(get(list_products).with_state(db)),
    ))
}

async fn list_products(State(db): State<Db>) -> Result<Json<Vec<Article>>, Failure> {
    let article = |row: &rusqlite::Row<'_>| {
        Ok(Article {
            sku: row.get(0)?,
            name: row.get(1)?,
            about: row.get(2)?,
            price_cents: row.get(3)?,
            icon: row.get(4)?,
        })
    };
    db.query(SELECT, Vec::new(), article).await.map(Json)
}
