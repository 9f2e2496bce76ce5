//! The demo of Throughline: a small shop that is a real distributed system.
//!
//! One binary, many processes: `throughline-shop demo` starts an embedded collector, hosts the
//! viewer and spawns one `throughline-shop service NAME` per service. The services talk HTTP on
//! loopback, carry W3C trace context and export OTLP through the OpenTelemetry SDK.
//!
//! ```text
//! page ──► gateway ──► auth
//!             ├──────► checkout ──► cart, pricing ──► rates-a, rates-b, rates-c   (no telemetry)
//!             │                 ──► inventory, order, shipping, notification
//!             │                 ──► payment ──► acquirer                          (no telemetry)
//!             ├──────► catalog
//!             └──────► recommendation ──► catalog
//! ```
//!
//! A check-out takes about three seconds, because of faults that real systems have:
//!
//! | fault | where | real or simulated |
//! |---|---|---|
//! | independent calls one after the other, 1.8 s | pricing | the rate APIs sleep, the calls are real |
//! | one query per article (N + 1), 0.6 s | inventory | the round trip to the database sleeps |
//! | a query without its index, 0.4 s | order | real: SQLite scans a table sized at start |
//! | a payment that fails now and then, and a retry | payment | the acquirer answers 502 |
//!
//! A span that waits for show says so in `app.simulated_wait_ms`.
//!
//! **Invariant:** the services know nothing of Throughline. They speak OTLP to whatever address
//! they are given, as any other instrumented system would; only `collector` uses the trace model.

pub mod cli;
mod collector;
mod db;
mod demo;
mod files;
mod handshake;
mod inbound;
mod load;
mod outbound;
mod process;
mod products;
mod semconv;
mod services;
mod simulate;
mod supervisor;
mod telemetry;
