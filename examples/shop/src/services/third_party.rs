//! The companies the shop depends on: three rate APIs and an acquirer.
//!
//! **Invariant:** no telemetry of any kind, as it is with third parties.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::handshake::PaymentFail;
use crate::simulate;

/// A rate API that takes its time: about `ms` milliseconds.
pub fn rates(name: &'static str, ms: u64) -> Router {
    let answer = move || async move {
        simulate::unseen(ms).await;
        Json(json!({ "source": name, "permille": 1000 }))
    };
    Router::new().route("/v1/rates", get(answer))
}

/// An acquirer that fails as told.
pub fn acquirer(fail: PaymentFail) -> Router {
    let acquirer = Acquirer {
        fail,
        ledger: Arc::default(),
    };
    Router::new().route("/charges", post(charge).with_state(acquirer))
}

#[derive(Clone)]
struct Acquirer {
    fail: PaymentFail,
    ledger: Arc<Mutex<Ledger>>,
}

#[derive(Default)]
struct Ledger {
    /// How many charges were begun.
    begun: u64,
    /// References whose first try failed: the second one goes through.
    refused: HashSet<u64>,
}

impl Ledger {
    /// Whether this try of the charge `reference` fails.
    fn refuses(&mut self, fail: PaymentFail, reference: u64) -> bool {
        if self.refused.remove(&reference) {
            return false;
        }
        let nth = self.begun;
        self.begun += 1;
        let refuses = match fail {
            PaymentFail::Always => true,
            PaymentFail::Never => false,
            PaymentFail::Sometimes => nth.is_multiple_of(3),
        };
        if refuses {
            self.refused.insert(reference);
        }
        refuses
    }
}

async fn charge(
    State(acquirer): State<Acquirer>,
    Json(charge): Json<Value>,
) -> Result<Json<Value>, (StatusCode, String)> {
    let reference = charge["reference"].as_u64().unwrap_or(0);
    let refuses = {
        let mut ledger = acquirer
            .ledger
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        ledger.refuses(acquirer.fail, reference)
    };
    if refuses {
        simulate::unseen(46).await;
        return Err((
            StatusCode::BAD_GATEWAY,
            "the issuing bank did not answer".to_owned(),
        ));
    }
    simulate::unseen(70).await;
    Ok(Json(json!({ "charged": true })))
}

#[cfg(test)]
mod tests {
    use super::{Ledger, PaymentFail};

    #[test]
    fn charges_fail_as_told_and_a_second_try_never_does() {
        // Tries of the charges 1, 2, 3, 4; a charge that failed is tried again at once.
        let check = |fail: PaymentFail, expected: &[(u64, bool)]| {
            let mut ledger = Ledger::default();
            for (reference, refused) in expected {
                assert_eq!(
                    ledger.refuses(fail, *reference),
                    *refused,
                    "{fail:?} {reference}"
                );
            }
        };
        check(
            PaymentFail::Always,
            &[(1, true), (1, false), (2, true), (2, false)],
        );
        check(PaymentFail::Never, &[(1, false), (2, false), (3, false)]);
        check(
            PaymentFail::Sometimes,
            &[
                (1, true),
                (2, false),
                (1, false),
                (3, false),
                (4, true),
                (4, false),
            ],
        );
    }
}
