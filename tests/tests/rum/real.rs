//! A real back-end, Jaeger, and a real OpenTelemetry Collector take what a page on another origin sends, and show it.
//!
//! **Invariant:** what arrived is read from what they say themselves. Where they are not installed the test is left
//! out, visibly.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use throughline_tests::{
    browser::{Guard, Page},
    echo::Server,
    places,
};

/// As docs/rum.md tells people to have it.
const RECEIVER: &str = r#"
receivers:
  otlp:
    protocols:
      http:
        endpoint: "127.0.0.1:RECEIVER"
        cors:
          allowed_origins: ["ORIGIN"]
          allowed_headers: [content-type, content-encoding]
          max_age: 7200
"#;

const JAEGER: &str = r#"
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}
  telemetry: {metrics: {level: none}}
extensions:
  jaeger_query:
    storage: {traces: memory}
    http: {endpoint: "127.0.0.1:QUERY"}
    grpc: {endpoint: "127.0.0.1:0"}
  jaeger_storage: {backends: {memory: {memory: {max_traces: 1000}}}}
exporters: {jaeger_storage_exporter: {trace_storage: memory}}
"#;

const COLLECTOR: &str = r"
service:
  pipelines:
    traces: {receivers: [otlp], exporters: [debug]}
    logs: {receivers: [otlp], exporters: [debug]}
  telemetry: {metrics: {level: none}}
exporters: {debug: {verbosity: detailed}}
";

/// What the page does; gives what the library says of itself.
const VISIT: &str = "const rum = window.throughlineRum;
    await rum.withSpan('check out', () => fetch('/echo?this').then((answer) => answer.text()));
    rum.recordError(new RangeError('out of stock'), { 'shop.items': 3 });
    const gone = new XMLHttpRequest();
    gone.open('POST', '/status/503');
    gone.send('{}');
    await new Promise((resolve) => (gone.onloadend = resolve));
    await new Promise((resolve) => setTimeout(resolve, 400));
    await rum.flush();
    return rum.stats()";

/// A server that was built elsewhere; it ends when dropped.
struct Real {
    /// Where it receives.
    receiver: String,
    query: String,
    child: Child,
    guard: Guard,
}

impl Drop for Real {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A port that was free just now.
fn port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

impl Real {
    fn start(program: &Path, config: &str, origin: &str) -> Self {
        let mut guard = Guard::new("real");
        let (receiver, query) = (port(), port());
        let config = [RECEIVER, config].concat();
        let config = config
            .replace("ORIGIN", origin)
            .replace("RECEIVER", &receiver.to_string());
        let file = guard.folder().join("config.yaml");
        fs::write(&file, config.replace("QUERY", &query.to_string())).expect("a file");
        let log = fs::File::create(guard.folder().join("log.txt")).expect("a file");
        let mut command = Command::new(program);
        command
            .arg("--config")
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let child = command.stderr(log).spawn().expect("it starts");
        guard.watch(u64::from(child.id()));
        Self {
            receiver: format!("http://127.0.0.1:{receiver}"),
            query: format!("http://127.0.0.1:{query}"),
            child,
            guard,
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.guard.folder().join("log.txt")).unwrap_or_default()
    }

    fn wait(&self, page: &Page<'_>) {
        let address = self
            .receiver
            .trim_start_matches("http://")
            .parse()
            .expect("an address");
        page.until("the server listens", || {
            TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()
        });
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

/// Opens a page that sends to the server, and has it do things.
fn visit(page: &Page<'_>, own: &Server, real: &Real) -> Value {
    let tag = r#"<script src="throughline.js" data-collector="TO" data-service="shop-web" data-compress="true"></script>"#;
    own.say("head", &tag.replace("TO", &real.receiver));
    page.session.go(&format!("{}/strict.html", own.origin));
    page.session.js_async(VISIT, &[])
}

/// Whether the server lets pages of an origin send, and for how long they need not ask again.
fn permission(real: &Real, origin: &str) -> (String, String) {
    let request = agent()
        .options(format!("{}/v1/traces", real.receiver))
        .header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let request = request.header(
        "access-control-request-headers",
        "content-encoding,content-type",
    );
    let answer = request.call().expect("an answer");
    let header = |name: &str| {
        let value = answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    (
        header("access-control-allow-origin"),
        header("access-control-max-age"),
    )
}

pub fn jaeger_shows_page_and_back_end_in_one_trace(page: &Page<'_>) {
    page.forgive("");
    let Some(jaeger) = places::given_or_skip("THROUGHLINE_JAEGER", "Jaeger") else {
        return;
    };
    let own = Server::start();
    let real = Real::start(&jaeger, JAEGER, &own.origin);
    real.wait(page);
    assert_eq!(
        permission(&real, &own.origin),
        (own.origin.clone(), "7200".to_owned())
    );
    assert_eq!(permission(&real, "http://elsewhere.example").0, "");

    // No logs: it has no place for them.
    let stats = visit(page, &own, &real);
    let lost = &stats["dropped"];
    for reason in ["queue", "size", "sampled", "limit"] {
        assert_eq!(lost[reason], 0, "{stats}");
    }
    assert_eq!(
        (&stats["queued"], &stats["state"]),
        (&0.into(), &"on".into()),
        "{stats}"
    );
    let exported = stats["exported"].as_u64().unwrap_or_default();
    assert!(exported > 3, "{stats}");
    // The one log record: everything else was taken.
    assert_eq!(lost["rejected"], 1, "{stats}");

    // The server's part of the trace, as any instrumented server would send it.
    let asked = own.asked();
    let this = asked
        .iter()
        .find(|asked| asked.line == "GET /echo?this")
        .expect("the request");
    let header = this.header("traceparent")[0].to_owned();
    let (trace, parent) = (&header[3..35], &header[36..52]);
    let at = this.at.as_nanos();
    let span = json!({"traceId": trace, "spanId": "00f067aa0ba902b7", "parentSpanId": parent, "name": "GET /echo", "kind": 2,
        "startTimeUnixNano": at.to_string(), "endTimeUnixNano": (at + 10_000).to_string()});
    let service = json!({"key": "service.name", "value": {"stringValue": "shop-server"}});
    let body = json!({"resourceSpans": [{"resource": {"attributes": [service]}, "scopeSpans": [{"spans": [span]}]}]});
    let sent = agent()
        .post(format!("{}/v1/traces", real.receiver))
        .send_json(body)
        .expect("an answer");
    assert_eq!(sent.status(), 200);

    let url = format!("{}/api/traces/{trace}", real.query);
    let found = page.until("Jaeger has both spans", || {
        let mut answer = agent().get(&url).call().ok()?;
        let found: Value = answer.body_mut().read_json().ok()?;
        let spans = found["data"][0]["spans"].as_array()?;
        (spans.len() >= 3).then(|| found["data"][0].clone())
    });
    let spans = found["spans"].as_array().expect("spans");
    let seen = |id: &str| {
        spans
            .iter()
            .find(|span| span["spanID"] == id)
            .unwrap_or_else(|| panic!("{id}: {found:#}"))
    };
    let service = |span: &Value| {
        found["processes"][span["processID"].as_str().unwrap_or_default()]["serviceName"].clone()
    };
    let above = |span: &Value| {
        span["references"][0]["spanID"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let server = seen("00f067aa0ba902b7");
    let request = seen(&above(server));
    let step = seen(&above(request));
    for (span, name, from) in [
        (server, "GET /echo", "shop-server"),
        (request, "GET /echo", "shop-web"),
        (step, "check out", "shop-web"),
    ] {
        assert_eq!(
            (&span["operationName"], service(span)),
            (&name.into(), from.into()),
            "{found:#}"
        );
    }
    // All traces of the visit: what the page says it has sent is there.
    let url = format!("{}/api/traces?service=shop-web&limit=1000", real.query);
    let count = |found: &Value| {
        let traces = found["data"].as_array().into_iter().flatten();
        let spans = traces.flat_map(|trace| trace["spans"].as_array().into_iter().flatten());
        spans
            .filter(|span| span["spanID"] != "00f067aa0ba902b7")
            .count() as u64
    };
    let mut last = 0;
    page.until("Jaeger has all spans", || {
        let found: Value = agent().get(&url).call().ok()?.body_mut().read_json().ok()?;
        last = count(&found);
        (last == exported).then_some(())
    });
}

pub fn a_collector_takes_spans_and_logs(page: &Page<'_>) {
    page.forgive("");
    let Some(collector) =
        places::given_or_skip("THROUGHLINE_COLLECTOR", "an OpenTelemetry Collector")
    else {
        return;
    };
    let own = Server::start();
    let real = Real::start(&collector, COLLECTOR, &own.origin);
    real.wait(page);
    let stats = visit(page, &own, &real);
    assert_eq!(
        (&stats["dropped"]["rejected"], &stats["logs"]),
        (&0.into(), &1.into()),
        "{stats}"
    );
    let log = page.until("the collector has all", || {
        let log = real.log();
        (log.contains("out of stock") && log.contains("check out")).then_some(log)
    });
    for part in [
        "exception.type: Str(RangeError)",
        "exception.message: Str(out of stock)",
        "shop.items: Int(3)",
        "SeverityNumber: Error(17)",
        "service.name: Str(shop-web)",
        "Name           : POST /status/{id}",
        "http.response.status_code: Int(503)",
        "url.full: Str(",
    ] {
        assert!(log.contains(part), "{part} is not in {log}");
    }
}
