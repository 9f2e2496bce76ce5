//! The critical path: switched on and off, kept in the address, walked by keys, said in the details.

use serde_json::{Value, json};
use throughline_model::{analysis::critical_path::CriticalPath, ids::SpanId};
use throughline_tests::{
    browser::{Key, Page},
    in_browsers,
    synth::ROOT,
};

use crate::made;

in_browsers! {
    the_critical_path_is_switched_and_drawn, c_walks_the_critical_path, l_goes_to_the_slowest,
    the_selected_row_stays_above_the_sheet,
}

/// What is drawn on the canvases: only pixels can tell.
fn drawn(page: &Page<'_>) -> Value {
    page.js("return [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())")
}

fn the_critical_path_is_switched_and_drawn(page: &Page<'_>) {
    made::open(page);
    assert_eq!(page.state()["critical_path"], false);
    let address = |page: &Page<'_>| page.js("return location.hash").to_string();
    assert!(!address(page).contains("cp="));
    let before = drawn(page);
    let canvases = before.as_array().unwrap().len();
    assert!(canvases >= 2, "waterfall and minimap");
    page.press("Critical path");
    page.wait_for("it is on", |state| state["critical_path"] == true);
    page.until("waterfall and minimap show it", || {
        let now = drawn(page);
        (0..canvases).all(|at| now[at] != before[at]).then_some(())
    });
    // Not by its look alone: the rows say it, too.
    let root = page.row_named(ROOT);
    assert!(root.cells[1].contains("on the critical path"), "{root:?}");
    page.until("the address has it", || {
        address(page).contains("cp=1").then_some(())
    });
    page.reload();
    page.first_rows();
    assert_eq!(page.state()["critical_path"], true);
    page.keys("C");
    page.wait_for("it is off", |state| state["critical_path"] == false);
    assert!(!page.row_named(ROOT).cells[1].contains("critical"));
}

fn c_walks_the_critical_path(page: &Page<'_>) {
    made::open(page);
    let store = made::store();
    let path = CriticalPath::of_trace(&store, 0);
    let mut span = None;
    for _ in 0..4 {
        span = path.next_span(span);
        let id = SpanId(store.spans().span_id[span.unwrap() as usize]).to_string();
        page.keys("c");
        let state = page.wait_for("the next one is selected", |state| state["selection"] == id);
        assert_eq!(state["critical_path"], true);
    }
    let details = page.find("aside[aria-label='Span details']");
    let time = path.time_of(span.unwrap()).to_string();
    page.until(&format!("the details say {time}"), || {
        let words = details.text();
        words
            .contains(&format!("on the critical path: {time} ("))
            .then_some(())
    });
}

fn l_goes_to_the_slowest(page: &Page<'_>) {
    made::open(page);
    page.keys("l");
    let first = page.wait_for("the slowest is selected", |state| {
        state["selection"].is_string()
    });
    page.keys("l");
    page.wait_for("the next one is selected", |state| {
        state["selection"] != first["selection"]
    });
}

/// On a narrow page the details open over the lower half: the row they are about must not go below them.
fn the_selected_row_stays_above_the_sheet(page: &Page<'_>) {
    let resize = |width: u64, height: u64| {
        page.session
            .post("/window/rect", &json!({"width": width, "height": height}))
    };
    let before = page.session.try_get("/window/rect").unwrap_or_default();
    resize(760, 700);
    made::open(page);
    let last = page.js(
        "const tree = document.querySelector('[role=treegrid]').getBoundingClientRect();
         return [...document.querySelectorAll('[role=treegrid] [role=row]')]
            .filter((row) => !row.hidden && row.getBoundingClientRect().bottom <= tree.bottom).length",
    );
    let last = last.as_u64().unwrap();
    assert!(last > 5, "{last} rows show");
    page.click(&format!("#row-{}", last - 1));
    page.wait_for("it is selected", |state| state["selection"].is_string());
    page.find("aside[aria-label='Span details']");
    let in_view = |page: &Page<'_>| {
        page.js(
            "const row = document.querySelector('[role=row][aria-selected=true]');
             const sheet = document.querySelector(\"aside[aria-label='Span details']\").getBoundingClientRect();
             const tree = document.querySelector('[role=treegrid]').getBoundingClientRect();
             if (!row || row.hidden) return false;
             const box = row.getBoundingClientRect();
             return box.top >= tree.top - 1 && box.bottom <= Math.min(sheet.top, tree.bottom) + 1",
        ) == true
    };
    page.until("the row is in view", || in_view(page).then_some(()));
    for key in [Key::Down, Key::Down, Key::End, Key::Home] {
        page.key(key);
        page.until("the row is in view", || in_view(page).then_some(()));
    }
    resize(
        before["width"].as_u64().unwrap_or(1280),
        before["height"].as_u64().unwrap_or(860),
    );
}
