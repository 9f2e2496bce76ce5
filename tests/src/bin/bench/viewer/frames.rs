//! Frames while the wheel scrolls, zooms and pans, against an empty page that gets the same.
//!
//! **Invariant:** both pages get the same events at the same pace; frames are counted by `requestAnimationFrame`.

use serde_json::{Value, json};
use throughline_tests::{browser::Page, server::Reply};

use super::{Goals, number, open, settle};
use crate::{
    Rig, median, percentile,
    table::{Goal, Table},
};

/// How long each scroll is, seconds, and how fast, CSS pixels a second.
const SCROLL: (u32, u32) = (4, 2_400);
/// How many turns of the wheel a zoom or a pan is.
const TURNS: u32 = 150;

/// What is done.
#[derive(Clone, Copy, Debug)]
enum Gesture {
    Scroll,
    Zoom,
    Pan,
}

const RECORD: &str = "window.frames_ = []; window.recording = true; let last = null;
    const step = (now) => {
        if (last !== null) window.frames_.push(now - last);
        last = now;
        if (window.recording) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);";

/// The times between frames, milliseconds.
fn frames(page: &Page<'_>, gesture: Gesture) -> Vec<f64> {
    let (x, y) = (700, 500);
    page.js(RECORD);
    match gesture {
        Gesture::Scroll => {
            let (seconds, speed) = SCROLL;
            let far = i64::from(seconds * speed);
            let gesture = json!({
                "x": x, "y": y, "xDistance": 0, "yDistance": -far, "speed": speed,
                "gestureSourceType": "mouse", "preventFling": true,
            });
            page.session.cdp("Input.synthesizeScrollGesture", &gesture);
        }
        Gesture::Zoom | Gesture::Pan => {
            let zoom = matches!(gesture, Gesture::Zoom);
            for turn in 0..TURNS {
                // In and out again, to the right and back.
                let far = if turn < TURNS / 2 { -20 } else { 20 };
                let (dx, dy) = if zoom { (0, far) } else { (-far, 0) };
                let event = json!({
                    "type": "mouseWheel", "x": x, "y": y, "deltaX": dx, "deltaY": dy,
                    "modifiers": if zoom { 2 } else { 0 },
                });
                page.session.cdp("Input.dispatchMouseEvent", &event);
            }
        }
    }
    let found = page.js("window.recording = false; return window.frames_");
    found.as_array().into_iter().flatten().map(number).collect()
}

pub(super) fn measure(rig: &Rig, goals: &Goals, table: &mut Table) {
    for gesture in [Gesture::Scroll, Gesture::Zoom, Gesture::Pan] {
        let (mut ours, mut empty, mut rate) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rig.runs.div_ceil(2) {
            let page = rig.page();
            let html = "<!doctype html><title>empty</title><body style=\"height: 200000px; margin: 0\"><script>addEventListener('wheel', (event) => { if (event.ctrlKey || event.deltaX) event.preventDefault(); }, { passive: false })</script></body>";
            let html = Reply::from(html).typed("text/html");
            page.session.go(&page.site.put("empty.html", html));
            empty.push(percentile(&frames(&page, gesture), 0.95));

            let page = open(rig);
            // What loading left to be tidied up is not scrolling.
            settle(&page);
            if matches!(gesture, Gesture::Pan) {
                // The whole trace cannot be moved.
                for _ in 0..3 {
                    page.keys("+");
                }
            }
            let before = looks(&page);
            let times = frames(&page, gesture);
            assert!(
                matches!(gesture, Gesture::Zoom | Gesture::Pan) || looks(&page) != before,
                "{gesture:?} did nothing"
            );
            rate.push(1_000.0 * times.len() as f64 / times.iter().sum::<f64>());
            ours.push(percentile(&times, 0.95));
        }
        let name = format!("{gesture:?}").to_lowercase();
        table.against(
            &format!("{name}, 95th percentile of frames"),
            median(&ours),
            "ms",
            median(&empty),
            "empty page",
            goals.most(1.1),
        );
        table.number("  frames a second", median(&rate), "fps", at_least(goals));
    }
}

fn at_least(goals: &Goals) -> Goal {
    match goals.most(0.0) {
        Goal::None => Goal::None,
        _ => Goal::AtLeast(59.0),
    }
}

/// The range and the row on top.
fn looks(page: &Page<'_>) -> (Value, Option<u64>) {
    let top = page.rows().first().map(|row| row.row);
    (page.state()["range"].clone(), top)
}
