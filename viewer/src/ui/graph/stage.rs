//! The canvas with the picture, and what pointer, wheel and keys do on it.
//!
//! Wheel and pinch zoom at the pointer, a drag moves, one on the overview goes there, a click selects, a double click on
//! nothing shows all. Arrow keys
//! go from node to node, Enter to the spans of what is selected, `+`, `-` and `0` zoom.
//!
//! **Invariant:** paints once a frame at most, and only what [`Picture::scene`](crate::scene::graph::Picture) says.

use std::time::Duration;

use crate::dom::prelude::*;
use leptos::leptos_dom::helpers::window_event_listener;
use throughline_model::analysis::service_graph::By;
use web_sys::{MouseEvent, PointerEvent, WheelEvent};

use super::{
    Pane,
    hands::{Change, Hands},
    keys::{concerns, press},
};
use crate::{
    browser::{self, frame, resize},
    paint::Canvas,
    scene::graph::{Camera, Frame},
    state::View,
    ui::{context::use_app, format, measure},
};

/// How much a press of a key or button zooms.
pub(super) const STEP: f32 = 1.3;

/// The picture.
#[component]
pub(super) fn Stage(pane: Pane) -> impl IntoView {
    let app = use_app();
    let stage = NodeRef::<web_sys::HtmlElement>::new();
    let element = NodeRef::<web_sys::HtmlCanvasElement>::new();
    let hands = StoredValue::new(Hands::default());
    let observed = StoredValue::new(None);
    Effect::new(move |_| {
        if let Some(stage) = stage.get() {
            observed.set_value(resize::observe(&stage, move |width, height| {
                let resized = move || {
                    pane.size.try_update(|size| *size = (width, height));
                };
                // The browser has just laid out the page: the picture is the next task.
                match pane.size.try_get_untracked() {
                    Some((0.0, _)) => set_timeout(resized, Duration::ZERO),
                    _ => resized(),
                }
            }));
        }
    });
    let dark = app.select(|state| state.dark());
    Effect::new(move |_| {
        pane.drawn.track();
        pane.picture.track();
        pane.camera.track();
        pane.selected.track();
        pane.hovered.track();
        // Read, not `track`ed: a memo that nobody reads never asks its own sources.
        dark.with(|_| ());
        let (width, height) = pane.size.get();
        let Some(element) = element.get().filter(|_| width > 0.0 && height > 0.0) else {
            return;
        };
        frame::request("graph", move || {
            if let Some(mut canvas) = Canvas::new(element) {
                canvas.resize(width, height, browser::pixel_ratio());
                paint(pane, &canvas);
            }
            tell(pane);
        });
    });
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if concerns(&event, stage) && press(pane, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());

    let at = move |event: &MouseEvent| {
        let rect = element
            .get_untracked()
            .map(|element| element.get_bounding_client_rect());
        let (left, top) = rect.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
        (
            f64::from(event.client_x()) - left,
            f64::from(event.client_y()) - top,
        )
    };
    let down = move |event: PointerEvent| {
        if event.button() > 1 {
            return;
        }
        let (x, y) = at(&event);
        if let Some(element) = element.get_untracked() {
            element.set_pointer_capture(event.pointer_id()).ok();
        }
        hands.update_value(|hands| {
            if hands.down.is_empty() {
                *hands = Hands::default();
            }
            hands.down.push((event.pointer_id(), x, y));
            // Two fingers are no click.
            hands.dragged |= hands.down.len() > 1;
        });
        let steered = steer(pane, x, y, false);
        hands.update_value(|hands| {
            hands.steers = steered && hands.down.len() == 1;
            hands.dragged |= hands.steers;
        });
    };
    let moved = move |event: PointerEvent| {
        let (x, y) = at(&event);
        if hands.with_value(|hands| hands.down.is_empty()) {
            let frame = frame_of(pane);
            let hit = pane
                .peek_picture(|picture| picture.hit(&frame, x as f32, y as f32))
                .flatten();
            if pane.hovered.get_untracked() != hit {
                pane.hovered.set(hit);
            }
            return;
        }
        if hands.with_value(|hands| hands.steers) {
            steer(pane, x, y, true);
            return;
        }
        let mut change = None;
        hands.update_value(|hands| change = hands.moved(event.pointer_id(), x, y));
        if let Some(Change {
            dx,
            dy,
            factor,
            x,
            y,
        }) = change
        {
            pane.camera
                .set(Some(camera(pane).moved(dx, dy).zoomed(factor, x, y)));
        }
    };
    let up = move |event: PointerEvent| {
        let (x, y) = at(&event);
        let mut click = false;
        hands.update_value(|hands| {
            let held = hands.down.len();
            hands.down.retain(|(id, ..)| *id != event.pointer_id());
            click = held == 1 && hands.down.is_empty() && !hands.dragged && event.button() == 0;
        });
        if click {
            let frame = frame_of(pane);
            pane.select(
                pane.peek_picture(|picture| picture.hit(&frame, x as f32, y as f32))
                    .flatten(),
            );
        }
    };
    let lost = move |event: PointerEvent| {
        hands.update_value(|hands| hands.down.retain(|(id, ..)| *id != event.pointer_id()))
    };
    let double = move |_: MouseEvent| {
        if pane.selected.get_untracked().is_none() {
            pane.show_whole();
        }
    };
    let wheel = move |event: WheelEvent| {
        event.prevent_default();
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => 20.0,
            WheelEvent::DOM_DELTA_PAGE => 400.0,
            _ => 1.0,
        };
        let (x, y) = at(&event);
        // A pinch on a touchpad comes as small steps with Ctrl.
        let speed = if event.ctrl_key() { 60.0 } else { 300.0 };
        let factor = (-event.delta_y() * unit / speed).clamp(-1.0, 1.0).exp2() as f32;
        pane.camera
            .set(Some(camera(pane).zoomed(factor, x as f32, y as f32)));
    };
    let title = move || {
        pane.hovered
            .get()
            .and_then(|target| pane.read(|drawn| drawn.sentence(target)))
    };
    let label = move || {
        let counts = pane.read(|drawn| {
            let (nodes, edges) = (drawn.graph.nodes.len() as u64, drawn.graph.edges.len() as u64);
            let named = drawn.by == By::Name;
            let (nodes, edges) = (
                format::counted(nodes, if named { "span name" } else { "service" }),
                format::counted(edges, "connection"),
            );
            format!(
                "{nodes}, {edges}. The arrow keys go from node to node, Enter to its spans. The tables tell the same."
            )
        });
        let counts = counts.unwrap_or_else(|| "calls are being counted.".to_owned());
        format!("Service graph: {counts}")
    };
    view! {
        <div class="graph-stage" node_ref=stage>
            <canvas class="graph-canvas" class:pointing=move || pane.hovered.get().is_some() node_ref=element
                tabindex="0" role="img" aria-label=label title=title
                style:width=move || format!("{}px", pane.size.get().0) style:height=move || format!("{}px", pane.size.get().1)
                on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=lost
                on:pointerleave=move |_| pane.hovered.set(None) on:dblclick=double on:wheel=wheel></canvas>
            <Note pane=pane/>
            <div class="graph-tools" role="group" aria-label="Zoom">
                <button class="button" title="Farther (-)" aria-label="Farther" on:click=move |_| zoom(pane, 1.0 / STEP)>"−"</button>
                <button class="button" title="Nearer (+)" aria-label="Nearer" on:click=move |_| zoom(pane, STEP)>"+"</button>
                <button class="button" title="Show all (0)" on:click=move |_| pane.show_whole()>"Fit"</button>
            </div>
        </div>
    }
}

/// Says why there is little to see.
#[component]
fn Note(pane: Pane) -> impl IntoView {
    let words = move || {
        pane.read(|drawn| match drawn.graph.nodes.len() {
            0 => Some("This trace has no spans.".to_owned()),
            1 => Some(format!(
                "Only {} has spans in this trace, and none of them names a service that it called.",
                drawn.name(0)
            )),
            _ => None,
        })
        .flatten()
    };
    view! { {move || words().map(|words| view! { <p class="graph-note">{words}</p> })} }
}

fn camera(pane: Pane) -> Camera {
    let (width, height) = pane.size.get_untracked();
    let home = || {
        pane.peek_picture(|picture| picture.home(width as f32, height as f32))
            .unwrap_or_default()
    };
    pane.camera.get_untracked().unwrap_or_else(home)
}

/// Moves the canvas to where the overview is pressed; whether it is.
fn steer(pane: Pane, x: f64, y: f64, held: bool) -> bool {
    let frame = frame_of(pane);
    let camera = pane.peek_picture(|picture| picture.steered(&frame, x as f32, y as f32, held));
    match camera.flatten() {
        Some(camera) => {
            pane.camera.set(Some(camera));
            true
        }
        None => false,
    }
}

pub(super) fn frame_of(pane: Pane) -> Frame {
    let (width, height) = pane.size.get_untracked();
    Frame {
        camera: camera(pane),
        width: width as f32,
        height: height as f32,
        selected: pane.selected.get_untracked(),
        hovered: pane.hovered.get_untracked(),
    }
}

fn paint(pane: Pane, canvas: &Canvas) {
    // The frame may come after the view is gone.
    if pane.drawn.try_get_untracked().is_none() {
        return;
    }
    let frame = frame_of(pane);
    let painted = pane.peek_picture(|picture| canvas.paint(&picture.scene(&frame)));
    let spans = pane.peek(|drawn| drawn.store.trace(drawn.trace).span_count());
    if let (Some(()), Some(spans)) = (painted, spans) {
        measure::painted(View::Graph, spans);
    }
}

/// Has the tables follow the picture, whether or not it could be painted.
fn tell(pane: Pane) {
    let waits = pane.painted.try_get_untracked() == Some(false);
    if waits && pane.peek_picture(|_| ()).is_some() {
        let told = move || {
            pane.painted.try_update(|painted| *painted = true);
        };
        set_timeout(told, Duration::ZERO);
    }
}

pub(super) fn zoom(pane: Pane, factor: f32) {
    let (width, height) = pane.size.get_untracked();
    pane.camera.set(Some(camera(pane).zoomed(
        factor,
        width as f32 / 2.0,
        height as f32 / 2.0,
    )));
}
