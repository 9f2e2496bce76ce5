//! What shows of a trace: groups, the slider, one subtree alone, what is too short, and the command palette.

use throughline_model::analysis::repeats::{LEAST, Repeats};
use throughline_tests::{
    browser::{Key, Page},
    in_browsers,
};

use crate::made::{self, SPANS};

in_browsers! {
    repeated_siblings_share_a_row, the_slider_is_in_the_address, one_subtree_alone_and_back,
    short_spans_are_hidden_and_said, the_palette_runs_commands, errors_are_stepped_through_both_ways,
}

/// The row whose second cell has these words.
fn row_saying(page: &Page<'_>, words: &str) -> throughline_tests::browser::Row {
    page.until(&format!("a row says {words}"), || {
        page.rows()
            .into_iter()
            .find(|row| row.cells.get(1).is_some_and(|cell| cell.contains(words)))
    })
}

fn repeated_siblings_share_a_row(page: &Page<'_>) {
    made::open(page);
    let store = made::store();
    let repeats = Repeats::of_trace(&store, 0, LEAST);
    // The first of all is in no other.
    let facts = *repeats.facts(0);
    let first = store.span(repeats.members(0)[0]).id();
    page.keys("g");
    let grouped = page.wait_for("repeats share rows", |state| {
        state["shape"]["repeats"] == true && state["rows"].as_u64() < Some(SPANS)
    });
    assert_eq!(grouped["shape"]["detail"], 3);
    page.keys("/");
    page.keys(&format!("id = {first}"));
    page.key(Key::Enter);
    page.wait_for("its row is selected", |state| {
        state["selection"] == first.to_string()
    });
    page.key(Key::Escape);
    let words = format!(
        "{} spans in {}: shortest {}, median {}, longest {}",
        facts.count,
        facts.end.since(facts.start),
        facts.min,
        facts.median,
        facts.max
    );
    let row = row_saying(page, &words);
    assert_eq!(row.expanded, Some(false), "{row:?}");
    let badge = format!("×{}", facts.count);
    assert!(row.cells[0].contains(&badge), "{row:?}");
    page.click(&format!("#{}", row.id));
    page.wait_for("the group is selected", |state| {
        state["selection"].is_string()
    });
    page.key(Key::Right);
    page.wait_for("its members have rows", |state| {
        state["rows"].as_u64() > grouped["rows"].as_u64()
    });
    page.key(Key::Left);
    page.until("they share one again", || {
        (page.state()["rows"] == grouped["rows"]).then_some(())
    });
    page.keys("g");
    page.wait_for("every span has a row", |state| state["rows"] == SPANS);
}

fn the_slider_is_in_the_address(page: &Page<'_>) {
    made::open(page);
    page.keys(",");
    page.wait_for("one less", |state| state["shape"]["detail"] == 3);
    page.keys(",,,");
    let gist = page.wait_for("the gist", |state| state["shape"]["detail"] == 0);
    assert!(gist["rows"].as_u64() < Some(SPANS / 2), "{gist:#}");
    assert!(page.words().contains("Gist"));
    page.until("the address has it", || {
        let address = page.js("return location.hash").to_string();
        address.contains("d=0").then_some(())
    });
    page.reload();
    page.first_rows();
    let again = page.wait_for("the gist is back", |state| state["shape"]["detail"] == 0);
    assert_eq!(again["rows"], gist["rows"]);
    let slider = page.js("const slider = document.querySelector('input[type=range]');
         slider.value = 4; slider.dispatchEvent(new Event('input', { bubbles: true }));
         return slider.getAttribute('aria-label')");
    assert_eq!(slider, "Detail");
    page.wait_for("everything shows", |state| state["rows"] == SPANS);
}

fn one_subtree_alone_and_back(page: &Page<'_>) {
    made::open(page);
    page.key(Key::Down);
    page.key(Key::Down);
    let second = page.wait_for("a child is selected", |state| {
        state["selection"].is_string()
    });
    page.keys("r");
    let alone = page.wait_for("it is alone", |state| {
        state["shape"]["focus"] == second["selection"]
    });
    assert!(alone["rows"].as_u64() < Some(SPANS));
    assert_ne!(alone["range"], second["range"], "its time fills the view");
    assert_eq!(page.rows()[0].level, 1);
    assert!(page.has("nav[aria-label='Shown alone']"));
    page.reload();
    page.first_rows();
    page.wait_for("it is alone again", |state| {
        state["shape"]["focus"] == second["selection"]
    });
    page.key(Key::Escape);
    page.wait_for("the whole trace is back", |state| {
        state["rows"] == SPANS && state["shape"]["focus"].is_null()
    });
    page.keys("r");
    page.press("← Whole trace");
    page.wait_for("the whole trace is back", |state| state["rows"] == SPANS);
}

fn short_spans_are_hidden_and_said(page: &Page<'_>) {
    made::open(page);
    page.press("Show ▾");
    let field = page.find("input[aria-describedby='shape-short']");
    field.type_text("5%");
    page.key(Key::Enter);
    let state = page.wait_for("short spans are hidden", |state| {
        state["shape"]["short"].as_u64() > Some(0)
    });
    let rows = state["rows"].as_u64().unwrap();
    let short = state["shape"]["short"].as_u64().unwrap();
    assert_eq!(rows + short, SPANS, "{state:#}");
    page.key(Key::Escape);
    page.until("the menu is closed", || {
        (!page.has("[aria-label='What shows']")).then_some(())
    });
    page.press("show");
    page.wait_for("they are back", |state| state["rows"] == SPANS);
}

fn the_palette_runs_commands(page: &Page<'_>) {
    made::open(page);
    page.session.chord(Key::Control, 'k');
    page.until("the palette has the cursor", || {
        (page.focused() == "combobox:Find a command").then_some(())
    });
    page.keys("coll all");
    let options = || {
        page.js(
            "return [...document.querySelectorAll('[role=option]')].map((one) => one.innerText)",
        )
    };
    page.until("one command is left", || {
        (options().as_array().map(Vec::len) == Some(1)).then_some(())
    });
    // Each says its key.
    assert!(options()[0].as_str().unwrap().contains(']'));
    page.key(Key::Enter);
    page.wait_for("all is collapsed", |state| state["rows"] == 1);
    page.session.chord(Key::Control, 'k');
    page.find("[role=listbox][aria-label=Commands]");
    page.key(Key::Escape);
    page.until("the palette is closed", || {
        (!page.has("[aria-label=Commands]")).then_some(())
    });
}

fn errors_are_stepped_through_both_ways(page: &Page<'_>) {
    made::open(page);
    page.keys("e");
    let first = page.wait_for("an error is selected", |state| {
        state["selection"].is_string()
    });
    page.keys("e");
    page.wait_for("the next one", |state| {
        state["selection"] != first["selection"]
    });
    page.keys("E");
    page.wait_for("the first again", |state| {
        state["selection"] == first["selection"]
    });
}
