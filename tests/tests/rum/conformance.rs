//! The page comes first: whatever a page does with `fetch` and `XMLHttpRequest`, it and its server see the same with
//! the script tag as without. The cases are in `tests/pages/rum/cases.js`.
//!
//! **Invariant:** the one difference that is permitted is a single `traceparent` on requests that may carry it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use throughline_tests::{
    browser::Page,
    echo::{Asked, Server},
};

const DOCS: &str = include_str!("../../../docs/rum-conformance.md");

/// What a case left behind: its own log, and the requests that the server saw, with and without their trace headers.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    log: Vec<String>,
    requests: Vec<String>,
}

pub fn pages_notice_nothing(page: &Page<'_>) {
    page.forgive("");
    let (own, other) = (Server::start(), Server::start());
    own.say("other", &other.origin);
    let tag = format!(
        r#"<script src="throughline.js" data-collector="{}"></script>"#,
        other.origin
    );
    let (without, _) = run(page, &own, &other, "");
    let (with, headers) = run(page, &own, &other, &tag);
    let mut differences = Vec::new();
    for (case, expected) in &without {
        let found = &with[case];
        if found != expected {
            differences.push(format!(
                "{case}\n    without: {expected:#?}\n    with: {found:#?}"
            ));
        }
    }
    // As many as are documented.
    let count = without.len();
    assert!(DOCS.contains(&format!("\n{count} cases")), "{count} cases");
    assert!(
        differences.is_empty(),
        "{} cases differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(headers.len() > 60, "headers are added: {headers:?}");
}

/// Runs all cases; gives what each left behind, and how many trace headers each of those cases got that got any.
fn run(
    page: &Page<'_>,
    own: &Server,
    other: &Server,
    tag: &str,
) -> (BTreeMap<String, Seen>, BTreeMap<String, usize>) {
    own.say("script", tag);
    page.session.go(&format!("{}/runner.html", own.origin));
    let names = page.js("return caseNames()");
    let names = names.as_array().into_iter().flatten();
    let mut results = BTreeMap::new();
    for name in names.filter_map(Value::as_str) {
        let lines = page
            .session
            .js_async("return await runOne(args[0])", &[name.into()]);
        assert_ne!(lines, json!(["no end"]), "{name}");
        results.insert(name.to_owned(), lines);
    }
    let mut all = BTreeMap::new();
    let mut headers = BTreeMap::new();
    let (own, other) = (own.asked(), other.asked());
    for (case, lines) in results {
        let mut seen = Seen::default();
        let lines = lines.as_array().into_iter().flatten();
        seen.log = lines.filter_map(Value::as_str).map(str::to_owned).collect();
        let code = encoded(&case);
        for asked in own
            .iter()
            .filter(|asked| asked.case() == code && is_under_test(asked))
        {
            let added = asked.header("traceparent").len();
            assert!(added < 2, "{case}: {asked:?}");
            *headers.entry(case.clone()).or_default() += added;
            seen.requests.push(written(asked));
        }
        for asked in other.iter().filter(|asked| asked.case() == code) {
            // Preflights, too, must be the same there.
            assert_eq!(asked.header("traceparent"), [""; 0], "{case}: {asked:?}");
            seen.requests.push(written(asked));
        }
        // Parallel requests may come in any order.
        seen.requests.sort();
        all.insert(case, seen);
    }
    headers.retain(|_, count| *count > 0);
    (all, headers)
}

fn is_under_test(asked: &Asked) -> bool {
    !asked.line.contains("/case.html")
}

/// As `encodeURIComponent` has it, for what case names consist of.
fn encoded(case: &str) -> String {
    let mut text = String::new();
    for byte in case.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// A request as text, without what is permitted to differ.
fn written(asked: &Asked) -> String {
    let mut text = asked.line.clone();
    // A form's boundary is random, and in Firefox its length is.
    let form = asked.header("content-type").concat().contains("multipart/");
    for (name, value) in &asked.headers {
        if form && name.eq_ignore_ascii_case("content-length") {
            continue;
        }
        let value = value.split("boundary=").next().unwrap_or_default();
        let ours = name.eq_ignore_ascii_case("traceparent")
            && !value.contains("0af7651916cd43dd8448eb211c80319c");
        if !ours {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    if !form {
        text.push_str(&format!("\n\n{}", String::from_utf8_lossy(&asked.body)));
    }
    text
}
