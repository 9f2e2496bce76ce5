//! The flat table: every span of the trace, or every event, with the columns that one chooses, or groups of them.
//!
//! Only what is on screen is in the page. Rows are ordered and filtered when that is asked for, never while scrolling.
//!
//! **Invariant:** what the rows are is the state's; where it is scrolled to and which row has the cursor are its own.

mod export;
mod groups;

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::analysis::table::{
    Column, Of, Row,
    groups::{Group, Measure},
    level,
};
use web_sys::{HtmlElement, KeyboardEvent, WheelEvent};

use super::{
    cells,
    columns::{ColumnMenu, Whose},
    context::{App, use_app},
    format, measure,
    waterfall::scroll::Scroll,
};
use crate::{
    browser::resize,
    state::{Command, DetailsTab, UiState, View, table},
};
use export::Export;
use groups::Groups;

/// Height of a row, and of the head; the stylesheet says the same. CSS pixels.
const ROW: f64 = 28.0;
const HEAD: f64 = 30.0;
/// Rows that are moved as one: a transform stays exact.
const BLOCK: usize = 1_024;

/// What the parts of the table share.
#[derive(Clone, Copy)]
struct Pane {
    app: App,
    rows: Memo<Arc<Vec<Row>>>,
    /// What the query puts together of them; none where it does not group.
    groups: Memo<Arc<Vec<Group>>>,
    /// What orders the groups, and whether from large to small.
    grouped: RwSignal<(Measure, bool)>,
    columns: Memo<Arc<Vec<Column>>>,
    body: NodeRef<HtmlElement>,
    /// What shows, CSS pixels.
    height: RwSignal<f64>,
    /// How far it is scrolled, CSS pixels of all rows.
    offset: RwSignal<f64>,
    cursor: RwSignal<usize>,
}

impl Pane {
    fn count(self) -> usize {
        self.rows.with(|rows| rows.len())
    }

    fn scroll(self) -> Scroll {
        Scroll {
            content: self.rows.with_untracked(|rows| rows.len()) as f64 * ROW,
            height: self.height.get_untracked(),
        }
    }

    /// Goes to an offset and takes the scroll bar along.
    fn scroll_to(self, offset: f64) {
        let scroll = self.scroll();
        let offset = offset.clamp(0.0, scroll.last());
        self.offset.set(offset);
        if let Some(body) = self.body.get_untracked() {
            body.set_scroll_top(scroll.top_from_offset(offset).round() as i32);
        }
    }

    /// Puts the cursor on a row and brings it on screen.
    fn go(self, row: usize) {
        self.cursor.set(row);
        let (top, offset, height) = (
            row as f64 * ROW,
            self.offset.get_untracked(),
            self.height.get_untracked(),
        );
        if top < offset {
            self.scroll_to(top);
        } else if top + ROW > offset + height {
            self.scroll_to(top + ROW - height);
        }
        let span = self
            .rows
            .with_untracked(|rows| rows.get(row).map(|row| row.span));
        self.app.dispatch(Command::Select(span));
    }
}

/// The view.
#[component]
pub fn TableView() -> impl IntoView {
    let app = use_app();
    // What decides the rows: ordering a million takes longer than a frame.
    let cause = app.select(|state| {
        (
            state.dataset.clone(),
            state.trace,
            state.query.matches.clone(),
            state.query.asks,
            (state.table.of == Of::Events, state.table.order.clone()),
        )
    });
    let rows = Memo::new(move || {
        cause.with(|_| ());
        Arc::new(app.peek(table::rows))
    });
    // A press on what the rows are begins the groups anew, too.
    let by = app.select(|state| (state.query.by.clone(), state.table.of == Of::Events));
    let pane = Pane {
        app,
        rows,
        groups: Memo::new(move || {
            let by = by.with(|(by, _)| by.clone());
            Arc::new(by.map_or_else(Vec::new, |by| groups::of(app, &rows.get(), &by)))
        }),
        grouped: RwSignal::new((Measure::Count, true)),
        columns: app.select(|state| state.table.columns().clone()),
        body: NodeRef::new(),
        height: RwSignal::new(0.0),
        offset: RwSignal::new(0.0),
        cursor: RwSignal::new(0),
    };
    let observed = StoredValue::new(None);
    Effect::new(move |_| {
        if let Some(body) = pane.body.get() {
            observed.set_value(resize::observe(&body, move |_, height| {
                pane.height.set((height - HEAD).max(0.0));
            }));
        }
    });
    // Other rows begin at the selected one, or at their top.
    Effect::new(move |_| {
        let selected = app.peek(|state| state.selection);
        let row = rows.with(|rows| {
            let near = rows.iter().take(100_000);
            near.clone().position(|row| Some(row.span) == selected)
        });
        pane.cursor.set(row.unwrap_or(0));
        if pane.height.get_untracked() > 0.0 {
            pane.scroll_to(row.map_or(0.0, |row| (row as f64 - 3.0) * ROW));
        }
    });
    view! {
        <section class="table" aria-label="Table">
            <Top pane=pane/>
            {move || match by.get().0 {
                Some(by) => view! { <Groups pane=pane by=by/> }.into_any(),
                None => view! { <Grid pane=pane/> }.into_any(),
            }}
        </section>
    }
}

/// What the rows are, how many, columns and export.
#[component]
fn Top(pane: Pane) -> impl IntoView {
    let app = pane.app;
    let of = app.select(|state| state.table.of);
    let total = app.select(|state| state.query.asks.then(|| state.query.matches.len()));
    let grouped = app.select(|state| state.query.by.is_some());
    let words = move || {
        let (count, name) = match of.get() {
            Of::Spans => (pane.count(), "span"),
            Of::Events => (pane.count(), "event"),
        };
        let filtered = if total.get().is_some() {
            " that match the query"
        } else {
            ""
        };
        let rows = format!("{}{filtered}", format::counted(count as u64, name));
        match grouped.get() {
            true => {
                let groups = pane.groups.with(|groups| groups.len());
                format!("{rows}, in {}", format::counted(groups as u64, "group"))
            }
            false => rows,
        }
    };
    let choice = move |this: Of, words: &'static str| {
        view! {
            <button class="table-choice" aria-pressed=move || (of.get() == this).to_string()
                on:click=move |_| { measure::command_begins(); app.dispatch(Command::TableOf(this)); }>{words}</button>
        }
    };
    let save = move |_| {
        let export = match app.peek(|state| state.query.by.clone()) {
            Some(by) => groups::export(pane, &by),
            None => export(pane),
        };
        if let Some(export) = export {
            export.start();
        }
    };
    view! {
        <div class="table-top">
            <div class="table-choices" role="group" aria-label="Rows">{choice(Of::Spans, "Spans")}{choice(Of::Events, "Events")}</div>
            <span class="table-count" role="status">{words}</span>
            <span class="tabs-space"></span>
            <groups::Chooser app=app/>
            <button class="link" title="Save these rows and columns as a file" on:click=save>"Save as CSV"</button>
            <Show when=move || !grouped.get()><ColumnMenu whose=Whose::Table/></Show>
        </div>
    }
}

/// The name of a file, without its end.
fn file_name(state: &UiState) -> String {
    let name = state
        .trace_ref()
        .map_or_else(String::new, |trace| trace.id().to_string());
    let of = match state.table.of {
        Of::Spans => "spans",
        Of::Events => "events",
    };
    format!("{name}-{of}")
}

/// The rows as a file.
fn export(pane: Pane) -> Option<Export> {
    let peek = |state: &UiState| Some((state.store()?.clone(), file_name(state)));
    let (store, name) = pane.app.peek(peek)?;
    let (rows, columns) = (pane.rows.get_untracked(), pane.columns.get_untracked());
    Some(Export {
        app: pane.app,
        name: format!("{name}.csv"),
        head: cells::csv_head(&columns),
        count: rows.len(),
        line: Box::new(move |at, out| cells::csv_line(&store, rows[at], &columns, out)),
    })
}

#[component]
fn Grid(pane: Pane) -> impl IntoView {
    let scrolled = move |_: web_sys::Event| {
        if let Some(body) = pane.body.get_untracked() {
            let top = f64::from(body.scroll_top());
            let offset = pane
                .scroll()
                .offset_from_top(top, pane.offset.get_untracked());
            pane.offset.set(offset);
        }
    };
    let wheel = move |event: WheelEvent| {
        if pane.scroll().is_scaled() && !event.ctrl_key() && !event.shift_key() {
            event.prevent_default();
            pane.scroll_to(pane.offset.get_untracked() + event.delta_y());
        }
    };
    let key = move |event: KeyboardEvent| {
        let own = event.target() == event.current_target();
        if !own || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (at, last) = (
            pane.cursor.get_untracked(),
            pane.rows
                .with_untracked(|rows| rows.len())
                .saturating_sub(1),
        );
        let page = (pane.height.get_untracked() / ROW).max(1.0) as usize;
        match event.key().as_str() {
            "ArrowUp" | "k" => pane.go(at.saturating_sub(1)),
            "ArrowDown" | "j" => pane.go((at + 1).min(last)),
            "PageUp" => pane.go(at.saturating_sub(page)),
            "PageDown" => pane.go((at + page).min(last)),
            "Home" => pane.go(0),
            "End" => pane.go(last),
            "Enter" => open(pane, at),
            _ => return,
        }
        event.prevent_default();
    };
    let first = Memo::new(move || (pane.offset.get() / ROW).floor().max(0.0) as usize);
    let shown = Memo::new(move || {
        let visible = (pane.height.get() / ROW).ceil() as usize + 2;
        // Steps of rows: a slow scroll does not touch the page with every pixel.
        let from = first.get() / 4 * 4;
        from.min(pane.count())..(from + visible + 4).min(pane.count())
    });
    let block = Memo::new(move || first.get() / BLOCK * BLOCK);
    let shift = move || {
        format!(
            "translateY({}px)",
            block.get() as f64 * ROW - pane.offset.get()
        )
    };
    let template = Memo::new(move || {
        let columns = pane.columns.get();
        let widths = columns.iter().map(|column| match cells::width(column) {
            (least, 0) => format!("{least}px"),
            (least, part) => format!("minmax({least}px,{part}fr)"),
        });
        let least: u32 = columns
            .iter()
            .map(|column| cells::width(column).0 + 16)
            .sum();
        (widths.collect::<Vec<_>>().join(" "), format!("{least}px"))
    });
    let space = move || {
        let scroll = Scroll {
            content: pane.count() as f64 * ROW,
            height: pane.height.get(),
        };
        format!("{}px", scroll.space())
    };
    view! {
        <div class="table-grid" role="grid" tabindex="0" aria-label="Rows" aria-rowcount=move || (pane.count() + 1).to_string()
            aria-colcount=move || pane.columns.with(|columns| columns.len()).to_string()
            aria-activedescendant=move || (pane.count() > 0).then(|| format!("table-row-{}", pane.cursor.get())) on:keydown=key>
            <div class="table-body" node_ref=pane.body on:scroll=scrolled on:wheel=wheel>
                <Head pane=pane template=template/>
                <div class="table-space" role="rowgroup" style:height=space style:min-width=move || template.with(|(_, least)| least.clone())>
                    <div class="table-pane" style:height=move || format!("{}px", pane.height.get())>
                        <div class="table-rows" style:transform=shift>
                            <For each=move || { pane.rows.track(); pane.columns.track(); keyed(pane, shown.get()) } key=|line| line.clone() let:line>
                                <Line pane=pane line=line block=block template=template/>
                            </For>
                        </div>
                    </div>
                </div>
            </div>
            <Show when=move || pane.count() == 0><p class="table-none">"No row. A query that matches nothing, or a trace without events."</p></Show>
        </div>
    }
}

/// A row by what it shows, so that another order makes other lines.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Shown {
    at: usize,
    span: u32,
    event: Option<u32>,
    columns: usize,
}

fn keyed(pane: Pane, shown: std::ops::Range<usize>) -> Vec<Shown> {
    let columns = pane.columns.with(|columns| Arc::as_ptr(columns) as usize);
    pane.rows.with(|rows| {
        let lines = rows.get(shown.clone()).unwrap_or_default().iter();
        let line = |(at, row): (usize, &Row)| Shown {
            at,
            span: row.span,
            event: row.event,
            columns,
        };
        shown.zip(lines).map(line).collect()
    })
}

#[component]
fn Line(
    pane: Pane,
    line: Shown,
    block: Memo<usize>,
    template: Memo<(String, String)>,
) -> impl IntoView {
    let app = pane.app;
    let Shown {
        at, span, event, ..
    } = line;
    let row = Row { span, event };
    let columns = pane.columns.get_untracked();
    let cells = app.peek(|state| {
        let (Some(store), Some(trace)) = (state.store(), state.trace_ref()) else {
            return Vec::new();
        };
        let words =
            |column: &Column| cells::words(store, row, column, state.prefs.time, trace.start());
        columns.iter().map(words).collect()
    });
    let cells = columns.iter().zip(cells).map(|(column, words)| {
        let class = match column {
            Column::Status if words == "error" => "table-cell error",
            Column::Level if level::severity(&words) >= level::ERROR => "table-cell error",
            column if cells::is_number(column) => "table-cell number",
            Column::Attribute(_) | Column::Attributes | Column::Id => "table-cell mono",
            _ => "table-cell",
        };
        view! { <span class=class role="gridcell">{words}</span> }
    });
    let current = move || pane.cursor.get() == at;
    let press = move |_: web_sys::MouseEvent| {
        pane.go(at);
        app.dispatch(Command::ShowDetails(true));
        if event.is_some() {
            app.dispatch(Command::ShowTab(DetailsTab::Events));
        }
    };
    view! {
        <div class="table-row" role="row" id=format!("table-row-{at}") aria-rowindex=(at + 2).to_string() class:current=current
            aria-selected=move || current().to_string() style:transform=move || format!("translateY({}px)", (at - block.get().min(at)) as f64 * ROW)
            style:grid-template-columns=move || template.with(|(columns, _)| columns.clone())
            title="Double click or Enter: in the waterfall" on:click=press on:dblclick=move |_| open(pane, at)>{cells.collect_view()}</div>
    }
}

/// Shows a row's span in the waterfall.
fn open(pane: Pane, at: usize) {
    let row = pane.rows.with_untracked(|rows| rows.get(at).copied());
    if let Some(row) = row {
        pane.app.dispatch(Command::ShowView(View::Waterfall));
        pane.app.dispatch(Command::Reveal(row.span));
    }
}

/// The names of the columns: a click orders by one, a second one turns the order round, a third one leaves it.
#[component]
fn Head(pane: Pane, template: Memo<(String, String)>) -> impl IntoView {
    let app = pane.app;
    let order = app.select(|state| state.table.order.clone());
    let name = move |column: &Column| {
        let (own, pressed) = (column.clone(), column.clone());
        let direction = move || {
            order.with(|order| match order {
                Some((column, true)) if *column == own => "descending",
                Some((column, false)) if *column == own => "ascending",
                _ => "none",
            })
        };
        let arrow = direction.clone();
        let class = match cells::is_number(column) {
            true => "table-cell number",
            false => "table-cell",
        };
        let words = format::visible_text(&column.name());
        view! {
            <span class=class role="columnheader" aria-sort=direction>
                <button class="list-sort" title=format!("Order by {words}") on:click=move |_| {
                    measure::command_begins();
                    app.dispatch(Command::SortTable(pressed.clone()));
                }>{words}{move || match arrow() { "ascending" => " ↑", "descending" => " ↓", _ => "" }}</button>
            </span>
        }
    };
    view! {
        <div class="table-head" role="row" aria-rowindex="1" style:grid-template-columns=move || template.with(|(columns, _)| columns.clone())
            style:min-width=move || template.with(|(_, least)| least.clone())>
            {move || pane.columns.with(|columns| columns.iter().map(name).collect_view())}
        </div>
    }
}
