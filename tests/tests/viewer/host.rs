//! Where the viewer lives: below any path, in a frame, under its policy; and what it tells hosts.

use serde_json::{Value, json};
use throughline_tests::{
    browser::Page,
    in_browsers, places,
    server::{Reply, Site},
    synth,
};

use crate::made::{self, SPANS};

in_browsers! {
    the_snapshot_has_exactly_its_fields, works_at_the_root_of_a_host, every_address_of_the_site_is_relative, embedded_it_has_no_chrome,
    a_host_page_loads_by_message, a_foreign_page_is_not_heard, foreign_words_are_words,
}

/// Fields and their types: a name for what has no fields of its own.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), shape(value)))
            .collect(),
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(_) => "array".into(),
    }
}

fn the_snapshot_has_exactly_its_fields(page: &Page<'_>) {
    let mut expected = json!({
        "version": "string", "phase": "string", "error": "null", "loading": "null", "dataset": "null", "trace": "null",
        "view": "string", "selection": "null", "query": {"text": "string", "matches": "number", "current": "null", "error": "null", "waiting": "bool", "filter": "bool", "dims": "bool"},
        "shape": {"detail": "number", "repeats": "bool", "pairs": "bool", "least": "string", "short": "number", "focus": "null"},
        "range": "null", "critical_path": "bool", "rows": "number", "theme": "string", "embed": "bool",
    });
    page.open("");
    assert_eq!(shape(&page.state()), expected);
    made::open(page);
    page.keys("/SELECT");
    page.key(throughline_tests::browser::Key::Enter);
    page.wait_for("a match is selected", |state| {
        state["selection"].is_string()
    });
    expected["dataset"] = json!({"name": "string", "traces": "number", "spans": "number", "services": "number", "issues": "number"});
    expected["trace"] = "string".into();
    expected["selection"] = "string".into();
    expected["query"]["current"] = "number".into();
    expected["range"] = json!({"start": "string", "end": "string"});
    let state = page.state();
    assert_eq!(shape(&state), expected);
    assert_eq!(
        state["version"],
        page.js("return window.throughline.version")
    );
    assert_eq!(state["trace"].as_str().map(str::len), Some(32));
    assert_eq!(state["selection"].as_str().map(str::len), Some(16));
    assert_eq!(state["range"]["start"], synth::START.to_string());
    page.open("#url=/files/absent.json");
    page.forgive("Failed to load resource");
    let state = page.wait_for("it fails", |state| state["phase"] == "error");
    assert_eq!(
        shape(&state["error"]),
        json!({"title": "string", "detail": "string", "hint": "string"})
    );
}

fn works_at_the_root_of_a_host(page: &Page<'_>) {
    let site = Site::of(&places::dist(), "/");
    let url = site.put(made::NAME, made::bytes());
    page.session.go(&site.url(&format!("?url={url}")));
    page.wait_for("it is open", |state| state["dataset"]["spans"] == SPANS);
    // Without a slash at the end of the page's own name, too.
    page.session.go(&site.url(&format!("index.html?url={url}")));
    page.wait_for("it is open by the page's name", |state| {
        state["dataset"]["spans"] == SPANS
    });
    assert_eq!(site.violations(), Vec::<String>::new());
}

fn every_address_of_the_site_is_relative(page: &Page<'_>) {
    page.open("?sample");
    page.first_rows();
    page.keys("3");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    let outside: Vec<String> = page.site.asked();
    let outside: Vec<_> = outside
        .iter()
        .filter(|path| !path.starts_with("/deep/below/") && *path != "/favicon.ico")
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
    let elsewhere = page.js("return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => !name.startsWith(location.origin) && !name.startsWith('data:'))");
    assert_eq!(elsewhere, json!([]), "nothing comes from elsewhere");
}

fn embedded_it_has_no_chrome(page: &Page<'_>) {
    page.site.put(made::NAME, made::bytes());
    page.open(&format!("?url=/files/{}&embed=1", made::NAME));
    page.first_rows();
    assert_eq!(page.state()["embed"], true);
    for chrome in ["header", "footer", "#find"] {
        assert!(!page.has(chrome), "{chrome} is there");
    }
    assert!(page.has("[role=treegrid]"));
}

/// A page of another origin with the viewer in a frame, which collects what the viewer says.
fn embedded(page: &Page<'_>, host: &Site, allowed: &str) {
    let viewer = page.site.url(&format!("?embed=1&origin={allowed}"));
    page.session
        .go(&host.page("embed-host.html", &[("viewer", &viewer)]));
}

fn heard(page: &Page<'_>, kind: &str) -> Value {
    page.until(&format!("the viewer says “{kind}”"), || {
        let said = page.js("return window.heard");
        said.as_array()?
            .iter()
            .rev()
            .find(|message| message["type"] == kind)
            .cloned()
    })
}

fn a_host_page_loads_by_message(page: &Page<'_>) {
    let host = Site::elsewhere();
    embedded(page, &host, &host.origin());
    assert_eq!(heard(page, "ready")["throughline"], 1);
    // Bytes, then text, then an address.
    let bytes = host.put("bytes.json", made::bytes());
    page.session.js_async(
        "const data = await (await fetch(args[0])).arrayBuffer(); send({ throughline: 1, type: 'load', data, name: 'From the host' })",
        &[bytes.into()],
    );
    let loaded = heard(page, "loaded");
    assert_eq!(
        (&loaded["traces"], &loaded["spans"]),
        (&1.into(), &SPANS.into())
    );
    let text = throughline_tests::forge::jaeger().to_string();
    let spans = throughline_tests::read::read(text.as_bytes())
        .0
        .span_count() as u64;
    page.session.js(
        "send({ throughline: 1, type: 'load', data: arguments[0] })",
        &[text.into()],
    );
    page.until("the text is loaded", || {
        (heard(page, "loaded")["spans"] == spans).then_some(())
    });
    let open = host.put("open.json", Reply::from(made::bytes()).for_all());
    page.session.js(
        "send({ throughline: 1, type: 'load', url: arguments[0] })",
        &[open.into()],
    );
    page.until("the address is loaded", || {
        (heard(page, "loaded")["spans"] == SPANS).then_some(())
    });
    page.session.js(
        "send({ throughline: 1, type: 'load', data: 'no trace' })",
        &[],
    );
    let error = heard(page, "error");
    assert!(
        error["title"]
            .as_str()
            .is_some_and(|title| !title.is_empty()),
        "{error}"
    );
}

fn a_foreign_page_is_not_heard(page: &Page<'_>) {
    let (friend, foreign) = (Site::elsewhere(), Site::elsewhere());
    embedded(page, &foreign, &friend.origin());
    // The browser itself says that the viewer's greeting is for another origin.
    page.forgive("Failed to execute 'postMessage'");
    let url = foreign.put("evil.json", Reply::from(made::bytes()).for_all());
    page.session.js_async(
        "await new Promise((resolve) => { const frame = document.querySelector('iframe'); frame.dataset.loaded ? resolve() : frame.addEventListener('load', resolve) });
         send({ throughline: 1, type: 'load', url: args[0] });
         send({ throughline: 1, type: 'load', data: '{\"resourceSpans\":[]}' });",
        &[url.into()],
    );
    // What the viewer answers to its own origin's messages has passed all earlier ones: so wait for it to run and be idle.
    let frame = page.find("iframe");
    page.session.post("/frame", &json!({"id": frame.as_arg()}));
    page.until("the viewer runs", || {
        (page.js("return typeof window.throughline?.state === 'function'") == true).then_some(())
    });
    page.session.post("/frame/parent", &json!({}));
    page.session.js(
        "send({ throughline: 1, type: 'load', url: arguments[0] })",
        &[foreign.put("late.json", made::bytes()).into()],
    );
    page.session.post("/frame", &json!({"id": frame.as_arg()}));
    page.session.js_async(
        "for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 10))",
        &[],
    );
    let state = page.state();
    page.session.post("/frame/parent", &json!({}));
    assert_eq!(
        (&state["phase"], &state["dataset"], &state["error"]),
        (&"idle".into(), &Value::Null, &Value::Null)
    );
    assert_eq!(
        page.js("return window.heard"),
        json!([]),
        "nothing was said to a foreign page"
    );
    assert!(
        !foreign
            .asked()
            .iter()
            .any(|path| path.ends_with("evil.json") || path.ends_with("late.json"))
    );
}

/// Strings that do harm where text is taken for something else.
const HOSTILE: [&str; 6] = [
    "<img src=x onerror=window.harmed=1>",
    "</script><script>window.harmed=2</script>",
    "javascript:window.harmed=3",
    "\u{202e}gnp.exe \u{2066}evil\u{2069}",
    "\" onmouseover=window.harmed=4 x=\"",
    "{{constructor.constructor('window.harmed=5')()}}",
];

fn foreign_words_are_words(page: &Page<'_>) {
    let spans: Vec<Value> = HOSTILE
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let attributes = json!([
                {"key": text, "value": {"stringValue": text}}, {"key": "url.full", "value": {"stringValue": "javascript:window.harmed=6"}},
                {"key": "list", "value": {"arrayValue": {"values": [{"stringValue": text}]}}},
            ]);
            json!({
                "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": format!("{:016x}", at + 1),
                "parentSpanId": if at == 0 { String::new() } else { format!("{:016x}", 1) },
                "name": text, "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000000001000000",
                "attributes": attributes, "status": {"code": 2, "message": text},
                "events": [{"timeUnixNano": "1700000000000000500", "name": text, "attributes": attributes}],
                "links": [{"traceId": "0af7651916cd43dd8448eb211c80319d", "spanId": "00000000000000aa", "attributes": attributes}],
            })
        })
        .collect();
    let trace = json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": HOSTILE[0]}}]},
        "scopeSpans": [{"scope": {"name": HOSTILE[1], "version": HOSTILE[2]}, "spans": spans}],
    }]});
    page.open("");
    page.drop_files(
        &[(
            "<img src=x onerror=window.harmed=7>.json",
            trace.to_string().as_bytes(),
        )],
        false,
    );
    let rows = page.first_rows();
    assert_eq!(rows.len(), HOSTILE.len());
    for (row, text) in rows.iter().zip(HOSTILE) {
        // Characters that turn the text around are shown for what they are.
        assert!(
            row.cells[0].contains(text)
                || text.contains('\u{202e}') && !row.cells[0].contains('\u{202e}'),
            "{row:?}"
        );
    }
    for (at, row) in rows.iter().enumerate() {
        page.click(&format!("#{}", row.id));
        page.wait_for("it is selected", |state| {
            state["selection"] == format!("{:016x}", at + 1)
        });
        for tab in ["attributes", "events", "links", "resource"] {
            page.click(&format!("#details-tab-{tab}"));
        }
    }
    // In quotes: without them it would be a comparison with nothing on its left.
    page.keys("/\"<img\"");
    page.wait_for("it is found as text", |state| {
        state["query"]["matches"].as_u64() > Some(0)
    });
    page.js("document.activeElement.blur()");
    page.keys("3");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    let found = page.js(
        "return {
            harmed: window.harmed ?? null,
            images: document.querySelectorAll('img').length,
            scripts: [...document.querySelectorAll('a[href]')].map((a) => a.protocol).filter((protocol) => protocol === 'javascript:').length,
            handlers: document.querySelectorAll('[onerror], [onmouseover], [onclick]').length,
        }",
    );
    assert_eq!(
        found,
        json!({"harmed": null, "images": 0, "scripts": 0, "handlers": 0})
    );
}
