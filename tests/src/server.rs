//! A web server for tests: the built site below a path, as any static host would serve it, and files that behave as
//! badly as a test wants.
//!
//! ```text
//! {origin}{below}…      the built site
//! {origin}/files/NAME   what the test has put there, see [`Reply`]
//! {origin}/pages/NAME   tests/pages, with {{…}} replaced
//! {origin}/csp-report   where browsers report what the page's policy forbade
//! ```
//!
//! The policy that the page has in a `<meta>` element is sent as a report-only header as well, for every file: so
//! what a browser would block in silence is reported, from workers, too.
//!
//! **Invariant:** on a free port of this machine only; every server is an origin of its own and ends when dropped.

mod reply;

use std::{
    collections::HashMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::files;
pub use reply::Reply;

/// A server that runs.
pub struct Site {
    address: SocketAddr,
    below: String,
    shared: Arc<Shared>,
    // Dropped with the site: its tasks and its port go with it.
    _runtime: tokio::runtime::Runtime,
}

#[derive(Default)]
struct Shared {
    dist: Option<PathBuf>,
    below: String,
    policy: Option<HeaderValue>,
    /// Stands in front of the worker's script.
    worker_prelude: Mutex<String>,
    /// Files of the site that are not there, by how their names end.
    withdrawn: Mutex<Option<String>>,
    /// Files of the site that are late, by how their names end.
    late: Mutex<Option<(String, Duration)>>,
    files: Mutex<HashMap<String, Reply>>,
    words: Mutex<HashMap<String, String>>,
    violations: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Site {
    /// The built site below a path, such as `/deep/below/`.
    ///
    /// # Panics
    /// When the site is not there or no port is free.
    pub fn of(dist: &Path, below: &str) -> Self {
        let page = fs::read_to_string(dist.join("index.html"));
        let page = page.unwrap_or_else(|error| panic!("no site in {}: {error}", dist.display()));
        let policy = policy_of(&page).map(|policy| format!("{policy}; report-uri /csp-report"));
        Self::start(Shared {
            dist: Some(dist.to_owned()),
            below: below.to_owned(),
            policy: policy.and_then(|policy| HeaderValue::from_str(&policy).ok()),
            ..Shared::default()
        })
    }

    /// No site, only files and pages: another origin.
    pub fn elsewhere() -> Self {
        Self::start(Shared::default())
    }

    fn start(shared: Shared) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let below = shared.below.clone();
        let shared = Arc::new(shared);
        let router = Router::new().fallback(serve).with_state(shared.clone());
        let address = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
                .await
                .expect("a free port");
            let address = listener.local_addr().expect("an address");
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Self {
            address,
            below,
            shared,
            _runtime: runtime,
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An address of the built site.
    pub fn url(&self, rest: &str) -> String {
        format!("{}{}{rest}", self.origin(), self.below)
    }

    /// Serves something as `/files/NAME`; gives its whole address.
    pub fn put(&self, name: &str, reply: impl Into<Reply>) -> String {
        lock(&self.shared.files).insert(name.to_owned(), reply.into());
        format!("{}/files/{name}", self.origin())
    }

    /// The address of a page of `tests/pages`, in which `{{key}}` is replaced.
    pub fn page(&self, name: &str, words: &[(&str, &str)]) -> String {
        let words = words
            .iter()
            .map(|&(key, word)| (key.to_owned(), word.to_owned()));
        lock(&self.shared.words).extend(words);
        format!("{}/pages/{name}", self.origin())
    }

    /// Puts a script in front of the worker's: for what only a worker can measure.
    pub fn before_worker(&self, script: &str) {
        script.clone_into(&mut lock(&self.shared.worker_prelude));
    }

    /// From now on the site lacks the files whose names end so; `None` gives them back.
    pub fn withdraw(&self, end: Option<&str>) {
        *lock(&self.shared.withdrawn) = end.map(str::to_owned);
    }

    /// From now on the site's files whose names end so come that late; `None` ends it.
    pub fn hold_back(&self, late: Option<(&str, Duration)>) {
        *lock(&self.shared.late) = late.map(|(end, by)| (end.to_owned(), by));
    }

    /// What the page's policy forbade since the last call.
    pub fn violations(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.shared.violations))
    }

    /// The paths that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.asked).clone()
    }

    /// When the last byte of `/files/NAME` went out last, milliseconds since 1970.
    pub fn sent(&self, name: &str) -> Option<f64> {
        lock(&self.shared.files).get(name)?.sent()
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    lock(&shared.asked).push(path.clone());
    if path == "/csp-report" {
        let body = axum::body::to_bytes(request.into_body(), 1 << 20)
            .await
            .unwrap_or_default();
        lock(&shared.violations).push(String::from_utf8_lossy(&body).into_owned());
        return plain(StatusCode::NO_CONTENT, "");
    }
    if path == "/favicon.ico" {
        return plain(StatusCode::NO_CONTENT, "");
    }
    if let Some(name) = path.strip_prefix("/files/") {
        let reply = lock(&shared.files).get(name).cloned();
        return reply.map_or_else(not_found, |reply| reply.response());
    }
    if let Some(name) = path.strip_prefix("/pages/") {
        return page(&shared, name).unwrap_or_else(not_found);
    }
    let late = lock(&shared.late).clone();
    if let Some((_, by)) = late.filter(|(end, _)| path.ends_with(end.as_str())) {
        tokio::time::sleep(by).await;
    }
    let below = path
        .strip_prefix(&shared.below)
        .filter(|_| shared.dist.is_some());
    below
        .and_then(|rest| of_site(&shared, rest))
        .unwrap_or_else(not_found)
}

fn of_site(shared: &Shared, rest: &str) -> Option<Response> {
    let name = if rest.is_empty() { "index.html" } else { rest };
    let folder = shared.dist.as_ref()?;
    let outside = name.split('/').any(|part| part == "..");
    let gone = lock(&shared.withdrawn)
        .as_ref()
        .is_some_and(|end| name.ends_with(end.as_str()));
    if outside || gone {
        return None;
    }
    let mut bytes = fs::read(folder.join(name)).ok()?;
    if name.starts_with("worker") && name.ends_with(".js") {
        let prelude = lock(&shared.worker_prelude);
        bytes.splice(..0, prelude.bytes());
    }
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime(name)));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(policy) = &shared.policy {
        headers.insert(header::CONTENT_SECURITY_POLICY_REPORT_ONLY, policy.clone());
    }
    Some(response)
}

fn page(shared: &Shared, name: &str) -> Option<Response> {
    let path = files::root().join("tests/pages").join(name);
    let mut text = fs::read_to_string(path).ok()?;
    for (key, word) in lock(&shared.words).iter() {
        text = text.replace(&format!("{{{{{key}}}}}"), word);
    }
    let mut response = Response::new(Body::from(text));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    Some(response)
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "nothing here")
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// The policy of a page's `<meta http-equiv="Content-Security-Policy">`.
fn policy_of(page: &str) -> Option<&str> {
    let (_, after) = page.split_once("http-equiv=\"Content-Security-Policy\" content=\"")?;
    after.split_once('"').map(|(policy, _)| policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_policy() {
        let page =
            "<head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">";
        assert_eq!(policy_of(page), Some("default-src 'none'"));
        assert_eq!(policy_of("<head>"), None);
    }
}
