//! A service's own SQLite database, with one client span per statement.
//!
//! **Invariant:** knows SQL and spans, no service's tables.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::context::FutureExt;
use opentelemetry::trace::{SpanBuilder, SpanKind, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::inbound::Failure;
use crate::{semconv, simulate, telemetry};

/// An in-memory database: it needs no file, so nothing is left behind.
#[derive(Clone)]
pub struct Db {
    connection: Arc<Mutex<Connection>>,
    namespace: &'static str,
    round_trip: Duration,
}

/// One SQL statement and what its spans are called.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// Span name and `db.query.summary`.
    pub summary: &'static str,
    /// `db.operation.name`.
    pub operation: &'static str,
    /// `db.collection.name`: the table.
    pub table: &'static str,
    /// `db.query.text`, with placeholders.
    pub sql: &'static str,
}

impl Db {
    /// Opens an empty database and runs `schema` on it.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn open(namespace: &'static str, schema: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(schema)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            namespace,
            round_trip: Duration::ZERO,
        })
    }

    /// The same database, as if it were `round_trip` away on a network.
    pub fn at_distance(self, round_trip: Duration) -> Self {
        Self { round_trip, ..self }
    }

    /// The connection itself, for filling tables at start; makes no spans.
    pub fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `statement` and maps each row, in a client span.
    ///
    /// # Errors
    /// SQLite's, as an internal failure; the span carries it too.
    pub async fn query<T: Send + 'static>(
        &self,
        statement: Statement,
        params: Vec<Value>,
        map: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let tracer = telemetry::tracer("shop.sqlite");
        let span = SpanBuilder::from_name(statement.summary)
            .with_kind(SpanKind::Client)
            .with_attributes([
                KeyValue::new(semconv::DB_SYSTEM, "sqlite"),
                KeyValue::new(semconv::DB_NAMESPACE, self.namespace),
                KeyValue::new(semconv::DB_OPERATION, statement.operation),
                KeyValue::new(semconv::DB_COLLECTION, statement.table),
                KeyValue::new(semconv::DB_QUERY_TEXT, statement.sql),
                KeyValue::new(semconv::DB_QUERY_SUMMARY, statement.summary),
            ])
            .start(&tracer);
        let context = Context::current_with_span(span);
        let rows = self
            .run(statement.sql, params, map)
            .with_context(context.clone())
            .await;

        let span = context.span();
        match &rows {
            Ok(rows) => span.set_attribute(KeyValue::new(
                semconv::DB_RETURNED_ROWS,
                i64::try_from(rows.len()).unwrap_or(i64::MAX),
            )),
            Err(failure) => span.set_status(Status::error(failure.message.clone())),
        }
        span.end();
        rows
    }

    async fn run<T: Send + 'static>(
        &self,
        sql: &'static str,
        params: Vec<Value>,
        map: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        if !self.round_trip.is_zero() {
            simulate::work(u64::try_from(self.round_trip.as_millis()).unwrap_or(0)).await;
        }
        let db = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            let connection = db.connection();
            let mut prepared = connection.prepare_cached(sql)?;
            prepared.query_map(params_from_iter(params), map)?.collect()
        });
        let rows: rusqlite::Result<Vec<T>> =
            work.await.map_err(|e| Failure::internal(e.to_string()))?;
        rows.map_err(|e| Failure::internal(e.to_string()))
    }
}
