//! Pages that take much away: by their policy, by a sandbox, by the browser's settings. The library works there all the
//! same.
//!
//! **Invariant:** judged by what servers see, and by what the library says of itself.

use serde_json::Value;
use throughline_tests::{
    browser::Page,
    echo::{Asked, Server},
};

/// The script tag; the first word of the policies is for its nonce.
pub const TAG: &str = r#"<script nonce="n" src="throughline.js" data-collector="ORIGIN"></script>"#;

/// Waits for the library, or until it has given up, and asks for something once.
const VISIT: &str = "const rum = window.throughlineRum;
    const settled = () => rum.stats().state === 'on' || !/not started/.test(rum.stats().reason);
    for (let i = 0; i < 500 && !settled(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    const text = await (await fetch('/open?this')).text();
    rum.event('mine');
    await rum.flush();
    return { text, ...rum.stats() }";

/// What came of a visit.
pub struct Visit {
    /// What the library says of itself.
    pub stats: Value,
    /// All that the server was asked.
    pub asked: Vec<Asked>,
}

impl Visit {
    /// The trace headers of the page's one request.
    pub fn headers(&self) -> Vec<&str> {
        let this = self
            .asked
            .iter()
            .filter(|asked| asked.line == "GET /open?this");
        this.flat_map(|asked| asked.header("traceparent")).collect()
    }

    /// What was sent to this path, unpacked.
    pub fn sent(&self, path: &str) -> Vec<Vec<u8>> {
        let begin = format!("POST {path}");
        let sent = self
            .asked
            .iter()
            .filter(|asked| asked.line.starts_with(&begin));
        sent.map(Asked::plain).collect()
    }
}

/// Opens a page with this in its head, in a sandboxed frame or not.
pub fn visit(page: &Page<'_>, head: &str, sandboxed: bool) -> Visit {
    let own = Server::start();
    own.say("head", &head.replace("ORIGIN", &own.origin));
    let name = if sandboxed { "sandbox" } else { "strict" };
    page.session.go(&format!("{}/{name}.html", own.origin));
    if sandboxed {
        page.session.post("/frame", &serde_json::json!({"id": 0}));
    }
    let stats = page.session.js_async(VISIT, &[]);
    if sandboxed {
        page.session
            .post("/frame", &serde_json::json!({"id": null}));
    }
    assert_eq!(stats["text"], "open", "{head}: {stats}");
    let asked = own.asked();
    Visit { stats, asked }
}

/// The library works on such a page; its request has this many trace headers.
fn check(page: &Page<'_>, taken: &str, sandboxed: bool, headers: usize) {
    let seen = visit(page, &[taken, TAG].concat(), sandboxed);
    let stats = &seen.stats;
    assert_eq!(
        (&stats["state"], &stats["reason"]),
        (&"on".into(), &"".into()),
        "{taken}: {stats}"
    );
    assert_eq!(seen.headers().len(), headers, "{taken}");
    let spans = seen.sent("/v1/traces").concat();
    let spans = String::from_utf8_lossy(&spans);
    assert!(
        spans.contains("page view ") && spans.contains("GET /open"),
        "{taken}: {spans}"
    );
    let logs = seen.sent("/v1/logs").concat();
    assert!(String::from_utf8_lossy(&logs).contains("mine"), "{taken}");
}

const POLICY: &str = r#"<meta http-equiv="Content-Security-Policy"
    content="default-src 'none'; script-src 'nonce-n' 'wasm-unsafe-eval'; connect-src ORIGIN">"#;
const TRUSTED_TYPES: &str = r#"<meta http-equiv="Content-Security-Policy"
    content="require-trusted-types-for 'script'; trusted-types 'none'">"#;
const NO_STORAGE: &str = "<script>for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
    Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });
    Object.defineProperty(document, 'cookie', { get() { throw new DOMException('no', 'SecurityError'); } });</script>";
const NO_CRYPTO: &str =
    "<script>Object.defineProperty(window, 'crypto', { value: undefined });</script>";

pub fn it_works_where_much_is_forbidden(page: &Page<'_>) {
    page.forgive("");
    check(page, POLICY, false, 1);
    check(page, TRUSTED_TYPES, false, 1);
    check(page, &[POLICY, TRUSTED_TYPES].concat(), false, 1);
    check(page, NO_STORAGE, false, 1);
    check(page, NO_CRYPTO, false, 1);
    // A stranger there even to its own server: no header without permission.
    check(page, "", true, 0);
    check(page, POLICY, true, 0);
}
