//! The services: one module each, each a router and the tables it needs.
//!
//! **Invariant:** a service talks to another one only through [`Outbound`]; none reads another's
//! tables or state, though all live in one binary.

use axum::Router;
use serde::{Deserialize, Serialize};

use crate::handshake::Briefing;
use crate::outbound::Outbound;

mod auth;
mod cart;
mod catalog;
mod checkout;
mod gateway;
mod inventory;
mod notification;
mod order;
mod payment;
mod pricing;
mod recommendation;
mod shipping;
mod third_party;

/// Whether a process exports spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of ours.
    Instrumented,
    /// Somebody else's: no telemetry, and trace headers mean nothing to it.
    ThirdParty,
}

/// Every process of the demo but the demo itself.
pub const ALL: [(&str, Role); 16] = [
    ("gateway", Role::Instrumented),
    ("auth", Role::Instrumented),
    ("checkout", Role::Instrumented),
    ("cart", Role::Instrumented),
    ("pricing", Role::Instrumented),
    ("inventory", Role::Instrumented),
    ("order", Role::Instrumented),
    ("payment", Role::Instrumented),
    ("shipping", Role::Instrumented),
    ("notification", Role::Instrumented),
    ("catalog", Role::Instrumented),
    ("recommendation", Role::Instrumented),
    ("rates-a", Role::ThirdParty),
    ("rates-b", Role::ThirdParty),
    ("rates-c", Role::ThirdParty),
    ("acquirer", Role::ThirdParty),
];

/// What every service gets to work with.
#[derive(Clone, Debug)]
pub struct Env {
    pub briefing: Briefing,
    pub outbound: Outbound,
}

/// One line of a cart, as the services pass it around.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub sku: String,
    pub quantity: i64,
}

/// The role of the service `name`; `None` when there is no such service.
pub fn role(name: &str) -> Option<Role> {
    let found = ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, role)| *role)
}

/// The routes of the service `name`, its tables filled.
///
/// # Errors
/// When its database cannot be made.
pub fn router(name: &str, env: &Env) -> rusqlite::Result<Option<Router>> {
    Ok(Some(match name {
        "gateway" => gateway::router(env),
        "auth" => auth::router(),
        "checkout" => checkout::router(env),
        "cart" => cart::router()?,
        "pricing" => pricing::router(env),
        "inventory" => inventory::router()?,
        "order" => order::router()?,
        "payment" => payment::router(env),
        "shipping" => shipping::router(),
        "notification" => notification::router(),
        "catalog" => catalog::router()?,
        "recommendation" => recommendation::router(env),
        "rates-a" => third_party::rates("rates-a", 604),
        "rates-b" => third_party::rates("rates-b", 611),
        "rates-c" => third_party::rates("rates-c", 598),
        "acquirer" => third_party::acquirer(env.briefing.payment_fail),
        _ => return Ok(None),
    }))
}
