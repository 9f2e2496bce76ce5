//! Which headers requests carry: in the formats of other tracers, with the decision of the sampler, and never beside
//! what a page has set itself.
//!
//! **Invariant:** judged by the headers that a server saw.

use throughline_tests::{browser::Page, echo::Server};

use crate::arrived::{full, named, spans, tag, visit};

const NAMES: [&str; 12] = [
    "traceparent",
    "tracestate",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-sampled",
    "uber-trace-id",
    "x-datadog-trace-id",
    "x-amzn-trace-id",
    "baggage",
    "x-request-id",
    "sentry-trace",
];

/// The headers of one request that a page makes by `script`, as `name: value` with `T` for its trace, `S` for its span
/// and `D` for a long decimal number.
fn headers(page: &Page<'_>, head: &str, script: &str) -> Vec<String> {
    let (own, other) = (Server::start(), Server::start());
    visit(page, &own, &head.replace("OTHER", &other.origin));
    let script = format!(
        "await loaded; {}; await rum.flush()",
        script.replace("OTHER", &other.origin)
    );
    page.session.js_async(&script, &[]);
    let mut asked = own.asked();
    let sent = spans(&asked);
    asked.extend(other.asked());
    let this = asked.iter().find(|asked| {
        !asked.line.starts_with("OPTIONS")
            && (asked.line.contains("/echo") || asked.line.contains("/open"))
    });
    let this = this.unwrap_or_else(|| panic!("no request: {script}"));
    let span = sent
        .iter()
        .find(|span| span.name.ends_with("/echo") || span.name.ends_with("/open"));
    let mut lines = Vec::new();
    for name in NAMES {
        for value in this.header(name) {
            let mut value = value.to_owned();
            if let Some(span) = span {
                value = value
                    .replace(&span.trace, "T")
                    .replace(&span.id, "S")
                    .replace(&format!("{}-{}", &span.trace[..8], &span.trace[8..]), "T");
            }
            if value.len() > 9 && value.bytes().all(|byte| byte.is_ascii_digit()) {
                value = "D".to_owned();
            }
            lines.push(format!("{name}: {value}"));
        }
    }
    lines
}

pub fn requests_carry_the_formats_that_are_asked_for(page: &Page<'_>) {
    page.forgive("");
    let check = |head: &str, script: &str, expected: &[&str]| {
        assert_eq!(headers(page, head, script), expected, "{head} {script}");
    };
    const GET: &str = "await fetch('/echo')";
    check(&tag(""), GET, &["traceparent: 00-T-S-01"]);
    check(&full(""), GET, &["traceparent: 00-T-S-01"]);
    check(&full("traceLevel: '2'"), GET, &["traceparent: 00-T-S-03"]);
    check(&full("formats: 'b3'"), GET, &["b3: T-S-1"]);
    check(
        &full("formats: ['tracecontext', 'b3multi']"),
        GET,
        &[
            "traceparent: 00-T-S-01",
            "x-b3-traceid: T",
            "x-b3-spanid: S",
            "x-b3-sampled: 1",
        ],
    );
    check(
        &full("formats: 'jaeger datadog'"),
        GET,
        &["uber-trace-id: T:S:0:1", "x-datadog-trace-id: D"],
    );
    check(
        &full("formats: 'xray'"),
        GET,
        &["x-amzn-trace-id: Root=1-T;Parent=S;Sampled=1"],
    );
    check(
        &full(
            "formats: 'tracecontext correlation:X-Request-Id', baggage: { user: 'a b', tier: 1 }",
        ),
        GET,
        &[
            "traceparent: 00-T-S-01",
            "baggage: user=a%20b,tier=1",
            "x-request-id: T",
        ],
    );
    check(
        &full("baggage: 'k=v'"),
        GET,
        &["traceparent: 00-T-S-01", "baggage: k=v"],
    );
    // XMLHttpRequest as well.
    check(
        &full("formats: 'b3 tracecontext'"),
        "await new Promise((resolve) => { const it = new XMLHttpRequest(); it.open('GET', '/echo'); it.onloadend = resolve; it.send(); })",
        &["traceparent: 00-T-S-01", "b3: T-S-1"],
    );
    // What is there already stays, and nothing is put beside it.
    const THEIRS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (name, value, seen) in [
        ("traceparent", THEIRS, "traceparent: 00-T-S-01"),
        (
            "b3",
            "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "b3: T-S-1",
        ),
        (
            "sentry-trace",
            "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "sentry-trace: T-S-1",
        ),
        (
            "uber-trace-id",
            "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:1",
            "uber-trace-id: T:S:0:1",
        ),
        ("x-datadog-trace-id", "1234567890", "x-datadog-trace-id: D"),
        ("traceparent", "", "traceparent: "),
    ] {
        let script = format!("await fetch('/echo', {{ headers: {{ '{name}': '{value}' }} }})");
        check(&tag(""), &script, &[seen]);
        check(
            &full("formats: 'b3 tracecontext datadog'"),
            &script,
            &[seen],
        );
    }
    check(
        &full("formats: 'tracecontext correlation:x-request-id', baggage: 'k=v'"),
        "await fetch('/echo', { headers: { 'X-Request-Id': 'mine', Baggage: 'a=b' } })",
        &[
            "traceparent: 00-T-S-01",
            "baggage: a=b",
            "x-request-id: mine",
        ],
    );
    // Elsewhere nothing goes unless it is allowed.
    const THERE: &str = "await fetch('OTHER/open').catch(() => 0)";
    check(
        &full("formats: 'b3 correlation:x-request-id', baggage: 'k=v'"),
        THERE,
        &[],
    );
    check(
        &full("formats: 'b3', propagateTo: 'OTHER'"),
        THERE,
        &["b3: T-S-1"],
    );
    check(&full("dryRun: true"), GET, &[]);
}

pub fn headers_agree_with_the_sample(page: &Page<'_>) {
    page.forgive("");
    let check = |head: &str, flags: &str, arrives: bool| {
        let own = Server::start();
        visit(page, &own, head);
        page.session.js_async(
            "await loaded; await fetch('/echo'); make(1); await rum.flush()",
            &[],
        );
        let asked = own.asked();
        let this = asked
            .iter()
            .find(|asked| asked.line.contains("/echo"))
            .expect("a request");
        let header = this.header("traceparent").concat();
        assert!(header.ends_with(flags), "{head}: {header}");
        assert_eq!(named(&asked, "op").len(), usize::from(arrives), "{head}");
        (header, this.header("tracestate").concat())
    };
    check(&tag(""), "-01", true);
    check(&tag(r#"data-sample-ratio="0""#), "-00", false);
    check(&full("sampleRatio: 0"), "-00", false);
    let (_, state) = check(&full("sampleRatio: 1"), "-01", true);
    assert_eq!(state, "");
    // All of a visit is in the sample or out of it, and the header says by which bits.
    const BITS: &str = "<script>sessionStorage['throughline visit'] = 'BITS'</script>";
    for (bits, flags, state) in [
        ("80000000000000", "-01", "ot=th:8;rv:80000000000000"),
        ("ffffffffffffff", "-01", "ot=th:8;rv:ffffffffffffff"),
        ("7fffffffffffff", "-00", "ot=rv:7fffffffffffff"),
    ] {
        let head = [&BITS.replace("BITS", bits), &*full("sampleRatio: 0.5")].concat();
        assert_eq!(check(&head, flags, flags == "-01").1, state);
        // Whatever the sample, for these.
        for always in [
            "true",
            "['errors', true]",
            "'/core'",
            "[(url) => url.includes('core')]",
            "[/core/]",
        ] {
            let head = [
                &BITS.replace("BITS", bits),
                &*full(&format!("sampleRatio: 0.5, sampleAlways: {always}")),
            ]
            .concat();
            check(&head, "-01", true);
        }
    }
    let head = full("sampleRatio: 0, sampleAlways: ['/echo', 'errors']");
    let own = Server::start();
    visit(page, &own, &head);
    page.session.js_async("await loaded; await fetch('/echo'); await fetch('/status/500'); await fetch('/status/204'); make(1); await rum.flush()", &[]);
    let asked = own.asked();
    let names: Vec<_> = spans(&asked).into_iter().map(|span| span.name).collect();
    let mut names: Vec<_> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["GET /echo", "GET /status/{id}"],
        "an address that is always recorded, and what went wrong"
    );
    let header = |path: &str| {
        asked
            .iter()
            .find(|asked| asked.line.contains(path))
            .map(|asked| asked.header("traceparent").concat())
            .unwrap_or_default()
    };
    assert!(header("/echo").ends_with("-01") && header("/status/500").ends_with("-00"));
    // A limit.
    let own = Server::start();
    visit(page, &own, &full("maxSpansPerSecond: 5"));
    page.session.js_async("await loaded; await pause(400); for (let i = 0; i < 100; i++) rum.withSpan('op', () => 0); await rum.flush()", &[]);
    let seen = named(&own.asked(), "op").len();
    assert!((1..=6).contains(&seen), "{seen}");
}
