//! The query bar: comparisons, what is wrong with one, what is offered, and the filter, as a person gets them.

use throughline_tests::{
    browser::{Key, Page},
    in_browsers,
};

use crate::made;

in_browsers! { comparisons_and_the_filter, an_error_says_what_is_expected, offers_are_taken_by_key, a_saved_query_is_offered,
the_painted_text_is_that_of_the_field, what_finds_nothing_may_be_meant_otherwise }

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
            .contains("Expected a unit, as in 5ms")
            .then_some(())
    });
    assert_eq!(page.find(".find-fault").text(), "5");
    page.keys("ms");
    page.wait_for("the query is none the worse for it", |state| {
        state["query"]["error"].is_null()
    });
    assert!(!page.has(".find-fault"));
    assert_eq!(page.find(".find-field").text(), "duration");
}

/// What is painted over the field is what stands in it, also where the field is too short for it.
fn the_painted_text_is_that_of_the_field(page: &Page<'_>) {
    made::open(page);
    page.keys("/");
    let long = "(service = a OR http.route = b) AND ".repeat(12) + "duration > 1ms";
    for text in [
        "a  b",
        "status = ",
        "é OR \"x y\" | by(name)",
        long.as_str(),
    ] {
        page.session.js(
            "const field = document.getElementById('find'); field.value = arguments[0];
             field.dispatchEvent(new Event('input', { bubbles: true })); field.setSelectionRange(0, 0)",
            &[text.into()],
        );
        page.until("it is painted", || {
            let same = page.session.js(
                "const field = document.getElementById('find'), painted = document.querySelector('.find-painted');
                 return painted.textContent.trimEnd() === field.value.trimEnd() && painted.scrollLeft === field.scrollLeft
                     && getComputedStyle(field).color === 'rgba(0, 0, 0, 0)'",
                &[],
            );
            same.as_bool().filter(|same| *same)
        });
    }
}

fn what_finds_nothing_may_be_meant_otherwise(page: &Page<'_>) {
    made::open(page);
    page.keys("/");
    for (query, hint) in [
        ("statsu = error", "Is status meant?"),
        ("zzz or depth = 0", "it is written OR"),
    ] {
        page.session.js(
            "const field = document.getElementById('find'); field.value = arguments[0];
             field.dispatchEvent(new Event('input', { bubbles: true }))",
            &[query.into()],
        );
        page.until(query, || page.words().contains(hint).then_some(()));
        assert_eq!(page.state()["query"]["error"], serde_json::Value::Null);
    }
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
