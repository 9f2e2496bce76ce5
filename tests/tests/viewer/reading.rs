//! Reading a waterfall: colours with a legend that finds, measuring, clocks that are off.

use serde_json::{Value, json};
use throughline_tests::{
    browser::{Key, Page},
    in_browsers,
};

use crate::made::{self, SPANS};

in_browsers! {
    a_legend_finds_what_it_names, columns_stand_beside_the_names, a_piece_of_time_is_measured, clocks_are_moved_when_asked,
    spans_above_stay_while_rows_scroll, links_are_arrows, rows_say_what_they_are, a_pinned_attribute_stands_first,
    a_note_stays_with_its_span, notes_do_without_storage,
}

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
    let first = state["query"]["matches"].as_u64().unwrap();
    assert!((1..SPANS).contains(&first));
    // Another value is one more that may be; pressed again it is asked for no longer.
    page.click("[role=group][aria-label=Colours] button:nth-of-type(2)");
    page.wait_for("either of two kinds is found", |state| {
        state["query"]["matches"].as_u64() > Some(first)
    });
    page.click("[role=group][aria-label=Colours] button:nth-of-type(2)");
    page.wait_for("the first kind alone is found", |state| {
        state["query"]["matches"].as_u64() == Some(first)
    });
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

/// The words of the rows that stay at the top.
fn stays(page: &Page<'_>) -> Vec<String> {
    let found = page.js(
        "return [...document.querySelectorAll('[role=treegrid] > [aria-hidden=true] > [title]')].map((row) => row.textContent)",
    );
    serde_json::from_value(found).unwrap()
}

fn spans_above_stay_while_rows_scroll(page: &Page<'_>) {
    made::open(page);
    assert!(stays(page).is_empty(), "nothing is above the first row");
    // After a jump as well as after scrolling.
    page.key(Key::End);
    page.until("rows stay", || (!stays(page).is_empty()).then_some(()));
    page.key(Key::Home);
    page.until("none is above the first", || {
        stays(page).is_empty().then_some(())
    });
    page.session.wheel(300, 500, 2_600);
    let above = page.until("rows stay", || {
        Some(stays(page)).filter(|rows| !rows.is_empty())
    });
    assert!(
        above[0].contains(throughline_tests::synth::ROOT),
        "{above:?}"
    );
    // What is in the page twice is said once.
    let rows = page.rows();
    assert!(rows.iter().all(|row| !row.id.is_empty()));
    page.click("[role=treegrid] > [aria-hidden=true] > [title]");
    page.wait_for("it is selected", |state| state["selection"].is_string());
    page.until("the first row is on screen, and nothing above it", || {
        (page.first_rows()[0].cells[0].contains(throughline_tests::synth::ROOT)
            && stays(page).is_empty())
        .then_some(())
    });
}

/// Two messages and who works on both of them, linked; with attributes of some conventions.
fn linked() -> Vec<u8> {
    let span = |id: u64,
                parent: u64,
                name: &str,
                kind: u32,
                ms: (u64, u64),
                links: &[u64],
                attributes: Value| {
        let at = |ms: u64| (1_700_000_000_000_000_000 + ms * 1_000_000).to_string();
        let link = |id: &u64| json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": format!("{id:016x}")});
        json!({
            "traceId": "5b8efff798038103d269b633813fc60c", "spanId": format!("{id:016x}"),
            "parentSpanId": if parent == 0 { String::new() } else { format!("{parent:016x}") },
            "name": name, "kind": kind, "startTimeUnixNano": at(ms.0), "endTimeUnixNano": at(ms.1),
            "links": links.iter().map(link).collect::<Vec<_>>(), "attributes": attributes,
        })
    };
    let text = |key: &str, text: &str| json!({"key": key, "value": {"stringValue": text}});
    let message = || {
        json!([
            text("messaging.system", "kafka"),
            text("messaging.operation.type", "publish"),
            text("messaging.destination.name", "orders")
        ])
    };
    let trace = json!({"resourceSpans": [{
        "resource": {"attributes": [text("service.name", "shop"), text("deployment.environment.name", "test")]},
        "scopeSpans": [{"spans": [
            span(1, 0, "POST /orders", 2, (0, 100), &[], json!([text("http.request.method", "POST"), {"key": "http.response.status_code", "value": {"intValue": "201"}}])),
            span(2, 1, "first message", 4, (10, 20), &[], message()),
            span(3, 1, "second message", 4, (30, 40), &[], message()),
            span(4, 1, "work on both", 5, (60, 90), &[2, 3], json!([text("db.system.name", "postgresql"), text("db.operation.name", "INSERT")])),
        ]}],
    }]});
    trace.to_string().into_bytes()
}

fn links_are_arrows(page: &Page<'_>) {
    page.open_bytes("linked.json", &linked());
    page.first_rows();
    // The accent colour on the bars' canvas, counted: a selection has a ground of its own, arrows have the accent.
    let accents = |page: &Page<'_>| {
        page.js(
            "const canvas = document.querySelectorAll('canvas')[1];
             const probe = document.createElement('i');
             probe.style.color = getComputedStyle(document.documentElement).getPropertyValue('--accent');
             document.body.append(probe);
             const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
             probe.remove();
             const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
             let found = 0;
             for (let at = 0; at < data.length; at += 4) {
                 if (Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 24) { found += 1; }
             }
             return found",
        )
        .as_u64()
        .unwrap()
    };
    page.click_row("POST /orders");
    page.wait_for("a span without links is selected", |state| {
        state["selection"].is_string()
    });
    page.until("there is no arrow", || (accents(page) == 0).then_some(()));
    page.click_row("work on both");
    let two = page.until("both links are drawn", || {
        Some(accents(page)).filter(|&found| found > 60)
    });
    page.click_row("first message");
    page.until("the link to it is drawn, too", || {
        let found = accents(page);
        (found > 20 && found < two).then_some(())
    });
}

fn rows_say_what_they_are(page: &Page<'_>) {
    page.open_bytes("linked.json", &linked());
    page.first_rows();
    let says = |words: &str| page.rows().iter().any(|row| row.cells[0].contains(words));
    assert!(!says("POST 201"));
    page.press("Columns ▾");
    page.click("[aria-label=Columns] input[type=checkbox]");
    page.until("rows say what they are", || {
        (says("POST 201") && says("publish orders") && says("INSERT")).then_some(())
    });
    page.until("the address has it", || {
        address(page).contains("badges=1").then_some(())
    });
    page.reload();
    page.first_rows();
    page.until("it is kept", || says("POST 201").then_some(()));
    // No badge narrows a name or stands over the edge of its cell.
    let cut = page.js(
        "return [...document.querySelectorAll('[role=row] > [role=gridcell]')].flatMap((cell) => [...cell.children])
            .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.textContent.includes('message') && getComputedStyle(part).textOverflow === 'ellipsis').length",
    );
    assert_eq!(cut, 0);
}

fn a_pinned_attribute_stands_first(page: &Page<'_>) {
    page.open_bytes("linked.json", &linked());
    page.first_rows();
    page.click_row("first message");
    page.find("aside[aria-label='Span details'] button[aria-label=Pin]");
    page.js("document.querySelector('aside button[aria-label=Pin]').click()");
    let pinned = || {
        let words = page.js("return document.querySelector('[aria-label=\\'Pinned attributes\\']')?.textContent ?? ''");
        words.as_str().unwrap_or_default().to_owned()
    };
    page.until("it is first", || {
        pinned().contains("messaging.systemkafka").then_some(())
    });
    page.click_row("POST /orders");
    page.until("it is not set here", || {
        pinned().contains("messaging.systemnot set").then_some(())
    });
    page.reload();
    page.first_rows();
    page.click_row("second message");
    page.until("it is remembered", || {
        pinned().contains("messaging.systemkafka").then_some(())
    });
    page.js("document.querySelector('[aria-label=\\'Unpin messaging.system\\']').click()");
    page.until("it is gone", || pinned().is_empty().then_some(()));
}

fn write_note(page: &Page<'_>, words: &str) {
    page.keys("q");
    page.find("dialog textarea").type_text(words);
    page.press("Keep");
    page.until("the row has it", || {
        page.rows()
            .iter()
            .any(|row| row.cells[0].contains("✎"))
            .then_some(())
    });
    page.until("the details have it", || {
        let card =
            page.js("return document.querySelector('aside [aria-label=Note]')?.textContent ?? ''");
        card.as_str()
            .unwrap_or_default()
            .contains(words)
            .then_some(())
    });
}

fn a_note_stays_with_its_span(page: &Page<'_>) {
    page.open_bytes("linked.json", &linked());
    page.first_rows();
    page.click_row("work on both");
    write_note(page, "slow since Monday");
    page.reload();
    page.first_rows();
    page.until("it is there again", || {
        page.rows()
            .iter()
            .any(|row| row.cells[0].contains("✎"))
            .then_some(())
    });
    page.keys("q");
    page.find("dialog ul[aria-label='All notes']");
    page.press("Remove the note on shop work on both");
    page.key(Key::Escape);
    page.until("it is gone", || {
        (!page.rows().iter().any(|row| row.cells[0].contains("✎"))).then_some(())
    });
}

fn notes_do_without_storage(page: &Page<'_>) {
    page.open_bytes("linked.json", &linked());
    page.first_rows();
    page.js("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }");
    page.click_row("work on both");
    write_note(page, "not for long");
}
