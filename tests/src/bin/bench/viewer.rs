//! What a person waits for: the first row, scrolling, find, collapse, the graph.
//!
//! **Invariant:** times come from the page's own clock and User Timing; scrolling is compared with an empty page that
//! is scrolled in the same way, in turns.

use serde_json::{Value, json};
use throughline_tests::{browser::Page, server::Reply};

use crate::{
    FILE, Rig, median, percentile,
    table::{Goal, Table},
};

/// How long each scroll is, seconds, and how fast, CSS pixels a second.
const SCROLL: (u32, u32) = (5, 2_400);

pub fn measure(rig: &Rig, table: &mut Table) {
    first_row(rig, table);
    scroll(rig, table);
    commands(rig, table);
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn open(rig: &Rig) -> Page<'_> {
    let page = rig.page();
    page.open(&format!("?url=/files/{FILE}"));
    page.first_rows();
    page
}

fn first_row(rig: &Rig, table: &mut Table) {
    let (mut fetched, mut dropped, mut server) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rig.runs {
        let page = open(rig);
        let measured = page.measure("throughline.first-row");
        let origin = number(&page.js("return performance.timeOrigin"));
        let painted = origin + number(&measured["start"]) + number(&measured["duration"]);
        // The same machine, the same clock.
        fetched.push(painted - page.site.sent(FILE).unwrap_or(f64::NAN));
        server.push(number(&measured["duration"]));

        let page = rig.page();
        page.open("");
        page.drop_files(&[(FILE, &rig.bytes)], false);
        page.first_rows();
        dropped.push(number(&page.measure("throughline.first-row")["duration"]));
    }
    table.number(
        "first row, after the last byte was sent",
        median(&fetched),
        "ms",
        Goal::AtMost(1_000.0),
    );
    table.number(
        "first row, after a file was dropped",
        median(&dropped),
        "ms",
        Goal::None,
    );
    table.number(
        "first row, after the request",
        median(&server),
        "ms",
        Goal::None,
    );
}

/// Scrolls, and gives the 95th percentile of the times between frames, milliseconds.
fn frames(page: &Page<'_>, x: u32, y: u32) -> f64 {
    page.js(
        "window.frames_ = []; window.recording = true; let last = null;
         const step = (now) => {
             if (last !== null) window.frames_.push(now - last);
             last = now;
             if (window.recording) requestAnimationFrame(step);
         };
         requestAnimationFrame(step);",
    );
    let (seconds, speed) = SCROLL;
    let gesture = json!({
        "x": x, "y": y, "xDistance": 0, "yDistance": -i64::from(seconds * speed), "speed": speed,
        "gestureSourceType": "mouse", "preventFling": true,
    });
    page.session.cdp("Input.synthesizeScrollGesture", &gesture);
    let found = page.js("window.recording = false; return window.frames_");
    let frames: Vec<f64> = found.as_array().into_iter().flatten().map(number).collect();
    percentile(&frames, 0.95)
}

fn scroll(rig: &Rig, table: &mut Table) {
    let (mut ours, mut empty) = (Vec::new(), Vec::new());
    let mut moved = 0;
    for _ in 0..rig.runs.div_ceil(2) {
        let page = rig.page();
        let html = "<!doctype html><title>empty</title><body style=\"height: 200000px; margin: 0\"></body>";
        let url = page
            .site
            .put("empty.html", Reply::from(html).typed("text/html"));
        page.session.go(&url);
        empty.push(frames(&page, 300, 500));

        let page = open(rig);
        // What loading left to be tidied up is not scrolling.
        page.session.js_async(
            "await new Promise((resolve) => setTimeout(resolve, 1500))",
            &[],
        );
        ours.push(frames(&page, 300, 500));
        moved = page.rows().first().map_or(0, |row| row.row);
    }
    assert!(moved > 100, "nothing was scrolled: row {moved} is on top");
    table.against(
        "scroll, 95th percentile of frames",
        median(&ours),
        "ms",
        median(&empty),
        "empty page",
        Goal::AtMost(1.2),
    );
}

/// From a key to the end of the frame that shows what it did, milliseconds.
const PRESS: &str = "await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: args[0], bubbles: true, cancelable: true }));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begin";

fn commands(rig: &Rig, table: &mut Table) {
    let (mut find, mut collapse, mut expand, mut graph) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut matches = 0;
    for _ in 0..rig.runs {
        let page = open(rig);
        let press = |key: &str| number(&rig.session.js_async(PRESS, &[json!(key)]));
        collapse.push(press("]"));
        page.wait_for("all is collapsed", |state| state["rows"] == 1);
        expand.push(press("["));
        page.wait_for("all is open", |state| state["rows"] == rig.spans);
        for word in ["SELECT", "price", "10.1", "status_code=4"] {
            page.js("document.getElementById('find').value = ''");
            rig.session.js(
                "const field = document.getElementById('find'); field.value = arguments[0];
                 field.dispatchEvent(new Event('input', { bubbles: true }))",
                &[json!(word)],
            );
            let state = page.wait_for("the query ran", |state| state["query"]["text"] == word);
            matches = matches.max(state["query"]["matches"].as_u64().unwrap_or(0));
            find.push(number(&page.measure("throughline.find")["duration"]));
        }
        page.js("document.activeElement.blur()");
        page.keys("3");
        graph.push(number(&page.measure("throughline.view.graph")["duration"]));
    }
    table.number(
        &format!("find, up to {matches} matches"),
        median(&find),
        "ms",
        Goal::None,
    );
    table.number(
        "collapse all, to the frame",
        median(&collapse),
        "ms",
        Goal::None,
    );
    table.number(
        "expand all, to the frame",
        median(&expand),
        "ms",
        Goal::None,
    );
    table.number("graph, first paint", median(&graph), "ms", Goal::None);
}
