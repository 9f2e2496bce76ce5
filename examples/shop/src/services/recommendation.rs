//! recommendation: three articles that go with what the catalog has.
//!
//! **Invariant:** knows no customer; it reads the catalog and picks.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};

use super::Env;
use super::catalog::Article;
use crate::inbound::{Endpoint, Failure};
use crate::outbound::Outbound;
use crate::simulate;

pub fn router(env: &Env) -> Router {
    let endpoint = Endpoint::new("recommend", "/recommendations", "recommendation::recommend");
    Router::new().route(
        "/recommendations",
        endpoint.traced(get(recommend).with_state(env.outbound.clone())),
    )
}

async fn recommend(State(shop): State<Outbound>) -> Result<Json<Vec<String>>, Failure> {
    let articles: Vec<Article> = shop.get("catalog", "/products").await?;
    simulate::work(26).await;
    let picks = articles.into_iter().step_by(5).map(|article| article.sku);
    Ok(Json(picks.take(3).collect()))
}
