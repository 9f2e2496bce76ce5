//! The later part of the program: a first visit does without it, and what needs it brings it without standing still.

use std::time::Duration;

use throughline_tests::{
    browser::{Key, Page},
    in_browsers, places, wrap,
};

use crate::made;

in_browsers! {
    a_first_visit_loads_the_first_part, what_needs_the_later_part_waits_for_it, a_worker_loads_it_itself,
    a_later_part_that_is_gone_is_reported, keys_typed_while_it_loads_count,
}

/// How the page has asked for the later part, one word a request.
fn asked(page: &Page<'_>) -> Vec<String> {
    let asked = page.js(
        "return performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('_later.wasm'))
            .map((entry) => entry.initiatorType)",
    );
    serde_json::from_value(asked).unwrap()
}

/// Whether the site is a dev build, which is one part.
fn is_whole(test: &str) -> bool {
    let files = places::dist_or_skip(test).and_then(|dist| std::fs::read_dir(dist).ok());
    let parts = files.into_iter().flatten().filter_map(Result::ok);
    let whole = !parts
        .into_iter()
        .any(|file| file.file_name().to_string_lossy().ends_with("_later.wasm"));
    if whole {
        places::skip(test, "the site is a dev build, which is not divided");
    }
    whole
}

fn a_first_visit_loads_the_first_part(page: &Page<'_>) {
    if is_whole("a_first_visit_loads_the_first_part") {
        return;
    }
    made::open(page);
    for keys in ["[", "]", "z", "0", "T"] {
        page.keys(keys);
    }
    page.first_rows();
    page.press("Expand all");
    page.press("Compact");
    page.first_rows();
    assert_eq!(asked(page), [""; 0]);
}

/// What a person does first, and how the state says that it was done.
type Act = (&'static str, fn(&Page<'_>), fn(&serde_json::Value) -> bool);

const ACTS: [Act; 4] = [
    (
        "the details of a span",
        |page| {
            page.key(Key::Down);
            page.find("aside[aria-label='Span details'] [role=tab]");
        },
        |state| state["selection"].is_string(),
    ),
    (
        "a query",
        |page| {
            page.keys("/");
            page.keys(made::FIND);
        },
        |state| state["query"]["matches"].as_u64() > Some(0),
    ),
    (
        "the graph",
        |page| page.press("Graph"),
        |state| state["view"] == "graph",
    ),
    ("the keys", |page| page.keys("?"), |_| true),
];

fn what_needs_the_later_part_waits_for_it(page: &Page<'_>) {
    if is_whole("what_needs_the_later_part_waits_for_it") {
        return;
    }
    for (what, act, done) in ACTS {
        made::open(page);
        page.reload();
        page.first_rows();
        assert_eq!(asked(page), [""; 0], "before {what}");
        act(page);
        page.wait_for(what, done);
        // A request that the page stands still for would be an `xmlhttprequest`.
        assert!(
            asked(page).iter().all(|how| how == "fetch"),
            "{what}: {:?}",
            asked(page)
        );
    }
}

fn a_worker_loads_it_itself(page: &Page<'_>) {
    let state = page.open_bytes("trace.json.gz", &wrap::gzip(&made::bytes()).unwrap());
    assert_eq!(state["dataset"]["spans"], made::store().span_count() as u64);
    // What a worker asks for is not the page's.
    assert_eq!(asked(page), [""; 0]);
}

fn a_later_part_that_is_gone_is_reported(page: &Page<'_>) {
    if is_whole("a_later_part_that_is_gone_is_reported") {
        return;
    }
    made::open(page);
    page.forgive("_later.wasm");
    page.site.withdraw(Some("_later.wasm"));
    page.press("Graph");
    page.until("a message", || {
        let words = page.words();
        (words.contains("could not be loaded") && words.contains("404")).then_some(())
    });
    // All that was there goes on.
    page.key(Key::Escape);
    assert_eq!(page.state()["view"], "waterfall");
    page.first_rows();
    page.site.withdraw(None);
    page.press("Graph");
    page.wait_for("it is there the second time", |state| {
        state["view"] == "graph"
    });
}

fn keys_typed_while_it_loads_count(page: &Page<'_>) {
    if is_whole("keys_typed_while_it_loads_count") {
        return;
    }
    made::open(page);
    let late = Duration::from_millis(1_500);
    page.site.hold_back(Some(("_later.wasm", late)));
    page.keys("/");
    for key in made::FIND.chars() {
        page.keys(&key.to_string());
    }
    page.key(Key::Enter);
    page.wait_for("all of them were heard, Enter included", |state| {
        state["query"]["text"] == made::FIND && state["selection"].is_string()
    });
    page.site.hold_back(None);
    assert_eq!(asked(page), ["fetch"]);
}
