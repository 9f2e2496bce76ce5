//! auth: turns a visitor's token into a customer.
//!
//! **Invariant:** the only service that reads tokens.

use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};

use crate::inbound::{Endpoint, Failure};
use crate::{semconv, simulate};

/// Who is asking.
#[derive(Deserialize, Serialize)]
pub struct Token {
    pub token: String,
}

/// Who it is.
#[derive(Deserialize, Serialize)]
pub struct Customer {
    pub customer: String,
}

pub fn router() -> Router {
    let verify_endpoint = Endpoint::new("verify token", "/verify", "auth::verify_token");
    Router::new().route("/verify", verify_endpoint.traced(post(verify_token)))
}

async fn verify_token(Json(Token { token }): Json<Token>) -> Result<Json<Customer>, Failure> {
    simulate::work(18).await;
    let customer =
        customer_of(&token).ok_or_else(|| Failure::refused("this token is not one of ours"))?;
    Context::current()
        .span()
        .set_attribute(KeyValue::new(semconv::APP_CUSTOMER, customer.clone()));
    Ok(Json(Customer { customer }))
}

/// `demo-0421` is customer `c-0421`.
fn customer_of(token: &str) -> Option<String> {
    let digits = token.strip_prefix("demo-")?;
    let valid = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| format!("c-{digits}"))
}

#[cfg(test)]
mod tests {
    use super::customer_of;

    #[test]
    fn only_our_tokens_name_a_customer() {
        let check = |token: &str, expected: Option<&str>| {
            assert_eq!(customer_of(token).as_deref(), expected, "{token}");
        };
        check("demo-0421", Some("c-0421"));
        check("demo-421", None);
        check("demo-04x1", None);
        check("0421", None);
        check("", None);
    }
}
