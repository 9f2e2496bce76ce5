//! What a page leaves behind at its collector, from the first byte to the error that nobody caught.
//!
//! **Invariant:** spans are read by our own importer; the independent decoder is in the library's own tests.

use throughline_tests::{
    browser::{Browser, Page},
    echo::{Asked, Server},
    read,
};

/// The page's spans as a tree, `name` two spaces deeper than the parent, with `!` for those that failed.
fn tree(requests: &[Asked]) -> Vec<String> {
    let mut lines = Vec::new();
    for request in requests {
        let (store, imported) = read::read(&request.body);
        assert!(imported.is_ok(), "{imported:?}");
        for at in 0..store.span_count() {
            let span = store.span(at as u32);
            let kind = format!("{:?}", span.kind());
            let failed = if span.status_message().is_empty() {
                ""
            } else {
                "!"
            };
            lines.push(format!("{kind} {}{failed}", span.name()));
        }
    }
    lines
}

pub fn a_page_records_what_happens(page: &Page<'_>) {
    page.forgive("");
    let (own, other) = (Server::start(), Server::start());
    own.say("other", &other.origin);
    own.say(
        "script",
        &format!(
            r#"<script src="throughline.js" data-collector="{}" data-service="shop-web"></script>"#,
            own.origin
        ),
    );
    page.session.go(&format!("{}/recorded.html", own.origin));
    let stats = page.session.js_async("return await run()", &[]);
    let (asked, foreign) = (own.asked(), other.asked());
    let to = |path: &str| -> Vec<Asked> {
        let begin = format!("POST {path}");
        let all = asked.iter().filter(|asked| asked.line.starts_with(&begin));
        all.cloned().collect()
    };
    assert_eq!(
        (&stats["state"], &stats["queued"], &stats["open"]),
        (&"on".into(), &0.into(), &0.into()),
        "{stats}"
    );
    for lost in ["queue", "size", "rejected", "sampled", "limit"] {
        assert_eq!(stats["dropped"][lost], 0, "{stats}");
    }

    // Headers: at home and where a function says so, nowhere else.
    let header = |asked: &[Asked], path: &str| -> Vec<String> {
        let found = asked
            .iter()
            .filter(|asked| asked.line.contains(path) && !asked.line.starts_with("OPTIONS"));
        found
            .flat_map(|asked| asked.header("traceparent"))
            .map(str::to_owned)
            .collect()
    };
    for (from, path, count) in [
        (&asked, "/echo?token", 1),
        (&asked, "/status/404", 1),
        (&foreign, "/open", 1),
        (&foreign, "/closed", 0),
    ] {
        assert_eq!(header(from, path).len(), count, "{path}");
    }

    let traces = to("/v1/traces");
    assert!(
        traces
            .iter()
            .any(|asked| asked.header("content-encoding") == ["gzip"]),
        "compressed at home"
    );
    let lines = tree(&traces);
    // WebKit's timing has no place for it.
    let preflights = usize::from(page.browser() != Browser::WebKit);
    let has = |line: &str| lines.iter().filter(|each| *each == line).count();
    for (line, count) in [
        ("Internal page view /recorded.html", 1),
        ("Client GET /echo", 2),
        ("Client POST /status/{id}", 1),
        ("Client GET /open", 1),
        ("Internal CORS preflight", preflights),
        ("Client GET /closed", 1),
        ("Client GET /", 1),
        ("Client GET /slow", 1),
        ("Internal price", 1),
        ("Internal broken", 1),
        ("Internal resource script", 1),
    ] {
        assert_eq!(has(line), count, "{line}: {lines:#?}");
    }
    let text: String = traces
        .iter()
        .map(|asked| String::from_utf8_lossy(&asked.plain()).into_owned())
        .collect();
    assert!(
        !text.contains("secret"),
        "query values that are secret stay here"
    );

    // One span of a request, from the header that the server saw to the collector.
    let sent = &header(&asked, "/echo?token")[0];
    let mut found = false;
    for request in &traces {
        let (store, _) = read::read(&request.body);
        for at in 0..store.span_count() {
            let span = store.span(at as u32);
            if span.id().to_string() == sent[36..52] {
                found = true;
                assert_eq!(span.trace().id().to_string(), sent[3..35]);
                let url = span
                    .attributes()
                    .get("url.full")
                    .map(|value| format!("{value:?}"));
                let url = url.unwrap_or_default();
                assert!(url.contains("token=REDACTED&q=1"), "{url}");
                assert!(
                    span.end() > span.start(),
                    "{:?}",
                    (span.start(), span.end())
                );
            }
        }
    }
    assert!(found, "{sent} is at the collector");

    let logs = to("/v1/logs");
    let text: String = logs
        .iter()
        .map(|asked| String::from_utf8_lossy(&asked.plain()).into_owned())
        .collect();
    for part in [
        "early",
        "huge",
        "RangeError",
        "TypeError",
        "uncaught",
        "exception.stacktrace",
        "recorded.html",
    ] {
        assert!(text.contains(part), "{part} is in the logs");
    }
    assert!(text.len() < 100_000, "{} bytes of logs", text.len());
}
