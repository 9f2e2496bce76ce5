//! Consent: until it is given nothing leaves the page, neither spans nor headers; what is denied is forgotten.
//!
//! **Invariant:** judged by what servers see alone, and by what the library says of itself.

use serde_json::Value;
use throughline_tests::{browser::Page, echo::Server};

/// A page with this `data-consent` asks for something, then it answers with `answer` and asks again: how many trace
/// headers the server saw before and after that, whether anything went to the collector, and what the library says.
fn check(page: &Page<'_>, given: &str, answer: &str, expected: (usize, usize, bool, &str)) {
    let own = Server::start();
    let attribute = format!(r#"data-consent="{given}""#);
    let given = if given.is_empty() { "" } else { &attribute };
    own.say(
        "script",
        &format!(
            r#"<script src="throughline.js" data-collector="{}" {given}></script>"#,
            own.origin
        ),
    );
    page.session.go(&format!("{}/recorded.html", own.origin));
    let script = "const rum = window.throughlineRum;
        await fetch('/echo?before'); await rum.flush();
        if (args[0]) rum.consent(args[0]);
        await fetch('/echo?after'); await rum.flush();
        return rum.stats()";
    let stats = page.session.js_async(script, &[Value::from(answer)]);
    let asked = own.asked();
    let headers = |path: &str| {
        let found = asked.iter().filter(|asked| asked.line.contains(path));
        found
            .map(|asked| asked.header("traceparent").len())
            .sum::<usize>()
    };
    let sent = asked.iter().any(|asked| asked.line.contains("/v1/"));
    let state = stats["state"].as_str().unwrap_or_default();
    let found = (headers("?before"), headers("?after"), sent, state);
    assert_eq!(found, expected, "{given} {answer}: {stats}");
}

pub fn nothing_leaves_without_consent(page: &Page<'_>) {
    page.forgive("");
    check(page, "", "", (1, 1, true, "on"));
    check(page, "granted", "", (1, 1, true, "on"));
    check(page, "pending", "", (0, 0, false, "on"));
    check(page, "pending", "granted", (0, 1, true, "on"));
    check(page, "pending", "denied", (0, 0, false, "off"));
    check(page, "denied", "granted", (0, 0, false, "off"));
    check(page, "", "denied", (1, 0, true, "off"));
}
