//! The waterfall: the span tree in words on the left, its bars on a canvas on the right, scrolled as one.
//!
//! The page scrolls an empty space as high as all rows; what shows is a pane that stays in place and is drawn anew for
//! where the scroll bar is. So rows and bars never come apart, and only what is on screen costs anything.
//!
//! **Invariant:** holds where it is scrolled to and what the pointer does; everything else is the state's.

pub(super) mod paper;
mod plot;
mod row;
pub(super) mod scroll;
mod signs;
mod sticky;
mod together;

use std::sync::Arc;

use crate::dom::prelude::*;
use throughline_model::time::Nanos;
use web_sys::WheelEvent;

use super::{
    context::{App, use_app},
    effects, format,
    shape::FocusPath,
    splitter::{Side, Splitter},
};
use crate::{
    browser::{later, resize},
    scene::{bars::sticky::MOST, ticks::Axis},
    state::{Command, Rows, TimeRange},
};
use plot::Plot;
pub(super) use plot::wheel_command;
use row::RowSlot;
use scroll::Scroll;

/// Narrower than this the names stand above their bars.
const STACKED_BELOW: f64 = 600.0;
/// Air left and right of the bars.
const PLOT_PAD: f32 = 12.0;
/// Height of a row when the name stands above the bar.
const STACKED_ROW: f64 = 42.0;
/// Height of a row that stays at the top then: its name alone.
const STACKED_NAME: f64 = 24.0;

/// What the parts of the waterfall share.
#[derive(Clone, Copy)]
struct Pane {
    rows: Memo<Arc<Rows>>,
    range: Memo<Option<TimeRange>>,
    /// Width and height of what shows, CSS pixels.
    size: RwSignal<(f64, f64)>,
    /// How far the rows are scrolled, CSS pixels of all rows.
    offset: RwSignal<f64>,
    hovered: RwSignal<Option<usize>>,
    /// The x of the pointer over the bars.
    crosshair: RwSignal<Option<f32>>,
    row_height: Memo<f64>,
    stacked: Memo<bool>,
    tree_width: Memo<f64>,
    /// The rows that stay at the top.
    sticky: Memo<Vec<usize>>,
    /// How high each of them is.
    sticky_height: Memo<f64>,
}

impl Pane {
    fn axis(self) -> Option<Axis> {
        let width = self.plot_width();
        self.range.get().map(|range| Axis {
            range,
            width: width as f32,
            pad: PLOT_PAD,
        })
    }

    fn plot_width(self) -> f64 {
        let (width, _) = self.size.get();
        if self.stacked.get() {
            width
        } else {
            (width - self.tree_width.get() - 1.0).max(40.0)
        }
    }

    fn scroll(self) -> Scroll {
        Scroll {
            content: self.rows.with_untracked(|rows| rows.len()) as f64
                * self.row_height.get_untracked(),
            height: self.size.get_untracked().1,
        }
    }
}

/// The view.
#[component]
pub fn Waterfall() -> impl IntoView {
    let app = use_app();
    let size = RwSignal::new((0.0, 0.0));
    let stacked = Memo::new(move || size.get().0 < STACKED_BELOW && size.get().0 > 0.0);
    let row_height = Memo::new(move || {
        if stacked.get() {
            STACKED_ROW
        } else {
            app.with(|state| state.row_height())
        }
    });
    let wanted_width = app.select(|state| state.prefs.tree_width);
    let offset = RwSignal::new(0.0);
    let rows = app.select(|state| state.rows.clone());
    let later = later::arrived();
    let sticky = Memo::new(move || {
        let (offset, height) = (offset.get(), row_height.get());
        if offset < height || !later.get() {
            return Vec::new();
        }
        let most = most_sticky(size.get().1, height);
        let first = (offset / height) as usize;
        rows.with(|rows| app.peek(|state| sticky::rows(state, rows, first, most)))
    });
    Effect::new(move |_| {
        // Rows that stay at the top come with what is loaded later.
        if offset.get() >= row_height.get() && !later.get_untracked() {
            later::load_soon();
        }
    });
    let pane = Pane {
        rows,
        range: app.select(|state| state.visible_range()),
        size,
        offset,
        sticky,
        sticky_height: Memo::new(move || match stacked.get() {
            true => STACKED_NAME,
            false => row_height.get(),
        }),
        hovered: RwSignal::new(None),
        crosshair: RwSignal::new(None),
        row_height,
        stacked,
        // The bars keep a third, however wide the names were once made.
        tree_width: Memo::new(move || wanted_width.get().min(size.get().0 * 0.66).max(120.0)),
    };
    let body = NodeRef::<web_sys::HtmlElement>::new();
    let observed = StoredValue::new(None);
    Effect::new(move |_| {
        if let Some(body) = body.get() {
            observed.set_value(resize::observe(&body, move |width, height| {
                size.set((width, height))
            }));
        }
    });
    follow_scroll_target(app, pane, body);
    keep_selection_in_view(app, pane);
    let linked = app.select(|state| Some((state.linked()?, state.dataset.clone())));
    Effect::new(move |_| {
        if linked.with(Option::is_some) {
            app.dispatch(Command::FindLinks);
        }
    });
    let scrolled = move |_| {
        if let Some(body) = body.get_untracked() {
            let offset = pane
                .scroll()
                .offset_from_top(f64::from(body.scroll_top()), pane.offset.get_untracked());
            pane.offset.set(offset);
        }
    };
    let space = move || {
        let content = pane.rows.with(|rows| rows.len()) as f64 * row_height.get();
        Scroll {
            content,
            height: size.get().1,
        }
        .space()
    };
    // A collapse can leave the pane below the last row.
    Effect::new(move |_| {
        let content = pane.rows.with(|rows| rows.len()) as f64 * row_height.get();
        let last = (content - size.get().1).max(0.0);
        if pane.offset.get_untracked() > last {
            pane.offset.set(last);
        }
    });
    let wheel = move |event: WheelEvent| wheel_scroll(pane, body, &event);
    let focused = app.select(|state| state.shape.focus.is_some());
    view! {
        <div class="wf" class:stacked=move || stacked.get()>
            <Show when=move || focused.get()><FocusPath/></Show>
            <Head pane=pane/>
            <div class="wf-body" node_ref=body on:scroll=scrolled on:wheel=wheel>
                <div class="wf-space" style:height=move || format!("{}px", space())>
                    <div class="wf-pane" style:height=move || format!("{}px", size.get().1)>
                        <Tree pane=pane/>
                        <Show when=move || !stacked.get()>
                            <Splitter side=Side::Left width=pane.tree_width label="Width of the span names"
                                on_width=Callback::new(move |width| app.dispatch(Command::SetTreeWidth(width)))/>
                        </Show>
                        <Plot pane=pane/>
                    </div>
                </div>
            </div>
        </div>
    }
}

/// When there are more rows than an element can be high, the browser's own step of the wheel would jump over many.
fn wheel_scroll(pane: Pane, body: NodeRef<web_sys::HtmlElement>, event: &WheelEvent) {
    let scroll = pane.scroll();
    if !scroll.is_scaled() || event.ctrl_key() || event.default_prevented() {
        return;
    }
    event.prevent_default();
    let offset = (pane.offset.get_untracked() + event.delta_y()).clamp(0.0, scroll.last());
    pane.offset.set(offset);
    if let Some(body) = body.get_untracked() {
        body.set_scroll_top(scroll.top_from_offset(offset).round() as i32);
    }
}

/// Brings the row on screen that the state asks for, moving no further than needed.
fn follow_scroll_target(app: App, pane: Pane, body: NodeRef<web_sys::HtmlElement>) {
    let target = effects::scroll_target();
    Effect::new(move |_| {
        let (Some(row), Some(body)) = (target.get(), body.get()) else {
            return;
        };
        let height = pane.size.get().1;
        if height <= 0.0 {
            return;
        }
        let row_height = pane.row_height.get_untracked();
        let (top, offset) = (row as f64 * row_height, pane.offset.get_untracked());
        // A row at the very edge shows no context: keep two rows of it.
        let margin = (2.0 * row_height).min(height / 4.0);
        let stays = sticky_room(app, pane, row);
        let wanted = if top < offset + margin.max(stays) {
            top - margin.max(stays)
        } else if top + row_height > offset + height - margin {
            top + row_height - height + margin
        } else {
            offset
        };
        let scroll = pane.scroll();
        let wanted = wanted.clamp(0.0, scroll.last());
        pane.offset.set(wanted);
        let top = scroll.top_from_offset(wanted).round() as i32;
        // The space takes its new height after this effect: ask again then.
        request_animation_frame(move || body.set_scroll_top(top));
        target.set(None);
    });
}

/// As many rows stay at the top as there is room for.
fn most_sticky(height: f64, row_height: f64) -> usize {
    ((height / row_height / 4.0) as usize).min(MOST)
}

/// How much of the top the rows above a row may take once they stay there.
fn sticky_room(app: App, pane: Pane, row: usize) -> f64 {
    let row_height = pane.row_height.get_untracked();
    let most = most_sticky(pane.size.get_untracked().1, row_height);
    let above = app.peek(|state| {
        let (store, span) = (state.store()?, state.rows.span(row)?);
        Some(state.rows.level(row, store.span(span).depth()))
    });
    most.min(above.unwrap_or(0) as usize) as f64 * pane.sticky_height.get_untracked()
}

/// When the pane becomes lower, or its rows higher, a selected row that was in view stays there: the details open below
/// the rows where there is no room beside them.
fn keep_selection_in_view(app: App, pane: Pane) {
    Effect::new(move |before: Option<(f64, f64)>| {
        let ((_, height), row_height) = (pane.size.get(), pane.row_height.get());
        let Some((old_height, old_row)) = before else {
            return (height, row_height);
        };
        let lower = height < old_height || row_height != old_row;
        let row = app.peek(|state| {
            let span = state.selection?;
            state.rows.exact_row_of(span)
        });
        if let Some(row) = row.filter(|_| lower && height > 0.0) {
            let below = row as f64 * old_row - pane.offset.get_untracked();
            if below > -old_row && below < old_height {
                effects::scroll_target().set(Some(row));
            }
        }
        (height, row_height)
    });
}

/// The line above the rows: what the columns are, and the time axis.
#[component]
fn Head(pane: Pane) -> impl IntoView {
    let ticks = move || pane.axis().map(|axis| axis.ticks(90.0)).unwrap_or_default();
    let app = use_app();
    let columns = app.select(|state| state.columns.clone());
    let label_room = move || pane.plot_width() as f32;
    view! {
        <div class="wf-head">
            <Show when=move || !pane.stacked.get()>
                <div class="wf-head-tree" style:width=move || format!("{}px", pane.tree_width.get())>
                    <span class="wf-head-names">"Service and span"</span>
                    {move || columns.with(|columns| columns.iter().map(|column| {
                        let name = format::visible_text(&column.name());
                        view! { <span class="row-column" title=name.clone()>{name}</span> }
                    }).collect_view())}
                </div>
            </Show>
            <div class="wf-axis" aria-hidden="true">
                {move || {
                    let room = label_room();
                    // A label at the right edge would be cut.
                    ticks().into_iter().filter(|tick| tick.x < room - 30.0).map(|tick| view! {
                        <span class="wf-tick" style:left=format!("{}px", tick.x)>{tick.label}</span>
                    }).collect_view()
                }}
                {move || pointed(pane).map(|(x, words)| view! { <span class="wf-at" style:left=format!("{x}px")>{words}</span> })}
            </div>
        </div>
    }
}

/// The time under the pointer, and where it stands.
fn pointed(pane: Pane) -> Option<(f32, String)> {
    let (x, axis) = (pane.crosshair.get()?, pane.axis()?);
    let at = Nanos(axis.time_from_px(x));
    Some((x.clamp(30.0, (axis.width - 30.0).max(30.0)), at.to_string()))
}

/// The span tree: a pool of rows, reused as they leave and enter the pane.
#[component]
fn Tree(pane: Pane) -> impl IntoView {
    let app = use_app();
    let pool = Memo::new(move || {
        let (_, height) = pane.size.get();
        match height > 0.0 {
            true => (height / pane.row_height.get()).ceil() as usize + 2,
            // Not known yet: a few rows now would only be drawn twice.
            false => 0,
        }
    });
    let first =
        Memo::new(move || (pane.offset.get() / pane.row_height.get()).floor().max(0.0) as usize);
    // Rows stand at whole multiples inside a block, so that most keep their place while scrolling; blocks keep the
    // numbers small enough for a transform to be exact.
    let block = Memo::new(move || first.get() / 1_024 * 1_024);
    let shift = move || block.get() as f64 * pane.row_height.get() - pane.offset.get();
    let active = app.select(|state| {
        state
            .selection
            .and_then(|span| state.rows.exact_row_of(span))
    });
    let count = move || pane.rows.with(|rows| rows.len());
    view! {
        <div class="wf-tree" role="treegrid" tabindex="0" aria-label="Spans"
            aria-rowcount=move || count().to_string()
            aria-activedescendant=move || active.get().map(|row| format!("row-{row}"))
            style:width=move || if pane.stacked.get() { "100%".to_owned() } else { format!("{}px", pane.tree_width.get()) }
            on:mouseleave=move |_| pane.hovered.set(None)>
            <div class="wf-rows" style:transform=move || format!("translateY({}px)", shift())>
                <For each=move || (0..pool.get()).collect() key=|place| *place let:place>
                    <RowSlot pane=pane place=place pool=pool first=first block=block/>
                </For>
            </div>
            <Show when=move || pane.sticky.with(|rows| !rows.is_empty())><sticky::Sticky pane=pane/></Show>
        </div>
    }
}
