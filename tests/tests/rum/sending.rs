//! How batches travel: headers of the site's own, compressed, small; and which collector's answers do what.
//!
//! **Invariant:** bytes are counted as they came to the collector.

use serde_json::json;
use throughline_tests::{browser::Page, echo::Server};

use crate::arrived::{full, named, posts, spans, tag, visit};

pub fn batches_carry_the_sites_headers(page: &Page<'_>) {
    page.forgive("");
    for head in [
        tag(r#"data-headers="x-api-key=a=b,x-tenant=shop""#),
        full("headers: { 'x-api-key': 'a=b', 'X-Tenant': 'shop', 'content-type': 'text/plain' }"),
    ] {
        let own = Server::start();
        visit(page, &own, &head);
        page.session.js_async(
            "await loaded; make(1); rum.event('e'); await rum.flush()",
            &[],
        );
        let asked = own.asked();
        for path in ["/v1/traces", "/v1/logs"] {
            for request in posts(&asked, path) {
                let values = ["x-api-key", "x-tenant", "content-type"]
                    .map(|name| request.header(name).concat());
                assert_eq!(values, ["a=b", "shop", "application/x-protobuf"]);
            }
        }
        assert_eq!(named(&asked, "op").len(), 1);
    }
}

/// Bytes on the wire for each of a hundred requests' spans.
fn bytes_a_span(page: &Page<'_>, attributes: &str) -> f64 {
    let own = Server::start();
    visit(page, &own, &tag(attributes));
    let script = "await loaded; await rum.flush();
        for (let i = 0; i < 100; i++) await (await fetch(`/echo?api=orders&page=${i}`)).text();
        await rum.flush()";
    own.asked();
    page.session.js_async(script, &[]);
    let asked = own.asked();
    let spans = named(&asked, "GET /echo").len();
    for each in posts(&asked, "/v1/traces") {
        println!("{} {:?}", each.body.len(), each.header("content-encoding"));
    }
    assert_eq!(spans, 100);
    let bytes: usize = posts(&asked, "/v1/traces")
        .iter()
        .map(|each| each.body.len())
        .sum();
    bytes as f64 / spans as f64
}

pub fn a_span_takes_few_bytes(page: &Page<'_>) {
    page.forgive("");
    let (zipped, plain) = (
        bytes_a_span(page, ""),
        bytes_a_span(page, r#"data-compress="false""#),
    );
    println!(
        "{:?}: {zipped} bytes a span compressed, {plain} not",
        page.session.browser
    );
    assert!(zipped <= 150.0, "{zipped}");
    assert!(plain <= 400.0, "{plain}");
}

pub fn a_hostile_collector_does_no_harm(page: &Page<'_>) {
    page.forgive("");
    for (mood, accepted) in [
        ("page", true),
        ("noise", true),
        ("huge", true),
        ("500", false),
        ("404", false),
        ("301", false),
    ] {
        let own = Server::start();
        own.say("collector", mood);
        visit(page, &own, &tag(""));
        let script =
            "await loaded; make(20); await fetch('/echo'); await rum.flush(); return rum.stats()";
        let stats = page.session.js_async(script, &[]);
        let exported = stats["exported"].as_u64().unwrap_or_default();
        // One that says that it has not taken them is believed.
        let sum = exported + stats["dropped"]["rejected"].as_u64().unwrap_or_default();
        assert!(sum >= 20, "{mood}: {stats}");
        assert!(
            mood == "noise" || (exported >= 20) == accepted,
            "{mood}: {stats}"
        );
        assert_eq!(
            (&stats["state"], &stats["queued"]),
            (&json!("on"), &json!(0)),
            "{mood}: {stats}"
        );
    }
}

pub fn ten_thousand_spans_a_second_are_counted(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    visit(page, &own, &tag(""));
    let script = "await loaded;
        const cyclic = {}; cyclic.self = cyclic;
        const bad = { toString() { throw new Error('never'); } };
        const long = rum.span('long');
        for (let i = 0; i < 10_000; i++) { make(1); if (i % 100 === 0) await pause(5); long.set({ text: 'x'.repeat(100) }); }
        long.set({ cyclic, big: 'x'.repeat(1e6), bad, symbol: Symbol('s'), date: new Date(0), n: 1n });
        for (const name of [undefined, null, 5, Symbol('s'), {}, '']) { rum.span(name).end(); rum.event(name); rum.withSpan(name, () => 1); }
        rum.span('odd', { attributes: bad, parent: 5, start: 'x' }).end(cyclic);
        long.end();
        for (let i = 0; i < 2_000; i++) rum.span('open');
        for (let i = 0; i < 5; i++) await rum.flush();
        return rum.stats()";
    let stats = page.session.js_async(script, &[]);
    let number = |name: &str| stats[name].as_u64().unwrap_or_default();
    let dropped = |name: &str| stats["dropped"][name].as_u64().unwrap_or_default();
    let seen = spans(&own.asked()).len() as u64;
    assert_eq!(
        (seen, &stats["state"]),
        (number("exported"), &json!("on")),
        "{stats}"
    );
    assert_eq!(
        number("started"),
        number("exported") + number("open") + dropped("queue") + dropped("size"),
        "{stats}"
    );
    assert!(
        dropped("attribute") > 1_000 && dropped("limit") > 900,
        "{stats}"
    );
    assert!(number("exported") > 5_000, "{stats}");
}

/// A trap: what the core's calls throw when its memory is not to be trusted any more.
const TRAPS: &str = "<script>
    const { Instance } = WebAssembly;
    // (module (func (export \"t\") unreachable))
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 116, 0, 0, 10, 5, 1, 3, 0, 0, 11]);
    let calls = 0;
    WebAssembly.Instance = function (module) {
        const { exports } = new Instance(module);
        return { exports: { ...exports, call: (...args) => (window.trapped && calls++ === window.after ? new Instance(new WebAssembly.Module(bytes)).exports.t() : exports.call(...args)) } };
    };
</script>";

pub fn a_trap_makes_it_a_pass_through(page: &Page<'_>) {
    page.forgive("");
    for after in [0, 1, 2, 3, 5] {
        let own = Server::start();
        visit(page, &own, &[TRAPS, &tag("")].concat());
        let script = "await loaded; await rum.flush(); window.after = args[0]; window.trapped = true;
            const log = [];
            for (let i = 0; i < 4; i++) log.push((await fetch('/echo')).status);
            log.push(await new Promise((resolve) => { const it = new XMLHttpRequest(); it.open('GET', '/echo'); it.onloadend = () => resolve(it.status); it.send(); }));
            rum.span('a').set({ b: 1 }); rum.event('b'); log.push(rum.withSpan('c', () => 7)); await rum.flush();
            log.push(rum.stats().state, rum.stats().reason);
            return log";
        let log = page.session.js_async(script, &[after.into()]);
        assert_eq!(
            log,
            json!([200, 200, 200, 200, 200, 7, "off", "stopped after a fault"]),
            "{after}"
        );
    }
    // Nor does it need these.
    for head in [
        "<script>delete window.crypto; Object.defineProperty(window, 'crypto', { value: undefined });</script>",
        "<script>Object.defineProperty(crypto, 'getRandomValues', { value() { throw new Error('mine'); } });</script>",
        "<script>for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new Error('mine'); } });</script>",
        "<script>for (const name of ['locks', 'onLine']) Object.defineProperty(navigator, name, { value: undefined });</script>",
    ] {
        let own = Server::start();
        visit(page, &own, &[head, &tag("")].concat());
        page.session
            .js_async("await loaded; make(3); await rum.flush()", &[]);
        assert_eq!(named(&own.asked(), "op").len(), 3, "{head}");
    }
}

pub fn an_opened_again_request_has_a_span_of_its_own(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    visit(page, &own, &tag(""));
    let script = "await loaded;
        await new Promise((resolve) => {
            const it = new XMLHttpRequest();
            let round = 0;
            it.onload = () => {
                if (round++ < 2) { it.open('GET', round === 1 ? '/status/404' : '/echo'); it.send(); } else resolve();
            };
            it.open('POST', '/status/204'); it.send();
        });
        await new Promise((resolve) => {
            const it = new XMLHttpRequest();
            it.open('PUT', '/slow'); it.send(); it.open('DELETE', '/echo'); it.onload = resolve; it.send();
        });
        await pause(400); await rum.flush()";
    page.session.js_async(script, &[]);
    let mut seen: Vec<_> = spans(&own.asked())
        .into_iter()
        .filter(|span| {
            !span.name.starts_with("page")
                && span
                    .attributes
                    .iter()
                    .any(|each| each.starts_with("http.request.method="))
        })
        .map(|span| {
            let of = |name: &str| {
                span.attributes
                    .iter()
                    .find(|each| each.starts_with(name))
                    .and_then(|each| each.split('=').nth(1))
                    .unwrap_or("-")
                    .to_owned()
            };
            format!(
                "{} {} {}",
                span.name,
                of("http.response.status_code"),
                of("error.type")
            )
        })
        .collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [
            "DELETE /echo Int(200) -",
            "GET /echo Int(200) -",
            "GET /status/{id} Int(404) Str(\"404\")",
            "POST /status/{id} Int(204) -",
            "PUT /slow - Str(\"AbortError\")",
        ]
    );
}
