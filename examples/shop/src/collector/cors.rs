//! Which pages may talk to the collector: those that this machine serves.
//!
//! A demo listens on loopback, but any page in the browser can send requests there. Only pages of
//! a loopback origin may read answers, on any port: the shop, a viewer in development, a user's
//! own application.
//!
//! **Invariant:** knows origins, no route.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// Answers preflights and marks answers, for pages of loopback origins.
pub fn layer() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin: &HeaderValue, _: &Parts| {
            origin.to_str().is_ok_and(is_loopback)
        }))
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        // content-type, content-encoding and whatever a user's exporter adds.
        .allow_headers(AllowHeaders::mirror_request())
        // Beacons are sent with credentials, whether there are any or not.
        .allow_credentials(true)
        .allow_private_network(true)
        .expose_headers([HeaderName::from_static("retry-after")])
        .max_age(Duration::from_secs(7200))
}

/// Whether `origin` (scheme, host, optional port) is of this machine.
fn is_loopback(origin: &str) -> bool {
    let host = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    let Some(host) = host else { return false };
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => host,
    };
    matches!(host, "127.0.0.1" | "localhost" | "[::1]") || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_pages_of_this_machine_may_read() {
        let check =
            |origin: &str, expected: bool| assert_eq!(is_loopback(origin), expected, "{origin}");
        check("http://127.0.0.1:4319", true);
        check("http://localhost", true);
        check("https://localhost:8443", true);
        check("http://[::1]:80", true);
        check("http://[::1]", true);
        check("http://shop.localhost:1", true);
        check("https://example.com", false);
        check("http://localhost.example.com", false);
        check("http://127.0.0.1.example.com:80", false);
        check("http://127.0.0.1:80@example.com", false);
        check("null", false);
        check("", false);
    }
}
