//! From an address to a stream of bytes, and what to say when that fails: a browser tells a page almost nothing, so the likely
//! causes are worked out here.
//!
//! **Invariant:** sends no credentials and no header of its own: such a request needs no preflight.

use js_sys::{Array, Promise};
use throughline_model::store::builder::Outline;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestCredentials, RequestInit, Response, Url};

use super::{message, progress, read::Source, scope};
use crate::problem::Problem;

/// So long a server may take to begin to answer: one that searches a large store takes its time.
const PATIENCE_MS: i32 = 60_000;

/// Asks for what is behind an address.
pub(super) async fn fetch(url: &str) -> Result<Source, Problem> {
    progress("connecting", 0, 0, &Outline::default());
    let options = RequestInit::new();
    options.set_credentials(RequestCredentials::SameOrigin);
    let request = Request::new_with_str_and_init(url, &options).map_err(|error| {
        Problem::new(
            format!("{url} is not an address"),
            message(&error),
            "An address begins with https:// or http://.",
        )
    })?;
    let answer = scope().fetch_with_request(&request);
    let response = JsFuture::from(Promise::race(&Array::of2(&answer, &silence()))).await;
    let response = response.map_err(|error| unreachable(url, &message(&error)))?;
    if response.is_undefined() {
        return Err(Problem::new(
            format!("{url} does not answer"),
            format!("No answer came within {} seconds.", PATIENCE_MS / 1_000),
            "Check that the server runs and is not busy, then try again; or download the trace and drop the file here.",
        ));
    }
    let response: Response = response.unchecked_into();
    if !response.ok() {
        return Err(refused(url, &response));
    }
    let length = response.headers().get("content-length").ok().flatten();
    // The length of a compressed answer is not that of its bytes.
    let encoded = response
        .headers()
        .get("content-encoding")
        .ok()
        .flatten()
        .is_some();
    let total = length
        .and_then(|text| text.parse().ok())
        .filter(|_| !encoded)
        .unwrap_or(0);
    let Some(stream) = response.body() else {
        return Err(Problem::new(
            format!("{url} is empty"),
            "The answer has no body.",
            "Check the address.",
        ));
    };
    let hint = "Try again; if it stays so, download the file and drop it here.";
    Ok(Source {
        name: url.to_owned(),
        stream,
        total,
        may_stall: true,
        broken: (format!("{url} broke off"), hint),
    })
}

/// Ends, with nothing, when a server has had time enough to begin to answer.
fn silence() -> Promise {
    Promise::new(&mut |resolve, _| {
        scope()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE_MS)
            .ok();
    })
}

fn refused(url: &str, response: &Response) -> Problem {
    let status = response.status();
    let hint = match status {
        401 | 403 => {
            "The server wants a login that this page does not have. Download the trace and drop the file here."
        }
        404 => {
            "Check the address. A backend forgets traces after some time, and very new ones may not be there yet: try again in a moment."
        }
        429 => "The server has too many requests. Try again later.",
        500..=599 => "The server failed. Its log says why.",
        _ => "Check the address.",
    };
    let detail = format!("The server answered {status} {}.", response.status_text());
    Problem::new(format!("{url} could not be opened"), detail, hint)
}

/// A failed fetch looks the same to a page whatever the cause.
fn unreachable(url: &str, reason: &str) -> Problem {
    let title = format!("{url} could not be reached");
    let own = scope().location();
    let (own_origin, secure) = (own.origin(), own.protocol() == "https:");
    let target = Url::new(url).ok();
    let insecure_target = target
        .as_ref()
        .is_some_and(|url| url.protocol() == "http:" && !is_loopback(&url.hostname()));
    if secure && insecure_target {
        return Problem::new(
            title,
            "This page came over https, the trace is at http: browsers block such mixed content.",
            "Use the server's https address, or download the trace and drop the file here.",
        );
    }
    let cross = target
        .as_ref()
        .is_some_and(|url| url.origin() != own_origin);
    if cross {
        return Problem {
            title,
            detail: format!(
                "Either nothing answers there, or the server does not allow {own_origin} to read its answers (CORS). \
                 The browser says: {reason}."
            ),
            hint: "Allow this origin on the server (for Jaeger, the setting below), or download the trace and drop the file here."
                .to_owned(),
            snippet: format!(
                "extensions:\n  jaeger_query:\n    http:\n      cors:\n        allowed_origins: [\"{own_origin}\"]"
            ),
        };
    }
    Problem::new(
        title,
        format!("The browser says: {reason}."),
        "Check that the server runs and the address is right.",
    )
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "127.0.0.1" || host == "[::1]"
}
