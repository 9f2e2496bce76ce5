//! What came to a collector, for tests that ask how much of it and when.
//!
//! **Invariant:** spans are read by our own importer, from requests as they came.

use throughline_tests::{
    browser::Page,
    echo::{Asked, Server},
    read,
};

/// A span as a collector has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: String,
    pub trace: String,
    pub id: String,
    /// Nanoseconds since 1970.
    pub start: u64,
    pub failed: bool,
    /// Each as `key=value`, the value as Rust writes it.
    pub attributes: Vec<String>,
}

/// Goes to `core.html` of a server, with this in its head, where `ORIGIN` stands for the server.
pub fn visit(page: &Page<'_>, own: &Server, head: &str) {
    own.say("script", &head.replace("ORIGIN", &own.origin));
    page.session.go(&format!("{}/core.html", own.origin));
}

/// The script tag, with more attributes.
pub fn tag(attributes: &str) -> String {
    format!(r#"<script src="throughline.js" data-collector="ORIGIN" {attributes}></script>"#)
}

/// The one that can do everything, with options as JavaScript.
pub fn full(options: &str) -> String {
    format!(
        r#"<script>window.throughlineRum = {{ options: {{ collector: 'ORIGIN', {options} }} }};</script>
           <script src="throughline-full.js"></script>"#
    )
}

/// The spans of these requests.
pub fn spans(asked: &[Asked]) -> Vec<Seen> {
    let mut spans = Vec::new();
    for request in posts(asked, "/v1/traces") {
        let (store, imported) = read::read(&request.body);
        assert!(imported.is_ok(), "{imported:?}");
        for at in 0..store.span_count() {
            let span = store.span(at as u32);
            let attributes = span.attributes();
            spans.push(Seen {
                name: span.name().to_owned(),
                trace: span.trace().id().to_string(),
                id: span.id().to_string(),
                start: span.start().0,
                failed: format!("{:?}", span.status()).contains("Error"),
                attributes: attributes
                    .iter()
                    .map(|(key, value)| format!("{key}={value:?}"))
                    .collect(),
            });
        }
    }
    spans
}

/// The spans of that name.
pub fn named(asked: &[Asked], name: &str) -> Vec<Seen> {
    let mut spans = spans(asked);
    spans.retain(|span| span.name == name);
    spans
}

/// The requests to a path of the collector.
pub fn posts(asked: &[Asked], path: &str) -> Vec<Asked> {
    let begin = format!("POST {path}");
    let all = asked.iter().filter(|asked| asked.line.starts_with(&begin));
    all.cloned().collect()
}

/// All that is in the log records of these requests, as text.
pub fn logs(asked: &[Asked]) -> String {
    let logs = posts(asked, "/v1/logs");
    let plain = logs.iter().map(Asked::plain);
    plain
        .map(|plain| String::from_utf8_lossy(&plain).into_owned())
        .collect()
}
