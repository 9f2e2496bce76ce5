//! The trace list, the graph, and the address: views of one dataset.

use throughline_model::store::TraceStore;
use throughline_tests::{
    browser::{Key, Page},
    in_browsers, read,
    synth::{self, Options},
};

use crate::made;

in_browsers! {
    the_list_has_all_traces, the_list_is_ordered_by_its_columns, the_list_is_filtered, a_trace_is_opened_by_pointer_and_by_key,
    the_graph_leads_to_spans, the_graph_names_its_services, an_address_says_what_to_show, unknown_addresses_do_no_harm,
}

/// Traces of many sizes in one file, one JSON value a line.
fn several() -> (Vec<u8>, TraceStore) {
    let lines = (1..=30).map(|at| {
        let options = Options {
            spans: at * 3,
            services: 2 + at % 5,
            levels: 4,
            seed: at as u64,
        };
        String::from_utf8(synth::otlp_json(options)).unwrap()
    });
    let bytes = lines.collect::<Vec<_>>().join("\n").into_bytes();
    let store = read::read(&bytes).0;
    assert_eq!(store.trace_count(), 30);
    (bytes, store)
}

fn open(page: &Page<'_>) -> TraceStore {
    let (bytes, store) = several();
    let state = page.open_bytes("several.jsonl", &bytes);
    assert_eq!(
        (&state["view"], &state["dataset"]["traces"]),
        (&"list".into(), &30.into())
    );
    page.until("there are rows", || (!cells(page).is_empty()).then_some(()));
    store
}

/// The cells of the rows that are in the page, from top to bottom.
fn cells(page: &Page<'_>) -> Vec<Vec<String>> {
    let found = page.js(
        "return [...document.querySelectorAll('[role=grid] [role=row]')].filter((row) => row.querySelector('[role=gridcell]'))
            .sort((a, b) => a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex'))
            .map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.innerText.trim()))",
    );
    serde_json::from_value(found).unwrap()
}

fn spans_column(page: &Page<'_>) -> Vec<u64> {
    cells(page)
        .iter()
        .map(|row| row[4].parse().unwrap())
        .collect()
}

fn the_list_has_all_traces(page: &Page<'_>) {
    let store = open(page);
    let count =
        page.js("return document.querySelector('[role=grid]').getAttribute('aria-rowcount')");
    assert_eq!(count, "31", "30 traces and the head");
    let mut sizes: Vec<u64> = (0..30)
        .map(|at| store.trace(at).span_count() as u64)
        .collect();
    sizes.sort_unstable();
    for row in cells(page) {
        assert!(
            row[0].contains("gateway") && row[0].contains(synth::ROOT),
            "{row:?}"
        );
        assert!(sizes.contains(&row[4].parse().unwrap()), "{row:?}");
    }
    // The last one, too, comes into the page when it is asked for.
    page.click("[role=grid] [role=columnheader]:nth-of-type(5) button");
    page.js("document.querySelector('[role=grid]').focus()");
    page.key(Key::End);
    page.until("the last row is there", || {
        cells(page).last().filter(|row| row[4] == "3").map(drop)
    });
}

fn the_list_is_ordered_by_its_columns(page: &Page<'_>) {
    let store = open(page);
    let header = |at: usize| format!("[role=grid] [role=columnheader]:nth-of-type({at}) button");
    let sort = |at: usize| {
        page.js(&format!("return document.querySelector('[role=grid] [role=columnheader]:nth-of-type({at})').getAttribute('aria-sort')"))
    };
    page.click(&header(5));
    page.until("the largest is first", || {
        (spans_column(page).first() == Some(&90)).then_some(())
    });
    assert_eq!(sort(5), "descending");
    assert!(spans_column(page).is_sorted_by(|a, b| a >= b));
    page.click(&header(5));
    page.until("the smallest is first", || {
        (spans_column(page).first() == Some(&3)).then_some(())
    });
    assert_eq!((sort(5), sort(4)), ("ascending".into(), "none".into()));
    page.click(&header(4));
    // Of this generator the largest is the longest.
    page.until("the longest is first", || {
        (spans_column(page).first() == Some(&90)).then_some(())
    });
    page.click(&header(6));
    let most = (0..30)
        .map(|at| store.trace(at).error_count())
        .max()
        .unwrap();
    page.until("most errors are first", || {
        cells(page)[0][5]
            .starts_with(&most.to_string())
            .then_some(())
    });
}

fn the_list_is_filtered(page: &Page<'_>) {
    let store = open(page);
    // A service that the smaller traces do not call.
    let service = synth::service(5);
    let known = |at: u32| {
        let trace = store.trace(at);
        trace
            .spans()
            .any(|span| store.span(span).service_name() == service)
    };
    let expected = (0..30).filter(|at| known(*at)).count();
    assert!((1..30).contains(&expected), "{expected}");
    let filter = page.find("input[aria-label='Filter traces']");
    filter.type_text(service);
    page.until("only these are left", || {
        page.words()
            .contains(&format!("{expected} of 30 traces"))
            .then_some(())
    });
    let id = store.trace(7).id().to_string();
    page.js("document.querySelector('input[aria-label=\"Filter traces\"]').select()");
    filter.type_text(&id);
    page.until("only one is left", || {
        (cells(page).len() == 1).then_some(())
    });
    page.js("document.querySelector('input[aria-label=\"Filter traces\"]').select()");
    filter.type_text("no such trace");
    page.press("Clear the filter");
    page.until("all are back", || {
        page.words().contains("30 traces").then_some(())
    });
}

fn a_trace_is_opened_by_pointer_and_by_key(page: &Page<'_>) {
    let store = open(page);
    page.click("[role=grid] [role=columnheader]:nth-of-type(5) button");
    page.until("the largest is first", || {
        (spans_column(page).first() == Some(&90)).then_some(())
    });
    let largest = store
        .trace(
            (0..30)
                .max_by_key(|at| store.trace(*at).span_count())
                .unwrap(),
        )
        .id()
        .to_string();
    page.click("[role=grid] [role=row][aria-rowindex='2']");
    page.wait_for("the largest is open", |state| {
        state["trace"] == largest.as_str() && state["rows"] == 90
    });
    page.press("Traces");
    page.wait_for("the list shows", |state| {
        state["view"] == "list" && state["trace"].is_null()
    });
    page.js("document.querySelector('[role=grid]').focus()");
    page.key(Key::Home);
    page.key(Key::Down);
    page.key(Key::Enter);
    page.wait_for("the second largest is open", |state| state["rows"] == 87);
    page.keys("1");
    page.wait_for("the list shows again", |state| state["view"] == "list");
}

fn the_graph_leads_to_spans(page: &Page<'_>) {
    made::open(page);
    page.press("Graph");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    assert!(
        page.measure("throughline.view.graph")["detail"]["spans"].as_u64() == Some(made::SPANS)
    );
    // By keys: to a service, to its spans, into the waterfall.
    page.js("document.querySelector('canvas[role=img]').focus()");
    page.key(Key::Right);
    page.until("a service is selected", || {
        page.words().contains("longest first").then_some(())
    });
    page.key(Key::Enter);
    page.until("its spans have the focus", || {
        page.focused().starts_with("button:").then_some(())
    });
    let title = page.js("return document.activeElement.title");
    assert_eq!(title, "Show in the waterfall");
    page.key(Key::Enter);
    let state = page.wait_for("its span is selected", |state| {
        state["view"] == "waterfall" && state["selection"].is_string()
    });
    page.until("its row shows", || {
        page.rows().into_iter().find(|row| row.selected)
    });
    page.back();
    page.wait_for("back at the graph", |after| {
        after["view"] == "graph" && after["trace"] == state["trace"]
    });
}

fn the_graph_names_its_services(page: &Page<'_>) {
    made::open(page);
    page.keys("3");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    let store = made::store();
    let label = page.find("canvas[role=img]").label();
    let words = page.until("the tables are there", || {
        Some(page.words()).filter(|words| words.contains("gateway"))
    });
    for at in 0..store.service_count() {
        let name = synth::service(at);
        assert!(words.contains(name), "{name} is not in {words}");
    }
    assert!(label.starts_with("Service graph: "), "{label}");
    let dragged = page.js("const box = document.querySelector('canvas[role=img]').getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]");
    let middle = (
        dragged[0].as_f64().unwrap() as i64,
        dragged[1].as_f64().unwrap() as i64,
    );
    let picture =
        || page.js("return document.querySelector('canvas[role=img]')?.toDataURL() ?? ''");
    let address = || page.js("return location.hash");
    let first = picture();
    page.press("Fit");
    page.until("all shows", || (picture() != first).then_some(()));
    let whole = page.until("the address says so", || {
        Some(address()).filter(|address| address.to_string().contains("graph=at:"))
    });
    let before = picture();
    page.session.wheel(middle.0, middle.1, -300);
    page.until("it is nearer", || (picture() != before).then_some(()));
    page.until("the address says where it is", || {
        (address() != whole).then_some(())
    });
    let nearer = address();
    page.reload();
    page.until("it is near again", || {
        let seen = picture();
        (seen != before && seen != "").then_some(())
    });
    assert_eq!(address(), nearer);
    page.press("Fit");
    page.until("all shows again", || (picture() == before).then_some(()));
}

fn an_address_says_what_to_show(page: &Page<'_>) {
    let (bytes, store) = several();
    page.site.put("several.jsonl", bytes);
    let trace = store.trace(12);
    let span = store.span(trace.spans().nth(4).unwrap());
    let hash = format!(
        "#v=1&url=/files/several.jsonl&trace={}&view=waterfall&span={}&t=100-90000&q=e",
        trace.id(),
        span.id()
    );
    page.open(&hash);
    let state = page.wait_for("all is as the address says", |state| {
        state["selection"] == span.id().to_string()
    });
    assert_eq!(state["trace"], trace.id().to_string());
    assert_eq!(state["query"]["text"], "e");
    assert_eq!(state["range"]["start"], (trace.start().0 + 100).to_string());
    assert_eq!(
        state["range"]["end"],
        (trace.start().0 + 90_000).to_string()
    );
    // A new fragment on the same page, as from a bookmark.
    let other = store.trace(3).id().to_string();
    page.session.js(
        "location.hash = arguments[0]",
        &[format!("v=1&url=/files/several.jsonl&trace={other}").into()],
    );
    page.wait_for("the other trace is open", |state| {
        state["trace"] == other.as_str()
    });
}

fn unknown_addresses_do_no_harm(page: &Page<'_>) {
    let (bytes, _) = several();
    page.site.put("several.jsonl", bytes);
    for hash in [
        "#v=99&url=/files/several.jsonl&trace=zz&span=%zz&t=9-1&q=%00&view=pie",
        "#v=1&url=/files/several.jsonl&trace=ffffffffffffffffffffffffffffffff&span=ffffffffffffffff&t=0-18446744073709551615",
        "#url=/files/several.jsonl&&&===&#&t=-&q",
    ] {
        page.open(hash);
        page.wait_for(&format!("{hash} opens the list"), |state| {
            state["phase"] == "ready" && state["view"] == "list"
        });
    }
}
