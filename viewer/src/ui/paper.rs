//! What is printed: a page of its own with what the view shows, fitted to the paper's width, dark on white.
//!
//! Rows of the screen are few and stay where they are scrolled to; on paper all of them follow each other, up to a bound.
//!
//! **Invariant:** made anew for every print and taken away after it; changes nothing of the state.

use crate::dom::prelude::*;
use throughline_model::analysis::table::Column;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, Node};

use super::{cells, context::App, format, header::trace_facts, waterfall};
use crate::{
    browser, dom,
    paint::forget_palette,
    state::{UiState, View, list::list_rows, table},
};

/// So many rows are printed: some fifteen pages.
const MOST: usize = 500;

/// Puts the page for the printer beside the one of the screen.
pub fn lay_out(app: App) {
    if find(".paper").is_some() {
        return;
    }
    let dark = app.peek(UiState::dark);
    // Pictures are made with the colours that hold now.
    browser::set_theme(false);
    forget_palette();
    let sheet = dom::element("article", false, &[("class", "paper")]);
    let content = app.peek(|state| content(state, dark));
    if let (Some(content), Some(body)) = (content, browser::document().body()) {
        dom::add(&sheet, content);
        body.append_child(&sheet).ok();
    }
}

/// Takes it away.
pub fn put_away(app: App) {
    browser::set_theme(app.peek(UiState::dark));
    forget_palette();
    if let Some(sheet) = find(".paper") {
        sheet.remove();
    }
}

fn find(selector: &str) -> Option<web_sys::Element> {
    browser::document().query_selector(selector).ok().flatten()
}

fn content(state: &UiState, dark: bool) -> Option<Markup> {
    let (body, rows) = match state.view {
        View::List => traces(state)?,
        View::Waterfall => (waterfall::paper::rows(state, MOST)?, state.rows.len()),
        View::Table if state.query.by.is_some() => (copy(".table-body .clocks")?, 0),
        View::Table => spans(state)?,
        View::Graph => ((graph(dark), copy(".graph-side")).into_any(), 0),
    };
    let details = state.details_open && matches!(state.view, View::Waterfall | View::Table);
    let details = details.then(|| copy(".side .details")).flatten();
    let more = rows.saturating_sub(MOST) as u64;
    let more = (more > 0).then(|| {
        let rows = format::counted(more, "more row");
        view! { <p class="paper-more">{format!("… and {rows}: not printed")}</p> }
    });
    Some((head(state), (body, (more, details))).into_any())
}

/// What it is, how long it took and what shows of it.
fn head(state: &UiState) -> Markup {
    let source = state.dataset.as_ref().map(|dataset| dataset.name.clone());
    let facts = trace_facts(state).filter(|_| state.view != View::List);
    let (name, mut words) = match facts {
        Some(facts) => {
            let words = vec![
                facts.duration,
                format::counted(facts.spans, "span"),
                format::counted(facts.services, "service"),
                format::counted(facts.errors, "error"),
                facts.moment,
                format!("trace {}", facts.id),
            ];
            (facts.name, [words, source.into_iter().collect()].concat())
        }
        None => {
            let traces = state.store().map_or(0, |store| store.trace_count());
            let words = vec![format::counted(traces as u64, "trace")];
            (source.unwrap_or_default(), words)
        }
    };
    if let (Some(range), View::Waterfall) = (state.range, state.view) {
        words.push(format!("range {}", format::between(range.start, range.end)));
    }
    if !state.query.text.trim().is_empty() {
        words.push(format!("query {}", state.query.text));
    }
    let line = |text: &String| format::visible_line(text).into_owned();
    let words: Vec<String> = words.iter().map(line).collect();
    view! { <header><h1>{line(&name)}</h1><p>{words.join(" · ")}</p></header> }.into_any()
}

fn traces(state: &UiState) -> Option<(Markup, usize)> {
    let store = state.store()?;
    let rows = list_rows(store, &state.list);
    let line = |trace: &u32| {
        let trace = store.trace(*trace);
        let root = trace.root();
        vec![
            format!("{} {}", root.service_name(), root.name()),
            format::exact_point(trace.start(), state.prefs.time),
            trace.duration().to_string(),
            format::count(trace.span_count() as u64),
            format::count(u64::from(trace.error_count())),
        ]
    };
    let head = ["Trace", "Start", "Duration", "Spans", "Errors"].map(str::to_owned);
    let lines = rows.iter().take(MOST).map(line).collect();
    Some((cells_of(&head, |column| column > 1, lines), rows.len()))
}

fn spans(state: &UiState) -> Option<(Markup, usize)> {
    let (store, trace) = (state.store()?, state.trace_ref()?);
    let rows = table::rows(state);
    let columns = state.table.columns();
    let lines = rows.iter().take(MOST).map(|row| {
        let words =
            |column: &Column| cells::words(store, *row, column, state.prefs.time, trace.start());
        columns.iter().map(words).collect()
    });
    let head: Vec<String> = columns.iter().map(|column| column.name()).collect();
    let number = |at: usize| cells::is_number(&columns[at]);
    Some((cells_of(&head, number, lines.collect()), rows.len()))
}

fn cells_of(head: &[String], number: impl Fn(usize) -> bool, lines: Vec<Vec<String>>) -> Markup {
    let class = |at: usize| if number(at) { "number" } else { "" };
    let head: Vec<_> = (head.iter().enumerate())
        .map(|(at, name)| view! { <th class=class(at)>{format::visible_text(name)}</th> })
        .collect();
    let cell = |(at, words): (usize, String)| {
        view! { <td class=class(at)>{format::visible_line(&words).into_owned()}</td> }
    };
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| {
            let cells: Vec<_> = line.into_iter().enumerate().map(cell).collect();
            view! { <tr>{cells.collect_view()}</tr> }
        })
        .collect();
    view! {
        <table class="paper-cells"><thead><tr>{head.collect_view()}</tr></thead><tbody>{lines.collect_view()}</tbody></table>
    }
    .into_any()
}

/// A part of the screen's page as it is.
fn copy(selector: &str) -> Option<Markup> {
    let node: Node = find(selector)?.clone_node_with_deep(true).ok()?;
    Some(Markup::Node(node))
}

/// The picture as it is on the screen; one for a dark ground is turned round.
fn graph(dark: bool) -> Option<Markup> {
    let shown: HtmlCanvasElement = find(".graph-canvas")?.dyn_into().ok()?;
    let class = if dark {
        "paper-graph dark"
    } else {
        "paper-graph"
    };
    let copy = dom::element("canvas", false, &[("class", class)]);
    let canvas: HtmlCanvasElement = copy.clone().dyn_into().ok()?;
    canvas.set_width(shown.width());
    canvas.set_height(shown.height());
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let drawn = context.draw_image_with_html_canvas_element(&shown, 0.0, 0.0);
    drawn.ok().map(|()| Markup::from(copy))
}
