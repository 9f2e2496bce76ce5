//! The demo as a new user sees it: the shop, a click, the link, and one connected trace from the click to the database.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use serde_json::Value;
use throughline_tests::{
    browser::{PATIENCE, Page},
    in_browsers, places, read,
};

in_browsers! { a_click_becomes_one_trace_from_the_page_to_the_database }

/// The demo on free ports; it ends when its input does.
struct Demo {
    child: Child,
    ready: Value,
}

impl Demo {
    fn start() -> Self {
        let mut command = Command::new(places::needed("THROUGHLINE_SHOP"));
        command.arg("demo").arg("--dist").arg(places::dist());
        command.args([
            "--json",
            "--stop-with-stdin",
            "--port",
            "0",
            "--shop-port",
            "0",
            // One way to check out, always the same.
            "--payment-fail",
            "never",
        ]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        assert_eq!(ready["ready"], true);
        Self { child, ready }
    }

    fn processes(&self) -> Vec<u64> {
        let services = self.ready["pids"].as_object().unwrap().values();
        let all = std::iter::once(&self.ready["pid"]).chain(services);
        all.map(|id| id.as_u64().unwrap()).collect()
    }

    /// Tells it to stop, and sees that nothing of it is left.
    fn stop(mut self) {
        let mut left = self.processes();
        assert!(left.len() > 10, "one process a service: {left:?}");
        drop(self.child.stdin.take());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        let begin = Instant::now();
        while !left.is_empty() && begin.elapsed() < PATIENCE {
            left.retain(|id| runs(*id));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(left, Vec::<u64>::new(), "processes are left");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // After a failure: it ends by itself when its input does.
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

fn runs(id: u64) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("stat"));
    // One that ended and that nobody has asked about yet is no process any more.
    status.is_ok_and(|status| !status.contains(") Z "))
}

fn a_click_becomes_one_trace_from_the_page_to_the_database(page: &Page<'_>) {
    let demo = Demo::start();
    page.session.go(demo.ready["shop"].as_str().unwrap());
    page.press("Check out");
    page.until("the trace has arrived", || {
        page.has("#trace[data-state=ready]").then_some(())
    });
    let trace = page.js("return document.getElementById('trace').dataset.trace");
    let link = page.js("return document.getElementById('trace').href");
    page.click("#trace");
    // The link may open a tab of its own.
    let tabs = page.session.try_get("/window/handles").unwrap_or_default();
    if let Some(tab) = tabs
        .as_array()
        .filter(|tabs| tabs.len() > 2)
        .and_then(|tabs| tabs.last())
    {
        page.session
            .post("/window", &serde_json::json!({"handle": tab}));
    }
    let state = page.wait_for(&format!("{link} shows the trace"), |state| {
        state["phase"] == "ready" && state["trace"] == trace
    });
    assert_eq!(state["dataset"]["traces"], 1);
    let rows = page.first_rows();
    assert!(
        rows[0].cells[0].starts_with("shop-webclick Check out"),
        "{:?}",
        rows[0]
    );
    assert_eq!(
        rows.iter().filter(|row| row.level == 1).count(),
        1,
        "one root: {rows:#?}"
    );

    // The same trace from the collector, read natively.
    let bytes = page.session.js_async(
        "const url = new URLSearchParams(location.hash.slice(1)).get('url'); return await (await fetch(url)).text()",
        &[],
    );
    let (store, imported) = read::read(bytes.as_str().unwrap_or_default().as_bytes());
    assert!(imported.is_ok(), "{imported:?}");
    assert_eq!(store.trace_count(), 1);
    let whole = store.trace(0);
    assert_eq!(whole.orphan_count(), 0);
    assert_eq!(whole.roots().count(), 1, "one connected trace");
    assert_eq!(whole.root().service_name(), "shop-web");
    assert_eq!(whole.root().name(), "click Check out");
    assert_eq!(state["rows"], whole.span_count() as u64);
    assert!(
        whole.span_count() > 20 && whole.service_count() > 8,
        "{} spans",
        whole.span_count()
    );
    let database = whole.spans().find(|span| {
        let attributes = store.span(*span).attributes();
        ["db.system", "db.system.name"]
            .iter()
            .any(|key| attributes.get(key).is_some())
    });
    let database = store.span(database.expect("a span of the database"));
    // From there the way up ends at the click, through several services.
    let mut services = vec![database.service_name().to_owned()];
    let mut at = database.parent();
    while let Some(span) = at {
        let span = store.span(span);
        if services
            .last()
            .is_none_or(|last| last != span.service_name())
        {
            services.push(span.service_name().to_owned());
        }
        at = span.parent();
    }
    assert_eq!(
        services.last().map(String::as_str),
        Some("shop-web"),
        "{services:?}"
    );
    assert!(services.len() >= 3, "{services:?}");

    // The page finds the database, too.
    page.keys("/db.system");
    page.wait_for("the database is found", |state| {
        state["query"]["matches"].as_u64() > Some(0)
    });
    demo.stop();
}
