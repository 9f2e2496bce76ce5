//! Keyboard alone and assistive technology: tab order, roles, names and states, dialogs, themes.

use serde_json::{Value, json};
use throughline_tests::{
    browser::{Browser, Key, Page},
    in_browsers, in_chromium,
};

use crate::made::{self, SPANS};

in_browsers! {
    the_keyboard_alone_is_enough, the_tree_says_what_it_is, the_keys_dialog_keeps_the_focus, the_theme_is_switched,
    every_control_has_a_name, narrow_pages_work,
}
in_chromium! { the_theme_follows_the_system, the_tree_is_in_the_accessibility_tree }

fn the_keyboard_alone_is_enough(page: &Page<'_>) {
    page.open("");
    let tab_to = |page: &Page<'_>, wanted: &str| {
        let mut seen = Vec::new();
        for _ in 0..40 {
            page.key(Key::Tab);
            let on = page.focused();
            if on == wanted {
                return;
            }
            seen.push(on);
        }
        panic!("the tab key never reaches {wanted}, only {seen:?}");
    };
    tab_to(page, "button:Try the sample");
    page.key(Key::Enter);
    page.wait_for("the sample is open", |state| state["phase"] == "ready");
    let all = page.first_rows().len();
    tab_to(page, "treegrid:Spans");
    page.key(Key::Down);
    page.key(Key::Down);
    page.until("the second row is selected", || {
        page.rows()
            .into_iter()
            .find(|row| row.selected && row.row == 2)
    });
    assert_eq!(
        page.focused(),
        "treegrid:Spans",
        "the focus stays on the tree"
    );
    page.key(Key::Up);
    page.key(Key::Left);
    page.wait_for("the root is collapsed", |state| state["rows"] == 1);
    page.key(Key::Right);
    page.wait_for("the root is open", |state| {
        state["rows"].as_u64() >= Some(all as u64)
    });
    page.key(Key::Escape);
    page.wait_for("nothing is selected", |state| state["selection"].is_null());
    page.keys("3");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    page.keys("2");
    page.wait_for("the waterfall shows", |state| state["view"] == "waterfall");
}

fn the_tree_says_what_it_is(page: &Page<'_>) {
    made::open(page);
    page.key(Key::Home);
    let tree = |name: &str| {
        page.js(&format!(
            "return document.querySelector('[role=treegrid]').getAttribute('{name}')"
        ))
    };
    page.until("the tree names the active row", || {
        tree("aria-activedescendant").is_string().then_some(())
    });
    assert_eq!(tree("aria-rowcount"), SPANS.to_string());
    assert_eq!(tree("tabindex"), "0");
    let active = tree("aria-activedescendant").as_str().unwrap().to_owned();
    let rows = page.rows();
    let row = rows
        .iter()
        .find(|row| row.id == active)
        .unwrap_or_else(|| panic!("{active} is no row of {rows:?}"));
    assert!(row.selected);
    assert_eq!((row.row, row.level, row.expanded), (1, 1, Some(true)));
    assert!(
        rows.iter()
            .all(|row| row.level >= 1 && !row.cells[0].is_empty() && !row.cells[1].is_empty())
    );
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| &row.id).collect();
    assert_eq!(ids.len(), rows.len(), "no id is there twice");
    // Far down, where rows of the page are used again, too.
    page.key(Key::End);
    page.until("the last row is the active one", || {
        let active = tree("aria-activedescendant").as_str()?.to_owned();
        page.rows()
            .into_iter()
            .find(|row| row.id == active && row.row == SPANS && row.selected)
    });
    page.keys("]");
    page.wait_for("all is collapsed", |state| state["rows"] == 1);
    page.until("the tree has one row", || {
        (tree("aria-rowcount") == "1").then_some(())
    });
    assert_eq!(page.rows()[0].expanded, Some(false));
}

fn the_tree_is_in_the_accessibility_tree(page: &Page<'_>) {
    made::open(page);
    page.key(Key::Home);
    page.session.cdp("Accessibility.enable", &json!({}));
    let tree = page.session.cdp("Accessibility.getFullAXTree", &json!({}));
    let nodes: Vec<&Value> = tree["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| node["ignored"] != true)
        .collect();
    let of = |role: &str| {
        nodes
            .iter()
            .filter(|node| node["role"]["value"] == role)
            .count()
    };
    assert_eq!(of("treegrid"), 1);
    let rows = page.rows().len();
    assert_eq!(of("row"), rows);
    assert_eq!(of("gridcell"), rows * 2);
    for landmark in ["banner", "main", "search"] {
        assert_eq!(of(landmark), 1, "{landmark}");
    }
    let level = |node: &Value| {
        let properties = node["properties"].as_array().into_iter().flatten();
        properties
            .filter(|property| property["name"] == "level")
            .map(|property| property["value"]["value"].clone())
            .next()
    };
    let levels: Vec<_> = nodes
        .iter()
        .filter(|node| node["role"]["value"] == "row")
        .filter_map(|node| level(node))
        .collect();
    assert_eq!(levels.len(), rows, "every row says how deep it is");
}

fn the_keys_dialog_keeps_the_focus(page: &Page<'_>) {
    made::open(page);
    page.click("[role=treegrid]");
    let before = page.focused();
    page.keys("?");
    let dialog = page.find("dialog[open]");
    assert_eq!(
        (dialog.role().as_str(), dialog.label().as_str()),
        ("dialog", "Keys")
    );
    assert!(dialog.text().contains("Collapse all"));
    for _ in 0..6 {
        page.key(Key::Tab);
        // Between the last and the first element browsers stop at themselves, where no element has the focus.
        let inside = page.js("return document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)");
        assert_eq!(
            inside,
            true,
            "the focus left the dialog for {}",
            page.focused()
        );
    }
    let rows = page.state()["rows"].clone();
    page.keys("]");
    assert_eq!(
        page.state()["rows"],
        rows,
        "keys of the page behind do nothing"
    );
    page.key(Key::Escape);
    page.until("it is closed", || (!page.has("dialog[open]")).then_some(()));
    page.until("the focus is where it was", || {
        (page.focused() == before).then_some(())
    });
    page.press("? all keys");
    page.find("dialog[open]");
    page.press("Close");
    page.until("it is closed again", || {
        (!page.has("dialog[open]")).then_some(())
    });
}

fn ground(page: &Page<'_>) -> Value {
    page.js("return getComputedStyle(document.body).backgroundColor")
}

/// What the bars are painted like.
fn painted(page: &Page<'_>) -> Value {
    page.js("return [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())")
}

fn the_theme_is_switched(page: &Page<'_>) {
    made::open(page);
    assert_eq!(page.state()["theme"], "light");
    let (light, bars) = (ground(page), painted(page));
    page.keys("t");
    page.wait_for("it is dark", |state| state["theme"] == "dark");
    page.until("the page is dark", || (ground(page) != light).then_some(()));
    page.until("all that is painted is dark", || {
        let now = painted(page);
        (0..2).all(|at| now[at] != bars[at]).then_some(())
    });
    let dark = ground(page);
    page.reload();
    page.wait_for("it is dark again", |state| {
        state["theme"] == "dark" && state["phase"] == "ready"
    });
    assert_eq!(ground(page), dark, "the choice is kept");
    page.keys("3");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    page.measure("throughline.view.graph");
    let graph = painted(page);
    page.keys("t");
    page.until("the page is light", || {
        (ground(page) == light).then_some(())
    });
    page.until("the graph is light", || {
        (painted(page) != graph).then_some(())
    });
}

fn the_theme_follows_the_system(page: &Page<'_>) {
    assert_eq!(page.browser(), Browser::Chromium);
    let system = |scheme: &str| {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        page.session.cdp("Emulation.setEmulatedMedia", &features);
    };
    system("dark");
    made::open(page);
    assert_eq!(page.state()["theme"], "dark");
    system("light");
    page.wait_for("it is light", |state| state["theme"] == "light");
    page.keys("t");
    page.wait_for("it is dark", |state| state["theme"] == "dark");
    system("dark");
    system("light");
    page.reload();
    page.wait_for("who chose keeps the choice", |state| {
        state["theme"] == "dark"
    });
}

fn every_control_has_a_name(page: &Page<'_>) {
    let nameless = |page: &Page<'_>, place: &str| {
        let found = page.js(
            "return [...document.querySelectorAll('button, a[href], input, textarea, select, [role=tab], [role=button], [tabindex=\"0\"]')]
                .filter((on) => on.offsetParent !== null && !on.closest('[aria-hidden=true]'))
                .filter((on) => !(on.getAttribute('aria-label') || on.getAttribute('aria-labelledby') || on.textContent.trim() || on.labels?.length || on.title))
                .map((on) => on.outerHTML.slice(0, 120))",
        );
        assert_eq!(found, json!([]), "{place}");
    };
    page.open("");
    nameless(page, "start");
    made::open(page);
    page.key(Key::Home);
    page.keys("/SELECT");
    nameless(page, "waterfall");
    page.js("document.activeElement.blur()");
    page.keys("3");
    page.wait_for("the graph shows", |state| state["view"] == "graph");
    nameless(page, "graph");
    page.keys("?");
    page.find("dialog[open]");
    nameless(page, "keys");
}

fn narrow_pages_work(page: &Page<'_>) {
    let resize = |width: u64, height: u64| {
        page.session
            .post("/window/rect", &json!({"width": width, "height": height}))
    };
    let before = page.session.try_get("/window/rect").unwrap_or_default();
    resize(520, 700);
    made::open(page);
    let wide = page.js("return document.documentElement.scrollWidth - innerWidth");
    let words = page.words();
    page.key(Key::Down);
    page.wait_for("a span is selected", |state| state["selection"].is_string());
    page.until("its details show", || {
        page.has("aside[aria-label='Span details']").then_some(())
    });
    resize(
        before["width"].as_u64().unwrap_or(1280),
        before["height"].as_u64().unwrap_or(860),
    );
    assert!(
        wide.as_i64() <= Some(0),
        "the page is {wide} pixels too wide"
    );
    assert!(words.contains(throughline_tests::synth::ROOT));
}
