//! One row of the span tree: guides, chevron, colour, service, span name, badges.
//!
//! **Invariant:** a slot shows whichever row its place has now; words come from the store and are inserted as text.

use crate::dom::prelude::*;
use throughline_model::store::{SpanKind, SpanMarks, SpanRef, StatusCode, ValueRef};

use super::Pane;
use crate::{
    scene::SERVICE_COLOURS,
    state::{Command, UiState},
    ui::{context::use_app, format},
};

/// One step of depth, CSS pixels.
const INDENT: f64 = 16.0;

#[derive(Clone, PartialEq)]
struct RowView {
    row: usize,
    span: u32,
    depth: u32,
    indent: f64,
    service: String,
    colour: u32,
    name: String,
    duration: String,
    expanded: Option<bool>,
    hidden: u32,
    error: Option<String>,
    badge: Option<&'static str>,
}

/// A place in the pool of rows.
#[component]
pub(super) fn RowSlot(
    pane: Pane,
    place: usize,
    pool: Memo<usize>,
    first: Memo<usize>,
    block: Memo<usize>,
) -> impl IntoView {
    let app = use_app();
    let row = Memo::new(move || {
        let (first, pool) = (first.get(), pool.get().max(1));
        // The row of the window that this place keeps while others leave and enter.
        first + (place + pool - first % pool) % pool
    });
    let view = Memo::new(move || {
        let row = row.get();
        let room = pane.tree_width.get();
        app.with(|state| row_view(state, row, room))
    });
    let field =
        move |read: fn(&RowView) -> String| move || view.with(|view| view.as_ref().map(read));
    let selected = Memo::new(move || {
        view.with(|view| {
            view.as_ref()
                .is_some_and(|view| app.with(|s| s.selection == Some(view.span)))
        })
    });
    let matching = Memo::new(move || {
        view.with(|view| {
            view.as_ref()
                .is_some_and(|view| app.with(|s| s.query.matches.binary_search(&view.span).is_ok()))
        })
    });
    let top = move || (row.get() - block.get().min(row.get())) as f64 * pane.row_height.get();
    let select = move |_| {
        if let Some(span) = view.with_untracked(|view| view.as_ref().map(|view| view.span)) {
            app.dispatch(Command::Select(Some(span)));
            app.dispatch(Command::ShowDetails(true));
        }
    };
    let toggle = move |event: web_sys::MouseEvent| {
        event.stop_propagation();
        if let Some(span) = view.with_untracked(|view| view.as_ref().map(|view| view.span)) {
            app.dispatch(Command::Toggle(span));
        }
    };
    view! {
        <div class="row" role="row" hidden=move || view.with(Option::is_none)
            class:selected=move || selected.get() class:match=move || matching.get()
            class:hovered=move || pane.hovered.get() == Some(row.get())
            class:failed=move || view.with(|view| view.as_ref().is_some_and(|view| view.error.is_some()))
            style:transform=move || format!("translateY({}px)", top())
            id=move || format!("row-{}", row.get())
            aria-rowindex=field(|view| (view.row + 1).to_string()) aria-level=field(|view| (view.depth + 1).to_string())
            aria-selected=move || selected.get().to_string()
            aria-expanded=move || view.with(|view| view.as_ref().and_then(|view| view.expanded).map(|open| open.to_string()))
            on:click=select on:mouseenter=move |_| pane.hovered.set(Some(row.get_untracked()))>
            <span class="row-cell" role="gridcell">
                <span class="row-indent" style:width=move || view.with(|view| format!("{}px", view.as_ref().map_or(0.0, |view| view.indent)))></span>
                <button class="chevron" tabindex="-1" aria-hidden="true"
                    class:open=move || view.with(|view| view.as_ref().is_some_and(|view| view.expanded == Some(true)))
                    class:leaf=move || view.with(|view| view.as_ref().is_none_or(|view| view.expanded.is_none()))
                    on:click=toggle><svg viewBox="0 0 12 12"><path d="M4.2 2.5 7.8 6 4.2 9.5"/></svg></button>
                <span class="row-tick" style:background-color=move || view.with(|view| {
                    format!("var(--service-{})", view.as_ref().map_or(0, |view| view.colour % SERVICE_COLOURS))
                })></span>
                <span class="row-service">{field(|view| view.service.clone())}</span>
                <span class="row-name">{field(|view| view.name.clone())}</span>
                {move || view.with(|view| view.as_ref().and_then(|view| view.error.clone())).map(|text| view! { <span class="badge error">{text}</span> })}
                {move || view.with(|view| view.as_ref().and_then(|view| view.badge)).map(|text| view! { <span class="badge">{text}</span> })}
                {move || view.with(|view| view.as_ref().map_or(0, |view| view.hidden)).ne(&0).then(|| view! {
                    <span class="badge count" title="Spans hidden below">{field(|view| format!("+{}", format::count(u64::from(view.hidden))))}</span>
                })}
            </span>
            <span class="visually-hidden" role="gridcell">{field(|view| view.duration.clone())}</span>
        </div>
    }
}

fn row_view(state: &UiState, row: usize, room: f64) -> Option<RowView> {
    let (store, span) = (state.store()?, state.rows.span(row)?);
    let span = store.span(span);
    let has_children = span.descendants() > 0;
    let collapsed = has_children && state.collapsed.contains(&span.idx());
    // However deep, half of the width is left for the words.
    let levels = (room * 0.5 / INDENT).floor();
    Some(RowView {
        row,
        span: span.idx(),
        depth: span.depth(),
        indent: f64::from(span.depth()).min(levels) * INDENT,
        service: format::visible_line(span.service_name()).into_owned(),
        colour: span.service(),
        name: if span.name().is_empty() {
            "(no name)".to_owned()
        } else {
            format::visible_line(span.name()).into_owned()
        },
        duration: length(state, span),
        expanded: has_children.then_some(!collapsed),
        hidden: if collapsed { span.descendants() } else { 0 },
        error: error_word(span),
        badge: badge(span),
    })
}

/// The duration, and what the bar's line says.
fn length(state: &UiState, span: SpanRef<'_>) -> String {
    let path = state.drawn_path();
    let mut text = span.duration().to_string();
    if path.is_some_and(|path| !path.own(span.idx()).is_empty()) {
        text.push_str(", on the critical path");
    }
    text
}

/// What an error is called on its row: the HTTP status where there is one, else the word.
fn error_word(span: SpanRef<'_>) -> Option<String> {
    if span.status() != StatusCode::Error {
        return None;
    }
    let attributes = span.attributes();
    let code = attributes
        .get("http.response.status_code")
        .or_else(|| attributes.get("http.status_code"));
    let code = match code {
        Some(ValueRef::Int(code)) => Some(code),
        Some(ValueRef::Str(text)) => text.parse().ok(),
        _ => None,
    };
    Some(
        code.filter(|code| *code >= 400)
            .map_or_else(|| "error".to_owned(), |code| code.to_string()),
    )
}

fn badge(span: SpanRef<'_>) -> Option<&'static str> {
    let marks = span.marks();
    if marks.has(SpanMarks::ORPHAN) {
        return Some("parent missing");
    }
    if marks.has(SpanMarks::CYCLE_CUT) {
        return Some("circle cut");
    }
    if marks.has(SpanMarks::DUPLICATE_ID) {
        return Some("id used twice");
    }
    // A call that nobody answered in this data: the other side sends no spans. Databases never do.
    let attributes = span.attributes();
    let named = ["server.address", "peer.service", "net.peer.name"]
        .iter()
        .any(|key| attributes.get(key).is_some());
    let database = ["db.system", "db.system.name"]
        .iter()
        .any(|key| attributes.get(key).is_some());
    let unanswered =
        span.kind() == SpanKind::Client && span.descendants() == 0 && named && !database;
    unanswered.then_some("not instrumented")
}
