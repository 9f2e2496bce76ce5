//! One row of the span tree: guides, chevron, colour, service, span name, badges.
//!
//! **Invariant:** a slot shows whichever row its place has now; words come from the store and are inserted as text.

use std::borrow::Cow;

use crate::dom::prelude::*;
use throughline_model::{
    analysis::repeats::Facts,
    store::{SpanKind, SpanMarks, SpanRef, StatusCode, ValueRef},
};

use super::{Pane, signs, together};
use crate::{
    state::{Command, UiState, rows::Gap},
    ui::{colour, context::use_app, format},
};

/// One step of depth, CSS pixels.
const INDENT: f64 = 16.0;

#[derive(Clone, PartialEq)]
pub(super) struct RowView {
    pub(super) row: usize,
    pub(super) span: u32,
    depth: u32,
    pub(super) indent: f64,
    pub(super) service: String,
    pub(super) colour: Option<u32>,
    pub(super) name: String,
    duration: String,
    expanded: Option<bool>,
    pub(super) hidden: u32,
    pub(super) error: Option<String>,
    note: Option<String>,
    /// How many spans below failed and are hidden for being short.
    inside: u32,
    /// What always shows, however little room there is.
    pub(super) remarks: Vec<Badge>,
    /// What shows where there is room.
    signs: Vec<Badge>,
    pub(super) fold: Option<Fold>,
    /// The id of the parent that is not in the data, where the row is its.
    pub(super) gap: Option<String>,
    /// How many members of a group match.
    matching: Option<(u32, u32)>,
}

/// What the row has to do with a group or a call.
#[derive(Clone, PartialEq)]
pub(super) struct Fold {
    pub(super) text: String,
    title: &'static str,
    open: bool,
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
            view.as_ref().is_some_and(|view| {
                view.gap.is_none() && app.with(|s| s.selection == Some(view.span))
            })
        })
    });
    let matching = Memo::new(move || {
        view.with(|view| {
            view.as_ref()
                .is_some_and(|view| view.gap.is_none() && app.with(|s| s.row_matches(view.span)))
        })
    });
    let chosen = app.select(|state| (state.columns.clone(), state.prefs.time));
    let columns = Memo::new(move || {
        // All members of a group are asked: only when rows or columns change.
        pane.rows.with(|_| ());
        chosen.with(|_| ());
        let row = row.get();
        app.peek(|state| match state.rows.gap(row) {
            Some(_) => Vec::new(),
            None => columns(state, row),
        })
    });
    let dim = move || !matching.get() && app.with(|state| state.query.dims());
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
    let open_fold = move |event: web_sys::MouseEvent| {
        event.stop_propagation();
        if let Some(span) = view.with_untracked(|view| view.as_ref().map(|view| view.span)) {
            app.dispatch(Command::ToggleFold(span));
        }
    };
    view! {
        <div class="row" role="row" hidden=move || view.with(Option::is_none)
            class:selected=move || selected.get() class:match=move || matching.get() class:dim=dim
            class:hovered=move || pane.hovered.get() == Some(row.get())
            class:gap=move || view.with(|view| view.as_ref().is_some_and(|view| view.gap.is_some()))
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
                    view.as_ref().map_or_else(String::new, |view| colour::css(view.colour))
                })></span>
                <span class="row-service" dir="auto" title=field(|view| view.service.clone())>{field(|view| view.service.clone())}</span>
                <span class="row-name" dir="auto" title=field(RowView::title)>{field(|view| view.name.clone())}</span>
                {move || view.with(|view| view.as_ref().and_then(|view| view.fold.clone())).map(|fold| view! {
                    <button class="badge fold" class:open=fold.open tabindex="-1" title=fold.title on:click=open_fold>{fold.text}</button>
                })}
                {move || view.with(|view| view.as_ref().and_then(|view| view.matching)).map(|(found, of)| view! {
                    <span class="badge count" title=format!("{} match the query", found_of(found, of))>{format!("{} match", format::count(u64::from(found)))}</span>
                })}
                {move || view.with(|view| view.as_ref().and_then(|view| view.error.clone())).map(|text| view! { <span class="badge error">{text}</span> })}
                {move || view.with(|view| view.as_ref().map_or(0, |view| view.hidden)).ne(&0).then(|| view! {
                    <span class="badge count" title="Spans hidden below">{field(|view| format!("+{}", format::count(u64::from(view.hidden))))}</span>
                })}
                {move || view.with(|view| view.as_ref().map_or(0, |view| view.inside)).ne(&0).then(|| view! {
                    <span class="badge error" title="Failed spans below that are too short to show; next error (e) goes to each">{field(|view| format!("+{}", format::counted(u64::from(view.inside), "error")))}</span>
                })}
                {move || badges(view, |view| &view.remarks, "badge remark")}
                {move || view.with(|view| view.as_ref().and_then(|view| view.note.clone())).map(|text| view! { <span class="badge count" title=text>"✎ note"</span> })}
                <span class="row-badges">{move || badges(view, |view| &view.signs, "badge")}</span>
            </span>
            <span class="visually-hidden" role="gridcell">{field(|view| view.duration.clone())}</span>
            {move || columns.get().into_iter().map(|(words, title)| {
                view! { <span class="row-column" role="gridcell" title=title>{words}</span> }
            }).collect_view()}
        </div>
    }
}

impl RowView {
    /// What is on the row, whole; of a group what it took.
    fn title(&self) -> String {
        if let Some(id) = &self.gap {
            return format!("Span {id} is {}", self.duration);
        }
        match &self.fold {
            Some(fold) if !fold.open => format!("{}\n{}", self.name, self.duration),
            _ => self.name.clone(),
        }
    }
}

fn badges(
    view: Memo<Option<RowView>>,
    which: fn(&RowView) -> &Vec<Badge>,
    class: &'static str,
) -> Markup {
    let badges = view.with(|view| view.as_ref().map(which).cloned());
    let badge = |(text, title): Badge| {
        let title = format!("{text}\n{title}");
        view! { <span class=class title=title>{text}</span> }
    };
    badges
        .unwrap_or_default()
        .into_iter()
        .map(badge)
        .collect_view()
}

fn found_of(found: u32, of: u32) -> String {
    let count = |number: u32| format::count(u64::from(number));
    format!("{} of {}", count(found), count(of))
}

pub(super) fn row_view(state: &UiState, row: usize, room: f64) -> Option<RowView> {
    let (store, span) = (state.store()?, state.rows.span(row)?);
    let span = store.span(span);
    if let Some(gap) = state.rows.gap(row) {
        return Some(gap_view(row, span, gap));
    }
    let folds = state.rows.folds();
    let group = folds.group_row(span.idx());
    let matching = group.and_then(|(group, facts)| {
        let found = *state.matching_by_group().get(group as usize)?;
        (found > 0).then_some((found, facts.count))
    });
    let group = group.map(|(_, facts)| facts);
    let server = folds.server_in(span.idx()).filter(|_| group.is_none());
    let server = server.map(|server| store.span(server));
    let named = server.unwrap_or(span);
    let opens = state.opens(span.idx());
    let collapsed = group.is_none() && opens == Some(false);
    let depth = state.rows.level(row, span.depth());
    let told = state.rows.is_below_gap(row);
    let own = badge(span, told).filter(|_| group.is_none() && server.is_none());
    // However deep, half of the width is left for the words.
    let levels = (room * 0.5 / INDENT).floor();
    Some(RowView {
        row,
        span: span.idx(),
        depth,
        indent: f64::from(depth).min(levels) * INDENT,
        service: match server {
            Some(server) => format!(
                "{} → {}",
                format::visible_line(span.service_name()),
                format::visible_line(server.service_name())
            ),
            None => format::visible_line(span.service_name()).into_owned(),
        },
        colour: match state.colours() {
            Some(colours) => colours.of(span.idx()),
            None => Some(span.service()),
        },
        name: if named.name().is_empty() {
            "(no name)".to_owned()
        } else {
            format::visible_line(named.name()).into_owned()
        },
        duration: match (group, server) {
            (Some(facts), _) => group_words(facts, matching),
            (None, Some(server)) => format!(
                "{}, of it {} in {}",
                length(state, span),
                server.duration(),
                format::visible_line(server.service_name())
            ),
            _ => length(state, span),
        },
        matching,
        gap: None,
        expanded: opens,
        hidden: if collapsed { span.descendants() } else { 0 },
        error: match group {
            Some(facts) => {
                (facts.errors > 0).then(|| format::counted(u64::from(facts.errors), "error"))
            }
            None => error_word(span).or_else(|| server.and_then(error_word)),
        },
        note: (state.note_on(span).or_else(|| state.note_on(named))).map(str::to_owned),
        inside: state.failed_inside(span.idx()),
        signs: match state.prefs.badges && group.is_none() {
            true => signs::beside(named, own.as_slice()),
            false => Vec::new(),
        },
        remarks: own.into_iter().chain(moved(state, span)).collect(),
        fold: fold(state, span.idx(), group),
    })
}

/// Why a parent may not be in the data.
const MISSING: &str = "It may have been dropped by sampling, not exported yet, lost on the way, or be in a file that is not open";

/// The row of a parent that is not in the data.
fn gap_view(row: usize, child: SpanRef<'_>, gap: &Gap) -> RowView {
    let children = match gap.children {
        1 => "1 child".to_owned(),
        count => format!("{} children", format::count(u64::from(count))),
    };
    let id = child.parent_id().to_string();
    RowView {
        row,
        span: child.idx(),
        depth: 0,
        indent: 0.0,
        service: format!("missing span {}… · {children}", id.get(..8).unwrap_or(&id)),
        colour: None,
        name: "sampled out, late, lost on the way, or elsewhere".to_owned(),
        duration: format!("not in the data. {MISSING}"),
        expanded: None,
        hidden: 0,
        error: None,
        note: None,
        inside: 0,
        remarks: Vec::new(),
        signs: Vec::new(),
        fold: None,
        gap: Some(id),
        matching: None,
    }
}

/// What the row has in the columns that were chosen, and at length.
fn columns(state: &UiState, row: usize) -> Vec<(String, String)> {
    match state.columns.is_empty() {
        true => Vec::new(),
        false => together::columns(state, row),
    }
}

fn fold(state: &UiState, span: u32, group: Option<&Facts>) -> Option<Fold> {
    if let Some(facts) = group {
        return Some(Fold {
            text: format!("×{}", format::count(u64::from(facts.count))),
            title: "Spans of one parent with the same service and name: show each (u)",
            open: false,
        });
    }
    let folds = state.rows.folds();
    let repeats = folds.repeats()?;
    let group = folds.open_group(span)?;
    let members = repeats.members(group);
    (members.first() == Some(&span)).then(|| Fold {
        text: format!("×{}", format::count(members.len() as u64)),
        title: "These are shown one by one: put them in one row again (u)",
        open: true,
    })
}

/// What a group's strip says, in words.
fn group_words(facts: &Facts, matching: Option<(u32, u32)>) -> String {
    let mut text = format!(
        "{} in {}: shortest {}, median {}, longest {}, together {}",
        format::counted(u64::from(facts.count), "span"),
        facts.end.since(facts.start),
        facts.min,
        facts.median,
        facts.max,
        facts.total
    );
    if facts.errors > 0 {
        text.push_str(", ");
        text.push_str(&format::counted(u64::from(facts.errors), "error"));
    }
    if let Some((found, of)) = matching {
        text.push_str(&format!(", {} match", found_of(found, of)));
    }
    text
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

/// By how much a span is moved, while it is.
fn moved(state: &UiState, span: SpanRef<'_>) -> Option<Badge> {
    let offset = state.moving_skew()?.offset_of(span.resource().idx());
    (offset != 0).then(|| {
        (
            format!("moved {}", format::signed(offset)),
            "By the estimate of how far its clock is off; the times in the details are as given"
                .into(),
        )
    })
}

/// A remark on a span, and what it means.
pub(super) type Badge = (String, Cow<'static, str>);

/// What was odd about a span, else whom it called; `told` says that a row above has that its parent is missing.
fn badge(span: SpanRef<'_>, told: bool) -> Option<Badge> {
    let marks = span.marks();
    let fixed = |text: &str, title: &'static str| Some((text.to_owned(), title.into()));
    if marks.has(SpanMarks::ORPHAN) && !told {
        return fixed("parent missing", MISSING);
    }
    if marks.has(SpanMarks::CYCLE_CUT) {
        return fixed("circle cut", "Its ancestors lead back to itself");
    }
    if marks.has(SpanMarks::DUPLICATE_ID) {
        return fixed(
            "id used twice",
            "Another span of this trace has the same id",
        );
    }
    peer(span)
}

/// Whom a call went to that nobody answered in this data.
fn peer(span: SpanRef<'_>) -> Option<Badge> {
    let outgoing = matches!(span.kind(), SpanKind::Client | SpanKind::Producer);
    if !outgoing || span.descendants() > 0 {
        return None;
    }
    let attributes = span.attributes();
    let first = |keys: &[&str]| keys.iter().find_map(|key| attributes.get_str(key));
    let system = first(&["db.system.name", "db.system", "messaging.system"]);
    let part = first(&[
        "db.namespace",
        "db.name",
        "messaging.destination.name",
        "messaging.destination",
    ]);
    let name = first(&[
        "peer.service",
        "server.address",
        "net.peer.name",
        "rpc.service",
    ]);
    let line = |text: &str| format::visible_line(format::clip(text, 60).0).into_owned();
    match (system, name) {
        // Databases and queues never send spans.
        (Some(system), _) => {
            let part = part.map_or_else(String::new, |part| format!(" {}", line(part)));
            Some((
                format!("→ {}{part}", line(system)),
                "What was called; it sends no spans itself".into(),
            ))
        }
        (None, Some(name)) => Some((
            format!("→ {} not instrumented", line(name)),
            "What was called has no spans in this data".into(),
        )),
        (None, None) => None,
    }
}
