//! All traces of the dataset as a table: what each was, when, how long, how many spans and errors.
//!
//! Only the rows on screen are in the page, so that a hundred thousand traces scroll like a hundred.
//!
//! **Invariant:** order and filter are the state's; which row has the cursor is this component's own.

mod row;
mod window;

use std::sync::Arc;

use crate::dom::prelude::*;
use web_sys::KeyboardEvent;

use super::{context::use_app, format};
use crate::{
    browser::resize,
    state::{Command, ListColumn, list::list_rows},
};
use row::Scale;
use window::Viewport;

/// Height of the line of column names, which stays on top of the rows. The stylesheet says the same.
const HEAD_HEIGHT: f64 = 32.0;

const COLUMNS: [(ListColumn, &str, &str); 6] = [
    (ListColumn::Root, "Root span", "list-root"),
    (ListColumn::Services, "Services", "list-services"),
    (ListColumn::Start, "Start", "list-start"),
    (ListColumn::Duration, "Duration", "list-duration"),
    (ListColumn::Spans, "Spans", "list-spans"),
    (ListColumn::Errors, "Errors", "list-errors"),
];

/// The table with its filter.
#[component]
pub fn TraceList() -> impl IntoView {
    let app = use_app();
    let rows = app.select(|state| {
        let rows = state.store().map(|store| list_rows(store, &state.list));
        Arc::new(rows.unwrap_or_default())
    });
    let total = app.select(|state| state.store().map_or(0, |store| store.trace_count()));
    let filter = app.select(|state| state.list.filter.clone());
    let words = move || {
        let (shown, total) = (rows.with(|rows| rows.len()), total.get());
        match shown == total {
            true => format::counted(total as u64, "trace"),
            false => format!(
                "{} of {}",
                format::count(shown as u64),
                format::counted(total as u64, "trace")
            ),
        }
    };
    view! {
        <section class="list" aria-label="Traces">
            <div class="list-top">
                <input class="input list-filter" type="text" placeholder="Filter by root span, service or trace id" aria-label="Filter traces"
                    autocomplete="off" spellcheck="false" prop:value=move || filter.get()
                    on:input=move |event| app.dispatch(Command::FilterList(event_target_value(&event)))/>
                <span class="list-count" role="status">{words}</span>
            </div>
            <Table rows=rows/>
        </section>
    }
}

#[component]
fn Table(rows: Memo<Arc<Vec<u32>>>) -> impl IntoView {
    let app = use_app();
    let dataset = app.select(|state| state.dataset.clone());
    let mode = app.select(|state| state.prefs.time);
    let scale = Memo::new(move || {
        dataset.with(|dataset| {
            dataset
                .as_ref()
                .map(|dataset| Scale::of(&dataset.store, mode.get()))
        })
    });
    let scroll = NodeRef::<web_sys::HtmlElement>::new();
    let viewport = RwSignal::new(Viewport::default());
    let cursor = RwSignal::new(open_row(
        app.peek(|state| state.trace),
        &rows.get_untracked(),
    ));
    keep_size(scroll, viewport);
    let count = Memo::new(move || rows.with(|rows| rows.len()));
    let shown = Memo::new(move || window::rows(viewport.get(), count.get()));
    let to_row = move |row: usize| {
        cursor.set(row);
        if let (Some(top), Some(element)) = (
            window::scroll_for(viewport.get_untracked(), row),
            scroll.get_untracked(),
        ) {
            element.set_scroll_top(top as i32);
        }
    };
    // Another order or filter begins at the top again; not at first, when the cursor is where the user came from.
    Effect::new(move |before: Option<()>| {
        rows.track();
        if before.is_some() {
            to_row(0);
        }
    });
    let table = NodeRef::<web_sys::HtmlElement>::new();
    // The cursor shows once a key was used: the focus is taken without being asked for.
    let keyed = RwSignal::new(false);
    let measured = Memo::new(move || viewport.with(|viewport| viewport.height > 0.0));
    Effect::new(move |_| {
        if measured.get() {
            to_row(cursor.get_untracked());
            if let Some(table) = table
                .get_untracked()
                .filter(|_| !app.peek(|state| state.embed))
            {
                take_free_focus(&table);
            }
        }
    });
    let key = move |event: KeyboardEvent| {
        let from_head = event.target() != event.current_target();
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if from_head || !plain {
            return;
        }
        let at = cursor.get_untracked();
        if event.key() == "Enter" {
            if let Some(&trace) = rows.get_untracked().get(at) {
                event.prevent_default();
                app.dispatch(Command::OpenTrace(trace));
            }
            return;
        }
        let page = (viewport.get_untracked().height
            / window::row_height(viewport.get_untracked().width)) as usize;
        if let Some(row) = key_row(&event.key(), at, count.get_untracked(), page.max(1)) {
            event.prevent_default();
            to_row(row);
        }
    };
    let each = move || {
        let (Some(scale), range) = (scale.get(), shown.get()) else {
            return Vec::new();
        };
        let first = range.start;
        let visible: Vec<u32> = rows.with(|rows| rows.get(range).unwrap_or_default().to_vec());
        visible
            .into_iter()
            .enumerate()
            .map(|(at, trace)| (first + at, trace, scale))
            .collect()
    };
    let line = move |(at, trace, scale): (usize, u32, Scale)| {
        let cells = dataset.with_untracked(|dataset| {
            dataset
                .as_ref()
                .map(|dataset| row::cells(&dataset.store, trace, scale))
        });
        let top = move || {
            format!(
                "translateY({}px)",
                at as f64 * window::row_height(viewport.with(|viewport| viewport.width))
            )
        };
        view! {
            <div class="list-row" role="row" id=format!("list-row-{at}") aria-rowindex=(at + 2).to_string()
                aria-selected=move || (cursor.get() == at).to_string() class:current=move || cursor.get() == at
                style:transform=top on:click=move |_| app.dispatch(Command::OpenTrace(trace))>{cells}</div>
        }
    };
    let height = move || {
        format!(
            "{}px",
            count.get() as f64 * window::row_height(viewport.with(|viewport| viewport.width))
        )
    };
    view! {
        <div class="list-table" role="grid" tabindex="0" node_ref=table class:keyed=move || keyed.get()
            on:keyup=move |_| keyed.set(true) on:pointerdown=move |_| keyed.set(false) aria-label="Traces" aria-rowcount=move || (count.get() + 1).to_string()
            aria-activedescendant=move || (count.get() > 0).then(|| format!("list-row-{}", cursor.get())) on:keydown=key>
            <div class="list-scroll" node_ref=scroll on:scroll=move |_: web_sys::Event| {
                if let Some(element) = scroll.get_untracked() {
                    viewport.update(|viewport| viewport.top = f64::from(element.scroll_top()));
                }
            }>
                <Head/>
                <div class="list-space" role="rowgroup" style:height=height>
                    <For each=each key=|(at, trace, scale)| (*at, *trace, scale.longest, scale.mode as u8) children=line/>
                </div>
                <Show when=move || count.get() == 0><Nothing/></Show>
            </div>
        </div>
    }
}

/// The names of the columns: a click orders by one, a second one turns the order round.
#[component]
fn Head() -> impl IntoView {
    let app = use_app();
    let order = app.select(|state| (state.list.column, state.list.descending));
    let head = move |(column, name, class): (ListColumn, &'static str, &'static str)| {
        let sorted = move || order.get().0 == column;
        let direction = move || match order.get() {
            (ordered, descending) if ordered == column => {
                if descending {
                    "descending"
                } else {
                    "ascending"
                }
            }
            _ => "none",
        };
        view! {
            <span class=format!("list-cell {class}") role="columnheader" aria-sort=direction>
                <button class="list-sort" class:sorted=sorted title=format!("Order by {}", name.to_lowercase())
                    on:click=move |_| app.dispatch(Command::SortList(column))>
                    {name}
                    <svg class="list-arrow" class:up=move || direction() == "ascending" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 1.5v7M2.2 5.8 5 8.5l2.8-2.7"/></svg>
                </button>
            </span>
        }
    };
    view! { <div class="list-head" role="row" aria-rowindex="1">{COLUMNS.map(head).into_iter().collect_view()}</div> }
}

/// No trace passes the filter.
#[component]
fn Nothing() -> impl IntoView {
    let app = use_app();
    let filter = app.select(|state| state.list.filter.clone());
    view! {
        <div class="list-nothing">
            <p>{move || if filter.with(|filter| filter.trim().is_empty()) {
                "There is no trace in the data.".to_owned()
            } else {
                format!("No trace has “{}” in its root span, services or id.", format::visible_text(filter.get().trim()))
            }}</p>
            <Show when=move || !filter.with(String::is_empty)>
                <button class="button" on:click=move |_| app.dispatch(Command::FilterList(String::new()))>"Clear the filter"</button>
            </Show>
        </div>
    }
}

/// Takes the focus when nothing else has it, so that the keys work at once. Not inside of a host page: its focus is not
/// ours to take.
fn take_free_focus(table: &web_sys::HtmlElement) {
    let free = document()
        .active_element()
        .is_none_or(|element| element.tag_name() == "BODY");
    if free {
        table.focus().ok();
    }
}

/// The row of the trace that was open last.
fn open_row(trace: Option<u32>, rows: &[u32]) -> usize {
    let wanted = trace.and_then(|trace| rows.iter().position(|&known| known == trace));
    wanted.unwrap_or(0)
}

/// The row that a key leads to.
fn key_row(key: &str, at: usize, count: usize, page: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let row = match key {
        "ArrowUp" | "k" => at.saturating_sub(1),
        "ArrowDown" | "j" => at + 1,
        "PageUp" => at.saturating_sub(page),
        "PageDown" => at + page,
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(row.min(last))
}

/// Follows the size of the scrolled element.
fn keep_size(scroll: NodeRef<web_sys::HtmlElement>, viewport: RwSignal<Viewport>) {
    let observed = StoredValue::new(None);
    Effect::new(move |_| {
        let Some(element) = scroll.get() else { return };
        let changed = move |width: f64, height: f64| {
            // The observer can speak once more after the list is gone.
            let _ = viewport.try_update(|viewport| {
                viewport.width = width;
                viewport.height = (height - HEAD_HEIGHT).max(0.0);
            });
        };
        observed.set_value(resize::observe(&element, changed));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_the_cursor() {
        let check = |key: &str, at, count, expected: Option<usize>| {
            assert_eq!(key_row(key, at, count, 10), expected, "{key}");
        };
        check("ArrowDown", 0, 3, Some(1));
        check("ArrowDown", 2, 3, Some(2));
        check("ArrowUp", 0, 3, Some(0));
        check("PageDown", 5, 100, Some(15));
        check("PageUp", 5, 100, Some(0));
        check("End", 0, 100, Some(99));
        check("Home", 9, 100, Some(0));
        check("x", 1, 3, None);
        check("ArrowDown", 0, 0, None);
    }

    #[test]
    fn the_cursor_begins_at_the_open_trace() {
        assert_eq!(open_row(Some(7), &[3, 7, 1]), 1);
        assert_eq!(open_row(Some(9), &[3, 7, 1]), 0);
        assert_eq!(open_row(None, &[]), 0);
    }
}
