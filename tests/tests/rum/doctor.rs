//! `doctor()` names what is wrong.
//!
//! **Invariant:** every answer comes from a page on which exactly that is wrong.

use throughline_tests::{browser::Page, echo::Server};

/// The codes that the doctor gives for a page with this in its head, where `OWN` and `OTHER` stand for origins, after it
/// has asked for `fetched`; and a part of the advice.
fn check(
    page: &Page<'_>,
    head: &str,
    attributes: &str,
    fetched: &str,
    codes: &[&str],
    advice: &str,
) {
    let (own, other) = (Server::start(), Server::start());
    let fill = |text: &str| {
        text.replace("OWN", &own.origin)
            .replace("OTHER", &other.origin)
    };
    let tag = format!(r#"{head}<script src="throughline.js" {attributes}></script>"#);
    own.say("script", &fill(&tag));
    page.session.go(&format!("{}/recorded.html", own.origin));
    let script = "await gone;
        // Without WebAssembly it is there a little later.
        while (window.throughlineRum.stats().reason === 'not started') await new Promise((resolve) => setTimeout(resolve, 20));
        if (args[0]) await (await fetch(args[0])).text(); return await window.throughlineRum.doctor()";
    let findings = page.session.js_async(script, &[fill(fetched).into()]);
    let found: Vec<_> = findings
        .as_array()
        .expect("a list")
        .iter()
        .map(|each| each["code"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(found, codes, "{attributes}: {findings:#}");
    let said = findings.to_string();
    assert!(said.contains(&fill(advice)), "{attributes}: {findings:#}");
}

pub fn the_doctor_names_what_is_wrong(page: &Page<'_>) {
    page.forgive("");
    check(page, "", r#"data-collector="OWN""#, "", &[], "");
    check(
        page,
        "",
        r#"data-collector="OTHER/closed?""#,
        "",
        &["cors"],
        r#"allowed_origins: [\"OWN\"]"#,
    );
    check(
        page,
        "",
        r#"data-collector="http://127.0.0.1:9""#,
        "",
        &["unreachable"],
        "running",
    );
    check(
        page,
        "",
        r#"data-collector="OWN/status/415?""#,
        "",
        &["status-415", "status-415"],
        "protobuf",
    );
    check(
        page,
        "",
        r#"data-collector="OWN/status/404?""#,
        "",
        &["status-404", "status-404"],
        "4318",
    );
    check(
        page,
        r#"<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">"#,
        r#"data-collector="OTHER""#,
        "",
        &["csp"],
        "connect-src … OTHER",
    );
    check(
        page,
        r#"<meta http-equiv="Content-Security-Policy" content="script-src 'self' 'unsafe-inline'">"#,
        r#"data-collector="OWN""#,
        "",
        &["nowasm"],
        "wasm-unsafe-eval",
    );
    check(
        page,
        "",
        r#"data-collector="OWN" data-consent="pending""#,
        "",
        &["consent"],
        "granted",
    );
    check(page, "", "", "", &["off", "no-collector"], "data-collector");
    check(
        page,
        "",
        r#"data-collector="OWN""#,
        "OTHER/open",
        &["not-linked"],
        r#"data-propagate-to=\"OTHER\""#,
    );
    check(
        page,
        "",
        r#"data-collector="OWN" data-propagate-to="OTHER""#,
        "OTHER/open",
        &[],
        "",
    );
    check(
        page,
        "",
        r#"data-collector="OWN" data-sample-ratio="0""#,
        "",
        &["sampling", "dropped"],
        "data-sample-ratio",
    );
}
