//! The whole trace above the waterfall, with the visible range as a brush: drag to zoom, drag the handles, wheel to
//! zoom, double click for the whole.
//!
//! **Invariant:** the strip is made when the trace, the size, the clocks or the critical path change, and painted again when the
//! matches do, not while the brush moves.

use crate::dom::prelude::*;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::{context::use_app, waterfall::wheel_command};
use crate::{
    browser::{self, frame, resize},
    paint::Canvas,
    scene::{
        DisplayList,
        minimap::{Minimap, PAD_X},
        ticks::Axis,
    },
    state::{Command, TimeRange, Times},
};

#[derive(Clone, Copy, PartialEq)]
enum Grip {
    New { from: f32 },
    Left,
    Right,
    Move { last: f32 },
}

/// The strip.
#[component]
pub fn MinimapView() -> impl IntoView {
    let app = use_app();
    let element = NodeRef::<web_sys::HtmlCanvasElement>::new();
    let frame_element = NodeRef::<web_sys::HtmlElement>::new();
    let size = RwSignal::new((0.0, 0.0));
    let grip = RwSignal::new(None::<Grip>);
    let observed = StoredValue::new(None);
    Effect::new(move |_| {
        if let Some(element) = frame_element.get() {
            observed.set_value(resize::observe(&element, move |width, height| {
                size.set((width, height))
            }));
        }
    });
    let drawn = app.select(|state| {
        (
            state.dataset.clone(),
            state.trace,
            state.critical_path,
            state.colour.by.clone(),
            (state.clocks.times != Times::Given, state.dark()),
        )
    });
    let matches = app.select(|state| state.query.matches.clone());
    // Every span is looked at for the strip, for the marks above it only those that match.
    let strip = StoredValue::new(None::<DisplayList>);
    Effect::new(move |_| {
        // Read, not `track`ed: a memo that nobody reads never asks its own sources.
        drawn.with(|_| ());
        size.with(|_| ());
        strip.set_value(None);
    });
    Effect::new(move |_| {
        drawn.with(|_| ());
        matches.with(|_| ());
        let (width, height) = size.get();
        let Some(element) = element.get().filter(|_| width > 0.0) else {
            return;
        };
        frame::request("minimap", move || {
            let Some(mut canvas) = Canvas::new(element) else {
                return;
            };
            canvas.resize(width, height, browser::pixel_ratio());
            app.peek(|state| {
                let (Some(store), Some(trace)) = (state.store(), state.trace_ref()) else {
                    return;
                };
                let map = Minimap {
                    store,
                    trace,
                    width: width as f32,
                    height: height as f32,
                    colours: state.colours(),
                    path: state.drawn_path(),
                    skew: state.moving_skew(),
                };
                strip.try_update_value(|strip| {
                    canvas.paint(strip.get_or_insert_with(|| map.scene()))
                });
                canvas.paint_over(&map.marks(&state.query.matches));
            });
        });
    });
    let whole = app.select(|state| state.trace_ref().map(TimeRange::of_trace));
    let range = app.select(|state| state.visible_range());
    let axis = move || {
        whole.get().map(|range| Axis {
            range,
            width: size.get().0 as f32,
            pad: PAD_X,
        })
    };
    let edges = move || match (axis(), range.get()) {
        (Some(axis), Some(range)) => (axis.px_from_time(range.start), axis.px_from_time(range.end)),
        _ => (0.0, 0.0),
    };
    let x_of = move |event: &MouseEvent| {
        let left = frame_element
            .get_untracked()
            .map_or(0.0, |element| element.get_bounding_client_rect().left());
        (f64::from(event.client_x()) - left) as f32
    };
    let grab = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(element) = frame_element.get_untracked() {
            element.set_pointer_capture(event.pointer_id()).ok();
        }
        let x = x_of(&event);
        let (left, right) = untrack(edges);
        let zoomed = app.peek(|state| state.range.is_some());
        // A finger is wider than a pointer.
        let near = if event.pointer_type() == "touch" {
            16.0
        } else {
            7.0
        };
        grip.set(Some(if (x - left).abs() < near {
            Grip::Left
        } else if (x - right).abs() < near {
            Grip::Right
        } else if zoomed && event.shift_key() && (left..right).contains(&x) {
            Grip::Move { last: x }
        } else {
            Grip::New { from: x }
        }));
    };
    let drag = move |event: PointerEvent| {
        let (Some(grip_now), Some(axis), Some(range)) =
            (grip.get_untracked(), untrack(axis), range.get_untracked())
        else {
            return;
        };
        let x = x_of(&event);
        let at = axis.time_from_px(x);
        match grip_now {
            Grip::New { from } if (from - x).abs() < 3.0 => {}
            Grip::New { from } => {
                let other = axis.time_from_px(from);
                app.dispatch(Command::SetRange(TimeRange::new(
                    at.min(other),
                    at.max(other),
                )));
            }
            Grip::Left => app.dispatch(Command::SetRange(TimeRange::new(
                at.min(range.end - 1),
                range.end,
            ))),
            Grip::Right => app.dispatch(Command::SetRange(TimeRange::new(
                range.start,
                at.max(range.start + 1),
            ))),
            Grip::Move { last } => {
                let moved = f64::from(x - last) / f64::from(axis.width.max(1.0))
                    * axis.range.len().0 as f64;
                app.dispatch(Command::Pan(moved / range.len().0 as f64));
                grip.set(Some(Grip::Move { last: x }));
            }
        }
    };
    let wheel = move |event: WheelEvent| {
        let Some(axis) = untrack(axis) else { return };
        let at = axis.time_from_px(x_of(&event));
        let Some(range) = range.get_untracked() else {
            return;
        };
        let anchor = (at as f64 - range.start as f64) / range.len().0 as f64;
        // Nothing scrolls here: the plain wheel zooms.
        let zoom = js_sys::Math::pow(2.0, (event.delta_y() / 240.0).clamp(-1.0, 1.0));
        let command = wheel_command(&event, anchor, f64::from(axis.width));
        event.prevent_default();
        app.dispatch(command.unwrap_or(Command::Zoom {
            anchor,
            factor: zoom,
        }));
    };
    view! {
        <div class="minimap">
            <div class="minimap-frame" node_ref=frame_element class:dragging=move || grip.get().is_some()
                title="Drag to zoom, double click for the whole trace"
                on:pointerdown=grab on:pointermove=drag on:pointerup=move |_| grip.set(None) on:pointercancel=move |_| grip.set(None)
                on:dblclick=move |_| app.dispatch(Command::ResetRange) on:wheel=wheel>
                <canvas node_ref=element aria-hidden="true"></canvas>
                <div class="minimap-out" style:left="0" style:width=move || format!("{}px", edges().0.max(0.0))></div>
                <div class="minimap-out" style:right="0" style:width=move || format!("{}px", (size.get().0 as f32 - edges().1).max(0.0))></div>
                <div class="minimap-brush" style:left=move || format!("{}px", edges().0) style:width=move || format!("{}px", (edges().1 - edges().0).max(2.0))>
                    <span class="minimap-handle left"></span><span class="minimap-handle right"></span>
                </div>
            </div>
        </div>
    }
}
