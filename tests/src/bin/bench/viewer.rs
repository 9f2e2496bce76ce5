//! What a person waits for in a trace of any size: the first row, scrolling, find, collapse, the graph; what it takes of
//! memory, and for how long the page is blocked.
//!
//! **Invariant:** times come from the page's own clock and User Timing; what the browser does alone is measured in the same
//! run, in turns.

mod commands;
mod frames;
mod load;

use serde_json::Value;
use throughline_tests::browser::Page;

use crate::{
    FILE, Rig,
    table::{Goal, Table},
};

/// What a trace of this size should keep to; nothing for sizes that nobody asked about.
struct Goals {
    /// First row, milliseconds.
    first_row: Goal,
    /// Memory of the renderer, MiB.
    memory: Goal,
    /// Whether what holds for a million spans is asked.
    whole: bool,
}

impl Goals {
    fn of(spans: usize) -> Self {
        let (first_row, memory) = match spans {
            10_000 => (Goal::AtMost(300.0), Goal::None),
            100_000 => (Goal::AtMost(900.0), Goal::AtMost(200.0)),
            500_000 => (Goal::AtMost(3_200.0), Goal::None),
            1_000_000 => (Goal::AtMost(6_000.0), Goal::AtMost(900.0)),
            _ => (Goal::None, Goal::None),
        };
        Self {
            first_row,
            memory,
            whole: spans <= 1_000_000,
        }
    }

    /// A goal that a million spans, and so any fewer, have to keep.
    fn most(&self, most: f64) -> Goal {
        if self.whole {
            Goal::AtMost(most)
        } else {
            Goal::None
        }
    }
}

pub fn measure(rig: &Rig, table: &mut Table) {
    let goals = Goals::of(rig.spans);
    load::measure(rig, &goals, table);
    frames::measure(rig, &goals, table);
    commands::measure(rig, &goals, table);
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

/// Lets go by what loading left to be tidied up.
fn settle(page: &Page<'_>) {
    let wait = "await new Promise((resolve) => setTimeout(resolve, 2500))";
    page.session.js_async(wait, &[]);
}

/// The longest task of the page since its time `since`, milliseconds; 0 when none was longer than 50.
fn longest_task(page: &Page<'_>, since: f64) -> f64 {
    let script = "return await new Promise((resolve) => {
        const found = [];
        const take = (list) => { for (const task of list.getEntries()) if (task.startTime + task.duration > args[0]) found.push(task.duration); };
        const observer = new PerformanceObserver(take);
        observer.observe({ type: 'longtask', buffered: true });
        setTimeout(() => { take({ getEntries: () => observer.takeRecords() }); observer.disconnect(); resolve(Math.max(0, ...found)); }, 200);
    })";
    number(&page.session.js_async(script, &[serde_json::json!(since)]))
}

/// The page's time.
fn now(page: &Page<'_>) -> f64 {
    number(&page.js("return performance.now()"))
}
