//! The canvas with the bars, and what the pointer does on it.
//!
//! Wheel scrolls the rows; with Ctrl, Alt or Cmd it zooms at the pointer; with Shift, or sideways, it moves in time.
//! A drag zooms to a range, with Shift it moves, with Alt it measures; a click selects, on an event's mark it shows the events; a double click zooms to the span, or out.
//! Two fingers pinch; once there is something beside what shows, one finger moves.
//!
//! **Invariant:** paints once a frame at most, and only what [`Bars`] says.

use crate::dom::prelude::*;
use throughline_model::store::Range;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::Pane;
use crate::{
    browser::{self, frame},
    paint::Canvas,
    scene::{bars::Bars, ticks::Axis},
    state::{Command, DetailsTab, TimeRange, Times, UiState, View},
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
    Pan { from: f32, last: f32 },
    Pinch,
    Measure { from: u64 },
}

/// The bars.
#[component]
pub(super) fn Plot(pane: Pane) -> impl IntoView {
    let app = use_app();
    let element = NodeRef::<web_sys::HtmlCanvasElement>::new();
    let crosshair = pane.crosshair;
    let drag = RwSignal::new(None::<Drag>);
    // Id and x of each that is down.
    let fingers = StoredValue::new(Vec::<(i32, f32)>::new());
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
        let place = (y / pane.sticky_height.get_untracked()).max(0.0) as usize;
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
        let touch = event.pointer_type() == "touch";
        if touch {
            fingers.update_value(|fingers| fingers.push((event.pointer_id(), x)));
            if fingers.with_value(Vec::len) > 1 {
                return drag.set(Some(Drag::Pinch));
            }
        }
        let slides = touch && app.peek(|state| state.range.is_some());
        let pan = slides || event.shift_key() || event.button() == 1;
        let measured = untrack(move || pane.axis()).filter(|_| event.alt_key());
        drag.set(Some(if let Some(axis) = measured {
            Drag::Measure {
                from: axis.time_from_px(x),
            }
        } else if pan {
            Drag::Pan { from: x, last: x }
        } else {
            Drag::Brush { from: x, to: x }
        }));
    };
    let moved = move |event: PointerEvent| {
        let (x, y) = at(&event);
        match drag.get_untracked() {
            Some(Drag::Brush { from, .. }) => drag.set(Some(Drag::Brush { from, to: x })),
            Some(Drag::Pan { from, last }) => {
                let width = untrack(move || pane.plot_width()).max(1.0);
                app.dispatch(Command::Pan(f64::from(last - x) / width));
                drag.set(Some(Drag::Pan { from, last: x }));
            }
            Some(Drag::Pinch) => {
                let mut pair = None;
                fingers.update_value(|fingers| pair = pinched(fingers, event.pointer_id(), x));
                let Some((factor, middle, moved)) = pair else {
                    return;
                };
                if let Some(axis) = untrack(move || pane.axis()) {
                    let anchor = axis.part_from_px(middle);
                    app.dispatch(Command::Zoom { anchor, factor });
                    app.dispatch(Command::Pan(-f64::from(moved / axis.width.max(1.0))));
                }
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
    let lift = move |event: &PointerEvent| {
        fingers.update_value(|fingers| fingers.retain(|(id, _)| *id != event.pointer_id()));
    };
    let up = move |event: PointerEvent| {
        let (_, y) = at(&event);
        lift(&event);
        let dragged = drag.get_untracked();
        drag.set(None);
        let (from, to) = match dragged {
            Some(Drag::Brush { from, to }) => (from, to),
            // A finger that stays is a click, too.
            Some(Drag::Pan { from, last }) if (from - last).abs() < DRAG_FROM => (from, last),
            _ => return,
        };
        measure::command_begins();
        if (from - to).abs() < DRAG_FROM {
            let span = row_at(y).and_then(|row| pane.rows.with_untracked(|rows| rows.span(row)));
            app.dispatch(Command::Select(span));
            app.dispatch(Command::ShowDetails(true));
            let axis = untrack(move || pane.axis());
            let mark = |state: &UiState| event_at(state, axis?, span?, from);
            if app.peek(mark).is_some() {
                app.dispatch(Command::ShowTab(DetailsTab::Events));
            }
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
            on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=move |event: PointerEvent| { lift(&event); drag.set(None) }
            on:pointerleave=move |_| { crosshair.set(None); pane.hovered.set(None); }
            on:dblclick=double on:wheel=wheel></canvas>
    }
}

/// The event of a span whose mark stands under the pointer.
fn event_at(state: &UiState, axis: Axis, span: u32, x: f32) -> Option<usize> {
    /// Pixels on both sides of a mark; and of so many events the first are marked.
    const NEAR: f32 = 5.0;
    const MARKED: usize = 100;
    let (store, trace) = (state.store()?, state.trace_ref()?);
    let (spans, at) = (store.spans(), span as usize);
    let offset = state
        .moving_skew()
        .map_or(0, |skew| skew.offset_of(spans.resource[at]));
    let near = |event: &usize| {
        let time = store.events().time[*event].saturating_add_signed(offset);
        let place = axis.px_from_time(time.saturating_sub(trace.start().0));
        (place - x).abs() <= NEAR
    };
    let events = Range::from_pair(spans.events[at]).rows();
    events.take(MARKED).find(near)
}

/// Follows one of two fingers: by how much to zoom, around where, and how far the middle between them moved.
fn pinched(fingers: &mut [(i32, f32)], id: i32, x: f32) -> Option<(f64, f32, f32)> {
    const LEAST: f32 = 16.0;
    let other = fingers.iter().find(|(known, _)| *known != id)?.1;
    let own = fingers.iter_mut().find(|(known, _)| *known == id)?;
    let before = core::mem::replace(&mut own.1, x);
    let apart = |x: f32| f64::from((x - other).abs().max(LEAST));
    let factor = (apart(before) / apart(x)).clamp(0.2, 5.0);
    Some((factor, (x + other) / 2.0, (x - before) / 2.0))
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
        let matching = state.matching_by_group();
        let sticky = pane.sticky.get_untracked();
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
            matching: &matching,
            dims: state.query.dims(),
            path: state.drawn_path(),
            colours: state.colours(),
            skew: state.moving_skew(),
            ghosts: state.clocks.times == Times::Both,
            links: state.bonds(),
            // Names above their bars stay without them.
            sticky: match pane.stacked.get_untracked() {
                true => &[],
                false => &sticky,
            },
            measured: state.measured,
            crosshair,
            brush,
        };
        canvas.paint(&bars.scene());
        measure::painted(View::Waterfall, trace.span_count());
    });
}

#[cfg(test)]
mod tests {
    use super::pinched;

    #[test]
    fn two_fingers_pinch() {
        let check = |fingers: &[(i32, f32)], id, x, expected| {
            assert_eq!(
                pinched(&mut fingers.to_vec(), id, x),
                expected,
                "{fingers:?}"
            );
        };
        // Twice as far apart shows half as much; half as far apart twice as much.
        check(
            &[(1, 100.0), (2, 200.0)],
            2,
            300.0,
            Some((0.5, 200.0, 50.0)),
        );
        check(
            &[(1, 100.0), (2, 200.0)],
            1,
            150.0,
            Some((2.0, 175.0, 25.0)),
        );
        // Fingers that meet do not zoom without end.
        check(
            &[(1, 100.0), (2, 101.0)],
            2,
            100.0,
            Some((1.0, 100.0, -0.5)),
        );
        check(&[(1, 100.0)], 1, 120.0, None);
        check(&[(1, 100.0), (2, 200.0)], 3, 120.0, None);
    }
}
