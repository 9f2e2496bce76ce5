//! What may leave a page: addresses without secrets, names by templates, and what the site's own function lets pass.
//!
//! **Invariant:** judged by what came to the collector.

use serde_json::{Value, json};
use throughline_tests::{browser::Page, echo::Server};

use crate::arrived::{full, logs, posts, spans, tag, visit};

/// What `js/url.js` makes of things.
fn check(page: &Page<'_>, expression: &str, input: &str, expected: &str) {
    let script = format!(
        "const url = await import('/url.js'); const input = args[0]; url.keepQuery(); return {expression}"
    );
    let found = page.session.js_async(&script, &[input.into()]);
    assert_eq!(found, expected, "{expression} of {input}");
}

pub fn addresses_show_no_secrets(page: &Page<'_>) {
    page.forgive("");
    let own = Server::start();
    visit(page, &own, "");
    const TEXT: &str = "url.textOf(new URL(input))";
    for (input, expected) in [
        ("https://a.example/", "https://a.example/"),
        (
            "https://u:p@a.example/b?c=d&e=f#g",
            "https://a.example/b?c=d&e=f",
        ),
        (
            "https://a.example/?q=1&X-Amz-Signature=s&x-amz-credential=c&X-Amz-Security-Token=t",
            "https://a.example/?q=1&X-Amz-Signature=REDACTED&x-amz-credential=REDACTED&X-Amz-Security-Token=REDACTED",
        ),
        (
            "https://a.example/?X-Goog-Signature=1&Signature=2&x%2Damz=3&%74oken=4",
            "https://a.example/?X-Goog-Signature=REDACTED&Signature=REDACTED&x%2Damz=3&%74oken=REDACTED",
        ),
        (
            "https://a.example/?sig=1&AWSAccessKeyId=2&api_key=3&access_token=4=5&keyword=5&key=6",
            "https://a.example/?sig=REDACTED&AWSAccessKeyId=REDACTED&api_key=REDACTED&access_token=REDACTED&keyword=5&key=REDACTED",
        ),
        (
            "https://a.example/?&=&token&?token=1",
            "https://a.example/?&=&token&?token=REDACTED",
        ),
    ] {
        check(page, TEXT, input, expected);
    }
    const KEEP: &str = "(url.keepQuery(['q', 'token']), url.textOf(new URL(input)))";
    check(
        page,
        KEEP,
        "https://a.example/?q=1&Q=2&token=3&x=4&=5&q",
        "https://a.example/?q=1&Q=REDACTED&token=3&x=REDACTED&=REDACTED&q",
    );
    check(
        page,
        "(url.keepQuery([]), url.textOf(new URL(input)))",
        "https://a.example/?q=1",
        "https://a.example/?q=REDACTED",
    );
    for (input, expected) in [
        ("/", "/"),
        ("/api/checkout", "/api/checkout"),
        ("/cart/17/items", "/cart/{id}/items"),
        ("/u/0af7651916cd43dd8448eb211c80319c", "/u/{id}"),
        ("/u/123e4567-e89b-12d3-a456-426614174000/x", "/u/{id}/x"),
        ("/u/jane%40example.org", "/u/{id}"),
        ("/u/jane@example.org/x", "/u/{id}/x"),
        ("/s/q8Zk31mPp0LlWx72Bn4c", "/s/{id}"),
        ("/v1/rates-a/facade", "/v1/rates-a/facade"),
        ("/api/v2/oauth2", "/api/v2/oauth2"),
        ("/cart/{id}", "/cart/{id}"),
    ] {
        check(page, "url.template(input)", input, expected);
    }
    for (input, expected) in [
        ("What? No #3 & a? b", "What? No #3 & a? b"),
        (
            "cannot load https://a.example/b?token=1&q=2",
            "cannot load https://a.example/b",
        ),
        (
            "cannot load \"https://a.example/b?token=1\", sorry",
            "cannot load \"https://a.example/b\", sorry",
        ),
        (
            "at /b?token=1 and https://u:p@a.example/#t=2",
            "at /b and https://a.example/",
        ),
        (
            "at f (https://a.example/x.js?v=1:10:5)\nat https://a.example/y.js?t=a:b:3:4",
            "at f (https://a.example/x.js:10:5)\nat https://a.example/y.js:3:4",
        ),
        (
            "f@https://a.example/?token=x:10:5\n@https://a.example/:1:2",
            "f@https://a.example/:10:5\n@https://a.example/:1:2",
        ),
    ] {
        check(page, "url.withoutQueries(input)", input, expected);
    }
}

pub fn options_and_errors_show_no_secrets(page: &Page<'_>) {
    page.forgive("");
    for head in [tag(r#"data-keep-query="q""#), full("keepQuery: ['q']")] {
        let own = Server::start();
        visit(page, &own, &head);
        let script = "await loaded; await fetch('/echo?q=seen&other=hidden'); rum.recordError(new Error('at https://u:hidden@x.example/?code=hidden')); rum.recordError('of /a?b=hidden');
            fail('late /a?b=hidden'); await pause(50); await rum.flush()";
        page.session.js_async(script, &[]);
        let asked = own.asked();
        let attributes = spans(&asked)
            .into_iter()
            .flat_map(|span| span.attributes)
            .collect::<Vec<_>>()
            .join("\n");
        assert!(attributes.contains("q=seen&other=REDACTED"), "{attributes}");
        let logs = logs(&asked);
        assert!(
            !logs.contains("hidden") && !attributes.contains("hidden"),
            "{logs}"
        );
        assert!(
            logs.contains("https://x.example/")
                && logs.contains("of /a")
                && logs.contains("late /a"),
            "{logs}"
        );
    }
}

pub fn the_site_looks_at_everything_before_it_leaves(page: &Page<'_>) {
    page.forgive("");
    const HOOK: &str = "beforeSend: (it) => {
            if (it.name === 'away') return false;
            if (it.name === 'none') return null;
            if (it.name === 'bad') throw new Error('mine');
            if (it.name === 'other') return { name: 'changed', attributes: { one: 1, half: 0.5, yes: true, text: 't', none: null } };
            it.attributes['seen.as'] = it.type;
            delete it.attributes.secret;
        }";
    for encoding in ["protobuf", "json"] {
        let own = Server::start();
        visit(
            page,
            &own,
            &full(&format!("encoding: '{encoding}', {HOOK}")),
        );
        let script = "await loaded;
            for (const name of ['away', 'none', 'bad', 'other', 'kept']) {
                rum.span(name, { attributes: { secret: 'hidden', whole: 7, share: 0.25, on: true } }).end();
                rum.event(name, { secret: 'hidden', whole: 7 });
            }
            await fetch('/echo');
            await rum.flush();
            return rum.stats()";
        let stats = page.session.js_async(script, &[]);
        let asked = own.asked();
        let kind = posts(&asked, "/v1/traces")[0]
            .header("content-type")
            .concat();
        assert!(kind.contains(encoding), "{kind}");
        let spans = spans(&asked);
        let of = |name: &str| -> Option<Vec<String>> {
            spans
                .iter()
                .find(|span| span.name == name)
                .map(|span| span.attributes.clone())
        };
        assert_eq!(
            (of("away"), of("none"), of("bad"), of("other")),
            (None, None, None, None)
        );
        assert_eq!(
            of("changed").unwrap_or_default(),
            [
                "one=Int(1)",
                "half=Double(0.5)",
                "yes=Bool(true)",
                r#"text=Str("t")"#
            ]
        );
        assert_eq!(
            of("kept").unwrap_or_default(),
            [
                "whole=Int(7)",
                "share=Double(0.25)",
                "on=Bool(true)",
                r#"seen.as=Str("span")"#
            ]
        );
        assert!(
            of("GET /echo")
                .unwrap_or_default()
                .contains(&"http.response.status_code=Int(200)".to_owned())
        );
        let logs = logs(&asked);
        assert!(
            !logs.contains("hidden")
                && logs.contains("kept")
                && logs.contains("changed")
                && !logs.contains("away"),
            "{logs}"
        );
        assert_eq!(
            (&stats["dropped"]["hook"], &stats["queued"], &stats["logs"]),
            (&json!(6), &json!(0), &json!(2)),
            "{stats}"
        );
        assert_eq!(stats["exported"], spans.len(), "{stats}");
    }
}

pub fn names_follow_the_sites_templates(page: &Page<'_>) {
    page.forgive("");
    for templates in [
        "urlTemplates: '/echo /core.html /status/{code}'",
        "urlTemplates: ['/status/{code}']",
        "urlTemplates: (path) => path.startsWith('/status') ? '/status/{code}' : undefined",
        "urlTemplates: [() => { throw new Error('mine'); }, '/status/{code}']",
    ] {
        let own = Server::start();
        visit(page, &own, &full(templates));
        page.session.js_async(
            "await loaded; await fetch('/status/404'); await fetch('/echo'); await rum.flush()",
            &[],
        );
        let names: Vec<_> = spans(&own.asked())
            .into_iter()
            .map(|span| span.name)
            .collect();
        for name in ["GET /status/{code}", "GET /echo", "page view /core.html"] {
            assert!(
                names.iter().any(|each| each == name),
                "{templates}: {names:?}"
            );
        }
    }
}

pub fn what_a_script_cannot_do_switches_it_off(page: &Page<'_>) {
    page.forgive("");
    for (option, state) in [
        (
            "data-before-send",
            "off: beforeSend is in throughline-full.js",
        ),
        ("data-formats", "off: formats is in throughline-full.js"),
        (
            "data-spans-per-minute",
            "off: spansPerMinute is in throughline-full.js",
        ),
        ("data-other", "on: "),
    ] {
        let own = Server::start();
        visit(page, &own, &tag(&format!(r#"{option}="1""#)));
        let stats = page.js("return rum.stats()");
        let found = format!(
            "{}: {}",
            stats["state"].as_str().unwrap_or_default(),
            stats["reason"].as_str().unwrap_or_default()
        );
        assert_eq!(found, state);
    }
    for (options, state) in [
        ("beforeSend: 5", "off"),
        ("formats: 'b4'", "off"),
        ("encoding: 'xml'", "off"),
        ("headers: { 'a b': 1 }", "off"),
        ("headers: { 'x-a': 1 }", "on"),
    ] {
        let own = Server::start();
        visit(page, &own, &full(options));
        assert_eq!(
            page.js("return rum.stats().state"),
            Value::from(state),
            "{options}"
        );
    }
}
