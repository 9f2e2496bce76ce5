//! order: writes orders down and knows how many a customer placed before.
//!
//! The fault it carries: the question about a customer's orders has no index to use, so SQLite
//! reads the whole table, and reads it again for every order it finds. Nothing is simulated: at
//! start the table is given as many rows as make that take about 0.4 s on this machine.
//!
//! **Invariant:** knows orders, no carts and no money movements.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use crate::db::{Db, Statement};
use crate::inbound::{Endpoint, Failure};
use crate::semconv;

const SCHEMA: &str = "
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY, customer TEXT NOT NULL,
        placed_at INTEGER NOT NULL, total_cents INTEGER NOT NULL
    );";

const SELECT: Statement = Statement {
    summary: "SELECT orders WHERE customer = ?",
    operation: "SELECT",
    table: "orders",
    sql: "SELECT id, (SELECT count(*) FROM orders AS earlier \
                      WHERE earlier.customer = orders.customer \
                        AND earlier.placed_at < orders.placed_at) AS earlier_orders \
          FROM orders WHERE customer = ? ORDER BY placed_at DESC LIMIT 20",
};

const INSERT: Statement = Statement {
    summary: "INSERT orders",
    operation: "INSERT",
    table: "orders",
    sql: "INSERT INTO orders (customer, placed_at, total_cents) VALUES (?, unixepoch(), ?) RETURNING id",
};

const SCAN_TARGET: Duration = Duration::from_millis(400);
const CUSTOMERS: u32 = 10_000;
const PROBE_ROWS: u32 = 100_000;
const MAX_ROWS: u32 = 1_000_000;

/// What to write down.
#[derive(Deserialize)]
struct Request {
    customer: String,
    total_cents: i64,
}

/// What was written down.
#[derive(Deserialize, Serialize)]
pub struct Placed {
    pub order: i64,
    pub earlier_orders: i64,
}

/// The routes, on a table that is large enough to hurt.
///
/// # Errors
/// SQLite's own.
pub fn router() -> rusqlite::Result<Router> {
    let db = Db::open("orders", SCHEMA)?;
    calibrate(&db.connection())?;
    let endpoint = Endpoint::new("create order", "/orders", "order::create_order");
    Ok(Router::new().route(
        "/orders",
        endpoint.traced(post(create_order).with_state(db)),
    ))
}

async fn create_order(
    State(db): State<Db>,
    Json(request): Json<Request>,
) -> Result<Json<Placed>, Failure> {
    let customer = Value::from(request.customer);
    let earlier: Vec<i64> = db
        .query(SELECT, vec![customer.clone()], |row| row.get(1))
        .await?;
    let row = vec![customer, Value::from(request.total_cents)];
    let order: Vec<i64> = db.query(INSERT, row, |row| row.get(0)).await?;
    let order = *order
        .first()
        .ok_or_else(|| Failure::internal("the order got no number"))?;
    let context = Context::current();
    context.span().set_attributes([
        KeyValue::new(semconv::APP_ORDER, order),
        KeyValue::new(semconv::APP_TOTAL, request.total_cents),
    ]);
    Ok(Json(Placed {
        order,
        earlier_orders: earlier.first().map_or(0, |last| last + 1),
    }))
}

/// Measures the query on a small table, then grows the table to where it takes [`SCAN_TARGET`].
fn calibrate(connection: &Connection) -> rusqlite::Result<()> {
    grow(connection, 0, PROBE_ROWS)?;
    // The shortest of several: the others were disturbed, the demo starts many processes at once.
    let mut probe = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        let mut query = connection.prepare(SELECT.sql)?;
        query
            .query_map(["c-0042"], |row| row.get(1))?
            .collect::<rusqlite::Result<Vec<i64>>>()?;
        probe = probe.min(start.elapsed());
    }
    grow(connection, PROBE_ROWS, rows_for(probe))
}

/// How many rows make the query take [`SCAN_TARGET`], when [`PROBE_ROWS`] took `probe`. Each order
/// of the customer scans the table once more, so the work is rows × (1 + rows / customers).
fn rows_for(probe: Duration) -> u32 {
    let work = |rows: u32| f64::from(rows) * (1.0 + f64::from(rows) / f64::from(CUSTOMERS));
    let wanted = SCAN_TARGET.as_secs_f64() / probe.as_secs_f64().max(1e-6) * work(PROBE_ROWS);
    let mut rows = PROBE_ROWS;
    while work(rows) < wanted && rows < MAX_ROWS {
        rows += CUSTOMERS;
    }
    rows
}

/// Adds the orders `from..to`, spread evenly over the customers `c-0000` to `c-9999`.
fn grow(connection: &Connection, from: u32, to: u32) -> rusqlite::Result<()> {
    let sql = "INSERT INTO orders (customer, placed_at, total_cents)
        WITH RECURSIVE n(i) AS (SELECT ?1 WHERE ?1 < ?2 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
        SELECT printf('c-%04d', i * 7919 % ?3), 1700000000 + i * 60, 900 + i * 37 % 90000 FROM n";
    connection.execute(sql, [from, to, CUSTOMERS]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_as_large_as_the_machine_is_fast() {
        let check = |probe_ms: u64, expected: u32| {
            assert_eq!(
                rows_for(Duration::from_millis(probe_ms)),
                expected,
                "{probe_ms} ms"
            );
        };
        check(400, PROBE_ROWS);
        check(4_000, PROBE_ROWS);
        check(44, 320_000);
        check(0, MAX_ROWS);
    }

    #[test]
    fn every_customer_has_orders_before_the_first_visit() {
        let db = Db::open("orders", SCHEMA).unwrap();
        let connection = db.connection();
        grow(&connection, 0, 2 * CUSTOMERS).unwrap();
        let sql = "SELECT count(*), min(n), max(n) FROM (SELECT count(*) AS n FROM orders GROUP BY customer)";
        let counts: (u32, u32, u32) = connection
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap();
        assert_eq!(counts, (CUSTOMERS, 2, 2));
    }

    #[test]
    fn the_query_has_no_index_to_use() {
        let db = Db::open("orders", SCHEMA).unwrap();
        let connection = db.connection();
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", SELECT.sql))
            .unwrap();
        let steps = plan.query_map(["c-0042"], |row| row.get(3)).unwrap();
        let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        let scans = steps.iter().filter(|step| step.starts_with("SCAN")).count();
        assert_eq!(scans, 2, "{steps:?}");
    }
}
