//! What keys do on the picture.
//!
//! **Invariant:** takes no key while something else has the focus.

use crate::dom::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{
    Pane,
    stage::{STEP, frame_of, zoom},
};
use crate::{
    browser,
    scene::graph::{Direction, Target},
};

/// Keys work on the canvas, and while nothing else has the focus.
pub(super) fn concerns(event: &KeyboardEvent, stage: NodeRef<HtmlElement>) -> bool {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return false;
    };
    let free =
        !(event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key());
    let on_canvas = target.tag_name() == "CANVAS"
        && stage
            .get_untracked()
            .is_some_and(|stage| stage.contains(Some(&target)));
    free && (on_canvas || target.tag_name() == "BODY" || target.id() == "main")
}

/// Does what a key says; false when it says nothing.
pub(super) fn press(pane: Pane, event: &KeyboardEvent) -> bool {
    let direction = match event.key().as_str() {
        "ArrowLeft" => Direction::Left,
        "ArrowRight" => Direction::Right,
        "ArrowUp" => Direction::Up,
        "ArrowDown" => Direction::Down,
        "+" | "=" => {
            zoom(pane, STEP);
            return true;
        }
        "-" | "_" => {
            zoom(pane, 1.0 / STEP);
            return true;
        }
        "0" => {
            pane.show_whole();
            return true;
        }
        "Enter" => return focus_spans(pane),
        "Escape" => return pane.selected.try_update(Option::take).flatten().is_some(),
        _ => return false,
    };
    step(pane, direction);
    true
}

fn step(pane: Pane, direction: Direction) {
    let from = match pane.selected.get_untracked() {
        Some(Target::Node(node) | Target::More(node)) => Some(node),
        // From an edge on to one of its ends.
        Some(Target::Edge(edge)) => {
            let edge = pane
                .peek(|drawn| drawn.graph.edges.get(edge as usize).copied())
                .flatten();
            edge.map(|edge| {
                if direction == Direction::Left {
                    edge.from
                } else {
                    edge.to
                }
            })
        }
        None => None,
    };
    let from_edge = matches!(pane.selected.get_untracked(), Some(Target::Edge(_)));
    let next = if from_edge {
        from
    } else {
        pane.peek_picture(|picture| picture.next(from, direction))
            .flatten()
    };
    let Some(node) = next else { return };
    let target = Target::Node(node);
    pane.select(Some(target));
    let frame = frame_of(pane);
    let camera = pane.peek_picture(|picture| picture.reveal(node, &frame));
    if let Some(camera) = camera.filter(|camera| *camera != frame.camera) {
        pane.camera.set(Some(camera));
    }
    browser::announce(
        &pane
            .peek(|drawn| drawn.sentence(target))
            .unwrap_or_default(),
    );
}

fn focus_spans(pane: Pane) -> bool {
    let first = browser::document()
        .query_selector(".graph-span")
        .ok()
        .flatten();
    let first = first.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    match first.filter(|_| pane.selected.get_untracked().is_some()) {
        Some(first) => first.focus().is_ok(),
        None => false,
    }
}
