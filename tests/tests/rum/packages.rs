//! The ways to put the library on a page, and the ways in which that can go wrong: in each the page's requests work,
//! and the library says whether it is on and why not.
//!
//! **Invariant:** judged by what servers see alone, and by what the library says of itself.

use throughline_tests::{browser::Page, echo::Server};

const TAG: &str = r#"<script src="throughline.js" data-collector="ORIGIN"></script>"#;
const FULL: &str = r#"<script src="throughline-full.js" data-collector="ORIGIN"></script>"#;
const MODULE: &str = r#"<script type="module">
    import { start, span } from './index.js';
    span('before').end();
    start({ collector: 'ORIGIN', service: 'module' });
</script>"#;
const BAD_ADDRESS: &str = r#"<script src="throughline.js" data-collector="http://["></script>"#;
const NO_COLLECTOR: &str = r#"<script src="throughline.js"></script>"#;
const ODD: &str = r#"<script>window.throughlineRum = { q: [['nothing'], 5, ['event']], options: { collector: 'ORIGIN',
    service: Symbol('s'), sampleRatio: {}, propagateTo: [5, null, {}, () => { throw new Error('mine'); }], compress: 'x', headers: { a: 1 } } };</script><script src="throughline.js"></script>"#;
const NO_OPTIONS: &str = r#"<script>window.throughlineRum = 5;</script>
    <script src="throughline.js" data-collector="ORIGIN" data-sample-ratio="x" data-propagate-to="//["></script>"#;
const UNREACHABLE: &str =
    r#"<script src="throughline.js" data-collector="http://127.0.0.1:9"></script>"#;
const REFUSES: &str =
    r#"<script src="throughline.js" data-collector="ORIGIN/status/400?"></script>"#;

const TRAP: &str = "<script>TextEncoder.prototype.encodeInto = () => { throw new WebAssembly.RuntimeError('unreachable'); };</script>";
const FAULT: &str =
    "<script>TextEncoder.prototype.encodeInto = () => { throw new Error('mine'); };</script>";

/// What a page with `tag` sees and shows: how many trace headers its one request has, whether spans arrive, and in
/// which state the library is, with a part of the reason.
fn check(page: &Page<'_>, tag: &str, headers: usize, arrive: bool, state: &str) {
    let own = Server::start();
    own.say("script", &tag.replace("ORIGIN", &own.origin));
    page.session.go(&format!("{}/recorded.html", own.origin));
    let script =
        "await gone; const rum = window.throughlineRum; const answer = await fetch('/echo?this');
        const text = await answer.text();
        await Promise.race([rum?.flush?.(), new Promise((resolve) => setTimeout(resolve, 1000))]);
        return { status: answer.status, text, ...rum?.stats?.() }";
    let found = page.session.js_async(script, &[]);
    assert_eq!(found["status"], 200, "{tag}: {found}");
    assert!(
        found["text"]
            .as_str()
            .unwrap_or_default()
            .starts_with("GET /echo?this"),
        "{tag}: {found}"
    );
    let asked = own.asked();
    let this: Vec<_> = asked
        .iter()
        .filter(|asked| asked.line == "GET /echo?this")
        .collect();
    assert_eq!(this.len(), 1, "{tag}");
    assert_eq!(
        this[0].header("traceparent").len(),
        headers,
        "{tag}: {found}"
    );
    let sent = asked
        .iter()
        .any(|asked| asked.line.starts_with("POST /v1/traces"));
    assert_eq!(sent, arrive, "{tag}: {found}");
    let shown = format!(
        "{}: {}",
        found["state"].as_str().unwrap_or_default(),
        found["reason"].as_str().unwrap_or_default()
    );
    assert!(shown.starts_with(state), "{tag}: {found}");
    assert!(
        !arrive || found["exported"].as_u64() > Some(1),
        "{tag}: {found}"
    );
}

pub fn it_is_put_on_pages_in_many_ways(page: &Page<'_>) {
    page.forgive("");
    check(page, "", 0, false, ": ");
    check(page, TAG, 1, true, "on: ");
    check(page, FULL, 1, true, "on: ");
    check(page, MODULE, 1, true, "on: ");
    check(page, &[TAG, TAG].concat(), 1, true, "on: ");
    check(page, &[TAG, FULL, MODULE].concat(), 1, true, "on: ");
    check(page, BAD_ADDRESS, 0, false, "off: an option is wrong");
    check(page, NO_COLLECTOR, 0, false, "off: no collector is given");
    check(page, ODD, 1, true, "on: ");
    check(page, NO_OPTIONS, 0, false, "off: an option is wrong");
    check(page, UNREACHABLE, 1, false, "on: ");
    check(page, REFUSES, 1, false, "on: ");
    check(
        page,
        &[TAG, TRAP].concat(),
        0,
        false,
        "off: stopped after a fault",
    );
    check(page, &[FAULT, TAG].concat(), 0, false, "off: ");
}
