//! The flat table: rows, order, columns, filter, the way into the waterfall, and the file.

use serde_json::Value;
use throughline_model::store::SpanKind;
use throughline_tests::{
    browser::{Key, Page},
    files, in_browsers,
};

use crate::made::{self, SPANS};

in_browsers! { rows_are_ordered_filtered_and_opened, columns_are_chosen_and_kept, rows_are_saved_as_csv, events_are_a_list, a_query_groups_rows, logs_stand_among_events }

/// The texts of the rows in the page, from top to bottom.
fn rows(page: &Page<'_>) -> Vec<Vec<String>> {
    let found = page.js(
        "return [...document.querySelectorAll('[role=grid][aria-label=Rows] [role=row][aria-selected]')]
            .map((row) => [Number(row.getAttribute('aria-rowindex')), [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent)])
            .sort((a, b) => a[0] - b[0]).map((row) => row[1])",
    );
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| row.as_array().into_iter().flatten().map(text).collect();
    found.as_array().into_iter().flatten().map(row).collect()
}

fn open(page: &Page<'_>) -> Vec<Vec<String>> {
    made::open(page);
    page.press("Table");
    page.wait_for("the table shows", |state| state["view"] == "table");
    page.until("there are rows", || {
        Some(rows(page)).filter(|rows| rows.len() > 5)
    })
}

/// How many rows the table says it has, without its head.
fn count(page: &Page<'_>) -> u64 {
    let said = page.js("return document.querySelector('[role=grid][aria-label=Rows]').getAttribute('aria-rowcount')");
    said.as_str().unwrap().parse::<u64>().unwrap() - 1
}

fn rows_are_ordered_filtered_and_opened(page: &Page<'_>) {
    let before = open(page);
    assert_eq!(count(page), SPANS);
    page.press("duration");
    let store = made::store();
    let longest = store
        .trace(0)
        .spans()
        .map(|span| store.span(span).duration())
        .max();
    let longest = longest.unwrap().to_string();
    page.until("the longest is on top", || {
        (rows(page)[0].contains(&longest)).then_some(())
    });
    page.press("duration ↓");
    page.until("the order is turned round", || {
        (!rows(page)[0].contains(&longest)).then_some(())
    });
    page.press("duration ↑");
    page.until("the order is the trace's", || {
        (rows(page) == before).then_some(())
    });
    page.keys("/");
    page.keys("status = error");
    let state = page.wait_for("the query ran", |state| {
        state["query"]["matches"].as_u64() > Some(0)
    });
    page.until("only matches have rows", || {
        (state["query"]["matches"] == count(page)).then_some(())
    });
    assert!(
        rows(page)
            .iter()
            .all(|row| row.contains(&"error".to_owned()))
    );
    page.js("document.querySelector('[role=grid][aria-label=Rows]').focus()");
    page.key(Key::Down);
    let chosen = page.wait_for("a row is selected", |state| state["selection"].is_string());
    page.key(Key::Enter);
    page.wait_for("it is selected in the waterfall", |state| {
        state["view"] == "waterfall" && state["selection"] == chosen["selection"]
    });
}

fn columns_are_chosen_and_kept(page: &Page<'_>) {
    open(page);
    page.press("Columns ▾");
    page.find("input[aria-label='Add a column']")
        .type_text("id");
    page.press("Add");
    page.press("Remove kind");
    let heads = |page: &Page<'_>| {
        let heads = page.js("return [...document.querySelectorAll('[role=columnheader]')].map((head) => head.textContent.trim()).join(' ')");
        heads.as_str().unwrap_or_default().to_owned()
    };
    let wanted = "service name status start duration self id";
    page.until("the columns are these", || {
        (heads(page) == wanted).then_some(())
    });
    let id = made::store().span(0).id().to_string();
    assert_eq!(rows(page)[0].last(), Some(&id));
    page.until("the address has them", || {
        let address = page.js("return location.hash").to_string();
        address
            .contains("cols=service,name,status,start,duration,self,id")
            .then_some(())
    });
    page.reload();
    page.until("they are back", || (heads(page) == wanted).then_some(()));
    // Without the address the browser remembers them.
    open(page);
    page.until("they are remembered", || {
        (heads(page) == wanted).then_some(())
    });
    page.press("Events");
    page.until("rows are events", || {
        heads(page)
            .starts_with("start event.level event.name")
            .then_some(())
    });
    let store = made::store();
    assert_eq!(count(page), store.events().time.len() as u64);
}

/// Presses the button, and catches what would be saved on its way: the file's text and name.
fn save(page: &Page<'_>) -> (String, String) {
    page.js(
        "const made = URL.createObjectURL;
         URL.createObjectURL = (blob) => { blob.text().then((text) => { window.savedText = text; }); return made.call(URL, blob); };
         HTMLAnchorElement.prototype.click = function () { window.savedName = this.download; };
         document.querySelector('a[download]')?.remove()",
    );
    page.press("Save as CSV");
    let saved = page.until("a file is made", || {
        page.js("return window.savedText ?? null")
            .as_str()
            .map(str::to_owned)
    });
    let name = page.js("return window.savedName");
    (saved, name.as_str().unwrap_or_default().to_owned())
}

fn rows_are_saved_as_csv(page: &Page<'_>) {
    open(page);
    let (saved, name) = save(page);
    let lines: Vec<&str> = saved.split("\r\n").collect();
    assert_eq!(lines.len() as u64, SPANS + 2);
    assert_eq!(
        lines[0],
        "service,name,kind,status,start,duration (ns),self (ns)"
    );
    assert!(name.ends_with("-spans.csv"), "{name}");
}

fn events_are_a_list(page: &Page<'_>) {
    open(page);
    page.press("Events");
    let store = made::store();
    let failed = store
        .trace(0)
        .spans()
        .flat_map(|span| store.span(span).events())
        .find(|event| event.name() == "exception");
    let failed = failed.expect("some span failed");
    page.press("event.level");
    let list = page.until("the gravest are first", || {
        Some(rows(page)).filter(|rows| rows.first().is_some_and(|row| row[1] == "error"))
    });
    let kind = failed.attributes().get_str("exception.type").unwrap();
    let says = |row: &Vec<String>| row[5].contains("exception.type=");
    assert!(list.iter().any(says), "{kind} {:?}", list[0]);
    page.click("[role=grid][aria-label=Rows] [role=row][aria-selected]");
    page.wait_for("its span is selected", |state| {
        state["selection"].is_string()
    });
    page.until("the details show its events", || {
        let tab = page.js("return document.querySelector('aside [role=tab][aria-selected=true]')?.textContent ?? ''");
        tab.as_str().unwrap_or_default().starts_with("Events").then_some(())
    });
}

/// The cells of the groups, from top to bottom.
fn groups(page: &Page<'_>) -> Vec<String> {
    let found = page.js("return [...document.querySelectorAll('table[aria-label^=\"Groups by\"] tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent).join(' '))");
    let lines = found.as_array().into_iter().flatten();
    lines
        .filter_map(|line| Some(line.as_str()?.to_owned()))
        .collect()
}

fn a_query_groups_rows(page: &Page<'_>) {
    open(page);
    page.keys("/");
    page.keys("depth > 0 | by(kind)");
    let store = made::store();
    let spans = store.trace(0).spans().map(|row| store.span(row));
    let kinds: Vec<&str> = spans
        .filter(|span| span.depth() > 0)
        .map(|span| span.kind().name())
        .collect();
    let mut expected: Vec<String> = SpanKind::NAMES
        .iter()
        .map(|kind| (kind, kinds.iter().filter(|one| one == &kind).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{kind} {count} "))
        .collect();
    let shown = page.until("there is a row for each kind", || {
        Some(groups(page)).filter(|shown| shown.len() == expected.len())
    });
    for line in &shown {
        expected.retain(|kind| !line.starts_with(kind));
    }
    assert!(expected.is_empty(), "{expected:?} not in {shown:?}");
    let (saved, name) = save(page);
    assert!(name.ends_with("-spans-by-kind.csv"), "{name}");
    let mut lines = saved.split("\r\n");
    assert_eq!(
        lines.next(),
        Some(
            "kind,spans,errors,together (ns),self time (ns),shortest (ns),mean (ns),median (ns),longest (ns)"
        )
    );
    for (line, shown) in lines.zip(&shown) {
        let same = line.split(',').take(3).eq(shown.split(' ').take(3));
        assert!(same, "{line} is not {shown}");
    }
    page.until("the address has it", || {
        let address = page.js("return decodeURIComponent(location.hash)");
        address.to_string().contains("by(kind)").then_some(())
    });
    page.reload();
    page.until("the groups are back", || {
        (groups(page) == shown).then_some(())
    });
    let choose = "const field = document.querySelector('.table-by select'), before = field.value;
         field.value = arguments[0]; field.dispatchEvent(new Event('change', { bubbles: true })); return before";
    assert_eq!(page.session.js(choose, &["".into()]), "kind");
    page.wait_for("rows are asked for as before, and not grouped", |state| {
        state["query"]["text"] == "depth > 0"
    });
    page.session.js(choose, &["kind".into()]);
    page.until("they are grouped again", || {
        (groups(page) == shown).then_some(())
    });
    let kind = shown[0].split(' ').next().unwrap();
    page.press(kind);
    let count = kinds.iter().filter(|one| **one == kind).count();
    page.wait_for("its spans are the rows", |state| {
        state["query"]["matches"] == count
    });
    page.until("they show", || (!rows(page).is_empty()).then_some(()));
}

fn logs_stand_among_events(page: &Page<'_>) {
    let file = files::corpus().join("logs/otlp-spans-and-logs.json");
    page.open_bytes("logs.json", &std::fs::read(file).unwrap());
    page.first_rows();
    page.press("Table");
    page.press("Events");
    let shown = page.until("logs are rows", || {
        Some(rows(page)).filter(|rows| rows.len() == 4)
    });
    let what: Vec<&[String]> = shown.iter().map(|row| &row[1..3]).collect();
    assert_eq!(
        what,
        [
            ["INFO", "cart has 3 items"],
            ["", "retry"],
            ["ERROR", "payment refused: card has expired"],
            ["debug", ""]
        ]
    );
    page.click("[role=grid][aria-label=Rows] [role=row][aria-selected]");
    page.until("the details have them", || {
        page.words()
            .contains("payment refused: card has expired")
            .then_some(())
    });
    assert!(page.words().contains("Log, ERROR"), "{}", page.words());
}
