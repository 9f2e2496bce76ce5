//! What is printed: all rows of the view in a page of its own, whatever the screen has of them.

use serde_json::json;
use throughline_tests::{
    browser::{Key, Page},
    in_browsers, in_chromium,
    synth::{self, Options},
};

use crate::made::{self, SPANS};

in_browsers! { paper_has_every_row }
in_chromium! { paper_is_bounded, paper_fits_its_width, the_graph_is_printed }

/// Notes what the page has while it is printed.
const NOTE: &str = "window.noted = []; addEventListener('beforeprint', () => {
    const sheet = document.querySelector('body > article');
    window.noted.push(sheet && { rows: sheet.querySelectorAll('tbody tr').length, words: sheet.textContent,
        pictures: sheet.querySelectorAll('tbody svg').length, canvases: sheet.querySelectorAll('canvas').length });
});";

/// What the page had while it was printed, and how many pages that took.
#[track_caller]
fn print(page: &Page<'_>) -> (serde_json::Value, usize) {
    page.js(NOTE);
    let options =
        json!({"background": true, "shrinkToFit": false, "page": {"width": 21.0, "height": 29.7}});
    let answer = page.session.post("/print", &options);
    let pdf = decoded(answer.as_str().unwrap_or_default());
    assert!(pdf.starts_with(b"%PDF"));
    page.until("the page for the printer is gone", || {
        (!page.has("body > article")).then_some(())
    });
    let pages = pdf
        .windows(12)
        .filter(|at| at.starts_with(b"/Type /Page\n"))
        .count();
    (page.js("return window.noted[0]"), pages)
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(text).unwrap_or_default()
}

fn paper_has_every_row(page: &Page<'_>) {
    made::open(page);
    let (noted, _) = print(page);
    assert_eq!(
        (&noted["rows"], &noted["pictures"]),
        (&json!(SPANS), &json!(SPANS))
    );
    let words = noted["words"].as_str().unwrap_or_default();
    for part in [synth::ROOT, "400 spans", "8 services", "start "] {
        assert!(words.contains(part), "{part} is not in {:.200}", words);
    }
    page.keys("4");
    page.wait_for("the table shows", |state| state["view"] == "table");
    let (noted, _) = print(page);
    assert_eq!(noted["rows"], json!(SPANS));
}

fn paper_is_bounded(page: &Page<'_>) {
    let bytes = synth::otlp_json(Options {
        spans: 700,
        ..Options::default()
    });
    page.open_bytes("larger.json", &bytes);
    page.first_rows();
    let (noted, pages) = print(page);
    assert_eq!(noted["rows"], 500);
    let words = noted["words"].as_str().unwrap_or_default();
    assert!(words.contains("… and 200 more rows: not printed"));
    assert!((8..=16).contains(&pages), "{pages} pages");
}

fn paper_fits_its_width(page: &Page<'_>) {
    made::open(page);
    page.key(Key::Down);
    let media = |media: &str| {
        page.session
            .cdp("Emulation.setEmulatedMedia", &json!({"media": media}))
    };
    media("print");
    let fits = page.until("the page is laid out for the printer", || {
        let seen = page.js(
            "const sheet = document.querySelector('body > article'); const boxes = sheet?.querySelectorAll('svg, table, h1');
             const shown = [...document.body.children].filter((it) => it.getClientRects().length > 0).length;
             return boxes && [shown, [...boxes].every((it) => it.getBoundingClientRect().right <= innerWidth), sheet.scrollWidth <= innerWidth]",
        );
        (!seen.is_null()).then_some(seen)
    });
    media("");
    // Nothing but the page for the printer shows, and all of it is inside.
    assert_eq!(fits, json!([1, true, true]));
    page.until("the screen's page is back", || {
        (!page.has("body > article")).then_some(())
    });
}

fn the_graph_is_printed(page: &Page<'_>) {
    made::open(page);
    page.keys("3");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    page.until("its tables show", || page.has("aside table").then_some(()));
    let (noted, _) = print(page);
    assert_eq!(noted["canvases"], 1);
    assert!(noted["rows"].as_u64() > Some(0));
}
