//! The canvas with the bars, and what the pointer does on it.
//!
//! Wheel scrolls the rows; with Ctrl, Alt or Cmd it zooms at the pointer; with Shift, or sideways, it moves in time.
//! A drag zooms to a range, with Shift it moves, with Alt it measures; a click selects; a double click zooms to the span, or out.
//!
//! **Invariant:** paints once a frame at most, and only what [`Bars`] says.

use crate::dom::prelude::*;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::Pane;
use crate::{
    browser::{self, frame},
    paint::Canvas,
    scene::{bars::Bars, ticks::Axis},
    state::{Command, TimeRange, Times, View},
    ui::{
        context::{App, use_app},
        measure,
    },
};

/// Less is a click, CSS pixels.
const DRAG_FROM: f32 = 4.0;

#[derive(Clone, Copy, PartialEq)]
enum Drag {
    Brush { from: f32, to: f32 },
    Pan { last: f32 },
    Measure { from: u64 },
}

/// The bars.
#[component]
pub(super) fn Plot(pane: Pane) -> impl IntoView {
    let app = use_app();
    let element = NodeRef::<web_sys::HtmlCanvasElement>::new();
    let crosshair = pane.crosshair;
    let drag = RwSignal::new(None::<Drag>);
    let seen = app.select(|state| {
        (
            state.selection,
            (state.query.matches.clone(), state.query.others),
            state.critical_path,
            state.measured,
            state.colour.by.clone(),
            (state.clocks.times, state.bonds().clone()),
            state.dark(),
        )
    });
    Effect::new(move |_| {
        // Whatever changes one of these asks for a frame; the frame reads them all anew.
        pane.rows.track();
        pane.offset.track();
        pane.hovered.track();
        pane.sticky.with(|_| ());
        pane.row_height.track();
        crosshair.track();
        drag.track();
        // Read, not `track`ed: a memo that nobody reads never asks its own sources.
        seen.with(|_| ());
        let (Some(axis), Some(element)) = (pane.axis(), element.get()) else {
            return;
        };
        let (_, height) = pane.size.get();
        frame::request("bars", move || {
            // The frame may come after the view is gone, and its signals with it.
            let (Some(crosshair), Some(drag)) =
                (crosshair.try_get_untracked(), drag.try_get_untracked())
            else {
                return;
            };
            if let Some(mut canvas) = Canvas::new(element) {
                canvas.resize(f64::from(axis.width), height, browser::pixel_ratio());
                paint(app, pane, axis, &canvas, crosshair, drag);
            }
        });
    });
    let at = move |event: &MouseEvent| {
        let rect = element
            .get_untracked()
            .map(|element| element.get_bounding_client_rect());
        let (left, top) = rect.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
        (
            (f64::from(event.client_x()) - left) as f32,
            f64::from(event.client_y()) - top,
        )
    };
    let row_at = move |y: f64| {
        let place = (y / pane.row_height.get_untracked()).max(0.0) as usize;
        let stays = pane.sticky.with_untracked(|rows| rows.get(place).copied());
        if stays.is_some() {
            return stays;
        }
        let row = ((pane.offset.get_untracked() + y) / pane.row_height.get_untracked())
            .floor()
            .max(0.0) as usize;
        (row < pane.rows.with_untracked(|rows| rows.len())).then_some(row)
    };
    let down = move |event: PointerEvent| {
        if event.button() > 1 {
            return;
        }
        let (x, _) = at(&event);
        if let Some(element) = element.get_untracked() {
            element.set_pointer_capture(event.pointer_id()).ok();
        }
        let pan = event.shift_key() || event.button() == 1;
        let measured = untrack(move || pane.axis()).filter(|_| event.alt_key());
        drag.set(Some(if let Some(axis) = measured {
            Drag::Measure {
                from: axis.time_from_px(x),
            }
        } else if pan {
            Drag::Pan { last: x }
        } else {
            Drag::Brush { from: x, to: x }
        }));
    };
    let moved = move |event: PointerEvent| {
        let (x, y) = at(&event);
        match drag.get_untracked() {
            Some(Drag::Brush { from, .. }) => drag.set(Some(Drag::Brush { from, to: x })),
            Some(Drag::Pan { last }) => {
                let width = pane.plot_width().max(1.0);
                app.dispatch(Command::Pan(f64::from(last - x) / width));
                drag.set(Some(Drag::Pan { last: x }));
            }
            Some(Drag::Measure { from }) => {
                if let Some(axis) = untrack(move || pane.axis()) {
                    app.dispatch(Command::Measure(from, axis.time_from_px(x)));
                }
            }
            None => {
                crosshair.set(Some(x));
                let row = row_at(y);
                if pane.hovered.get_untracked() != row {
                    pane.hovered.set(row);
                }
            }
        }
    };
    let up = move |event: PointerEvent| {
        let (_, y) = at(&event);
        let Some(Drag::Brush { from, to }) = drag.get_untracked() else {
            drag.set(None);
            return;
        };
        drag.set(None);
        measure::command_begins();
        if (from - to).abs() < DRAG_FROM {
            let span = row_at(y).and_then(|row| pane.rows.with_untracked(|rows| rows.span(row)));
            app.dispatch(Command::Select(span));
            app.dispatch(Command::ShowDetails(true));
        } else if let Some(axis) = untrack(move || pane.axis()) {
            let (left, right) = (from.min(to), from.max(to));
            app.dispatch(Command::SetRange(TimeRange::new(
                axis.time_from_px(left),
                axis.time_from_px(right),
            )));
        }
    };
    let double = move |event: MouseEvent| {
        let (_, y) = at(&event);
        app.dispatch(
            if row_at(y).is_some() && app.peek(|state| state.range.is_none()) {
                Command::ZoomToSelection
            } else {
                Command::ResetRange
            },
        );
    };
    let wheel = move |event: WheelEvent| {
        let (x, _) = at(&event);
        let anchor = untrack(move || pane.axis()).map_or(0.5, |axis| axis.part_from_px(x));
        if let Some(command) = wheel_command(&event, anchor, pane.plot_width()) {
            event.prevent_default();
            app.dispatch(command);
        }
    };
    view! {
        <canvas class="wf-canvas" class:panning=move || matches!(drag.get(), Some(Drag::Pan { .. }))
            node_ref=element aria-hidden="true"
            style:width=move || format!("{}px", pane.plot_width()) style:height=move || format!("{}px", pane.size.get().1)
            on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=move |_| drag.set(None)
            on:pointerleave=move |_| { crosshair.set(None); pane.hovered.set(None); }
            on:dblclick=double on:wheel=wheel></canvas>
    }
}

/// What the wheel means over a time axis; `None` leaves it to the page.
pub(crate) fn wheel_command(event: &WheelEvent, anchor: f64, width: f64) -> Option<Command> {
    // Lines and pages as pixels.
    let unit = match event.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => 20.0,
        WheelEvent::DOM_DELTA_PAGE => 400.0,
        _ => 1.0,
    };
    let (x, y) = (event.delta_x() * unit, event.delta_y() * unit);
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        let factor = js_sys::Math::pow(2.0, (y / 240.0).clamp(-1.0, 1.0));
        return Some(Command::Zoom { anchor, factor });
    }
    let sideways = if event.shift_key() && x == 0.0 { y } else { x };
    let pans = event.shift_key() || x.abs() > y.abs();
    (pans && sideways != 0.0).then(|| Command::Pan(sideways / width.max(1.0)))
}

fn paint(
    app: App,
    pane: Pane,
    axis: Axis,
    canvas: &Canvas,
    crosshair: Option<f32>,
    drag: Option<Drag>,
) {
    let brush = match drag {
        Some(Drag::Brush { from, to }) if (from - to).abs() >= DRAG_FROM => Some((from, to)),
        _ => None,
    };
    app.peek(|state| {
        let (Some(store), Some(trace)) = (state.store(), state.trace_ref()) else {
            return;
        };
        let bars = Bars {
            store,
            trace,
            rows: &state.rows,
            axis,
            height: canvas.height() as f32,
            row_height: pane.row_height.get_untracked() as f32,
            scroll: pane.offset.get_untracked(),
            stacked: pane.stacked.get_untracked(),
            selection: state.selection,
            hovered: pane.hovered.get_untracked(),
            matches: &state.query.matches,
            dims: state.query.dims(),
            path: state.drawn_path(),
            colours: state.colours(),
            skew: state.moving_skew(),
            ghosts: state.clocks.times == Times::Both,
            links: state.bonds(),
            sticky: &pane.sticky.get_untracked(),
            measured: state.measured,
            crosshair,
            brush,
        };
        canvas.paint(&bars.scene());
        measure::painted(View::Waterfall, trace.span_count());
    });
}
