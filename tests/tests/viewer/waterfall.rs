//! The waterfall: find, collapse, keys, zoom, as words and states that a person or a screen reader gets.

use throughline_tests::{
    browser::{Key, Page},
    in_browsers,
    synth::ROOT,
};

use crate::made::{self, FIND, SPANS};

in_browsers! {
    find_finds, find_marks_matches, find_survives_collapse, collapse_by_pointer, collapse_by_keys, arrows_walk_the_tree,
    zoom_to_a_nanosecond_and_back, the_wheel_scrolls_the_rows, the_minimap_selects_a_range, errors_are_stepped_through,
    details_follow_the_selection,
}

fn find_finds(page: &Page<'_>) {
    made::open(page);
    page.keys("/");
    page.keys(FIND);
    let state = page.wait_for("the query ran", |state| state["query"]["text"] == FIND);
    let matches = state["query"]["matches"].as_u64().unwrap();
    assert!(matches > 2, "{state:#}");
    assert!(state["query"]["current"].is_null());
    assert!(page.measure("throughline.find")["detail"]["spans"].as_u64() > Some(0));

    let current = |page: &Page<'_>, at: u64| {
        page.wait_for(&format!("match {at} is the current one"), |state| {
            state["query"]["current"] == at
        });
        let words = format!("{} / {matches}", at + 1);
        page.until(&format!("the page says {words}"), || {
            page.words().contains(&words).then_some(())
        });
    };
    page.key(Key::Enter);
    current(page, 0);
    page.press("Next match");
    current(page, 1);
    // Outside of the field letters are keys again.
    page.keys("n");
    current(page, 2);
    page.keys("NN");
    current(page, 0);
    page.keys("N");
    current(page, matches - 1);
    let last = page.state()["selection"].clone();
    assert!(last.is_string(), "the current match is selected");
    page.keys("n");
    current(page, 0);
    assert_ne!(page.state()["selection"], last);
    page.press("Clear");
    page.wait_for("the query is empty", |state| {
        state["query"]["text"] == "" && state["query"]["matches"] == 0
    });
}

fn find_marks_matches(page: &Page<'_>) {
    made::open(page);
    // Of what is drawn on a canvas only the pixels can tell.
    let drawn = |page: &Page<'_>| {
        page.js(
            "return [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())",
        )
    };
    let before = drawn(page);
    let canvases = before.as_array().unwrap().len();
    assert!(canvases >= 2, "waterfall and minimap");
    page.keys("/");
    page.keys(FIND);
    page.wait_for("the query ran", |state| {
        state["query"]["matches"].as_u64() > Some(0)
    });
    page.until("waterfall and minimap show matches", || {
        let now = drawn(page);
        (0..canvases).all(|at| now[at] != before[at]).then_some(())
    });
}

fn find_survives_collapse(page: &Page<'_>) {
    made::open(page);
    page.keys("]");
    page.wait_for("all is collapsed", |state| state["rows"] == 1);
    page.keys("/");
    page.keys(FIND);
    page.key(Key::Enter);
    // The current match opens what hides it.
    page.wait_for("the match is on a row", |state| {
        state["query"]["current"] == 0 && state["rows"].as_u64() > Some(1)
    });
    page.until("its row is selected", || {
        page.rows().into_iter().find(|row| row.selected)
    });
}

fn collapse_by_pointer(page: &Page<'_>) {
    made::open(page);
    let all = SPANS;
    let root = page.row_named(ROOT);
    assert_eq!((root.row, root.expanded), (1, Some(true)));
    page.click(&format!("#{} button", root.id));
    page.wait_for("the root is collapsed", |state| state["rows"] == 1);
    let rows = page.rows();
    assert_eq!((rows.len(), rows[0].expanded), (1, Some(false)));
    assert!(
        rows[0].cells[0].contains(&format!("+{}", all - 1)),
        "{rows:?}"
    );
    page.click(&format!("#{} button", root.id));
    page.wait_for("the root is open again", |state| state["rows"] == all);
    page.press("Collapse all");
    page.wait_for("all is collapsed", |state| state["rows"] == 1);
    page.press("Expand all");
    page.wait_for("all is open", |state| state["rows"] == all);
}

fn collapse_by_keys(page: &Page<'_>) {
    made::open(page);
    let all = SPANS;
    let mut seen = vec![all];
    page.keys("p");
    let one_less = page.wait_for("a level is hidden", |state| {
        state["rows"].as_u64() < Some(all)
    });
    seen.push(one_less["rows"].as_u64().unwrap());
    page.keys("p");
    let two_less = page.wait_for("two levels are hidden", |state| {
        state["rows"].as_u64() < Some(seen[1])
    });
    assert!(two_less["rows"].as_u64() >= Some(1));
    page.keys("o");
    page.wait_for("one of them shows again", |state| state["rows"] == seen[1]);
    page.keys("o");
    page.wait_for("both show again", |state| state["rows"] == all);
    page.keys("]");
    page.wait_for("all is collapsed", |state| state["rows"] == 1);
    page.keys("[");
    page.wait_for("all is open", |state| state["rows"] == all);
    page.key(Key::Home);
    page.key(Key::Space);
    page.wait_for("the selected span is collapsed", |state| state["rows"] == 1);
    page.key(Key::Space);
    page.wait_for("the selected span is open", |state| state["rows"] == all);
}

fn arrows_walk_the_tree(page: &Page<'_>) {
    made::open(page);
    let all = SPANS;
    let selected = |page: &Page<'_>, row: u64| {
        page.until(&format!("row {row} is selected"), || {
            page.rows()
                .into_iter()
                .find(|found| found.selected && found.row == row)
        })
    };
    page.key(Key::Down);
    selected(page, 1);
    page.key(Key::Down);
    selected(page, 2);
    page.key(Key::Up);
    selected(page, 1);
    page.key(Key::Left);
    page.wait_for("the root is collapsed", |state| state["rows"] == 1);
    page.key(Key::Right);
    page.wait_for("the root is open", |state| state["rows"] == all);
    page.key(Key::Right);
    let child = selected(page, 2);
    assert_eq!(child.level, 2);
    page.key(Key::Left);
    if child.expanded == Some(true) {
        // The first step left closes it, the second one leaves it.
        page.wait_for("the child is collapsed", |state| {
            state["rows"].as_u64() < Some(all)
        });
        page.key(Key::Left);
    }
    selected(page, 1);
    page.keys("[");
    page.key(Key::End);
    selected(page, all);
    page.key(Key::Home);
    selected(page, 1);
    let details = |page: &Page<'_>| page.has("aside[aria-label='Span details']");
    assert!(details(page));
    page.key(Key::Enter);
    page.until("the details are hidden", || (!details(page)).then_some(()));
    page.key(Key::Enter);
    page.until("the details show", || details(page).then_some(()));
    page.key(Key::Escape);
    page.wait_for("nothing is selected", |state| state["selection"].is_null());
}

/// Both ends of the visible range.
fn range(state: &serde_json::Value) -> (u64, u64) {
    let end = |name: &str| state["range"][name].as_str().unwrap().parse().unwrap();
    (end("start"), end("end"))
}

fn zoom_to_a_nanosecond_and_back(page: &Page<'_>) {
    made::open(page);
    let whole = range(&page.state());
    let mut last = whole;
    for _ in 0..64 {
        page.keys("+");
        let now = range(&page.state());
        assert!(
            now.0 >= last.0 && now.1 <= last.1,
            "{now:?} is not inside {last:?}"
        );
        last = now;
        if last.1 - last.0 == 1 {
            break;
        }
    }
    assert_eq!(last.1 - last.0, 1, "the closest zoom is one nanosecond");
    page.keys("+");
    assert_eq!(range(&page.state()), last, "there is nothing closer");
    page.keys("d");
    page.keys("0");
    page.wait_for("the whole trace shows", |state| range(state) == whole);
    page.key(Key::Down);
    page.key(Key::Down);
    page.keys("z");
    page.wait_for("the selected span fills the view", |state| {
        range(state) != whole
    });
    page.press("whole trace");
    page.wait_for("the whole trace shows again", |state| range(state) == whole);
}

fn the_wheel_scrolls_the_rows(page: &Page<'_>) {
    made::open(page);
    let all = SPANS;
    let first = page.until("other rows are on top", || {
        // Firefox drops what comes before its compositor knows that there is something to scroll.
        page.session.wheel(400, 500, 300);
        page.rows()
            .first()
            .map(|row| row.row)
            .filter(|row| *row > 10)
    });
    assert!(first < all);
    page.key(Key::End);
    page.until("the last row shows", || {
        page.rows().into_iter().find(|row| row.row == all)
    });
}

fn the_minimap_selects_a_range(page: &Page<'_>) {
    made::open(page);
    let whole = range(&page.state());
    // The minimap is the first canvas of the page.
    let place = page.js("const box = document.querySelector('canvas').getBoundingClientRect(); return [box.x, box.y, box.width, box.height]");
    let at = |part: f64| {
        let of = |at: usize| place[at].as_f64().unwrap();
        ((of(0) + of(2) * part) as i64, (of(1) + of(3) / 2.0) as i64)
    };
    page.session.drag(at(0.25), at(0.5));
    let state = page.wait_for("a part shows", |state| range(state) != whole);
    let (start, end) = range(&state);
    let part = |time: u64| (time - whole.0) as f64 / (whole.1 - whole.0) as f64;
    assert!(
        (part(start) - 0.25).abs() < 0.03 && (part(end) - 0.5).abs() < 0.03,
        "{} to {}",
        part(start),
        part(end)
    );
}

fn errors_are_stepped_through(page: &Page<'_>) {
    made::open(page);
    page.keys("e");
    let first = page.wait_for("an error is selected", |state| {
        state["selection"].is_string()
    });
    page.keys("e");
    page.wait_for("the next one is selected", |state| {
        state["selection"] != first["selection"]
    });
}

fn details_follow_the_selection(page: &Page<'_>) {
    made::open(page);
    page.click_row(ROOT);
    let details = page.find("aside[aria-label='Span details']");
    page.until("the details have come", || {
        details.text().contains(ROOT).then_some(())
    });
    page.click("[role=tablist][aria-label='Parts of the span'] [role=tab]:nth-of-type(4)");
    page.until("the resource shows", || {
        details.text().contains("service.name").then_some(())
    });
}
