//! Built files over HTTP: the viewer and the page's instrumentation.
//!
//! **Invariant:** knows files, nothing of what is in them.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::Response;
use tower_http::services::{ServeDir, ServeFile};

/// Everything in a folder.
pub fn folder(path: &Path) -> Router {
    Router::new()
        .fallback_service(ServeDir::new(path))
        .layer(middleware::map_response(finish))
}

/// One file, at `route`.
pub fn file(route: &str, path: &Path) -> Router {
    Router::new()
        .route_service(route, ServeFile::new(path))
        .layer(middleware::map_response(finish))
}

/// Files are asked for again on each visit, since a new build must show up; text is UTF-8.
async fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let text = content_type.filter(|kind| kind.starts_with("text/") && !kind.contains("charset"));
    let with_charset =
        text.and_then(|kind| HeaderValue::from_str(&format!("{kind}; charset=utf-8")).ok());
    if let Some(value) = with_charset {
        headers.insert(header::CONTENT_TYPE, value);
    }
    response
}
