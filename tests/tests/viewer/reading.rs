//! Reading a waterfall: colours with a legend that finds, measuring, clocks that are off.

use serde_json::{Value, json};
use throughline_tests::{
    browser::{Key, Page},
    in_browsers,
};

use crate::made::{self, SPANS};

in_browsers! {
a_legend_finds_what_it_names, columns_stand_beside_the_names, a_piece_of_time_is_measured, clocks_are_moved_when_asked }

/// What is drawn on the canvases: only pixels can tell.
fn drawn(page: &Page<'_>) -> Value {
    page.js("return [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())")
}

fn address(page: &Page<'_>) -> String {
    page.js("return location.hash").to_string()
}

fn a_legend_finds_what_it_names(page: &Page<'_>) {
    made::open(page);
    let before = drawn(page);
    page.press("Colour ▾");
    page.press("kind");
    page.until("waterfall and minimap are coloured anew", || {
        let now = drawn(page);
        (0..2).all(|at| now[at] != before[at]).then_some(())
    });
    page.key(Key::Escape);
    page.until("the address has it", || {
        address(page).contains("colour=kind").then_some(())
    });
    let legend = page.find("[role=group][aria-label=Colours]").text();
    for kind in ["internal", "client", "server"] {
        assert!(legend.contains(kind), "{legend}");
    }
    page.reload();
    page.first_rows();
    page.click("[role=group][aria-label=Colours] button");
    let state = page.wait_for("the most frequent kind is found", |state| {
        state["query"]["text"]
            .as_str()
            .unwrap_or_default()
            .starts_with("kind = ")
    });
    assert!((1..SPANS).contains(&state["query"]["matches"].as_u64().unwrap()));
    page.press("Colour by service again");
    page.until("the service colours again", || {
        (!address(page).contains("colour=")).then_some(())
    });
}

fn a_piece_of_time_is_measured(page: &Page<'_>) {
    made::open(page);
    page.key(Key::Down);
    page.keys("m");
    page.key(Key::Down);
    page.keys("m");
    page.until("the length is said", || {
        page.words().contains("measured ").then_some(())
    });
    page.key(Key::Escape);
    page.until("it is gone", || {
        (!page.words().contains("measured ")).then_some(())
    });
}

fn columns_stand_beside_the_names(page: &Page<'_>) {
    made::open(page);
    page.press("Columns ▾");
    page.find("input[aria-label='Add a column']")
        .type_text("kind");
    page.press("Add");
    let store = made::store();
    let first = store.span(store.trace(0).root().idx());
    page.until("the first row has its kind", || {
        let rows = page.rows();
        (rows[0].cells.get(2).map(String::as_str) == Some(first.kind().name())).then_some(())
    });
    page.reload();
    page.first_rows();
    page.until("it is kept", || {
        (page.rows()[0].cells.len() == 3).then_some(())
    });
}

/// A call whose server's clock is ten seconds behind.
fn skewed() -> Vec<u8> {
    let side = |service: &str, id: &str, parent: &str, kind: u32, start: u64, end: u64| {
        json!({
            "resource": {"attributes": [
                {"key": "service.name", "value": {"stringValue": service}},
                {"key": "host.name", "value": {"stringValue": format!("{service}-host")}},
            ]},
            "scopeSpans": [{"spans": [{
                "traceId": "5b8efff798038103d269b633813fc60c", "spanId": id, "parentSpanId": parent, "name": "POST /pay", "kind": kind,
                "startTimeUnixNano": (1_700_000_000_000_000_000 + start).to_string(),
                "endTimeUnixNano": (1_700_000_000_000_000_000 + end).to_string(),
            }]}],
        })
    };
    let second = 1_000_000_000;
    let trace = json!({"resourceSpans": [
        side("shop", "0000000000000001", "", 3, 10 * second, 12 * second),
        side("pay", "0000000000000002", "0000000000000001", 2, second / 2, second * 3 / 2),
    ]});
    trace.to_string().into_bytes()
}

fn clocks_are_moved_when_asked(page: &Page<'_>) {
    page.open_bytes("skewed.json", &skewed());
    page.first_rows();
    assert!(!page.words().contains("moved"), "nothing moves by itself");
    let before = drawn(page);
    page.keys("y");
    page.until("the row says so", || {
        let rows = page.rows();
        rows[1].cells[0].contains("moved +10.0 s").then_some(())
    });
    page.until("the bar is elsewhere", || {
        (drawn(page)[1] != before[1]).then_some(())
    });
    page.until("the address has it", || {
        address(page).contains("clock=moved").then_some(())
    });
    page.session.chord(Key::Control, 'k');
    page.keys("clocks apart");
    page.key(Key::Enter);
    let table = page.find("dialog table");
    page.until("the table says why", || {
        let words = table.text();
        (words.contains("pay on pay-host")
            && words.contains("+10.0 s ± 500 ms")
            && words.contains("one call alone says so"))
        .then_some(())
    });
    page.key(Key::Escape);
}
