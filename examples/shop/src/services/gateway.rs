//! gateway: the shop's front door. Serves the page, and passes its calls on to the services.
//!
//! The page is of another origin than the collector and the viewer, as in real life, so that
//! cross-origin rules are exercised and not assumed.
//!
//! **Invariant:** decides nothing about the shop; the only service that browsers talk to.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::auth::{Customer, Token};
use super::catalog::Article;
use super::checkout::Receipt;
use super::{Env, Item};
use crate::files;
use crate::handshake::Briefing;
use crate::inbound::{Endpoint, Failure};
use crate::outbound::Outbound;

const PAGE: &str = include_str!("../page/index.html");
const STYLE: &str = include_str!("../page/shop.css");
const SCRIPT: &str = include_str!("../page/shop.js");
const ICON: &str = include_str!("../page/icon.svg");

pub fn router(env: &Env) -> Router {
    let check_out_endpoint =
        Endpoint::new("POST /api/checkout", "/api/checkout", "gateway::check_out");
    let catalog = Endpoint::new("GET /api/catalog", "/api/catalog", "gateway::catalog");
    let recommended = Endpoint::new(
        "GET /api/recommendations",
        "/api/recommendations",
        "gateway::recommendations",
    );
    let cart = Endpoint::new("GET /api/cart", "/api/cart", "gateway::cart");
    let change = Endpoint::new(
        "POST /api/cart/items",
        "/api/cart/items",
        "gateway::change_cart",
    );
    let shop = &env.outbound;
    Router::new()
        .route(
            "/api/checkout",
            check_out_endpoint.traced(post(check_out).with_state(shop.clone())),
        )
        .route(
            "/api/catalog",
            catalog.traced(get(list_catalog).with_state(shop.clone())),
        )
        .route(
            "/api/recommendations",
            recommended.traced(get(recommend).with_state(shop.clone())),
        )
        .route(
            "/api/cart",
            cart.traced(get(read_cart).with_state(shop.clone())),
        )
        .route(
            "/api/cart/items",
            change.traced(post(change_cart).with_state(shop.clone())),
        )
        .merge(page(&env.briefing))
}

async fn check_out(
    State(shop): State<Outbound>,
    headers: HeaderMap,
) -> Result<Json<Receipt>, Failure> {
    let customer = verify(&shop, &headers).await?;
    shop.post("checkout", "/checkout", customer).await.map(Json)
}

async fn list_catalog(State(shop): State<Outbound>) -> Result<Json<Vec<Article>>, Failure> {
    shop.get("catalog", "/products").await.map(Json)
}

async fn recommend(State(shop): State<Outbound>) -> Result<Json<Vec<String>>, Failure> {
    shop.get("recommendation", "/recommendations")
        .await
        .map(Json)
}

async fn read_cart(
    State(shop): State<Outbound>,
    headers: HeaderMap,
) -> Result<Json<Vec<Item>>, Failure> {
    let Customer { customer } = verify(&shop, &headers).await?;
    shop.get("cart", &format!("/cart/{customer}"))
        .await
        .map(Json)
}

async fn change_cart(
    State(shop): State<Outbound>,
    headers: HeaderMap,
    Json(change): Json<Item>,
) -> Result<Json<Vec<Item>>, Failure> {
    let Customer { customer } = verify(&shop, &headers).await?;
    shop.post("cart", &format!("/cart/{customer}/items"), change)
        .await
        .map(Json)
}

async fn verify(shop: &Outbound, headers: &HeaderMap) -> Result<Customer, Failure> {
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| Failure {
        status: StatusCode::UNAUTHORIZED,
        message: "send the header Authorization: Bearer demo-NNNN".to_owned(),
    })?;
    let token = Token {
        token: token.to_owned(),
    };
    shop.post("auth", "/verify", token).await
}

/// The page and its files; not traced, they are files.
fn page(briefing: &Briefing) -> Router {
    let html = PAGE
        .replace("{{collector}}", &briefing.collector)
        .replace("{{viewer}}", &briefing.viewer);
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self' {}; base-uri 'none'; form-action 'self'",
        briefing.collector
    );
    let policy =
        HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'self'"));
    let html = move || async move {
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy),
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        (headers, html)
    };
    let rum = briefing.dist.join("rum/throughline-full.js");
    Router::new()
        .route("/", get(html))
        .route(
            "/shop.css",
            get(|| async { file("text/css; charset=utf-8", STYLE) }),
        )
        .route(
            "/shop.js",
            get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }),
        )
        .route("/icon.svg", get(|| async { file("image/svg+xml", ICON) }))
        .route(
            "/health",
            get(|| async { Json::<Value>(json!({ "ok": true })) }),
        )
        .merge(files::file("/rum/throughline.js", &rum))
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, &'static str); 2] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text)
}
