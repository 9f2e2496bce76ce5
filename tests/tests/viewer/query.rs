//! The query bar: comparisons, what is wrong with one, what is offered, and the filter, as a person gets them.

use throughline_tests::{
    browser::{Key, Page},
    in_browsers,
};

use crate::made;

in_browsers! { comparisons_and_the_filter, an_error_says_what_is_expected, offers_are_taken_by_key, a_saved_query_is_offered }

fn comparisons_and_the_filter(page: &Page<'_>) {
    made::open(page);
    let all = page.state()["rows"].as_u64().unwrap();
    page.keys("/");
    page.keys("depth = 1");
    let state = page.wait_for("the query ran", |state| {
        state["query"]["text"] == "depth = 1"
    });
    assert!(state["query"]["error"].is_null(), "{state:#}");
    let matches = state["query"]["matches"].as_u64().unwrap();
    assert!((1..all).contains(&matches), "{state:#}");
    page.press("Filter");
    page.wait_for("only matches and what is above them show", |state| {
        let rows = state["rows"].as_u64().unwrap();
        (matches + 1..all).contains(&rows) && state["query"]["filter"] == true
    });
    page.press("Filter");
    page.wait_for("everything shows again", |state| state["rows"] == all);
}

fn an_error_says_what_is_expected(page: &Page<'_>) {
    made::open(page);
    page.keys("/");
    page.keys("duration > 5");
    let words = "expected a unit, as in `5ms`";
    page.wait_for("the query is refused", |state| {
        state["query"]["error"] == words && state["query"]["matches"] == 0
    });
    page.until("the page says so", || {
        page.words()
            .contains("Expected a unit, as in `5ms`")
            .then_some(())
    });
    page.keys("ms");
    page.wait_for("the query is none the worse for it", |state| {
        state["query"]["error"].is_null()
    });
}

fn offers_are_taken_by_key(page: &Page<'_>) {
    made::open(page);
    page.keys("/");
    page.keys("kind = ser");
    page.until("a value is offered", || {
        page.has("[role=option]").then_some(())
    });
    page.key(Key::Down);
    page.key(Key::Enter);
    page.wait_for("the value is in the query", |state| {
        state["query"]["text"] == "kind = server "
    });
    page.until("the offers are gone", || {
        (!page.has("[role=option]")).then_some(())
    });
}

fn a_saved_query_is_offered(page: &Page<'_>) {
    made::open(page);
    page.keys("/");
    page.keys("depth = 1");
    page.press("Saved queries");
    page.find("dialog input[aria-label='Name of the query']")
        .type_text("Top calls");
    page.press("Save");
    page.until("it is listed", || {
        page.words().contains("Top calls").then_some(())
    });
    page.key(Key::Escape);
    page.reload();
    page.first_rows();
    page.press("Clear");
    page.keys("/");
    page.keys("top");
    page.until("its name is offered", || {
        let offer = page.js("return document.querySelector('[role=option]')?.textContent ?? ''");
        offer
            .as_str()
            .unwrap_or_default()
            .contains("Top calls")
            .then_some(())
    });
    page.key(Key::Down);
    page.key(Key::Enter);
    page.wait_for("the query is in the bar", |state| {
        state["query"]["text"] == "depth = 1"
    });
    page.press("Saved queries");
    page.press("Remove Top calls");
    page.until("it is gone", || {
        (!page.words().contains("Top calls")).then_some(())
    });
}
