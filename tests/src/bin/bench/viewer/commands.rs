//! Commands: from a key or a press to the frame that shows what it did, and the longest task meanwhile.
//!
//! **Invariant:** each is asked for as a person would, and done when `window.throughline` says so.

use serde_json::json;
use throughline_tests::browser::{Key, Page};

use super::{Goals, longest_task, now, number, open, settle};
use crate::{Rig, median, table::Table};

/// From a key to the frame after the state is as wanted, milliseconds.
const PRESS: &str = "const wanted = new Function('s', 'return ' + args[1]);
    const begin = performance.now();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: args[0], shiftKey: args[2], bubbles: true, cancelable: true }));
    while (!wanted(window.throughline.state()) && performance.now() < begin + 60000) await new Promise(requestAnimationFrame);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begin";

/// From a press on the head of a table's column to the frame after it is ordered, milliseconds.
const SORT: &str = "const heads = [...document.querySelectorAll('[role=columnheader]')];
    const head = heads.find((head) => head.textContent.toLowerCase().startsWith('duration'));
    const before = head.getAttribute('aria-sort');
    const begin = performance.now();
    head.querySelector('button').click();
    while (head.isConnected && head.getAttribute('aria-sort') === before && performance.now() < begin + 60000) await new Promise(requestAnimationFrame);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begin";

/// Words as they are typed, and queries about relatives.
const TEXT: &str = "select ord";
const STRUCTURE: [&str; 4] = [
    "parent.status = error",
    "child.service = payments",
    "ancestor.name =~ \"checkout\"",
    "root AND descendant.status = error",
];

/// Times of one command over all runs, and of the longest task in them.
#[derive(Default)]
struct Times {
    all: Vec<f64>,
    blocked: Vec<f64>,
}

pub(super) fn measure(rig: &Rig, goals: &Goals, table: &mut Table) {
    let mut rows: Vec<(&str, f64, Times)> = [
        ("collapse all", 50.0),
        ("expand all", 50.0),
        ("group repeated siblings", 200.0),
        ("critical path", 300.0),
        ("dependency graph, by service", 300.0),
        ("dependency graph, by service and name", 300.0),
        ("sort the table", 200.0),
        ("find, each key, slowest", 50.0),
        ("find, structure, slowest", 150.0),
    ]
    .into_iter()
    .map(|(name, most)| (name, most, Times::default()))
    .collect();
    for _ in 0..rig.runs {
        let page = open(rig);
        // The later part of the program is here from now on.
        page.keys("?");
        page.find("dialog");
        page.key(Key::Escape);
        settle(&page);
        let mut timed = |at: usize, work: &dyn Fn() -> f64| {
            let since = now(&page);
            let time = work();
            let times: &mut Times = &mut rows[at].2;
            times.all.push(time);
            times.blocked.push(longest_task(&page, since));
        };
        let press = |key: &str, shift: bool, wanted: &str| {
            number(
                &rig.session
                    .js_async(PRESS, &[json!(key), json!(wanted), json!(shift)]),
            )
        };
        timed(0, &|| press("]", false, "s.rows === 1"));
        timed(1, &|| {
            press("[", false, &format!("s.rows === {}", rig.spans))
        });
        timed(2, &|| press("g", false, "s.shape.repeats"));
        press("g", false, "!s.shape.repeats");
        timed(3, &|| press("C", true, "s.critical_path"));
        press("C", true, "!s.critical_path");
        timed(4, &|| view(&page, "3", "graph"));
        timed(5, &|| by_name(&page));
        timed(6, &|| {
            view(&page, "4", "table");
            number(&rig.session.js_async(SORT, &[]))
        });
        view(&page, "2", "waterfall");
        let typed: Vec<String> = (1..=TEXT.len()).map(|end| TEXT[..end].to_owned()).collect();
        timed(7, &|| slowest(&page, &typed));
        let structure: Vec<String> = STRUCTURE.iter().map(|&text| text.to_owned()).collect();
        timed(8, &|| slowest(&page, &structure));
    }
    for (name, most, times) in &rows {
        table.number(name, median(&times.all), "ms", goals.most(*most));
        table.number(
            "  longest task",
            median(&times.blocked),
            "ms",
            goals.most(50.0),
        );
    }
}

/// Switches to a view by its key; how long until its first paint, milliseconds.
fn view(page: &Page<'_>, key: &str, name: &str) -> f64 {
    page.js("document.activeElement.blur()");
    page.keys(key);
    page.wait_for("the view shows", |state| state["view"] == name);
    number(&page.measure(&format!("throughline.view.{name}"))["duration"])
}

/// From the choice to the frame that shows it, milliseconds.
fn by_name(page: &Page<'_>) -> f64 {
    let script = "const field = document.querySelector('label select');
        const begin = performance.now();
        field.value = '1';
        field.dispatchEvent(new Event('change', { bubbles: true }));
        const canvas = document.querySelector('canvas[role=img]');
        while (!canvas.getAttribute('aria-label').includes('span name') && performance.now() < begin + 60000) await new Promise((resolve) => setTimeout(resolve));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        return performance.now() - begin";
    number(&page.session.js_async(script, &[]))
}

/// Puts one query after the other into the field; the longest time until the matches are there, milliseconds.
fn slowest(page: &Page<'_>, queries: &[String]) -> f64 {
    let mut most = 0.0f64;
    for query in queries {
        page.session.js(
            "const field = document.getElementById('find'); field.value = arguments[0];
             field.dispatchEvent(new Event('input', { bubbles: true }))",
            &[json!(query)],
        );
        page.wait_for("the query ran", |state| {
            state["query"]["text"] == query.as_str()
        });
        most = most.max(number(&page.measure("throughline.find")["duration"]));
    }
    page.js(
        "const field = document.getElementById('find'); field.value = '';
             field.dispatchEvent(new Event('input', { bubbles: true })); field.blur()",
    );
    most
}
