//! Without WebAssembly the same core runs as JavaScript, from a file of its own.
//!
//! **Invariant:** what arrives is read by our own importer.

use throughline_tests::{browser::Page, read};

use crate::strict::{TAG, Visit, visit};

const FORBIDDEN: &str =
    r#"<meta http-equiv="Content-Security-Policy" content="script-src 'self' 'unsafe-inline'">"#;
const DELETED: &str = "<script>delete globalThis.WebAssembly;</script>";
const ALONE: &str = r#"<script src="alone/throughline.js" data-collector="ORIGIN"></script>"#;
const MODULE: &str = r#"<script type="module">
    import { start } from './index.js';
    start({ collector: 'ORIGIN' });
</script>"#;
/// Calls that are made while the core is on its way.
const WAITING: &str = "<script>window.throughlineRum.event('waited'); window.waited = window.throughlineRum.span('waited');
    window.between = performance.timeOrigin + performance.now();
    setTimeout(() => { window.waited.end(); window.throughlineRum.recordError(new RangeError('late')); }, 50);</script>";
const DENIED: &str = "<script>window.throughlineRum.consent('denied');</script>";
const PENDING: &str = r#"<script src="throughline.js" data-collector="ORIGIN" data-consent="pending"></script>
    <script>window.throughlineRum.consent('granted');</script>"#;

/// Names and times, in microseconds since 1970, of all spans.
fn spans(seen: &Visit) -> Vec<(String, u64, u64)> {
    let mut all = Vec::new();
    for body in seen.sent("/v1/traces") {
        let (store, imported) = read::read(&body);
        assert!(imported.is_ok(), "{imported:?}");
        for at in 0..store.span_count() {
            let span = store.span(at as u32);
            all.push((
                span.name().to_owned(),
                span.start().0 / 1_000,
                span.end().0 / 1_000,
            ));
        }
    }
    all
}

/// Spans arrive from such a page, as from any other; and so does what happened before it was there.
fn check(page: &Page<'_>, head: &str) {
    let seen = visit(page, head, false);
    let stats = &seen.stats;
    assert_eq!(stats["state"], "on", "{head}: {stats}");
    let reason = stats["reason"].as_str().unwrap_or_default();
    assert!(
        reason.starts_with("started late, without WebAssembly; 0 requests"),
        "{head}: {stats}"
    );
    let headers = seen.headers();
    assert_eq!(headers.len(), 1, "{head}: {stats}");
    let spans = spans(&seen);
    let named = |name: &str| spans.iter().find(|(each, _, _)| each == name);
    let (_, start, end) = named("GET /open").unwrap_or_else(|| panic!("{head}: {spans:?}"));
    assert!(start < end, "{head}: {spans:?}");
    let view = named("page view /strict.html").unwrap_or_else(|| panic!("{head}: {spans:?}"));
    assert!(view.1 < *start, "{head}: {spans:?}");
    if head.contains(WAITING) {
        let between = page
            .js("return window.between")
            .as_f64()
            .unwrap_or_default()
            * 1e3;
        let (_, start, end) = named("waited").unwrap_or_else(|| panic!("{head}: {spans:?}"));
        // Clocks of pages are coarse.
        assert!((*start as f64) < between + 2_000.0, "{start} {between}");
        assert!(start < end, "{head}: {spans:?}");
        let logs = seen.sent("/v1/logs").concat();
        let logs = String::from_utf8_lossy(&logs);
        assert!(logs.contains("waited"), "{head}: {logs}");
    }
}

/// The page has neither headers nor spans; the library says this of itself.
fn check_off(page: &Page<'_>, head: &str, reason: &str) {
    let seen = visit(page, head, false);
    let stats = &seen.stats;
    assert_eq!(stats["state"], "off", "{head}: {stats}");
    let shown = stats["reason"].as_str().unwrap_or_default();
    assert!(shown.contains(reason), "{head}: {stats}");
    assert_eq!(seen.headers(), [""; 0], "{head}");
    assert!(seen.sent("/v1/").is_empty(), "{head}");
}

pub fn it_works_without_webassembly(page: &Page<'_>) {
    page.forgive("");
    for taken in [FORBIDDEN, DELETED] {
        check(page, &[taken, TAG].concat());
        check(page, &[taken, TAG, WAITING].concat());
        check(page, &[taken, MODULE].concat());
        check(page, &[taken, PENDING].concat());
        check_off(page, &[taken, TAG, DENIED].concat(), "consent was denied");
        // The other file cannot be had either.
        check_off(page, &[taken, ALONE].concat(), "WebAssembly");
    }
}
